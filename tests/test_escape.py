"""Momentum carries a descent over barriers, the higher the more there is of it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from escape import MOMENTA, RATES, DoubleWell, crosses, highest_crossed, roll
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from skgd import Formula, gd_momentum

HEIGHTS = tuple(np.arange(1, 20) / 20)


@cache
def highest(momentum: float, rate: float) -> float:
    return highest_crossed(momentum, rate, HEIGHTS)


@pytest.mark.parametrize("height", [0.1, 0.9])
def test_the_wells_have_the_heights_that_they_are_named_for(height):
    well = DoubleWell(height)
    assert [well.fun([x]) for x in (1.0, 0.0, -1.0)] == [0.0, height, -1.0]
    assert well.fun([2**0.5]) == pytest.approx(1.0)
    for x in (1.3, 1.0, 0.4, 0.0, -0.6, -1.3):
        slope = approx_fprime([x], well.fun)
        np.testing.assert_allclose(well.jac(np.array([x])), slope, atol=1e-5)


@pytest.mark.parametrize("rate", RATES)
def test_the_more_momentum_the_higher_the_barrier_that_is_crossed(rate):
    heights = [highest(momentum, rate) for momentum in MOMENTA]
    assert heights == sorted(heights)


@pytest.mark.parametrize("momentum", MOMENTA)
def test_the_larger_the_learning_rate_the_higher_the_barrier_that_is_crossed(momentum):
    heights = [highest(momentum, rate) for rate in RATES]
    assert heights == sorted(heights)


@pytest.mark.parametrize("momentum", [0.9, 0.95, 0.99])
def test_above_the_highest_barrier_that_is_crossed_none_is(momentum):
    limit = highest(momentum, 0.01)
    assert [crosses(height, momentum, 0.01) for height in HEIGHTS] == [
        height <= limit for height in HEIGHTS
    ]


@given(height=st.floats(1e-3, 2.0), rate=st.floats(0.005, 0.05))
def test_without_momentum_no_barrier_is_crossed(height, rate):
    # The curvature on the way is at most 20; below the rate 1/20 no step can pass the minimum.
    result = roll(height, 0.0, rate)
    assert result.success
    assert result.x_last[0] == pytest.approx(1.0, abs=1e-5)


def test_no_momentum_climbs_higher_than_the_start():
    assert not crosses(1.02, 0.999, 0.0025)


def test_the_heights_that_are_crossed_are_those_in_the_documentation():
    heights = [highest(momentum, 0.01) for momentum in MOMENTA]
    assert heights == pytest.approx([0.0, 0.0, 0.0, 0.02, 0.42, 0.88], abs=0.05)


@pytest.mark.parametrize("friction", [0.1, 0.2, 0.5])
def test_friction_alone_decides_how_high_the_ball_climbs(friction):
    # Up to the error of time steps of sqrt(rate), in which the friction is (1 - momentum) / step.
    heights = [highest(1 - friction * rate**0.5, rate) for rate in RATES]
    assert np.ptp(heights) <= 0.15
    assert min(heights) > 0.3


@pytest.mark.parametrize(("momentum", "end"), [(0.0, 3.5953), (0.8, -1.2524)])
def test_on_the_curve_of_the_article_momentum_reaches_the_global_minimum(momentum, end):
    curve = Formula("x**2 + 8*sin(x)")
    result = gd_momentum(curve, 10, learning_rate=0.05, momentum=momentum)
    assert result.success
    assert result.x == result.x_last == pytest.approx(end, abs=1e-4)
