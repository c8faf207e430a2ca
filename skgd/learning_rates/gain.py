"""Rates that follow the quality of the model behind the direction."""

from __future__ import annotations

from dataclasses import dataclass

from skgd._checks import fraction, positive, real_number
from skgd._rows import Array, Reals, Truths, choose, full, greater, ratio
from skgd._state import State

from .base import LearningRate, Trial, limited

__all__ = ["GainRatio"]

LARGEST = 1e16
"""Largest rate: as inverse damping, more makes no difference in double precision."""


@dataclass(slots=True)
class _Trust(State):
    t: Reals
    shrink: Reals


@dataclass(frozen=True)
class GainRatio(LearningRate):
    r"""A rate that grows while the objective falls as promised (Nielsen 1999 [1]_).

    The *gain* of a step is the decrease of the objective over the one that the direction's
    quadratic model promises, at least half of the slope:

    .. math:: \varrho_k = \frac{f(x_k) - f(x_k + d_k)}{-\tfrac12\, g_k\cdot d_k} .

    A step whose gain is at least `c1` is taken, and the rate is divided by
    :math:`\max(1/\gamma, 1 - (2\varrho_k - 1)^3)`.  Else the direction aims anew, with a rate that
    is divided by 2, then by 4, 8, ...

    Pick it for directions that turn with the rate, such as `Levenberg`, in which it is the inverse
    of the damping.

    Parameters
    ----------
    initial : float, default 100
        The first rate.
    c1 : float, default 1e-4
        Least gain of a step that is taken, in (0, 1).
    grow : float, default 10
        Largest growth :math:`\gamma` of the rate in one iteration; at least 1.

    Raises
    ------
    ValueError
        When an argument is outside its range.

    References
    ----------
    .. [1] H. B. Nielsen, "Damping parameter in Marquardt's method", report IMM-REP-1999-05,
       Technical University of Denmark (1999).

    Examples
    --------
    >>> from skgd import gd
    >>> from skgd.learning_rates.gain import GainRatio
    >>> gd(lambda x: x @ x, [3.0, -4.0], learning_rate=GainRatio(initial=1.0)).success
    True
    """

    initial: float = 100.0
    c1: float = 1e-4
    grow: float = 10.0

    def __post_init__(self) -> None:
        positive("initial", self.initial)
        fraction("c1", self.c1, zero=False)
        if real_number("grow", self.grow) < 1:
            raise ValueError(f"grow must be at least 1, got {self.grow!r}")

    @property
    def searches(self) -> bool:
        """Whether trial points are judged: always."""
        return True

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> _Trust:
        """Start with the first rate."""
        return _Trust(full(x, self.initial), full(x, 2.0))

    def rate(self, state: _Trust, k: int, f: Reals, g: Array) -> Reals:
        """Return the rate that the last gain led to."""
        return state.t

    def accepts(self, state: _Trust, trial: Trial) -> Truths:
        """Compare the decrease with the promised one, up to rounding."""
        slack = 4.0 * trial.eps * abs(trial.f) + trial.noise
        return trial.f_trial <= trial.f - self.c1 * _promise(trial) + slack

    def retry(self, state: _Trust, trial: Trial) -> tuple[Reals, Reals]:
        """Aim anew with a smaller rate, and try the whole of that step."""
        t = limited(trial.t * trial.s / state.shrink)
        state.shrink = 2.0 * state.shrink
        return t, 0.0 * trial.s + 1.0

    def learn(self, state: _Trust, trial: Trial, g: Array, g_new: Array) -> None:
        """Let the rate follow the gain."""
        promise = _promise(trial)
        gain = ratio(trial.f - trial.f_trial, promise, full(g, 1.0))
        # A decrease that is lost in rounding says nothing against the model.
        gain = choose(promise <= 4.0 * trial.eps * abs(trial.f) + trial.noise, full(g, 1.0), gain)
        excess = 2.0 * choose(gain > 1.0, full(g, 1.0), gain) - 1.0
        t = trial.t * trial.s / greater(1.0 - excess * excess * excess, 1.0 / self.grow)
        state.t = choose(t > LARGEST, full(g, LARGEST), limited(t))
        state.shrink = full(g, 2.0)


def _promise(trial: Trial) -> Reals:
    """Return the decrease that the model promises for the fraction of the step that is tried."""
    return -trial.s * (1.0 - 0.5 * trial.s) * trial.slope
