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

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ._checks import finite_array, positive, real_number
from ._rows import Array, Reals

__all__ = ["Ball", "Box", "Constraint", "ElasticNet", "L1", "Simplex", "Within", "optimality"]


class Constraint(ABC):
    """What keeps ``x`` allowed, or sparse.

    A subclass needs `prox`; a penalty also needs `value`.
    """

    separable: ClassVar[bool] = False
    """Whether the proximal operator acts on each coordinate by itself."""

    @abstractmethod
    def prox(self, z: Array, t: Any) -> Array:
        """Return the proximal operator at `z` as a new array.

        Parameters
        ----------
        z : ndarray, shape (n,) or (S, n)
            The point, or one point a row.
        t : float or ndarray that broadcasts against `z`
            The rate, or one rate a coordinate.
        """

    def value(self, x: Array) -> Reals:
        """Return the penalty at `x`; zero for a set, where every iterate is allowed."""
        return 0.0 if x.ndim == 1 else np.zeros(x.shape[0])

    def project(self, x: Array) -> Array:
        """Return the allowed point nearest to `x`; `x` itself for a penalty."""
        return x

    def repair(self, x: Array) -> None:
        """Undo in place what rounding did to a point between two allowed ones."""

    def check(self, n: int) -> None:
        """Raise ValueError when the constraint does not fit `n` variables."""

    def box(self) -> tuple[Array, Array] | None:
        """Return the bounds that every evaluated point must respect, or None."""
        return None


@dataclass(frozen=True, eq=False)
class Box(Constraint):
    r"""Bounds :math:`l \le x \le u`; the projection clips.

    Parameters
    ----------
    lower, upper : array_like, shape (n,)
        The bounds; infinite where there is none, equal where a variable is fixed.

    Raises
    ------
    ValueError
        When a bound is NaN or a lower bound lies above its upper bound.

    Examples
    --------
    >>> from skgd import Box
    >>> Box([0, 0], [1, float("inf")]).prox([-1.0, 7.0], 1.0)
    array([0., 7.])
    """

    lower: Any
    upper: Any
    separable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        lower, upper = np.broadcast_arrays(
            np.array(self.lower, dtype=float, ndmin=1), np.array(self.upper, dtype=float, ndmin=1)
        )
        if np.isnan(lower).any() or np.isnan(upper).any():
            raise ValueError("bounds must not be NaN; write -inf, inf or None for 'no bound'")
        (crossed,) = np.nonzero(lower > upper)
        if crossed.size:
            i = int(crossed[0])
            raise ValueError(
                f"bounds: the lower bound {lower[i]:g} of variable {i} is greater than its upper "
                f"bound {upper[i]:g}; exchange them"
            )
        if (lower == np.inf).any() or (upper == -np.inf).any():
            raise ValueError("bounds: a lower bound of inf or an upper bound of -inf allows no x")
        object.__setattr__(self, "lower", lower)
        object.__setattr__(self, "upper", upper)

    @classmethod
    def from_bounds(cls, bounds: Any, n: int) -> Box:
        """Read SciPy's ``bounds``: a `Bounds`, or one pair ``(low, high)`` a variable.

        Parameters
        ----------
        bounds : scipy.optimize.Bounds or sequence of pairs
            None and infinities stand for "no bound".
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
        """
        if hasattr(bounds, "lb") and hasattr(bounds, "ub"):
            lower, upper = bounds.lb, bounds.ub
        else:
            pairs = [bounds] if n == 1 and _is_pair(bounds) else list(bounds)
            if len(pairs) != n or not all(_is_pair(pair) for pair in pairs):
                raise ValueError(
                    f"bounds must be a scipy.optimize.Bounds or one pair (low, high) for each of "
                    f"the {n} variables, got {bounds!r}"
                )
            lower = [-np.inf if low is None else low for low, _ in pairs]
            upper = [np.inf if high is None else high for _, high in pairs]
        try:
            lower, upper = (
                np.array(np.broadcast_to(np.asarray(side, dtype=float), (n,)))
                for side in (lower, upper)
            )
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"bounds must hold numbers, one lower and one upper for each of the {n} "
                f"variables, got {bounds!r}"
            ) from error
        return cls(lower, upper)

    def prox(self, z: Array, t: Any) -> Array:
        return np.clip(z, self.lower, self.upper)

    def project(self, x: Array) -> Array:
        return self.prox(x, 1.0)

    def repair(self, x: Array) -> None:
        np.clip(x, self.lower, self.upper, out=x)

    def check(self, n: int) -> None:
        _check_shape("bounds", self.lower, n)

    def box(self) -> tuple[Array, Array]:
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
        object.__setattr__(self, "center", finite_array("center", self.center))

    def prox(self, z: Array, t: Any) -> Array:
        offset = np.asarray(z) - self.center
        distance = np.sqrt(np.vecdot(offset, offset))[..., None]
        outside = distance > self.radius
        if not outside.any():
            return self.center + offset
        if np.ndim(t) and np.shape(t)[-1] > 1:
            shrunk = offset / (1.0 + np.asarray(t) * self._multiplier(offset, np.asarray(t)))
        else:
            shrunk = offset * (self.radius / np.where(outside, distance, self.radius))
        return np.asarray(self.center + np.where(outside, shrunk, offset))

    def _multiplier(self, offset: Array, t: Array) -> Array:
        """Solve ``|offset / (1 + t mu)| = radius`` for mu >= 0 by Newton's method.

        Newton on 1/norm - 1/radius, which is nearly linear in mu, rises to the root without
        overshooting (More and Sorensen 1983).
        """
        mu = np.zeros((*offset.shape[:-1], 1))
        for _ in range(50):
            scale = 1.0 + t * mu
            part = offset / scale
            squares = np.vecdot(part, part)[..., None]
            slope = np.vecdot(part, part * t / scale)[..., None]
            length = np.sqrt(squares)
            mu = np.maximum(mu + squares / slope * (length - self.radius) / self.radius, 0.0)
        return mu

    def project(self, x: Array) -> Array:
        return self.prox(x, 1.0)

    def repair(self, x: Array) -> None:
        np.copyto(x, self.prox(x, 1.0))

    def check(self, n: int) -> None:
        _check_shape("center", self.center, n)


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

    def prox(self, z: Array, t: Any) -> Array:
        z = np.asarray(z)
        t = np.broadcast_to(t, z.shape)
        order = np.argsort(-z / t, axis=-1)
        zs = np.take_along_axis(z, order, -1)
        ts = np.take_along_axis(t, order, -1)
        tau = (np.cumsum(zs, -1, dtype=float) - self.total) / np.cumsum(ts, -1, dtype=float)
        # The largest coordinate always stays, whatever rounding does to the first comparison.
        last = np.maximum((zs > ts * tau).sum(-1, keepdims=True) - 1, 0)
        x = np.maximum(z - t * np.take_along_axis(tau, last, -1), 0.0)
        return np.asarray(x * (self.total / x.sum(-1, keepdims=True)), z.dtype)

    def project(self, x: Array) -> Array:
        return self.prox(x, 1.0)

    def repair(self, x: Array) -> None:
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
        object.__setattr__(self, "alpha", alpha)
        object.__setattr__(self, "l1_ratio", ratio)

    def prox(self, z: Array, t: Any) -> Array:
        z = np.asarray(z)
        strength = self.alpha * t
        shrunk = np.maximum(np.abs(z) - strength * self.l1_ratio, 0.0)
        shrunk /= 1.0 + strength * (1.0 - self.l1_ratio)
        return np.asarray(np.copysign(shrunk, z) + 0.0, z.dtype)

    def value(self, x: Array) -> Reals:
        terms = self.l1_ratio * np.abs(x) + (0.5 * (1.0 - self.l1_ratio)) * x * x
        total = (self.alpha * terms).sum(axis=-1)
        return float(total) if x.ndim == 1 else total

    def check(self, n: int) -> None:
        _check_shape("alpha", self.alpha, n)


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

    l1_ratio: float = 1.0


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
        return self.bounds.prox(self.penalty.prox(z, t), t)

    def value(self, x: Array) -> Reals:
        return self.penalty.value(x)

    def project(self, x: Array) -> Array:
        return self.bounds.project(x)

    def repair(self, x: Array) -> None:
        self.bounds.repair(x)

    def check(self, n: int) -> None:
        self.penalty.check(n)
        self.bounds.check(n)

    def box(self) -> tuple[Array, Array] | None:
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


def _is_pair(entry: Any) -> bool:
    return isinstance(entry, (tuple, list, np.ndarray)) and len(entry) == 2 and not any(
        isinstance(side, (tuple, list, np.ndarray)) for side in entry
    )


def _check_shape(name: str, values: Array, n: int) -> None:
    if values.shape not in ((), (1,), (n,)):
        raise ValueError(
            f"{name} must be one number or have shape ({n},), one for each variable; "
            f"got shape {values.shape}"
        )
