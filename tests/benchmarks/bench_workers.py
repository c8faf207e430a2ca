"""Evaluations on workers: how much faster a slow function is minimised; SciPy's `workers` too."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from scipy.optimize import minimize
from side_by_side import Line, duration, medians

from skgd import gd_spectral
from skgd.limits import Limits
from skgd.objective import Objective
from skgd.workers import open_source, read_workers

N = 16
WEIGHTS = np.linspace(1, 10, N)
X0 = np.linspace(-1, 2, N)


def asleep(x):
    """Wait, as for a simulator or a laboratory."""
    time.sleep(0.01)
    return (WEIGHTS * x * x).sum()


def busy(x):
    """Compute for about 10 ms."""
    y = 0.0
    for i in range(100_000):
        y += (i % 7) * 1e-9
    return (WEIGHTS * x * x).sum() + y


def ours(function, workers):
    options = {"maxiter": 3, "workers": workers}
    return minimize(function, X0, method=gd_spectral, options=options)


def theirs(method, workers):
    return minimize(asleep, X0, method=method, options={"maxiter": 3, "workers": workers})


def speedup(here, there, repeats=3):
    """Return seconds here, seconds there and their ratio per evaluation."""
    first, second = here(), there()
    before, after = medians(here, there, repeats=repeats, clock=time.perf_counter)
    return before, after, before / after * second.nfev / first.nfev


@pytest.mark.all_threads
def test_eight_threads_are_five_times_as_fast(report):
    with ThreadPoolExecutor(8) as pool:
        before, after, ratio = speedup(lambda: ours(asleep, None), lambda: ours(asleep, pool))
        text = "a function of 10 ms, n = 16, 8 threads"
        report(Line(text, duration(after), "one by one", duration(before), ratio, "at least 5"))
        for method in ("BFGS", "L-BFGS-B"):
            before, after, peer = speedup(
                lambda method=method: theirs(method, None),
                lambda method=method: theirs(method, pool.map),
            )
            text = f"  the same in SciPy's {method}"
            report(Line(text, duration(after), "one by one", duration(before), peer))
    assert ratio >= 5


@pytest.mark.all_threads
def test_processes_share_the_work(report):
    cores = read_workers(-1)
    if cores is None:
        pytest.skip("one core")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, context) as pool:
        before, after, ratio = speedup(lambda: ours(busy, None), lambda: ours(busy, pool))
    text = f"a function that computes for 10 ms, {cores} processes"
    report(Line(text, duration(after), "one by one", duration(before), ratio, f"below {cores}"))
    begin = time.perf_counter()
    ours(busy, -1)
    text = "  the same with their start and end"
    report(f"{text:<52} {duration(time.perf_counter() - begin):>16}")


@pytest.mark.all_threads
def test_what_a_worker_costs_beyond_the_evaluation(report):
    batch = np.zeros((2000, N))
    with ThreadPoolExecutor(2) as threads:
        for name, workers in (("threads", threads), ("processes", 2)):
            source = open_source(workers, np.sum, None, (), False)
            objective = Objective(np.sum, None, (), batch, False, Limits(), source=source)
            many, one = medians(
                lambda objective=objective: objective.value(batch),
                lambda objective=objective: objective.value(batch[:1]),
                repeats=20,
                clock=time.perf_counter,
            )
            objective.close()
            text = f"a cheap evaluation on 2 {name}, of 2000 at once"
            report(Line(text, duration(many / 2000), "one alone", duration(one), 2000 * one / many))
