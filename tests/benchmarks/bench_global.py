"""Global minima found with 20,000 evaluations and no gradient, against SciPy's global optimisers.

``pytest -o python_files=bench_global.py tests/benchmarks`` repeats it, in about ten minutes of two
processors.
"""

from __future__ import annotations

from textwrap import wrap

from global_peers import OURS, PEERS, SOLVERS, count, counts, ever, outcomes, unsolved
from side_by_side import Line


def test_more_global_minima_are_found_than_by_each_of_scipys_solvers(report):
    results = outcomes(SOLVERS)
    for row in counts(results):
        report(row)
    for solver in SOLVERS:
        for row in wrap(f"{solver} misses {', '.join(unsolved(results, solver))}", 100):
            report(row)
    found = {name: count((r for r in results if r.solver == name), ever) for name in SOLVERS}
    best = max(PEERS, key=found.__getitem__)
    report(
        Line(
            "global minima found, problems times seeds",
            f"{found[OURS]}",
            best,
            f"{found[best]}",
            found[OURS] / found[best],
            "more than 1",
        )
    )
