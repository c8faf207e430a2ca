"""The proximal step when a weighted sum is given: a continuous quadratic knapsack problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._rows import Array

silent = np.errstate(all="ignore")
"""Variables without bounds have infinite breakpoints, and those without a weight are divided by
zero; neither is an error."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of m variables around a point, whose displacements d are sought.

    Every array is of double precision and broadcasts against ``x``.

    Attributes
    ----------
    x : ndarray, shape (..., m)
        The point.
    normal : ndarray, shape (m,)
        The weights of the sum.
    strength, ridge : ndarray, shape (..., m)
        Factors of the absolute values, and of half the squares, of ``x + d`` in the penalty.
    lower, upper : ndarray, shape (..., m)
        The bounds of ``x + d``.
    """

    x: Array
    normal: Array
    strength: Array
    ridge: Array
    lower: Array
    upper: Array

    @silent
    def step(self, p: Array, t: Array, total: Any) -> Array:
        """Return the proximal step whose weighted sum is given.

        It is piecewise linear in the multiplier of the sum; bisection of the sorted breakpoints
        leaves one piece, on which some variables are held and the equation for the rest is linear.

        Parameters
        ----------
        p : ndarray, shape (..., m)
            The displacement that is wanted.
        t : ndarray, shape (..., m)
            The rates, which are not negative.
        total : float or ndarray, shape (..., 1)
            The sum of ``normal * d``.

        Returns
        -------
        ndarray, shape (..., m)
            The step; its sum is exact but for rounding.
        """
        strength, ridge = t * self.strength, t * self.ridge
        penalised, damp = bool(self.strength.any() or self.ridge.any()), 1.0 + ridge
        low, high = self.lower - self.x, self.upper - self.x
        pace = self.normal * _never_zero(t)
        weightless = pace == 0

        def at(multiplier: Array) -> Array:
            """Return the step for a multiplier, before the bounds."""
            step: Array = p - pace * multiplier
            if weightless.any():
                step = np.where(weightless, p, step)
            if not penalised:
                return step
            near = self.x + step
            step = (step - strength * np.sign(near) - ridge * self.x) / damp
            return np.where(np.abs(near) <= strength, -self.x, step)

        def excess(multiplier: Array) -> Array:
            step = np.minimum(np.maximum(at(multiplier), low), high)
            return np.asarray((self.normal * step).sum(-1, keepdims=True) - total)

        kinks = [strength, -strength] if self.strength.any() else []
        sides = [side for side in (self.lower, self.upper) if np.isfinite(side).any()]
        kinks += [side * damp + strength * np.sign(side) for side in sides]
        breakpoints = [
            np.where(weightless, np.inf, (p - (kink - self.x)) / pace) for kink in kinks
        ] or [np.empty((*p.shape[:-1], 0))]
        multiplier = _piece(excess, np.sort(np.concatenate(breakpoints, axis=-1), axis=-1))
        step = at(multiplier)
        held = (step <= low) | (step >= high) | ((step == -self.x) & (strength > 0))
        step = np.clip(step, low, high)
        pull = np.where(held, 0.0, pace / damp)
        slope = (self.normal * pull).sum(-1, keepdims=True)
        # On a piece without an end the first solution knows the multiplier to the digits of a
        # point far out, the second to its own.
        for _ in range(2):
            over = (self.normal * step).sum(-1, keepdims=True) - total
            multiplier = np.where(slope > 0, multiplier + over / slope, multiplier)
            step = np.where(held, step, np.clip(at(multiplier), low, high))
        return _settled(step, self.normal, pull, total, low, high)

    @silent
    def repaired(self, total: Any) -> Array:
        """Return the point nearest to `x`, but for rounding, within the bounds and with the sum.

        What a penalty or the bounds hold stays where it is.
        """
        x = np.clip(self.x, self.lower, self.upper)
        held = (x <= self.lower) | (x >= self.upper) | ((x == 0) & (self.strength > 0))
        pull = np.where(held, 0.0, self.normal)
        return _settled(x, self.normal, pull, total, self.lower, self.upper)


def _never_zero(t: Array) -> Array:
    """Return positive rates: a rate of zero, "do not move", is the limit of small rates."""
    top = t.max(-1, keepdims=True)
    return np.where(top > 0, np.maximum(t, 1e-100 * top), 1.0)


def _piece(excess: Callable[[Array], Array], breakpoints: Array) -> Array:
    """Return a point within the piece between two breakpoints on which `excess` falls to zero."""
    count = breakpoints.shape[-1]
    above = np.full((*breakpoints.shape[:-1], 1), -1)
    below = np.full_like(above, count)
    for _ in range(count.bit_length()):
        middle = (above + below) // 2
        inside = np.maximum(middle, 0)
        rises = excess(np.take_along_axis(breakpoints, inside, -1)) > 0
        above = np.where((middle > above) & rises, middle, above)
        below = np.where((middle > above) & ~rises, middle, below)
    ends = np.concatenate((np.full_like(above, -np.inf, dtype=float), breakpoints), axis=-1)
    ends = np.concatenate((ends, np.full_like(above, np.inf, dtype=float)), axis=-1)
    left = np.take_along_axis(ends, above + 1, -1)
    right = np.take_along_axis(ends, below + 1, -1)
    beyond = np.where(np.isinf(left), right - np.maximum(1.0, np.abs(right)), left)
    beyond = np.where(np.isinf(right), left + np.maximum(1.0, np.abs(left)), beyond)
    beyond = np.where(np.isinf(left) & np.isinf(right), np.where(left == right, left, 0.0), beyond)
    return np.where(np.isinf(left) | np.isinf(right), beyond, left / 2 + right / 2)


def _settled(x: Array, normal: Array, pull: Array, total: Any, low: Array, high: Array) -> Array:
    """Return `x` with its sum corrected by a multiple of the pulls, within the bounds."""
    share = (normal * pull).sum(-1, keepdims=True)
    for _ in range(2):
        over = (normal * x).sum(-1, keepdims=True) - total
        x = np.where(share > 0, np.clip(x - over / share * pull, low, high), x)
    return x
