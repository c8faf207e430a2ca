"""Polyak's rate."""

from __future__ import annotations

from dataclasses import dataclass

from skgd._checks import real_number
from skgd._rows import Array, Reals, choose, dot, full, greater, ratio, smaller
from skgd._state import State

from .base import LARGEST, LearningRate, Trial, first_rate, limited


@dataclass(slots=True)
class _Level(State):
    best: Reals
    gap: Reals
    wait: Reals


@dataclass(frozen=True)
class Polyak(LearningRate):
    r"""Polyak's rate [1]_, :math:`t_k = (f(x_k) - f^*)/|g_k|^2`, for a known or estimated minimum.

    Without `minimum` the rate aims at a level below the best value,
    :math:`f^* \approx \min_{j \le k} f(x_j) - \delta_k`, where :math:`\delta` grows when the level
    is nearly reached and halves when five iterations brought nothing (a level method [2]_).

    Parameters
    ----------
    minimum : float or None, default None
        The smallest value of the function, when it is known; None to estimate it.
    factor : float, default 1
        What the rate is multiplied by, in (0, 2).

    Raises
    ------
    ValueError
        When an argument is outside its range.

    References
    ----------
    .. [1] B. T. Polyak, "Minimization of unsmooth functionals", USSR Computational Mathematics
       and Mathematical Physics 9 (1969), 14-29.
    .. [2] J.-L. Goffin and K. C. Kiwiel, "Convergence of a simple subgradient level method",
       Mathematical Programming 85 (1999), 207-211.

    Examples
    --------
    >>> from skgd import Polyak, gd
    >>> gd(lambda x: x @ x, [3.0, -4.0], learning_rate=Polyak(minimum=0.0)).success
    True
    """

    minimum: float | None = None
    factor: float = 1.0

    def __post_init__(self) -> None:
        if self.minimum is not None:
            real_number("minimum", self.minimum)
        if not 0 < real_number("factor", self.factor) < 2:
            raise ValueError(f"factor must lie in (0, 2), got {self.factor!r}")

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> _Level:
        """Start with a gap as large as the first step promises."""
        return _Level(f, first_rate(x, unit) * dot(g, g), full(x, 0.0))

    def rate(self, state: _Level, k: int, f: Reals, g: Array) -> Reals:
        """Return the rate that would reach the aimed-at level, were the function linear."""
        target = state.best - state.gap if self.minimum is None else self.minimum
        # At or below a minimum that was given too high there is no step left; ask for a tiny one.
        return limited(self.factor * ratio(greater(f - target, 0.0), dot(g, g), full(g, LARGEST)))

    def learn(self, state: _Level, trial: Trial, g: Array, g_new: Array) -> None:
        """Move the level to where progress is."""
        gain = state.best - trial.f_trial
        near = gain >= 0.5 * state.gap
        state.best = smaller(state.best, trial.f_trial)
        state.wait = choose(gain > 0.0, 0.0 * state.wait, state.wait + 1.0)
        tired = state.wait >= 5.0
        state.gap = choose(near, 1.5 * state.gap, choose(tired, 0.5 * state.gap, state.gap))
        state.wait = choose(tired, 0.0 * state.wait, state.wait)
