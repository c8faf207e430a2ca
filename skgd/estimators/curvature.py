r"""The curvature of a linear model's loss, estimated on some of its rows.

In the coordinates u the Hessian of the sum of the losses of output k is

.. math::

   H_k = \sum_i c_i\, \ell''(y_i, p_{ik})\, z_i z_i^T ,

with the centred and scaled features :math:`z_i`, and 1 for the intercept.  A sample of rows is
enough for a metric: what it misses, the spectral steps find out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.losses import Loss

from .coordinates import Coordinates
from .sampling import best_sample, coupled
from .task import Task

__all__ = ["further", "hessian_blocks"]

RAISED = 1e-6
"""By which share the diagonal of a singular Hessian is raised: enough to keep rounding small."""

CHUNK = 2**16
"""Numbers of the features that are centred and scaled at once."""

ENOUGH = 2
"""Rows with curvature for each column."""

WIDEN, WIDER = 4.0, 40
"""The factor by which the smoothing is widened, and how often."""

Predictions = Callable[[Any], Array]


def hessian_blocks(
    task: Task,
    loss: Loss,
    coordinates: Coordinates,
    free: Array | None,
    predictions: Predictions,
    sampled: bool = True,
) -> tuple[list[Array], list[Array]]:
    """Return the diagonal blocks of the Hessian, and the coordinates that their rows belong to.

    There is one block an output; a single one where the loss couples the outputs.

    Parameters
    ----------
    task : Task
        The data.
    loss : Loss
        Whose curvature is meant.
    coordinates : Coordinates
        The coordinates.
    free : ndarray of bool, or None
        The coordinates that the metric must know; None for all.
    predictions : callable
        The predictions of some rows, a slice or an array of positions.
    sampled : bool, default True
        Whether a sample of the rows will do.

    Returns
    -------
    blocks, positions : list of ndarray
        Matrices of shape (m, m), and positions of shape (m,).
    """
    width = task.X.shape[1] + task.fit_intercept
    wanted = np.ones(task.outputs * width, bool) if free is None else free
    columns = [np.flatnonzero(row) for row in wanted.reshape(task.outputs, width)]
    if coupled(loss):
        block = _coupled(task, loss, coordinates, columns, predictions, sampled)
        return [block], [np.flatnonzero(wanted)]
    blocks = [np.zeros((len(chosen), len(chosen))) for chosen in columns]
    most = max(len(chosen) for chosen in columns)
    rows, share = _sample(task, loss, predictions, most if sampled else None)
    for part in _chunks(rows, width):
        z = _features(task, coordinates, part)
        roots = np.sqrt(share * _weights(task, loss, predictions, part))
        for block, chosen, root in zip(blocks, columns, roots.T, strict=True):
            weighted = (z[:, chosen] if len(chosen) < width else z) * root[:, None]
            np.add(block, weighted.T @ weighted, out=block)
    return blocks, [chosen + k * width for k, chosen in enumerate(columns)]


def _coupled(
    task: Task,
    loss: Loss,
    coordinates: Coordinates,
    columns: list[Array],
    predictions: Predictions,
    sampled: bool,
) -> Array:
    r"""Return the Hessian of a multinomial loss, which couples its outputs.

    With the probabilities P its blocks are
    :math:`\sum_i c_i (P_{ik} \delta_{kl} - P_{ik} P_{il})\, z_i z_i^T`.  What all outputs have in
    common does not change the probabilities: there the matrix is singular, and raised a little.
    """
    starts = np.cumsum([0, *(len(chosen) for chosen in columns)])
    parts = [slice(a, b) for a, b in pairwise(starts.tolist())]
    width = parts[-1].stop
    hessian = np.zeros((width, width))
    rows, share = _sample(task, loss, predictions, width if sampled else None)
    for part in _chunks(rows, max(task.X.shape[1], width)):
        z = _features(task, coordinates, part)
        if task.weights is not None:
            z *= np.sqrt(task.weights[part])[:, None]
        probability = loss.probability(predictions(part))
        mixed = np.empty((len(part), width))
        for k, (own, chosen) in enumerate(zip(parts, columns, strict=True)):
            np.multiply(z[:, chosen], probability[:, k, None], out=mixed[:, own])
            hessian[own, own] += z[:, chosen].T @ mixed[:, own]
        hessian -= mixed.T @ mixed
    everywhere = np.arange(width)
    hessian[everywhere, everywhere] *= 1.0 + RAISED
    hessian *= share
    return hessian


def _sample(
    task: Task, loss: Loss, predictions: Predictions, width: int | None
) -> tuple[Any, float]:
    """Return rows that tell the curvature of some columns, and how many each of them stands for.

    All rows that have curvature are returned when `width` is None.
    """
    if loss.local:
        rows: Any = _curved_rows(task, loss, predictions)
    elif task.weights is not None:
        rows = np.flatnonzero(task.weights)
    else:
        rows = range(task.X.shape[0])
    if width is None or len(rows) == 0:
        return rows, 1.0
    size, _ = best_sample(task, loss, width, len(rows))
    if size >= len(rows):
        return rows, 1.0
    chosen = np.sort(np.random.default_rng(0).choice(len(rows), size, replace=False))
    return chosen if isinstance(rows, range) else rows[chosen], len(rows) / size


def _curved_rows(task: Task, loss: Loss, predictions: Predictions) -> Array:
    """Return the rows that have curvature: those near a kink."""
    rows = []
    # Half the memory of NumPy's own positions will do for any data that there are.
    small = np.int32 if task.X.shape[0] < 2**31 else np.int64
    for block in task.blocks():
        curved = loss.curvature(task.y[block], predictions(block)) > 0
        (near,) = np.nonzero(curved if curved.ndim == 1 else curved.any(axis=1))
        rows.append((block.start + near).astype(small))
    return np.concatenate(rows)


def further(task: Task, loss: Loss, predictions: Predictions) -> Loss:
    """Return a wider version of a smooth loss with kinks: one that is curved in some more rows.

    Where fewer rows are near a kink than there are columns, the Hessian says nothing about most
    directions, in which the objective is bent all the same as soon as a step meets the next kinks.
    """
    wanted = min(ENOUGH * task.X.shape[1], task.X.shape[0])
    factor = 1.0
    for _ in range(WIDER):
        factor *= WIDEN
        wide = loss.widened(factor)
        if len(_curved_rows(task, wide, predictions)) >= wanted:
            break
    return wide


def _chunks(rows: Any, width: int) -> Iterator[Array]:
    """Return the positions of rows, an array or a range, in pieces that stay in the cache."""
    step = max(1, CHUNK // max(width, 1))
    for start in range(0, len(rows), step):
        yield np.asarray(rows[start : start + step])


def _weights(task: Task, loss: Loss, predictions: Predictions, rows: Array) -> Array:
    """Return weight times curvature of some rows, of shape (m, K)."""
    curvature = loss.curvature(task.y[rows], predictions(rows)).reshape(len(rows), -1)
    curvature = np.maximum(np.nan_to_num(curvature, posinf=0.0), 0.0)
    if task.weights is not None:
        curvature *= task.weights[rows][:, None]
    return np.asarray(curvature)


def _features(task: Task, coordinates: Coordinates, rows: Array) -> Array:
    """Return the centred and scaled features of some rows, and the intercept's column.

    They are of double precision, of which sums of squares need twice as much as the data.
    """
    d = task.X.shape[1]
    part = task.X[rows]
    z = np.empty((len(rows), d + task.fit_intercept))
    np.subtract(part.toarray() if task.sparse else part, coordinates.centre, out=z[:, :d])
    z[:, :d] /= coordinates.sigma
    z[:, d:] = 1.0 / coordinates.sigma0
    return z
