r"""Coordinates in which a linear model is descended: features centred and of equal curvature.

With :math:`u_j = \sigma_j w_j` and :math:`u_0 = \sigma_0 (b + \mu\cdot w)` the model
:math:`X w + b` is the model of the features :math:`(x_j - \mu_j)/\sigma_j`, which are never formed:
neither is `X` copied nor, if it is sparse, made dense.  This is the diagonal metric: a step along
the gradient with respect to u is a step in the metric :math:`\operatorname{diag}(\sigma^2)`.  It
leaves bounds, absolute values and sums of the coefficients as simple as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._rows import Array

from .task import Task

__all__ = ["Coordinates", "plain_coordinates", "scaled_coordinates", "some_rows"]

SAMPLE = 4_000
"""Rows that tell the scales of dense features: any scale will do that is about right."""

ROUNDING = 8.0
"""Deviations from the mean of up to so many units in the last place are none."""


@dataclass(frozen=True, eq=False)
class Coordinates:
    """The change between coefficients and the vector that is descended.

    The vector consists of K rows: the d scaled coefficients of an output, and its intercept, where
    there is one.

    Parameters
    ----------
    sigma : ndarray, shape (d,)
        Scales of the features.
    centre : ndarray, shape (d,)
        What is subtracted from the features; zero without an intercept.
    sigma0 : float
        Scale of the intercept.
    outputs : int
        The number K.
    fit_intercept : bool
        Whether there is an intercept.
    """

    sigma: Array
    centre: Array
    sigma0: float
    outputs: int
    fit_intercept: bool

    def split(self, u: Array) -> tuple[Array, Array]:
        """Return the scaled coefficients (K, d) and intercepts (K,) as views of `u`."""
        rows = u.reshape(self.outputs, -1)
        if not self.fit_intercept:
            return rows, np.zeros(self.outputs, u.dtype)
        return rows[:, :-1], rows[:, -1]

    def model(self, u: Array) -> tuple[Array, Array]:
        """Return coefficients (K, d) and intercepts (K,); linear in `u`."""
        scaled, intercept = self.split(u)
        coef = scaled / self.sigma
        if not self.fit_intercept:
            return coef, intercept
        return coef, intercept / self.sigma0 - coef @ self.centre

    def vector(self, coef: Array, intercept: Array) -> Array:
        """Return the vector of a model, the inverse of `model`."""
        parts = [coef * self.sigma]
        if self.fit_intercept:
            parts.append(((intercept + coef @ self.centre) * self.sigma0)[:, None])
        return np.ascontiguousarray(np.hstack(parts), self.sigma.dtype).ravel()

    def gradient(self, products: Array, sums: Array) -> Array:
        """Return the gradient with respect to `u` of a function of the predictions.

        Parameters
        ----------
        products : ndarray, shape (K, d)
            ``X.T @ r`` for the derivatives r with respect to the predictions.
        sums : ndarray, shape (K,)
            The sums of r.
        """
        parts = [(products - sums[:, None] * self.centre) / self.sigma]
        if self.fit_intercept:
            parts.append((sums / self.sigma0)[:, None])
        return np.hstack(parts).astype(self.sigma.dtype, copy=False).ravel()


def plain_coordinates(task: Task) -> Coordinates:
    """Return the coefficients' own coordinates, in which a method is the textbook one."""
    d = task.X.shape[1]
    one, zero = np.ones(d, task.dtype), np.zeros(d, task.dtype)
    return Coordinates(one, zero, 1.0, task.outputs, task.fit_intercept)


def scaled_coordinates(task: Task, curvature: float) -> Coordinates:
    """Return the coordinates in which each has about unit curvature.

    Parameters
    ----------
    task : Task
        The data.
    curvature : float
        The mean curvature of the loss with respect to the predictions.
    """
    mean, variance = moments(task)
    sigma = np.sqrt(curvature * variance + task.penalty.ridge)
    usable = np.isfinite(sigma) & (sigma > 0)
    sigma = task.penalty.scales(np.where(usable, sigma, 1.0))
    if not task.fit_intercept:
        mean = np.zeros_like(mean)
    return Coordinates(
        sigma.astype(task.dtype),
        mean.astype(task.dtype),
        float(np.sqrt(curvature)),
        task.outputs,
        task.fit_intercept,
    )


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
    n = task.X.shape[0]
    if task.weights is None:
        if n <= most:
            return slice(None)
        return np.sort(np.random.default_rng(0).choice(n, most, replace=False))
    counted = np.flatnonzero(task.weights)
    if len(counted) <= most:
        return slice(None) if len(counted) == n else counted
    return np.sort(np.random.default_rng(0).choice(counted, most, replace=False))


def _weights_of(task: Task, rows: Any) -> Array | None:
    return None if task.weights is None else task.weights[rows]


def _moments(sample: Array, weights: Array | None, centred: bool) -> tuple[Array, Array]:
    mean = np.average(sample, axis=0, weights=weights)
    deviation = sample - mean.astype(sample.dtype) if centred else sample
    variance = np.average(np.square(deviation, dtype=float), axis=0, weights=weights)
    # The deviations of a constant feature from its mean are rounding.
    rounding = ROUNDING * np.finfo(sample.dtype).eps * np.abs(mean)
    return mean, np.where(variance > rounding * rounding, variance, 0.0)


def _sparse_moments(task: Task) -> tuple[Array, Array]:
    X, total = task.X, task.total
    each = np.ones(X.shape[0], task.dtype) if task.weights is None else task.weights
    mean, mean_square = (X.T @ each) / total, (X.multiply(X).T @ each) / total
    return mean, np.maximum(mean_square - task.fit_intercept * mean * mean, 0.0)
