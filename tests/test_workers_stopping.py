"""`StopIteration` and Ctrl-C, on workers and without them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from skgd import Descent, gd

X0 = [1.0, -2.0]


def bowl(x):
    return float(x @ x)


def stops(x):
    """Stop anywhere but at the start."""
    if tuple(x) != tuple(X0):
        raise StopIteration("enough")
    return bowl(x)


def stops_columns(x):
    if x.shape[1] > 1 or tuple(x[:, 0]) != tuple(X0):
        raise StopIteration("enough")
    return (x * x).sum(axis=0)


def bad_gradient(x):
    raise StopIteration("enough")


def bad_pair(x):
    return stops(x), 2 * x


CALLS = {
    "differences": (stops, {}),
    "gradient": (bowl, {"jac": bad_gradient}),
    "pair": (bad_pair, {"jac": True}),
}


@pytest.mark.parametrize("workers", [None, "threads", "map", "processes"])
@pytest.mark.parametrize("journal", [False, True])
@pytest.mark.parametrize(("fun", "options"), CALLS.values(), ids=CALLS)
def test_a_stop_iteration_of_the_function_is_raised_as_it_is(
    fun, options, journal, workers, tmp_path
):
    if journal:
        options = options | {"journal": tmp_path / "run.jsonl"}
    with ThreadPoolExecutor(2) as pool:
        who = {"threads": pool, "map": map, "processes": 2}.get(workers)
        with pytest.raises(StopIteration, match=r"^enough") as caught:
            gd(fun, X0, workers=who, **options)
    assert np.array_equal(caught.value.result.x, X0)


def test_a_stop_iteration_of_a_vectorised_function_is_raised_as_it_is():
    with pytest.raises(StopIteration, match=r"^enough"):
        gd(stops_columns, X0, vectorized=True)


def test_a_stop_iteration_of_a_gradient_does_not_end_ask_and_tell_in_silence():
    opt = Descent(X0, jac=bad_gradient)
    with pytest.raises(StopIteration, match=r"^enough"):
        opt.tell(5.0)
    assert opt.done
    assert not opt.result().success


@pytest.mark.skipif(os.name != "posix", reason="needs groups of processes")
def test_ctrl_c_while_processes_start_prints_one_traceback(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(
        "import time\n"
        "from skgd import gd\n"
        "def fun(x):\n"
        "    time.sleep(60)\n"
        "print('ready', flush=True)\n"
        "gd(fun, [1.0, 2.0], workers=2)\n"
    )
    run = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert run.stdout.readline() == "ready\n"
    time.sleep(0.1)
    os.killpg(run.pid, signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert said.count("KeyboardInterrupt") >= 1
    assert "skgd.workers.processes" not in said
    assert said.count("Traceback") <= 2
