"""How global problems are selected, and what they are as objects."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skgd.testing import global_problems

ALL = global_problems()


def test_names_and_families_select_and_do_not_reorder():
    chosen = global_problems(names=["shekel_5", "ackley_5", "griewank"])
    assert [p.name for p in chosen] == [
        "ackley_5",
        "griewank_2",
        "griewank_5",
        "griewank_10",
        "shekel_5",
    ]
    assert [p.n for p in global_problems(names="ackley")] == [2, 5, 10]


@given(max_n=st.integers(1, 12))
def test_max_n_leaves_out_larger_problems(max_n):
    assert global_problems(max_n=max_n) == [p for p in ALL if p.n <= max_n]
    assert global_problems(names="ackley_10", max_n=max_n) == [
        p for p in ALL if p.name == "ackley_10" and max_n >= 10
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"names": "rastrigan"}, "names.*'rastrigan'; did you mean 'rastrigin'"),
        ({"names": ["easom", "shubbert"]}, "names.*'shubbert'; did you mean 'shubert'"),
        ({"names": "???"}, r"names.*'\?\?\?'; global_problems\(\) lists them all"),
        ({"max_n": 0}, "max_n must be at least 1"),
        ({"max_n": 2.5}, "max_n must be a whole number"),
    ],
)
def test_bad_arguments_are_named_with_what_to_do(arguments, message):
    with pytest.raises(ValueError, match=message):
        global_problems(**arguments)


@pytest.mark.parametrize("shape", [(), (3,), (3, 2), (2, 2, 2)])
def test_points_of_another_shape_are_refused(shape):
    (problem,) = global_problems(names="branin")
    with pytest.raises(ValueError, match=r"x must have shape \(2,\) or \(2, m\), got shape \("):
        problem.fun(np.zeros(shape))


def test_problems_survive_pickling():
    for problem in ALL:
        copy = pickle.loads(pickle.dumps(problem))
        assert (copy.name, copy.best, copy.bounds) == (problem.name, problem.best, problem.bounds)
        assert copy.fun(copy.x_best) == problem.fun(problem.x_best)
