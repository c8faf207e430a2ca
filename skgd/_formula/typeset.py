r"""Text formulas in LaTeX, as they were written.

SymPy's printer rearranges what it prints, and evaluates powers on the way, which for a formula such
as ``y/(2*x)**10**15`` takes for ever.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from .syntax import FUNCTIONS, Chain, FormulaText, chain_of, links

__all__ = ["latex"]

_SUM, _PRODUCT, _POWER, _ATOM = range(4)
"""How tightly a piece of LaTeX holds together."""


def latex(text: str) -> str:
    r"""Return a formula in LaTeX.

    Parameters
    ----------
    text : str
        The formula.

    Raises
    ------
    ValueError
        When the text is not a formula.

    Examples
    --------
    >>> print(latex("(x1 - 10)**2/3 + 8*sin(x1)"))
    \frac{\left(x_{1} - 10\right)^{2}}{3} + 8 \sin{\left(x_{1} \right)}
    """
    return _written(FormulaText(text).tree())


def _written(node: ast.expr, least: int = _SUM) -> str:
    """Return a part of the formula, in parentheses if it would fall apart in its place."""
    piece, level = _RULES[type(node)](node)
    return piece if level >= least else rf"\left({piece}\right)"


def _constant(node: Any) -> tuple[str, int]:
    mantissa, _, exponent = repr(node.value).partition("e")
    if exponent:
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}", _PRODUCT
    return mantissa, _ATOM


def _name(node: Any) -> tuple[str, int]:
    import sympy

    constants = {"pi": r"\pi", "E": "e"}
    return constants.get(node.id) or sympy.latex(sympy.Symbol(node.id)), _ATOM


def _unary(node: Any) -> tuple[str, int]:
    if isinstance(node.op, ast.UAdd):
        return _RULES[type(node.operand)](node.operand)
    return f"- {_written(node.operand, _PRODUCT)}", _SUM


def _binary(node: Any) -> tuple[str, int]:
    kind = chain_of(node)
    if kind is Chain.SUM:
        return _sum(node), _SUM
    if kind is Chain.PRODUCT:
        return _product(node)
    return _power(node), _POWER


def _sum(node: ast.expr) -> str:
    (first, _), *others = links(node)
    terms = [_written(first)]
    for term, subtracted in others:
        terms.append(f"{'-' if subtracted else '+'} {_written(term, _PRODUCT)}")
    return " ".join(terms)


def _product(node: ast.expr) -> tuple[str, int]:
    (first, _), *others = links(node)
    # Python reads -x/2 as (-x)/2.
    negative = isinstance(first, ast.UnaryOp) and isinstance(first.op, ast.USub)
    if isinstance(first, ast.UnaryOp):
        first = first.operand
    divided = others[0][1]
    product = _written(first, _SUM if divided else _PRODUCT)
    for factor, divides in others:
        if divides:
            product = rf"\frac{{{product}}}{{{_written(factor)}}}"
        else:
            written = _written(factor, _PRODUCT)
            product += rf" \cdot {written}" if written[0].isdigit() else f" {written}"
    return (f"- {product}", _SUM) if negative else (product, _PRODUCT)


def _power(node: Any) -> str:
    base, exponent = node.left, _written(node.right)
    if isinstance(base, ast.Call) and isinstance(base.func, ast.Name):
        command = _COMMANDS.get(FUNCTIONS[base.func.id])
        if command and isinstance(node.right, ast.Constant):
            return rf"{command}^{{{exponent}}}{_arguments(base)}"
    return f"{_written(base, _ATOM)}^{{{exponent}}}"


def _call(node: Any) -> tuple[str, int]:
    name = FUNCTIONS[node.func.id]
    if name == "exp":
        return f"e^{{{_written(node.args[0])}}}", _POWER
    if name == "sqrt":
        return rf"\sqrt{{{_written(node.args[0])}}}", _POWER
    if name == "Abs":
        return rf"\left|{_written(node.args[0])}\right|", _ATOM
    if name == "Piecewise":
        return _piecewise(node), _PRODUCT
    if name == "log" and len(node.args) == 2:
        argument, base = map(_written, node.args)
        return rf"\log_{{{base}}}{{\left({argument} \right)}}", _PRODUCT
    return f"{_COMMANDS[name]}{_arguments(node)}", _PRODUCT


def _arguments(node: Any) -> str:
    return rf"{{\left({', '.join(map(_written, node.args))} \right)}}"


def _piecewise(node: Any) -> str:
    branches = []
    for value, condition in (pair.elts for pair in node.args):
        always = isinstance(condition, ast.Constant)
        place = r"\text{otherwise}" if always else rf"\text{{for}}\: {_written(condition)}"
        branches.append(f"{_written(value)} & {place}")
    lines = r" \\ ".join(branches)
    return rf"\begin{{cases}} {lines} \end{{cases}}"


def _comparison(node: Any) -> tuple[str, int]:
    sign = _RELATIONS[type(node.ops[0])]
    return f"{_written(node.left)} {sign} {_written(node.comparators[0])}", _SUM


_RULES: Mapping[type, Callable[[Any], tuple[str, int]]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Call: _call,
    ast.Compare: _comparison,
}

_RELATIONS: Mapping[type, str] = {
    ast.Lt: "<",
    ast.LtE: r"\leq",
    ast.Gt: ">",
    ast.GtE: r"\geq",
    ast.Eq: "=",
    ast.NotEq: r"\neq",
}

_COMMANDS: Mapping[str, str] = {
    **{name: rf"\{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "log")},
    **{
        name: rf"\operatorname{{{name}}}"
        for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh", "erf", "erfc", "sign")
    },
    "atan2": r"\operatorname{atan2}",
    "log2": r"\log_{2}",
    "log10": r"\log_{10}",
    "gamma": r"\Gamma",
    "loggamma": r"\log\Gamma",
    "Max": r"\max",
    "Min": r"\min",
}
