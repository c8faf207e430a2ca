"""SciPy's global optimisers and scikit-learn's Gaussian processes, at their current releases."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import basinhopping, dual_annealing, shgo
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel

from skgd import gd_spectral, gp_optimizer

BOUNDS = [(-5.12, 5.12)] * 2
OURS = {"method": gd_spectral, "bounds": BOUNDS}


def ripples(x):
    return 10 * len(x) + (x**2 - 10 * np.cos(2 * np.pi * x)).sum()


@pytest.mark.parametrize(
    "search",
    [
        lambda: basinhopping(ripples, [3.1, -2.2], minimizer_kwargs=OURS, niter=300, rng=0),
        lambda: dual_annealing(ripples, BOUNDS, minimizer_kwargs=OURS, rng=0),
        lambda: shgo(ripples, BOUNDS, minimizer_kwargs={"method": gd_spectral}, n=64),
    ],
    ids=["basinhopping", "dual_annealing", "shgo"],
)
def test_the_lowest_of_many_minima_is_found(search):
    assert search().fun < 1e-6


def test_a_gaussian_process_is_as_likely_as_with_its_own_optimiser():
    rng = np.random.default_rng(0)
    X = rng.uniform(0, 10, (60, 1))
    y = np.sin(X[:, 0]) + 0.1 * rng.normal(size=60)
    kernel = RBF() + WhiteKernel()
    ours = GaussianProcessRegressor(kernel, optimizer=gp_optimizer()).fit(X, y)
    theirs = GaussianProcessRegressor(kernel).fit(X, y)
    assert ours.log_marginal_likelihood_value_ >= theirs.log_marginal_likelihood_value_ - 1e-4
