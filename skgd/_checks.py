"""Checks of arguments: errors that name the argument and say what to do, and warnings."""

from __future__ import annotations

import difflib
import inspect
import numbers
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from ._rows import Array


def real_number(name: str, value: Any) -> float:
    """Return `value` as a finite float, or raise ValueError."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise ValueError(f"{name} must be a real number, got {value!r}")
    number = float(value)
    if not np.isfinite(number):
        raise ValueError(f"{name} must be a finite number, got {value!r}")
    return number


def positive(name: str, value: Any) -> float:
    """Return `value` as a positive float, or raise ValueError."""
    number = real_number(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be positive, got {value!r}")
    return number


def not_negative(name: str, value: Any) -> float:
    """Return `value` as a float that is zero or positive, or raise ValueError."""
    number = real_number(name, value)
    if number < 0:
        raise ValueError(f"{name} must not be negative, got {value!r}")
    return number


def fraction(name: str, value: Any, *, zero: bool = True) -> float:
    """Return `value` as a float in [0, 1), or in (0, 1) without `zero`, or raise ValueError."""
    number = real_number(name, value)
    if not (0 <= number < 1) or (number == 0 and not zero):
        raise ValueError(f"{name} must lie in {'[' if zero else '('}0, 1), got {value!r}")
    return number


def whole_number(name: str, value: Any, *, least: int = 0) -> int:
    """Return `value` as an int that is at least `least`, or raise ValueError.

    Whole floats such as ``1e4`` are welcome: SciPy users write them.
    """
    number = real_number(name, value)
    if number != int(number):
        raise ValueError(f"{name} must be a whole number, got {value!r}")
    if number < least:
        raise ValueError(f"{name} must be at least {least}, got {value!r}")
    return int(number)


def finite_array(name: str, value: Any) -> Array:
    """Return `value` as a new float array of at most one dimension, or raise ValueError."""
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a number or an array of numbers: {error}") from error
    if array.ndim > 1:
        raise ValueError(f"{name} must have at most one dimension, got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {value!r}")
    return array


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return a clause such as ``; did you mean 'gtol'?``, empty when nothing is near."""
    near = difflib.get_close_matches(str(word).lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the user's own line: the one that called skgd, or SciPy that called skgd."""
    level = 1
    frame = inspect.currentframe()
    while frame is not None and _package(frame.f_globals) in ("skgd", "scipy"):
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)


def _package(module: dict[str, Any]) -> str:
    return str(module.get("__name__", "")).partition(".")[0]
