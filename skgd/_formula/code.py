"""Python functions that compute nodes of a graph."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from types import CodeType, FunctionType
from typing import Any, TypeAlias

import numpy as np

from .graph import Graph
from .operations import ARRAY, COMPLEX, SCALAR

__all__ = ["Program"]

_Function: TypeAlias = Callable[..., tuple[Any, ...]]

_NOT_FINITE = {"nan": math.nan, "inf": math.inf}
"""Numbers that Python has no literal for."""

_SMALL_POWERS = (2, 3, 4)
"""Powers that are written as products, which are several times faster."""

_LONGEST_TERM = 100
"""Characters after which an intermediate result gets a name: Python limits nested parentheses."""


class Program:
    """A function that computes nodes of a graph from its inputs.

    Parameters
    ----------
    graph : Graph
        The graph.
    roots : sequence of int
        The nodes to compute.

    Examples
    --------
    >>> graph = Graph(inputs=2)
    >>> total = graph.add(0, 1)
    >>> Program(graph, [total, graph.multiply(total, total)]).at([1.0, 2.0])
    (3.0, 9.0)
    """

    def __init__(self, graph: Graph, roots: Sequence[int]) -> None:
        module = compile(_source(graph, roots), "<formula>", "exec")
        code = next(item for item in module.co_consts if isinstance(item, CodeType))
        # One code, three meanings of the names in it.
        self._scalar: _Function = FunctionType(code, {**SCALAR, **_NOT_FINITE})
        self._array: _Function = FunctionType(code, {**ARRAY, **_NOT_FINITE})
        self._complex: _Function = FunctionType(code, {**COMPLEX, **_NOT_FINITE})

    def at(self, point: Sequence[float]) -> tuple[float, ...]:
        """Return the results at one point; NaN or infinity outside of a function's domain."""
        try:
            return self._scalar(*point)
        except (ArithmeticError, ValueError):
            return tuple(float(result) for result in self.over(np.array(point, dtype=float)))

    def over(self, inputs: Iterable[Any]) -> tuple[Any, ...]:
        """Return the results for NumPy arrays or numbers that broadcast against each other.

        Results may be of any shape that broadcasts to the shape of the inputs.
        """
        inputs = list(inputs)
        evaluate = self._complex if any(map(np.iscomplexobj, inputs)) else self._array
        with np.errstate(all="ignore"):
            return evaluate(*inputs)


def _source(graph: Graph, roots: Sequence[int]) -> str:
    # Names in the code are made here: nothing that a user wrote gets into it.
    order = graph.reachable(roots)
    uses = Counter(roots)
    for node in order:
        uses.update(_spelled_operands(graph, node))
    terms: dict[int, str] = {}
    lines = []
    for node in order:
        term = _term(graph, node, terms)
        if graph.nodes[node].operands and (uses[node] > 1 or len(term) > _LONGEST_TERM):
            lines.append(f"t{node} = {term}")
            term = f"t{node}"
        terms[node] = term
    count = sum(node.operation == "input" for node in graph.nodes)
    arguments = ", ".join(f"x{i}" for i in range(count))
    results = "".join(f"{terms[root]}, " for root in roots)
    return "\n ".join([f"def evaluate({arguments}):", *lines, f"return ({results})"])


def _small_power(graph: Graph, node: int) -> int | None:
    """Return the exponent of a power that is written as a product."""
    operation, operands, _ = graph.nodes[node]
    if operation != "power":
        return None
    exponent = graph.value(operands[1])
    return int(exponent) if exponent is not None and exponent in _SMALL_POWERS else None


def _spelled_operands(graph: Graph, node: int) -> tuple[int, ...]:
    """Return the operands of a node as often as its term spells them."""
    operands = graph.nodes[node].operands
    exponent = _small_power(graph, node)
    return operands if exponent is None else operands[:1] * exponent


def _term(graph: Graph, node: int, terms: dict[int, str]) -> str:
    operation, operands, value = graph.nodes[node]
    if operation == "input":
        return f"x{int(value)}"
    if operation == "constant":
        return f"({value!r})" if value < 0 else repr(value)
    spelled = [terms[operand] for operand in _spelled_operands(graph, node)]
    if _small_power(graph, node):
        return f"({'*'.join(spelled)})"
    if operation == "*" and graph.value(operands[0]) == -1:
        return f"(-{spelled[1]})"
    if operation in {"+", "-", "*", "/"}:
        return f"({spelled[0]} {operation} {spelled[1]})"
    return f"{operation}({', '.join(spelled)})"
