"""All losses that the tests of losses run through, and data for them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from skgd.losses import (
    LOSSES,
    CallableLoss,
    EpsilonInsensitive,
    Expectile,
    FormulaLoss,
    Huber,
    Loss,
    Multinomial,
    Quantile,
    Tweedie,
)


def cauchy(y, p, scale=1.0):
    return np.log1p(((y - p) / scale) ** 2)


def quartic(y, p):
    error = p - y
    return error**4, 4 * error**3


def asymmetric(y, p):
    return np.where(y > p, 3 * (y - p), p - y)


def softplus(y, p):
    return np.logaddexp(0, -y * p)


REGISTERED = [loss() for loss in LOSSES.values()]

VARIANTS: list[Loss] = [
    Quantile(0.9),
    Huber(0.5),
    EpsilonInsensitive(0.0),
    EpsilonInsensitive(0.8),
    Expectile(0.85),
    *(Tweedie(power) for power in (-1, 0, 1, 1.1, 2, 2.5, 3)),
]

OWN: list[Loss] = [
    FormulaLoss("log(cosh(y - p))"),
    FormulaLoss("a*abs(y - p)", {"a": 2.0}),
    FormulaLoss("log(1 + exp(-y*p))", kind="binary"),
    CallableLoss(cauchy, {"scale": 2.0}),
    CallableLoss(quartic),
    CallableLoss(asymmetric),
    CallableLoss(softplus, kind="binary"),
]

SHARP = [loss for loss in [*REGISTERED, *VARIANTS, *OWN] if not loss.smooth]

SMOOTHED = [loss.smoothed(0.3) for loss in SHARP]

EVERY = [*REGISTERED, *VARIANTS, *OWN, *SMOOTHED]

ELEMENTWISE = [loss for loss in EVERY if not isinstance(loss, Multinomial)]


def positive_only(loss):
    return loss.name in ("gamma", "mape") or getattr(loss, "power", 0) >= 2


def not_negative_only(loss):
    return loss.name == "poisson" or getattr(loss, "power", 0) >= 1


def targets(loss, size, rng):
    """Return targets that the loss allows."""
    if loss.kind == "multiclass":
        return rng.integers(0, 3, size).astype(float)
    if loss.kind == "binary":
        return rng.choice([-1.0, 1.0], size)
    if positive_only(loss):
        return rng.gamma(2.0, 2.0, size) + 0.1
    if not_negative_only(loss):
        return rng.poisson(2.0, size).astype(float)
    return rng.normal(1.0, 2.0, size)


def predictions(loss, size, rng):
    """Return raw predictions of the shape that the loss takes."""
    return rng.normal(0.0, 2.0, (size, 3) if loss.kind == "multiclass" else size)


def data(loss, size=20, seed=0):
    rng = np.random.default_rng(seed)
    return targets(loss, size, rng), predictions(loss, size, rng)


def pairs_for(loss):
    """Draw one target and one raw prediction, as arrays, kinks among them."""
    if loss.kind == "binary":
        y = st.sampled_from([-1.0, 1.0])
    elif positive_only(loss):
        y = st.floats(0.125, 20)
    elif not_negative_only(loss):
        y = st.just(0.0) | st.floats(0.125, 20)
    else:
        y = st.floats(-20, 20)
    p = st.floats(-5, 5) | st.sampled_from([-1.0, 0.0, 1.0])
    if loss.kind == "regression" and loss.predict(np.ones(1)) == 1:
        # The distance of target and prediction is what matters.
        return st.tuples(y, p).map(lambda pair: (np.array([pair[0]]), np.array([sum(pair)])))
    return st.tuples(y, p).map(lambda pair: (np.array([pair[0]]), np.array([pair[1]])))
