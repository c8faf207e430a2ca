"""Rates that depend on the iteration alone, or on nothing."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from skgd._checks import positive, whole_number
from skgd._rows import Array, Reals
from skgd._state import State

from .base import LearningRate, first_rate, limited


@dataclass(frozen=True)
class Constant(LearningRate):
    r"""The same rate always, :math:`t_k = t`.

    Parameters
    ----------
    value : float
        The rate; positive.

    Raises
    ------
    ValueError
        When the rate is not a positive number.

    Examples
    --------
    >>> from skgd import gd
    >>> gd(lambda x: x @ x, [1.0], learning_rate=0.25, maxiter=1).x
    array([0.5])
    """

    value: float
    constant: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", positive("learning_rate", self.value))

    def rate(self, state: Any, k: int, f: Reals, g: Array) -> float:
        """Return the rate."""
        return self.value


@dataclass(frozen=True)
class Proportional(LearningRate):
    """A constant rate that is chosen from the start.

    The first step moves the point by the given fraction of its length, or each variable by the
    fraction of 1 at the origin.  It follows the units of the variables, and suits directions whose
    steps do not depend on the size of the gradient, such as `Rprop`.

    Parameters
    ----------
    fraction : float, default 0.1
        The fraction; positive.

    Raises
    ------
    ValueError
        When the fraction is not a positive number.

    Examples
    --------
    >>> from skgd import Proportional, gd_rprop
    >>> gd_rprop(lambda x: x @ x, [100.0], learning_rate=Proportional(0.25), maxiter=1).x
    array([75.])
    """

    fraction: float = 0.1

    def __post_init__(self) -> None:
        positive("fraction", self.fraction)

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> _Fixed:
        """Find the rate from the start."""
        return _Fixed(limited(first_rate(x, unit, self.fraction)))

    def rate(self, state: _Fixed, k: int, f: Reals, g: Array) -> Reals:
        """Return the rate."""
        return state.t


@dataclass(slots=True)
class _Fixed(State):
    t: Reals


class Scheduled(LearningRate):
    """A rate that depends on the iteration alone; a subclass needs `at`."""

    @abstractmethod
    def at(self, k: int) -> float:
        """Return the rate of iteration `k` (from 0)."""

    def rate(self, state: Any, k: int, f: Reals, g: Array) -> float:
        """Return the rate."""
        return self.at(k)


@dataclass(frozen=True)
class StepDecay(Scheduled):
    r"""A rate multiplied by `factor` every so many iterations.

    The rate of iteration k is :math:`t_0\,\gamma^{j}` with j the number of the iterations
    ``first_at, first_at + every, ...`` that lie before k: iteration `first_at` is the last one at
    the full rate.

    Parameters
    ----------
    value : float
        The rate at the start; positive.
    factor : float, default 0.5
        What it is multiplied by, in (0, 1].
    every : int, default 100
        After how many iterations, at least 1.
    first_at : int or None, default None
        The iteration (from 0) after which the rate falls first; None for ``every - 1``, so that
        the first `every` iterations have the full rate.

    Raises
    ------
    ValueError
        When an argument is outside its range.

    Examples
    --------
    >>> from skgd import StepDecay
    >>> decay = StepDecay(1.0, factor=0.5, every=2, first_at=0)
    >>> [decay.at(k) for k in range(5)]
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """

    value: float
    factor: float = 0.5
    every: int = 100
    first_at: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", positive("value", self.value))
        if positive("factor", self.factor) > 1:
            raise ValueError(f"factor must lie in (0, 1], got {self.factor!r}")
        object.__setattr__(self, "every", whole_number("every", self.every, least=1))
        first = self.every - 1 if self.first_at is None else self.first_at
        object.__setattr__(self, "first_at", whole_number("first_at", first))

    def at(self, k: int) -> float:
        """Return the rate of iteration `k` (from 0)."""
        assert self.first_at is not None
        falls = (k - 1 - self.first_at) // self.every + 1 if k > self.first_at else 0
        return self.value * self.factor**falls


@dataclass(frozen=True)
class Exponential(Scheduled):
    r"""A rate that falls by the same factor in every iteration, :math:`t_k = t_0 \gamma^k`.

    Parameters
    ----------
    value : float
        The rate at the start; positive.
    factor : float, default 0.99
        The factor :math:`\gamma`, in (0, 1].

    Raises
    ------
    ValueError
        When an argument is outside its range.

    Examples
    --------
    >>> from skgd import Exponential
    >>> Exponential(1.0, factor=0.5).at(3)
    0.125
    """

    value: float
    factor: float = 0.99

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", positive("value", self.value))
        if positive("factor", self.factor) > 1:
            raise ValueError(f"factor must lie in (0, 1], got {self.factor!r}")

    def at(self, k: int) -> float:
        """Return the rate of iteration `k` (from 0)."""
        return self.value * self.factor**k


@dataclass(frozen=True)
class InverseTime(Scheduled):
    r"""The rate of stochastic approximation, :math:`t_k = t_0 / (1 + k/\tau)`.

    Its sum diverges and the sum of its squares does not, as convergence under noise asks for
    (Robbins and Monro 1951).

    Parameters
    ----------
    value : float
        The rate at the start; positive.
    time : float, default 1
        The number :math:`\tau` of iterations after which it has halved; positive.

    Raises
    ------
    ValueError
        When an argument is not positive.

    Examples
    --------
    >>> from skgd import InverseTime
    >>> InverseTime(1.0).at(3)
    0.25
    """

    value: float
    time: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", positive("value", self.value))
        positive("time", self.time)

    def at(self, k: int) -> float:
        """Return the rate of iteration `k` (from 0)."""
        return self.value / (1.0 + k / self.time)


@dataclass(frozen=True)
class Cosine(Scheduled):
    r"""Half a cosine from the first rate to the last, with warm restarts [1]_.

    .. math:: t_k = t_\infty + \tfrac12 (t_0 - t_\infty)(1 + \cos(\pi\, k / \tau))

    for k up to the period :math:`\tau`, and :math:`t_\infty` from then on, or again from the start.

    Parameters
    ----------
    value : float
        The rate at the start; positive.
    period : int
        Iterations until the last rate is reached, at least 1.
    final : float, default 0.01 of `value`
        The last rate; positive.
    restart : bool, default False
        Whether each period starts anew.

    Raises
    ------
    ValueError
        When an argument is outside its range.

    References
    ----------
    .. [1] I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts",
       ICLR 2017.

    Examples
    --------
    >>> from skgd import Cosine
    >>> Cosine(1.0, period=10, final=0.5).at(5)
    0.75
    """

    value: float
    period: int
    final: float | None = None
    restart: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", positive("value", self.value))
        object.__setattr__(self, "period", whole_number("period", self.period, least=1))
        final = 0.01 * self.value if self.final is None else self.final
        object.__setattr__(self, "final", positive("final", final))

    def at(self, k: int) -> float:
        """Return the rate of iteration `k` (from 0)."""
        assert self.final is not None
        phase = (k % self.period if self.restart else min(k, self.period)) / self.period
        return self.final + 0.5 * (self.value - self.final) * (1.0 + math.cos(math.pi * phase))


@dataclass(frozen=True)
class Schedule(Scheduled):
    """Any function of the iteration, ``k -> rate``.

    Parameters
    ----------
    function : callable
        Called with k = 0, 1, ...; returns the rate, a positive number.

    Raises
    ------
    ValueError
        When `function` is not callable; during the run, when it returns no positive number.

    Examples
    --------
    >>> from skgd import Schedule
    >>> Schedule(lambda k: 1 / (k + 1)).at(3)
    0.25
    """

    function: Callable[[int], float]

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ValueError(f"function must be callable, got {self.function!r}")

    def at(self, k: int) -> float:
        """Return the rate of iteration `k` (from 0)."""
        try:
            rate = self.function(k)
        except StopIteration as error:
            # It must not be taken for the end of the descent, which is a generator.
            raise ValueError(
                f"learning_rate: the schedule has no rate for iteration {k}; it must return one "
                "for every iteration"
            ) from error
        return positive(f"learning_rate: the schedule's value at iteration {k}", rate)
