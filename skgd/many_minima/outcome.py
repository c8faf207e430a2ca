"""The result of a search, and how it is to be read."""

from __future__ import annotations

import contextlib
import math
from typing import Any

from skgd.stopping import Reason

from .explorer import Explorer
from .minima import Record

__all__ = ["attach", "outcome"]

EQUAL = 1e-9
"""Relative difference of values up to which the best point is as good as a minimum at rest."""


def outcome(explorer: Explorer, record: Record, reason: Reason | None, error: str = "") -> Any:
    """Return what is known as a `DescentResult`."""
    from skgd.result import DescentResult

    box, objective = explorer.box, explorer.objective
    report = record.report()
    if explorer.x is None:
        reason = reason or Reason.NONFINITE_START
    at_target = reason is Reason.TARGET
    success = at_target or (reason is None and _is_minimum(explorer, report["minima"]))
    return DescentResult(
        x=0.5 * (box.lower + box.upper) if explorer.x is None else explorer.x.copy(),
        fun=math.nan if explorer.x is None else explorer.fun,
        nit=explorer.nit,
        nfev=objective.nfev,
        njev=objective.njev,
        success=success,
        status=0 if success else (1 if reason is None else reason.status),
        message=_message(explorer, report, reason, success, error),
        **report,
    )


def _is_minimum(explorer: Explorer, minima: Any) -> bool:
    """Tell whether a descent has come to rest at the best point, or at one that is as good."""
    if explorer.best_reason is not None and explorer.best_reason.success:
        return True
    lowest = float(minima.fun[0]) if len(minima.fun) else math.inf
    return lowest - explorer.fun <= EQUAL * max(1.0, abs(explorer.fun))


def _message(
    explorer: Explorer, report: dict[str, Any], reason: Reason | None, success: bool, error: str
) -> str:
    """Return how the result is to be read."""
    if reason is Reason.NONFINITE_START:
        return (
            "The function is not finite at any of the points that were tried. Choose bounds where "
            "it is defined."
        )
    if reason in (Reason.CALLBACK, Reason.INTERRUPTED, Reason.TARGET):
        return reason.message.format(error=error, fun=explorer.fun)
    count, missed = len(report["minima"].fun), report["missed"]
    text = (
        f"{'Converged' if success else 'Stopped'} at the lowest point of {explorer.objective.nfev} "
        f"evaluations; descents found {count} {'minimum' if count == 1 else 'minima'}"
    )
    if missed < 1.0:
        text += f", and the chance that a lower one exists is about {missed:.2g}."
    else:
        text += ", too few of them twice to tell the chance that a lower one exists."
    if reason is Reason.MAXTIME:
        return f"{text} Stopped at maxtime."
    if not success:
        text += (
            " No test of convergence holds there: raise maxfev; or it is a kink or a step, where "
            "slopes do not vanish."
        )
    return text


def attach(error: BaseException, result: Any) -> None:
    """Give the exception what is known so far."""
    with contextlib.suppress(Exception):
        error.result = result  # type: ignore[attr-defined]
    error.add_note(
        f"skgd: the best value after {result.nfev} evaluations was {result.fun:.9g}; the result so "
        "far is the attribute 'result' of this exception"
    )
