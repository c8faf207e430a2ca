"""Formulas that would overflow on the way to a moderate result, computed in another way."""

from __future__ import annotations

from collections.abc import Sequence

from skgd._formula.graph import Graph

__all__ = ["StableGraph"]


class StableGraph(Graph):
    r"""A graph in which two logarithms that losses are made of do not overflow.

    Where :math:`\log\cosh u` or :math:`\log(e^a + e^b)` is written, with 1 for :math:`e^0`, the
    graph gets, with :math:`s(u) = \log(1 + e^u)` computed as :math:`u + \log(1 + e^{-u})` for
    positive u,

    .. math:: \log\cosh u = s(2u) - u - \log 2, \qquad \log(e^a + e^b) = b + s(a - b) .

    Both branches of s have derivatives of every order, which agree where they meet.

    Parameters
    ----------
    inputs : int
        The number of inputs.

    Examples
    --------
    >>> from skgd._formula.code import Program
    >>> graph = StableGraph(inputs=1)
    >>> logarithm = graph.apply("log", graph.add(graph.one, graph.apply("exp", 0)))
    >>> Program(graph, [logarithm]).at([1000.0])
    (1000.0,)
    """

    def apply(self, operation: str, *operands: int) -> int:
        """Return the node of any operation; see `Graph.apply`."""
        if operation == "log":
            inner, arguments, _ = self.nodes[operands[0]]
            if inner == "cosh":
                return self._log_cosh(*arguments)
            exponents = self._exponents(arguments) if inner == "+" else []
            if len(exponents) == 2:
                a, b = exponents
                return self.add(b, self._softplus(self.subtract(a, b)))
        return super().apply(operation, *operands)

    def _exponents(self, terms: Sequence[int]) -> list[int]:
        """Return a and b when the terms are exp(a) and exp(b)."""
        exponents: list[int] = []
        for term in terms:
            operation, operands, _ = self.nodes[term]
            if operation == "exp":
                exponents.extend(operands)
            elif term == self.one:
                exponents.append(self.zero)
        return exponents

    def _log_cosh(self, u: int) -> int:
        twice = self._softplus(self.multiply(self.constant(2.0), u))
        return self.subtract(self.subtract(twice, u), self.apply("log", self.constant(2.0)))

    def _softplus(self, u: int) -> int:
        positive = self.apply("less", self.zero, u)
        minus = self.multiply(self.constant(-1.0), u)
        return self.where(
            positive, self.add(u, self._log_of_one_plus(minus)), self._log_of_one_plus(u)
        )

    def _log_of_one_plus(self, u: int) -> int:
        return super().apply("log", self.add(self.one, self.apply("exp", u)))
