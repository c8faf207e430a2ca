"""Tests of convergence: a run ends at the first iterate that meets the written condition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import Quadratic

from skgd import HeavyBall, Method, gd

LONG = 150
seeds = st.integers(0, 99)
tolerances = st.floats(-5, 0).map(lambda power: 10.0**power)


def a_run(seed, momentum=0.0, **options):
    """Return a problem, and a run on it at a constant rate: no step is cut short."""
    problem = Quadratic.random(4, 20.0, seed)
    method = Method(HeavyBall(momentum), 0.5 / problem.lipschitz)
    options = {"gtol": 0.0, "maxiter": LONG, "return_all": True} | options
    return problem, method(problem.value, problem.start(), jac=problem.gradient, **options)


def first(holds):
    """Return the first position at which a condition holds, or the end of the run."""
    return int(np.argmax(holds)) if np.any(holds) else LONG


def iterates(seed, momentum=0.0):
    """Return points, values and gradients of a run that no test ends."""
    problem, res = a_run(seed, momentum)
    x = np.array(res.allvecs)
    return x, problem.value(x), problem.gradient(x)


@given(seeds, tolerances, st.sampled_from([1, 1.5, 2, 3, np.inf]))
def test_gtol_is_met_by_the_norm_of_the_gradient(seed, gtol, norm):
    _, _, g = iterates(seed)
    _, res = a_run(seed, gtol=gtol, norm=norm)
    size = np.linalg.norm(g, ord=norm, axis=1)
    assert res.nit == first(size <= gtol)
    assert res.success == bool(size[res.nit] <= gtol)


@given(seeds, tolerances, tolerances, st.sampled_from(["absolute", "relative", "both"]))
def test_xtol_and_xrtol_are_met_by_the_largest_coordinate_of_a_step(seed, xtol, xrtol, which):
    x, _, _ = iterates(seed)
    options = {"xtol": 0.1 * xtol, "xrtol": 0.1 * xrtol}
    if which != "both":
        options[{"absolute": "xrtol", "relative": "xtol"}[which]] = 0.0
    _, res = a_run(seed, **options)
    step = np.abs(np.diff(x, axis=0)).max(axis=1)
    limit = np.maximum(options["xtol"], options["xrtol"] * np.abs(x[1:]).max(axis=1))
    met = np.concatenate(([False], step <= limit))
    assert res.nit == first(met)
    assert res.success == met[res.nit]


@given(seeds, tolerances)
def test_ftol_is_met_by_a_change_relative_to_the_larger_value_or_to_one(seed, ftol):
    _, f, _ = iterates(seed)
    _, res = a_run(seed, ftol=ftol)
    larger = np.maximum(np.abs(f[1:]), np.abs(f[:-1]))
    met = np.concatenate(([False], np.abs(np.diff(f)) <= ftol * np.maximum(larger, 1.0)))
    assert res.nit == first(met)
    assert res.success == met[res.nit]


def test_ftol_is_relative_where_values_are_large():
    def ends(size):
        return gd(
            lambda x: size * (1 + x @ x), [3.0], learning_rate=0.1 / size, gtol=0, ftol=1e-3
        ).nit

    assert ends(1e3) == ends(1e6) < ends(1e-3) + 100
    assert ends(1e6) > ends(1e-3)


@given(seeds, st.floats(0, 1))
def test_target_is_met_by_the_first_value_at_most_as_large(seed, share):
    _, f, _ = iterates(seed)
    target = f[-1] + share * (f[0] - f[-1])
    _, res = a_run(seed, target=target)
    assert res.nit == first(f <= target)
    assert res.success == bool(f[res.nit] <= target)


@given(seeds, st.integers(1, 6), st.sampled_from([0.0, 1e-3, 1e-2]))
def test_patience_counts_the_iterations_since_the_best_value_was_improved(seed, patience, ftol):
    # Momentum overshoots, so that values rise and fall.
    _, f, _ = iterates(seed, momentum=0.97)
    _, res = a_run(seed, momentum=0.97, patience=patience, ftol=ftol)
    best, waited, nit = f[0], 0, LONG
    for k in range(1, len(f)):
        waited = 0 if f[k] < best - ftol * max(abs(best), 1.0) else waited + 1
        best = min(best, f[k])
        level = ftol and abs(f[k] - f[k - 1]) <= ftol * max(abs(f[k]), abs(f[k - 1]), 1.0)
        if waited >= patience or level:
            nit = k
            break
    if res.success:
        # A level value that is not the best one sends the run back to that.
        assert res.nit >= nit
    else:
        assert (res.nit, res.status) == (nit, 4 if nit < LONG else 1)


@pytest.mark.parametrize("maxiter", [0, 1, 7])
def test_maxiter_is_the_number_of_iterations(maxiter):
    _, res = a_run(0, maxiter=maxiter)
    assert (res.nit, len(res.allvecs), res.status) == (maxiter, maxiter + 1, 1)


@pytest.mark.parametrize(("n", "most"), [(1, 2000), (11, 2200)])
def test_the_default_of_maxiter_follows_the_number_of_variables(n, most):
    res = gd(lambda x: x.sum(), np.zeros(n), jac=np.ones_like, learning_rate=1e-3, patience=10**6)
    assert (res.nit, res.status) == (most, 1)
