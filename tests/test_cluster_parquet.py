"""Parquet files: Dask joins them as the columns that are read suggest, unlike for each column."""

from __future__ import annotations

import logging
from contextlib import contextmanager

import numpy as np
import pytest
from cluster import assert_same, dask

from skgd.estimators import DescentClassifier, DescentRegressor

pd = pytest.importorskip("pandas")
pytest.importorskip("pyarrow")
dd = pytest.importorskip("dask.dataframe")

FEATURES = ["c0", "c1"]


@contextmanager
def in_this_process():
    with dask.config.set(scheduler="synchronous"):
        yield


@contextmanager
def on_a_client():
    distributed = pytest.importorskip("distributed")
    settings = {"n_workers": 2, "threads_per_worker": 1, "processes": False, "memory_limit": 0}
    quiet = {"dashboard_address": ":0", "silence_logs": logging.CRITICAL}
    with (
        distributed.LocalCluster(**settings, **quiet) as cluster,
        distributed.Client(cluster, timeout=60),
    ):
        yield


@pytest.fixture(
    params=[(in_this_process, 4, 300, 0), (in_this_process, 5, 40, 30), (on_a_client, 6, 40, 3)],
    ids=["narrow", "wide", "client"],
)
def tables(request, tmp_path):
    """Return a frame of Parquet files, and the same in memory."""
    scheduler, files, n, further = request.param
    rng = np.random.default_rng(0)
    pieces = []
    for i in range(files):
        # The files have different lengths, so that no cut fits by chance.
        piece = pd.DataFrame(rng.normal(size=(n + i, 2 + further)))
        piece.columns = [f"c{j}" for j in range(2 + further)]
        piece["y"] = piece["c0"] - piece["c1"] + rng.normal(size=n + i)
        piece["w"] = rng.integers(1, 3, n + i).astype(float)
        piece["label"] = np.where(piece["y"] > 0, "up", "down")
        piece.to_parquet(tmp_path / f"part{i:02d}.parquet")
        pieces.append(piece)
    with scheduler():
        yield dd.read_parquet(str(tmp_path / "*.parquet")), pd.concat(pieces, ignore_index=True)


def test_columns_of_the_same_files_are_fitted_and_scored_as_in_memory(tables):
    files, memory = tables
    for names in (("y",), ("y", "w"), (["y", "w"],)):
        blocks = files[FEATURES], *(files[name] for name in names)
        expected = DescentRegressor().fit(memory[FEATURES], *(memory[name] for name in names))
        model = DescentRegressor().fit(*blocks)
        assert_same(model, expected)
        score = expected.score(memory[FEATURES], *(memory[name] for name in names))
        assert model.score(*blocks) == pytest.approx(score, rel=1e-7)
    part = DescentRegressor().partial_fit(files[FEATURES], files["y"])
    assert_same(part, DescentRegressor().partial_fit(memory[FEATURES], memory["y"]))


def test_labels_of_the_same_files(tables):
    files, memory = tables
    expected = DescentClassifier().fit(memory[FEATURES], memory["label"], memory["w"])
    model = DescentClassifier().fit(files[FEATURES], files["label"], files["w"])
    assert_same(model, expected)
    score = expected.score(memory[FEATURES], memory["label"])
    assert model.score(files[FEATURES], files["label"]) == pytest.approx(score)


def test_arrays_that_dask_made_of_the_same_files(tables):
    files, memory = tables
    expected = DescentRegressor().fit(memory[FEATURES], memory["y"], memory["w"])
    arrays = [files[name].values for name in (FEATURES, "y", "w")]
    assert_same(DescentRegressor().fit(*arrays), expected)
    assert_same(DescentRegressor().fit(files[FEATURES], *arrays[1:]), expected)
    assert_same(DescentRegressor().fit(files[FEATURES], arrays[1], files["w"]), expected)
    assert_same(DescentRegressor().fit(files[FEATURES], memory["y"], files["w"]), expected)
    score = expected.score(memory[FEATURES], memory["y"], memory["w"])
    assert expected.score(files[FEATURES], *arrays[1:]) == pytest.approx(score, rel=1e-12)


def test_predictions_beside_columns_of_the_same_files(tables):
    files, memory = tables
    model = DescentRegressor().fit(files[FEATURES], files["y"])
    p = model.predict(files[FEATURES])
    assert p.numblocks == (files.npartitions,)
    expected = model.predict(memory[FEATURES])
    np.testing.assert_allclose(p.compute(), expected)
    error = np.abs(expected - memory["y"]).mean()
    known = p.compute_chunk_sizes() - files["y"].values.compute_chunk_sizes()
    assert abs(known).mean().compute() == pytest.approx(error)
    beside = files.map_partitions(
        lambda part: abs(model.predict(part[FEATURES]) - part["y"]), meta=("error", float)
    )
    assert beside.mean().compute() == pytest.approx(error)
