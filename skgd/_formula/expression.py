"""The syntax tree of a formula becomes a SymPy expression, and nothing else can come of it.

Whatever is not listed here is refused.  SymPy gets numbers, symbols and functions one at a time and
is told not to evaluate them, so that no formula can keep it busy.  The expression is therefore the
formula as it was written, with terms and factors in SymPy's order; only numbers are combined.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any, TypeAlias

from skgd._checks import did_you_mean

from .graph import Graph
from .syntax import FUNCTIONS, Chain, FormulaText, chain_of, links, reserved, shortened
from .translation import NotFiniteError, insert

if TYPE_CHECKING:
    import sympy

    Expr: TypeAlias = sympy.Expr

__all__ = ["parse"]

_EXACT_BITS = 64
"""Whole numbers beyond this size become floating-point numbers."""

_LARGEST_EXPONENT = 100
"""Powers of numbers, and exponents, beyond this become floating-point numbers."""


def parse(text: str, declared: Collection[str] = ()) -> Expr:
    """Translate text into a SymPy expression.

    Parameters
    ----------
    text : str
        The formula.
    declared : collection of str
        Names that are known to be symbols.  Only ``e`` has to be among them: whoever writes it
        without having declared it probably means Euler's number.

    Raises
    ------
    ValueError
        When the text is not a formula.

    Examples
    --------
    >>> parse("x**2 + 8*sin(x)")
    x**2 + 8*sin(x)
    >>> parse("x^2")
    Traceback (most recent call last):
        ...
    ValueError: formula 'x^2': ^ is not a power here; write **
    """
    source = FormulaText(text)
    return _Writer(source, declared).expression(source.tree())


class _Writer:
    """The translation of one formula."""

    def __init__(self, source: FormulaText, declared: Collection[str]) -> None:
        self.refuse = source.refuse
        self.declared = declared

    def expression(self, node: ast.expr) -> Expr:
        """Return the expression that a part of the tree stands for."""
        rule = _RULES.get(type(node))
        if rule is None:
            self.refuse(_REFUSALS.get(type(node), "this is not part of a formula"), node)
        expression = rule(self, node)
        if expression.is_number:
            self.number(expression, node)
        return expression

    def number(self, expression: Expr, node: ast.AST) -> float:
        """Return the value of an expression without symbols, which must be finite and real."""
        graph = Graph(inputs=0)
        try:
            value = graph.value(insert(graph, expression, {}))
        except NotFiniteError:
            value = None
        return self.refuse("this is not a finite real number", node) if value is None else value

    def condition(self, node: ast.expr) -> Any:
        """Return the condition that stands in a branch of ``Piecewise``."""
        import sympy

        if isinstance(node, ast.Constant) and node.value is True:
            return sympy.true
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            relation = getattr(sympy, _RELATIONS.get(type(node.ops[0]), ""), None)
            if relation is not None:
                sides = [self.expression(node.left), self.expression(node.comparators[0])]
                if any(side.has(sympy.Piecewise) for side in sides):
                    # SymPy would evaluate such a condition, which may take very long.
                    self.refuse("a condition cannot contain another Piecewise", node)
                return relation(*sides, evaluate=False)
        return self.refuse(
            "a condition is one comparison such as x < 1, or True for all the rest; "
            "the first condition that holds decides",
            node,
        )


def _constant(writer: _Writer, node: Any) -> Expr:
    if type(node.value) not in {int, float}:
        writer.refuse(_REFUSALS[ast.Constant], node)
    return _number(writer, node.value, node)


def _number(writer: _Writer, value: Any, node: ast.AST) -> Expr:
    """Return a number in SymPy's form, exact only if that is short."""
    import sympy

    if isinstance(value, sympy.Rational | int):
        exact = sympy.Rational(value)
        if max(int(exact.p).bit_length(), int(exact.q).bit_length()) <= _EXACT_BITS:
            return exact
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        writer.refuse("the number is too large", node)
    return sympy.Float(number)


def _name(writer: _Writer, node: Any) -> Expr:
    import sympy

    if node.id in {"pi", "E"}:
        return getattr(sympy, node.id)
    problem = reserved(node.id)
    if problem:
        writer.refuse(problem, node)
    if node.id == "e" and "e" not in writer.declared:
        writer.refuse(
            "write E for Euler's number, exp(x) for its powers; for a symbol of this name "
            "list it in variables or parameters",
            node,
        )
    return sympy.Symbol(node.id)


def _unary(writer: _Writer, node: Any) -> Expr:
    import sympy

    operand = writer.expression(node.operand)
    if isinstance(node.op, ast.USub):
        return _multiply(writer, [sympy.Integer(-1), operand], node)
    if isinstance(node.op, ast.UAdd):
        return operand
    return writer.refuse("this is not an operator of formulas", node)


def _binary(writer: _Writer, node: Any) -> Expr:
    chain = chain_of(node)
    if chain is Chain.SUM:
        return _sum(writer, node)
    if chain is Chain.PRODUCT:
        return _product(writer, node)
    if isinstance(node.op, ast.Pow):
        return _power(writer, writer.expression(node.left), writer.expression(node.right), node)
    return writer.refuse(
        _OPERATORS.get(type(node.op), "the operators of formulas are + - * / **"), node
    )


def _sum(writer: _Writer, node: Any) -> Expr:
    import sympy

    terms: list[Expr] = []
    for link, subtracted in links(node):
        term = writer.expression(link)
        if subtracted:
            term = _multiply(writer, [sympy.Integer(-1), term], link)
        terms.extend(term.args if term.is_Add else [term])
    number = _number(writer, sum(term for term in terms if term.is_Number), node)
    rest = sorted((term for term in terms if not term.is_Number), key=_canonical)
    return _joined(sympy.Add, [number] if number != 0 or not rest else [], rest)


def _product(writer: _Writer, node: Any) -> Expr:
    factors = []
    for link, divides in links(node):
        factor = writer.expression(link)
        factors.extend(_reciprocals(writer, factor, link) if divides else [factor])
    return _multiply(writer, factors, node)


def _multiply(writer: _Writer, factors: Sequence[Expr], node: ast.AST) -> Expr:
    import sympy

    flat = [part for factor in factors for part in _factors(factor)]
    product = math.prod(factor for factor in flat if factor.is_Number)
    number = _number(writer, product, node)
    rest = sorted((factor for factor in flat if not factor.is_Number), key=_canonical)
    return _joined(sympy.Mul, [number] if number != 1 or not rest else [], rest)


def _factors(expression: Expr) -> Sequence[Expr]:
    return expression.args if expression.is_Mul else [expression]


def _reciprocals(writer: _Writer, divisor: Expr, node: ast.AST) -> list[Expr]:
    import sympy

    reciprocals = []
    for factor in _factors(divisor):
        if factor == 0:
            writer.refuse("this is a division by zero", node)
        if factor.is_Rational:
            reciprocals.append(sympy.Rational(factor.q, factor.p))
        elif factor.is_Pow and factor.exp.is_Number:
            reciprocals.append(_power(writer, factor.base, -factor.exp, node))
        else:
            reciprocals.append(_power(writer, factor, sympy.Integer(-1), node))
    return reciprocals


def _power(writer: _Writer, base: Expr, exponent: Expr, node: ast.AST) -> Expr:
    import sympy

    power = sympy.Pow(base, exponent, evaluate=False)
    if power.is_number and not _stays_exact(base, exponent):
        return sympy.Float(writer.number(power, node))
    if base is sympy.E:
        return sympy.exp(exponent, evaluate=False)
    if exponent.is_Integer and abs(exponent) * _degree(base) > _LARGEST_EXPONENT:
        # SymPy raises the numbers in the base to an exact power when it prints.
        return sympy.Pow(base, sympy.Float(exponent), evaluate=False)
    return power


def _stays_exact(base: Expr, exponent: Expr) -> bool:
    """Tell whether a power of numbers is harmless: SymPy computes with it when it prints."""
    if not exponent.is_Rational or base == 0:
        return False
    # Powers of powers would grow without limit; roots and reciprocals do not.
    simple = base.is_Number or base.is_NumberSymbol
    largest = _LARGEST_EXPONENT if simple else int(exponent.q)
    return bool(exponent.q <= _LARGEST_EXPONENT and abs(exponent.p) <= largest)


def _degree(expression: Expr) -> int:
    """Return the largest product of whole exponents that are nested in each other."""
    degree = max(map(_degree, expression.args), default=1)
    if expression.is_Pow and expression.exp.is_Integer:
        return degree * max(1, abs(int(expression.exp)))
    return degree


def _joined(operation: Any, number: Sequence[Expr], rest: Sequence[Expr]) -> Expr:
    # SymPy puts the number first.
    parts = [*number, *rest]
    return operation(*parts, evaluate=False) if len(parts) > 1 else parts[0]


def _compare(a: Expr, b: Expr) -> int:
    return int(a.compare(b))


_canonical = cmp_to_key(_compare)


def _call(writer: _Writer, node: Any) -> Expr:
    import sympy

    if not isinstance(node.func, ast.Name):
        writer.refuse("for a product write * between the factors", node)
    written = node.func.id
    name = FUNCTIONS.get(written)
    if name is None:
        short = shortened(written)
        writer.refuse(
            f"{short} is not a function that skgd knows; "
            f"for a product write {short}*(...){did_you_mean(short, FUNCTIONS)}",
            node,
        )
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        writer.refuse("the arguments of a function are expressions, separated by commas", node)
    if name == "Piecewise":
        return _piecewise(writer, node)
    least, most = _ARGUMENTS.get(name, (1, 1))
    if not least <= len(node.args) <= most:
        expected = f"{least}" if least == most else f"{least} or more"
        writer.refuse(f"{written} takes {expected} argument(s), got {len(node.args)}", node)
    arguments = [writer.expression(argument) for argument in node.args]
    if name == "sqrt":
        return _power(writer, arguments[0], sympy.Rational(1, 2), node)
    if name in {"log", "log2", "log10"}:
        bases = {"log2": [sympy.Integer(2)], "log10": [sympy.Integer(10)]}
        return _logarithm(writer, [*arguments, *bases.get(name, [])], node)
    if len(arguments) == 1 and name in {"Max", "Min"}:
        return arguments[0]
    return getattr(sympy, name)(*arguments, evaluate=False)


def _logarithm(writer: _Writer, arguments: Sequence[Expr], node: ast.AST) -> Expr:
    import sympy

    argument, *base = (sympy.log(argument, evaluate=False) for argument in arguments)
    inverse = [_power(writer, logarithm, sympy.Integer(-1), node) for logarithm in base]
    return _multiply(writer, [argument, *inverse], node)


def _piecewise(writer: _Writer, node: Any) -> Expr:
    import sympy

    if not node.args:
        writer.refuse("Piecewise takes one (value, condition) pair or more", node)
    pairs = []
    for argument in node.args:
        if not (isinstance(argument, ast.Tuple) and len(argument.elts) == 2):
            writer.refuse(
                "the arguments of Piecewise are pairs, as in Piecewise((x, x > 0), (0, True))",
                argument,
            )
        value, condition = argument.elts
        pairs.append((writer.expression(value), writer.condition(condition)))
    return sympy.Piecewise(*pairs, evaluate=False)


_RULES: Mapping[type, Callable[[_Writer, Any], Expr]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Call: _call,
}

_RELATIONS: Mapping[type, str] = {
    ast.Lt: "StrictLessThan",
    ast.LtE: "LessThan",
    ast.Gt: "StrictGreaterThan",
    ast.GtE: "GreaterThan",
    ast.Eq: "Equality",
    ast.NotEq: "Unequality",
}

_ARGUMENTS: Mapping[str, tuple[float, float]] = {
    "atan2": (2, 2),
    "log": (1, 2),
    "Max": (1, math.inf),
    "Min": (1, math.inf),
}

_OPERATORS: Mapping[type, str] = {
    ast.BitXor: "^ is not a power here; write **",
    ast.Mod: "the remainder % has no derivative where it jumps; write Piecewise",
    ast.FloorDiv: "// has no derivative where it jumps; write / or Piecewise",
}

_REFUSALS: Mapping[type, str] = {
    ast.Compare: "a comparison can only be a condition of Piecewise",
    ast.BoolOp: "conditions cannot be joined; list more branches in Piecewise",
    ast.IfExp: "write a choice as Piecewise((value, condition), (other, True))",
    ast.Tuple: "a comma can only separate the arguments of a function",
    ast.Attribute: "a formula has no attributes; a dot can only stand in a number",
    ast.Constant: "the constants of a formula are real numbers",
}
