r"""Losses with kinks, and their smooth versions.

Every kink here is one of an absolute value.  Its smooth version of width w is Huber's function

.. math::

    |u|_w = \begin{cases} u^2/2w & |u| \le w \\ |u| - w/2 & |u| > w \end{cases}
          = s\,(u - \tfrac{w}{2} s), \qquad s = \max(-1, \min(u/w, 1)),

which is convex, lies below :math:`|u|` by at most :math:`w/2`, and has the derivative s.  At
:math:`w = 0`, s is the sign and :math:`|u|_0 = |u|`; so one formula serves the loss and its smooth
version.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from skgd._checks import not_negative
from skgd._rows import Array

from .base import Loss

__all__ = ["Kinked", "absolute", "peak", "ramp", "sign"]


@dataclass(frozen=True)
class Kinked(Loss):
    """A loss with kinks, each smooth within a width that is zero by default."""

    width: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", not_negative("width", self.width))

    @property
    def smooth(self) -> bool:
        """Whether the width is positive."""
        return self.width > 0

    @property
    def local(self) -> bool:
        """Whether only some predictions have curvature; see `Loss.local`."""
        return True

    def smoothed(self, width: float) -> Self:
        """Return the same loss with the given width; see `Loss.smoothed`."""
        return replace(self, width=width)

    def widened(self, factor: float) -> Self:
        """Return the loss with a larger width; see `Loss.widened`."""
        return replace(self, width=factor * self.width)

    def touching(self, y: Array, p: Array) -> Array:
        """Return the kink, at ``p = y``, within its width; see `Loss.touching`."""
        return np.asarray(np.where(self.curvature(y, p) > 0, y, p))


def sign(u: Array, width: float) -> Array:
    """Return the derivative of the absolute value of some width, as a new array."""
    if width == 0:
        return np.sign(u)
    s = np.clip(u, -width, width)
    s /= width
    return s


def absolute(u: Array, s: Array, width: float) -> Array:
    """Return the absolute value of some width, given what `sign` returned, as a new array."""
    if width == 0:
        return np.abs(u)
    value = s * (-0.5 * width)
    value += u
    value *= s
    return value


def ramp(u: Array, s: Array, width: float) -> Array:
    """Return ``max(u, 0)``, smooth within a width, given what `sign` returned, as a new array.

    It is ``(u + |u|)/2``, so that its derivative is ``(1 + s)/2``.
    """
    value = absolute(u, s, width)
    value += u
    value *= 0.5
    return value


def peak(u: Array, width: float) -> Array:
    """Return the second derivative of the absolute value of some width, as a new array."""
    if width == 0:
        return np.zeros_like(u)
    inside = np.abs(u) <= width
    return inside.astype(u.dtype) * (1 / width)
