"""Fits of data whose sizes, offsets or degeneracies lead astray."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from skgd import DescentRegressor, FormulaRegressor


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 3))
    return X, X @ [1.0, -1.0, 0.5] + 0.3 * rng.standard_normal(200)


@pytest.mark.parametrize("size", [1.0, 500.0, 1e4])
def test_log_cosh_reaches_the_minimum_however_large_the_residuals(data, size):
    X, y = data[0], size * data[1]
    model = DescentRegressor(loss="log_cosh", alpha=0).fit(X, y)

    def objective(w):
        r = np.abs(y - X @ w[:3] - w[3])
        return np.mean(r + np.log1p(np.exp(-2 * r)) - np.log(2))

    start = np.append(model.coef_, model.intercept_)
    best = minimize(objective, start, method="Powell", options={"xtol": 1e-10, "ftol": 1e-14})
    assert model.result_.fun <= best.fun * (1 + 1e-5)


@pytest.mark.parametrize(
    "options", [{"bounds": (-5, 5)}, {"penalty": "l1"}, {"penalty": "group", "groups": [0, 1]}]
)
def test_columns_far_from_zero_without_an_intercept(options):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 2)) + np.array([1e4, 3e3])
    y = X @ [1.0, -1.0] + 0.3 * rng.standard_normal(100)
    model = DescentRegressor(fit_intercept=False, alpha=1e-9, **options).fit(X, y)
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    assert model.result_.fun == pytest.approx(0.5 * np.mean((y - X @ best) ** 2), rel=1e-4)


@pytest.mark.parametrize("size", [1e-9, 1e7, 1e12])
def test_percentage_errors_do_not_depend_on_the_unit(data, size):
    X, y = data
    one = DescentRegressor(loss="mape", alpha=0).fit(X, y + 10)
    other = DescentRegressor(loss="mape", alpha=0).fit(X, (y + 10) * size)
    assert other.result_.fun == pytest.approx(one.result_.fun, rel=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {"positive": True, "coef_sum": 0.0},
        {"bounds": (0, 1 / 3), "coef_sum": 1.0},
        {"penalty": "l1", "alpha": 1.0, "coef_sum": 0.0},
    ],
)
@pytest.mark.parametrize("loss", ["squared_error", "absolute_error"])
def test_sums_that_leave_no_choice(data, options, loss):
    model = DescentRegressor(loss=loss, **options).fit(*data)
    assert model.coef_.sum() == pytest.approx(options["coef_sum"], abs=1e-12)


@pytest.mark.parametrize("loss", ["squared_error", "quantile", "huber"])
def test_a_constant_column_gets_no_weight(data, loss):
    X, y = data
    model = DescentRegressor(loss=loss, alpha=0).fit(np.c_[X, np.full(200, 0.1)], y)
    plain = DescentRegressor(loss=loss, alpha=0).fit(X, y)
    assert abs(model.coef_[3]) < 1e-6
    np.testing.assert_allclose(model.coef_[:3], plain.coef_, atol=1e-3)


@pytest.mark.parametrize("loss", ["huber", "quantile", "log_cosh", "squared_error"])
def test_outputs_of_different_size_are_fitted_like_each_by_itself(data, loss):
    X, y = data
    Y = np.c_[y, y * 1e8, y * 1e-6]
    together = DescentRegressor(loss=loss).fit(X, Y)
    for k in range(3):
        alone = DescentRegressor(loss=loss).fit(X, Y[:, k])
        np.testing.assert_allclose(together.coef_[k], alone.coef_, rtol=1e-7)


@pytest.mark.parametrize("loss", ["quantile", "absolute_error", "mape"])
def test_targets_that_are_met_exactly_end_the_fit(data, loss):
    X = data[0][:40]
    params = {"quantile": 0.9} if loss == "quantile" else None
    level = DescentRegressor(loss=loss, loss_params=params).fit(X, np.ones(40))
    assert level.n_iter_ == 0
    linear = DescentRegressor(loss=loss, alpha=0).fit(X, X @ [1.0, -1.0, 0.5] + 3)
    np.testing.assert_allclose(linear.coef_, [1.0, -1.0, 0.5], atol=1e-5)


def test_rows_of_weight_zero_may_overflow():
    X = np.array([[0.0], [1.0], [2.0], [1e6]])
    y = np.array([1.0, 2.0, 5.0, 0.0])
    weights = np.array([1.0, 1.0, 1.0, 0.0])
    with_it = DescentRegressor(loss="poisson").fit(X, y, sample_weight=weights)
    without = DescentRegressor(loss="poisson").fit(X[:3], y[:3])
    np.testing.assert_allclose(with_it.coef_, without.coef_, rtol=1e-5)


def test_the_curve_of_a_loss_with_kinks_is_that_of_the_loss(data):
    model = DescentRegressor(loss="quantile", loss_params={"quantile": 0.8}).fit(*data)
    assert min(model.loss_curve_) > 0
    assert model.loss_curve_[-1] == pytest.approx(model.result_.fun, rel=1e-9)


def test_parts_go_on_from_a_whole_fit(data):
    X, y = data
    model = DescentRegressor(alpha=0).fit(X[:180], y[:180])
    before = model.coef_.copy()
    model.partial_fit(X[180:], y[180:])
    whole = DescentRegressor(alpha=0).fit(X, y)
    assert np.abs(model.coef_ - whole.coef_).max() < 0.05
    assert not np.array_equal(model.coef_, before)


@pytest.mark.parametrize("level", [0.1, 0.9])
def test_quantiles_of_many_parts(level):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20_000, 5))
    y = X @ np.arange(5.0) + rng.standard_normal(20_000)
    model = DescentRegressor(loss="quantile", loss_params={"quantile": level}, alpha=0)
    for rows in np.split(np.arange(20_000), 20):
        model.partial_fit(X[rows], y[rows])
    assert (y <= model.predict(X)).mean() == pytest.approx(level, abs=0.01)


def test_a_loss_is_not_followed_to_where_it_is_not_defined(data):
    X, y = data

    def squared_log(y, p):
        return (np.log1p(y) - np.log1p(p)) ** 2

    model = DescentRegressor(loss=squared_log, alpha=0).fit(X, np.exp(y))
    assert (model.predict(X) > -1).all()
    assert np.isfinite(model.result_.fun)


def test_names_of_numbers_are_no_parameters():
    t = np.linspace(1, 5, 30)[:, None]
    with pytest.raises(ValueError, match="E, which stands for"):
        FormulaRegressor("A*exp(-E/x0)").fit(t, t[:, 0])
