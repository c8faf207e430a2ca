"""Bad input is an error that names the argument; unusual good input works."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import minimize

from skgd import L1, METHODS, Adam, Box, Constant, Formula, HeavyBall, Method, gd, gd_momentum

methods = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


def bowl(x):
    return float(((x - 1) ** 2).sum())


def bowl_der(x):
    return 2 * (x - 1)


@pytest.mark.parametrize(
    ("x0", "message"),
    [
        ([], "x0 is empty"),
        (np.zeros((2, 2)), r"x0 must have one dimension, got shape \(2, 2\)"),
        ([1j, 2.0], "x0 must be real, got complex"),
        ([1.0, math.nan], r"x0 must be finite, got x0\[1\] = nan"),
        ([math.inf], r"x0 must be finite, got x0\[0\] = inf"),
        (np.array([1.0, None], dtype=object), "x0 must be"),
        (np.array([object()]), "x0 must be a number or an array"),
        ("abc", "x0 must be a number or an array"),
        (None, "x0 must be"),
        ([[1.0, 2.0], [3.0]], "x0 must be a number or an array"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "x0 must be a number or an array"),
        ([10**400, 1.0], "x0 must be a number or an array of real numbers: int too large"),
        (np.array([1.0, "2"], dtype=object), "x0 must be a number or an array"),
        (np.array([np.longdouble("1e400")]), "x0 must be finite in double precision"),
        (np.ma.array([1.0, 2.0], mask=[0, 1]), "x0 must not be masked"),
        ([1.0, np.ma.masked], "x0 must not be masked"),
    ],
)
def test_a_bad_start_is_named(x0, message):
    with pytest.raises(ValueError, match=message):
        gd(bowl, x0, jac=bowl_der)


starts = pytest.mark.parametrize(
    "x0",
    [
        [3, -1], (3, -1), np.array([3, -1]), np.array([3, -1], np.int8), [3.0, -1.0],
        np.array([3, -1], np.float32), np.array([3, -1], np.float16), [True, False],
        np.array([3, -1], np.longdouble), np.array([3.0, -1.0], dtype=object),
        [Fraction(3), Fraction(-1)], np.array([3.0, 0.0, -1.0])[::2], np.array([-1.0, 3.0])[::-1],
        np.asfortranarray(np.eye(2) * 3)[:, 0], np.ma.array([3.0, -1.0]),
    ],
    ids=lambda x0: f"{type(x0).__name__}-{getattr(x0, 'dtype', '')}",
)  # fmt: skip


@starts
@pytest.mark.parametrize("jac", [bowl_der, None])
def test_starts_of_every_type_work(x0, jac):
    res = gd(bowl, x0, jac=jac)
    assert res.success
    assert res.x.dtype == (np.float32 if getattr(x0, "dtype", None) == np.float32 else np.float64)
    np.testing.assert_allclose(res.x, 1.0, atol=1e-3)


@methods
@pytest.mark.parametrize("n", [2, 5000])
def test_a_start_is_never_written_to(method, n):
    x0 = np.linspace(3.0, -1.0, n)
    x0.setflags(write=False)
    method(bowl, x0, jac=bowl_der, bounds=[(-9, 9)] * n, maxiter=3)
    writable = x0.copy()
    res = method(bowl, writable, jac=bowl_der, maxiter=0)
    res.x[:] = res.x_last[:] = 7.0
    assert writable.tolist() == x0.tolist()


def test_a_series_is_a_start():
    pandas = pytest.importorskip("pandas")
    res = minimize(bowl, pandas.Series([3.0, -1.0], index=["a", "b"]), jac=bowl_der, method=gd)
    assert res.success
    assert type(res.x) is np.ndarray


values = pytest.mark.parametrize(
    ("value", "got"),
    [
        (None, "NoneType None"), ("1.0", "str '1.0'"), (b"1", "bytes b'1'"), (1 + 0j, r"complex"),
        (np.complex128(1), "complex128"), (np.zeros(2), r"an array of shape \(2,\)"),
        ([1.0, 2.0], r"an array of shape \(2,\)"), ([], r"an array of shape \(0,\)"),
        ([[1.0], [2.0, 3.0]], "got"), ({}, "dict"), (np.datetime64("2020-01-01"), "datetime64"),
        (object(), "object"), (10**400, "int 1000"), (10**5000, "int a value of type int"),
        (True, "bool True"), (np.False_, "bool"), (np.array([True]), "ndarray"),
        (np.array(True, dtype=object), "ndarray"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip


@values
@pytest.mark.parametrize("jac", [bowl_der, None])
def test_a_function_that_returns_no_number_is_named(value, got, jac):
    with pytest.raises(ValueError, match=f"fun must return one real number.*{got}"):
        gd(lambda x: value, [1.0, 2.0], jac=jac)
    with pytest.raises(ValueError, match=f"fun must return one real number.*{got}"):
        minimize(lambda x: (value, bowl_der(x)), [1.0, 2.0], jac=True, method=gd)


@pytest.mark.parametrize(
    "kind",
    [float, np.float64, np.longdouble, np.array, lambda f: np.array([f]),
     lambda f: [[f]], Fraction, lambda f: np.array(f, dtype=object)],
)  # fmt: skip
@pytest.mark.parametrize("jac", [bowl_der, None])
def test_a_function_may_return_any_kind_of_number(kind, jac):
    res = gd(lambda x: kind(bowl(x)), [3.0, -1.0], jac=jac, maxiter=20)
    assert type(res.fun) is float
    assert res.fun < 1.0
    assert gd(lambda x: 3, [3.0], jac=lambda x: [0]).fun == 3.0


@pytest.mark.parametrize("gradient", ["2-point", "3-point"])
def test_a_function_that_computes_in_single_precision_is_no_false_success(gradient):
    res = gd(lambda x: np.float32(bowl(x)), [3.0, -1.0], gradient=gradient)
    assert not res.success or np.abs(res.x - 1.0).max() < 0.1


@pytest.mark.parametrize("answer", [1.0, None, (1.0, 2.0, 3.0)], ids=repr)
def test_a_function_that_returns_no_pair_with_jac_true_is_named(answer):
    with pytest.raises(ValueError, match=r"fun must return the pair \(value, gradient\)"):
        gd(lambda x: answer, [1.0, 2.0], jac=True)


@pytest.mark.parametrize(
    "value",
    [
        None, "ab", 1.0, [1.0], [1.0, 2.0, 3.0], np.eye(2), [1j, 2.0], ["1", "2"], [1.0, None],
        [[1.0], [2.0, 3.0]], object(), {}, [10**400, 1.0], [True, False],
    ],
    ids=lambda value: f"{value!r:.20}",
)  # fmt: skip
def test_a_gradient_of_the_wrong_shape_or_type_is_named(value):
    with pytest.raises(ValueError, match="jac must return"):
        gd(bowl, [1.0, 2.0], jac=lambda x: value)


@pytest.mark.parametrize(
    "kind",
    [
        list, tuple, np.float32, np.longdouble, np.ma.array,
        lambda g: g.astype(int), lambda g: g[None, :], lambda g: g[:, None],
        lambda g: g.astype(object), lambda g: np.repeat(g, 2)[::2],
    ],
)  # fmt: skip
def test_a_gradient_may_come_in_any_form(kind):
    res = gd(bowl, [3.0, -1.0], jac=lambda x: kind(bowl_der(x)), maxiter=20)
    assert type(res.jac) is np.ndarray
    assert res.jac.shape == (2,)
    assert res.fun < bowl(np.array([3.0, -1.0]))


@pytest.mark.parametrize("jac", [bowl_der, None])
@pytest.mark.parametrize("value", [np.ma.masked, np.ma.masked_all(1)], ids=["scalar", "array"])
def test_a_masked_value_is_named(value, jac):
    with pytest.raises(ValueError, match="the value of fun must not be masked"):
        gd(lambda x: value, [1.0, 2.0], jac=jac)


def test_masked_entries_are_named():
    hidden = np.ma.array([1.0, 2.0], mask=[False, True])
    with pytest.raises(ValueError, match=r"jac must return.*must not be masked"):
        gd(bowl, [1.0, 2.0], jac=lambda x: hidden)
    with pytest.raises(ValueError, match="the value of fun must not be masked"):
        gd(lambda x: np.ma.masked_all(x.shape[1]), [1.0, 2.0], vectorized=True)
    with pytest.raises(ValueError, match="bounds must not be masked"):
        gd(bowl, [1.0, 2.0], constraints=Box(hidden, 5.0))
    with pytest.raises(ValueError, match="alpha must not be masked"):
        L1(hidden)


def test_a_scalar_is_the_gradient_of_one_variable():
    assert gd(lambda x: x[0] ** 2, 3.0, jac=lambda x: 2 * x[0]).success


@methods
@pytest.mark.parametrize("n", [2, 5000])
def test_a_function_may_keep_and_overwrite_its_point_and_gradient(method, n):
    x0 = np.linspace(3.0, -1.0, n)
    kept, copies, buffer = [], [], np.empty(n)

    def keep(x):
        kept.append(x[: n // 2])
        copies.append(x[: n // 2].copy())

    def fun(x):
        f = bowl(x)
        keep(x)
        return f

    def jac(x):
        buffer[:] = bowl_der(x)
        keep(x)
        return buffer

    def spoiling_fun(x):
        f = bowl(x)
        x[:] = np.nan
        buffer[:] = np.nan
        return f

    def spoiling_jac(x):
        buffer[:] = bowl_der(x)
        x[:] = np.nan
        return buffer

    plain = method(bowl, x0, jac=bowl_der, maxiter=12)
    for f, g in ((fun, jac), (spoiling_fun, spoiling_jac)):
        res = method(f, x0, jac=g, maxiter=12)
        np.testing.assert_array_equal(res.x, plain.x)
        assert (res.fun, res.nfev) == (plain.fun, plain.nfev)
    for point, copy in zip(kept, copies, strict=True):
        np.testing.assert_array_equal(point, copy)


@pytest.mark.parametrize("n", [2, 5000])
def test_a_gradient_that_someone_else_holds_is_copied(n):
    held = []

    def jac(x):
        held.append(bowl_der(x))
        for g in held[:-1]:
            g[:] = np.nan
        return held[-1]

    x0 = np.linspace(3.0, -1.0, n)
    plain = gd_momentum(bowl, x0, jac=bowl_der)
    assert gd_momentum(bowl, x0, jac=jac).x.tolist() == plain.x.tolist()


def test_a_vectorised_function_may_spoil_its_points_and_use_its_array_again():
    buffer = np.empty(100)

    def fun(x):
        values = buffer[: x.shape[1]]
        values[:] = ((x - 1) ** 2).sum(axis=0)
        x[:] = np.nan
        return values

    for gradient in ("2-point", "3-point"):
        res = gd(fun, [3.0, -1.0], gradient=gradient, vectorized=True)
        assert res.x.tolist() == gd(bowl, [3.0, -1.0], gradient=gradient).x.tolist()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda x: 1.0, r"must return shape \(3,\) for x of shape \(2, 3\), got shape \(\)"),
        (lambda x: x, "must return shape"),
        (lambda x: np.zeros(3, complex), "fun must return real numbers"),
        (lambda x: ["a"] * 3, "fun must return real numbers"),
        (lambda x: [[1.0], [2.0, 3.0], 1.0], "fun must return an array of shape"),
    ],
)
def test_a_vectorised_function_of_the_wrong_shape_is_named(answer, message):
    with pytest.raises(ValueError, match=message):
        gd(answer, [1.0, 2.0], vectorized=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"bounds": [(1, 0), (0, 1)]}, "bounds"),
        ({"bounds": [(0, 1)]}, "bounds"),
        ({"bounds": [(0, math.nan), (0, 1)]}, "bounds"),
        ({"bounds": "ab"}, "bounds"),
        ({"bounds": [(0, 10**400), (0, 1)]}, "bounds"),
        ({"bounds": [("0", "1"), (0, 1)]}, "bounds"),
        ({"jac": 3}, "jac must be callable, True, a Jacobian"),
        ({"jac": "4-point"}, "jac must be one of .* got '4-point'; did you mean"),
        ({"callback": 3}, "callback must be callable, got 3"),
        ({"constraints": 3}, "constraints"),
        ({"gradient": "analytic"}, "gradient='analytic' needs jac"),
    ],
)
def test_other_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        gd(bowl, [0.5, 0.5], **arguments)


def test_a_formula_names_numbers_beyond_double_precision():
    with pytest.raises(ValueError, match="parameter 'a' is too large for double precision"):
        Formula("a * x", parameters={"a": 10**400})
    formula = Formula("x * y")
    for call in (formula, formula.jac, formula.hess):
        with pytest.raises(ValueError, match="x must be a number or an array of numbers"):
            call([10**400, 1])


def test_a_function_that_cannot_be_called_is_named():
    with pytest.raises(ValueError, match="fun must be callable, got 3"):
        gd(3, [1.0])


def test_complex_steps_need_a_function_of_complex_numbers():
    with pytest.raises(ValueError, match=r"complex.*gradient='3-point'"):
        gd(lambda x: (x.real**2).sum(), [1.0], gradient="cs")


@pytest.mark.parametrize(
    "rate", [-1.0, 0.0, math.nan, math.inf, "fast", None, [0.1], True, 1j, 10**400]
)
def test_a_bad_learning_rate_is_named(rate):
    if rate is not None:
        with pytest.raises(ValueError, match=r"learning_rate (must be|is too large)"):
            gd(bowl, [1.0], learning_rate=rate)
        with pytest.raises(ValueError, match=r"learning_rate (must be|is too large)"):
            Method(HeavyBall(), rate)
    if not isinstance(rate, str):
        with pytest.raises(ValueError, match="learning_rate"):
            Constant(rate)
        with pytest.raises(ValueError, match="learning_rate: the schedule's value at iteration 0"):
            gd(bowl, [3.0], learning_rate=lambda k: rate)


@pytest.mark.parametrize("momentum", [-0.1, 1.0, 2, math.nan, "0.9", 1j])
def test_momentum_outside_its_range_is_named(momentum):
    for call in (
        lambda: HeavyBall(momentum=momentum),
        lambda: gd_momentum(bowl, [1.0], momentum=momentum),
        lambda: gd_momentum.with_options(momentum=momentum),
    ):
        with pytest.raises(ValueError, match="momentum must"):
            call()
    with pytest.raises(ValueError, match="beta1 must"):
        Adam(beta1=momentum)


@methods
def test_many_variables_work(method):
    n = 100_000
    x0 = np.linspace(3.0, -1.0, n)
    res = method(bowl, x0, jac=bowl_der, maxiter=10)
    assert res.fun < bowl(x0)
    assert res.x.shape == res.jac.shape == (n,)
