r"""Constraints and penalties: projection and proximal operator are one concept.

A constraint is a function :math:`h` that is zero on the allowed set and infinite outside, or a
penalty that is finite everywhere.  The descent minimises :math:`f + h` and needs of :math:`h` only
its value and its proximal operator

.. math:: \operatorname{prox}_{t h}(z) = \arg\min_u\; h(u) + \tfrac{1}{2t}\lVert u - z\rVert^2 ,

which for a set is the projection onto it [1]_.  The rate ``t`` may be an array of the shape of
``z``: then the norm is the one of a diagonal metric, :math:`\sum_i (u_i - z_i)^2 / t_i`, as the
directions with one rate per coordinate (Adam and its kin) need it.

The one test of optimality for free, bounded and penalised problems is the size of
:math:`x - \operatorname{prox}_h(x - \nabla f(x))`, see `optimality`.

References
----------
.. [1] N. Parikh and S. Boyd, "Proximal algorithms", Foundations and Trends in Optimization 1
   (2014), 127-239.
"""

from __future__ import annotations

import reprlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from ._bounds import inward
from ._checks import finite_array, positive, real_number
from ._rows import Array, Reals

__all__ = ["L1", "Ball", "Box", "Constraint", "ElasticNet", "Simplex", "Within", "optimality"]


quiet = np.errstate(over="ignore", invalid="ignore")
"""For operators that divide by sizes: a step that was too long ends in a point that is not finite,
and is shortened."""


class Constraint(ABC):
    """What keeps ``x`` allowed, or sparse.

    A subclass needs `prox`; a penalty also needs `value`, a set also needs `project`.

    Attributes
    ----------
    separable : bool, default False
        Whether the proximal operator acts on each coordinate by itself; only then can the
        constraint be combined with bounds.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd import Constraint, gd
    >>> class SumOfZero(Constraint):
    ...     def prox(self, z, t):
    ...         return self.project(z)
    ...
    ...     def project(self, x):
    ...         return x - x.mean(axis=-1, keepdims=True)
    >>> gd(lambda x: (x - [1, 2]) @ (x - [1, 2]), [0.0, 0.0], constraints=SumOfZero()).x
    array([-0.5, 0.5])
    """

    separable: ClassVar[bool] = False

    @abstractmethod
    def prox(self, z: Array, t: Any) -> Array:
        """Return the proximal operator at `z` as a new array.

        Parameters
        ----------
        z : ndarray, shape (n,) or (S, n)
            The point, or one point a row.
        t : float or ndarray that broadcasts against `z`
            The rate, or one rate a coordinate.  A coordinate whose rate is zero keeps its value
            where the constraint leaves a choice.

        Returns
        -------
        ndarray
            Of the shape and type of `z`.
        """

    def value(self, x: Array) -> Reals:
        """Return the penalty at `x`; zero for a set, where every iterate is allowed."""
        return 0.0 if x.ndim == 1 else np.zeros(x.shape[0])

    def project(self, x: Array) -> Array:
        """Return the allowed point nearest to `x`; `x` itself for a penalty."""
        return x

    def repair(self, x: Array) -> None:  # noqa: B027
        """Undo in place what rounding did to a point between two allowed ones."""

    def check(self, n: int) -> None:  # noqa: B027
        """Raise ValueError when the constraint does not fit `n` variables."""

    def box(self) -> tuple[Array, Array] | None:
        """Return the bounds that every evaluated point must respect, or None."""
        return None


@dataclass(frozen=True, eq=False)
class Box(Constraint):
    r"""Bounds :math:`l \le x \le u`; the projection clips.

    A run in single precision respects the bounds as they are given, in double precision: they are
    rounded inward.

    Parameters
    ----------
    lower, upper : array_like, shape (n,)
        The bounds; None or infinite where there is none, equal where a variable is fixed.

    Raises
    ------
    ValueError
        When a bound is not a number, or a lower bound lies above its upper bound.

    Examples
    --------
    >>> from skgd import Box
    >>> Box([0, 0], [1, None]).prox([-1.0, 7.0], 1.0)
    array([0., 7.])
    """

    lower: Any
    upper: Any
    separable: ClassVar[bool] = True
    _single: list[tuple[Array, Array]] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        lower, upper = _side(self.lower, -np.inf), _side(self.upper, np.inf)
        try:
            shape = np.broadcast_shapes(lower.shape, upper.shape)
        except ValueError as error:
            raise ValueError(
                f"bounds: there are {lower.size} lower and {upper.size} upper bounds; give one of "
                f"each for every variable"
            ) from error
        lower, upper = (np.array(np.broadcast_to(side, shape)) for side in (lower, upper))
        (crossed,) = np.nonzero(lower > upper)
        if crossed.size:
            i = int(crossed[0])
            raise ValueError(
                f"bounds: the lower bound {lower[i]:g} of variable {i} is greater than its upper "
                f"bound {upper[i]:g}; exchange them"
            )
        if (lower == np.inf).any() or (upper == -np.inf).any():
            raise ValueError("bounds: a lower bound of inf or an upper bound of -inf allows no x")
        for name, side in (("lower", lower), ("upper", upper)):
            side.flags.writeable = False
            object.__setattr__(self, name, side)

    @classmethod
    def from_bounds(cls, bounds: Any, n: int) -> Box:
        """Read SciPy's ``bounds``: a `Bounds`, or one pair ``(low, high)`` a variable.

        Parameters
        ----------
        bounds : scipy.optimize.Bounds or sequence of pairs
            None and infinities stand for "no bound"; a single pair will do for a single variable.
        n : int
            Number of variables.

        Returns
        -------
        Box
            Bounds of shape (n,).

        Raises
        ------
        ValueError
            When the bounds do not fit `n` variables, or contradict each other.

        Examples
        --------
        >>> from skgd import Box
        >>> Box.from_bounds([(0, None), (None, 1)], 2).upper
        array([inf,  1.])
        """
        if hasattr(bounds, "lb") and hasattr(bounds, "ub"):
            lower, upper = bounds.lb, bounds.ub
        else:
            lower, upper = _columns(bounds, n)
        box = cls(lower, upper)
        if box.lower.shape not in ((1,), (n,)):
            raise ValueError(
                f"bounds must have one lower and one upper bound for each of the {n} variables, "
                f"got {box.lower.size}"
            )
        return cls(np.broadcast_to(box.lower, (n,)), np.broadcast_to(box.upper, (n,)))

    def _sides(self, dtype: Any) -> tuple[Array, Array]:
        """Return the bounds as numbers of a type."""
        if dtype != np.float32:
            return self.lower, self.upper
        if not self._single:
            self._single.append(inward(self.lower, self.upper, dtype))
        return self._single[0]

    def prox(self, z: Array, t: Any) -> Array:
        """Return `z`, clipped."""
        return self.project(z)

    def project(self, x: Array) -> Array:
        """Return `x`, clipped."""
        x = _floats(x)
        lower, upper = self._sides(x.dtype)
        inside = np.maximum(x, lower)
        return np.asarray(np.minimum(inside, upper, out=inside))

    def repair(self, x: Array) -> None:
        """Clip `x` in place."""
        lower, upper = self._sides(x.dtype)
        np.maximum(x, lower, out=x)
        np.minimum(x, upper, out=x)

    def check(self, n: int) -> None:
        """Raise ValueError unless there is one pair of bounds for all variables or for each."""
        _check_shape("bounds", self.lower, n)

    def box(self) -> tuple[Array, Array]:
        """Return the bounds."""
        return self.lower, self.upper


@dataclass(frozen=True, eq=False)
class Ball(Constraint):
    r"""The ball :math:`\lVert x - c\rVert_2 \le r`.

    Parameters
    ----------
    radius : float
        Its radius.
    center : float or array_like of shape (n,), default 0
        Its centre.

    Raises
    ------
    ValueError
        When the radius is not a positive number or the centre is not finite.

    Examples
    --------
    >>> from skgd import Ball
    >>> Ball(5.0).prox([6.0, 8.0], 1.0)
    array([3., 4.])
    """

    radius: float
    center: Any = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "radius", positive("radius", self.radius))
        object.__setattr__(self, "center", _weak(finite_array("center", self.center)))

    @quiet
    def prox(self, z: Array, t: Any) -> Array:
        """Return the nearest point of the ball, in the metric of the rates."""
        z = _floats(z)
        offset = z - self.center
        # In units of the largest entry no square overflows.
        unit = np.abs(offset).max(-1, keepdims=True)
        unit = np.where(unit > 0, unit, 1.0)
        offset = offset / unit
        radius = self.radius / unit
        outside = _length(offset) > radius
        if not outside.any():
            return z.copy()
        if np.ndim(t) and np.shape(t)[-1] > 1:
            offset = _shrink(offset, radius, np.asarray(t, dtype=float))
        nearest = self.center + offset * (unit * np.minimum(1.0, radius / _length(offset)))
        return np.asarray(np.where(outside, nearest, z), z.dtype)

    def project(self, x: Array) -> Array:
        """Return the nearest point of the ball."""
        return self.prox(x, 1.0)

    def repair(self, x: Array) -> None:
        """Pull `x` into the ball, in place."""
        np.copyto(x, self.prox(x, 1.0))

    def check(self, n: int) -> None:
        """Raise ValueError unless the centre has n coordinates."""
        _check_shape("center", np.asarray(self.center), n)


def _length(offset: Array) -> Array:
    """Return the norms over the last axis, which is kept; 1 for zero, to divide by."""
    length = np.sqrt((offset * offset).sum(-1, keepdims=True, dtype=float))
    return np.where(length > 0, length, 1.0)


def _shrink(offset: Array, radius: Array, t: Array) -> Array:
    """Return ``offset / (1 + t mu)`` with mu >= 0 so that its norm is at most the radius.

    Newton's method on 1/norm - 1/radius, which is nearly linear in mu, rises to the root without
    overshooting (More and Sorensen 1983).
    """
    mu = np.zeros_like(radius, dtype=float)
    for _ in range(100):
        scale = 1.0 + t * mu
        part = offset / scale
        length = _length(part)
        slope = (part * part * (t / scale)).sum(-1, keepdims=True)
        excess = length - radius
        # Where no rate is positive nothing can give way.
        rise = (excess > 1e-15 * radius) & (slope > 0)
        if not rise.any():
            break
        gain = length * length * excess / (radius * np.where(rise, slope, 1.0))
        mu = mu + np.where(rise, gain, 0.0)
    return np.asarray(part)


@dataclass(frozen=True, eq=False)
class Simplex(Constraint):
    r"""Non-negative variables with a given sum, :math:`x \ge 0,\; \sum_i x_i = s`.

    The projection is :math:`\max(z - t\tau, 0)`, with :math:`\tau` found by sorting [1]_.

    Parameters
    ----------
    total : float, default 1
        The sum.

    Raises
    ------
    ValueError
        When the sum is not a positive number.

    References
    ----------
    .. [1] M. Held, P. Wolfe and H. P. Crowder, "Validation of subgradient optimization",
       Mathematical Programming 6 (1974), 62-88.

    Examples
    --------
    >>> from skgd import Simplex
    >>> Simplex().prox([0.75, 0.75, -3.0], 1.0)
    array([0.5, 0.5, 0. ])
    """

    total: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", positive("total", self.total))

    @quiet
    def prox(self, z: Array, t: Any) -> Array:
        """Return the nearest point of the simplex, in the metric of the rates."""
        given = _floats(z)
        z = given.astype(float)
        t = np.broadcast_to(np.asarray(t, dtype=float), z.shape)
        top = t.max(-1, keepdims=True)
        # A rate of zero, "do not move", is the limit of small rates.
        t = np.where(top > 0, np.maximum(t, 1e-100 * top), 1.0)
        # Counted from the value of the coordinate that has the largest tau when it stands alone,
        # huge entries lose no digits of the sum.
        first = ((z - self.total) / t).argmax(-1, keepdims=True)
        z = z - t * np.take_along_axis(z / t, first, -1)
        np.put_along_axis(z, first, 0.0, -1)
        z = np.minimum(z, self.total)
        order = np.argsort(-z / t, axis=-1, kind="stable")
        zs = np.take_along_axis(z, order, -1)
        ts = np.take_along_axis(t, order, -1)
        tau = (np.cumsum(zs, -1) - self.total) / np.cumsum(ts, -1)
        last = (zs > ts * tau).sum(-1, keepdims=True) - 1
        x = np.maximum(z - t * np.take_along_axis(tau, last, -1), 0.0)
        x *= self.total / x.sum(-1, keepdims=True)
        return np.asarray(x, given.dtype)

    def project(self, x: Array) -> Array:
        """Return the nearest point of the simplex."""
        return self.prox(x, 1.0)

    def repair(self, x: Array) -> None:
        """Restore signs and sum, in place."""
        np.maximum(x, 0.0, out=x)
        x *= self.total / x.sum(-1, keepdims=True)


@dataclass(frozen=True, eq=False)
class ElasticNet(Constraint):
    r"""The penalty :math:`\alpha\,(\rho\lVert x\rVert_1 + \tfrac{1-\rho}{2}\lVert x\rVert_2^2)`.

    Its proximal operator shrinks towards zero and sets small entries to exactly zero,
    :math:`\operatorname{sign}(z)\max(|z| - t\alpha\rho, 0) / (1 + t\alpha(1-\rho))`.

    Parameters
    ----------
    alpha : float or array_like of shape (n,)
        Strength, or one strength a variable; 0 leaves a variable alone.
    l1_ratio : float, default 0.5
        The share :math:`\rho` of the absolute values, in [0, 1].

    Raises
    ------
    ValueError
        When `alpha` is negative or not finite, or `l1_ratio` is outside [0, 1].

    Examples
    --------
    >>> from skgd import ElasticNet
    >>> ElasticNet(1.0, l1_ratio=0.5).prox([3.0, 0.25], 1.0)
    array([1.66666667, 0.        ])
    """

    alpha: Any
    l1_ratio: float = 0.5
    separable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        alpha = finite_array("alpha", self.alpha)
        if (alpha < 0).any():
            raise ValueError(f"alpha must not be negative, got {self.alpha!r}")
        ratio = real_number("l1_ratio", self.l1_ratio)
        if not 0.0 <= ratio <= 1.0:
            raise ValueError(f"l1_ratio must lie in [0, 1], got {ratio!r}")
        object.__setattr__(self, "alpha", _weak(alpha))
        object.__setattr__(self, "l1_ratio", ratio)

    @quiet
    def prox(self, z: Array, t: Any) -> Array:
        """Return `z`, shrunk towards zero."""
        z = _floats(z)
        strength = self.alpha * t
        shrunk = np.maximum(np.abs(z) - strength * self.l1_ratio, 0.0)
        if self.l1_ratio < 1.0:
            shrunk /= 1.0 + strength * (1.0 - self.l1_ratio)
        # Zeros are positive, whatever the sign of z.
        return np.asarray(np.copysign(shrunk, z) + 0.0, z.dtype)

    @quiet
    def value(self, x: Array) -> Reals:
        """Return the penalty."""
        terms = self.l1_ratio * np.abs(x)
        if self.l1_ratio < 1.0:
            terms += (0.5 * (1.0 - self.l1_ratio)) * x * x
        total = (self.alpha * terms).sum(axis=-1)
        return float(total) if x.ndim == 1 else total

    def check(self, n: int) -> None:
        """Raise ValueError unless there is one strength for all variables or for each."""
        _check_shape("alpha", np.asarray(self.alpha), n)


@dataclass(frozen=True, eq=False)
class L1(ElasticNet):
    r"""The penalty :math:`\alpha\lVert x\rVert_1`, which makes entries exactly zero.

    Parameters
    ----------
    alpha : float or array_like of shape (n,)
        Strength, or one strength a variable; 0 leaves a variable alone.

    Raises
    ------
    ValueError
        When `alpha` is negative or not finite.

    Examples
    --------
    >>> from skgd import L1
    >>> L1(1.0).prox([3.0, -0.5], 1.0)
    array([2., 0.])
    """

    l1_ratio: float = field(default=1.0, init=False, repr=False)


@dataclass(frozen=True, eq=False)
class Within(Constraint):
    r"""A separable penalty inside a box.

    In one dimension the minimum of a convex function over an interval is its free minimum, clipped;
    so the proximal operator of the sum is the penalty's, clipped.

    Parameters
    ----------
    penalty : Constraint
        A separable penalty, such as `L1`.
    bounds : Box
        The box.

    Raises
    ------
    ValueError
        When the penalty is not separable.

    Examples
    --------
    >>> from skgd import L1, Box, Within
    >>> Within(L1(1.0), Box([0, 0], [1, 1])).prox([3.0, -5.0], 1.0)
    array([1., 0.])
    """

    penalty: Constraint
    bounds: Box
    separable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not self.penalty.separable:
            raise ValueError(
                f"{type(self.penalty).__name__} cannot be combined with bounds: its proximal "
                f"operator does not act on each variable by itself; leave out the bounds"
            )

    def prox(self, z: Array, t: Any) -> Array:
        """Return the penalty's proximal operator, clipped."""
        return self.bounds.project(self.penalty.prox(z, t))

    def value(self, x: Array) -> Reals:
        """Return the penalty."""
        return self.penalty.value(x)

    def project(self, x: Array) -> Array:
        """Return `x`, clipped."""
        return self.bounds.project(x)

    def repair(self, x: Array) -> None:
        """Clip `x` in place."""
        self.bounds.repair(x)

    def check(self, n: int) -> None:
        """Raise ValueError unless both parts fit `n` variables."""
        self.penalty.check(n)
        self.bounds.check(n)

    def box(self) -> tuple[Array, Array]:
        """Return the bounds."""
        return self.bounds.box()


def optimality(x: Array, g: Array, constraint: Constraint | None) -> Array:
    r"""Return what vanishes at a stationary point, :math:`x - \operatorname{prox}_h(x - g)`.

    Without a constraint this is the gradient itself; with bounds it is the projected gradient.

    Parameters
    ----------
    x, g : ndarray, shape (n,) or (S, n)
        Point and gradient.
    constraint : Constraint or None
        The constraint or penalty.

    Returns
    -------
    ndarray
        Of the shape of `x`; `g` itself when there is no constraint.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd import Box
    >>> from skgd.proximal import optimality
    >>> optimality(np.array([0.0]), np.array([3.0]), Box(0, 1))
    array([0.])
    """
    return g if constraint is None else x - constraint.prox(x - g, 1.0)


def _floats(x: Any) -> Array:
    """Return `x` as an array of floats, in single or double precision."""
    array: Array = np.asarray(x)
    return array if array.dtype in (np.float32, np.float64) else array.astype(float)


def _weak(array: Array) -> Any:
    """Return a single number as a Python float, which does not change the type of an array."""
    return array if array.ndim else float(array)


def _side(values: Any, none: float) -> Array:
    """Return the bounds of one side as a new array of one dimension; `none` stands for None."""
    if values is None:
        values = none
    elif isinstance(values, (list, tuple)):
        values = [none if value is None else value for value in values]
    try:
        side = np.array(values, dtype=float, ndmin=1)
    except (TypeError, ValueError) as error:
        raise ValueError(f"bounds must hold numbers, got {reprlib.repr(values)}") from error
    if side.ndim != 1:
        raise ValueError(f"bounds must have one dimension, got shape {side.shape}")
    if np.isnan(side).any():
        raise ValueError("bounds must not be NaN; write -inf, inf or None for 'no bound'")
    return side


def _columns(bounds: Any, n: int) -> tuple[Any, Any]:
    """Return the lower and the upper ends of the pairs."""
    if isinstance(bounds, np.ndarray) and bounds.shape == (n, 2):
        return bounds[:, 0].tolist(), bounds[:, 1].tolist()
    pairs = [bounds] if n == 1 and _is_pair(bounds) else _as_list(bounds)
    if len(pairs) != n or not all(_is_pair(pair) for pair in pairs):
        raise ValueError(
            f"bounds must be a scipy.optimize.Bounds or one pair (low, high) for each of the {n} "
            f"variables, got {reprlib.repr(bounds)}"
        )
    return [low for low, _ in pairs], [high for _, high in pairs]


def _as_list(bounds: Any) -> list[Any]:
    try:
        return list(bounds)
    except TypeError:
        return []


def _is_pair(entry: Any) -> bool:
    return (
        isinstance(entry, (tuple, list, np.ndarray))
        and len(entry) == 2
        and not any(isinstance(side, (tuple, list, np.ndarray)) for side in entry)
    )


def _check_shape(name: str, values: Array, n: int) -> None:
    if values.shape not in ((), (1,), (n,)):
        raise ValueError(
            f"{name} must be one number or have shape ({n},), one for each variable; "
            f"got shape {values.shape}"
        )
