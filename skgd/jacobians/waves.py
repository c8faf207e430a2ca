"""Waves in a function that are as long as the perturbations, which hide them."""

from __future__ import annotations

import math

import numpy as np

from skgd._rows import Array

__all__ = ["Waves"]

CLEAR = 6.0
"""So many standard deviations is a sum away from zero where that is no chance."""

FEW, MANY = 4, 12
"""Comparisons that tell something, and the most that are kept."""

CUT = 10.0
"""So many standard deviations count of a difference that is larger."""

LEAST = 1e-300
"""What a divisor is at least."""


class Waves:
    r"""The bias of slopes over the usual pairs, as shorter ones show it.

    Over a pair that is as long as a wave the slope is that of the function without it: descent
    comes to rest far from the minima of the waves, where third derivatives look small.  A shorter
    pair shows another slope.  The mean product of two different comparisons, each along its own
    random signs, is the square of the bias, and does not depend on how large the noise is.

    Attributes
    ----------
    square : float
        The square of the bias, in changes of the value over a pair, in units of the perturbations
        without their scale; 0 where chance explains it.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.jacobians.waves import Waves
    >>> waves = Waves()
    >>> for _ in range(5):
    ...     waves.compare(np.array([2.0]), np.array([0.5]), np.array([0.0, 1.0]), 0.1, 1.0)
    >>> round(waves.square, 9)
    4.0
    """

    def __init__(self) -> None:
        self.square = 0.0
        self._kept: list[tuple[Array, float]] = []

    def compare(
        self, usual: Array, short: Array, change: Array, noise: float, scale: float
    ) -> None:
        """Take in the changes of the value over a pair and a shorter one in the same direction.

        Parameters
        ----------
        usual, short : ndarray, shape (n,)
            From one end of each pair to the other.
        change : ndarray, shape (2,)
            The changes of the value over them.
        noise : float
            Standard deviation of the noise of a value.
        scale : float
            The perturbations that are used now, by those without their scale.
        """
        if not np.isfinite(change).all():
            return
        share = float(np.abs(short).max() / max(float(np.abs(usual).max()), LEAST))
        if not (0.0 < share < 1.0 and np.allclose(short, share * usual, rtol=1e-3)):
            # Bounds are near: the pairs are not alike.
            return
        apart = 0.5 * (float(change[1]) / share - float(change[0]))
        spread = max(noise * math.sqrt(0.5 + 0.5 / share**2), LEAST)
        apart = min(max(apart, -CUT * spread), CUT * spread)
        # Bias grows with the third power of the scale, as third derivatives make it.
        unit = max(scale**3, LEAST)
        weight = min(unit / spread, 1.0 / math.sqrt(LEAST)) ** 2
        self._kept = [*self._kept[1 - MANY :], (np.sign(usual) * (weight * apart / unit), weight)]
        samples = np.array([sample for sample, _ in self._kept])
        weights = np.array([weight for _, weight in self._kept])
        total = samples.sum(axis=0)
        products = float(np.vdot(total, total) - np.vdot(samples, samples))
        pairs = max(float(weights.sum() ** 2 - weights @ weights), LEAST)
        sure = len(weights) >= FEW and products > CLEAR * math.sqrt(2.0 * usual.size * pairs)
        self.square = products / pairs if sure else 0.0
