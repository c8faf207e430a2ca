"""Independent solvers for the minimum of a linear model: linear programs, SLSQP and L-BFGS-B."""

from __future__ import annotations

import numpy as np
from scipy.optimize import LinearConstraint, linprog, minimize


def pieces(loss, y):
    """Return slopes and offsets of the affine functions of p whose maximum the loss is."""
    one, zero = np.ones_like(y), np.zeros_like(y)
    if loss.name == "hinge":
        return [(-y, one), (zero, zero)]
    if loss.name == "quantile":
        return [(-q * one, q * y) for q in (loss.quantile, loss.quantile - 1)]
    size = np.abs(y) if loss.name == "mape" else one
    epsilon = getattr(loss, "epsilon", 0.0)
    sides = [(sign / size, (-sign * y - epsilon) / size) for sign in (1.0, -1.0)]
    return [*sides, (zero, zero)] if epsilon else sides


class Split:
    """Coefficients as differences of two non-negative parts, and intercepts, in one vector."""

    def __init__(self, task):
        self.task, self.d = task, task.X.shape[1]
        self.X = task.X.toarray() if task.sparse else task.X
        self.K, self.penalty = task.outputs, task.penalty
        total = self.K * self.d
        free = np.inf if task.fit_intercept else 0.0
        self.bounds = [(0, None)] * (2 * total) + [(-free, free)] * self.K
        weights = np.ones(len(self.X)) if task.weights is None else task.weights
        self.weights = weights / weights.sum()
        self.price = np.concatenate([np.tile(self.penalty.strength, 2 * self.K), np.zeros(self.K)])

    @property
    def size(self):
        return len(self.bounds)

    def model(self, v):
        """Return coefficients (K, d) and intercepts (K,)."""
        total = self.K * self.d
        return (v[:total] - v[total : 2 * total]).reshape(self.K, self.d), v[2 * total :]

    def limits(self):
        """Return the linear constraints of coefficients as rows, lower and upper ends."""
        total, box = self.K * self.d, self.penalty.bounds
        rows, lower, upper = [], [], []
        ends = np.broadcast_arrays(box.lower, box.upper, np.zeros(self.d))[:2]
        for k in range(total):
            low, high = ends[0][k % self.d], ends[1][k % self.d]
            if np.isfinite([low, high]).any():
                rows.append(np.eye(self.size)[k] - np.eye(self.size)[total + k])
                lower.append(low)
                upper.append(high)
        if self.penalty.total is not None:
            for k in range(self.K):
                row = np.zeros(self.size)
                row[k * self.d : (k + 1) * self.d] = 1
                row[total + k * self.d : total + (k + 1) * self.d] = -1
                rows.append(row)
                lower.append(self.penalty.total)
                upper.append(self.penalty.total)
        return np.array(rows).reshape(-1, self.size), np.array(lower), np.array(upper)

    def start(self):
        """Return a point; its sum is the right one."""
        v = np.full(self.size, 0.1)
        if self.penalty.total is not None:
            v[: self.K * self.d] += self.penalty.total / self.d
        return v


def linear_minimum(task):
    """Return the minimum for a loss that is piecewise affine, without squares in the penalty."""
    split, n = Split(task), len(task.y)
    assert split.K == 1
    assert not task.penalty.ridge.any()
    margins = np.hstack([split.X, -split.X, np.ones((n, 1))])
    # u_i >= a_i p_i + b_i for every piece.
    below = [
        (np.hstack([a[:, None] * margins, -np.eye(n)]), -b) for a, b in pieces(task.loss, task.y)
    ]
    rows, lower, upper = split.limits()
    rows = np.hstack([rows, np.zeros((len(rows), n))])
    same = lower == upper
    low, high = np.isfinite(lower) & ~same, np.isfinite(upper) & ~same
    result = linprog(
        np.concatenate([split.price, split.weights]),
        A_ub=np.vstack([*(part for part, _ in below), -rows[low], rows[high]]),
        b_ub=np.concatenate([*(end for _, end in below), -lower[low], upper[high]]),
        A_eq=rows[same] if same.any() else None,
        b_eq=lower[same] if same.any() else None,
        bounds=split.bounds + [(None, None)] * n,
        method="highs",
    )
    assert result.success, result.message
    return result.fun


def quadratic_minimum(task):
    """Return the minimum for a loss that is piecewise affine, with any penalty."""
    split, n = Split(task), len(task.y)
    ridge = task.penalty.ridge
    margins = np.hstack([split.X, -split.X, np.ones((n, 1))])
    below = [
        (np.hstack([a[:, None] * margins, -np.eye(n)]), -b) for a, b in pieces(task.loss, task.y)
    ]
    rows = np.vstack([part for part, _ in below])
    ends = np.concatenate([end for _, end in below])
    price = np.concatenate([split.price, split.weights])

    def value(v):
        coef, _ = split.model(v[: split.size])
        slope = price.copy()
        slope[: 2 * split.d] += np.concatenate([ridge * coef[0], -ridge * coef[0]])
        return price @ v + 0.5 * (ridge * coef**2).sum(), slope

    start = np.zeros(split.size + n)
    start[split.size :] = np.max([part @ start - end for part, end in below], axis=0)
    result = minimize(
        value,
        start,
        jac=True,
        method="SLSQP",
        bounds=split.bounds + [(None, None)] * n,
        constraints={
            "type": "ineq",
            "fun": lambda v: ends - rows @ v,
            "jac": lambda _: -rows,
        },
        options={"maxiter": 2000, "ftol": 1e-13},
    )
    assert result.success, result.message
    return result.fun


def smooth_minimum(task):
    """Return the minimum for a smooth loss, with any penalty but that of groups."""
    split = Split(task)
    ridge, y = task.penalty.ridge, task.y

    def value(v):
        coef, intercept = split.model(v)
        p = split.X @ coef.T + intercept
        p = p[:, 0] if split.K == 1 else p
        r = task.loss.derivative(y, p).reshape(len(y), -1) * split.weights[:, None]
        losses = task.loss.value(y, p).reshape(len(y), -1).sum(axis=1)
        slope = (r.T @ split.X + ridge * coef).ravel()
        total = split.weights @ losses + 0.5 * (ridge * coef**2).sum() + split.price @ v
        return total, np.concatenate([slope, -slope, r.sum(axis=0)]) + split.price

    rows, lower, upper = split.limits()
    same = lower == upper
    if not len(rows):
        return _limited_memory(value, split)
    limits = [
        LinearConstraint(rows[part], lower[part], upper[part])
        for part in (same, ~same)
        if part.any()
    ]
    result = minimize(
        value,
        split.start(),
        jac=True,
        method="SLSQP",
        bounds=split.bounds,
        constraints=limits,
        options={"maxiter": 2000, "ftol": 1e-14},
    )
    assert result.success, result.message
    return result.fun


def _limited_memory(value, split):
    """Return the minimum that L-BFGS-B finds, begun again until that is of no use."""
    options = {"maxiter": 20_000, "maxfun": 100_000, "ftol": 1e-15, "gtol": 1e-9}
    x, lowest = split.start(), np.inf
    while True:
        result = minimize(
            value, x, jac=True, method="L-BFGS-B", bounds=split.bounds, options=options
        )
        if result.fun >= lowest:
            return lowest
        x, lowest = result.x, result.fun


def minimum(task):
    """Return the minimum of the objective, found without skgd's descent."""
    if task.loss.smooth:
        return smooth_minimum(task)
    if task.penalty.ridge.any():
        return quadratic_minimum(task)
    return linear_minimum(task)
