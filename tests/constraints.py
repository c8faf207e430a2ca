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


def penalties(n):
    strength = st.one_of(st.floats(0, 10), points(n, 10.0).map(np.abs))
    return st.one_of(st.builds(L1, strength), st.builds(ElasticNet, strength, st.floats(0, 1)))


def sets(n):
    simplices = st.builds(Simplex, st.floats(0.01, 100))
    return st.one_of(boxes(n), balls(n), simplices, hyperplanes(n))


def constraints(n):
    return st.one_of(
        sets(n),
        penalties(n),
        st.builds(Within, penalties(n), boxes(n)),
        group_penalties(n, bounded=True),
        hyperplanes(n, penalised=True),
    )


sizes = st.shared(st.integers(1, 6), key="n")
a_point = sizes.flatmap(points)
a_rate = sizes.flatmap(rates)
a_set = sizes.flatmap(sets)
a_penalty = sizes.flatmap(penalties)
a_constraint = sizes.flatmap(constraints)
