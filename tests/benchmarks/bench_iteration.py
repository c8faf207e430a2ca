"""What an iteration costs beyond the evaluations, at ten variables."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from side_by_side import Line, duration, medians

from skgd import gd_momentum

ITERATIONS = 200
WEIGHTS = np.logspace(0, 2, 10)
# A quartic keeps L-BFGS-B busy: it converges linearly, with one evaluation an iteration.
START = np.linspace(1.0, 2.0, 10)


def value(x):
    square = x * x
    return float(WEIGHTS.dot(square * square))


def gradient(x):
    return 4.0 * WEIGHTS * x * x * x


def heavy_ball():
    options = {"learning_rate": 1e-4, "momentum": 0.9, "gtol": 0.0, "maxiter": ITERATIONS}
    return minimize(value, START, jac=gradient, method=gd_momentum, options=options)


def lbfgsb():
    options = {"ftol": 0.0, "gtol": 0.0, "maxiter": ITERATIONS}
    return minimize(value, START, jac=gradient, method="L-BFGS-B", options=options)


def evaluations(result):
    """Return a function that does the evaluations of a run and nothing else."""

    def evaluate():
        for _ in range(result.nfev):
            value(START)
        for _ in range(result.njev):
            gradient(START)

    return evaluate


def test_iteration_costs_at_most_half_of_that_of_lbfgsb(report):
    ours, peer = heavy_ball(), lbfgsb()
    assert ours.nit == peer.nit == ITERATIONS
    run, run_peer, part, part_peer = medians(
        heavy_ball, lbfgsb, evaluations(ours), evaluations(peer), repeats=41
    )
    beyond, beyond_peer = (run - part) / ITERATIONS, (run_peer - part_peer) / ITERATIONS
    report(
        Line(
            "iteration beyond the evaluations, n = 10",
            duration(beyond),
            "L-BFGS-B",
            duration(beyond_peer),
            beyond_peer / beyond,
            "at least 2",
        )
    )
