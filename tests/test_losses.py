"""The contract of losses: every one of them, registered or a user's own, keeps it."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from losses import (
    ELEMENTWISE,
    EVERY,
    OWN,
    REGISTERED,
    SHARP,
    VARIANTS,
    data,
    not_negative_only,
    pairs_for,
    positive_only,
)
from sklearn.base import clone

from skgd.losses import LOSSES, FormulaLoss, Loss, Poisson

METHODS = ("value", "derivative", "curvature")


def every(losses):
    return pytest.mark.parametrize("loss", losses, ids=repr)


def quotients(function, y, p):
    """Return the difference quotients on both sides of `p`, and how uncertain they are."""
    h = 1e-5 * np.maximum(1, np.abs(p))
    low, middle, high = function(y, p - h), function(y, p), function(y, p + h)
    left, right = (middle - low) / h, (high - middle) / h
    size = np.abs(low) + np.abs(middle) + np.abs(high)
    return left, right, 1e-9 * size + 1e-3 * (np.abs(left - right) < 1e3) * np.abs(left)


@every(ELEMENTWISE)
@given(st.data())
def test_derivative_lies_between_the_slopes_on_both_sides(loss, data):
    y, p = data.draw(pairs_for(loss))
    left, right, doubt = quotients(loss.value, y, p)
    slope = loss.derivative(y, p)
    assert np.minimum(left, right) - doubt - 1e-6 <= slope
    assert slope <= np.maximum(left, right) + doubt + 1e-6


@every(ELEMENTWISE)
@given(st.data())
def test_curvature_lies_between_the_slopes_of_the_derivative(loss, data):
    y, p = data.draw(pairs_for(loss))
    left, right, doubt = quotients(loss.derivative, y, p)
    curvature = loss.curvature(y, p)
    if not loss.smooth:
        assert loss in OWN or curvature == 0
        return
    if loss in OWN:
        # Where the curvature is a difference, so is the derivative, perhaps.
        doubt = doubt + 1e-3 * (1 + np.abs(loss.value(y, p)))
    elif loss.convex:
        assert curvature >= 0
    assert np.minimum(left, right) - doubt - 1e-4 <= curvature
    assert curvature <= np.maximum(left, right) + doubt + 1e-4


@every(EVERY)
def test_value_and_derivative_is_the_pair_of_both(loss):
    y, p = data(loss)
    value, derivative = loss.value_and_derivative(y, p)
    np.testing.assert_allclose(value, loss.value(y, p), rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(derivative, loss.derivative(y, p), rtol=1e-14, atol=1e-14)


@every([loss for loss in ELEMENTWISE if loss.convex])
@given(st.data())
def test_convex_losses_lie_below_their_chords(loss, data):
    y, p = data.draw(pairs_for(loss))
    _, q = data.draw(pairs_for(loss))
    ends = (loss.value(y, p) + loss.value(y, q)) / 2
    assert loss.value(y, (p + q) / 2) <= ends + 1e-9 * (1 + np.abs(ends))


@every([loss for loss in ELEMENTWISE if not loss.convex])
def test_losses_that_do_not_claim_convexity_are_not_convex(loss):
    y, p = np.meshgrid([0.5, 2.0], np.linspace(-6, 6, 101))
    assert (loss.curvature(y, p) < -1e-6).any()


# Several classes have several predictions, and the Tweedie deviance has limits at two powers.
WITH_FORMULA = [
    loss
    for loss in [*REGISTERED, *VARIANTS]
    if loss.kind != "multiclass" and getattr(loss, "power", 0) not in (1, 2)
]


@every(WITH_FORMULA)
def test_written_formula_is_the_loss(loss):
    params = {name: value for name, value in vars(loss).items() if name != "width"}
    written = FormulaLoss(loss.formula, params, kind=loss.kind)
    y, p = data(loss)
    for method in METHODS:
        expected = getattr(written, method)(y, p)
        np.testing.assert_allclose(getattr(loss, method)(y, p), expected, rtol=1e-12, atol=1e-12)


@every(SHARP)
@given(st.data(), st.floats(1e-6, 3.0))
def test_smoothed_loss_is_below_by_no_more_than_a_multiple_of_the_width(loss, data, width):
    y, p = data.draw(pairs_for(loss))
    smooth = loss.smoothed(width)
    assert smooth.smooth
    assert smooth.convex
    sharp, blurred = loss.value(y, p), smooth.value(y, p)
    slopes = [np.abs(loss.derivative(y, p + way)) for way in (-20 * width, 20 * width)]
    steepest = np.maximum(1, np.maximum(*slopes))
    assert blurred <= sharp + 1e-12 * (1 + sharp)
    assert sharp - blurred <= 0.5 * width * steepest**2 * (1 + 1e-9) + 1e-12 * sharp


@every([loss for loss in SHARP if loss not in OWN])
def test_smoothing_adds_curvature_near_the_kinks_only(loss):
    y, p = np.full(4001, 1.0), np.linspace(-3, 5, 4001)
    width = 0.125
    curved = p[loss.smoothed(width).curvature(y, p) > 0]
    jumps = p[1:][np.abs(np.diff(loss.derivative(y, p))) > 1e-9]
    assert curved.size > 0
    assert np.abs(curved[:, np.newaxis] - jumps).min(axis=1).max() <= width + 0.003


@every(SHARP)
def test_first_width_is_positive_and_of_the_size_of_the_errors(loss):
    y, p = data(loss, 50)
    weights = np.random.default_rng(1).integers(0, 3, 50).astype(float)
    width = loss.first_width(y, p)
    assert 1e-2 < width < 1e2
    assert loss.first_width(y, p, weights) > 0
    assert loss.first_width(y, y.copy()) > 0
    assert loss.first_width(0 * y + 1, 0 * y + 1) > 0
    if loss.kind == "regression":
        assert loss.first_width(1000 * y, 1000 * p) == pytest.approx(1000 * width, rel=1e-9)


@every([loss for loss in EVERY if loss.smooth])
def test_a_smooth_loss_is_its_own_smoothing(loss):
    if not hasattr(loss, "width"):
        assert loss.smoothed(0.1) is loss


@every(EVERY)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_results_are_new_arrays_of_the_type_of_the_predictions(loss, dtype):
    y, p = (numbers.astype(dtype) for numbers in data(loss))
    kept = y.copy(), p.copy()
    y.flags.writeable = p.flags.writeable = False
    results = [getattr(loss, method)(y, p) for method in METHODS]
    results += loss.value_and_derivative(y, p)
    for result in results:
        assert result.dtype == dtype
        assert result.flags.writeable
        assert not np.shares_memory(result, p)
        assert not np.shares_memory(result, y)
    assert [result.shape for result in results[1:3]] == [p.shape, p.shape]
    assert results[0].shape == results[3].shape == y.shape
    assert loss.predict(p).dtype == dtype
    loss.check_target(y)
    loss.constant(y)
    np.testing.assert_array_equal((*y, *p.ravel()), (*kept[0], *kept[1].ravel()))


@every(EVERY)
def test_single_precision_agrees_with_double_precision(loss):
    y, p = data(loss)
    y, p = y.astype(np.float32).astype(float), p.astype(np.float32).astype(float)
    for method in METHODS:
        double = getattr(loss, method)(y, p)
        single = getattr(loss, method)(y.astype(np.float32), p.astype(np.float32))
        np.testing.assert_allclose(single, double, rtol=1e-4, atol=1e-4)


@every(ELEMENTWISE)
def test_losses_act_element_by_element_on_several_columns(loss):
    y, p = data(loss, 12)
    for method in (*METHODS, "first_width"):
        whole = getattr(loss, method)(y.reshape(4, 3), p.reshape(4, 3))
        np.testing.assert_array_equal(np.ravel(whole), getattr(loss, method)(y, p))
    constants = loss.constant(y.reshape(4, 3))
    assert constants.tolist() == [loss.constant(column) for column in y.reshape(4, 3).T]


@every(EVERY)
def test_losses_are_values(loss):
    for other in (pickle.loads(pickle.dumps(loss)), copy.deepcopy(loss), clone(loss, safe=False)):
        assert other == loss
        assert hash(other) == hash(loss)
        assert repr(other) == repr(loss)
        assert (other.smooth, other.convex) == (loss.smooth, loss.convex)
    assert sum(loss == other for other in EVERY) == 1 + (loss in VARIANTS) * (loss in REGISTERED)
    with pytest.raises(AttributeError):
        loss.width = 1.0


@every([*REGISTERED, *VARIANTS])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_off_predictions_overflow_silently_and_never_to_nan(loss, dtype):
    sizes = [50.0, 100.0, 800.0, 1e5, 1e30] + [1e300] * (dtype == np.float64)
    p = np.array([*sizes, *(-size for size in sizes)], dtype)
    if loss.kind == "multiclass":
        p = np.stack([p, -p, 0 * p], axis=1)
    allowed = [0.0, 1.0] if loss.kind == "multiclass" else [-1.0, 1.0]
    if loss.kind == "regression":
        allowed = [1.0, 0.3, 2.0]
        allowed += [] if positive_only(loss) else [0.0]
        allowed += [] if positive_only(loss) or not_negative_only(loss) else [-1.0]
    for target in allowed:
        y = np.full(len(p), target, dtype)
        assert not np.isnan(loss.value(y, p)).any()
        assert not np.isnan(loss.derivative(y, p)).any()
        assert not np.isnan(loss.curvature(y, p)).any()


@pytest.mark.parametrize("name", ["log_loss", "log_cosh", "huber", "hinge", "multinomial"])
def test_losses_that_grow_linearly_do_not_overflow(name):
    loss, p = LOSSES[name](), np.array([-1e300, 1e300])
    p = np.stack([-p, p], axis=1) if loss.kind == "multiclass" else p
    assert np.isfinite(loss.value(np.ones(2), p)).all()
    assert np.isfinite(loss.derivative(np.ones(2), p)).all()


def test_poisson_overflows_to_infinity():
    assert Poisson().value(np.ones(1), np.array([1000.0])) == np.inf


def test_losses_keep_their_precision_where_they_are_tiny():
    tiny = np.array([1e-9, 1e-4])
    np.testing.assert_allclose(
        LOSSES["log_cosh"]().value(0 * tiny, tiny), tiny**2 / 2, rtol=1e-6, atol=1e-25
    )
    margin = np.array([30.0, 200.0])
    loss = LOSSES["log_loss"]()
    np.testing.assert_allclose(loss.value(np.ones(2), margin), np.exp(-margin), rtol=1e-12)
    np.testing.assert_allclose(loss.derivative(np.ones(2), margin), -np.exp(-margin), rtol=1e-12)


def test_registry_has_every_loss_under_its_name():
    promised = """
        squared_error absolute_error quantile huber log_cosh epsilon_insensitive expectile mape
        poisson gamma tweedie log_loss hinge squared_hinge modified_huber exponential multinomial
    """.split()  # noqa: SIM905
    assert set(promised) <= set(LOSSES)
    for name, loss in LOSSES.items():
        assert loss.name == name
        assert issubclass(loss, Loss)
        assert loss.__doc__
        assert ">>> " in loss.__doc__
    with pytest.raises(TypeError):
        LOSSES["own"] = Loss  # type: ignore[index]


def test_import_is_light():
    code = (
        "import skgd.losses, sys\n"
        "names = ('sympy', 'sklearn', 'matplotlib', 'pandas', 'scipy.optimize', 'scipy.stats')\n"
        "print([name for name in names if name in sys.modules])"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"
