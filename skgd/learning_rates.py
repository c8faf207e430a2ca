r"""How far: the learning rates.

A learning rate proposes the number :math:`t_k` that multiplies the gradient in the direction's
displacement.  A rate that *searches* also judges: the engine tries :math:`x_k + s\,d_k` with
:math:`s = 1` first and asks whether the value found there is good enough; if not, the rule says
what to try next.  After an accepted step every rule may learn from it.

A rule is an immutable object that serves many runs at once; what it remembers of a run is a state
that the run passes in.  To add a rule, subclass `LearningRate` and enter it in `LEARNING_RATES`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ._checks import fraction, positive, real_number, whole_number
from ._rows import (
    Array,
    Reals,
    Truths,
    choose,
    column,
    dot,
    finite,
    full,
    greater,
    largest,
    norm,
    ratio,
    root,
    smaller,
)
from ._state import State

__all__ = [
    "LEARNING_RATES",
    "Adaptive",
    "Armijo",
    "Constant",
    "Cosine",
    "Exponential",
    "InverseTime",
    "LearningRate",
    "Lipschitz",
    "Polyak",
    "Proportional",
    "Schedule",
    "Spectral",
    "StepDecay",
]

SMALLEST, LARGEST = 1e-100, 1e100
"""Safeguards of every rate that is computed, wide enough for any scaling of the variables."""


FRACTION = 0.1
"""Length of the first step, as a fraction of the size of the start."""


class LearningRate(ABC):
    """How far to go along a direction.

    A subclass needs `rate`.
    """

    searches: ClassVar[bool] = False
    """Whether the value at the trial point is judged before its gradient is asked for."""

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> Any:
        """Return the state of a run that starts at `x`.

        `unit` is the largest entry of the direction's first displacement at rate one.
        """
        return State()

    @abstractmethod
    def rate(self, state: Any, k: int, f: Reals, g: Array) -> Reals:
        """Return the rate of iteration `k` (from 0)."""

    def accepts(self, state: Any, trial: Trial) -> Truths:
        """Tell whether the value at the trial point is good enough."""
        return True

    def retry(self, state: Any, trial: Trial) -> tuple[Reals, Reals]:
        """Return the rate and the fraction `s` to try after a trial that was not accepted."""
        return trial.t, 0.25 * trial.s

    def learn(self, state: Any, trial: Trial, g: Array, g_new: Array) -> None:
        """Take in the accepted trial and the gradients before and after it."""


@dataclass(slots=True)
class Trial:
    """A point ``x + s * d`` that was tried, and what is known of it.

    Attributes
    ----------
    k : int
        Iteration, from 0.
    t, s : float, or ndarray of shape (S,)
        Rate that the displacement was made with, and the fraction of it that is tried.
    p, d : ndarray, shape (n,) or (S, n)
        The direction's displacement, and the one that the constraint allows.
    slope : float, or ndarray of shape (S,)
        Derivative along `d`; for a penalised problem its upper estimate.
    f, f_trial : float, or ndarray of shape (S,)
        Value at the iterate and at the trial point.
    eps : float
        Spacing of numbers near 1 in the type that the run computes in.
    """

    k: int
    t: Reals
    s: Reals
    p: Array
    d: Array
    slope: Reals
    f: Reals
    f_trial: Reals
    eps: float


def first_rate(x: Array, unit: Reals) -> Reals:
    """Return the rate that makes the first step a tenth as long as the point, or 0.1 at the origin.

    Only the largest entries are compared, so the rate follows a common scale of the variables and
    any scale of the function.
    """
    length = largest(x)
    length = FRACTION * choose(length > 0, length, full(x, 1.0))
    return ratio(length, unit, full(x, 1.0))


def limited(t: Reals) -> Reals:
    """Return the rate within the safeguards."""
    return smaller(greater(t, SMALLEST), LARGEST)


def _most(values: list[Reals]) -> Reals:
    """Return the largest of some quantities, row by row in a batch."""
    return np.maximum.reduce(values) if isinstance(values[0], np.ndarray) else max(values)


def _least(values: list[Reals]) -> Reals:
    """Return the smallest of some quantities, row by row in a batch."""
    return np.minimum.reduce(values) if isinstance(values[0], np.ndarray) else min(values)


@dataclass(frozen=True)
class Constant(LearningRate):
    r"""The same rate always, :math:`t_k = t`.

    Parameters
    ----------
    value : float
        The rate; positive.

    Raises
    ------
    ValueError
        When the rate is not a positive number.

    Examples
    --------
    >>> from skgd import gd
    >>> gd(lambda x: x @ x, [1.0], learning_rate=0.25, maxiter=1).x
    array([0.5])
    """

    value: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", positive("learning_rate", self.value))

    def rate(self, state: Any, k: int, f: Reals, g: Array) -> float:
        return self.value


@dataclass(frozen=True)
class Proportional(LearningRate):
    """A constant rate that is chosen from the start.

    The first step moves the point's largest coordinate by the given fraction of its size, or of 1
    at the origin.  It follows the units of the variables, and suits directions whose steps do not
    depend on the size of the gradient, such as `Rprop`.

    Parameters
    ----------
    fraction : float, default 0.1
        The fraction; positive.

    Raises
    ------
    ValueError
        When the fraction is not a positive number.

    Examples
    --------
    >>> from skgd import Proportional, gd_rprop
    >>> gd_rprop(lambda x: x @ x, [100.0], learning_rate=Proportional(0.25), maxiter=1).x
    array([75.])
    """

    fraction: float = 0.1

    def __post_init__(self) -> None:
        positive("fraction", self.fraction)

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> _Fixed:
        return _Fixed(limited(self.fraction * first_rate(x, unit) / FRACTION))

    def rate(self, state: _Fixed, k: int, f: Reals, g: Array) -> Reals:
        return state.t


@dataclass(slots=True)
class _Fixed(State):
    t: Reals


class Scheduled(LearningRate):
    """A rate that depends on the iteration alone; a subclass needs `at`."""

    @abstractmethod
    def at(self, k: int) -> float:
        """Return the rate of iteration `k` (from 0)."""

    def rate(self, state: Any, k: int, f: Reals, g: Array) -> float:
        return self.at(k)


@dataclass(frozen=True)
class StepDecay(Scheduled):
    r"""A rate multiplied by `factor` every so many iterations.

    The rate of iteration k is :math:`t_0\,\gamma^{j}` with j the number of the iterations
    ``first_at, first_at + every, ...`` that lie before k: iteration `first_at` is the last one at
    the full rate.

    Parameters
    ----------
    value : float
        The rate at the start; positive.
    factor : float, default 0.5
        What it is multiplied by, in (0, 1].
    every : int, default 100
        After how many iterations, at least 1.
    first_at : int or None, default None
        The iteration (from 0) after which the rate falls first; None for ``every - 1``, so that
        the first `every` iterations have the full rate.

    Raises
    ------
    ValueError
        When an argument is outside its range.

    Examples
    --------
    >>> from skgd import StepDecay
    >>> decay = StepDecay(1.0, factor=0.5, every=2, first_at=0)
    >>> [decay.at(k) for k in range(5)]
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """

    value: float
    factor: float = 0.5
    every: int = 100
    first_at: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", positive("value", self.value))
        if positive("factor", self.factor) > 1:
            raise ValueError(f"factor must lie in (0, 1], got {self.factor!r}")
        object.__setattr__(self, "every", whole_number("every", self.every, least=1))
        first = self.every - 1 if self.first_at is None else self.first_at
        object.__setattr__(self, "first_at", whole_number("first_at", first))

    def at(self, k: int) -> float:
        assert self.first_at is not None
        falls = (k - 1 - self.first_at) // self.every + 1 if k > self.first_at else 0
        return self.value * self.factor**falls


@dataclass(frozen=True)
class Exponential(Scheduled):
    r"""A rate that falls by the same factor in every iteration, :math:`t_k = t_0 \gamma^k`.

    Parameters
    ----------
    value : float
        The rate at the start; positive.
    factor : float, default 0.99
        The factor :math:`\gamma`, in (0, 1].

    Raises
    ------
    ValueError
        When an argument is outside its range.

    Examples
    --------
    >>> from skgd import Exponential
    >>> Exponential(1.0, factor=0.5).at(3)
    0.125
    """

    value: float
    factor: float = 0.99

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", positive("value", self.value))
        if positive("factor", self.factor) > 1:
            raise ValueError(f"factor must lie in (0, 1], got {self.factor!r}")

    def at(self, k: int) -> float:
        return self.value * self.factor**k


@dataclass(frozen=True)
class InverseTime(Scheduled):
    r"""The rate of stochastic approximation, :math:`t_k = t_0 / (1 + k/\tau)`.

    Its sum diverges and the sum of its squares does not, as convergence under noise asks for
    (Robbins and Monro 1951).

    Parameters
    ----------
    value : float
        The rate at the start; positive.
    time : float, default 1
        The number :math:`\tau` of iterations after which it has halved; positive.

    Raises
    ------
    ValueError
        When an argument is not positive.

    Examples
    --------
    >>> from skgd import InverseTime
    >>> InverseTime(1.0).at(3)
    0.25
    """

    value: float
    time: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", positive("value", self.value))
        positive("time", self.time)

    def at(self, k: int) -> float:
        return self.value / (1.0 + k / self.time)


@dataclass(frozen=True)
class Cosine(Scheduled):
    r"""Half a cosine from the first rate to the last, with warm restarts [1]_.

    .. math:: t_k = t_\infty + \tfrac12 (t_0 - t_\infty)(1 + \cos(\pi\, k / \tau))

    for k up to the period :math:`\tau`, and :math:`t_\infty` from then on, or again from the start.

    Parameters
    ----------
    value : float
        The rate at the start; positive.
    period : int
        Iterations until the last rate is reached, at least 1.
    final : float, default 0.01 of `value`
        The last rate; positive.
    restart : bool, default False
        Whether each period starts anew.

    Raises
    ------
    ValueError
        When an argument is outside its range.

    References
    ----------
    .. [1] I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts",
       ICLR 2017.

    Examples
    --------
    >>> from skgd import Cosine
    >>> Cosine(1.0, period=10, final=0.5).at(5)
    0.75
    """

    value: float
    period: int
    final: float | None = None
    restart: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", positive("value", self.value))
        object.__setattr__(self, "period", whole_number("period", self.period, least=1))
        final = 0.01 * self.value if self.final is None else self.final
        object.__setattr__(self, "final", positive("final", final))

    def at(self, k: int) -> float:
        assert self.final is not None
        phase = (k % self.period if self.restart else min(k, self.period)) / self.period
        return self.final + 0.5 * (self.value - self.final) * (1.0 + math.cos(math.pi * phase))


@dataclass(frozen=True)
class Schedule(Scheduled):
    """Any function of the iteration, ``k -> rate``.

    Parameters
    ----------
    function : callable
        Called with k = 0, 1, ...; returns the rate, a positive number.

    Raises
    ------
    ValueError
        When `function` is not callable; during the run, when it returns no positive number.

    Examples
    --------
    >>> from skgd import Schedule
    >>> Schedule(lambda k: 1 / (k + 1)).at(3)
    0.25
    """

    function: Callable[[int], float]

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ValueError(f"function must be callable, got {self.function!r}")

    def at(self, k: int) -> float:
        return positive(f"learning_rate: the schedule's value at iteration {k}", self.function(k))


@dataclass(slots=True)
class _Search(State):
    t: Reals
    values: list[Reals]


@dataclass(frozen=True)
class Armijo(LearningRate):
    r"""Backtracking until the value falls enough [1]_, monotone or not [2]_.

    A trial is accepted when

    .. math:: f(x_k + s\,d_k) \le \max_{0 \le j < M} f(x_{k-j}) + c_1\, s\, g_k\cdot d_k

    up to a few units in the last place of f, which let the search work at rounding level.  A trial
    that fails is replaced by the minimum of the parabola through what is known, kept in
    [0.1 s, 0.5 s].  The rate that was accepted grows by `grow` for the next iteration.

    Parameters
    ----------
    initial : float or None, default None
        The first rate to try; None for one that moves the point by a tenth of its length.
    c1 : float, default 1e-4
        The share :math:`c_1` of the decrease that the slope promises, in (0, 1).
    grow : float, default 2
        Growth of the rate after a first trial that was accepted; at least 1.
    memory : int, default 1
        The number M of values that the new one is compared with; 1 for a monotone search.

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

    Examples
    --------
    >>> from skgd import Armijo, gd
    >>> gd(lambda x: x @ x, [3.0, -4.0], learning_rate=Armijo()).success
    True
    """

    initial: float | None = None
    c1: float = 1e-4
    grow: float = 2.0
    memory: int = 1
    searches: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.initial is not None:
            positive("initial", self.initial)
        fraction("c1", self.c1, zero=False)
        if real_number("grow", self.grow) < 1:
            raise ValueError(f"grow must be at least 1, got {self.grow!r}")
        object.__setattr__(self, "memory", whole_number("memory", self.memory, least=1))

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> Any:
        t = first_rate(x, unit) if self.initial is None else full(x, self.initial)
        return _Search(limited(t), [f])

    def rate(self, state: Any, k: int, f: Reals, g: Array) -> Reals:
        return state.t

    def accepts(self, state: Any, trial: Trial) -> Truths:
        reference = _most(state.values)
        slack = 4.0 * trial.eps * abs(trial.f)
        return trial.f_trial <= reference + self.c1 * trial.s * trial.slope + slack

    def retry(self, state: Any, trial: Trial) -> tuple[Reals, Reals]:
        s, drop = trial.s, trial.s * trial.slope
        parabola = ratio(-0.5 * s * drop, trial.f_trial - trial.f - drop, 0.1 * s)
        return trial.t, smaller(greater(parabola, 0.1 * s), 0.5 * s)

    def learn(self, state: Any, trial: Trial, g: Array, g_new: Array) -> None:
        state.values = [*state.values[len(state.values) == self.memory :], trial.f_trial]
        grown = choose(trial.s == 1.0, self.grow, 1.0)
        state.t = limited(trial.t * trial.s * grown)


@dataclass(slots=True)
class _Bb(_Search):
    short: list[Reals]


@dataclass(frozen=True)
class Spectral(Armijo):
    r"""Barzilai and Borwein's steps [1]_ under a nonmonotone line search (Raydan 1997 [2]_).

    With :math:`\Delta x` and :math:`\Delta g` the last change of point and gradient, the rates

    .. math::

       t^{\text{long}} = \frac{\Delta x\cdot\Delta x}{\Delta x\cdot\Delta g}, \qquad
       t^{\text{short}} = \frac{\Delta x\cdot\Delta g}{\Delta g\cdot\Delta g}

    are inverse curvatures.  ``formula="adaptive"`` (ABBmin [3]_) takes the smallest of the last few
    short ones where :math:`t^{\text{short}} < 0.8\, t^{\text{long}}`, else the long one.

    Parameters
    ----------
    initial : float or None, default None
        The first rate; None for one that moves the point by a tenth of its length.
    c1 : float, default 1e-4
        Share of the promised decrease that is asked for, in (0, 1).
    grow : float, default 2
        Growth of the rate where the curvature is not positive; at least 1.
    memory : int, default 10
        The number of values that a new one is compared with.
    formula : {"adaptive", "long", "short"}, default "adaptive"
        Which of the two rates.

    Raises
    ------
    ValueError
        When an argument is outside its range.

    References
    ----------
    .. [1] J. Barzilai and J. M. Borwein, "Two-point step size gradient methods", IMA Journal of
       Numerical Analysis 8 (1988), 141-148.
    .. [2] M. Raydan, "The Barzilai and Borwein gradient method for the large scale unconstrained
       minimization problem", SIAM Journal on Optimization 7 (1997), 26-33.
    .. [3] G. Frassoldati, L. Zanni and G. Zanghirati, "New adaptive stepsize selections in
       gradient methods", Journal of Industrial and Management Optimization 4 (2008), 299-312.

    Examples
    --------
    >>> from skgd import Spectral, gd
    >>> gd(lambda x: x @ x, [3.0, -4.0], learning_rate=Spectral(formula="long")).success
    True
    """

    grow: float = 4.0
    memory: int = 10
    formula: str = "adaptive"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.formula not in ("adaptive", "long", "short"):
            raise ValueError(
                f"formula must be 'adaptive', 'long' or 'short', got {self.formula!r}"
            )

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> _Bb:
        search = super().start(x, f, g, unit)
        return _Bb(search.t, search.values, [])

    def learn(self, state: Any, trial: Trial, g: Array, g_new: Array) -> None:
        super().learn(state, trial, g, g_new)
        y = g_new - g
        step = trial.d
        ss = dot(step, step) * trial.s * trial.s
        sy = dot(step, y) * trial.s
        # Where the curvature is not positive there is no parabola; go further each time.
        further = self.grow * trial.t * trial.s
        long = ratio(ss, sy, further)
        short = choose(sy > 0.0, ratio(sy, dot(y, y), further), further)
        if self.formula == "long":
            t = long
        elif self.formula == "short":
            t = short
        else:
            state.short = [*state.short[-4:], short]
            t = choose(short < 0.8 * long, _least(state.short), long)
        state.t = limited(t)


@dataclass(slots=True)
class _Secants(_Search):
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
    grow : float, default 10
        Largest growth of the rate in one iteration; at least 1.
    memory : int, default 10
        The number of values that a new one is compared with.
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
        search = super().start(x, f, g, unit)
        return _Secants(search.t, search.values, [])

    def learn(self, state: Any, trial: Trial, g: Array, g_new: Array) -> None:
        super().learn(state, trial, g, g_new)
        curvature = ratio(norm(g_new - g), norm(trial.d) * trial.s, full(g, 0.0))
        full_span = len(state.curvatures) == self.span
        state.curvatures = [*state.curvatures[full_span:], curvature]
        most = _most(state.curvatures)
        longest = self.grow * trial.t
        state.t = limited(smaller(ratio(full(g, 1.0), most, longest), longest))


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
        t = 0.01 * first_rate(x, unit) if self.initial is None else full(x, self.initial)
        # The first rate is a guess: let the first curvature overrule it by any factor.
        return _Curvature(limited(t), full(x, LARGEST))

    def rate(self, state: _Curvature, k: int, f: Reals, g: Array) -> Reals:
        return state.t

    def learn(self, state: _Curvature, trial: Trial, g: Array, g_new: Array) -> None:
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
        return _Level(f, first_rate(x, unit) * dot(g, g), full(x, 0.0))

    def rate(self, state: _Level, k: int, f: Reals, g: Array) -> Reals:
        target = state.best - state.gap if self.minimum is None else self.minimum
        # At or below a minimum that was given too high there is no step left; ask for a tiny one.
        return limited(self.factor * ratio(greater(f - target, 0.0), dot(g, g), full(g, LARGEST)))

    def learn(self, state: _Level, trial: Trial, g: Array, g_new: Array) -> None:
        gain = state.best - trial.f_trial
        near = gain >= 0.5 * state.gap
        state.best = smaller(state.best, trial.f_trial)
        state.wait = choose(gain > 0.0, 0.0 * state.wait, state.wait + 1.0)
        tired = state.wait >= 5.0
        state.gap = choose(near, 1.5 * state.gap, choose(tired, 0.5 * state.gap, state.gap))
        state.wait = choose(tired, 0.0 * state.wait, state.wait)


LEARNING_RATES: dict[str, type[LearningRate]] = {
    "armijo": Armijo,
    "lipschitz": Lipschitz,
    "spectral": Spectral,
    "adaptive": Adaptive,
    "polyak": Polyak,
    "proportional": Proportional,
}
"""The learning rates that need no argument, by name."""
