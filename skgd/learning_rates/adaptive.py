"""Malitsky and Mishchenko's rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

from skgd._checks import positive
from skgd._rows import Array, Reals, choose, full, norm, ratio, root, smaller
from skgd._state import State

from .base import LARGEST, LearningRate, Trial, first_rate, limited


@dataclass(slots=True)
class _Curvature(State):
    t: Reals
    growth: Reals


@dataclass(frozen=True)
class Adaptive(LearningRate):
    r"""Malitsky and Mishchenko's rate: no line search, no constants, for convex functions.

    With the local estimate :math:`L_k = |\Delta g|/|\Delta x|` and
    :math:`\vartheta_k = t_k/t_{k-1}`, the form of 2023 [2]_ is

    .. math::

       t_k = \min\Bigl\{\sqrt{\tfrac23 + \vartheta_{k-1}}\; t_{k-1},\;
       \frac{t_{k-1}}{\sqrt{[2 t_{k-1}^2 L_k^2 - 1]_+}}\Bigr\}

    and that of 2020 [1]_ is
    :math:`t_k = \min\{\sqrt{1 + \vartheta_{k-1}}\; t_{k-1},\; 1/(2 L_k)\}`.

    Parameters
    ----------
    initial : float or None, default None
        The first rate; None for one that moves the point by a thousandth of its length.
    year : {2023, 2020}, default 2023
        Which form.

    Raises
    ------
    ValueError
        When an argument is outside its range.

    References
    ----------
    .. [1] Y. Malitsky and K. Mishchenko, "Adaptive gradient descent without descent", ICML 2020.
    .. [2] Y. Malitsky and K. Mishchenko, "Adaptive proximal gradient method for convex
       optimization", NeurIPS 2024 (arXiv:2308.02261).

    Examples
    --------
    >>> from skgd import Adaptive, gd
    >>> gd(lambda x: x @ x, [3.0, -4.0], learning_rate=Adaptive()).success
    True
    """

    initial: float | None = None
    year: int = 2023

    def __post_init__(self) -> None:
        if self.initial is not None:
            positive("initial", self.initial)
        if self.year not in (2020, 2023):
            raise ValueError(f"year must be 2020 or 2023, got {self.year!r}")

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> _Curvature:
        """Start with a short step, which the first curvature will correct."""
        t = 0.01 * first_rate(x, unit) if self.initial is None else full(x, self.initial)
        # The first rate is a guess: let the first curvature overrule it by any factor.
        return _Curvature(limited(t), full(x, LARGEST))

    def rate(self, state: _Curvature, k: int, f: Reals, g: Array) -> Reals:
        """Return the rate that the last step led to."""
        return state.t

    def learn(self, state: _Curvature, trial: Trial, g: Array, g_new: Array) -> None:
        """Find the next rate from the curvature of the step."""
        t = trial.t * trial.s
        y = g_new - g
        inverse = ratio(norm(trial.d) * trial.s, norm(y), full(g, LARGEST))
        if self.year == 2020:
            bound = 0.5 * inverse
            longest = root(1.0 + state.growth) * t
        else:
            excess = root(2.0 * (t / inverse) * (t / inverse) - 1.0)
            # Without an excess the bound is infinite, but for the first rate, which is a guess.
            guess = state.growth >= LARGEST
            bound = ratio(t, excess, choose(guess, math.sqrt(0.5) * inverse, full(g, LARGEST)))
            longest = root(2.0 / 3.0 + state.growth) * t
        new = limited(smaller(longest, bound))
        state.growth = new / t
        state.t = new
