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
from typing import TYPE_CHECKING, Any

import numpy as np

from skgd._rows import Array
from skgd.losses import Loss

from .coordinates import Coordinates
from .sampling import best_sample, coupled

if TYPE_CHECKING:
    from .task import LinearTask, Task

__all__ = [
    "candidates",
    "curved_rows",
    "draw",
    "hessian_blocks",
    "positions_of",
    "wide_enough",
    "widenings",
]

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
    rows: Any,
    share: float = 1.0,
) -> list[Array]:
    """Return the diagonal blocks of the Hessian of a sum over rows.

    There is one block an output, of shape (m, m); a single one where the loss couples the outputs.

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
    rows : ndarray of int or range
        The rows to sum over.
    share : float, default 1
        How many rows each of them stands for.
    """
    width = task.d + task.fit_intercept
    columns = _columns(task, free)
    if coupled(loss):
        block = _coupled(task, loss, coordinates, columns, predictions, rows)
        block *= share
        return [block]
    blocks = [np.zeros((len(chosen), len(chosen))) for chosen in columns]
    for part in _chunks(rows, width):
        z = _features(task, coordinates, part)
        roots = np.sqrt(share * _weights(task, loss, predictions, part))
        for block, chosen, root in zip(blocks, columns, roots.T, strict=True):
            weighted = (z[:, chosen] if len(chosen) < width else z) * root[:, None]
            np.add(block, weighted.T @ weighted, out=block)
    return blocks


def positions_of(task: LinearTask, loss: Loss, free: Array | None) -> list[Array]:
    """Return the coordinates that the rows of each block of the Hessian belong to."""
    width = task.d + task.fit_intercept
    positions = [chosen + k * width for k, chosen in enumerate(_columns(task, free))]
    return [np.concatenate(positions)] if coupled(loss) else positions


def _columns(task: LinearTask, free: Array | None) -> list[Array]:
    """Return the columns of each output that are free, the intercept's included."""
    width = task.d + task.fit_intercept
    wanted = np.ones(task.outputs * width, bool) if free is None else free
    return [np.flatnonzero(row) for row in wanted.reshape(task.outputs, width)]


def _coupled(
    task: Task,
    loss: Loss,
    coordinates: Coordinates,
    columns: list[Array],
    predictions: Predictions,
    rows: Any,
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
    for part in _chunks(rows, max(task.d, width)):
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
    return hessian


def candidates(task: Task, loss: Loss, predictions: Predictions) -> Any:
    """Return the rows that may have curvature: an array of positions, or a range."""
    if loss.local:
        return curved_rows(task, loss, predictions)
    return range(task.n) if task.weights is None else np.flatnonzero(task.weights)


def draw(
    task: LinearTask, loss: Loss, free: Array | None, count: int
) -> tuple[Array | None, float]:
    """Choose among the rows that may have curvature as many as tell it.

    Parameters
    ----------
    task : LinearTask
        The data.
    loss : Loss
        The loss.
    free : ndarray of bool, or None
        The coordinates that are asked for; None for all.
    count : int
        The number of rows that may have curvature.

    Returns
    -------
    chosen : ndarray of int, or None
        Positions among these rows, ascending; None for all of them.
    share : float
        How many rows each of them stands for.
    """
    sizes = [len(chosen) for chosen in _columns(task, free)]
    width = sum(sizes) if coupled(loss) else max(sizes)
    size = count if count == 0 else best_sample(task, loss, width, count)[0]
    if size >= count:
        return None, 1.0
    return np.sort(np.random.default_rng(0).choice(count, size, replace=False)), count / size


def curved_rows(task: Task, loss: Loss, predictions: Predictions) -> Array:
    """Return the rows that have curvature: those near a kink."""
    # Half the memory of NumPy's own positions will do for any data that there are.
    small = np.int32 if task.n < 2**31 else np.int64
    rows = [np.empty(0, small)]
    for block in task.blocks():
        curved = loss.curvature(task.y[block], predictions(block)) > 0
        (near,) = np.nonzero(curved if curved.ndim == 1 else curved.any(axis=1))
        rows.append((block.start + near).astype(small))
    return np.concatenate(rows)


def widenings() -> Iterator[float]:
    """Return factors by which the smoothing of a loss with kinks may be widened, ascending."""
    factor = 1.0
    for _ in range(WIDER):
        factor *= WIDEN
        yield factor


def wide_enough(task: LinearTask, count: int) -> bool:
    """Tell whether a version of a smooth loss with kinks is curved in enough rows.

    Where fewer rows are near a kink than there are columns, the Hessian says nothing about most
    directions, in which the objective is bent all the same as soon as a step meets the next kinks.
    """
    return count >= min(ENOUGH * task.d, task.n)


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
    d = task.d
    part = task.X[rows]
    z = np.empty((len(rows), d + task.fit_intercept))
    np.subtract(part.toarray() if task.sparse else part, coordinates.centre, out=z[:, :d])
    z[:, :d] /= coordinates.sigma
    z[:, d:] = 1.0 / coordinates.sigma0
    return z
