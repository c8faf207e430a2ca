r"""Coordinates in which a linear model is descended: features centred and of equal curvature.

With :math:`u_j = \sigma_j w_j` and :math:`u_0 = \sigma_0 (b + \mu\cdot w)` the model
:math:`X w + b` is the model of the features :math:`(x_j - \mu_j)/\sigma_j`, which are never formed:
neither is `X` copied nor, if it is sparse, made dense.  This is the diagonal metric: a step along
the gradient with respect to u is a step in the metric :math:`\operatorname{diag}(\sigma^2)`.  It
leaves bounds, absolute values and sums of the coefficients as simple as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skgd._rows import Array

if TYPE_CHECKING:
    from .task import LinearTask

__all__ = ["Coordinates", "plain_coordinates", "scaled_coordinates"]


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


def plain_coordinates(task: LinearTask) -> Coordinates:
    """Return the coefficients' own coordinates, in which a method is the textbook one."""
    d = task.d
    one, zero = np.ones(d, task.dtype), np.zeros(d, task.dtype)
    return Coordinates(one, zero, 1.0, task.outputs, task.fit_intercept)


def scaled_coordinates(task: LinearTask, curvature: float) -> Coordinates:
    """Return the coordinates in which each has about unit curvature.

    Parameters
    ----------
    task : Task
        The data.
    curvature : float
        The mean curvature of the loss with respect to the predictions.
    """
    mean, variance = task.moments()
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
