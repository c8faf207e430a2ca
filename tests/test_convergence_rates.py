"""Bounds that convergence theory proves for every iterate, on random convex functions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import Quadratic, quadratics

from skgd import (
    L1,
    Adam,
    Adaptive,
    Armijo,
    Box,
    HeavyBall,
    Method,
    Nesterov,
    Polyak,
    Schedule,
    Spectral,
    Steepest,
    gd_spsa,
)


@dataclass(frozen=True, eq=False)
class Convex:
    r"""The function :math:`\sum_i \log\cosh(a_i (x - x^*)) + \mu |x - x^*|^2 / 2`.

    Its curvature lies between mu and L and falls with the distance from its minimum, 0 at x*.
    """

    A: np.ndarray
    solution: np.ndarray
    mu: float

    @property
    def lipschitz(self) -> float:
        return float(np.linalg.norm(self.A, 2) ** 2 + self.mu)

    @property
    def rounding(self) -> float:
        """The error of a value near 0."""
        return 1e-15 * len(self.A)

    def value(self, x):
        away = x - self.solution
        z = np.abs(away @ self.A.T)
        log_cosh = z + np.log1p(np.exp(-2.0 * z)) - math.log(2.0)
        return log_cosh.sum(axis=-1) + 0.5 * self.mu * np.vecdot(away, away)

    def gradient(self, x):
        away = x - self.solution
        return np.tanh(away @ self.A.T) @ self.A + self.mu * away


@dataclass(frozen=True, eq=False)
class Kinked:
    """The function ``abs(A @ (x - solution)).sum()``, whose minimum is 0."""

    A: np.ndarray
    solution: np.ndarray

    @property
    def steepest(self) -> float:
        """A bound of all subgradients."""
        return float(np.linalg.norm(self.A, axis=1).sum())

    def value(self, x):
        return np.abs((x - self.solution) @ self.A.T).sum(axis=-1)

    def gradient(self, x):
        return np.sign((x - self.solution) @ self.A.T) @ self.A


@st.composite
def convex_functions(draw, mu: float = 0.0) -> Convex:
    n, rows = draw(st.integers(1, 8)), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    A = rng.normal(size=(rows, n)) * 10.0 ** draw(st.floats(-1.0, 1.0))
    return Convex(A, rng.normal(size=n), mu * float(np.linalg.norm(A, 2) ** 2))


@st.composite
def kinked_functions(draw) -> Kinked:
    n, rows = draw(st.integers(1, 5)), draw(st.integers(1, 10))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return Kinked(rng.normal(size=(rows, n)), rng.normal(size=n))


def iterates(method, f, x0, maxiter=60, **options):
    res = method(f.value, x0, jac=f.gradient, gtol=0.0, maxiter=maxiter, return_all=True, **options)
    return np.array(res.allvecs)


def start(f, seed=0):
    return f.solution + 3.0 * np.random.default_rng(seed).normal(size=f.solution.size)


def square(x):
    return np.vecdot(x, x)


@given(f=convex_functions())
def test_gradient_descent_on_a_convex_function_is_as_near_as_one_over_k(f):
    x = iterates(Method(Steepest(), 1.0 / f.lipschitz), f, start(f))
    k = np.arange(1, len(x))
    bound = f.lipschitz * square(x[0] - f.solution) / (2.0 * k)
    assert (f.value(x[1:]) <= bound * (1.0 + 1e-9) + f.rounding).all()


@given(f=convex_functions(mu=0.1))
def test_gradient_descent_on_a_strongly_convex_function_gains_a_fixed_share(f):
    x = iterates(Method(Steepest(), 1.0 / f.lipschitz), f, start(f))
    gap = f.value(x)
    rounding = f.rounding + 1e-15 * gap[0]
    assert (gap[1:] <= (1.0 - f.mu / f.lipschitz) * gap[:-1] + rounding).all()


@given(beta=st.floats(0.0, 0.95), curvature=st.floats(1e-3, 1e3))
def test_the_heavy_ball_is_stable_up_to_its_limit_and_not_beyond(beta, curvature):
    f = Quadratic(np.array([[curvature]]), np.zeros(1), 0.0, np.array([curvature]))
    limit = 2.0 * (1.0 + beta) / curvature
    for share, grows in ((0.9, False), (1.1, True)):
        x = iterates(Method(HeavyBall(beta), share * limit), f, [1.0], maxiter=400)
        assert bool(np.abs(x[-1]) > 1.0) is grows


@given(f=convex_functions())
def test_nesterov_on_a_convex_function_is_as_near_as_one_over_k_squared(f):
    t = 1.0 / f.lipschitz
    ahead = iterates(Method(Nesterov(restart_uphill=False), t), f, start(f))
    z = ahead - t * f.gradient(ahead)
    k = np.arange(1, len(z) + 1)
    bound = 2.0 * f.lipschitz * square(ahead[0] - f.solution) / (k + 1.0) ** 2
    assert (f.value(z) <= bound * (1.0 + 1e-9) + f.rounding).all()


@pytest.mark.parametrize("condition", [1e2, 1e3, 1e4])
def test_restarts_give_nesterov_the_rate_of_the_square_root_without_knowing_it(condition):
    q = Quadratic.random(20, condition=condition, seed=1)

    def iterations(restart_uphill):
        method = Method(Nesterov(restart_uphill=restart_uphill), 1.0 / q.lipschitz)
        aim = q.lowest + 1e-10 * (q.value(q.start()) - q.lowest)
        res = method(q.value, q.start(), jac=q.gradient, gtol=0.0, target=aim, maxiter=20_000)
        assert res.success
        return res.nit

    with_restarts = iterations(True)
    assert with_restarts <= 12.0 * math.sqrt(condition)
    assert with_restarts < iterations(False)


@given(f=convex_functions(), c1=st.sampled_from([1e-4, 0.1, 0.4]))
def test_what_a_line_search_gains_bounds_the_sum_of_all_squared_gradients(f, c1):
    x = iterates(Method(Steepest(), Armijo(initial=10.0 / f.lipschitz, c1=c1)), f, start(f))
    g = f.gradient(x[:-1])
    moved = np.linalg.norm(np.diff(x, axis=0), axis=1) * np.linalg.norm(g, axis=1)
    assert c1 * moved.sum() <= f.value(x[0]) * (1.0 + 1e-9)
    # A trial is at least a tenth of the one before, and any below 2 (1 - c1) / L is accepted.
    shortest = 0.1 * 2.0 * (1.0 - c1) / f.lipschitz
    far = f.value(x[:-1]) > 1e-9 * f.value(x[0])
    t = np.linalg.norm(np.diff(x, axis=0)[far], axis=1) / np.linalg.norm(g[far], axis=1)
    assert (t >= shortest * (1.0 - 1e-6)).all()


@given(q=quadratics(max_n=20, max_condition=1e3), formula=st.sampled_from(["long", "short"]))
def test_barzilai_borwein_is_linear_on_quadratics_without_a_monotone_value(q, formula):
    rate = Spectral(formula=formula, memory=10_000)
    x0 = q.start()
    gtol = 1e-6 * np.abs(q.gradient(x0)).max()
    # The factor per iteration is 1 - 1/condition in the long run.
    maxiter = 20 + math.ceil(2.0 * q.condition * math.log(1e6))
    res = Method(Steepest(), rate)(q.value, x0, jac=q.gradient, gtol=gtol, maxiter=maxiter)
    assert res.success, res.message


@given(f=convex_functions())
def test_the_energy_of_malitsky_and_mishchenko_never_rises(f):
    rate = Adaptive(initial=1e-3 / f.lipschitz, year=2020)
    x = iterates(Method(Steepest(), rate), f, start(f))
    # Close to the minimum the rates are quotients of rounding errors.
    x = x[np.logical_and.accumulate(f.value(x) > 1e-9 * f.value(x[0]))]
    moved = np.diff(x, axis=0)
    t = np.linalg.norm(moved, axis=1) / np.linalg.norm(f.gradient(x[:-1]), axis=1)
    growth = t[1:] / t[:-1]
    away = square(x[2:] - f.solution)
    energy = away + 0.5 * square(moved[1:]) + 2.0 * t[1:] * (1.0 + growth) * f.value(x[1:-1])
    assert (np.diff(energy) <= 1e-6 * energy[:-1]).all()


@given(f=kinked_functions())
def test_steps_of_polyak_bring_every_iterate_nearer_to_the_minimum(f):
    x = iterates(Method(Steepest(), Polyak(minimum=0.0)), f, start(f))
    away = square(x - f.solution)
    assert (np.diff(away) <= 1e-9 * away[0]).all()
    k = np.arange(1, len(x) + 1)
    best = np.minimum.accumulate(f.value(x))
    assert (best <= f.steepest * math.sqrt(away[0]) / np.sqrt(k) * (1.0 + 1e-9)).all()


@given(f=kinked_functions(), first=st.floats(0.01, 1.0))
def test_the_subgradient_method_is_as_near_as_its_falling_rates_let_it(f, first):
    x = iterates(Method(Steepest(), Schedule(lambda k: first / math.sqrt(k + 1))), f, start(f))
    t = first / np.sqrt(np.arange(1, len(x)))
    best = np.minimum.accumulate(f.value(x))[:-1]
    away = square(x[0] - f.solution)
    bound = (away + f.steepest**2 * np.cumsum(t**2)) / (2.0 * np.cumsum(t))
    assert (best <= bound * (1.0 + 1e-9)).all()


@pytest.mark.parametrize("kind", ["L1", "box"])
@given(q=quadratics(max_n=10, max_condition=100.0), seed=st.integers(0, 1000))
def test_proximal_and_projected_gradients_are_as_near_as_one_over_k(kind, q, seed):
    rng = np.random.default_rng(seed)
    size, strength = np.linalg.norm(q.solution) + 1.0, q.lipschitz
    free = rng.uniform(size=q.n) < 0.5
    side = rng.choice([-1.0, 1.0], size=q.n)
    if kind == "L1":
        best = np.where(free, side * size, 0.0)
        slope = -strength * np.where(free, side, rng.uniform(-1.0, 1.0, size=q.n))
        constraint = L1(strength)
    else:
        best = size * np.where(free, rng.uniform(-1.0, 1.0, size=q.n), side)
        slope = -strength * np.where(free, 0.0, side)
        constraint = Box(-size, size)
    # The quadratic that has this gradient at the point that shall be best.
    f = Quadratic(q.A, best - np.linalg.solve(q.A, slope), 0.0, q.eigenvalues)
    x0 = constraint.project(rng.normal(size=q.n) * size)
    x = iterates(Method(Steepest(), 1.0 / f.lipschitz), f, x0, constraints=constraint)

    def objective(x):
        return f.value(x) + (strength * np.abs(x).sum(axis=-1) if kind == "L1" else 0.0)

    k = np.arange(1, len(x))
    bound = f.lipschitz * square(x0 - best) / (2.0 * k)
    rounding = 1e-12 * (objective(x0) + np.abs(objective(best)))
    assert (objective(x[1:]) - objective(best) <= bound + rounding).all()


def test_adam_ends_at_the_worst_point_of_reddis_example_and_descent_at_the_best():
    """Slopes 3, -1, -1, 3, ...: on the average 1/3, so that -1 is the best point of [-1, 1]."""

    def end(direction):
        calls = iter(range(10**6))

        def slope(x):
            return np.array([3.0 if next(calls) % 3 == 0 else -1.0])

        rate = Schedule(lambda k: 0.1 / math.sqrt(k + 1))
        method = Method(direction, rate)
        res = method(
            lambda x: x[0] / 3.0, [0.0], jac=slope, bounds=[(-1, 1)], gtol=0.0, maxiter=3000
        )
        return res.x_last[0]

    assert end(Adam(beta1=0.0, beta2=1.0 / (1.0 + 3.0**2))) > 0.9
    assert end(Steepest()) < -0.9


@pytest.mark.parametrize("n", [5, 20])
def test_the_average_of_the_iterates_is_nearer_than_the_last_one(n):
    away = []
    for seed in range(5):
        chance = np.random.default_rng(seed)
        res = gd_spsa(
            lambda x, chance=chance: 0.5 * x @ x + 0.1 * chance.normal(),
            np.ones(n),
            maxfev=2000,
            rng=seed,
        )
        away.append((square(res.x), square(res.x_last)))
    average, last = np.sum(away, axis=0)
    assert average < 0.5 * last
