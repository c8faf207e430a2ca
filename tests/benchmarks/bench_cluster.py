"""Rows on a cluster of processes: round trips, bytes and time, against memory and against peers."""

from __future__ import annotations

import logging
import pickle
import time
import warnings

import numpy as np
import pytest
from side_by_side import Line, duration

from skgd.distributed.blocks import Blocks
from skgd.estimators import DescentClassifier, DescentRegressor

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")
distributed = pytest.importorskip("distributed")

N, D, CHUNK = 200_000, 50, 25_000
REPEATS = 2
SAME = 1e-8


@pytest.fixture(scope="module")
def client():
    cluster = distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",
        silence_logs=logging.CRITICAL,
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture(scope="module")
def data(client):
    """Return correlated rows on the workers, labels, and both in memory."""
    rng = np.random.default_rng(0)
    mixing = np.eye(D) + 0.3 * rng.normal(size=(D, D))
    X = da.random.RandomState(0).normal(size=(N, D), chunks=(CHUNK, D)) @ mixing
    noise = da.random.RandomState(1).logistic(size=N, chunks=CHUNK)
    X, y = dask.persist(X, X @ rng.normal(size=D) / 8 + noise > 0)
    distributed.wait([X, y])
    return X, y, *dask.compute(X, y)


def timed(call):
    """Return what a call returns, and the least time that it took."""
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        answer = call()
        times.append(time.perf_counter() - begin)
    return answer, min(times)


@pytest.fixture
def answers(monkeypatch):
    """Return the bytes of the answer of each round trip."""
    sizes, ask = [], Blocks.sum

    def spying(self, *arguments, **options):
        answer = ask(self, *arguments, **options)
        sizes.append(len(pickle.dumps(answer)))
        return answer

    monkeypatch.setattr(Blocks, "sum", spying)
    return sizes


@pytest.mark.parametrize(
    "estimator",
    [
        DescentClassifier(),
        DescentClassifier(penalty="l1", alpha=1e-3),
        DescentClassifier(method="gd_momentum", tol=1e-3),
        DescentClassifier(loss="hinge"),
        DescentRegressor(loss="quantile"),
    ],
    ids=["log loss", "log loss, l1", "log loss, heavy ball", "hinge", "quantile"],
)
def test_overhead_over_memory(estimator, data, answers, report):
    X, y, X_here, y_here = data
    if isinstance(estimator, DescentRegressor):
        y, y_here = X[:, 0] + y, X_here[:, 0] + y_here
    in_memory, here = timed(lambda: estimator.fit(X_here, y_here).coef_)
    on_cluster, there = timed(lambda: estimator.fit(X, y).coef_)
    assert np.abs(on_cluster - in_memory).max() < SAME
    rounds, most = len(answers) // REPEATS, max(answers)
    report(
        Line(
            f"{estimator.loss}, {estimator.penalty}, {estimator.method}: {estimator.n_iter_} "
            f"iterations, {rounds} rounds",
            duration(there),
            "in memory",
            duration(here),
            here / there,
        )
    )
    report(f"    a round took {duration(there / rounds)}; its answer had {most} bytes at most")


def test_against_peers(data, report):
    X, y, *_ = data
    model, there = timed(lambda: DescentClassifier().fit(X, y))
    for name, call in peers(X, y).items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            begin = time.perf_counter()
            coef = np.ravel(call())[:D]
            taken = time.perf_counter() - begin
        away = np.linalg.norm(coef - model.coef_[0]) / np.linalg.norm(model.coef_)
        subject = f"log loss; coefficients {away:.0e} apart"
        report(Line(subject, duration(there), name, duration(taken), taken / there))


def peers(X, y):
    """Return other fits: of the gathered rows, and of dask-glm where it is installed.

    Its Newton method knows no penalty, and its penalties shrink the intercept, too; so these models
    are other ones, a little.
    """
    from sklearn.linear_model import LogisticRegression

    strength = 1e-4 * N

    def gathered():
        model = LogisticRegression(C=1 / strength, solver="newton-cholesky", tol=1e-8)
        return model.fit(X.compute(), y.compute()).coef_

    calls = {"LogisticRegression, gathered": gathered}
    try:
        from dask_glm.algorithms import lbfgs, newton
        from dask_glm.utils import add_intercept
    except ImportError:
        return calls
    wide, target = dask.persist(add_intercept(X).rechunk((CHUNK, D + 1)), y.astype(float))
    distributed.wait([wide, target])
    return calls | {
        "dask-glm newton": lambda: newton(wide, target),
        "dask-glm lbfgs": lambda: lbfgs(wide, target, regularizer="l2", lamduh=strength),
    }
