"""Steepest descent in a metric that the objective offers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skgd._checks import not_negative, switch, whole_number
from skgd._rows import Array, Reals, Truths, column, some
from skgd.metrics import Metric
from skgd.proximal import Constraint, Face

from .base import Arrays, Direction, scale
from .model import proximal_step

SMALLER = 0.7
"""A face has to be smaller by this factor than one that was too dear for a metric."""


@dataclass(slots=True)
class _Stand(Arrays):
    metric: Metric | None = None
    face: Face | None = None
    constraint: Constraint | None = None
    x: Array | None = None
    g: Array | None = None
    age: int = 0
    asked: int = 0
    too_many: float = math.inf
    plain: bool = False


@dataclass(frozen=True)
class Preconditioned(Direction):
    r"""Steepest descent in a metric, :math:`p_k = -t_k M_k^{-1} g_k`.

    The metric :math:`M_k`, an estimate of the Hessian, comes from the objective; where it offers
    none this is `Steepest`.  It is asked for anew when the learning rate, whose natural value in a
    good metric is one, has left :math:`[1/\tau, \tau]`.

    With a constraint or penalty h the step is the proximal one in the metric [1]_,

    .. math:: p_k = \operatorname*{argmin}_p\; g_k \cdot p + \frac{p \cdot M_k p}{2 t_k}
              + h(x_k + p) ,

    see `skgd.directions.model`.  With bounds and an L1 penalty only the coordinates that are free
    to move take part, and the metric is asked for again when it does not know one of them.  Where
    the objective offers no metric, because the face is too large, the steps are plain proximal
    ones.

    With ``damped=True`` the rate does not multiply the step but divides a damping that the metric
    brings along, :math:`p_k = -(M_k + D_k/t_k)^{-1} g_k`, as in the method of Levenberg and
    Marquardt: for objectives whose curvature is only known nearby.

    Pick it for objectives that offer a metric, such as those of the estimators.

    Parameters
    ----------
    stale : float, default 2
        The factor :math:`\tau`, at least 1.
    renewals : int, default 20
        How often a metric is asked for at once when the learning rate has left the interval; from
        then on with more and more patience.
    settle : int, default 8
        Plain proximal steps before the metric of a face is asked for: they find the face, and often
        nothing more is needed.
    damped : bool, default False
        Whether the rate is the inverse of the damping; the metric is then asked for in each
        iteration.

    Raises
    ------
    ValueError
        When an argument is outside its range.

    References
    ----------
    .. [1] J. D. Lee, Y. Sun and M. A. Saunders, "Proximal Newton-type methods for minimizing
       composite functions", SIAM Journal on Optimization 24 (2014), 1420-1443.

    Examples
    --------
    >>> from skgd import Method, Preconditioned, Spectral
    >>> Method(Preconditioned(), Spectral())(lambda x: x @ x, [1.0, 2.0]).success
    True
    """

    stale: float = 2.0
    renewals: int = 20
    settle: int = 8
    damped: bool = False
    curved: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not_negative("stale", self.stale) < 1.0:
            raise ValueError(f"stale must be at least 1, got {self.stale!r}")
        object.__setattr__(self, "renewals", whole_number("renewals", self.renewals, least=1))
        object.__setattr__(self, "settle", whole_number("settle", self.settle))
        object.__setattr__(self, "damped", switch("damped", self.damped))

    def start(self, x: Array) -> _Stand:
        """Start without a metric."""
        return _Stand()

    def stand(
        self, state: _Stand, x: Array, g: Array, constraint: Constraint | None, face: Face | None
    ) -> None:
        """Take in where the run stands."""
        state.x, state.g, state.constraint, state.face = x, g, constraint, face
        state.plain = False

    def outdated(self, state: _Stand, t: Reals) -> bool:
        """Ask at the start, on a new face, and when the rate tells that the metric has aged."""
        state.age += 1
        face = state.face
        if state.metric is None:
            if state.constraint is None:
                return state.asked == 0
            count = math.inf if face is None else float(np.count_nonzero(face.free))
            if state.age <= self.settle or count == 0:
                return False
            if state.asked and not count < SMALLER * state.too_many:
                return False
            state.too_many = count
            return True
        if face is not None and state.metric.on(face.free) is None:
            return True
        if self.damped or state.metric.cheap:
            return True
        patience = 1 + state.asked // self.renewals
        return state.age > patience and not 1.0 / self.stale <= t <= self.stale

    def bend(self, state: _Stand, metric: Metric | None) -> None:
        """Take in a new metric."""
        state.metric = metric
        state.asked += 1
        if metric is not None:
            state.age = 0

    def metric(self, state: _Stand) -> Metric | None:
        """Return the metric that steps are taken in."""
        return None if state.plain else state.metric

    def measure(self, state: _Stand, g: Array, residual: Array, face: Face | None) -> Array:
        """Return the gradient on the face, whitened, where there is a metric."""
        if state.metric is None:
            return residual
        if state.constraint is not None and face is None:
            return self._length(state, state.constraint, state.metric, residual)
        part = state.metric.on(None if face is None else face.free)
        if part is None:
            return residual
        return part.whiten(g if face is None else face.gradient)

    def _length(
        self, state: _Stand, constraint: Constraint, metric: Metric, residual: Array
    ) -> Array:
        """Return a vector whose squared norm is what the proximal step in the metric promises."""
        x, g = state.x, state.g
        assert x is not None
        assert g is not None
        step = proximal_step(metric, constraint, x, g, 1.0)
        promised = constraint.value(x) - constraint.value(x + step) - np.vdot(g, step)
        length = np.zeros_like(residual)
        length[0] = math.sqrt(max(float(promised), 0.0))
        return length

    def displacement(self, state: _Stand, g: Array, t: Reals) -> Array:
        """Return the step in the metric, or the gradient times -t."""
        if state.metric is None or state.plain:
            p = state.like(g)
            scale(g, -t, p)
            return p
        metric = state.metric
        if self.damped:
            metric, t = metric.damped(1.0 / t), 1.0
        if state.constraint is not None:
            return self._proximal(state, state.constraint, metric, t)
        p = metric.solve(g)
        p *= -t
        return p

    def _proximal(self, state: _Stand, constraint: Constraint, metric: Metric, t: Reals) -> Array:
        """Return the proximal step in the metric, on the face where one is known."""
        x, g, face = state.x, state.g, state.face
        assert x is not None
        assert g is not None
        if face is None:
            return proximal_step(metric, constraint, x, g, t)
        step = np.zeros_like(x)
        (chosen,) = np.nonzero(face.free)
        part, own = metric.on(face.free), constraint.on(chosen)
        if chosen.size and part is not None and own is not None:
            step[chosen] = proximal_step(part.compressed(), own, x[chosen], g[chosen], t)
        return step

    def rates(self, state: _Stand, t: Reals) -> Any:
        """Return what multiplies the gradient; zero where the step has the penalty in it."""
        inside = state.metric is not None and not state.plain and state.constraint is not None
        return 0.0 if inside else column(t)

    def restart(self, state: _Stand, where: Truths, g: Array) -> None:
        """Take the plain step where the one in the metric does not lead downhill."""
        if some(where):
            state.plain = True
