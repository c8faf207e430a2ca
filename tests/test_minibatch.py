"""Mini-batches: the textbook method where it is asked for, and a way to the minimum where not."""

from __future__ import annotations

import tracemalloc
import warnings

import numpy as np
import pytest
from linear_tasks import LAYOUTS, features, fit, how, make_task, objective_of, targets_for
from sklearn.exceptions import ConvergenceWarning

from skgd import DescentClassifier, DescentRegressor
from skgd.estimators.coordinates import plain_coordinates
from skgd.estimators.fitting import minimise
from skgd.estimators.stochastic import BatchObjective, base_of
from skgd.losses import LOSSES

# Only a metric is made there, and none is asked for.
ORIGIN = np.zeros(0)
BATCHED = {"batch_size": 50, "max_iter": 20, "tol": 0.0}
TEXTBOOK = {"method": "gd", "precondition": None, "random_state": 0}


def long_task(loss="squared_error", n=2000, d=6, **options):
    X = features(n, d, seed=2)
    outputs = 3 if loss == "multinomial" else 1
    y = targets_for(LOSSES[loss](), X, 2, outputs)
    return make_task(loss, X, y, outputs=outputs, **options)


def excess(task, fitted):
    """Return by how much a model misses the minimum, in terms of what a fit gains."""
    value = objective_of(task, fitted.coef, fitted.intercept)
    lowest = fit(task, tol=1e-8)[1]
    null = objective_of(task, np.zeros((task.outputs, task.X.shape[1])), constant(task))
    return (value - lowest) / (null - lowest)


def constant(task):
    return task.loss.constant(task.y, task.weights)


@pytest.mark.parametrize("loss", LOSSES)
def test_mini_batches_come_close_to_the_full_fit(loss):
    task = long_task(loss)
    assert -1e-6 < excess(task, minimise(task, how(**BATCHED))) < 0.01


@pytest.mark.parametrize("loss", ["log_loss", "absolute_error"])
@pytest.mark.parametrize(
    "options",
    [{"penalty": "l1", "alpha": 0.02}, {"positive": True}, {"coef_sum": 0.5, "positive": True}],
)
def test_mini_batches_respect_penalties_and_constraints(loss, options):
    task = long_task(loss, **options)
    fitted = minimise(task, how(**BATCHED))
    assert np.abs(fitted.coef).max() < 10
    if task.penalty.bounded:
        assert (fitted.coef >= 0).all()
    if task.penalty.total is not None:
        assert fitted.coef.sum() == pytest.approx(0.5, abs=1e-9)
    assert -1e-6 < excess(task, fitted) < 0.05


@pytest.mark.parametrize("loss", ["squared_error", "log_loss", "huber"])
def test_more_epochs_come_closer(loss):
    task = long_task(loss)
    few, many = (
        excess(task, minimise(task, how(batch_size=50, max_iter=epochs, tol=0.0)))
        for epochs in (3, 100)
    )
    assert many < 0.5 * few
    assert many < 2e-3


@pytest.mark.parametrize("layout", LAYOUTS)
def test_mini_batches_of_any_layout_are_the_same(layout):
    dense, other = long_task(n=500), long_task(n=500, layout=layout)
    options = {"batch_size": 32, "max_iter": 5, "tol": 0.0}
    coef = fit(dense, **options)[0].coef
    np.testing.assert_allclose(fit(other, **options)[0].coef, coef, rtol=1e-7, atol=1e-9)


def test_badly_scaled_features_need_no_more_epochs():
    X = features(3000, 6, seed=2)
    y = targets_for(LOSSES["log_loss"](), X, 2)
    scaled = make_task("log_loss", X * 10.0 ** np.arange(-3, 3), y)
    assert excess(scaled, minimise(scaled, how(**BATCHED))) < 0.01


@pytest.mark.parametrize("batch_size", [1, 7, 100])
@pytest.mark.parametrize("layout", ["dense", "csr"])
def test_an_epoch_sees_every_row_once(batch_size, layout):
    n = 100
    X = np.arange(1.0, n + 1)[:, None]
    task = make_task(X=X, y=X[:, 0], layout=layout)
    rng = np.random.default_rng(0)
    batches = BatchObjective(task, plain_coordinates(task), batch_size, rng, ORIGIN, full=False)
    orders = []
    for _ in range(3):
        seen = [batches._next() for _ in range(batches.count)]
        sizes = [len(batch.y) for batch in seen]
        assert max(sizes) <= batch_size
        assert max(sizes) - min(sizes) <= 1
        rows = np.concatenate([batch.y for batch in seen])
        orders.append(rows)
        np.testing.assert_array_equal(np.sort(rows), X[:, 0])
        for batch in seen:
            np.testing.assert_array_equal((batch.X @ np.ones(1)).ravel(), batch.y)
    assert (orders[0] != orders[1]).any()


def test_weights_go_with_their_rows():
    task = make_task(weighted=True)
    task.weights[:] = task.y
    rng = np.random.default_rng(0)
    batches = BatchObjective(task, plain_coordinates(task), 7, rng, ORIGIN, False)
    for _ in range(9):
        batch = batches._next()
        np.testing.assert_array_equal(batch.weights, batch.y)


@pytest.mark.parametrize("momentum", [None, 0.3])
@pytest.mark.parametrize("penalty", [None, "l2"])
def test_textbook_descent_with_all_rows(penalty, momentum):
    X = features(80, 3)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = X @ [1.0, -2.0, 0.5] + 0.1 * np.sin(np.arange(80))
    options = {"penalty": penalty, "alpha": 0.3, "max_iter": 9, "tol": 0.0, "momentum": momentum}
    ours = DescentRegressor(**{**TEXTBOOK, "learning_rate": 0.1, **options})
    if momentum is not None:
        ours.set_params(method="gd_momentum")
    for batch_size in (None, 80):
        with pytest.warns(ConvergenceWarning):
            ours.set_params(batch_size=batch_size).fit(X, y)
        w, b, v, c = np.zeros(3), y.mean(), np.zeros(3), 0.0
        ridge = 0.3 if penalty else 0.0
        for _ in range(9):
            r = X @ w + b - y
            v = (momentum or 0.0) * v - 0.1 * (X.T @ r / 80 + ridge * w)
            c = (momentum or 0.0) * c - 0.1 * r.mean()
            w, b = w + v, b + c
        np.testing.assert_allclose(ours.coef_, w, rtol=1e-10)
        np.testing.assert_allclose(ours.intercept_, b, rtol=1e-10)


def test_textbook_stochastic_descent():
    X = features(60, 3)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = np.where(X[:, 0] > 0.2, 1, -1)
    model = DescentClassifier(
        **TEXTBOOK, learning_rate=0.1, batch_size=8, max_iter=4, tol=0.0, penalty=None
    )
    with pytest.warns(ConvergenceWarning):
        model.fit(X, y)
    seed = np.random.RandomState(0).randint(np.iinfo(np.int32).max)
    task = make_task("log_loss", X, y.astype(float))
    batches = BatchObjective(
        task, plain_coordinates(task), 8, np.random.default_rng(seed), ORIGIN, full=False
    )
    # The value and gradient at the start use up a batch of their own.
    w, b = np.zeros(3), constant(task)
    for _ in range(4 * batches.count):
        batch = batches._next()
        r = -batch.y / (1 + np.exp(batch.y * (batch.X @ w + b)))
        w, b = w - 0.1 * batch.X.T @ r / len(r), b - 0.1 * r.mean()
    np.testing.assert_allclose(model.coef_[0], w, rtol=1e-10)
    np.testing.assert_allclose(model.intercept_, b, rtol=1e-10)


@pytest.mark.parametrize("method", ["gd_adam", "gd_adagrad", "gd_rmsprop", "gd_momentum"])
def test_stochastic_methods_learn(method):
    task = long_task("log_loss", n=1000)
    full, null = fit(task)[1], objective_of(task, np.zeros((1, 6)), constant(task))
    model = DescentClassifier(
        method=method, learning_rate=0.01, batch_size=32, max_iter=40, penalty=None, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(task.X, task.y)
    value = objective_of(task, model.coef_, model.intercept_)
    assert value - full < 0.1 * (null - full)


def test_a_fit_that_has_settled_stops_by_itself():
    fitted, _ = fit(long_task("log_loss"), batch_size=100, max_iter=1000, tol=1e-3)
    assert fitted.converged
    assert fitted.n_iter < 200
    assert len(fitted.loss_curve) == fitted.n_iter


def test_the_watcher_is_told_of_each_epoch_and_can_end_the_fit():
    told = []

    def watch(progress):
        told.append(progress.k)
        return progress.k == 4

    fitted = minimise(long_task(), how(batch_size=100), watch=watch)
    assert told == [1, 2, 3, 4]
    assert fitted.n_iter == 4


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Write data to a file, 40,000 rows of 25 columns."""
    path = tmp_path_factory.mktemp("data") / "rows.dat"
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40_000, 25))
    X.tofile(path)
    return path, np.where(X[:, 0] + rng.normal(size=len(X)) > 0, 1.0, -1.0)


def opened(file):
    path, y = file
    return np.memmap(path, mode="r", shape=(len(y), 25), dtype=float), y


def test_rows_in_a_file_are_read_in_stretches_as_they_lie(file):
    X, y = opened(file)
    task = make_task("log_loss", X[:100], y[:100])
    object.__setattr__(task, "X", X)
    object.__setattr__(task, "y", y)
    rng = np.random.default_rng(0)
    batches = BatchObjective(task, plain_coordinates(task), 3000, rng, ORIGIN, False)
    total = 0
    for _ in range(batches.count):
        batch = batches._next()
        assert np.shares_memory(batch.X, X)
        assert isinstance(base_of(batch.X), np.memmap)
        total += len(batch.y)
    assert total == len(y)


def test_data_in_a_file_are_fitted_without_being_read_into_memory(file):
    X, y = opened(file)
    model = DescentClassifier(
        batch_size=2000, max_iter=3, random_state=0, alpha=1e-3, validation_fraction=0.1
    )
    tracemalloc.start()
    with pytest.warns(ConvergenceWarning):
        model.fit(X, y)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.6 * X.nbytes
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole = DescentClassifier(alpha=1e-3).fit(np.array(X), y)
    assert np.abs(model.coef_ - whole.coef_).max() < 0.05


def test_rows_of_a_file_and_of_memory_lead_to_the_same_minimum(file):
    X, y = opened(file)
    X, y = X[:5000], y[:5000]
    values = []
    for data in (X, np.array(X)):
        model = DescentClassifier(batch_size=250, max_iter=40, tol=0.0, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(data, y)
        p = y * model.decision_function(X)
        values.append(np.logaddexp(0, -p).mean())
    assert values[0] == pytest.approx(values[1], rel=2e-3)
