"""The sums that an objective is made of, over rows on a cluster."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from skgd._rows import Array
from skgd.estimators.coordinates import Coordinates
from skgd.estimators.curvature import draw, positions_of, wide_enough, widenings
from skgd.estimators.sums import Sums
from skgd.estimators.targets import SAMPLE
from skgd.losses import Loss

from . import parts
from .parts import Model, Place

if TYPE_CHECKING:
    from .task import ClusterTask

__all__ = ["ClusterSums"]

WIDTHS = 6
"""Widths of smoothing whose curved rows are counted at once."""

KEYS = count()
"""The numbers of models, of which no two are the same in this process."""


@dataclass(slots=True)
class _Known:
    """What is known of a way: the values at its points, and more of the last one."""

    values: dict[float, float] = field(default_factory=dict)
    last: float | None = None
    derivatives: tuple[Array, Array] | None = None
    exact: Array | None = None
    curved: dict[float, tuple[Loss, Array]] = field(default_factory=dict)


class ClusterSums(Sums):
    """Sums over rows on a cluster: each evaluation is one round trip.

    With the value come the derivatives, and what was asked for at the points before: the exact loss
    and the rows near its kinks.  Moving on costs nothing, as the next question tells where it is
    asked.

    Once a point of a way was not good enough, the next question is about more points: the ends of
    the interval in which the search goes on, or, where the value is not finite, the next of the
    quarters that are tried then.

    Parameters
    ----------
    task : ClusterTask
        The rows.

    Attributes
    ----------
    rounds : int
        Round trips so far.
    """

    def __init__(self, task: ClusterTask) -> None:
        self.task = task
        self.loss = task.loss
        self.passes = 0
        self.rounds = 0
        self._place: Place
        self._exact_loss: Loss | None = None
        self._factors: tuple[float, ...] = ()
        self._known = _Known()

    def use(self, loss: Loss) -> None:
        """Take another loss from here on."""
        self.loss = loss
        self._known = _Known()

    def move_to(self, coef: Array, intercept: Array) -> None:
        """Make a model the origin."""
        self.passes += 1
        self._place = Place(Model(next(KEYS), coef, intercept))
        self._known = _Known()

    def aim(self, coef: Array, intercept: Array) -> None:
        """Take a way."""
        self.passes += 1
        way = Model(next(KEYS), coef, intercept)
        self._place = Place(self._place.origin, self._place.before, way)
        self._known = _Known()

    def settle(self) -> None:
        """Make the point on the way that was evaluated last the origin."""
        origin, way, s = self._place.origin, self._place.way, self._place.s
        assert way is not None
        coef = origin.coef + np.asarray(s, origin.coef.dtype) * way.coef
        intercept = origin.intercept + np.asarray(s, origin.coef.dtype) * way.intercept
        end = Model(next(KEYS), coef, intercept)
        self._place = Place(end, (origin.key, way.key, s))
        self._known = _Known()

    def evaluate(self, s: float) -> float:
        """Return the sum of the losses, and keep all that came with it."""
        self._place = replace(self._place, s=s)
        if s in self._known.values:
            self._known = _Known(self._known.values)
        else:
            self._ask(self._steps(s))
        self._known.last = s
        return self._known.values[s]

    def adjoint(self) -> tuple[Array, Array]:
        """Return the derivatives at the point evaluated last."""
        if self._known.derivatives is None:
            self._ask((self._place.s,))
        assert self._known.derivatives is not None
        return self._known.derivatives

    def exact(self, loss: Loss) -> tuple[float, float]:
        """Return the sum of the exact losses, and by how much it can be lowered at most."""
        if self._known.exact is None or self._exact_loss is not loss:
            self._exact_loss = loss
            self._known.exact = self._sum(parts.exact_sum, self._place, self.loss, loss)
        value, gap = self._known.exact
        return float(value), float(gap)

    def hessians(
        self,
        losses: Sequence[Loss],
        coordinates: Coordinates,
        free: Array | None,
        sampled: bool = True,
    ) -> tuple[list[list[Array]], list[Array]]:
        """Return the blocks of the Hessians and their positions; see `Sums.hessians`."""
        shares, chosen = [], []
        for loss in losses:
            counts, rows, share = self.task.facts.counted, None, 1.0
            if sampled:
                if loss.local:
                    counts = self._curved(loss)
                rows, share = draw(self.task, loss, free, int(counts.sum()))
            shares.append(share)
            chosen.append(self.task.split(rows, counts))
        blocks = self._sum(
            parts.hessian_sums,
            self._place,
            losses,
            coordinates,
            free,
            shares,
            each=list(zip(*chosen, strict=True)),
        )
        return blocks, positions_of(self.task, losses[0], free)

    def wider(self) -> Loss:
        """Return a wider version of the loss, which is curved in enough rows."""
        wide = self.loss
        for factor in widenings():
            wide, counts = self._widened(factor)
            if wide_enough(self.task, int(counts.sum())):
                break
        return wide

    def diagonal(self, loss: Loss) -> tuple[Array, Array]:
        """Return the diagonal of the Hessian, by coefficients and intercepts."""
        diagonal: tuple[Array, Array] = self._sum(parts.diagonal_sum, self._place, loss)
        return diagonal

    def width(self, loss: Loss) -> float:
        """Return the width that a loss would begin with, from a sample of the rows."""
        self.rounds += 1
        each = self.task.sample(SAMPLE)
        rows = self.task.blocks.collect(parts.fitted_rows, self._place, each=each)
        y, p, weights = zip(*rows, strict=True)
        return float(loss.first_width(np.concatenate(y), np.concatenate(p), joined(weights)))

    def _steps(self, s: float) -> tuple[float, ...]:
        """Return the points that are asked for together with one."""
        if self._known.last is None or self._place.way is None:
            return (s,)
        if math.isfinite(self._known.values[self._known.last]):
            return s, 0.5 * s, 0.1 * s
        return s, 0.25 * s, 0.0625 * s

    def _ask(self, steps: tuple[float, ...]) -> None:
        """Ask for all that may be wanted."""
        self.passes += 1
        factors = self._factors if self.loss.local else ()
        values, products, totals, real, counts = self._sum(
            parts.evaluate, self._place, steps, self.loss, self._exact_loss, factors
        )
        self._known.values.update(zip(steps, values.tolist(), strict=True))
        self._known.derivatives = products, totals
        self._known.exact = real
        self._known.curved = {}
        self._enter(factors, counts.items)

    def _enter(self, factors: tuple[float, ...], counts: list[list[int]]) -> None:
        """Enter the numbers of curved rows of each block."""
        for factor, column in zip(factors, np.array(counts).T, strict=True):
            loss = self.loss if factor == 1.0 else self.loss.widened(factor)
            self._known.curved[factor] = loss, column

    def _curved(self, loss: Loss) -> Array:
        """Return the number of rows of each block that are curved with a version of the loss."""
        for version, counts in self._known.curved.values():
            if version is loss:
                return counts
        if loss is self.loss:
            return self._widened(1.0)[1]
        self.rounds += 1
        asked = self.task.blocks.collect(parts.curved_counts, self._place, loss, (1.0,))
        return np.asarray(np.array(asked)[:, 0])

    def _widened(self, factor: float) -> tuple[Loss, Array]:
        """Return a wider version of the loss, and how many rows of each block are curved."""
        if factor not in self._known.curved:
            further = (f for f in (1.0, *widenings()) if f >= factor)
            self._factors = tuple(islice(further, WIDTHS))
            self.rounds += 1
            counts = self.task.blocks.collect(
                parts.curved_counts, self._place, self.loss, self._factors
            )
            self._enter(self._factors, counts)
            # From here on they come with the values.
            self._factors = tuple(islice((1.0, *widenings()), WIDTHS))
        return self._known.curved[factor]

    def _sum(self, function: Any, *arguments: Any, each: Any = None) -> Any:
        self.rounds += 1
        return self.task.blocks.sum(function, *arguments, each=each)


def split(chosen: Array, counts: Array) -> list[Array]:
    """Return positions among all rows as positions among those of each block.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.distributed.sums import split
    >>> split(np.array([1, 2, 5]), np.array([2, 3, 4]))
    [array([1]), array([0]), array([0])]
    """
    ends = np.cumsum(counts)
    pieces = np.split(chosen, np.searchsorted(chosen, ends[:-1]))
    return [piece - start for piece, start in zip(pieces, ends - counts, strict=True)]


def joined(pieces: Any) -> Array | None:
    """Return the rows of all blocks; None where they are None."""
    return None if pieces[0] is None else np.concatenate(pieces)
