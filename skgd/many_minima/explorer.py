"""Who evaluates and descends, within the budget, and remembers the best point."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from skgd._rows import Array
from skgd.directions import Preconditioned, Steepest
from skgd.jacobians import Analytic, Central
from skgd.learning_rates import Armijo, Ritz
from skgd.limits import OutOfBudget
from skgd.metrics import Metric
from skgd.objective import Objective
from skgd.progress import Progress
from skgd.proximal import Box
from skgd.requests import Curvature, Gradient, Probes, Value, ValueAndGradient
from skgd.rules import Rules
from skgd.runners import conversation
from skgd.stopping import CONVERGED, Reason

from .curvature import from_gradients, from_values

__all__ = ["Ends", "Explorer"]

FEW = 25
"""Variables up to which winners are polished with a metric by differences."""

LEVEL = 1e-10
"""Relative change of the value below which polishing is over."""

PATIENCE = 12
"""Iterations without a better value after which it is over, too."""


class Ends(NamedTuple):
    """Where the descents of a batch have ended: points (S, n), values (S,) and whether at rest."""

    x: Array
    f: Array
    at_rest: Array


@dataclass(frozen=True)
class _Silence:
    """Nobody to tell of iterations."""

    wanted: bool = False


class Explorer:
    """Evaluate and descend, within the budget, and remember the best point.

    Parameters
    ----------
    objective : Objective
        What is evaluated.
    rules : Rules
        The five parts of every descent; its constraint is the box.

    Attributes
    ----------
    x, fun : ndarray or None, float
        The best point whose value was asked for; probes of differences do not count.
    nit : int
        Iterations of all descents.
    kept : int
        Evaluations that are kept back for the winner.
    over : Reason or None
        Why the search is over: a limit, or a value at the target.
    best_reason : Reason or None
        How polishing has ended at the best point; None when it has not been polished.
    """

    def __init__(self, objective: Objective, rules: Rules) -> None:
        assert isinstance(rules.constraint, Box)
        self.objective = objective
        self.rules = rules
        self.box = rules.constraint
        self.x: Array | None = None
        self.fun = math.inf
        self.nit = 0
        self.kept = 0
        self.over: Reason | None = None
        self.best_reason: Reason | None = None

    @property
    def left(self) -> float:
        """Evaluations that may still be made; infinity without a limit."""
        return self.objective.budget.left - self.kept

    @property
    def price(self) -> int:
        """Evaluations that one iteration of a descent takes, about."""
        return 1 + (self.box.lower.size if self.rules.jacobian.by_differences else 0)

    def release(self) -> None:
        """Let the rest of the budget be spent, too."""
        self.kept = 0
        if self.over is Reason.MAXFEV:
            self.over = None

    def values(self, x: Array) -> Array:
        """Return the values at as many of the points, shape (m, n), as can be afforded.

        What is not a number counts as infinite.  Without any budget left this raises OutOfBudget.
        """
        if self.left < 1:
            raise OutOfBudget(Reason.MAXFEV)
        x = x[: int(min(self.left, len(x)))]
        values = np.asarray(self.objective.value(x), dtype=float)
        self._saw(x, values)
        return np.where(np.isfinite(values), values, np.inf)

    def descend(self, starts: Array, rules: Rules | None = None) -> Ends:
        """Descend from each of the starts, together, shape (S, n).

        When the budget ends, so do the descents, and `over` says so.
        """
        x, f = np.array(starts), np.full(len(starts), np.inf)
        at_rest = np.zeros(len(starts), dtype=bool)
        if not len(starts):
            return Ends(x, f, at_rest)
        run = self._converse(x.copy(), rules or self.rules, math.inf)
        for group in run.departed:
            x[group.rows], f[group.rows] = group.x, group.fun
            at_rest[group.rows] = np.isin(group.code, CONVERGED)
            self.nit += group.nit * len(group.rows)
        if self.over is not None and run.rows is not None:
            x[run.rows], f[run.rows] = run.best_x, run.best_f
            self.nit += run.k * len(run.rows)
        return Ends(x, f, at_rest)

    def polish(self, x: Array, evaluations: float) -> Ends:
        """Descend from one point with all care, on about so many evaluations.

        In few variables the steps are Newton's, in a metric by differences.
        """
        rules = self.rules
        stopping = replace(rules.stopping, ftol=LEVEL, patience=PATIENCE)
        # Newton's steps near the minimum need more than forward differences tell.
        jacobian = rules.jacobian if isinstance(rules.jacobian, Analytic) else Central()
        if x.size <= FEW:
            rules = replace(
                rules,
                jacobian=jacobian,
                direction=Preconditioned(settle=0),
                learning_rate=Armijo(initial=1.0),
                stopping=stopping,
            )
        else:
            rules = replace(rules, direction=Steepest(), learning_rate=Ritz())
        run = self._converse(x.copy(), rules, evaluations)
        self.nit += run.k
        at_rest = run.reason is not None and run.reason.success
        if run.best_f <= self.fun:
            self.best_reason = run.reason
        return Ends(run.best_x[None], np.array([run.best_f]), np.array([at_rest]))

    def _converse(self, x: Array, rules: Rules, evaluations: float) -> Progress:
        """Answer what the descent asks until it ends, or the evaluations or the budget do."""
        run = Progress(x, rules.stopping)
        asking = conversation(run, rules, _Silence())  # type: ignore[arg-type]
        most = self.objective.nfev + evaluations
        answer: Any = None
        try:
            while self.objective.nfev < most:
                try:
                    request = asking.send(answer)
                except StopIteration:
                    break
                answer = self._answer(request)
        except OutOfBudget as end:
            self.over = end.reason
        return run

    def _answer(self, request: Any) -> Any:
        """Return the answer to a request; raise OutOfBudget when it would touch what is kept."""
        objective, kind = self.objective, type(request)
        if kind is Curvature:
            return self._metric(request.x)
        x = request.x
        if kind is Gradient:
            return objective.gradient(x)
        asked = len(request) if kind is Probes else (len(x) if x.ndim == 2 else 1)
        if asked > self.left:
            raise OutOfBudget(Reason.MAXFEV)
        if kind is Probes:
            values = objective.probes(request)
            self._saw_probes(request, values)
            return values
        assert kind is Value or kind is ValueAndGradient
        f = objective.value(x)
        self._saw(x.reshape(-1, x.shape[-1]), np.atleast_1d(f))
        return f if kind is Value else (f, objective.gradient(x))

    def _metric(self, x: Array) -> Metric | None:
        """Return the curvature by differences, None when it cannot be afforded."""
        lower, upper = self.box.lower, self.box.upper
        if isinstance(self.rules.jacobian, Analytic):
            return from_gradients(x, lower, upper, self.objective.gradient)
        if (x.size + 1) * (x.size + 2) // 2 + x.size > self.left:
            return None
        return from_values(x, lower, upper, self.objective.value)

    def _saw(self, x: Array, values: Array) -> None:
        """Remember the best of some points."""
        i = self._best(values)
        if i is not None:
            self.x, self.fun = x[i].copy(), float(values[i])
            self.best_reason = None
            target = self.rules.stopping.target
            if target is not None and self.fun <= target:
                raise OutOfBudget(Reason.TARGET)

    def _saw_probes(self, probes: Probes, values: Array) -> None:
        """Remember the best of the points that were probed around; probes are no candidates."""
        (own,) = np.nonzero(probes.index < 0)
        if own.size:
            centres = probes.x[None] if probes.row is None else probes.x[probes.row[own]]
            self._saw(centres, values[own].real)

    def _best(self, values: Array) -> int | None:
        """Return the position of the least value, None when it is not below the best so far."""
        if not len(values):
            return None
        i = int(np.argmin(np.where(np.isfinite(values), values, np.inf)))
        return i if values[i] < self.fun else None
