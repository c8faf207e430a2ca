"""Who calls the user's functions: here, one point or many columns at a time, or somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

from ._answers import column_gradients, column_values
from ._rows import Array
from .limits import Budget
from .requests import Probes

__all__ = ["Columns", "OneByOne", "Source", "Stopped", "carried"]

BLOCK = 2**15
"""Numbers in one call of a vectorised function: 256 KiB of float64 stay in the cache, and the
function's own temporary arrays cause no page faults."""


class Stopped(BaseException):
    """A `StopIteration` of the user's function on its way out of a generator.

    Python lets none leave a generator, and raises a RuntimeError instead.

    Parameters
    ----------
    error : StopIteration
        What was raised.
    """

    def __init__(self, error: StopIteration) -> None:
        super().__init__(error)
        self.error = error


def carried(error: BaseException) -> BaseException:
    """Return what a `Source` has to raise for an exception of the user's function."""
    return Stopped(error) if isinstance(error, StopIteration) else error


class Source(Protocol):
    """Where values and gradients come from."""

    def answers(self, gradients: bool, points: Probes, budget: Budget) -> Iterator[tuple[Any, Any]]:
        """Evaluate the function, or its gradient, at all the points.

        Parameters
        ----------
        gradients : bool
            Whether the gradients are wanted, else the values.
        points : Probes
            The points.
        budget : Budget
            What may be spent; to be told how many evaluations are about to begin.

        Yields
        ------
        where, answer
            Position and what the function returned, as soon as it is known, in any order; or a
            slice of positions and an array of checked answers.

        Raises
        ------
        OutOfBudget
            When an evaluation may not begin, or cannot be waited for any longer.
        Stopped
            When the user's function has raised a StopIteration.
        """

    def close(self) -> None:
        """Let go of whatever was opened."""


class OneByOne:
    """Call the functions here and now, one point after the other.

    Parameters
    ----------
    fun, jac : callable or None
        ``fun(x, *args)`` and ``jac(x, *args)``.
    args : tuple
        Further arguments.
    """

    def __init__(
        self, fun: Callable[..., Any], jac: Callable[..., Any] | None, args: tuple[Any, ...]
    ) -> None:
        self._fun, self._jac, self._args = fun, jac, args

    def answers(self, gradients: bool, points: Probes, budget: Budget) -> Iterator[tuple[int, Any]]:
        """Yield position and answer in the order of the points."""
        function, args = self._jac if gradients else self._fun, self._args
        begin = budget.begin_gradients if gradients else budget.begin
        assert function is not None
        for i in range(len(points)):
            begin(1)
            try:
                answer = function(points.point(i), *args)
            except StopIteration as error:
                raise Stopped(error) from None
            yield i, answer

    def close(self) -> None:
        """Nothing was opened."""


class Columns:
    """Call functions that take many points at once, as the columns of an array.

    Parameters
    ----------
    fun, jac : callable or None
        ``fun(x, *args)`` of shape (m,) and ``jac(x, *args)`` of shape (n, m) for x of shape (n, m).
    args : tuple
        Further arguments.
    """

    def __init__(
        self, fun: Callable[..., Any], jac: Callable[..., Any] | None, args: tuple[Any, ...]
    ) -> None:
        self._fun, self._jac, self._args = fun, jac, args

    def answers(
        self, gradients: bool, points: Probes, budget: Budget
    ) -> Iterator[tuple[slice, Array]]:
        """Yield blocks of answers."""
        function = self._jac if gradients else self._fun
        begin = budget.begin_gradients if gradients else budget.begin
        assert function is not None
        m = len(points)
        block = max(1, BLOCK // points.x.shape[-1])
        for start in range(0, m, block):
            stop = min(start + block, m)
            begin(stop - start)
            x = points.columns(start, stop)
            try:
                answer = function(x, *self._args)
            except StopIteration as error:
                raise Stopped(error) from None
            check = column_gradients if gradients else column_values
            yield slice(start, stop), check(answer, x)

    def close(self) -> None:
        """Nothing was opened."""


def whole(x: Array) -> Probes:
    """Return a point, or the rows of a batch, as points to evaluate."""
    if x.ndim == 1:
        return Probes(x, np.full(1, -1), np.zeros(1, x.dtype))
    return Probes.of_rows(x)
