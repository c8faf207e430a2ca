"""Penalties and constraints of coefficients: what an estimator's arguments mean."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from problems import points
from scipy.optimize import Bounds

from skgd import L1, Box, Within
from skgd.penalties import PENALTIES, read_penalty
from skgd.proximal import GroupLasso, Hyperplane

NAMES = ("age", "price", "rooms", "floor")
D = len(NAMES)
SIGMA = np.array([0.3, 1.0, 7.0, 200.0])


def read(penalty="l2", alpha=0.5, l1_ratio=0.25, **given_too):
    return read_penalty(penalty, alpha, l1_ratio, **given_too, names=NAMES, d=D)


# No squares underflow.
coefs = points(D, 10.0).map(lambda w: np.where(np.abs(w) < 1e-100, 0.0, w))

FORMULAS = {
    "l2": lambda w, f: 0.5 * (f * w**2 / 2).sum(),
    "l1": lambda w, f: 0.5 * (f * abs(w)).sum(),
    "elasticnet": lambda w, f: 0.5 * (f * (0.25 * abs(w) + 0.375 * w**2)).sum(),
    "group": lambda w, f: (
        0.5 * (np.sqrt(3) * f[0] * np.linalg.norm(w[[0, 1, 3]]) + f[2] * abs(w[2]))
    ),
}


@pytest.mark.parametrize("penalty", PENALTIES)
@given(coefs, coefs, st.sampled_from([(1, 1, 1, 1), (2, 2, 0.5, 2)]))
def test_value_is_the_written_formula_summed_over_outputs(penalty, one, two, factors):
    read_one = read(penalty, penalty_weights=factors, groups=[7, 7, "a", 7])
    formula, f = FORMULAS[penalty], np.array(factors, dtype=float)
    expected = formula(one, f) + formula(two, f)
    assert read_one.value(np.array([one, two])) == pytest.approx(expected, rel=1e-12, abs=1e-300)


def test_no_penalty_is_zero_and_smooth():
    nothing = read(None, alpha=3.0, penalty_weights=[1, 2, 3, 4])
    assert nothing.value(np.ones((2, D))) == 0.0
    assert nothing.smooth
    assert nothing.constraint(SIGMA, 2, intercept=True) is None


CASES = {
    "l1": {"penalty": "l1"},
    "weights": {"penalty": "l1", "penalty_weights": {"age": 0.0, 3: 4.0}},
    "elasticnet": {"penalty": "elasticnet"},
    "bounds": {"penalty": "l2", "bounds": {"price": (-1, 2), 3: (0.1, None)}},
    "bounded l1": {"penalty": "l1", "bounds": (-1, 0.3)},
    "positive": {"penalty": "l1", "positive": True, "bounds": (-5, 2.5)},
    "sum": {"penalty": None, "coef_sum": 1.0},
    "simplex": {"penalty": "l2", "coef_sum": 1.0, "positive": True},
    "sparse sum": {"penalty": "l1", "coef_sum": -0.7, "bounds": (-3, 1.1)},
    "group": {"penalty": "group", "groups": {"age": "a", "floor": "a", "price": -1}},
    "bounded group": {"penalty": "group", "groups": [0, 0, 1, 1], "bounds": (-1, 0.5)},
    "positive group": {"penalty": "group", "groups": [0, 1, 1, -1], "positive": True},
    "weighted group": {
        "penalty": "group",
        "groups": [0, 1, 1, 0],
        "penalty_weights": [0.0, 2.0, 2.0, 0.0],
    },
}
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
sigmas = arrays(float, D, elements=st.floats(1e-3, 1e3))


@cases
@pytest.mark.parametrize(("outputs", "intercept"), [(1, False), (1, True), (3, True), (2, False)])
@given(st.data())
def test_scaled_coordinates_mean_the_same(case, outputs, intercept, data):
    penalty = read(**case)
    sigma = penalty.scales(data.draw(sigmas))
    m = D + intercept
    ones = np.ones(D)
    plain = penalty.constraint(ones, outputs, intercept)
    scaled = penalty.constraint(sigma, outputs, intercept)
    plain.check(outputs * m)
    scaled.check(outputs * m)
    scale = np.tile(np.append(sigma, 1.0)[:m], outputs)
    z, t = data.draw(points(outputs * m, 10.0)), data.draw(st.floats(0.01, 10))
    w = plain.prox(z, t)
    u = scaled.prox(z * scale, t * scale**2)
    np.testing.assert_allclose(u / scale, w, rtol=1e-7, atol=1e-9)
    differ = (u == 0) != (w == 0)
    assert (np.abs(u / scale) + np.abs(w))[differ].max(initial=0.0) < 1e-12
    coef = w.reshape(outputs, m)[:, :D]
    ridge = (penalty.ridge / 2 * coef**2).sum()
    assert scaled.value(w * scale) == pytest.approx(penalty.value(coef) - ridge, rel=1e-9)


@cases
def test_an_intercept_is_free_and_unpenalised(case):
    constraint = read(**case).constraint(np.ones(D), 2, intercept=True)
    z = np.arange(10.0) - 50.0
    for t in (0.7, np.full(10, 0.7)):
        u = constraint.prox(z, t)
        assert (u[[4, 9]] == z[[4, 9]]).all()


@given(st.data())
def test_bounds_and_sums_hold_exactly_in_the_coordinates_of_the_data(data):
    sigma, z = data.draw(sigmas), data.draw(points(2 * D))
    for dtype in (np.float64, np.float32):
        penalty = read(None, bounds=(-0.1, 0.7), coef_sum=0.3)
        scale = penalty.scales(sigma)
        u = penalty.constraint(scale, 2, intercept=False).project(z.astype(dtype))
        w = u.reshape(2, D) / scale.astype(dtype)
        assert ((w >= -0.1) & (w <= 0.7)).all()
        rounding = 1e-13 if dtype == np.float64 else 1e-6
        np.testing.assert_allclose(w.sum(axis=1, dtype=float), 0.3, rtol=0, atol=rounding)


def test_the_constraint_has_the_simplest_form():
    kinds = {name: type(read(**case).constraint(SIGMA, 1, False)) for name, case in CASES.items()}
    assert kinds == {
        "l1": L1,
        "weights": L1,
        "elasticnet": L1,
        "bounds": Box,
        "bounded l1": Within,
        "positive": Within,
        "sum": Hyperplane,
        "simplex": Hyperplane,
        "sparse sum": Hyperplane,
        "group": GroupLasso,
        "bounded group": GroupLasso,
        "positive group": GroupLasso,
        "weighted group": GroupLasso,
    }


@pytest.mark.parametrize(
    ("arguments", "smooth"),
    [
        ({"penalty": "l2"}, True),
        ({"penalty": "l1", "alpha": 0.0}, True),
        ({"penalty": "elasticnet", "l1_ratio": 0.0}, True),
        ({"penalty": "l1", "penalty_weights": np.zeros(D)}, True),
        ({"penalty": "group", "groups": [-1] * D}, True),
        ({"bounds": (None, None)}, True),
        ({"bounds": [(-np.inf, np.inf)] * D}, True),
        ({"penalty": "l1"}, False),
        ({"penalty": "elasticnet"}, False),
        ({"positive": True}, False),
        ({"coef_sum": 0}, False),
        ({"penalty": "group", "groups": [0] * D}, False),
    ],
)
def test_a_penalty_without_kinks_and_constraints_is_smooth(arguments, smooth):
    penalty = read(**arguments)
    assert penalty.smooth is smooth
    assert (penalty.constraint(SIGMA, 1, intercept=True) is None) is smooth


def test_scales_are_kept_where_they_may_be():
    np.testing.assert_array_equal(read("l2").scales(SIGMA), SIGMA)
    np.testing.assert_array_equal(read("l1").scales(SIGMA), SIGMA)
    wild = np.array([0.0, np.nan, np.inf, 2.0])
    np.testing.assert_array_equal(read("l2").scales(wild), [1, 1, 1, 2])


@given(sigmas)
def test_scales_beside_bounds_are_near_powers_of_two(sigma):
    scales = read("l2", bounds=(0, 1)).scales(sigma)
    mantissas, _ = np.frexp(scales)
    assert (mantissas == 0.5).all()
    assert (np.abs(np.log2(scales / sigma)) <= 0.5 + 1e-12).all()


@given(sigmas)
def test_scales_are_the_same_within_a_group(sigma):
    before = sigma.copy()
    scales = read("group", groups=[3, -1, 3, 3]).scales(sigma)
    assert len(set(scales[[0, 2, 3]].tolist())) == 1
    assert scales[1] == sigma[1]
    assert sigma[[0, 2, 3]].min() * 0.999 <= scales[0] <= sigma[[0, 2, 3]].max() * 1.001
    np.testing.assert_array_equal(sigma, before)


@pytest.mark.parametrize(
    "bounds",
    [
        {"age": (0, 1), "rooms": (None, 5)},
        {0: (0, 1), 2: [-np.inf, 5]},
        {np.int64(0): np.array([0, 1]), "rooms": (None, 5.0)},
        [(0, 1), (None, None), (None, 5), (-np.inf, np.inf)],
        np.array([[0, 1], [-np.inf, np.inf], [-np.inf, 5], [-np.inf, np.inf]]),
        pd.DataFrame({"low": [0, -np.inf, -np.inf, -np.inf], "high": [1, np.inf, 5, np.inf]}),
        Bounds([0, -np.inf, -np.inf, -np.inf], [1, np.inf, 5, np.inf]),
    ],
    ids=["names", "positions", "both", "pairs", "array", "frame", "Bounds"],
)
def test_bounds_are_read_in_each_form(bounds):
    box = read(bounds=bounds).bounds
    assert box.lower.tolist() == [0, -np.inf, -np.inf, -np.inf]
    assert box.upper.tolist() == [1, np.inf, 5, np.inf]


@pytest.mark.parametrize("pair", [(0, 1), [0.0, 1.0], np.array([0, 1]), Bounds(0, 1)])
def test_one_pair_is_for_every_column(pair):
    box = read(bounds=pair).bounds
    assert (box.lower.tolist(), box.upper.tolist()) == ([0] * D, [1] * D)


def test_two_columns_may_have_a_pair_each_or_share_one():
    assert read_penalty("l2", bounds=[(0, 1), (2, 3)], d=2).bounds.lower.tolist() == [0, 2]
    assert read_penalty("l2", bounds=(0, 1), d=2).bounds.lower.tolist() == [0, 0]
    assert read_penalty("l2", bounds=[(0, 1)], d=1).bounds.upper.tolist() == [1]


def test_positive_and_bounds_hold_both():
    box = read(bounds={"age": (-1, 2), "price": (3, None)}, positive=True).bounds
    assert box.lower.tolist() == [0, 3, 0, 0]
    assert box.upper.tolist() == [2, np.inf, np.inf, np.inf]


@pytest.mark.parametrize(
    ("groups", "numbers"),
    [
        ([4, 4, 2, 2], [0, 0, 1, 1]),
        (np.array([1.0, 1.0, -1.0, 3.0]), [0, 0, -1, 1]),
        (["a", "b", "a", "b"], [0, 1, 0, 1]),
        (["a", 1, -1, "a"], [0, 1, -1, 0]),
        (pd.Series(["x", "x", "y", "y"]), [0, 0, 1, 1]),
        ({"age": "a", "rooms": "a"}, [0, 1, 0, 2]),
        ({0: 5, "floor": -1}, [0, 1, 2, -1]),
    ],
)
def test_groups_are_numbered_in_order_of_appearance(groups, numbers):
    assert read("group", groups=groups).groups.tolist() == numbers


def test_arguments_of_other_penalties_are_welcome_in_a_grid_search():
    penalty = read("l1", groups=[0, 0, 1, 1], l1_ratio=0.9)
    assert not penalty.group_strength.size
    assert penalty.strength.tolist() == [0.5] * D


def test_whole_weights_and_numbers_of_other_types_are_welcome():
    penalty = read("l1", alpha=np.float32(0.5), penalty_weights=[1, 0, 2, 3])
    assert penalty.strength.tolist() == [0.5, 0, 1, 1.5]
    assert penalty.strength.dtype == np.float64


@cases
def test_penalties_pickle(case):
    penalty = read(**case)
    again = pickle.loads(pickle.dumps(penalty))
    w = np.linspace(-1, 1, 2 * D).reshape(2, D)
    assert again.value(w) == penalty.value(w)
    u = np.linspace(-1, 1, 2 * D)
    sigma = penalty.scales(SIGMA)
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(again.constraint(sigma, 2, False))).prox(u, 0.1),
        penalty.constraint(sigma, 2, False).prox(u, 0.1),
    )
