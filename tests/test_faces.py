"""Faces: where a Newton-type step may move, and the gradient of function plus penalty there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skgd import L1, Ball, Box, Constraint, ElasticNet, Simplex, Within
from skgd.proximal import Face, optimality

N = 4

# Quarters add and multiply without rounding, and meet bounds, kinks and strengths often.
quarters = st.integers(-12, 12).map(lambda k: k / 4)
vectors = st.lists(quarters, min_size=N, max_size=N).map(np.array)
strengths = st.one_of(quarters.map(abs), vectors.map(np.abs))
penalties = st.one_of(
    st.builds(L1, strengths),
    st.builds(ElasticNet, strengths, st.sampled_from([0.0, 0.25, 0.5, 1.0])),
)


@st.composite
def boxes(draw):
    """Draw bounds with infinities and fixed variables among them."""
    ends = st.one_of(st.just(np.inf), quarters.map(abs))
    middle = draw(vectors)
    below, above = (draw(st.lists(ends, min_size=N, max_size=N)) for _ in range(2))
    return Box(middle - below, middle + above)


constraints = st.one_of(boxes(), penalties, st.builds(Within, penalties, boxes()))


@st.composite
def cases(draw):
    """Draw a constraint, a point that it allows and a gradient."""
    constraint = draw(constraints)
    return constraint, constraint.project(draw(vectors)), draw(vectors)


def model(constraint, x, g):
    """Return what each variable adds to the linear model of the function plus the penalty."""
    return g * x + constraint.value(np.diag(x))


def on(face, y):
    """Return the point of the face nearest to y."""
    return np.clip(y, face.lower, face.upper)


@given(cases())
def test_gradient_on_the_face_vanishes_exactly_at_stationary_points(case):
    constraint, x, g = case
    face = constraint.face(x, g)
    residual = optimality(x, g, constraint)
    np.testing.assert_array_equal(face.gradient == 0, np.abs(residual) < 1e-12)
    assert (face.gradient * residual >= 0).all()


@given(cases())
def test_a_variable_is_held_exactly_where_the_face_has_no_width(case):
    constraint, x, g = case
    face = constraint.face(x, g)
    assert ((face.lower <= x) & (x <= face.upper)).all()
    np.testing.assert_array_equal(face.free, face.lower < face.upper)
    assert (face.gradient[~face.free] == 0).all()


@given(cases(), vectors)
def test_on_the_face_the_penalty_is_smooth_with_that_gradient_and_curvature(case, y):
    constraint, x, g = case
    face = constraint.face(x, g)
    y = on(face, y)
    way = y - x
    expected = face.gradient * way + face.curvature * way**2 / 2
    np.testing.assert_allclose(
        model(constraint, y, g) - model(constraint, x, g), expected, rtol=1e-12, atol=1e-12
    )


@given(cases(), vectors)
def test_points_of_the_face_are_allowed(case, y):
    constraint, x, g = case
    y = on(constraint.face(x, g), y)
    np.testing.assert_array_equal(constraint.project(y), y)


@given(cases())
def test_a_small_step_against_the_gradient_stays_on_the_face_and_lowers_the_model(case):
    constraint, x, g = case
    face = constraint.face(x, g)
    y = x - 1e-6 * face.gradient
    assert ((face.lower <= y) & (y <= face.upper)).all()
    moved = face.gradient != 0
    change = model(constraint, y, g) - model(constraint, x, g)
    assert (change[moved] < 0).all()
    assert (change[~moved] == 0).all()


@given(cases(), vectors)
def test_no_held_variable_can_be_moved_with_a_gain(case, y):
    constraint, x, g = case
    held = ~constraint.face(x, g).free
    change = model(constraint, constraint.project(y), g) - model(constraint, x, g)
    assert (change[held] >= -1e-12).all()


def test_rounding_leaves_a_bound_a_bound():
    lower = np.array([0.1, 0.1, np.nextafter(0.1, 1)])
    face = Box(0.1, 1.0).face(lower, np.array([1.0, -1.0, 1.0]))
    assert face.free.tolist() == [False, True, True]


def test_an_entry_without_a_strength_moves_through_zero():
    face = ElasticNet([0.0, 1.0], 0.5).face(np.zeros(2), np.array([0.0, 0.25]))
    assert face.free.tolist() == [True, False]
    assert (face.lower[0], face.upper[0]) == (-np.inf, np.inf)
    assert face.curvature.tolist() == [0.0, 0.5]


@pytest.mark.parametrize(
    ("g", "free", "gradient"), [(-3.0, True, -2.0), (-1.0, False, 0.0), (5.0, False, 0.0)]
)
def test_a_sparse_variable_enters_only_the_side_that_its_bounds_leave(g, free, gradient):
    face = Within(L1(1.0), Box(0, 2)).face(np.zeros(1), np.array([g]))
    assert (bool(face.free[0]), face.gradient[0]) == (free, gradient)
    assert (face.lower[0], face.upper[0]) == (0.0, 2.0 if free else 0.0)


@given(cases())
def test_faces_of_single_precision_are_of_single_precision(case):
    constraint, x, g = case
    face = constraint.face(x.astype(np.float32), g.astype(np.float32))
    same = constraint.face(x, g)
    for name in ("gradient", "lower", "upper"):
        assert getattr(face, name).dtype == np.float32
        np.testing.assert_array_equal(getattr(face, name), getattr(same, name))


def test_a_point_and_its_gradient_are_left_alone():
    x, g = np.array([0.0, 1.0]), np.array([2.0, -3.0])
    x.flags.writeable = g.flags.writeable = False
    for constraint in (Box(0, 1), L1(1.0), Within(L1(1.0), Box(0, 1))):
        face = constraint.face(x, g)
        assert isinstance(face, Face)
        for array in (face.gradient, face.lower, face.upper):
            assert not np.shares_memory(array, x)
            assert not np.shares_memory(array, g)


class Own(Constraint):
    """A separable constraint that knows no face."""

    separable = True

    def prox(self, z, t):
        return z.copy()


@pytest.mark.parametrize("constraint", [Ball(1.0), Simplex(), Own(), Within(Own(), Box(0, 1))])
def test_where_no_face_is_known_there_is_none(constraint):
    assert constraint.face(np.array([0.5, 0.5]), np.ones(2)) is None
