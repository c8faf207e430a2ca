"""How many rows tell the curvature of a linear model, and whether that is worth its price."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skgd._rows import Array
from skgd.losses import Loss

if TYPE_CHECKING:
    from .task import LinearTask

__all__ = ["affordable", "best_sample", "cheap", "coupled"]

LARGEST = 3_000
"""Columns of the largest matrix that is factored."""

GATHER, MULTIPLY = 18.0, 0.3
"""What a row of the sample costs in terms of a row of a pass over the data: to fetch it, and to
multiply it with itself, times the columns (measured)."""

FACTOR = 0.1
"""The same for the Cholesky factor of w columns, times :math:`w^2` in terms of one row."""

OVERHEAD = 2e5
"""What is to be done in an iteration however few the data are, in numbers that could be read."""

ROWS_PER_COLUMN = (1.5, 2, 3, 5, 8, 12, 20, 50, 100, 200)
"""Sizes of the sample that are considered."""

RENEWALS = 2.0
"""How often a metric is asked for in a fit, about."""

DIGITS = 11.5
"""Natural logarithm of the accuracy that a fit reaches, about."""

EXACT, NEWTON = 3.0, 5.0
"""Iterations with the Hessian itself, of a quadratic and of any other function."""

WORTH = 400.0
"""Passes over the data that a metric may save, about: the fit is then known to be well conditioned.
"""


def affordable(task: LinearTask, loss: Loss, free: Array | None) -> bool:
    """Tell whether the metric of the free coordinates is worth its price."""
    width = _width(task, loss, free)
    if width > LARGEST:
        return False
    _, passes = best_sample(task, loss, width, task.n)
    return passes <= WORTH


def cheap(task: LinearTask, loss: Loss, free: Array | None) -> bool:
    """Tell whether the exact Hessian of the free coordinates costs no more than an iteration."""
    if loss.quadratic:
        return False
    n, width = task.n, _width(task, loss, free)
    rows, _ = best_sample(task, loss, width, n)
    return rows == n and _work(task, loss, n, width) <= 2.0 * _read(task, loss) + OVERHEAD


def _width(task: LinearTask, loss: Loss, free: Array | None) -> int:
    """Return the columns of the largest block."""
    d = task.d
    if coupled(loss):
        return d * task.outputs if free is None else int(np.count_nonzero(free))
    return d if free is None else int(free.reshape(task.outputs, -1).sum(axis=1).max())


def _read(task: LinearTask, loss: Loss) -> float:
    """Return the numbers that a pass over the data goes through."""
    return float(task.stored * (task.outputs if coupled(loss) else 1))


def _work(task: LinearTask, loss: Loss, rows: float, width: int) -> float:
    """Return what a metric from so many rows costs, in the same terms."""
    work = rows * (GATHER + MULTIPLY * width) * width + FACTOR * width**3
    return work if coupled(loss) else work * task.outputs


def coupled(loss: Loss) -> bool:
    """Tell whether the loss of an output depends on the other outputs of the row."""
    return loss.kind == "multiclass"


def best_sample(task: LinearTask, loss: Loss, width: int, most: int) -> tuple[int, float]:
    r"""Return the size of the sample, and the passes over the data that the fit will cost with it.

    With m rows for w columns the eigenvalues of the Hessian in the metric lie between
    :math:`(1 \pm \sqrt{w/m})^2` (Marchenko and Pastur 1967), and an iteration gains the factor
    :math:`\sqrt{w/m}`: many rows make the metric dear, few make the iterations many.  All rows
    give the Hessian itself, which is all that a quadratic function needs.

    Parameters
    ----------
    task : Task
        The data.
    loss : Loss
        The loss.
    width : int
        Columns.
    most : int
        Rows that there are to choose from.
    """
    read = _read(task, loss)
    width = max(width, 1)
    iteration = 2.0 * read + OVERHEAD
    best = most, math.inf
    for rows in [most, *(many * width for many in ROWS_PER_COLUMN)]:
        if rows > most:
            continue
        metric = _work(task, loss, rows, width) + OVERHEAD
        if rows == most:
            cost = metric + EXACT * iteration
            if not loss.quadratic:
                cost = RENEWALS * metric + NEWTON * iteration
        else:
            gain = -0.5 * math.log(min(width / rows, 0.5))
            cost = RENEWALS * metric + max(DIGITS / gain, NEWTON) * iteration
        if cost < best[1]:
            best = int(rows), cost
    return best[0], best[1] / (read + OVERHEAD)
