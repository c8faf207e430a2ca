"""Losses that users write: formulas, functions, and the envelope that rounds off their kinks."""

from __future__ import annotations

import numpy as np
import pytest
from losses import asymmetric, cauchy, data, quartic, softplus

from skgd.losses import (
    AbsoluteError,
    CallableLoss,
    Expectile,
    FormulaLoss,
    Huber,
    LogCosh,
    LogLoss,
    Poisson,
    SquaredError,
)
from skgd.losses.envelope import Envelope

Y = np.array([-1.5, 0.25, 3.0, 7.0])
P = np.array([1.0, 0.5, -2.0, 7.5])


def raising(y, p):
    raise RuntimeError("the data are gone")


@pytest.mark.parametrize(
    ("text", "kind", "convex", "smooth"),
    [
        ("(y - p)**2", "regression", True, True),
        ("(y - p)**4", "regression", True, True),
        ("log(cosh(y - p))", "regression", True, True),
        ("exp(p) - y*p", "regression", True, True),
        ("abs(y - p)**1.5", "regression", True, True),
        (Huber(0.7).formula.replace("epsilon", "0.7"), "regression", True, True),
        (Expectile(0.8).formula.replace("expectile", "0.8"), "regression", True, True),
        ("log(1 + exp(-y*p))", "binary", True, True),
        ("max(0, 1 - y*p)**2", "binary", True, True),
        ("abs(y - p)", "regression", True, False),
        ("max(0, abs(y - p) - 3)", "regression", True, False),
        ("max(0.9*(y - p), 0.1*(p - y))", "regression", True, False),
        ("Piecewise((5*(y - p), y > p), (p - y, True))", "regression", True, False),
        ("(y - p)**2 + 10*abs(y - p)", "regression", True, False),
        ("max(0, 1 - y*p)", "binary", True, False),
        ("log(1 + (y - p)**2)", "regression", False, True),
        ("min(abs(y - p), 3)", "regression", False, True),
    ],
)
def test_kinks_and_convexity_are_found_out(text, kind, convex, smooth):
    loss = FormulaLoss(text, kind=kind)
    assert (loss.convex, loss.smooth) == (convex, smooth)


@pytest.mark.parametrize(
    ("function", "scheme"),
    [
        (quartic, "given"),
        (cauchy, "complex step"),
        (lambda y, p: np.exp(p) - y * p, "complex step"),
        (lambda y, p: np.sqrt(1 + (y - p) ** 2), "complex step"),
        (asymmetric, "differences"),
        (lambda y, p: np.abs(y - p) ** 2, "differences"),
        (
            lambda y, p: np.where(np.abs(y - p) < 9, (y - p) ** 2, 18 * np.abs(y - p) - 81),
            "differences",
        ),
        (lambda y, p: np.logaddexp(y - p, p - y), "differences"),
    ],
)
def test_complex_step_is_taken_where_it_is_right(function, scheme):
    loss = CallableLoss(function)
    assert loss._scheme == scheme
    y, p = data(loss, 50)
    h = 1e-6
    slopes = (loss.value(y, p + h) - loss.value(y, p - h)) / (2 * h)
    np.testing.assert_allclose(loss.derivative(y, p), slopes, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("own", "built_in"),
    [
        (CallableLoss(softplus, kind="binary"), LogLoss()),
        (CallableLoss(lambda y, p: ((y - p) ** 2 / 2, p - y)), SquaredError()),
        (CallableLoss(lambda y, p: np.exp(p) - y * p), Poisson()),
        (FormulaLoss("log(1 + exp(-y*p))", kind="binary"), LogLoss()),
        (FormulaLoss("exp(p) - y*p"), Poisson()),
    ],
)
def test_own_losses_agree_with_the_same_built_in(own, built_in):
    y, p = data(built_in, 200)
    np.testing.assert_allclose(own.value(y, p), built_in.value(y, p), rtol=1e-11)
    for method in ("derivative", "curvature"):
        expected = getattr(built_in, method)(y, p)
        np.testing.assert_allclose(getattr(own, method)(y, p), expected, rtol=1e-5, atol=1e-6)
    values = [
        built_in.value(y, np.full_like(y, loss.constant(y))).mean() for loss in (own, built_in)
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-6)


@pytest.mark.parametrize(
    ("text", "kind", "built_in"),
    [
        ("log(cosh(y - p))", "regression", LogCosh()),
        ("2*log(cosh(p - y))/2", "regression", LogCosh()),
        ("log(exp(y - p) + exp(p - y)) - log(2)", "regression", LogCosh()),
        ("log(1 + exp(-y*p))", "binary", LogLoss()),
        ("log(exp(-p*y) + 1)", "binary", LogLoss()),
    ],
)
def test_usual_formulas_do_not_overflow(text, kind, built_in):
    loss = FormulaLoss(text, kind=kind)
    y = np.ones(7)
    p = np.array([-1e4, -800.0, -1.0, 0.0, 1.0, 800.0, 1e4])
    for method in ("value", "derivative", "curvature"):
        expected = getattr(built_in, method)(y, p)
        np.testing.assert_allclose(getattr(loss, method)(y, p), expected, rtol=1e-12, atol=1e-12)


def test_parameters_reach_formula_and_function():
    assert FormulaLoss("a*(y - p)**2", {"a": 3}).value(Y, P).tolist() == (3 * (Y - P) ** 2).tolist()
    halved = CallableLoss(cauchy, {"scale": 2.0})
    np.testing.assert_allclose(halved.value(Y, P), cauchy(Y / 2, P / 2))
    assert halved != CallableLoss(cauchy)
    assert hash(halved) == hash(CallableLoss(cauchy))
    with pytest.raises(TypeError, match="width"):
        CallableLoss(cauchy, {"width": 1.0})


def test_parameters_are_kept_from_changes():
    params = {"a": 3.0}
    loss = FormulaLoss("a*(y - p)**2", params)
    params["a"] = 5.0
    assert loss.params["a"] == 3.0
    with pytest.raises(TypeError):
        loss.params["a"] = 4.0  # type: ignore[index]


def test_a_function_cannot_write_to_the_data():
    def careless(y, p):
        p -= y
        return p**2

    with pytest.raises(ValueError, match="read-only"):
        CallableLoss(careless)


def test_differences_are_taken_in_double_precision():
    y, p = data(CallableLoss(asymmetric), 100)
    single = CallableLoss(asymmetric).derivative(y.astype(np.float32), p.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, np.where(y > p, -3, 1), rtol=1e-5)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda y, p: ((y - p) ** 2).mean(), r"loss: .* losses of the shape of p.*neither sum nor"),
        (lambda y, p: ((y - p) ** 2)[:, np.newaxis], r"loss: .* must return losses of the shape"),
        (
            lambda y, p: ((y - p) ** 2, np.float64(1)),
            r"loss: .* must return derivatives of the shape",
        ),
        (lambda y, p: (p, p, p), r"loss: .* pair of losses and derivatives, got 3 values"),
        (lambda y, p: np.array(["bad"] * len(p)), r"loss: what .* returns as losses must be"),
        (lambda y, p: None, r"loss: what .* returns as losses must be"),
        (lambda y, p: p + 1j, r"loss: .* must return real losses for real y and p"),
    ],
)
def test_functions_that_return_something_else_are_refused(function, message):
    with pytest.raises(ValueError, match=message):
        CallableLoss(function)


def test_errors_of_the_function_come_through():
    with pytest.raises(RuntimeError, match="the data are gone"):
        CallableLoss(raising)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (
            CallableLoss(lambda y, p: np.log(y - 1e9) + p**2),
            r"loss Call.* has the value nan at y =",
        ),
        (CallableLoss(lambda y, p: (p**2, p * np.nan)), r"loss Call.* has the derivative nan"),
        (FormulaLoss("log(a)*(y - p)**2", {"a": -1}), r"loss Form.* has the value nan"),
        (FormulaLoss("sqrt(y)*(y - p)**2"), r"loss Form.* has the value nan at y = -1.5"),
    ],
)
def test_values_that_are_not_finite_are_refused_before_the_fit(loss, message):
    with pytest.raises(ValueError, match=message):
        loss.check_target(Y)


@pytest.mark.parametrize("factor", [-1.0, 2.0, 0.5])
def test_a_wrong_derivative_is_refused_before_the_fit(factor):
    loss = CallableLoss(lambda y, p: ((y - p) ** 2, factor * 2 * (p - y)))
    with pytest.raises(ValueError, match="is not the derivative of its value by p: at y ="):
        loss.check_target(Y)


@pytest.mark.parametrize("y", [Y, np.zeros(5), np.array([3.0]), np.array([])])
@pytest.mark.parametrize("side", [-1.0, 0.0, 1.0])
def test_any_slope_will_do_at_a_kink(y, side):
    def absolute(y, p):
        return np.abs(y - p), np.where(p == y, side, np.sign(p - y))

    CallableLoss(absolute).check_target(y)


@pytest.mark.parametrize(
    ("text", "params", "message"),
    [
        ("abs(y - p", {}, r"loss: formula .* cannot be read"),
        ("abs(y - q*p)", {}, r"loss: the formula .* has the names q, .* give .* in loss_params"),
        ("a*abs(y - p)", {"a": 1, "aa": 2}, r"loss_params has 'aa', .* did you mean 'a'\?"),
        ("a*abs(y - p)", {"a": "big"}, r"loss_params\['a'\] must be a real number"),
        ("a*abs(y - p)", {"a": np.nan}, r"loss_params\['a'\] must be a finite number"),
        ("abs(y - p)", {"p": 1}, r"loss_params has 'p', which is the data"),
        ("y**2", {}, r"loss: the formula 'y\*\*2' does not contain p"),
        ("__import__('os')*p", {}, r"loss: formula .* has no meaning"),
    ],
)
def test_wrong_formulas_are_explained(text, params, message):
    with pytest.raises(ValueError, match=message):
        FormulaLoss(text, params)


def test_other_kinds_and_steps_are_refused():
    with pytest.raises(ValueError, match="kind must be 'regression' or 'binary', got 'multiclass'"):
        FormulaLoss("abs(y - p)", kind="multiclass")
    with pytest.raises(ValueError, match="step must be positive"):
        CallableLoss(cauchy, step=0.0)
    with pytest.raises(ValueError, match="loss must be a function of y and p"):
        CallableLoss(3)
    with pytest.raises(ValueError, match="width must be positive"):
        Envelope(AbsoluteError(), 0.0)


def near_and_far(width):
    """Return targets, and predictions in the zone of the kink and beyond."""
    y = np.linspace(-3, 3, 50)
    p = np.concatenate([y[:25] + np.linspace(-2, 2, 25) * width, y[25:] + np.linspace(-5, 5, 25)])
    return y, p


@pytest.mark.parametrize("width", [1e-6, 0.1, 3.0])
@pytest.mark.parametrize("loss", [FormulaLoss("abs(y - p)"), AbsoluteError()])
def test_envelope_of_the_absolute_error_is_hubers_function(loss, width):
    y, p = near_and_far(width)
    smooth, expected = Envelope(loss, width), AbsoluteError(width=width)
    np.testing.assert_allclose(smooth.value(y, p), expected.value(y, p), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(smooth.derivative(y, p), expected.derivative(y, p), atol=1e-8)
    apart = np.abs(np.abs(p - y) - width) > 1e-3 * width
    np.testing.assert_allclose(
        smooth.curvature(y, p)[apart], expected.curvature(y, p)[apart], rtol=1e-3
    )


@pytest.mark.parametrize("width", [1e-4, 0.1, 3.0])
def test_envelope_of_a_function_without_derivatives_is_almost_as_good(width):
    y, p = near_and_far(width)
    smooth = CallableLoss(lambda y, p: np.abs(y - p)).smoothed(width)
    expected = AbsoluteError(width=width)
    np.testing.assert_allclose(smooth.value(y, p), expected.value(y, p), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(
        smooth.derivative(y, p), expected.derivative(y, p), atol=1e-6 + 1e-7 / width
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("max(0, 1 - y*p)", "binary"),
        ("max(0.9*(y - p), 0.1*(p - y))", "regression"),
        ("max(0, abs(y - p - 1) - 0.25)", "regression"),
        ("(y - p)**2 + 3*abs(y - p)", "regression"),
    ],
)
def test_envelope_satisfies_its_definition(text, kind):
    loss = FormulaLoss(text, kind=kind)
    y, p = data(loss, 60)
    smooth = loss.smoothed(0.5)
    steps = np.linspace(-6, 6, 6001)
    u = p[:, np.newaxis] + steps
    least = (loss.value(np.broadcast_to(y[:, np.newaxis], u.shape), u) + steps**2).min(axis=1)
    np.testing.assert_allclose(smooth.value(y, p), least, atol=0.02)
    assert (smooth.value(y, p) <= least + 1e-12).all()
    assert smooth.constant(y) == loss.constant(y)
    smooth.check_target(y)
