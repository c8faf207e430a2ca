"""The arguments of `multistart`, read and checked."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skgd._checks import finite_array, real_array, shown, warn, whole_number
from skgd._custom import checked_direction, checked_jacobian, checked_learning_rate
from skgd._rows import Array
from skgd.limits import Limits
from skgd.methods import METHODS, Method, gd, read_gradient
from skgd.objective import Objective
from skgd.options import read_options
from skgd.proximal import Box
from skgd.proximal.box import is_pair
from skgd.rules import Rules
from skgd.workers import open_source

__all__ = ["Task", "read_task"]

BUDGET = 20_000
"""Evaluations of a search without `maxfev`."""


@dataclass(frozen=True)
class Task:
    """What is to be done.

    Attributes
    ----------
    objective : Objective
        What is evaluated; it must be closed.
    rules : Rules
        The five parts of every descent.
    given : ndarray, shape (k, n)
        The points among the starts that the caller wants.
    n_starts : int or None
        How many starts are drawn; None for a search.
    maxfev : int or None
        The budget; None for no limit.
    rng : numpy.random.Generator
        Where chance comes from.
    """

    objective: Objective
    rules: Rules
    given: Array
    n_starts: int | None
    maxfev: int | None
    rng: np.random.Generator


def read_task(
    func: Any,
    bounds: Any,
    args: Any,
    x0: Any,
    n_starts: Any,
    method: Any,
    jac: Any,
    vectorized: Any,
    workers: Any,
    rng: Any,
    maxfev: Any,
) -> Task:
    """Read the arguments of `skgd.multistart`.

    Raises
    ------
    ValueError
        When one of them is not allowed.
    """
    args = args if isinstance(args, tuple) else (args,)
    box = _box(bounds)
    method = _method(method)
    given = _given(x0, box)
    if n_starts is not None:
        n_starts = whole_number("n_starts", n_starts, least=0 if len(given) else 1)
    options = {"vectorized": vectorized, "workers": workers}
    settings = read_options(method, options)
    if settings.journal is not None:
        raise ValueError(
            "journal is an option of single descents; let func remember its values, such as with "
            "joblib.Memory(folder).cache(func), and an interrupted search with the same rng finds "
            "them again"
        )
    x = np.array(box.lower)
    fun, jac, scheme = read_gradient(func, jac, x, settings)
    if scheme.random or settings.noise is not None:
        option = "random gradients are" if scheme.random else "noise is"
        raise ValueError(
            f"method: {option} for single descents; where values are noisy, multistart wants "
            "gradient='3-point' with a step, eps, over which the noise matters little"
        )
    limits = settings.limits
    if maxfev is not None:
        limits = Limits(maxfev, limits.maxtime)
    if limits.maxfev is None and n_starts is None and not _is_infinite(maxfev):
        limits = replace(limits, maxfev=BUDGET)
    if limits.maxfev is None and limits.maxtime is None and n_starts is None:
        raise ValueError(
            "maxfev must be finite: a search goes on as long as it may; or give n_starts"
        )
    rules = Rules(
        checked_jacobian(scheme),
        checked_direction(settings.direction),
        checked_learning_rate(settings.rate_for(scheme)),
        box,
        settings.stopping,
        settings.nonfinite,
        settings.maxls,
    )
    chance = _generator(rng)
    source = open_source(settings.workers, fun, jac, args, settings.vectorized)
    batch = np.broadcast_to(x, (2, x.size))
    objective = Objective(fun, jac, args, batch, settings.vectorized, limits, source=source)
    return Task(objective, rules, given, n_starts, limits.maxfev, chance)


def _is_infinite(maxfev: Any) -> bool:
    return isinstance(maxfev, float) and maxfev == math.inf


def _box(bounds: Any) -> Box:
    """Return the bounds, all of them finite."""
    if hasattr(bounds, "lb") and hasattr(bounds, "ub"):
        n = int(np.broadcast(np.atleast_1d(bounds.lb), np.atleast_1d(bounds.ub)).size)
    elif bounds is None:
        raise ValueError("bounds are needed: multistart draws its starts between them")
    else:
        try:
            n = 1 if is_pair(bounds) else len(bounds)
        except TypeError:
            n = 0
        if n == 0:
            raise ValueError(
                "bounds must be a scipy.optimize.Bounds or one pair (low, high) for each variable, "
                f"got {shown(bounds)}"
            )
    box = Box.from_bounds(bounds, n)
    with np.errstate(over="ignore"):
        (wide,) = np.nonzero(~np.isfinite(box.upper - box.lower))
    if wide.size:
        i = int(wide[0])
        raise ValueError(
            f"bounds: starts are drawn between the bounds, but variable {i} lies between "
            f"{box.lower[i]:g} and {box.upper[i]:g}; give finite bounds around where the minimum "
            "may lie"
        )
    return box


def _method(method: Any) -> Method:
    """Return the method of the descents."""
    if method is None:
        return gd
    if isinstance(method, str) and method in METHODS:
        method = METHODS[method]
    if not isinstance(method, Method):
        raise ValueError(
            f"method must be one of {', '.join(METHODS)} or a skgd.Method, got {shown(method)}"
        )
    if method.direction.curved:
        raise ValueError(
            f"method: {type(method.direction).__name__} serves single runs, not many at once"
        )
    return method


def _given(x0: Any, box: Box) -> Array:
    """Return the points of `x0`, shape (k, n), within the bounds."""
    n = box.lower.size
    if x0 is None:
        return np.empty((0, n))
    points = np.atleast_1d(real_array("x0", x0))
    if points.ndim > 2 or points.shape[-1] != n:
        raise ValueError(
            f"x0 must have shape ({n},) or (k, {n}), one column a variable, got {points.shape}"
        )
    given = np.array(finite_array("x0", points.ravel())).reshape(-1, n)
    inside = box.project(given)
    if not np.allclose(inside, given, rtol=1e-12, atol=1e-12):
        from scipy.optimize import OptimizeWarning

        warn(
            "x0 violates the bounds; those starts move to the nearest allowed points",
            OptimizeWarning,
        )
    return inside


def _generator(rng: Any) -> np.random.Generator:
    """Return the generator that `rng` stands for."""
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is None or (isinstance(rng, (int, np.integer)) and not isinstance(rng, bool)):
        try:
            return np.random.default_rng(rng)
        except ValueError:
            pass
    raise ValueError(
        f"rng must be None, a whole number that is not negative, or a numpy.random.Generator, got "
        f"{shown(rng)}"
    )
