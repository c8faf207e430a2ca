"""A row of a batch does what a single run from there does, for every rule."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from batches import assert_same, one_by_one, together
from hypothesis import given
from hypothesis import strategies as st
from problems import Quadratic

from skgd import (
    DIRECTIONS,
    JACOBIANS,
    L1,
    LEARNING_RATES,
    Analytic,
    Ball,
    Box,
    Constant,
    Cosine,
    ElasticNet,
    HeavyBall,
    Nesterov,
    Simplex,
    Steepest,
    Within,
)
from skgd.learning_rates import Armijo, Spectral
from skgd.rules import Rules
from skgd.stopping import Reason, Stopping

N = 4
PROBLEM = Quadratic.random(N, condition=20.0, seed=5)
# Rows that finish at different times: at once, soon, late, and not within the iterations.
STARTS = PROBLEM.solution + np.array([0.0, 1e-5, 1e-2, 1.0, 30.0])[:, None] * np.random.default_rng(
    0
).normal(size=(5, N))


class Ripples:
    """A bowl with ripples: not convex, with a region where it is not defined."""

    def value(self, x):
        if x[0] < -3.0:
            return np.nan
        return (x**2).sum() + 2.0 * np.sin(2.0 * x).sum() - np.log(x[0] + 3.0)

    def gradient(self, x):
        if x[0] < -3.0:
            return np.full_like(x, np.nan)
        g = 2.0 * x + 4.0 * np.cos(2.0 * x)
        g[0] -= 1.0 / (x[0] + 3.0)
        return g


def rules(
    direction=None, learning_rate=None, constraint=None, jacobian=None, maxiter=30, **options
):
    options = {"gtol": 1e-5} | options
    return Rules(
        jacobian or Analytic(),
        direction or Steepest(),
        learning_rate or Armijo(),
        constraint,
        Stopping(maxiter=maxiter, **options),
    )


def rate(name):
    return Constant(0.02) if name == "constant" else LEARNING_RATES[name]()


def check(X0, rules, problem):
    got = together(X0, rules, problem)
    assert_same(got, one_by_one(X0, rules, problem))
    return got


every_pair = pytest.mark.parametrize(
    ("direction", "learning_rate"),
    list(itertools.product(DIRECTIONS, ["constant", *LEARNING_RATES])),
)


@every_pair
def test_rows_of_a_bowl(direction, learning_rate):
    got = check(STARTS, rules(DIRECTIONS[direction](), rate(learning_rate)), PROBLEM)
    assert got[0].nit == 0


@every_pair
def test_rows_among_ripples_with_an_edge(direction, learning_rate):
    starts = np.random.default_rng(1).uniform(-2.5, 2.5, size=(6, 3))
    starts[0, 0] = -2.99
    check(starts, rules(DIRECTIONS[direction](), rate(learning_rate), maxiter=12), Ripples())


@every_pair
def test_rows_with_bounds(direction, learning_rate):
    box = Box(PROBLEM.solution - 0.5, [np.inf, *(PROBLEM.solution[1:] + 2.0)])
    made = rules(DIRECTIONS[direction](), rate(learning_rate), box, maxiter=15)
    check(box.project(STARTS), made, PROBLEM)


@pytest.mark.parametrize("learning_rate", ["constant", *LEARNING_RATES])
@pytest.mark.parametrize("direction", [name for name in DIRECTIONS if DIRECTIONS[name].proximal])
def test_rows_with_a_penalty(direction, learning_rate):
    made = rules(DIRECTIONS[direction](), rate(learning_rate), L1(0.5), maxiter=15)
    check(STARTS, made, PROBLEM)


@pytest.mark.parametrize(
    "constraint",
    [
        Ball(1.0, PROBLEM.solution + 1.0),
        Simplex(2.0),
        ElasticNet([0.0, 0.1, 1.0, 2.0], 0.3),
        Within(L1(0.5), Box(0.0, 1.0)),
    ],
    ids=lambda constraint: type(constraint).__name__,
)
@pytest.mark.parametrize("direction", ["steepest", "nesterov", "adam"])
def test_rows_with_every_other_constraint(direction, constraint):
    starts = constraint.project(STARTS)
    check(starts, rules(DIRECTIONS[direction](), None, constraint, maxiter=15), PROBLEM)


@pytest.mark.parametrize(
    "direction",
    [
        HeavyBall(0.8, window=3),
        HeavyBall(0.8, window=3, count_current=True),
        HeavyBall(0.8, count_current=True),
        Nesterov(momentum=0.8),
    ],
    ids=repr,
)
def test_rows_with_every_kind_of_momentum(direction):
    for learning_rate in (Constant(0.02), Cosine(0.03, period=7), Armijo(memory=3)):
        check(STARTS, rules(direction, learning_rate), PROBLEM)


@pytest.mark.parametrize("formula", ["long", "short"])
def test_rows_with_every_spectral_formula(formula):
    check(STARTS, rules(None, Spectral(formula=formula), maxiter=15), PROBLEM)


# Random schemes serve single runs only, which tests/test_spsa.py sees to.
BATCHED = [name for name, scheme in JACOBIANS.items() if name != "cs" and not scheme.random]


@pytest.mark.parametrize("scheme", BATCHED)
@pytest.mark.parametrize("learning_rate", ["constant", "armijo"])
def test_rows_with_every_gradient_scheme(scheme, learning_rate):
    made = rules(None, rate(learning_rate), None, JACOBIANS[scheme](), maxiter=8, gtol=1e-3)
    assert_same(together(STARTS, made, PROBLEM), one_by_one(STARTS, made, PROBLEM), rtol=1e-4)


@pytest.mark.parametrize("scheme", [name for name in BATCHED if JACOBIANS[name].by_differences])
def test_differences_of_a_batch_stay_inside_the_bounds(scheme):
    box = Box(PROBLEM.solution + 0.1, PROBLEM.solution + 0.3)

    class Watched:
        gradient = None

        @staticmethod
        def value(x):
            assert ((box.lower <= x) & (x <= box.upper)).all()
            return PROBLEM.value(x)

    class Values(Watched):
        @staticmethod
        def gradient(x):
            return None

    made = rules(None, None, box, JACOBIANS[scheme](), gtol=1e-3)
    ends = together(box.project(STARTS), made, Values)
    assert all(end.reason is Reason.GTOL for end in ends)


def test_a_row_that_starts_where_nothing_is_defined_ends_alone():
    starts = np.array([[1.0, 1.0], [-4.0, 0.0], [0.5, -0.5]])
    for direction, learning_rate in itertools.product(DIRECTIONS, ["constant", *LEARNING_RATES]):
        made = rules(DIRECTIONS[direction](), rate(learning_rate), maxiter=5)
        got = together(starts, made, Ripples())
        assert got[1].reason is Reason.NONFINITE_START
        assert got[1].nit == 0
        alone = one_by_one(starts[[0, 2]], made, Ripples())
        assert_same([got[0], got[2]], alone)


@pytest.mark.parametrize("options", [{"xtol": 1e-3}, {"ftol": 1e-3}, {"patience": 3}], ids=str)
def test_rows_stop_by_every_test(options):
    made = rules(None, Constant(0.02), maxiter=200, gtol=0.0, **options)
    got = check(STARTS[1:], made, PROBLEM)
    assert len({end.nit for end in got}) > 1 or "patience" in options


def test_a_target_stops_the_rows_that_reach_it():
    made = rules(maxiter=3, gtol=0.0, target=PROBLEM.lowest + 0.5)
    got = check(STARTS[1:], made, PROBLEM)
    assert {end.reason for end in got} == {Reason.TARGET, Reason.MAXITER}


@given(st.integers(0, 1000), st.integers(1, 5), st.sampled_from(list(DIRECTIONS)))
def test_rows_of_any_bowl(seed, rows, direction):
    problem = Quadratic.random(1 + seed % 7, condition=10.0, seed=seed)
    starts = problem.start(seed, (rows,))
    check(starts, rules(DIRECTIONS[direction](), maxiter=10), problem)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_single_precision_stays_single(direction):
    class Single:
        def value(self, x):
            return float((x**2).sum())

        def gradient(self, x):
            return 2 * x

    starts = STARTS.astype(np.float32)
    for constraint in (None, Box(-0.1, 0.1), L1(0.1)):
        if constraint is not None and not DIRECTIONS[direction].proximal:
            continue
        start = starts if constraint is None else constraint.project(starts)
        made = rules(DIRECTIONS[direction](), None, constraint, maxiter=5)
        for end in together(start, made, Single()) + one_by_one(start, made, Single()):
            assert end.x.dtype == end.x_last.dtype == np.float32
