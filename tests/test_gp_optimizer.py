"""`gp_optimizer` in scikit-learn's Gaussian processes."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel
from sklearn.model_selection import GridSearchCV

from skgd import METHODS
from skgd.estimators.gaussian_process import gp_optimizer

KERNELS = [
    ConstantKernel(1.0) * RBF([1.0, 1.0]) + WhiteKernel(0.1),
    ConstantKernel(1.0) * Matern([1.0, 1.0], nu=1.5) + WhiteKernel(1.0),
    ConstantKernel(1.0) * RBF([10.0, 0.1]) + WhiteKernel(0.001),
]


def data(n=40):
    rng = np.random.default_rng(0)
    X = rng.uniform(0, 5, (n, 2))
    return X, np.sin(X[:, 0]) + 0.3 * X[:, 1] + 0.1 * rng.standard_normal(n)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_likelihood_is_that_of_l_bfgs_b(kernel):
    X, y = data()
    reference = GaussianProcessRegressor(kernel).fit(X, y)
    model = GaussianProcessRegressor(kernel, optimizer=gp_optimizer()).fit(X, y)
    expected = reference.log_marginal_likelihood_value_
    assert model.log_marginal_likelihood_value_ >= expected - 1e-5
    np.testing.assert_allclose(model.predict(X), reference.predict(X), atol=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_serves(method):
    X, y = data(25)
    kernel = KERNELS[0]
    reference = GaussianProcessRegressor(kernel).fit(X, y).log_marginal_likelihood_value_
    optimizer = gp_optimizer(method, ftol=1e-7)
    model = GaussianProcessRegressor(kernel, optimizer=optimizer).fit(X, y)
    assert model.log_marginal_likelihood_value_ >= reference - 0.02


def test_classifier_reaches_the_likelihood_of_l_bfgs_b():
    X, y = load_iris(return_X_y=True)
    X, y = X[50::2], y[50::2]
    kernel = ConstantKernel(1.0) * RBF(1.0)
    reference = GaussianProcessClassifier(kernel).fit(X, y)
    model = GaussianProcessClassifier(kernel, optimizer=gp_optimizer()).fit(X, y)
    expected = reference.log_marginal_likelihood_value_
    assert model.log_marginal_likelihood_value_ >= expected - 1e-5


def test_restarts_find_a_better_minimum_and_repeat_themselves():
    def two_valleys(theta, eval_gradient):
        assert eval_gradient
        x = theta[0]
        return x**4 - 8 * x**2 + 3 * x, np.array([4 * x**3 - 16 * x + 3])

    bounds = np.array([[-3.0, 3.0]])
    one, high = gp_optimizer()(two_valleys, np.array([2.5]), bounds)
    again = [
        gp_optimizer(n_restarts=5, random_state=0)(two_valleys, np.array([2.5]), bounds)
        for _ in range(2)
    ]
    assert one[0] > 0
    assert again[0][0][0] < 0
    assert again[0][1] < high - 5
    assert again[0] == again[1]


def test_it_is_cloned_pickled_compared_and_searched_over():
    X, y = data(30)
    optimizer = gp_optimizer("gd_nesterov", n_restarts=1, random_state=3, gtol=1e-3)
    assert repr(optimizer) == (
        "gp_optimizer('gd_nesterov', n_restarts=1, random_state=3, ftol=1e-09, gtol=0.001)"
    )
    model = GaussianProcessRegressor(KERNELS[0], optimizer=optimizer).fit(X, y)
    for copy in (clone(model), pickle.loads(pickle.dumps(model))):
        assert copy.optimizer == optimizer
        assert hash(copy.optimizer) == hash(optimizer)
    again = pickle.loads(pickle.dumps(clone(model))).fit(X, y)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    grid = {"optimizer": [gp_optimizer(), None]}
    search = GridSearchCV(GaussianProcessRegressor(KERNELS[1]), grid, cv=2).fit(X, y)
    assert search.best_params_["optimizer"] == gp_optimizer()


def test_a_run_that_did_not_converge_warns():
    X, y = data()
    optimizer = gp_optimizer(maxiter=1)
    with pytest.warns(ConvergenceWarning, match=r"gp_optimizer \(gd_spectral\).*maxiter=1"):
        GaussianProcessRegressor(KERNELS[1], optimizer=optimizer).fit(X, y)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"did you mean 'gd_adam'"):
        gp_optimizer("gd_adm")
    with pytest.raises(ValueError, match=r"method"):
        gp_optimizer(3)
    with pytest.raises(ValueError, match=r"n_restarts must be at least 0"):
        gp_optimizer(n_restarts=-1)
    with pytest.raises(TypeError, match=r"unknown option 'gtl'.*did you mean 'gtol'"):
        gp_optimizer(gtl=1)
    endless = np.array([[-np.inf, np.inf]])
    with pytest.raises(ValueError, match=r"bounds of the kernel's hyperparameters"):
        gp_optimizer(n_restarts=1)(lambda theta, eval_gradient: (0.0, theta), [0.0], endless)
