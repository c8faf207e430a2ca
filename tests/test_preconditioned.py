"""Steepest descent in a metric: what it costs, where it leads, and what it does not depend on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linear_tasks import REGRESSION, features, fit, make_task, targets_for
from problems import Quadratic
from scipy.special import expit

from skgd import (
    L1,
    Ball,
    Box,
    ElasticNet,
    Method,
    Preconditioned,
    Simplex,
    Spectral,
    Steepest,
    Within,
)
from skgd.jacobians import Analytic
from skgd.learning_rates import Ritz
from skgd.metrics import CholeskyMetric
from skgd.objective import Limits, Objective
from skgd.progress import Progress
from skgd.proximal import GroupLasso, Hyperplane, optimality
from skgd.rules import Rules
from skgd.runners import run_serially
from skgd.stopping import Stopping

N = 6
CONSTRAINTS = {
    "box": Box(-0.5, np.array([0.2, 0.5, np.inf, 1.0, 0.0, np.inf])),
    "l1": L1(0.3),
    "weighted l1": L1(np.array([0.0, 0.1, 5.0, 0.3, 0.3, 0.0])),
    "elastic net": ElasticNet(0.4, 0.7),
    "both": Within(L1(0.3), Box(-0.2, 0.8)),
    "groups": GroupLasso(0.2, [0, 0, 1, 1, -1, 2]),
}


class Curved(Objective):
    """A function that offers the metric of its Hessian, times a factor, and counts how often."""

    def __init__(self, value, gradient, hessian, x, factor=1.0):
        super().__init__(value, gradient, (), x, False, Limits())
        self._hessian, self._factor = hessian, factor
        self.asked = 0

    def curvature(self, request):
        self.asked += 1
        matrix = self._factor * self._hessian(request.x)
        free = np.ones(request.x.size, bool) if request.free is None else request.free
        (chosen,) = np.nonzero(free)
        return CholeskyMetric([matrix[np.ix_(chosen, chosen)]], [chosen], request.x.size)


class Silent:
    """A monitor that nobody listens to."""

    wanted = False

    def columns(self, run):
        return None

    def vectors(self):
        return None

    def close(self, result):
        pass


def quadratic(seed=0, condition=1e4, factor=1.0, dtype=float):
    problem = Quadratic.random(N, condition, seed)
    A, solution = problem.A.astype(dtype), problem.solution.astype(dtype)

    def value(x):
        return 0.5 * (x - solution) @ A @ (x - solution)

    return Curved(value, lambda x: A @ (x - solution), lambda x: A, np.zeros(N, dtype), factor)


def logistic(seed=0, condition=1e4, factor=1.0):
    """A convex function whose Hessian changes."""
    rng = np.random.default_rng(seed)
    X = features(200, N, seed, condition)
    y = np.where(X @ rng.normal(size=N) + rng.logistic(size=200) > 0, 1.0, -1.0)

    def value(x):
        return np.logaddexp(0, -y * (X @ x)).mean() + 1e-5 * x @ x

    def gradient(x):
        return -X.T @ (y * expit(-y * (X @ x))) / 200 + 2e-5 * x

    def hessian(x):
        p = expit(X @ x)
        return (X.T * (p * (1 - p))) @ X / 200 + 2e-5 * np.eye(N)

    return Curved(value, gradient, hessian, np.zeros(N), factor)


def descend(objective, constraint=None, gtol=1e-10, maxiter=500, rate=None, x=None, **direction):
    """Run the descent in the metric that the objective offers."""
    stopping = Stopping(gtol=gtol, maxiter=maxiter)
    x = np.zeros(N) if x is None else x
    rate = Ritz(initial=1.0) if rate is None else rate
    x = x if constraint is None else np.array(constraint.project(x))
    rules = Rules(Analytic(), Preconditioned(**direction), rate, constraint, stopping)
    return run_serially(Progress(x, stopping), rules, objective, Silent(), Limits())


@pytest.mark.parametrize("constraint", [None, Box(-0.5, 0.5), L1(0.3), Ball(1.0)])
@pytest.mark.parametrize("rate", [Spectral(), Ritz(), 0.05])
def test_without_a_metric_it_is_steepest_descent(rate, constraint):
    problem = Quadratic.random(N, 30.0)
    options = {"return_all": True, "maxiter": 60}
    runs = [
        Method(direction, rate)(
            lambda x: 0.5 * (x - problem.solution) @ problem.A @ (x - problem.solution),
            0.3 * np.ones(N),
            jac=lambda x: problem.A @ (x - problem.solution),
            constraints=() if constraint is None else constraint,
            **options,
        )
        for direction in (Preconditioned(), Steepest())
    ]
    np.testing.assert_array_equal(runs[0].allvecs, runs[1].allvecs)


@given(seed=st.integers(0, 999), condition=st.floats(1, 1e8))
def test_a_quadratic_takes_one_iteration_in_the_metric_of_its_hessian(seed, condition):
    objective = quadratic(seed, condition)
    result = descend(objective, gtol=1e-5)
    assert result.success
    assert result.nit == 1
    assert objective.asked == 1


@pytest.mark.parametrize("condition", [1.0, 1e3, 1e6])
def test_a_metric_that_is_too_long_by_a_factor_is_still_a_good_one(condition):
    for factor in (0.01, 0.5, 3.0, 100.0):
        result = descend(quadratic(1, condition, factor), gtol=1e-6)
        assert result.success
        assert result.nit <= 25


def test_a_metric_in_which_the_rate_is_about_one_is_kept():
    objective = quadratic(0, factor=1.5)
    assert descend(objective).success
    assert objective.asked == 1


def test_renewals_become_rarer():
    asked = []
    for renewals in (1, 20):
        objective = quadratic(0, factor=50.0)
        descend(objective, renewals=renewals, gtol=1e-13, rate=Spectral(initial=1.0))
        asked.append(objective.asked)
    assert 1 <= asked[0] < asked[1]


@given(rate=st.floats(1e-3, 1e3), seed=st.integers(0, 99))
def test_a_damping_shortens_the_step_in_the_metric(rate, seed):
    problem, g = Quadratic.random(N, 30.0, seed), np.linspace(-1, 1, N)
    damping = np.diag(np.linspace(0.5, 2, N))
    everything = np.arange(N)
    metric = CholeskyMetric([problem.A], [everything], N, [damping])
    for damped, matrix, t in ((True, problem.A + damping / rate, 1.0), (False, problem.A, rate)):
        direction = Preconditioned(damped=damped)
        state = direction.start(g)
        direction.bend(state, metric)
        direction.stand(state, np.zeros(N), g, None, None)
        expected = -t * np.linalg.solve(matrix, g)
        np.testing.assert_allclose(direction.displacement(state, g, rate), expected, rtol=1e-9)


@pytest.mark.parametrize("factor", [1.0, 3.0])
@pytest.mark.parametrize("condition", [1e1, 1e3, 1e5])
@pytest.mark.parametrize(
    ("make", "constraint"),
    [
        *((quadratic, constraint) for constraint in CONSTRAINTS.values()),
        (logistic, None),
        (logistic, Box(-0.5, 0.5)),
        (logistic, L1(0.003)),
        (logistic, Within(L1(0.003), Box(-0.2, 0.8))),
    ],
)
def test_descent_in_a_metric_ends_at_a_stationary_point(make, constraint, condition, factor):
    objective = make(0, condition, factor)
    scale = max(1.0, np.linalg.norm(objective._hessian(np.zeros(N)), 2))
    result = descend(objective, constraint, gtol=1e-9 * scale, settle=1, maxiter=2000)
    assert result.success, result.message
    g = objective.gradient(result.x)
    assert np.abs(optimality(result.x, g, constraint)).max() < 1e-8 * scale


@pytest.mark.parametrize("condition", [1e2, 1e4])
@pytest.mark.parametrize("name", ["box", "l1", "weighted l1", "both"])
@given(seed=st.integers(0, 999))
def test_iterations_on_a_face_are_few(name, condition, seed):
    objective = quadratic(seed, condition)
    result = descend(objective, CONSTRAINTS[name], gtol=1e-8, settle=1)
    assert result.success, result.message
    assert result.nit <= 30


@pytest.mark.parametrize("name", ["box", "both"])
@given(seed=st.integers(0, 999))
def test_every_evaluated_point_is_within_the_bounds(name, seed):
    objective = quadratic(seed, 1e3, 0.3)
    box = CONSTRAINTS["box"] if name == "box" else Box(-0.2, 0.8)
    seen, value = [], objective.value

    def spying(x):
        seen.append(x.copy())
        return value(x)

    objective.value = spying
    descend(objective, CONSTRAINTS[name], settle=1)
    points = np.array(seen)
    assert (points >= box.lower).all()
    assert (points <= box.upper).all()


@pytest.mark.parametrize("name", ["l1", "weighted l1", "both"])
@given(seed=st.integers(0, 999))
def test_zeros_of_a_sparse_solution_are_exact(name, seed):
    constraint = CONSTRAINTS[name]
    objective = quadratic(seed, 1e3)
    x = descend(objective, constraint, settle=1).x
    strength = np.broadcast_to(getattr(constraint, "penalty", constraint).alpha, N)
    inside = np.abs(objective.gradient(x)) < strength - 1e-6
    assert (x[inside] == 0).all()


def test_single_precision_is_kept():
    objective = quadratic(dtype=np.float32, condition=10.0)
    for constraint in (None, L1(0.3), Box(-0.5, 0.5)):
        result = descend(objective, constraint, gtol=1e-3, x=np.zeros(N, np.float32), settle=1)
        assert result.x.dtype == np.float32
        assert result.success


@pytest.mark.parametrize("constraint", [Ball(0.5), Hyperplane(1.0, 0.3), Simplex(1.0)])
@pytest.mark.parametrize("condition", [1e1, 1e4])
def test_a_constraint_that_couples_all_coordinates_gets_steps_in_a_metric_of_all(
    constraint, condition
):
    objective = quadratic(condition=condition)
    result = descend(objective, constraint, gtol=1e-6 * condition, settle=1)
    assert result.success, result.message
    assert objective.asked >= 1
    g = objective.gradient(result.x)
    assert np.abs(optimality(result.x, g, constraint)).max() < 1e-5 * condition
    np.testing.assert_allclose(constraint.project(result.x), result.x, atol=1e-9)


@given(seed=st.integers(0, 999), rank=st.integers(1, N - 1))
def test_a_metric_that_knows_nothing_of_a_direction_does_not_end_the_run(seed, rank):
    objective = quadratic(seed, 100.0)
    values, vectors = np.linalg.eigh(objective._hessian(None))
    part = (vectors[:, -rank:] * values[-rank:]) @ vectors[:, -rank:].T
    objective._hessian = lambda x: part
    result = descend(objective, gtol=1e-6)
    # Such a metric may make the descent slow; it must not make it end as a success.
    assert np.linalg.norm(objective.gradient(result.x)) < 1e-3 or not result.success


def predictions(task, tol=1e-10):
    fitted, _ = fit(task, tol=tol)
    assert fitted.converged
    return task.margins(fitted.coef, fitted.intercept)


@pytest.mark.parametrize("loss", [*REGRESSION, "log_loss", "squared_hinge", "multinomial"])
@pytest.mark.parametrize("change", ["rotation", "scales"])
def test_predictions_do_not_depend_on_the_coordinates_of_the_features(loss, change):
    X = features(200, 4)
    outputs = 3 if loss == "multinomial" else 1
    task = make_task(loss, X, outputs=outputs, penalty="l2", alpha=0.05)
    rng = np.random.default_rng(3)
    if change == "rotation":
        turned, weights = X @ np.linalg.qr(rng.normal(size=(4, 4)))[0], None
    else:
        scales = np.array([1e-6, 1.0, 1e3, 1e6])
        turned, weights = X * scales, scales**2
    other = make_task(
        loss, turned, task.y, outputs=outputs, penalty="l2", alpha=0.05, penalty_weights=weights
    )
    # Where the loss is not smooth the model is less well determined than the objective.
    atol = 1e-6 if task.loss.smooth else 2e-2
    np.testing.assert_allclose(predictions(other), predictions(task), atol=atol)
    assert fit(other)[1] == pytest.approx(fit(task)[1], rel=1e-8)


@pytest.mark.parametrize("loss", ["log_loss", "poisson", "huber", "squared_error"])
def test_iterations_do_not_depend_on_the_condition_number(loss):
    counts = []
    for condition in (1.0, 1e2, 1e4, 1e6):
        X = features(2000, 10, condition=condition)
        task = make_task(loss, X, targets_for(make_task(loss).loss, X))
        fitted, _ = fit(task, tol=1e-8)
        assert fitted.converged
        counts.append(fitted.n_iter)
    assert max(counts) <= 25
    assert max(counts) - min(counts) <= 8


@pytest.mark.parametrize("loss", ["log_loss", "squared_error"])
def test_iterations_of_a_lasso_hardly_depend_on_the_condition_number(loss):
    counts = []
    for condition in (1.0, 1e2, 1e4):
        X = features(2000, 10, condition=condition)
        task = make_task(loss, X, penalty="l1", alpha=1e-3)
        fitted, _ = fit(task, tol=1e-7)
        assert fitted.converged
        counts.append(fitted.n_iter)
    assert max(counts) <= 60
