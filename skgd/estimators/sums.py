"""The sums over rows that the objective of a linear model is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skgd._rows import Array
from skgd.losses import Loss

from .curvature import (
    candidates,
    curved_rows,
    draw,
    hessian_blocks,
    positions_of,
    wide_enough,
    widenings,
)
from .moments import some_rows
from .targets import SAMPLE

if TYPE_CHECKING:
    from .coordinates import Coordinates
    from .task import Task

__all__ = ["RowSums", "Sums"]


class Sums(ABC):
    """Sums over rows at predictions ``p + s q``: those of an origin, and along a way from it.

    Attributes
    ----------
    passes : int
        Passes over the data so far.
    """

    passes: int

    @abstractmethod
    def use(self, loss: Loss) -> None:
        """Take another loss from here on."""

    @abstractmethod
    def move_to(self, coef: Array, intercept: Array) -> None:
        """Make a model of shapes (K, d) and (K,) the origin."""

    @abstractmethod
    def aim(self, coef: Array, intercept: Array) -> None:
        """Take the difference of two models for the way."""

    @abstractmethod
    def settle(self) -> None:
        """Make the point on the way that was evaluated last the origin."""

    @abstractmethod
    def evaluate(self, s: float) -> float:
        """Return the weighted sum of the losses at a point of the way; 0 is the origin."""

    @abstractmethod
    def adjoint(self) -> tuple[Array, Array]:
        """Return the derivatives at the point evaluated last: by coefficients and intercepts.

        Returns
        -------
        products, sums : ndarray, shapes (K, d) and (K,)
            ``X.T @ r`` and the sums of r, for the weighted derivatives r by the predictions.
        """

    @abstractmethod
    def exact(self, loss: Loss) -> tuple[float, float]:
        """Return what `LinearObjective.exact` does, as sums and without the penalty."""

    @abstractmethod
    def hessians(
        self,
        losses: Sequence[Loss],
        coordinates: Coordinates,
        free: Array | None,
        sampled: bool = True,
    ) -> tuple[list[list[Array]], list[Array]]:
        """Return the blocks of the Hessians with some losses at the point evaluated last.

        Parameters
        ----------
        losses : sequence of Loss
            Whose curvatures are meant.
        coordinates : Coordinates
            The coordinates.
        free : ndarray of bool, or None
            The coordinates that the Hessian must know; None for all.
        sampled : bool, default True
            Whether a sample of the rows will do.

        Returns
        -------
        blocks : list of list of ndarray
            For each loss matrices of shape (m, m), one an output, or a single one where the loss
            couples them.
        positions : list of ndarray
            The coordinates that their rows belong to, of shape (m,).
        """

    @abstractmethod
    def wider(self) -> Loss:
        """Return a wider version of a smooth loss with kinks, which is curved in enough rows."""

    @abstractmethod
    def diagonal(self, loss: Loss) -> tuple[Array, Array]:
        """Return the diagonal of the Hessian by coefficients (K, d) and intercepts (K,)."""

    @abstractmethod
    def width(self, loss: Loss) -> float:
        """Return the width that a loss would begin with at the predictions."""


class RowSums(Sums):
    """Sums over the rows of a task in memory.

    Beside the data it holds three arrays of the shape of the predictions.

    Parameters
    ----------
    task : Task
        The rows.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.loss = task.loss
        self.passes = 0
        shape = (task.n,) if task.outputs == 1 else (task.n, task.outputs)
        self._r = np.empty(shape, task.dtype)
        self._p: Array | None = None
        self._q: Array | None = None
        self._s = 0.0

    def use(self, loss: Loss) -> None:
        """Take another loss from here on."""
        self.loss = loss

    def move_to(self, coef: Array, intercept: Array) -> None:
        """Compute the predictions of a model; one pass over the data."""
        self.passes += 1
        self._p = self.task.margins(coef, intercept)
        self._s = 0.0

    def aim(self, coef: Array, intercept: Array) -> None:
        """Compute the predictions along the way; one pass over the data."""
        self.passes += 1
        self._q = self.task.margins(coef, intercept)

    def settle(self) -> None:
        """Add up the way that was gone."""
        assert self._p is not None
        assert self._q is not None
        for block in self.task.blocks():
            self._p[block] += np.asarray(self._s, self.task.dtype) * self._q[block]
        self._s = 0.0

    def stand(self, s: float) -> None:
        """Stand at a point of the way."""
        self._s = s

    def predictions(self, rows: Any) -> Array:
        """Return the predictions of some rows at the point that was evaluated last."""
        assert self._p is not None
        p: Array = self._p[rows]
        if self._s and self._q is not None:
            p = p + np.asarray(self._s, self.task.dtype) * self._q[rows]
        return p

    def evaluate(self, s: float) -> float:
        """Return the sum of the losses, and keep the derivatives."""
        self._s = s
        total = 0.0
        for block in self.task.blocks():
            y, p = self.task.y[block], self.predictions(block)
            values, self._r[block] = self.loss.value_and_derivative(y, p)
            total += self._weighted(values, block)
            if self.task.weights is not None:
                _weigh(self._r[block], self.task.weights[block])
        return total

    def adjoint(self) -> tuple[Array, Array]:
        """Return the products with the derivatives; one pass over the data."""
        self.passes += 1
        return self.task.adjoint(self._r)

    def exact(self, loss: Loss) -> tuple[float, float]:
        """Return the sum of the exact losses, and by how much it can be lowered at most."""
        value = gap = 0.0
        for block in self.task.blocks():
            y, p = self.task.y[block], self.predictions(block)
            exact = loss.value(y, p)
            touching = self.loss.touching(y, p)
            below = exact - loss.value(y, touching) - self.loss.derivative(y, p) * (p - touching)
            value += self._weighted(exact, block)
            gap += self._weighted(below, block)
        return value, gap

    def hessians(
        self,
        losses: Sequence[Loss],
        coordinates: Coordinates,
        free: Array | None,
        sampled: bool = True,
    ) -> tuple[list[list[Array]], list[Array]]:
        """Return the blocks of the Hessians and their positions; see `Sums.hessians`."""
        task, blocks = self.task, []
        for loss in losses:
            rows, share = candidates(task, loss, self.predictions), 1.0
            if sampled:
                chosen, share = draw(task, loss, free, len(rows))
                rows = self.among(rows, chosen)
            blocks.append(
                hessian_blocks(task, loss, coordinates, free, self.predictions, rows, share)
            )
        return blocks, positions_of(task, losses[0], free)

    @staticmethod
    def among(rows: Any, chosen: Array | None) -> Any:
        """Return the rows at the chosen places; all for None."""
        if chosen is None:
            return rows
        return chosen if isinstance(rows, range) else rows[chosen]

    def wider(self) -> Loss:
        """Return a wider version of the loss, which is curved in enough rows."""
        wide = self.loss
        for factor in widenings():
            wide = self.loss.widened(factor)
            if wide_enough(self.task, len(curved_rows(self.task, wide, self.predictions))):
                break
        return wide

    def diagonal(self, loss: Loss) -> tuple[Array, Array]:
        """Return the diagonal of the Hessian, by coefficients and intercepts."""
        task, p = self.task, self.predictions(slice(None))
        curvature = np.maximum(loss.curvature(task.y, p), 0.0).reshape(task.n, -1)
        if task.weights is not None:
            curvature = curvature * task.weights[:, None]
        square = task.X.multiply(task.X) if task.sparse else np.square(task.X)
        return np.asarray((square.T @ curvature).T, float), curvature.sum(axis=0, dtype=float)

    def width(self, loss: Loss) -> float:
        """Return the width that a loss would begin with, from a sample of the rows."""
        rows = some_rows(self.task, SAMPLE)
        weights = None if self.task.weights is None else self.task.weights[rows]
        return float(loss.first_width(self.task.y[rows], self.predictions(rows), weights))

    def _weighted(self, values: Array, block: slice) -> float:
        """Return the weighted sum of the losses of some rows."""
        if self.task.weights is not None:
            _weigh(values, self.task.weights[block])
        return float(values.sum(dtype=float))


def _weigh(quantities: Array, weights: Array) -> None:
    """Multiply a quantity of each row by the row's weight, in place.

    A row of weight zero does not count, even if its loss has overflowed.
    """
    factors = weights.reshape(-1, *(1,) * (quantities.ndim - 1))
    with np.errstate(invalid="ignore", over="ignore"):
        quantities *= factors
    quantities[weights == 0] = 0
