"""What a result claims is true: re-evaluated, for every method on problems of every kind.

A sample is run; under hypothesis' profile "thorough", every method on every problem and variant.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from selection import sample
from threadpoolctl import threadpool_limits

from skgd import METHODS
from skgd.testing import Problem, problems

MAXITER = 200
GTOL = 1e-5
MAXLS = 30
VARIANTS = ["standard", "rescaled", "f*1e8", "shifted", "rotated", "float32", "bounded"]
NAMES = [problem.name for problem in problems()]

# Six of each variant, each for all methods: about four hundred runs.
CASES = [
    (name, variant) for seed, variant in enumerate(VARIANTS) for name in sample(NAMES, 6, seed)
]

# How the message begins, by status.
OPENINGS = {
    0: r"Converged: ",
    1: rf"Stopped at maxiter={MAXITER} iterations; ",
    2: r"Stopped at the attainable precision: ",
    3: r"Stopped because the value or the gradient is not finite; |The value "
    r"or the gradient at x0|The value at x0 is finite, but",
    4: r"The run came to rest at fun_last=",
    5: r"Stopped because the run diverges: ",
}
MEASURE = re.compile(
    r"the (?:gradient norm|optimality residual)( at x_last)? (?:is )?(\S+?)[.,;]? "
)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Keep small matrices off the thread pool, which is slow on a machine that is busy."""
    with threadpool_limits(1):
        yield


@cache
def prepared(name: str, variant: str) -> Problem:
    (problem,) = problems(names=name, variant=variant)
    return problem


def residual(problem: Problem, x: np.ndarray) -> float:
    """Return the largest entry of ``(x - P(x - w*g)) / w``, w being 1 or the width of the bounds.

    It is `g` cut to ``[x - upper, x - lower] / w``: so a small gradient is not lost beside a large
    `x`.
    """
    g = problem.jac(x)
    if problem.bounds is None:
        return float(np.abs(g).max())
    # None becomes NaN, which `fmax` and `fmin` pass over.
    lower, upper = np.array(problem.bounds, dtype=float).T
    width = np.fmin(upper - lower, 1.0)
    width[width == 0] = 1.0
    return float(np.abs(np.fmin(np.fmax(g, (x - upper) / width), (x - lower) / width)).max())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("name", "variant"), CASES)
def test_a_result_is_what_it_claims_to_be(name, variant, method):
    problem = prepared(name, variant)
    x0 = problem.x0
    result = METHODS[method](
        problem.fun, x0, jac=problem.jac, bounds=problem.bounds, gtol=GTOL, maxiter=MAXITER
    )

    assert result.x.dtype == x0.dtype
    assert result.fun == problem.fun(result.x)
    assert result.fun <= problem.fun(x0)
    assert result.success == (result.status == 0)
    assert re.match(OPENINGS[result.status], result.message), (result.status, result.message)
    assert result.nit <= MAXITER
    assert result.nit == MAXITER or result.status != 1
    assert result.nfev <= (result.nit + 1) * (MAXLS + 2) + 4
    assert result.njev <= result.nfev + 1

    reached = residual(problem, result.x)
    if result.success:
        assert reached <= GTOL
    stated = MEASURE.search(result.message)
    if stated and not stated[1]:
        assert stated[2] == f"{reached:.3g}", result.message
    if "jac" in result:
        np.testing.assert_array_equal(result.jac, problem.jac(result.x))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("method", METHODS)
def test_a_gradient_is_not_lost_beside_a_large_x(method, dtype):
    # Here x - g rounds to x, although g is a hundred times gtol and the bound is far away.
    slope = dtype(100 * GTOL)
    x0 = np.array([8 * slope / np.finfo(dtype).eps], dtype)
    result = METHODS[method](
        lambda x: slope * x[0],
        x0,
        jac=lambda x: np.array([slope]),
        bounds=[(0, None)],
        gtol=GTOL,
        maxiter=20,
    )
    assert not result.success or result.x == 0.0, result.message


@pytest.mark.parametrize("method", METHODS)
def test_a_run_that_no_step_helps_gives_up_soon(method):
    # The gradient promises a descent that the values do not show.
    result = METHODS[method](
        lambda x: float(x[0] != 1.0), [1.0], jac=lambda x: np.ones(1), maxiter=MAXITER
    )
    assert not result.success
    assert result.fun == 0.0
    assert result.nfev <= (result.nit + 1) * (MAXLS + 2) + 4


@pytest.mark.parametrize("name", ["goldstein_price", "griewank_5"])
def test_maxiter_is_kept_by_a_run_that_goes_back_to_a_better_point(name):
    problem = prepared(name, "f*1e8")
    result = METHODS["gd_momentum"](problem.fun, problem.x0, jac=problem.jac, maxiter=MAXITER)
    assert result.nit <= MAXITER
