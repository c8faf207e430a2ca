"""Steepest descent in the scale of each coordinate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skgd._rows import Array, Reals, column

from .base import Arrays, Direction, scale

__all__ = ["Scaled"]


@dataclass(slots=True)
class _Scales(Arrays):
    inverse: Any = None


@dataclass(frozen=True)
class Scaled(Direction):
    r"""Steepest descent in the scale of each coordinate, :math:`p_k = -t_k H_k^{-1} g_k`.

    The diagonal :math:`H_k` comes from a gradient scheme that measures curvatures along the way,
    as `SPSA` does, scaled so that steps are stable up to the rate one; with any other scheme this
    is `Steepest`.

    Pick it for random estimates of the gradient, where variables have different units.

    Examples
    --------
    >>> from skgd import Gains, Method, Scaled
    >>> method = Method(Scaled(), Gains(), options={"gradient": "spsa", "rng": 1})
    >>> bool(method(lambda x: x[0] ** 2 + 1e6 * x[1] ** 2, [1.0, 1.0]).fun < 1e-9)
    True
    """

    own_rates: ClassVar[bool] = True

    def start(self, x: Array) -> _Scales:
        """Start without a scale."""
        return _Scales()

    def advise(self, state: _Scales, curvature: Array) -> float | None:
        """Take in the curvatures; the natural rate is one."""
        state.inverse = 1.0 / (curvature.size * curvature)
        return 1.0

    def displacement(self, state: _Scales, g: Array, t: Reals) -> Array:
        """Return the gradient, scaled, times -t."""
        p = state.like(g)
        if state.inverse is None:
            scale(g, -t, p)
        else:
            np.multiply(g, -t * state.inverse, p)
        return p

    def rates(self, state: _Scales, t: Reals) -> Any:
        """Return the rate of each coordinate."""
        return column(t) if state.inverse is None else t * state.inverse
