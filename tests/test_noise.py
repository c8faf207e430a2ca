"""Noisy values: how the noise is estimated, and what a run makes of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skgd import METHODS, Central, Forward, gd, gd_adam, gd_momentum, gd_spectral
from skgd.noise import NODES, Noise, noise_level

EXACT = {name: method for name, method in METHODS.items() if name != "gd_spsa"}
SIZES = [1e-12, 1e-9, 1e-6, 1e-3, 1.0, 100.0]
A = np.linspace(1, 10, 10)


def smooth(x):
    return float(np.sum((x - 1) ** 2) + np.prod(np.cos(x)))


def parabola(x):
    return float(0.5 * (A * (x - 1) ** 2).sum())


def gaussian(size, chance):
    return lambda x: smooth(x) + chance.normal(0, size)


def uniform(size, chance):
    return lambda x: smooth(x) + chance.uniform(-1, 1) * math.sqrt(3) * size


def rounded(size, chance):
    unit = size * math.sqrt(12)
    return lambda x: np.round(smooth(x) / unit) * unit


def rippled(size, chance):
    return lambda x: smooth(x) + size * math.sqrt(2) * math.sin(1e6 * x.sum() + 1)


def answered(asking, f):
    """Return what a generator of probes returns, and the points that it asked for."""
    points, answer = [], None
    while True:
        try:
            request = asking.send(answer)
        except StopIteration as done:
            return done.value, points
        these = [request.point(i) for i in range(len(request))]
        answer = np.array([f(x) for x in these])
        points += these


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", [gaussian, uniform, rippled, rounded])
def test_the_noise_is_estimated_within_a_factor_of_four(kind, size):
    estimates = []
    for seed in range(11):
        chance = np.random.default_rng(seed)
        f, x = kind(size, chance), chance.uniform(-2, 2, 3)
        (level, value), points = answered(Noise().measure(x, None), f)
        assert math.isfinite(value)
        assert len(points) <= 40
        estimates.append(level / size)
    # Digits that are cut off may hide from a few values; chance may not.
    few = 1 if kind is rounded else 0
    inside = [0.25 <= estimate <= 4 for estimate in estimates]
    assert inside.count(False) <= few
    assert 0.5 <= np.median(estimates) <= 2


@given(size=st.floats(1e-6, 1e6), slope=st.floats(-1e3, 1e3), curvature=st.floats(-1e3, 1e3))
def test_the_table_is_blind_to_what_is_smooth(size, slope, curvature):
    noise = size * np.random.default_rng(3).standard_normal(NODES.size)
    t = NODES / 1e4
    alone, _ = noise_level(noise)
    level, _ = noise_level(noise + size * (slope * t + curvature * t * t))
    assert alone / 2 <= level <= 2 * alone


def test_an_exact_function_has_the_noise_of_rounding():
    (level, _), points = answered(Noise().measure(np.array([0.3, 2.0]), None), smooth)
    assert 0.1 * np.finfo(float).eps <= level <= 1e-14
    assert len(points) == NODES.size


def test_a_constant_has_no_noise_but_rounding():
    (level, _), _ = answered(Noise().measure(np.array([0.3]), None), lambda x: 5.0)
    assert level == 5 * np.finfo(float).eps


def test_values_that_are_not_finite_tell_no_noise():
    (level, value), _ = answered(Noise().measure(np.array([0.3]), None), lambda x: math.nan)
    assert math.isnan(level)
    assert value is None


def test_values_of_a_table_that_are_not_finite_are_left_out():
    chance, levels = np.random.default_rng(1), []
    for _ in range(200):
        values = np.exp(NODES / 100) + chance.normal(0, 1e-4, NODES.size)
        values[chance.choice(NODES.size, 3, replace=False)] = np.nan
        levels.append(noise_level(values)[0])
    assert np.mean(np.isfinite(levels)) >= 0.9
    assert 0.5e-4 <= np.nanmedian(levels) <= 2e-4
    low, high = np.nanquantile(levels, [0.05, 0.95])
    assert low >= 2e-5
    assert high <= 4e-4


@pytest.mark.parametrize("gradient", ["2-point", "3-point"])
@pytest.mark.parametrize("name", ["gd", "gd_momentum", "gd_spectral", "gd_adam"])
def test_differences_that_vanish_in_rounded_values_are_no_success(name, gradient):
    res = METHODS[name](
        lambda x: round(parabola(x), 1), np.zeros(10), noise="auto", gradient=gradient
    )
    assert not res.success
    assert parabola(res.x) <= 10 * res.noise


def test_a_tolerance_above_what_noise_makes_of_a_gradient_can_be_met():
    chance = np.random.default_rng(1)
    res = gd_spectral(
        lambda x: parabola(x) + 1e-8 * chance.normal(), np.zeros(10), noise="auto", gtol=0.05
    )
    assert res.success
    assert abs(A * (res.x - 1)).max() <= 0.1


def test_a_noise_that_was_not_measured_is_not_reported():
    res = gd(lambda x: x @ x, np.ones(3), noise="auto", maxfev=3)
    assert "noise" not in res


@given(
    low=st.floats(-10, 0),
    high=st.floats(0, 10),
    share=st.floats(0, 1),
    tiny=st.sampled_from([1e-9, 1]),
)
def test_the_estimate_stays_inside_the_bounds(low, high, share, tiny):
    box = tiny * np.array([low, -1.0]), tiny * np.array([high, 1.0])
    x = np.clip(box[0] + share * (box[1] - box[0]), *box)
    _, points = answered(Noise().measure(x, box), gaussian(0.1, np.random.default_rng(1)))
    assert all(((box[0] <= point) & (point <= box[1])).all() for point in points)


@pytest.mark.parametrize("size", [1e-8, 1e-4, 1e-1], ids=str)
@pytest.mark.parametrize("method", EXACT.values(), ids=EXACT)
def test_every_method_gets_as_near_as_the_noise_lets_it(method, size):
    for noise in ("auto", size):
        chance = np.random.default_rng(7)

        def f(x, chance=chance):
            return parabola(x) + chance.normal(0, size)

        res = method(f, np.full(10, 3.0), noise=noise, maxfev=20_000)
        # Theory: a few n sigma sqrt(condition).
        assert parabola(res.x) <= 4 * A.size * size * math.sqrt(10)
        assert not res.success
        assert res.nfev < 20_000, "it ends before the budget does"
        assert "noise" in res.message
        assert size / 4 <= res.noise <= 4 * size
        assert res.steps.shape == (10,)


@pytest.mark.parametrize("method", [gd, gd_momentum, gd_adam, gd_spectral], ids=lambda m: m.name)
def test_without_the_option_noise_is_fatal(method):
    chance = np.random.default_rng(7)
    res = method(lambda x: parabola(x) + chance.normal(0, 1e-4), np.full(10, 3.0), maxfev=5000)
    assert parabola(res.x) > 0.1
    assert not res.success


@pytest.mark.parametrize("method", EXACT.values(), ids=EXACT)
def test_no_noise_and_a_noise_of_zero_change_nothing(method):
    plain = method(parabola, np.full(10, 3.0))
    zero = method(parabola, np.full(10, 3.0), noise=0)
    assert (plain.nfev, plain.nit, plain.message) == (zero.nfev, zero.nit, zero.message)
    np.testing.assert_array_equal(plain.x, zero.x)
    assert "noise" not in plain
    assert zero.noise == 0
    assert "steps" not in zero


@pytest.mark.parametrize("method", EXACT.values(), ids=EXACT)
def test_the_estimate_leaves_exact_functions_convergent(method):
    res = method(parabola, np.full(10, 3.0), noise="auto", gtol=1e-4)
    assert res.success
    assert abs(res.jac).max() <= 1e-4


def test_steps_follow_the_curvature_of_each_coordinate():
    curvature = np.array([1e-4, 1.0, 1e4])
    chance = np.random.default_rng(5)

    def f(x):
        return 0.5 * curvature @ x**2 + chance.normal(0, 1e-3)

    for _ in range(5):
        res = gd(f, [1.0, 1.0, 1.0], noise=1e-3, maxiter=0)
        best = 8**0.25 * np.sqrt(1e-3 / curvature)
        assert (best / 3 <= res.steps).all()
        assert (res.steps <= 3 * best).all()


def test_steps_of_central_differences_follow_the_third_derivative():
    def f(x):
        return np.exp(x[0]) + np.exp(10 * x[1]) / 10 + chance.normal(0, 1e-6)

    chance = np.random.default_rng(5)
    res = gd(f, [0.0, 0.0], noise=1e-6, gradient="3-point", maxiter=0)
    best = np.cbrt(3e-6 / np.array([1.0, 100.0]))
    assert (best / 3 <= res.steps).all()
    assert (res.steps <= 3 * best).all()


@pytest.mark.parametrize("method", [gd_momentum, gd_adam, gd_spectral], ids=lambda m: m.name)
def test_steps_are_found_anew_where_the_curvature_is_another(method):
    def exact(x):
        return float((np.cosh(x) - 1).sum())

    chance = np.random.default_rng(3)
    res = method(lambda x: exact(x) + chance.normal(0, 0.01), np.full(10, 8.0), noise="auto")
    assert exact(res.x) <= 0.1
    # At the start the curvature is a thousand times that at the end.
    assert (res.steps >= 0.03).all()


@pytest.mark.parametrize("scheme", [Forward, Central])
def test_given_steps_are_kept(scheme):
    res = gd(parabola, np.full(10, 3.0), jac=scheme(step=0.5), noise=0.1, maxiter=1)
    assert "steps" not in res
    assert res.nfev < 25 + A.size * 3


@pytest.mark.parametrize("gradient", ["2-point", "3-point"])
def test_probes_of_a_noisy_run_stay_inside_the_bounds(gradient):
    low, high = np.full(10, 0.5), np.r_[np.full(5, 0.8), np.full(4, 5.0), 0.5]
    chance = np.random.default_rng(2)

    def f(x):
        assert ((low <= x) & (x <= high)).all()
        return parabola(x) + chance.normal(0, 0.01)

    bounds = np.stack((low, high), axis=-1)
    res = gd(f, np.full(10, 0.5), bounds=bounds, gradient=gradient, noise="auto", maxfev=5000)
    ideal = np.clip(np.ones(10), low, high)
    assert parabola(res.x) - parabola(ideal) < 0.5


def test_a_flat_direction_is_no_problem():
    chance = np.random.default_rng(2)
    res = gd(lambda x: x[0] ** 2 + chance.normal(0, 0.01), [2.0, 1.0, 0.0], noise="auto")
    assert abs(res.x[0]) < 0.5
    assert np.isfinite(res.steps).all()


def test_an_ftol_below_the_noise_is_no_success():
    def run(ftol):
        chance = np.random.default_rng(2)
        f = lambda x: parabola(x) + chance.normal(0, 0.01)  # noqa: E731
        return gd(f, np.full(10, 3.0), noise=0.01, ftol=ftol)

    assert "ftol" in run(1e-6).message
    assert not run(1e-6).success
    assert run(0.5).success


def test_anything_else_is_refused_by_name():
    for wrong in ("exact", -1.0, math.nan, [1.0], True, object()):
        with pytest.raises(ValueError, match=r"^noise must be None, 'auto' or"):
            gd(parabola, np.ones(10), noise=wrong)


def test_the_budget_holds_while_the_noise_is_measured():
    for maxfev in range(1, 60):
        calls = []

        def f(x, calls=calls):
            calls.append(1)
            return parabola(x) + 0.01 * math.sin(1e5 * x.sum())

        res = gd(f, np.full(10, 3.0), noise="auto", maxfev=maxfev)
        assert len(calls) == res.nfev <= maxfev
        assert np.isfinite(res.fun)


@pytest.mark.parametrize("name", ["gd_adam", "gd_nadam", "gd_rmsprop"])
def test_iterates_under_rates_of_their_own_are_averaged_as_far_as_they_swarm(name):
    for seed in range(2):
        chance = np.random.default_rng(seed)

        def f(x, chance=chance):
            return parabola(x) + chance.normal()

        res = METHODS[name](f, np.zeros(10), gradient="spsa", maxfev=10_000, rng=seed)
        assert parabola(res.x) <= 0.002
