"""Simultaneous perturbation: two values a gradient, and a method for noisy functions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from skgd import METHODS, Central, Descent, gd, gd_adam, gd_momentum, gd_spectral, gd_spsa
from skgd.averaging import TailAverage
from skgd.jacobians import SPSA

DIRECTIONS = [name for name in METHODS if name != "gd_spsa"]


class Noisy:
    """A convex quadratic with noise, which counts its calls."""

    def __init__(self, n=20, sigma=0.1, seed=0, low=1.0, high=10.0, centre=1.0):
        self.a = np.linspace(low, high, n) if n > 1 else np.array([high])
        self.centre, self.sigma, self.calls = centre, sigma, 0
        self.chance = np.random.default_rng(1000 + seed)

    def exact(self, x):
        return float(0.5 * (self.a * (x - self.centre) ** 2).sum())

    def __call__(self, x):
        self.calls += 1
        assert np.isfinite(x).all()
        return self.exact(x) + self.sigma * self.chance.normal()


@pytest.mark.parametrize(("seed", "sigma"), [(0, 0.1), (1, 1.0)])
def test_fifty_variables_are_found_through_noise_with_default_options(seed, sigma):
    f = Noisy(50, sigma, seed)
    res = minimize(f, np.zeros(50), method=gd_spsa, options={"maxfev": 20_000, "rng": seed})
    assert f.exact(res.x) <= 0.005
    assert f.calls == res.nfev <= 20_000
    assert not res.success


@pytest.mark.parametrize("n", [1, 2, 7])
def test_an_exact_function_is_minimised_to_the_tolerance(n):
    f = Noisy(n, sigma=0.0)
    res = gd_spsa(f, np.full(n, 3.0), rng=1)
    assert res.success
    assert "gtol" in res.message
    assert abs(f.a * (res.x_last - 1)).max() <= 3e-5
    assert f.exact(res.x) <= 1e-8


@pytest.mark.parametrize("unit", [1e-3, 1e3])
@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_the_units_of_variables_and_values_do_not_matter(unit, size):
    f = Noisy(8)
    res = gd_spsa(lambda x: size * f(x / unit), np.zeros(8), maxfev=4000, rng=3)
    assert f.exact(res.x / unit) <= 0.02


def test_badly_scaled_variables_are_no_problem():
    f = Noisy(10)
    f.a = np.geomspace(1e-2, 1e4, 10)
    res = gd_spsa(f, np.zeros(10), maxfev=20_000, rng=3)
    assert f.exact(np.zeros(10)) > 1e3
    assert f.exact(res.x) <= 0.01


def test_heavy_tails_do_no_harm():
    chance, bowl = np.random.default_rng(3), Noisy(10)
    res = gd_spsa(
        lambda x: bowl.exact(x) + 0.1 * chance.standard_t(1.5), np.zeros(10), maxfev=5000, rng=0
    )
    assert bowl.exact(res.x) <= 0.1


@pytest.mark.parametrize("power", [2, 4, 8])
@pytest.mark.parametrize("start", [-30.0, 1e4])
def test_a_start_far_away_never_overflows(start, power):
    def f(x):
        assert abs(x).max() <= 3 * abs(start)
        return float((x**power).sum()) + chance.normal()

    chance = np.random.default_rng(2)
    with np.errstate(all="raise"):
        res = gd_spsa(f, np.full(5, start), maxfev=4000, rng=1)
    assert float((res.x**power).sum()) <= 1e-2 * abs(start) ** power


@pytest.mark.parametrize(("sigma", "maxfev"), [(2.0, 1000), (4.0, 1000), (4.0, 10_000)])
def test_waves_as_long_as_the_perturbations_are_seen(sigma, maxfev):
    def exact(x):
        return float((x**2 + 8 * np.sin(x)).sum())

    for seed in range(3):
        chance = np.random.default_rng(50 + seed)

        def f(x, chance=chance):
            return exact(x) + sigma * chance.normal()

        res = gd_spsa(f, [10.0], maxfev=maxfev, rng=seed)
        assert exact(res.x) <= -6.0294 + 0.25 * sigma
        assert res.steps[0] <= 3.0


def test_the_bias_by_third_derivatives_is_seen_and_avoided():
    def exact(x):
        return float((0.25 * x**4 + 0.5 * (x - 1) ** 2).sum())

    chance, ideal = np.random.default_rng(4), 0.6823278038280193
    res = gd_spsa(lambda x: exact(x) + chance.normal(), np.full(30, 5.0), maxfev=20_000, rng=0)
    assert exact(res.x) - exact(np.full(30, ideal)) <= 0.3


@given(low=st.floats(-2, 0.9), width=st.sampled_from([0.0, 1e-9, 0.1, 3.0]), seed=st.integers(0, 9))
def test_no_probe_leaves_the_bounds(low, width, seed):
    f, n = Noisy(4, seed=seed), 4
    box = np.full(n, low), np.array([low + width] * (n - 1) + [low + 1])

    def inside(x):
        assert ((box[0] <= x) & (x <= box[1])).all()
        return f(x)

    res = gd_spsa(
        inside, np.clip(np.zeros(n), *box), bounds=np.stack(box, -1), maxfev=300, rng=seed
    )
    inside(res.x)


def test_noise_vanishes_at_active_bounds():
    f = Noisy(10, sigma=1.0)
    res = gd_spsa(f, np.full(10, 3.0), bounds=[(1.5, 4)] * 10, maxfev=6000, rng=1)
    assert f.exact(res.x) - f.exact(np.full(10, 1.5)) <= 0.05


def test_bounds_do_not_shift_a_minimum_between_them():
    chance = np.random.default_rng(0)

    def f(x):
        return ((x - [0.2, 0.8, 0.5]) ** 2).sum() + 0.02 * chance.normal()

    res = gd_spsa(f, np.full(3, 0.5), bounds=[(0, 1)] * 3, maxfev=3000, rng=0)
    np.testing.assert_allclose(res.x, [0.2, 0.8, 0.5], atol=0.05)
    exact = gd_spsa(lambda x: (x[0] - 0.5) ** 2, [0.0], bounds=[(-1, 1)], eps=0.8, maxfev=500)
    np.testing.assert_allclose(exact.x, 0.5, atol=1e-3)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: 0.0,
        lambda x: float(x[0] > 5),
        lambda x: 1e-300 * float(x @ x),
        lambda x: 1e200 + float(x @ x),
        lambda x: 1e100 * float((x - 1) @ (x - 1)),
    ],
    ids=["zero", "a step", "tiny", "shifted", "huge"],
)
def test_no_values_lead_to_an_arithmetic_error(f):
    for options in ({}, {"gamma": 100.0}, {"noise": 1e-3}, {"noise": 1e300}):
        res = gd_spsa(f, np.zeros(2), maxfev=300, rng=0, **options)
        assert np.isfinite(res.x).all()
        assert res.fun == f(res.x)


@pytest.mark.parametrize("maxfev", [1, 2, 3, 10, 11, 12, 13, 25, 60, 61, 62, 500])
def test_the_budget_is_obeyed_and_the_value_is_a_real_one(maxfev):
    f, seen = Noisy(3), []

    def watched(x):
        seen.append((x.copy(), f(x)))
        return seen[-1][1]

    res = gd_spsa(watched, np.zeros(3), maxfev=maxfev, rng=0)
    assert len(seen) == res.nfev <= maxfev
    assert any((x == res.x).all() and value == res.fun for x, value in seen)


def test_the_average_is_evaluated_last():
    f, seen = Noisy(3), []
    res = gd_spsa(lambda x: seen.append(x.copy()) or f(x), np.zeros(3), maxfev=500, rng=0)
    np.testing.assert_array_equal(seen[-1], res.x)
    assert abs(res.x - res.x_last).max() > 0


def test_an_interrupted_run_has_a_point_that_was_evaluated():
    f, seen = Noisy(3), []

    def breaks(x):
        if len(seen) == 200:
            raise RuntimeError
        seen.append((x.copy(), f(x)))
        return seen[-1][1]

    with pytest.raises(RuntimeError) as caught:
        gd_spsa(breaks, np.zeros(3), maxfev=500, rng=0)
    res = caught.value.result
    assert any((x == res.x).all() and value == res.fun for x, value in seen[100:])


def test_whoever_evaluates_the_result_is_the_same():
    def f(x):
        return float(((x - 1) ** 2).sum(axis=0) + 0.05 * np.sin(1e7 * x.sum(axis=0)))

    def columns(points):
        return np.array([f(x) for x in points.T])

    alone = gd_spsa(f, np.zeros(4), maxfev=400, rng=3)
    with ThreadPoolExecutor(3) as pool:
        workers = gd_spsa(f, np.zeros(4), maxfev=400, rng=3, workers=pool)
    together = gd_spsa(columns, np.zeros(4), maxfev=400, rng=3, vectorized=True)
    opt = Descent(np.zeros(4), method=gd_spsa, maxfev=400, rng=3)
    while not opt.done:
        opt.tell([f(x) for x in opt.ask()])
    for other in (workers, together, opt.result()):
        np.testing.assert_array_equal(other.x, alone.x)
        assert (other.fun, other.nfev) == (alone.fun, alone.nfev)


def test_a_journal_takes_the_random_numbers_up_again(tmp_path):
    calls = 0

    def f(x):
        nonlocal calls
        calls += 1
        if calls == 150:
            raise KeyboardInterrupt
        return float(((x - 1) ** 2).sum() + 0.05 * np.sin(1e7 * x.sum()))

    options = {"maxfev": 400, "journal": tmp_path / "run.jsonl"}
    with pytest.raises(KeyboardInterrupt):
        gd_spsa(f, np.zeros(4), **options)
    first, again = (gd_spsa(f, np.zeros(4), **options) for _ in range(2))
    np.testing.assert_array_equal(first.x, again.x)
    assert calls == 401


def test_a_gradient_takes_two_values_whatever_the_number_of_variables():
    f = Noisy(200)
    res = gd_spsa(f, np.zeros(200), eval_every=0, maxfev=4000, rng=0)
    # And few at the start: the noise and the perturbations.
    assert 2 * res.nit <= res.nfev <= 2 * res.njev + 30


@pytest.mark.parametrize("resamplings", [1, 3])
def test_resamplings_are_pairs(resamplings):
    def evaluations(maxiter):
        options = {"eval_every": 0, "resamplings": resamplings, "eps": 0.5, "rng": 0}
        return gd_spsa(Noisy(4), np.zeros(4), maxiter=maxiter, **options).nfev

    assert evaluations(30) - evaluations(20) == 10 * 2 * resamplings


def test_a_seed_repeats_a_run_and_none_draws_anew():
    def run(rng):
        return gd_spsa(Noisy(5), np.zeros(5), maxfev=400, rng=rng).x.tolist()

    assert run(7) == run(7) == run(np.random.default_rng(7)) != run(8)
    assert run(None) != run(None)


def test_nothing_is_kept_between_runs():
    scheme = SPSA(resamplings=2)
    runs = [gd_spsa(Noisy(5), np.zeros(5), jac=scheme, maxfev=400, rng=1).x for _ in range(2)]
    np.testing.assert_array_equal(*runs)


def test_the_result_reports_what_was_calibrated():
    res = gd_spsa(Noisy(5), np.zeros(5), maxfev=2000, rng=1)
    assert set(res.spsa) == {"a", "c", "A", "alpha", "gamma", "resamplings", "eval_every", "failed"}
    assert res.spsa["c"].shape == res.spsa["a"].shape == res.steps.shape == (5,)
    assert (res.spsa["c"] > 0).all()
    assert 0.02 <= res.noise <= 0.4
    assert res.spsa["alpha"] == 0.602


def test_the_perturbations_and_exponents_may_be_given():
    res = gd_spsa(
        Noisy(5), np.zeros(5), maxfev=4000, rng=1, eps=0.7, gamma=0.0, alpha=0.5, stability=10
    )
    np.testing.assert_array_equal(res.spsa["c"], np.full(5, 0.7))
    np.testing.assert_array_equal(res.steps, np.full(5, 0.7))
    assert (res.spsa["A"], res.spsa["alpha"], res.spsa["gamma"]) == (10, 0.5, 0)
    assert Noisy(5).exact(res.x) < 0.1


def test_blocking_costs_a_value_an_iteration_and_works():
    f = Noisy(5)
    free = gd_spsa(f, np.zeros(5), maxiter=200, eval_every=0, rng=1)
    res = gd_spsa(f, np.zeros(5), maxiter=200, eval_every=0, blocking=True, rng=1)
    assert free.nfev + 200 <= res.nfev <= free.nfev + 600
    assert f.exact(res.x) < 0.5


@pytest.mark.parametrize("name", DIRECTIONS)
def test_every_direction_works_with_random_gradients(name):
    f = Noisy(10)
    res = METHODS[name](f, np.zeros(10), jac=SPSA(), maxfev=6000, rng=1)
    assert f.exact(res.x) <= 0.1 * f.exact(np.zeros(10))
    assert f.calls == res.nfev <= 6000


@pytest.mark.parametrize("method", [gd, gd_momentum, gd_adam, gd_spectral], ids=lambda m: m.name)
def test_the_scheme_has_a_name(method):
    f = Noisy(5)
    res = method(f, np.zeros(5), gradient="spsa", maxfev=4000, rng=1)
    assert f.exact(res.x) <= 1.0
    assert "spsa" in res


def test_with_a_gradient_at_hand_none_is_estimated():
    f = Noisy(5, sigma=0.0)
    res = gd_spsa(f, np.zeros(5), jac=lambda x: f.a * (x - 1))
    assert res.success
    assert "spsa" not in res
    assert gd_spsa(f, np.zeros(5), jac=Central()).success


def test_the_target_is_met_by_a_value_at_the_iterate():
    f = Noisy(5, sigma=0.01)
    res = gd_spsa(f, np.zeros(5), target=1.0, rng=0)
    assert res.success
    assert res.fun <= 1.0
    assert abs(f.exact(res.x) - res.fun) <= 0.06


def test_the_history_has_values_where_they_were_evaluated():
    f = Noisy(5, sigma=0.0)
    res = gd_spsa(f, np.zeros(5), history=10, eval_every=10, maxiter=100, gtol=0, rng=0)
    values = [f.exact(x) for x in res.history["x"]]
    np.testing.assert_allclose(res.history["fun"], values, rtol=1e-9, atol=1e-12)


def test_a_function_that_is_undefined_nearby_is_descended_where_it_is_defined():
    def f(x):
        return float((x - np.log(x)).sum()) if (x > 0).all() else np.nan

    res = gd_spsa(f, np.full(4, 0.05), rng=0, maxfev=4000)
    np.testing.assert_allclose(res.x, 1.0, atol=1e-2)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_start_without_a_value_is_no_success(value):
    res = gd_spsa(lambda x: value, [1.0, 2.0], maxfev=500)
    assert not res.success
    assert res.status == 3


def test_bad_arguments_are_named():
    for arguments, name in [
        ({"step": 0.0}, "step"),
        ({"step": -1.0}, "step"),
        ({"gamma": -1}, "gamma"),
        ({"resamplings": 0}, "resamplings"),
        ({"eval_every": -1}, "eval_every"),
    ]:
        with pytest.raises(ValueError, match=f"^{name}"):
            SPSA(**arguments)
    with pytest.raises(ValueError, match="finite_diff_rel_step"):
        gd_spsa(Noisy(2), [0.0, 0.0], finite_diff_rel_step=0.1)


def test_the_estimate_is_right_on_the_average():
    f = Noisy(4, sigma=0.0)
    draws = [SPSA(step=0.1)(f, np.zeros(4)) for _ in range(2000)]
    spread = np.std(draws, axis=0) / np.sqrt(len(draws))
    assert (abs(np.mean(draws, axis=0) - f.a * (0 - 1)) <= 5 * spread).all()


def test_a_batch_is_refused_by_name():
    with pytest.raises(ValueError, match="single runs"):
        next(SPSA().evaluate(np.zeros((2, 3)), None, None))


@given(noise=st.floats(1e-6, 1), transient=st.integers(0, 300), seed=st.integers(0, 99))
def test_the_tail_leaves_the_way_there_out_and_averages_the_rest(noise, transient, seed):
    chance, tail = np.random.default_rng(seed), TailAverage()
    for k in range(2000):
        start = 100.0 if k < transient else 0.0
        tail.add(np.full(3, start) + noise * chance.standard_normal(3))
    point = tail.point(np.ones(3), noise**2, 1.0)
    assert abs(point).max() <= 0.3 * noise


def test_the_tail_of_a_few_iterates_is_near_the_last():
    tail = TailAverage()
    for k in range(200):
        tail.add(np.array([0.8**k]))
    assert abs(tail.point(np.ones(1), 1e-30, 1.0)[0]) <= 1e-15


def test_the_docstring_describes_every_field_of_the_result():
    res = gd_spsa(Noisy(3), np.zeros(3), maxfev=100, rng=1)
    text = gd_spsa.__doc__.partition("\nReturns\n")[2].partition("\nOther Parameters\n")[0]
    assert all(f"{name}" in text for name in [*res, *res.spsa])
    assert "average of the last iterates" in text
