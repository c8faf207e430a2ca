"""Many minima: what `multistart` promises, whatever the function."""

from __future__ import annotations

import math
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, OptimizeWarning

from skgd import METHODS, Formula, gd_momentum, gd_spsa
from skgd.article import CURVE, SURFACE
from skgd.many_minima import multistart

SQUARE = [(-3.0, 3.0), (-3.0, 3.0)]


def wells(x):
    """Four wells for two variables; the one near (-1, -1) is the deepest.  Rows or columns."""
    return ((x**2 - 1) ** 2 + 0.3 * x).sum(axis=0)


def wells_der(x):
    return 4 * x * (x**2 - 1) + 0.3


LOWEST = float(wells(np.array([-1.0353, -1.0353])))


class Watched:
    """Counts the points it is called with, one at a time or as columns, and insists on a box."""

    def __init__(self, fun=wells, low=-3.0, high=3.0):
        self.fun, self.low, self.high = fun, low, high
        self.calls = 0
        self.lock = threading.Lock()

    def __call__(self, x, *args):
        with self.lock:
            self.calls += 1 if x.ndim == 1 else x.shape[1]
        assert (x >= self.low).all()
        assert (x <= self.high).all()
        return self.fun(x, *args)


def same(a, b):
    for name in ("fun", "nfev", "njev", "nit", "success", "status", "message", "missed"):
        assert a[name] == b[name], name
    np.testing.assert_array_equal(a.x, b.x)
    np.testing.assert_array_equal(a.minima.x, b.minima.x)
    np.testing.assert_array_equal(a.minima.hits, b.minima.hits)


def test_a_search_finds_the_deepest_well():
    res = multistart(wells, SQUARE, rng=0, maxfev=2000)
    assert res.success
    assert res.status == 0
    assert res.fun == pytest.approx(LOWEST, abs=1e-6)
    assert "Converged at the lowest point" in res.message


@given(
    maxfev=st.integers(1, 20) | st.integers(1, 1500),
    n_starts=st.none() | st.integers(1, 60),
    polish=st.booleans(),
    with_jac=st.booleans(),
    vectorized=st.booleans(),
    seed=st.integers(0, 1000),
)
@example(1, 1, True, False, False, 0)
@example(3, None, True, True, False, 0)
@settings(max_examples=60, deadline=None)
def test_the_budget_and_the_bounds_hold_in_every_combination(
    maxfev, n_starts, polish, with_jac, vectorized, seed
):
    fun = Watched()
    res = multistart(
        fun,
        SQUARE,
        jac=wells_der if with_jac else None,
        maxfev=maxfev,
        n_starts=n_starts,
        polish=polish,
        vectorized=vectorized,
        rng=seed,
    )
    assert res.nfev == fun.calls <= maxfev
    assert np.isfinite(res.fun)
    assert res.fun == pytest.approx(float(wells(res.x)), abs=1e-12)
    assert (np.diff(res.minima.fun) >= 0).all()
    assert (res.minima.hits_at_random <= res.minima.hits).all()
    assert 0.0 <= res.missed <= 1.0


def test_a_budget_is_used_up():
    for n in (1, 2, 5):
        res = multistart(wells, [(-3.0, 3.0)] * n, rng=1, maxfev=3000)
        assert 3000 - 200 < res.nfev <= 3000


@pytest.mark.parametrize("n_starts", [None, 20])
def test_the_same_rng_gives_the_same_result(n_starts):
    def run(rng):
        return multistart(wells, SQUARE, rng=rng, maxfev=1500, n_starts=n_starts)

    same(run(5), run(5))
    same(run(np.random.default_rng(5)), run(5))
    assert run(6).minima.x.tolist() != run(5).minima.x.tolist()


@pytest.mark.parametrize("n_starts", [None, 20])
@pytest.mark.parametrize("jac", [None, wells_der])
def test_the_result_does_not_depend_on_who_evaluates(n_starts, jac):
    def run(**options):
        return multistart(wells, SQUARE, jac=jac, rng=5, maxfev=1500, n_starts=n_starts, **options)

    alone = run()
    same(run(vectorized=True), alone)
    same(run(workers=map), alone)
    with ThreadPoolExecutor(3) as threads:
        same(run(workers=threads), alone)


def test_each_start_counts_once_among_the_hits():
    res = multistart(wells, SQUARE, n_starts=200, jac=wells_der, vectorized=True, rng=0)
    assert res.minima.hits.sum() == res.minima.hits_at_random.sum() == 200
    assert len(res.minima.fun) == 4
    assert res.minima.x.shape == (4, 2)
    assert res.missed == pytest.approx(4 / 199)
    np.testing.assert_allclose(wells_der(res.minima.x), 0.0, atol=1e-4)


def test_given_points_are_among_the_starts():
    # A needle that no sample finds.
    def needle(x):
        return 1e-3 * (x @ x) - 5.0 * math.exp(-1e6 * ((x - 0.7) @ (x - 0.7)))

    x0 = np.array([0.7002, 0.7001])
    for options in ({}, {"n_starts": 3}):
        res = multistart(needle, SQUARE, x0=x0, rng=0, maxfev=1000, **options)
        assert res.fun < -4.9
    res = multistart(needle, SQUARE, x0=[[1.0, 1.0], x0], n_starts=0, polish=False)
    assert res.fun < -4.9
    assert res.minima.hits.sum() == 2
    assert res.minima.hits_at_random.sum() == 0


def test_given_points_outside_the_bounds_move_inside():
    with pytest.warns(OptimizeWarning, match="x0 violates the bounds"):
        multistart(Watched(), SQUARE, x0=[5.0, 0.0], rng=0, maxfev=200)


@pytest.mark.parametrize("x0", np.linspace(-10.0, 10.0, 9))
def test_the_minimum_of_the_articles_curve_is_found_from_every_start(x0):
    f = Formula(CURVE)
    res = multistart(f, [(-10.0, 10.0)], x0=x0, rng=0, maxfev=500)
    assert res.success
    assert res.x[0] == pytest.approx(-1.25235323, abs=1e-6)


def test_the_ring_around_the_articles_surface_is_found():
    f = Formula(SURFACE)
    res = multistart(f, [(-2.3, 2.3)] * 2, x0=[0.0, -1.0], rng=0, maxfev=1000)
    assert res.success
    assert res.x @ res.x == pytest.approx(1.5 * np.pi, abs=1e-5)


def test_momentum_rolls_out_of_a_shallow_minimum():
    f = Formula(CURVE)
    roll = gd_momentum.with_options(learning_rate=0.05, momentum=0.8)
    res = multistart(f, [(-10.0, 10.0)], x0=[10.0], n_starts=0, method=roll, polish=False)
    assert res.x[0] == pytest.approx(-1.25235323, abs=1e-4)
    plain = multistart(f, [(-10.0, 10.0)], x0=[10.0], n_starts=0, method="gd_adam", polish=False)
    assert plain.success


@pytest.mark.parametrize("name", [name for name in METHODS if name != "gd_spsa"])
def test_every_method_can_descend(name):
    res = multistart(wells, SQUARE, jac=wells_der, n_starts=12, method=name, rng=0)
    assert res.fun == pytest.approx(LOWEST, abs=1e-6)


def test_bounds_of_every_kind_hold():
    for bounds in (Bounds([-3, -3], [3, 3]), np.array(SQUARE), tuple(SQUARE)):
        same(
            multistart(Watched(), bounds, rng=0, maxfev=300),
            multistart(Watched(), SQUARE, rng=0, maxfev=300),
        )
    fixed = multistart(Watched(), [(-3, 3), (1, 1)], rng=0, maxfev=600)
    assert fixed.x[1] == 1.0
    assert fixed.x[0] == pytest.approx(-1.0353, abs=1e-3)
    point = multistart(Watched(), [(1, 1), (2, 2)], rng=0)
    assert (point.x.tolist(), point.nfev) == ([1.0, 2.0], 1)


def test_minima_on_the_bounds_are_found():
    res = multistart(lambda x: x[0] - x[1], [(-1, 2), (-2, 1)], rng=0, maxfev=500)
    assert res.success
    np.testing.assert_array_equal(res.x, [-1.0, 1.0])


def test_further_arguments_reach_function_and_gradient():
    res = multistart(
        lambda x, a, b: wells(x - a) + b,
        SQUARE,
        args=(0.5, 2.0),
        jac=lambda x, a, b: wells_der(x - a),
        rng=0,
        maxfev=1000,
    )
    assert res.fun == pytest.approx(LOWEST + 2.0, abs=1e-6)


def test_value_and_gradient_may_come_together():
    res = multistart(lambda x: (wells(x), wells_der(x)), SQUARE, jac=True, n_starts=20, rng=0)
    assert res.fun == pytest.approx(LOWEST, abs=1e-6)


@pytest.mark.parametrize("n_starts", [None, 30])
def test_regions_without_values_are_survived(n_starts):
    def torn(x):
        return np.nan if x[0] > 0 or x[1] < -2.5 else float(wells(x))

    res = multistart(torn, SQUARE, rng=0, maxfev=2000, n_starts=n_starts)
    assert res.fun == pytest.approx(LOWEST, abs=1e-6)


def test_a_function_that_is_nowhere_defined_is_no_success():
    res = multistart(lambda x: np.nan, SQUARE, rng=0, maxfev=100)
    assert (res.success, res.status) == (False, 3)
    assert math.isnan(res.fun)
    assert "not finite at any" in res.message


def test_kinks_are_no_obstacle():
    res = multistart(lambda x: float(np.abs(x - 0.3).sum()), SQUARE, rng=0, maxfev=4000)
    assert res.fun < 1e-5


def test_the_callback_sees_the_best_point_and_may_stop():
    seen = []

    def callback(intermediate_result):
        seen.append(intermediate_result)
        if len(seen) == 5:
            raise StopIteration

    res = multistart(wells, SQUARE, rng=0, maxfev=3000, callback=callback)
    assert (res.success, res.status) == (False, 99)
    assert "StopIteration" in res.message
    values = [intermediate.fun for intermediate in seen]
    assert values == sorted(values, reverse=True)
    assert res.fun == values[-1]
    points = []
    multistart(wells, SQUARE, rng=0, maxfev=300, callback=points.append)
    assert points[0].shape == (2,)


@pytest.mark.parametrize("failing", [1, 30, 400, 900])
@pytest.mark.parametrize("n_starts", [None, 50])
def test_an_exception_carries_the_best_point_so_far(failing, n_starts):
    best = [np.inf]

    def fun(x):
        if fun.calls == failing:
            raise ZeroDivisionError("mine")
        fun.calls += 1
        best[0] = min(best[0], float(wells(x)))
        return wells(x)

    fun.calls = 1
    with pytest.raises(ZeroDivisionError, match="mine") as caught:
        multistart(fun, SQUARE, rng=0, maxfev=2000, n_starts=n_starts)
    assert (caught.value.result.success, caught.value.result.status) == (False, 98)
    if failing > 400:
        assert caught.value.result.fun == pytest.approx(best[0], abs=1e-3)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"bounds": None}, "bounds are needed"),
        ({"bounds": [(0, 1), (0, None)]}, "variable 1 lies between 0 and inf"),
        ({"bounds": [(0, 1), (-1e308, 1e308)]}, "give finite bounds"),
        ({"bounds": [(1, 0), (0, 1)]}, "lower bound 1 of variable 0"),
        ({"bounds": 3}, "bounds must be a scipy.optimize.Bounds"),
        ({"x0": [1.0]}, r"x0 must have shape \(2,\) or \(k, 2\)"),
        ({"x0": [np.nan, 1.0]}, "x0 must be finite"),
        ({"x0": "ab"}, "x0 must be a number"),
        ({"n_starts": 0}, "n_starts must be at least 1"),
        ({"n_starts": 1.5}, "n_starts must be a whole number"),
        ({"maxfev": 0}, "maxfev must be at least 1"),
        ({"maxfev": math.inf}, "maxfev must be finite"),
        ({"method": "L-BFGS-B"}, "method must be one of gd"),
        ({"method": gd_spsa}, "random gradients are for single descents"),
        ({"method": METHODS["gd"].with_options(noise=0.1)}, "noise is for single descents"),
        (
            {"method": METHODS["gd"].with_options(journal="a.jsonl")},
            r"journal is an option of single descents; let func remember .* joblib\.Memory",
        ),
        ({"jac": "magic"}, "jac must be one of"),
        ({"rng": -1}, "rng must be None"),
        ({"rng": "x"}, "rng must be None"),
        ({"workers": 0}, "workers must be at least 1"),
        ({"vectorized": 7}, "vectorized must be True or False"),
        ({"polish": "yes"}, "polish must be True or False"),
        ({"callback": 3}, "callback must be callable"),
        ({"func": 3}, "fun must be callable"),
    ],
    ids=str,
)
def test_bad_input_is_named(keywords, message):
    with pytest.raises(ValueError, match=message):
        multistart(**({"func": wells, "bounds": SQUARE} | keywords))


def test_the_time_limit_of_the_method_holds():
    quick = METHODS["gd"].with_options(maxtime=1e-4)
    res = multistart(wells, SQUARE, method=quick, rng=0)
    assert (res.success, res.status) == (False, 1)
    assert "maxtime" in res.message


@pytest.mark.parametrize("n_starts", [None, 100])
def test_a_value_at_the_target_is_enough(n_starts):
    fun = Watched()
    modest = METHODS["gd"].with_options(target=0.0)
    res = multistart(fun, SQUARE, method=modest, rng=0, n_starts=n_starts)
    assert (res.success, res.status) == (True, 0)
    assert res.fun <= 0.0
    assert res.nfev == fun.calls < 2000
    assert "reached the target" in res.message


def test_processes_evaluate_too():
    res = multistart(wells, SQUARE, rng=0, n_starts=4, workers=2)
    same(res, multistart(wells, SQUARE, rng=0, n_starts=4))


def test_a_function_that_raises_stop_iteration_is_not_taken_for_a_callback():
    def fun(x):
        raise StopIteration("mine")

    for n_starts in (None, 5):
        with pytest.raises((StopIteration, RuntimeError)):
            multistart(fun, SQUARE, rng=0, n_starts=n_starts)


AWKWARD = {
    "steps": lambda x: float(np.floor(x).sum()),
    "flat": lambda x: 0.0,
    "hole": lambda x: np.nan if x[0] > 0.1 else float(x.sum()),
    "bottomless": lambda x: -np.inf if x[0] > 0.5 else float(x[0]),
    "tiny": lambda x: 1e-300 * float(x @ x),
    "huge": lambda x: 1e290 * min(1e10, float(x @ x)),
    "pole": lambda x: -1.0 / (float(np.abs(x).sum()) + 1e-9),
    "rough": lambda x: float(np.sin(1e3 * x).sum()),
}


@given(
    name=st.sampled_from(list(AWKWARD)),
    seed=st.integers(0, 10_000),
    n=st.integers(1, 5),
    maxfev=st.integers(1, 600),
    n_starts=st.none() | st.integers(1, 30),
)
@settings(max_examples=60, deadline=None)
def test_awkward_functions_between_awkward_bounds_are_survived(name, seed, n, maxfev, n_starts):
    rng = np.random.default_rng(seed)
    low = rng.normal(size=n) * 10.0 ** rng.integers(-6, 7)
    fun = Watched(AWKWARD[name], low, low + 10.0 ** rng.uniform(-8, 8, n))
    bounds = Bounds(fun.low, fun.high)
    res = multistart(fun, bounds, maxfev=maxfev, n_starts=n_starts, rng=seed)
    assert res.nfev == fun.calls <= maxfev
    if res.status != 3:
        assert res.fun == AWKWARD[name](res.x)
