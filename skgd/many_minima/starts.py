"""A given number of starts, each descended to the end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from skgd._rows import Array

from .explorer import Explorer
from .minima import Record
from .sequence import Sequence

__all__ = ["from_many_starts"]

BLOCK = 2**17
"""Numbers in one batch: its arrays stay in the cache, and there are few batches."""

ITERATIONS = 40
"""Iterations that a descent takes, for the size of batches that a budget allows."""


def from_many_starts(
    explorer: Explorer,
    sequence: Sequence,
    record: Record,
    given: Array,
    n_starts: int,
    report: Callable[[], None],
) -> tuple[Array, Array]:
    """Descend from given points and from quasi-random ones, in batches.

    Parameters
    ----------
    explorer : Explorer
        Who evaluates and descends.
    sequence : Sequence
        Where the starts are drawn from.
    record : Record
        Who notes where the descents have ended.
    given : ndarray, shape (k, n)
        Points to begin with.
    n_starts : int
        How many are drawn in addition.
    report : callable
        Called after each batch.

    Returns
    -------
    x, f : ndarray
        The ends, shape (m, n), and their values.
    """
    parts = [(given, False)] if len(given) else []
    n = given.shape[1]
    ends_x, ends_f = [np.empty((0, n))], [np.empty(0)]
    while explorer.over is None and (parts or n_starts > 0):
        if parts:
            x, drawn = parts.pop()
        else:
            rows = min(n_starts, max(1, BLOCK // n))
            if np.isfinite(explorer.left):
                affordable = explorer.left // (ITERATIONS * explorer.price)
                rows = int(np.clip(affordable, 1, rows))
            x, drawn, n_starts = sequence.take(rows), True, n_starts - rows
        ends = explorer.descend(x)
        if explorer.objective.nfev == 0:
            # Not even one gradient was affordable; the values at some starts are.
            explorer.values(x)
        record.enter(ends.x[ends.at_rest], ends.f[ends.at_rest], drawn=drawn)
        ends_x.append(ends.x)
        ends_f.append(ends.f)
        report()
    return np.concatenate(ends_x), np.concatenate(ends_f)
