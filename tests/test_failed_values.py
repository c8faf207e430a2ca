"""Values that are not finite beside points where the function is: gradients find another way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from test_jacobians import DIFFERENCES, ask, every_difference
from test_spsa import Noisy

from skgd import Central, Forward, gd, gd_spsa


def walled(x):
    """A function that is defined on one side only, and curved."""
    return float(np.exp(x).sum()) if x[1] <= 0.5 else math.nan


@pytest.mark.parametrize("scheme", [Forward(), Central()], ids=repr)
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_probe_that_fails_is_answered_from_the_other_side(scheme, value):
    def f(x):
        y = walled(x)
        return value if math.isnan(y) else y

    x = np.array([0.0, 0.5, 1.0])
    _, g, seen = ask(scheme, f, x)
    np.testing.assert_allclose(g, np.exp(x), rtol=1e-6)
    usual = ask(scheme, lambda x: float(np.exp(x).sum()), x)[2]
    assert len(seen) == len(usual) + 1


def test_a_difference_of_first_order_will_do_where_one_value_is_all_there_is():
    x = np.array([0.0, 0.5, 1.0])
    inner = 0.5 - 0.75 * np.finfo(float).eps ** (1 / 3)

    def f(x):
        return walled(x) if not inner < x[1] < 0.5 else math.nan

    np.testing.assert_allclose(Central()(f, x), np.exp(x), rtol=1e-4)


@every_difference
def test_only_where_both_sides_fail_the_gradient_is_not_finite(scheme):
    x = np.array([0.0, 0.5, 1.0])
    g = scheme(lambda x: walled(x) if x[1] >= 0.5 else math.nan, x)
    assert np.isfinite(g).tolist() == [True, False, True]
    box = np.array([-1.0, 0.5, -1.0]), np.full(3, 2.0)
    _, g, seen = ask(scheme, walled, x, box)
    assert np.isfinite(g).tolist() == [True, False, True]
    assert all((box[0] <= point).all() for point in seen)


def test_rows_are_mended_like_points():
    def f(x):
        return walled(x) if x.ndim == 1 else np.array([walled(row) for row in x])

    rows = np.array([[0.0, 0.5, 1.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    for scheme in DIFFERENCES:
        _, g, _ = ask(scheme, f, rows)
        for got, row in zip(g, rows, strict=True):
            np.testing.assert_array_equal(got, ask(scheme, f, row)[1])


def test_what_is_not_defined_beside_the_start_is_named():
    bounds = [(None, None), (0.5, 1.0), (None, None)]
    res = gd(walled, [0.0, 0.5, 1.0], bounds=bounds)
    assert res.status == 3
    assert "The value at x0 is finite, but values beside it (coordinate 1)" in res.message
    res = gd(lambda x: x @ x, [1.0, 2.0], jac=lambda x: np.array([2.0, math.nan]))
    assert "The value at x0 is finite, but the gradient (entry 1)" in res.message
    res = gd(lambda x: math.nan, [1.0, 2.0])
    assert "The value or the gradient at x0 is not finite" in res.message


@pytest.mark.parametrize("gradient", ["2-point", "3-point"])
def test_values_that_fail_at_random_do_not_stop_a_run(gradient):
    chance = np.random.default_rng(2)

    def f(x):
        return math.nan if chance.random() < 0.05 else float(((x - 1) ** 2).sum())

    assert gd(f, np.zeros(5), gradient=gradient).success


@pytest.mark.parametrize("noise", [None, 0.1])
@pytest.mark.parametrize("seed", range(5))
def test_pairs_that_fail_at_random_are_left_out(seed, noise):
    f, chance = Noisy(5, seed=seed), np.random.default_rng(seed)

    def fails(x):
        return np.nan if chance.random() < 0.1 else f(x)

    res = gd_spsa(fails, np.zeros(5), maxfev=4000, rng=seed, noise=noise)
    assert f.exact(res.x) <= 0.01
    assert 0.05 <= res.noise <= 0.2
    assert (res.steps >= 0.1).all()
    assert 250 <= res.spsa["failed"] <= 550
