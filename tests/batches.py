"""A runner for tests: descends from one point or from a batch, evaluating row by row."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from skgd.descent import descend
from skgd.progress import Progress
from skgd.requests import Gradient, IterationDone, Probes, Value, ValueAndGradient
from skgd.rules import Rules


class Ending(NamedTuple):
    """How a run ended."""

    x: np.ndarray
    fun: float
    x_last: np.ndarray
    fun_last: float
    nit: int
    reason: object


def drive(x0, rules: Rules, problem) -> Progress:
    """Descend from `x0`, of shape (n,) or (S, n), with the values and gradients of `problem`."""
    run = Progress(np.array(x0, copy=True), rules.stopping)
    asking = descend(run, rules)
    answer = None
    while True:
        try:
            request = asking.send(answer)
        except StopIteration:
            return run
        answer = answered(request, problem, single=run.x.ndim == 1)


def answered(request, problem, single):
    """Return the answer to a request, found one row at a time."""
    if isinstance(request, IterationDone):
        return None
    if isinstance(request, Probes):
        return np.array([problem.value(request.point(i)) for i in range(len(request))])
    if single:
        f, g = float(problem.value(request.x)), problem.gradient(request.x)
    else:
        f = np.array([float(problem.value(row)) for row in request.x])
        g = np.array([problem.gradient(row) for row in request.x])
    return {Value: f, Gradient: g, ValueAndGradient: (f, g)}[type(request)]


def one_by_one(X0, rules: Rules, problem) -> list[Ending]:
    """Return how each row ends by itself."""
    endings = []
    for x0 in X0:
        run = drive(x0, rules, problem)
        endings.append(Ending(run.best_x, run.best_f, run.x, run.f, run.k, run.reason))
    return endings


def together(X0, rules: Rules, problem) -> list[Ending]:
    """Return how the rows end in one batch."""
    run = drive(X0, rules, problem)
    assert sorted(run.ended) == list(range(len(X0)))
    return [
        Ending(end.x, end.fun, end.x_last, end.fun_last, end.nit, end.reason)
        for _, end in sorted(run.ended.items())
    ]


def assert_same(got: list[Ending], expected: list[Ending], rtol: float = 1e-6) -> None:
    """Compare the endings, numbers up to rounding."""
    for row, (one, other) in enumerate(zip(got, expected, strict=True)):
        assert (one.nit, one.reason) == (other.nit, other.reason), f"row {row}"
        for name in ("x", "fun", "x_last", "fun_last"):
            a, b = getattr(one, name), getattr(other, name)
            np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol, err_msg=f"row {row}: {name}")
