r"""What a fit in parts remembers of the rows that it does not see any more.

The sum of their losses is kept as its quadratic model at the coefficients of the last fit,

.. math::

   q(\theta) = g\cdot(\theta - \theta_0) + \tfrac12 (\theta - \theta_0)\cdot H (\theta - \theta_0) ,

so that a part is fitted by the same descent, together with this memory of the parts before.  For
squared errors nothing is lost: parts give the fit of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.losses import Loss

from .coordinates import Coordinates, plain_coordinates
from .sampling import coupled
from .task import LinearTask

__all__ = ["Memory", "Past", "assumed", "remember"]

BAND = 0.3
"""The width in which the curvature of a loss with kinks is counted, in terms of the residuals."""

LARGEST = 2_000
"""Coefficients of an output, or of all if the loss couples them, whose Hessian is kept in full; of
more, its diagonal is."""


@dataclass(frozen=True, eq=False)
class Memory:
    """The quadratic model of the losses of rows that were seen.

    Parameters
    ----------
    weight : float
        Sum of their weights.
    model : ndarray, shape (K, w)
        The coefficients of each output, and its intercept, where the model was made.
    slope : ndarray, shape (K, w)
        The gradient there.
    blocks : list of ndarray
        The Hessian: one matrix an output, or a single one for all; its diagonal, of shape (K, w).
    full : bool
        Whether it is more than the diagonal.
    """

    weight: float
    model: Array
    slope: Array
    blocks: list[Array]
    full: bool

    def product(self, d: Array) -> Array:
        """Return the Hessian times a change of the model, of shape (K, w)."""
        if not self.full:
            return np.asarray(self.blocks[0] * d)
        if len(self.blocks) == len(d):
            return np.stack([block @ row for block, row in zip(self.blocks, d, strict=True)])
        return np.asarray((self.blocks[0] @ d.ravel()).reshape(d.shape))

    def at(self, model: Array) -> tuple[float, Array]:
        """Return value and gradient at a model of shape (K, w)."""
        d = model - self.model
        curved = self.product(d)
        return float(np.vdot(self.slope, d) + 0.5 * np.vdot(d, curved)), self.slope + curved

    def blocks_in(self, coordinates: Coordinates) -> list[Array]:
        """Return the Hessian in other coordinates, of a memory in full."""
        transform = _transform(coordinates)
        if len(self.blocks) == coordinates.outputs:
            return [transform.T @ block @ transform for block in self.blocks]
        outputs, width = self.model.shape
        block = self.blocks[0].reshape(outputs, width, outputs, width)
        block = np.einsum("ij,kilm,mn->kjln", transform, block, transform, optimize=True)
        return [block.reshape(outputs * width, outputs * width)]


@dataclass(frozen=True)
class Past:
    """What a whole fit leaves behind.

    Parameters
    ----------
    weight : float
        The sum of the weights of its rows.
    width : float
        The last width of the smoothing of a loss with kinks; 0 for others.
    """

    weight: float
    width: float


def assumed(past: Past, task: LinearTask, coef: Array, intercept: Array) -> Memory:
    """Return a memory of rows that nothing was remembered of but that a model fits them.

    At its minimum the slope of the loss and that of the penalty cancel; and the rows are taken to
    be like the new ones, of which the curvature is known.

    Parameters
    ----------
    past : Past
        The fit to these rows.
    task : LinearTask
        The new rows.
    coef : ndarray, shape (K, d)
        The coefficients that were fitted.
    intercept : ndarray, shape (K,)
        The intercepts.
    """
    alike = remember(None, task, coef, intercept)
    penalty = task.penalty
    slope = -past.weight * (penalty.ridge * coef + penalty.strength * np.sign(coef))
    share = past.weight / alike.weight
    return Memory(
        past.weight,
        alike.model,
        joined(slope, np.zeros(len(slope)), task.fit_intercept).astype(float),
        [share * block for block in alike.blocks],
        alike.full,
    )


def remember(memory: Memory | None, task: LinearTask, coef: Array, intercept: Array) -> Memory:
    """Return the memory with the rows of a task added, at the model that was fitted to both.

    Parameters
    ----------
    memory : Memory or None
        What was remembered before.
    task : LinearTask
        The rows.
    coef : ndarray, shape (K, d)
        Coefficients.
    intercept : ndarray, shape (K,)
        Intercepts.
    """
    model = joined(coef, intercept, task.fit_intercept).astype(float)
    loss, sums = task.loss, task.sums()
    sums.move_to(coef, intercept)
    sums.evaluate(0.0)
    slope = joined(*sums.adjoint(), task.fit_intercept).astype(float)
    if not loss.smooth:
        # The density of the residuals near the kinks, in a width that they themselves tell.
        loss = loss.smoothed(BAND * sums.width(loss))
    full = width_of(task, loss) <= LARGEST
    if full:
        (blocks,), _ = sums.hessians([loss], plain_coordinates(task), None, sampled=False)
    else:
        blocks = [joined(*sums.diagonal(loss), task.fit_intercept)]
    blocks = [block.astype(float) for block in blocks]
    weight = task.total
    if memory is not None:
        slope = slope + memory.at(model)[1]
        blocks = [new + old for new, old in zip(blocks, memory.blocks, strict=True)]
        weight += memory.weight
    return Memory(weight, model, slope, blocks, full)


def joined(coef: Array, intercept: Array, fit_intercept: bool) -> Array:
    """Return coefficients and intercepts as rows."""
    return np.hstack([coef, intercept[:, None]]) if fit_intercept else coef


def width_of(task: LinearTask, loss: Loss) -> int:
    """Return the size of the largest block of the Hessian."""
    width = task.d + task.fit_intercept
    return width * task.outputs if coupled(loss) else width


def _transform(coordinates: Coordinates) -> Any:
    """Return the matrix that turns the vector of one output into coefficients and intercept."""
    transform = np.diag(1.0 / coordinates.sigma.astype(float))
    if not coordinates.fit_intercept:
        return transform
    d = len(transform)
    whole = np.zeros((d + 1, d + 1))
    whole[:d, :d] = transform
    whole[d, :d] = -coordinates.centre / coordinates.sigma
    whole[d, d] = 1.0 / coordinates.sigma0
    return whole
