"""How many gradients a minimiser needs on a test problem, whoever wrote the minimiser.

One gradient with one value is the unit of cost; a line search that asks for more values than
gradients pays for them, and without ``jac`` a gradient is worth n + 1 values.
"""

from __future__ import annotations

import math
import warnings
from contextlib import suppress
from typing import Any

import numpy as np
from scipy.optimize import minimize

from skgd import METHODS
from skgd.testing import Problem

TOLERANCES = (1e-1, 1e-3, 1e-5, 1e-7)
BUDGET = 1000
PEERS = ("CG", "BFGS", "L-BFGS-B")
BOUNDED_PEERS = ("L-BFGS-B",)

Counts = list[int | None]


class Spent(Exception):  # noqa: N818 - no error: it is how a run ends that has spent its budget
    """The budget is spent."""


class Meter:
    """The functions of a problem, with a record of how the lowest value fell with the cost."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.values = self.gradients = 0
        self.record: list[tuple[int, float]] = []

    @property
    def cost(self) -> int:
        if self.problem.jac is None:
            return math.ceil(self.values / (self.problem.n + 1))
        return max(self.values, self.gradients)

    def fun(self, x: np.ndarray) -> Any:
        self.values += 1
        self.check()
        value = self.problem.fun(x)
        if not self.record or value < self.record[-1][1]:
            self.record.append((self.cost, float(value)))
        return value

    def jac(self, x: np.ndarray) -> np.ndarray:
        self.gradients += 1
        self.check()
        return self.problem.jac(x)

    def check(self) -> None:
        if self.cost > BUDGET:
            raise Spent


def minimisers(variant: str) -> tuple[str, ...]:
    """Return the names of all that can solve problems of a variant, SciPy's last."""
    return (*METHODS, *(BOUNDED_PEERS if variant == "bounded" else PEERS))


def gradients_needed(problem: Problem, name: str) -> Counts:
    """Return the cost at which each tolerance was met, None where it was not within the budget.

    A tolerance is met at ``fun(x) <= best + tolerance * (fun(x0) - best)``.
    """
    meter = Meter(problem)
    with warnings.catch_warnings():
        # That a line search failed or precision was lost is seen in the counts.
        warnings.simplefilter("ignore")
        with suppress(Spent):
            minimize(
                meter.fun,
                problem.x0,
                jac=meter.jac if problem.jac else None,
                method=METHODS.get(name, name),
                bounds=problem.bounds,
                options=endless(name, problem.variant),
            )
    drop = float(problem.fun(problem.x0)) - problem.best
    goals = [problem.best + tolerance * drop for tolerance in TOLERANCES]
    return [next((cost for cost, value in meter.record if value <= goal), None) for goal in goals]


def endless(name: str, variant: str) -> dict[str, Any]:
    """Return options with which no run ends because it believes to be done, or by another limit."""
    factor = float(variant.removeprefix("f*")) if variant.startswith("f*") else 1.0
    options: dict[str, Any] = {"gtol": 1e-9 * factor, "maxiter": 100 * BUDGET}
    if name == "L-BFGS-B":
        options |= {"ftol": 0.0, "maxfun": 100_000 * BUDGET}
    return options
