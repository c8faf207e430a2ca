"""The descent of a nonlinear regression, from one start or many."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.directions.levenberg import Levenberg
from skgd.jacobians import Analytic
from skgd.learning_rates.gain import GainRatio
from skgd.methods import Method
from skgd.monitor import Monitor
from skgd.options import read_options
from skgd.progress import Progress
from skgd.proximal import Box
from skgd.rules import Rules
from skgd.runners import run_serially
from skgd.stopping import Reason

from ._formula_names import Names
from ._least_squares import LeastSquares, LeastSquaresObjective

__all__ = ["How", "Outcome", "minimise", "starts"]

BOLD = Method(
    Levenberg(), GainRatio(), "auto", "Damped Gauss-Newton steps, for nonlinear least squares."
)
CAUTIOUS = replace(BOLD, learning_rate=GainRatio(initial=0.1))
"""A first step along the Gauss-Newton direction can jump across a pole of the model, and one close
to steepest descent can end in the next hollow.  Of 600 starts off by a factor of up to three, for
22 models, 5 in 100 were saved by trying both."""

NOISE = 1e-13
"""Changes of a sum of squares below this share of it count as rounding at first: residuals lose
digits where the model and the data are nearly equal."""

PATIENCE = 100
"""Iterations without a better value after which only rounding can be left to improve."""

AT_REST = (Reason.PRECISION.status, Reason.PATIENCE.status)
"""How a run ends whose values do not change any more; `Reason.WORSE` has the second status, too."""

SHRINK = 10.0
"""Parameters are divided by this, again and again, where the formula overflows at their start, or
depends on some of them no more."""

CORRECTIONS = 5
"""Largest number of solutions for the parameters that the formula is linear in."""

SAME = 1e-10
"""Values that differ by this share are those of the same minimum."""

SPAN = 10.0
"""Further starts lie within this factor of the first one."""


@dataclass(frozen=True)
class How:
    """How the minimum is looked for; see the parameters of `FormulaRegressor`."""

    method: Method | str
    max_iter: int
    tol: float


@dataclass(frozen=True)
class Outcome:
    """What a descent led to.

    Attributes
    ----------
    result : OptimizeResult
        The result.
    iterations : int
        Iterations in all.
    converged : bool
        Whether a minimum was reached, as well as it can be in double precision.
    """

    result: Any
    iterations: int
    converged: bool

    @property
    def value(self) -> float:
        """The value that was reached, infinite when there is none."""
        value = float(self.result.fun)
        return value if math.isfinite(value) else math.inf

    def __lt__(self, other: Outcome) -> bool:
        """Tell whether the other one is better, not only by rounding."""
        if math.isinf(self.value):
            return other.value < self.value
        gain = self.value - other.value
        slack = SAME * abs(self.value)
        return gain > slack or (gain >= -slack and other.converged and not self.converged)


def minimise(problem: LeastSquares, how: How, names: Names, points: Array) -> Outcome:
    """Descend from some starts, and return the best outcome.

    The automatic method goes from each start boldly, with the parameters that the formula is linear
    in at their best; and from the first one cautiously, too.

    Parameters
    ----------
    problem : LeastSquares
        The objective.
    how : How
        The method and when it stops.
    names : Names
        The parameters, with their bounds.
    points : ndarray, shape (m, p)
        The starts.

    Returns
    -------
    Outcome
        The best point, and what is known of it.
    """
    points = np.array([_defined(problem, names, point) for point in points])
    if isinstance(how.method, Method):
        outcomes = [_textbook(problem, how, how.method, names, point) for point in points]
    else:
        outcomes = [_levenberg(problem, how, BOLD, names, point, True) for point in points]
        outcomes.append(_levenberg(problem, how, CAUTIOUS, names, points[0], False))
    return max(outcomes)


def _levenberg(
    problem: LeastSquares, how: How, method: Method, names: Names, start: Array, improve: bool
) -> Outcome:
    """Run Levenberg and Marquardt's method, to the last digit that matters."""
    if improve:
        start = _improved(problem, names, start)
    result = _run(problem, method, names, start, how.tol, how.max_iter, NOISE)
    # The improvement of the start is an iteration, too, in some of the parameters.
    iterations = int(result.nit) + improve
    noise = problem.noise(result.fun)
    stuck = result.status in AT_REST
    if stuck and noise > NOISE and iterations < how.max_iter:
        # The values are known to fewer digits than was supposed; the steps are good all the same.
        left = how.max_iter - iterations
        result = _run(problem, BOLD, names, result.x, how.tol, left, min(noise, 1e-3))
        iterations += int(result.nit)
        stuck = result.status in AT_REST
    at_rest = stuck and _promised(problem, names, result.x) <= max(noise, NOISE)
    return Outcome(result, iterations, bool(result.success) or at_rest)


def starts(names: Names, n_starts: int, rng: np.random.Generator) -> Array:
    """Return the starts, one a row: the first as it was given, the others around it.

    A parameter with two bounds is spread over the interval; evenly in its logarithm where the
    bounds are positive and more than a factor of 100 apart.  Any other keeps its sign and takes
    values within a factor of 10, or in [-1, 1] where it starts at zero, as far as a bound allows.
    The points are quasi-random (Halton), so that a few of them cover much.
    """
    first = np.array([*names.initial.values()])
    if n_starts == 1:
        return first[None]
    from scipy.stats import qmc

    share = qmc.Halton(first.size, seed=rng).random(n_starts - 1)
    points = np.empty_like(share)
    for i, (x, low, high) in enumerate(zip(first, names.lower, names.upper, strict=True)):
        u = share[:, i]
        if math.isfinite(high - low):
            wide = low > 0 and high > 100.0 * low
            points[:, i] = low * (high / low) ** u if wide else low + (high - low) * u
        else:
            points[:, i] = 2.0 * u - 1.0 if x == 0 else x * SPAN ** (2.0 * u - 1.0)
    return np.vstack((first, np.clip(points, names.lower, names.upper)))


def _defined(problem: LeastSquares, names: Names, start: Array) -> Array:
    """Return the start, with smaller parameters where the formula overflows there, or is flat."""
    x = start
    for _ in range(10):
        defined = math.isfinite(problem.value(x)) and np.isfinite(problem.gradient(x)).all()
        if defined and not problem.flat(x).any():
            return x
        x = np.clip(x / SHRINK, names.lower, names.upper)
    return start


def _improved(problem: LeastSquares, names: Names, start: Array) -> Array:
    """Return the start with better values of the parameters that the formula is linear in."""
    best, least = start, problem.value(start)
    # A correction of something large leaves its rounding errors, which the next one corrects.
    for _ in range(CORRECTIONS):
        better = np.clip(problem.relinearised(best), names.lower, names.upper)
        value = problem.value(better)
        if not value < least:
            break
        best, least = better, value
    return best


def _textbook(
    problem: LeastSquares, how: How, method: Method, names: Names, start: Array
) -> Outcome:
    """Run a plain method; its tolerance is relative to the gradient at the start."""
    slope = float(np.abs(problem.gradient(start)).max())
    gtol = how.tol * slope if math.isfinite(slope) else how.tol
    result = _run(problem, method, names, start, gtol, how.max_iter, None)
    return Outcome(result, int(result.nit), bool(result.success))


def _run(
    problem: LeastSquares,
    method: Method,
    names: Names,
    start: Array,
    gtol: float,
    max_iter: int,
    noise: float | None,
) -> Any:
    """Run a method from a start and return its result."""
    settings = read_options(method, {}, strict=True)
    stopping = replace(settings.stopping, gtol=gtol, maxiter=max_iter)
    if noise is not None:
        stopping = replace(stopping, norm=2.0, patience=PATIENCE)
    run = Progress(start.copy(), stopping)
    if noise is not None:
        # The descent takes differences of four spacings for rounding.
        run.eps = noise / 4.0
    box = Box(names.lower, names.upper) if names.bounded else None
    rules = Rules(
        Analytic(),
        settings.direction,
        settings.learning_rate,
        box,
        stopping,
        settings.nonfinite,
        settings.maxls,
    )
    objective = LeastSquaresObjective(problem, start)
    monitor = Monitor(objective, None, 0, False, 0, False, max_iter)
    return run_serially(run, rules, objective, monitor, settings.limits)


def _promised(problem: LeastSquares, names: Names, x: Array) -> float:
    """Return the share of the objective that a Gauss-Newton step would remove."""
    gradient = problem.gradient(x)
    if not np.isfinite(gradient).all():
        return math.inf
    face = Box(names.lower, names.upper).face(x, gradient)
    metric = problem.metric(x).on(face.free)
    left = metric.remainder() / metric.size
    return float(left @ left)
