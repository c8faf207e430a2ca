"""Variables whose weighted sum is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._checks import finite_array, real_number, shown, whole_number
from skgd._rows import Array, Reals

from .base import Constraint, check_shape, floats, quiet, weak
from .box import Box
from .faces import Face, interior
from .knapsack import Rows, silent
from .penalties import ElasticNet, Within

SLACK = 1e-12
"""Relative rounding error that a sum of bounds may have when it is compared with the total."""


@dataclass(frozen=True, eq=False)
class Hyperplane(Constraint):
    r"""A weighted sum that is given, :math:`a \cdot x = c`, with bounds and a penalty if need be.

    The proximal operator is :math:`u(\nu) = \operatorname{prox}_{t h}(z - t\nu a)` of the penalty
    and the bounds, with the multiplier :math:`\nu` for which the sum is right.  As
    :math:`a \cdot u(\nu)` is piecewise linear and does not rise, the piece with the root is found
    by bisection of the sorted breakpoints, and there the equation is linear [1]_.  So the zeros of
    the penalty are exact, the bounds hold exactly, and the sum to rounding, about 1e-15 of
    :math:`\sum_i |a_i x_i|` in double precision.

    Parameters
    ----------
    normal : float or array_like of shape (m,), default 1
        The weights :math:`a`; a variable with weight 0 takes no part in the sum.
    total : float, default 1
        The sum :math:`c`.
    penalty : L1 or ElasticNet, optional
        A penalty that is added.
    bounds : Box, optional
        Bounds that hold too.
    rows : int, default 1
        The number of sums: ``x`` consists of so many rows of m variables, one after the other,
        and each row has the sum :math:`c`.

    Raises
    ------
    ValueError
        When an argument is not finite or of another kind, all weights are zero, or no point within
        the bounds has that sum.

    References
    ----------
    .. [1] K. C. Kiwiel, "Breakpoint searching algorithms for the continuous quadratic knapsack
       problem", Mathematical Programming 112 (2008), 473-491.

    Examples
    --------
    >>> from skgd.proximal import Box, Hyperplane
    >>> Hyperplane(total=1.0, bounds=Box(0, 0.5)).prox([3.0, 0.25, 0.0, -1.0], 1.0)
    array([0.5  , 0.375, 0.125, 0.   ])
    """

    normal: Any = 1.0
    total: float = 1.0
    penalty: ElasticNet | None = None
    bounds: Box | None = None
    rows: int = 1

    def __post_init__(self) -> None:
        normal = finite_array("normal", self.normal)
        if not normal.any():
            raise ValueError("normal must have a weight that is not zero")
        if not (self.penalty is None or isinstance(self.penalty, ElasticNet)):
            raise ValueError(
                f"penalty must be an L1 or ElasticNet such as skgd.L1(0.1), "
                f"got {shown(self.penalty)}"
            )
        if not (self.bounds is None or isinstance(self.bounds, Box)):
            raise ValueError(
                f"bounds must be a Box such as skgd.Box(0, 1), got {shown(self.bounds)}"
            )
        object.__setattr__(self, "normal", weak(normal))
        object.__setattr__(self, "total", real_number("total", self.total))
        object.__setattr__(self, "rows", whole_number("rows", self.rows, least=1))

    @quiet
    def prox(self, z: Array, t: Any) -> Array:
        """Return the point with the right sums that the penalty, the bounds and `z` ask for."""
        return self._moved(np.zeros_like(floats(z)), floats(z), t, self.total, self.penalty)

    @quiet
    def step(self, x: Array, p: Array, t: Any) -> Array:
        """Return the way to the proximal operator; a small one is not lost beside a large `x`."""
        return self._moved(x, p, t, 0.0, self.penalty)

    def value(self, x: Array) -> Reals:
        """Return the penalty."""
        return super().value(x) if self.penalty is None else self.penalty.value(x)

    @quiet
    def project(self, x: Array) -> Array:
        """Return the nearest point within the bounds that has the right sums."""
        return self._moved(np.zeros_like(floats(x)), floats(x), 1.0, self.total, None)

    @silent
    def unit(self, dtype: Any) -> Any:
        """Return the widths below 1 of what the bounds and the sum leave to each variable."""
        if self.bounds is None:
            return 1.0
        lower, upper = self.bounds.sides(dtype)
        n = max(lower.size, np.size(self.normal) * self.rows)
        least, most, rounding = self._range(n)
        room = np.minimum(self.total - least, most - self.total)
        room = np.where(room > rounding, room, 0.0)[:, None] / np.abs(self.normal)
        room = np.broadcast_to(room, (self.rows, n // self.rows)).ravel()
        width = np.minimum(np.minimum(upper - lower, room), 1.0)
        return np.asarray(np.where(width > 0, width, 1.0), dtype)

    def tangent(self, x: Array, g: Array) -> Face | None:
        """Return the face of bounds and penalty in whose interior `x` lies, with the normals."""
        free = np.full_like(x, np.inf)
        face: Face | None = Face(np.ones(x.shape, bool), g, -free, free)
        if self.penalty is not None:
            part: Constraint = self.penalty
            part = part if self.bounds is None else Within(part, self.bounds)
            face = part.face(x, g)
        elif self.bounds is not None:
            face = self.bounds.face(x, g)
        if face is None:
            return None
        m = x.size // self.rows
        normals = np.kron(np.eye(self.rows), np.broadcast_to(np.asarray(self.normal), (m,)))
        return interior(x, face, normals.astype(x.dtype))

    def repair(self, x: Array) -> None:
        """Restore bounds and sums, in place; zeros of the penalty stay zero."""
        repaired = self._rows(x, self.penalty).repaired(self.total)
        np.copyto(x, repaired.reshape(x.shape), casting="same_kind")

    def check(self, n: int) -> None:
        """Raise ValueError unless all parts fit `n` variables, and the sums can be reached."""
        if n % self.rows:
            raise ValueError(f"rows={self.rows} does not divide the number of variables, {n}")
        check_shape("normal", np.asarray(self.normal), n // self.rows)
        for part in (self.penalty, self.bounds):
            if part is not None:
                part.check(n)
        least, most, rounding = self._range(n)
        out = (self.total < least - rounding) | (self.total > most + rounding)
        for i in np.flatnonzero(out)[:1]:
            where = f" of row {i}" if self.rows > 1 else ""
            raise ValueError(
                f"total={self.total:g} cannot be reached: the bounds allow sums{where} from "
                f"{least[i]:g} to {most[i]:g} only; widen them"
            )

    def box(self) -> tuple[Array, Array] | None:
        """Return the bounds, if there are any."""
        return None if self.bounds is None else self.bounds.box()

    @silent
    def _range(self, n: int) -> tuple[Array, Array, Array]:
        """Return the least and the greatest sum of each row, and the rounding error in them."""
        shape = (self.rows, n // self.rows)
        if self.bounds is None:
            free = np.full(self.rows, np.inf)
            return -free, free, np.zeros(self.rows)
        ends = [
            np.broadcast_to(side, (n,)).reshape(shape) * self.normal
            for side in (self.bounds.lower, self.bounds.upper)
        ]
        # Without a weight, bounds that are infinite allow nothing.
        least, most = (np.where(self.normal == 0, 0.0, f(*ends)) for f in (np.minimum, np.maximum))
        size = [np.where(np.isfinite(end), np.abs(end), 0.0).sum(-1) for end in (least, most)]
        return least.sum(-1), most.sum(-1), SLACK * (abs(self.total) + size[0] + size[1])

    def _rows(self, x: Array, penalty: ElasticNet | None) -> Rows:
        """Return the variables in rows, of shape (..., rows, m)."""
        n = x.shape[-1]
        shape = (self.rows, n // self.rows)

        def rows(quantity: Any) -> Array:
            return np.broadcast_to(np.asarray(quantity, dtype=float), (n,)).reshape(shape)

        lower, upper = (-np.inf, np.inf) if self.bounds is None else self.bounds.sides(x.dtype)
        strength = ridge = 0.0
        if penalty is not None:
            strength = penalty.alpha * penalty.l1_ratio
            ridge = penalty.alpha * (1.0 - penalty.l1_ratio)
        return Rows(
            x.astype(float).reshape(*x.shape[:-1], *shape),
            np.broadcast_to(np.asarray(self.normal), shape[1:]),
            rows(strength),
            rows(ridge),
            rows(lower),
            rows(upper),
        )

    def _moved(self, x: Array, p: Array, t: Any, total: float, penalty: ElasticNet | None) -> Array:
        """Return the proximal step from `x` for the displacement `p`."""
        problem = self._rows(x, penalty)
        rates = np.broadcast_to(np.asarray(t, dtype=float), x.shape).reshape(problem.x.shape)
        step = problem.step(p.astype(float).reshape(problem.x.shape), rates, total)
        return np.asarray(step.reshape(x.shape) + 0.0, x.dtype)
