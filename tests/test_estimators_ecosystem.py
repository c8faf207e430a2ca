"""The linear estimators within scikit-learn's tools, and with frames, sparse data and pickle."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import sklearn
from scipy import sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skgd import Constant, gd_momentum
from skgd.estimators import DescentClassifier, DescentRegressor


@pytest.fixture(scope="module")
def diabetes():
    return load_diabetes(return_X_y=True)


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


def test_in_a_pipeline_and_a_grid_search(diabetes):
    X, y = diabetes
    pipeline = make_pipeline(StandardScaler(), DescentRegressor(penalty="l1"))
    grid = {"descentregressor__alpha": [0.1, 1e3], "descentregressor__loss": ["huber", "quantile"]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(X, y)
    assert search.best_params_["descentregressor__alpha"] == 0.1
    assert search.best_score_ > 0.4


def test_in_cross_validation_in_several_processes(iris):
    X, y = iris
    scores = cross_val_score(DescentClassifier(), X, y, cv=3, n_jobs=2)
    assert scores.min() > 0.9


@pytest.mark.parametrize("loss", ["hinge", "log_loss"])
def test_calibrated(iris, loss):
    X, y = iris
    model = CalibratedClassifierCV(DescentClassifier(loss=loss), cv=3).fit(X, y)
    probability = model.predict_proba(X)
    assert np.allclose(probability.sum(axis=1), 1)
    assert model.score(X, y) > 0.9


def test_features_are_selected_by_coefficients(diabetes):
    X, y = diabetes
    rng = np.random.default_rng(0)
    noise = 0.05 * rng.standard_normal((len(y), 5))
    wide = np.hstack([noise, X])
    kept = RFE(DescentRegressor(), n_features_to_select=4).fit(wide, y).support_
    assert not kept[:5].any()
    sparse_model = DescentRegressor(penalty="l1", alpha=0.5)
    kept = SelectFromModel(sparse_model, threshold=1e-12).fit(wide, y).get_support()
    assert 0 < kept[5:].sum() < 10


def test_one_regressor_for_each_output(diabetes):
    X, y = diabetes
    Y = np.stack([y, 2 * y], axis=1)
    both = DescentRegressor().fit(X, Y)
    single = MultiOutputRegressor(DescentRegressor()).fit(X, Y)
    assert both.coef_.shape == (2, 10)
    assert both.intercept_.shape == (2,)
    assert both.predict(X).shape == Y.shape
    np.testing.assert_allclose(both.predict(X), single.predict(X), rtol=1e-3)


def test_shapes_are_those_of_scikit_learn(diabetes, iris):
    X, y = diabetes
    single, column = DescentRegressor().fit(X, y), DescentRegressor().fit(X, y[:, None])
    assert (single.coef_.shape, single.intercept_.shape) == ((10,), (1,))
    assert (column.coef_.shape, column.intercept_.shape) == ((1, 10), (1,))
    assert column.predict(X).shape == (len(y), 1)
    X, y = iris
    two, three = DescentClassifier().fit(X[:100], y[:100]), DescentClassifier().fit(X, y)
    assert (two.coef_.shape, two.intercept_.shape) == ((1, 4), (1,))
    assert two.decision_function(X).shape == (150,)
    assert two.predict_proba(X).shape == (150, 2)
    assert (three.coef_.shape, three.intercept_.shape) == ((3, 4), (3,))
    assert three.decision_function(X).shape == three.predict_proba(X).shape == (150, 3)
    np.testing.assert_allclose(np.exp(three.predict_log_proba(X)), three.predict_proba(X))


def frame(library, columns):
    return pytest.importorskip(library).DataFrame(columns)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_columns_of_frames_are_known_by_name(library):
    rng = np.random.default_rng(0)
    price, stock = rng.standard_normal((2, 200))
    X = frame(library, {"price": price, "stock": stock})
    y = 3 * stock - 2 * price
    model = DescentRegressor(alpha=0, bounds={"price": (0, None)}).fit(X, y)
    assert list(model.feature_names_in_) == ["price", "stock"]
    assert model.coef_[0] == 0
    assert model.coef_[1] == pytest.approx(3, abs=0.2)
    with pytest.raises(ValueError, match="cost"):
        DescentRegressor(bounds={"cost": (0, None)}).fit(X, y)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame(library, {"stock": stock, "price": price}))


def test_in_a_column_transformer():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    city = np.array(["Oslo", "Rome"])[rng.integers(2, size=100)]
    size = rng.uniform(20, 200, 100)
    table = pd.DataFrame({"city": city, "size": size})
    prepare = ColumnTransformer([("city", OneHotEncoder(), ["city"])], remainder=StandardScaler())
    y = 1000 * size * (1 + (city == "Rome"))
    model = make_pipeline(prepare, DescentRegressor(loss="gamma", alpha=0))
    assert model.fit(table, y).score(table, y) > 0.9


@pytest.mark.parametrize("layout", ["csr", "csc", "coo", "lil"])
@pytest.mark.parametrize("container", ["array", "matrix"])
def test_sparse_data_give_the_model_of_dense_data(layout, container):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 10)) * (rng.random((200, 10)) < 0.2)
    kind = sparse.coo_array if container == "array" else sparse.coo_matrix
    S = kind(X).asformat(layout)
    y = X @ np.arange(10.0) + 0.1 * rng.standard_normal(200)
    dense, thin = DescentRegressor(tol=1e-10).fit(X, y), DescentRegressor(tol=1e-10).fit(S, y)
    np.testing.assert_allclose(thin.coef_, dense.coef_, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(thin.predict(S), dense.predict(X), rtol=1e-6, atol=1e-6)
    labels = y > np.median(y)
    thin, dense = DescentClassifier().fit(S, labels), DescentClassifier().fit(X, labels)
    assert (thin.predict(S) == dense.predict(X)).all()


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
def test_single_precision_stays_single_precision(iris, make):
    X, y = make(iris[0].astype(np.float32)), iris[1]
    model = DescentClassifier(tol=1e-3).fit(X, y)
    assert model.coef_.dtype == model.intercept_.dtype == np.float32
    assert model.decision_function(X).dtype == model.predict_proba(X).dtype == np.float32
    regressor = DescentRegressor(tol=1e-3).fit(X, y)
    assert regressor.coef_.dtype == regressor.predict(X).dtype == np.float32


def double_squares(y, p):
    """A loss of the user's own, without a derivative."""
    return (y - p) ** 2


@pytest.mark.parametrize(
    "model",
    [
        DescentRegressor(loss="w*(y - p)**2", loss_params={"w": 2.0}),
        DescentRegressor(loss=double_squares),
        DescentRegressor(method=gd_momentum, learning_rate=Constant(0.1), tol=1e-3),
        DescentRegressor(loss="quantile", loss_params={"quantile": 0.7}),
    ],
    ids=repr,
)
def test_fitted_models_survive_pickling(diabetes, model):
    X, y = diabetes
    fitted = model.fit(X, y)
    again = pickle.loads(pickle.dumps(fitted))
    assert (again.predict(X) == fitted.predict(X)).all()
    assert (again.fit(X, y).predict(X) == fitted.predict(X)).all()


def test_metadata_are_routed():
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    weights = np.where(y, 1.0, 5.0)
    with sklearn.config_context(enable_metadata_routing=True):
        model = DescentClassifier().set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=True)
        search = GridSearchCV(model, {"alpha": [1e-2]}, cv=3).fit(X, y, sample_weight=weights)
        weightless = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = make_pipeline(weightless, model).fit(X, y, sample_weight=weights)
    by_hand = DescentClassifier(alpha=1e-2).fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(search.best_estimator_.coef_, by_hand.coef_)
    assert not np.allclose(pipeline[-1].coef_, DescentClassifier().fit(X, y).coef_, rtol=0.01)


def test_shows_as_html():
    html = DescentClassifier(penalty="l1", method=gd_momentum)._repr_html_()
    assert "DescentClassifier" in html
    assert "gd_momentum" in html


def test_labels_may_be_text_or_any_numbers(iris):
    X, y = iris
    numbers = DescentClassifier().fit(X, y)
    names = np.array(["setosa", "versicolor", "virginica"])
    for labels in (names[y], names.astype(object)[y], 10 * y - 5, y.astype(float)):
        model = DescentClassifier().fit(X, labels)
        assert (model.classes_ == np.unique(labels)).all()
        np.testing.assert_allclose(model.coef_, numbers.coef_)
        assert model.score(X, labels) == numbers.score(X, y)
    two = DescentClassifier().fit(X[:100], names[y[:100]])
    assert two.predict(X[:1])[0] == "setosa"
