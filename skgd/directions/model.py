r"""The proximal operator in a metric, which has no closed form.

.. math:: \operatorname*{argmin}_p\; g \cdot p + \frac{p \cdot M p}{2t} + h(x + p)

is a small problem of the same kind as the large one, and the descent solves it: with spectral steps
down to a share of the residual at the start, and then with one Newton step on the face that was
found, which makes it exact when the face is the right one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from skgd._rows import Array, Reals
from skgd.metrics import Metric
from skgd.proximal import Constraint, optimality
from skgd.requests import IterationDone, Value, ValueAndGradient

__all__ = ["proximal_step"]

SHARE = 0.1
"""Share of the residual at the start that the step may leave."""

MAXITER, MAXITER_COUPLED = 300, 100
"""Iterations of the descent of the model; what it has then is a direction of descent, too."""


def proximal_step(metric: Metric, constraint: Constraint, x: Array, g: Array, t: Reals) -> Array:
    """Return the minimiser of the model, as the way from `x`.

    Parameters
    ----------
    metric : Metric
        The metric M on all coordinates of `x`.
    constraint : Constraint
        The separable penalty h, whose faces are known.
    x, g : ndarray, shape (n,)
        Point and gradient.
    t : float
        The rate.

    Returns
    -------
    ndarray, shape (n,)
        The step; the model is never higher at its end than at `x`.
    """
    model = _Model(metric, x, g, t)
    enough = SHARE * model.residual(constraint, x)
    # Once the face is the right one, this is all.
    point = _newton(model, constraint, x)
    if model.residual(constraint, point) > enough:
        point = _descended(model, constraint, x, enough)
        polished = _newton(model, constraint, point)
        if model.total(constraint, polished) < model.total(constraint, point):
            point = polished
    return np.asarray(point - x)


class _Model:
    """The quadratic part of the model; value and gradient share one product."""

    def __init__(self, metric: Metric, x: Array, g: Array, t: Reals) -> None:
        self.metric, self._x, self._g, self.t = metric, x, g, t
        self._point: Array | None = None
        self._slope = g

    def value(self, point: Array) -> float:
        """Return the value, relative to that at the start."""
        step = point - self._x
        curved = self.metric.product(step) / self.t
        self._point, self._slope = point, self._g + curved
        return float(np.vdot(self._g, step) + 0.5 * np.vdot(step, curved))

    def gradient(self, point: Array) -> Array:
        """Return the gradient, as a new array."""
        if self._point is not point:
            self.value(point)
        return self._slope

    def residual(self, constraint: Constraint, point: Array) -> float:
        """Return the largest entry of the residual of optimality."""
        return float(np.abs(optimality(point, self.gradient(point), constraint)).max(initial=0.0))

    def total(self, constraint: Constraint, point: Array) -> float:
        """Return the value with the penalty."""
        return self.value(point) + float(constraint.value(point))


def _descended(model: _Model, constraint: Constraint, x: Array, gtol: float) -> Array:
    """Return the point to which spectral steps lead."""
    from skgd.descent import descend
    from skgd.jacobians import Analytic
    from skgd.learning_rates import Spectral
    from skgd.progress import Progress
    from skgd.rules import Rules
    from skgd.stopping import Stopping

    from .momentum import Steepest

    maxiter = MAXITER if constraint.separable else MAXITER_COUPLED
    stopping = Stopping(gtol=gtol, maxiter=maxiter)
    rate = Spectral(initial=min(max(float(model.t), 1e-3), 1.0))
    run = Progress(x.copy(), stopping)
    run.watched = False
    asking = descend(run, Rules(Analytic(), Steepest(), rate, constraint, stopping))
    answer: Any = None
    while True:
        try:
            request: Any = asking.send(answer)
        except StopIteration:
            return run.best_x
        if isinstance(request, IterationDone):
            answer = None
        elif isinstance(request, Value):
            answer = model.value(request.x)
        elif isinstance(request, ValueAndGradient):
            answer = model.value(request.x), model.gradient(request.x)
        else:
            answer = model.gradient(request.x)


def _newton(model: _Model, constraint: Constraint, point: Array) -> Array:
    """Return where one Newton step on the face of a point leads, within the face."""
    face = constraint.tangent(point, model.gradient(point))
    if face is None or not face.free.any():
        return point
    metric = model.metric
    curvature = np.asarray(face.curvature)
    if curvature.any():
        metric = metric.added(model.t * np.broadcast_to(curvature, curvature.shape or point.shape))
    part = metric.on(face.free)
    if part is None:
        return point
    step = -model.t * part.solve(face.gradient)
    if face.normals is not None:
        step -= _across(part, face.normals * face.free, step)
    step *= _room(point, step, face.lower, face.upper)
    end = np.asarray(np.clip(point + step, face.lower, face.upper), point.dtype)
    constraint.repair(end)
    return end


def _across(metric: Metric, normals: Array, step: Array) -> Array:
    """Return the part of a step that is normal to a face, in the metric."""
    normals = normals[np.abs(normals).max(axis=1) > 0]
    if not len(normals):
        return np.zeros_like(step)
    dual = np.stack([metric.solve(normal) for normal in normals], axis=1)
    return np.asarray(dual @ np.linalg.lstsq(normals @ dual, normals @ step)[0])


def _room(point: Array, step: Array, lower: Array, upper: Array) -> float:
    """Return the share of a step that stays within the ends, at most one."""
    with np.errstate(all="ignore"):
        shares = np.where(step < 0, (lower - point) / step, (upper - point) / step)
    shares = shares[(step != 0) & np.isfinite(shares)]
    return float(min(1.0, shares.min(initial=math.inf)))
