"""Backtracking: rates that are tried and judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._checks import fraction, positive, real_number, whole_number
from skgd._rows import Array, Reals, Truths, choose, full, greater, norm, ratio, smaller
from skgd._state import State

from .base import LearningRate, Trial, first_rate, limited


@dataclass(slots=True)
class Search(State):
    """The next rate, and the values that a new one is compared with."""

    t: Reals
    values: list[Reals]


@dataclass(frozen=True)
class Judged(LearningRate):
    """A rate whose trial points are judged by their value, as `Armijo` describes."""

    initial: float | None = None
    c1: float = 1e-4
    memory: int = 1

    def __post_init__(self) -> None:
        if self.initial is not None:
            positive("initial", self.initial)
        fraction("c1", self.c1, zero=False)
        least = 1 if type(self).memory else 0
        object.__setattr__(self, "memory", whole_number("memory", self.memory, least=least))

    @property
    def searches(self) -> bool:
        """Whether trial points are judged: there are values to compare with."""
        return self.memory > 0

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> Any:
        """Start with the first rate and the first value to compare with."""
        t = first_rate(x, unit) if self.initial is None else full(x, self.initial)
        return Search(limited(t), [f])

    def rate(self, state: Any, k: int, f: Reals, g: Array) -> Reals:
        """Return the rate that the last step led to."""
        return state.t

    def accepts(self, state: Any, trial: Trial) -> Truths:
        """Compare with the largest of the last values, less the share of the promised decrease."""
        reference = highest(state.values)
        slack = 4.0 * trial.eps * abs(trial.f) + trial.noise
        return trial.f_trial <= reference + self.c1 * trial.s * trial.slope + slack

    def retry(self, state: Any, trial: Trial) -> tuple[Reals, Reals]:
        """Go to the minimum of the parabola through what is known."""
        if not self.memory:
            return super().retry(state, trial)
        s, drop = trial.s, trial.s * trial.slope
        parabola = ratio(-0.5 * s * drop, trial.f_trial - trial.f - drop, 0.1 * s)
        return trial.t, smaller(greater(parabola, 0.1 * s), 0.5 * s)

    def learn(self, state: Any, trial: Trial, g: Array, g_new: Array) -> None:
        """Remember the value for the comparisons to come."""
        if self.memory:
            state.values = [*state.values[len(state.values) == self.memory :], trial.f_trial]

    def overlook(self, state: Any, trial: Trial) -> None:
        """Remember the value, and try a longer step: noise looks like curvature on short ones."""
        if self.memory:
            state.values = [*state.values[len(state.values) == self.memory :], trial.f_trial]
        state.t = limited(2.0 * trial.t * trial.s)

    def renew(self, state: Any) -> None:
        """Go on with the natural rate of a new metric."""
        state.t = 1.0


@dataclass(frozen=True)
class Armijo(Judged):
    r"""Backtracking until the value falls enough [1]_, monotone or not [2]_.

    A trial is accepted when

    .. math:: f(x_k + s\,d_k) \le \max_{0 \le j < M} f(x_{k-j}) + c_1\, s\, g_k\cdot d_k

    up to a few units in the last place of f, which let the search work at rounding level, and up to
    two standard deviations of the noise where the option ``noise`` tells it [3]_.  A trial
    that fails is replaced by the minimum of the parabola through what is known, kept in
    [0.1 s, 0.5 s].  The rate that was accepted grows by `grow` for the next iteration.

    Parameters
    ----------
    initial : float or None, default None
        The first rate to try; None for one that moves the point by a tenth of its length.
    c1 : float, default 1e-4
        The share :math:`c_1` of the decrease that the slope promises, in (0, 1).
    memory : int, default 1
        The number M of values that the new one is compared with; 1 for a monotone search.
    grow : float, default 2
        Growth of the rate after a first trial that was accepted; at least 1.

    Raises
    ------
    ValueError
        When an argument is outside its range.

    References
    ----------
    .. [1] L. Armijo, "Minimization of functions having Lipschitz continuous first partial
       derivatives", Pacific Journal of Mathematics 16 (1966), 1-3.
    .. [2] L. Grippo, F. Lampariello and S. Lucidi, "A nonmonotone line search technique for
       Newton's method", SIAM Journal on Numerical Analysis 23 (1986), 707-716.
    .. [3] A. S. Berahas, R. H. Byrd and J. Nocedal, "Derivative-free optimization of noisy
       functions via quasi-Newton methods", SIAM Journal on Optimization 29 (2019), 965-993.

    Examples
    --------
    >>> from skgd import Armijo, gd
    >>> gd(lambda x: x @ x, [3.0, -4.0], learning_rate=Armijo()).success
    True
    """

    grow: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if real_number("grow", self.grow) < 1:
            raise ValueError(f"grow must be at least 1, got {self.grow!r}")

    def learn(self, state: Any, trial: Trial, g: Array, g_new: Array) -> None:
        """Remember the value, and let a rate grow that was accepted at once."""
        super().learn(state, trial, g, g_new)
        grown = choose(trial.s == 1.0, self.grow, 1.0)
        state.t = limited(trial.t * trial.s * grown)


@dataclass(slots=True)
class _Secants(Search):
    curvatures: list[Reals]


@dataclass(frozen=True)
class Lipschitz(Armijo):
    r"""The inverse of the gradient's Lipschitz constant, as seen lately, under a line search.

    .. math:: t_k = 1 / \max_{0 \le j < m} \frac{|g_{k-j} - g_{k-j-1}|}{|x_{k-j} - x_{k-j-1}|}

    is the rate for which gradient descent and its accelerated forms are proved to converge, with
    the constant of the function replaced by the largest curvature among the last few steps.  The
    line search is nonmonotone, so that momentum may climb a little.

    Pick it for momentum and Nesterov's method.

    Parameters
    ----------
    initial : float or None, default None
        The first rate; None for one that moves the point by a tenth of its length.
    c1 : float, default 1e-4
        Share of the promised decrease that is asked for, in (0, 1).
    memory : int, default 10
        The number of values that a new one is compared with.
    grow : float, default 10
        Largest growth of the rate in one iteration; at least 1.
    span : int, default 10
        The number m of steps whose curvature counts.

    Raises
    ------
    ValueError
        When an argument is outside its range.

    Examples
    --------
    >>> from skgd import Lipschitz, gd_momentum
    >>> gd_momentum(lambda x: x @ x, [3.0, -4.0], learning_rate=Lipschitz(span=5)).success
    True
    """

    grow: float = 10.0
    memory: int = 10
    span: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "span", whole_number("span", self.span, least=1))

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> _Secants:
        """Start with the first rate and the first value to compare with."""
        search = super().start(x, f, g, unit)
        return _Secants(search.t, search.values, [])

    def learn(self, state: Any, trial: Trial, g: Array, g_new: Array) -> None:
        """Remember the value, and let a rate grow that was accepted at once."""
        super().learn(state, trial, g, g_new)
        curvature = ratio(norm(g_new - g), norm(trial.d) * trial.s, full(g, 0.0))
        full_span = len(state.curvatures) == self.span
        state.curvatures = [*state.curvatures[full_span:], curvature]
        most = highest(state.curvatures)
        longest = self.grow * trial.t
        state.t = limited(smaller(ratio(full(g, 1.0), most, longest), longest))


def highest(values: list[Reals]) -> Any:
    """Return the largest of some quantities, row by row in a batch."""
    return np.maximum.reduce(values) if isinstance(values[0], np.ndarray) else max(values)
