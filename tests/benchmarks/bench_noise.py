"""Minima found through noise with the same number of evaluations, against SciPy and noisyopt.

``pytest -o python_files=bench_noise.py tests/benchmarks`` repeats it, in about five minutes; with
noisyopt where it is installed.
"""

from __future__ import annotations

import importlib.util
import warnings

from noisy_peers import PROBLEMS, SOLVERS, excess
from side_by_side import Line

OURS = ("gd_spsa", "gd_momentum, noise='auto'")


def test_gd_spsa_gets_nearest_to_the_minimum_through_noise(report):
    missing = () if importlib.util.find_spec("noisyopt") else ("noisyopt SPSA",)
    solvers = [name for name in SOLVERS if name not in missing]
    for problem in PROBLEMS:
        with warnings.catch_warnings():
            # What a peer warns of, on its way to infinity, is its own affair.
            warnings.simplefilter("ignore")
            left = {name: excess(name, problem) for name in solvers}
        report(problem.name + ": " + ", ".join(f"{name} {left[name]:.2g}" for name in solvers))
        best = min((name for name in solvers if name not in OURS), key=left.__getitem__)
        ours, theirs = left["gd_spsa"], left[best]
        figures = f"{ours:.2g}", best, f"{theirs:.2g}", theirs / ours
        report(Line(problem.name, *figures, "more than 1"))
