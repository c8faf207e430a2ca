"""Dask frames: their columns have names and types, and their partitions have unknown lengths."""

from __future__ import annotations

import numpy as np
import pytest
from cluster import assert_same, da, dask

from skgd.estimators import DescentClassifier, DescentRegressor, FormulaRegressor

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
    regression = DescentRegressor().fit(cheap[FEATURES], cheap["price"])
    assert_same(regression, DescentRegressor().fit(kept[FEATURES], kept["price"]))
    expected = regression.score(kept[FEATURES], kept["price"])
    assert regression.score(cheap[FEATURES], cheap["price"]) == pytest.approx(expected, rel=1e-12)
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


@pytest.mark.parametrize("convert", [True, False])
def test_columns_without_numbers_are_named(frame, convert):
    frame["built"] = pd.date_range("1990", periods=N)
    frame["state"] = frame["kind"].astype("category")
    with dask.config.set({"dataframe.convert-string": convert}):
        chunks = dd.from_pandas(frame, npartitions=3)
    model = DescentRegressor()
    with pytest.raises(ValueError, match=r"column 'kind' of X holds no numbers.*get_dummies"):
        model.fit(chunks[["size", "kind"]], chunks["price"])
    with pytest.raises(ValueError, match=r"column 'state' of X holds no numbers.*category"):
        model.fit(chunks[["state"]], chunks["price"])
    with pytest.raises(ValueError, match=r"column 'built' of X holds no numbers.*'built'\]\.dt"):
        model.fit(chunks[["built", "size"]], chunks["price"])


def test_text_becomes_columns_as_the_message_says(frame):
    chunks = dd.from_pandas(frame, npartitions=3)
    dummies = dd.get_dummies(chunks[["size", "kind"]].categorize())
    model = DescentRegressor().fit(dummies, chunks["price"])
    assert list(model.feature_names_in_) == ["size", "kind_cheap", "kind_dear"]


@pytest.mark.parametrize("dtype", ["category", object, "Int64", "int64[pyarrow]"])
def test_numbers_of_any_type_are_numbers(frame, dtype):
    frame["rooms"] = frame["rooms"].astype(dtype)
    with dask.config.set({"dataframe.convert-string": False}):
        chunks = dd.from_pandas(frame, npartitions=3)
    columns = ["size", "rooms"]
    model = DescentRegressor().fit(chunks[columns], chunks["price"])
    assert_same(model, DescentRegressor().fit(frame[columns], frame["price"]))
    np.testing.assert_allclose(
        model.predict(chunks[columns]).compute(), model.predict(frame[columns])
    )


@pytest.mark.parametrize("change", ["shuffle", "set_index", "filter", "repartition"])
def test_columns_of_one_frame_belong_together(frame, change):
    chunks = dd.from_pandas(frame, npartitions=4)
    changed = {
        "shuffle": lambda: chunks.shuffle("rooms"),
        "set_index": lambda: chunks.set_index("age", drop=False),
        "filter": lambda: chunks[chunks["size"] < 9],
        "repartition": lambda: chunks.repartition(npartitions=3),
    }[change]()
    data = changed[FEATURES], changed["price"].abs(), 1 + changed["weight"]
    expected = DescentRegressor().fit(frame[FEATURES], frame["price"].abs(), 1 + frame["weight"])
    assert_same(DescentRegressor().fit(*data), expected)


def test_partitions_are_read_once_and_only_the_columns_that_are_needed(frame):
    asked = []

    def read(part, columns=None):
        asked.append((part, sorted(columns or frame.columns)))
        piece = frame.iloc[20 * part : 20 * (part + 1)]
        return piece if columns is None else piece[columns]

    chunks = dd.from_map(read, range(4), meta=frame.iloc[:0])
    columns = ["age", "rooms", "size"]
    model = DescentRegressor().fit(chunks[columns], chunks["price"], chunks["weight"])
    assert sorted(asked) == [(part, sorted([*columns, "price", "weight"])) for part in range(4)]
    asked.clear()
    model.predict(chunks[columns]).compute()
    assert sorted(asked) == [(part, columns) for part in range(4)]


def test_frames_of_other_partitions_are_cut_like_the_rows(frame):
    chunks = dd.from_pandas(frame, npartitions=4)
    other = dd.from_pandas(frame[["price", "weight", "kind"]], npartitions=7)
    model = DescentRegressor().fit(chunks[FEATURES], other["price"], chunks["weight"])
    assert_same(model, DescentRegressor().fit(frame[FEATURES], frame["price"], frame["weight"]))
    model = DescentRegressor().fit(chunks[FEATURES], other[["price", "weight"]])
    assert_same(model, DescentRegressor().fit(frame[FEATURES], frame[["price", "weight"]]))
    model = DescentClassifier().fit(chunks[FEATURES], other["kind"])
    assert_same(model, DescentClassifier().fit(frame[FEATURES], frame["kind"]))


def test_arrays_beside_a_frame(frame):
    chunks = dd.from_pandas(frame, npartitions=3)
    targets = chunks["price"].to_dask_array()
    assert isinstance(targets, da.Array)
    expected = DescentRegressor().fit(frame[FEATURES], frame["price"])
    lengths = da.from_array(frame["price"].to_numpy(), chunks=33)
    for y in (targets, lengths, frame["price"]):
        assert_same(DescentRegressor().fit(chunks[FEATURES], y), expected)


def test_formulas_are_fitted_in_memory_and_predict_blocks(frame):
    chunks = dd.from_pandas(frame, npartitions=3)
    model = FormulaRegressor("k*size + c")
    with pytest.raises(ValueError, match=r"X must be in memory.*X\.compute\(\)"):
        model.fit(chunks[["size"]], chunks["price"])
    model.fit(frame[["size"]], frame["price"])
    p = model.predict(chunks[["size"]])
    assert isinstance(p, da.Array)
    np.testing.assert_array_equal(p.compute(), model.predict(frame[["size"]]))
    data = chunks[["size"]], chunks["price"], chunks["weight"]
    expected = model.score(frame[["size"]], frame["price"], frame["weight"])
    assert model.score(*data) == pytest.approx(expected, rel=1e-12)
