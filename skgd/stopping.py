r"""Are we done? The tests of convergence, the limits, and what is said about them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from ._checks import not_negative, real_number, whole_number
from ._rows import (
    Array,
    Reals,
    Truths,
    choose,
    column,
    every,
    finite,
    full,
    greater,
    largest,
    root,
    smaller,
    some,
)
from ._state import State

__all__ = ["Reason", "Stopping"]


class Reason(Enum):
    """Why a run ended.

    The value is the pair of SciPy's ``status`` and the message; ``success`` is true for the tests
    of convergence alone.  The message may use the figures of `skgd.runners`.
    """

    GTOL = 0, "Converged: the {measure} {gnorm:.3g} is at most gtol={gtol:g}."
    XTOL = 0, "Converged: the last step {step:.3g} is at most xtol; the {measure} is {gnorm:.3g}."
    FTOL = 0, "Converged: the value changed by at most ftol; the {measure} is {gnorm:.3g}."
    TARGET = 0, "Converged: the value {fun:.6g} reached the target."
    MAXITER = (
        1,
        (
            "Stopped at maxiter={nit} iterations; the {measure} is {gnorm:.3g}, gtol={gtol:g}. "
            "Raise maxiter, or rescale the variables to similar sizes{remedy}."
        ),
    )
    MAXFEV = (
        1,
        (
            "Stopped at the limit maxfev={maxfev} after {nfev} evaluations; the {measure} is "
            "{gnorm:.3g}, gtol={gtol:g}. Raise maxfev, or give the gradient if it is found by "
            "differences{remedy}."
        ),
    )
    MAXTIME = (
        1,
        (
            "Stopped at maxtime={maxtime:g} seconds; the {measure} is {gnorm:.3g}, gtol={gtol:g}. "
            "Raise maxtime."
        ),
    )
    PRECISION = (
        2,
        (
            "Stopped at the attainable precision: the value changes no more; the {measure} "
            "is {gnorm:.3g}, gtol={gtol:g}. Loosen gtol or rescale the function; if {gnorm:.3g} is "
            "large, {doubt}."
        ),
    )
    NOISE = (
        2,
        (
            "Stopped at the noise of the values: they change by no more than noise={noise:.3g} "
            "explains; the {measure} is {gnorm:.3g}, gtol={gtol:g}. Loosen gtol, average several "
            "evaluations, or use gd_spsa, which averages over many iterates. An ftol below the "
            "noise has no meaning."
        ),
    )
    NONFINITE = (
        3,
        (
            "Stopped because the value or the gradient is not finite (points tried: {tries}). Add "
            "bounds that keep x where the function is defined, or a smaller learning_rate."
        ),
    )
    NONFINITE_START = (
        3,
        (
            "The value or the gradient at x0 is not finite, so there is no way to go. "
            "Choose another x0."
        ),
    )
    NONFINITE_BESIDE = (
        3,
        (
            "The value at x0 is finite, but {beside} not, so there is no way to go. "
            "Choose another x0, or add bounds that keep x where the function is defined."
        ),
    )
    PATIENCE = (
        4,
        (
            "Stopped because the best value did not improve in the last patience={patience} "
            "iterations; the {measure} is {gnorm:.3g}."
        ),
    )
    WORSE = (
        4,
        (
            "The run came to rest at fun_last={fun_last:.6g}, but had seen the lower value "
            "{fun:.6g} on the way, where the {measure} is {gnorm:.3g}. Start again from x, with a "
            "smaller learning_rate or momentum; {doubt}."
        ),
    )
    DIVERGED = (
        5,
        (
            "Stopped because the run diverges: fun_last={fun_last:.3g} is above the start, and the "
            "gradient has grown by a factor of 1e8. The learning_rate {rate:.3g} is too large; the "
            "curvature seen last suggests {advised:.2g}, or leave it at 'auto'."
        ),
    )
    UNBOUNDED = (
        1,
        (
            "Stopped at maxiter={nit} iterations: the function seems to have no minimum, as x has "
            "gone to {reach:.3g} and the value to {fun:.3g}. Add bounds."
        ),
    )
    INTERRUPTED = 98, "Interrupted by {error}; this is the best point so far."
    UNFINISHED = 98, "The run goes on; this is the best point after {nfev} evaluations."
    CALLBACK = 99, "`callback` raised `StopIteration`."

    @property
    def status(self) -> int:
        """SciPy's status number."""
        return self.value[0]

    @property
    def message(self) -> str:
        """The message, with names of figures in braces."""
        return self.value[1]

    @property
    def success(self) -> bool:
        """Whether a test of convergence was met."""
        return self.value[0] == 0

    @property
    def code(self) -> int:
        """Position among the reasons, from 1: what a batch writes into an array of int."""
        return _CODES[self]

    @staticmethod
    def of(code: int) -> Reason:
        """Return the reason that a code stands for."""
        return _REASONS[code - 1]


_REASONS = list(Reason)
_CODES = {reason: i for i, reason in enumerate(_REASONS, start=1)}
CONVERGED = tuple(reason.code for reason in Reason if reason.success)


@dataclass(slots=True)
class _Streaks(State):
    tests: tuple[tuple[Callable[[Any, Any], Truths], int], ...]
    limit: int
    far: float
    usual: bool
    differences: bool
    first: Reals
    wild: Reals
    best: Reals
    waited: Reals
    flat: Reals
    least: Reals
    noise: float
    blur: float
    random: bool
    total: Reals
    level: Reals
    rested: Reals
    lowest: Reals
    idle: Reals


WILD = 1e8
"""Growth of the gradient, above the value at the start, that counts as divergence."""

FLAT_LIMIT = 40
"""Iterations in a row that change the value by no more than rounding, and bring the gradient no
nearer to zero, before the attainable precision counts as reached."""


WINDOW = 10
"""Iterations whose mean value is compared with that of the next ones, where values are noisy."""

RESTED, IDLE = 3, 8
"""Windows in a row with the same mean, as far as noise can tell, before the noise counts as
reached; and windows without a mean that is lower by more than noise."""


@dataclass(frozen=True)
class Stopping:
    r"""When a run is over.

    Parameters
    ----------
    gtol : float, default 1e-5
        Converged when the norm of :math:`x - \operatorname{prox}(x - g)`, the gradient itself
        without constraints, is at most this.
    norm : float, default inf
        Order of that norm.
    xtol : float, default 0
        Converged when every coordinate's last step is at most this; 0 turns the test off.
    xrtol : float, default 0
        The same, relative to the largest coordinate of x; 0 turns the test off.
    ftol : float, default 0
        Converged when :math:`|f_k - f_{k+1}| \le \text{ftol}\,\max(|f_k|, |f_{k+1}|, 1)`; 0 turns
        the test off.
    patience : int or None, default None
        Stop, without success, when the best value did not improve in so many iterations; by more
        than `ftol`, relatively, where that is given.
    maxiter : int or None, default None
        Largest number of iterations; None for ``max(2000, 200 n)``.
    target : float or None, default None
        Converged when a value is at most this.

    Raises
    ------
    ValueError
        When an argument is outside its range.
    """

    gtol: float = 1e-5
    norm: float = math.inf
    xtol: float = 0.0
    xrtol: float = 0.0
    ftol: float = 0.0
    patience: int | None = None
    maxiter: int | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        for name in ("gtol", "xtol", "xrtol", "ftol"):
            object.__setattr__(self, name, not_negative(name, getattr(self, name)))
        object.__setattr__(self, "norm", _order(self.norm))
        if self.patience is not None:
            object.__setattr__(self, "patience", whole_number("patience", self.patience, least=1))
        if self.maxiter is not None:
            object.__setattr__(self, "maxiter", whole_number("maxiter", self.maxiter))
        if self.target is not None:
            object.__setattr__(self, "target", real_number("target", self.target))

    def limit(self, n: int) -> int:
        """Return the largest number of iterations for `n` variables."""
        return max(2000, 200 * n) if self.maxiter is None else self.maxiter

    def size(self, residual: Array) -> Reals:
        """Return the norm of the optimality residual."""
        unit = largest(residual)
        if self.norm == math.inf:
            return unit
        usual = (unit > 0.0) & finite(unit)
        with np.errstate(all="ignore"):
            # In units of the largest entry no power overflows, and never do all of them vanish.
            entries = np.divide(residual, column(choose(usual, unit, 1.0)), dtype=float)
            length = np.linalg.norm(entries, ord=self.norm, axis=-1)
            size = unit * (float(length) if residual.ndim == 1 else length)
        return choose(usual, size, unit)

    def start(
        self,
        run: Any,
        constrained: bool,
        differences: bool,
        fixed: bool,
        noise: float = 0.0,
        blur: float = 0.0,
        random: bool = False,
    ) -> _Streaks:
        """Return the state of a run that starts: the tests that are on, and their memory.

        Parameters
        ----------
        run : Progress
            The numbers of the start.
        constrained : bool
            Whether the residual is another than the gradient.
        differences : bool
            Whether the gradient is found by differences.
        fixed : bool
            Whether nothing in the rules would ever shorten the steps of a run that diverges.
        noise : float, default 0
            Standard deviation of the noise of the values.
        blur : float, default 0
            What that makes of an entry of a gradient by differences.
        random : bool, default False
            Whether gradients and most values are random estimates, of which a single one tells
            nothing.
        """
        x, f, gg = run.x, run.f, run.gg
        # The largest entry is at least the root of the mean square: where the squared norm of an
        # unconstrained gradient is above this, the largest entry is above gtol.
        bound = x.shape[-1] * self.gtol * self.gtol * (1.0 + 1e-6)
        tests = (
            (True, self._stationary, Reason.GTOL),
            (self.target is not None, self._on_target, Reason.TARGET),
            ((self.xtol or self.xrtol) and not random, self._still, Reason.XTOL),
            (self.ftol and not random, self._level, Reason.FTOL),
            (not random, self._flat, Reason.PRECISION),
            (noise > 0.0 and not random, self._noisy, Reason.NOISE),
            (self.patience is not None, self._tired, Reason.PATIENCE),
            (not random, self._diverging, Reason.DIVERGED),
            (True, self._long, Reason.MAXITER),
        )
        return _Streaks(
            tests=tuple((test, reason.code) for on, test, reason in tests if on),
            limit=self.limit(x.shape[-1]),
            far=bound if self.norm == math.inf and not constrained else math.inf,
            usual=self.target is None
            and not noise
            and not random
            and not (self.xtol or self.xrtol or self.ftol or self.patience),
            differences=differences,
            first=f,
            wild=WILD * WILD * gg if fixed else full(x, math.inf),
            best=f,
            waited=full(x, 0.0),
            flat=full(x, 0.0),
            least=full(x, math.inf),
            noise=noise,
            blur=blur,
            random=random,
            total=full(x, 0.0),
            level=full(x, math.inf),
            rested=full(x, 0.0),
            lowest=full(x, math.inf),
            idle=full(x, 0.0),
        )

    def wake(self, state: _Streaks) -> None:
        """Forget that a run has been at rest at the noise."""
        state.rested, state.level, state.idle = 0.0, math.inf, 0.0

    def check(self, state: _Streaks, run: Any) -> Any:
        """Return the code of the reason to stop, 0 for none; one a row for a batch.

        Parameters
        ----------
        state : object
            What `start` returned.
        run : Progress
            The numbers of the iteration that was just done.
        """
        if run.x.ndim == 1:
            if state.usual and run.gg > state.far and self._nothing_near(state, run):
                return 0
            for test, code in state.tests:
                if test(state, run):
                    return code
            return 0
        codes = np.zeros(run.x.shape[0], dtype=int)
        for test, code in state.tests:
            codes = np.where((codes == 0) & test(state, run), code, codes)
        return codes

    def _nothing_near(self, state: _Streaks, run: Any) -> bool:
        """Tell whether the other usual tests are far from being met, as they mostly are."""
        return bool(
            run.k < state.limit
            and abs(run.f - run.f_before) > 4.0 * run.eps * abs(run.f)
            and not state.flat
            and (run.f <= state.first or run.gg <= state.wild)
        )

    def _stationary(self, state: _Streaks, run: Any) -> Truths:
        if state.random:
            return bool(run.gnorm + run.error <= self.gtol)
        if every(run.gg > state.far):
            return False
        small = run.gnorm <= self.gtol
        if state.blur > self.gtol:
            # A gradient that small is a matter of chance, or of digits that are cut off.
            return small ^ small
        if state.differences and some(small):
            # Where no difference shows, the slope is only known to be below what would show.
            blind = (run.gg == 0.0) & (root(run.eps) * abs(run.f) > self.gtol)
            return small & (blind ^ True)
        return small

    def _on_target(self, state: _Streaks, run: Any) -> Truths:
        return (run.f <= self.target) & run.measured

    def _still(self, state: _Streaks, run: Any) -> Truths:
        if run.k == 0:
            return False
        limit = greater(self.xrtol * largest(run.x), self.xtol)
        return (largest(run.step) <= limit) & run.whole

    def _level(self, state: _Streaks, run: Any) -> Truths:
        scale = greater(greater(abs(run.f), abs(run.f_before)), 1.0)
        # Below the noise a change tells nothing.
        visible = self.ftol * scale >= 2.0 * state.noise
        return (abs(run.f - run.f_before) <= self.ftol * scale) & run.whole & visible

    def _noisy(self, state: _Streaks, run: Any) -> Truths:
        """Tell whether the mean value has changed by no more than noise explains for long."""
        state.total = state.total + run.f
        if state.blur > self.gtol and run.k and every(run.gnorm <= self.gtol):
            return full_truth(run.x)
        if run.k % WINDOW or not run.k:
            return False
        mean = state.total / WINDOW
        same = abs(mean - state.level) <= 2.0 * state.noise * math.sqrt(2.0 / WINDOW)
        state.rested = choose(same, state.rested + 1.0, 0.0 * state.rested)
        state.total = 0.0 * state.total
        # Against the same mean: slow progress adds up.
        state.level = choose(same, state.level, mean)
        lower = mean < state.lowest - state.noise
        state.lowest = choose(lower, mean, state.lowest)
        state.idle = choose(lower, 0.0 * state.idle, state.idle + 1.0)
        return (state.rested >= RESTED) | (state.idle >= IDLE)

    def _flat(self, state: _Streaks, run: Any) -> Truths:
        """Tell whether the run has trodden on the spot at rounding level for long."""
        flat = abs(run.f - run.f_before) <= 4.0 * run.eps * abs(run.f)
        if not some(flat):
            state.flat = 0.0 * state.flat
            return False
        nearer = run.gnorm < 0.9 * state.least
        state.least = choose(nearer, run.gnorm, state.least)
        state.flat = choose(flat & (nearer ^ True), state.flat + 1.0, 0.0 * state.flat)
        return state.flat >= FLAT_LIMIT

    def _diverging(self, state: _Streaks, run: Any) -> Truths:
        return (run.f > state.first) & (run.gg > state.wild)

    def _tired(self, state: _Streaks, run: Any) -> Truths:
        """Tell whether the best value has not improved for long."""
        if run.k == 0:
            return False
        better = run.f < state.best - self.ftol * greater(abs(state.best), 1.0)
        state.waited = choose(better, 0.0 * state.waited, state.waited + 1.0)
        state.best = smaller(state.best, run.f)
        assert self.patience is not None
        return state.waited >= self.patience

    def _long(self, state: _Streaks, run: Any) -> bool:
        return bool(run.k >= state.limit)


def _order(norm: Any) -> float:
    """Return the order of a norm as a float, or raise ValueError."""
    if isinstance(norm, float) and norm == math.inf:
        return norm
    order = real_number("norm", norm)
    if order < 1:
        raise ValueError(f"norm must be a number from 1 to inf, got {norm!r}")
    return order


def full_truth(x: Array) -> Truths:
    """Return what holds for the point, or for every row."""
    return True if x.ndim == 1 else np.ones(x.shape[0], dtype=bool)
