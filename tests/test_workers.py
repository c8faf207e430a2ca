"""Evaluations on workers: who evaluates, and how many at a time, changes nothing but the time."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, OptimizeWarning, minimize

from skgd import METHODS, gd, gd_adam, gd_momentum, gd_spectral
from skgd.limits import Limits
from skgd.objective import Objective, pair
from skgd.workers import open_source, read_workers

START = "forkserver" if sys.platform == "linux" else "spawn"

methods = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
schemes = pytest.mark.parametrize("scheme", ["analytic", "2-point", "3-point", "cs"])


def bowl(x, scale=1.0):
    """Curved unequally; any change of the order of evaluations would show in the last bits."""
    return scale * ((x * x).sum() + 0.1 * (x * x * x * x).sum() + np.sin(3 * x[0]) * x[-1])


def bowl_der(x, scale=1.0):
    g = 2 * x + 0.4 * x**3
    g[0] += 3 * np.cos(3 * x[0]) * x[-1]
    g[-1] += np.sin(3 * x[0])
    return scale * g


def both(x):
    return bowl(x), bowl_der(x)


def out_of_order(x):
    """Take the longer, the earlier the point is in its request."""
    time.sleep(1e-4 * (1 + np.argmin(x)))
    return bowl(x)


@pytest.fixture(scope="module")
def threads():
    with ThreadPoolExecutor(3) as pool:
        yield pool


@pytest.fixture(scope="module")
def processes():
    with ProcessPoolExecutor(2, multiprocessing.get_context(START)) as pool:
        yield pool


X0 = [1.0, -2.0, 0.5, 1.5]


def same(res, reference):
    assert np.array_equal(res.x, reference.x)
    assert np.array_equal(res.x_last, reference.x_last)
    for name in ("fun", "nit", "nfev", "njev", "status", "message"):
        assert res[name] == reference[name], name
    assert np.array_equal(res.get("jac"), reference.get("jac"))


@schemes
@methods
def test_every_method_finds_the_same_on_threads_and_with_map(method, scheme, threads):
    jac = bowl_der if scheme == "analytic" else None
    options = {"jac": jac, "gradient": scheme, "maxiter": 6, "rng": 0}
    reference = method(bowl, X0, **options)
    for workers in (1, map, threads, threads.map):
        same(method(bowl, X0, workers=workers, **options), reference)


@methods
def test_every_method_finds_the_same_on_processes(method, processes):
    reference = method(bowl, X0, maxiter=6, rng=0)
    same(method(bowl, X0, maxiter=6, rng=0, workers=processes), reference)


def signed(x, folder):
    """Leave a file with the name of the process."""
    (folder / str(os.getpid())).touch()
    print("this must not disturb the answers")  # noqa: T201
    return bowl(x)


@pytest.mark.parametrize("method", [gd_spectral, gd_adam], ids=lambda method: method.name)
def test_own_processes_find_the_same_and_are_gone_after_the_run(method, tmp_path):
    options = {"gradient": "3-point", "maxiter": 6, "rng": 0}
    reference = method(bowl, X0, **options)
    same(method(signed, X0, args=(tmp_path,), workers=2, **options), reference)
    processes = [int(path.name) for path in tmp_path.iterdir()]
    assert 1 <= len(processes) <= 2
    assert os.getpid() not in processes
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_a_script_without_a_guard_and_without_a_file_may_have_own_processes():
    script = """
from skgd import gd
shift = 3.0
def fun(x):
    return float(((x - shift) ** 2).sum())
print(gd(fun, [1.0, 2.0], workers=2).x.round(3).tolist())
"""
    command = [sys.executable, "-W", "error", "-"]
    done = subprocess.run(
        command, input=script, capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.stdout, done.stderr) == ("[3.0, 3.0]\n", "")


def test_lambdas_and_closures_reach_processes_by_value(processes):
    shift = np.array([0.1, 0.2, 0.3, 0.4])
    reference = gd(lambda x: bowl(x - shift), X0)
    same(gd(lambda x: bowl(x - shift), X0, workers=processes), reference)
    same(gd(lambda x: bowl(x - shift), X0, workers=2), reference)


def test_the_map_of_a_multiprocessing_pool_serves_as_in_scipy():
    reference = gd_spectral(bowl, X0)
    with multiprocessing.get_context(START).Pool(2) as pool:
        for workers in (pool.map, pool.imap_unordered):
            same(gd_spectral(bowl, X0, workers=workers), reference)


@given(
    x0=st.lists(st.floats(-3, 3), min_size=1, max_size=6),
    workers=st.integers(1, 7),
    scheme=st.sampled_from(["2-point", "3-point"]),
    method=st.sampled_from(list(METHODS.values())),
    maxfev=st.one_of(st.none(), st.integers(1, 40)),
)
def test_results_do_not_depend_on_the_number_of_workers(x0, workers, scheme, method, maxfev):
    options = {"gradient": scheme, "maxiter": 3, "maxfev": maxfev, "history": True, "rng": 0}
    reference = method(bowl, x0, **options)
    with ThreadPoolExecutor(workers) as pool:
        res = method(out_of_order, x0, workers=pool, **options)
    same(res, reference)
    for name in ("nit", "nfev", "fun", "gnorm", "step", "x"):
        assert np.array_equal(res.history[name], reference.history[name], equal_nan=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_bounds_arguments_and_single_precision_are_as_without_workers(dtype, threads):
    options = {"args": (0.5,), "bounds": Bounds([0, -1, -1, -1], [2, 2, 2, 1.2])}
    x0 = np.array([0.5, -0.5, 0.5, 1.0], dtype)
    reference = gd_spectral(bowl, x0, **options)
    res = gd_spectral(bowl, x0, workers=threads, **options)
    same(res, reference)
    assert res.x.dtype == dtype


def test_all_points_of_a_gradient_are_evaluated_at_the_same_time():
    meeting = threading.Barrier(5, timeout=60)

    def fun(x):
        meeting.wait()
        return bowl(x)

    with ThreadPoolExecutor(5) as pool:
        assert gd(fun, X0, workers=pool, maxfev=5).nfev == 5


def test_all_rows_of_a_batch_are_evaluated_at_the_same_time():
    batch = np.random.default_rng(0).normal(size=(6, 4))
    meeting = threading.Barrier(6, timeout=60)

    def met(function):
        def evaluate(x):
            meeting.wait()
            return function(x)

        return evaluate

    with ThreadPoolExecutor(6) as pool:
        source = open_source(pool, met(bowl), met(bowl_der), (), False)
        objective = Objective(bowl, bowl_der, (), batch, False, Limits(), source=source)
        values, gradients = objective.value(batch), objective.gradient(batch)
    assert np.array_equal(values, [bowl(x) for x in batch])
    assert np.array_equal(gradients, [bowl_der(x) for x in batch])
    assert (objective.nfev, objective.njev) == (6, 6)


@pytest.mark.parametrize("scipy", [False, True])
def test_a_function_that_returns_its_gradient_is_evaluated_once_a_point(scipy, threads):
    calls = []

    def fun(x):
        calls.append(x.tobytes())
        return both(x)

    def run(workers):
        if scipy:
            options = {"workers": workers}
            return minimize(fun, X0, jac=True, method=gd_momentum, options=options)
        return gd_momentum(fun, X0, jac=True, workers=workers)

    reference = run(None)
    for workers in (threads, map):
        calls.clear()
        res = run(workers)
        same(res, reference)
        assert len(calls) == len(set(calls)) == res.nfev


def test_gradients_that_come_with_values_do_not_mix_up_the_rows_of_a_batch(threads):
    batch = np.random.default_rng(1).normal(size=(40, 4))
    source = open_source(threads, *pair(both), (), False)
    objective = Objective(bowl, bowl_der, (), batch, False, Limits(), source=source)
    values = objective.value(batch)
    objective.value(batch[::2] + 1.0)
    assert np.array_equal(objective.gradient(batch[::-1]), [bowl_der(x) for x in batch[::-1]])
    assert np.array_equal(values, [bowl(x) for x in batch])
    assert (objective.nfev, objective.njev) == (60, 40)


def test_an_array_that_the_function_uses_again_does_no_harm(threads):
    own = threading.local()

    def jac(x):
        if not hasattr(own, "g"):
            own.g = np.empty(x.size)
        own.g[:] = bowl_der(x)
        x[:] = np.nan
        return own.g

    same(gd_spectral(bowl, X0, jac=jac, workers=threads), gd_spectral(bowl, X0, jac=bowl_der))


class Counting(ThreadPoolExecutor):
    """Threads that count their tasks."""

    tasks = 0

    def submit(self, fn, /, *args, **kwargs):
        self.tasks += 1
        return super().submit(fn, *args, **kwargs)


def test_cheap_evaluations_go_out_many_at_a_time():
    batch = np.random.default_rng(0).normal(size=(5000, 2))
    with Counting(2) as pool:
        source = open_source(pool, np.sum, None, (), False)
        objective = Objective(np.sum, None, (), batch, False, Limits(), source=source)
        assert np.array_equal(objective.value(batch), [row.sum() for row in batch])
        assert objective.nfev == 5000
        assert pool.tasks < 2500


def test_an_executor_of_the_user_goes_on_working():
    with ThreadPoolExecutor(2) as pool:
        gd(bowl, X0, workers=pool)
        with pytest.raises(ZeroDivisionError):
            gd(lambda x: 1 / 0, X0, workers=pool)
        assert pool.submit(int, "3").result() == 3


def test_workers_keep_to_the_floating_point_errors_of_the_caller(threads, processes):
    def fun(x):
        return float(np.log(x - x[0]).sum())

    for workers in (threads, processes, map):
        with np.errstate(divide="raise"), pytest.raises(FloatingPointError, match="divide"):
            gd(fun, X0, workers=workers)
        with np.errstate(all="ignore"):
            assert gd(fun, X0, workers=workers).status == 3


def test_vectorized_has_precedence_and_says_so(threads):
    def fun(x):
        return (x * x).sum(axis=0)

    with pytest.warns(OptimizeWarning, match="workers is ignored"):
        res = gd(fun, X0, workers=threads, vectorized=True)
    same(res, gd(fun, X0, vectorized=True))


def test_the_number_of_workers_may_be_any_whole_number():
    assert read_workers(1) is read_workers(None) is None
    assert read_workers(np.int64(4)) == read_workers(4.0) == 4
    assert read_workers(-1) in (None, *range(2, 10_000))
    assert gd.with_options(workers=3).options["workers"] == 3


@pytest.mark.parametrize(
    ("workers", "message"),
    [
        (0, "workers must be at least 1, or -1 for all cores, got 0"),
        (-2, "workers must be at least -1, got -2"),
        (2.5, "workers must be a whole number, got 2.5"),
        (float("nan"), "workers must be a finite number, got nan"),
        (True, "workers must be a real number, got True"),
        ("all", "workers must be a whole number of processes"),
        ([2], "workers must be a whole number of processes"),
        (ThreadPoolExecutor, r"workers: pass ThreadPoolExecutor\(\), not the class"),
    ],
)
def test_what_cannot_evaluate_is_refused_by_name(workers, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        gd(bowl, X0, workers=workers)


def test_functions_that_cannot_be_sent_are_refused_before_anything_is_started():
    lock = threading.Lock()

    def fun(x):
        with lock:
            return bowl(x)

    with pytest.raises(ValueError, match=r"^workers: fun, jac or args cannot be sent .*Thread"):
        gd(fun, X0, workers=2)
