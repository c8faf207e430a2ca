"""Arguments about coefficients that make no sense are a clear error, which names the argument."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds

from skgd.penalties import read_penalty

NAMES = ("age", "price", "rooms")


def read(penalty="l2", **given):
    return read_penalty(penalty, **{"names": NAMES, "d": 3, **given})


BAD = {
    "unknown penalty": ({"penalty": "L1"}, "penalty must be one of .*'L1'; did you mean 'l1'"),
    "penalty of another kind": ({"penalty": 1.0}, "penalty must be one of"),
    "list for a penalty": ({"penalty": ["l1"]}, "penalty must be one of"),
    "negative alpha": ({"alpha": -1.0}, "alpha must not be negative"),
    "NaN alpha": ({"alpha": np.nan}, "alpha must be a finite number"),
    "infinite alpha": ({"alpha": np.inf}, "alpha must be a finite number"),
    "text alpha": ({"alpha": "1"}, "alpha must be a real number"),
    "array alpha": ({"alpha": [1.0, 2.0]}, "alpha must be a real number"),
    "l1_ratio": ({"l1_ratio": 1.5}, r"l1_ratio must lie in \[0, 1\]"),
    "NaN l1_ratio": ({"l1_ratio": np.nan}, "l1_ratio must be a finite number"),
    "weights of another shape": ({"penalty_weights": [1, 2]}, r"penalty_weights .* \(3,\)"),
    "one weight": ({"penalty_weights": 2.0}, r"penalty_weights must have shape \(3,\)"),
    "negative weight": ({"penalty_weights": [1, -2, 1]}, "penalty_weights .* column 'price'"),
    "NaN weight": ({"penalty_weights": [1, np.nan, 1]}, "penalty_weights must be finite"),
    "text weights": ({"penalty_weights": "abc"}, "penalty_weights must be"),
    "NaN weight by name": (
        {"penalty_weights": {"price": np.nan}},
        "penalty_weights of column 'price' must be a finite number",
    ),
    "negative weight by name": (
        {"penalty_weights": {1: -1}},
        "penalty_weights of column 'price' must not be negative",
    ),
    "unknown column": (
        {"penalty_weights": {"prise": 1}},
        "penalty_weights: there is no column 'prise'; did you mean 'price'",
    ),
    "column like no other": (
        {"bounds": {"xyz": (0, 1)}},
        r"bounds: there is no column 'xyz'; the columns are \['age', 'price', 'rooms'\]",
    ),
    "names without names": (
        {"bounds": {"age": (0, 1)}, "names": None},
        "bounds: there is no column 'age', as X came without names",
    ),
    "position too large": (
        {"groups": {3: "a"}, "penalty": "group"},
        "groups: there is no column 3; positions go from 0 to 2",
    ),
    "negative position": ({"bounds": {-1: (0, 1)}}, "bounds: there is no column -1"),
    "boolean position": ({"bounds": {True: (0, 1)}}, "bounds: a column must be given by"),
    "column twice": (
        {"bounds": {"price": (0, 1), 1: (0, 2)}},
        "bounds: column 'price' is there twice",
    ),
    "bound is no pair": ({"bounds": {"age": 3}}, "bounds of column 'age' must be a pair"),
    "text for a pair": ({"bounds": {"age": "ab"}}, "bounds of column 'age' must be a pair"),
    "text for bounds": ({"bounds": "ab"}, "bounds must be a pair"),
    "a number for bounds": ({"bounds": 0.0}, "bounds must be a pair"),
    "an array of no dimension": ({"bounds": np.array(0.0)}, "bounds must be a pair"),
    "too few pairs": ({"bounds": [(0, 1), (0, 1)]}, "bounds must be a pair .* 3 columns"),
    "too few in Bounds": ({"bounds": Bounds([0, 0], [1, 1])}, "bounds must have"),
    "crossed": ({"bounds": (1, 0)}, "bounds: the lower bound 1 is greater .* exchange"),
    "crossed by name": ({"bounds": {"age": (1, 0)}}, "bounds of column 'age': the lower bound 1"),
    "crossed pairs": ({"bounds": [(0, 1), (1, 0), (0, 1)]}, "bounds: .* exchange"),
    "NaN bound": ({"bounds": (np.nan, 1)}, "bounds must not be NaN"),
    "NaN pair": ({"bounds": {"age": (0, np.nan)}}, "bounds of column 'age' must not be NaN"),
    "text in a pair": ({"bounds": ("a", 1)}, "bounds must be numbers or None"),
    "infinite lower bound": ({"bounds": (np.inf, None)}, "bounds: a lower bound of inf"),
    "positive is no truth value": ({"positive": "yes"}, "positive must be True or False"),
    "positive but negative": (
        {"positive": True, "bounds": {"age": (-2, -1)}},
        "positive=True contradicts the upper bound -1 of column 'age'",
    ),
    "NaN sum": ({"coef_sum": np.nan}, "coef_sum must be a finite number"),
    "text sum": ({"coef_sum": "1"}, "coef_sum must be a real number"),
    "sum above": (
        {"coef_sum": 1.0, "bounds": (0, 0.3)},
        "coef_sum=1 cannot be reached: .* at most 0.9; widen",
    ),
    "sum below": (
        {"coef_sum": -1.0, "positive": True},
        "coef_sum=-1 cannot be reached: .* at least 0; widen",
    ),
    "group without groups": ({"penalty": "group"}, "penalty='group' needs groups"),
    "groups of another shape": ({"penalty": "group", "groups": [0, 1]}, r"groups .* \(3,\)"),
    "nested groups": ({"penalty": "group", "groups": [[0, 1], [2]]}, r"groups .* \(3,\)"),
    "one group": ({"penalty": "group", "groups": "abc"}, r"groups must have shape \(3,\).*'abc'"),
    "fraction for a group": ({"penalty": "group", "groups": [0.5, 1, 1]}, "groups must be texts"),
    "NaN for a group": ({"penalty": "group", "groups": [np.nan, 1, 1]}, "groups must be texts"),
    "negative group": ({"penalty": "group", "groups": {"age": -2}}, "groups must be texts"),
    "boolean groups": ({"penalty": "group", "groups": [True, True, False]}, "groups must be"),
    "weights within a group": (
        {"penalty": "group", "groups": [0, 1, 0], "penalty_weights": [1, 2, 3]},
        "penalty_weights must be the same .* 1 for column 'age' and 3 for column 'rooms'",
    ),
    "group with a sum": (
        {"penalty": "group", "groups": [0, 0, 1], "coef_sum": 1},
        "penalty='group' cannot be combined with coef_sum",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD.keys())
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        read(**arguments)


def test_a_sum_that_the_bounds_just_allow_is_no_error():
    for bounds, total in [((0, 0.1), 0.3), ((0.1, None), 0.3), ((0, 1 / 3), 1.0)]:
        penalty = read(bounds=bounds, coef_sum=total)
        sigma = penalty.scales(np.array([0.3, 1.0, 70.0]))
        constraint = penalty.constraint(sigma, 2, intercept=True)
        constraint.check(8)
        w = constraint.project(np.zeros(8)).reshape(2, 4)[:, :3] / sigma
        np.testing.assert_allclose(w, total / 3, rtol=1e-12)


def test_arguments_are_left_alone():
    weights, groups = np.array([1.0, 2.0, 3.0]), np.array([0, 0, 1])
    for array in (weights, groups):
        array.flags.writeable = False
    read("l1", penalty_weights=weights)
    read("group", groups=groups)
    weights = np.array([1.0, 2.0, 3.0])
    penalty = read("l1", alpha=1.0, penalty_weights=weights)
    weights[0] = 99.0
    assert penalty.strength[0] == 1.0
