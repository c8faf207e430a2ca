"""A few targets that stand for those of all rows, which tell a fit where to begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skgd._rows import Array
from skgd.losses import Gamma, Loss, Poisson, SquaredError, Tweedie

from .moments import some_rows

if TYPE_CHECKING:
    from .task import Task

__all__ = ["SAMPLE", "Targets", "by_class", "by_mean", "targets_of"]

SAMPLE = 16_384
"""Rows that stand for all where their targets differ from row to row."""

MEANS = (SquaredError, Poisson, Gamma, Tweedie)
"""Losses whose best constant, and the mean curvature there, the mean of the targets tells."""


@dataclass(frozen=True, eq=False)
class Targets:
    """Targets with weights, for each output or, where the loss couples them, for all together.

    Parameters
    ----------
    y : sequence of ndarray, shape (m,)
        The targets.
    weights : sequence of ndarray of shape (m,), or of None
        Their weights; None for equal ones.
    """

    y: Sequence[Array]
    weights: Sequence[Array | None]

    def constant(self, loss: Loss) -> Array:
        """Return the best constant predictions, of shape (K,)."""
        pairs = zip(self.y, self.weights, strict=True)
        return np.concatenate([np.atleast_1d(loss.constant(y, c)) for y, c in pairs])

    def rows(self, constant: Array, loss: Loss) -> tuple[Array, Array, Array | None]:
        """Return targets, constant predictions and weights, those of all outputs one below another.

        Parameters
        ----------
        constant : ndarray, shape (K,)
            The predictions.
        loss : Loss
            The loss; where it couples the outputs, predictions have shape (m, K).
        """
        y = np.concatenate(self.y)
        given = [column for column in self.weights if column is not None]
        weights = np.concatenate(given) if given else None
        if loss.kind == "multiclass":
            return y, np.tile(constant, (len(y), 1)), weights
        return y, np.repeat(constant, [len(column) for column in self.y]), weights


def by_mean(loss: Loss) -> bool:
    """Tell whether the mean of the targets tells all that is asked for."""
    return isinstance(loss, MEANS)


def by_class(loss: Loss) -> bool:
    """Tell whether the targets are classes, of which the weights tell all that is asked for."""
    return loss.kind != "regression"


def targets_of(task: Task) -> Targets:
    """Return targets that stand for those of all rows of a task."""
    y, weights, loss = task.y, task.weights, task.loss
    if by_class(loss):
        return classes(class_totals(y, weights, loss, task.outputs), loss, task.dtype)
    if by_mean(loss):
        mean = np.average(y, axis=0, weights=weights) if weights is not None else _mean(y)
        return means(mean, task.dtype)
    rows = some_rows(task, SAMPLE)
    return sample(y[rows], None if weights is None else weights[rows])


def class_totals(y: Array, weights: Array | None, loss: Loss, outputs: int) -> Array:
    """Return the weights of the classes, of shape (1, K); of -1 and +1 for each output, (K, 2)."""
    if loss.kind == "multiclass":
        return np.bincount(y.astype(np.intp), weights, minlength=outputs)[None, :]
    columns = (y > 0).reshape(len(y), -1).astype(np.intp).T
    return np.stack([np.bincount(column, weights, minlength=2) for column in columns])


def classes(totals: Array, loss: Loss, dtype: Any) -> Targets:
    """Return each class that occurs, with its weight."""
    codes = np.arange(totals.shape[1]) if loss.kind == "multiclass" else np.array([-1, 1])
    there = totals > 0
    return Targets(
        [codes[found].astype(dtype) for found in there],
        [row[found].astype(float) for row, found in zip(totals, there, strict=True)],
    )


def means(mean: Array, dtype: Any) -> Targets:
    """Return the means of the outputs."""
    mean = np.atleast_1d(mean).astype(dtype)
    return Targets([mean[k : k + 1] for k in range(len(mean))], [None] * len(mean))


def sample(y: Array, weights: Array | None) -> Targets:
    """Return the targets of some rows."""
    columns = list(y.reshape(len(y), -1).T)
    return Targets(columns, [weights] * len(columns))


def _mean(y: Array) -> Array:
    return np.asarray(np.mean(y, axis=0, dtype=float))
