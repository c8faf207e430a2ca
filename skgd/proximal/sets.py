"""Sets whose projection looks at all variables together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._checks import finite_array, positive
from skgd._rows import Array

from .base import Constraint, check_shape, floats, quiet, weak


@dataclass(frozen=True, eq=False)
class Ball(Constraint):
    r"""The ball :math:`\lVert x - c\rVert_2 \le r`.

    Parameters
    ----------
    radius : float
        Its radius.
    center : float or array_like of shape (n,), default 0
        Its centre.

    Raises
    ------
    ValueError
        When the radius is not a positive number or the centre is not finite.

    Examples
    --------
    >>> from skgd import Ball
    >>> Ball(5.0).prox([6.0, 8.0], 1.0)
    array([3., 4.])
    """

    radius: float
    center: Any = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "radius", positive("radius", self.radius))
        object.__setattr__(self, "center", weak(finite_array("center", self.center)))

    @quiet
    def prox(self, z: Array, t: Any) -> Array:
        """Return the nearest point of the ball, in the metric of the rates."""
        z = floats(z)
        offset = z - self.center
        # In units of the largest entry no square overflows.
        unit = np.abs(offset).max(-1, keepdims=True)
        unit = np.where(unit > 0, unit, 1.0)
        offset = offset / unit
        radius = self.radius / unit
        outside = _length(offset) > radius
        if not outside.any():
            return z.copy()
        if np.ndim(t) and np.shape(t)[-1] > 1:
            offset = _shrink(offset, radius, np.asarray(t, dtype=float))
        nearest = self.center + offset * (unit * np.minimum(1.0, radius / _length(offset)))
        return np.asarray(np.where(outside, nearest, z), z.dtype)

    def unit(self, dtype: Any) -> float:
        """Return the size of the set, or 1."""
        return min(1.0, self.radius)

    def project(self, x: Array) -> Array:
        """Return the nearest point of the ball."""
        return self.prox(x, 1.0)

    def repair(self, x: Array) -> None:
        """Pull `x` into the ball, in place."""
        np.copyto(x, self.prox(x, 1.0))

    def check(self, n: int) -> None:
        """Raise ValueError unless the centre has n coordinates."""
        check_shape("center", np.asarray(self.center), n)


def _length(offset: Array) -> Array:
    """Return the norms over the last axis, which is kept; 1 for zero, to divide by."""
    length = np.sqrt((offset * offset).sum(-1, keepdims=True, dtype=float))
    return np.where(length > 0, length, 1.0)


def _shrink(offset: Array, radius: Array, t: Array) -> Array:
    """Return ``offset / (1 + t mu)`` with mu >= 0 so that its norm is at most the radius.

    Newton's method on 1/norm - 1/radius, which is nearly linear in mu, rises to the root without
    overshooting (More and Sorensen 1983).
    """
    mu = np.zeros_like(radius, dtype=float)
    for _ in range(100):
        scale = 1.0 + t * mu
        part = offset / scale
        length = _length(part)
        slope = (part * part * (t / scale)).sum(-1, keepdims=True)
        excess = length - radius
        # Where no rate is positive nothing can give way.
        rise = (excess > 1e-15 * radius) & (slope > 0)
        if not rise.any():
            break
        gain = length * length * excess / (radius * np.where(rise, slope, 1.0))
        mu = mu + np.where(rise, gain, 0.0)
    return np.asarray(part)


@dataclass(frozen=True, eq=False)
class Simplex(Constraint):
    r"""Non-negative variables with a given sum, :math:`x \ge 0,\; \sum_i x_i = s`.

    The projection is :math:`\max(z - t\tau, 0)`, with :math:`\tau` found by sorting [1]_.

    Parameters
    ----------
    total : float, default 1
        The sum.

    Raises
    ------
    ValueError
        When the sum is not a positive number.

    References
    ----------
    .. [1] M. Held, P. Wolfe and H. P. Crowder, "Validation of subgradient optimization",
       Mathematical Programming 6 (1974), 62-88.

    Examples
    --------
    >>> from skgd import Simplex
    >>> Simplex().prox([0.75, 0.75, -3.0], 1.0)
    array([0.5, 0.5, 0. ])
    """

    total: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", positive("total", self.total))

    @quiet
    def prox(self, z: Array, t: Any) -> Array:
        """Return the nearest point of the simplex, in the metric of the rates."""
        given = floats(z)
        z = given.astype(float)
        t = np.broadcast_to(np.asarray(t, dtype=float), z.shape)
        top = t.max(-1, keepdims=True)
        # A rate of zero, "do not move", is the limit of small rates.
        t = np.where(top > 0, np.maximum(t, 1e-100 * top), 1.0)
        # Counted from the value of the coordinate that has the largest tau when it stands alone,
        # huge entries lose no digits of the sum.
        first = ((z - self.total) / t).argmax(-1, keepdims=True)
        z = z - t * np.take_along_axis(z / t, first, -1)
        np.put_along_axis(z, first, 0.0, -1)
        z = np.minimum(z, self.total)
        order = np.argsort(-z / t, axis=-1, kind="stable")
        zs = np.take_along_axis(z, order, -1)
        ts = np.take_along_axis(t, order, -1)
        tau = (np.cumsum(zs, -1) - self.total) / np.cumsum(ts, -1)
        last = (zs > ts * tau).sum(-1, keepdims=True) - 1
        x = np.maximum(z - t * np.take_along_axis(tau, last, -1), 0.0)
        x *= self.total / x.sum(-1, keepdims=True)
        return np.asarray(x, given.dtype)

    def unit(self, dtype: Any) -> float:
        """Return the size of the set, or 1."""
        return min(1.0, self.total)

    def project(self, x: Array) -> Array:
        """Return the nearest point of the simplex."""
        return self.prox(x, 1.0)

    def repair(self, x: Array) -> None:
        """Restore signs and sum, in place."""
        np.maximum(x, 0.0, out=x)
        x *= self.total / x.sum(-1, keepdims=True)
