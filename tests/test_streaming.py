"""Fits in parts: the memory of rows that are gone, and what it is good for."""

from __future__ import annotations

import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linear_tasks import LAYOUTS, features, how, make_task, objective_of, targets_for
from scipy import sparse

from skgd import DescentClassifier, DescentRegressor
from skgd.estimators import streaming
from skgd.estimators.coordinates import scaled_coordinates
from skgd.estimators.fitting import minimise, minimise_part
from skgd.estimators.streaming import joined, remember
from skgd.losses import LOSSES

TIGHT = {"tol": 1e-9, "max_iter": 3000}
SQUARES = {
    "none": {"penalty": None},
    "l2": {"alpha": 0.3},
    "l1": {"penalty": "l1", "alpha": 0.1},
    "elasticnet": {"penalty": "elasticnet", "alpha": 0.2, "l1_ratio": 0.5},
    "bounds": {"bounds": (-0.1, 0.4), "alpha": 0.01},
    "positive": {"positive": True, "penalty": None},
    "sum": {"coef_sum": 0.3, "penalty": None},
    "simplex": {"coef_sum": 1.0, "positive": True},
    "groups": {"penalty": "group", "groups": [0, 0, 1, 2], "alpha": 0.1},
}
CURVED = [name for name, loss in LOSSES.items() if name != "squared_error" and loss().smooth]


def in_parts(model, X, y, ends, weights=None, **options):
    """Fit to one part after the other."""
    for start, stop in pairwise([0, *ends, X.shape[0]]):
        part = slice(start, stop)
        given_weights = {} if weights is None else {"sample_weight": weights[part]}
        model.partial_fit(X[part], y[part], **given_weights, **options)
    return model


def same(one, other, atol=1e-6):
    np.testing.assert_allclose(one.coef_, other.coef_, atol=atol)
    np.testing.assert_allclose(one.intercept_, other.intercept_, atol=atol)


@pytest.fixture(scope="module")
def numbers():
    X = features(120)
    return X, targets_for(LOSSES["squared_error"](), X)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("setting", SQUARES)
def test_parts_give_the_fit_of_the_whole_for_squared_errors(numbers, setting, weighted):
    X, y = numbers
    weights = np.random.default_rng(1).uniform(0.1, 3, 120) if weighted else None
    whole = DescentRegressor(**SQUARES[setting], **TIGHT).fit(X, y, sample_weight=weights)
    parts = in_parts(DescentRegressor(**SQUARES[setting], **TIGHT), X, y, [40, 41, 90], weights)
    same(parts, whole)


@given(ends=st.sets(st.integers(6, 119), max_size=6), seed=st.integers(0, 99))
def test_neither_the_order_of_rows_nor_the_cuts_matter_for_squared_errors(numbers, ends, seed):
    X, y = numbers
    whole = DescentRegressor(penalty="l1", alpha=0.05, **TIGHT).fit(X, y)
    order = np.random.default_rng(seed).permutation(120)
    parts = in_parts(
        DescentRegressor(penalty="l1", alpha=0.05, **TIGHT), X[order], y[order], sorted(ends)
    )
    same(parts, whole)
    assert ((parts.coef_ == 0) == (whole.coef_ == 0)).all()


def test_one_row_at_a_time(numbers):
    X, y = numbers
    whole = DescentRegressor(alpha=0.1, **TIGHT).fit(X[:30], y[:30])
    parts = in_parts(DescentRegressor(alpha=0.1, **TIGHT), X[:30], y[:30], range(1, 30))
    same(parts, whole)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_parts_of_any_layout(numbers, layout):
    X, y = numbers
    whole = DescentRegressor(alpha=0.1, **TIGHT).fit(X, y)
    data = sparse.csr_array(X) if layout in ("csr", "csc") else LAYOUTS[layout](X)
    model = DescentRegressor(alpha=0.1, **TIGHT)
    for rows in (slice(0, 50), slice(50, 120)):
        part = data[rows]
        model.partial_fit(sparse.csc_array(part) if layout == "csc" else part, y[rows])
    same(model, whole)


def test_several_outputs_in_parts(numbers):
    X, y = numbers
    Y = np.column_stack([y, X[:, 0] + np.sin(y)])
    whole = DescentRegressor(penalty="l1", alpha=0.1, **TIGHT).fit(X, Y)
    same(in_parts(DescentRegressor(penalty="l1", alpha=0.1, **TIGHT), X, Y, [50, 70]), whole)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_type_of_the_data_is_kept(numbers, dtype):
    X, y = (part.astype(dtype) for part in numbers)
    model = in_parts(DescentRegressor(alpha=0.1), X, y, [50])
    assert model.coef_.dtype == dtype
    same(model, DescentRegressor(alpha=0.1).fit(X, y), atol=1e-3)


def parts_of(task, ends):
    return [task.rows(slice(a, b)) for a, b in pairwise([0, *ends, len(task.y)])]


def streamed(task, ends, **changes):
    """Return the model of a task that is fitted in parts."""
    model, memory = None, None
    for part in parts_of(task, ends):
        fitted = minimise_part(part, how(**changes), model, memory)
        model, memory = (fitted.coef, fitted.intercept), fitted.memory
    return fitted


def regret(task, fitted):
    """Return how much of what a fit gains is missed."""
    lowest = minimise(task, how(tol=1e-8))
    null = np.zeros((task.outputs, task.X.shape[1])), task.loss.constant(task.y, task.weights)
    values = [objective_of(task, m.coef, m.intercept) for m in (fitted, lowest)]
    return (values[0] - values[1]) / (objective_of(task, *null) - values[1])


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", CURVED)
def test_parts_come_close_to_the_fit_of_the_whole(loss, weighted):
    X = features(2000)
    task = make_task(loss, X, outputs=3 if loss == "multinomial" else 1, weighted=weighted)
    assert regret(task, streamed(task, [500, 1000, 1500])) < 0.02


@pytest.mark.parametrize("loss", ["absolute_error", "quantile", "epsilon_insensitive", "hinge"])
def test_parts_come_near_the_fit_of_the_whole_for_losses_with_kinks(loss):
    task = make_task(loss, features(2000))
    assert regret(task, streamed(task, [500, 1000, 1500], tol=1e-6)) < 0.05


@pytest.mark.parametrize("loss", ["log_loss", "poisson"])
def test_larger_parts_come_closer(loss):
    task = make_task(loss, features(2000))
    small, large = (regret(task, streamed(task, ends)) for ends in (range(50, 2000, 50), [1000]))
    assert large <= small < 0.1
    assert large < 5e-3


@pytest.mark.parametrize("classes", [2, 3])
def test_a_classifier_in_parts_comes_close(classes):
    X = features(2000)
    loss = LOSSES["log_loss" if classes == 2 else "multinomial"]()
    y = targets_for(loss, X, 0, 1 if classes == 2 else classes)
    whole = DescentClassifier(alpha=1e-3, **TIGHT).fit(X, y)
    model = DescentClassifier(alpha=1e-3, **TIGHT)
    in_parts(model, X, y, [500, 1200], classes=np.unique(y))
    assert np.abs(model.predict_proba(X) - whole.predict_proba(X)).max() < 0.02


def test_the_first_part_is_a_fit(numbers):
    X, y = numbers
    for options in ({"loss": "huber"}, {"penalty": "l1", "alpha": 0.1}, {"loss": "quantile"}):
        one = DescentRegressor(**options, **TIGHT).partial_fit(X, y)
        same(one, DescentRegressor(**options, **TIGHT).fit(X, y), atol=1e-9)


def test_the_same_part_twice_changes_nothing_for_squared_errors(numbers):
    X, y = numbers
    model = DescentRegressor(penalty=None, **TIGHT).partial_fit(X, y)
    coef = model.coef_
    np.testing.assert_allclose(model.partial_fit(X, y).coef_, coef, atol=1e-8)


def test_a_model_goes_on_after_pickling(numbers):
    X, y = numbers
    model = DescentRegressor(alpha=0.1, **TIGHT).partial_fit(X[:50], y[:50])
    again = pickle.loads(pickle.dumps(model))
    same(again.partial_fit(X[50:], y[50:]), model.partial_fit(X[50:], y[50:]), atol=1e-12)


def test_a_fit_forgets_the_parts_before(numbers):
    X, y = numbers
    model = DescentRegressor(alpha=0.1, **TIGHT).partial_fit(X, 10 * y)
    model.fit(X[:50], y[:50])
    model.partial_fit(X[50:], y[50:])
    assert np.isfinite(model.coef_).all()


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("fit_intercept", [False, True])
@pytest.mark.parametrize("loss", ["squared_error", "log_loss", "huber", "multinomial"])
def test_memory_is_the_quadratic_model_of_the_sum_of_losses(loss, fit_intercept, outputs):
    outputs = 3 if loss == "multinomial" else outputs
    task = make_task(loss, weighted=True, fit_intercept=fit_intercept, outputs=outputs)
    rng = np.random.default_rng(0)
    coef, intercept = rng.normal(size=(outputs, 4)) / 4, rng.normal(size=outputs) / 4
    intercept *= fit_intercept
    memory = remember(None, task, coef, intercept)
    assert memory.weight == task.total

    way = rng.normal(size=(outputs, 4)), rng.normal(size=outputs) * fit_intercept

    def total(shift):
        there = coef + shift * way[0], intercept + shift * way[1]
        model = joined(*there, fit_intercept)
        return objective_of(task, *there) * task.total, memory.at(model)[0]

    (zero, start), (value, quadratic) = total(0.0), total(1e-3)
    assert start == 0.0
    assert quadratic == pytest.approx(value - zero, rel=1e-3)
    if loss == "squared_error":
        far, quadratic = total(3.0)
        assert quadratic == pytest.approx(far - zero, rel=1e-9)


@pytest.mark.parametrize("loss", ["squared_error", "multinomial"])
def test_memory_in_other_coordinates_is_the_same_function(loss):
    outputs = 3 if loss == "multinomial" else 2
    task = make_task(loss, outputs=outputs)
    rng = np.random.default_rng(0)
    coef, intercept = rng.normal(size=(outputs, 4)) / 4, rng.normal(size=outputs) / 4
    memory = remember(None, task, coef, intercept)
    coordinates = scaled_coordinates(task, 0.7)
    u = rng.normal(size=outputs * 5)
    blocks = memory.blocks_in(coordinates)
    curved = memory.product(joined(*coordinates.model(u), True))
    back = coordinates.gradient(curved[:, :4], curved[:, 4])
    if len(blocks) == outputs:
        mine = [block @ row for block, row in zip(blocks, u.reshape(outputs, -1), strict=True)]
        np.testing.assert_allclose(np.concatenate(mine), back, rtol=1e-9, atol=1e-9)
    else:
        np.testing.assert_allclose(blocks[0] @ u, back, rtol=1e-9, atol=1e-9)


def test_memories_add_up():
    task = make_task("squared_error")
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(1, 4)), rng.normal(size=(1, 4))
    zero = np.zeros(1)
    once = remember(None, task, second, zero)
    halves = parts_of(task, [25])
    twice = remember(None, halves[0], first, zero)
    twice = remember(twice, halves[1], second, zero)
    assert twice.weight == once.weight
    np.testing.assert_allclose(twice.slope, once.slope, rtol=1e-9)
    np.testing.assert_allclose(twice.blocks[0], once.blocks[0], rtol=1e-9)


@pytest.mark.parametrize("loss", ["squared_error", "log_loss"])
def test_with_many_columns_the_diagonal_is_remembered(monkeypatch, loss):
    task = make_task(loss, features(800), penalty="l2", alpha=0.01)
    full = remember(None, task, np.zeros((1, 4)), np.zeros(1))
    monkeypatch.setattr(streaming, "LARGEST", 3)
    diagonal = remember(None, task, np.zeros((1, 4)), np.zeros(1))
    assert not diagonal.full
    np.testing.assert_allclose(diagonal.blocks[0][0], np.diagonal(full.blocks[0]), rtol=1e-9)
    fitted = streamed(task, [200, 400, 600])
    assert np.isfinite(fitted.coef).all()
    assert regret(task, fitted) < 0.5


def test_parts_in_mini_batches_go_through_the_rows_once():
    task = make_task("log_loss", features(4000, 5))
    fitted = streamed(task, range(500, 4000, 500), batch_size=20, tol=0.0)
    assert fitted.n_iter == 1
    assert fitted.memory == 8 * 25
    assert regret(task, fitted) < 0.05
