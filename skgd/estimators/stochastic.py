"""Mini-batches: the same descent, whose objective shows other rows each time it is asked."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.losses import Loss
from skgd.metrics import CholeskyMetric, Metric
from skgd.progress import Progress
from skgd.requests import Curvature, Value

from .coordinates import Coordinates
from .objective import LinearObjective
from .recipe import How
from .sampling import affordable
from .task import Task
from .watch import Watcher

__all__ = ["BatchObjective", "Epochs"]

SAMPLE = 8_192
"""Rows that the metric is estimated on."""

CAUTION = 0.1
"""The share of the Hessian at the start."""

POWERS = 20
"""Products with the Hessian that tell its largest eigenvalue."""

PATIENCE = 5
"""Epochs without progress after which a fit has converged."""

SHRINK, SMOOTHING = 0.3, 1e-3
"""The factor between the widths of smoothing of two epochs, and the share of the first width that
is left in the end."""


class BatchObjective:
    """The objective on one batch of rows after the other.

    Batches are contiguous rows, in an order that is drawn anew for each epoch: data in a file are
    read as they lie there.  Rows of data in memory are drawn one by one.

    Parameters
    ----------
    task : Task
        The data.
    coordinates : Coordinates
        The coordinates.
    batch : int
        Rows of a batch.
    rng : numpy.random.Generator
        The source of chance.
    origin : ndarray
        The model without features.
    full : bool
        Whether to offer a metric.
    """

    def __init__(
        self,
        task: Task,
        coordinates: Coordinates,
        batch: int,
        rng: np.random.Generator,
        origin: Array,
        full: bool,
    ) -> None:
        self.task, self.coordinates = task, coordinates
        self.loss: Loss = task.loss
        self._metric_loss: Loss | None = None
        self.batch = batch
        self.count = max(1, math.ceil(task.n / batch))
        self.values: list[float] = []
        self.nfev = 0
        self.njev = 0
        self.latest: tuple[Array, float] | None = None
        self._origin = origin
        self._full = full
        self._rng = rng
        self._scattered = not isinstance(base_of(task.X), np.memmap)
        self._order: list[Any] = []
        self._objective: LinearObjective | None = None

    def use(self, loss: Loss) -> None:
        """Take another loss from here on; the metric remains that of the first one."""
        self.loss = loss
        self._metric_loss = self._metric_loss or loss

    def value(self, x: Array) -> float:
        """Return the value on the next batch."""
        self.nfev += 1
        self._objective = LinearObjective(self._next(), self.coordinates, full=False)
        self._objective.use(self.loss)
        f = self._objective.value(x)
        self.values.append(f)
        self.latest = x, f
        return f

    def along(self, request: Value) -> float:
        """Return the value at a trial point, on the batch of the iterate."""
        assert self._objective is not None
        self.nfev += 1
        return self._objective.along(request)

    def gradient(self, x: Array) -> Array:
        """Return the gradient on the batch whose value was asked for last."""
        assert self._objective is not None
        self.njev += 1
        return self._objective.gradient(x)

    def probes(self, probes: Any) -> Array:
        """Refuse differences, as `LinearObjective` does."""
        assert self._objective is not None
        return self._objective.probes(probes)

    def curvature(self, request: Curvature) -> Metric | None:
        """Return a metric from rows of the whole data.

        Far out, where predictions are certain, the Hessian is nearly zero, and the gradient of
        another batch is not: so a share of the Hessian at the start is added.
        """
        free = request.free
        # Less smooth versions of a loss with kinks are curved in too few rows.
        loss = self._metric_loss or self.loss
        sample = LinearObjective(self.task.rows(self._sample()), self.coordinates)
        if not self._full or not affordable(sample.task, loss, free):
            return None
        sample.use(loss)
        sample.value(request.x)
        (here,), positions = sample.hessians([loss], free)
        if loss.quadratic:
            return CholeskyMetric(here, positions, request.x.size)
        sample.value(self._origin)
        (first,), _ = sample.hessians([loss], free)
        return CholeskyMetric(here, positions, request.x.size, first).damped(CAUTION)

    def steepness(self) -> float | None:
        """Return the largest curvature at the start, by the power method; None in a metric."""
        loss = self._metric_loss or self.loss
        task = self.task.rows(self._sample())
        if self._full and affordable(task, loss, None):
            return None
        origin = task.margins(*self.coordinates.model(self._origin))
        curvature = np.maximum(np.nan_to_num(loss.curvature(task.y, origin)), 0.0) / task.total
        if task.weights is not None:
            curvature *= task.weights if task.outputs == 1 else task.weights[:, None]
        v = np.random.default_rng(0).standard_normal(self._origin.size).astype(task.dtype)
        size = 0.0
        for _ in range(POWERS):
            v /= max(float(np.linalg.norm(v)), np.finfo(v.dtype).tiny)
            r = curvature * task.margins(*self.coordinates.model(v))
            v = self.coordinates.gradient(*task.adjoint(r.astype(task.dtype, copy=False)))
            size = float(np.linalg.norm(v))
        return size

    def epoch_value(self) -> float:
        """Return the mean of the values since the last call."""
        mean = float(np.mean(self.values)) if self.values else math.nan
        self.values.clear()
        return mean

    def _sample(self) -> Any:
        n = self.task.n
        if n <= SAMPLE:
            return slice(None)
        if not self._scattered:
            # Some stretches of rows, read as they lie in the file.
            starts = np.sort(self._rng.choice(n // 256, SAMPLE // 256, replace=False)) * 256
            return (starts[:, None] + np.arange(256)).ravel()
        return np.sort(self._rng.choice(n, SAMPLE, replace=False))

    def _next(self) -> Task:
        """Return the task on the next batch."""
        n = self.task.n
        if not self._order:
            # Of equal size: a batch of a few rows that are left over would know nothing.
            ends = np.linspace(0, n, self.count + 1).round().astype(int)
            if self._scattered:
                self._order = np.split(self._rng.permutation(n), ends[1:-1])
            else:
                self._order = [
                    slice(ends[i], ends[i + 1]) for i in self._rng.permutation(self.count)
                ]
        return self.task.rows(self._order.pop())


def base_of(array: Any) -> Any:
    """Return the array that owns the memory of a view."""
    while not isinstance(array, np.memmap) and isinstance(getattr(array, "base", None), np.ndarray):
        array = array.base
    return array


class Epochs:
    """Report whole epochs to the watcher, and tell when they bring no more."""

    wanted = True

    def __init__(self, objective: BatchObjective, watcher: Watcher, loss: Loss, how: How) -> None:
        self._objective = objective
        self._watcher = watcher
        self._loss = loss
        self._how = how
        self._width = self._least = 0.0
        self._best = math.inf
        self._waited = 0
        self.settled = False

    def smooth(self, width: float) -> None:
        """Smooth a loss with kinks, less in each epoch."""
        self._width = width
        self._least = width * SMOOTHING
        self._objective.use(self._loss.smoothed(width))

    def __call__(self, run: Progress) -> None:
        """Take in an iteration; act at the end of an epoch."""
        if not run.k or run.k % self._objective.count:
            return
        value = self._objective.epoch_value()
        if self._width > self._least:
            # Objectives of different smoothing cannot be compared.
            self._best, self._waited = math.inf, 0
            self._width = max(self._least, SHRINK * self._width)
            self._objective.use(self._loss.smoothed(self._width))
        self._watcher.note(value, run.x, run.gnorm)
        better = value < self._best - self._how.tol * abs(self._best)
        self._waited = 0 if better or self._best == math.inf else self._waited + 1
        self._best = min(self._best, value)
        if self._waited >= PATIENCE:
            self.settled = True
            raise StopIteration

    def columns(self, run: Progress) -> None:
        """Return no history."""

    def vectors(self) -> None:
        """Return no iterates."""

    def close(self, result: Any) -> None:
        """Do nothing at the end."""
