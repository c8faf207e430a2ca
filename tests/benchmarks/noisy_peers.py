"""Noisy problems, and who minimises them with the same number of evaluations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from skgd import gd_momentum, gd_spsa

Function = Callable[[np.ndarray], float]


class Spent(Exception):  # noqa: N818
    """The evaluations are used up."""


@dataclass(frozen=True)
class NoisyProblem:
    """A function with additive Gaussian noise; its smallest value is zero."""

    name: str
    fun: Function
    start: np.ndarray
    sigma: float
    maxfev: int


class Oracle:
    """The noisy values of a problem, which end with its budget; it remembers the best one."""

    def __init__(self, problem: NoisyProblem, seed: int) -> None:
        self._problem = problem
        self._chance = np.random.default_rng(seed)
        self.calls = 0
        self.best, self.x = np.inf, problem.start

    def __call__(self, x: Any) -> float:
        if self.calls >= self._problem.maxfev:
            raise Spent
        self.calls += 1
        x = np.array(x, dtype=float)
        value = self._problem.fun(x) + self._problem.sigma * self._chance.standard_normal()
        if value < self.best:
            self.best, self.x = value, x
        return value


def _bowl(n: int, low: float, high: float, centre: float = 1.0) -> Function:
    a = np.geomspace(low, high, n) if high > 100 * low else np.linspace(low, high, n)
    return lambda x: float(0.5 * (a * (x - centre) ** 2).sum())


def _valley(x: np.ndarray) -> float:
    return float((100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum())


def _quartic(x: np.ndarray) -> float:
    best = 0.25 * 0.6823278038280193**4 + 0.5 * (0.6823278038280193 - 1) ** 2
    return float((0.25 * x**4 + 0.5 * (x - 1) ** 2 - best).sum())


PROBLEMS = [
    NoisyProblem("quadratic, n = 50, noise 0.1", _bowl(50, 1, 10), np.zeros(50), 0.1, 20_000),
    NoisyProblem("quadratic, n = 50, noise 1", _bowl(50, 1, 10), np.zeros(50), 1.0, 20_000),
    NoisyProblem("quadratic, n = 10, noise 1, short", _bowl(10, 1, 10), np.zeros(10), 1.0, 500),
    NoisyProblem("badly scaled, n = 20, noise 0.1", _bowl(20, 1, 1e4), np.zeros(20), 0.1, 20_000),
    NoisyProblem("far away, n = 20, noise 1", _bowl(20, 1, 10), np.full(20, 1e3), 1.0, 20_000),
    NoisyProblem("quartic, n = 30, noise 1", _quartic, np.full(30, 5.0), 1.0, 20_000),
    NoisyProblem("Rosenbrock, n = 2, noise 0.1", _valley, np.array([-1.2, 1.0]), 0.1, 20_000),
    NoisyProblem("Rosenbrock, n = 10, noise 0.1", _valley, np.full(10, -1.0), 0.1, 50_000),
]


def _ours(f: Oracle, problem: NoisyProblem, seed: int) -> np.ndarray:
    options = {"maxfev": problem.maxfev, "rng": seed}
    return minimize(f, problem.start.copy(), method=gd_spsa, options=options).x


def _momentum(f: Oracle, problem: NoisyProblem, seed: int) -> np.ndarray:
    options = {"maxfev": problem.maxfev, "noise": "auto"}
    return minimize(f, problem.start.copy(), method=gd_momentum, options=options).x


def _scipy(name: str) -> Callable[[Oracle, NoisyProblem, int], np.ndarray]:
    def solve(f: Oracle, problem: NoisyProblem, seed: int) -> np.ndarray:
        return minimize(f, problem.start.copy(), method=name, options={"maxiter": 10**6}).x

    return solve


def _noisyopt(f: Oracle, problem: NoisyProblem, seed: int) -> np.ndarray:
    from noisyopt import minimizeSPSA

    # It draws from NumPy's global generator.
    np.random.seed(seed)  # noqa: NPY002
    return minimizeSPSA(f, problem.start.copy(), niter=problem.maxfev // 2, paired=False).x


SOLVERS = {
    "gd_spsa": _ours,
    "gd_momentum, noise='auto'": _momentum,
    "noisyopt SPSA": _noisyopt,
    "Nelder-Mead": _scipy("Nelder-Mead"),
    "Powell": _scipy("Powell"),
    "COBYLA": _scipy("COBYLA"),
}


def excess(solver: str, problem: NoisyProblem, seeds: int = 3) -> float:
    """Return the median over seeds of the exact value at the solver's result."""
    values = []
    for seed in range(seeds):
        f = Oracle(problem, seed)
        try:
            x = SOLVERS[solver](f, problem, seed)
        except Spent:
            x = f.x
        with np.errstate(all="ignore"):
            values.append(problem.fun(np.asarray(x, dtype=float)))
    return float(np.median(values))
