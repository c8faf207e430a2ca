"""A formula in which some names are columns of data and the others parameters to be estimated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from skgd._rows import Array

from .chain_rule import gradient
from .expression import parse
from .graph import Graph
from .programs import Programs
from .translation import insert

__all__ = ["ColumnFormula"]

STEP = float(np.finfo(float).eps) ** (1 / 3)
"""Relative step of the central differences."""


class ColumnFormula:
    """The values of a formula on rows of data, and their derivatives by its parameters.

    Parameters
    ----------
    text : str
        The formula.
    parameters : sequence of str
        The p names to differentiate by.
    others : sequence of str
        The rest of the names: columns, and parameters that are known.

    Attributes
    ----------
    linear : ndarray of bool, shape (p,)
        Parameters that the formula is linear in, all at once: no derivative by one of them depends
        on any of them.

    Raises
    ------
    ValueError
        When the text is not a formula.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd._formula.columns import ColumnFormula
    >>> line = ColumnFormula("a*t + b", ["a", "b"], ["t"])
    >>> line.linear
    array([ True,  True])
    >>> line.values([2.0, 1.0], [np.array([0.0, 1.0, 2.0])], 3)
    array([1., 3., 5.])
    >>> line.values_and_derivatives([2.0, 1.0], [np.array([0.0, 1.0, 2.0])], 3)[1]
    array([[0., 1.],
           [1., 1.],
           [2., 1.]])
    """

    def __init__(self, text: str, parameters: Sequence[str], others: Sequence[str]) -> None:
        self._arguments = text, tuple(parameters), tuple(others)
        positions = {name: i for i, name in enumerate([*parameters, *others])}
        expression = parse(text, positions)
        inputs = {symbol: positions[symbol.name] for symbol in expression.free_symbols}
        self._programs = Programs(expression, inputs, len(parameters), len(others))
        graph = Graph(len(positions))
        slopes = gradient(graph, insert(graph, expression, inputs), len(parameters))
        self.linear = _linear([set(graph.reachable([slope])) for slope in slopes])

    def values(self, point: Sequence[float] | Array, others: Sequence[Array], rows: int) -> Array:
        """Return the values, of shape (n,); NaN or infinite outside of a function's domain.

        Parameters
        ----------
        point : sequence of float, shape (p,)
            The parameters.
        others : sequence of ndarray, shape (n,), or float
            What the other names stand for.
        rows : int
            The number n of rows.
        """
        (result,) = self._programs.value.over([*np.asarray(point), *others])
        values = np.empty(rows)
        values[:] = result
        return values

    def values_and_derivatives(
        self, point: Sequence[float] | Array, others: Sequence[Array], rows: int
    ) -> tuple[Array, Array]:
        """Return the values, of shape (n,), and the derivatives, of shape (n, p).

        The chain rule has no answer where an intermediate result overflows though the value does
        not, as in ``1/(1 + exp(b*t))``, and at ``t**b`` where t is zero.  Central differences have.
        """
        results = self._programs.value_and_gradient.over([*np.asarray(point), *others])
        # In columns: they are filled one by one, and so LAPACK likes them.
        table = np.empty((rows, len(results)), order="F")
        for i, result in enumerate(results):
            table[:, i] = result
        values, derivatives = table[:, 0], table[:, 1:]
        unknown = np.isnan(derivatives)
        if unknown.any():
            unknown &= np.isfinite(values)[:, None]
            for i in np.flatnonzero(unknown.any(axis=0)).tolist():
                places = unknown[:, i]
                derivatives[places, i] = self._difference(point, others, rows, i)[places]
        return values, derivatives

    def _difference(
        self, point: Sequence[float] | Array, others: Sequence[Array], rows: int, i: int
    ) -> Array:
        """Return the central difference by parameter `i`."""
        ends = np.array([point, point], dtype=float)
        ends[:, i] += np.array([STEP, -STEP]) * max(abs(ends[0, i]), STEP)
        high, low = (self.values(end, others, rows) for end in ends)
        with np.errstate(all="ignore"):
            return np.asarray((high - low) / (ends[0, i] - ends[1, i]))

    def __reduce__(self) -> tuple[Any, ...]:
        # Generated functions cannot be pickled; the receiver generates them again.
        return ColumnFormula, self._arguments


def _linear(needs: Sequence[set[int]]) -> Array:
    """Return a set of parameters that a formula is linear in.

    Parameters
    ----------
    needs : sequence of set of int
        For each parameter, the nodes that the derivative by it is computed from; those below p are
        the parameters.
    """
    chosen: list[int] = []
    for i, own in enumerate(needs):
        if i not in own and all(j not in own and i not in needs[j] for j in chosen):
            chosen.append(i)
    linear = np.zeros(len(needs), dtype=bool)
    linear[chosen] = True
    return linear
