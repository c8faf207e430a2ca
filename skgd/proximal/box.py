"""Bounds."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from skgd._bounds import inward
from skgd._checks import real_array
from skgd._rows import Array

from .base import Constraint, check_shape, floats
from .faces import Face, bounded


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

    def intersection(self, other: Box) -> Box:
        """Return the box of the points that lie in both.

        Parameters
        ----------
        other : Box
            Another box, of as many variables.

        Returns
        -------
        Box
            The larger lower and the smaller upper bounds.

        Raises
        ------
        ValueError
            When no point lies in both.

        Examples
        --------
        >>> from skgd import Box
        >>> Box(0, [3, 4]).intersection(Box(1, 3)).upper
        array([3., 3.])
        """
        try:
            lower = np.maximum(self.lower, other.lower)
            upper = np.minimum(self.upper, other.upper)
        except ValueError as error:
            raise ValueError(
                f"bounds: one box is for {self.lower.size} variables, the other for "
                f"{other.lower.size}"
            ) from error
        (apart,) = np.nonzero(lower > upper)
        if apart.size:
            i = int(apart[0])
            raise ValueError(
                f"bounds: no x lies in both boxes, as variable {i} would have to be at least "
                f"{lower[i]:g} and at most {upper[i]:g}; widen one of them"
            )
        return Box(lower, upper)

    def sides(self, dtype: Any) -> tuple[Array, Array]:
        """Return the bounds as numbers of a type."""
        if dtype != np.float32:
            return self.lower, self.upper
        if not self._single:
            self._single.append(inward(self.lower, self.upper, dtype))
        return self._single[0]

    def prox(self, z: Array, t: Any) -> Array:
        """Return `z`, clipped."""
        return self.project(z)

    def step(self, x: Array, p: Array, t: Any) -> Array:
        """Return the displacement, clipped: a small one is not lost beside a large `x`.

        What is not a number after an overflow counts as a step as far as there is room.
        """
        lower, upper = self.sides(x.dtype)
        most = np.finfo(x.dtype).max / 4
        down, up = np.maximum(lower - x, -most), np.minimum(upper - x, most)
        return np.asarray(np.fmin(np.fmax(p, down), up))

    def unit(self, dtype: Any) -> Array:
        """Return the widths below 1; a variable without room has nothing to measure."""
        lower, upper = self.sides(dtype)
        width = np.minimum(upper - lower, 1.0).astype(dtype)
        return np.asarray(np.where(width > 0, width, 1.0), dtype)

    def project(self, x: Array) -> Array:
        """Return `x`, clipped."""
        x = floats(x)
        lower, upper = self.sides(x.dtype)
        inside = np.maximum(x, lower)
        return np.asarray(np.minimum(inside, upper, out=inside))

    def repair(self, x: Array) -> None:
        """Clip `x` in place."""
        lower, upper = self.sides(x.dtype)
        np.maximum(x, lower, out=x)
        np.minimum(x, upper, out=x)

    def on(self, chosen: Array) -> Box:
        """Return the box of some of the coordinates."""
        if self.lower.size == 1:
            return self
        return Box(self.lower[chosen], self.upper[chosen])

    def check(self, n: int) -> None:
        """Raise ValueError unless there is one pair of bounds for all variables or for each."""
        check_shape("bounds", self.lower, n)

    def box(self) -> tuple[Array, Array]:
        """Return the bounds."""
        return self.lower, self.upper

    def face(self, x: Array, g: Array) -> Face:
        """Return the face that holds the variables pressed against their bounds."""
        return bounded(x, g, *self.sides(x.dtype))

    def narrowed(self, face: Face, x: Array) -> Face:
        """Return the part of a face that lies in the box.

        Parameters
        ----------
        face : Face
            The face of a penalty at `x`.
        x : ndarray, shape (n,)
            A point of the box.

        Returns
        -------
        Face
            The face of penalty and box together.
        """
        lower, upper = self.sides(x.dtype)
        lower, upper = np.maximum(face.lower, lower), np.minimum(face.upper, upper)
        return bounded(x, face.gradient, lower, upper, face.curvature)


def _side(values: Any, none: float) -> Array:
    """Return the bounds of one side as a new array of one dimension; `none` stands for None."""
    if values is None:
        values = none
    elif isinstance(values, (list, tuple)):
        values = [none if value is None else value for value in values]
    with np.errstate(over="ignore"):
        side = np.array(real_array("bounds", values), dtype=float, ndmin=1)
    if side.ndim != 1:
        raise ValueError(f"bounds must have one dimension, got shape {side.shape}")
    if np.isnan(side).any():
        raise ValueError("bounds must not be NaN; write -inf, inf or None for 'no bound'")
    return side


def _columns(bounds: Any, n: int) -> tuple[Any, Any]:
    """Return the lower and the upper ends of the pairs."""
    if isinstance(bounds, np.ndarray) and bounds.shape == (n, 2):
        return bounds[:, 0].tolist(), bounds[:, 1].tolist()
    pairs = [bounds] if n == 1 and is_pair(bounds) else _as_list(bounds)
    if len(pairs) != n or not all(is_pair(pair) for pair in pairs):
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


def is_pair(entry: Any) -> bool:
    """Tell whether this is a sequence of two single values, of whatever kind."""
    return (
        isinstance(entry, (tuple, list, np.ndarray))
        and not (isinstance(entry, np.ndarray) and entry.ndim == 0)
        and len(entry) == 2
        and not any(isinstance(side, (tuple, list, np.ndarray)) for side in entry)
    )
