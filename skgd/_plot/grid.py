"""Where a picture looks, and the function's values there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from skgd._checks import finite_array
from skgd._rows import Array
from skgd.formula import Formula

MARGIN = 0.15
"""Free space on each side of the path, as a fraction of its extent."""

THINNEST = 0.5
"""Least extent in one variable, as a fraction of the largest: a path along one axis must not
stretch the picture across it."""

FAR = 1e100
"""No picture looks further than this; there is room left to multiply by a margin."""


def limits_of(path: Array, given: Any = None) -> Array:
    """Return the part of space that shows a path.

    Parameters
    ----------
    path : ndarray, shape (K, n)
        The iterates.
    given : array_like of shape (n, 2) or (2,), or None
        What the user wants instead; one pair serves every variable.

    Returns
    -------
    ndarray, shape (n, 2)
        Low and high end for each variable.

    Raises
    ------
    ValueError
        When `given` are not pairs of finite numbers, low before high.
    """
    n = path.shape[1]
    if given is not None:
        pairs = [finite_array("limits", pair) for pair in np.atleast_2d(given)]
        limits = np.array(pairs * n if len(pairs) == 1 else pairs)
        if limits.shape != (n, 2) or not (limits[:, 0] < limits[:, 1]).all():
            raise ValueError(
                f"limits must be one pair (low, high), low < high, for each of the {n} variables, "
                f"got {given!r}"
            )
        return limits
    path = np.clip(path, -FAR, FAR)
    low, high = path.min(axis=0), path.max(axis=0)
    extent = (high - low).max()
    if extent == 0.0:
        extent = max(1.0, float(np.abs(low).max()))
    half = np.maximum(high - low, THINNEST * extent) * (0.5 + MARGIN)
    middle = 0.5 * (low + high)
    return np.stack([middle - half, middle + half], axis=1)


def values_at(fun: Callable[..., Any], points: Array, *, vectorized: bool) -> Array:
    """Return the function's values, NaN where it has none.

    Parameters
    ----------
    fun : callable
        ``fun(x) -> float`` for x of shape (n,).
    points : ndarray, shape (n, m)
        One point a column.
    vectorized : bool
        Whether ``fun(points)`` gives all values in one call; a `Formula` always does.

    Returns
    -------
    ndarray, shape (m,)
        The values.
    """
    with np.errstate(all="ignore"):
        if vectorized or isinstance(fun, Formula):
            values = np.asarray(fun(points), dtype=float)
        else:
            values = np.array([_value(fun, point) for point in points.T], dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def slopes_at(jac: Callable[..., Any], x: Array) -> Array:
    """Return the derivative of a function of one variable at points of shape (m,)."""
    return values_at(lambda point: np.asarray(jac(point)).reshape(-1)[0], x[None], vectorized=False)


def mesh(limits: Array, resolution: int) -> tuple[Array, Array]:
    """Return the coordinates of a square grid, each of shape (resolution, resolution)."""
    x, y = np.meshgrid(*(np.linspace(low, high, resolution) for low, high in limits))
    return x, y


def levels_of(values: Array, count: int) -> Array:
    """Return contour levels that share the area evenly, so that valleys and cliffs both show.

    Parameters
    ----------
    values : ndarray
        The values on the grid; NaN where there are none.
    count : int
        How many levels at most.

    Returns
    -------
    ndarray
        Increasing levels from the least to the greatest value; empty for a flat landscape.
    """
    known = values[np.isfinite(values)]
    if not known.size or known.min() == known.max():
        return np.array([])
    return np.unique(np.quantile(known, np.linspace(0.0, 1.0, count)))


def thinned(length: int, at_most: int) -> Sequence[int]:
    """Return positions evenly spread over a sequence, the first and the last among them."""
    if length <= at_most:
        return range(length)
    return [int(i) for i in np.linspace(0, length - 1, at_most).round()]


def _value(fun: Callable[..., Any], point: Array) -> float:
    try:
        return float(np.asarray(fun(point.copy()), dtype=float).reshape(()))
    except (ArithmeticError, ValueError):
        # A picture shows more than the run visited, and there the function may not exist.
        return float("nan")
