"""The list of test problems: what it promises of each, and how it is selected from."""

from __future__ import annotations

import pickle
import subprocess
import sys
from operator import attrgetter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo import ALL, BY_NAME, KINDS

from skgd.testing import VARIANTS, problems


def test_there_are_many_problems_with_distinct_names():
    assert len(ALL) == len(BY_NAME) >= 110
    assert len({problem.family for problem in ALL}) >= 65
    assert {problem.n for problem in ALL} >= {1, 2, 3, 10, 50, 100}
    assert max(problem.n for problem in ALL) == 100


@pytest.mark.parametrize("problem", ALL, ids=attrgetter("name"))
def test_calls_return_plain_values_and_leave_the_argument_alone(problem):
    x = problem.x0
    value, gradient = problem.fun(x), problem.jac(x)
    assert isinstance(value, float)
    assert gradient.shape == (problem.n,)
    assert gradient.dtype == float
    np.testing.assert_array_equal(x, problem.start)
    assert problem.fun(list(x)) == value


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "bounded"])
def test_points_far_out_give_no_warning(variant):
    for problem in problems(variant=variant):
        for size in (-1e200, 1e200, 1e308):
            x = np.full(problem.n, size)
            problem.fun(x)
            if problem.jac is not None:
                problem.jac(x)


@pytest.mark.parametrize("problem", ALL, ids=attrgetter("name"))
def test_metadata_is_complete(problem):
    assert problem.source
    assert problem.name.startswith(problem.family)
    assert problem.best == min(problem.minima)
    assert list(problem.minima) == sorted(problem.minima)
    assert problem.fun(problem.x0) > problem.best
    assert problem.bounds is None
    assert problem.variant == "standard"
    assert not (problem.convex and problem.multimodal)


def test_start_is_a_fresh_copy():
    problem = BY_NAME["rosenbrock"]
    problem.x0[0] = 7
    np.testing.assert_array_equal(problem.x0, [-1.2, 1.0])
    with pytest.raises(ValueError, match="read-only"):
        problem.start[0] = 7


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "bounded"])
def test_problems_survive_pickling(variant):
    for problem in problems(names=KINDS, variant=variant):
        copy = pickle.loads(pickle.dumps(problem))
        assert copy.name == problem.name
        assert copy.fun(copy.x0) == problem.fun(problem.x0)


@given(seed=st.integers(0, 2**40), names=st.sets(st.sampled_from(KINDS), min_size=1))
def test_draw_does_not_depend_on_the_selection(seed, names):
    chosen = problems(names=names, variant="rotated", rng=seed)
    assert {problem.name for problem in chosen} == names
    for problem in chosen:
        (alone,) = problems(names=problem.name, variant="rotated", rng=seed)
        np.testing.assert_array_equal(alone.x0, problem.x0)


def test_generator_is_advanced_and_reproducible():
    rng = np.random.default_rng(3)
    first, second = (problems(names="wood", variant="rotated", rng=rng)[0] for _ in range(2))
    again = problems(names="wood", variant="rotated", rng=np.random.default_rng(3))[0]
    assert np.any(first.x0 != second.x0)
    np.testing.assert_array_equal(first.x0, again.x0)


@given(max_n=st.integers(1, 120))
def test_max_n_leaves_out_larger_problems(max_n):
    assert problems(max_n=max_n) == [problem for problem in ALL if problem.n <= max_n]


def test_families_stand_for_all_their_sizes():
    assert [p.n for p in problems(names=["raydan1"])] == [10, 50, 100]
    assert [p.n for p in problems(names="raydan1_50")] == [50]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"names": "rosenbrok"}, "names.*'rosenbrok'; did you mean 'rosenbrock'"),
        ({"names": ["wood", "beal"]}, "names.*'beal'; did you mean 'beale'"),
        ({"names": "???"}, r"names.*'\?\?\?'; problems\(\) lists them all"),
        ({"variant": "rotate"}, "variant.*'rotate'; did you mean 'rotated'"),
        ({"max_n": 0}, "max_n must be at least 1"),
        ({"max_n": 2.5}, "max_n must be a whole number"),
        ({"rng": -1}, r"rng.*Generator, must be at least 0"),
        ({"rng": "seed"}, r"rng.*Generator, must be a real number"),
    ],
)
def test_bad_arguments_are_named_with_what_to_do(arguments, message):
    with pytest.raises(ValueError, match=message):
        problems(**arguments)


def fresh(code: str) -> str:
    """Return what a new interpreter prints."""
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_skgd_does_not_import_its_test_problems():
    code = "import sys, skgd; print([name for name in sys.modules if 'skgd.testing' in name])"
    assert fresh(code) == "[]"


def test_problems_need_no_other_package_until_data_are_asked_for():
    others = {"scipy.optimize", "sklearn", "sympy", "matplotlib", "pytest", "hypothesis"}
    code = f"""
import sys
from skgd.testing import problems
problems(names=["wood", "dixmaana", "rastrigin"])
print({others!r} & set(sys.modules))
"""
    assert fresh(code) == "set()"
