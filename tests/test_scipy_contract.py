"""How `scipy.optimize.minimize` and its users call a method."""

from __future__ import annotations

import functools
import re
import warnings

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, OptimizeWarning, minimize

from skgd import METHODS, Ball, Central, ComplexStep, Forward, gd, gd_momentum, gd_spectral

methods = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


def bowl(x):
    return float(((x - 1) ** 2).sum())


def bowl_der(x):
    return 2 * (x - 1)


@methods
def test_minimize_agrees_with_a_direct_call(method):
    options = {"maxiter": 20, "gtol": 1e-8}
    a = minimize(bowl, [3.0, -1.0], jac=bowl_der, method=method, options=options)
    b = method(bowl, [3.0, -1.0], jac=bowl_der, **options)
    assert isinstance(a, OptimizeResult)
    assert set(a) == set(b)
    for name in ("x", "fun", "nit", "nfev", "njev", "success", "status", "message"):
        np.testing.assert_array_equal(a[name], b[name])
    assert type(a.fun) is float
    assert type(a.success) is bool
    assert {type(a[name]) for name in ("nit", "nfev", "njev", "status")} == {int}


def test_a_single_number_is_a_start():
    res = minimize(bowl, 3.0, jac=bowl_der, method=gd)
    assert res.x.shape == (1,)
    assert res.success


def test_args_reach_function_and_gradient():
    def fun(x, a, b):
        return float(((x - a) ** 2).sum() + b)

    for args in ((2.0, 5.0), (np.array([2.0, 2.0]), 5.0)):
        res = minimize(fun, [0.0, 0.0], args, jac=lambda x, a, b: 2 * (x - a), method=gd)
        assert res.success
        np.testing.assert_allclose(res.x, 2.0, atol=1e-4)
    assert gd(lambda x, a: bowl(x) + a, [0.0], args=3.0).fun == pytest.approx(3.0, abs=1e-8)


@pytest.mark.parametrize("jac", ["2-point", "3-point", "cs", None, False])
def test_scipys_names_of_differences_arrive_as_forward_differences(jac):
    res = minimize(bowl, [3.0, -1.0], jac=jac, method=gd_spectral)
    default = gd_spectral(bowl, [3.0, -1.0])
    assert res.success
    assert (res.nfev, res.fun) == (default.nfev, default.fun)


def test_the_scheme_is_an_option_or_an_object():
    def fun(x):
        return ((x - 1) ** 4).sum()

    def run(**options):
        return minimize(fun, [3.0, -1.0], method=gd_spectral, options=options)

    assert run(gradient="3-point").x.tolist() == run(gradient=Central()).x.tolist()
    assert run(gradient="cs").x.tolist() == run(gradient=ComplexStep()).x.tolist()
    assert run(gradient="2-point").x.tolist() == run(gradient=Forward()).x.tolist()
    assert run().x.tolist() == run(gradient=Forward()).x.tolist()
    passed = minimize(fun, [3.0, -1.0], method=gd_spectral, jac=Central(step=1e-3))
    assert passed.x.tolist() == run(gradient=Central(step=1e-3)).x.tolist()
    assert passed.x.tolist() == run(gradient="3-point", eps=1e-3).x.tolist()
    assert passed.x.tolist() != run(gradient="3-point").x.tolist()
    relative = run(finite_diff_rel_step=1e-3, eps=1e-1)
    assert relative.x.tolist() == run(gradient=Forward(rel_step=1e-3)).x.tolist()
    direct = gd_spectral(fun, [3.0, -1.0], jac="3-point")
    assert direct.x.tolist() == run(gradient="3-point").x.tolist()


def test_a_gradient_scheme_overrules_the_gradient():
    def wrong(x):
        raise AssertionError

    assert minimize(bowl, [3.0], jac=wrong, method=gd, options={"gradient": "2-point"}).success


@methods
@pytest.mark.parametrize("through_scipy", [True, False])
def test_a_pair_of_value_and_gradient_is_evaluated_once_a_point(method, through_scipy):
    points = []

    def pair(x, shift):
        points.append(x.copy())
        return float(((x - shift) ** 2).sum()), 2 * (x - shift)

    options = {"maxiter": 15}
    if through_scipy:
        res = minimize(pair, [3.0, -1.0], (0.5,), jac=True, method=method, options=options)
    else:
        res = method(pair, [3.0, -1.0], (0.5,), jac=True, **options)
    # SciPy's pair remembers a point that is asked for twice.
    assert len(points) <= res.nfev if through_scipy else len(points) == res.nfev
    separate = method(
        lambda x: ((x - 0.5) ** 2).sum(), [3.0, -1.0], jac=lambda x: 2 * (x - 0.5), **options
    )
    assert res.x.tolist() == separate.x.tolist()


def test_tol_is_gtol_and_zero_means_zero():
    def run(**arguments):
        return minimize(bowl, [3.0], jac=bowl_der, method=gd_momentum, **arguments)

    assert "gtol=0.1" in run(tol=0.1).message
    assert "gtol=1e-09" in run(tol=0.1, options={"gtol": 1e-9}).message
    exact = run(tol=0, options={"maxiter": 100})
    assert not exact.success or not exact.jac.any()
    assert re.search(r"gtol=0\b(?!\.)|gtol=0\.$", exact.message)


def test_tol_of_a_call_overrules_the_methods_own_gtol():
    res = minimize(bowl, [3.0], jac=bowl_der, tol=0.5, method=gd.with_options(gtol=1e-9))
    assert "gtol=0.5" in res.message


OPTIONS = {
    "L-BFGS-B": {
        "maxcor": 5, "ftol": 1e-12, "gtol": 1e-7, "eps": 1e-8, "maxfun": 500, "maxiter": 300,
        "maxls": 25, "finite_diff_rel_step": None, "workers": None,
    },
    "BFGS": {
        "gtol": 1e-7, "norm": 2, "eps": 1e-8, "maxiter": 300, "disp": False, "return_all": True,
        "xrtol": 0, "c1": 1e-4, "c2": 0.9, "hess_inv0": None,
    },
    "CG": {"gtol": 1e-7, "norm": np.inf, "maxiter": None, "return_all": True, "c1": 1e-4},
    "TNC": {"eps": 1e-8, "maxCGit": 3, "xtol": 1e-9, "maxfun": 500, "scale": None, "stepmx": 5},
    "Newton-CG": {"xtol": 1e-8, "maxiter": 300, "disp": 0, "return_all": False},
    "Nelder-Mead": {
        "maxiter": np.inf, "maxfev": np.inf, "xatol": 1e-8, "fatol": 1e-8, "adaptive": True,
    },
    "Powell": {"xtol": 1e-8, "ftol": 1e-12, "maxfev": None, "direc": None},
    "COBYLA": {"rhobeg": 1.0, "maxiter": 300, "catol": 1e-4},
    "COBYQA": {"f_target": -np.inf, "maxfev": 300, "feasibility_tol": 1e-8, "scale": True},
    "trust-constr": {"gtol": 1e-8, "xtol": 1e-12, "verbose": 0, "initial_tr_radius": 1.0},
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*has no use for the option:scipy.optimize.OptimizeWarning")
@methods
@pytest.mark.parametrize("other", OPTIONS)
def test_a_call_that_was_written_for_another_method_keeps_working(method, other):
    jac = None if other in ("Nelder-Mead", "Powell", "COBYLA", "COBYQA") else bowl_der
    res = minimize(
        bowl, [3.0, -1.0], method=method, jac=jac, bounds=[(-5, 5)] * 2, options=OPTIONS[other]
    )
    assert res.fun < bowl(np.array([3.0, -1.0]))
    if res.success:
        np.testing.assert_allclose(res.x, 1.0, atol=1e-2)


@pytest.mark.parametrize("option", ["maxcor", "c2", "xatol", "adaptive", "iprint"])
def test_options_without_a_meaning_are_named(option):
    with pytest.warns(OptimizeWarning, match=f"gd_momentum has no use for the option '{option}'"):
        minimize(bowl, [3.0], jac=bowl_der, method=gd_momentum, options={option: 1})


def test_maxfun_is_maxfev():
    res = minimize(bowl, [3.0, 4.0], method=gd, options={"maxfun": 5})
    assert "maxfev=5" in res.message


@pytest.mark.parametrize("call", ["direct", "minimize"])
def test_warnings_point_at_the_users_line(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if call == "direct":
            gd(bowl, [3.0], jac=bowl_der, max_fev=3)
        else:
            minimize(bowl, [3.0], jac=bowl_der, method=gd, options={"max_fev": 3})
    (warning,) = caught
    assert warning.category is OptimizeWarning
    assert warning.filename == __file__
    assert str(warning.message) == "unknown option 'max_fev' for gd; did you mean 'maxfev'?"


@methods
@pytest.mark.parametrize(
    "bounds",
    [
        Bounds([-1, 0], [0.5, np.inf]), [(-1, 0.5), (0, None)], [(-1, 0.5), (0, np.inf)],
        np.array([[-1, 0.5], [0, np.inf]]), ((-1, 0.5), (0, None)),
    ],
    ids=["Bounds", "pairs with None", "pairs with inf", "array", "tuples"],
)  # fmt: skip
def test_bounds_come_in_every_form(method, bounds):
    res = minimize(
        bowl, [-0.5, 2.0], jac=bowl_der, bounds=bounds, method=method, options={"maxiter": 5000}
    )
    assert -1 <= res.x[0] <= 0.5
    assert res.x[1] >= 0
    np.testing.assert_allclose(res.x, [0.5, 1.0], atol=0.05)


@methods
@pytest.mark.parametrize("jac", [bowl_der, None])
def test_equal_bounds_fix_a_variable(method, jac):
    res = minimize(bowl, [2.0, 3.0], jac=jac, bounds=[(2.0, 2.0), (0, 5)], method=method)
    assert res.x[0] == 2.0
    assert res.x[1] == pytest.approx(1.0, abs=0.05)
    both = minimize(bowl, [2.0, 3.0], jac=jac, bounds=[(2.0, 2.0), (3.0, 3.0)], method=method)
    assert (both.success, both.nit, both.x.tolist()) == (True, 0, [2.0, 3.0])


@pytest.mark.parametrize("bounds", [None, Bounds(), [(None, None)] * 2])
def test_no_bounds_are_no_constraint(bounds):
    res = minimize(bowl, [3.0, -1.0], jac=bowl_der, bounds=bounds, method=gd)
    assert "gradient norm" in res.message


def test_a_start_outside_the_bounds_is_projected_with_a_warning():
    with pytest.warns(OptimizeWarning, match="x0 violates the bounds") as caught:
        res = minimize(
            bowl, [9.0, -9.0], jac=bowl_der, bounds=[(0, 2)] * 2, method=gd,
            options={"return_all": True},
        )  # fmt: skip
    assert res.allvecs[0].tolist() == [2.0, 0.0]
    assert res.success
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "constraints",
    [
        {"type": "eq", "fun": lambda x: x[0]}, [{"type": "ineq", "fun": lambda x: x[0]}],
        LinearConstraint([[1.0, 1.0]], 0, 1), [LinearConstraint([[1.0, 1.0]], 0, 1)],
    ],
    ids=["dict", "list of dict", "object", "list of objects"],
)  # fmt: skip
def test_general_constraints_are_refused_with_advice(constraints):
    with pytest.raises(ValueError, match=r"constraints .* bounds.*Ball.*SLSQP"):
        minimize(bowl, [3.0, -1.0], constraints=constraints, method=gd)


@pytest.mark.parametrize("constraints", [(), [], None, {}])
def test_empty_constraints_are_none(constraints):
    assert gd(bowl, [3.0, -1.0], jac=bowl_der, constraints=constraints).success


def test_a_constraint_of_the_package_passes_through_minimize():
    res = minimize(bowl, [0.1, 0.0], jac=bowl_der, constraints=Ball(1.0), method=gd_spectral)
    np.testing.assert_allclose(res.x, np.sqrt(0.5), atol=1e-4)


@pytest.mark.parametrize("argument", ["hess", "hessp"])
def test_hessians_are_ignored_with_scipys_warning(argument):
    with pytest.warns(RuntimeWarning, match=rf"does not use Hessian.*{argument}") as caught:
        minimize(bowl, [3.0], jac=bowl_der, method=gd, **{argument: lambda *x: None})
    assert caught[0].filename == __file__


class Listener:
    def __init__(self):
        self.heard = []

    def point(self, xk):
        self.heard.append(xk)
        xk[:] = np.nan

    def result(self, intermediate_result):
        self.heard.append(intermediate_result)
        intermediate_result.x[:] = np.nan
        intermediate_result.jac[:] = np.nan


@methods
@pytest.mark.parametrize("n", [2, 5000])
def test_callbacks_get_copies_of_each_iterate(method, n):
    x0 = np.linspace(3.0, -1.0, n)
    plain = method(bowl, x0, jac=bowl_der, return_all=True, history=True, maxiter=8)
    for name in ("point", "result"):
        listener = Listener()
        res = minimize(
            bowl, x0, jac=bowl_der, method=method, callback=getattr(listener, name),
            options={"maxiter": 8, "return_all": True},
        )  # fmt: skip
        assert len(listener.heard) == res.nit == plain.nit
        np.testing.assert_array_equal(res.allvecs, plain.allvecs)
        np.testing.assert_array_equal(res.x, plain.x)
    last = listener.heard[-1]
    assert last.fun == plain.history["fun"][-1]
    assert last.gnorm == plain.history["gnorm"][-1]
    assert (last.nit, last.learning_rate) == (plain.nit, plain.learning_rate)


def test_callbacks_of_every_kind_are_called():
    seen = []

    def with_more(xk, more):
        seen.append(more)

    def named(intermediate_result):
        seen.append(type(intermediate_result))

    def keyword_only(*, intermediate_result):
        seen.append(type(intermediate_result))

    callbacks = [
        seen.append, functools.partial(with_more, more=1), functools.partial(named), named,
        keyword_only, np.sin, np.sum, lambda *x: seen.append(x), repr,
    ]  # fmt: skip
    for callback in callbacks:
        seen.clear()
        res = minimize(
            bowl, [3.0], jac=bowl_der, method=gd, callback=callback, options={"maxiter": 2}
        )
        assert len(seen) in (0, res.nit)
        assert len(seen) == res.nit or callback in (np.sin, np.sum, repr)


def test_what_a_callback_returns_is_ignored_as_in_scipy():
    assert gd(bowl, [3.0], jac=bowl_der, callback=lambda xk: True).success


@methods
def test_stop_iteration_in_the_callback_ends_the_run_with_a_full_result(method):
    calls = []

    def callback(xk):
        calls.append(xk)
        if len(calls) == 2:
            raise StopIteration

    res = minimize(bowl, [3.0, -1.0], jac=bowl_der, method=method, callback=callback)
    assert (res.status, res.success, res.nit) == (99, False, 2)
    assert "StopIteration" in res.message
    assert res.fun == bowl(res.x)
    assert res.x_last.tolist() == calls[-1].tolist()
