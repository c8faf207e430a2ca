"""Where targets lie: means and quantiles with weights, from which constant models are made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from skgd._rows import Array

__all__ = ["mean_of", "quantile_of", "root_of"]


def mean_of(y: Array, weights: Array | None) -> float:
    """Return the weighted mean, computed in double precision."""
    if weights is None:
        return float(np.mean(y, dtype=float))
    return float(np.average(y.astype(float, copy=False), weights=weights.astype(float, copy=False)))


def quantile_of(y: Array, weights: Array | None, level: float) -> float:
    """Return a minimiser of the weighted pinball loss: the entry where the weights reach `level`.

    Rows of weight zero do not count.
    """
    if weights is not None:
        counted = weights > 0
        y, weights = y[counted], weights[counted].astype(float, copy=False)
    return float(np.quantile(y, level, weights=weights, method="inverted_cdf"))


def root_of(
    slope: Callable[[float], tuple[float, float]], start: float, low: float, high: float
) -> float:
    """Return where an increasing function vanishes: Newton's method inside a bracket.

    Parameters
    ----------
    slope : callable
        Returns the function, which is negative at `low` and positive at `high`, and its derivative.
    start, low, high : float
        First guess and bracket.
    """
    x, accuracy = start, 1e-8 * (high - low)
    for _ in range(60):
        s, c = slope(x)
        if s > 0:
            high = x
        elif s < 0:
            low = x
        else:
            break
        new = x - s / c if c > 0 else low
        if not low < new < high:
            new = (low + high) / 2
        x, moved = new, abs(new - x)
        if moved <= accuracy:
            break
    return x
