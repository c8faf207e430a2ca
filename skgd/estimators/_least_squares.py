r"""The objective of nonlinear regression: a sum over rows, with the Jacobian of the model.

For rows :math:`i` with weights :math:`w_i` and a model :math:`m_i(\theta)` it is

.. math:: F(\theta) = \frac{1}{\sum_i w_i} \sum_i w_i\, \ell(y_i, m_i(\theta)) .

Whatever the loss, its Gauss-Newton model is that of least squares: with the first and second
derivatives :math:`\ell'` and :math:`\ell''` by the prediction, the Jacobian
:math:`\sqrt{\ell''}\, \partial m/\partial\theta` and the residuals
:math:`\ell' / \sqrt{\ell''}` have the gradient of F and the curvature of its convex part.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from skgd._formula.columns import ColumnFormula
from skgd._rows import Array
from skgd.metrics import Metric
from skgd.objective import Limits, Objective
from skgd.requests import Curvature
from skgd.residual_metric import ResidualMetric

from ._residual_losses import ResidualLoss

__all__ = ["LeastSquares", "LeastSquaresObjective"]

BLOCK = 8192
"""Rows that are worked on at once: what is computed on the way stays in the cache, and memory does
not grow with rows times parameters."""

FLAT = 1e-12
"""A parameter whose own size changes the model by less than this share of the residuals has no
influence."""

TINY = 1e-6
"""Residuals below this share of the data's size count as rounding in the measure of optimality:
data without noise have no other scale."""


class LeastSquares:
    """Value, gradient and Gauss-Newton metric of a regression.

    Parameters
    ----------
    formula : ColumnFormula
        The model.
    others : sequence of ndarray, shape (n,), or float
        The columns of the data, and the known parameters.
    y : ndarray, shape (n,)
        The target.
    weights : ndarray, shape (n,), or None
        Weights of the rows, not negative; None for ones.
    loss : ResidualLoss
        The loss.
    """

    def __init__(
        self,
        formula: ColumnFormula,
        others: Sequence[Any],
        y: Array,
        weights: Array | None,
        loss: ResidualLoss,
    ) -> None:
        self._formula = formula
        self._others = list(others)
        self._y = y
        self._loss = loss
        self._total = float(len(y)) if weights is None else math.fsum(weights)
        self._weights = weights
        size = np.vdot(y, y) if weights is None else np.vdot(y, y * weights)
        self._size = TINY * math.sqrt(float(size) / self._total)

    def value(self, point: Array) -> float:
        """Return the value at the parameters `point`; not finite where the model is not."""
        return self._sum(point) / self._total

    def gradient(self, point: Array) -> Array:
        """Return the gradient."""
        gradient = np.zeros(point.size)
        for y, weights, values, derivatives in self._blocks(point):
            slopes, _ = self._loss.derivatives(y, values)
            gradient += derivatives.T @ (slopes if weights is None else weights * slopes)
        return gradient / self._total

    def metric(self, point: Array) -> ResidualMetric:
        """Return the Gauss-Newton metric."""
        return self._reduced(point, exact=False)[0]

    def relinearised(self, point: Array) -> Array:
        """Return the point with those parameters at their best that the model is linear in.

        For the squared error they are, for other losses they are nearer to it.
        """
        linear = self._formula.linear
        if not linear.any() or not np.isfinite(self.gradient(point)).all():
            return point
        metric = self.metric(point).on(linear)
        return np.asarray(point + metric.damped_step(metric.lengths, TINY**2))

    def flat(self, point: Array) -> Array:
        """Tell which parameters have no influence on the model at a point."""
        metric = self.metric(point)
        lengths = np.sqrt(np.einsum("ij,ij->j", metric.R, metric.R))
        return np.asarray(lengths * np.where(point == 0, 1.0, np.abs(point)) <= FLAT * metric.size)

    def covariance(self, point: Array, rows: int, absolute: bool) -> Array:
        """Return the covariance of the parameters, infinite where the data do not determine them.

        Parameters
        ----------
        point : ndarray, shape (p,)
            The parameters at the minimum.
        rows : int
            The number of rows that count.
        absolute : bool
            Whether weights are inverse variances; else the variance is estimated from the
            residuals, with ``rows - p`` degrees of freedom.
        """
        metric, squares = self._reduced(point, exact=True)
        inverse = metric.inverse()
        if inverse is None or (not absolute and rows <= point.size):
            return np.full((point.size, point.size), np.inf)
        if absolute:
            return inverse / self._total
        dispersion = self._loss.dispersion(self.value(point), squares)
        return inverse * (dispersion / (rows - point.size))

    def noise(self, value: float) -> float:
        """Return the share of the value that rounding may change.

        Residuals have the rounding errors of target and model, which are larger than theirs.
        """
        if not value > 0.0 or not math.isfinite(value):
            return 1.0
        return 16.0 * float(np.finfo(float).eps) * self._size / TINY / math.sqrt(2.0 * value)

    def _reduced(self, point: Array, exact: bool) -> tuple[ResidualMetric, float]:
        """Return the metric, and the mean square of the residuals that stand for the loss."""
        p = point.size
        triangle, squares = np.zeros((0, p + 1)), 0.0
        for y, weights, values, derivatives in self._blocks(point):
            slopes, curvatures = self._loss.derivatives(y, values, exact)
            roots = np.sqrt(curvatures)
            residuals = slopes / roots
            if weights is not None:
                heavy = np.sqrt(weights)
                residuals, roots = residuals * heavy, roots * heavy
            rows = np.column_stack((derivatives * roots[:, None], residuals))
            triangle = np.asarray(np.linalg.qr(np.vstack((triangle, rows)), mode="r"))
            squares += float(np.vdot(residuals, residuals)) / self._total
        square = np.zeros((p, p + 1))
        square[: len(triangle)] = triangle[:p] / math.sqrt(self._total)
        size = max(math.sqrt(squares), self._size)
        return ResidualMetric(square[:, :p], square[:, p], size), squares

    def _sum(self, point: Array) -> float:
        """Return the weighted sum of the losses."""
        total = 0.0
        for y, weights, others in self._parts():
            losses = self._loss.values(y, self._formula.values(point, others, y.size))
            with np.errstate(all="ignore"):
                total += float(losses.sum() if weights is None else np.vdot(losses, weights))
        return total

    def _blocks(self, point: Array) -> Any:
        """Yield target, weights, values and derivatives of the model, some rows at a time."""
        for y, weights, others in self._parts():
            with np.errstate(all="ignore"):
                yield y, weights, *self._formula.values_and_derivatives(point, others, y.size)

    def _parts(self) -> Any:
        """Yield target, weights and the other names of the formula, some rows at a time."""
        for start in range(0, self._y.size, BLOCK):
            part = slice(start, start + BLOCK)
            others = [
                other[part] if isinstance(other, np.ndarray) else other for other in self._others
            ]
            yield self._y[part], None if self._weights is None else self._weights[part], others


class LeastSquaresObjective(Objective):
    """The objective that a descent asks, with the metric of `LeastSquares`.

    Parameters
    ----------
    problem : LeastSquares
        What is minimised.
    x : ndarray, shape (p,)
        The start.
    """

    def __init__(self, problem: LeastSquares, x: Array) -> None:
        super().__init__(problem.value, problem.gradient, (), x, False, Limits())
        self._problem = problem

    def curvature(self, request: Curvature) -> Metric:
        """Return the Gauss-Newton metric at the point."""
        return self._problem.metric(request.x)
