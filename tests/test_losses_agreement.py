"""Losses agree with scikit-learn's metrics and classifiers, and check what they are given."""

from __future__ import annotations

import numpy as np
import pytest
from losses import REGISTERED, VARIANTS, cauchy, data
from sklearn import metrics
from sklearn.linear_model import SGDClassifier

from skgd.losses import (
    LOSSES,
    CallableLoss,
    EpsilonInsensitive,
    Expectile,
    FormulaLoss,
    Gamma,
    Huber,
    LogLoss,
    ModifiedHuber,
    Multinomial,
    Poisson,
    Quantile,
    Tweedie,
    read_loss,
)


@pytest.mark.parametrize(
    ("name", "metric", "factor"),
    [
        ("squared_error", metrics.mean_squared_error, 2),
        ("absolute_error", metrics.mean_absolute_error, 1),
        ("mape", metrics.mean_absolute_percentage_error, 1),
        ("quantile", lambda y, p: metrics.mean_pinball_loss(y, p, alpha=0.5), 1),
    ],
)
def test_mean_loss_is_the_metric(name, metric, factor):
    loss = LOSSES[name]()
    y, p = data(loss, 100)
    assert factor * loss.value(y, p).mean() == pytest.approx(metric(y, p), rel=1e-12)


def test_quantile_is_the_pinball_loss_of_its_level():
    y, p = data(Quantile(), 100)
    expected = metrics.mean_pinball_loss(y, p, alpha=0.9)
    assert Quantile(0.9).value(y, p).mean() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("loss", "power"),
    [(Poisson(), 1), (Gamma(), 2), *((Tweedie(k), k) for k in (1, 1.5, 2, 3))],
)
def test_differences_of_losses_are_differences_of_half_deviances(loss, power):
    y, p = data(loss, 100)
    means = [np.exp(p), np.exp(p[::-1])]
    first, second = (metrics.mean_tweedie_deviance(y, mean, power=power) / 2 for mean in means)
    change = loss.value(y, p).mean() - loss.value(y, p[::-1]).mean()
    assert change == pytest.approx(first - second, rel=1e-10)
    np.testing.assert_array_equal(loss.predict(p), np.exp(p))


def test_tweedie_has_poisson_and_gamma_as_limits():
    y, p = data(Gamma(), 100)
    for power, limit in ((1, Poisson()), (2, Gamma())):
        for method in ("value", "derivative", "curvature"):
            expected = getattr(limit, method)(y, p)
            np.testing.assert_allclose(getattr(Tweedie(power), method)(y, p), expected, rtol=1e-12)


def test_log_losses_are_the_metric():
    y, p = data(LogLoss(), 100)
    expected = metrics.log_loss(y, LogLoss().probability(p))
    assert LogLoss().value(y, p).mean() == pytest.approx(expected, rel=1e-12)
    y, p = data(Multinomial(), 100)
    expected = metrics.log_loss(y, Multinomial().probability(p))
    assert Multinomial().value(y, p).mean() == pytest.approx(expected, rel=1e-12)


def test_hinge_is_the_metric():
    y, p = data(LOSSES["hinge"](), 100)
    assert LOSSES["hinge"]().value(y, p).mean() == pytest.approx(metrics.hinge_loss(y, p))


@pytest.mark.parametrize("name", ["log_loss", "modified_huber"])
def test_probabilities_are_those_of_the_sgd_classifier(name):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    y = np.sign(X[:, 0] + rng.normal(size=60))
    model = SGDClassifier(loss=name, random_state=0, max_iter=20, tol=None).fit(X, y)
    expected = model.predict_proba(X)[:, 1]
    loss = LOSSES[name]()
    assert loss.has_probability
    np.testing.assert_allclose(loss.probability(model.decision_function(X)), expected, rtol=1e-10)


@pytest.mark.parametrize("loss", [*REGISTERED, CallableLoss(cauchy)], ids=repr)
def test_losses_without_probabilities_say_so(loss):
    _, p = data(loss)
    if loss.has_probability:
        probabilities = loss.probability(p)
        assert ((probabilities >= 0) & (probabilities <= 1)).all()
    else:
        with pytest.raises(ValueError, match=f"loss {loss.name!r} does not estimate probabilities"):
            loss.probability(p)


def test_multinomial_of_two_classes_is_the_log_loss():
    y, p = data(LogLoss(), 50)
    codes, both = (y + 1) / 2, np.stack([-p / 2, p / 2], axis=1)
    value, derivative = Multinomial().value_and_derivative(codes, both)
    np.testing.assert_allclose(value, LogLoss().value(y, p), rtol=1e-10)
    np.testing.assert_allclose(derivative[:, 1], LogLoss().derivative(y, p), rtol=1e-10, atol=1e-16)
    np.testing.assert_allclose(
        Multinomial().curvature(codes, both)[:, 0], LogLoss().curvature(y, p)
    )


@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
@pytest.mark.parametrize("order", ["C", "F"])
def test_multinomial_gradient_is_that_of_differences(shift, order):
    y, p = data(Multinomial(), 30)
    p = np.asarray(p + shift, order=order)
    loss, h = Multinomial(), 1e-5
    derivative, curvature = loss.derivative(y, p), loss.curvature(y, p)
    for k in range(p.shape[1]):
        step = np.zeros_like(p)
        step[:, k] = h
        slopes = (loss.value(y, p + step) - loss.value(y, p - step)) / (2 * h)
        bends = (loss.derivative(y, p + step) - loss.derivative(y, p - step))[:, k] / (2 * h)
        np.testing.assert_allclose(derivative[:, k], slopes, atol=1e-7)
        np.testing.assert_allclose(curvature[:, k], bends, atol=1e-7)
    np.testing.assert_allclose(derivative.sum(axis=1), 0, atol=1e-14)
    np.testing.assert_allclose(loss.value(y, p), loss.value(y, p - shift), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("loss", "wrong", "range_of_y"),
    [
        (Poisson(), -1.0, "not be negative"),
        (Gamma(), 0.0, "be positive"),
        (Tweedie(1.5), -1.0, "not be negative"),
        (Tweedie(2), 0.0, "be positive"),
        (Tweedie(3), 0.0, "be positive"),
        (LogLoss(), 0.0, "be -1 or \\+1"),
        (ModifiedHuber(), 2.0, "be -1 or \\+1"),
        (Multinomial(), 0.5, "be the number of a class"),
        (Multinomial(), -1.0, "be the number of a class"),
    ],
)
def test_targets_out_of_range_get_the_wording_of_scikit_learn(loss, wrong, range_of_y):
    message = rf"Some value\(s\) of y are out of the valid range of the loss '{loss.name}'"
    with pytest.raises(ValueError, match=f"{message}: y must {range_of_y}.*, got {wrong}"):
        loss.check_target(np.array([1.0, wrong, 1.0]))


@pytest.mark.parametrize("loss", [*REGISTERED, *VARIANTS], ids=repr)
def test_targets_in_range_pass(loss):
    y, _ = data(loss)
    loss.check_target(y)
    loss.check_target(y.astype(np.float32))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Quantile(1.0), r"quantile must lie in \(0, 1\), got 1.0"),
        (lambda: Quantile(0.0), r"quantile must lie in \(0, 1\)"),
        (lambda: Quantile("high"), r"quantile must be a real number"),
        (lambda: Expectile(1.5), r"expectile must lie in \(0, 1\)"),
        (lambda: Huber(0.0), r"epsilon must be positive"),
        (lambda: EpsilonInsensitive(-1.0), r"epsilon must not be negative"),
        (lambda: Tweedie(0.5), r"power must be at most 0 or at least 1, got 0.5"),
        (lambda: Tweedie(np.inf), r"power must be a finite number"),
        (lambda: Quantile(width=-1.0), r"width must not be negative"),
    ],
)
def test_parameters_out_of_range_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_arguments_of_estimators_are_read():
    assert read_loss("quantile", {"quantile": 0.9}, "regression") == Quantile(0.9)
    assert read_loss("huber", None, "regression") == Huber()
    assert read_loss("log_loss", None, "binary") == LogLoss()
    assert read_loss("log_loss", {}, "multiclass") == Multinomial()
    assert read_loss("multinomial", {}, "multiclass") == Multinomial()
    assert read_loss("hinge", None, "multiclass") == LOSSES["hinge"]()
    assert read_loss(Huber(2.0), None, "regression") == Huber(2.0)
    formula = read_loss("abs(y-p)*a", {"a": 2.0}, "regression")
    assert formula == FormulaLoss("abs(y-p)*a", {"a": 2.0})
    assert read_loss("max(0, 1 - y*p)", None, "multiclass").kind == "binary"
    assert read_loss(cauchy, {"scale": 2.0}, "regression") == CallableLoss(cauchy, {"scale": 2.0})


@pytest.mark.parametrize(
    ("loss", "params", "kind", "message"),
    [
        ("huberr", None, "regression", r"loss 'huberr' is not known; .* did you mean 'huber'\?"),
        ("l2", None, "binary", r"loss 'l2' is not known; choose from log_loss, hinge, "),
        (
            "hinge",
            None,
            "regression",
            r"loss 'hinge' is for two classes, not for regression; choose",
        ),
        ("huber", None, "binary", r"loss 'huber' is for regression, not for two classes"),
        ("multinomial", None, "binary", r"loss 'multinomial' is for several classes, not for two"),
        (Huber(), None, "binary", r"loss 'huber' is for regression"),
        (
            "quantile",
            {"quantil": 0.9},
            "regression",
            r"'quantil', .* did you mean 'quantile'\?; it",
        ),
        ("squared_error", {"a": 1}, "regression", r"loss_params has 'a', .* it takes none"),
        ("quantile", {"quantile": 2}, "regression", r"quantile must lie in \(0, 1\)"),
        (Huber(), {"epsilon": 1}, "regression", r"loss_params has 'epsilon', but loss is Huber"),
        (Huber, None, "regression", r"loss: pass Huber\(\), not the class"),
        (None, None, "regression", r"loss must be the name of a loss, a formula in y and p, a f"),
        ("abs(y - p)", [1], "regression", r"loss_params must be a mapping of names to values"),
        ("abs(y - p)", {1: 1}, "regression", r"loss_params must be a mapping of names to values"),
    ],
)
def test_unreadable_arguments_are_explained(loss, params, kind, message):
    with pytest.raises(ValueError, match=message):
        read_loss(loss, params, kind)
