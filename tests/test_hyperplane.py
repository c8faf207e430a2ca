"""Weighted sums that are given: exact, beside bounds and penalties."""

from __future__ import annotations

import numpy as np
import pytest
from constraints import a_point, a_rate, hyperplanes, sizes
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from problems import Quadratic

from skgd import L1, Ball, Box, ElasticNet, Simplex, Within, gd_spectral
from skgd.proximal import Hyperplane, optimality

a_plane = sizes.flatmap(lambda n: hyperplanes(n, penalised=True))


def sums(plane, x):
    """Return the sum of each row, and the size of what is added."""
    parts = x.reshape(plane.rows, -1) * plane.normal
    return parts.sum(-1), np.abs(parts).sum(-1) + abs(plane.total)


def assert_allowed(plane, x):
    got, size = sums(plane, x)
    assert (np.abs(got - plane.total) <= 1e-13 * (size + 1e-3)).all()
    if plane.bounds is not None:
        assert ((plane.bounds.lower <= x) & (x <= plane.bounds.upper)).all()


@given(a_plane, a_point, a_rate)
def test_sums_are_right_to_rounding_and_bounds_to_the_last_bit(plane, z, t):
    assert_allowed(plane, plane.prox(z, t))
    assert_allowed(plane, plane.project(z))


@given(a_plane, a_point, a_point, a_rate, st.floats(0, 1))
def test_points_between_two_allowed_ones_are_repaired(plane, z, p, t, s):
    x = plane.project(z)
    y = x + s * plane.step(x, p, t)
    before = y.copy()
    plane.repair(y)
    assert_allowed(plane, y)
    np.testing.assert_allclose(y, before, rtol=1e-12, atol=1e-12)


@given(a_plane, a_point, a_point, a_rate)
def test_step_is_the_way_to_the_proximal_operator(plane, z, p, t):
    x = plane.project(z)
    np.testing.assert_allclose(x + plane.step(x, p, t), plane.prox(x + p, t), rtol=1e-9, atol=1e-9)


@given(a_plane, a_point, st.data())
def test_rates_of_every_size_leave_sums_and_bounds_right(plane, z, data):
    exponents = data.draw(arrays(float, z.size, elements=st.floats(-30, 8)))
    assert_allowed(plane, plane.prox(z, 10.0**exponents))


@given(st.floats(0.01, 100), a_point, st.floats(1e-3, 1e3))
def test_nonnegative_variables_with_a_sum_are_a_simplex(total, z, t):
    plane = Hyperplane(total=total, bounds=Box(0, None))
    np.testing.assert_allclose(
        plane.prox(z, t), Simplex(total).prox(z, t), rtol=1e-9, atol=1e-11 * total
    )


@given(a_plane, a_point, a_rate)
def test_a_multiplier_explains_the_proximal_operator(plane, z, t):
    u = plane.prox(z, t)
    normal = np.tile(np.broadcast_to(plane.normal, z.size // plane.rows), plane.rows)
    t = np.broadcast_to(t, z.shape)
    # Between two multipliers, one on each side, lies u: of each variable, as each is monotone.
    for row in np.split(np.arange(z.size), plane.rows):
        low, high = -1e9, 1e9
        for _ in range(200):
            middle = (low + high) / 2
            v = separable(plane, z - t * normal * middle, t)
            if (normal * v)[row].sum() > plane.total:
                low = middle
            else:
                high = middle
        np.testing.assert_allclose(u[row], v[row], rtol=1e-6, atol=1e-4)


def separable(plane, z, t):
    """Return the proximal operator of the penalty within the bounds."""
    if plane.bounds is None:
        return plane.penalty.prox(z, t)
    return Within(plane.penalty, plane.bounds).prox(z, t)


def test_zeros_of_the_penalty_are_exact():
    u = Hyperplane(total=3.0, penalty=L1(1.0)).prox(np.array([3.0, 0.5, -0.25, 1.0]), 1.0)
    # With the multiplier -1/2 the second and third entries are at most 1 in size.
    assert u.tolist() == [2.5, 0.0, 0.0, 0.5]
    u = Hyperplane([1.0, 2.0, 1.0], 0.0, L1([0.0, 9.0, 0.0])).prox(np.array([3.0, 2.0, 1.0]), 1.0)
    assert u.tolist() == [1.0, 0.0, -1.0]


def test_repair_leaves_zeros_and_bounds_as_they_are():
    plane = Hyperplane(total=1.0, penalty=L1(0.1), bounds=Box(-1, [1, 1, 1, 0.5]))
    x = np.array([0.2 + 1e-15, 0.0, 0.3, 0.5 + 1e-15])
    plane.repair(x)
    assert (x[1], x[3]) == (0.0, 0.5)
    assert abs(x.sum() - 1.0) <= 1e-15


def test_each_row_has_its_own_sum_and_an_intercept_takes_no_part():
    plane = Hyperplane([1.0, 1.0, 0.0], 1.0, bounds=Box(0, [None, None, 9] * 2), rows=2)
    u = plane.prox(np.array([2.0, 1.0, 5.0, 3.0, 3.0, 10.0]), 1.0)
    np.testing.assert_allclose(u, [1.0, 0.0, 5.0, 0.5, 0.5, 9.0], atol=1e-15)


def test_a_sum_without_bounds_is_the_projection_onto_a_plane():
    u = Hyperplane([3.0, 4.0], 10.0).project(np.array([0.0, 0.0]))
    np.testing.assert_allclose(u, [1.2, 1.6], rtol=1e-15)


def test_rate_of_zero_keeps_a_coordinate_where_it_can():
    plane = Hyperplane(total=1.0, bounds=Box(0, 0.5))
    t = np.array([0.0, 1.0, 1.0])
    np.testing.assert_allclose(plane.prox(np.array([0.3, 2.0, 1.0]), t), [0.3, 0.5, 0.2])
    u = plane.prox(np.array([0.3, 0.3, 0.1]), np.zeros(3))
    np.testing.assert_allclose(u, [0.4, 0.4, 0.2])


def test_sum_is_kept_beside_huge_entries():
    plane = Hyperplane(total=1.0, bounds=Box(0, None))
    u = plane.prox(np.array([1e20, 1e20, -1e20, 3.0]), 1.0)
    np.testing.assert_allclose(u, [0.5, 0.5, 0, 0], atol=1e-12)


def test_a_small_step_is_not_lost_beside_a_large_point():
    plane = Hyperplane(total=2e8, bounds=Box(0, None))
    x = np.array([1.0, 1e8, 1e8 - 1.0])
    step = plane.step(x, np.array([3e-12, 0.0, 0.0]), 1.0)
    np.testing.assert_allclose(step, [2e-12, -1e-12, -1e-12], rtol=1e-12)


def test_bounds_that_leave_one_point_give_it():
    for bounds, total in ((Box(0, 0.1), 1.0), (Box(0.1, 1), 1.0), (Box(0, None), 0.0)):
        plane = Hyperplane(total=total, bounds=bounds)
        plane.check(10)
        u = plane.prox(np.linspace(-3, 5, 10), 1.0)
        assert u.tolist() == [total / 10] * 10
        assert np.array_equal(plane.unit(float), [1.0])


def test_a_small_budget_is_measured_in_its_own_size():
    plane = Hyperplane([1.0, 2.0], 1e-6, bounds=Box(0, None))
    np.testing.assert_allclose(plane.unit(float), [1e-6, 5e-7], rtol=1e-9)
    x, g = np.array([1e-6, 0.0]), np.array([1.0, 1.0])
    assert np.abs(optimality(x, g, plane)).max() > 0.1
    assert np.abs(optimality(np.array([0.0, 5e-7]), g, plane)).max() < 1e-12


@pytest.mark.parametrize(
    ("bounds", "penalty"),
    [
        (None, None),
        (Box(0, 0.6), None),
        (None, L1(0.5)),
        (Box(-0.25, 0.6), ElasticNet(0.5, 0.5)),
    ],
    ids=["plane", "box", "l1", "elastic net in a box"],
)
def test_descent_reaches_the_minimum_that_a_quadratic_program_has(bounds, penalty):
    problem = Quadratic.random(6, condition=20.0, seed=1)
    plane = Hyperplane(total=1.0, penalty=penalty, bounds=bounds)
    res = gd_spectral(
        problem.value,
        np.full(6, 1 / 6),
        jac=problem.gradient,
        constraints=plane,
        gtol=1e-9,
    )
    assert res.success
    assert_allowed(plane, res.x)
    # The minimum is a fixed point of small proximal steps.
    again = plane.prox(res.x - 0.01 * problem.gradient(res.x), 0.01)
    np.testing.assert_allclose(again, res.x, atol=1e-8)


def test_sums_of_single_precision_are_right_to_its_rounding():
    plane = Hyperplane(total=1.0, bounds=Box(0, 0.1))
    x = plane.prox(np.linspace(-1, 1, 40, dtype=np.float32), 1.0)
    assert x.dtype == np.float32
    assert (x <= 0.1).all()
    assert x.sum(dtype=float) == pytest.approx(1.0, abs=1e-7)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Hyperplane(0.0), "normal must have a weight"),
        (lambda: Hyperplane([1.0, np.nan]), "normal must be finite"),
        (lambda: Hyperplane(total=np.inf), "total must be a finite number"),
        (lambda: Hyperplane(penalty=Ball(1.0)), "penalty must be an L1 or ElasticNet"),
        (lambda: Hyperplane(bounds=[(0, 1)]), "bounds must be a Box"),
        (lambda: Hyperplane(rows=0), "rows must be at least 1"),
        (lambda: Hyperplane(rows=2).check(3), "rows=2 does not divide the number of variables, 3"),
        (lambda: Hyperplane([1, 2, 3]).check(2), "normal"),
        (lambda: Hyperplane(penalty=L1([1, 2])).check(3), "alpha"),
        (lambda: Hyperplane(bounds=Box([0, 0], 1)).check(3), "bounds"),
        (
            lambda: Hyperplane(total=4, bounds=Box(0, 1)).check(3),
            "total=4 cannot be reached: the bounds allow sums from 0 to 3 only",
        ),
        (
            lambda: Hyperplane(-1.0, 1.0, bounds=Box(0, [None, 2, 1, 1]), rows=2).check(4),
            "sums of row 0 from -inf to 0",
        ),
    ],
)
def test_bad_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
