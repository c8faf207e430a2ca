"""The variants of the test problems change what they say, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from selection import sample
from zoo import BY_NAME, KINDS, check_gradient, rounding

from skgd.testing import problems

SMOOTH_VARIANTS = ["rescaled", "rotated", "f*1e-8", "f*1e8", "shifted"]
BOUNDED = [*KINDS, "freudenstein_roth", "helical_valley", "fletchcr_10", "nondia_10", "branin"]


@pytest.mark.parametrize("variant", SMOOTH_VARIANTS)
@pytest.mark.parametrize("name", KINDS)
def test_gradient_of_a_variant_agrees_with_complex_step(name, variant):
    (problem,) = problems(names=[name], variant=variant)
    assert problem.variant == variant
    check_gradient(problem)


@pytest.mark.parametrize("variant", ["rescaled", "rotated"])
def test_substituted_variables_keep_values_and_minima(variant):
    for problem in problems(variant=variant):
        standard = BY_NAME[problem.name]
        assert problem.fun(problem.x0) == pytest.approx(standard.fun(standard.x0), rel=1e-9)
        assert problem.minima == standard.minima
        if problem.x_best is not None and standard.family != "brown_badly_scaled":
            drop = standard.fun(standard.x0) - standard.best
            assert problem.fun(problem.x_best) - problem.best <= 1e-9 * drop


def test_rescaled_variables_differ_by_many_orders_of_magnitude():
    problem = BY_NAME["dixmaana_90"]
    (rescaled,) = problems(names=[problem.name], variant="rescaled")
    scales = problem.x0 / rescaled.x0
    assert scales.min() == pytest.approx(1e-6)
    assert scales.max() == pytest.approx(1e6)


@pytest.mark.parametrize(("variant", "factor"), [("f*1e-8", 1e-8), ("f*1e8", 1e8)])
def test_scaled_functions_scale_everything(variant, factor):
    for problem in problems(names=KINDS, variant=variant):
        standard = BY_NAME[problem.name]
        x = standard.x0
        assert problem.fun(x) == pytest.approx(factor * standard.fun(x))
        assert problem.best == factor * standard.best
        np.testing.assert_allclose(problem.jac(x), factor * standard.jac(x))


def test_shift_is_a_thousand_times_the_drop_to_the_best():
    for problem in problems(variant="shifted"):
        standard = BY_NAME[problem.name]
        drop = standard.fun(standard.x0) - standard.best
        assert problem.best - standard.best == pytest.approx(1e3 * drop)
        assert problem.fun(problem.x0) - problem.best == pytest.approx(drop, rel=1e-9)


@pytest.mark.parametrize("name", sample(BOUNDED, 6, seed=1))
def test_box_contains_the_start_and_cuts_off_the_minimum(name):
    (problem,) = problems(names=[name], variant="bounded")
    lower, upper = np.array(problem.bounds, dtype=float).T
    inside = np.nan_to_num(lower, nan=-np.inf), np.nan_to_num(upper, nan=np.inf)
    assert np.all(inside[0] <= problem.x0)
    assert np.all(problem.x0 <= inside[1])
    assert np.all(inside[0] <= problem.x_best)
    assert np.all(problem.x_best <= inside[1])
    assert np.any((problem.x_best == inside[0]) | (problem.x_best == inside[1]))
    assert problem.best > BY_NAME[problem.name].best


@pytest.mark.parametrize("name", sample(BOUNDED, 6, seed=1))
def test_best_in_the_box_is_stationary_and_nothing_lower_is_found(name):
    (problem,) = problems(names=[name], variant="bounded")
    lower, upper = np.array(problem.bounds, dtype=float).T
    at_lower, at_upper = problem.x_best == lower, problem.x_best == upper
    gradient = problem.jac(problem.x_best)
    free = np.where(
        at_lower, np.minimum(gradient, 0), np.where(at_upper, np.maximum(gradient, 0), gradient)
    )
    assert np.abs(free).max() <= 1e-6 * np.abs(problem.jac(problem.x0)).max()
    result = minimize(
        problem.fun, problem.x0, jac=problem.jac, method="L-BFGS-B", bounds=problem.bounds
    )
    assert result.fun >= problem.best - rounding(problem)


def test_noise_is_small_repeatable_and_depends_on_the_generator():
    for problem in problems(names=KINDS, variant="noisy"):
        standard = BY_NAME[problem.name]
        (other,) = problems(names=[problem.name], variant="noisy", rng=1)
        x = problem.x0
        value = problem.fun(x)
        assert problem.jac is None
        assert value == problem.fun(x)
        assert 0 < abs(value / standard.fun(x) - 1) <= 1e-6
        assert value != other.fun(x)


def test_noise_is_uniform_over_nearby_points():
    (problem,) = problems(names="rosenbrock", variant="noisy")
    standard = BY_NAME["rosenbrock"]
    nearby = [problem.x0 + k * 1e-12 for k in range(4000)]
    noise = np.array([problem.fun(x) / standard.fun(x) - 1 for x in nearby]) / 1e-6
    assert abs(noise.mean()) < 0.05
    assert noise.std() == pytest.approx(1 / 3**0.5, rel=0.05)


def test_noise_ignores_the_sign_of_zero():
    (problem,) = problems(names="rosenbrock", variant="noisy")
    assert problem.fun([0.0, 1.0]) == problem.fun([-0.0, 1.0])


def test_single_precision_rounds_start_value_and_gradient():
    for problem in problems(variant="float32"):
        standard = BY_NAME[problem.name]
        x = problem.x0
        value, gradient = problem.fun(x), problem.jac(x)
        assert x.dtype == value.dtype == gradient.dtype == np.float32
        assert value == np.float32(standard.fun(x.astype(float)))
        assert problem.fun(x * (1 + 1e-12)) == value
        assert problem.best == np.float32(problem.best)


def test_finite_difference_variant_has_no_gradient():
    assert all(problem.jac is None for problem in problems(variant="finite-difference"))
