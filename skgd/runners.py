"""Who answers what the descent asks: the serial runner, and the result that it returns."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .descent import Progress, Rules, descend
from .monitor import Monitor
from .objective import Limits, Objective, OutOfBudget
from .proximal import optimality
from .requests import Gradient, IterationDone, Value, ValueAndGradient
from .stopping import Reason

__all__ = ["run_serially"]


def run_serially(
    run: Progress, rules: Rules, objective: Objective, monitor: Monitor, limits: Limits
) -> Any:
    """Descend, evaluating here and now, and return SciPy's `OptimizeResult`.

    Parameters
    ----------
    run : Progress
        The start.
    rules : Rules
        The five parts of the descent.
    objective : Objective
        What is evaluated.
    monitor : Monitor
        Who is told of each iteration.
    limits : Limits
        What the objective may spend, for the messages.

    Returns
    -------
    OptimizeResult
        With the best point that was evaluated.

    Raises
    ------
    BaseException
        What the user's function or callback raised, unchanged, with the best point so far as its
        attribute ``result`` and in a note.
    """
    try:
        reason = _answer(run, rules, objective, monitor)
    except BaseException as error:
        result = _result(run, rules, objective, monitor, limits, Reason.INTERRUPTED, error)
        error.result = result  # type: ignore[attr-defined]
        error.add_note(
            f"skgd: the best value after {run.k} iterations and {objective.nfev} evaluations was "
            f"{result.fun:.9g}; the result so far is the attribute 'result' of this exception"
        )
        raise
    return _result(run, rules, objective, monitor, limits, reason, None)


def _answer(run: Progress, rules: Rules, objective: Objective, monitor: Monitor) -> Reason:
    """Answer the requests of the descent until it ends, or the budget does."""
    asking = descend(run, rules)
    answer: Any = None
    while True:
        try:
            request = asking.send(answer)
        except StopIteration:
            assert isinstance(run.reason, Reason)
            return run.reason
        kind = type(request)
        try:
            if kind is ValueAndGradient:
                answer = objective.value(request.x), objective.gradient(request.x)
            elif kind is IterationDone:
                answer = None
                if monitor.wanted:
                    try:
                        monitor(run)
                    except StopIteration:
                        return Reason.CALLBACK
            elif kind is Value:
                answer = objective.value(request.x)
            elif kind is Gradient:
                answer = objective.gradient(request.x)
            else:
                answer = objective.probes(request)
        except OutOfBudget as end:
            if objective.nfev == 0:
                # Not even one gradient was affordable; the value at the start is.
                objective.value(run.x)
            return end.reason


def _result(
    run: Progress,
    rules: Rules,
    objective: Objective,
    monitor: Monitor,
    limits: Limits,
    reason: Reason,
    error: BaseException | None,
) -> Any:
    """Return what is known as an `OptimizeResult`."""
    from scipy.optimize import OptimizeResult

    seen = run.best_f < math.inf
    fun_last = objective.first if math.isnan(run.f) else run.f
    x, fun = (run.best_x, run.best_f) if seen else (run.x, fun_last)
    jac = run.best_g if seen else run.g
    gnorm = run.gnorm if x is run.x else _gnorm(rules, x, jac)
    stopping = rules.stopping
    message = reason.message.format(
        measure=_measure(rules),
        gnorm=gnorm,
        gtol=stopping.gtol,
        step=math.nan if run.step is None else float(np.abs(run.step).max()),
        fun=fun,
        fun_last=fun_last,
        nit=run.k,
        nfev=objective.nfev,
        maxfev=limits.maxfev,
        maxtime=limits.maxtime,
        patience=stopping.patience,
        tries=run.tries,
        error=type(error).__name__,
    )
    result = OptimizeResult(
        x=x.copy(),
        fun=fun,
        nit=run.k,
        nfev=objective.nfev,
        njev=objective.njev,
        success=reason.success,
        status=reason.status,
        message=message,
        x_last=run.x.copy(),
        fun_last=fun_last,
    )
    if jac is not None:
        result["jac"] = jac.copy()
    if run.k:
        result["learning_rate"] = run.t
    history, vectors = monitor.columns(), monitor.vectors()
    if history is not None:
        result["history"] = history
    if vectors is not None:
        result["allvecs"] = vectors
    monitor.close(run, message, fun)
    return result


def _gnorm(rules: Rules, x: Any, jac: Any) -> float:
    if jac is None:
        return math.nan
    return float(rules.stopping.size(optimality(x, jac, rules.constraint)))


def _measure(rules: Rules) -> str:
    return "gradient norm" if rules.constraint is None else "optimality residual"
