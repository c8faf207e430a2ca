"""Warm starts, chunks, early stopping, warnings and what a fit leaves behind."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import OptimizeResult
from sklearn.datasets import load_breast_cancer, load_diabetes, make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from skgd.estimators import DescentClassifier, DescentRegressor
from skgd.estimators._early_stopping import choose_rows


@pytest.fixture(scope="module")
def numbers():
    X, y = load_diabetes(return_X_y=True)
    return scale(X), scale(y)


@pytest.fixture(scope="module")
def labels():
    X, y = load_breast_cancer(return_X_y=True)
    return scale(X), y


@pytest.fixture(scope="module")
def noise():
    """More columns than a model should use: descent soon fits the noise."""
    return make_classification(120, 60, n_informative=5, flip_y=0.2, random_state=0)


def test_a_fit_leaves_its_story_behind(numbers):
    X, y = numbers
    model = DescentRegressor(loss="log_cosh").fit(X, y)
    assert isinstance(model.result_, OptimizeResult)
    assert len(model.loss_curve_) == model.n_iter_ > 0
    assert model.loss_curve_[-1] == min(model.loss_curve_)
    residuals = y - model.predict(X)
    penalty = 0.5 * model.alpha * model.coef_ @ model.coef_
    assert model.loss_curve_[-1] == pytest.approx(np.log(np.cosh(residuals)).mean() + penalty)
    assert not hasattr(model, "validation_loss_curve_")


@pytest.mark.parametrize("loss", ["squared_error", "huber", "poisson"])
def test_a_warm_start_at_the_solution_takes_at_most_one_iteration(numbers, loss):
    X, y = numbers
    y = y - y.min()
    model = DescentRegressor(loss=loss, warm_start=True).fit(X, y)
    coef = model.coef_
    assert model.fit(X, y).n_iter_ <= 1
    np.testing.assert_allclose(model.coef_, coef, atol=1e-6)


def test_a_warm_start_of_a_classifier(labels):
    X, y = labels
    model = DescentClassifier(alpha=0.01, warm_start=True).fit(X, y)
    assert model.fit(X, y).n_iter_ <= 1
    assert model.set_params(warm_start=False).fit(X, y).n_iter_ > 1


def test_a_path_of_warm_starts_arrives_where_cold_starts_do(numbers):
    X, y = numbers
    model = DescentRegressor(penalty="l1", warm_start=True, tol=1e-8)
    for alpha in (0.3, 0.1, 0.03):
        coef = model.set_params(alpha=alpha).fit(X, y).coef_
        cold = DescentRegressor(penalty="l1", alpha=alpha, tol=1e-8).fit(X, y).coef_
        np.testing.assert_allclose(coef, cold, atol=1e-6)
        assert ((coef == 0) == (cold == 0)).all()


def test_without_an_intercept_it_is_zero(numbers):
    X, y = numbers
    model = DescentRegressor(fit_intercept=False).fit(X, y + 1)
    assert model.intercept_ == 0
    assert model.predict(np.zeros((1, 10))) == 0


def test_a_fit_that_did_not_converge_says_so_with_figures_and_advice(numbers):
    X, y = numbers
    with pytest.warns(ConvergenceWarning, match=r"max_iter=2\D.*tol=1e-06.*raise max_iter"):
        model = DescentRegressor(method="gd", precondition=None, max_iter=2).fit(X, y)
    assert model.n_iter_ == 2


def test_the_seed_decides_mini_batches_and_held_out_rows(labels):
    X, y = labels
    for options in ({"batch_size": 64, "max_iter": 5}, {"early_stopping": True}):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            one, same, other = (
                DescentClassifier(random_state=seed, **options).fit(X, y).coef_
                for seed in (0, np.random.RandomState(0), 1)
            )
        assert (one == same).all()
        assert (one != other).any()


@pytest.mark.parametrize("kind", ["dense", "csr", "csc"])
def test_early_stopping_returns_the_model_that_was_best_on_the_held_out_rows(noise, kind):
    X, y = noise
    X = X if kind == "dense" else sparse.csr_array(X).asformat(kind)
    options = {"alpha": 0.0, "method": "gd", "precondition": None, "random_state": 3}
    model = DescentClassifier(early_stopping=True, validation_fraction=0.3, **options).fit(X, y)
    curve = model.validation_loss_curve_
    best = int(np.argmin(curve))
    assert len(curve) == model.n_iter_ == best + 1 + model.n_iter_no_change
    weights = np.ones(len(y))
    seed = np.random.RandomState(3).randint(np.iinfo(np.int32).max)
    held = choose_rows(len(y), 0.3, np.random.default_rng(seed), labels=2.0 * y - 1)
    margins = (2 * y[held] - 1) * model.decision_function(
        X[held] if kind != "csc" else X.tocsr()[held]
    )
    assert np.logaddexp(0, -margins).mean() == pytest.approx(curve[best])
    weights[held] = 0
    with pytest.warns(ConvergenceWarning):
        again = DescentClassifier(max_iter=best + 1, **options).fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(model.coef_, again.coef_)


def test_early_stopping_of_several_outputs(numbers):
    X, y = numbers
    Y = np.stack([y, -y], axis=1)
    model = DescentRegressor(early_stopping=True, random_state=0).fit(X, Y)
    assert len(model.validation_loss_curve_) == model.n_iter_
    assert model.score(X, Y) > 0.4


def test_held_out_rows_are_a_fair_share():
    rng = np.random.default_rng(0)
    labels = np.repeat([0.0, 1.0, 2.0], [100, 50, 10])
    weights = rng.integers(0, 2, 160).astype(float)
    rows = choose_rows(160, 0.2, rng, weights, labels)
    assert len(np.unique(rows)) == len(rows) == round(0.2 * weights.sum())
    assert weights[rows].all()
    for k in range(3):
        share = 0.2 * weights[labels == k].sum()
        assert abs((labels[rows] == k).sum() - share) < 1
    with pytest.raises(ValueError, match=r"validation_fraction=0\.9 leaves no row"):
        choose_rows(2, 0.9, rng)
    with pytest.raises(ValueError, match="no row of some class"):
        choose_rows(4, 0.5, rng, labels=np.arange(4.0))


def test_chunks_approach_the_fit(numbers):
    X, y = numbers
    whole = DescentRegressor(alpha=0.01).fit(X, y)
    parts = DescentRegressor(alpha=0.01, batch_size=20, random_state=0)
    for _ in range(20):
        for rows in np.array_split(np.arange(len(y)), 4):
            parts.partial_fit(X[rows], y[rows])
    assert parts.score(X, y) > whole.score(X, y) - 0.01
    assert parts.n_iter_ == len(parts.loss_curve_) == 80


def test_chunks_of_a_classifier_need_not_have_all_classes():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], 100)
    X = rng.standard_normal((300, 2)) + 4 * np.array([[0, 0], [1, 0], [0, 1]])[y]
    model = DescentClassifier(batch_size=10, alpha=0.01, class_weight={2: 2.0})
    model.partial_fit(X[:200], y[:200], classes=[0, 1, 2])
    for _ in range(10):
        rows = rng.permutation(300)
        for chunk in np.array_split(rows, 3):
            model.partial_fit(X[chunk], y[chunk])
    assert model.coef_.shape == (3, 2)
    assert model.score(X, y) > 0.9


def test_balanced_classes_weigh_the_same(labels):
    X, y = labels
    shares = np.bincount(y) / len(y)
    by_hand = {0: 0.5 / shares[0], 1: 0.5 / shares[1]}
    balanced = DescentClassifier(class_weight="balanced", alpha=0.01, tol=1e-9).fit(X, y)
    given = DescentClassifier(class_weight=by_hand, alpha=0.01, tol=1e-9).fit(X, y)
    weights = np.array([by_hand[label] for label in y])
    weighted = DescentClassifier(alpha=0.01, tol=1e-9).fit(X, y, sample_weight=weights)
    for model in (given, weighted):
        np.testing.assert_allclose(model.coef_, balanced.coef_, atol=1e-5)
