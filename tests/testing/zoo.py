"""The test problems as the tests of `skgd.testing` use them."""

from __future__ import annotations

import numpy as np

from skgd.testing import Problem, problems

ALL = problems()
BY_NAME = {problem.name: problem for problem in ALL}

# Of every kind: badly scaled, ill-conditioned, several minima, real data, one variable.
KINDS = [
    "rosenbrock",
    "brown_badly_scaled",
    "wood",
    "watson_9",
    "chained_rosenbrock_10",
    "quadratic_logspaced_1e4_10",
    "ridge_diabetes_raw",
    "sine_parabola",
    "dixmaana_30",
]


def rounding(problem: Problem) -> float:
    """Return the size of the rounding error to be expected in a value near the minimum."""
    return max(1e-15, 1e-11 * abs(problem.best))


def points(problem: Problem) -> list[np.ndarray]:
    """Return the start, and random points at three distances from it."""
    rng = np.random.default_rng(1)
    size = np.maximum(np.abs(problem.x0), 0.1)
    return [
        problem.x0,
        *(problem.x0 + part * size * rng.standard_normal(problem.n) for part in (0.01, 0.1, 0.3)),
    ]


def complex_step(problem: Problem, x: np.ndarray) -> np.ndarray:
    """Return the gradient at `x`, exact to rounding, from values alone."""
    units = np.eye(problem.n)
    return np.array([problem.fun(x + 1e-30j * unit).imag / 1e-30 for unit in units])


def check_gradient(problem: Problem) -> None:
    """Compare the gradient with the complex step's."""
    for x in points(problem):
        expected = complex_step(problem, x)
        assert np.all(np.isfinite(expected))
        np.testing.assert_allclose(
            problem.jac(x), expected, rtol=0, atol=1e-9 * np.abs(expected).max()
        )
