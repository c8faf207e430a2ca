"""What a linear model is fitted to, and the products with its data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.losses import Loss
from skgd.penalties import Penalty

__all__ = ["BLOCK", "Task"]

BLOCK = 16_384
"""Predictions that are worked on at once: what is computed on the way stays in the cache."""


@dataclass(frozen=True, eq=False)
class Task:
    r"""A linear model's data, loss and penalty.

    The objective is

    .. math::

       \frac{1}{\sum_i c_i} \sum_i c_i\, \ell(y_i, X_i w + b) + \text{penalty}(w) .

    Parameters
    ----------
    X : ndarray or sparse matrix in CSR or CSC format, shape (n, d)
        The data, of float64 or float32; never copied, never written to.
    y : ndarray, shape (n,) or (n, K)
        The target, of the type of `X`.
    weights : ndarray of shape (n,), or None
        The weights :math:`c_i`; None for equal ones.
    loss : Loss
        The loss.
    outputs : int
        The number K of predictions a row.
    penalty : Penalty
        The penalty and the constraints.
    fit_intercept : bool
        Whether there is an intercept b.
    """

    X: Any
    y: Array
    weights: Array | None
    loss: Loss
    outputs: int
    penalty: Penalty
    fit_intercept: bool

    @property
    def sparse(self) -> bool:
        """Whether the data are sparse."""
        return not isinstance(self.X, np.ndarray)

    @property
    def dtype(self) -> Any:
        """The type of the data, which everything is computed in."""
        return self.X.dtype

    @property
    def total(self) -> float:
        """The sum of the weights."""
        if self.weights is None:
            return float(self.X.shape[0])
        return float(self.weights.sum(dtype=float))

    def blocks(self) -> Iterator[slice]:
        """Return the rows, in pieces of about `BLOCK` predictions."""
        rows = max(1, BLOCK // self.outputs)
        for start in range(0, self.X.shape[0], rows):
            yield slice(start, start + rows)

    def rows(self, index: Any) -> Task:
        """Return the task on some of the rows: a slice, or an array of positions."""
        return Task(
            self.X[index],
            self.y[index],
            None if self.weights is None else self.weights[index],
            self.loss,
            self.outputs,
            self.penalty,
            self.fit_intercept,
        )

    def margins(self, coef: Array, intercept: Array) -> Array:
        """Return the predictions of a model, before the inverse link.

        Parameters
        ----------
        coef : ndarray, shape (K, d)
            Coefficients.
        intercept : ndarray, shape (K,)
            Intercepts.

        Returns
        -------
        ndarray
            Of shape (n,) for one output, else (n, K).
        """
        if self.outputs == 1:
            margins = self.X @ coef[0]
            if intercept[0]:
                margins += intercept[0]
            return np.asarray(margins)
        margins = self.X @ coef.T
        margins += intercept
        return np.asarray(margins)

    def adjoint(self, r: Array) -> tuple[Array, Array]:
        """Return ``X.T @ r`` of shape (K, d), and the sums of `r` of shape (K,)."""
        sums = np.atleast_1d(r.sum(axis=0, dtype=float))
        if self.outputs == 1:
            return (self.X.T @ r)[None, :], sums
        return np.asarray(self.X.T @ r).T, sums
