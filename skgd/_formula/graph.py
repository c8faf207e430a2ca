"""The operations of a formula and of its derivatives, each distinct one exactly once.

A formula becomes a graph whose nodes are operations, numbered so that operands come before what is
computed from them.  An operation that is already there is not added again: building the graph *is*
the common-subexpression pass.  Value, gradient and Hessian are built in one graph, and so share
whatever they have in common.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from .operations import ARRAY

__all__ = ["MAX_OPERATIONS", "Graph", "Node"]

MAX_OPERATIONS = 100_000
"""How many operations a graph may hold; compiling as many takes some seconds."""

_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


class Node(NamedTuple):
    """One operation; `value` is the number of a constant, or the position of an input."""

    operation: str
    operands: tuple[int, ...] = ()
    value: float = 0.0


class Graph:
    """Operations on inputs, without repetition.

    Nodes are referred to by number.  The inputs are the nodes ``0, ..., inputs - 1``.

    Parameters
    ----------
    inputs : int
        The number of inputs.

    Examples
    --------
    >>> graph = Graph(inputs=2)
    >>> graph.multiply(0, 1) == graph.multiply(1, 0)
    True
    """

    def __init__(self, inputs: int) -> None:
        self.nodes: list[Node] = []
        self._numbers: dict[Node, int] = {}
        for position in range(inputs):
            self._number(Node("input", (), position))
        self.zero = self.constant(0.0)
        self.one = self.constant(1.0)

    def _number(self, node: Node) -> int:
        number = self._numbers.setdefault(node, len(self.nodes))
        if number == MAX_OPERATIONS:
            raise ValueError(
                f"the formula with its derivatives needs more than {MAX_OPERATIONS} operations; "
                "write it as a Python function, or use a method that needs fewer derivatives"
            )
        if number == len(self.nodes):
            self.nodes.append(node)
        return number

    def constant(self, value: float) -> int:
        """Return the node of a number."""
        return self._number(Node("constant", (), float(value)))

    def value(self, number: int) -> float | None:
        """Return the number that a node holds, None when it depends on the inputs."""
        node = self.nodes[number]
        return node.value if node.operation == "constant" else None

    def apply(self, operation: str, *operands: int) -> int:
        """Return the node of any operation; if the operands are numbers, that of its result."""
        values = [self.value(operand) for operand in operands]
        if any(value is None for value in values):
            return self._number(Node(operation, operands))
        compute = _ARITHMETIC.get(operation) or ARRAY[operation]
        with np.errstate(all="ignore"):
            return self.constant(float(compute(*map(np.float64, values))))

    def add(self, a: int, b: int) -> int:
        """Return ``a + b``."""
        if a == self.zero:
            return b
        if b == self.zero:
            return a
        if a == b:
            return self.multiply(self.constant(2.0), a)
        return self.apply("+", *sorted((a, b)))

    def subtract(self, a: int, b: int) -> int:
        """Return ``a - b``."""
        if b == self.zero:
            return a
        if a == self.zero:
            return self.multiply(self.constant(-1.0), b)
        return self.zero if a == b else self.apply("-", a, b)

    def multiply(self, a: int, b: int) -> int:
        """Return ``a * b``, a number first; zero times anything is zero."""
        a, b = (b, a) if self.value(b) is not None else (a, b)
        factor = self.value(a)
        if factor is None:
            return self.apply("*", *sorted((a, b)))
        if factor == 0:
            return self.zero
        if factor == 1:
            return b
        operation, operands, _ = self.nodes[b]
        inner = self.value(operands[0]) if operation == "*" else None
        if inner is not None:
            return self.multiply(self.constant(factor * inner), operands[1])
        return self.apply("*", a, b)

    def divide(self, a: int, b: int) -> int:
        """Return ``a / b``; zero by anything that depends on the inputs is zero."""
        if b == self.one or (a == self.zero and self.value(b) is None):
            return a
        return self.apply("/", a, b)

    def power(self, base: int, exponent: int) -> int:
        """Return ``base ** exponent``, as a root or a quotient where it is one."""
        value = self.value(exponent)
        if value == 0:
            return self.one
        if value == 1:
            return base
        if value == 0.5:
            return self.apply("sqrt", base)
        if value is not None and value < 0:
            return self.divide(self.one, self.power(base, self.constant(-value)))
        return self.apply("power", base, exponent)

    def where(self, condition: int, a: int, b: int) -> int:
        """Return `a` where the condition holds and `b` elsewhere."""
        value = self.value(condition)
        if value is not None:
            return a if value else b
        return a if a == b else self.apply("where", condition, a, b)

    def reachable(self, roots: Iterable[int]) -> list[int]:
        """Return the nodes that the roots are computed from, operands first."""
        found: set[int] = set()
        pending = list(roots)
        while pending:
            number = pending.pop()
            if number not in found:
                found.add(number)
                pending.extend(self.nodes[number].operands)
        return sorted(found)
