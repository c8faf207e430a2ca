"""`check_gradient` believes right gradients, finds wrong ones, and says how far it can see."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import Quadratic, quadratics
from scipy.optimize import rosen, rosen_der

from skgd import Central, ComplexStep, Formula, Forward
from skgd.gradient_check import check_gradient

FUNCTIONS = {
    "exp": (lambda x: np.exp(x).sum(), np.exp),
    "sin of large": (lambda x: np.sin(100 * x).sum(), lambda x: 100 * np.cos(100 * x)),
    "large offset": (lambda x: 1e8 + (x**3).sum(), lambda x: 3 * x**2),
    "tiny": (lambda x: 1e-200 * (x**2).sum(), lambda x: 2e-200 * x),
    "huge": (lambda x: 1e200 * (x**2).sum(), lambda x: 2e200 * x),
    "kink": (lambda x: abs(x).sum(), np.sign),
    "rosen": (lambda x: rosen(np.append(x, 1.0)), lambda x: rosen_der(np.append(x, 1.0))[:-1]),
    "single": (
        lambda x: float(np.sin(x.astype(np.float32)).sum()),
        lambda x: np.cos(x.astype(np.float32)),
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@given(x=st.lists(st.floats(-5, 5).filter(lambda x: abs(x) > 1e-3), min_size=1, max_size=4))
def test_right_gradients_pass(name, x):
    fun, jac = FUNCTIONS[name]
    assert check_gradient(fun, jac, x), str(check_gradient(fun, jac, x))


@given(quadratics(max_n=10))
def test_gradients_of_quadratics_pass(problem):
    check = check_gradient(problem.value, problem.gradient, problem.start())
    assert check.ok, str(check)


@given(
    st.integers(2, 6).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1))),
    st.sampled_from([-1.0, 0.0, 0.5, 2.0, 1.001]),
)
def test_a_wrong_coordinate_is_found_and_described(place, factor):
    n, wrong = place
    problem = Quadratic.random(n, seed=n)
    x = problem.solution + np.linalg.solve(problem.A, np.ones(n))

    def jac(x):
        g = problem.gradient(x)
        g[wrong] *= factor
        return g

    check = check_gradient(problem.value, jac, x)
    assert not check
    assert check.index == wrong
    assert check.numeric == pytest.approx(1.0, rel=1e-9)
    assert check.analytic == pytest.approx(factor, abs=1e-9)
    assert check.error == pytest.approx(abs(1 - factor), rel=1e-6)
    assert check.relative_error == pytest.approx(abs(1 - factor) / max(1, abs(factor)), rel=1e-6)
    assert abs(check.numeric - 1.0) <= 10 * check.accuracy < 1e-9
    assert check.checked == n


def test_the_verdict_reads_well():
    right = check_gradient(lambda x: x @ x, lambda x: 2 * x, [1.0, 2.0])
    assert str(right).startswith("The gradient agrees with differences in 2 coordinates; ")
    wrong = str(check_gradient(lambda x: x @ x, lambda x: x, [1.0]))
    assert wrong.startswith("The gradient is wrong in coordinate 0: given 1, by differences 2 (")
    assert wrong.endswith("absolute error 1, relative error 0.5.")


def test_the_result_is_frozen():
    check = check_gradient(lambda x: x @ x, lambda x: 2 * x, [1.0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        check.ok = False


def test_a_function_that_returns_both_is_checked():
    assert check_gradient(lambda x: (x @ x, 2 * x), True, [1.0, 2.0])
    assert not check_gradient(lambda x: (x @ x, x), True, [1.0, 2.0])


def test_a_formula_is_checked():
    f = Formula("x**2 + 8*sin(x)")
    assert check_gradient(f, f.jac, 3.0)


def test_a_scheme_is_checked_like_a_gradient():
    assert check_gradient(rosen, Central(), [1.3, 0.7])
    assert not check_gradient(rosen, Forward(step=1e-2), [1.3, 0.7])


def test_arguments_reach_both_functions():
    def fun(x, a, b):
        return a * (x @ x) + b

    def jac(x, a, b):
        return 2 * a * x

    assert check_gradient(fun, jac, [1.0, 2.0], args=(3.0, 1.0))
    assert check_gradient(lambda x, a: a * x @ x, lambda x, a: 2 * a * x, [1.0], args=2.0)


def test_chosen_coordinates_only_are_checked_and_paid_for():
    calls = []

    def fun(x):
        calls.append(x)
        return x @ x

    check = check_gradient(
        fun, lambda x: np.array([0, 2, 4.0]), [1.0, 1.0, 2.0], coordinates=[2, -2]
    )
    assert check.ok
    assert check.checked == 2
    assert len(calls) == 1 + 24 * 2
    assert not check_gradient(fun, lambda x: np.array([0, 2, 4.0]), [1.0, 1.0, 2.0], coordinates=0)


def test_many_points_go_out_at_once_when_vectorized():
    shapes = []

    def fun(x):
        shapes.append(x.shape)
        return (x**2).sum(axis=0)

    assert check_gradient(fun, lambda x: 2 * x, [1.0, 2.0, 3.0], vectorized=True)
    assert shapes == [(3, 1)] + [(3, 6)] * 12


@pytest.mark.parametrize("x", [1e-12, 1e-3, 0.5, 1.0])
def test_no_point_outside_the_bounds_is_evaluated(x):
    def fun(z):
        assert 0 <= z[0] <= 1
        assert z[1] == 5.0
        return np.sqrt(z[0] + 1e-3) * z[1]

    def jac(z):
        return np.array([z[1] / 2 / np.sqrt(z[0] + 1e-3), 0.0])

    check = check_gradient(fun, jac, [x, 5.0], bounds=[(0, 1), (5, 5)])
    assert check.ok, str(check)
    assert check.checked == 1
    assert not check_gradient(fun, lambda z: 1.01 * jac(z), [x, 5.0], bounds=[(0, 1), (5, 5)])


def test_steps_that_leave_the_domain_are_passed_over():
    assert check_gradient(
        lambda x: float(np.log(x[0])) if x[0] > 0 else np.nan, lambda x: 1 / x, [0.01]
    )


def test_noise_of_the_function_is_allowed_for():
    rng = np.random.default_rng(0)

    def fun(x):
        return x @ x + 1e-9 * rng.normal()

    assert check_gradient(fun, lambda x: 2 * x, [1.0, -2.0, 0.5])
    assert not check_gradient(fun, lambda x: 2.01 * x, [1.0, -2.0, 0.5])


def test_a_complex_step_is_checked_like_a_gradient():
    assert check_gradient(lambda x: (x**3).sum(), ComplexStep(), [1.0, 2.0])


def test_the_switch_is_checked():
    with pytest.raises(ValueError, match="vectorized must be True or False, got 'no'"):
        check_gradient(np.sum, np.ones_like, [1.0], vectorized="no")


def test_inputs_are_left_alone():
    x = np.array([1.0, 2.0])
    x.flags.writeable = False
    shared = np.empty(2)

    def jac(x):
        return np.multiply(2, x, out=shared)

    assert check_gradient(lambda x: x @ x, jac, x)
    assert check_gradient(lambda x: x @ x, lambda x: [int(2 * v) for v in x], [1, 2])


@pytest.mark.parametrize(
    ("arguments", "options", "what"),
    [
        ((1.0, np.sin, [1.0]), {}, "fun must be callable"),
        ((np.sum, None, [1.0]), {}, "jac must be callable, or True"),
        ((np.sum, np.ones_like, []), {}, "x is empty"),
        ((np.sum, np.ones_like, [[1.0]]), {}, "x must have one dimension"),
        ((np.sum, np.ones_like, [np.nan]), {}, "x must be finite"),
        ((np.sum, np.ones_like, ["a"]), {}, "x must be a number"),
        ((np.sum, np.ones_like, [1j]), {}, "x must be real"),
        ((np.cumsum, np.ones_like, [1.0, 2.0]), {}, "fun must return one real number"),
        ((np.sum, lambda x: np.ones(3), [1.0, 2.0]), {}, r"jac must return .*\(2,\)"),
        ((np.sum, lambda x: np.ones((2, 2)), [1.0, 2.0]), {}, "jac must return"),
        ((np.sum, lambda x: "no", [1.0, 2.0]), {}, "jac must return"),
        ((np.sum, lambda x: np.array([1, np.nan]), [1.0, 2.0]), {}, "entry 1 is nan"),
        ((lambda x: np.inf, np.ones_like, [1.0]), {}, "fun is not finite at x"),
        (
            (lambda x: 1.0 if x[0] == 1.0 else np.nan, np.ones_like, [1.0]),
            {},
            "fun is not finite around x in coordinate 0",
        ),
        ((np.sum, np.ones_like, [1.0]), {"coordinates": 1}, "coordinates must lie in"),
        ((np.sum, np.ones_like, [1.0]), {"coordinates": [0.5]}, "coordinates must be indices"),
        ((np.sum, np.ones_like, [1.0]), {"coordinates": []}, "coordinates must be indices"),
        ((np.sum, np.ones_like, [1.0]), {"rtol": 0.0}, "rtol must be positive"),
        ((np.sum, np.ones_like, [1.0]), {"bounds": [(2, 3)]}, "outside the bounds"),
        ((np.sum, np.ones_like, [1.0]), {"bounds": [(1, 1)]}, "nothing to check"),
    ],
)
def test_bad_input_is_a_clear_error(arguments, options, what):
    with pytest.raises(ValueError, match=what):
        check_gradient(*arguments, **options)
