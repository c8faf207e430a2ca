"""The memory of a run without history: so many arrays of the size of x, however long it runs."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy.optimize import minimize
from side_by_side import Line

from skgd import gd_momentum

BUFFERS = {n: np.empty(n) for n in (10, 1_000, 10_000, 100_000)}


def peak(n, iterations):
    """Return the most bytes in use at one time during a run."""
    buffer = BUFFERS[n]

    def gradient(x):
        return np.multiply(x, 1e-3, out=buffer)

    start = np.ones(n)
    options = {"learning_rate": 0.1, "momentum": 0.9, "gtol": 0.0, "maxiter": iterations}
    tracemalloc.start()
    try:
        result = minimize(
            lambda x: 5e-4 * float(x.dot(x)),
            start,
            jac=gradient,
            method=gd_momentum,
            options=options,
        )
        used = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert result.nit == iterations
    return used


@pytest.mark.parametrize("n", [10, 10_000])
def test_memory_does_not_grow_with_the_iterations(report, n):
    peak(n, 100)
    short = peak(n, 100)
    for iterations in (1_000, 10_000):
        long = peak(n, iterations)
        report(
            Line(
                f"memory of {iterations} iterations, n = {n}",
                f"{long / 1024:.1f} KiB",
                "100 iterations",
                f"{short / 1024:.1f} KiB",
                short / long,
                "1, to a few hundred bytes",
            )
        )


def test_memory_is_proportional_to_the_variables(report):
    peak(1_000, 20)
    for n in (10_000, 100_000):
        arrays, arrays_small = (peak(m, 20) / BUFFERS[m].nbytes for m in (n, 1_000))
        report(
            Line(
                f"memory in arrays of size n, n = {n}",
                f"{arrays:.1f}",
                "n = 1000",
                f"{arrays_small:.1f}",
                arrays_small / arrays,
                "about 1",
            )
        )
