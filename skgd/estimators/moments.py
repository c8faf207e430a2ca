"""Mean and variance of each feature, from which the coordinates of a fit are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skgd._rows import Array

if TYPE_CHECKING:
    from .task import Task

__all__ = ["SAMPLE", "deviations", "moments", "positions", "some_rows", "variances"]

SAMPLE = 4_000
"""Rows that tell the scales of dense features: any scale will do that is about right."""

ROUNDING = 8.0
"""Deviations from the mean of up to so many units in the last place are none."""


def moments(task: Task) -> tuple[Array, Array]:
    """Return mean and variance of each feature; mean square without an intercept.

    Dense features are looked at in a sample of rows, and in whole where they do not vary there;
    rows of weight zero do not count.
    """
    if task.sparse:
        return _sparse_moments(task)
    rows = some_rows(task, SAMPLE)
    centred = task.fit_intercept
    mean, variance = _moments(task.X[rows], _weights_of(task, rows), centred)
    (still,) = np.nonzero(variance <= 0)
    for j in still:
        if not isinstance(rows, slice):
            column = task.X[:, j]
            mean[j], variance[j] = _moments(column, _weights_of(task, slice(None)), centred)
        if variance[j] <= 0 and centred:
            # A constant feature is its own centre to the last bit.
            mean[j] = task.X[0 if task.weights is None else int(np.argmax(task.weights > 0)), j]
    return mean, variance


def some_rows(task: Task, most: int) -> Any:
    """Return all rows as a slice, or the positions of a sample of the rows that count."""
    if task.weights is None:
        chosen = positions(task.n, most)
        return slice(None) if chosen is None else chosen
    counted = np.flatnonzero(task.weights)
    chosen = positions(len(counted), most)
    if chosen is not None:
        return counted[chosen]
    return slice(None) if len(counted) == task.n else counted


def positions(count: int, most: int) -> Array | None:
    """Return a sample of the positions of so many rows; None for all when they are few."""
    if count <= most:
        return None
    return np.sort(np.random.default_rng(0).choice(count, most, replace=False))


def _weights_of(task: Task, rows: Any) -> Array | None:
    return None if task.weights is None else task.weights[rows]


def _moments(sample: Array, weights: Array | None, centred: bool) -> tuple[Array, Array]:
    mean = np.average(sample, axis=0, weights=weights)
    squares = deviations(sample, mean, centred)
    return mean, variances(np.average(squares, axis=0, weights=weights), mean, sample.dtype)


def deviations(sample: Array, mean: Array, centred: bool) -> Array:
    """Return the squared deviations from the mean, in double precision."""
    deviation = sample - mean.astype(sample.dtype) if centred else sample
    return np.asarray(np.square(deviation, dtype=float))


def variances(mean_square: Array, mean: Array, dtype: Any) -> Array:
    """Return mean squared deviations, zero where they are rounding: where a feature is constant."""
    rounding = ROUNDING * np.finfo(dtype).eps * np.abs(mean)
    return np.where(mean_square > rounding * rounding, mean_square, 0.0)


def _sparse_moments(task: Task) -> tuple[Array, Array]:
    X, total = task.X, task.total
    each = np.ones(X.shape[0], task.dtype) if task.weights is None else task.weights
    mean, mean_square = (X.T @ each) / total, (X.multiply(X).T @ each) / total
    return mean, np.maximum(mean_square - task.fit_intercept * mean * mean, 0.0)
