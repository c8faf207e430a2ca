"""What the penalty and the constraints of an estimator's coefficients mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._checks import did_you_mean, not_negative, real_number, shown, switch
from ._columns import Columns, read_bounds, read_groups, read_weights
from ._rows import Array
from .proximal import L1, Box, Constraint, GroupLasso, Hyperplane, Within

__all__ = ["PENALTIES", "Penalty", "read_penalty"]

PENALTIES = ("l2", "l1", "elasticnet", "group")
"""The names of the penalties; None stands for none."""

SLACK = 1e-12
"""Relative rounding error that a sum of bounds may have when it is compared with ``coef_sum``."""


@dataclass(frozen=True, eq=False)
class Penalty:
    r"""The penalty of coefficients, and what they are allowed to be.

    The penalty of the coefficients w of one output is

    .. math:: \sum_j \tfrac{1}{2} r_j w_j^2 + \sum_j s_j |w_j| + \sum_g \gamma_g \lVert w_g\rVert_2

    within bounds and, if asked for, with a given sum.  The squares are smooth and belong to the
    objective; the rest is a `Constraint` of the descent.

    Parameters
    ----------
    ridge : ndarray, shape (d,)
        The factors :math:`r` of the squares.
    strength : ndarray, shape (d,)
        The factors :math:`s` of the absolute values.
    groups : ndarray of int, shape (d,)
        The group of each column, -1 for none.
    group_strength : ndarray, shape (G,)
        The factors :math:`\gamma` of the norms of the groups.
    bounds : Box
        The bounds, of shape (d,).
    total : float, optional
        The sum of the coefficients.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.penalties import read_penalty
    >>> penalty = read_penalty("elasticnet", 1.0, 0.5, bounds=(0, None), d=2)
    >>> penalty.value(np.array([[2.0, 1.0]]))
    2.75
    >>> constraint = penalty.constraint(np.ones(2), outputs=1, intercept=True)
    >>> constraint.prox([3.0, -1.0, -7.0], 1.0)
    array([ 2.5,  0. , -7. ])
    """

    ridge: Array
    strength: Array
    groups: Array
    group_strength: Array
    bounds: Box
    total: float | None = None

    @property
    def bounded(self) -> bool:
        """Whether a coefficient has a bound."""
        return bool(np.isfinite(self.bounds.lower).any() or np.isfinite(self.bounds.upper).any())

    @property
    def smooth(self) -> bool:
        """Whether nothing but squares is left: no constraint, no absolute values, no groups."""
        kinked = self.strength.any() or self.group_strength.any()
        return not (kinked or self.bounded or self.total is not None)

    def scales(self, sigma: Array) -> Array:
        """Return scales of the columns in which the constraint can be written without loss.

        Parameters
        ----------
        sigma : ndarray, shape (d,)
            Scales that are wanted.

        Returns
        -------
        ndarray, shape (d,)
            Positive: 1 stands for what is not.  The same within each group, the root of the mean
            square; powers of two where there are bounds or a sum, which scaling then leaves exact.
        """
        wild = ~(np.isfinite(sigma) & (sigma > 0))
        scales = np.where(wild, 1.0, sigma)
        if self.group_strength.size:
            inside = self.groups >= 0
            numbers = self.groups[inside]
            squares = np.bincount(numbers, scales[inside] ** 2) / np.bincount(numbers)
            scales[inside] = np.sqrt(squares)[numbers]
        if self.bounded or self.total is not None:
            return np.exp2(np.round(np.log2(scales)))
        return scales

    def constraint(self, sigma: Array, outputs: int, intercept: bool) -> Constraint | None:
        r"""Return what the descent has to heed, for the scaled coefficients :math:`u = w\sigma`.

        Parameters
        ----------
        sigma : ndarray, shape (d,)
            The scales of the columns, as `scales` returns them.
        outputs : int
            The number of outputs: the descent's vector has a row of d coefficients for each.
        intercept : bool
            Whether an intercept, which is free, stands at the end of each row.

        Returns
        -------
        Constraint or None
            For vectors of shape (outputs * (d + intercept),); None when the penalty is smooth.
        """

        def rows(values: Array, free: float) -> Array:
            return np.tile(np.append(values, free) if intercept else values, outputs)

        box = lasso = None
        if self.bounded:
            lower, upper = self.bounds.lower * sigma, self.bounds.upper * sigma
            box = Box(rows(lower, -np.inf), rows(upper, np.inf))
        if self.group_strength.any():
            return self._group_lasso(sigma, outputs, rows(self.groups, -1), box)
        if self.strength.any():
            lasso = L1(rows(self.strength / sigma, 0.0))
        if self.total is not None:
            normal = np.append(1.0 / sigma, 0.0) if intercept else 1.0 / sigma
            return Hyperplane(normal, self.total, penalty=lasso, bounds=box, rows=outputs)
        return Within(lasso, box) if lasso and box else lasso or box

    def value(self, coef: Array) -> float:
        """Return the penalty, squares included.

        Parameters
        ----------
        coef : ndarray, shape (K, d)
            The coefficients, not scaled, a row for each output.

        Returns
        -------
        float
            The penalty of all outputs together.
        """
        coef = np.atleast_2d(np.asarray(coef, dtype=float))
        total = (self.ridge / 2 * coef**2).sum() + (self.strength * np.abs(coef)).sum()
        if self.group_strength.size:
            total += np.sum(GroupLasso(self.group_strength, self.groups).value(coef))
        return float(total)

    def _group_lasso(
        self, sigma: Array, outputs: int, groups: Array, box: Box | None
    ) -> GroupLasso:
        """Return the penalty of the groups, of which each output has its own."""
        count = self.group_strength.size
        inside = self.groups >= 0
        scale = np.ones(count)
        scale[self.groups[inside]] = sigma[inside]
        output = np.repeat(np.arange(outputs), groups.size // outputs)
        numbers = np.where(groups < 0, -1, groups + count * output)
        return GroupLasso(np.tile(self.group_strength / scale, outputs), numbers, box)


def read_penalty(
    penalty: str | None,
    alpha: float = 1e-4,
    l1_ratio: float = 0.15,
    penalty_weights: Any = None,
    groups: Any = None,
    bounds: Any = None,
    positive: bool = False,
    coef_sum: float | None = None,
    names: Sequence[str] | None = None,
    *,
    d: int,
) -> Penalty:
    r"""Return what an estimator's arguments about its coefficients mean.

    Where an argument is a dict, its keys are names of columns or their positions, and columns that
    it leaves out are as if the argument had not been given.

    Parameters
    ----------
    penalty : {"l2", "l1", "elasticnet", "group"} or None
        :math:`\tfrac{\alpha}{2}\lVert w\rVert_2^2`, :math:`\alpha\lVert w\rVert_1`,
        :math:`\alpha(\rho\lVert w\rVert_1 + \tfrac{1-\rho}{2}\lVert w\rVert_2^2)` or
        :math:`\alpha\sum_g \sqrt{d_g}\,\lVert w_g\rVert_2` with the sizes :math:`d_g` of the
        groups; None for none.
    alpha : float, default 1e-4
        The strength :math:`\alpha`, not negative.
    l1_ratio : float, default 0.15
        The share :math:`\rho` of the absolute values in "elasticnet", in [0, 1].
    penalty_weights : array_like of shape (d,) or dict, optional
        A factor of `alpha` for each column, not negative; 0 leaves the column without a penalty.
        The same for all columns of a group.
    groups : array_like of shape (d,) or dict, optional
        The group of each column, a whole number or a text, for "group"; -1 for a column without a
        penalty.  A column that a dict leaves out is a group of its own.
    bounds : pair, array_like of shape (d, 2), scipy.optimize.Bounds or dict of pairs, optional
        The bounds of each coefficient, or one pair for all; None and infinities stand for none.
    positive : bool, default False
        Whether the coefficients must not be negative, besides the bounds.
    coef_sum : float, optional
        The sum of the coefficients (of each output).
    names : sequence of str, optional
        The names of the columns.
    d : int
        The number of columns.

    Returns
    -------
    Penalty
        The penalty.

    Raises
    ------
    ValueError
        When an argument is of another kind, names an unknown column, or contradicts another.

    Examples
    --------
    >>> from skgd.penalties import read_penalty
    >>> penalty = read_penalty("l1", 0.1, penalty_weights={"age": 0}, names=["age", "price"], d=2)
    >>> penalty.strength
    array([0. , 0.1])
    """
    if penalty is not None and penalty not in PENALTIES:
        raise ValueError(
            f"penalty must be one of {', '.join(map(repr, PENALTIES))} or None, got "
            f"{shown(penalty)}{did_you_mean(penalty, PENALTIES)}"
        )
    columns = Columns(d, None if names is None else tuple(map(str, names)))
    alpha = not_negative("alpha", alpha)
    ratio = real_number("l1_ratio", l1_ratio)
    if not 0.0 <= ratio <= 1.0:
        raise ValueError(f"l1_ratio must lie in [0, 1], got {ratio!r}")
    weights = read_weights(penalty_weights, columns)
    box = read_bounds(bounds, switch("positive", positive), columns)
    total = None if coef_sum is None else _read_sum(coef_sum, box)
    absolute = {"l1": 1.0, "elasticnet": ratio}.get(penalty or "", 0.0)
    squares = {"l2": 1.0, "elasticnet": 1.0 - ratio}.get(penalty or "", 0.0)
    numbers, group_strength = np.full(d, -1), np.zeros(0)
    if penalty == "group":
        if total is not None:
            raise ValueError(
                "penalty='group' cannot be combined with coef_sum; use another penalty, or leave "
                "out coef_sum"
            )
        numbers = read_groups(groups, columns)
        group_strength = alpha * _group_factors(numbers, weights, columns)
    return Penalty(
        alpha * squares * weights,
        alpha * absolute * weights,
        numbers,
        group_strength,
        box,
        total,
    )


def _read_sum(value: Any, box: Box) -> float:
    """Return the sum of the coefficients, once it is known that the bounds allow it."""
    total = real_number("coef_sum", value)
    least, most = math.fsum(box.lower), math.fsum(box.upper)
    ends = [end for end in (*box.lower, *box.upper) if math.isfinite(end)]
    rounding = SLACK * (abs(total) + math.fsum(map(abs, ends)))
    if not least - rounding <= total <= most + rounding:
        limit = f"at least {least:g}" if total < least else f"at most {most:g}"
        raise ValueError(
            f"coef_sum={total:g} cannot be reached: within their bounds the coefficients sum up to "
            f"{limit}; widen the bounds"
        )
    return total


def _group_factors(groups: Array, weights: Array, columns: Columns) -> Array:
    """Return the factor of alpha for each group: the root of its size, times its weight."""
    count = int(groups.max(initial=-1)) + 1
    factors = np.zeros(count)
    for g in range(count):
        (members,) = np.nonzero(groups == g)
        own = weights[members]
        if (own != own[0]).any():
            j = members[np.argmax(own != own[0])]
            raise ValueError(
                f"penalty_weights must be the same for all columns of a group, got {own[0]:g} for "
                f"{columns.called(int(members[0]))} and {weights[j]:g} for {columns.called(int(j))}"
            )
        factors[g] = math.sqrt(members.size) * own[0]
    return factors
