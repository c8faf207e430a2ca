"""Text becomes a SymPy expression, and nothing else can come of it.

The text is checked character by character, then Python's own parser turns it into a syntax tree
without running it, then the tree is translated node by node; whatever is not listed here is
refused.  SymPy sees numbers, symbols and functions one at a time and is told not to evaluate them,
so that no text can keep it busy: ``9**9**9**9`` stays what it is.  The expression is therefore the
formula as it was written, with terms and factors in SymPy's order.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from skgd._checks import did_you_mean

from .graph import Graph
from .translation import insert

if TYPE_CHECKING:
    import sympy

    Expr: TypeAlias = sympy.Expr

__all__ = [
    "FUNCTIONS",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_NODES",
    "Chain",
    "chain_of",
    "links",
    "parse",
    "reserved",
    "syntax_tree",
]

MAX_LENGTH = 10_000
"""Characters of a formula."""

MAX_NODES = 2_000
"""Numbers, names, operators and calls in a formula."""

MAX_DEPTH = 50
"""Levels of nesting; a sum or a product is one level, however long it is."""

_EXACT_BITS = 64
"""Whole numbers beyond this size become floating-point numbers."""

_LARGEST_EXPONENT = 100
"""Powers of numbers, and exponents, beyond this become floating-point numbers."""

FUNCTIONS: Mapping[str, str] = {
    **{
        name: name
        for name in (
            *("sin", "cos", "tan", "asin", "acos", "atan", "atan2"),
            *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
            *("exp", "log", "sqrt", "erf", "erfc", "gamma", "loggamma", "sign"),
            *("log2", "log10", "Abs", "Max", "Min", "Piecewise"),
        )
    },
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "ln": "log",
    "abs": "Abs",
    "max": "Max",
    "min": "Min",
}
"""The functions that may be called, with SymPy's names for them."""

_CHARACTERS = re.compile(r"[A-Za-z0-9_+\-*/%^&|~!=<>(),. ]*")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
_NUMBER_THEN_LETTER = re.compile(
    r"(?<![\w.])((?:\d+\.?\d*|\.\d+)(?:(?![eE][+-]?\d)|[eE][+-]?\d+))([A-Za-z_]\w*)"
)
_NOT_REAL = {"I", "oo", "zoo", "inf", "nan", "NaN", "Infinity"}
_GREEK = {"gamma"}
"""Functions whose names are also letters: without parentheses they are symbols."""


def reserved(name: str) -> str | None:
    """Return why a symbol of a formula cannot have this name, None if it can."""
    if not _NAME.fullmatch(name):
        return (
            "a name consists of letters, digits and single underscores between them, "
            "and starts with a letter"
        )
    if name in {"pi", "E"}:
        return f"{name} is a mathematical constant"
    if name in _NOT_REAL:
        return "formulas are made of finite real numbers"
    if name in FUNCTIONS and name not in _GREEK:
        return f"{name} is a function: write {name}(...)"
    if keyword.iskeyword(name):
        return f"{name!r} is a reserved word of Python: choose another name, such as {name}_1"
    return None


def parse(text: str, declared: Collection[str] = ()) -> Expr:
    """Translate text into a SymPy expression.

    Parameters
    ----------
    text : str
        The formula, of at most `MAX_LENGTH` characters and `MAX_NODES` parts, nested at most
        `MAX_DEPTH` deep.
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
    parser = _Parser(text, declared)
    return parser.expression(parser.tree())


def syntax_tree(text: str) -> ast.expr:
    """Return the syntax tree of a formula that `parse` accepts; see there."""
    return _Parser(text).tree()


class Chain(Enum):
    """Operators of equal rank, which Python nests to the left."""

    SUM = (ast.Add, ast.Sub)
    PRODUCT = (ast.Mult, ast.Div)


def chain_of(node: ast.AST) -> Chain | None:
    """Return the chain that a node is part of."""
    if isinstance(node, ast.BinOp):
        for chain in Chain:
            if isinstance(node.op, chain.value):
                return chain
    return None


def links(node: ast.expr) -> list[tuple[ast.expr, bool]]:
    """Return the links of a chain, and for each whether it is subtracted or divided by."""
    chain = chain_of(node)
    found = []
    while isinstance(node, ast.BinOp) and chain_of(node) is chain:
        found.append((node.right, isinstance(node.op, ast.Sub | ast.Div)))
        node = node.left
    return [(node, False), *reversed(found)]


def _short(text: str) -> str:
    return text if len(text) <= 50 else f"{text[:47]}..."


class _Parser:
    """The translation of one text."""

    def __init__(self, text: str, declared: Collection[str] = ()) -> None:
        if len(text) > MAX_LENGTH:
            raise ValueError(
                f"the formula has {len(text)} characters, at most {MAX_LENGTH} are allowed; "
                "write it as a Python function, or build it with SymPy"
            )
        self.text = " ".join(text.split())
        self.declared = declared

    def refuse(self, problem: str, node: ast.AST | None = None) -> NoReturn:
        """Raise the error, which quotes the offending part of the formula."""
        part = ast.get_source_segment(self.text, node) if node is not None else None
        where = f" at {_short(part)!r}" if part and part != self.text else ""
        raise ValueError(f"formula {_short(self.text)!r}{where}: {problem}")

    def tree(self) -> ast.expr:
        """Return the syntax tree of the text, if it is not too large."""
        self._check_characters()
        tree = self._read()
        self._check_size(tree)
        return tree

    def _check_characters(self) -> None:
        if not self.text:
            self.refuse("there is nothing in it; write for instance 'x**2 + 8*sin(x)'")
        allowed = _CHARACTERS.match(self.text)
        end = allowed.end() if allowed else 0
        if end < len(self.text):
            character = self.text[end]
            hint = _TYPESET.get(character)
            advice = f"; write {hint}" if hint else ""
            self.refuse(f"the character {character!r} has no meaning in a formula{advice}")
        if re.search(r"(?<![<>=!])=(?!=)", self.text):
            self.refuse("a formula has no '='; write the right-hand side only")
        product = _NUMBER_THEN_LETTER.search(self.text)
        if product:
            number, word = map(_short, product.groups())
            self.refuse(f"for a product write {number}*{word} instead of {number}{word}")

    def _read(self) -> ast.expr:
        try:
            return ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            for word in re.findall(r"[A-Za-z_]\w*", self.text):
                if keyword.iskeyword(word) and word not in {"True", "and", "or", "not"}:
                    self.refuse(reserved(word) or "")
            offset = getattr(error, "offset", None)
            column = f" near column {offset}" if offset else ""
            self.refuse(
                f"it cannot be read{column}; check parentheses and operators, "
                "and write every product with *"
            )

    def _check_size(self, tree: ast.expr) -> None:
        parts = 0
        pending: list[tuple[ast.AST, int]] = [(tree, 1)]
        while pending:
            node, depth = pending.pop()
            parts += 1
            if parts > MAX_NODES:
                self.refuse(f"it has more than {MAX_NODES} numbers, names and operators")
            if depth > MAX_DEPTH:
                self.refuse(f"it is nested more than {MAX_DEPTH} levels deep")
            chain = chain_of(node)
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    same = chain is not None and chain_of(child) is chain
                    pending.append((child, depth if same else depth + 1))

    def expression(self, node: ast.expr) -> Expr:
        """Return the expression that a part of the tree stands for."""
        rule = _RULES.get(type(node))
        if rule is None:
            self.refuse(_REFUSALS.get(type(node), "this is not part of a formula"), node)
        return rule(self, node)

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


def _constant(parser: _Parser, node: Any) -> Expr:
    if type(node.value) not in {int, float}:
        parser.refuse(_REFUSALS[ast.Constant], node)
    return _number(parser, node.value, node)


def _number(parser: _Parser, value: Any, node: ast.AST) -> Expr:
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
        parser.refuse("the number is too large", node)
    return sympy.Float(number)


def _name(parser: _Parser, node: Any) -> Expr:
    import sympy

    if node.id in {"pi", "E"}:
        return getattr(sympy, node.id)
    problem = reserved(node.id)
    if problem:
        parser.refuse(problem, node)
    if node.id == "e" and "e" not in parser.declared:
        parser.refuse(
            "write E for Euler's number, exp(x) for its powers; for a symbol of this name "
            "list it in variables or parameters",
            node,
        )
    return sympy.Symbol(node.id)


def _unary(parser: _Parser, node: Any) -> Expr:
    import sympy

    operand = parser.expression(node.operand)
    if isinstance(node.op, ast.USub):
        return _multiply(parser, [sympy.Integer(-1), operand], node)
    if isinstance(node.op, ast.UAdd):
        return operand
    return parser.refuse("this is not an operator of formulas", node)


def _binary(parser: _Parser, node: Any) -> Expr:
    chain = chain_of(node)
    if chain is Chain.SUM:
        return _sum(parser, node)
    if chain is Chain.PRODUCT:
        return _product(parser, node)
    if isinstance(node.op, ast.Pow):
        return _power(parser, parser.expression(node.left), parser.expression(node.right), node)
    return parser.refuse(
        _OPERATORS.get(type(node.op), "the operators of formulas are + - * / **"), node
    )


def _sum(parser: _Parser, node: Any) -> Expr:
    import sympy

    terms: list[Expr] = []
    for link, subtracted in links(node):
        term = parser.expression(link)
        if subtracted:
            term = _multiply(parser, [sympy.Integer(-1), term], link)
        terms.extend(term.args if term.is_Add else [term])
    number = _number(parser, sum(term for term in terms if term.is_Number), node)
    rest = sorted((term for term in terms if not term.is_Number), key=_canonical)
    return _joined(sympy.Add, [number] if number != 0 or not rest else [], rest)


def _product(parser: _Parser, node: Any) -> Expr:
    factors = []
    for link, divides in links(node):
        factor = parser.expression(link)
        factors.extend(_reciprocals(parser, factor, link) if divides else [factor])
    return _multiply(parser, factors, node)


def _multiply(parser: _Parser, factors: Sequence[Expr], node: ast.AST) -> Expr:
    import sympy

    flat = [part for factor in factors for part in _factors(factor)]
    product = math.prod(factor for factor in flat if factor.is_Number)
    number = _number(parser, product, node)
    rest = sorted((factor for factor in flat if not factor.is_Number), key=_canonical)
    return _joined(sympy.Mul, [number] if number != 1 or not rest else [], rest)


def _factors(expression: Expr) -> Sequence[Expr]:
    return expression.args if expression.is_Mul else [expression]


def _reciprocals(parser: _Parser, divisor: Expr, node: ast.AST) -> list[Expr]:
    import sympy

    reciprocals = []
    for factor in _factors(divisor):
        if factor == 0:
            parser.refuse("this is a division by zero", node)
        if factor.is_Rational:
            reciprocals.append(sympy.Rational(factor.q, factor.p))
        elif factor.is_Pow and factor.exp.is_Number:
            reciprocals.append(_power(parser, factor.base, -factor.exp, node))
        else:
            reciprocals.append(_power(parser, factor, sympy.Integer(-1), node))
    return reciprocals


def _power(parser: _Parser, base: Expr, exponent: Expr, node: ast.AST) -> Expr:
    import sympy

    if base.is_number and exponent.is_number and not _stays_exact(base, exponent):
        graph = Graph(inputs=0)
        power = graph.power(insert(graph, base, {}), insert(graph, exponent, {}))
        value = graph.value(power)
        if value is None or not math.isfinite(value):
            parser.refuse("the power is not a finite real number", node)
        return sympy.Float(value)
    if base is sympy.E:
        return sympy.exp(exponent, evaluate=False)
    if exponent.is_Integer and abs(exponent) * _degree(base) > _LARGEST_EXPONENT:
        # SymPy raises the numbers in the base to an exact power when it prints.
        exponent = sympy.Float(exponent)
    return sympy.Pow(base, exponent, evaluate=False)


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


def _call(parser: _Parser, node: Any) -> Expr:
    import sympy

    if not isinstance(node.func, ast.Name):
        parser.refuse("for a product write * between the factors", node)
    written = node.func.id
    name = FUNCTIONS.get(written)
    if name is None:
        short = _short(written)
        parser.refuse(
            f"{short} is not a function that skgd knows; "
            f"for a product write {short}*(...){did_you_mean(short, FUNCTIONS)}",
            node,
        )
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        parser.refuse("the arguments of a function are expressions, separated by commas", node)
    if name == "Piecewise":
        return _piecewise(parser, node)
    least, most = _ARGUMENTS.get(name, (1, 1))
    if not least <= len(node.args) <= most:
        expected = f"{least}" if least == most else f"{least} or more"
        parser.refuse(f"{written} takes {expected} argument(s), got {len(node.args)}", node)
    arguments = [parser.expression(argument) for argument in node.args]
    if name == "sqrt":
        return _power(parser, arguments[0], sympy.Rational(1, 2), node)
    if name in {"log", "log2", "log10"}:
        bases = {"log2": [sympy.Integer(2)], "log10": [sympy.Integer(10)]}
        return _logarithm(parser, [*arguments, *bases.get(name, [])], node)
    if len(arguments) == 1 and name in {"Max", "Min"}:
        return arguments[0]
    return getattr(sympy, name)(*arguments, evaluate=False)


def _logarithm(parser: _Parser, arguments: Sequence[Expr], node: ast.AST) -> Expr:
    import sympy

    argument, *base = (sympy.log(argument, evaluate=False) for argument in arguments)
    inverse = [_power(parser, logarithm, sympy.Integer(-1), node) for logarithm in base]
    return _multiply(parser, [argument, *inverse], node)


def _piecewise(parser: _Parser, node: Any) -> Expr:
    import sympy

    if not node.args:
        parser.refuse("Piecewise takes one (value, condition) pair or more", node)
    pairs = []
    for argument in node.args:
        if not (isinstance(argument, ast.Tuple) and len(argument.elts) == 2):
            parser.refuse(
                "the arguments of Piecewise are pairs, as in Piecewise((x, x > 0), (0, True))",
                argument,
            )
        value, condition = argument.elts
        pairs.append((parser.expression(value), parser.condition(condition)))
    return sympy.Piecewise(*pairs, evaluate=False)


_RULES: Mapping[type, Callable[[_Parser, Any], Expr]] = {
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

_TYPESET: Mapping[str, str] = {
    "²": "**2",
    "³": "**3",
    "·": "*",
    "\u00d7": "*",
    "÷": "/",
    "\u2212": "-",
    "√": "sqrt(...)",
    "π": "pi",
    "[": "( instead of [",
    "{": "( instead of {",
}
