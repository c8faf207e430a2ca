"""What a test problem is, and the base classes that its formula is written on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np

from skgd._rows import Array

Bounds: TypeAlias = Sequence[tuple[float | None, float | None]]


@dataclass(frozen=True, eq=False)
class Problem:
    r"""A smooth function to minimise, with a standard start and the value to reach.

    Attributes
    ----------
    name : str
        Unique name; the number of variables ends it where the family has several sizes.
    n : int
        Number of variables.
    fun : callable
        ``fun(x) -> float`` for `x` of shape ``(n,)``. Complex `x` gives the analytic continuation,
        so that complex-step derivatives are exact (not in the variants "noisy" and "float32").
        Overflow gives ``inf`` or ``nan`` without a warning.
    jac : callable or None
        ``jac(x) -> (n,)`` array, the analytic gradient; None where the variant withholds it.
    start : (n,) array
        The standard start, read-only; `x0` is a copy that may be written to.
    best : float
        Best known value :math:`f^*`: the global minimum (the infimum where it is not attained),
        within `bounds` if there are any.
    source : str
        Where the problem comes from.
    family : str
        Name without the number of variables.
    group : str
        Subject: "more_garbow_hillstrom", "scalable", "quadratics", "regression" or "wells".
    bounds : sequence of (lower, upper) or None
        Box as in ``scipy.optimize.minimize``; None stands for no limit. None if unconstrained.
    minima : tuple of float
        Values of known local minima, ascending; contains `best`. The list need not be complete.
    x_best : (n,) array or None
        A minimiser, if it is known in closed form or stored; read-only.
    convex : bool
        Whether `fun` is known to be convex.
    sum_of_squares : bool
        Whether `fun` is a sum of squared residuals.
    variant : str
        The variant that was asked for, "standard" if none was.

    Examples
    --------
    >>> from skgd.testing import problems
    >>> (rosenbrock,) = problems(names="rosenbrock")
    >>> rosenbrock.n, rosenbrock.x0, rosenbrock.best
    (2, array([-1.2,  1. ]), 0.0)
    >>> float(rosenbrock.fun([0, 0]))
    1.0
    >>> rosenbrock.jac([1, 1])
    array([0., 0.])
    """

    name: str
    n: int
    fun: Callable[[Any], Any] = field(repr=False)
    jac: Callable[[Any], Array] | None = field(repr=False)
    start: Array = field(repr=False)
    best: float
    source: str = field(repr=False)
    family: str = field(repr=False)
    group: str = field(repr=False)
    bounds: Bounds | None = field(default=None, repr=False)
    minima: tuple[float, ...] = field(default=(), repr=False)
    x_best: Array | None = field(default=None, repr=False)
    convex: bool = field(default=False, repr=False)
    sum_of_squares: bool = field(default=False, repr=False)
    variant: str = "standard"

    def __post_init__(self) -> None:
        """Add `best` to `minima` and protect the arrays from being written to."""
        object.__setattr__(self, "minima", tuple(sorted({*self.minima, self.best})))
        for points in (self.start, self.x_best):
            if points is not None:
                points.flags.writeable = False

    @property
    def x0(self) -> Array:
        """The standard start, shape ``(n,)``, as a fresh copy."""
        return self.start.copy()

    @property
    def multimodal(self) -> bool:
        """Whether local minima of different value are known."""
        return len(self.minima) > 1


class Objective(ABC):
    """A smooth function of `n` variables: what a problem's module writes down.

    A subclass states the class attributes and implements ``_value`` and ``_gradient``. Both take a
    real or complex array of shape ``(n,)`` and are analytic in it: a formula has neither ``abs``
    nor ``maximum`` of `x`, and a branch looks at ``x.real`` only.

    Parameters
    ----------
    n : int
        Number of variables.
    """

    family: str
    source: ClassVar[str]
    start: ClassVar[tuple[float, ...]] = (0.0,)
    """Standard start; a shorter pattern is repeated to length n."""
    solution: ClassVar[tuple[float, ...]] = ()
    """A minimiser in closed form, a shorter pattern being repeated; empty if there is none."""
    values: ClassVar[Mapping[int, float]] = {}
    """The best known value for each n that is offered."""
    local_minima: ClassVar[Mapping[int, tuple[float, ...]]] = {}
    """Known values of further local minima for some n."""
    convex: ClassVar[bool] = False
    sum_of_squares: ClassVar[bool] = False

    def __init__(self, n: int) -> None:
        self.n = n

    def fun(self, x: Any) -> Any:
        """Value at `x`, a float; complex for complex `x`."""
        with np.errstate(all="ignore"):
            return self._value(_inexact(x))

    def jac(self, x: Any) -> Array:
        """Gradient at `x`, shape ``(n,)``; complex for complex `x`."""
        with np.errstate(all="ignore"):
            return self._gradient(_inexact(x))

    @abstractmethod
    def _value(self, x: Array) -> Any: ...

    @abstractmethod
    def _gradient(self, x: Array) -> Array: ...

    def _start(self) -> Array:
        return np.resize(np.array(self.start, dtype=float), self.n)

    def _solution(self) -> Array | None:
        return np.resize(np.array(self.solution, dtype=float), self.n) if self.solution else None

    def _best(self) -> float:
        return self.values[self.n]

    def problem(self, name: str, group: str) -> Problem:
        """Wrap the function as a problem.

        Parameters
        ----------
        name : str
            Unique name.
        group : str
            The subject it belongs to.

        Returns
        -------
        Problem
        """
        return Problem(
            name=name,
            n=self.n,
            fun=self.fun,
            jac=self.jac,
            start=self._start(),
            best=self._best(),
            source=self.source,
            family=self.family,
            group=group,
            minima=self.local_minima.get(self.n, ()),
            x_best=self._solution(),
            convex=self.convex,
            sum_of_squares=self.sum_of_squares,
        )


class SumOfSquares(Objective):
    r"""The function :math:`f(x) = \sum_i r_i(x)^2`, with gradient :math:`2 J(x)^T r(x)`.

    A subclass implements ``_residuals``, shape ``(m,)``, and ``_jacobian``, shape ``(m, n)``.
    """

    sum_of_squares = True

    def _value(self, x: Array) -> Any:
        r = self._residuals(x)
        return r @ r

    def _gradient(self, x: Array) -> Array:
        gradient: Array = 2 * (self._residuals(x) @ self._jacobian(x))
        return gradient

    @abstractmethod
    def _residuals(self, x: Array) -> Array: ...

    @abstractmethod
    def _jacobian(self, x: Array) -> Array: ...


class Entry(NamedTuple):
    """A line of the registry: what can be said of a problem without building it."""

    name: str
    family: str
    n: int
    build: Callable[[], Problem]


def _inexact(x: Any) -> Array:
    return np.asarray(x, dtype=complex if np.iscomplexobj(x) else float)


def _build(objective: type[Objective], n: int, name: str, group: str) -> Problem:
    return objective(n).problem(name, group)


def entries(group: str, objectives: Iterable[type[Objective]]) -> list[Entry]:
    """List each objective at each size that it has a best value for.

    Parameters
    ----------
    group : str
        The subject of the problems.
    objectives : iterable of type
        Classes whose constructor takes the number of variables alone.

    Returns
    -------
    list of Entry
    """
    listed = []
    for objective in objectives:
        for n in objective.values:
            name = f"{objective.family}_{n}" if len(objective.values) > 1 else objective.family
            listed.append(
                Entry(name, objective.family, n, partial(_build, objective, n, name, group))
            )
    return listed
