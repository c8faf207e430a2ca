"""When a descent is not worth going on with."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skgd._rows import Array, Reals
from skgd.stopping import Reason, Stopping

__all__ = ["Promising"]

SPAN = 3
"""Iterations over which a descent's progress is measured."""

LEVEL = 1e-8
"""Values whose size is below this count as zero when changes of the value are compared with it."""


@dataclass
class _Watch:
    """The state of the usual tests, and the best values of the last iterations."""

    tests: Any
    past: list[Reals] = field(default_factory=list)

    @property
    def usual(self) -> bool:
        return bool(self.tests.usual)

    def keep(self, rows: Array) -> None:
        self.tests.keep(rows)
        self.past = [values[rows] for values in self.past]


@dataclass(frozen=True)
class Promising(Stopping):
    r"""The usual tests, and two that end the descents of a batch from which nothing is to be hoped.

    With :math:`b_k` the best value of a descent so far and :math:`\delta = b_{k-3} - b_k`, a
    descent is *hopeless* when

    .. math:: \text{horizon} \cdot \delta < b_k - \text{bar} ,

    that is when progress as in the last three iterations, repeated `horizon` times, would not take
    it to the bar; and it has *settled* when :math:`\delta \le \text{level}\cdot|b_k|`.

    Parameters
    ----------
    bar : float, default inf
        The value to get below: the best one that is known.
    horizon : float, default 20
        Patience with slow descents.
    level : float, default 1e-7
        Relative decrease below which a descent has settled.
    """

    bar: float = math.inf
    horizon: float = 20.0
    level: float = 1e-7

    def start(self, run: Any, *facts: Any, **named: Any) -> Any:
        """Return the state of a run that starts."""
        return _Watch(super().start(run, *facts, **named))

    def check(self, state: Any, run: Any) -> Any:
        """Return the code of the reason to stop, row by row; zero for none."""
        codes = super().check(state.tests, run)
        best = run.best_f
        if len(state.past) == SPAN:
            gain = state.past[0] - best
            with np.errstate(invalid="ignore"):
                hopeless = self.horizon * gain < best - self.bar
                settled = gain <= self.level * np.maximum(np.abs(best), LEVEL)
            codes = np.where((codes == 0) & hopeless, Reason.PATIENCE.code, codes)
            codes = np.where((codes == 0) & settled, Reason.FTOL.code, codes)
        state.past = [*state.past[len(state.past) == SPAN :], best]
        return codes
