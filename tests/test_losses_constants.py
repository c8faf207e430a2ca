"""The best constant of each loss, with and without weights."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from losses import ELEMENTWISE, OWN, SMOOTHED, data, targets
from scipy.optimize import minimize_scalar

from skgd.losses import LOSSES, LogLoss, Multinomial

EXACT = [loss for loss in ELEMENTWISE if loss not in SMOOTHED]


def mean_loss(loss, y, weights, c):
    return np.average(loss.value(y, np.full_like(y, c)), weights=weights)


def least(loss, y, weights):
    """Return the smallest mean loss, found by a search from many places."""
    ends = np.linspace(-8, 12, 41)
    found = [
        minimize_scalar(
            lambda c: mean_loss(loss, y, weights, c),
            bounds=(low, high),
            method="bounded",
            options={"xatol": 1e-10},
        ).fun
        for low, high in pairwise(ends)
    ]
    return min(found)


@pytest.mark.parametrize("loss", EXACT, ids=repr)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", [0, 1])
def test_constant_is_the_best_constant_prediction(loss, weighted, seed):
    rng = np.random.default_rng(seed)
    y = targets(loss, 31, rng)
    weights = rng.integers(0, 4, 31).astype(float) if weighted else None
    best = least(loss, y, weights)
    there = mean_loss(loss, y, weights, loss.constant(y, weights))
    if getattr(loss, "power", 1.0) < 1 and np.average(y, weights=weights) <= 0:
        return
    assert there <= best + (1e-4 if loss in OWN else 1e-9) * (1 + abs(best))


@pytest.mark.parametrize("loss", SMOOTHED, ids=repr)
def test_constant_of_a_smoothed_loss_is_nearly_the_best(loss):
    y, _ = data(loss, 40)
    assert mean_loss(loss, y, None, loss.constant(y)) <= 1.1 * least(loss, y, None) + 0.1


@pytest.mark.parametrize("loss", [loss() for loss in LOSSES.values()], ids=repr)
def test_a_weight_is_the_number_of_copies_of_a_row(loss):
    rng = np.random.default_rng(3)
    y = targets(loss, 30, rng)
    counts = rng.integers(0, 4, 30)
    repeated = loss.constant(np.repeat(y, counts))
    np.testing.assert_allclose(loss.constant(y, counts.astype(float)), repeated, rtol=1e-6)


@pytest.mark.parametrize("loss", EXACT, ids=repr)
def test_constant_targets_have_a_finite_constant(loss):
    for value in (1.0, *([-1.0] if loss.kind == "binary" else [])):
        y = np.full(5, value)
        c = loss.constant(y)
        assert np.isfinite(c)
        if loss.kind == "regression":
            assert loss.predict(np.array([c])) == pytest.approx(value, abs=1e-5)
        else:
            assert np.sign(c) == value


def test_zero_counts_have_a_finite_constant():
    assert np.isfinite(LOSSES["poisson"]().constant(np.zeros(4)))
    assert np.isfinite(LOSSES["tweedie"]().constant(np.zeros(4)))


def test_constant_of_the_log_loss_predicts_the_share():
    y, weights = np.array([1.0, -1.0, -1.0]), np.array([3.0, 0.5, 0.5])
    c = LogLoss().constant(y, weights)
    assert LogLoss().probability(np.array([c])) == pytest.approx(0.75)


def test_constants_of_multinomial_predict_the_shares():
    y, weights = np.array([0.0, 1.0, 2.0, 2.0]), np.array([1.0, 2.0, 3.0, 4.0])
    c = Multinomial().constant(y, weights)
    np.testing.assert_allclose(Multinomial().probability(c[np.newaxis]), [[0.1, 0.2, 0.7]])
    assert c.mean() == pytest.approx(0.0, abs=1e-15)
    assert np.isfinite(Multinomial().constant(np.array([0.0, 2.0]))).all()
