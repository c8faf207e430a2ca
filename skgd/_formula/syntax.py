"""What text is a formula, and its syntax tree.

The text is checked character by character.  Then Python's own parser turns it into a syntax tree,
without running anything, and the tree is measured.  Which nodes a tree may have is the business of
those who translate it, by a list of what they know: see `expression`.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, NoReturn

__all__ = [
    "FUNCTIONS",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_NODES",
    "Chain",
    "FormulaText",
    "chain_of",
    "links",
    "reserved",
    "shortened",
]

MAX_LENGTH = 10_000
"""Characters of a formula."""

MAX_NODES = 2_000
"""Numbers, names, operators and calls in a formula."""

MAX_DEPTH = 50
"""Levels of nesting; a sum or a product is one level, however long it is."""

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


def shortened(text: str) -> str:
    """Return text that fits into an error message."""
    return text if len(text) <= 50 else f"{text[:47]}..."


class FormulaText:
    """The text of a formula.

    Parameters
    ----------
    text : str
        The text.

    Raises
    ------
    ValueError
        When the text is longer than `MAX_LENGTH`.
    """

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise ValueError(
                f"the formula has {len(text)} characters, at most {MAX_LENGTH} are allowed; "
                "write it as a Python function, or build it with SymPy"
            )
        self.text = " ".join(text.split())

    def refuse(self, problem: str, node: ast.AST | None = None) -> NoReturn:
        """Raise the error, which quotes the offending part of the formula."""
        part = ast.get_source_segment(self.text, node) if node is not None else None
        where = f" at {shortened(part)!r}" if part and part != self.text else ""
        raise ValueError(f"formula {shortened(self.text)!r}{where}: {problem}")

    def tree(self) -> ast.expr:
        """Return the syntax tree, or raise ValueError when the text has none or a too large one."""
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
            hint = _HINTS.get(character)
            advice = f"; write {hint}" if hint else ""
            self.refuse(f"the character {character!r} has no meaning in a formula{advice}")
        if re.search(r"(?<![<>=!])=(?!=)", self.text):
            self.refuse("a formula has no '='; write the right-hand side only")
        product = _NUMBER_THEN_LETTER.search(self.text)
        if product:
            number, word = map(shortened, product.groups())
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
        pending: list[tuple[Any, int]] = [(tree, 1)]
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
                    # a + b + c is (a + b) + c to Python, but one level to everybody else.
                    link = chain is not None and chain_of(child) is chain and child is node.left
                    pending.append((child, depth if link else depth + 1))


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


_HINTS: Mapping[str, str] = {
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
