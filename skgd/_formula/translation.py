"""SymPy expressions as operations of a graph: the list of all that a formula may consist of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .graph import Graph
from .operations import ARRAY

if TYPE_CHECKING:
    import sympy

__all__ = ["NotFiniteError", "insert"]

_LARGEST_ORDER = 20
"""Order up to which polygamma functions may be written."""


class NotFiniteError(ValueError):
    """A constant part of an expression, the only argument, is not a finite real number."""

    def __str__(self) -> str:
        # SymPy computes with what it prints, so it is asked only when somebody reads this.
        return f"{_shown(self.args[0])} is not a finite real number"


def insert(graph: Graph, expression: sympy.Expr, symbols: Mapping[sympy.Symbol, int]) -> int:
    """Add an expression to a graph and return its node.

    Parameters
    ----------
    graph : Graph
        The graph that grows.
    expression : sympy.Expr
        The expression.
    symbols : mapping of sympy.Symbol to int
        The node of each of its symbols.

    Raises
    ------
    ValueError
        When a part of the expression is not real, or is a function that skgd does not know.
    NotFiniteError
        When a constant part of the expression is not finite.

    Examples
    --------
    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> graph = Graph(inputs=1)
    >>> [graph.nodes[insert(graph, e, {x: 0})].operation for e in (x, sympy.exp(x), x / 3)]
    ['input', 'exp', '/']
    """
    return _Translator(graph, symbols).node(expression)


class _Translator:
    def __init__(self, graph: Graph, symbols: Mapping[sympy.Symbol, int]) -> None:
        self.graph = graph
        self._nodes: dict[Any, int] = dict(symbols)

    def node(self, expression: Any) -> int:
        """Return the node of an expression or of a condition."""
        number = self._nodes.get(expression)
        if number is None:
            number = self._nodes[expression] = self._translate(expression)
            value = self.graph.value(number)
            # What is constant only because a symbol cancels may be NaN, like any other result.
            if value is not None and not np.isfinite(value) and expression.is_number:
                raise NotFiniteError(expression)
        return number

    def nodes(self, expressions: Sequence[Any]) -> list[int]:
        """Return the nodes of several expressions."""
        return [self.node(expression) for expression in expressions]

    def _translate(self, expression: Any) -> int:
        import sympy

        if expression.is_Number or expression.is_NumberSymbol:
            return self.graph.constant(_as_float(expression))
        if expression in {sympy.true, sympy.false}:
            return self.graph.constant(float(bool(expression)))
        name = type(expression).__name__
        # An undefined function may bear any name, but it is not the class that SymPy has under it.
        if type(expression) is getattr(sympy, name, None):
            if name in _TRANSLATIONS:
                return _TRANSLATIONS[name](self, expression)
            if name in ARRAY:
                return self.graph.apply(name, *self.nodes(expression.args))
        raise ValueError(
            f"{_shown(expression)} is not something that skgd can compute with real numbers"
            f" (SymPy calls it {name})"
        )


def _shown(expression: Any) -> str:
    try:
        text = str(expression)
    except (ValueError, TypeError, ArithmeticError):
        # What SymPy computes in order to print may overflow, or have too many digits.
        return "a constant in the formula"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _as_float(number: sympy.Number) -> float:
    try:
        return float(number.p / number.q if number.is_Rational else number)
    except OverflowError:
        return np.inf


def _balanced(combine: Callable[[int, int], int], nodes: Sequence[int]) -> int:
    """Combine many nodes pairwise, so that each passes through few operations."""
    level = list(nodes)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [combine(a, b) for a, b in pairs] + (level[-1:] if len(level) % 2 else [])
    return level[0]


def _add(translator: _Translator, expression: Any) -> int:
    # SymPy writes x - y/3 as x + (-1/3)*y.
    graph = translator.graph
    plus, minus = [], []
    for term in expression.args:
        coefficient, rest = term.as_coeff_Mul()
        if coefficient.is_extended_negative:
            factors = rest.args if rest.is_Mul else (rest,)
            minus.append(_product(translator, [-coefficient, *factors]))
        else:
            plus.append(translator.node(term))
    total = _balanced(graph.add, plus or [graph.zero])
    return graph.subtract(total, _balanced(graph.add, minus)) if minus else total


def _mul(translator: _Translator, expression: Any) -> int:
    return _product(translator, expression.args)


def _product(translator: _Translator, factors: Sequence[Any]) -> int:
    # SymPy writes x/(3*y) as (1/3)*x*y**(-1).
    import sympy

    graph = translator.graph
    above, below = [], []
    for factor in factors:
        if factor.is_Rational and not factor.is_Integer:
            above.append(translator.node(sympy.Integer(factor.p)))
            below.append(translator.node(sympy.Integer(factor.q)))
        elif factor.is_Pow and factor.exp.is_Number and factor.exp.is_negative:
            base, exponent = translator.nodes([factor.base, -factor.exp])
            below.append(graph.power(base, exponent))
        else:
            above.append(translator.node(factor))
    numerator = _balanced(graph.multiply, above or [graph.one])
    return graph.divide(numerator, _balanced(graph.multiply, below)) if below else numerator


def _pow(translator: _Translator, expression: Any) -> int:
    return translator.graph.power(*translator.nodes(expression.args))


def _extremum(translator: _Translator, expression: Any) -> int:
    operation = type(expression).__name__
    nodes = translator.nodes(expression.args)
    return _balanced(lambda a, b: translator.graph.apply(operation, a, b), nodes)


def _reciprocal(function: str) -> Callable[[_Translator, Any], int]:
    def translate(translator: _Translator, expression: Any) -> int:
        graph = translator.graph
        value = graph.apply(function, *translator.nodes(expression.args))
        return graph.divide(graph.one, value)

    return translate


def _polygamma(translator: _Translator, expression: Any) -> int:
    graph = translator.graph
    order, argument = translator.nodes(expression.args)
    value = graph.value(order)
    if value not in range(_LARGEST_ORDER + 1):
        raise ValueError(
            f"the order of {_shown(expression)} must be a whole number from 0 to {_LARGEST_ORDER}"
        )
    return graph.apply("polygamma", order, argument)


def _digamma(translator: _Translator, expression: Any) -> int:
    graph = translator.graph
    return graph.apply("polygamma", graph.zero, *translator.nodes(expression.args))


def _heaviside(translator: _Translator, expression: Any) -> int:
    graph = translator.graph
    argument, at_zero = translator.nodes(expression.args)
    right = graph.where(graph.apply("less", graph.zero, argument), graph.one, at_zero)
    return graph.where(graph.apply("less", argument, graph.zero), graph.zero, right)


def _piecewise(translator: _Translator, expression: Any) -> int:
    graph = translator.graph
    result = graph.constant(np.nan)
    for branch, condition in reversed(expression.args):
        result = graph.where(translator.node(condition), translator.node(branch), result)
    return result


def _choice(translator: _Translator, expression: Any) -> int:
    return translator.graph.where(*translator.nodes(expression.args))


def _relation(operation: str, *, swapped: bool = False) -> Callable[[_Translator, Any], int]:
    def translate(translator: _Translator, expression: Any) -> int:
        sides = translator.nodes(expression.args)
        return translator.graph.apply(operation, *(reversed(sides) if swapped else sides))

    return translate


def _unequal(translator: _Translator, expression: Any) -> int:
    graph = translator.graph
    return graph.apply("negation", graph.apply("equal", *translator.nodes(expression.args)))


def _junction(operation: str) -> Callable[[_Translator, Any], int]:
    def translate(translator: _Translator, expression: Any) -> int:
        conditions = translator.nodes(expression.args)
        return _balanced(lambda a, b: translator.graph.apply(operation, a, b), conditions)

    return translate


def _not(translator: _Translator, expression: Any) -> int:
    return translator.graph.apply("negation", *translator.nodes(expression.args))


_TRANSLATIONS: Mapping[str, Callable[[_Translator, Any], int]] = {
    "Add": _add,
    "Mul": _mul,
    "Pow": _pow,
    "Max": _extremum,
    "Min": _extremum,
    "sec": _reciprocal("cos"),
    "csc": _reciprocal("sin"),
    "cot": _reciprocal("tan"),
    "sech": _reciprocal("cosh"),
    "csch": _reciprocal("sinh"),
    "coth": _reciprocal("tanh"),
    "polygamma": _polygamma,
    "digamma": _digamma,
    "Heaviside": _heaviside,
    "Piecewise": _piecewise,
    "ITE": _choice,
    "StrictLessThan": _relation("less"),
    "LessThan": _relation("less_equal"),
    "StrictGreaterThan": _relation("less", swapped=True),
    "GreaterThan": _relation("less_equal", swapped=True),
    "Equality": _relation("equal"),
    "Unequality": _unequal,
    "And": _junction("both"),
    "Or": _junction("either"),
    "Not": _not,
}
