"""What simultaneous perturbation remembers of a run, and what it makes of it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from requesting import answered

from skgd.jacobians import SPSA, Ground


def an_estimator(f, x, iterations=200, **options):
    ground = Ground(iterations=iterations, rng=0)
    return answered(SPSA(**options).prepare(x, None, ground), f)[0]


class Told:
    """A source of random signs that are told."""

    def __init__(self, signs):
        self.signs = np.array(signs)

    def integers(self, low, high, shape):
        return ((self.signs + 1) // 2).reshape(shape)


@given(
    st.lists(st.floats(-5, 5), min_size=3, max_size=3),
    st.lists(st.floats(-5, 5), min_size=3, max_size=3),
    st.floats(0, 1),
)
def test_what_is_remembered_leaves_the_estimate_right_on_the_average(slope, remembered, share):
    slope, x = np.array(slope), np.ones(3)
    estimates = []
    for signs in itertools.product((-1, 1), repeat=3):
        scheme = an_estimator(lambda x: slope @ x, x, step=0.1, eval_every=0)
        scheme.cautious = False
        scheme._mean = np.array(remembered)
        # So many that a single draw does not change them.
        scheme._covariance, scheme._variance = share * 1e15, 1e15
        scheme._chance = Told(signs)
        estimates.append(answered(scheme.evaluate(x, None, None), lambda x: slope @ x)[1])
    np.testing.assert_allclose(np.mean(estimates, axis=0), slope, atol=1e-9)


def test_a_gradient_that_is_remembered_rightly_is_told_without_noise():
    slope, x = np.array([1.0, -2.0, 3.0]), np.ones(3)
    scheme = an_estimator(lambda x: slope @ x, x, step=0.1, eval_every=0)
    scheme.cautious = False
    scheme._mean, scheme._covariance, scheme._variance = slope.copy(), 1e15, 1e15
    for _ in range(5):
        _, g = answered(scheme.evaluate(x, None, None), lambda x: slope @ x)
        np.testing.assert_allclose(g, slope, rtol=1e-9)


@pytest.mark.parametrize("gamma", [0.0, 0.2, 1.0])
def test_given_perturbations_shrink_as_the_power_says(gamma):
    x = np.ones(2)
    scheme = an_estimator(lambda x: x @ x, x, step=0.7, gamma=gamma, eval_every=0)
    for _ in range(50):
        answered(scheme.evaluate(x, 2.0, None), lambda x: x @ x)
    np.testing.assert_allclose(scheme.report()["steps"], 0.7 * (1 + 50 / 21) ** -gamma)


def test_the_value_that_is_told_is_that_of_the_iterate_but_for_noise():
    def f(x):
        return 3.0 * float(x @ x)

    x = np.array([1.0, -2.0])
    scheme = an_estimator(f, x, step=0.5)
    for measured in (True, False, False):
        value, _ = answered(scheme.evaluate(x, None, None), f)
        assert scheme.measured is measured
        assert value == pytest.approx(f(x), rel=1e-2)
