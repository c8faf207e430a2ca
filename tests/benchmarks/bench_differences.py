"""A gradient by forward differences of a vectorised function, against SciPy's of the same one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import rosen
from scipy.optimize._numdiff import approx_derivative
from side_by_side import Line, duration, medians

from skgd import Forward
from skgd.objective import Limits, Objective

N = 1_000
POINT = np.linspace(0.5, 1.5, N)
DATA = np.random.default_rng(0).normal(size=(N, N)) / np.sqrt(N)


def least_squares(x):
    """Return the sum of squares of 1000 residuals that are linear in x."""
    residual = DATA @ x
    return (residual * residual).sum(axis=0)


def quartic(x):
    square = x * x
    return (square * square).sum(axis=0)


def forward(function):
    """Return the gradient as a run finds it."""
    objective = Objective(function, None, (), POINT, True, Limits())
    asking = Forward().evaluate(POINT, None, None)
    try:
        asking.send(objective.probes(next(asking)))
    except StopIteration as done:
        return done.value[1]


@pytest.mark.parametrize("function", [least_squares, rosen, quartic])
def test_differences_are_twenty_times_as_fast_as_approx_derivative(report, function):
    def peer():
        return approx_derivative(function, POINT, method="2-point")

    np.testing.assert_allclose(forward(function), peer(), rtol=1e-2, atol=1e-2)
    ours, theirs = medians(lambda: forward(function), peer, repeats=15)
    report(
        Line(
            f"forward differences, n = 1000, {function.__name__}",
            duration(ours),
            "approx_derivative",
            duration(theirs),
            theirs / ours,
            "at least 20",
        )
    )
