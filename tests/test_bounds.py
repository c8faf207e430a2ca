"""Bounds in each of the forms that SciPy knows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds

from skgd import Box


@pytest.mark.parametrize(
    "bounds",
    [
        Bounds([0, -np.inf], [1, 2]),
        Bounds(lb=[0, -np.inf], ub=[1, 2], keep_feasible=True),
        [(0, 1), (None, 2)],
        ((0, 1), (-np.inf, 2)),
        [[0, 1], [-np.inf, 2]],
        np.array([[0, 1], [-np.inf, 2]]),
        np.array([[0, 1], [None, 2]], dtype=object),
        zip([0, None], [1, 2], strict=True),
    ],
    ids=["Bounds", "keep_feasible", "None", "tuples", "lists", "array", "object array", "zip"],
)
def test_bounds_are_read_in_each_of_scipys_forms(bounds):
    box = Box.from_bounds(bounds, 2)
    assert box.lower.tolist() == [0, -np.inf]
    assert box.upper.tolist() == [1, 2]


def test_scalar_bounds_are_for_every_variable():
    assert Box.from_bounds(Bounds(0, 1), 3).upper.tolist() == [1, 1, 1]
    assert Box.from_bounds(Bounds(), 2).lower.tolist() == [-np.inf, -np.inf]
    assert Box.from_bounds((0, 1), 1).lower.tolist() == [0]
    assert Box([0, 0], 1).upper.tolist() == [1, 1]
    assert Box(None, [None, 2]).upper.tolist() == [np.inf, 2]


@pytest.mark.parametrize(
    ("bounds", "what"),
    [
        ([(0, 1)], "one pair"),
        ([(0, 1), (0, 1), (0, 1)], "one pair"),
        ([(0, 1), (0,)], "one pair"),
        ([0, 1], "one pair"),
        (5, "one pair"),
        ([(1, 0), (0, 1)], "exchange"),
        ([(0, 1), (np.nan, 1)], "NaN"),
        ([(0, 1), ("a", 1)], "numbers"),
        ([(0, 1), (np.inf, np.inf)], "allows no x"),
        (Bounds([0, 0, 0], [1, 1, 1]), "each of the 2 variables"),
        ([(0, 1j), (0, 1)], "numbers"),
    ],
)
def test_bad_bounds_are_a_clear_error(bounds, what):
    with pytest.raises(ValueError, match=f"(?s)bounds.*{what}"):
        Box.from_bounds(bounds, 2)


def test_bounds_do_not_follow_the_callers_arrays():
    lower = np.zeros(2)
    box = Box(lower, 1.0)
    lower[:] = 9.0
    assert box.lower.tolist() == [0, 0]
    with pytest.raises(ValueError, match="read-only"):
        box.lower[0] = 1.0
