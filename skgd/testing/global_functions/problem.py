"""What a global test problem is, and the catalogue that a module of formulas fills."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from skgd._rows import Array

Formula: TypeAlias = Callable[[Array], Any]
"""Takes points of shape ``(n, m)``, one a column, to their values, shape ``(m,)``."""

Stated: TypeAlias = float | Sequence[float]
"""A number for each variable; a shorter pattern is repeated to length n."""

BySize: TypeAlias = Stated | Mapping[int, Stated]
"""The same for every n, or stated for each n that is offered."""


@dataclass(frozen=True, eq=False)
class GlobalProblem:
    r"""A function with a box, and its global minimum in the box.

    Attributes
    ----------
    name : str
        Unique name; the number of variables ends it where the family has several sizes.
    n : int
        Number of variables.
    fun : callable
        ``fun(x)``: a float for `x` of shape ``(n,)``, an array of shape ``(m,)`` for `x` of shape
        ``(n, m)``, one point a column, as SciPy's ``vectorized=True`` has it. Overflow gives
        ``inf`` or ``nan`` without a warning.
    bounds : tuple of (lower, upper)
        The box to search, finite for every variable.
    best : float
        The global minimum :math:`f^*` of `fun` in the box, in double precision.
    x_best : (n,) array
        A point of the box where it is attained, read-only. There may be others.
    source : str
        Where the function comes from.
    family : str
        Name without the number of variables.
    group : str
        Subject: the module that states the formula, such as "ripples" or "valleys".

    Examples
    --------
    >>> from skgd.testing import global_problems
    >>> (camel,) = global_problems(names="six_hump_camel")
    >>> camel.bounds, round(camel.best, 6)
    (((-3.0, 3.0), (-2.0, 2.0)), -1.031628)
    >>> camel.fun([0, 1])
    0.0
    >>> camel.fun([[0, 1, 0], [1, 0, 0.5]])
    array([ 0.        ,  2.23333333, -0.75      ])
    """

    name: str
    n: int
    fun: Callable[[Any], Any] = field(repr=False)
    bounds: tuple[tuple[float, float], ...] = field(repr=False)
    best: float
    x_best: Array = field(repr=False)
    source: str = field(repr=False)
    family: str = field(repr=False)
    group: str = field(repr=False)

    def __post_init__(self) -> None:
        """Protect the minimiser from being written to."""
        self.x_best.flags.writeable = False

    @property
    def centred(self) -> bool:
        """Whether the minimiser is the centre of the box, where some solvers look first."""
        low, high = np.array(self.bounds).T
        return bool(np.all(np.abs(2 * self.x_best - low - high) <= 1e-9 * (high - low)))


@dataclass(frozen=True)
class Vectorized:
    """A formula over columns as a function of one point or of many.

    Parameters
    ----------
    formula : callable
        From shape ``(n, m)`` to shape ``(m,)``.
    n : int
        Number of variables.
    """

    formula: Formula
    n: int

    def __call__(self, x: Any) -> Any:
        """Value at `x`, or one for each column of `x`.

        Raises
        ------
        ValueError
            If `x` has neither the shape ``(n,)`` nor ``(n, m)``.
        """
        points = np.asarray(x, dtype=float)
        if points.ndim not in (1, 2) or len(points) != self.n:
            raise ValueError(
                f"x must have shape ({self.n},) or ({self.n}, m), got shape {points.shape}"
            )
        with np.errstate(all="ignore"):
            if points.ndim == 2:
                return self.formula(points)
            return float(self.formula(points[:, np.newaxis])[0])


class Family(NamedTuple):
    """A formula with all that its module states of it."""

    formula: Formula
    group: str
    source: str
    low: BySize
    high: BySize
    at: BySize
    best: float | Mapping[int, float]
    sizes: tuple[int, ...]

    @property
    def name(self) -> str:
        """The name of the formula."""
        return self.formula.__name__

    def problems(self) -> list[GlobalProblem]:
        """List the formula at each of its sizes.

        Returns
        -------
        list of GlobalProblem
        """
        return [
            GlobalProblem(
                name=f"{self.name}_{n}" if len(self.sizes) > 1 else self.name,
                n=n,
                fun=Vectorized(self.formula, n),
                bounds=tuple(
                    zip(_of(self.low, n).tolist(), _of(self.high, n).tolist(), strict=True)
                ),
                best=float(self.best[n] if isinstance(self.best, Mapping) else self.best),
                x_best=_of(self.at, n),
                source=self.source,
                family=self.name,
                group=self.group,
            )
            for n in self.sizes
        ]


def _of(stated: BySize, n: int) -> Array:
    """Return what is stated for `n` variables, shape ``(n,)``."""
    pattern = stated[n] if isinstance(stated, Mapping) else stated
    return np.resize(np.array(pattern, dtype=float), n)


class Catalogue:
    """The formulas of a module, in its order.

    Parameters
    ----------
    group : str
        Their subject.
    """

    def __init__(self, group: str) -> None:
        self.group = group
        self.families: list[Family] = []

    def add(
        self,
        source: str,
        *,
        low: BySize,
        high: BySize,
        at: BySize,
        best: float | Mapping[int, float],
        sizes: tuple[int, ...] = (2,),
    ) -> Callable[[Formula], Formula]:
        """Enter the formula below, under its own name.

        A number or pattern stands for all variables, by being repeated; a mapping from n has one
        for each size.

        Parameters
        ----------
        source : str
            Where the function comes from.
        low, high : float, sequence of float or mapping
            The box.
        at : float, sequence of float or mapping
            A global minimiser.
        best : float or mapping
            The value there.
        sizes : tuple of int, default (2,)
            The numbers of variables that are offered.

        Returns
        -------
        callable
            A decorator that leaves the formula as it is.
        """

        def enter(formula: Formula) -> Formula:
            self.families.append(Family(formula, self.group, source, low, high, at, best, sizes))
            return formula

        return enter


def index(x: Array) -> Array:
    """Return 1, ..., n as a column, to go with points of shape ``(n, m)``."""
    return np.arange(1, len(x) + 1)[:, np.newaxis]
