"""Constraints and penalties: every proximal operator is the one of its definition."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from constraints import (
    KINDS,
    a_constraint,
    a_penalty,
    a_point,
    a_rate,
    a_set,
    balls,
    boxes,
    sizes,
)
from hypothesis import assume, given
from hypothesis import strategies as st
from problems import points

from skgd import L1, Ball, Box, Constraint, ElasticNet, Simplex, Within, gd_rprop, gd_spectral
from skgd.proximal import GroupLasso, Hyperplane, optimality

EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@EVERY_KIND
@given(a_point, a_point, a_rate, st.data())
def test_prox_satisfies_the_three_point_inequality(kind, z, other, t, data):
    # h(w) + |w-z|^2/2 >= h(u) + |u-z|^2/2 + |w-u|^2/2 for u = prox(z) and every allowed w, in the
    # metric of the rates: this defines u.  Here w is any point, and points on all sides of u.
    constraint = data.draw(kind(z.size))
    u = constraint.prox(z, t)
    sides = np.random.default_rng(0).normal(size=(30, z.size))
    sizes = np.repeat([[1e-3], [0.1], [10.0]], 10, axis=0)
    w = constraint.project(np.vstack((other, u + sizes * sides)))

    def energy(a, b):
        return ((a - b) ** 2 / (2 * np.asarray(t))).sum(axis=-1)

    left = constraint.value(w) + energy(w, z)
    right = constraint.value(u) + energy(u, z) + energy(w, u)
    slack = 1e-9 * np.maximum(np.maximum(1.0, np.abs(left)), energy(w, u))
    assert (right <= left + slack).all()


@EVERY_KIND
@given(a_point, a_point, a_rate, st.data())
def test_the_step_is_the_way_to_the_proximal_operator(kind, z, p, t, data):
    constraint = data.draw(kind(z.size))
    x = constraint.project(z)
    there = constraint.prox(x + p, t)
    np.testing.assert_allclose(x + constraint.step(x, p, t), there, rtol=1e-9, atol=1e-9)


@given(a_set, a_point)
def test_projection_is_idempotent(constraint, z):
    once = constraint.project(z)
    np.testing.assert_allclose(constraint.project(once), once, rtol=1e-13, atol=1e-13)


@given(a_set, a_point, a_point)
def test_projection_is_nonexpansive(constraint, y, z):
    moved = np.linalg.norm(constraint.project(y) - constraint.project(z))
    assert moved <= np.linalg.norm(y - z) * (1 + 1e-12) + 1e-12


@given(sizes.flatmap(boxes), a_point)
def test_points_in_a_box_are_in_it_to_the_last_bit(box, z):
    x = box.project(z)
    assert ((box.lower <= x) & (x <= box.upper)).all()
    x = box.project(z.astype(np.float32))
    # Very narrow bounds may have no number of single precision between them.
    narrow = box.upper - box.lower <= 1e-6 * np.abs(x) + 1e-44
    assert (narrow | (box.lower <= x) & (x <= box.upper)).all()


@given(sizes.flatmap(balls), a_point, a_rate)
def test_points_in_a_ball_are_in_it(ball, z, t):
    x = ball.prox(z, t)
    assert np.linalg.norm(x - ball.center) <= ball.radius * (1 + 1e-12) + 1e-13 * abs(x).max()


@given(st.floats(0.01, 50), st.floats(1, 20), a_point, a_rate)
def test_a_ball_around_another_centre_is_a_ball_moved(radius, distance, z, t):
    center = distance * np.cos(np.arange(z.size))
    expected = center + Ball(radius).prox(z - center, t)
    np.testing.assert_allclose(Ball(radius, center).prox(z, t), expected, rtol=1e-9, atol=1e-9)


@given(st.floats(1e-3, 1e3), a_point, a_rate)
def test_points_of_a_simplex_are_nonnegative_and_sum_up(total, z, t):
    x = Simplex(total).prox(z, t)
    assert (x >= 0).all()
    assert abs(x.sum() - total) <= 1e-12 * total


def test_simplex_keeps_its_sum_beside_huge_entries():
    x = Simplex().prox([1e20, 1e20, -1e20, 3.0], 1.0)
    np.testing.assert_allclose(x, [0.5, 0.5, 0, 0], atol=1e-12)


def test_rate_of_zero_keeps_a_coordinate_where_it_can():
    t = np.array([0.0, 1.0, 1.0])
    np.testing.assert_allclose(Simplex().prox(np.array([0.3, 2.0, 1.0]), t), [0.3, 0.7, 0.0])
    np.testing.assert_allclose(
        Ball(5.0).prox(np.array([3.0, 9.0, 0.0]), t), [3.0, 4.0, 0.0], rtol=1e-12
    )
    assert L1(10.0).prox(np.array([0.3, 2.0, 1.0]), t).tolist() == [0.3, 0.0, 0.0]


def test_nothing_but_zero_rates_leads_to_an_allowed_point():
    for constraint in (Simplex(), Ball(1.0)):
        x = constraint.prox(np.array([3.0, 4.0]), np.zeros(2))
        np.testing.assert_allclose(constraint.project(x), x)


@given(a_point, st.floats(0, 100), a_rate)
def test_l1_makes_small_entries_exactly_and_positively_zero(z, alpha, t):
    x = L1(alpha).prox(z, t)
    small = np.abs(z) <= alpha * np.asarray(t)
    assert (x[small] == 0).all()
    assert not np.signbit(x[x == 0]).any()


@given(a_penalty, a_point)
def test_penalty_has_its_written_value(penalty, x):
    terms = penalty.l1_ratio * abs(x) + (1 - penalty.l1_ratio) / 2 * x**2
    assert penalty.value(x) == pytest.approx((penalty.alpha * terms).sum(), rel=1e-12, abs=1e-300)


@given(a_constraint, st.lists(a_point, min_size=1, max_size=4), st.data())
def test_rows_are_treated_like_points(constraint, rows, data):
    Z = np.array(rows)
    t = np.array(data.draw(st.lists(st.floats(0.01, 10), min_size=len(Z), max_size=len(Z))))
    got = constraint.prox(Z, t[:, None])
    for i, z in enumerate(Z):
        np.testing.assert_allclose(got[i], constraint.prox(z, t[i]), rtol=1e-12, atol=1e-12)
        assert constraint.value(Z)[i] == pytest.approx(constraint.value(z), rel=1e-12, abs=1e-300)
        repaired = constraint.project(Z)
        constraint.repair(repaired)
        np.testing.assert_allclose(repaired[i], constraint.project(z), rtol=1e-12, atol=1e-12)


@given(a_constraint, a_point, a_rate)
def test_operators_keep_the_type_and_leave_their_input_alone(constraint, z, t):
    for dtype in (np.float32, np.float64):
        given_z = z.astype(dtype)
        given_z.flags.writeable = False
        u = constraint.prox(given_z, t)
        assert u.dtype == dtype
        assert not np.shares_memory(u, given_z)


def test_integers_become_floats():
    for constraint in (
        Box(0, 1.5),
        Ball(0.5),
        Simplex(),
        L1(0.25),
        Within(L1(0.25), Box(0, 1.5)),
        Hyperplane(),
        GroupLasso(1.0, [0, 0]),
    ):
        assert constraint.prox([3, 1], 1.0).dtype == np.float64


@given(a_constraint)
def test_points_that_are_not_finite_warn_of_nothing(constraint):
    for bad in (np.nan, np.inf, -np.inf):
        for n in (1, 2, 3, 4, 5, 6):
            z = np.full(n, bad)
            try:
                constraint.check(n)
            except ValueError:
                continue
            assert constraint.prox(z, 1.0).shape == (n,)
            assert np.shape(constraint.value(z)) == ()


def test_huge_points_overflow_nowhere():
    z = np.array([3e200, 4e200])
    np.testing.assert_allclose(Ball(5.0).prox(z, 1.0), [3.0, 4.0])
    assert ElasticNet(1.0).value(z) == np.inf


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Ball(0.0), "radius"),
        (lambda: Ball(1.0, [np.nan]), "center"),
        (lambda: Simplex(-1.0), "total"),
        (lambda: L1(-1.0), "alpha"),
        (lambda: L1([[1.0]]), "alpha"),
        (lambda: ElasticNet(1.0, 1.5), "l1_ratio"),
        (lambda: Box([0, 0], [1, 1, 1]), "bounds"),
        (lambda: Box(np.zeros((2, 2)), 1), "bounds"),
        (lambda: Within(Ball(1.0), Box(0, 1)), "Ball"),
        (lambda: Ball(1.0, [0, 0]).check(3), "center"),
        (lambda: L1([1, 2]).check(3), "alpha"),
        (lambda: Box([0, 0], 1).check(3), "bounds"),
        (lambda: Within(L1([1, 2]), Box(0, 1)).check(3), "alpha"),
    ],
)
def test_bad_arguments_are_named(make, name):
    with pytest.raises(ValueError, match=name):
        make()


@given(a_constraint, a_point)
def test_optimality_vanishes_where_the_gradient_holds_the_point(constraint, z):
    # u = prox(z) is stationary for the gradient u - z.
    u = constraint.prox(z, 1.0)
    np.testing.assert_allclose(optimality(u, u - z, constraint), 0.0, atol=1e-9)


class Halfspace(Constraint):
    """The points whose entries sum up to at most zero."""

    def prox(self, z, t):
        return self.project(z)

    def project(self, x):
        return x - np.maximum(x.mean(axis=-1, keepdims=True), 0.0)


class SquaredLength(Constraint):
    """Half the squared length, a penalty."""

    separable = True

    def prox(self, z, t):
        return z / (1.0 + t)

    def value(self, x):
        return 0.5 * float(x @ x) if x.ndim == 1 else 0.5 * np.vecdot(x, x)


def test_a_set_of_ones_own_works():
    goal = np.array([1.0, 3.0, -1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        res = gd_spectral(
            lambda x: (x - goal) @ (x - goal),
            [5.0, 5.0, 5.0],
            jac=lambda x: 2 * (x - goal),
            constraints=Halfspace(),
        )
    assert res.success
    np.testing.assert_allclose(res.x, goal - 1.0, atol=1e-5)


@pytest.mark.parametrize("bounds", [None, [(0, 0.25)] * 3])
def test_a_penalty_of_ones_own_works_alone_and_with_bounds(bounds):
    goal = np.array([1.0, 3.0, -1.0])
    res = gd_spectral(
        lambda x: 0.5 * (x - goal) @ (x - goal),
        [0.0, 0.0, 0.0],
        jac=lambda x: x - goal,
        constraints=SquaredLength(),
        bounds=bounds,
    )
    assert res.success
    expected = goal / 2 if bounds is None else np.clip(goal / 2, 0, 0.25)
    np.testing.assert_allclose(res.x, expected, atol=1e-5)


@pytest.mark.parametrize("jac", [None, lambda x: 2 * (x - 9)])
@pytest.mark.parametrize("inner", [Box(0.0, [3.0, 1.0]), Within(L1(0.1), Box(0.0, [3.0, 1.0]))])
def test_a_box_and_bounds_hold_both(inner, jac):
    seen = []

    def fun(x):
        seen.append(x.copy())
        return float(((x - 9) ** 2).sum())

    bounds = [(-5, 2), (0.5, 5)]
    res = gd_spectral(fun, [0.5, 0.75], jac=jac, constraints=inner, bounds=bounds)
    assert res.x.tolist() == [2.0, 1.0]
    assert (np.array(seen) >= [0.0, 0.5]).all()
    assert (np.array(seen) <= [2.0, 1.0]).all()


def test_boxes_hold_both_for_methods_that_work_with_bounds_only():
    res = gd_rprop(lambda x: ((x - 9) ** 2).sum(), [1.5], constraints=Box(0, 3), bounds=[(1, 5)])
    assert res.x.tolist() == [3.0]


@given(boxes(3), boxes(3), points(3))
def test_the_intersection_holds_what_both_boxes_hold(one, two, x):
    assume((np.maximum(one.lower, two.lower) <= np.minimum(one.upper, two.upper)).all())
    both = one.intersection(two)
    inside = both.project(x)
    assert one.project(inside).tolist() == two.project(inside).tolist() == inside.tolist()
    in_each = [(box.project(x) == x).all() for box in (one, two, both)]
    assert in_each[2] == (in_each[0] and in_each[1])


def test_boxes_without_a_common_point_are_an_error():
    with pytest.raises(ValueError, match="no x lies in both boxes, as variable 1"):
        gd_spectral(sum, [0.5, 0.5], constraints=Box(0, 1), bounds=[(0, 1), (2, 3)])
    with pytest.raises(ValueError, match="no x lies in both boxes"):
        Within(Within(L1(1.0), Box(0, 1)), Box(2, 3))
    with pytest.raises(ValueError, match="one box is for 2 variables, the other for 3"):
        Box([0, 0], 1).intersection(Box([0, 0, 0], 1))


@pytest.mark.parametrize(
    ("penalty", "bounds", "message"),
    [
        (L1(1.0), None, "bounds must be a Box such as .*, got None"),
        (L1(1.0), [(0, 1)], "bounds must be a Box"),
        (None, Box(0, 1), "penalty must be a Constraint such as .*, got None"),
        (L1, Box(0, 1), r"penalty: pass L1\(\), not the class"),
        (Ball(1.0), Box(0, 1), "Ball cannot be combined with bounds: .*; leave out the bounds"),
        (Hyperplane(), Box(0, 1), r"Hyperplane cannot .*; write Hyperplane\(\.\.\., bounds="),
        (GroupLasso(1.0, [0]), Box(0, 1), r"GroupLasso cannot .*; write GroupLasso\("),
    ],
)
def test_parts_of_a_penalty_in_a_box_that_do_not_fit_are_named(penalty, bounds, message):
    with pytest.raises(ValueError, match=message):
        Within(penalty, bounds)


@pytest.mark.parametrize(
    "array",
    [
        L1(np.array([1.0, 2.0])).alpha,
        Ball(1.0, np.zeros(2)).center,
        Box([0, 0], 1).lower,
        Hyperplane(np.ones(2)).normal,
        GroupLasso(1.0, np.array([0, 1])).groups,
    ],
    ids=["alpha", "center", "lower", "normal", "groups"],
)
def test_arrays_of_a_constraint_cannot_be_written_to(array):
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 7.0


@pytest.mark.parametrize(
    ("constraint", "x"),
    [
        (Simplex(2.0), [1e-320, 2.0]),
        (Ball(2.0), [1e-200, 1.0]),
        (L1(1e-200), [1e-200, 1.0]),
        (Hyperplane(1e-200, 1e-200, L1(1e-200), Box(0, None)), [1e-200, 1.0]),
        (GroupLasso(1e-200, [0, 1]), [1e-200, 1.0]),
        (GroupLasso(1e-200, [0, 1], Box(0, 1e-200)), [1e-200, 1.0]),
    ],
    ids=["simplex", "ball", "l1", "hyperplane", "group", "bounded group"],
)
def test_tiny_entries_are_no_error_of_the_users_numpy_settings(constraint, x):
    with np.errstate(all="raise"):
        constraint.prox(np.array(x), 1e-200)
        constraint.project(np.array(x))
