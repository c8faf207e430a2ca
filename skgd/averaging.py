"""What a run whose gradients are random returns: the average of the iterates at rest."""

from __future__ import annotations

import math
from operator import itemgetter

import numpy as np

from ._rows import Array

__all__ = ["Swarm", "TailAverage"]

LEAF = 4
"""Iterates in the smallest block."""

CLEARLY = 6.0
"""So many times the noise the lowest of many values in the middle of five must be below another to
be lower in truth."""

CREDIBLE = 4.0
"""How many times the variance that the noise explains two averages may differ."""


class TailAverage:
    r"""The average of the last iterates, as many as differ by noise alone.

    Under noise the iterates swarm around the minimum, and their average is much nearer to it than
    any of them (Polyak and Ruppert [1]_); but those that were still on the way must not take part.
    The sums of blocks of iterates are kept, the older the longer, about :math:`\log_2 k` of them.
    From the newest to the oldest a block is added while it lies as near to the average of the newer
    ones as the noise explains (Lepski's principle [2]_).

    References
    ----------
    .. [1] B. T. Polyak and A. B. Juditsky, "Acceleration of stochastic approximation by averaging",
       SIAM Journal on Control and Optimization 30 (1992), 838-855.
    .. [2] O. V. Lepskii, "On a problem of adaptive estimation in Gaussian white noise", Theory of
       Probability and its Applications 35 (1991), 454-466.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.averaging import TailAverage
    >>> tail = TailAverage()
    >>> swarm = np.random.default_rng(1).normal(0, 0.1, 2000)
    >>> for k, noise in enumerate(swarm):
    ...     tail.add(np.array([0.95**k + noise]))
    >>> bool(abs(tail.point(np.ones(1), 0.01, 1.0)[0]) < 0.02)
    True
    """

    def __init__(self) -> None:
        self._counts: list[int] = []
        self._sums: list[Array] = []

    def add(self, x: Array) -> None:
        """Take in an iterate."""
        counts, sums = self._counts, self._sums
        if counts and counts[-1] < LEAF:
            counts[-1] += 1
            sums[-1] += x
            return
        i = len(counts) - 1
        while i >= 2:
            if counts[i - 2] == counts[i - 1] == counts[i]:
                counts[i - 2 : i] = [2 * counts[i]]
                sums[i - 2 : i] = [sums[i - 2] + sums[i - 1]]
                i -= 1
            i -= 1
        counts.append(1)
        sums.append(x.astype(float))

    def point(self, scale: Array, variance: float, memory: float) -> Array:
        """Return the average.

        Parameters
        ----------
        scale : ndarray, shape (n,)
            Units of the coordinates.
        variance : float
            Variance of one coordinate of an iterate at rest, in these units.
        memory : float
            The number of iterates after which they are independent: the average of m has the
            variance over ``max(1, m / memory)``.
        """
        n = scale.size
        limit = CREDIBLE * (n + 3.0 * math.sqrt(2.0 * n))

        def spread(m: int) -> float:
            return variance / max(1.0, m / memory)

        count, total = 0, np.zeros(n)
        # The oldest block may hold the start.
        for m, block in zip(self._counts[:0:-1], self._sums[:0:-1], strict=True):
            if count:
                apart = (block / m - total / count) / scale
                if np.vdot(apart, apart) > limit * (spread(m) + spread(count)):
                    break
            count, total = count + m, total + block
        if not count:
            return np.asarray(self._sums[0] / self._counts[0])
        return np.asarray(total / count)


class Swarm:
    """The iterates of a run whose gradients are random estimates, and what it returns of them.

    Parameters
    ----------
    x : ndarray, shape (n,)
        The start.
    """

    def __init__(self, x: Array) -> None:
        self._tail = TailAverage()
        self._evaluated: list[tuple[float, Array]] = []
        self._lowest: tuple[float, Array] = (math.inf, x)

    def add(self, x: Array, f: float | None) -> None:
        """Take in an iterate, and its value if it was evaluated."""
        self._tail.add(x)
        if f is None:
            return
        self._evaluated = [*self._evaluated[-4:], (f, x)]
        middle = sorted(self._evaluated, key=itemgetter(0))[len(self._evaluated) // 2]
        # The start alone, or five: less of them may be lucky.
        if len(self._evaluated) in (1, 5) and middle[0] < self._lowest[0]:
            self._lowest = middle

    def average(self, scale: Array, variance: float, memory: float) -> Array:
        """Return the average of the last iterates; see `TailAverage.point`."""
        return self._tail.point(scale, variance, memory)

    def choose(self, point: Array, f: float, noise: float) -> tuple[Array, float]:
        """Return the average and its value, unless the iterates were clearly lower before.

        Then, what they have met since is no bowl, and one of those is returned.
        """
        lowest, x = self._lowest
        return (point, f) if f <= lowest + CLEARLY * noise else (x, lowest)
