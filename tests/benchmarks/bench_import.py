"""How long a process takes that imports the package and does nothing."""

from __future__ import annotations

import subprocess
import sys
import time

from side_by_side import Line, duration, medians


def process(statement):
    return lambda: subprocess.run([sys.executable, "-c", statement], check=True)


def test_import_takes_less_than_one_and_a_half_times_that_of_scipy_optimize(report):
    ours, peer = medians(
        process("import skgd"),
        process("import scipy.optimize"),
        repeats=15,
        clock=time.perf_counter,
    )
    report(
        Line(
            "import skgd, whole process",
            duration(ours),
            "scipy.optimize",
            duration(peer),
            peer / ours,
            "more than 0.67",
        )
    )
