"""What Dask collections the estimators take, and what they say of those that they do not take."""

from __future__ import annotations

import numpy as np
import pytest
from cluster import assert_same, cut, da, dask
from linear_tasks import features, targets_for
from scipy import sparse
from sklearn.exceptions import DataConversionWarning, NotFittedError

from skgd.estimators import DescentClassifier, DescentRegressor
from skgd.losses import LOSSES

N = 90
LENGTHS = (20, 0, 30, 40)


@pytest.fixture(autouse=True)
def _in_this_process():
    with dask.config.set(scheduler="synchronous"):
        yield


def rows(seed=0):
    X = features(N, 3, seed)
    return X, targets_for(LOSSES["squared_error"](), X, seed)


def labels(X):
    return np.array(["low", "middle", "high"])[np.digitize(X.sum(axis=1), [-1, 2])]


def blocks(*arrays, lengths=LENGTHS):
    return [cut(array, lengths) for array in arrays]


def unknown(array):
    """Return the array with blocks whose lengths nobody knows."""
    return array[da.ones(len(array), chunks=array.chunks[0], dtype=bool)]


def both_messages(fit_blocks, fit_memory):
    """Return what two calls raise."""
    with pytest.raises(ValueError) as distributed:  # noqa: PT011 - the messages are compared
        fit_blocks()
    with pytest.raises(ValueError) as in_memory:  # noqa: PT011
        fit_memory()
    return str(distributed.value), str(in_memory.value)


@pytest.mark.parametrize("place", ["X", "y", "sample_weight"])
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_finite_is_refused_in_the_words_of_memory(place, wrong):
    X, y = rows()
    data = {"X": X, "y": y, "sample_weight": np.ones(N)}
    data[place].flat[60] = wrong
    chunks = {name: cut(array, LENGTHS) for name, array in data.items()}
    distributed, in_memory = both_messages(
        lambda: DescentRegressor().fit(**chunks), lambda: DescentRegressor().fit(**data)
    )
    assert distributed == in_memory


@pytest.mark.parametrize(
    ("settings", "change"),
    [
        ({"loss": "poisson"}, lambda y: y - 100),
        ({"loss": "no such loss"}, lambda y: y),
        ({"alpha": -1}, lambda y: y),
        ({"bounds": [(0, 1), (0, 1)]}, lambda y: y),
    ],
)
def test_arguments_are_refused_in_the_words_of_memory(settings, change):
    X, y = rows()
    y = change(y)
    y[1:] = y[0]
    model = DescentRegressor(**settings)
    distributed, in_memory = both_messages(
        lambda: model.fit(*blocks(X, y)), lambda: model.fit(X, y)
    )
    assert distributed == in_memory


@pytest.mark.parametrize(
    ("targets", "settings"),
    [
        (np.linspace(0, 1, N), {}),
        (np.zeros(N), {}),
        (np.repeat(["a", "b"], N // 2), {"class_weight": {"c": 1.0}}),
        (np.zeros((N, 2)), {}),
    ],
    ids=["continuous", "one class", "class_weight", "two columns"],
)
def test_labels_are_refused_in_the_words_of_memory(targets, settings):
    X, _ = rows()
    model = DescentClassifier(**settings)
    distributed, in_memory = both_messages(
        lambda: model.fit(*blocks(X, targets)), lambda: model.fit(X, targets)
    )
    assert distributed == in_memory


def test_weights_are_refused_in_the_words_of_memory():
    X, y = rows()
    for weights in (np.zeros(N), np.linspace(-1, 1, N)):
        chunks, memory = blocks(X, y, weights), (X, y, weights)
        distributed, in_memory = both_messages(
            lambda: DescentRegressor().fit(*chunks),  # noqa: B023
            lambda: DescentRegressor().fit(*memory),  # noqa: B023
        )
        assert distributed[:40] == in_memory[:40]


@pytest.mark.parametrize(
    ("settings", "name"),
    [({"early_stopping": True}, "early_stopping"), ({"batch_size": 10}, "batch_size")],
)
def test_what_has_no_meaning_for_blocks_is_named(settings, name):
    X, y = rows()
    with pytest.raises(ValueError, match=name):
        DescentRegressor(**settings).fit(*blocks(X, y))


def test_partial_fit_with_a_method_is_refused():
    X, y = rows()
    with pytest.raises(ValueError, match="method must be 'auto'"):
        DescentRegressor(method="gd_adam").partial_fit(*blocks(X, y))


def test_lengths_that_differ_are_refused():
    X, y = rows()
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        DescentRegressor().fit(cut(X, LENGTHS), cut(y[:-1], (N - 1,)))
    shifted = unknown(cut(y, (30, 0, 20, 40)))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        DescentRegressor().fit(unknown(cut(X, LENGTHS)), shifted)
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples.* in X and y"):
        DescentRegressor().fit(unknown(cut(X, LENGTHS)), unknown(cut(y[:-1], (50, 39))))
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples.* in X and y"):
        DescentRegressor().fit(unknown(cut(X, LENGTHS)), y[:-1])


@pytest.mark.parametrize("lengths", [(90,), (0, 50, 40), (1, 0, 29, 31, 29, 0)])
@pytest.mark.parametrize("known", [True, False])
def test_targets_and_weights_are_cut_like_rows_of_unknown_lengths(known, lengths):
    X, y = rows()
    weights = np.arange(N) % 3.0
    others = [cut(array, lengths) for array in (y, weights)]
    others = others if known else [unknown(array) for array in others]
    expected = DescentRegressor().fit(X, y, weights)
    chunks = unknown(cut(X, LENGTHS))
    assert_same(DescentRegressor().fit(chunks, *others), expected)
    assert_same(DescentRegressor().fit(chunks, y, weights), expected)
    assert expected.score(chunks, *others) == pytest.approx(expected.score(X, y, weights), 1e-12)


def test_no_targets_are_refused():
    X, _ = rows()
    with pytest.raises(ValueError, match="DescentRegressor requires y"):
        DescentRegressor().fit(cut(X, LENGTHS), None)


def test_a_block_of_another_width_is_refused():
    X, y = rows()
    wide = np.hstack([X, X])
    pieces = [
        da.from_delayed(dask.delayed(piece), (45, 3), dtype=float) for piece in (X[:45], wide[45:])
    ]
    with pytest.raises(ValueError, match="X has 6 features, but DescentRegressor is expecting 3"):
        DescentRegressor().fit(da.concatenate(pieces), cut(y, (45, 45)))


def test_dense_and_sparse_blocks_do_not_mix():
    X, y = rows()
    pieces = [
        da.from_delayed(dask.delayed(piece), (45, 3), dtype=float)
        for piece in (X[:45], sparse.csr_matrix(X[45:]))
    ]
    with pytest.raises(ValueError, match="dense and sparse"):
        DescentRegressor().fit(da.concatenate(pieces), cut(y, (45, 45)))


def test_no_rows_and_one_dimension_are_refused():
    X, y = rows()
    with pytest.raises(ValueError, match="0 sample"):
        DescentRegressor().fit(*blocks(X[:0], y[:0], lengths=(0, 0)))
    with pytest.raises(ValueError, match="X must be a Dask array of two dimensions"):
        DescentRegressor().fit(*blocks(y, y))


def test_another_number_of_columns_than_that_of_the_fit_is_refused():
    X, y = rows()
    model = DescentRegressor().fit(*blocks(X, y))
    with pytest.raises(ValueError, match="X has 2 features, but DescentRegressor is expecting 3"):
        model.predict(cut(X[:, :2], LENGTHS))
    with pytest.raises(ValueError, match="X has 2 features, but DescentRegressor is expecting 3"):
        model.partial_fit(*blocks(X[:, :2], y))
    with pytest.raises(NotFittedError):
        DescentRegressor().predict(cut(X, LENGTHS))


def test_labels_that_are_not_among_the_classes_are_refused():
    X, _ = rows()
    y = labels(X)
    with pytest.raises(ValueError, match="not among classes"):
        DescentClassifier().partial_fit(*blocks(X, y), classes=["low", "high"])


def test_a_column_of_targets_warns_as_in_memory():
    X, y = rows()
    with pytest.warns(DataConversionWarning):
        DescentClassifier().fit(*blocks(X, (y > 0)[:, None]))


@pytest.mark.parametrize("known", [True, False])
def test_lengths_of_blocks_need_not_be_known(known):
    X, y = rows()
    chunks = blocks(X, y, np.arange(N) % 3.0)
    chunks = chunks if known else [unknown(array) for array in chunks]
    model = DescentRegressor().fit(*chunks)
    assert_same(model, DescentRegressor().fit(X, y, np.arange(N) % 3.0))
    assert model.score(*chunks) == pytest.approx(model.score(X, y, np.arange(N) % 3.0), rel=1e-12)
    np.testing.assert_allclose(model.predict(chunks[0]).compute(), model.predict(X))


@pytest.mark.parametrize("several", [False, True])
def test_predictions_of_a_regression_are_lazy_and_the_same(several):
    X, y = rows()
    y = np.stack([y, y**2], axis=1) if several else y
    model = DescentRegressor(loss="huber").fit(*blocks(X, y))
    for chunks in (cut(X, LENGTHS), cut(X, LENGTHS).rechunk((40, 2))):
        p = model.predict(chunks)
        assert isinstance(p, da.Array)
        assert (p.shape, p.dtype) == (y.shape, float)
        np.testing.assert_allclose(p.compute(), model.predict(X), rtol=1e-13)
    weights = np.arange(N) % 3.0
    assert model.score(*blocks(X, y)) == pytest.approx(model.score(X, y), rel=1e-12)
    scored = model.score(*blocks(X, y), sample_weight=cut(weights, LENGTHS))
    assert scored == pytest.approx(model.score(X, y, weights), rel=1e-12)


@pytest.mark.parametrize("kind", [DescentRegressor, DescentClassifier])
def test_scores_of_no_rows_are_refused_in_the_words_of_memory(kind):
    X, y = np.arange(12.0).reshape(6, 2), np.arange(6) % 2
    model = kind().fit(X, y)
    nothing = da.empty((0, 2)), da.empty(0)
    with pytest.raises(ValueError, match="0 sample") as memory:
        model.score(*(np.asarray(part) for part in nothing))
    with pytest.raises(ValueError, match="0 sample") as cluster:
        model.score(*nothing)
    assert str(cluster.value) == str(memory.value)
    holes = da.from_array(X, ((0, 4, 0, 2), 2)), da.from_array(y, ((0, 4, 0, 2),))
    assert model.score(*holes) == pytest.approx(model.score(X, y))


def test_scores_of_constant_targets_are_those_of_memory():
    X, _ = rows()
    model = DescentRegressor().fit(X, np.zeros(N))
    for targets in (np.zeros(N), np.ones(N)):
        assert model.score(*blocks(X, targets)) == model.score(X, targets)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("loss", ["log_loss", "modified_huber"])
def test_predictions_of_a_classification_are_lazy_and_the_same(loss, classes):
    X, _ = rows()
    y = labels(X) if classes == 3 else labels(X) == "low"
    model = DescentClassifier(loss=loss).fit(*blocks(X, y))
    for name in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
        method = getattr(model, name)
        lazy, expected = method(cut(X, LENGTHS)), method(X)
        assert isinstance(lazy, da.Array)
        assert (lazy.shape, lazy.dtype) == (expected.shape, expected.dtype)
        if name == "predict":
            np.testing.assert_array_equal(lazy.compute(), expected)
        else:
            np.testing.assert_allclose(lazy.compute(), expected, rtol=1e-12)
    assert model.score(*blocks(X, y)) == pytest.approx(model.score(X, y))
    weights = np.arange(N) % 3.0
    scored = model.score(*blocks(X, y), sample_weight=cut(weights, LENGTHS))
    assert scored == pytest.approx(model.score(X, y, weights))


def test_predictions_of_sparse_blocks():
    X, y = rows()
    model = DescentRegressor().fit(X, y)
    chunks = cut(sparse.csr_matrix(X), (50, 40))
    np.testing.assert_allclose(model.predict(chunks).compute(), model.predict(X))


def test_nothing_is_computed_before_it_is_asked_for():
    X, y = rows()
    model = DescentRegressor().fit(X, y)

    def never(block):
        raise AssertionError(block)

    model.predict(cut(X, LENGTHS).map_blocks(never, meta=X[:0]))


def test_the_data_are_not_written_to():
    X, y = rows()
    weights = np.arange(N) % 3.0
    for array in (X, y, weights):
        array.flags.writeable = False
    for loss in ("squared_error", "quantile"):
        DescentRegressor(loss=loss).fit(*blocks(X, y, weights))
