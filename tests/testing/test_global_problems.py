"""The global test problems are what they say: boxes, minima and formulas."""

from __future__ import annotations

from operator import attrgetter

import numpy as np
import pytest
from scipy.optimize import minimize, rosen
from selection import sample

from skgd.testing import GlobalProblem, global_problems, problems

ALL = global_problems()
BY_NAME = {problem.name: problem for problem in ALL}
each = pytest.mark.parametrize("problem", ALL, ids=attrgetter("name"))

# Digits that the literature agrees on.
LITERATURE = {
    "alpine_2_2": -7.8856,
    "bird": -106.764537,
    "branin": 0.397887,
    "carrom_table": -24.1568155,
    "chichinadze": -42.944387,
    "cross_in_tray": -2.06261218,
    "de_jong_5": 0.998003838,
    "dekkers_aarts": -24776.5183,
    "eggholder": -959.640663,
    "hansen": -176.541793,
    "hartmann_3": -3.86278,
    "hartmann_6": -3.32237,
    "holder_table": -19.2085026,
    "jennrich_sampson": 124.362,
    "kowalik": 3.07506e-4,
    "langermann": -5.16212616,
    "levy_5": -176.137578,
    "mccormick": -1.91322295,
    "michalewicz_2": -1.80130341,
    "michalewicz_5": -4.687658,
    "paviani": -45.77847,
    "rana": -500.802160,
    "schaffer_4": 0.292579,
    "schwefel_2": -837.965774,
    "shekel_10": -10.53641,
    "shekel_5": -10.1532,
    "shekel_7": -10.40294,
    "shubert": -186.730909,
    "trefethen": -3.30686865,
    "ursem_1": -4.816814,
}
# Of the smooth problems, those with the same formula: (global, smooth) names.
TWINS = {
    "beale": "beale",
    "biggs_exp6": "biggs_exp6",
    "branin": "branin",
    "colville": "wood",
    "egg_crate": "egg_crate_2",
    "freudenstein_roth": "freudenstein_roth",
    "goldstein_price": "goldstein_price",
    "griewank_5": "griewank_5",
    "gulf": "gulf",
    "hartmann_3": "hartmann_3",
    "hartmann_6": "hartmann_6",
    "helical_valley": "helical_valley",
    "jennrich_sampson": "jennrich_sampson",
    "kowalik": "kowalik_osborne",
    "powell_4": "powell_singular_4",
    "rastrigin_5": "rastrigin_5",
    "six_hump_camel": "six_hump_camel",
    "styblinski_tang_5": "styblinski_tang_5",
    "three_hump_camel": "three_hump_camel",
}


def box(problem: GlobalProblem) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.array(problem.bounds).T
    return low, high


def inside(problem: GlobalProblem, count: int) -> np.ndarray:
    """Return random points of the box, one a column."""
    low, high = box(problem)
    return np.random.default_rng(1).uniform(low, high, (count, problem.n)).T


def rounding(problem: GlobalProblem) -> float:
    """Return the size of the rounding error to be expected in a value near the minimum."""
    return 1e-12 * abs(problem.best) if problem.best else 1e-15


def test_there_are_many_problems_of_two_to_ten_variables_with_distinct_names():
    assert len(ALL) == len(BY_NAME) >= 60
    assert len({problem.family for problem in ALL}) >= 60
    assert {problem.n for problem in ALL} == {2, 3, 4, 5, 6, 8, 10}


@each
def test_best_is_the_value_at_a_point_of_the_box(problem):
    low, high = box(problem)
    assert np.all(np.isfinite([low, high]))
    assert np.all((low <= problem.x_best) & (problem.x_best <= high))
    assert abs(problem.fun(problem.x_best) - problem.best) <= rounding(problem)


@each
def test_no_point_near_the_minimiser_is_lower(problem):
    low, high = box(problem)
    away = np.random.default_rng(2).standard_normal((problem.n, 200))
    for size in (1e-7, 1e-4, 1e-2):
        points = problem.x_best + size * (high - low) * away.T
        values = problem.fun(np.clip(points, low, high).T)
        assert values.min() >= problem.best - rounding(problem)


@pytest.mark.parametrize("problem", sample(ALL, 60), ids=attrgetter("name"))
def test_nothing_lower_is_found_by_descents_from_the_best_of_many_points(problem):
    points = inside(problem, 3000)
    values = problem.fun(points)
    assert np.all(np.isfinite(values))
    for start in points.T[np.argsort(values)[:4]]:
        # Differences that step over an edge of the box, or that overflow, end the descent.
        result = minimize(problem.fun, start, method="L-BFGS-B", bounds=problem.bounds)
        assert result.fun >= problem.best - rounding(problem)


@pytest.mark.parametrize("name", LITERATURE)
def test_best_agrees_with_the_literature(name):
    assert BY_NAME[name].best == pytest.approx(LITERATURE[name], rel=2e-6)


@pytest.mark.parametrize("name", TWINS)
def test_formula_agrees_with_the_smooth_problem_of_the_same_name(name):
    (smooth,) = problems(names=TWINS[name])
    points = inside(BY_NAME[name], 20)
    np.testing.assert_allclose(
        BY_NAME[name].fun(points), [smooth.fun(point) for point in points.T], rtol=1e-10
    )


def test_rosenbrock_agrees_with_scipy():
    for problem in global_problems(names="rosenbrock"):
        points = inside(problem, 20)
        np.testing.assert_allclose(problem.fun(points), rosen(points), rtol=1e-13)


@each
def test_columns_get_the_values_of_single_points(problem):
    points = inside(problem, 7)
    values = problem.fun(points)
    assert values.shape == (7,)
    assert values.dtype == float
    singles = [problem.fun(point) for point in points.T]
    assert {type(single) for single in singles} == {float}
    np.testing.assert_allclose(values, singles, rtol=1e-10, atol=1e-13)
    assert problem.fun(points[:, :0]).shape == (0,)


@each
def test_calls_leave_the_argument_alone_and_take_lists(problem):
    x = problem.x_best.copy()
    value = problem.fun(x)
    np.testing.assert_array_equal(x, problem.x_best)
    assert problem.fun(x.tolist()) == value


@each
def test_points_far_out_give_no_warning(problem):
    for size in (-1e308, -1e200, 0.0, 1e200, 1e308, np.inf, np.nan):
        assert isinstance(problem.fun(np.full(problem.n, size)), float)


@each
def test_metadata_is_complete(problem):
    assert len(problem.source) > 20
    assert problem.name in (problem.family, f"{problem.family}_{problem.n}")
    assert problem.group
    assert isinstance(problem.best, float)
    assert len(problem.bounds) == problem.n == problem.x_best.size
    with pytest.raises(ValueError, match="read-only"):
        problem.x_best[0] = 7


def test_centred_says_that_the_minimiser_is_in_the_middle_of_the_box():
    assert BY_NAME["rastrigin_2"].centred
    assert BY_NAME["corrugated_spring_5"].centred
    assert not BY_NAME["schwefel_2"].centred
    assert not BY_NAME["lunacek_2"].centred
