r"""Derivatives of the nodes of a graph, by the chain rule.

The chain rule is applied node by node in the direction of evaluation (forward mode).  SymPy gives
the derivative of each elementary function; the rules for the rest are below, and read as in a
textbook.  Differentiating the graph rather than the SymPy expression has three merits:

* The work is proportional to the number of operations.  The second derivatives of an expanded
  product of sixty factors take SymPy many seconds.
* The branches of a piecewise function are differentiated apart from each other: an infinite slope
  in a branch that is not taken does no harm.
* Functions are real, so :math:`|u|' = u' \operatorname{sign} u` whatever :math:`u` is.  SymPy must
  allow for complex values and gives :math:`|\sqrt{x} - 2|` a derivative that nothing can compute.

At a kink the result is a subgradient: zero for ``Abs`` at zero, and the mean of the two slopes
where the operands of ``Max`` or ``Min`` are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from .graph import Graph
from .translation import insert

if TYPE_CHECKING:
    import sympy

__all__ = ["derivatives", "gradient"]


def gradient(graph: Graph, root: int, inputs: int) -> list[int]:
    """Return the partial derivatives of a node by the first `inputs` inputs."""
    return [derivatives(graph, [root], {i: graph.one})[0] for i in range(inputs)]


def derivatives(graph: Graph, roots: Sequence[int], direction: Mapping[int, int]) -> list[int]:
    r"""Return the derivatives of some nodes in one direction.

    Parameters
    ----------
    graph : Graph
        The graph, which grows.
    roots : sequence of int
        The nodes to differentiate.
    direction : mapping of int to int
        For each input :math:`x_i` that moves, the node of its velocity :math:`p_i`.

    Returns
    -------
    list of int
        For each root :math:`r` the node of :math:`\sum_i p_i\, \partial r / \partial x_i`.

    Examples
    --------
    >>> graph = Graph(inputs=1)
    >>> graph.nodes[derivatives(graph, [graph.apply("sin", 0)], {0: graph.one})[0]].operation
    'cos'
    """
    slopes = dict(direction)
    for node in graph.reachable(roots):
        operation, operands, _ = graph.nodes[node]
        if any(operand in slopes for operand in operands):
            rule = _RULES.get(operation, _elementary)
            slope = rule(graph, node, [slopes.get(operand, graph.zero) for operand in operands])
            if slope != graph.zero:
                slopes[node] = slope
    return [slopes.get(root, graph.zero) for root in roots]


def _sum(graph: Graph, _: int, slopes: Sequence[int]) -> int:
    return graph.add(*slopes)


def _difference(graph: Graph, _: int, slopes: Sequence[int]) -> int:
    return graph.subtract(*slopes)


def _product(graph: Graph, node: int, slopes: Sequence[int]) -> int:
    (a, b), (da, db) = graph.nodes[node].operands, slopes
    return graph.add(graph.multiply(da, b), graph.multiply(a, db))


def _quotient(graph: Graph, node: int, slopes: Sequence[int]) -> int:
    # (a/b)' = (a' - (a/b) b') / b
    b, (da, db) = graph.nodes[node].operands[1], slopes
    return graph.divide(graph.subtract(da, graph.multiply(node, db)), b)


def _power(graph: Graph, node: int, slopes: Sequence[int]) -> int:
    # (a^b)' = b a^(b-1) a' + a^b log(a) b'
    (a, b), (da, db) = graph.nodes[node].operands, slopes
    lower = graph.power(a, graph.subtract(b, graph.one))
    by_base = graph.multiply(graph.multiply(b, lower), da)
    if db == graph.zero:
        return by_base
    # Where the power is zero, as 0^b is for b > 0, it stays so for every exponent nearby.
    grows = graph.multiply(node, graph.apply("log", a))
    by_exponent = graph.where(graph.apply("equal", node, graph.zero), graph.zero, grows)
    return graph.add(by_base, graph.multiply(by_exponent, db))


def _root(graph: Graph, node: int, slopes: Sequence[int]) -> int:
    return graph.divide(slopes[0], graph.multiply(graph.constant(2.0), node))


def _absolute(graph: Graph, node: int, slopes: Sequence[int]) -> int:
    return graph.multiply(graph.apply("sign", *graph.nodes[node].operands), slopes[0])


def _extremum(graph: Graph, node: int, slopes: Sequence[int]) -> int:
    operation, (a, b), _ = graph.nodes[node]
    first = graph.apply("less", *((b, a) if operation == "Max" else (a, b)))
    mean = graph.multiply(graph.constant(0.5), graph.add(*slopes))
    return graph.where(graph.apply("equal", a, b), mean, graph.where(first, *slopes))


def _choice(graph: Graph, node: int, slopes: Sequence[int]) -> int:
    return graph.where(graph.nodes[node].operands[0], *slopes[1:])


def _flat(graph: Graph, _: int, __: Sequence[int]) -> int:
    return graph.zero


def _elementary(graph: Graph, node: int, slopes: Sequence[int]) -> int:
    function, operands, _ = graph.nodes[node]
    result = graph.zero
    for position, slope in enumerate(slopes):
        if slope != graph.zero:
            partial, symbols = _partial_derivative(function, len(operands), position)
            factor = insert(graph, partial, dict(zip(symbols, operands, strict=True)))
            result = graph.add(result, graph.multiply(factor, slope))
    return result


@cache
def _partial_derivative(
    function: str, arguments: int, position: int
) -> tuple[sympy.Expr, tuple[sympy.Symbol, ...]]:
    import sympy

    symbols = tuple(sympy.Dummy() for _ in range(arguments))
    return getattr(sympy, function)(*symbols).diff(symbols[position]), symbols


_RULES: Mapping[str, Callable[[Graph, int, Sequence[int]], int]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": _quotient,
    "power": _power,
    "sqrt": _root,
    "Abs": _absolute,
    "Max": _extremum,
    "Min": _extremum,
    "where": _choice,
    "sign": _flat,
    "less": _flat,
    "less_equal": _flat,
    "equal": _flat,
    "both": _flat,
    "either": _flat,
    "negation": _flat,
}
