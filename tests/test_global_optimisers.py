"""The methods as local minimisers of SciPy's global ones."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from scipy.optimize import basinhopping, dual_annealing, shgo

from skgd import METHODS, gd_spectral

methods = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
# SciPy renamed the argument in 1.15.
RNG = "rng" if "rng" in inspect.signature(basinhopping).parameters else "seed"
BOUNDS = [(-3.0, 3.0), (-3.0, 3.0)]


def wells(x):
    """Four wells; the one near (-1, -1) is the deepest."""
    return float((((x**2 - 1) ** 2) + 0.3 * x).sum())


def wells_der(x):
    return 4 * x * (x**2 - 1) + 0.3


LOWEST = wells(np.array([-1.0353, -1.0353]))


class Inside:
    """A function that insists on the bounds."""

    def __init__(self):
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        assert (np.abs(x) <= 3.0).all()
        return wells(x)


@methods
def test_basinhopping_finds_the_deepest_well(method):
    keywords = {"method": method, "jac": wells_der, "options": {"maxiter": 200}}
    chance = {RNG: np.random.default_rng(3)}
    res = basinhopping(
        wells, [1.0, 1.0], niter=12, stepsize=1.5, minimizer_kwargs=keywords, **chance
    )
    assert res.fun == pytest.approx(LOWEST, abs=1e-3)
    assert res.lowest_optimization_result.fun == res.fun


@methods
def test_dual_annealing_passes_the_bounds_that_the_minimiser_is_given(method):
    fun = Inside()
    keywords = {"method": method, "jac": wells_der, "bounds": BOUNDS, "options": {"maxiter": 100}}
    chance = {RNG: np.random.default_rng(3)}
    res = dual_annealing(fun, BOUNDS, maxiter=30, minimizer_kwargs=keywords, **chance)
    assert res.fun == pytest.approx(LOWEST, abs=1e-3)


@methods
@pytest.mark.parametrize("jac", [wells_der, None])
def test_shgo_runs_and_passes_the_bounds(method, jac):
    fun = Inside()
    keywords = {"method": method, "options": {"maxiter": 300}}
    if jac is not None:
        keywords["jac"] = jac
    res = shgo(fun, BOUNDS, n=32, minimizer_kwargs=keywords, sampling_method="sobol")
    assert res.success
    assert res.fun == pytest.approx(LOWEST, abs=1e-3)
    assert fun.calls > 32


def test_shgo_runs_without_further_arguments():
    res = shgo(wells, BOUNDS, minimizer_kwargs={"method": gd_spectral})
    assert res.fun == pytest.approx(LOWEST, abs=1e-6)
