"""The objective of a linear model, which answers cheaply along rays and knows its curvature."""

from __future__ import annotations

from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.losses import Loss
from skgd.metrics import CholeskyMetric, Metric
from skgd.requests import Curvature, Value

from .coordinates import Coordinates
from .curvature import further, hessian_blocks
from .sampling import affordable, cheap
from .streaming import Memory, joined
from .task import Task

__all__ = ["LinearObjective"]

MOST = 0.5
"""The share of the coordinates above which a metric is made for all of them."""

REFRESH = 50
"""Steps after which the predictions are computed anew: adding up steps adds up rounding."""


class LinearObjective:
    r"""Weighted mean loss plus ridge penalty, in coordinates.

    The predictions at the iterate :math:`X u_k` and along the step :math:`X d_k` are kept, so that
    a line search costs no pass over the data, and an iteration two: one for :math:`X d_k`, one for
    :math:`X^T r`.  Beside the data it holds three arrays of the shape of the predictions.

    Parameters
    ----------
    task : Task
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
    passes : int
        Passes over the data so far.
    """

    def __init__(
        self,
        task: Task,
        coordinates: Coordinates,
        full: bool = True,
        memory: Memory | None = None,
    ) -> None:
        self.task = task
        self.loss: Loss = task.loss
        self.coordinates = coordinates
        self._full = full
        self._memory = memory
        self._scale = 1.0 / (task.total + (0.0 if memory is None else memory.weight))
        self._ridge = task.penalty.ridge if np.any(task.penalty.ridge) else None
        shape = (task.X.shape[0],) if task.outputs == 1 else (task.X.shape[0], task.outputs)
        self._r = np.empty(shape, task.dtype)
        self._p: Array | None = None
        self._q: Array | None = None
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
        self.passes = 0
        self.latest: tuple[Array, float] | None = None

    def use(self, loss: Loss) -> None:
        """Take another loss from here on; the predictions that are known remain so."""
        self.loss = loss
        self._settle()
        self._point = self._known_at = self._metric = None

    def value(self, x: Array) -> float:
        """Return the value at `x`."""
        self._move_to(x)
        return self._evaluate(x, 0.0)

    def along(self, request: Value) -> float:
        """Return the value at a point of a ray, without a pass over the data when it is known."""
        origin, d = request.origin, request.d
        assert origin is not None
        assert d is not None
        self._move_to(origin)
        if self._d is not d:
            self._q = self._predictions(d)
            self._d = d
        return self._evaluate(request.x, float(request.s))

    def gradient(self, x: Array) -> Array:
        """Return the gradient at `x`."""
        if self._point is not x:
            self.value(x)
        if self._known_at is x:
            return self._g.copy()
        self.njev += 1
        self.passes += 1
        products, sums = self.task.adjoint(self._r)
        g = self.coordinates.gradient(products * self._scale, sums * self._scale)
        if self._ridge is not None:
            coef, _ = self.coordinates.model(x)
            scaled, _ = self.coordinates.split(g)
            scaled += self._ridge * coef / self.coordinates.sigma
        if self._memory is not None:
            _, slope = self._remembered(x)
            d = self.task.X.shape[1]
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
        blocks, positions = self.hessian(self.loss, free)
        damping = None
        if self.loss.local:
            wide = further(self.task, self.loss, self.predictions)
            damping, _ = self.hessian(wide, free)
        self._metric = CholeskyMetric(blocks, positions, request.x.size, damping)
        self._metric.cheap = cheap(self.task, self.loss, free)
        self._metric_at = request.x
        return self._metric

    def hessian(self, loss: Loss, free: Array | None) -> tuple[list[Array], list[Array]]:
        """Return the blocks of the Hessian with some loss at the point evaluated last.

        Parameters
        ----------
        loss : Loss
            The loss.
        free : ndarray of bool, or None
            The coordinates that are asked for; None for all.

        Returns
        -------
        blocks, positions : list of ndarray
            As `skgd.metrics.CholeskyMetric` takes them.
        """
        blocks, positions = hessian_blocks(
            self.task, loss, self.coordinates, free, self.predictions
        )
        d = self.task.X.shape[1]
        width = d + self.task.fit_intercept
        past = None
        if self._memory is not None and self._memory.full:
            past = self._memory.blocks_in(self.coordinates)
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
        return [block.astype(self.task.dtype, copy=False) for block in blocks], positions

    def _remembered(self, x: Array) -> tuple[float, Array]:
        """Return value and gradient of the memory, with respect to the coefficients."""
        assert self._memory is not None
        return self._memory.at(joined(*self.coordinates.model(x), self.task.fit_intercept))

    def predictions(self, rows: Any) -> Array:
        """Return the predictions of some rows at the point that was evaluated last."""
        assert self._p is not None
        p: Array = self._p[rows]
        if self._s and self._q is not None:
            p = p + np.asarray(self._s, self.task.dtype) * self._q[rows]
        return p

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
        task = self.task
        value = gap = 0.0
        for block in task.blocks():
            y, p = task.y[block], self.predictions(block)
            exact = loss.value(y, p)
            touching = self.loss.touching(y, p)
            below = exact - loss.value(y, touching) - self.loss.derivative(y, p) * (p - touching)
            value += self._weighted(exact, block)
            gap += self._weighted(below, block)
        assert self._point is not None
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
            self._p = self._predictions(x)
            self._steps = 0
        self._origin, self._d = x, None
        self._s = 0.0

    def _settle(self) -> None:
        """Move the origin to the point that was evaluated last."""
        if self._s and self._p is not None and self._q is not None:
            for block in self.task.blocks():
                self._p[block] += np.asarray(self._s, self.task.dtype) * self._q[block]
            self._steps += 1
        if self._point is not None:
            self._origin = self._point
        self._d, self._s = None, 0.0

    def _predictions(self, u: Array) -> Array:
        """Return the predictions of the model; one pass over the data."""
        self.passes += 1
        return self.task.margins(*self.coordinates.model(u))

    def _evaluate(self, x: Array, s: float) -> float:
        """Return the value at the predictions ``p + s q``, and keep the derivatives there."""
        self.nfev += 1
        self._point, self._s = x, s
        total = 0.0
        for block in self.task.blocks():
            y, p = self.task.y[block], self.predictions(block)
            values, self._r[block] = self.loss.value_and_derivative(y, p)
            total += self._weighted(values, block)
            if self.task.weights is not None:
                _weigh(self._r[block], self.task.weights[block])
        if self._memory is not None:
            total += self._remembered(x)[0]
        f = total * self._scale + self._ridge_value(x)
        self.latest = x, f
        return f

    def _weighted(self, values: Array, block: slice) -> float:
        """Return the weighted sum of the losses of some rows."""
        if self.task.weights is None:
            return float(values.sum(dtype=float))
        _weigh(values, self.task.weights[block])
        return float(values.sum(dtype=float))

    def _ridge_value(self, x: Array) -> float:
        """Return the penalty of the squares."""
        if self._ridge is None:
            return 0.0
        coef, _ = self.coordinates.model(x)
        return 0.5 * float((self._ridge * np.square(coef, dtype=float)).sum())


def _weigh(quantities: Array, weights: Array) -> None:
    """Multiply a quantity of each row by the row's weight, in place.

    A row of weight zero does not count, even if its loss has overflowed.
    """
    factors = weights.reshape(-1, *(1,) * (quantities.ndim - 1))
    with np.errstate(invalid="ignore", over="ignore"):
        quantities *= factors
    quantities[weights == 0] = 0
