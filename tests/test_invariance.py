"""What must not change the path: units of the function, of the variables, and rotation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import Quadratic

from skgd import METHODS

ROTATION_INVARIANT = ("gd", "gd_momentum", "gd_nesterov", "gd_adaptive", "gd_spectral")


def path(method, fun, jac, x0, **options):
    """Return the first iterates."""
    res = method(fun, x0, jac=jac, gtol=0, maxiter=12, return_all=True, **options)
    return np.array(res.allvecs)


def double_well(x):
    return float(np.sum(0.25 * x**4 - 0.5 * x**2 + 0.1 * x))


def double_well_slope(x):
    return x**3 - x + 0.1


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@given(power=st.integers(-30, 30), seed=st.integers(0, 1000))
def test_a_factor_of_the_function_changes_no_iterate(method, power, seed):
    # A power of two, so that rounding is the same on both sides.
    factor = 2.0**power
    x0 = np.random.default_rng(seed).uniform(-2, 2, size=3)
    one = path(method, double_well, double_well_slope, x0)
    other = path(
        method, lambda x: factor * double_well(x), lambda x: factor * double_well_slope(x), x0
    )
    np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@given(shift=st.floats(-10, 10), seed=st.integers(0, 1000))
def test_a_constant_added_to_the_function_changes_no_iterate(method, shift, seed):
    q = Quadratic.random(4, condition=5.0, seed=seed)
    one = path(method, q.value, q.gradient, q.start(seed))
    other = path(method, lambda x: q.value(x) + shift, q.gradient, q.start(seed))
    # Values are compared by line searches; their rounding changes with the shift.
    np.testing.assert_allclose(other[:6], one[:6], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@given(power=st.integers(-20, 20), seed=st.integers(0, 1000))
def test_a_common_unit_of_the_variables_changes_no_iterate(method, power, seed):
    unit = 2.0**power
    x0 = np.random.default_rng(seed).uniform(-2, 2, size=3)
    one = path(method, double_well, double_well_slope, x0)
    other = path(
        method,
        lambda x: double_well(x / unit),
        lambda x: double_well_slope(x / unit) / unit,
        x0 * unit,
    )
    np.testing.assert_allclose(other / unit, one, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ROTATION_INVARIANT)
@given(seed=st.integers(0, 1000))
def test_a_rotation_turns_the_path(name, seed):
    q = Quadratic.random(5, condition=10.0, seed=seed)
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(5, 5)))
    x0 = q.start(seed)
    one = path(METHODS[name], q.value, q.gradient, x0)
    other = path(
        METHODS[name],
        lambda z: q.value(rotation @ z),
        lambda z: rotation.T @ q.gradient(rotation @ z),
        rotation.T @ x0,
    )
    np.testing.assert_allclose(other @ rotation.T, one, rtol=1e-6, atol=1e-7)
