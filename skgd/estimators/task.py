"""What a linear model is fitted to, and the products with its data."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.losses import Loss
from skgd.penalties import Penalty

from .moments import moments
from .sums import RowSums, Sums
from .targets import Targets, targets_of

__all__ = ["BLOCK", "LinearTask", "Task"]

BLOCK = 16_384
"""Predictions that are worked on at once: what is computed on the way stays in the cache."""


class LinearTask(ABC):
    r"""What a linear model is fitted to, wherever the rows are.

    The objective is

    .. math::

       \frac{1}{\sum_i c_i} \sum_i c_i\, \ell(y_i, X_i w + b) + \text{penalty}(w) .

    A fit asks for sums over the rows, and for nothing of any single row, so that it is the same for
    rows in memory (`Task`) and for rows on a cluster.

    Attributes
    ----------
    loss : Loss
        The loss.
    outputs : int
        The number K of predictions a row.
    penalty : Penalty
        The penalty and the constraints.
    fit_intercept : bool
        Whether there is an intercept b.
    """

    loss: Loss
    outputs: int
    penalty: Penalty
    fit_intercept: bool

    @property
    @abstractmethod
    def n(self) -> int:
        """The number of rows."""

    @property
    @abstractmethod
    def d(self) -> int:
        """The number of features."""

    @property
    @abstractmethod
    def stored(self) -> int:
        """The numbers that a pass over the data goes through."""

    @property
    @abstractmethod
    def dtype(self) -> Any:
        """The type of the data, which everything is computed in."""

    @property
    @abstractmethod
    def total(self) -> float:
        """The sum of the weights."""

    @abstractmethod
    def output(self, k: int) -> LinearTask:
        """Return the task of one output alone."""

    @abstractmethod
    def targets(self) -> Targets:
        """Return targets that stand for those of all rows."""

    @abstractmethod
    def moments(self) -> tuple[Array, Array]:
        """Return mean and variance of each feature; mean square without an intercept."""

    @abstractmethod
    def sums(self) -> Sums:
        """Return the sums over the rows that an objective is made of."""


@dataclass(frozen=True, eq=False)
class Task(LinearTask):
    """A linear model's data in memory, loss and penalty.

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
    def n(self) -> int:
        """The number of rows."""
        return int(self.X.shape[0])

    @property
    def d(self) -> int:
        """The number of features."""
        return int(self.X.shape[1])

    @property
    def sparse(self) -> bool:
        """Whether the data are sparse."""
        return not isinstance(self.X, np.ndarray)

    @property
    def stored(self) -> int:
        """The numbers that a pass over the data goes through."""
        return int(self.X.nnz if self.sparse else self.X.size)

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

    def output(self, k: int) -> Task:
        """Return the task of one output alone."""
        return replace(self, y=np.ascontiguousarray(self.y[:, k]), outputs=1)

    def targets(self) -> Targets:
        """Return targets that stand for those of all rows."""
        return targets_of(self)

    def moments(self) -> tuple[Array, Array]:
        """Return mean and variance of each feature; mean square without an intercept."""
        return moments(self)

    def sums(self) -> RowSums:
        """Return the sums over the rows that an objective is made of."""
        return RowSums(self)

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
