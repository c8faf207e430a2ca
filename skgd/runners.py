"""Who answers what the descent asks.

`conversation` is what every runner has with the descent; `run_serially` answers here and now;
`finished` makes the result.
"""

from __future__ import annotations

import contextlib
import contextvars
import math
from typing import Any, Protocol

import numpy as np

from ._rows import Array, largest, norm, ratio, root
from .descent import descend
from .limits import Limits, OutOfBudget
from .metrics import Metric
from .objective import Objective
from .progress import Progress
from .proximal import optimality
from .requests import (
    Asking,
    Curvature,
    FinalValue,
    Gradient,
    IterationDone,
    Probes,
    Value,
    ValueAndGradient,
)
from .rules import Rules
from .stopping import Reason

__all__ = ["Evaluations", "Observer", "conversation", "finished", "outcome", "run_serially"]


class Evaluations(Protocol):
    """Who evaluates: a function of the user, or the objective of an estimator.

    Attributes
    ----------
    nfev, njev : int
        Values and gradients so far.
    latest : tuple of ndarray and float, or None
        The point that was asked for last, and its value.
    """

    latest: tuple[Array, float] | None

    @property
    def nfev(self) -> int:
        """Values so far."""

    @property
    def njev(self) -> int:
        """Gradients so far."""

    def value(self, x: Array) -> float:
        """Return the value at a point."""

    def along(self, request: Value) -> float:
        """Return the value at a point of a ray."""

    def gradient(self, x: Array) -> Array:
        """Return the gradient as an array that belongs to the caller."""

    def probes(self, probes: Probes) -> Array:
        """Return the values at the points of a gradient scheme."""

    def curvature(self, request: Curvature) -> Metric | None:
        """Return the metric that is offered at a point, None for none."""


class Observer(Protocol):
    """Who is told of each iteration."""

    @property
    def wanted(self) -> bool:
        """Whether there is anyone to tell."""

    def __call__(self, run: Progress) -> None:
        """Take in an iteration; `StopIteration` ends the run."""

    def columns(self, run: Progress) -> dict[str, Array] | None:
        """Return the history, None for none."""

    def vectors(self) -> list[Array] | None:
        """Return every iterate, None for none."""

    def close(self, result: Any) -> None:
        """Take in the result."""


MANY = 100
"""Iterations in which the gradient should have fallen to a tenth."""

FAR = 1e8
"""How far x must have gone, in terms of the start, for a function to seem unbounded."""


def run_serially(
    run: Progress, rules: Rules, objective: Evaluations, monitor: Observer, limits: Limits
) -> Any:
    """Descend, evaluating here and now, and return the result.

    Parameters
    ----------
    run : Progress
        The start.
    rules : Rules
        The five parts of the descent.
    objective : Evaluations
        What is evaluated.
    monitor : Observer
        Who is told of each iteration.
    limits : Limits
        What the objective may spend, for the messages.

    Returns
    -------
    DescentResult
        SciPy's `OptimizeResult`, with the best point that was evaluated.

    Raises
    ------
    BaseException
        What the user's function or callback raised, unchanged, with the best point so far as its
        attribute ``result`` and in a note, where its class allows that.
    """
    try:
        reason = _converse(run, rules, objective, monitor)
    except BaseException as error:
        # Whatever goes wrong here, the user's own exception is the one he must see.
        with contextlib.suppress(Exception):
            interrupted = Reason.INTERRUPTED
            _attach(error, finished(run, rules, objective, monitor, limits, interrupted, error))
        raise
    return finished(run, rules, objective, monitor, limits, reason)


def _converse(run: Progress, rules: Rules, objective: Evaluations, monitor: Observer) -> Reason:
    """Answer what is asked until the end."""
    asking = conversation(run, rules, monitor)
    send = asking.send
    answer: Any = None
    while True:
        try:
            request = asking.throw(answer) if type(answer) is OutOfBudget else send(answer)
        except StopIteration as end:
            reason: Reason = end.value
            return reason
        try:
            answer = _evaluate(request, objective)
        except OutOfBudget as end:
            answer = end


def conversation(run: Progress, rules: Rules, monitor: Observer) -> Asking:
    """Descend, and ask for evaluations only; the iterations are reported to the monitor.

    Every runner has this conversation, whether it evaluates here, elsewhere or not at all.

    Parameters
    ----------
    run : Progress
        The start.
    rules : Rules
        The five parts of the descent.
    monitor : Observer
        Who is told of each iteration.

    Yields
    ------
    Request
        What has to be evaluated.  Who cannot afford it throws `OutOfBudget` into the generator.

    Returns
    -------
    Reason or None
        Why the descent ended; None for a batch, whose rows each have their own.
    """
    run.watched = monitor.wanted
    # The arithmetic of the descent may overflow on its way to a non-finite value, which is dealt
    # with; NumPy's warnings are off there, and as the user wants them in his functions.
    apart = contextvars.copy_context()
    apart.run(np.seterr, all="ignore")
    send = descend(run, rules).send
    told = monitor if monitor.wanted else None
    answer: Any = None
    while True:
        try:
            request = apart.run(send, answer)
        except StopIteration:
            reason = run.reason
            break
        if type(request) is IterationDone:
            answer = None
            if told is not None:
                try:
                    told(run)
                except StopIteration:
                    reason = Reason.CALLBACK
                    break
        else:
            try:
                answer = yield request
            except OutOfBudget as end:
                reason = end.reason
                if end.untouched:
                    # Not even one gradient was affordable; the value at the start is.
                    yield Value(run.x)
                break
    if run.average is not None:
        with contextlib.suppress(OutOfBudget):
            run.settle((yield FinalValue(run.average)))
    return reason


def _evaluate(request: Any, objective: Evaluations) -> Any:
    """Return the answer to a request for an evaluation."""
    kind = type(request)
    if kind is ValueAndGradient:
        return objective.value(request.x), objective.gradient(request.x)
    if kind is Value:
        return objective.value(request.x) if request.d is None else objective.along(request)
    if kind is Gradient:
        return objective.gradient(request.x)
    if kind is Curvature:
        return objective.curvature(request)
    if kind is FinalValue:
        assert isinstance(objective, Objective)
        return objective.final(request.x)
    assert isinstance(request, Probes)
    return objective.probes(request)


def _attach(error: BaseException, result: Any) -> None:
    """Give the exception what is known so far."""
    with contextlib.suppress(Exception):
        error.result = result  # type: ignore[attr-defined]
    error.add_note(
        f"skgd: the best value after {result.nit} iterations and {result.nfev} evaluations was "
        f"{result.fun:.9g}; the result so far is the attribute 'result' of this exception"
    )


def _salvage(run: Progress, rules: Rules, objective: Evaluations) -> None:
    """Enter the value that the descent was not told because its gradient could not be had."""
    if objective.latest is None:
        return
    x, f = objective.latest
    if rules.constraint is not None:
        f += rules.constraint.value(x)
    if x is run.x:
        run.f = f
    if f < run.best_f and math.isfinite(f):
        run.saw(x, f)


class _Unknown(float):
    """A figure that is not known, in a message."""

    def __format__(self, spec: str) -> str:
        return "unknown"


def _figures(
    run: Progress, rules: Rules, objective: Evaluations, limits: Limits, error: BaseException | None
) -> dict[str, Any]:
    """Return what the messages of `Reason` may say."""
    stopping = rules.stopping
    measure = "gradient norm" if rules.constraint is None else "optimality residual"
    gnorm = run.gnorm
    if run.best_x is not run.x:
        if run.best_g is None:
            measure += " at x_last"
        else:
            gnorm = stopping.size(optimality(run.best_x, run.best_g, rules.constraint))
    return {
        "measure": measure,
        "gnorm": _Unknown() if run.g is None else gnorm,
        "gtol": stopping.gtol,
        "step": math.nan if run.step is None else float(np.abs(run.step).max()),
        "fun": run.best_f,
        "fun_last": run.f,
        "nit": run.k,
        "nfev": objective.nfev,
        "maxfev": limits.maxfev,
        "maxtime": limits.maxtime,
        "patience": stopping.patience,
        "rate": run.t,
        "advised": _advised_rate(run),
        "reach": largest(run.x),
        "doubt": _doubt(rules),
        "remedy": _remedy(run, rules, gnorm),
        "beside": _undefined(run, rules),
        "tries": run.tries,
        "noise": run.noise,
        "error": type(error).__name__,
    }


def _advised_rate(run: Progress) -> float:
    """Return the inverse of the curvature that the last step met."""
    if run.step is None:
        return math.nan
    change: float = root(run.gg) + root(run.gg_before)
    rate: float = ratio(norm(run.step), change, math.nan)
    return rate


def _undefined(run: Progress, rules: Rules) -> str:
    """Return what is not finite beside a value that is."""
    if run.g is None or run.g.ndim == 2:
        return "the gradient is"
    if run.random:
        return "the values of pairs beside it are"
    (entries,) = np.nonzero(~np.isfinite(run.g))
    which = ", ".join(map(str, entries[:5])) + (", ..." if len(entries) > 5 else "")
    if not rules.jacobian.by_differences:
        return f"the gradient (entry {which}) is"
    return f"values beside it (coordinate {which}) are"


def _doubt(rules: Rules) -> str:
    """Return what to do about a gradient that may be wrong."""
    if not rules.searches:
        return "lower the learning_rate, or check the gradient with skgd.check_gradient"
    if not rules.jacobian.by_differences:
        return "check the gradient with skgd.check_gradient"
    if rules.noise is not None:
        return "use gd_spsa, or take larger differences with eps or gradient='3-point'"
    return (
        "the values may be too noisy for their differences: set noise='auto', use gd_spsa, or take "
        "larger ones with eps or finite_diff_rel_step"
    )


def _remedy(run: Progress, rules: Rules, gnorm: float) -> str:
    """Return what a gradient by differences that does not fall may mean."""
    blind = rules.jacobian.by_differences and not run.random and rules.noise is None
    if not blind or run.k < MANY or not gnorm > 0.1 * root(run.first_gg):
        return ""
    return (
        "; the gradient, found by differences, has not fallen: if the values are noisy, set "
        "noise='auto', or use gd_spsa"
    )


def _verdict(run: Progress, reason: Reason) -> Reason:
    """Return the reason, or what lies behind it."""
    falling = run.best_x is run.x
    if reason is Reason.MAXITER and falling and largest(run.x) > FAR * max(1.0, run.reach):
        return Reason.UNBOUNDED
    return reason


def finished(
    run: Progress,
    rules: Rules,
    objective: Evaluations,
    monitor: Observer,
    limits: Limits,
    reason: Reason,
    error: BaseException | None = None,
) -> Any:
    """Return the result, and show it to the monitor.

    Parameters
    ----------
    run, rules, objective, monitor, limits
        As in `run_serially`.
    reason : Reason
        Why the run ended.
    error : BaseException, optional
        What has interrupted it.
    """
    result = outcome(run, rules, objective, monitor, limits, reason, error)
    monitor.close(result)
    return result


def outcome(
    run: Progress,
    rules: Rules,
    objective: Evaluations,
    monitor: Observer,
    limits: Limits,
    reason: Reason,
    error: BaseException | None = None,
) -> Any:
    """Return what is known as a `DescentResult`, and tell nobody."""
    from .result import DescentResult

    _salvage(run, rules, objective)
    if not run.best_f < math.inf:
        # No finite value was found, so the best point is the one that there is.
        run.prefer_last(True)
    reason = _verdict(run, reason)
    with np.errstate(all="ignore"):
        message = reason.message.format(**_figures(run, rules, objective, limits, error))
    result = DescentResult(
        x=run.best_x.copy(),
        fun=run.best_f,
        nit=run.k,
        nfev=objective.nfev,
        njev=objective.njev,
        success=reason.success,
        status=reason.status,
        message=message,
        x_last=run.x.copy(),
        fun_last=run.f,
    )
    known: dict[str, Any] = {
        "jac": None if run.best_g is None else run.best_g.copy(),
        "learning_rate": run.t if run.k else None,
        **run.report(),
        "history": monitor.columns(run),
        "allvecs": monitor.vectors(),
        "journal": objective.journal() if isinstance(objective, Objective) else None,
    }
    result.update({name: value for name, value in known.items() if value is not None})
    return result
