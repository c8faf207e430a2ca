"""A run that is killed at any moment, again and again, ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

HERE = Path(__file__).parent
THOROUGH = settings.get_current_profile_name() == "thorough"
KILLS = 300 if THOROUGH else 25

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing can be killed with -9")

SCRIPT = """
import os, sys, time
from resuming import bowl
from skgd import gd_adam

def fun(x):
    with open(os.environ["COUNT"], "a") as file:
        file.write(".")
    time.sleep(0.005)
    return bowl(x)

if __name__ == "__main__":
    journal, workers = sys.argv[1] or None, int(sys.argv[2])
    res = gd_adam(fun, [1.0, -2.0, 0.5], maxiter=12, journal=journal, workers=workers)
    print(res.x.tobytes().hex(), res.fun.hex(), res.nfev, res.nit, res.jac.tobytes().hex())
"""


def start(*arguments, count=""):
    """Start a Python process that can import what stands beside this file."""
    command = [sys.executable, "-W", "error", *map(str, arguments)]
    paths = os.pathsep.join([str(HERE), str(HERE.parent)])
    environment = {**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"}
    environment["COUNT"] = str(count)
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def end(process):
    """Return what the process prints, once it has come to its end."""
    printed, complaint = process.communicate(timeout=300)
    assert process.returncode == 0, complaint
    return printed


@settings(max_examples=1 if not THOROUGH else 5)
@given(seed=st.integers(0, 2**32))
def test_a_run_that_is_killed_goes_on_exactly(tmp_path_factory, seed):
    folder = tmp_path_factory.mktemp("killed")
    printed = end(start(HERE / "killing.py", folder, seed, KILLS))
    reports = [json.loads(line) for line in printed.splitlines()]
    assert sum(report["killed"] for report in reports) == KILLS
    for report in reports:
        assert report["result"] == report["expected"], report["run"]
        # A kill costs the evaluations that were under way.
        assert 0 <= report["repeated"] <= report["repeatable"], report["run"]


@pytest.mark.parametrize(("workers", "parts"), [(1, (0.1, 0.7)), (2, (0.4,))])
def test_a_whole_process_that_is_killed_goes_on_exactly(workers, parts, tmp_path):
    script, journal, count = tmp_path / "run.py", tmp_path / "run.jsonl", tmp_path / "count"
    script.write_text(SCRIPT)
    expected = end(start(script, "", 1, count=count))
    needed = count.stat().st_size
    for part in parts:
        count.write_bytes(b"")
        process = start(script, journal, workers, count=count)
        while process.poll() is None and lines(journal) < 1 + part * needed:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        # Its own worker processes may live a moment longer, and keep these open.
        process.stdout.close()
        process.stderr.close()
    known = lines(journal) - 1
    count.write_bytes(b"")
    assert end(start(script, journal, workers, count=count)) == expected
    assert count.stat().st_size <= needed - known + 1


def lines(path):
    """Return how many lines a file has."""
    return path.read_bytes().count(b"\n") if path.exists() else 0
