"""Hypothesis strategies that draw constraints and penalties."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from problems import points, rates

from skgd import L1, Ball, Box, ElasticNet, Simplex, Within
from skgd.proximal import GroupLasso, Hyperplane


@st.composite
def boxes(draw, n):
    """Draw bounds with infinities and fixed variables among them."""
    ends = st.one_of(st.just(np.inf), st.floats(0, 50))
    middle, below, above = draw(points(n, 50.0)), [], []
    for _ in range(n):
        below.append(draw(ends))
        above.append(draw(ends))
    return Box(middle - below, middle + above)


def balls(n):
    return st.builds(Ball, st.floats(0.01, 50), st.one_of(st.just(0.0), points(n, 20.0)))


@st.composite
def hyperplanes(draw, n, penalised=False):
    """Draw sums that the bounds allow, of one row or more."""
    rows = draw(st.sampled_from([k for k in range(1, n + 1) if n % k == 0]))
    weights = st.one_of(st.just(0.0), st.floats(0.1, 10), st.floats(-10, -0.1))
    normal = draw(arrays(float, n // rows, elements=weights).filter(np.any))
    total = draw(st.one_of(st.just(0.0), st.floats(0.01, 50), st.floats(-50, -0.01)))
    bounds = None
    if draw(st.booleans()):
        bounds = draw(boxes(n))
        try:
            Hyperplane(normal, total, bounds=bounds, rows=rows).check(n)
        except ValueError:
            # Widened to hold a point with the right sums.
            inside = Hyperplane(normal, total, rows=rows).project(bounds.project(np.zeros(n)))
            lower, upper = np.minimum(bounds.lower, inside), np.maximum(bounds.upper, inside)
            bounds = Box(lower, upper)
    penalty = draw(penalties(n)) if penalised else None
    return Hyperplane(normal, total, penalty, bounds, rows)


@st.composite
def group_penalties(draw, n, bounded=False):
    groups = draw(st.lists(st.integers(-1, 2), min_size=n, max_size=n))
    strength = st.floats(0, 10)
    each = arrays(float, max(groups) + 1, elements=strength)
    bounds = draw(st.one_of(st.none(), boxes(n))) if bounded else None
    return GroupLasso(draw(st.one_of(strength, each)), groups, bounds)


STRENGTHS = st.floats(0, 10)


def strengths(n):
    return st.one_of(STRENGTHS, points(n, 10.0).map(np.abs))


def lassos(n):
    return st.builds(L1, strengths(n))


def nets(n):
    return st.builds(ElasticNet, strengths(n), st.floats(0, 1))


def simplices(n):
    return st.builds(Simplex, st.floats(0.01, 100))


def penalties(n):
    return st.one_of(lassos(n), nets(n))


def penalties_within(n):
    return st.builds(Within, penalties(n), boxes(n))


def bounded_groups(n):
    return group_penalties(n, bounded=True)


def penalised_planes(n):
    return hyperplanes(n, penalised=True)


def sets(n):
    return st.one_of(boxes(n), balls(n), simplices(n), hyperplanes(n))


KINDS = {
    "box": boxes,
    "ball": balls,
    "simplex": simplices,
    "plane": hyperplanes,
    "l1": lassos,
    "elastic net": nets,
    "within": penalties_within,
    "groups": bounded_groups,
    "penalised plane": penalised_planes,
}
"""Strategies for each kind of constraint, of the number of variables."""


def constraints(n):
    return st.one_of([kind(n) for kind in KINDS.values()])


sizes = st.shared(st.integers(1, 6), key="n")
a_point = sizes.flatmap(points)
a_rate = sizes.flatmap(rates)
a_set = sizes.flatmap(sets)
a_penalty = sizes.flatmap(penalties)
a_constraint = sizes.flatmap(constraints)
