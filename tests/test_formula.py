"""A formula computes what it says, with exact derivatives, and is never run as code."""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize, special

from skgd._formula.expression import parse
from skgd._formula.syntax import FUNCTIONS, MAX_DEPTH, MAX_LENGTH, MAX_NODES
from skgd.formula import Formula

ARTICLE = {
    "(x-10)**2": lambda x: (x[0] - 10) ** 2,
    "x**2 + 8*sin(x)": lambda x: x[0] ** 2 + 8 * np.sin(x[0]),
    "sin(x**2 + y**2)": lambda x: np.sin(x[0] ** 2 + x[1] ** 2),
}
ROSENBROCK = "(1 - x)**2 + 100*(y - x**2)**2"

ONE_ARGUMENT = sorted(set(FUNCTIONS) - {"atan2", "arctan2", "Piecewise"})


def _extend(terms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two, three = st.tuples(terms, terms), st.tuples(terms, terms, terms)
    return st.one_of(
        st.builds("({0[0]} {1} {0[1]})".format, two, st.sampled_from(["+", "-", "*", "/", "**"])),
        st.builds(
            "({})**{}".format, terms, st.sampled_from(["2", "3", "7", "(-1)", "(1/3)", "0.5"])
        ),
        st.builds("{}({})".format, st.sampled_from(ONE_ARGUMENT), terms),
        st.builds("max({0[0]}, {0[1]}, {0[2]})".format, three),
        st.builds("atan2({0[0]}, {0[1]})".format, two),
        st.builds("Piecewise(({0[0]}, {0[1]} < {0[2]}), ({0[1]}, True))".format, three),
    )


LEAVES = st.sampled_from(["x", "y", "-x", "3", "0.7", "pi", "(x - 2)", "(y - 1.5)"])
TEXTS = st.recursive(LEAVES, _extend, max_leaves=8)
# The two grids have no point in common and avoid the numbers above, hence most kinks.
POINTS = st.tuples(
    st.integers(1, 90).map(lambda k: (k + 0.37) / 31),
    st.integers(1, 90).map(lambda k: (k + 0.37) / 37),
).map(np.array)


def formula_in_x_and_y(text: str) -> Formula:
    try:
        return Formula(text, variables=["x", "y"])
    except ValueError as error:
        # Random text may well divide by zero or take the logarithm of a negative number.
        assume(not re.search("finite real number|by zero|another Piecewise", str(error)))
        raise


def assume_moderate(*arrays):
    for array in arrays:
        assume(bool(np.all(np.abs(array) < 1e6)))


def assume_complex_values_are_the_real_ones(f, x):
    # A condition of Piecewise that is NaN in real numbers, hence false, may hold in complex ones.
    assume(bool(np.isclose(f(x + 0j), f(x))))


def complex_step(function, x, h=1e-30):
    steps = 1j * h * np.eye(x.size)
    return np.stack([np.imag(function(x + step)) / h for step in steps], axis=-1)


class TestValuesAndDerivatives:
    @pytest.mark.parametrize("text", ARTICLE)
    def test_article_functions_have_their_values(self, text):
        f = Formula(text)
        x = np.linspace(-3, 3, 8).reshape(2, 4)[: len(f.variables)]
        assert_allclose(f(x), ARTICLE[text](x))

    @given(TEXTS, POINTS)
    def test_gradient_agrees_with_the_complex_step(self, text, x):
        f = formula_in_x_and_y(text)
        assume_moderate(f(x), f.jac(x))
        assume_complex_values_are_the_real_ones(f, x)
        assert_allclose(f.jac(x), complex_step(f, x), rtol=1e-7, atol=1e-7)

    @given(TEXTS, POINTS)
    def test_hessian_is_symmetric_and_agrees_with_the_complex_step_of_the_gradient(self, text, x):
        f = formula_in_x_and_y(text)
        hessian = f.hess(x)
        assert_array_equal(hessian, hessian.T)
        assume("gamma" not in text)
        assume_moderate(f(x), f.jac(x), hessian)
        assume_complex_values_are_the_real_ones(f, x)
        assert_allclose(hessian, complex_step(f.jac, x), rtol=1e-6, atol=1e-6)

    @given(TEXTS, POINTS, POINTS)
    def test_hessian_product_is_the_hessian_times_the_vector(self, text, x, p):
        f = formula_in_x_and_y(text)
        assume_moderate(f(x), f.jac(x), f.hess(x))
        assert_allclose(f.hessp(x, p), f.hess(x) @ p, rtol=1e-8, atol=1e-8)

    @given(TEXTS, st.lists(POINTS, min_size=2, max_size=4))
    def test_many_points_are_each_computed_like_one(self, text, points):
        f = formula_in_x_and_y(text)
        x = np.array(points).T
        for i, point in enumerate(points):
            assume_moderate(f(point), f.jac(point), f.hess(point))
            assert_allclose(f(x)[i], f(point), rtol=1e-9, atol=1e-9)
            assert_allclose(f.jac(x)[:, i], f.jac(point), rtol=1e-9, atol=1e-9)
            assert_allclose(f.hess(x)[:, :, i], f.hess(point), rtol=1e-8, atol=1e-8)
            assert_allclose(f.hessp(x, x)[:, i], f.hessp(point, point), rtol=1e-8, atol=1e-8)

    @given(TEXTS, POINTS)
    def test_value_and_grad_is_value_and_gradient(self, text, x):
        f = formula_in_x_and_y(text)
        value, slopes = f.value_and_grad(x)
        assert_array_equal(value, f(x))
        assert_array_equal(slopes, f.jac(x))

    @given(TEXTS, POINTS)
    def test_expression_of_text_has_the_value_of_the_formula(self, text, x):
        f = formula_in_x_and_y(text)
        assume_moderate(f(x))
        evaluate = sympy.lambdify(sympy.symbols("x y"), f.expression, ["scipy", "numpy"])
        with np.errstate(all="ignore"):
            expected = evaluate(*x)
        assume_moderate(expected)
        assert_allclose(f(x), expected, rtol=1e-7, atol=1e-9)

    @pytest.mark.parametrize(
        "expression",
        [
            "x**3*y - y/(3*x) + 2",
            "exp(-x**2/2)/sqrt(2*pi) + y",
            "x**y + y**x + x**x + 2**x",
            "log(1 + x**2)*atan2(y, x) + log10(y)",
            "tanh(x*y) + erf(x) - erfc(y) + gamma(x)*loggamma(y)",
            "asin(x/9) + acos(y/9) + atan(x) + asinh(y) + acosh(2 + x) + atanh(x/9)",
            "sinh(x)/cosh(y) + tan(x) + log2(x) + E**y",
        ],
    )
    def test_derivatives_are_those_of_sympy(self, expression):
        f = Formula(expression)
        x, y = symbols = sympy.symbols("x y")
        point = {x: sympy.Rational(4, 5), y: sympy.Rational(13, 10)}
        slopes = [f.expression.diff(symbol) for symbol in symbols]
        seconds = [[slope.diff(symbol) for symbol in symbols] for slope in slopes]
        expected = [float(slope.evalf(subs=point)) for slope in slopes]
        curvature = [[float(entry.evalf(subs=point)) for entry in row] for row in seconds]
        assert_allclose(f.jac([0.8, 1.3]), expected, rtol=1e-12)
        assert_allclose(f.hess([0.8, 1.3]), curvature, rtol=1e-12, atol=1e-13)

    def test_second_derivatives_of_long_products_stay_small(self):
        # As a SymPy expression the second derivative has 200**2 terms of 200 factors.
        f = Formula("*".join(f"(x + {i})" for i in range(1, 201)) + "/10**300")
        logarithmic = sum(1 / (1.5 + i) for i in range(1, 201))
        assert_allclose(f.jac(1.5), f(1.5) * logarithmic)
        squares = sum(1 / (1.5 + i) ** 2 for i in range(1, 201))
        assert_allclose(f.hess(1.5), [[f(1.5) * (logarithmic**2 - squares)]])

    def test_hundred_variables_are_in_order_and_exact(self):
        terms = [f"(1 - x{i})**2 + 100*(x{i + 1} - x{i}**2)**2" for i in range(1, 100)]
        f = Formula(" + ".join(terms))
        x = np.linspace(-1, 1, 100)
        assert f.variables == tuple(f"x{i}" for i in range(1, 101))
        assert_allclose(f(x), optimize.rosen(x))
        assert_allclose(f.jac(x), optimize.rosen_der(x), atol=1e-12)
        assert_allclose(f.hess(x), optimize.rosen_hess(x))
        assert_allclose(f.hessp(x, x), optimize.rosen_hess_prod(x, x), atol=1e-10)

    def test_too_many_operations_are_refused(self):
        f = Formula("*".join(f"sin(x{i}*y{i})" for i in range(300)))
        assert f.jac(np.ones(600)).shape == (600,)
        with pytest.raises(ValueError, match="more than 100000 operations"):
            f.hess(np.ones(600))

    @pytest.mark.parametrize(
        "text",
        ["(x-3)**101", "x**5", "gamma(x)", "loggamma(x)", "abs(x)", "atan2(1, x)", "gamma(x)**2*x"],
    )
    def test_complex_step_works_left_of_zero(self, text):
        f, x = Formula(text), np.array([-1.3])
        assert_allclose(complex_step(f, x), f.jac(x))
        if "gamma" not in text:
            assert_allclose(complex_step(f.jac, x), f.hess(x))


class TestDomainsAndKinks:
    @pytest.mark.parametrize(
        ("text", "x", "value"),
        [
            ("log(x)", -1.0, np.nan),
            ("log(x)", 0.0, -np.inf),
            ("sqrt(x)", -1.0, np.nan),
            ("x**0.3", -1.0, np.nan),
            ("x**(-1)", 0.0, np.inf),
            ("x**(-3)", 0.0, np.inf),
            ("1/x - 1/x**2", 0.0, np.nan),
            ("exp(x)", 1e4, np.inf),
            ("x**2", 1e200, np.inf),
            ("x**7", -1e200, -np.inf),
            ("sin(x)", np.inf, np.nan),
            ("acosh(x)", 0.5, np.nan),
            ("atanh(x)", 1.0, np.inf),
            ("gamma(x)", 200.0, np.inf),
            ("loggamma(x)", 0.0, np.inf),
            ("max(x, 1)", np.nan, np.nan),
            ("max(1, x)", np.nan, np.nan),
            ("min(x, 1)", np.nan, np.nan),
            ("sign(x)", np.nan, np.nan),
            ("Piecewise((1, x > 0))", -1.0, np.nan),
            ("Piecewise((log(x), x > 0), (x, True))", -2.0, -2.0),
        ],
    )
    def test_outside_of_the_domain_the_value_is_that_of_numpy_without_a_warning(
        self, text, x, value
    ):
        f = Formula(text)
        assert_array_equal(f(x), value)
        assert_array_equal(f(np.array([x, x])), [value, value])
        assert isinstance(f(x), float)

    @given(TEXTS, st.sampled_from([0.0, -1.0, 1e200, -1e200, np.inf, -np.inf, np.nan]))
    def test_no_point_makes_a_formula_raise_or_warn(self, text, x):
        f = formula_in_x_and_y(text)
        point = np.array([x, 0.0])
        assert type(f(point)) is float
        assert f.jac(point).dtype == f.hess(point).dtype == np.float64

    def test_gamma_beyond_its_domain_is_that_of_scipy(self):
        assert_array_equal(Formula("gamma(x)")(-2.0), special.gamma(-2.0))

    def test_curvature_of_loggamma_is_right_left_of_zero_and_takes_no_time_far_left(self):
        f = Formula("loggamma(x)")
        exact = [[float(sympy.polygamma(1, sympy.Float(-3.7, 30)))]]
        assert_allclose(f.hess(-3.7), exact)
        assert_allclose(f.hess(np.array([-3.7, 2.0]))[0, 0], [exact[0][0], np.pi**2 / 6 - 1])
        assert np.isfinite(f.hess(-1e15 - 0.25)).all()

    @pytest.mark.parametrize(
        ("text", "slope"),
        [
            ("abs(x)", 0.0),
            ("max(x, -x)", 0.0),
            ("max(0, x)", 0.5),
            ("min(0, 3*x)", 1.5),
            ("sign(x)", 0.0),
            ("abs(x)**1.5", 0.0),
            ("Piecewise((x, x < 0), (2*x, True))", 2.0),
        ],
    )
    def test_slope_at_a_kink_lies_between_those_of_both_sides(self, text, slope):
        f = Formula(text)
        assert_array_equal(f.jac(0.0), [slope])
        left, right = f.jac(-1e-9)[0], f.jac(1e-9)[0]
        assert min(left, right) - 1e-4 <= slope <= max(left, right) + 1e-4

    def test_infinite_slope_of_a_branch_that_is_not_taken_does_no_harm(self):
        f = Formula("Piecewise((sqrt(x), x > 1), (2*sqrt(x), x > 0), (3*x, True))")
        assert_array_equal(f.jac(0.0), [3.0])
        assert_array_equal(Formula("max(sqrt(x), 1 + x)").jac(0.0), [1.0])

    def test_real_functions_of_roots_have_real_derivatives(self):
        # SymPy differentiates |sqrt(x) - 2| as a function of complex numbers.
        assert_allclose(Formula("abs(sqrt(x) - 2)").jac(1.0), [-0.5])
        assert_allclose(Formula("abs(log(x))").jac(0.5), [-2.0])

    @pytest.mark.parametrize("relation", ["<", "<=", ">", ">=", "==", "!="])
    def test_conditions_mean_what_they_mean_in_python(self, relation):
        f = Formula(f"Piecewise((1, x {relation} 2), (0, True))")
        for x in (1.0, 2.0, 3.0):
            assert f(x) == eval(f"{x} {relation} 2")


class TestShapes:
    def test_one_variable_takes_numbers_points_and_many_points(self):
        f = Formula("x**2")
        for x in (3, 3.0, np.float32(3), np.array(3), [3], np.array([3.0])):
            assert type(f(x)) is float
            assert f(x) == 9
            assert_array_equal(f.jac(x), [6.0], strict=True)
            assert_array_equal(f.hess(x), [[2.0]], strict=True)
            assert_array_equal(f.hessp(x, x), [6.0], strict=True)
        x = np.linspace(0, 1, 5)
        assert_allclose(f(x), x**2, strict=True)
        assert_allclose(f.jac(x), 2 * x, strict=True)
        assert_allclose(f(x[None]), x**2, strict=True)
        assert_allclose(f.jac(x[None]), 2 * x[None], strict=True)
        assert f.hess(x).shape == (1, 1, 5)

    @pytest.mark.parametrize("trailing", [(), (0,), (1,), (5,), (3, 4)])
    @pytest.mark.parametrize("text", [ROSENBROCK, "x", "3", "x - x"])
    @pytest.mark.parametrize("dtype", [float, complex])
    def test_results_have_the_shape_of_the_points(self, text, trailing, dtype):
        f = Formula(text, variables=["x", "y"])
        x = np.ones((2, *trailing), dtype=dtype)
        assert np.shape(f(x)) == trailing
        assert f.jac(x).shape == (2, *trailing)
        assert f.hess(x).shape == (2, 2, *trailing)
        assert f.hessp(x, x).shape == (2, *trailing)
        value, slopes = f.value_and_grad(x)
        assert np.shape(value) == trailing
        assert slopes.shape == (2, *trailing)
        for result in (f(x), value, f.jac(x), slopes, f.hess(x), f.hessp(x, x)):
            assert np.asarray(result).dtype == dtype

    def test_results_are_new_writable_arrays_and_points_are_left_alone(self):
        f = Formula("x + 2*y")
        for x in (np.ones(2), np.ones((2, 3))):
            x.flags.writeable = False
            for compute in (f.jac, f.hess, lambda x: f.value_and_grad(x)[1]):
                expected = compute(x).copy()
                compute(x)[...] = -1
                assert_array_equal(compute(x), expected)

    @pytest.mark.parametrize("dtype", [np.float32, np.int8, bool, object, np.longdouble])
    def test_every_real_type_is_computed_in_double_precision(self, dtype):
        f = Formula("x + y/3")
        x = np.array([1, 1], dtype=dtype)
        assert f(x) == 1 + 1 / 3
        assert f.jac(x).dtype == np.float64

    @pytest.mark.parametrize("x", [1.0, [1.0], [1, 2, 3], np.ones((3, 2)), []])
    def test_wrong_shape_is_refused_with_the_right_one_and_the_order_of_variables(self, x):
        message = r"x must have shape \(2,\) .* \(2, m\) .* order b, a; got shape"
        f = Formula("a + b", variables=["b", "a"])
        for compute in (f, f.jac, f.hess, f.value_and_grad, lambda x: f.hessp(x, [1, 1])):
            with pytest.raises(ValueError, match=message):
                compute(x)

    def test_vector_of_another_shape_than_the_point_is_refused(self):
        f = Formula(ROSENBROCK)
        with pytest.raises(ValueError, match=r"p must have the shape of x, \(2,\)"):
            f.hessp([1, 2], np.ones((2, 3)))
        with pytest.raises(ValueError, match=r"p must have shape \(2,\)"):
            f.hessp([1, 2], [1, 2, 3])

    @pytest.mark.parametrize("x", [["a", "b"], [[1], [2, 3]], {"x": 1, "y": 2}, [object(), 1]])
    def test_points_that_are_not_numbers_are_refused(self, x):
        with pytest.raises(ValueError, match="x must be a number or an array of numbers"):
            Formula(ROSENBROCK)(x)


HOSTILE = [
    "__import__('os').system('true')",
    "().__class__.__bases__[0].__subclasses__()",
    "x.__class__",
    "x.real",
    "1 .real",
    "x[0]",
    "[x]",
    "{x}",
    "{x: 1}",
    "[x for x in y]",
    "(x for x in y)",
    "'x'",
    '"x"',
    "f'{x}'",
    "b'x'",
    "lambda: 0",
    "lambda x: x",
    "x := 3",
    "(x := 3)",
    "x = 3",
    "x; y",
    "import os",
    "print(x)",
    "eval(x)",
    "exec(x)",
    "open(x)",
    "globals()",
    "sympify(x)",
    "Symbol(x)",
    "Function(x)",
    "Integral(x, x)",
    "factorial(x)",
    "sin(x=1)",
    "sin(*x)",
    "sin(**x)",
    "sin(sin)",
    "sin()(x)",
    "(x)(y)",
    "_",
    "_x",
    "x_",
    "__x__",
    "x__y",
    "await x",
    "yield x",
    "x if y else 1",
    "x and y",
    "not x",
    "x < y",
    "x < y < 1",
    "x in y",
    "x is y",
    "x @ y",
    "x // y",
    "x % y",
    "x << 1",
    "x & y",
    "x | y",
    "~x",
    "x ^ 2",
    "x!",
    "...",
    "None",
    "True",
    "I*x",
    "2j",
    "oo",
    "nan",
    "inf",
    "",
    "   ",
    "()",
    "x,",
    "x, y",
    "x +",
    "(x",
    "x)",
    "x)*(y",
    "2x",
    "2 x",
    "x y",
    "0x10",
    "1_000",
    "1e999",
    "x\0",
    "x # y",
    "x \\\n + y",
    "\u03c0*x",
    "x\u00b2",
    "\uff58",
    "\U0001d465",
    "x\u202e",
    "9**9**9**9",
    "9**9**9**9**9**9*x",
    "10**10**8 + x",
    "x**(9**9**9**9)",
    "Piecewise((x, 9**9**9**9 < x), (0, True))",
    "exp(exp(exp(10)))*x",
    "sin(10**10**10)*x",
    "gamma(10**6) + x",
    "x/0",
    "x + 1/(1 - 1)",
    "log(-1) + x",
    "(-8)**(1/3) + x",
    "Piecewise(x)",
    "Piecewise()",
    "Piecewise((x, 1))",
    "Piecewise((x, x))",
    "Piecewise((x, 0 < x < 1))",
    "Piecewise((x, False))",
    "Piecewise((x > 1, True))",
    "Piecewise((x, Piecewise((x, x > 1), (y, True)) > 0), (y, True))",
    "9" * 5_000,
    "9" * 10_000_000,
    "x" * 10_000_000,
    "x + " * 2_000 + "x",
    "(" * 5_000 + "x" + ")" * 4_999,
    "(" * 9_999,
    "-" * 9_999 + "x",
    "- " * 4_000 + "x",
    "x**" * 3_000 + "x",
    "sin(" * 2_000 + "x" + ")" * 2_000,
    "x - (" * 150 + "x" + ")" * 150,
    "not " * 2_000 + "x",
    "1 if x else " * 700 + "x",
]


class TestTextIsOnlyEverAFormula:
    @pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:30]))
    def test_anything_but_a_formula_is_a_value_error(self, text):
        with pytest.raises(ValueError, match=r".") as caught:
            Formula(text)
        assert len(str(caught.value)) < 400

    @given(st.text(max_size=40) | st.text("xyeEIN019.+-*/^()<=>,_ \t\n", max_size=40))
    def test_random_text_is_a_formula_or_a_value_error(self, text):
        try:
            f = Formula(text)
        except ValueError:
            return
        assert np.ndim(f(np.ones(len(f.variables)))) == 0

    @pytest.mark.parametrize(
        "text",
        [
            "(x + y)**1000000",
            "-(2*x)**1000000000000000",
            "((((2*x)**1000)**1000)**1000)**1000",
            "2**(x + 10**15)*2**(-x)",
            "x**(10**9)",
            "x*(1000001/1000000)**100000000",
            "sin(10**300)*x",
            "abs((x + y)**999*log(x))",
            "max(" + ", ".join(f"sin(x{i})" for i in range(60)) + ")",
            "(sqrt(2) + sqrt(3) + sqrt(5) - sqrt(10 + 2*sqrt(6) + 2*sqrt(10) + 2*sqrt(15)))**x",
            "+".join(["x"] * (MAX_NODES // 2)),
            "1/(x - x) + log(x - x)",
            "sin(" * (MAX_DEPTH - 1) + "x" + ")" * (MAX_DEPTH - 1),
            "x - (y/" * (MAX_DEPTH // 2 - 1) + "x" + ")" * (MAX_DEPTH // 2 - 1),
            "1/(2 + " * (MAX_DEPTH // 2 - 1) + "x" + ")" * (MAX_DEPTH // 2 - 1),
            "abs(log10(" * (MAX_DEPTH // 2 - 1) + "x" + "))" * (MAX_DEPTH // 2 - 1),
        ],
        ids=lambda text: text[:30],
    )
    def test_formulas_that_would_keep_sympy_busy_are_computed_and_shown_at_once(self, text):
        f = Formula(text)
        point = np.full(len(f.variables), 0.25)
        for result in (f(point), *f.jac(point), *f.hess(point).ravel()):
            assert isinstance(result, float)
        assert f._repr_latex_()
        assert pickle.loads(pickle.dumps(f)) == f
        assert hash(f) == hash(Formula(text))

    def test_size_has_limits_that_the_error_states(self):
        with pytest.raises(ValueError, match=f"{MAX_LENGTH + 1} characters, at most {MAX_LENGTH}"):
            parse(" " * MAX_LENGTH + "x")
        with pytest.raises(ValueError, match=f"more than {MAX_NODES} numbers, names"):
            parse("+".join(["x"] * (MAX_NODES // 2 + 1)))
        with pytest.raises(ValueError, match=f"more than {MAX_DEPTH} levels"):
            parse("sin(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH)

    @pytest.mark.parametrize(
        ("text", "advice"),
        [
            ("x^2", "write **"),
            ("3 + 2x", "write 2*x instead of 2x"),
            ("2exp(x)", "write 2*exp"),
            ("2(x + 1)", "write * between"),
            ("x(y + 1)", "write x*(...)"),
            ("sinn(x)", "did you mean 'sin'"),
            ("artan(x)", "did you mean 'arctan'"),
            ("sin*x", "write sin(...)"),
            ("atan2(x)", "takes 2 argument"),
            ("x = 3", "right-hand side"),
            ("x % 2", "Piecewise"),
            ("x < 1", "condition of Piecewise"),
            ("x + π", "write pi"),
            ("x²", "write **2"),
            ("[x + 1]", "write ( instead"),
            ("lambda*x", "lambda_1"),
            ("e**x", "write E"),
            ("I*x", "real numbers"),
            ("x/0", "division by zero"),
            ("x + sqrt(1 - 3)/2", "at 'sqrt(1 - 3)': this is not a finite real number"),
            ("x*9**9**9**9", "at '9**9**9': this is not a finite real number"),
            ("(x + 1", "parentheses"),
            ("x y", "near column 3"),
        ],
    )
    def test_error_says_what_to_write_instead(self, text, advice):
        with pytest.raises(ValueError, match=re.escape(advice)) as caught:
            Formula(text)
        assert text in str(caught.value)

    def test_text_may_span_lines(self):
        assert Formula("x**2\n    + 8*sin(x)") == Formula("x**2 + 8*sin(x)")

    def test_letters_that_are_also_functions_or_sympy_objects_are_symbols(self):
        f = Formula("gamma*x + beta*S*N + gamma(Q) + zeta")
        assert f.variables == ("N", "Q", "S", "beta", "gamma", "x", "zeta")

    def test_euler_number_is_a_symbol_only_where_it_is_declared(self):
        assert Formula("e*x", parameters={"e": 2.0})(3.0) == 6.0
        assert Formula("e*x", variables=["x", "e"])([3.0, 2.0]) == 6.0
        assert_allclose(Formula("E**x")(1.0), np.e)

    @pytest.mark.parametrize("alias", sorted(set(FUNCTIONS) - {"Piecewise"}))
    def test_every_function_and_alias_is_available_and_documented(self, alias):
        f = Formula(f"{alias}({'x, y' if 'tan2' in alias else 'x'})")
        assert np.isfinite(f(np.full(len(f.variables), 1.5 if "cosh" in alias else 0.5)))
        assert re.search(rf"\b{FUNCTIONS[alias]}\b", Formula.__doc__, re.IGNORECASE)

    def test_documented_limits_are_the_limits(self):
        documentation = " ".join(Formula.__doc__.split())
        for limit in (
            f"{MAX_LENGTH:,} characters",
            f"{MAX_NODES:,} numbers",
            f"{MAX_DEPTH} levels",
        ):
            assert limit in documentation


class TestSymPyExpressions:
    @pytest.mark.parametrize("text", [*ARTICLE, ROSENBROCK, "x/3 - y/x", "abs(x) + exp(-x)*pi"])
    def test_text_and_sympy_give_the_same_formula(self, text):
        expression = sympy.sympify(text)
        assert Formula(text).expression == expression
        assert Formula(text) == Formula(expression)
        assert hash(Formula(text)) == hash(Formula(expression))

    def test_assumptions_of_symbols_do_not_matter(self):
        x = sympy.Symbol("x", positive=True)
        f = Formula(sympy.sqrt(x**2))
        assert f.variables == ("x",)
        assert f(3.0) == 3.0

    @pytest.mark.parametrize(
        ("make", "x", "value"),
        [
            (lambda x: sympy.sec(x) + sympy.cot(x), 0.7, 1 / np.cos(0.7) + 1 / np.tan(0.7)),
            (sympy.Heaviside, -1.0, 0.0),
            (sympy.Heaviside, 0.0, 0.5),
            (lambda x: sympy.polygamma(1, x), 1.0, np.pi**2 / 6),
            (sympy.digamma, 1.0, -np.euler_gamma),
            (lambda x: sympy.Piecewise((1, (x > 0) & (x < 2)), (0, True)), 1.0, 1.0),
            (lambda x: sympy.Piecewise((1, (x > 3) | (x < 2)), (0, True)), 1.0, 1.0),
            (lambda x: sympy.Piecewise((1, ~((x > 0) & (x < 2))), (0, True)), 1.0, 0.0),
        ],
    )
    def test_further_functions_of_sympy_are_understood(self, make, x, value):
        f = Formula(make(sympy.Symbol("x")))
        assert_allclose(f(x), value)
        assert_allclose(f(np.array([x, x])), [value, value])

    @pytest.mark.parametrize(
        "make",
        [
            sympy.Function("f"),
            sympy.Function("where"),
            lambda x: sympy.Integral(sympy.exp(x**2), x),
            lambda x: sympy.Derivative(sympy.Function("f")(x), x),
            lambda x: sympy.I * x,
            lambda x: x + sympy.oo,
            lambda x: sympy.zoo * x,
            lambda x: sympy.nan,
            sympy.floor,
            sympy.re,
            lambda x: sympy.Integer(10) ** 400 * x,
            lambda x: sympy.Integer(10) ** 5000 * x,
            lambda x: sympy.polygamma(x, 2),
            lambda x: sympy.Matrix([x]),
            lambda x: sympy.MatrixSymbol("A", 2, 2),
            lambda x: sympy.MatrixSymbol("A", 2, 2)[0, 0],
            lambda x: x > 0,
            lambda x: 3,
            lambda x: None,
            lambda x: b"x",
            lambda x: x + sympy.Symbol("x", real=True),
        ],
    )
    def test_what_is_not_a_real_scalar_function_is_refused(self, make):
        with pytest.raises(ValueError, match=r"real|scalar|finite|two symbols|order|symbols"):
            Formula(make(sympy.Symbol("x")), variables=["x"])

    def test_deeply_nested_expression_is_refused(self):
        expression = sympy.Symbol("x")
        for _ in range(5000):
            expression = sympy.sin(expression, evaluate=False)
        with pytest.raises(ValueError, match="nested too deeply"):
            Formula(expression, variables=["x"])


class TestNames:
    def test_variables_are_in_natural_order_unless_given(self):
        assert Formula("x10 + x2 + x1 + b").variables == ("b", "x1", "x2", "x10")
        f = Formula("x - y", variables=["y", sympy.Symbol("x"), "z"])
        assert f.variables == ("y", "x", "z")
        assert f([1.0, 5.0, 7.0]) == 4.0
        assert_array_equal(f.jac([1.0, 5.0, 7.0]), [-1.0, 1.0, 0.0])

    def test_parameters_are_numbers_and_not_variables(self):
        f = Formula("a*x**2 + b", parameters={"a": 3, sympy.Symbol("b"): 1.5})
        assert f.variables == ("x",)
        assert dict(f.parameters) == {"a": 3.0, "b": 1.5}
        assert f(2.0) == 13.5
        assert_array_equal(f.jac(2.0), [12.0])
        assert_array_equal(f(np.array([0.0, 2.0])), [1.5, 13.5])
        assert_array_equal(f.hess(2.0), [[6.0]])
        assert_array_equal(f.hessp(2.0, 2.0), [12.0])
        with pytest.raises(TypeError):
            f.parameters["a"] = 4.0

    def test_with_parameters_is_the_formula_written_with_these_numbers(self):
        f = Formula("a*x**2 + b", parameters={"a": 3, "b": 1})
        g = f.with_parameters(a=4)
        assert g == Formula("a*x**2 + b", parameters={"b": 1, "a": 4.0})
        assert (f(2.0), g(2.0)) == (13.0, 17.0)
        assert_array_equal(g.hess(2.0), [[8.0]])

    def test_a_parameter_of_zero_divides_like_a_variable(self):
        f = Formula("1/a + 0*x", parameters={"a": 1}, variables=["x"]).with_parameters(a=0)
        assert f(1.0) == np.inf
        assert_array_equal(f(np.ones(3)), [np.inf] * 3)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"variables": ["x"]}, "names a, y, which are in neither"),
            ({"variables": ["x", "y", "a", "x"]}, "'x' twice"),
            ({"variables": "xya"}, "list of names"),
            ({"variables": 3}, "list of names"),
            ({"variables": ["x", "y", 3]}, "names or SymPy symbols, got 3"),
            ({"variables": ["x", "y", "a", "pi"]}, "'pi' cannot be a name"),
            ({"variables": ["x", "y", "a", "sin"]}, "'sin' cannot be a name"),
            ({"variables": ["x", "y", "a", "my name"]}, "'my name' cannot be a name"),
            ({"parameters": {"alpha": 1}}, "'alpha', which is not in the formula"),
            ({"parameters": {"A": 1}}, "did you mean 'a'"),
            ({"parameters": {"a": "1"}}, "parameter 'a' must be a real number"),
            ({"parameters": {"a": np.nan}}, "parameter 'a' must be a finite number"),
            ({"parameters": ["a"]}, "mapping of names to numbers"),
            (
                {"parameters": {"a": 1}, "variables": ["x", "y", "a"]},
                "both variables and parameters",
            ),
            ({"parameters": {"a": 1, "x": 1, "y": 1}}, "no variables"),
        ],
    )
    def test_names_that_do_not_match_are_refused(self, arguments, message):
        with pytest.raises(ValueError, match=re.escape(message)):
            Formula("a*x + y", **arguments)

    def test_a_constant_needs_variables(self):
        with pytest.raises(ValueError, match="no variables"):
            Formula("3")
        with pytest.raises(ValueError, match="no variables"):
            Formula("3", variables=[])
        f = Formula("3", variables=["x"])
        assert f(1.0) == 3.0
        assert_array_equal(f.jac(1.0), [0.0])
        assert_array_equal(f.hess(1.0), [[0.0]])

    def test_unknown_parameter_is_refused_with_the_nearest(self):
        f = Formula("rate*x", parameters={"rate": 1})
        with pytest.raises(ValueError, match="did you mean 'rate'"):
            f.with_parameters(rat=2)
        with pytest.raises(ValueError, match="'x' is not a parameter"):
            f.with_parameters(x=2)
        with pytest.raises(ValueError, match="must be a finite number"):
            f.with_parameters(rate=np.inf)


class TestObject:
    FORMULAS = (
        Formula(ROSENBROCK),
        Formula("a*x - y", variables=["y", "x"], parameters={"a": 2}),
        Formula(sympy.sin(sympy.Symbol("x", real=True)), variables=["x", "z"]),
    )

    @pytest.mark.parametrize("f", FORMULAS, ids=repr)
    @pytest.mark.parametrize(
        "duplicate", [lambda f: pickle.loads(pickle.dumps(f)), copy.copy, copy.deepcopy]
    )
    def test_copies_are_equal_and_compute_the_same(self, f, duplicate):
        f.hess([0.5, 2.0])
        other = duplicate(f)
        assert other == f
        assert hash(other) == hash(f)
        assert repr(other) == repr(f)
        assert other([0.5, 2.0]) == f([0.5, 2.0])
        assert_array_equal(other.hess([0.5, 2.0]), f.hess([0.5, 2.0]))

    def test_formulas_differ_by_expression_variables_and_parameters(self):
        f = Formula("a*x + y", parameters={"a": 1})
        assert f == Formula("y + a*x", variables=["x", "y"], parameters={"a": 1.0})
        for other in (
            Formula("a*x - y", parameters={"a": 1}),
            Formula("a*x + y", parameters={"a": 2}),
            Formula("a*x + y", parameters={"a": 1}, variables=["y", "x"]),
            "a*x + y",
        ):
            assert f != other

    def test_repr_is_the_call_that_makes_the_formula(self):
        assert repr(Formula(ROSENBROCK)) == f"Formula({ROSENBROCK!r})"
        f = Formula("a*x - y", variables=["y", "x"], parameters={"a": 2})
        assert repr(f) == "Formula('a*x - y', variables=['y', 'x'], parameters={'a': 2.0})"
        assert eval(repr(f)) == f

    def test_latex_is_what_was_written(self):
        f = Formula("x**2 + 8*sin(x)")
        assert f.latex == r"x^{2} + 8 \sin{\left(x \right)}"
        assert f._repr_latex_() == rf"$\displaystyle {f.latex}$"
        assert Formula(sympy.Symbol("x") ** 2).latex == "x^{2}"

    @pytest.mark.parametrize(
        ("text", "latex"),
        [
            ("exp(-x/a)", r"e^{- \frac{x}{a}}"),
            ("(x1 - 10)**2 - (y - z)", r"\left(x_{1} - 10\right)^{2} - \left(y - z\right)"),
            ("2*10**3*alpha*1e-5", r"2 \cdot 10^{3} \alpha \cdot 1 \cdot 10^{-5}"),
            ("sin(x)**2*-y", r"\sin^{2}{\left(x \right)} \left(- y\right)"),
            ("(x + y)*sqrt(2*pi)/E", r"\frac{\left(x + y\right) \sqrt{2 \pi}}{e}"),
            ("(x**y)**z + x**y**z", r"\left(x^{y}\right)^{z} + x^{y^{z}}"),
            ("+abs(x) - max(x, +y)", r"\left|x\right| - \max{\left(x, y \right)}"),
            ("log(x, 2) + ln(x)", r"\log_{2}{\left(x \right)} + \log{\left(x \right)}"),
            (
                "Piecewise((x, x <= 0), (0, True))",
                r"\begin{cases} x & \text{for}\: x \leq 0 \\ 0 & \text{otherwise} \end{cases}",
            ),
        ],
    )
    def test_latex_of_text_keeps_its_order_and_the_parentheses_that_it_needs(self, text, latex):
        assert Formula(text).latex == latex

    @given(TEXTS)
    def test_latex_of_every_formula_has_balanced_braces_and_parentheses(self, text):
        latex = formula_in_x_and_y(text).latex
        assert latex.count("{") == latex.count("}")
        assert latex.count(r"\left") == latex.count(r"\right")

    def test_threads_may_share_a_formula(self):
        f = Formula("+".join(f"sin(x{i})*x{i + 1}**2" for i in range(30)))
        x = np.linspace(0, 1, 31)
        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda _: (f.jac(x), f.hess(x), f.hessp(x, x)), range(16)))
        fresh = Formula(f.expression)
        for slopes, hessian, product in results:
            assert_array_equal(slopes, fresh.jac(x))
            assert_array_equal(hessian, fresh.hess(x))
            assert_array_equal(product, fresh.hessp(x, x))

    def test_sympy_is_imported_only_when_a_formula_is_made(self):
        code = "import sys, skgd.formula; sys.exit('sympy' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestSciPy:
    @pytest.mark.parametrize("method", ["CG", "BFGS", "L-BFGS-B", "Newton-CG", "TNC", "SLSQP"])
    def test_gradient_serves_every_method(self, method):
        f = Formula(ROSENBROCK)
        for arguments in ((f, f.jac), (f.value_and_grad, True)):
            function, jac = arguments
            result = optimize.minimize(function, [-1, 1], args=(), jac=jac, method=method)
            assert_allclose(result.x, [1, 1], atol=1e-2)

    @pytest.mark.parametrize("method", ["trust-exact", "trust-ncg", "trust-constr"])
    def test_hessian_serves_the_second_order_methods(self, method):
        f = Formula(ROSENBROCK)
        result = optimize.minimize(f, [0.8, 0.9], jac=f.jac, hess=f.hess, method=method)
        assert_allclose(result.x, [1, 1], atol=1e-4)

    @pytest.mark.parametrize("method", ["trust-ncg", "trust-krylov", "Newton-CG"])
    def test_hessian_product_serves_the_matrix_free_methods(self, method):
        f = Formula(ROSENBROCK)
        result = optimize.minimize(f, [-1, 1], jac=f.jac, hessp=f.hessp, method=method)
        assert_allclose(result.x, [1, 1], atol=1e-4)

    def test_one_variable_may_start_from_a_number(self):
        f = Formula("x**2 + 8*sin(x)")
        result = optimize.minimize(f, 0, jac=f.jac, method="BFGS")
        assert_allclose(result.x, [-1.2525], atol=1e-3)

    def test_columns_are_points_as_in_the_functions_of_scipy(self):
        x = np.linspace(-2, 2, 24).reshape(2, 3, 4)
        assert_allclose(Formula(ROSENBROCK)(x), optimize.rosen(x))


def test_a_power_of_zero_has_the_slope_of_its_limit():
    np.testing.assert_array_equal(Formula("x**y").jac(np.array([0.0, 2.0])), [0.0, 0.0])
