"""Losses with kinks: smoothing, and the certificate that the exact minimum was reached."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from linear_minima import linear_minimum, minimum, pieces
from linear_tasks import KINKED, features, fit, how, make_task, objective_of, targets_for
from losses import SHARP, data, pairs_for

from skgd import DescentRegressor
from skgd.estimators import fitting
from skgd.estimators.coordinates import plain_coordinates, scaled_coordinates
from skgd.estimators.fitting import minimise
from skgd.estimators.objective import LinearObjective
from skgd.losses import LOSSES, AbsoluteError, EpsilonInsensitive, Huber, Quantile

CONVEX = [loss for loss in SHARP if loss.convex]
IDS = [f"{i}-{loss.name}" for i, loss in enumerate(CONVEX)]
every_kinked = pytest.mark.parametrize("loss", CONVEX, ids=IDS)
widths = st.floats(-4, 1).map(lambda exponent: 10.0**exponent)
SETTINGS = {
    "none": {},
    "l1": {"penalty": "l1", "alpha": 0.02},
    "bounds": {"bounds": (-0.2, 0.3)},
    "positive": {"positive": True},
    "simplex": {"coef_sum": 1.0, "positive": True},
}


@every_kinked
@given(draw=st.data(), width=widths)
def test_exact_loss_lies_above_its_tangent_at_the_touching_point(loss, draw, width):
    y, p = draw.draw(pairs_for(loss))
    smooth = loss.smoothed(width)
    u, slope = smooth.touching(y, p), smooth.derivative(y, p)
    assert u.shape == p.shape
    assert u.dtype == p.dtype
    there = loss.value(y, u)
    for other in np.concatenate([p + np.linspace(-30, 30, 61), [0.0, -1.0, 1.0], y]):
        q = np.array([other])
        tangent = there + slope * (q - u)
        assert loss.value(y, q) >= tangent - 1e-6 * (1 + np.abs(tangent))


@every_kinked
@given(draw=st.data(), width=widths)
def test_what_smoothing_misses_is_not_negative_and_vanishes_with_the_width(loss, draw, width):
    y, p = draw.draw(pairs_for(loss))
    below = missed(loss, loss.smoothed(width), y, p)
    steepest = np.abs(loss.derivative(y, p + np.array([-40.0])))
    steepest = np.maximum(steepest, np.abs(loss.derivative(y, p + np.array([40.0]))))
    assert below >= -1e-7 * (1 + np.abs(loss.value(y, p)))
    assert below <= 4 * width * (steepest + 1e-9) + 1e-6


def missed(loss, smooth, y, p):
    u = smooth.touching(y, p)
    return loss.value(y, p) - loss.value(y, u) - smooth.derivative(y, p) * (p - u)


@every_kinked
def test_touching_acts_element_by_element_and_writes_to_nothing(loss):
    y, p = data(loss, 50)
    y.flags.writeable = p.flags.writeable = False
    smooth = loss.smoothed(0.5)
    whole = smooth.touching(y, p)
    each = [smooth.touching(y[i : i + 1], p[i : i + 1])[0] for i in range(50)]
    np.testing.assert_allclose(whole, each, rtol=1e-12)


@pytest.mark.parametrize(
    ("setting", "weighted"), [("none", True), ("positive", False), ("l1", True)]
)
@pytest.mark.parametrize("name", KINKED)
@pytest.mark.parametrize("width", [0.01, 0.3, 3.0])
def test_at_the_smooth_minimum_the_gap_bounds_the_exact_minimum(name, setting, width, weighted):
    task = make_task(name, weighted=weighted, **SETTINGS[setting])
    smooth = make_task(task.loss.smoothed(width), task.X, task.y, **SETTINGS[setting])
    object.__setattr__(smooth, "weights", task.weights)
    fitted = minimise(smooth, how(tol=1e-10))
    coordinates = scaled_coordinates(task, 1.0)
    objective = LinearObjective(task, coordinates)
    objective.use(smooth.loss)
    objective.value(coordinates.vector(fitted.coef, fitted.intercept))
    exact, gap = objective.exact(task.loss)
    penalty = task.penalty.value(fitted.coef)
    assert exact + penalty == pytest.approx(objective_of(task, fitted.coef, fitted.intercept))
    lowest = linear_minimum(task)
    assert gap >= -1e-12
    assert exact + penalty - gap <= lowest + 1e-7
    assert lowest <= exact + penalty + 1e-12


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "loss",
    [Huber(0.1), Huber(0.01), Huber(0.001), AbsoluteError(width=0.01), Quantile(width=0.001)],
    ids=str,
)
def test_a_narrow_zone_of_curvature_does_not_end_a_fit_early(loss, weighted):
    task = make_task(loss, weighted=weighted)
    fitted, value = fit(task, tol=1e-6)
    assert value <= minimum(task) * (1 + 1e-5) or not fitted.converged


@pytest.mark.parametrize("tol", [1e-3, 1e-6])
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", KINKED)
def test_a_converged_fit_is_within_the_tolerance_of_the_exact_minimum(name, setting, tol):
    task = make_task(name, features(40, seed=3), **SETTINGS[setting])
    fitted, value = fit(task, tol=tol)
    lowest = linear_minimum(task)
    assert lowest * (1 - 1e-9) - 1e-12 <= value
    assert fitted.converged
    # What is left of the smooth problem comes on top of the gap that the tolerance is for.
    assert value - lowest <= 1.2 * tol * abs(value)


# In these a stage of the smoothing takes no step.
@example(seed=103, level=0.9229290637465892)
@example(seed=278, level=0.679217822447637)
@example(seed=473, level=0.743717370087397)
@given(seed=st.integers(0, 999), level=st.floats(0.05, 0.95))
def test_quantiles_of_random_problems(seed, level):
    X = features(30, 3, seed)
    y = targets_for(LOSSES["squared_error"](), X, seed)
    task = make_task(Quantile(level), X, y)
    fitted, value = fit(task, tol=1e-6)
    assert fitted.converged
    assert value <= linear_minimum(task) * (1 + 1.2e-6)


@given(seed=st.integers(0, 999), level=st.sampled_from([0.1, 0.25, 0.5, 0.8]))
def test_the_share_of_targets_below_the_model_is_the_quantile(seed, level):
    X = features(200, 3, seed)
    y = targets_for(LOSSES["squared_error"](), X, seed)
    params = {"loss": "quantile", "loss_params": {"quantile": level}, "penalty": None}
    model = DescentRegressor(**params, tol=1e-7).fit(X, y)
    residual = y - model.predict(X)
    near = np.abs(residual) < 1e-3
    assert np.mean((residual < 0) & ~near) <= level + 1e-9
    assert np.mean((residual <= 0) | near) >= level - 1e-9


def test_the_residuals_of_the_minimum_vanish_in_as_many_rows_as_there_are_coefficients():
    task = make_task("absolute_error", features(100, 4))
    fitted, _ = fit(task, tol=1e-9)
    residual = np.sort(np.abs(task.y - task.margins(fitted.coef, fitted.intercept)))
    assert residual[4] < 1e-4 < residual[5]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("name", ["absolute_error", "quantile", "mape"])
def test_the_unit_of_the_target_does_not_matter(name, scale):
    X = features(80)
    y = targets_for(LOSSES[name](), X)
    counts, coefs = [], []
    for unit in (1.0, scale):
        fitted = minimise(make_task(name, X, unit * y), how(tol=1e-5))
        assert fitted.converged
        counts.append(fitted.n_iter)
        coefs.append(fitted.coef / unit)
    assert abs(counts[0] - counts[1]) <= 0.3 * counts[0]
    np.testing.assert_allclose(*coefs, atol=2e-2)


@pytest.mark.parametrize("name", ["absolute_error", "quantile"])
def test_targets_that_a_model_meets_exactly_are_met(name):
    X = features(60)
    y = X @ [1.0, -2.0, 0.0, 0.5] + 3.0
    fitted = minimise(make_task(name, X, y), how(tol=1e-6))
    assert fitted.converged
    np.testing.assert_allclose(fitted.coef[0], [1.0, -2.0, 0.0, 0.5], atol=1e-4)


def test_constant_targets_and_ties():
    X = features(60)
    for y in (np.ones(60), np.round(X[:, 0])):
        task = make_task("absolute_error", X, y)
        fitted, value = fit(task, tol=1e-6)
        assert fitted.converged
        assert value <= linear_minimum(task) + 1e-6


def test_rows_within_the_tolerance_cost_nothing():
    X = features(60)
    y = X @ [1.0, -2.0, 0.0, 0.5] + 0.1 * np.sin(np.arange(60))
    task = make_task(EpsilonInsensitive(0.2), X, y)
    fitted, value = fit(task, tol=1e-6)
    assert fitted.converged
    assert value <= 1e-6


def test_the_width_shrinks_from_stage_to_stage(monkeypatch):
    widths, use = [], LinearObjective.use

    def spying(self, loss, *others):
        widths.append(loss.width)
        use(self, loss, *others)

    monkeypatch.setattr(LinearObjective, "use", spying)
    minimise(make_task("quantile"), how(tol=1e-6))
    assert len(widths) > 4
    np.testing.assert_allclose(np.diff(np.log(widths)), np.log(fitting.SHRINK))


def test_a_smooth_loss_is_exact():
    for name in ("huber", "squared_error", "log_loss"):
        task = make_task(name)
        objective = LinearObjective(task, plain_coordinates(task))
        x = np.linspace(-1, 1, 5)
        value = objective.value(x)
        exact, gap = objective.exact(task.loss)
        assert exact == pytest.approx(value)
        assert gap == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("name", KINKED)
def test_the_pieces_of_the_linear_programs_are_the_losses(name):
    loss = LOSSES[name]()
    y, p = data(loss, 200)
    above = np.max([a * p + b for a, b in pieces(loss, y)], axis=0)
    np.testing.assert_allclose(above, loss.value(y, p), atol=1e-9)
