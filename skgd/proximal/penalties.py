"""Penalties that make variables small, or exactly zero."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from skgd._checks import finite_array, no_class, real_number, shown
from skgd._rows import Array, Reals

from .base import Constraint, check_shape, floats, quiet, weak
from .box import Box
from .faces import Face, bounded


@dataclass(frozen=True, eq=False)
class ElasticNet(Constraint):
    r"""The penalty :math:`\alpha\,(\rho\lVert x\rVert_1 + \tfrac{1-\rho}{2}\lVert x\rVert_2^2)`.

    Its proximal operator shrinks towards zero and sets small entries to exactly zero,
    :math:`\operatorname{sign}(z)\max(|z| - t\alpha\rho, 0) / (1 + t\alpha(1-\rho))`.

    Parameters
    ----------
    alpha : float or array_like of shape (n,)
        Strength, or one strength a variable; 0 leaves a variable alone.
    l1_ratio : float, default 0.5
        The share :math:`\rho` of the absolute values, in [0, 1].

    Raises
    ------
    ValueError
        When `alpha` is negative or not finite, or `l1_ratio` is outside [0, 1].

    Examples
    --------
    >>> from skgd import ElasticNet
    >>> ElasticNet(1.0, l1_ratio=0.5).prox([3.0, 0.25], 1.0)
    array([1.66666667, 0.        ])
    """

    alpha: Any
    l1_ratio: float = 0.5
    separable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        alpha = finite_array("alpha", self.alpha)
        if (alpha < 0).any():
            raise ValueError(f"alpha must not be negative, got {self.alpha!r}")
        ratio = real_number("l1_ratio", self.l1_ratio)
        if not 0.0 <= ratio <= 1.0:
            raise ValueError(f"l1_ratio must lie in [0, 1], got {ratio!r}")
        object.__setattr__(self, "alpha", weak(alpha))
        object.__setattr__(self, "l1_ratio", ratio)

    @quiet
    def prox(self, z: Array, t: Any) -> Array:
        """Return `z`, shrunk towards zero."""
        z = floats(z)
        strength = self.alpha * t
        shrunk = np.maximum(np.abs(z) - strength * self.l1_ratio, 0.0)
        if self.l1_ratio < 1.0:
            shrunk /= 1.0 + strength * (1.0 - self.l1_ratio)
        # Zeros are positive, whatever the sign of z.
        return np.asarray(np.copysign(shrunk, z) + 0.0, z.dtype)

    @quiet
    def step(self, x: Array, p: Array, t: Any) -> Array:
        """Return the way to the proximal operator; a small one is not lost beside a large `x`."""
        z = x + p
        strength = self.alpha * t
        shrink = strength * self.l1_ratio
        damp = strength * (1.0 - self.l1_ratio)
        way = (p - shrink * np.sign(z) - damp * x) / (1.0 + damp)
        return np.asarray(np.where(np.abs(z) <= shrink, -x, way), x.dtype)

    @quiet
    def value(self, x: Array) -> Reals:
        """Return the penalty."""
        terms = self.l1_ratio * np.abs(x)
        if self.l1_ratio < 1.0:
            terms += (0.5 * (1.0 - self.l1_ratio)) * x * x
        total = (self.alpha * terms).sum(axis=-1)
        return float(total) if x.ndim == 1 else total

    def on(self, chosen: Array) -> ElasticNet:
        """Return the penalty of some of the coordinates."""
        alpha = np.asarray(self.alpha)
        return ElasticNet(alpha[chosen] if alpha.size > 1 else alpha, self.l1_ratio)

    def check(self, n: int) -> None:
        """Raise ValueError unless there is one strength for all variables or for each."""
        check_shape("alpha", np.asarray(self.alpha), n)

    @quiet
    def face(self, x: Array, g: Array) -> Face:
        """Return the orthant that steepest descent enters, without the entries it leaves at zero.

        An entry without a strength is free on both sides of zero.
        """
        strength, ridge = self.alpha * self.l1_ratio, self.alpha * (1.0 - self.l1_ratio)
        slope = g + ridge * x
        entering = np.copysign(np.maximum(np.abs(slope) - strength, 0.0), slope)
        gradient = np.where(x == 0, entering, slope + strength * np.sign(x))
        side = np.where(x == 0, -entering, x)
        kinked = np.asarray(strength) > 0
        lower = np.where(kinked & (side >= 0), 0.0, -np.inf)
        upper = np.where(kinked & (side <= 0), 0.0, np.inf)
        return bounded(x, gradient, lower, upper, ridge)


@dataclass(frozen=True, eq=False)
class L1(ElasticNet):
    r"""The penalty :math:`\alpha\lVert x\rVert_1`, which makes entries exactly zero.

    Parameters
    ----------
    alpha : float or array_like of shape (n,)
        Strength, or one strength a variable; 0 leaves a variable alone.

    Raises
    ------
    ValueError
        When `alpha` is negative or not finite.

    Examples
    --------
    >>> from skgd import L1
    >>> L1(1.0).prox([3.0, -0.5], 1.0)
    array([2., 0.])
    """

    l1_ratio: float = field(default=1.0, init=False, repr=False)


@dataclass(frozen=True, eq=False)
class Within(Constraint):
    r"""A separable penalty inside a box.

    In one dimension the minimum of a convex function over an interval is its free minimum, clipped;
    so the proximal operator of the sum is the penalty's, clipped.

    Parameters
    ----------
    penalty : Constraint
        A separable penalty, such as `L1`; where it has bounds of its own, both hold.
    bounds : Box
        The box.

    Raises
    ------
    ValueError
        When the penalty is not separable, or an argument is of another kind.

    Examples
    --------
    >>> from skgd import L1, Box, Within
    >>> Within(L1(1.0), Box([0, 0], [1, 1])).prox([3.0, -5.0], 1.0)
    array([1., 0.])
    """

    penalty: Constraint
    bounds: Box
    separable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        no_class("penalty", self.penalty, Constraint)
        if not isinstance(self.penalty, Constraint):
            raise ValueError(
                f"penalty must be a Constraint such as skgd.L1(0.1), got {shown(self.penalty)}"
            )
        if not isinstance(self.bounds, Box):
            raise ValueError(
                f"bounds must be a Box such as skgd.Box(0, 1), got {shown(self.bounds)}"
            )
        if not self.penalty.separable:
            name = type(self.penalty).__name__
            takes = hasattr(self.penalty, "bounds")
            remedy = f"write {name}(..., bounds=skgd.Box(...))" if takes else "leave out the bounds"
            raise ValueError(
                f"{name} cannot be combined with bounds: its proximal operator does not act on "
                f"each variable by itself; {remedy}"
            )
        own = self.penalty.box()
        if own is not None:
            object.__setattr__(self, "bounds", self.bounds.intersection(Box(*own)))

    def prox(self, z: Array, t: Any) -> Array:
        """Return the penalty's proximal operator, clipped."""
        return self.bounds.project(self.penalty.prox(z, t))

    def step(self, x: Array, p: Array, t: Any) -> Array:
        """Return the penalty's way, clipped."""
        return self.bounds.step(x, self.penalty.step(x, p, t), t)

    def unit(self, dtype: Any) -> Any:
        """Return the widths below 1."""
        return self.bounds.unit(dtype)

    def value(self, x: Array) -> Reals:
        """Return the penalty."""
        return self.penalty.value(x)

    def project(self, x: Array) -> Array:
        """Return `x`, clipped."""
        return self.bounds.project(self.penalty.project(x))

    def repair(self, x: Array) -> None:
        """Clip `x` in place."""
        self.penalty.repair(x)
        self.bounds.repair(x)

    def on(self, chosen: Array) -> Constraint | None:
        """Return penalty and box of some of the coordinates."""
        penalty = self.penalty.on(chosen)
        return None if penalty is None else Within(penalty, self.bounds.on(chosen))

    def check(self, n: int) -> None:
        """Raise ValueError unless both parts fit `n` variables."""
        self.penalty.check(n)
        self.bounds.check(n)

    def box(self) -> tuple[Array, Array]:
        """Return the bounds."""
        return self.bounds.box()

    def face(self, x: Array, g: Array) -> Face | None:
        """Return the part of the penalty's face that lies in the box."""
        face = self.penalty.face(x, g)
        return None if face is None else self.bounds.narrowed(face, x)
