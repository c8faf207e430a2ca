"""What must not change the model: how rows are weighted, ordered and stored, and columns named."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from sklearn.preprocessing import scale

import skgd.estimators.linear
from skgd.estimators import DescentClassifier, DescentRegressor

N, D = 300, 5
MODELS = {
    "squared_error": DescentRegressor(tol=1e-10),
    "quantile": DescentRegressor(loss="quantile", loss_params={"quantile": 0.8}, tol=1e-8),
    "poisson": DescentRegressor(loss="poisson", penalty="l1", alpha=0.02, tol=1e-10),
    "log_cosh": DescentRegressor(loss="log_cosh", positive=True, tol=1e-10),
    "portfolio": DescentRegressor(positive=True, coef_sum=1.0, tol=1e-10),
    "log_loss": DescentClassifier(alpha=0.01, tol=1e-10),
    "hinge": DescentClassifier(loss="squared_hinge", alpha=0.1, tol=1e-10),
}
ATOL = {"quantile": 1e-3}


@pytest.fixture(params=MODELS)
def case(request):
    """A model, data that suit it, and how exact its coefficients are."""
    rng = np.random.default_rng(0)
    X = scale(rng.standard_normal((N, D)) @ rng.standard_normal((D, D)))
    y = X @ np.array([1.0, -0.5, 0.0, 0.25, 0.5]) / 2 + 0.5 * rng.standard_normal(N)
    model = MODELS[request.param]
    if request.param == "poisson":
        y = rng.poisson(np.exp(y)).astype(float)
    if isinstance(model, DescentClassifier):
        y = np.digitize(y, [-0.5, 0.5])
    return model, X, y, ATOL.get(request.param, 1e-6)


def coefficients(model, X, y, sample_weight=None):
    fitted = model.fit(X, y, sample_weight=sample_weight)
    return np.column_stack([np.atleast_2d(fitted.coef_), fitted.intercept_])


def test_weight_two_is_a_repeated_row_and_weight_zero_a_removed_one(case):
    model, X, y, atol = case
    weights = np.random.default_rng(1).integers(0, 4, N)
    repeated = coefficients(model, X.repeat(weights, axis=0), y.repeat(weights))
    np.testing.assert_allclose(coefficients(model, X, y, weights), repeated, atol=atol)


def test_only_the_ratios_of_weights_matter(case):
    model, X, y, atol = case
    plain = coefficients(model, X, y)
    np.testing.assert_allclose(coefficients(model, X, y, np.full(N, 7.5)), plain, atol=atol)
    np.testing.assert_allclose(coefficients(model, X, y, 3), plain, atol=atol)


def test_the_order_of_rows_does_not_matter(case):
    model, X, y, atol = case
    rows = np.random.default_rng(1).permutation(N)
    plain = coefficients(model, X, y)
    np.testing.assert_allclose(coefficients(model, X[rows], y[rows]), plain, atol=atol)


def test_coefficients_follow_the_order_of_columns(case):
    model, X, y, atol = case
    columns = np.array([3, 0, 4, 1, 2])
    plain = coefficients(model, X, y)
    turned = coefficients(model, X[:, columns], y)
    np.testing.assert_allclose(turned[:, :D], plain[:, columns], atol=atol)


def test_predictions_follow_a_rotation_of_the_columns():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((2, N, D))[0], rng.standard_normal(N)
    rotation, _ = np.linalg.qr(rng.standard_normal((D, D)))
    model = DescentRegressor(loss="log_cosh", alpha=0.1, tol=1e-10)
    plain = model.fit(X, y).predict(X)
    np.testing.assert_allclose(model.fit(X @ rotation, y).predict(X @ rotation), plain, atol=1e-6)


def test_names_of_columns_do_not_matter():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((N, 3)), rng.standard_normal(N)
    plain = DescentRegressor(bounds={0: (0.5, None)}, penalty_weights={2: 0}).fit(X, y)
    table = pd.DataFrame(X, columns=["price", "stock", "age"])
    named = DescentRegressor(bounds={"price": (0.5, None)}, penalty_weights={"age": 0})
    np.testing.assert_allclose(named.fit(table, y).coef_, plain.coef_, atol=1e-6)
    assert named.coef_[0] >= 0.5


@pytest.mark.parametrize("order", ["C", "F", "strided"])
def test_the_layout_of_the_data_does_not_matter(order):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((N, D)), rng.standard_normal(N)
    plain = DescentRegressor().fit(X, y).coef_
    other = np.repeat(X, 2, axis=1)[:, ::2] if order == "strided" else np.asarray(X, order=order)
    np.testing.assert_allclose(DescentRegressor().fit(other, y).coef_, plain, atol=1e-5)


@pytest.mark.parametrize("labels", [str, int, float])
@pytest.mark.parametrize("weighted", [False, True])
def test_little_but_the_codes_of_the_labels_is_held_during_a_fit(monkeypatch, labels, weighted):
    X = np.random.default_rng(0).standard_normal((20_000, 2))
    y = (X[:, 0] > 0).astype(labels)
    vector = X[:, 0].nbytes
    model = DescentClassifier(class_weight="balanced" if weighted else None).fit(X[:100], y[:100])
    measured = []

    def look(*arguments):
        measured.append(tracemalloc.get_traced_memory())
        return minimise(*arguments)

    minimise = skgd.estimators.linear.minimise
    monkeypatch.setattr(skgd.estimators.linear, "minimise", look)
    tracemalloc.start()
    model.fit(X, y)
    tracemalloc.stop()
    ((held, peak),) = measured
    assert held < (2.2 if weighted else 1.2) * vector
    # Text is sorted, and a label of it is longer than a number.
    assert peak < (5 * vector if labels is not str else 3 * y.nbytes)


def test_the_targets_of_a_regression_are_not_copied(monkeypatch):
    X, y = np.random.default_rng(0).standard_normal((2, N, 2))
    y = np.ascontiguousarray(y[:, 0])
    weights = np.ones(N)
    seen = []
    minimise = skgd.estimators.linear.minimise
    monkeypatch.setattr(
        skgd.estimators.linear,
        "minimise",
        lambda task, *others: seen.append(task) or minimise(task, *others),
    )
    DescentRegressor().fit(X, y, sample_weight=weights)
    (task,) = seen
    assert task.X is X
    assert np.shares_memory(task.y, y)
    assert np.shares_memory(task.weights, weights)
