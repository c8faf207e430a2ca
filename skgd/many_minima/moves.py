"""The moves of a search: ways to find new starts, and what is done with them.

Each move evaluates some points, descends from the few best of them, and enters what it finds among
the good points of the search.  Which of them helps depends on the function; the shares that
`skgd.many_minima.share` gives them follow their success.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from skgd._rows import Array
from skgd.directions import HeavyBall
from skgd.jacobians import Central
from skgd.learning_rates import Lipschitz
from skgd.proximal import Box

if TYPE_CHECKING:
    from .search import Search

__all__ = ["MOVES", "Move"]


class Move(ABC):
    """A way to find new starts; it serves one search, and may learn."""

    @abstractmethod
    def __call__(self, search: Search) -> None:
        """Spend a small part of the budget."""


class Draw(Move):
    """Draw new points from the whole box, and descend from the two best."""

    def __call__(self, search: Search) -> None:
        """Draw and descend."""
        x = search.sequence.take(20 + 5 * search.n)
        f = search.explorer.values(x)
        chosen = np.argsort(f, kind="stable")[:2]
        search.descend(x[chosen], drawn=True)


class Hop(Move):
    """Hop out of the basins of good minima: perturb, descend, keep what is better.

    This is basin hopping (D. J. Wales and J. P. K. Doye, Journal of Physical Chemistry A 101
    (1997), 5111-5116) with steps that grow when most hops fall back into the basin they left.
    """

    def __init__(self) -> None:
        self._step = 0.1

    def __call__(self, search: Search) -> None:
        """Hop from good points, the better ones more often."""
        rows = search.rows(4)
        base = search.elite.x[search.ranks(0.5, rows)]
        hop = self._step * search.rng.normal(size=(rows, search.n))
        ends = search.descend(search.reflected(base + hop * search.width))
        back = (np.abs(ends.x - base) < 1e-4 * search.scale).all(axis=1)
        self._step = float(np.clip(self._step * (1.1 if back.mean() > 0.5 else 0.95), 1e-4, 0.5))


class Lines(Move):
    """Look along lines through the best point, parallel to the axes, and descend on each.

    A descent that changes one coordinate takes two evaluations an iteration, whatever the number
    of variables.  Functions that are sums, or products, of functions of one variable are solved
    coordinate by coordinate.
    """

    points, lines = 16, 3

    def __init__(self) -> None:
        self._turn = 0

    def __call__(self, search: Search) -> None:
        """Take the next few coordinates in turn."""
        for _ in range(min(self.lines, search.free.size)):
            j = int(search.free[self._turn % search.free.size])
            self._turn += 1
            best = search.elite.x[0]
            x = np.repeat(best[None], self.points, axis=0)
            parts = (np.arange(self.points) + search.rng.random(self.points)) / self.points
            x[:, j] = np.minimum(search.lower[j] + search.width[j] * parts, search.upper[j])
            f = search.explorer.values(x)
            low = _dips(f)
            chosen = low[np.argsort(f[low], kind="stable")][:3]
            lower, upper = best.copy(), best.copy()
            lower[j], upper[j] = search.lower[j], search.upper[j]
            search.descend(x[chosen], {"constraint": Box(lower, upper)}, short=True, whole=False)


class Cross(Move):
    r"""Cross good points with one another: differential evolution.

    Each good point x competes with

    .. math:: x + F\,(x_{\text{good}} - x) + F\,(x_a - x_b)

    of which every coordinate is taken with the chance C; F and C are drawn around what succeeded
    lately (J. Zhang and A. C. Sanderson, "JADE: adaptive differential evolution with optional
    external archive", IEEE Transactions on Evolutionary Computation 13 (2009), 945-958).  The
    values alone count, so that kinks, steps and noise are no obstacle.
    """

    memory = 0.9

    def __init__(self) -> None:
        self._factor = self._chance = 0.5

    def __call__(self, search: Search) -> None:
        """Let each good point compete with a new one."""
        rng, good = search.rng, search.elite.x
        m = len(good)
        factor = np.clip(self._factor + 0.1 * rng.standard_cauchy(m), 0.05, 1.0)
        chance = np.clip(rng.normal(self._chance, 0.2, m), 0.0, 1.0)
        top, a, b = rng.integers(0, max(2, m // 5), m), *rng.integers(0, m, (2, m))
        x = good + factor[:, None] * (good[np.minimum(top, m - 1)] - good + good[a] - good[b])
        taken = rng.random((m, search.n)) < chance[:, None]
        taken[np.arange(m), rng.integers(0, search.n, m)] = True
        x = np.where(taken, x, good)
        # A coordinate that leaves the box goes half of the way to where it left it.
        x = np.where(x < search.lower, 0.5 * (search.lower + good), x)
        x = np.where(x > search.upper, 0.5 * (search.upper + good), x)
        f = search.explorer.values(x)
        won = search.elite.compete(x[: len(f)], f)
        if won.size:
            keep, learn = self.memory, 1.0 - self.memory
            lehmer = np.square(factor[won]).sum() / factor[won].sum()
            self._factor = keep * self._factor + learn * float(lehmer)
            self._chance = keep * self._chance + learn * float(chance[won].mean())


class Neighbours(Move):
    """Look around the best point, all over or along a few axes, at distances that succeed.

    Where there is no slope to follow, at kinks and on steps, this is what still finds the way.
    """

    points = 10

    def __init__(self) -> None:
        self._distance = 0.05

    def __call__(self, search: Search) -> None:
        """Evaluate neighbours, and learn the distance from those that are better."""
        rng, q, n = search.rng, self.points, search.n
        best, value = search.elite.x[0], search.elite.f[0]
        distance = self._distance * 10.0 ** rng.uniform(-1.0, 1.0, q)
        share = rng.choice([1.0, 2.0 / n], q)
        step = rng.normal(size=(q, n)) * (rng.random((q, n)) < share[:, None])
        x = search.reflected(best + distance[:, None] * step * search.width)
        f = search.explorer.values(x)
        (better,) = np.nonzero(f < value)
        if better.size:
            drift = np.log(distance[better] / self._distance).mean()
            self._distance = float(np.clip(self._distance * np.exp(0.5 * drift), 1e-9, 0.2))
            search.elite.enter(x[better], f[better])
        else:
            self._distance *= 0.85
            if self._distance < 1e-8:
                self._distance = 0.1


class Coarse(Move):
    """Descend with differences over long steps, which do not see ripples, then with the usual ones.

    Differences over the step h are slopes of the function averaged over h: what is narrower is
    smoothed away.  Every other time the descent is a heavy ball, which rolls over what is left.
    """

    ball, rate = HeavyBall(0.9), Lipschitz()

    def __init__(self) -> None:
        self._rolls = False

    def __call__(self, search: Search) -> None:
        """Descend coarsely from a good point and two new ones, then finely from the best end."""
        step = 10.0 ** search.rng.uniform(-2.5, -0.7)
        good = search.elite.x[search.ranks(0.2, 1)]
        starts = np.concatenate((good, search.sequence.take(search.rows(3) - 1)))
        parts: dict[str, Any] = {"jacobian": Central(step=step * search.scale)}
        if self._rolls:
            parts |= {"direction": self.ball, "learning_rate": self.rate}
        self._rolls = not self._rolls
        ends = search.descend(starts, parts, short=True, whole=False)
        search.descend(ends.x[np.argsort(ends.f, kind="stable")[:1]])


class Polish(Move):
    """Polish a good point that has not been polished yet."""

    def __init__(self) -> None:
        self._done: list[Array] = []

    def __call__(self, search: Search) -> None:
        """Polish the best of the few best that is new."""
        for x in search.elite.x[:9]:
            if not self._known(x, search.scale):
                ends = search.polish(x)
                self._done += [x.copy(), ends.x[0]]
                return

    def _known(self, x: Array, width: Array) -> bool:
        return any((np.abs(x - done) < 1e-3 * width).all() for done in self._done)


def _dips(f: Array) -> Array:
    """Return the positions whose values are not above those of their neighbours."""
    around = np.concatenate(([np.inf], f, [np.inf]))
    return np.flatnonzero((f <= around[:-2]) & (f <= around[2:]))


MOVES: tuple[type[Move], ...] = (Cross, Lines, Hop, Draw, Neighbours, Coarse, Polish)
"""The moves of a search, in the order of their first turns."""
