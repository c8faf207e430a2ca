"""What the theory promises, and what every method promises, on random strongly convex functions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import Quadratic, quadratics
from scipy.optimize import minimize, rosen, rosen_der

from skgd import METHODS, Formula, HeavyBall, Method, Nesterov, Steepest, gd, gd_spectral

EVERY_METHOD = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
SCHEMES = {
    "analytic": lambda q: {"jac": q.gradient},
    "2-point": lambda q: {"options": {"gradient": "2-point"}},
    "3-point": lambda q: {"options": {"gradient": "3-point"}},
    "cs": lambda q: {"options": {"gradient": "cs"}},
}


def complex_value(q: Quadratic):
    """Return the quadratic without conjugation or conversion, so that complex x passes."""
    return lambda x: 0.5 * ((x - q.solution) @ (q.A @ (x - q.solution))) + q.lowest


@EVERY_METHOD
@given(q=quadratics(max_n=50, max_condition=20.0))
def test_every_method_converges_on_well_conditioned_quadratics(method, q):
    gtol = 1e-6 * q.lipschitz * np.abs(q.solution - q.start()).max()
    res = minimize(q.value, q.start(), jac=q.gradient, method=method, options={"gtol": gtol})
    assert res.success, res.message
    assert np.abs(q.gradient(res.x)).max() <= gtol


@EVERY_METHOD
@given(q=quadratics(max_n=20, max_condition=1e6))
def test_success_is_claimed_only_at_a_stationary_point(method, q):
    x0 = q.start()
    res = method(q.value, x0, jac=q.gradient, maxiter=300)
    assert res.fun <= q.value(x0)
    assert res.success == (res.status == 0)
    if res.success:
        assert np.abs(q.gradient(res.x)).max() <= 1e-5


@EVERY_METHOD
@pytest.mark.parametrize("scheme", SCHEMES)
@given(seed=st.integers(0, 1000), n=st.integers(1, 6))
def test_every_method_works_with_every_gradient_scheme(method, scheme, seed, n):
    q = Quadratic.random(n, condition=5.0, seed=seed)
    res = minimize(
        complex_value(q),
        q.start(seed),
        method=method,
        **SCHEMES[scheme](q),
    )
    # Forward differences end where their own error, about 1e-8 times the curvature, lets them.
    assert res.fun - q.lowest <= 1e-8
    assert res.success, res.message


@EVERY_METHOD
@given(q=quadratics(max_n=10, max_condition=10.0), side=st.sampled_from([-1.0, 1.0]))
def test_every_method_finds_the_minimum_on_a_face_of_a_box(method, q, side):
    # The box ends half-way between start and solution in the first coordinate.
    x0 = q.start()
    lower, upper = np.full(q.n, -np.inf), np.full(q.n, np.inf)
    wall = 0.5 * (x0[0] + q.solution[0])
    if x0[0] >= q.solution[0]:
        lower[0] = wall
    else:
        upper[0] = wall
    gtol = 1e-6 * q.lipschitz * np.abs(q.solution - x0).max()
    evaluated = []

    def fun(x):
        evaluated.append(x)
        return q.value(x)

    bounds = list(zip(lower, upper, strict=True))
    res = minimize(fun, x0, jac=q.gradient, bounds=bounds, method=method, options={"gtol": gtol})
    points = np.array(evaluated)
    assert (points >= lower).all()
    assert (points <= upper).all()
    assert res.success, res.message
    assert res.x[0] == wall
    g = q.gradient(res.x)
    assert np.abs(res.x - np.clip(res.x - g, lower, upper)).max() <= gtol


@given(q=quadratics(max_n=30, max_condition=1e3))
def test_gradient_descent_contracts_a_quadratic_at_its_rate(q):
    """With t = 2/(L + mu) each step contracts by (k - 1)/(k + 1) at least."""
    t = 2.0 / (q.eigenvalues.max() + q.eigenvalues.min())
    res = gd(
        q.value, q.start(), jac=q.gradient, learning_rate=t, gtol=0, maxiter=25, return_all=True
    )
    distance = np.linalg.norm(np.array(res.allvecs) - q.solution, axis=1)
    rate = (q.condition - 1.0) / (q.condition + 1.0)
    rounding = 1e-9 * np.linalg.norm(q.solution) + 1e-9 * distance[0]
    assert (distance[1:] <= rate * distance[:-1] + rounding).all()


def fitted_rate(method, q, iterations):
    """Return the mean factor by which the distance shrinks in an iteration."""
    res = method(q.value, q.start(), jac=q.gradient, gtol=0, maxiter=iterations, return_all=True)
    distance = np.linalg.norm(np.array(res.allvecs) - q.solution, axis=1)
    return (distance[-1] / distance[iterations // 2]) ** (2.0 / iterations)


@pytest.mark.parametrize("condition", [10.0, 100.0, 1000.0])
def test_the_heavy_ball_reaches_the_rate_of_the_square_root(condition):
    q = Quadratic.random(20, condition=condition, seed=1)
    root = math.sqrt(condition)
    momentum = ((root - 1.0) / (root + 1.0)) ** 2
    t = (2.0 / (math.sqrt(q.eigenvalues.max()) + math.sqrt(q.eigenvalues.min()))) ** 2
    ball = Method(direction=HeavyBall(momentum), learning_rate=t)
    iterations = 6 * int(root)
    rate = fitted_rate(ball, q, iterations)
    # The double root of the recursion makes the distance k * momentum**(k/2): in the second half
    # of the run the factor k doubles.
    assert rate <= math.sqrt(momentum) * 2.0 ** (2.0 / iterations)


@pytest.mark.parametrize("condition", [10.0, 100.0, 1000.0])
def test_nesterov_reaches_the_rate_of_the_square_root(condition):
    q = Quadratic.random(20, condition=condition, seed=1)
    root = math.sqrt(condition)
    ahead = Nesterov(momentum=(root - 1.0) / (root + 1.0), restart_uphill=False)
    method = Method(direction=ahead, learning_rate=1.0 / q.lipschitz)
    iterations = 6 * int(root)
    rate = fitted_rate(method, q, iterations)
    assert rate <= (1.0 - 1.0 / root) * 2.0 ** (2.0 / iterations)
    plain = fitted_rate(Method(Steepest(), 1.0 / q.lipschitz), q, iterations)
    assert rate < plain


@given(q=quadratics(max_n=20, max_condition=1e4))
def test_a_monotone_line_search_descends_in_every_iteration(q):
    res = gd(q.value, q.start(), jac=q.gradient, learning_rate="armijo", history=True, maxiter=50)
    values = res.history["fun"]
    rounding = 8 * np.finfo(float).eps * np.abs(values).max()
    assert (np.diff(values) <= rounding).all()


@given(seed=st.integers(0, 99))
def test_plain_gradient_descent_never_climbs(seed):
    x0 = np.random.default_rng(seed).uniform(-2, 2, 4)
    res = gd(rosen, x0, jac=rosen_der, history=True, maxiter=100)
    assert (np.diff(res.history["fun"]) <= 1e-13 * rosen(x0)).all()


@given(seed=st.integers(0, 99))
def test_a_few_eigenvalues_cost_the_spectral_method_a_few_sweeps(seed):
    rng = np.random.default_rng(seed)
    scales = np.repeat(10.0 ** rng.uniform(0, 3, 3), 10)
    res = gd_spectral(lambda x: x @ (scales * x), rng.normal(size=30), jac=lambda x: 2 * scales * x)
    assert res.success
    assert res.nit <= 25


@EVERY_METHOD
def test_every_method_lowers_rosenbrock_from_any_start(method):
    rng = np.random.default_rng(3)
    for x0 in rng.uniform(-2, 2, size=(5, 4)):
        res = minimize(rosen, x0, jac=rosen_der, method=method, options={"maxiter": 500})
        assert res.fun < 0.1 * rosen(x0)


@EVERY_METHOD
def test_a_start_at_the_minimum_is_a_success_without_an_iteration(method):
    res = minimize(lambda x: x @ x, [0.0, 0.0], jac=lambda x: 2 * x, method=method)
    assert res.success
    assert (res.nit, res.nfev) == (0, 1)
    np.testing.assert_array_equal(res.x, [0.0, 0.0])


def test_zeros_of_an_l1_penalty_are_exact():
    from skgd import L1

    q = Quadratic.random(10, condition=5.0, seed=4)
    res = gd_spectral(
        q.value, q.start(), jac=q.gradient, constraints=L1(0.5 * q.lipschitz), gtol=1e-8
    )
    assert res.success, res.message
    zero = res.x == 0.0
    assert 0 < zero.sum() < zero.size
    g = q.gradient(res.x)
    strength = 0.5 * q.lipschitz
    assert (np.abs(g[zero]) <= strength + 1e-7).all()
    np.testing.assert_allclose(g[~zero], -strength * np.sign(res.x[~zero]), atol=1e-7)


DIRECT = ("gd", "gd_momentum", "gd_nesterov", "gd_adaptive", "gd_spectral")


@pytest.mark.parametrize("name", DIRECT)
def test_the_articles_quadratic_takes_few_iterations_by_default(name):
    f = Formula("(x - 10)**2")
    res = minimize(f, 30, jac=f.jac, method=METHODS[name])
    assert res.success
    assert res.nit <= 10
    assert res.x[0] == pytest.approx(10.0, abs=1e-5)


@EVERY_METHOD
def test_the_articles_surface_ends_in_the_ring_or_at_the_origin_and_the_value_says_which(method):
    f = Formula("sin(x**2 + y**2)")
    res = minimize(f, [0.0, -1.2], jac=f.jac, method=method)
    assert res.success
    at_the_origin = np.abs(res.x).max() <= 1e-5
    assert abs(res.fun + 1.0) <= 1e-8 or (at_the_origin and abs(res.fun) <= 1e-9)
