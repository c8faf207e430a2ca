"""What the workers do: a block of rows, and its share of each sum."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.estimators.coordinates import Coordinates
from skgd.estimators.curvature import candidates, curved_rows, hessian_blocks
from skgd.estimators.moments import deviations
from skgd.estimators.sums import RowSums
from skgd.estimators.targets import class_totals
from skgd.estimators.task import Task
from skgd.losses import Loss

from .blocks import Apart

__all__ = ["Model", "Part", "Place"]


@dataclass(frozen=True, eq=False)
class Model:
    """Coefficients, or a change of them, and the number by which workers know them again."""

    key: int
    coef: Array
    intercept: Array


@dataclass(frozen=True, eq=False)
class Place:
    """Where predictions are asked for: all that a worker needs that has forgotten everything.

    Attributes
    ----------
    origin : Model
        The origin.
    before : tuple of int, int and float, or None
        Of what the origin is the end: the keys of an origin and a way, and how far it was gone.
    way : Model or None
        The way from the origin.
    s : float
        How far it is gone.
    """

    origin: Model
    before: tuple[int, int, float] | None = None
    way: Model | None = None
    s: float = 0.0


class Part:
    """The rows of a block, and the predictions that were asked for last.

    The predictions are kept as long as the block stays in the memory of its worker.  They are left
    behind when the block is moved, or made anew because its worker has died; all that is asked
    tells how to find them again.

    Parameters
    ----------
    task : Task
        The task on these rows alone.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self._sums: RowSums | None = None
        self._origin: int | None = None
        self._way: int | None = None

    def __getstate__(self) -> Any:
        return {"task": self.task, "_sums": None, "_origin": None, "_way": None}

    def __sizeof__(self) -> int:
        task = self.task
        predictions = 3 * task.n * task.outputs * task.dtype.itemsize
        return size_of(task.X) + size_of(task.y) + size_of(task.weights) + int(predictions)

    def at(self, place: Place) -> RowSums:
        """Return the sums at a place."""
        sums = self._sums = self._sums or RowSums(self.task)
        origin, way = place.origin, place.way
        if self._origin != origin.key:
            gone = place.before is not None and place.before[:2] == (self._origin, self._way)
            # Whoever is interrupted here has forgotten where it was.
            self._origin = self._way = None
            if gone and place.before is not None:
                sums.stand(place.before[2])
                sums.settle()
            else:
                sums.move_to(origin.coef, origin.intercept)
            self._origin = origin.key
        if way is not None and self._way != way.key:
            self._way = None
            sums.aim(way.coef, way.intercept)
            self._way = way.key
        sums.stand(place.s)
        return sums

    def counted(self, chosen: Array | None) -> Any:
        """Return the rows of positive weight at the chosen places among them."""
        weights = self.task.weights
        rows = range(self.task.n) if weights is None else np.flatnonzero(weights)
        rows = RowSums.among(rows, chosen)
        return slice(None) if isinstance(rows, range) else rows


def size_of(array: Any) -> int:
    """Return the bytes of an array or sparse matrix, 0 for None."""
    if array is None:
        return 0
    if isinstance(array, np.ndarray):
        return array.nbytes
    try:
        return int(array.data.nbytes + array.indices.nbytes + array.indptr.nbytes)
    except AttributeError:
        return sys.getsizeof(array)


def evaluate(
    part: Part,
    place: Place,
    steps: tuple[float, ...],
    loss: Loss,
    exact: Loss | None,
    factors: tuple[float, ...],
) -> tuple[Any, ...]:
    """Return all that a descent may want to know of some points of a way.

    Parameters
    ----------
    part : Part
        The block.
    place : Place
        The first of the points.
    steps : tuple of float
        How far the way is gone to each of them.
    loss : Loss
        The loss.
    exact : Loss or None
        The loss of which it is a smooth version; None for none.
    factors : tuple of float
        How much wider the smoothing may be.

    Returns
    -------
    tuple
        The sum of the losses at all points; at the first one the derivatives by coefficients and
        intercepts, the sum of the exact loss and its gap, and the number of rows that are curved
        with each width of the smoothing.
    """
    sums = part.at(place)
    sums.use(loss)
    # The first one last: its derivatives are the ones that are kept.
    values = np.array([sums.evaluate(s) for s in reversed(steps)][::-1])
    # Of a point so far out that values overflow nobody will ask for the derivatives.
    with np.errstate(over="ignore", invalid="ignore"):
        products, totals = sums.adjoint()
    real = None if exact is None else np.array(sums.exact(exact))
    return values, products, totals, real, Apart([curved(sums, loss, factors)])


def exact_sum(part: Part, place: Place, loss: Loss, exact: Loss) -> Array:
    """Return the sum of the exact loss and its gap."""
    sums = part.at(place)
    sums.use(loss)
    return np.array(sums.exact(exact))


def curved(sums: RowSums, loss: Loss, factors: tuple[float, ...]) -> list[int]:
    """Return the number of rows that are curved with each width of the smoothing."""
    return [
        len(curved_rows(sums.task, loss.widened(factor), sums.predictions)) for factor in factors
    ]


def curved_counts(part: Part, place: Place, loss: Loss, factors: tuple[float, ...]) -> list[int]:
    """Return what `curved` does at a place."""
    return curved(part.at(place), loss, factors)


def hessian_sums(
    part: Part,
    place: Place,
    losses: Sequence[Loss],
    coordinates: Coordinates,
    free: Array | None,
    shares: Sequence[float],
    chosen: Sequence[Array | None],
) -> list[list[Array]]:
    """Return the blocks of Hessians, from the chosen ones of the rows that may be curved."""
    sums, blocks = part.at(place), []
    for loss, share, places in zip(losses, shares, chosen, strict=True):
        rows = RowSums.among(candidates(part.task, loss, sums.predictions), places)
        blocks.append(
            hessian_blocks(part.task, loss, coordinates, free, sums.predictions, rows, share)
        )
    return blocks


def diagonal_sum(part: Part, place: Place, loss: Loss) -> tuple[Array, Array]:
    """Return the diagonal of the Hessian."""
    return part.at(place).diagonal(loss)


def fitted_rows(part: Part, place: Place, chosen: Array | None) -> tuple[Any, ...]:
    """Return targets, predictions and weights of the chosen rows."""
    rows, task = part.counted(chosen), part.task
    weights = None if task.weights is None else task.weights[rows]
    return task.y[rows], part.at(place).predictions(rows), weights


def chosen_targets(part: Part, chosen: Array | None) -> tuple[Any, ...]:
    """Return targets and weights of the chosen rows."""
    rows, task = part.counted(chosen), part.task
    return task.y[rows], None if task.weights is None else task.weights[rows]


def target_sum(part: Part) -> Array:
    """Return the weighted sum of the targets of each output."""
    y = part.task.y.reshape(part.task.n, -1).astype(float, copy=False)
    weights = part.task.weights
    return np.asarray(y.sum(axis=0) if weights is None else weights.astype(float) @ y)


def class_sum(part: Part) -> Array:
    """Return the weights of the classes."""
    task = part.task
    return class_totals(task.y, task.weights, task.loss, task.outputs)


def column_sums(part: Part, columns: Any, chosen: Array | None) -> tuple[float, Array]:
    """Return the sum of the weights and of some columns over the chosen rows."""
    task, rows = part.task, part.counted(chosen)
    sample = task.X[rows][:, columns].astype(float, copy=False)
    weights = np.ones(len(sample)) if task.weights is None else task.weights[rows].astype(float)
    return weights.sum(), weights @ sample


def sparse_sums(part: Part) -> tuple[Array, Array]:
    """Return the weighted sums of all columns and of their squares."""
    X, weights = part.task.X, part.task.weights
    each = np.ones(part.task.n) if weights is None else weights.astype(float)
    return X.T @ each, X.multiply(X).T @ each


def deviation_sums(
    part: Part, columns: Any, mean: Array, centred: bool, chosen: Array | None
) -> Array:
    """Return the weighted sums of the squared deviations of some columns over chosen rows."""
    task, rows = part.task, part.counted(chosen)
    squares = deviations(task.X[rows][:, columns], mean, centred)
    weights = task.weights
    if weights is None:
        return np.asarray(squares.sum(axis=0))
    return np.asarray(weights[rows].astype(float) @ squares)


def first_row(part: Part, columns: Array) -> Array:
    """Return some entries of the first row that counts; zeros where there is none."""
    weights = part.task.weights
    row = 0 if weights is None else int(np.argmax(weights > 0))
    return np.asarray(part.task.X[row, columns], float)


def output_of(part: Part, k: int) -> Part:
    """Return the block with one output alone."""
    return Part(part.task.output(k))
