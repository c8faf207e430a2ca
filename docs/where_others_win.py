"""Problems on which others are better than skgd: ``python docs/where_others_win.py`` measures them.

Each function solves one problem twice and returns what the other solver takes, and what skgd takes.
It raises an AssertionError when the other one is not better, so that the page cannot claim it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy.optimize import (
    differential_evolution,
    least_squares,
    minimize,
    rosen,
    rosen_der,
    rosen_hess,
)
from sklearn.linear_model import QuantileRegressor, Ridge
from sklearn.metrics import mean_pinball_loss

from skgd import DescentRegressor, gd_spectral


def smooth_with_gradient() -> tuple[str, str]:
    x0 = np.tile([-1.2, 1.0], 10)
    theirs = minimize(rosen, x0, jac=rosen_der, method="L-BFGS-B")
    ours = minimize(rosen, x0, jac=rosen_der, method=gd_spectral)
    assert theirs.success
    assert theirs.nfev < ours.nfev
    return f"{theirs.nfev} evaluations", f"{ours.nfev}"


def smooth_with_hessian() -> tuple[str, str]:
    x0 = [-1.2, 1.0]
    theirs = minimize(rosen, x0, jac=rosen_der, hess=rosen_hess, method="trust-exact")
    ours = minimize(rosen, x0, jac=rosen_der, method=gd_spectral)
    assert theirs.success
    assert theirs.nfev < ours.nfev
    return f"{theirs.nfev} evaluations", f"{ours.nfev}"


def residuals() -> tuple[str, str]:
    t = np.linspace(0.0, 4.0, 50)
    y = 2.5 * np.exp(-1.5 * t) + 0.5

    def difference(p):
        return p[0] * np.exp(-p[1] * t) + p[2] - y

    def jacobian(p):
        decay = np.exp(-p[1] * t)
        return np.column_stack([decay, -p[0] * t * decay, np.ones_like(t)])

    theirs = least_squares(difference, [1.0, 1.0, 1.0], jac=jacobian, gtol=1e-10)
    ours = minimize(
        lambda p: 0.5 * difference(p) @ difference(p),
        [1.0, 1.0, 1.0],
        jac=lambda p: jacobian(p).T @ difference(p),
        method=gd_spectral,
    )
    assert theirs.nfev < ours.nfev
    return f"{theirs.nfev} evaluations", f"{ours.nfev}"


def constraints() -> tuple[str, str]:
    circle = {"type": "eq", "fun": lambda x: x @ x - 2.0}
    theirs = minimize(rosen, [-1.0, 1.0], constraints=circle, method="SLSQP")
    assert theirs.success
    try:
        minimize(rosen, [-1.0, 1.0], constraints=circle, method=gd_spectral)
    except ValueError:
        return f"{theirs.nfev} evaluations", "refused"
    raise AssertionError


def jumps() -> tuple[str, str]:
    def steps(x):
        return float(np.floor(np.abs(x)).sum())

    x0 = np.array([7.5, -4.5])
    theirs = differential_evolution(steps, [(-10, 10)] * 2, x0=x0, rng=0)
    ours = minimize(steps, x0, method=gd_spectral)
    assert theirs.fun < ours.fun
    return f"reaches {theirs.fun:g}", f"stays at {ours.fun:g}"


def regression_data(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, columns))
    return X, X.sum(axis=1) + rng.normal(size=rows)


def small_quantile_regression() -> tuple[str, str]:
    X, y = regression_data(200, 5)
    theirs = QuantileRegressor(quantile=0.8, alpha=0.0, solver="highs").fit(X, y)
    ours = DescentRegressor(loss="quantile", loss_params={"quantile": 0.8}, alpha=0.0).fit(X, y)
    losses = [mean_pinball_loss(y, model.predict(X), alpha=0.8) for model in (theirs, ours)]
    above = losses[1] / losses[0] - 1.0
    assert above > 0.0
    return "the exact minimum", f"{above:.1e} above it, relatively"


def squares_with_ridge() -> tuple[str, str]:
    X, y = regression_data(200, 5)
    Ridge(alpha=1.0, solver="cholesky").fit(X, y)
    ours = DescentRegressor(alpha=1.0 / 200, precondition=None, method="gd_spectral").fit(X, y)
    assert ours.n_iter_ > 1
    return "one system of equations", f"{ours.n_iter_} iterations"


def gradient_of_a_program() -> tuple[str, str]:
    ours = minimize(lambda x: x @ x, np.ones(1000), method=gd_spectral, options={"maxiter": 1})
    assert ours.nfev > 1000
    return "a gradient for the price of a few values", f"{ours.nfev // ours.njev} values a gradient"


CASES: Mapping[str, tuple[str, Callable[[], tuple[str, str]]]] = {
    "a smooth function with an exact gradient, here of 20 variables": (
        '``"L-BFGS-B"``, ``"BFGS"``',
        smooth_with_gradient,
    ),
    "a Hessian besides, small enough to solve its equations": (
        '``"trust-exact"``, ``"trust-ncg"``',
        smooth_with_hessian,
    ),
    "least squares, with residuals": (
        ":func:`~scipy.optimize.least_squares`",
        residuals,
    ),
    "equations or inequalities that are not linear": (
        '``"SLSQP"``, ``"trust-constr"``',
        constraints,
    ),
    "jumps, few variables": (
        ":func:`~scipy.optimize.differential_evolution`",
        jumps,
    ),
    "quantile regression of few rows": (
        "``QuantileRegressor``, which uses HiGHS",
        small_quantile_regression,
    ),
    "squared errors with an L2 penalty": (
        "``Ridge``",
        squares_with_ridge,
    ),
    "a neural network, here of 1,000 weights": (
        "PyTorch, or JAX with Optax, which differentiate programs",
        gradient_of_a_program,
    ),
}
"""The situations, the better solvers and the measurements."""


def rows() -> list[tuple[str, str, str, str]]:
    """Return situation, better solver, what that takes, and what skgd takes."""
    return [(situation, other, *measure()) for situation, (other, measure) in CASES.items()]


if __name__ == "__main__":
    for line in rows():
        print(*line, sep=" | ")  # noqa: T201
