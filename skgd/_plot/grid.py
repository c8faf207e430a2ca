"""Where a picture looks, and the function's values there."""

from __future__ import annotations

import math
import warnings
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

FAR = 1e5
"""A run that ends so many times further from its start than the start is from zero got lost."""

NEAR = 1e2
"""Of a run that got lost, iterates are in view that are less than so many times away."""

LARGEST = 1e300
"""Larger numbers count as infinite: the width of an axis is to be a number, too."""

NICE = (5.0, 2.0, 1.0)
"""Leading digits of round steps, the coarsest first."""


def limits_of(*paths: Array, given: Any = None) -> Array:
    """Return the part of space that shows one path or several.

    A path that ends very far away, as that of a run that diverges, is shown near its start only:
    on the scale of its end, all the rest would be one dot.

    Parameters
    ----------
    *paths : ndarray, shape (K, n)
        The iterates of each run.
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
    n = paths[0].shape[1]
    if given is not None:
        pairs = [finite_array("limits", pair) for pair in np.atleast_2d(given)]
        limits = np.array(pairs * n if len(pairs) == 1 else pairs)
        if (np.abs(limits) > LARGEST).any():
            raise ValueError(f"limits must be at most {LARGEST:g} in size, got {given!r}")
        if limits.shape != (n, 2) or not (limits[:, 0] < limits[:, 1]).all():
            raise ValueError(
                f"limits must be one pair (low, high), low < high, for each of the {n} variables, "
                f"got {given!r}"
            )
        return limits
    path = np.concatenate([near(each) for each in paths])
    low, high = path.min(axis=0), path.max(axis=0)
    extent = (high - low).max()
    if extent == 0.0:
        extent = max(1.0, float(np.abs(low).max()))
    half = np.maximum(high - low, THINNEST * extent) * (0.5 + MARGIN)
    middle = 0.5 * (low + high)
    return np.stack([middle - half, middle + half], axis=1)


def values_at(
    fun: Callable[..., Any], points: Array, *, vectorized: bool, name: str = "fun"
) -> Array:
    """Return the function's values, NaN where it has none, and warn when it has none at all.

    Parameters
    ----------
    fun : callable
        ``fun(x) -> float`` for x of shape (n,).
    points : ndarray, shape (n, m)
        One point a column.
    vectorized : bool
        Whether ``fun(points)`` gives all values in one call; a `Formula` always does.
    name : str, default "fun"
        What a message calls the function.

    Returns
    -------
    ndarray, shape (m,)
        The values.

    Raises
    ------
    ValueError
        When a function that takes many points does not return a value for each.
    """
    m = points.shape[1]
    failures: list[Exception] = []
    with np.errstate(all="ignore"):
        if vectorized or isinstance(fun, Formula):
            values = np.asarray(fun(points), dtype=float)
            if values.shape != (m,):
                raise ValueError(
                    f"{name} must return shape ({m},) for points of shape {points.shape} with "
                    f"vectorized=True, got shape {values.shape}"
                )
        else:
            values = np.array([_value(fun, point, failures) for point in points.T], dtype=float)
        known = np.abs(values) <= LARGEST
    # Where a formula has no value is mathematics; any other function may have a fault.
    if not (known.any() or isinstance(fun, Formula)):
        why = f"; it raised {failures[0]!r}" if failures else ""
        warnings.warn(
            f"{name} has no finite value at any of {m} points, so none is drawn{why}",
            RuntimeWarning,
            stacklevel=2,
        )
    return np.where(known, values, np.nan)


def slopes_at(jac: Callable[..., Any], x: Array) -> Array:
    """Return the derivative of a function of one variable at points of shape (m,)."""
    return values_at(
        lambda point: np.asarray(jac(point)).reshape(-1)[0], x[None], vectorized=False, name="jac"
    )


def mesh(limits: Array, resolution: int) -> tuple[Array, Array]:
    """Return the coordinates of a square grid, each of shape (resolution, resolution)."""
    x, y = np.meshgrid(*(np.linspace(low, high, resolution) for low, high in limits))
    return x, y


def window(values: Array, needed: Array, room: float = 2.0) -> tuple[float, float]:
    """Return the part of a value axis that shows a path, and of its surroundings what is as high.

    Parameters
    ----------
    values : ndarray
        The function's values all over the picture, which may have a pole; NaN where there are none.
    needed : ndarray
        Its values on the path, which are all in view.
    room : float, default 2
        How much of the surroundings is in view on each side, as a multiple of their usual extent or
        that of the path.

    Returns
    -------
    low, high : float
        The ends of the axis, without a margin; 0 and 1 when there are no values.
    """
    values, needed = values[np.isfinite(values)], needed[np.isfinite(needed)]
    if not (values.size or needed.size):
        return 0.0, 1.0
    if not values.size:
        return float(needed.min()), float(needed.max())
    usual = np.quantile(values, [0.1, 0.9])
    path = needed if needed.size else usual
    room *= max(np.ptp(path), np.ptp(usual))
    low, high = min(path.min(), usual[0]), max(path.max(), usual[1])
    return (
        float(min(low, max(values.min(), low - room))),
        float(max(high, min(values.max(), high + room))),
    )


def levels_of(values: Array, count: int) -> Array:
    """Return round contour levels that share the area about evenly.

    So valleys and cliffs both show.

    Parameters
    ----------
    values : ndarray
        The values on the grid; NaN where there are none.
    count : int
        How many levels at most.

    Returns
    -------
    ndarray
        Increasing levels; the first and the last are the least and the greatest value, those in
        between are round numbers.  Empty for a flat landscape.
    """
    known = values[np.isfinite(values)]
    if not known.size or known.min() == known.max():
        return np.array([])
    levels = np.unique(np.quantile(known, np.linspace(0.0, 1.0, count)))
    gaps = np.diff(levels)
    inner = [
        _rounded(level, gap)
        for level, gap in zip(levels[1:-1], np.minimum(gaps[:-1], gaps[1:]), strict=True)
    ]
    return np.unique([levels[0], *(v for v in inner if levels[0] < v < levels[-1]), levels[-1]])


def extremes(numbers: Array, at_most: int) -> Array:
    """Return positions that draw the same line as all numbers do, the first and last among them.

    Parameters
    ----------
    numbers : ndarray, shape (K,)
        The heights of the line, NaN where it has a gap.
    at_most : int
        How many positions are wanted, about.

    Returns
    -------
    ndarray of int
        Increasing positions: all, or those of the least and greatest number in each of many equal
        parts.
    """
    length = len(numbers)
    if length <= at_most:
        return np.arange(length)
    edges = np.linspace(0, length, at_most // 2 + 1).astype(int)
    starts, ends = edges[:-1], edges[1:]
    found = [np.array([0, length - 1])]
    for worst, choose in ((np.inf, np.argmin), (-np.inf, np.argmax)):
        filled = np.where(np.isnan(numbers), worst, numbers)
        found.append(np.array([a + choose(filled[a:b]) for a, b in zip(starts, ends, strict=True)]))
    return np.unique(np.concatenate(found))


def thinned(length: int, at_most: int) -> Sequence[int]:
    """Return positions evenly spread over a sequence, the first and the last among them."""
    if length <= at_most:
        return range(length)
    return [int(i) for i in np.linspace(0, length - 1, at_most).round()]


def near(path: Array) -> Array:
    """Return the iterates that a picture should show: all, unless the run got lost."""
    away = np.abs(path - path[0]).max(axis=1) / max(1.0, float(np.abs(path[0]).max()))
    return path if away[-1] <= FAR else path[away < NEAR]


def _rounded(level: float, gap: float) -> float:
    """Return the roundest number within half a gap of a level."""
    if gap < np.finfo(float).tiny:
        return level
    power = math.floor(math.log10(gap))
    steps = [digit * 10.0**power for digit in NICE]
    step = next((step for step in steps if step <= gap), gap)
    # Through its decimal text, or 3 * 0.1 would be 0.30000000000000004.
    return float(f"{round(level / step) * step:.12g}")


def _value(fun: Callable[..., Any], point: Array, failures: list[Exception]) -> float:
    try:
        return float(np.asarray(fun(point.copy()), dtype=float).reshape(()))
    except (ArithmeticError, ValueError) as error:
        # A picture shows more than the run visited, and there the function may not exist.
        failures.append(error)
        return float("nan")
