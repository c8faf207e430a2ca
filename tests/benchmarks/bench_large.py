"""A million variables: against a momentum loop written by hand, and what is allocated."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy.optimize import minimize
from side_by_side import Line, duration, medians

from skgd import gd_momentum

N = 1_000_000
ITERATIONS = 40
SETTLED = 5
# So slow that the value falls in every iteration: a run that leaves a better point behind keeps
# it and its gradient, which is two arrays more, once.
RATE, MOMENTUM = 0.001, 0.9
CENTRE = np.linspace(-1.0, 1.0, N)
BUFFER = np.empty(N)


def value(x):
    return 0.5 * float(x.dot(x)) - float(x.dot(CENTRE))


def fresh_gradient(x):
    return x - CENTRE


def reused_gradient(x):
    return np.subtract(x, CENTRE, out=BUFFER)


GRADIENTS = pytest.mark.parametrize(
    "gradient", [fresh_gradient, reused_gradient], ids=["fresh", "reused"]
)


def descend(gradient, function=value):
    options = {
        "learning_rate": RATE, "momentum": MOMENTUM, "gtol": 0.0, "maxiter": ITERATIONS,
    }  # fmt: skip
    return minimize(function, np.zeros(N), jac=gradient, method=gd_momentum, options=options)


def by_hand(gradient):
    x, v, change = np.zeros(N), np.zeros(N), np.empty(N)
    value(x)
    g = gradient(x)
    for _ in range(ITERATIONS):
        v *= MOMENTUM
        np.multiply(g, RATE, out=change)
        v -= change
        x += v
        value(x)
        g = gradient(x)
    return x


def evaluations(gradient):
    x = np.zeros(N)
    for _ in range(ITERATIONS + 1):
        value(x)
        # Bound to a name until the next one is there, as every descent holds it.
        g = gradient(x)
    return g


@GRADIENTS
def test_iteration_costs_at_most_one_and_a_half_loops_by_hand(report, gradient):
    result = descend(gradient)
    assert result.nit == ITERATIONS
    np.testing.assert_allclose(result.x_last, by_hand(gradient), rtol=1e-12, atol=1e-14)
    run, loop, part = medians(
        lambda: descend(gradient),
        lambda: by_hand(gradient),
        lambda: evaluations(gradient),
        repeats=11,
    )
    name = gradient.__name__.replace("_", " ")
    beyond, beyond_loop = (run - part) / ITERATIONS, (loop - part) / ITERATIONS
    for what, ours, peer in (
        ("iteration beyond the evaluations", beyond, beyond_loop),
        ("iteration", run / ITERATIONS, loop / ITERATIONS),
    ):
        subject = f"{what}, n = 1e6, {name}"
        figures = duration(ours), "loop by hand", duration(peer), peer / ours
        report(Line(subject, *figures, "at least 0.67"))


def test_no_array_is_allocated_once_the_run_has_settled(report):
    """Report by how many arrays the memory in use rises in the course of an iteration."""
    rises = []
    level = None

    def watched(x):
        nonlocal level
        if level is not None:
            rises.append(tracemalloc.get_traced_memory()[1] - level)
        tracemalloc.reset_peak()
        level, _ = tracemalloc.get_traced_memory()
        return value(x)

    tracemalloc.start()
    try:
        descend(reused_gradient, watched)
    finally:
        tracemalloc.stop()
    assert len(rises) == ITERATIONS
    arrays = max(rises[SETTLED:]) / BUFFER.nbytes
    report(f"arrays allocated in an iteration, n = 1e6: {arrays:.3f}; target 0, to bytes")
