"""Linear models whose fit is tested: data, tasks, and the objective written down a second time."""

from __future__ import annotations

import numpy as np
from losses import not_negative_only, positive_only
from scipy import sparse

from skgd.estimators.fitting import How, Task, minimise
from skgd.estimators.objective import LinearObjective
from skgd.losses import LOSSES
from skgd.penalties import read_penalty
from skgd.requests import Curvature, Value

REGRESSION = [name for name, loss in LOSSES.items() if loss().kind == "regression"]
BINARY = [name for name, loss in LOSSES.items() if loss().kind == "binary"]
KINKED = [name for name, loss in LOSSES.items() if not loss().smooth]
LAYOUTS = {
    "dense": np.ascontiguousarray,
    "fortran": np.asfortranarray,
    "csr": sparse.csr_array,
    "csc": sparse.csc_array,
}


def features(n=60, d=4, seed=0, condition=None):
    """Return correlated features with means that are not zero."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    if condition is not None:
        left, _, right = np.linalg.svd(X, full_matrices=False)
        return np.sqrt(n) * (left * np.geomspace(1.0, 1.0 / condition, d)) @ right
    return X @ (np.eye(d) + 0.3 * rng.normal(size=(d, d))) + rng.normal(size=d)


def targets_for(loss, X, seed=0, outputs=1):
    """Return targets that a linear model explains in part."""
    rng = np.random.default_rng(seed + 1)
    d = X.shape[1]
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    p = Z @ rng.normal(size=(d, outputs)) / np.sqrt(d) + 0.3
    if loss.kind == "multiclass":
        return (p + rng.gumbel(size=p.shape)).argmax(axis=1).astype(float)
    if loss.kind == "binary":
        y = np.where(p + rng.logistic(size=p.shape) > 0, 1.0, -1.0)
    elif positive_only(loss):
        y = np.exp(0.5 * p) * rng.gamma(3.0, 1 / 3, p.shape) + 0.05
    elif not_negative_only(loss):
        y = rng.poisson(np.exp(0.5 * p)).astype(float)
    else:
        y = p + 0.5 * rng.standard_t(3, p.shape)
    return y if outputs > 1 else y[:, 0]


def make_task(
    loss="squared_error",
    X=None,
    y=None,
    *,
    layout="dense",
    dtype=float,
    weighted=False,
    outputs=1,
    fit_intercept=True,
    seed=0,
    **penalty,
):
    """Return a task; `penalty` holds the arguments of `skgd.penalties.read_penalty`."""
    if isinstance(loss, str):
        loss = LOSSES[loss]()
    X = features(seed=seed) if X is None else X
    y = targets_for(loss, X, seed, outputs) if y is None else y
    weights = np.random.default_rng(seed + 2).integers(0, 4, len(X)) if weighted else None
    penalty = {"penalty": None, **penalty}
    return Task(
        LAYOUTS[layout](X.astype(dtype)),
        y.astype(dtype),
        None if weights is None else weights.astype(dtype),
        loss,
        outputs,
        read_penalty(**penalty, d=X.shape[1]),
        fit_intercept,
    )


def objective_of(task, coef, intercept):
    """Return mean loss plus penalty of a model, computed in double precision and without tricks."""
    X = task.X.toarray() if task.sparse else task.X
    coef = np.reshape(coef, (task.outputs, -1)).astype(float)
    p = X.astype(float) @ coef.T + np.asarray(intercept, float)
    if task.outputs == 1:
        p = p[:, 0]
    values = task.loss.value(task.y.astype(float), p).reshape(len(p), -1).sum(axis=1)
    return np.average(values, weights=task.weights) + task.penalty.value(coef)


def how(**changes):
    """Return how to fit: tightly, unless told otherwise."""
    settings = {
        "method": "auto",
        "learning_rate": "auto",
        "momentum": None,
        "batch_size": None,
        "max_iter": 3000,
        "tol": 1e-9,
        "precondition": "auto",
        "rng": np.random.default_rng(0),
        "verbose": 0,
    }
    return How(**settings | changes)


def fit(task, **changes):
    """Return the fitted model and its objective."""
    fitted = minimise(task, how(**changes))
    return fitted, objective_of(task, fitted.coef, fitted.intercept)


def hessian_of(objective, x, free=None):
    """Return the matrix of the metric that an objective offers at a point."""
    objective.gradient(x)
    metric = objective.curvature(Curvature(x, free))
    return np.stack([metric.product(row) for row in np.eye(x.size, dtype=x.dtype)])


def along(objective, origin, d, s):
    """Return the value that an objective gives for a point of a ray, and the point."""
    x = origin + np.asarray(s, origin.dtype) * d
    return objective.along(Value(x, origin, d, s)), x


class CountingObjective(LinearObjective):
    """The objective, with the passes over the data at the end of each gradient."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.counts = []

    def gradient(self, x):
        g = super().gradient(x)
        self.counts.append(self.passes)
        return g
