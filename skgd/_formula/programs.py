"""The functions that are generated for one formula: value, gradient, Hessian."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skgd._rows import Array

from .chain_rule import derivatives, gradient
from .code import Program
from .graph import Graph
from .translation import insert

if TYPE_CHECKING:
    import sympy

__all__ = ["Programs"]


class HessianProgram(NamedTuple):
    """The entries of a Hessian on and above the diagonal that are not identically zero."""

    rows: Array
    columns: Array
    program: Program


class Programs:
    """What a formula computes, generated when it is first asked for.

    All programs take the variables, then the parameters; that of the Hessian times a vector takes
    the vector after these.

    Parameters
    ----------
    expression : sympy.Expr
        The formula.
    inputs : mapping of sympy.Symbol to int
        The position of each symbol among variables and parameters.
    variables, parameters : int
        How many there are.
    """

    def __init__(
        self,
        expression: sympy.Expr,
        inputs: Mapping[sympy.Symbol, int],
        variables: int,
        parameters: int,
    ) -> None:
        self.expression = expression
        self._inputs = inputs
        self._variables = variables
        self._parameters = parameters
        # Complete before another thread can see it; the programs below only read it.
        self._graph, self._value, self._gradient = self._first_derivatives()

    def _first_derivatives(self, more_inputs: int = 0) -> tuple[Graph, int, list[int]]:
        graph = Graph(self._variables + self._parameters + more_inputs)
        value = insert(graph, self.expression, self._inputs)
        return graph, value, gradient(graph, value, self._variables)

    @cached_property
    def value(self) -> Program:
        """The value."""
        return Program(self._graph, [self._value])

    @cached_property
    def gradient(self) -> Program:
        """The partial derivatives."""
        return Program(self._graph, self._gradient)

    @cached_property
    def value_and_gradient(self) -> Program:
        """The value, followed by the partial derivatives."""
        return Program(self._graph, [self._value, *self._gradient])

    @cached_property
    def hessian(self) -> HessianProgram:
        """The second derivatives."""
        graph, _, slopes = self._first_derivatives()
        entries = {
            (row, column): entry
            for column in range(self._variables)
            for row, entry in enumerate(
                derivatives(graph, slopes[: column + 1], {column: graph.one})
            )
            if entry != graph.zero
        }
        rows, columns = np.array([*entries], dtype=int).reshape(-1, 2).T
        return HessianProgram(rows, columns, Program(graph, [*entries.values()]))

    @cached_property
    def hessian_product(self) -> Program:
        """The derivatives of the gradient in the direction of a vector."""
        graph, _, slopes = self._first_derivatives(more_inputs=self._variables)
        first = self._variables + self._parameters
        direction = {i: first + i for i in range(self._variables)}
        return Program(graph, derivatives(graph, slopes, direction))
