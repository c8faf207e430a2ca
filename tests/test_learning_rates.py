"""Learning rates against their formulas, written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import Quadratic, quadratics

from skgd import (
    Adaptive,
    Armijo,
    Constant,
    Cosine,
    Exponential,
    InverseTime,
    LearningRate,
    Polyak,
    Schedule,
    Spectral,
    StepDecay,
    gd,
)

iterations = st.integers(0, 10_000)
positive = st.floats(1e-6, 1e6)


def path(problem, rate, steps=25, **options):
    """Return the iterates of steepest descent."""
    res = gd(
        problem.value,
        problem.start(),
        jac=problem.gradient,
        learning_rate=rate,
        maxiter=steps,
        gtol=0.0,
        return_all=True,
        **options,
    )
    return np.array(res.allvecs)


def rates_of(problem, x):
    """Return the rates that were applied between the iterates."""
    g = problem.gradient(x[:-1])
    return np.linalg.norm(np.diff(x, axis=0), axis=1) / np.linalg.norm(g, axis=1)


@given(positive, st.floats(0.1, 1), st.integers(1, 50), st.integers(0, 99), iterations)
def test_step_decay_falls_after_first_at_and_then_every_so_often(value, factor, every, first_at, k):
    falls = sum(1 for j in range(first_at, k, every))
    rate = StepDecay(value, factor=factor, every=every, first_at=first_at).at(k)
    assert rate == pytest.approx(value * factor**falls, rel=1e-9, abs=1e-300)


@given(positive, st.integers(1, 50))
def test_step_decay_keeps_the_full_rate_for_the_first_iterations(value, every):
    decay = StepDecay(value, factor=0.5, every=every)
    assert [decay.at(k) for k in range(every)] == [value] * every
    assert decay.at(every) == value / 2


@given(positive, st.floats(0.9, 1), iterations)
def test_exponential(value, factor, k):
    assert Exponential(value, factor=factor).at(k) == pytest.approx(value * factor**k)


@given(positive, positive, iterations)
def test_inverse_time(value, time, k):
    assert InverseTime(value, time=time).at(k) == pytest.approx(value / (1 + k / time))


@given(positive, st.integers(1, 500), st.floats(1e-3, 1), st.booleans(), iterations)
def test_cosine(value, period, share, restart, k):
    final = share * value
    phase = k % period if restart else min(k, period)
    expected = final + (value - final) * (1 + math.cos(math.pi * phase / period)) / 2
    cosine = Cosine(value, period=period, final=final, restart=restart)
    assert cosine.at(k) == pytest.approx(expected)


@pytest.mark.parametrize(
    "rate",
    [
        Constant(0.02),
        StepDecay(0.02, every=5),
        Exponential(0.02, factor=0.9),
        InverseTime(0.02, time=3.0),
        Cosine(0.02, period=10),
        Schedule(lambda k: 0.02 / (k + 1)),
    ],
    ids=lambda rate: type(rate).__name__,
)
def test_iteration_k_runs_at_the_rate_of_k_counted_from_zero(rate):
    problem = Quadratic.random(5, seed=1)
    expected = [0.02 if isinstance(rate, Constant) else rate.at(k) for k in range(25)]
    np.testing.assert_allclose(rates_of(problem, path(problem, rate)), expected, rtol=1e-6)


@given(iterations)
def test_a_schedule_is_its_function(k):
    assert Schedule(lambda k: 1 / (k + 1)).at(k) == 1 / (k + 1)


def test_numbers_and_functions_are_rates():
    problem = Quadratic.random(5, seed=1)
    np.testing.assert_array_equal(path(problem, 0.02), path(problem, Constant(0.02)))
    np.testing.assert_array_equal(
        path(problem, lambda k: 0.02 / (k + 1)), path(problem, Schedule(lambda k: 0.02 / (k + 1)))
    )


@pytest.mark.parametrize("formula", ["long", "short"])
@given(quadratics(max_n=8, max_condition=100.0))
def test_barzilai_borwein(formula, problem):
    memory, c1 = 10, 1e-4
    x = path(
        problem, Spectral(initial=1e-2 / problem.lipschitz, formula=formula, memory=memory, c1=c1)
    )
    f, g, rates = problem.value(x), problem.gradient(x), rates_of(problem, x)
    for k in range(1, len(x) - 1):
        if f[k] - problem.lowest <= 1e-9 * abs(f[0] - problem.lowest):
            break  # rounding decides from here on
        step, change = x[k] - x[k - 1], g[k] - g[k - 1]
        rate = {
            "long": step @ step / (step @ change),
            "short": step @ change / (change @ change),
        }[formula]
        bound = f[max(0, k + 1 - memory) : k + 1].max() - c1 * rate * g[k] @ g[k]
        tried = problem.value(x[k] - rate * g[k])
        if tried <= bound - 1e-9 * abs(bound):
            assert rates[k] == pytest.approx(rate, rel=1e-5)
        elif tried > bound + 1e-9 * abs(bound):
            assert rates[k] < rate * (1 - 1e-3)


@pytest.mark.parametrize("year", [2020, 2023])
@given(quadratics(max_n=8, max_condition=100.0))
def test_malitsky_mishchenko(year, problem):
    first = 1e-3 / problem.lipschitz
    x, growth, t = [problem.start()], math.inf, first
    scale = np.abs(x[0] - problem.solution).max()
    while len(x) <= 25 and abs(x[-1] - problem.solution).max() > 1e-8 * scale:
        x.append(x[-1] - t * problem.gradient(x[-1]))
        step = np.linalg.norm(x[-1] - x[-2])
        curvature = np.linalg.norm(problem.gradient(x[-1]) - problem.gradient(x[-2])) / step
        if year == 2020:
            new = min(math.sqrt(1 + growth) * t, 1 / (2 * curvature))
        else:
            excess = 2 * (t * curvature) ** 2 - 1
            free = t / math.sqrt(excess) if excess > 0 else math.inf
            new = min(math.sqrt(2 / 3 + growth) * t, free)
            if math.isinf(new):
                # The first rate is a guess that may grow by any factor; where even the second
                # term says nothing, the curvature does.
                new = 1 / (math.sqrt(2) * curvature)
        growth, t = new / t, new
    got = path(problem, Adaptive(initial=first, year=year))[: len(x)]
    np.testing.assert_allclose(got, x, rtol=1e-6, atol=1e-6 * scale)


@given(quadratics(max_n=8, max_condition=100.0), st.floats(0.1, 1.9))
def test_polyak_with_the_known_minimum(problem, factor):
    x = [problem.start()]
    for _ in range(25):
        g = problem.gradient(x[-1])
        gap = problem.value(x[-1]) - problem.lowest
        if gap < 1e-6 * (problem.value(x[0]) - problem.lowest):
            break  # the difference of values is rounding from here on
        x.append(x[-1] - factor * gap / (g @ g) * g)
    got = path(problem, Polyak(minimum=problem.lowest, factor=factor))[: len(x)]
    scale = np.abs(x[0] - problem.solution).max()
    np.testing.assert_allclose(got, x, rtol=1e-5, atol=1e-5 * scale)


def test_polyak_without_the_minimum_converges():
    problem = Quadratic.random(5, seed=2)
    res = gd(problem.value, problem.start(), jac=problem.gradient, learning_rate=Polyak())
    assert res.fun == pytest.approx(problem.lowest, abs=1e-3)


@given(quadratics(max_n=8, max_condition=1e4), st.integers(1, 10))
def test_armijo_never_exceeds_its_reference_value(problem, memory):
    x = path(problem, Armijo(memory=memory), steps=40)
    f, g = problem.value(x), problem.gradient(x)
    slack = 1e-12 * (abs(f[0] - problem.lowest) + abs(problem.lowest))
    for k in range(len(x) - 1):
        reference = f[max(0, k + 1 - memory) : k + 1].max()
        assert f[k + 1] <= reference + 1e-4 * g[k] @ (x[k + 1] - x[k]) + slack


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Constant(0.0), "learning_rate must be positive"),
        (lambda: Constant(-1.0), "learning_rate must be positive"),
        (lambda: Constant(math.nan), "learning_rate must be a finite number"),
        (lambda: Constant("fast"), "learning_rate must be a real number"),
        (lambda: StepDecay(1.0, factor=1.5), "factor"),
        (lambda: StepDecay(1.0, every=0), "every"),
        (lambda: StepDecay(1.0, first_at=-1), "first_at"),
        (lambda: Exponential(1.0, factor=0.0), "factor"),
        (lambda: InverseTime(1.0, time=0.0), "time"),
        (lambda: Cosine(1.0, period=0), "period"),
        (lambda: Cosine(1.0, period=5, final=-1.0), "final"),
        (lambda: Schedule(0.1), "function must be callable"),
        (lambda: Schedule(lambda k: -1.0).at(3), "iteration 3"),
        (lambda: Armijo(c1=1.0), "c1"),
        (lambda: Armijo(initial=0.0), "initial"),
        (lambda: Armijo(memory=0), "memory"),
        (lambda: Spectral(formula="middle"), "formula"),
        (lambda: Adaptive(year=1999), "year"),
        (lambda: Polyak(factor=2.0), "factor"),
        (lambda: Polyak(minimum=math.inf), "minimum"),
    ],
)
def test_bad_arguments_are_named(make, name):
    with pytest.raises(ValueError, match=name):
        make()


class Halving(LearningRate):
    """A rate that halves whenever the value has risen."""

    def start(self, x, f, g, unit):
        return {"t": 1.0, "f": f}

    def rate(self, state, k, f, g):
        if f > state["f"]:
            state["t"] /= 2
        state["f"] = f
        return state["t"]


def test_a_learning_rate_of_ones_own_works():
    problem = Quadratic.random(5, seed=3)
    res = gd(problem.value, problem.start(), jac=problem.gradient, learning_rate=Halving())
    assert res.success
    np.testing.assert_allclose(res.x, problem.solution, atol=1e-4)
