"""What surrounds the descent: budgets, the best point, history, exceptions, non-finite values."""

from __future__ import annotations

import dataclasses
import math
import time

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from skgd import L1, METHODS, Box, Method, gd, gd_adam, gd_momentum, gd_nesterov, gd_spectral

methods = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
schemes = pytest.mark.parametrize("scheme", ["analytic", "2-point", "3-point", "cs"])


class Recorder:
    """A function that remembers where it was called."""

    def __init__(self, fun):
        self.fun = fun
        self.points = []
        self.values = []

    def __call__(self, x):
        self.points.append(np.array(x))
        self.values.append(self.fun(x))
        return self.values[-1]


def bowl(x):
    return (x * x).sum() + 0.1 * (x * x * x * x).sum()


def bowl_der(x):
    return 2 * x + 0.4 * x**3


@schemes
@methods
def test_maxfev_is_never_exceeded(method, scheme):
    for maxfev in range(1, 41):
        fun = Recorder(bowl)
        jac = bowl_der if scheme == "analytic" else None
        res = method(fun, [1.0, -2.0, 0.5], jac=jac, gradient=scheme, maxfev=maxfev)
        assert res.nfev == len(fun.points) <= maxfev
        assert res.fun <= bowl(np.array([1.0, -2.0, 0.5]))
        if not res.success:
            assert res.status == 1
            assert f"maxfev={maxfev} after {res.nfev} evaluations" in res.message


@pytest.mark.parametrize("scheme", ["2-point", "3-point"])
def test_maxfev_counts_the_points_of_a_vectorised_call(scheme):
    points = []

    def fun(x):
        points.extend(x.T)
        return (x * x).sum(axis=0)

    for maxfev in range(1, 20):
        points.clear()
        res = gd(fun, [1.0, -2.0], gradient=scheme, vectorized=True, maxfev=maxfev)
        assert res.nfev == len(points) <= maxfev


def test_no_evaluation_begins_after_maxtime(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def fun(x):
        assert now[0] < 10.0
        now[0] += 1.0
        return bowl(x)

    res = gd(fun, [1.0, -2.0], maxtime=10.0)
    assert res.nfev == 10
    assert (res.success, res.status) == (False, 1)
    assert "maxtime=10 seconds" in res.message


def test_the_start_is_evaluated_however_short_the_time_is():
    res = gd(bowl, [1.0, -2.0], maxtime=1e-300)
    assert (res.nfev, res.nit, res.fun) == (1, 0, bowl(np.array([1.0, -2.0])))
    assert "gradient norm is unknown" in res.message
    assert "jac" not in res


def test_the_time_limit_holds_between_the_blocks_of_a_vectorised_gradient(monkeypatch):
    monkeypatch.setattr("skgd.sources.BLOCK", 4)
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def fun(x):
        now[0] += 1.0
        return (x * x).sum(axis=0)

    res = gd(fun, [3.0, 4.0], vectorized=True, maxtime=1.0)
    assert (res.nfev, res.fun) == (2, 25.0)


@methods
def test_returned_point_is_the_best_evaluated(method):
    for maxiter in (0, 1, 2, 7, 30):
        fun = Recorder(rosen)
        res = method(fun, [-1.2, 1.0], jac=rosen_der, maxiter=maxiter)
        best = int(np.argmin(fun.values))
        assert res.fun == fun.values[best]
        assert rosen(res.x) == res.fun
        assert rosen(res.x_last) == res.fun_last


@pytest.mark.parametrize("maxfev", range(1, 30))
@pytest.mark.parametrize("method", [gd, gd_adam])
def test_a_value_whose_gradient_was_not_affordable_still_counts(method, maxfev):
    points = Recorder(bowl)
    res = method(points, [1.0, -2.0], gradient="cs", maxfev=maxfev)
    real = [f for x, f in zip(points.points, points.values, strict=True) if not np.iscomplexobj(x)]
    assert res.fun == min(real)


def test_a_value_found_before_the_gradient_fails_is_in_the_result():
    seen = []

    def jac(x):
        seen.append(bowl(x))
        if len(seen) == 3:
            raise RuntimeError
        return bowl_der(x)

    with pytest.raises(RuntimeError) as caught:
        gd_adam(bowl, [1.0, -2.0], jac=jac)
    assert caught.value.result.fun == min(seen) == seen[-1]


@methods
@schemes
def test_result_is_never_worse_than_the_start(method, scheme):
    jac = bowl_der if scheme == "analytic" else None
    for rate in (1e-3, 0.5):
        res = method(bowl, [1.0, -2.0], jac=jac, gradient=scheme, learning_rate=rate, maxiter=6)
        assert res.fun <= bowl(np.array([1.0, -2.0]))


@methods
def test_a_rate_that_is_far_too_large_does_no_harm(method):
    res = method(
        lambda x: np.vdot(x, x), [1.0, -2.0], jac=lambda x: 2 * x, learning_rate=1e60, maxiter=30
    )
    assert res.fun <= 5.0
    assert not res.success or np.abs(res.jac).max() <= 1e-5


@methods
def test_the_gradient_belongs_to_the_returned_point(method):
    for maxiter in (0, 3, 50, None):
        res = method(rosen, [-1.2, 1.0], jac=rosen_der, maxiter=maxiter)
        if "jac" in res:
            np.testing.assert_array_equal(res.jac, rosen_der(res.x))


def test_no_iteration_is_done_when_none_is_allowed():
    res = gd(bowl, [1.0, -2.0], jac=bowl_der, maxiter=0)
    assert (res.nit, res.nfev, res.success, res.status) == (0, 1, False, 1)
    assert "learning_rate" not in res
    assert "maxiter=0" in res.message


@methods
@schemes
def test_a_start_that_is_optimal_is_a_success_without_iterations(method, scheme):
    jac = bowl_der if scheme == "analytic" else None
    res = method(bowl, [0.0, 0.0], jac=jac, gradient=scheme)
    assert (res.nit, res.success, res.status) == (0, True, 0)
    assert res.x.tolist() == [0.0, 0.0]


def test_a_penalty_is_part_of_the_value():
    penalty = L1(0.3)
    res = gd_spectral(bowl, [1.0, -2.0], jac=bowl_der, constraints=penalty, history=True)
    assert res.success
    assert res.fun == pytest.approx(bowl(res.x) + 0.3 * np.abs(res.x).sum(), abs=1e-15)
    assert res.history["fun"][0] == pytest.approx(bowl(np.array([1.0, -2.0])) + 0.9)


@pytest.mark.parametrize("maxfev", [1, 2])
def test_a_penalty_is_part_of_the_value_when_no_gradient_was_affordable(maxfev):
    res = gd_spectral(bowl, [1.0, -2.0], constraints=L1(1.0), maxfev=maxfev)
    assert res.fun == res.fun_last == bowl(np.array([1.0, -2.0])) + 3.0


def test_target_and_patience_say_that_they_ended_the_run():
    res = gd(bowl, [1.0, -2.0], jac=bowl_der, target=0.5)
    assert res.success
    assert res.fun <= 0.5
    assert "reached the target" in res.message
    res = gd(bowl, [1.0], jac=lambda x: 0 * x + 1.0, learning_rate=1.0, patience=3, maxiter=50)
    assert (res.success, res.status) == (False, 4)
    assert "patience=3" in res.message


@methods
@pytest.mark.parametrize("n", [1, 5])
def test_history_agrees_with_every_iterate(method, n):
    x0 = np.linspace(1.0, 2.0, n)
    res = method(bowl, x0, jac=bowl_der, history=True, return_all=True, maxiter=25)
    history = res.history
    assert list(history) == ["nit", "nfev", "fun", "gnorm", "step", "time", "x"]
    assert history["nit"].tolist() == list(range(res.nit + 1))
    np.testing.assert_array_equal(history["x"], res.allvecs)
    np.testing.assert_array_equal(history["x"][0], x0)
    np.testing.assert_array_equal(history["x"][-1], res.x_last)
    assert history["fun"].tolist() == [bowl(x) for x in res.allvecs]
    assert history["gnorm"].tolist() == [np.abs(bowl_der(x)).max() for x in res.allvecs]
    steps = np.linalg.norm(np.diff(history["x"], axis=0), axis=1)
    np.testing.assert_allclose(history["step"], [0.0, *steps], rtol=1e-6, atol=1e-12)
    assert (np.diff(history["nfev"]) >= 1).all()
    assert history["nfev"][-1] <= res.nfev
    assert (np.diff(history["time"]) >= 0).all()
    assert history["time"][0] >= 0


@pytest.mark.parametrize("every", [2, 7, 1000])
def test_history_of_every_so_many_iterations_ends_with_the_last(every):
    res = gd_momentum(rosen, [-1.2, 1.0], jac=rosen_der, history=every, maxiter=25)
    assert res.nit == 25
    assert res.history["nit"].tolist() == [*range(0, 25, every), 25]


def test_nothing_is_recorded_unless_asked_for():
    res = gd(bowl, [1.0], jac=bowl_der)
    assert not {"history", "allvecs"} & set(res)


class Frozen(Exception):  # noqa: N818
    """Forbids every attribute, notes included."""

    def __setattr__(self, name, value):
        raise AttributeError(name)


@dataclasses.dataclass(frozen=True)
class FrozenRecord(Exception):  # noqa: N818
    number: int = 3


raised = pytest.mark.parametrize(
    "error",
    [
        ValueError("mine"), KeyboardInterrupt(), SystemExit(3), StopIteration("mine"),
        GeneratorExit(), FloatingPointError("mine"), Frozen("mine"), FrozenRecord(),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip


@raised
@pytest.mark.parametrize("where", ["fun", "jac", "callback"])
@pytest.mark.parametrize("after", [1, 4])
def test_exceptions_pass_unchanged_with_the_best_point(error, where, after):
    if where == "callback" and isinstance(error, StopIteration):
        pytest.skip("this is how a callback ends the run")
    calls = []

    def failing(name, result):
        def function(x):
            calls.append(name)
            if name == where and calls.count(name) == after:
                raise error
            return result(x)

        return function

    with pytest.raises(type(error)) as caught:
        gd_momentum(
            failing("fun", bowl),
            [1.0, -2.0],
            jac=failing("jac", bowl_der),
            callback=failing("callback", lambda x: None),
        )
    assert caught.value is error
    if isinstance(error, (Frozen, FrozenRecord)):
        return
    result = error.result
    del error.result
    assert (result.success, result.status) == (False, 98)
    assert type(error).__name__ in result.message
    if where == "fun" and after == 1:
        assert math.isnan(result.fun)
    else:
        assert result.fun == bowl(result.x) <= bowl(np.array([1.0, -2.0]))
    assert "the best value after" in error.__notes__.pop()


def test_a_run_inside_the_function_leaves_the_outer_result():
    def fun(x):
        def inner(y):
            if x[0] != 1.0:
                raise ValueError("inner")
            return float(y @ y)

        return gd(inner, [1.0]).fun + bowl(x)

    with pytest.raises(ValueError, match="inner") as caught:
        gd(fun, [1.0, 1.0])
    assert caught.value.result.x.tolist() == [1.0, 1.0]


@methods
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_at_the_start_is_no_success(method, bad):
    res = method(lambda x: bad, [1.0, 2.0], jac=bowl_der)
    assert (res.success, res.status, res.nit) == (False, 3, 0)
    assert res.x.tolist() == [1.0, 2.0]
    assert np.array_equal(res.fun, bad, equal_nan=True)


@methods
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_gradient_that_is_not_finite_at_the_start_is_no_success(method, bad):
    res = method(bowl, [1.0, 2.0], jac=lambda x: np.array([1.0, bad]))
    assert (res.success, res.status, res.nit) == (False, 3, 0)
    assert res.fun == bowl(np.array([1.0, 2.0]))


@methods
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("what", ["fun", "jac"])
def test_a_run_that_is_finite_at_the_start_alone_gives_up(method, bad, what):
    start = np.array([1.0, 2.0])

    def fun(x):
        return bowl(x) if what == "jac" or np.array_equal(x, start) else bad

    def jac(x):
        return bowl_der(x) if what == "fun" or np.array_equal(x, start) else bowl_der(x) * bad

    res = method(fun, start, jac=jac)
    assert (res.success, res.status) == (False, 3)
    assert "not finite" in res.message
    assert math.isfinite(res.fun)
    assert res.fun <= bowl(start)
    assert res.nfev < 100


@methods
def test_the_descent_goes_back_from_where_the_function_is_undefined(method):
    def fun(x):
        return x[0] - np.log(x[0]) if x[0] > 0 else math.nan

    res = method(fun, [3.0], jac=lambda x: 1 - 1 / x, learning_rate=5.0, maxiter=3000)
    assert math.isfinite(res.fun)
    assert res.fun <= fun([3.0])
    if res.success:
        assert res.x[0] == pytest.approx(1.0, abs=1e-4)


def test_the_policy_stop_ends_at_the_first_bad_value_and_raise_says_where():
    def fun(x):
        return bowl(x) if x[0] > 0.5 else math.nan

    options = {"jac": bowl_der, "learning_rate": 0.4}
    res = gd_momentum(fun, [1.0], nonfinite="stop", **options)
    assert (res.success, res.status) == (False, 3)
    assert res.fun == bowl(res.x)
    with pytest.raises(FloatingPointError, match="the value is not finite at x = ") as caught:
        gd_momentum(fun, [1.0], nonfinite="raise", **options)
    assert caught.value.result.fun == bowl(caught.value.result.x)
    with pytest.raises(FloatingPointError, match="the gradient is not finite"):
        gd(bowl, [1.0], jac=lambda x: x * math.nan, nonfinite="raise")


def test_bounds_hold_at_every_evaluated_point():
    bounds = Box([0.2, -1.0], [2.0, -0.5])
    for method in (gd, gd_momentum, gd_nesterov, gd_adam, Method()):
        fun = Recorder(bowl)
        res = method(fun, [1.0, -0.75], constraints=bounds)
        points = np.array(fun.points)
        assert (points >= bounds.lower).all()
        assert (points <= bounds.upper).all()
        assert res.fun == bowl(res.x)
