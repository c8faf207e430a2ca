"""Arguments that have a value for each column of the data, given in order or by name."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._checks import as_float, did_you_mean, finite_array, not_negative, shown
from ._rows import Array
from .proximal import Box
from .proximal.box import is_pair


@dataclass(frozen=True)
class Columns:
    """The columns of the data: how many there are, and what they are called."""

    d: int
    names: tuple[str, ...] | None

    def called(self, j: int) -> str:
        """Return what a message calls the column at a position."""
        return f"column {j}" if self.names is None else f"column {self.names[j]!r}"

    def each(self, argument: str, values: Any) -> dict[int, Any]:
        """Return the values of a dict by position, or raise ValueError."""
        found: dict[int, Any] = {}
        for key, value in values.items():
            j = self._position(argument, key)
            if j in found:
                raise ValueError(f"{argument}: {self.called(j)} is there twice; leave out one")
            found[j] = value
        return found

    def _position(self, argument: str, key: Any) -> int:
        if isinstance(key, str):
            if self.names is None:
                raise ValueError(
                    f"{argument}: there is no column {key!r}, as X came without names of columns; "
                    f"give positions from 0 to {self.d - 1}, or pass X as a data frame"
                )
            if key not in self.names:
                near = did_you_mean(key, self.names)
                known = f"; the columns are {shown(list(self.names))}"
                raise ValueError(f"{argument}: there is no column {key!r}{near or known}")
            return self.names.index(key)
        position = _whole(key)
        if position is None:
            raise ValueError(
                f"{argument}: a column must be given by its name or position, got {shown(key)}"
            )
        if not 0 <= position < self.d:
            raise ValueError(
                f"{argument}: there is no column {position}; positions go from 0 to {self.d - 1}"
            )
        return position


def _whole(value: Any) -> int | None:
    """Return a whole number of any type as an int, None for anything else."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        return None
    number = float(value)
    return int(number) if number.is_integer() else None


def read_weights(values: Any, columns: Columns) -> Array:
    """Return the factor of each column."""
    name = "penalty_weights"
    if values is None:
        return np.ones(columns.d)
    if isinstance(values, Mapping):
        weights = np.ones(columns.d)
        for j, value in columns.each(name, values).items():
            weights[j] = not_negative(f"{name} of {columns.called(j)}", value)
        return weights
    weights = finite_array(name, values)
    if weights.shape != (columns.d,):
        raise ValueError(
            f"{name} must have shape ({columns.d},), one for each column, or be a dict; "
            f"got shape {weights.shape}"
        )
    if (weights < 0).any():
        j = int(np.argmax(weights < 0))
        raise ValueError(f"{name} must not be negative, got {weights[j]:g} for {columns.called(j)}")
    return weights


def read_bounds(bounds: Any, positive: bool, columns: Columns) -> Box:
    """Return the bounds of all columns."""
    d = columns.d
    lower, upper = np.full(d, -np.inf), np.full(d, np.inf)
    if isinstance(bounds, Mapping):
        for j, pair in columns.each("bounds", bounds).items():
            lower[j], upper[j] = _pair(f"bounds of {columns.called(j)}", pair)
    elif is_pair(bounds):
        lower[:], upper[:] = _pair("bounds", bounds)
    elif bounds is not None:
        lower, upper = _box(bounds, d)
    if positive:
        below = upper < 0
        if below.any():
            j = int(np.argmax(below))
            raise ValueError(
                f"positive=True contradicts the upper bound {upper[j]:g} of {columns.called(j)}; "
                f"change one of them"
            )
        lower = np.maximum(lower, 0.0)
    return Box(lower, upper)


def _box(bounds: Any, d: int) -> tuple[Array, Array]:
    """Return both sides of bounds that are given for every column."""
    if hasattr(bounds, "to_numpy"):
        bounds = bounds.to_numpy()
    listed = isinstance(bounds, (tuple, list)) or np.ndim(bounds) == 2
    pairs = listed and len(bounds) == d and all(is_pair(pair) for pair in bounds)
    if not (pairs or (hasattr(bounds, "lb") and hasattr(bounds, "ub"))):
        raise ValueError(
            f"bounds must be a pair (low, high), one pair for each of the {d} columns, a "
            f"scipy.optimize.Bounds or a dict such as {{column: (low, high)}}; got {shown(bounds)}"
        )
    box = Box.from_bounds(bounds, d)
    return box.lower, box.upper


def _pair(name: str, pair: Any) -> tuple[float, float]:
    """Return a lower and an upper bound as floats."""
    if not is_pair(pair):
        raise ValueError(f"{name} must be a pair (low, high), got {shown(pair)}")
    try:
        low, high = (
            none if side is None else as_float(side)
            for side, none in zip(pair, (-math.inf, math.inf), strict=True)
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be numbers or None: {error}") from error
    if math.isnan(low) or math.isnan(high):
        raise ValueError(f"{name} must not be NaN; write None for 'no bound'")
    if low == math.inf or high == -math.inf:
        raise ValueError(f"{name}: a lower bound of inf or an upper bound of -inf allows nothing")
    if low > high:
        raise ValueError(
            f"{name}: the lower bound {low:g} is greater than the upper bound {high:g}; "
            f"exchange them"
        )
    return low, high


def read_groups(values: Any, columns: Columns) -> Array:
    """Return the number of each column's group, from 0 in order of appearance, or -1."""
    if values is None:
        raise ValueError(
            "penalty='group' needs groups, the group of each column, such as groups=[0, 0, 1] or "
            "groups={'column': 'group'}"
        )
    if isinstance(values, Mapping):
        given = columns.each("groups", values)
    else:
        given = dict(enumerate(_as_list(values, columns.d)))
    for label in given.values():
        number = _whole(label)
        if not isinstance(label, str) and (number is None or number < -1):
            raise ValueError(
                f"groups must be texts or whole numbers, -1 for a column without a penalty; "
                f"got {shown(label)}"
            )
    # An object is equal to nothing but itself: the label of a group of its own.
    labels = [given.get(j, object()) for j in range(columns.d)]
    known: dict[Any, int] = {}
    return np.array(
        [-1 if label == -1 else known.setdefault(label, len(known)) for label in labels],
        dtype=np.intp,
    )


def _as_list(values: Any, d: int) -> list[Any]:
    """Return the labels of d columns as a list."""
    array = np.asarray(values, dtype=object)
    if array.shape != (d,):
        got = f"shape {array.shape}" if array.ndim else shown(values)
        raise ValueError(
            f"groups must have shape ({d},), one group for each column, or be a dict; got {got}"
        )
    return list(array)
