"""The steps of differences under noise, against the formulas that balance both errors."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from requesting import answered

from skgd.steps import Intervals, central, forward

sizes = st.floats(1e-3, 1e3)


@given(sizes, sizes, st.floats(1e-9, 1e-3))
def test_forward_steps_balance_curvature_against_noise(curvature, interval, share):
    # The curvature shows over the interval.
    noise = share * curvature * interval**2
    found = Intervals(np.array([interval]), np.array([curvature * interval**2]), np.zeros(1))
    expected = 8**0.25 * np.sqrt(noise / curvature)
    np.testing.assert_allclose(forward(found, noise), expected)


@given(sizes, sizes, st.floats(1e-6, 0.3))
def test_central_steps_balance_the_third_derivative_against_noise(third, interval, share):
    def f(x):
        return third * float(x[0]) ** 3 / 6

    # The third derivative shows, over the interval or over one that is three times as long.
    noise = share * third * interval**3
    found = Intervals(np.array([interval]), np.zeros(1), np.zeros(1))
    steps = answered(central(np.zeros(1), 0.0, noise, found, None), f)
    np.testing.assert_allclose(steps, np.cbrt(3 * noise / third), rtol=1e-9)
