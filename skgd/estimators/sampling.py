"""How many rows tell the curvature of a linear model, and whether that is worth its price."""

from __future__ import annotations

import math

import numpy as np

from skgd._rows import Array
from skgd.losses import Loss

from .task import Task

__all__ = ["affordable", "best_sample", "coupled"]

LARGEST = 3_000
"""Columns of the largest matrix that is factored."""

GATHER, MULTIPLY = 18.0, 0.3
"""What a row of the sample costs in terms of a row of a pass over the data: to fetch it, and to
multiply it with itself, times the columns (measured)."""

FACTOR = 0.1
"""The same for the Cholesky factor of w columns, times :math:`w^2` in terms of one row."""

RENEWALS = 2.0
"""How often a metric is asked for in a fit, about."""

DIGITS = 11.5
"""Natural logarithm of the accuracy that a fit reaches, about."""

EXACT, NEWTON = 3.0, 5.0
"""Iterations with the Hessian itself, of a quadratic and of any other function."""

WORTH = 400.0
"""Passes over the data that a metric may save, about: the fit is then known to be well conditioned.
"""


def affordable(task: Task, loss: Loss, free: Array | None) -> bool:
    """Tell whether the metric of the free coordinates is worth its price."""
    n, d = task.X.shape
    if coupled(loss):
        width = d * task.outputs if free is None else int(np.count_nonzero(free))
    else:
        width = d if free is None else int(free.reshape(task.outputs, -1).sum(axis=1).max())
    if width > LARGEST:
        return False
    _, passes = best_sample(task, loss, width, n)
    return passes <= WORTH


def coupled(loss: Loss) -> bool:
    """Tell whether the loss of an output depends on the other outputs of the row."""
    return loss.kind == "multiclass"


def best_sample(task: Task, loss: Loss, width: int, most: int) -> tuple[int, float]:
    r"""Return the size of the sample, and the passes over the data that the fit will cost with it.

    With m rows for w columns the eigenvalues of the Hessian in the metric lie between
    :math:`(1 \pm \sqrt{w/m})^2` (Marchenko and Pastur 1967), and an iteration gains the factor
    :math:`\sqrt{w/m}`: many rows make the metric dear, few make the iterations many.  All rows
    give the Hessian itself, which is all that a quadratic function needs.
    """
    n, d = task.X.shape
    read = (task.X.nnz if task.sparse else n * d) * (task.outputs if coupled(loss) else 1)
    blocks = 1 if coupled(loss) else task.outputs
    width = max(width, 1)
    best = most, math.inf
    for rows in [most, *(int(many * width) for many in (1.5, 2, 3, 5, 8, 12, 20, 50, 100, 200))]:
        if rows > most:
            continue
        work = rows * (GATHER + MULTIPLY * width) * width + FACTOR * width**3
        metric = work * blocks / max(read, 1)
        if rows == n and loss.quadratic:
            passes = metric + 2.0 * EXACT
        else:
            gain = -0.5 * math.log(min(width / rows, 0.5))
            passes = RENEWALS * metric + 2.0 * max(DIGITS / gain, NEWTON)
        if passes < best[1]:
            best = rows, passes
    return best
