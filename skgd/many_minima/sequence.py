"""Quasi-random points in a box."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from skgd._rows import Array

FIRST = 64
"""Points drawn at first; from then on as many as there were, which keeps the points balanced."""


class Sequence:
    """Sobol points in a box, scrambled after Owen, as many as wanted at a time.

    Parameters
    ----------
    lower, upper : ndarray, shape (n,)
        Finite bounds.
    rng : numpy.random.Generator
        What the scrambling is drawn from.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.many_minima.sequence import Sequence
    >>> sequence = Sequence(np.zeros(2), np.ones(2), np.random.default_rng(0))
    >>> sequence.take(3).shape
    (3, 2)
    """

    def __init__(self, lower: Array, upper: Array, rng: np.random.Generator) -> None:
        from scipy.stats import qmc

        # SciPy renamed the argument in 1.15.
        name = "rng" if "rng" in inspect.signature(qmc.Sobol).parameters else "seed"
        chance: dict[str, Any] = {name: rng}
        self._sobol = qmc.Sobol(lower.size, scramble=True, **chance)
        self._lower, self._upper = lower, upper
        self._stock = np.empty((0, lower.size))

    def take(self, m: int) -> Array:
        """Return the next `m` points, shape (m, n)."""
        while len(self._stock) < m:
            drawn = max(FIRST, int(self._sobol.num_generated))
            # Sobol points are balanced in numbers that are powers of two.
            more = self._sobol.random_base2(drawn.bit_length() - 1)
            self._stock = np.concatenate((self._stock, more))
        unit, self._stock = self._stock[:m], self._stock[m:]
        # Rounding must not lead out of the box, nor a wide box to an overflow.
        points = self._lower * (1.0 - unit) + self._upper * unit
        return np.clip(points, self._lower, self._upper)
