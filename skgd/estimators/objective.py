"""The objective of a linear model, which answers cheaply along rays and knows its curvature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.losses import Loss
from skgd.metrics import CholeskyMetric, Metric
from skgd.requests import Curvature, Value

from .coordinates import Coordinates
from .sampling import affordable, cheap
from .streaming import Memory, joined
from .task import LinearTask

__all__ = ["LinearObjective"]

MOST = 0.5
"""The share of the coordinates above which a metric is made for all of them."""

REFRESH = 50
"""Steps after which the predictions are computed anew: adding up steps adds up rounding."""


class LinearObjective:
    r"""Weighted mean loss plus ridge penalty, in coordinates.

    The predictions at the iterate :math:`X u_k` and along the step :math:`X d_k` are kept, so that
    a line search costs no pass over the data, and an iteration two: one for :math:`X d_k`, one for
    :math:`X^T r`.

    Parameters
    ----------
    task : LinearTask
        Data, loss and penalty.
    coordinates : Coordinates
        The coordinates in which it is descended.
    full : bool, default True
        Whether to offer a metric; else the coordinates' own is all there is.
    memory : Memory or None
        The model of rows that are not in the data any more.

    Attributes
    ----------
    nfev, njev : int
        Values and gradients so far.
    latest : tuple of ndarray and float, or None
        The point that was asked for last, and its value.
    sums : Sums
        The sums over the rows.
    """

    def __init__(
        self,
        task: LinearTask,
        coordinates: Coordinates,
        full: bool = True,
        memory: Memory | None = None,
    ) -> None:
        self.task = task
        self.loss: Loss = task.loss
        self.coordinates = coordinates
        self.sums = task.sums()
        self._full = full
        self._memory = memory
        self._scale = 1.0 / (task.total + (0.0 if memory is None else memory.weight))
        self._ridge = task.penalty.ridge if np.any(task.penalty.ridge) else None
        self._origin: Array | None = None
        self._d: Array | None = None
        self._point: Array | None = None
        self._s = 0.0
        self._steps = 0
        self._metric: Metric | None = None
        self._metric_at: Array | None = None
        self._known_at: Array | None = None
        self._g: Array
        self.nfev = 0
        self.njev = 0
        self.latest: tuple[Array, float] | None = None

    @property
    def passes(self) -> int:
        """Passes over the data so far."""
        return self.sums.passes

    def use(self, loss: Loss) -> None:
        """Take another loss from here on; the predictions that are known remain so."""
        self._settle()
        self.loss = loss
        self.sums.use(loss)
        self._point = self._known_at = self._metric = None

    def value(self, x: Array) -> float:
        """Return the value at `x`."""
        if self._point is x and self.latest is not None:
            return self.latest[1]
        self._move_to(x)
        return self._evaluate(x, 0.0)

    def along(self, request: Value) -> float:
        """Return the value at a point of a ray, without a pass over the data when it is known."""
        origin, d = request.origin, request.d
        assert origin is not None
        assert d is not None
        self._move_to(origin)
        if self._d is not d:
            self.sums.aim(*self.coordinates.model(d))
            self._d = d
        return self._evaluate(request.x, float(request.s))

    def gradient(self, x: Array) -> Array:
        """Return the gradient at `x`."""
        if self._point is not x:
            self.value(x)
        if self._known_at is x:
            return self._g.copy()
        self.njev += 1
        products, sums = self.sums.adjoint()
        g = self.coordinates.gradient(products * self._scale, sums * self._scale)
        if self._ridge is not None:
            coef, _ = self.coordinates.model(x)
            scaled, _ = self.coordinates.split(g)
            scaled += self._ridge * coef / self.coordinates.sigma
        if self._memory is not None:
            _, slope = self._remembered(x)
            d = self.task.d
            past = self.coordinates.gradient(slope[:, :d], slope[:, d:].sum(axis=1))
            g += np.asarray(past * self._scale, g.dtype)
        self._known_at, self._g = x, g
        return g.copy()

    def probes(self, probes: Any) -> Array:
        """Refuse differences: the gradient is known."""
        raise ValueError(
            "gradient: an estimator knows its gradient; leave out the option of the method"
        )

    def curvature(self, request: Curvature) -> Metric | None:
        """Return the metric of a curvature estimate at the point asked for last."""
        if not self._full:
            return None
        if self._metric is not None and (self.loss.quadratic or self._metric_at is request.x):
            known = self._metric.on(request.free)
            if known is not None:
                return self._metric
        free = request.free
        if free is not None and self._metric is not None:
            free = free | self._metric.known
        if free is not None and np.count_nonzero(free) > MOST * free.size:
            # Faces change; the metric of all coordinates serves every one of them.
            free = None
        if not affordable(self.task, self.loss, free):
            return None
        # Where the loss is curved nearby alone, a wider version of it tells how to damp the steps.
        losses = [self.loss, self.sums.wider()] if self.loss.local else [self.loss]
        (blocks, *damping), positions = self.hessians(losses, free)
        self._metric = CholeskyMetric(blocks, positions, request.x.size, *damping)
        self._metric.cheap = cheap(self.task, self.loss, free)
        self._metric_at = request.x
        return self._metric

    def hessians(
        self, losses: Sequence[Loss], free: Array | None
    ) -> tuple[list[list[Array]], list[Array]]:
        """Return the blocks of the Hessians with some losses at the point evaluated last.

        Parameters
        ----------
        losses : sequence of Loss
            The losses.
        free : ndarray of bool, or None
            The coordinates that are asked for; None for all.

        Returns
        -------
        blocks : list of list of ndarray
            For each loss blocks as `skgd.metrics.CholeskyMetric` takes them.
        positions : list of ndarray
            Their positions.
        """
        sums, positions = self.sums.hessians(losses, self.coordinates, free)
        past = None
        if self._memory is not None and self._memory.full:
            past = self._memory.blocks_in(self.coordinates)
        return [self._mean(blocks, positions, past) for blocks in sums], positions

    def _mean(
        self, blocks: list[Array], positions: list[Array], past: list[Array] | None
    ) -> list[Array]:
        """Return the blocks of the mean, with memory and ridge, for those of the sum."""
        d = self.task.d
        width = d + self.task.fit_intercept
        for i, (block, position) in enumerate(zip(blocks, positions, strict=True)):
            if past is not None:
                chosen = position - (0 if len(past) < self.task.outputs else i * width)
                np.add(block, past[i][np.ix_(chosen, chosen)], out=block, casting="same_kind")
            np.multiply(block, self._scale, out=block)
            if self._ridge is not None:
                column = position % width
                real = np.flatnonzero(column < d)
                column = column[real]
                block[real, real] += self._ridge[column] / self.coordinates.sigma[column] ** 2
        return [block.astype(self.task.dtype, copy=False) for block in blocks]

    def _remembered(self, x: Array) -> tuple[float, Array]:
        """Return value and gradient of the memory, with respect to the coefficients."""
        assert self._memory is not None
        return self._memory.at(joined(*self.coordinates.model(x), self.task.fit_intercept))

    def exact(self, loss: Loss) -> tuple[float, float]:
        """Return what the exact loss is where a smooth version of it was evaluated last.

        Parameters
        ----------
        loss : Loss
            The exact loss.

        Returns
        -------
        value, gap : float
            The objective with the exact loss, and by how much at most that can be lowered if the
            objective with the smooth version is at its minimum.
        """
        assert self._point is not None
        value, gap = self.sums.exact(loss)
        if self._memory is not None:
            value += self._remembered(self._point)[0]
        return value * self._scale + self._ridge_value(self._point), gap * self._scale

    def _move_to(self, x: Array) -> None:
        """Make `x` the origin of the rays."""
        if self._origin is x:
            return
        if self._point is x and self._steps < REFRESH:
            self._settle()
        else:
            self.sums.move_to(*self.coordinates.model(x))
            self._steps = 0
        self._origin, self._d = x, None
        self._s = 0.0

    def _settle(self) -> None:
        """Move the origin to the point that was evaluated last."""
        if self._s and self._d is not None:
            self.sums.settle()
            self._steps += 1
        if self._point is not None:
            self._origin = self._point
        self._d, self._s = None, 0.0

    def _evaluate(self, x: Array, s: float) -> float:
        """Return the value at a point of the way."""
        self.nfev += 1
        self._point, self._s = x, s
        total = self.sums.evaluate(s)
        if self._memory is not None:
            total += self._remembered(x)[0]
        f = total * self._scale + self._ridge_value(x)
        self.latest = x, f
        return f

    def _ridge_value(self, x: Array) -> float:
        """Return the penalty of the squares."""
        if self._ridge is None:
            return 0.0
        coef, _ = self.coordinates.model(x)
        return 0.5 * float((self._ridge * np.square(coef, dtype=float)).sum())
