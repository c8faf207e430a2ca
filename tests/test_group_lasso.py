"""Penalties of groups: exact zeros, and the proximal operator for rates of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from constraints import a_point, a_rate, group_penalties, sizes
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from problems import Quadratic

from skgd import L1, Box, gd_adam, gd_nesterov, gd_spectral
from skgd.proximal import GroupLasso

a_group_penalty = sizes.flatmap(group_penalties)
# Squares of these do not underflow.
a_plain_point = a_point.map(lambda z: np.where(np.abs(z) < 1e-100, 0.0, z))


def each_group(penalty):
    """Yield the members and the strength of each group."""
    for g in sorted(set(penalty.groups.tolist()) - {-1}):
        yield (
            penalty.groups == g,
            penalty.alpha if np.ndim(penalty.alpha) == 0 else penalty.alpha[g],
        )


def assert_stationary(penalty, z, t, u, tol=1e-12):
    """Check ``alpha u / |u| + (u - z)/t = 0``, or ``|z/t| <= alpha`` where u is zero."""
    t = np.broadcast_to(t, z.shape)
    for of, alpha in each_group(penalty):
        length = np.linalg.norm(u[of])
        if length == 0:
            assert np.linalg.norm(z[of] / t[of]) <= alpha * (1 + 1e-12)
        else:
            expected = z[of] * length / (length + alpha * t[of])
            np.testing.assert_allclose(u[of], expected, rtol=1e-9, atol=tol * abs(z[of]).max())
    np.testing.assert_array_equal(u[penalty.groups < 0], z[penalty.groups < 0])


@given(a_group_penalty, a_plain_point, a_rate)
def test_result_is_stationary_in_every_group(penalty, z, t):
    assert_stationary(penalty, z, t, penalty.prox(z, t))


@given(a_group_penalty, a_plain_point, st.data())
def test_result_is_stationary_for_rates_of_every_size(penalty, z, data):
    t = 10.0 ** data.draw(arrays(float, z.size, elements=st.floats(-12, 8)))
    assert_stationary(penalty, z, t, penalty.prox(z, t), tol=1e-9)


@given(a_group_penalty, a_point, st.floats(0.001, 1000))
def test_equal_rates_of_all_coordinates_are_one_rate(penalty, z, t):
    np.testing.assert_allclose(
        penalty.prox(z, np.full(z.size, t)), penalty.prox(z, t), rtol=1e-12, atol=1e-13
    )


@given(a_group_penalty, a_point, a_point, a_rate)
def test_step_is_the_way_to_the_proximal_operator(penalty, x, p, t):
    np.testing.assert_allclose(
        x + penalty.step(x, p, t), penalty.prox(x + p, t), rtol=1e-9, atol=1e-11
    )


@given(a_point, st.floats(0, 10), a_rate)
def test_groups_of_one_are_absolute_values(z, alpha, t):
    groups = np.arange(z.size)[::-1]
    np.testing.assert_allclose(
        GroupLasso(alpha, groups).prox(z, t), L1(alpha).prox(z, t), rtol=1e-12, atol=1e-12
    )
    assert GroupLasso(alpha, groups).value(z) == pytest.approx(L1(alpha).value(z), rel=1e-12)


@given(sizes.flatmap(lambda n: group_penalties(n, bounded=True)), a_point, a_point, a_rate)
def test_bounds_hold_to_the_last_bit(penalty, z, p, t):
    x = penalty.prox(z, t)
    y = x + penalty.step(x, p, t)
    penalty.repair(y)
    for point in (x, y, penalty.project(z)):
        if penalty.bounds is not None:
            assert ((penalty.bounds.lower <= point) & (point <= penalty.bounds.upper)).all()


@given(a_plain_point, st.floats(0, 10), a_rate)
def test_nonnegative_groups_are_those_of_the_positive_parts(z, alpha, t):
    groups = np.zeros(z.size, dtype=int)
    np.testing.assert_allclose(
        GroupLasso(alpha, groups, Box(0, None)).prox(z, t),
        GroupLasso(alpha, groups).prox(np.maximum(z, 0.0), t),
        rtol=1e-9,
        atol=1e-12,
    )


def test_a_group_that_meets_a_bound_shrinks_less():
    # The length r is the root of (3 r / (r + 1))^2 + 1 = r^2.
    u = GroupLasso(1.0, [0, 0], Box(None, [None, 1.0])).prox(np.array([3.0, 9.0]), 1.0)
    r = np.linalg.norm(u)
    np.testing.assert_allclose(u, [3 * r / (r + 1), 1.0], rtol=1e-14)


def test_small_groups_are_exactly_and_positively_zero():
    penalty = GroupLasso([5.0, 1.0], [0, 1, 0, -1, 1])
    u = penalty.prox(np.array([-3.0, 3.0, 4.0, -0.5, 4.0]), 1.0)
    np.testing.assert_allclose(u, [0.0, 2.4, 0.0, -0.5, 3.2], rtol=1e-15)
    assert not np.signbit(u[[0, 2]]).any()
    x = np.array([-0.1, 3.0, 0.2, 0.0, 4.0])
    assert (x + penalty.step(x, np.zeros(5), 1.0))[[0, 2]].tolist() == [0.0, 0.0]


def test_a_rate_of_zero_keeps_its_coordinate():
    u = GroupLasso(100.0, [0, 0, 0]).prox(np.array([3.0, 2.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    # The length r of the result is the root of 9/r^2 + 4/(r + 100)^2 = 1.
    assert u[0] == 3.0
    assert u[1] == pytest.approx(2 * 3 / 103, rel=1e-3)
    zero = np.zeros(3)
    assert GroupLasso(1.0, [0, 0, 1]).prox(zero, np.array([0.0, 1.0, 0.0])).tolist() == [0, 0, 0]


def test_numbers_of_groups_may_have_gaps():
    penalty = GroupLasso([1.0, 9.0, 2.0], [2, 0, 2])
    assert penalty.value(np.array([3.0, -5.0, 4.0])) == 2.0 * 5.0 + 1.0 * 5.0


def test_without_a_group_nothing_is_penalised():
    penalty = GroupLasso(1.0, [-1, -1])
    assert penalty.value(np.array([3.0, 4.0])) == 0.0
    for t in (1.0, np.ones(2)):
        assert penalty.prox(np.array([3.0, 4.0]), t).tolist() == [3.0, 4.0]


def test_a_small_step_is_not_lost_beside_a_large_point():
    step = GroupLasso(0.0, [0, 0]).step(np.array([1e8, 1e8]), np.array([1e-12, 0.0]), 1.0)
    assert step.tolist() == [1e-12, 0.0]


def test_huge_groups_overflow_nowhere():
    penalty = GroupLasso(5.0, [0, 0])
    z = np.array([3e200, 4e200])
    for t in (1.0, np.array([1.0, 2.0])):
        assert penalty.prox(z, t).tolist() == z.tolist()
    assert penalty.value(z) == np.inf
    assert penalty.value(np.array([3e30, 4e30], np.float32)) == pytest.approx(25e30, rel=1e-6)


@pytest.mark.parametrize("method", [gd_spectral, gd_nesterov, gd_adam])
def test_descent_leaves_out_whole_groups(method):
    problem = Quadratic.random(6, condition=5.0, seed=3)
    penalty = GroupLasso(1.5, [0, 0, 1, 1, 2, 2])
    res = method(
        problem.value,
        np.zeros(6),
        jac=problem.gradient,
        constraints=penalty,
        gtol=1e-8,
        maxiter=5000,
    )
    assert res.success
    lengths = np.linalg.norm(res.x.reshape(3, 2), axis=1)
    assert 0 < np.count_nonzero(lengths == 0) < 3
    again = penalty.prox(res.x - 0.01 * problem.gradient(res.x), 0.01)
    np.testing.assert_allclose(again, res.x, atol=1e-8)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: GroupLasso(-1.0, [0]), "alpha must not be negative"),
        (lambda: GroupLasso(np.nan, [0]), "alpha must be finite"),
        (lambda: GroupLasso([1.0, 2.0], [0, 0]), r"alpha .* \(1,\), one for each group"),
        (lambda: GroupLasso(1.0, [0.5]), "groups must be whole numbers"),
        (lambda: GroupLasso(1.0, [np.nan]), "groups must be whole numbers"),
        (lambda: GroupLasso(1.0, [True]), "groups must be whole numbers"),
        (lambda: GroupLasso(1.0, ["a"]), "groups must be"),
        (lambda: GroupLasso(1.0, [-2]), "groups must be 0 or more, or -1"),
        (lambda: GroupLasso(1.0, [[0]]), "groups must have one dimension"),
        (lambda: GroupLasso(1.0, [0], [(0, 1)]), "bounds must be a Box"),
        (lambda: GroupLasso(1.0, [0, 1, 1], Box([0, 0], 1)).check(3), "bounds must be one"),
        (lambda: GroupLasso(1.0, [0, 1]).check(3), r"groups must have shape \(3,\)"),
    ],
)
def test_bad_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_arrays_are_the_penaltys_own():
    groups = np.array([0, 0, 1])
    penalty = GroupLasso(1.0, groups)
    groups[:] = 7
    assert penalty.groups.tolist() == [0, 0, 1]
    with pytest.raises(ValueError, match="read-only"):
        penalty.groups[0] = 3
