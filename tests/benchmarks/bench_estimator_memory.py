"""The memory of a fit, beside the data, which are never copied."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from side_by_side import Line
from sklearn.exceptions import ConvergenceWarning

from skgd import DescentClassifier, DescentRegressor

N, D = 1_000_000, 50


@pytest.fixture(scope="module")
def data():
    X = np.random.default_rng(0).standard_normal((N, D))
    return X, X @ np.linspace(-1, 1, D) + np.random.default_rng(1).standard_normal(N)


def peak(call):
    """Return the most bytes that a call has in use at one time."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "estimator"),
    [
        ("log_loss", DescentClassifier()),
        ("squared_error", DescentRegressor()),
        ("l1", DescentRegressor(penalty="l1", alpha=0.1)),
        ("quantile", DescentRegressor(loss="quantile", loss_params={"quantile": 0.8})),
        ("huber", DescentRegressor(loss="huber")),
    ],
)
def test_a_fit_needs_little_memory_beside_the_data(report, data, name, estimator):
    X, y = data
    target = y > 0 if isinstance(estimator, DescentClassifier) else y
    estimator.fit(X[:1000], target[:1000])
    used = peak(lambda: estimator.fit(X, target))
    report(
        Line(
            f"memory of {name}, {N:,} x {D}",
            f"{used / 2**20:.1f} MiB",
            "the data",
            f"{X.nbytes / 2**20:.0f} MiB",
            X.nbytes / used,
            "at least 10",
        )
    )


def test_one_epoch_over_a_file_needs_memory_for_a_batch(report, tmp_path):
    small, large = (file_peak(tmp_path, n) for n in (200_000, 1_600_000))
    report(
        Line(
            "memory of one epoch, 1,600,000 x 50 in a file",
            f"{large / 2**20:.1f} MiB",
            "200,000 rows",
            f"{small / 2**20:.1f} MiB",
            small / large,
            "about 1",
        )
    )


def file_peak(folder, n):
    """Return the memory of one epoch over n rows that lie in a file."""
    X = np.memmap(folder / f"X{n}", mode="w+", shape=(n, D), dtype=float)
    y = np.memmap(folder / f"y{n}", mode="w+", shape=(n,), dtype=float)
    rng = np.random.default_rng(0)
    for start in range(0, n, 100_000):
        part = slice(start, start + 100_000)
        X[part] = rng.standard_normal((100_000, D))
        y[part] = X[part].sum(axis=1)
    model = DescentRegressor(batch_size=10_000, max_iter=1)
    with pytest.warns(ConvergenceWarning):
        return peak(lambda: model.fit(X, y))
