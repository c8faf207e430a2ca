"""What the names in a formula stand for: columns of the data, parameters, known numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._checks import did_you_mean, real_number, shown
from skgd._formula.expression import parse
from skgd._rows import Array

__all__ = ["Names", "read_names"]

_WORD = re.compile(r"(?<![\w.])([A-Za-z_]\w*)(?!\s*\(|\w)")

CONSTANTS = {"E": "exp(1)", "I": "the imaginary unit", "pi": "pi"}
"""Names that formulas read as numbers."""
"""A name in the text of a formula that is not called; the ``e5`` of ``1e5`` is none."""

_POSITION = re.compile(r"x(0|[1-9]\d*)")


@dataclass(frozen=True)
class Names:
    """The names in a formula.

    Attributes
    ----------
    text : str
        The formula.
    columns : dict of str to int
        The columns that it uses, and their positions.
    initial : dict of str to float
        The parameters to be estimated, in the order of the text, and their starts.
    fixed : dict of str to float
        The parameters that are known.
    lower, upper : ndarray, shape (p,)
        The bounds of the parameters to be estimated.
    """

    text: str
    columns: dict[str, int]
    initial: dict[str, float]
    fixed: dict[str, float]
    lower: Array
    upper: Array

    @property
    def bounded(self) -> bool:
        """Whether there is a bound."""
        return bool(np.isfinite(self.lower).any() or np.isfinite(self.upper).any())

    def filled(self, values: Mapping[str, float]) -> str:
        """Return the text with numbers, as many digits as they have, in place of parameters."""

        def number(match: re.Match[str]) -> str:
            if match[1] not in values:
                return match[1]
            text = repr(float(values[match[1]]))
            return f"({text})" if text.startswith("-") else text

        return _WORD.sub(number, self.text)


def _check_constants(formula: str, declared: set[str]) -> None:
    """Raise ValueError where a number's name could be meant for a column or a parameter."""
    words = set(_WORD.findall(formula))
    for name, number in CONSTANTS.items():
        if name in words and (name in declared or len(name) == 1):
            raise ValueError(
                f"formula {formula!r} has the name {name}, which stands for {number} and cannot "
                f"be a column or a parameter; rename it, or write {number} in full"
            )


def read_names(
    formula: Any, columns: Sequence[str], width: int, initial: Any, bounds: Any, fixed: Any
) -> Names:
    """Find out what each name in a formula stands for.

    Parameters
    ----------
    formula : str
        The formula.
    columns : sequence of str
        The names of the data's columns; empty when they have none.
    width : int
        The number of columns.
    initial, bounds, fixed : mapping or None
        What is said of parameters.

    Returns
    -------
    Names
        The names, sorted.

    Raises
    ------
    ValueError
        When the formula has no parameters or no data, or an argument names something else.
    """
    given = {
        name: _by_name(name, value)
        for name, value in (("initial", initial), ("bounds", bounds), ("fixed", fixed))
    }
    if not isinstance(formula, str):
        raise ValueError(f"formula must be text such as 'a*exp(-b*t) + c', got {shown(formula)}")
    declared = {name for names in given.values() for name in names}.union(columns)
    _check_constants(formula, declared)
    expression = parse(formula, declared)
    symbols = {symbol.name for symbol in expression.free_symbols}
    # Once each, in the order of the text.
    names = [name for name in dict.fromkeys(_WORD.findall(formula)) if name in symbols]
    data = _columns(names, columns, width, given)
    parameters = [name for name in names if name not in data]
    for argument, mapping in given.items():
        _check_names(argument, mapping, parameters, data)
    known = {name: real_number(f"fixed[{name!r}]", value) for name, value in given["fixed"].items()}
    free = [name for name in parameters if name not in known]
    if not free:
        raise ValueError(
            f"formula {formula!r} has no parameter to estimate: its names are "
            f"{', '.join(names) or 'none'}; write for instance 'a*{next(iter(data), 'x0')} + b'"
        )
    if not data:
        raise ValueError(
            f"formula {formula!r} mentions no column of X, which has "
            f"{', '.join(columns or [f'x{i}' for i in range(width)])}; use these names for the data"
        )
    lower, upper = _sides(given["bounds"], free)
    starts = {
        name: _start(name, given["initial"].get(name), low, high)
        for name, low, high in zip(free, lower, upper, strict=True)
    }
    return Names(formula, data, starts, known, lower, upper)


def _by_name(argument: str, mapping: Any) -> dict[str, Any]:
    if mapping is None:
        return {}
    if not isinstance(mapping, Mapping) or not all(isinstance(name, str) for name in mapping):
        raise ValueError(
            f"{argument} must be a mapping of parameter names to values, got {shown(mapping)}"
        )
    return dict(mapping)


def _columns(
    names: Sequence[str],
    columns: Sequence[str],
    width: int,
    given: Mapping[str, Mapping[str, Any]],
) -> dict[str, int]:
    """Return the names that are columns: by the columns' own names, else by position."""
    own = {name: i for i, name in enumerate(columns)}
    found = {name: own[name] for name in names if name in own}
    if found:
        return found
    said = {name for mapping in given.values() for name in mapping}
    for name in names:
        match = _POSITION.fullmatch(name)
        if match and name not in said:
            found[name] = int(match[1])
            if found[name] >= width:
                raise ValueError(
                    f"formula uses {name}, but X has {width} feature(s), x0 to x{width - 1}; if it "
                    "is a parameter, say so in initial"
                )
    return found


def _check_names(
    argument: str,
    mapping: Mapping[str, Any],
    parameters: Sequence[str],
    data: Mapping[str, int],
) -> None:
    for name in mapping:
        if name in data:
            raise ValueError(f"{argument} names {name!r}, which is a column of X")
        if name not in parameters:
            raise ValueError(
                f"{argument} names {name!r}, which is no parameter of the formula; its parameters "
                f"are {', '.join(parameters) or 'none'}{did_you_mean(name, parameters)}"
            )


def _sides(bounds: Mapping[str, Any], free: Sequence[str]) -> tuple[Array, Array]:
    lower, upper = np.full(len(free), -np.inf), np.full(len(free), np.inf)
    for name, pair in bounds.items():
        try:
            low, high = pair
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"bounds[{name!r}] must be a pair (low, high) with None for no bound, got "
                f"{shown(pair)}"
            ) from error
        low, high = _side(name, low, -math.inf), _side(name, high, math.inf)
        if not low < high:
            raise ValueError(
                f"bounds[{name!r}] must have low < high, got {shown(pair)}; a parameter that is "
                "known belongs in fixed"
            )
        if name in free:
            i = free.index(name)
            lower[i], upper[i] = low, high
    return lower, upper


def _side(name: str, value: Any, none: float) -> float:
    if value is None or (isinstance(value, (float, np.floating)) and value == none):
        return none
    return real_number(f"bounds[{name!r}]", value)


def _start(name: str, value: Any, low: float, high: float) -> float:
    """Return the start of a parameter: what was said, else 1, else well inside of the bounds."""
    if value is not None:
        start = real_number(f"initial[{name!r}]", value)
        if not low <= start <= high:
            raise ValueError(
                f"initial[{name!r}] = {start:g} lies outside of its bounds [{low:g}, {high:g}]"
            )
        return start
    if low < 1.0 < high:
        return 1.0
    if math.isinf(high):
        return low + 1.0
    return high - 1.0 if math.isinf(low) else low + 0.5 * (high - low)
