"""Dask frames: their columns have names and types, and their partitions have unknown lengths."""

from __future__ import annotations

import numpy as np
import pytest
from cluster import assert_same, da, dask

from skgd.estimators import DescentClassifier, DescentRegressor

pd = pytest.importorskip("pandas")
pytest.importorskip("pyarrow")
dd = pytest.importorskip("dask.dataframe")

N = 80


@pytest.fixture(autouse=True)
def _in_this_process():
    with dask.config.set(scheduler="synchronous"):
        yield


@pytest.fixture
def frame():
    """Return columns of several types, targets and weights."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "size": rng.normal(size=N).astype(np.float32),
            "rooms": rng.integers(1, 6, N),
            "garden": rng.random(N) < 0.5,
            "age": rng.normal(size=N),
        }
    )
    table["price"] = table["size"] + 0.3 * table["rooms"] + table["garden"] + rng.normal(size=N)
    table["kind"] = np.where(table["price"] > table["price"].median(), "dear", "cheap")
    table["weight"] = rng.integers(0, 3, N).astype(float)
    return table


FEATURES = ["size", "rooms", "garden", "age"]


def test_frames_of_mixed_types(frame):
    chunks = dd.from_pandas(frame, npartitions=4)
    model = DescentRegressor().fit(chunks[FEATURES], chunks["price"], chunks["weight"])
    expected = DescentRegressor().fit(frame[FEATURES], frame["price"], frame["weight"])
    assert_same(model, expected)
    assert list(model.feature_names_in_) == FEATURES


def test_frames_of_single_precision_stay_so(frame):
    columns = frame[["size"]].assign(age=frame["age"].astype(np.float32))
    model = DescentRegressor().fit(
        dd.from_pandas(columns, npartitions=3), dd.from_pandas(frame["price"], npartitions=3)
    )
    assert model.coef_.dtype == np.float32


def test_partitions_without_rows(frame):
    frame["row"] = np.arange(N)
    chunks = dd.from_pandas(frame, npartitions=4)
    cheap, kept = chunks[chunks["row"] > N // 2], frame[frame["row"] > N // 2]
    model = DescentClassifier().fit(cheap[FEATURES], cheap["kind"])
    assert_same(model, DescentClassifier().fit(kept[FEATURES], kept["kind"]))
    np.testing.assert_array_equal(
        model.predict(cheap[FEATURES]).compute(), model.predict(kept[FEATURES])
    )
    np.testing.assert_allclose(
        model.predict_proba(cheap[FEATURES]).compute(), model.predict_proba(kept[FEATURES])
    )


def test_labels_of_categories(frame):
    frame["kind"] = frame["kind"].astype("category")
    chunks = dd.from_pandas(frame, npartitions=3)
    model = DescentClassifier(class_weight={"dear": 2.0}).fit(chunks[FEATURES], chunks["kind"])
    expected = DescentClassifier(class_weight={"dear": 2.0}).fit(frame[FEATURES], frame["kind"])
    assert_same(model, expected)
    assert model.score(chunks[FEATURES], chunks["kind"]) == expected.score(
        frame[FEATURES], frame["kind"]
    )


def test_several_columns_of_targets(frame):
    chunks = dd.from_pandas(frame, npartitions=3)
    targets = ["price", "weight"]
    model = DescentRegressor().fit(chunks[FEATURES], chunks[targets])
    assert_same(model, DescentRegressor().fit(frame[FEATURES], frame[targets]))
    assert model.predict(chunks[FEATURES]).compute().shape == (N, 2)


def test_penalties_by_column(frame):
    chunks = dd.from_pandas(frame, npartitions=3)
    settings = {"bounds": {"rooms": (0, 0.1)}, "penalty_weights": {"age": 0}}
    model = DescentRegressor(**settings).fit(chunks[FEATURES], chunks["price"])
    assert_same(model, DescentRegressor(**settings).fit(frame[FEATURES], frame["price"]))


def test_columns_in_another_order_are_refused(frame):
    chunks = dd.from_pandas(frame, npartitions=3)
    model = DescentRegressor().fit(chunks[FEATURES], chunks["price"])
    with pytest.raises(ValueError, match="feature names"):
        model.predict(chunks[FEATURES[::-1]])
    with pytest.raises(ValueError, match="feature names"):
        model.partial_fit(chunks[FEATURES[::-1]], chunks["price"])


def test_text_is_refused(frame):
    chunks = dd.from_pandas(frame, npartitions=3)
    with pytest.raises(ValueError, match="could not convert string to float"):
        DescentRegressor().fit(chunks[["size", "kind"]], chunks["price"])


def test_arrays_beside_a_frame(frame):
    chunks = dd.from_pandas(frame, npartitions=3)
    targets = chunks["price"].to_dask_array()
    assert isinstance(targets, da.Array)
    model = DescentRegressor().fit(chunks[FEATURES], targets)
    assert_same(model, DescentRegressor().fit(frame[FEATURES], frame["price"]))
    with pytest.raises(ValueError, match="y must be a Dask collection"):
        DescentRegressor().fit(chunks[FEATURES], frame["price"])
