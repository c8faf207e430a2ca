"""Damped Gauss-Newton steps, their metric, their learning rate, and the formulas they come from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import Quadratic

from skgd import Box, Method, gd
from skgd._formula.columns import ColumnFormula
from skgd.directions.levenberg import Levenberg
from skgd.learning_rates.gain import GainRatio
from skgd.metrics import CholeskyMetric
from skgd.residual_metric import ResidualMetric

seeds = st.integers(0, 1000)


def least_squares(seed, n=4, rows=12):
    """Return Jacobian and residuals of a random problem, badly scaled."""
    rng = np.random.default_rng(seed)
    scales = 10.0 ** rng.uniform(-4, 4, n)
    return rng.standard_normal((rows, n)) * scales, rng.standard_normal(rows)


def metric_of(J, r):
    Q, R = np.linalg.qr(J)
    return ResidualMetric(R, Q.T @ r, float(np.linalg.norm(r)))


def standing(J, r, x, lower=None, upper=None):
    """Return rule, state and gradient of a run that stands at `x`."""
    rule, g = Levenberg(), J.T @ r
    constraint = None if lower is None else Box(lower, upper)
    face = None if constraint is None else constraint.face(x, g)
    state = rule.start(x)
    rule.bend(state, metric_of(J, r))
    rule.stand(state, x, g, constraint, face)
    return rule, state, g, face


@given(seeds)
def test_metric_is_that_of_the_jacobian(seed):
    J, r = least_squares(seed)
    metric, dense = metric_of(J, r), CholeskyMetric([J.T @ J], [np.arange(4)], 4)
    free = np.random.default_rng(seed).random(4) < 0.7
    free[0] = True
    g = J.T @ r
    for some in (None, free):
        ours, theirs = metric.on(some), dense.on(some)
        np.testing.assert_allclose(ours.solve(g), theirs.solve(g), rtol=1e-6)
        d = np.where(ours.known, g, 0.0)
        np.testing.assert_allclose(ours.product(d), theirs.product(d), rtol=1e-9)
        assert ours.square(d) == pytest.approx(theirs.square(d))
        assert ours.dual(g) == pytest.approx(theirs.dual(g), rel=1e-6)
        left = ours.remainder()
        assert left @ left == pytest.approx(ours.dual(g), rel=1e-6)
        part = J[:, ours.known]
        inverse = np.linalg.inv(part.T @ part)
        np.testing.assert_allclose(ours.inverse(), inverse, rtol=1e-6, atol=0.0)
        small = ours.compressed()
        np.testing.assert_allclose(small.solve(g[ours.known]), ours.solve(g)[ours.known], rtol=1e-6)


def test_singular_jacobian_has_no_inverse_and_nothing_to_gain_in_vain():
    J, r = least_squares(0)
    J[:, 3] = 2.0 * J[:, 1]
    metric = metric_of(J, r)
    assert metric.inverse() is None
    best, *_ = np.linalg.lstsq(J[:, :3], r)
    gain = r @ r - ((J[:, :3] @ best - r) ** 2).sum()
    assert metric.remainder() @ metric.remainder() == pytest.approx(gain)


@given(seeds, st.floats(1e-3, 1e6))
def test_step_solves_the_damped_equations(seed, t):
    J, r = least_squares(seed)
    rule, state, g, _ = standing(J, r, np.zeros(4))
    D = np.diag((J**2).sum(axis=0))
    scale = np.sqrt(np.diag(D))
    equations = (J.T @ J + D / t) / scale / scale[:, None]
    expected = -np.linalg.solve(equations, g / scale) / scale
    np.testing.assert_allclose(rule.displacement(state, g, t), expected, rtol=1e-7)


@given(seeds)
def test_large_rates_give_gauss_newton_and_small_ones_scaled_descent(seed):
    J, r = least_squares(seed)
    rule, state, g, _ = standing(J, r, np.zeros(4))
    newton, *_ = np.linalg.lstsq(J / np.linalg.norm(J, axis=0), -r)
    newton /= np.linalg.norm(J, axis=0)
    np.testing.assert_allclose(rule.displacement(state, g, 1e14), newton, rtol=1e-6)
    scaled = -1e-9 * g / (J**2).sum(axis=0)
    np.testing.assert_allclose(rule.displacement(state, g, 1e-9), scaled, rtol=1e-6)
    rule.restart(state, True, g)
    np.testing.assert_allclose(rule.displacement(state, g, 1e-9), scaled, rtol=1e-12)


@given(seeds, st.floats(1e-2, 1e6))
def test_step_with_bounds_stays_within_and_is_best_for_what_is_free(seed, t):
    J, r = least_squares(seed)
    J /= np.linalg.norm(J, axis=0)
    rng = np.random.default_rng(seed)
    lower, upper = -rng.uniform(0, 0.3, 4), rng.uniform(0, 0.3, 4)
    x = np.zeros(4)
    lower[0] = 0.0
    rule, state, g, face = standing(J, r, x, lower, upper)
    p = rule.displacement(state, g, t)
    assert (p >= face.lower).all()
    assert (p <= face.upper).all()
    slope = J.T @ (J @ p + r) + p / t
    inside = (p > face.lower) & (p < face.upper)
    np.testing.assert_allclose(slope[inside], 0.0, atol=1e-8)
    rule.restart(state, True, g)
    plain = rule.displacement(state, g, t)
    assert g @ plain <= 0.0


def test_measure_is_the_share_of_the_residuals_that_a_step_would_remove():
    J, r = least_squares(1)
    rule, state, g, _ = standing(J, r, np.zeros(4))
    best, *_ = np.linalg.lstsq(J, -r)
    share = 1.0 - ((J @ best + r) ** 2).sum() / (r @ r)
    measured = rule.measure(state, g, g, None)
    assert measured @ measured == pytest.approx(share)
    np.testing.assert_allclose(np.linalg.norm(rule.measure(state, g.copy(), g, None)) ** 2, share)


def test_an_objective_without_residuals_is_refused():
    with pytest.raises(ValueError, match=r"needs an objective that offers the Jacobian"):
        Method(Levenberg(), GainRatio())(lambda x: x @ x, [1.0], jac=lambda x: 2 * x)


@given(seeds)
def test_gain_ratio_descends_monotonically(seed):
    problem = Quadratic.random(4, condition=30.0, seed=seed)
    res = gd(
        problem.value,
        problem.start(),
        jac=problem.gradient,
        learning_rate=GainRatio(initial=10.0),
        history=True,
    )
    assert res.success
    assert (np.diff(res.history["fun"]) <= 1e-12 * abs(res.history["fun"][0])).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"initial": 0.0}, "initial must be positive"),
        ({"c1": 1.0}, r"c1 must lie in \(0, 1\)"),
        ({"grow": 0.5}, "grow must be at least 1"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        GainRatio(**arguments)


@given(seeds)
def test_columns_have_the_derivatives_of_differences(seed):
    rng = np.random.default_rng(seed)
    formula = ColumnFormula("a*exp(-b*t) + c*sin(d*t)/(1 + b**2)", "abcd", "t")
    t, point = rng.uniform(0.1, 2, 9), rng.uniform(0.3, 2, 4)
    values, derivatives = formula.values_and_derivatives(point, [t], 9)
    np.testing.assert_array_equal(values, formula.values(point, [t], 9))
    for i, unit in enumerate(np.eye(4)):
        high, low = (formula.values(point + h * unit, [t], 9) for h in (1e-5, -1e-5))
        np.testing.assert_allclose(derivatives[:, i], (high - low) / 2e-5, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("text", "point", "expected"),
    [
        ("a*t**b", [2.0, 1.5], [[0.0, 0.0], [1.0, 0.0]]),
        ("a/(1 + exp(b*(t - 1)))", [2.0, -800.0], [[0.0, 0.0], [0.5, 0.0]]),
    ],
)
def test_derivatives_without_a_chain_rule_are_limits(text, point, expected):
    formula = ColumnFormula(text, "ab", "t")
    _, derivatives = formula.values_and_derivatives(point, [np.array([0.0, 1.0])], 2)
    np.testing.assert_allclose(derivatives, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "linear"),
    [
        ("a*exp(-b*t) + c", "ac"),
        ("a*b*t + c", "ac"),
        ("log(a + b*t) + c**2", ""),
        ("(a + b*t)/(1 + c*t)", "ab"),
        ("a*c + b*t", "ab"),
    ],
)
def test_linear_parameters_are_found(text, linear):
    names = "abc"
    found = ColumnFormula(text, names, "t").linear
    assert "".join(name for name, yes in zip(names, found, strict=True) if yes) == linear
