"""The objective of linear models: its derivatives, what it costs, and what it leaves alone."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linear_tasks import (
    KINKED,
    LAYOUTS,
    CountingObjective,
    along,
    features,
    fit,
    hessian_of,
    how,
    make_task,
    objective_of,
    targets_for,
)
from losses import OWN, REGISTERED, VARIANTS
from scipy.linalg import eigh

from skgd.estimators import curvature, fitting, objective
from skgd.estimators.coordinates import plain_coordinates, scaled_coordinates
from skgd.estimators.objective import LinearObjective
from skgd.estimators.streaming import remember
from skgd.requests import Curvature

WIDTH = 0.7
LOSSES = [loss.smoothed(WIDTH) for loss in [*REGISTERED, *VARIANTS, *OWN]]
NAMES = [f"{i}-{loss.name}" for i, loss in enumerate(LOSSES)]
every_loss = pytest.mark.parametrize("loss", LOSSES, ids=NAMES)


@st.composite
def settings(draw):
    """Draw what an objective may have besides its loss."""
    return {
        "layout": draw(st.sampled_from(sorted(LAYOUTS))),
        "weighted": draw(st.booleans()),
        "fit_intercept": draw(st.booleans()),
        "scaled": draw(st.booleans()),
        "remembers": draw(st.booleans()),
        "several": draw(st.booleans()),
        "penalty": draw(st.sampled_from([None, "l2", "elasticnet"])),
        "seed": draw(st.integers(0, 5)),
    }


def build(loss, *, scaled=True, remembers=False, several=False, dtype=float, **options):
    """Return an objective, and a point."""
    several |= loss.kind == "multiclass"
    options = {"penalty": "l2", "alpha": 0.3, **options, "outputs": 3 if several else 1}
    task = make_task(loss, dtype=dtype, **options)
    rng = np.random.default_rng(0)
    coordinates = scaled_coordinates(task, 0.6) if scaled else plain_coordinates(task)
    memory = None
    if remembers:
        past = make_task(loss, features(30, seed=9), **{**options, "layout": "dense"})
        model = rng.normal(size=(task.outputs, 4)) / 9, rng.normal(size=task.outputs) / 9
        memory = remember(None, past, *model)
    size = task.outputs * (4 + task.fit_intercept)
    u = rng.normal(size=size).astype(dtype) / 3
    return LinearObjective(task, coordinates, memory=memory), u


@every_loss
@given(options=settings())
def test_gradient_is_that_of_differences(loss, options):
    linear, u = build(loss, **options)
    h = 1e-5
    pairs = ((linear.value(u + e), linear.value(u - e)) for e in h * np.eye(u.size))
    expected = np.array([after - before for after, before in pairs]) / (2 * h)
    g = linear.gradient(u)
    np.testing.assert_allclose(g, expected, rtol=1e-5, atol=1e-6 * np.abs(expected).max() + 1e-7)


@every_loss
@given(options=settings())
def test_value_is_the_mean_loss_plus_the_ridge_wherever_it_is_asked_for(loss, options):
    options["remembers"] = False
    linear, u = build(loss, **options)
    d = np.cos(np.arange(u.size))
    task = linear.task
    l1 = task.penalty.strength
    for s in (0.0, 0.5, -0.25):
        f, x = along(linear, u, d, s)
        coef, intercept = linear.coordinates.model(x)
        expected = objective_of(task, coef, intercept) - float((l1 * np.abs(coef)).sum())
        assert f == pytest.approx(expected, rel=1e-12)
        fresh = LinearObjective(task, linear.coordinates)
        assert f == pytest.approx(fresh.value(x), rel=1e-12)
        np.testing.assert_allclose(linear.gradient(x), fresh.gradient(x), rtol=1e-9, atol=1e-12)


@every_loss
@pytest.mark.parametrize("layout", LAYOUTS)
def test_single_precision_agrees_with_double_precision(loss, layout):
    double, u = build(loss, layout=layout, weighted=True)
    single, v = build(loss, layout=layout, weighted=True, dtype=np.float32)
    g, h = double.gradient(u), single.gradient(v)
    assert h.dtype == np.float32
    np.testing.assert_allclose(h, g, rtol=1e-3, atol=1e-4 * np.abs(g).max())
    assert single.value(v) == pytest.approx(double.value(u), rel=1e-4)
    assert hessian_of(single, v).dtype == np.float32


@pytest.fixture
def whole(monkeypatch):
    """Let the curvature be that of all rows, whatever it costs."""
    monkeypatch.setattr(curvature, "best_sample", lambda _task, _loss, _width, most: (most, 0.0))
    monkeypatch.setattr(objective, "affordable", lambda *_: True)


@every_loss
@pytest.mark.parametrize(
    ("layout", "several", "remembers"), [("dense", False, True), ("csr", True, False)]
)
@pytest.mark.usefixtures("whole")
def test_curvature_of_all_rows_is_the_hessian(loss, layout, several, remembers):
    linear, u = build(loss, layout=layout, several=several, remembers=remembers, weighted=True)
    hessian = hessian_of(linear, u)
    h = 1e-6
    steps = h * np.eye(u.size)
    expected = np.stack([linear.gradient(u + e) - linear.gradient(u - e) for e in steps]) / (2 * h)
    if loss.convex:
        # A row that a difference carries over an end of a zone of smoothing is counted half.
        coarse = loss.local or loss.name in ("huber", "expectile", "squared_hinge", "function")
        error = np.abs(hessian - expected).max() / np.abs(expected).max()
        assert error < (2e-2 if coarse else 2e-5)
    assert np.linalg.eigvalsh(hessian)[0] > -1e-12
    np.testing.assert_allclose(hessian, hessian.T, atol=1e-12)


@pytest.mark.usefixtures("whole")
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("loss", ["log_loss", "multinomial"])
def test_curvature_of_some_coordinates_is_a_part_of_the_hessian(loss, outputs):
    loss = next(known for known in LOSSES if known.name == loss)
    linear, u = build(loss, several=outputs > 1)
    hessian = hessian_of(linear, u)
    free = np.arange(u.size) % 3 == 0
    linear.use(linear.loss)
    linear.gradient(u)
    part = linear.curvature(Curvature(u, free)).on(free)
    got = np.stack([part.product(row) for row in np.eye(u.size)[free]])
    np.testing.assert_allclose(got[:, free], hessian[np.ix_(free, free)], atol=1e-12)


@pytest.mark.parametrize(
    "loss", ["squared_error", "log_loss", "poisson", "multinomial", "quantile"]
)
def test_curvature_of_a_sample_is_close_to_the_hessian(loss, monkeypatch):
    loss = next(known for known in LOSSES if known.name == loss)
    X = features(6000, 3)
    task = make_task(loss, X, outputs=3 if loss.kind == "multiclass" else 1)
    u = np.random.default_rng(0).normal(size=task.outputs * 4) / 4
    linear = LinearObjective(task, scaled_coordinates(task, 0.5))
    sizes = []

    def few(_task, _loss, width, most):
        sizes.append(most)
        return 100 * width, 0.0

    monkeypatch.setattr(curvature, "best_sample", few)
    sampled = hessian_of(linear, u)
    assert sizes[0] > 1200
    monkeypatch.undo()
    monkeypatch.setattr(curvature, "best_sample", lambda *arguments: (arguments[-1], 0.0))
    exact = hessian_of(LinearObjective(task, linear.coordinates), u)
    tiny = 1e-5 * np.eye(u.size)
    ratios = eigh(sampled + tiny, exact + tiny, eigvals_only=True)
    assert 0.7 < ratios[0] < ratios[-1] < 1.4


@pytest.mark.parametrize(
    ("loss", "penalty"),
    [("log_loss", None), ("poisson", "l2"), ("huber", "l1"), ("gamma", "elasticnet")],
)
@pytest.mark.parametrize("options", [{}, {"precondition": None, "method": "gd_spectral"}])
def test_an_iteration_is_two_passes_over_the_data(loss, penalty, options, monkeypatch):
    counted = []

    def counting(*arguments, **settings):
        counted.append(CountingObjective(*arguments, **settings))
        return counted[-1]

    monkeypatch.setattr(fitting, "LinearObjective", counting)
    task = make_task(loss, features(300, 5), penalty=penalty, alpha=0.01)
    fitted, _ = fit(task, tol=1e-6, **options)
    assert fitted.converged
    (linear,) = counted
    assert linear.nfev >= fitted.n_iter > 3
    iterations = np.diff(linear.counts)
    assert (iterations <= 3).all()
    assert linear.passes <= 2 + 2 * fitted.n_iter + fitted.n_iter // objective.REFRESH


def test_trial_points_of_a_line_search_cost_no_pass():
    linear, u = build(LOSSES[0])
    linear.gradient(u)
    d = np.ones_like(u)
    along(linear, u, d, 1.0)
    before = linear.passes
    values = [along(linear, u, d, s)[0] for s in np.linspace(-1, 1, 9)]
    assert linear.passes == before
    assert np.unique(values).size == 9


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_predictions_do_not_drift(dtype):
    rng = np.random.default_rng(0)
    linear, x = build(LOSSES[0], dtype=dtype)
    eps = np.finfo(dtype).eps
    for _ in range(300):
        d = rng.normal(size=x.size).astype(dtype)
        _, x = along(linear, x, d, 0.3)
        linear.gradient(x)
        exact = linear.task.margins(*linear.coordinates.model(x))
        kept = linear.sums.predictions(slice(None))
        assert np.abs(kept - exact).max() <= 60 * eps * np.abs(exact).max()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("loss", "penalty"), [("squared_error", "l1"), ("absolute_error", "l2"), ("poisson", None)]
)
def test_data_are_not_written_to(loss, penalty, layout):
    task = make_task(loss, layout=layout, weighted=True, penalty=penalty, alpha=0.1)
    parts = [task.X.data, task.X.indices, task.X.indptr] if task.sparse else [task.X]
    for part in (*parts, task.y, task.weights):
        part.flags.writeable = False
    fitted, _ = fit(task, tol=1e-6)
    assert fitted.converged
    fit(task, batch_size=16, max_iter=2)


@pytest.mark.parametrize("loss", ["squared_error", "log_loss", *KINKED[:2]])
@pytest.mark.parametrize("layout", ["dense", "fortran"])
def test_data_are_not_copied(loss, layout):
    n, d = 60_000, 50
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d))
    y = X[:, 0] + rng.normal(size=n)
    task = make_task(loss, X, np.sign(y) if loss == "log_loss" else y, layout=layout)
    tracemalloc.start()
    fitting.minimise(task, how(tol=1e-3))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * 8 * n + 8e6 < X.nbytes / 2


def test_a_slice_of_larger_data_is_used_where_it_lies():
    whole = np.random.default_rng(0).normal(size=(200, 9))
    X = whole[::2, 1:5]
    task = make_task("huber", X)
    assert np.shares_memory(task.rows(slice(10, 20)).X, task.X)
    view = make_task("huber", X, targets_for(task.loss, X), layout="dense")
    object.__setattr__(view, "X", X)
    assert fit(view)[1] == pytest.approx(fit(task)[1], rel=1e-10)
