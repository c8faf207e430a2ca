"""Fits to rows in blocks: the same as to rows in memory, wherever the cuts are."""

from __future__ import annotations

import numpy as np
import pytest
from cluster import assert_same, cut, da, dask, even
from hypothesis import given
from hypothesis import strategies as st
from linear_tasks import BINARY, LAYOUTS, REGRESSION, features, targets_for
from sklearn.base import clone

from skgd.estimators import DescentClassifier, DescentRegressor
from skgd.losses import LOSSES

N = 120


@pytest.fixture(autouse=True)
def _in_this_process():
    with dask.config.set(scheduler="synchronous"):
        yield


def regression(loss="squared_error", n=N, d=4, seed=0, outputs=1):
    X = features(n, d, seed)
    return X, targets_for(LOSSES[loss](), X, seed, outputs)


def classification(classes=2, n=N, d=4, seed=0):
    X = features(n, d, seed)
    rng = np.random.default_rng(seed + 1)
    p = X @ rng.normal(size=(d, classes)) + rng.gumbel(size=(n, classes))
    return X, np.array(["red", "green", "blue", "white"])[p.argmax(axis=1)]


def weights(n=N, seed=3):
    return np.random.default_rng(seed).integers(0, 4, n).astype(float)


def both(estimator, X, y, lengths, sample_weight=None):
    """Return the estimator fitted to blocks, and fitted in memory."""
    told = None if sample_weight is None else cut(sample_weight, lengths)
    distributed = clone(estimator).fit(cut(X, lengths), cut(y, lengths), sample_weight=told)
    return distributed, clone(estimator).fit(X, y, sample_weight=sample_weight)


@st.composite
def chunkings(draw):
    """Draw lengths of blocks; some have a single row, or none."""
    cuts = draw(st.lists(st.integers(0, N), max_size=9))
    return tuple(int(n) for n in np.diff([0, *sorted(cuts), N]))


@pytest.mark.parametrize("loss", ["squared_error", "huber", "poisson"])
@given(lengths=chunkings(), weighted=st.booleans(), intercept=st.booleans())
def test_any_chunking_gives_the_same_coefficients(loss, lengths, weighted, intercept):
    estimator = DescentRegressor(loss=loss, alpha=1e-2, fit_intercept=intercept)
    X, y = regression(loss)
    assert_same(*both(estimator, X, y, lengths, weights() if weighted else None))


@given(lengths=chunkings(), balanced=st.booleans())
def test_any_chunking_gives_the_same_classifier(lengths, balanced):
    X, y = classification(3)
    estimator = DescentClassifier(alpha=1e-2, class_weight="balanced" if balanced else None)
    distributed, in_memory = both(estimator, X, y, lengths)
    assert_same(distributed, in_memory)
    np.testing.assert_array_equal(distributed.classes_, in_memory.classes_)


@pytest.mark.parametrize("penalty", ["l2", "elasticnet"])
@pytest.mark.parametrize("loss", REGRESSION)
def test_every_loss_of_a_regression(loss, penalty):
    estimator = DescentRegressor(loss=loss, penalty=penalty, alpha=1e-2)
    X, y = regression(loss)
    assert_same(*both(estimator, X, y, even(N, 5), weights()))


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("loss", [*BINARY, "log(1 + exp(-y*p))"])
def test_every_loss_of_a_classification(loss, classes):
    estimator = DescentClassifier(loss=loss, alpha=1e-2)
    X, y = classification(classes)
    assert_same(*both(estimator, X, y, even(N, 5), weights()))


@pytest.mark.parametrize("loss", ["log(cosh(y - p))", "abs(y - p)", lambda y, p: (y - p) ** 4])
def test_losses_of_the_users_own(loss):
    X, y = regression()
    assert_same(*both(DescentRegressor(loss=loss, alpha=1e-2), X, y, even(N, 4)))


@pytest.mark.parametrize("loss", ["squared_error", "huber", "hinge", "log_loss"])
@pytest.mark.parametrize("layout", ["csr", "csc", "fortran", "dense"])
def test_every_layout_of_the_blocks(layout, loss):
    kind = DescentClassifier if loss in BINARY else DescentRegressor
    X, y = (classification if loss in BINARY else regression)()
    X = X * (np.random.default_rng(5).random(X.shape) < 0.4)
    pieces = [LAYOUTS[layout](piece) for piece in np.split(X, [30, 70])]
    # Dask need not know that blocks are sparse.
    blocks = [da.from_delayed(dask.delayed(piece), piece.shape, dtype=float) for piece in pieces]
    distributed = kind(loss=loss).fit(da.concatenate(blocks), cut(y, (30, 40, 50)))
    assert_same(distributed, kind(loss=loss).fit(LAYOUTS[layout](X), y))


@pytest.mark.parametrize(
    "settings",
    [
        {"penalty": "group", "groups": [0, 0, 1, 1], "alpha": 0.1},
        {"penalty": None, "bounds": (-0.1, 0.2)},
        {"penalty": "l1", "alpha": 0.05, "positive": True},
        {"penalty": None, "positive": True, "coef_sum": 1.0},
        {"penalty_weights": [0, 1, 2, 3], "alpha": 0.3},
    ],
    ids=["group", "bounds", "positive", "shares", "weighted"],
)
def test_every_penalty(settings):
    X, y = regression()
    assert_same(*both(DescentRegressor(**settings), X, y, even(N, 5), weights()))


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error"])
def test_several_targets(loss):
    X, y = regression(outputs=3)
    assert_same(*both(DescentRegressor(loss=loss), X, y, even(N, 5), weights()))


@pytest.mark.parametrize(
    "settings",
    [
        {"method": "gd_momentum"},
        {"method": "gd_nesterov", "precondition": None},
        {"method": "gd", "learning_rate": 0.3, "max_iter": 50, "tol": 0},
        {"momentum": 0.7},
        {"batch_size": N},
    ],
    ids=["momentum", "nesterov", "constant", "heavy ball", "one batch"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_every_way_to_the_minimum(settings):
    X, y = classification()
    distributed, in_memory = both(DescentClassifier(alpha=0.1, **settings), X, y, even(N, 5))
    assert_same(distributed, in_memory)
    assert distributed.n_iter_ == in_memory.n_iter_
    np.testing.assert_allclose(distributed.loss_curve_, in_memory.loss_curve_, rtol=1e-9)


def test_features_of_all_scales_and_constant_ones():
    X, y = regression(n=6_000)
    X = np.column_stack([1e6 * X, np.full(len(X), 0.1), np.zeros(len(X)), np.arange(len(X)) == 5])
    assert_same(*both(DescentRegressor(loss="huber"), X, y, even(len(X), 7)))


@pytest.mark.parametrize("loss", ["squared_error", "quantile", "expectile"])
@pytest.mark.parametrize("weighted", [False, True])
def test_samples_of_many_rows_are_the_same_rows(loss, weighted):
    n = 40_000
    X, y = regression(loss, n, 12)
    estimator = DescentRegressor(loss=loss)
    assert_same(*both(estimator, X, y, even(n, 7), weights(n) if weighted else None))


def test_single_precision_is_kept():
    X, y = regression()
    X = X.astype(np.float32)
    distributed, in_memory = both(DescentRegressor(), X, y.astype(np.float32), even(N, 4))
    assert_same(distributed, in_memory, 1e-4)


def test_integers_become_floats():
    X, y = regression()
    X = X.round().astype(int)
    assert_same(*both(DescentRegressor(), X, y.round().astype(int), even(N, 4)))


@pytest.mark.parametrize("loss", ["squared_error", "quantile", "huber"])
@pytest.mark.parametrize("first", ["blocks", "memory"])
@pytest.mark.parametrize("begin", ["partial_fit", "fit"])
def test_partial_fit_of_blocks_is_that_of_memory(loss, first, begin):
    X, y = regression(loss, 3 * N)
    in_memory = DescentRegressor(loss=loss, alpha=1e-2)
    distributed = clone(in_memory)
    for k in range(3):
        rows, targets = X[k * N : (k + 1) * N], y[k * N : (k + 1) * N]
        name = begin if k == 0 else "partial_fit"
        getattr(in_memory, name)(rows, targets)
        # A model may go from one place to the other.
        if (k == 0) != (first == "blocks"):
            getattr(distributed, name)(rows, targets)
        else:
            getattr(distributed, name)(cut(rows, even(N, 4)), cut(targets, even(N, 4)))
    assert_same(distributed, in_memory)


def test_partial_fit_of_a_classifier():
    X, y = classification(3, 2 * N)
    models = []
    for place in (lambda array: array, lambda array: cut(array, even(N, 4))):
        model = DescentClassifier(alpha=1e-2)
        model.partial_fit(place(X[:N]), place(y[:N]), classes=np.unique(y))
        models.append(model.partial_fit(place(X[N:]), place(y[N:])))
    assert_same(*models)


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error"])
def test_warm_start(loss):
    X, y = regression(loss)
    in_memory = DescentRegressor(loss=loss, warm_start=True, alpha=1e-2)
    distributed = clone(in_memory)
    for alpha in (1e-2, 1e-3):
        in_memory.set_params(alpha=alpha).fit(X, y)
        distributed.set_params(alpha=alpha).fit(cut(X, even(N, 4)), cut(y, even(N, 4)))
    assert_same(distributed, in_memory)
    assert distributed.n_iter_ == in_memory.n_iter_


def test_blocks_whose_rows_do_not_count():
    X, y = regression()
    sample_weight = weights()
    sample_weight[30:60] = 0.0
    assert_same(*both(DescentRegressor(loss="huber"), X, y, (30, 30, 60), sample_weight))


def test_columns_may_be_chunked_too():
    X, y = regression()
    model = DescentRegressor().fit(cut(X, even(N, 3)).rechunk((40, 3)), cut(y, even(N, 2)))
    assert_same(model, DescentRegressor().fit(X, y))


@pytest.mark.parametrize("scheduler", ["threads", "synchronous"])
def test_without_a_cluster_the_scheduler_in_this_process_does(scheduler):
    X, y = classification()
    with dask.config.set(scheduler=scheduler):
        assert_same(*both(DescentClassifier(), X, y, even(N, 6)))


def test_targets_and_weights_may_be_in_memory():
    X, y = regression()
    distributed = DescentRegressor().fit(cut(X, even(N, 4)), y, sample_weight=weights())
    assert_same(distributed, DescentRegressor().fit(X, y, sample_weight=weights()))
