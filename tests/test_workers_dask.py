"""Evaluations on a Dask cluster."""

from __future__ import annotations

import os

import numpy as np
import pytest

from skgd import gd_spectral, multistart
from skgd.workers import WorkerDied

distributed = pytest.importorskip("distributed")

X0 = [1.0, -2.0, 0.5]


def bowl(x, scale=1.0):
    return scale * ((x * x).sum() + 0.1 * (x * x * x * x).sum())


def mean(x, weights):
    return bowl(x, weights.mean())


def same(res, reference):
    assert np.array_equal(res.x, reference.x)
    for name in ("fun", "nit", "nfev", "njev", "message"):
        assert res[name] == reference[name], name


@pytest.fixture
def cluster():
    def start(**options):
        return distributed.LocalCluster(dashboard_address=None, **options)

    return start


def test_a_client_that_is_closed_is_refused_or_named(cluster):
    def told(intermediate_result):
        client.close()

    with cluster(n_workers=1, threads_per_worker=1, processes=False) as threads:
        client = distributed.Client(threads)
        gone = distributed.Client(threads)
        gone.close()
        with pytest.raises(ValueError, match=r"^workers must be connected to a cluster"):
            gd_spectral(bowl, X0, workers=gone)
        with pytest.raises(WorkerDied, match=r"^workers: Client gave no answer to the value at"):
            gd_spectral(bowl, X0, workers=client, callback=told)


def test_a_client_of_threads_finds_the_same_and_stays_open(cluster):
    with (
        cluster(n_workers=1, threads_per_worker=3, processes=False) as threads,
        distributed.Client(threads) as client,
    ):
        for scheme in ("2-point", "3-point"):
            options = {"gradient": scheme, "args": (2.0,)}
            same(gd_spectral(bowl, X0, workers=client, **options), gd_spectral(bowl, X0, **options))

        box = [(-3.0, 3.0)] * 2
        alone = multistart(bowl, box, maxfev=300, rng=1)
        same(multistart(bowl, box, maxfev=300, rng=1, workers=client), alone)

        large = np.ones(500_000)
        options = {"args": (large,), "maxiter": 2}
        same(gd_spectral(mean, X0, workers=client, **options), gd_spectral(mean, X0, **options))

        def fail(x):
            if x[2] != 0.5:
                raise ArithmeticError("too deep")
            return bowl(x)

        with pytest.raises(ArithmeticError, match="too deep") as caught:
            gd_spectral(fail, X0, workers=client)
        assert caught.value.result.fun == bowl(np.array(X0))
        assert client.submit(int, "3").result() == 3


def test_a_worker_of_a_cluster_that_dies_is_replaced_and_nothing_is_lost(cluster, tmp_path):
    flag = str(tmp_path / "died")

    def deadly(x):
        if x[2] != 0.5 and not os.path.exists(flag):  # noqa: PTH110
            with open(flag, "x", encoding="utf-8"):  # noqa: PTH123
                os._exit(1)
        return bowl(x)

    def always(x):
        if x[2] != 0.5:
            os._exit(1)
        return bowl(x)

    with (
        cluster(n_workers=2, threads_per_worker=1, processes=True) as processes,
        distributed.Client(processes) as client,
    ):
        same(gd_spectral(deadly, X0, workers=client), gd_spectral(bowl, X0))
        with pytest.raises(WorkerDied, match="Client gave no answer to the value at") as caught:
            gd_spectral(always, X0, workers=client)
        assert caught.value.result.fun == bowl(np.array(X0))
