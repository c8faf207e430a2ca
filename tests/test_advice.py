"""Messages: which one a run ends with, and whether its advice is right."""

from __future__ import annotations

import numpy as np
import pytest

from skgd import (
    Central,
    Formula,
    HeavyBall,
    Method,
    Steepest,
    gd,
    gd_adam,
    gd_momentum,
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
    assert "check_gradient" not in res.message


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
