"""Many starts as one array, against SciPy's L-BFGS-B from one start after the other.

``pytest -o python_files=bench_multistart.py tests/benchmarks`` repeats it, in half a minute.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.optimize import minimize
from side_by_side import Line, duration, seconds

from skgd.many_minima import multistart

STARTS = 10_000
LOOPED = 200
"""Starts that are enough to know what one takes in a loop."""
ROUNDS = 5


def rastrigin(x):
    return 10 * len(x) + (x * x - 10 * np.cos(2 * np.pi * x)).sum(axis=0)


def rastrigin_der(x):
    return 2 * x + 20 * np.pi * np.sin(2 * np.pi * x)


def per_start(n: int, clock) -> tuple[float, float]:
    """Return the median time of a start together with others, and of one in a loop."""
    bounds = [(-5.12, 5.12)] * n
    starts = np.random.default_rng(0).uniform(-5.12, 5.12, (LOOPED, n))

    def together():
        res = multistart(
            rastrigin, bounds, n_starts=STARTS, jac=rastrigin_der, vectorized=True, rng=0
        )
        assert res.minima.hits_at_random.sum() == STARTS
        assert np.abs(rastrigin_der(res.minima.x)).max() <= 1e-5

    def looped():
        for x in starts:
            minimize(
                rastrigin,
                x,
                jac=rastrigin_der,
                bounds=bounds,
                method="L-BFGS-B",
                options={"gtol": 1e-5},
            )

    together()
    looped()
    rounds = [(seconds(together, clock), seconds(looped, clock)) for _ in range(ROUNDS)]
    ours, theirs = np.median(rounds, axis=0)
    return float(ours / STARTS), float(theirs / LOOPED)


def reported(subject: str, ours: float, theirs: float, target: str) -> Line:
    return Line(subject, duration(ours), "L-BFGS-B", duration(theirs), theirs / ours, target)


@pytest.mark.all_threads
@pytest.mark.parametrize(("n", "target"), [(2, 300), (10, 40)])
def test_a_start_of_many_as_a_user_waits_for_it(n, target, report):
    ours, theirs = per_start(n, time.perf_counter)
    subject = f"Rastrigin, n = {n}: a start, BLAS as installed"
    report(reported(subject, ours, theirs, f"at least {target}"))


@pytest.mark.parametrize("n", [2, 10])
def test_a_start_of_many_on_one_thread(n, report):
    ours, theirs = per_start(n, time.thread_time)
    report(reported(f"Rastrigin, n = {n}: a start, one thread", ours, theirs, "as large as it may"))
