"""`FormulaRegressor`: names, weights, losses, bounds, methods, and what is said when it fails."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.optimize import curve_fit, least_squares
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skgd import METHODS, Formula, Method, Steepest
from skgd.estimators.formula import FormulaRegressor

DECAY = "a*exp(-b*x0) + c"
TRUTH = {"a": 2.5, "b": 1.3, "c": 0.5}


def decay(x, a, b, c):
    return a * np.exp(-b * x) + c


def data(n=60, noise=0.05, seed=0):
    x = np.linspace(0, 4, n)
    return x[:, None], decay(x, **TRUTH) + noise * np.random.default_rng(seed).standard_normal(n)


def values(model, names=("a", "b", "c")):
    return np.array([model.params_[name] for name in names])


def test_text_with_numbers_filled_in_predicts_the_same():
    X, y = data()
    model = FormulaRegressor("a*x0**b + -c*exp(-1e-1*x0)", fixed={"c": -2.5}).fit(X, y)
    filled = Formula(model.formula_)
    assert filled.variables == ("x0",)
    np.testing.assert_allclose(filled(X.T), model.predict(X), rtol=1e-14)


def test_parameters_are_in_the_order_of_the_text_and_fixed_ones_come_last():
    X, y = data()
    model = FormulaRegressor("c + b*exp(-x0*a)", fixed={"c": 0.5}).fit(X, y)
    assert [*model.params_] == ["b", "a", "c"]
    assert [*model.stderr_] == ["b", "a"]
    assert model.covariance_.shape == (2, 2)
    assert model.params_["c"] == 0.5


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_columns_are_taken_by_their_names(frame):
    X, y = data()
    table = frame({"unused": np.zeros(len(y)), "time": X[:, 0]})
    model = FormulaRegressor("a*exp(-b*time) + x0").fit(table, y)
    named = FormulaRegressor(DECAY).fit(X, y)
    np.testing.assert_allclose(values(model, ("a", "b", "x0")), values(named), rtol=1e-6)
    assert model.feature_names_in_.tolist() == ["unused", "time"]
    np.testing.assert_allclose(model.predict(table), named.predict(X), rtol=1e-7)


def test_columns_are_taken_by_position_where_no_name_is_used():
    X, y = data()
    table = pd.DataFrame({"time": X[:, 0]})
    assert [*FormulaRegressor(DECAY).fit(table, y).params_] == ["a", "b", "c"]


def test_a_name_like_a_position_is_a_parameter_where_the_user_says_so():
    X, y = data()
    model = FormulaRegressor("a*exp(-b*x0) + x7", initial={"x7": 0.0}).fit(X, y)
    assert [*model.params_] == ["a", "b", "x7"]


def test_weights_are_inverse_variances():
    X, y = data()
    sigma = np.random.default_rng(1).uniform(0.5, 2.0, len(y))
    for absolute in (False, True):
        expected, covariance = curve_fit(
            decay, X[:, 0], y, sigma=sigma, absolute_sigma=absolute, ftol=1e-15, xtol=1e-15
        )
        model = FormulaRegressor(DECAY, absolute_sigma=absolute).fit(X, y, 1 / sigma**2)
        np.testing.assert_allclose(values(model), expected, rtol=1e-6)
        np.testing.assert_allclose(model.covariance_, covariance, rtol=1e-4)


def test_weight_zero_removes_a_row_and_weight_two_repeats_it():
    X, y = data()
    weights = np.random.default_rng(2).integers(0, 3, len(y))
    weighted = FormulaRegressor(DECAY).fit(X, y, weights)
    rows = np.repeat(np.arange(len(y)), weights)
    repeated = FormulaRegressor(DECAY).fit(X[rows], y[rows])
    np.testing.assert_allclose(values(weighted), values(repeated), rtol=1e-7)
    some = weights > 0
    removed = FormulaRegressor(DECAY).fit(X[some], y[some], weights[some])
    np.testing.assert_allclose(weighted.covariance_, removed.covariance_, rtol=1e-6)


@pytest.mark.parametrize("loss", ["soft_l1", "huber", "cauchy", "arctan"])
def test_robust_losses_are_those_of_scipy(loss):
    X, y = data()
    y[::9] += 3.0
    expected = least_squares(
        lambda p: decay(X[:, 0], *p) - y,
        [*TRUTH.values()],
        loss=loss,
        f_scale=0.1,
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-15,
    )
    model = FormulaRegressor(DECAY, loss=loss, f_scale=0.1, initial=TRUTH).fit(X, y)
    np.testing.assert_allclose(values(model), expected.x, rtol=1e-5)
    assert model.result_.fun * len(y) <= expected.cost * (1 + 1e-10)
    _, covariance = curve_fit(
        decay, X[:, 0], y, expected.x, method="trf", loss=loss, f_scale=0.1, gtol=1e-12
    )
    np.testing.assert_allclose(model.covariance_, covariance, rtol=1e-3)


def test_smooth_losses_of_linear_models_serve_as_well():
    rng = np.random.default_rng(3)
    x = np.linspace(0, 3, 200)
    y = rng.poisson(np.exp(1.5 * np.sin(x) + 0.3)).astype(float)
    model = FormulaRegressor("a*sin(x0) + b", loss="poisson").fit(x[:, None], y)
    mean = model.predict(x[:, None])
    # The score equations of the Poisson likelihood.
    assert abs((mean - y).sum()) < 1e-5
    assert abs(((mean - y) * np.sin(x)).sum()) < 1e-5
    with pytest.raises(ValueError, match=r"loss 'absolute_error' has kinks"):
        FormulaRegressor(loss="absolute_error").fit(*data())


def test_bounds_hold_and_what_is_free_is_best_within_them():
    X, y = data()
    bounds = {"b": (None, 1.0), "c": (0.6, 2.0)}
    model = FormulaRegressor(DECAY, bounds=bounds).fit(X, y)
    expected, _ = curve_fit(
        decay,
        X[:, 0],
        y,
        [1, 0.9, 1],
        bounds=([-np.inf, -np.inf, 0.6], [np.inf, 1.0, 2.0]),
        ftol=1e-15,
        xtol=1e-15,
        gtol=1e-15,
    )
    np.testing.assert_allclose(values(model), expected, rtol=1e-6)
    assert model.params_["b"] <= 1.0
    assert model.params_["c"] >= 0.6


def test_a_start_may_lie_on_a_bound():
    X, y = data()
    model = FormulaRegressor(DECAY, initial={"b": 0.0}, bounds={"b": (0, None)}).fit(X, y)
    np.testing.assert_allclose(values(model), values(FormulaRegressor(DECAY).fit(X, y)), rtol=1e-6)


def test_data_without_noise_are_fitted_to_the_last_digits():
    X, y = data(noise=0.0)
    model = FormulaRegressor(DECAY).fit(X, y)
    np.testing.assert_allclose(values(model), [*TRUTH.values()], rtol=1e-12)
    assert model.score(X, y) == 1.0


@pytest.mark.parametrize("scale", [1e-150, 1e-8, 1e8, 1e150])
def test_the_units_of_the_target_do_not_matter(scale):
    X, y = data()
    expected = values(FormulaRegressor(DECAY).fit(X, y))
    found = values(FormulaRegressor(DECAY, initial={"a": scale, "c": scale}).fit(X, scale * y))
    np.testing.assert_allclose(found / [scale, 1, scale], expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("formula", "initial"),
    [
        ("a/(1 + exp(b - c*x0))", {"a": 1, "b": 500, "c": -300}),
        ("a*exp(-exp(b - c*x0))", {"a": 1, "b": 9, "c": 100}),
        ("a*exp(-exp(b - c*x0))", {"a": 1, "b": 900, "c": 1}),
        ("a*x0**2/(exp(b*x0) - exp(-c*x0))", {"a": 1, "b": 1000, "c": 1000}),
    ],
)
def test_overflow_in_the_formula_is_survived(formula, initial):
    x = np.linspace(0.1, 4, 60)
    truth = {"a": 2.0, "b": -1.0, "c": 0.7}
    f = Formula(formula, variables=["x0", *truth])
    y = f(np.array(np.broadcast_arrays(x, *truth.values())))
    model = FormulaRegressor(formula, initial=initial).fit(x[:, None], y)
    assert model.score(x[:, None], y) == pytest.approx(1.0)


def test_a_fit_that_lost_a_parameter_warns():
    X, y = data()
    with pytest.warns(ConvergenceWarning, match=r"where b has no influence on the formula"):
        FormulaRegressor("a + 0*b*x0 + c*x0**2", initial={"a": 1}).fit(X, y)


def test_every_method_runs_as_it_stands_on_the_same_objective():
    X, y = data()
    best = FormulaRegressor(DECAY).fit(X, y)
    for name in METHODS:
        plain = FormulaRegressor(DECAY, method=name, tol=1e-4, max_iter=5000).fit(X, y)
        assert plain.result_.fun == pytest.approx(best.result_.fun, rel=1e-3), name
    two = Method(Steepest(), 0.1)
    with pytest.warns(ConvergenceWarning, match=r"no minimum in 2 iterations.*raise max_iter"):
        few = FormulaRegressor(DECAY, method=two, max_iter=2, initial=TRUTH).fit(X, y)
    assert few.n_iter_ == few.result_.nit == 2


def test_more_starts_find_what_one_does_not():
    x = np.linspace(0, 10, 100)
    y = np.sin(5.3 * x + 0.4)
    one = FormulaRegressor("sin(w*x0 + p)", initial={"w": 1.5}).fit(x[:, None], y)
    many = FormulaRegressor(
        "sin(w*x0 + p)", bounds={"w": (0.1, 20), "p": (-4, 4)}, n_starts=60, random_state=0
    ).fit(x[:, None], y)
    assert one.score(x[:, None], y) < 0.5
    assert many.score(x[:, None], y) == pytest.approx(1.0)


def test_starts_depend_on_random_state_alone():
    X, y = data()
    fits = [
        FormulaRegressor(DECAY, n_starts=3, random_state=seed).fit(X, y).params_
        for seed in (0, 0, np.random.RandomState(0))
    ]
    assert fits[0] == fits[1] == fits[2]


def test_it_is_an_estimator_like_any_other():
    X, y = data()
    model = clone(FormulaRegressor(DECAY, bounds={"b": (0, None)})).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    search = GridSearchCV(model, {"formula": ["a*x0 + b", DECAY], "bounds": [None]}).fit(X, y)
    assert search.best_params_["formula"] == DECAY
    shuffled = np.random.default_rng(0).permutation(len(y))
    assert cross_val_score(model, X[shuffled], y[shuffled]).min() > 0.9
    pipe = make_pipeline(FunctionTransformer(np.sqrt), FormulaRegressor("a*exp(-b*x0**2) + c"))
    np.testing.assert_allclose(pipe.fit(X, y).predict(X), model.predict(X), rtol=1e-6)


def test_data_are_not_written_to_and_single_precision_is_welcome():
    X, y = data()
    X32, y32, weights = X.astype(np.float32), y.astype(np.float32), np.ones(len(y))
    for array in (X, y, X32, y32, weights):
        array.flags.writeable = False
    double = FormulaRegressor(DECAY).fit(X, y, weights)
    single = FormulaRegressor(DECAY).fit(X32, y32)
    np.testing.assert_allclose(values(single), values(double), rtol=1e-4)


def test_blocks_of_rows_give_what_all_rows_give():
    X, y = data(n=20_000)
    model = FormulaRegressor(DECAY).fit(X, y, np.ones(len(y)))
    expected, covariance = curve_fit(decay, X[:, 0], y, ftol=1e-15, xtol=1e-15)
    np.testing.assert_allclose(values(model), expected, rtol=1e-6)
    np.testing.assert_allclose(model.covariance_, covariance, rtol=1e-4)


def test_fewer_rows_than_parameters_have_no_errors():
    model = FormulaRegressor("a*x0 + b*x0**2").fit([[1.0]], [3.0])
    assert model.predict([[1.0]]) == pytest.approx(3.0)
    assert np.isinf(model.covariance_).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"formula": "a*exp(-b*t)"}, r"mentions no column of X, which has x0; use these names"),
        ({"formula": "2*x0"}, r"has no parameter to estimate: its names are x0"),
        ({"formula": "2"}, r"has no parameter to estimate: its names are none"),
        ({"formula": "a*x3"}, r"formula uses x3, but X has 1 feature"),
        ({"formula": "a*x0 +"}, r"it cannot be read"),
        ({"initial": {"alpha": 1}}, r"initial names 'alpha', which is no parameter.*a, b"),
        ({"bounds": {"x0": (0, 1)}, "formula": "a*x0"}, r"mentions no column of X"),
        ({"initial": {"a": "one"}}, r"initial\['a'\] must be a real number"),
        ({"fixed": {"a": np.nan}}, r"fixed\['a'\] must be a finite number"),
        ({"bounds": {"a": 3}}, r"bounds\['a'\] must be a pair"),
        ({"bounds": {"a": (2, 1)}}, r"bounds\['a'\] must have low < high"),
        ({"initial": {"a": 3}, "bounds": {"a": (0, 1)}}, r"initial\['a'\] = 3 lies outside"),
        ({"fixed": {"a": 1, "b": 1}}, r"has no parameter to estimate"),
        ({"formula": "log(-a**2 - 1 - 0*x0) + b"}, r"is not finite at its start a = 1, b = 1"),
        ({"method": "gd_momntum"}, r"did you mean 'gd_momentum'"),
        ({"loss": "huberr"}, r"loss"),
    ],
)
def test_errors_name_the_argument(arguments, message):
    X, y = data()
    with pytest.raises(ValueError, match=message):
        FormulaRegressor(**arguments).fit(X, y)


def test_a_parameter_cannot_have_the_name_of_a_column():
    X, y = data()
    with pytest.raises(ValueError, match=r"initial names 't', which is a column of X"):
        FormulaRegressor("a*t + b", initial={"t": 1}).fit(pd.DataFrame({"t": X[:, 0]}), y)
