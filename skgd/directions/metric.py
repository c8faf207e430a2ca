"""Steepest descent in a metric that the objective offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skgd._checks import not_negative, whole_number
from skgd._rows import Array, Reals, Truths, column, some
from skgd.metrics import Metric
from skgd.proximal import Face

from .base import Arrays, Direction, scale

ROUNDS = 5
"""Times that coordinates which a step would push through their bounds are held at once."""


@dataclass(slots=True)
class _Stand(Arrays):
    metric: Metric | None = None
    face: Face | None = None
    part: Metric | None = None
    x: Array | None = None
    free: Array | None = None
    settled: int = 0
    age: int = 0
    asked: int = 0
    plain: bool = False


@dataclass(frozen=True)
class Preconditioned(Direction):
    r"""Steepest descent in a metric, :math:`p_k = -t_k M_k^{-1} g_k`.

    The metric :math:`M_k`, an estimate of the Hessian, comes from the objective; where it offers
    none this is `Steepest`.  It is asked for anew when the learning rate, whose natural value in a
    good metric is one, has left :math:`[1/\tau, \tau]`.

    With bounds or an L1 penalty the step is taken on the face of the variables that are free to
    move (Bertsekas 1982 [1]_; Andrew and Gao 2007 [2]_) once that face has been the same for some
    iterations: the metric is asked for on the face only, coordinates that would leave it at once
    are held, and others that would leave it stop at its border.  Where that does not lead downhill,
    and until the face has settled, the steps are plain proximal ones.

    Pick it for objectives that offer a metric, such as those of the estimators.

    Parameters
    ----------
    stale : float, default 2
        The factor :math:`\tau`, at least 1.
    renewals : int, default 20
        How often a metric may be asked for because the learning rate has left the interval.
    settle : int, default 2
        Iterations that a face has to last before its metric is asked for.

    Raises
    ------
    ValueError
        When an argument is outside its range.

    References
    ----------
    .. [1] D. P. Bertsekas, "Projected Newton methods for optimization problems with simple
       constraints", SIAM Journal on Control and Optimization 20 (1982), 221-246.
    .. [2] G. Andrew and J. Gao, "Scalable training of L1-regularized log-linear models",
       International Conference on Machine Learning (2007), 33-40.

    Examples
    --------
    >>> from skgd import Method, Preconditioned, Spectral
    >>> Method(Preconditioned(), Spectral())(lambda x: x @ x, [1.0, 2.0]).success
    True
    """

    stale: float = 2.0
    renewals: int = 20
    settle: int = 2
    curved: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not_negative("stale", self.stale) < 1.0:
            raise ValueError(f"stale must be at least 1, got {self.stale!r}")
        for name in ("renewals", "settle"):
            object.__setattr__(self, name, whole_number(name, getattr(self, name)))

    def start(self, x: Array) -> _Stand:
        """Start without a metric."""
        return _Stand()

    def outdated(self, state: _Stand, t: Reals, face: Face | None) -> bool:
        """Ask at the start, when the rate tells that the metric has aged, and on a new face."""
        state.age += 1
        if face is not None:
            same = state.free is not None and np.array_equal(state.free, face.free)
            state.settled = state.settled + 1 if same else 0
            state.free = face.free
            if not face.free.any():
                return False
            if state.metric is None or state.metric.on(face.free) is None:
                return state.asked == 0 or state.settled >= self.settle
        elif state.metric is None:
            return state.asked == 0
        aged = state.age > 1 and not 1.0 / self.stale <= t <= self.stale
        return aged and state.asked <= self.renewals

    def bend(self, state: _Stand, metric: Metric | None) -> None:
        """Take in a new metric."""
        state.metric = metric
        state.age = 0
        state.asked += 1

    def stand(self, state: _Stand, x: Array, g: Array, face: Face | None) -> Metric | None:
        """Take in where the run stands."""
        state.x, state.face, state.plain = x, face, False
        if state.metric is None:
            state.part = None
        else:
            state.part = state.metric.on(None if face is None else face.free)
        return state.part

    def measure(self, state: _Stand, g: Array, residual: Array, face: Face | None) -> Array:
        """Return the gradient on the face, whitened, where there is a metric."""
        part = None
        if state.metric is not None:
            part = state.metric.on(None if face is None else face.free)
        if part is None:
            return residual
        return part.whiten(g if face is None else face.gradient)

    def displacement(self, state: _Stand, g: Array, t: Reals) -> Array:
        """Return the step in the metric, or the gradient times -t."""
        if state.part is None or state.plain:
            p = state.like(g)
            scale(g, -t, p)
            return p
        if state.face is None:
            p = state.part.solve(g)
            p *= -t
            return p
        return self._on_face(state, state.face, t)

    def _on_face(self, state: _Stand, face: Face, t: Reals) -> Array:
        """Return the step on the face, without what would leave it at once, cut at its border."""
        x, part, free = state.x, state.part, face.free
        assert x is not None
        p = np.zeros_like(x)
        for _ in range(ROUNDS):
            assert part is not None
            p = -t * part.solve(np.where(free, face.gradient, 0.0))
            out = ((x <= face.lower) & (p < 0)) | ((x >= face.upper) & (p > 0))
            if not (out & free).any():
                break
            free = free & ~out
            part = state.part.on(free) if state.part is not None else None
        p = p.astype(x.dtype, copy=False)
        return np.asarray(np.clip(p, face.lower - x, face.upper - x))

    def rates(self, state: _Stand, t: Reals) -> Any:
        """Return what multiplies the gradient; zero where the step has the penalty in it."""
        inside = state.part is not None and not state.plain and state.face is not None
        return 0.0 if inside else column(t)

    def restart(self, state: _Stand, where: Truths, g: Array) -> None:
        """Take the plain step where the one on the face does not lead downhill."""
        if some(where):
            state.plain = True
