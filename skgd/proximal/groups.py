"""The penalty that makes whole groups of variables exactly zero."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skgd._checks import finite_array, real_array, shown
from skgd._rows import Array, Reals

from .base import Constraint, floats, quiet, weak
from .box import Box
from .faces import Face, interior

MOST_STEPS = 100
"""Steps to the length of a group; Newton's take about five, those of bisection fifty."""


@dataclass(frozen=True, eq=False)
class GroupLasso(Constraint):
    r"""The penalty :math:`\sum_g \alpha_g \lVert x_g\rVert_2`, where a group is zero as a whole.

    Its proximal operator shortens each group, :math:`z_g \max(1 - t\alpha_g/\lVert z_g\rVert, 0)`
    [1]_.  With one rate a variable it is :math:`z_i\, r/(r + t_i\alpha_g)`, where the length
    :math:`r` of the result is the root of :math:`\sum_{i \in g} z_i^2/(r + t_i\alpha_g)^2 = 1`;
    within bounds these entries are clipped, and the root is the one of the norm of what is left.

    Parameters
    ----------
    alpha : float or array_like of shape (G,)
        Strength, or one strength a group; 0 leaves a group alone.  Multiply by the square root of
        a group's size to treat groups of all sizes alike.
    groups : array_like of int, shape (n,)
        The group of each variable, from 0 to G - 1; -1 for a variable without a penalty.
    bounds : Box, optional
        Bounds that hold too.

    Raises
    ------
    ValueError
        When `alpha` is negative or not finite, a group is not a whole number of at least -1, there
        is not one strength for each group, or `bounds` is not a Box.

    References
    ----------
    .. [1] M. Yuan and Y. Lin, "Model selection and estimation in regression with grouped
       variables", Journal of the Royal Statistical Society B 68 (2006), 49-67.

    Examples
    --------
    >>> from skgd.proximal import GroupLasso
    >>> GroupLasso(1.0, groups=[0, 0, 1, 1, -1]).prox([3.0, 4.0, 0.5, 0.5, 7.0], 1.0)
    array([2.4, 3.2, 0. , 0. , 7. ])
    """

    alpha: Any
    groups: Any
    bounds: Box | None = None
    _order: Array = field(init=False, repr=False)
    _starts: Array = field(init=False, repr=False)
    _sizes: Array = field(init=False, repr=False)
    _strength: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        groups = _numbers(self.groups)
        alpha = finite_array("alpha", self.alpha)
        count = int(groups.max(initial=-1)) + 1
        if (alpha < 0).any():
            raise ValueError(f"alpha must not be negative, got {shown(self.alpha)}")
        if alpha.shape not in ((), (1,), (count,)):
            raise ValueError(
                f"alpha must be one number or have shape ({count},), one for each group; "
                f"got shape {alpha.shape}"
            )
        if not (self.bounds is None or isinstance(self.bounds, Box)):
            raise ValueError(
                f"bounds must be a Box such as skgd.Box(0, 1), got {shown(self.bounds)}"
            )
        order = np.argsort(groups, kind="stable")[np.count_nonzero(groups == -1) :]
        present, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
        object.__setattr__(self, "alpha", weak(alpha))
        object.__setattr__(self, "groups", groups)
        object.__setattr__(self, "_order", order)
        object.__setattr__(self, "_starts", starts)
        object.__setattr__(self, "_sizes", sizes)
        object.__setattr__(self, "_strength", np.broadcast_to(alpha, (count,))[present])

    @quiet
    def prox(self, z: Array, t: Any) -> Array:
        """Return `z` with every group shortened."""
        z = floats(z)
        # Zeros are positive, whatever the sign of z.
        u = np.asarray((1.0 - self._share(z, t)) * z + 0.0, z.dtype)
        return u if self.bounds is None else self.bounds.project(u)

    @quiet
    def step(self, x: Array, p: Array, t: Any) -> Array:
        """Return the way to the proximal operator; a small one is not lost beside a large `x`."""
        share = self._share(x + p, t)
        way = np.asarray((1.0 - share) * p - share * x, x.dtype)
        return way if self.bounds is None else self.bounds.step(x, way, t)

    @quiet
    def value(self, x: Array) -> Reals:
        """Return the penalty."""
        total = (self._strength * self._lengths(x[..., self._order])).sum(axis=-1)
        return float(total) if x.ndim == 1 else total

    def project(self, x: Array) -> Array:
        """Return `x`, clipped."""
        return x if self.bounds is None else self.bounds.project(x)

    def unit(self, dtype: Any) -> Any:
        """Return the widths below 1."""
        return 1.0 if self.bounds is None else self.bounds.unit(dtype)

    def tangent(self, x: Array, g: Array) -> Face | None:
        r"""Return the face of the groups that are not zero, with the curvature of their norms.

        It is :math:`\alpha_g\,(I - \hat x_g \hat x_g^T) / \lVert x_g \rVert_2`.
        """
        (n,) = x.shape
        length = np.ones(n)
        length[self._order] = self._spread(self._lengths(x[self._order]))
        strength = np.zeros(n)
        strength[self._order] = self._spread(self._strength)
        zero = length == 0
        unit = np.where(zero, 0.0, x / np.where(zero, 1.0, length))
        over = np.where(zero, 0.0, strength / np.where(zero, 1.0, length))
        together = (self.groups[:, None] == self.groups) & (strength > 0)
        curvature = np.diag(over) - together * np.outer(over * unit, unit)
        lower, upper = self._sides_of(x)
        face = Face(
            free=~zero,
            gradient=np.asarray(g + strength * unit, x.dtype),
            lower=np.where(zero, x, lower),
            upper=np.where(zero, x, upper),
            curvature=curvature,
        )
        return interior(x, face)

    def _sides_of(self, x: Array) -> tuple[Any, Any]:
        """Return the bounds."""
        return (-np.inf, np.inf) if self.bounds is None else self.bounds.sides(x.dtype)

    def repair(self, x: Array) -> None:
        """Clip `x` in place."""
        if self.bounds is not None:
            self.bounds.repair(x)

    def box(self) -> tuple[Array, Array] | None:
        """Return the bounds, if there are any."""
        return None if self.bounds is None else self.bounds.box()

    def check(self, n: int) -> None:
        """Raise ValueError unless there is one group for each variable."""
        if self.bounds is not None:
            self.bounds.check(n)
        if self.groups.shape != (n,):
            raise ValueError(
                f"groups must have shape ({n},), one for each variable; got shape "
                f"{self.groups.shape}"
            )

    def _sums(self, terms: Array) -> Array:
        """Return the sums over each group of terms that stand in order."""
        if not self._order.size:
            return np.zeros((*terms.shape[:-1], 0))
        return np.asarray(np.add.reduceat(terms, self._starts, axis=-1, dtype=float))

    def _spread(self, quantity: Array) -> Array:
        """Return a quantity of each group for each of its variables, in order."""
        return np.repeat(quantity, self._sizes, axis=-1)

    def _lengths(self, z: Array) -> Array:
        """Return the norm of each group of a point that stands in order."""
        with np.errstate(all="ignore"):
            z = z.astype(float, copy=False)
            return np.sqrt(self._sums(z * z))

    def _share(self, z: Array, t: Any) -> Array:
        """Return the share of each variable that the penalty takes away, 1 for all of it."""
        share = np.zeros(z.shape)
        ordered = z[..., self._order].astype(float)
        with np.errstate(all="ignore"):
            if self.bounds is None and not (np.ndim(t) and np.shape(t)[-1] > 1):
                shrink, length = self._strength * t, self._lengths(ordered)
                part = np.where(shrink < length, shrink / length, shrink > 0)
                part = self._spread(part)
            else:
                shrink = np.broadcast_to(t, z.shape)[..., self._order]
                shrink = self._spread(self._strength) * shrink
                length = self._spread(self._root(ordered, shrink, *self._sides(z)))
                part = np.where(length > 0, shrink / (length + shrink), shrink > 0)
        share[..., self._order] = part
        return share

    def _sides(self, z: Array) -> tuple[Any, Any]:
        """Return the bounds in order."""
        if self.bounds is None:
            return -np.inf, np.inf
        lower, upper = self.bounds.sides(z.dtype)
        n = z.shape[-1:]
        return np.broadcast_to(lower, n)[self._order], np.broadcast_to(upper, n)[self._order]

    def _root(self, z: Array, shrink: Array, lower: Any, upper: Any) -> Array:
        """Return the length r of each group's result.

        It is the root of |v(r)| = 1 for ``v(r) = clip(z r / (r + shrink)) / r``, whose norm falls.
        Newton's method on 1/|v(r)| - 1, which without bounds is concave in r and nearly linear,
        rises to the root without overshooting, as in the problem of a trust region (More and
        Sorensen 1983); bounds may bend the function, so bisection stands by.  Where all the rates
        of a group are equal and no bound holds, the start is the root.
        """
        # What is beyond a bound on the other side of zero stays on it, however short the group is.
        z = np.where(lower >= 0, np.maximum(z, lower), z)
        z = np.where(upper <= 0, np.minimum(z, upper), z)
        low = self._lengths(np.clip(np.where(shrink > 0, 0.0, z), lower, upper))
        high = self._lengths(np.clip(z, lower, upper))
        most = np.maximum.reduceat(shrink, self._starts, axis=-1) if shrink.size else low
        r: Array = np.clip(self._lengths(z) - most, low, high)
        for _ in range(MOST_STEPS):
            scale, length = self._spread(r) + shrink, self._spread(r)
            part = np.where(scale > 0, z / scale, 0.0)
            inside = np.clip(part * length, lower, upper)
            held = inside != part * length
            part = np.where(held, inside / length, part)
            scale = np.where(held, length, scale)
            square = self._sums(part * part)
            slope = self._sums(np.where(scale > 0, part * part / scale, 0.0))
            size = np.sqrt(square)
            low, high = np.where(size >= 1, r, low), np.where(size <= 1, r, high)
            moved = r + (size - 1.0) * square / slope
            moved = np.where((low <= moved) & (moved <= high), moved, (low + high) / 2)
            done = ~(np.abs(moved - r) > 1e-15 * r)
            r = moved
            if done.all():
                break
        return r


def _numbers(groups: Any) -> Array:
    """Return the numbers of the groups as a new, read-only array of int."""
    given = real_array("groups", groups)
    if given.ndim != 1:
        raise ValueError(f"groups must have one dimension, got shape {given.shape}")
    numbers = given.astype(np.intp, copy=True) if np.isfinite(given).all() else None
    if numbers is None or given.dtype.kind == "b" or not (numbers == given).all():
        raise ValueError(f"groups must be whole numbers, got {shown(groups)}")
    if (numbers < -1).any():
        raise ValueError(
            f"groups must be 0 or more, or -1 for a variable without a penalty; got {numbers.min()}"
        )
    numbers.flags.writeable = False
    return numbers
