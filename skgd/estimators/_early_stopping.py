"""Stop when the loss on rows that were held out gets no better, and return the best model."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from skgd._rows import Array

from .task import Task

__all__ = ["EarlyStopping", "choose_rows"]

BLOCK = 8192
"""Rows that are looked at together, so that no copy of many rows is made."""


def choose_rows(
    n: int,
    fraction: float,
    rng: np.random.Generator,
    weights: Array | None = None,
    labels: Array | None = None,
) -> Array:
    """Choose the rows that are held out: a fraction of those that count, at random.

    Parameters
    ----------
    n : int
        Number of rows.
    fraction : float
        Fraction of them to hold out, in (0, 1).
    rng : numpy.random.Generator
        The source of chance.
    weights : ndarray, shape (n,), optional
        Weights; rows of weight zero are never chosen.
    labels : ndarray, shape (n,), optional
        Codes of classes, each of which gets its share.

    Returns
    -------
    ndarray of int
        The rows, sorted.

    Raises
    ------
    ValueError
        When no row is left for training, or none of some class.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.estimators._early_stopping import choose_rows
    >>> y = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    >>> y[choose_rows(8, 0.25, np.random.default_rng(0), labels=y)]
    array([0., 1.])
    """
    rows = np.arange(n) if weights is None else np.flatnonzero(weights)
    count = max(1, round(fraction * len(rows)))
    if count >= len(rows):
        raise ValueError(
            f"validation_fraction={fraction} leaves no row for training: n_samples = {len(rows)}; "
            "give more rows, or set early_stopping=False"
        )
    rng.shuffle(rows)
    if labels is not None:
        # A comb through the rows in the order of their classes takes each class's share.
        rows = rows[np.argsort(labels[rows], kind="stable")]
    teeth = ((np.arange(count) + rng.random()) * (len(rows) / count)).astype(np.intp)
    if labels is not None:
        left = np.delete(rows, teeth)
        if len(np.unique(labels[left])) < len(np.unique(labels[rows])):
            raise ValueError(
                "early_stopping leaves no row of some class for training; give at least two "
                "rows of each class and a smaller validation_fraction"
            )
    return np.sort(rows[teeth])


class EarlyStopping:
    """The loss on rows that are held out of one fit, and the best model so far.

    Parameters
    ----------
    task : Task
        All rows, with their weights.
    rows : ndarray of int
        The rows that are held out.
    patience : int
        Models without a better loss after which `update` says stop.

    Attributes
    ----------
    losses : list of float
        The weighted mean of the loss on the rows that are held out, for each model.
    best : tuple of ndarray, or None
        Coefficients (K, d) and intercepts (K,) of the best model.
    """

    def __init__(self, task: Task, rows: Array, patience: int) -> None:
        if task.sparse:
            # Rows are slow to find in a sparse matrix, and few numbers when they are found.
            task, rows = task.rows(rows), np.arange(len(rows))
        self._task = task
        self._rows = rows
        self._patience = patience
        self._waited = 0
        self.losses: list[float] = []
        self.best: tuple[Array, Array] | None = None

    def update(self, coef: Array, intercept: Array) -> bool:
        """Take in a model, and return whether it is time to stop."""
        lowest = min(self.losses, default=math.inf)
        self.losses.append(self._mean_loss(coef, intercept))
        if self.losses[-1] < lowest:
            self.best = coef.copy(), intercept.copy()
            self._waited = 0
        else:
            self._waited += 1
        return self._waited >= self._patience

    def _mean_loss(self, coef: Array, intercept: Array) -> float:
        total, size = 0.0, 0.0
        for part in self._parts():
            values = part.loss.value(part.y, part.margins(coef, intercept))
            values = values if values.ndim == 1 else values.sum(axis=1)
            total += float(values.sum() if part.weights is None else part.weights @ values)
            size += part.total
        return total / size

    def _parts(self) -> Iterator[Task]:
        for start in range(0, len(self._rows), BLOCK):
            yield self._task.rows(self._rows[start : start + BLOCK])
