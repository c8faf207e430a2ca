"""Which global minima a solver finds within a budget of evaluations, whoever wrote the solver.

A problem is solved when a point has been evaluated whose value is within `TOLERANCE` of the
minimum. No solver is given a gradient, and all have default options. A solver that ends before its
budget is spent may start again, from other random numbers: what its first run found is counted
apart.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import differential_evolution, dual_annealing, minimize
from threadpoolctl import threadpool_limits

from skgd.testing import GlobalProblem, global_problems

BUDGET = 20_000
TOLERANCE = 1e-4
SEEDS = (0, 1, 2)

Bounds = Sequence[tuple[float, float]]
Solver = Callable[[Callable[[np.ndarray], Any], Bounds, np.random.Generator], object]


class Spent(Exception):  # noqa: N818 - no error: it is how a solver ends, its budget spent or solved
    """There is nothing more to evaluate."""


class Meter:
    """The function of a problem, which ends the run when it is solved or the budget is spent."""

    def __init__(self, problem: GlobalProblem) -> None:
        self.problem = problem
        self.evaluations = 0
        self.lowest = np.inf

    @property
    def solved(self) -> bool:
        return self.lowest - self.problem.best <= TOLERANCE

    def __call__(self, x: np.ndarray) -> Any:
        points = x.reshape(len(x), -1)[:, : BUDGET - self.evaluations]
        if self.solved or not points.size:
            raise Spent
        values = self.problem.fun(points)
        self.evaluations += values.size
        self.lowest = min(self.lowest, float(np.fmin.reduce(values)))
        if self.solved or points.size < x.size:
            raise Spent
        return values if x.ndim == 2 else float(values[0])


class Outcome(NamedTuple):
    """How a solver did on a problem from one seed."""

    problem: str
    seed: int
    solver: str
    solved: bool
    evaluations: int
    """Those of all runs, until the problem was solved."""
    runs: int
    """How often the solver started."""
    error: float
    """The lowest value above the minimum."""


def _annealing(fun: Any, bounds: Bounds, rng: np.random.Generator) -> None:
    dual_annealing(fun, bounds, rng=rng)


def _evolution(fun: Any, bounds: Bounds, rng: np.random.Generator) -> None:
    differential_evolution(fun, bounds, rng=rng)


def _descent(fun: Any, bounds: Bounds, rng: np.random.Generator) -> None:
    minimize(fun, rng.uniform(*np.transpose(bounds)), method="L-BFGS-B", bounds=bounds)


def _multistart(fun: Any, bounds: Bounds, rng: np.random.Generator) -> None:
    from skgd import multistart

    multistart(fun, bounds, maxfev=BUDGET, rng=rng)


OURS = "multistart"
SOLVERS: dict[str, Solver] = {
    OURS: _multistart,
    "dual_annealing": _annealing,
    "differential_evolution": _evolution,
    "L-BFGS-B": _descent,
}
PEERS = tuple(name for name in SOLVERS if name != OURS)


def outcome(name: str, solver: str, seed: int) -> Outcome:
    """Run a solver on a problem again and again until it is solved or the budget is spent."""
    (problem,) = global_problems(names=name)
    meter = Meter(problem)
    rng = np.random.default_rng(seed)
    runs = 0
    with warnings.catch_warnings(), threadpool_limits(1), suppress(Spent):
        # Values that are not finite, or a search that cannot go on, are seen in the counts.
        warnings.simplefilter("ignore")
        while True:
            runs += 1
            SOLVERS[solver](meter, problem.bounds, rng)
    error = meter.lowest - problem.best
    return Outcome(name, seed, solver, meter.solved, meter.evaluations, runs, error)


def outcomes(
    solvers: Iterable[str],
    names: Iterable[str] | None = None,
    seeds: Iterable[int] = SEEDS,
    processes: int | None = None,
) -> list[Outcome]:
    """Run every solver on every problem from every seed, on all processors."""
    problems = [problem.name for problem in global_problems(names=names)]
    jobs = list(product(problems, solvers, seeds))
    with ProcessPoolExecutor(processes) as pool:
        return list(pool.map(outcome, *zip(*jobs, strict=True), chunksize=4))


def once(result: Outcome) -> bool:
    """Return whether the first run solved the problem."""
    return result.solved and result.runs == 1


def ever(result: Outcome) -> bool:
    """Return whether the problem was solved at last."""
    return result.solved


def count(results: Iterable[Outcome], test: Callable[[Outcome], bool]) -> int:
    """Return how many of the outcomes pass."""
    return sum(map(test, results))


def counts(results: Sequence[Outcome]) -> Iterator[str]:
    """Yield a line for each solver with the numbers that it solved, of problems times seeds."""
    centred = {problem.name for problem in global_problems() if problem.centred}
    yield f"{'solved of':<24}{'one run':>12}{'restarted':>12}{'not centred':>14}{'evaluations':>14}"
    for solver in dict.fromkeys(result.solver for result in results):
        own = [result for result in results if result.solver == solver]
        other = [result for result in own if result.problem not in centred]
        needed = [result.evaluations for result in own if result.solved]
        yield (
            f"{solver:<24}{f'{count(own, once)}/{len(own)}':>12}{count(own, ever):>12}"
            f"{f'{count(other, ever)}/{len(other)}':>14}{np.median(needed or [np.nan]):>14.0f}"
        )


def unsolved(results: Sequence[Outcome], solver: str) -> list[str]:
    """Return the problems that a solver missed, with the number of seeds where it was some only."""
    own = [result for result in results if result.solver == solver]
    missed = []
    for name in dict.fromkeys(result.problem for result in own):
        flags = [not result.solved for result in own if result.problem == name]
        if any(flags):
            missed.append(name if all(flags) else f"{name} ({sum(flags)}/{len(flags)})")
    return missed
