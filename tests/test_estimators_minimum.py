"""The fit ends at the minimum: of independent solvers, and by the conditions of optimality."""

from __future__ import annotations

import numpy as np
import pytest
from linear_minima import minimum
from linear_tasks import features, fit, make_task, objective_of, targets_for
from scipy import sparse
from sklearn import linear_model, svm

from skgd import DescentClassifier, DescentRegressor
from skgd.estimators.coordinates import plain_coordinates
from skgd.estimators.objective import LinearObjective
from skgd.losses import LOSSES, EpsilonInsensitive, Expectile, Huber, Quantile, Tweedie
from skgd.proximal import optimality

CASES = {
    **{name: loss() for name, loss in LOSSES.items()},
    "quantile 0.9": Quantile(0.9),
    "huber 0.3": Huber(0.3),
    "expectile 0.9": Expectile(0.9),
    "epsilon 0.6": EpsilonInsensitive(0.6),
    "tweedie 0": Tweedie(0),
    "tweedie 3": Tweedie(3),
}
KINKED = [name for name, loss in CASES.items() if not loss.smooth]
SMOOTH = [name for name, loss in CASES.items() if loss.smooth]
SETTINGS = {
    "none": {},
    "l2": {"penalty": "l2", "alpha": 0.1},
    "l1": {"penalty": "l1", "alpha": 0.03},
    "elasticnet": {"penalty": "elasticnet", "alpha": 0.1, "l1_ratio": 0.4},
    "penalty_weights": {"penalty": "l1", "alpha": 0.1, "penalty_weights": [0, 1, 2, 0.5]},
    "bounds": {"bounds": [(None, 0.1), (-0.2, 0.2), (0, None), (None, None)]},
    "positive": {"positive": True},
    "sum": {"coef_sum": 0.5},
    "simplex": {"coef_sum": 1.0, "positive": True},
    "all": {"coef_sum": 0.2, "bounds": (-0.3, 0.6), "penalty": "elasticnet", "alpha": 0.1},
}


def task_for(name, setting, **options):
    loss = CASES[name]
    outputs = 3 if loss.kind == "multiclass" else 1
    return make_task(loss, outputs=outputs, **SETTINGS[setting], **options)


def combinations():
    """Return losses with settings, half of them with weights; not all where that takes long."""
    for i, loss in enumerate(CASES):
        for j, setting in enumerate(SETTINGS):
            every = 1 if loss in SMOOTH and loss in LOSSES else 2 if loss in LOSSES else 4
            if (i + j) % every == 0 and not (loss in KINKED and setting == "all"):
                yield loss, setting, bool((i + j // 2) % 2)


@pytest.mark.parametrize(("loss", "setting", "weighted"), [*combinations()])
def test_minimum_is_that_of_an_independent_solver(loss, setting, weighted):
    task = task_for(loss, setting, weighted=weighted)
    fitted, value = fit(task, tol=3e-7)
    assert fitted.converged
    lowest = minimum(task)
    assert value <= lowest + 1e-6 * abs(lowest)
    assert value >= lowest - 1e-6 * abs(lowest)
    assert fitted.result.fun == pytest.approx(value, rel=1e-9)
    box, total = task.penalty.bounds, task.penalty.total
    assert (fitted.coef >= box.lower).all()
    assert (fitted.coef <= box.upper).all()
    if total is not None:
        np.testing.assert_allclose(fitted.coef.sum(axis=1), total, rtol=0, atol=1e-12)


@pytest.mark.parametrize("setting", ["l2", "l1", "simplex"])
@pytest.mark.parametrize("layout", ["csr", "csc", "fortran"])
@pytest.mark.parametrize("loss", ["log_loss", "multinomial"])
def test_minimum_does_not_depend_on_the_layout_of_the_data(loss, layout, setting):
    dense, other = task_for(loss, setting), task_for(loss, setting, layout=layout)
    assert fit(other)[1] == pytest.approx(fit(dense)[1], rel=1e-7)


@pytest.mark.parametrize("setting", ["none", "penalty_weights", "bounds", "all"])
@pytest.mark.parametrize("loss", [name for name in SMOOTH if name in LOSSES])
def test_optimality_conditions_hold(loss, setting):
    task = task_for(loss, setting)
    fitted, _ = fit(task, tol=1e-8)
    coordinates = plain_coordinates(task)
    objective = LinearObjective(task, coordinates)
    constraint = task.penalty.constraint(coordinates.sigma, task.outputs, task.fit_intercept)
    x = coordinates.vector(fitted.coef, fitted.intercept)
    g = objective.gradient(x)
    start = objective.gradient(np.zeros_like(x))
    residual = optimality(x, g, constraint)
    assert np.abs(residual).max() <= 1e-6 * max(1.0, np.abs(start).max())


@pytest.mark.parametrize("penalty", ["l1", "elasticnet"])
@pytest.mark.parametrize("loss", LOSSES)
def test_columns_without_use_get_exact_zeros(loss, penalty):
    X = features(200, 12, seed=1)
    X[:, 4:] = np.random.default_rng(5).normal(size=(200, 8))
    plain = CASES[loss]
    outputs = 3 if plain.kind == "multiclass" else 1
    y = targets_for(plain, X[:, :4], 0, outputs)
    task = make_task(plain, X, y, outputs=outputs, penalty=penalty, alpha=0.15, l1_ratio=0.8)
    fitted, _ = fit(task, tol=1e-6)
    zero = fitted.coef == 0
    assert zero[:, 4:].mean() >= 0.5
    assert not zero.all()
    small = np.abs(fitted.coef[~zero])
    assert small.min() > 1e-7


@pytest.mark.parametrize("loss", ["squared_error", "quantile", "log_loss", "poisson"])
def test_a_strong_penalty_leaves_the_intercept_alone(loss):
    task = make_task(loss, penalty="l1", alpha=1e3)
    fitted, value = fit(task)
    assert (fitted.coef == 0).all()
    constant = task.loss.constant(task.y)
    assert value == pytest.approx(objective_of(task, np.zeros(4), constant), rel=1e-6)


def numbers(seed=0):
    X = features(120, 5, seed)
    return X, targets_for(LOSSES["squared_error"](), X, seed), features(120, 5, seed + 1)


def counts(kind):
    X = features(120, 5)
    return X, targets_for(LOSSES[kind](), X)


def agrees(ours, theirs, X, y, weights=None, atol=1e-4):
    """Tell whether two models have the same coefficients; theirs may be less accurate."""
    ours.fit(X, y, sample_weight=weights)
    theirs.fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(ours.coef_, theirs.coef_.reshape(ours.coef_.shape), atol=atol)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=atol)


TIGHT = {"tol": 1e-10, "max_iter": 100_000}
OURS = {"tol": 1e-9, "max_iter": 3000}
WEIGHTS = np.random.default_rng(4).uniform(0.2, 2, 120)
with_and_without_weights = pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["", "weights"])


@with_and_without_weights
def test_the_same_as_least_squares_of_scikit_learn(weights):
    X, y, _ = numbers()
    total = 120 if weights is None else weights.sum()
    l1 = {"penalty": "l1", "alpha": 0.1, **OURS}
    agrees(DescentRegressor(**l1), linear_model.Lasso(0.1, **TIGHT), X, y, weights)
    both = {"alpha": 0.2, "l1_ratio": 0.3}
    net = linear_model.ElasticNet(**both, **TIGHT)
    agrees(DescentRegressor(penalty="elasticnet", **both, **OURS), net, X, y, weights)
    positive = linear_model.Lasso(0.1, positive=True, **TIGHT)
    agrees(DescentRegressor(positive=True, **l1), positive, X, y, weights)
    agrees(DescentRegressor(alpha=0.1, **OURS), linear_model.Ridge(0.1 * total), X, y, weights)
    plain = linear_model.LinearRegression()
    agrees(DescentRegressor(penalty=None, **OURS), plain, X, y, weights)
    nnls = linear_model.LinearRegression(positive=True)
    agrees(DescentRegressor(penalty=None, positive=True, **OURS), nnls, X, y, weights)


@with_and_without_weights
@pytest.mark.parametrize(("quantile", "alpha"), [(0.2, 0.0), (0.5, 0.02), (0.9, 0.01)])
def test_the_same_as_the_quantile_regressor(quantile, alpha, weights):
    X, y, _ = numbers()
    params = {"loss": "quantile", "loss_params": {"quantile": quantile}}
    ours = DescentRegressor(**params, penalty="l1", alpha=alpha, **OURS)
    theirs = linear_model.QuantileRegressor(quantile=quantile, alpha=alpha, solver="highs")
    agrees(ours, theirs, X, y, weights, atol=1e-3)


@with_and_without_weights
@pytest.mark.parametrize(
    ("loss", "theirs"),
    [
        ("poisson", linear_model.PoissonRegressor(alpha=0.1, **TIGHT)),
        ("gamma", linear_model.GammaRegressor(alpha=0.1, **TIGHT)),
        ("tweedie", linear_model.TweedieRegressor(power=1.5, alpha=0.1, link="log", **TIGHT)),
    ],
)
def test_the_same_as_generalised_linear_models(loss, theirs, weights):
    X, y = counts(loss)
    agrees(DescentRegressor(loss=loss, alpha=0.1, **OURS), theirs, X, y, weights)


def labels(classes=2):
    X = features(120, 5)
    loss = LOSSES["log_loss" if classes == 2 else "multinomial"]()
    return X, targets_for(loss, X, 0, 1 if classes == 2 else classes)


@with_and_without_weights
@pytest.mark.parametrize("classes", [2, 4])
def test_the_same_as_logistic_regression(classes, weights):
    X, y = labels(classes)
    total = 120 if weights is None else weights.sum()
    theirs = linear_model.LogisticRegression(C=1 / (0.05 * total), **TIGHT)
    agrees(DescentClassifier(alpha=0.05, **OURS), theirs, X, y, weights)


def test_the_same_as_sparse_logistic_regression():
    X, y = labels()
    options = {"solver": "saga", "C": 1 / (0.05 * 120), "tol": 1e-8, "max_iter": 100_000}
    # scikit-learn 1.8 has no argument for the kind of penalty any more.
    new = linear_model.LogisticRegression().penalty == "deprecated"
    theirs = linear_model.LogisticRegression(
        **({"l1_ratio": 1} if new else {"penalty": "l1"}), **options
    )
    ours = DescentClassifier(penalty="l1", alpha=0.05, **OURS)
    agrees(ours, theirs, X, y, atol=1e-3)
    assert ((ours.coef_ == 0) == (theirs.coef_ == 0)).all()


@with_and_without_weights
@pytest.mark.parametrize("penalty", ["l2", "l1"])
def test_the_same_as_a_linear_support_vector_machine(penalty, weights):
    X, y = labels()
    total = 120 if weights is None else weights.sum()
    theirs = svm.LinearSVC(
        penalty=penalty, C=1 / (0.1 * total), dual=False, fit_intercept=False, **TIGHT
    )
    ours = DescentClassifier(loss="squared_hinge", penalty=penalty, fit_intercept=False, **OURS)
    ours.set_params(alpha=0.1)
    ours.fit(X, y, sample_weight=weights)
    theirs.fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-4)


def test_the_same_as_support_vector_machines_with_an_intercept():
    X, y = labels()
    C = 1 / (0.1 * 120)
    ours = DescentClassifier(loss="hinge", alpha=0.1, **OURS)
    agrees(ours, svm.SVC(kernel="linear", C=C, tol=1e-9), X, y, atol=1e-3)
    X, y, _ = numbers()
    params = {"loss": "epsilon_insensitive", "loss_params": {"epsilon": 0.2}}
    theirs = svm.SVR(kernel="linear", C=C, epsilon=0.2, tol=1e-9)
    agrees(DescentRegressor(**params, alpha=0.1, **OURS), theirs, X, y, atol=1e-3)


def test_several_outputs_are_as_many_models():
    X, y, Y = numbers()
    Y = np.column_stack([y, Y[:, :2]])
    for options in ({}, {"loss": "huber", "penalty": "l1", "alpha": 0.05}, {"loss": "quantile"}):
        together = DescentRegressor(**options, **OURS).fit(X, Y)
        for k in range(3):
            alone = DescentRegressor(**options, **OURS).fit(X, Y[:, k])
            np.testing.assert_allclose(together.coef_[k], alone.coef_, atol=1e-3)


@pytest.mark.parametrize("loss", ["log_loss", "squared_hinge"])
def test_many_sparse_columns(loss):
    rng = np.random.default_rng(0)
    X = sparse.csr_array(rng.random((200, 600)) * (rng.random((200, 600)) < 0.02))
    y = np.where(X @ rng.normal(size=600) > 0, 1.0, -1.0)
    task = make_task(loss, X.toarray(), y, layout="csr", penalty="l2", alpha=1e-3)
    fitted, value = fit(task, tol=1e-6)
    assert fitted.converged
    assert value == pytest.approx(minimum(task), rel=1e-6)
