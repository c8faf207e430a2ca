"""Solvers compared at equal accuracy: each with the loosest tolerance that reaches the goal."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from side_by_side import Line, duration, medians

Model = tuple[Any, Any]
"""Coefficients and intercept."""


@dataclass(frozen=True)
class Solver:
    """A way to fit a model.

    Parameters
    ----------
    name : str
        What it is called.
    fit : callable
        ``fit(tol) -> (coef, intercept)``.
    tolerances : iterable of float
        From loose to tight.
    """

    name: str
    fit: Callable[[float], Model]
    tolerances: Iterable[float] = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10)


@dataclass(frozen=True)
class Settled:
    """A solver with its tolerance, and how long its first fit took."""

    solver: Solver
    tol: float
    seconds: float

    def fit(self) -> Model:
        """Fit once more."""
        return self.solver.fit(self.tol)


def settle(solver: Solver, value: Callable[[Model], float], goal: float) -> Settled | None:
    """Return the solver with the loosest tolerance that reaches the goal, None if none does."""
    for tol in solver.tolerances:
        begin = time.perf_counter()
        model = solver.fit(tol)
        taken = time.perf_counter() - begin
        if value(model) <= goal:
            return Settled(solver, tol, taken)
    return None


def compare(
    subject: str,
    ours: Solver,
    peers: list[Solver],
    value: Callable[[Model], float],
    accuracy: float,
    target: str,
    *,
    repeats: int = 5,
    patience: float = 20.0,
) -> list[Line | str]:
    """Return one line a peer: how many times longer it takes to the same accuracy.

    The goal is the lowest value that any solver reaches with a tight tolerance, raised by the
    accuracy, relatively.  A peer whose fit takes longer than `patience` seconds is timed once.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lowest = value(ours.fit(list(ours.tolerances)[-1]))
        goal = lowest + accuracy * abs(lowest)
        mine = settle(ours, value, goal)
        assert mine is not None, f"{subject}: {ours.name} does not reach the goal"
        lines: list[Line | str] = []
        for peer in peers:
            theirs = settle(peer, value, goal)
            if theirs is None:
                lines.append(f"{subject:<52} {peer.name} does not reach {accuracy:g}")
                continue
            if theirs.seconds > patience:
                (a,) = medians(mine.fit, repeats=repeats, clock=time.perf_counter)
                b = theirs.seconds
            else:
                a, b = medians(mine.fit, theirs.fit, repeats=repeats, clock=time.perf_counter)
            figures = duration(a), peer.name, duration(b), b / a
            lines.append(Line(subject, *figures, target))
        return lines
