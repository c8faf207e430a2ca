"""Damped Gauss-Newton steps, for objectives that are sums of squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skgd._rows import Array, Reals, Truths, some
from skgd._state import State
from skgd.metrics import Metric
from skgd.proximal import Constraint, Face
from skgd.residual_metric import ResidualMetric

from .base import Direction

__all__ = ["Levenberg"]

FADE = 0.3
"""What is left after an iteration of a scale that the Jacobian no longer has.  With 1, which is
Moré's rule, a start with huge derivatives shortens all steps for good; without any memory the first
long step can leave for a region where the model does not depend on its parameters."""


@dataclass(slots=True)
class _Stand(State):
    metric: ResidualMetric | None = None
    scale: Array | None = None
    x: Array | None = None
    g: Array | None = None
    face: Face | None = None
    plain: bool = False


@dataclass(frozen=True)
class Levenberg(Direction):
    r"""Levenberg's [1]_ and Marquardt's [2]_ damped Gauss-Newton step.

    .. math:: p_k = -(J_k^\top J_k + D_k / t_k)^{-1} g_k , \qquad g_k = J_k^\top r_k ,

    for an objective :math:`|r(x)|^2/2` with the Jacobian J of the residuals.  It is the implicit
    step of steepest descent in the metric D of the squared lengths of the columns of J, present or
    recent (after Moré 1978 [3]_): for a small learning rate t it is the step :math:`-t D^{-1} g`
    downhill, for a large one the Gauss-Newton step.

    With bounds, variables that are pressed against theirs are held; of the others those that the
    step would carry across a bound stop there, and the rest is solved for anew.

    Pick it with the learning rate `GainRatio` for least squares in a moderate number of variables.

    References
    ----------
    .. [1] K. Levenberg, "A method for the solution of certain non-linear problems in least
       squares", Quarterly of Applied Mathematics 2 (1944), 164-168.
    .. [2] D. W. Marquardt, "An algorithm for least-squares estimation of nonlinear parameters",
       SIAM Journal on Applied Mathematics 11 (1963), 431-441.
    .. [3] J. J. Moré, "The Levenberg-Marquardt algorithm: implementation and theory", Lecture Notes
       in Mathematics 630 (1978), 105-116.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.directions.levenberg import Levenberg
    >>> from skgd.residual_metric import ResidualMetric
    >>> rule, g = Levenberg(), np.array([4.0, 9.0])
    >>> state = rule.start(g)
    >>> rule.bend(state, ResidualMetric(np.diag([2.0, 3.0]), np.array([2.0, 3.0]), 5.0))
    >>> rule.stand(state, np.zeros(2), g, None, None)
    >>> rule.displacement(state, g, 1.0)
    array([-0.5, -0.5])
    """

    curved: ClassVar[bool] = True
    proximal: ClassVar[bool] = False

    def start(self, x: Array) -> _Stand:
        """Start without a metric."""
        return _Stand()

    def outdated(self, state: _Stand, t: Reals) -> bool:
        """Tell that the Jacobian is another at each point."""
        return True

    def bend(self, state: _Stand, metric: Metric | None) -> None:
        """Take in the Jacobian.

        Raises
        ------
        ValueError
            When the objective offers none.
        """
        if not isinstance(metric, ResidualMetric):
            raise ValueError(
                "the direction Levenberg needs an objective that offers the Jacobian of its "
                "residuals, as that of FormulaRegressor does; use gd_spectral for others"
            )
        state.metric = metric
        lengths = metric.lengths
        state.scale = lengths if state.scale is None else np.maximum(FADE * state.scale, lengths)

    def stand(
        self, state: _Stand, x: Array, g: Array, constraint: Constraint | None, face: Face | None
    ) -> None:
        """Take in where the run stands."""
        state.x, state.g, state.face, state.plain = x, g, face, False

    def metric(self, state: _Stand) -> Metric | None:
        """Return the metric that steps are taken in."""
        return state.metric

    def measure(self, state: _Stand, g: Array, residual: Array, face: Face | None) -> Array:
        """Return the residuals that a Gauss-Newton step would remove, as a share of all."""
        assert state.metric is not None
        part = state.metric.on(None if face is None else face.free)
        left = part.remainder() if g is state.g else part.whiten(g)
        return np.asarray(left / max(part.size, np.finfo(float).tiny))

    def displacement(self, state: _Stand, g: Array, t: Reals) -> Array:
        """Return the damped step, which ends at the bounds that it meets."""
        x, face, metric, scale = state.x, state.face, state.metric, state.scale
        if metric is None or scale is None:
            return np.asarray(-t * g)
        if face is None:
            return -t * g / scale**2 if state.plain else metric.damped_step(scale, 1.0 / t)
        assert x is not None
        low, high = face.lower - x, face.upper - x
        if state.plain:
            return np.asarray(np.clip(-t * face.gradient / scale**2, low, high))
        free = face.free
        p = np.zeros_like(x)
        for _ in range(x.size + 1):
            p = metric.on(free).damped_step(scale, 1.0 / t, p)
            out = free & ((p < low) | (p > high))
            p = np.clip(p, low, high)
            if not out.any():
                break
            free = free & ~out
        return p

    def rates(self, state: _Stand, t: Reals) -> Any:
        """Return what a constraint is told; bounds do not need it."""
        return t

    def restart(self, state: _Stand, where: Truths, g: Array) -> None:
        """Go straight down where the step does not lead downhill."""
        if some(where):
            state.plain = True
