"""Malitsky and Mishchenko's rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

from skgd._checks import positive
from skgd._rows import Array, Reals, choose, full, norm, ratio, root, smaller

from .armijo import Judged, Search
from .base import LARGEST, Trial, limited

GUESS = 1e8
"""Growth that the first rate, which is a guess, counts as having had: the second may be 1e4 times
as large."""


@dataclass(slots=True)
class _Growth(Search):
    growth: Reals


@dataclass(frozen=True)
class Adaptive(Judged):
    r"""Malitsky and Mishchenko's rate: it follows the curvature, without a constant to choose.

    With the local estimate :math:`L_k = |\Delta g|/|\Delta x|` and
    :math:`\vartheta_k = t_k/t_{k-1}`, the form of 2023 [2]_ is

    .. math::

       t_k = \min\Bigl\{\sqrt{\tfrac23 + \vartheta_{k-1}}\; t_{k-1},\;
       \frac{t_{k-1}}{\sqrt{[(t_{k-1} L_k/\sigma)^2 - 1]_+}}\Bigr\}, \quad
       \sigma = \tfrac{1}{\sqrt 2} ,

    and that of 2020 [1]_ is
    :math:`t_k = \min\{\sqrt{1 + \vartheta_{k-1}}\; t_{k-1},\; \sigma/L_k\}`, :math:`\sigma = 1/2`.
    With these :math:`\sigma` convergence is proved for convex functions without a line search.  A
    larger :math:`\sigma` is faster in practice and needs one: `memory`.

    Parameters
    ----------
    initial : float or None, default None
        The first rate; None for one that moves the point by a hundredth of its length.
    c1 : float, default 1e-4
        Share of the promised decrease that a line search asks for, in (0, 1).
    memory : int, default 0
        The number of values that a new one is compared with; 0 for no line search.
    year : {2023, 2020}, default 2023
        Which form.
    share : float or None, default None
        The number :math:`\sigma`; positive.  None for the proved one.

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

    memory: int = 0
    year: int = 2023
    share: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.year not in (2020, 2023):
            raise ValueError(f"year must be 2020 or 2023, got {self.year!r}")
        proved = 0.5 if self.year == 2020 else math.sqrt(0.5)
        share = proved if self.share is None else positive("share", self.share)
        object.__setattr__(self, "share", share)

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> _Growth:
        """Start with a short step, which the first curvature will correct."""
        search = super().start(x, f, g, unit)
        t = search.t if self.initial is not None else limited(0.1 * search.t)
        # The first rate is a guess: let the first curvature overrule it.
        return _Growth(t, search.values, full(x, GUESS))

    def learn(self, state: _Growth, trial: Trial, g: Array, g_new: Array) -> None:
        """Find the next rate from the curvature of the step."""
        super().learn(state, trial, g, g_new)
        assert self.share is not None
        t = trial.t * trial.s
        length = norm(trial.d) * trial.s
        change = choose(length > 0.0, norm(g_new - g), full(g, 0.0))
        bound = self.share * ratio(length, change, full(g, LARGEST))
        if self.year == 2023:
            excess = root(ratio(t, bound, t) * ratio(t, bound, t) - 1.0)
            # Without an excess the bound is infinite, but for the first rate, which is a guess.
            guess = state.growth >= GUESS
            bound = ratio(t, excess, choose(guess, bound, full(g, LARGEST)))
        more = 1.0 if self.year == 2020 else 2.0 / 3.0
        new = limited(smaller(root(more + state.growth) * t, bound))
        state.growth = ratio(new, t, full(g, 1.0))
        state.t = new
