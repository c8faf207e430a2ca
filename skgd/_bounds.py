"""Bounds as numbers of the type that a run computes in."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._rows import Array


def inward(lower: Array, upper: Array, dtype: Any) -> tuple[Array, Array]:
    """Return the bounds as numbers of the given type that do not lie outside the bounds.

    Rounded to float32, an upper bound of 0.1 becomes 0.10000000149; a function that is defined up
    to 0.1 would be evaluated beyond its domain.

    Parameters
    ----------
    lower, upper : ndarray, shape (n,)
        The bounds.
    dtype : dtype
        A floating type.

    Returns
    -------
    lower, upper : ndarray, shape (n,)
        The bounds; the nearest number of the type twice where none lies between them.
    """
    if lower.dtype == dtype and upper.dtype == dtype:
        return lower, upper
    with np.errstate(over="ignore"):
        low, high = nearest, _ = lower.astype(dtype), upper.astype(dtype)
    infinity = np.asarray(np.inf, dtype)
    low = np.where(low < lower, np.nextafter(low, infinity), low)
    high = np.where(high > upper, np.nextafter(high, -infinity), high)
    between = low <= high
    return np.where(between, low, nearest), np.where(between, high, nearest)
