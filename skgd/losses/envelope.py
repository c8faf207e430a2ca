"""A smooth version of any convex loss."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from skgd._checks import positive
from skgd._rows import Array

from .base import Kind, Loss, quiet

__all__ = ["Envelope"]

_BISECTIONS = 40

_NEXT_TO = 4 * float(np.sqrt(np.finfo(float).eps))
"""Relative distance from a kink at which differences do not notice it."""


@dataclass(frozen=True)
class Envelope(Loss):
    r"""The Moreau envelope of a convex loss.

    .. math:: e(y, p) = \min_u\; \ell(y, u) + \frac{(u - p)^2}{2w}

    It is convex, has a continuous derivative :math:`(p - u)/w` and the same minimum as the loss,
    and lies below it by at most :math:`w/2` times the square of its slope.  Of the absolute error
    it is Huber's function.  The minimiser u takes time to find, by bisection, for rows near
    a kink that is not at :math:`p = y`, and where the loss is curved.

    Parameters
    ----------
    loss : Loss
        The loss.
    width : float
        The width w: a kink between the slopes -1 and +1 is rounded off within it.

    Raises
    ------
    ValueError
        When the width is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import FormulaLoss
    >>> from skgd.losses.envelope import Envelope
    >>> smooth = Envelope(FormulaLoss("abs(y - p)"), 0.5)
    >>> smooth.value(np.zeros(2), np.array([0.1, 2.0]))
    array([0.01, 1.75])
    """

    loss: Loss
    width: float
    kind: Kind = field(init=False, repr=False, compare=False)
    formula: str = field(init=False, repr=False, compare=False)

    name = "envelope"

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", positive("width", self.width))
        object.__setattr__(self, "kind", self.loss.kind)
        object.__setattr__(
            self, "formula", f"min over u of {self.loss.formula} at u + (u - p)**2/(2w)"
        )

    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        return self.value_and_derivative(y, p)[0]

    def derivative(self, y: Array, p: Array) -> Array:
        """Return the derivatives; see `Loss.derivative`."""
        return self._slope(p, self._nearest(y, p))

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        u = self._nearest(y, p)
        slope = self._slope(p, u)
        return self.loss.value(y, u) + (0.5 * self.width) * slope * slope, slope

    @quiet
    def curvature(self, y: Array, p: Array) -> Array:
        """Return the second derivatives; see `Loss.curvature`."""
        # With the loss's own curvature c at u it is c/(1 + wc), which is 1/w at a kink, where a
        # difference is beyond all limits.
        u = self._nearest(y, p)
        h = np.maximum(1e-4 * self.width, 16 * np.finfo(p.dtype).eps * np.abs(u))
        low, high = u - h, u + h
        curvature = self.loss.derivative(y, high)
        curvature -= self.loss.derivative(y, low)
        curvature /= high - low
        np.maximum(curvature, 0, out=curvature)
        curvature /= 1 + self.width * curvature
        return curvature

    @property
    def local(self) -> bool:
        """Whether only some predictions have curvature; see `Loss.local`."""
        return True

    def widened(self, factor: float) -> Envelope:
        """Return the envelope of a larger width; see `Loss.widened`."""
        return Envelope(self.loss, factor * self.width)

    def touching(self, y: Array, p: Array) -> Array:
        """Return the minimisers u; see `Loss.touching`."""
        return self._nearest(y, p)

    def check_target(self, y: Array) -> None:
        """Raise ValueError when a target is outside of the range of the loss."""
        self.loss.check_target(y)

    def _constant(self, y: Array, weights: Array | None) -> float:
        return float(self.loss.constant(y, weights))

    @quiet
    def _slope(self, p: Array, u: Array) -> Array:
        slope = p - u
        slope /= self.width
        return slope

    @quiet
    def _nearest(self, y: Array, p: Array) -> Array:
        """Return the minimisers u, where ``loss.derivative(y, u) = (p - u)/w``."""
        slope = self.loss.derivative(y, p)
        u = p - self.width * slope
        # On a straight piece the slope at u is the same; else u went too far.
        too_far = np.abs(self.loss.derivative(y, u) - slope) > 1e-7 * np.abs(slope)
        if too_far.any():
            u[too_far] = self._where_slopes_differ(y[too_far], p[too_far], u[too_far])
        return u

    def _where_slopes_differ(self, y: Array, p: Array, far: Array) -> Array:
        # Most kinks are where the prediction is right, or the margin is 1: at p = y in both cases.
        h = np.maximum(_NEXT_TO * np.maximum(1, np.abs(y)), 8 * np.finfo(y.dtype).eps * np.abs(y))
        low, high = self.loss.derivative(y, y - h), self.loss.derivative(y, y + h)
        slope = self._slope(p, y)
        elsewhere = (high - low < 10 * h / self.width) | (slope < low) | (slope > high)
        u = y.copy()
        if elsewhere.any():
            u[elsewhere] = self._bisect(y[elsewhere], p[elsewhere], far[elsewhere])
        return u

    def _bisect(self, y: Array, p: Array, far: Array) -> Array:
        near = p
        for _ in range(_BISECTIONS):
            middle = 0.5 * (near + far)
            ahead = self.loss.derivative(y, middle) - (p - middle) / self.width
            # The sign of `ahead` tells on which side of u the middle is.
            beyond = np.where(far < near, ahead < 0, ahead > 0)
            near, far = np.where(beyond, near, middle), np.where(beyond, middle, far)
        return 0.5 * (near + far)
