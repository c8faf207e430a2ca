"""The journal of a run: after any interruption the same call goes on exactly."""

from __future__ import annotations

import contextlib
import json
import math
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from resuming import Fragile, Interrupted, assert_same, bowl, bowl_der
from scipy.optimize import minimize, rosen, rosen_der

from skgd import L1, METHODS, Central, Descent, Jacobian, gd, gd_adam, gd_momentum, gd_spectral
from skgd.methods import gd_spsa
from skgd.requests import Probes

X0 = [1.0, -2.0, 0.5]
TELLING = {"history": True, "return_all": True, "rng": 3}


def pair(x):
    return bowl(x), bowl_der(x)


def columns(x):
    return (x * x).sum(axis=0) + 0.1 * (x**4).sum(axis=0) + 0.3 * x[0] * x[-1]


FUNCTIONS = {
    "pair": pair,
    "vectorized": columns,
    **dict.fromkeys(("analytic", "2-point", "3-point", "cs", "spsa"), bowl),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.jsonl"


def lines(path):
    return [json.loads(line, parse_constant=pytest.fail) for line in path.read_text().splitlines()]


@given(
    st.sampled_from(sorted(METHODS)),
    st.sampled_from(sorted(FUNCTIONS)),
    st.lists(st.integers(1, 60), max_size=3),
    st.sampled_from([None, 2]),
    st.sampled_from([np.float64, np.float32]),
    st.booleans(),
)
def test_an_interrupted_run_goes_on_exactly(method, scheme, failures, threads, dtype, bounded):
    def run(fails_at, **options):
        fun = Fragile(FUNCTIONS[scheme], fails_at)
        jac = {"analytic": bowl_der, "pair": True}.get(scheme)
        box = [(0.2, 2.0), (-3.0, -1.0), (None, None)] if bounded else None
        if scheme in ("2-point", "3-point", "cs", "spsa"):
            options["gradient"] = scheme
        options["vectorized"] = scheme == "vectorized"
        x0 = np.array(X0, dtype)
        return METHODS[method](fun, x0, jac=jac, bounds=box, maxiter=15, **TELLING, **options)

    expected = run(None)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        options = {"journal": Path(folder) / "run.jsonl"}
        if threads and scheme != "vectorized":
            options["workers"] = pool
        for fails_at in failures:
            with contextlib.suppress(Interrupted):
                run(fails_at, **options)
        result = run(None, **options)
        assert_same(result, expected)
        assert result.journal["error"] is None
        again = run(1, **options)
        assert_same(again, expected)
        assert again.journal["recorded"] == 0


@pytest.mark.parametrize("scheme", ["2-point", "3-point", "cs"])
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_no_evaluation_is_made_twice(method, scheme, path):
    expected = method(bowl, X0, gradient=scheme, maxfev=30)
    calls = 0
    for fails_at in (1, 2, 7, 1, 9):
        fun = Fragile(bowl, fails_at)
        with pytest.raises(Interrupted):
            method(fun, X0, gradient=scheme, maxfev=30, journal=path)
        calls += fun.calls - 1
    fun = Fragile(bowl)
    result = method(fun, X0, gradient=scheme, maxfev=30, journal=path)
    assert calls + fun.calls == result.nfev
    assert_same(result, expected)
    assert result.journal == {
        "path": str(path),
        "replayed": calls,
        "recorded": fun.calls,
        "error": None,
    }


def test_keyboard_interrupt_loses_nothing(path):
    def fun(x):
        if len(seen) == 20:
            raise KeyboardInterrupt
        seen.append(x)
        return bowl(x)

    seen = []
    with pytest.raises(KeyboardInterrupt) as caught:
        gd(fun, X0, journal=path)
    assert caught.value.result.journal["recorded"] == 20
    seen = [None] * 21
    result = gd(fun, X0, journal=path)
    assert result.journal["replayed"] == 20
    assert_same(result, gd(bowl, X0))


def test_the_start_is_replayed_as_a_result_for_an_exception_too(path):
    with pytest.raises(Interrupted):
        gd(Fragile(bowl, 30), X0, journal=path)
    with pytest.raises(Interrupted) as caught:
        gd(Fragile(bowl, 1), X0, journal=path)
    assert caught.value.result.nfev == 29 + 1
    assert caught.value.result.fun < bowl(np.array(X0))


@pytest.mark.parametrize("limit", ["maxiter", "maxfev"])
@pytest.mark.parametrize("method", [gd_adam, gd_momentum, gd_spectral])
@pytest.mark.parametrize("scheme", ["analytic", "2-point"])
def test_limits_may_be_raised_and_lowered(method, scheme, limit, path):
    jac = rosen_der if scheme == "analytic" else None
    for most in (1, 2, 3, 5, 9, 17, 4, 1, 33, 33):
        options = {limit: most, "gradient": scheme, **TELLING}
        expected = method(rosen, [1.3, 0.7], jac=jac, **options)
        assert_same(method(rosen, [1.3, 0.7], jac=jac, journal=path, **options), expected)


def test_maxtime_counts_from_the_new_start(path):
    gd(Fragile(bowl), X0, maxiter=5, journal=path)
    result = gd(Fragile(bowl, 1), X0, maxiter=5, maxtime=1e-9, journal=path)
    assert result.nit == 5


@pytest.mark.parametrize("scheme", ["analytic", "2-point", "spsa"])
def test_a_run_that_time_has_stopped_anywhere_goes_on_exactly(scheme, path, monkeypatch):
    now = 0.0
    monkeypatch.setattr(time, "perf_counter", lambda: now)

    def fun(x):
        nonlocal now
        now += 1.0
        return bowl(x)

    jac = bowl_der if scheme == "analytic" else None
    options = {"gradient": scheme, "maxiter": 9, "rng": 3}
    expected = gd_adam(fun, X0, jac=jac, **options)
    for maxtime in (2, 1, 5, 8, 3, 11):
        gd_adam(fun, X0, jac=jac, maxtime=maxtime, journal=path, **options)
    assert_same(gd_adam(fun, X0, jac=jac, journal=path, **options), expected)


def test_callbacks_are_called_again(path):
    seen = []
    for _ in range(2):
        gd(bowl, X0, maxiter=3, journal=path, callback=seen.append)
    np.testing.assert_array_equal(seen[:3], seen[3:])


def test_a_callback_may_stop_the_run_and_a_later_call_goes_on(path):
    def stop(intermediate_result):
        if intermediate_result.nit == 3:
            raise StopIteration

    assert gd(bowl, X0, journal=path, callback=stop).nit == 3
    assert_same(gd(bowl, X0, journal=path), gd(bowl, X0))


def test_the_journal_is_a_table_of_all_evaluations(path):
    points = []

    def fun(x):
        points.append(x)
        return bowl(x)

    gd(fun, X0, maxiter=5, journal=path)
    table = lines(path)[1:]
    np.testing.assert_array_equal([line["x"] for line in table], points)
    assert [line["value"] for line in table] == [bowl(x) for x in points]


def test_the_points_of_many_variables_are_not_written(path):
    gd(Fragile(bowl), np.ones(1000), jac=bowl_der, maxiter=3, journal=path)
    assert all("x" not in line for line in lines(path))
    assert len(lines(path)[2]["gradient"]) == 1000
    again = gd(Fragile(bowl, 1), np.ones(1000), jac=bowl_der, maxiter=3, journal=path)
    assert_same(again, gd(bowl, np.ones(1000), jac=bowl_der, maxiter=3))


def test_values_that_are_not_finite_are_strict_json(path):
    def fun(x):
        return [math.nan, math.inf, -math.inf, float(x[0])][min(len(seen), 3)]

    seen = []

    def slope(x):
        seen.append(x)
        return np.array([math.nan, math.inf, 1.0])[: x.size]

    def run(**options):
        seen.clear()
        return gd(fun, X0, jac=slope, learning_rate=0.1, **options)

    expected = run()
    run(journal=path)
    written = lines(path)
    assert written[1]["value"] == "nan"
    assert written[2]["gradient"] == ["nan", "inf", 1.0]
    assert_same(run(journal=path), expected)


def patchy(x):
    return math.inf if x[0] > 0.7 else math.nan if x[1] < -1.6 else bowl(x)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_function_with_holes_goes_on_exactly(method, path):
    start = [0.69, -1.59, 0.5]
    for fails_at in (4, 9, 20):
        with contextlib.suppress(Interrupted):
            method(Fragile(patchy, fails_at), start, maxiter=10, rng=3, journal=path)
    expected = method(patchy, start, maxiter=10, rng=3)
    assert_same(method(Fragile(patchy), start, maxiter=10, rng=3, journal=path), expected)


def test_nonfinite_values_raise_again(path):
    for fun in (Fragile(patchy), Fragile(patchy, 1)):
        with pytest.raises(FloatingPointError):
            gd(fun, [0.71, 0.0], nonfinite="raise", journal=path)


def test_a_penalty_goes_on_exactly(path):
    with pytest.raises(Interrupted):
        gd_spectral(Fragile(bowl, 9), X0, constraints=L1(0.3), journal=path)
    result = gd_spectral(Fragile(bowl), X0, constraints=L1(0.3), journal=path)
    assert_same(result, gd_spectral(bowl, X0, constraints=L1(0.3)))


@pytest.mark.parametrize("fails_at", [1, 2, 5])
def test_a_vectorised_function_is_called_with_the_same_columns_again(fails_at, path):
    """The last bits of a column may depend on which others are in the call."""
    weights = np.random.default_rng(0).normal(size=(40, 40))

    def fun(x):
        calls.append(x.shape[1])
        if len(calls) == fails_at:
            raise Interrupted
        return ((weights @ x) ** 2).sum(axis=0)

    def run(**options):
        calls.clear()
        return gd(fun, np.ones(40), vectorized=True, maxiter=5, **options)

    calls = [None] * 100
    with pytest.raises(Interrupted):
        run(journal=path)
    table = path.read_text().splitlines(keepends=True)
    path.write_text("".join(table[: max(1, len(table) - 7)]))
    fails_at = None
    assert_same(run(journal=path, trust_journal=True), run())


def test_a_function_that_loses_the_imaginary_part_is_refused_again(path):
    for _ in range(2):
        with pytest.raises(ValueError, match="real numbers for complex x"):
            gd(lambda x: abs(x).sum(), X0, gradient="cs", journal=path)


def test_random_numbers_are_drawn_again_without_a_seed(path):
    with pytest.raises(Interrupted):
        gd_spsa(Fragile(bowl, 30), X0, maxfev=100, journal=path)
    result = gd_spsa(Fragile(bowl), X0, maxfev=100, journal=path)
    seed = lines(path)[0]["seed"]
    assert result.journal["replayed"] == 29
    assert_same(result, gd_spsa(bowl, X0, maxfev=100, rng=seed))
    other = gd_spsa(bowl, X0, maxfev=100, journal=path.with_name("other.jsonl"))
    assert not np.array_equal(other.x, result.x)


def test_the_value_at_the_average_is_kept_too(path):
    expected = gd_spsa(bowl, X0, maxfev=100, rng=3)
    with pytest.raises(Interrupted):
        gd_spsa(Fragile(bowl, expected.nfev), X0, maxfev=100, rng=3, journal=path)
    for calls in (1, 0):
        fun = Fragile(bowl)
        assert_same(gd_spsa(fun, X0, maxfev=100, rng=3, journal=path), expected)
        assert fun.calls == calls
    assert lines(path)[-1]["request"] == "final"


def test_a_run_that_is_planned_for_its_limits_keeps_them(path):
    gd_spsa(bowl, X0, maxfev=100, journal=path)
    said = "maxfev is 100 there and 200 here; random gradients are planned .* res.x .* maxtime"
    with pytest.raises(ValueError, match=said):
        gd_spsa(bowl, X0, maxfev=200, journal=path)
    with pytest.raises(ValueError, match="here; use another file, or delete it"):
        gd_spsa(bowl, [1.0, 2.0, 3.0], maxfev=200, journal=path)


class Backward(Jacobian):
    def evaluate(self, x, f, box):
        own = np.concatenate((x[:1], x - 1e-6))
        values = yield Probes(x, np.arange(-1, x.size), own)
        return values[0], (values[0] - values[1:]) / 1e-6


def test_a_scheme_of_the_user_goes_on_exactly(path):
    with pytest.raises(Interrupted):
        gd(Fragile(bowl, 9), X0, jac=Backward(), maxiter=9, journal=path)
    result = gd(Fragile(bowl), X0, jac=Backward(), maxiter=9, journal=path)
    assert_same(result, gd(bowl, X0, jac=Backward(), maxiter=9))


def test_scipys_minimize_and_the_method_share_a_journal(path):
    options = {"journal": path, "maxiter": 9}
    for jac, fun in ((rosen_der, rosen), (None, rosen), (True, lambda x: (rosen(x), rosen_der(x)))):
        path.unlink(missing_ok=True)
        first = minimize(fun, [1.3, 0.7], jac=jac, method=gd_adam, options=options)
        again = gd_adam(fun, [1.3, 0.7], jac=jac, **options)
        assert again.journal["recorded"] == 0
        assert_same(again, first)


@pytest.mark.parametrize("jac", [None, True, Central()])
@pytest.mark.parametrize("method", ["gd_spectral", "gd_adam", "gd_momentum"])
def test_ask_and_tell_goes_on_exactly(method, jac, path):
    def tell(opt, picked):
        points = opt.ask()[picked]
        slopes = [bowl_der(x) for x in points] if jac is True else None
        opt.tell([bowl(x) for x in points], points, slopes)

    def open_anew():
        return Descent(X0, method=method, jac=jac, maxiter=9, journal=path)

    rng = np.random.default_rng(0)
    opt = open_anew()
    while not opt.done:
        tell(opt, rng.permutation(len(opt.ask()))[: rng.integers(1, 4)])
        # The one before is left as it is, as it happens in notebooks.
        opt = open_anew()
    fun, slope = (pair, True) if jac is True else (bowl, jac)
    expected = METHODS[method](fun, X0, jac=slope, maxiter=9)
    for name in ("x", "fun", "nit", "nfev", "message"):
        assert_same(opt.result()[name], expected[name])
    assert opt.result().journal["recorded"] == 0


@pytest.mark.parametrize("scheme", [None, "2-point"])
def test_a_value_without_its_told_gradient_is_asked_for_again(scheme, path):
    def go_on(**options):
        opt = Descent(X0, method="gd_adam", jac=True, maxiter=3, gradient=scheme, **options)
        while not opt.done:
            points = opt.ask()[-2:]
            opt.tell([bowl(x) for x in points], points, [bowl_der(x) for x in points])
        return opt.result()

    expected = go_on()
    go_on(journal=path)
    whole = path.read_text().splitlines(keepends=True)
    for cut in range(1, len(whole) + 1):
        path.write_text("".join(whole[:cut]))
        assert_same(go_on(journal=path), expected)
