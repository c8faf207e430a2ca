"""What a linear model is fitted to, with the rows on a cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.estimators import moments, targets
from skgd.estimators.targets import Targets
from skgd.estimators.task import LinearTask
from skgd.losses import Loss
from skgd.penalties import Penalty

from . import parts
from .blocks import Blocks
from .sums import ClusterSums, joined, split

__all__ = ["ClusterTask", "Facts"]


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known of rows on a cluster.

    Attributes
    ----------
    n, d, stored : int
        The numbers of rows, of features, and of numbers in X.
    sparse : bool
        Whether the blocks are sparse.
    dtype : dtype
        The type of the data.
    total : float
        The sum of the weights.
    counted : ndarray of int, shape (B,)
        The number of rows of each block whose weight is not zero.
    """

    n: int
    d: int
    stored: int
    sparse: bool
    dtype: Any
    total: float
    counted: Array


@dataclass(frozen=True, eq=False)
class ClusterTask(LinearTask):
    """A linear model's data on a cluster, loss and penalty.

    Parameters
    ----------
    blocks : Blocks
        The rows, a `skgd.distributed.parts.Part` each.
    facts : Facts
        What is known of them.
    loss : Loss
        The loss.
    outputs : int
        The number K of predictions a row.
    penalty : Penalty
        The penalty and the constraints.
    fit_intercept : bool
        Whether there is an intercept.
    """

    blocks: Blocks
    facts: Facts
    loss: Loss
    outputs: int
    penalty: Penalty
    fit_intercept: bool

    @property
    def n(self) -> int:
        """The number of rows."""
        return self.facts.n

    @property
    def d(self) -> int:
        """The number of features."""
        return self.facts.d

    @property
    def stored(self) -> int:
        """The numbers that a pass over the data goes through."""
        return self.facts.stored

    @property
    def dtype(self) -> Any:
        """The type of the data, which everything is computed in."""
        return self.facts.dtype

    @property
    def total(self) -> float:
        """The sum of the weights."""
        return self.facts.total

    def output(self, k: int) -> ClusterTask:
        """Return the task of one output alone."""
        return replace(self, blocks=self.blocks.map(parts.output_of, k), outputs=1)

    def targets(self) -> Targets:
        """Return targets that stand for those of all rows."""
        if targets.by_class(self.loss):
            totals = self.blocks.sum(parts.class_sum)
            return targets.classes(totals, self.loss, self.dtype)
        if targets.by_mean(self.loss):
            return targets.means(self.blocks.sum(parts.target_sum) / self.total, self.dtype)
        each = self.sample(targets.SAMPLE)
        y, weights = zip(*self.blocks.collect(parts.chosen_targets, each=each), strict=True)
        return targets.sample(np.concatenate(y), joined(weights))

    def moments(self) -> tuple[Array, Array]:
        """Return mean and variance of each feature; mean square without an intercept."""
        centred = self.fit_intercept
        if self.facts.sparse:
            sums, squares = self.blocks.sum(parts.sparse_sums)
            mean = sums / self.total
            return mean, np.maximum(squares / self.total - centred * mean * mean, 0.0)
        each = self.sample(moments.SAMPLE)
        mean, variance = self._moments(slice(None), each)
        (still,) = np.nonzero(variance <= 0)
        if still.size and each[0] is not None:
            everywhere = [None] * len(self.blocks)
            mean[still], variance[still] = self._moments(still, everywhere)
        (still,) = np.nonzero(variance <= 0)
        if still.size and centred:
            # A constant feature is its own centre to the last bit.
            first = int(np.argmax(self.facts.counted > 0))
            mean[still] = self.blocks.collect(parts.first_row, still)[first]
        return mean, variance

    def sums(self) -> ClusterSums:
        """Return the sums over the rows that an objective is made of."""
        return ClusterSums(self)

    def sample(self, most: int) -> list[Array] | list[None]:
        """Return a sample of the rows that count, by their places in each block; None for all."""
        chosen = moments.positions(int(self.facts.counted.sum()), most)
        return self.split(chosen)

    def split(self, chosen: Array | None, counts: Array | None = None) -> list[Array] | list[None]:
        """Return positions among the rows that count as positions among those of each block.

        Parameters
        ----------
        chosen : ndarray of int, or None
            Ascending positions; None for all.
        counts : ndarray of int, shape (B,), optional
            The numbers of rows of each block that count; those of positive weight by default.
        """
        if chosen is None:
            return [None] * len(self.blocks)
        counts = self.facts.counted if counts is None else counts
        return split(chosen, counts)

    def _moments(self, columns: Any, each: list[Array] | list[None]) -> tuple[Array, Array]:
        """Return mean and variance of some columns over a sample of the rows."""
        total, sums = self.blocks.sum(parts.column_sums, columns, each=each)
        mean = sums / total
        asked = columns, mean, self.fit_intercept
        squares = self.blocks.sum(parts.deviation_sums, *asked, each=each)
        return mean, moments.variances(squares / total, mean, self.dtype)
