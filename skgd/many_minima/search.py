"""The search that uses up a budget: screen, descend, and then one move after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.limits import OutOfBudget

from .elite import Elite
from .explorer import Ends, Explorer
from .minima import Record
from .moves import MOVES
from .promising import Promising
from .sequence import Sequence
from .share import Shares

__all__ = ["Search"]

NOTHING: Mapping[str, Any] = MappingProxyType({})

SCREENED = 0.1
"""Share of the budget for points that are only evaluated, before the first descents."""

FIRST = 0.3
"""Share of the budget for the first descents, at 20 iterations each."""

LARGE = 1e5
"""The budget that decides on sizes is not taken to be larger than this."""

POLISHED = 0.1
"""The most that polishing one point may take of the budget, unless it has many variables."""

PATIENT = 200
"""Gradients that polishing may take all the same, on at most 0.4 of the budget."""

FEWEST = 4
"""Good points without which there is nothing to move from."""

IDLE = 100
"""Evaluations that a turn without any counts as, so that the others come next."""

GAIN = 1e-9
"""Relative decrease of the best value that counts as a success; below 1e-3 an absolute one."""


class Search:
    """A search for the lowest minimum within a budget.

    Parameters
    ----------
    explorer : Explorer
        Who evaluates and descends.
    sequence : Sequence
        Where new points come from.
    rng : numpy.random.Generator
        For everything else that is random.
    record : Record
        Who notes where descents have ended.

    Attributes
    ----------
    elite : Elite
        The good points.
    n : int
        Number of variables.
    lower, upper, width : ndarray, shape (n,)
        The bounds.
    scale : ndarray, shape (n,)
        Their widths, 1 where a variable is fixed.
    free : ndarray of int
        The variables that are not.
    """

    def __init__(
        self,
        explorer: Explorer,
        sequence: Sequence,
        rng: np.random.Generator,
        record: Record,
    ) -> None:
        self.explorer, self.sequence, self.rng = explorer, sequence, rng
        self.lower, self.upper = explorer.box.lower, explorer.box.upper
        self.width = self.upper - self.lower
        self.scale = np.where(self.width > 0, self.width, 1.0)
        self.n = self.width.size
        (self.free,) = np.nonzero(self.width)
        self._record = record
        # Sizes depend on the budget; one without limit has the sizes of a large one.
        budget = self._budget = min(explorer.left + explorer.kept, LARGE)
        self._moves = [move() for move in MOVES]
        self._shares = Shares(len(self._moves))
        size = np.clip(10 + 4 * self.n, FEWEST, max(FEWEST, budget // 20))
        self.elite = Elite(int(size), self.scale)

    def screen(self, given: Array) -> None:
        """Evaluate points all over the box, and descend from those that lie lowest around them.

        Parameters
        ----------
        given : ndarray, shape (k, n)
            Points to descend from in any case.
        """
        most = 2 << int(np.log2(100 * self.n))
        m = int(np.clip(SCREENED * self._budget, 1, most))
        x = np.concatenate((given, self.sequence.take(m)))
        f = self.explorer.values(x)
        x = x[: len(f)]
        starts = int(np.clip(FIRST * self._budget / (20 * self.explorer.price), 1, 10 + 2 * self.n))
        low = _lowest_around(x[len(given) :] / self.scale, f[len(given) :], 2 * self.n + 2)
        low = len(given) + low[:starts]
        self.descend(x[: len(given)])
        self.descend(x[low], drawn=True)
        others = np.setdiff1d(np.arange(len(given), len(x)), low)
        others = others[np.argsort(f[others], kind="stable")]
        self.elite.enter(x[others[: self.elite.size]], f[others[: self.elite.size]])

    def run(self, report: Callable[[], None]) -> None:
        """Make moves until the budget is used up.

        Parameters
        ----------
        report : callable
            Called after each move.
        """
        explorer = self.explorer
        try:
            while explorer.over is None:
                self._fill()
                if len(self.elite) >= FEWEST:
                    self._move()
                report()
        except OutOfBudget as end:
            explorer.over = end.reason

    def _move(self) -> None:
        """Make the move whose turn it is."""
        objective, elite = self.explorer.objective, self.elite
        i = self._shares.turn()
        best, spent = elite.f[0], objective.nfev
        self._moves[i](self)
        gained = elite.f[0] < best - GAIN * max(1e-3, abs(best))
        self._shares.book(i, (objective.nfev - spent) or IDLE, bool(gained))

    def _fill(self) -> None:
        """Let new points take the places that are free among the good ones."""
        vacant = self.elite.size - len(self.elite)
        if vacant:
            x = self.sequence.take(vacant)
            f = self.explorer.values(x)
            self.elite.enter(x[: len(f)], f)

    def descend(
        self,
        starts: Array,
        parts: Mapping[str, Any] = NOTHING,
        *,
        drawn: bool = False,
        short: bool = False,
        whole: bool = True,
    ) -> Ends:
        """Descend from the starts as long as there is hope, and enter the ends.

        Parameters
        ----------
        starts : ndarray, shape (S, n)
            The starts.
        parts : mapping, optional
            Parts of the rules that differ from the usual ones.
        drawn : bool, default False
            Whether they were drawn from the whole box.
        short : bool, default False
            Whether a few iterations will do.
        whole : bool, default True
            Whether an end at rest is a minimum of the function.

        Returns
        -------
        Ends
            Where the descents have ended.
        """
        rules = self.explorer.rules
        stopping = Promising(
            gtol=min(rules.stopping.gtol, 1e-7),
            norm=rules.stopping.norm,
            maxiter=12 if short else 40,
            bar=self.explorer.fun,
            horizon=10.0 if short else 20.0,
            level=1e-6 if short else 1e-7,
        )
        ends = self.explorer.descend(starts, replace(rules, stopping=stopping, **parts))
        self.elite.enter(ends.x, ends.f)
        if whole:
            self._record.enter(ends.x[ends.at_rest], ends.f[ends.at_rest], drawn=drawn)
        return ends

    def polish(self, x: Array) -> Ends:
        """Polish a point, on a part of the budget, and enter the end."""
        patient = min(PATIENT * self.explorer.price, 0.4 * self._budget)
        ends = self.explorer.polish(x, max(POLISHED * self._budget, patient))
        self.elite.enter(ends.x, ends.f)
        self._record.enter(ends.x[ends.at_rest], ends.f[ends.at_rest], counted=False)
        return ends

    def rows(self, most: int) -> int:
        """Return how many descents, `most` at most, a turn can afford."""
        return int(np.clip(self._budget / (200 * self.explorer.price), 1, most))

    def ranks(self, chance: float, m: int) -> Array:
        """Draw members of the elite; each is left out for the next one with 1 - `chance`."""
        return np.minimum(self.rng.geometric(chance, m), len(self.elite)) - 1

    def reflected(self, x: Array) -> Array:
        """Return the points with what has left the box reflected into it."""
        x = np.where(x < self.lower, 2.0 * self.lower - x, x)
        x = np.where(x > self.upper, 2.0 * self.upper - x, x)
        return np.clip(x, self.lower, self.upper)


def _lowest_around(x: Array, f: Array, neighbours: int) -> Array:
    """Return the points that lie no higher than their nearest neighbours, the best first.

    This is the topographical selection of A. A. Torn and S. Viitanen (Journal of Global
    Optimization 5 (1994), 267-276): about one point for each basin that the sample can tell.
    """
    if len(x) < 2:
        return np.arange(len(x))
    from scipy.spatial import cKDTree

    k = min(neighbours, len(x) - 1)
    _, near = cKDTree(x).query(x, k=k + 1)
    (low,) = np.nonzero(np.isfinite(f) & (f[:, None] <= f[near]).all(axis=1))
    return low[np.argsort(f[low], kind="stable")]
