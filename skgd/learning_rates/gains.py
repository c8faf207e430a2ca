"""The gains of stochastic approximation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from skgd._checks import not_negative, positive, switch
from skgd._rows import Array, Reals, Truths, choose
from skgd._state import State

from .base import LearningRate, Trial, first_rate, limited

__all__ = ["Gains"]


@dataclass(slots=True)
class _Gain(State):
    t: Reals
    stability: float


@dataclass(frozen=True)
class Gains(LearningRate):
    r"""Decreasing gains, calibrated from the function, :math:`t_k = a / (k + 1 + A)^\alpha`.

    The form is Spall's [1]_.  The factor a follows from a target for the first gain: where the
    gradients are estimated by `SPSA`, the share `share` of the natural rate, the inverse of the sum
    of the curvatures, up to which such steps are stable; the natural rate follows the curvature
    along the way.  Where no curvature is known, as for directions with rates of their own, the
    first step moves the point by a tenth of its length.

    Pick it for gradients that are random estimates; it is their rate unless another is chosen.

    Parameters
    ----------
    share : float, default 0.9
        The first gain, by the natural rate; positive.
    alpha : float, default 0.602
        The exponent :math:`\alpha` of the gains :math:`t_k = a/(k + 1 + A)^\alpha`, at least 0;
        the factor a follows from the function.
    stability : float or None, default None
        The number A in :math:`a/(k + 1 + A)^\alpha`, of iterations before the gains begin to fall;
        None for a tenth of the iterations that the run may take.
    blocking : bool, default False
        Whether a step is undone that raises the value by more than two standard deviations of the
        noise.  This costs one evaluation an iteration.

    Raises
    ------
    ValueError
        When an argument is outside its range.

    References
    ----------
    .. [1] J. C. Spall, "Implementation of the simultaneous perturbation algorithm for stochastic
       optimization", IEEE Transactions on Aerospace and Electronic Systems 34 (1998), 817-823.

    Examples
    --------
    >>> from skgd import gd_spsa
    >>> from skgd.learning_rates import Gains
    >>> res = gd_spsa(lambda x: x @ x, [3.0, -4.0], learning_rate=Gains(alpha=0.5), rng=1)
    >>> bool(res.fun < 1e-9)
    True
    """

    share: float = 0.9
    alpha: float = 0.602
    stability: float | None = None
    blocking: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "share", positive("share", self.share))
        object.__setattr__(self, "alpha", not_negative("alpha", self.alpha))
        if self.stability is not None:
            object.__setattr__(self, "stability", not_negative("stability", self.stability))
        object.__setattr__(self, "blocking", switch("blocking", self.blocking))

    @property
    def searches(self) -> bool:
        """Whether trial points are judged: with blocking."""
        return self.blocking

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> _Gain:
        """Start with a gain that moves the point by a tenth of its length."""
        return _Gain(
            limited(first_rate(x, unit)), 100.0 if self.stability is None else self.stability
        )

    def advise(self, state: _Gain, natural: float | None, iterations: float) -> dict[str, float]:
        """Take in the natural rate and the number of iterations."""
        if natural is not None:
            state.t = limited(self.share * natural)
        if self.stability is None and math.isfinite(iterations):
            state.stability = 0.1 * iterations
        a = state.t * (state.stability + 1.0) ** self.alpha
        return {"a": a, "A": state.stability, "alpha": self.alpha}

    def rate(self, state: _Gain, k: int, f: Reals, g: Array) -> Reals:
        """Return the gain of iteration `k` (from 0)."""
        first = state.stability + 1.0
        return state.t * (first / (first + k)) ** self.alpha

    def accepts(self, state: Any, trial: Trial) -> Truths:
        """With blocking, compare the value with the one before."""
        if not self.blocking:
            return True
        return (trial.f_trial <= trial.f + trial.noise) | (trial.s == 0.0)

    def retry(self, state: Any, trial: Trial) -> tuple[Reals, Reals]:
        """Stay, after a step that is blocked; a new gradient will be drawn."""
        return trial.t, choose(trial.s == 0.0, 0.25 * trial.s, 0.0 * trial.s)
