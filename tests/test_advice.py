"""Messages: which one a run ends with, and whether its advice is right."""

from __future__ import annotations

import numpy as np
import pytest

from skgd import (
    METHODS,
    Central,
    Formula,
    HeavyBall,
    InverseTime,
    Method,
    Steepest,
    gd,
    gd_adam,
    gd_adaptive,
    gd_momentum,
    gd_rprop,
    gd_spectral,
)

CURVATURES = np.array([2.0, 20.0])


def bowl(x):
    with np.errstate(over="ignore"):
        return 0.5 * float(CURVATURES @ (x * x))


def bowl_slope(x):
    return CURVATURES * x


@pytest.mark.parametrize("rate", [0.2, 1.0, 1e3, 1e200])
def test_a_rate_that_is_too_large_is_found_out_and_a_better_one_advised(rate):
    res = gd(bowl, [3.0, -4.0], jac=bowl_slope, learning_rate=rate)
    assert not res.success
    assert "diverges" in res.message or "not finite" in res.message
    assert res.nfev < 200
    assert res.fun <= bowl(np.array([3.0, -4.0]))


@pytest.mark.parametrize("direction", [Steepest(), HeavyBall(0.5)])
def test_the_advised_rate_converges(direction):
    diverging = Method(direction, 0.5)(bowl, [3.0, -4.0], jac=bowl_slope)
    assert diverging.status == 5
    advised = float(diverging.message.split("suggests ")[1].split(",")[0])
    assert Method(direction, advised)(bowl, [3.0, -4.0], jac=bowl_slope).success


def test_a_climb_out_of_a_minimum_is_no_divergence():
    f = Formula("x**2 + 8*sin(x)")
    res = gd_momentum(f, 10, jac=f.jac, learning_rate=0.05, momentum=0.8)
    assert res.success
    assert res.x[0] == pytest.approx(-1.2523532, abs=1e-5)


@pytest.mark.parametrize("method", [gd, gd_adam, gd_spectral])
def test_a_function_without_a_minimum_is_named_as_such(method):
    res = method(lambda x: float(x[0]), [1.0], jac=lambda x: np.ones(1), maxiter=400)
    assert not res.success
    assert "no minimum" in res.message


def test_a_gradient_by_differences_is_not_sent_to_the_gradient_check():
    noise = np.random.default_rng(0)

    def noisy(x):
        return bowl(x) * (1.0 + 1e-4 * noise.standard_normal())

    res = gd_spectral(noisy, [3.0, -4.0])
    assert not res.success
    assert "noisy" in res.message
    assert "set noise='auto'" in res.message
    assert "check_gradient" not in res.message


@pytest.mark.parametrize("limit", [{"maxiter": 500}, {"maxfev": 1000}])
def test_a_gradient_by_differences_that_does_not_fall_may_be_noise(limit):
    noise = np.random.default_rng(0)

    def noisy(x):
        return bowl(x) + 0.01 * noise.standard_normal()

    res = gd_momentum(noisy, [3.0, -4.0], learning_rate=0.05, **limit)
    assert "has not fallen: if the values are noisy, set noise='auto'" in res.message
    res = gd_momentum(bowl, [3.0, -4.0], learning_rate=1e-3, gtol=0.0, **limit)
    assert "noisy" not in res.message


def test_a_wrong_gradient_is_sent_to_the_gradient_check():
    res = gd_spectral(bowl, [3.0, -4.0], jac=lambda x: -bowl_slope(x))
    assert not res.success
    assert "check_gradient" in res.message


def test_a_formula_brings_its_own_gradient():
    f = Formula("x**2 + 8*sin(x)")
    res = gd_spectral(f, 10)
    assert res.nfev == gd_spectral(f, 10, jac=f.jac).nfev
    assert gd_spectral(f, 10, jac=Central()).nfev > res.nfev
    assert gd_spectral(f, 10, gradient="2-point").nfev > res.nfev


def test_a_falling_rate_that_starts_too_large_is_no_divergence():
    res = gd(bowl, [1.0, 1.0], jac=bowl_slope, learning_rate=InverseTime(1.0))
    assert res.success, res.message


def test_rprop_is_no_divergence_while_its_steps_find_their_sizes():
    scale = np.array([1e5, 1e-5])

    def fun(x):
        return float(((scale * x - 1.0) ** 2).sum())

    res = gd_rprop(fun, [3e-5, 3e5], jac=lambda x: 2.0 * scale * (scale * x - 1.0))
    assert res.success, res.message


def test_a_gradient_that_hardly_changes_is_no_standstill():
    res = gd_adaptive(
        lambda x: float(np.sqrt(1.0 + (x[0] - 1e6) ** 2)),
        [0.0],
        jac=lambda x: (x - 1e6) / np.sqrt(1.0 + (x - 1e6) ** 2),
    )
    assert res.success, res.message
    assert res.x[0] == pytest.approx(1e6, rel=1e-9)


def test_ritz_values_that_overflow_end_no_run_with_an_error():
    res = gd_spectral(
        lambda x: 1e200 * float((x - 1.0) @ (x - 1.0)), [3.0], jac=lambda x: 2e200 * (x - 1.0)
    )
    assert not res.success
    assert res.fun <= 4e200


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@pytest.mark.parametrize("width", [1e-8, 1e-6])
def test_differences_see_the_slope_between_narrow_bounds(method, width):
    target = width * np.array([0.6, 0.3])

    def fun(x):
        return float(((x - target) / width) @ ((x - target) / width))

    res = method(fun, [0.0, 0.0], bounds=[(0.0, width)] * 2)
    # A first step may end on the far side; what must not be is a success that is none.
    assert res.fun <= 1e-10 or not (res.success or method is gd_spectral)


def test_a_value_counts_even_where_its_gradient_is_not_finite():
    def slope(x):
        return 2.0 * (x - 1.0) if x[0] > 0.6 else np.full(1, np.nan)

    res = gd(
        lambda x: float((x[0] - 1.0) ** 2) if x[0] > 0.6 else -1.0,
        [1.3],
        jac=slope,
        learning_rate=1.2,
    )
    assert res.fun == -1.0
    assert not res.success
