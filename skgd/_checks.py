"""Checks of arguments: errors that name the argument and say what to do, and warnings."""

from __future__ import annotations

import difflib
import inspect
import math
import numbers
import sys
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from ._rows import Array

LONGEST = 100
"""Characters of a value that a message shows."""


def real_number(name: str, value: Any) -> float:
    """Return `value` as a finite float, or raise ValueError."""
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise ValueError(f"{name} must be a real number, got {shown(value)}")
    try:
        number = float(value)
    except OverflowError as error:
        raise ValueError(f"{name} is too large for double precision: {shown(value)}") from error
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


def switch(name: str, value: Any) -> bool:
    """Return `value` as a bool, or raise ValueError; 0 and 1 are welcome."""
    if isinstance(value, (bool, np.bool_)) or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise ValueError(f"{name} must be True or False, got {shown(value)}")


def no_class(name: str, value: Any, base: type) -> None:
    """Raise ValueError when `value` is a class derived from `base` where an object is meant."""
    if isinstance(value, type) and issubclass(value, base):
        raise ValueError(f"{name}: pass {value.__name__}(), not the class")


def not_masked(name: str, value: Any) -> None:
    """Raise ValueError when `value` holds masked entries: the numbers below them mean nothing."""
    # Nobody has a masked array who has not imported this module.
    ma = sys.modules.get("numpy.ma")
    entries = value if isinstance(value, (list, tuple)) else (value,)
    if ma and any(isinstance(entry, ma.MaskedArray) and ma.is_masked(entry) for entry in entries):
        raise ValueError(f"{name} must not be masked; fill or drop the masked entries")


def real_array(name: str, value: Any) -> Array:
    """Return `value` as an array of one of NumPy's real types, or raise ValueError."""
    not_masked(name, value)
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O":
            # Entry by entry, because `astype` takes None for NaN.
            array = np.array([as_float(entry) for entry in array.ravel()]).reshape(array.shape)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be a number or an array of real numbers: {error}") from error
    if array.dtype.kind == "c":
        raise ValueError(f"{name} must be real, got complex numbers; make two of each")
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must be a number or an array of real numbers, got {shown(value)}")
    return array


def as_float(entry: Any) -> float:
    """Return a number of any type, such as a Fraction, as a float, or raise an error."""
    if isinstance(entry, (str, bytes)):
        raise TypeError(f"{shown(entry)} is text")
    return float(entry)


def finite_array(name: str, value: Any) -> Array:
    """Return `value` as a new float array of at most one dimension, or raise ValueError.

    The array is read-only, as parts that keep it are values.
    """
    given = real_array(name, value)
    if given.dtype.kind == "b":
        raise ValueError(f"{name} must be a number or an array of numbers, got {shown(value)}")
    with np.errstate(over="ignore"):
        array = np.array(given, dtype=float)
    if array.ndim > 1:
        raise ValueError(f"{name} must have at most one dimension, got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {shown(value)}")
    array.flags.writeable = False
    return array


def point(name: str, value: Any) -> Array:
    """Return `value` as a new array of shape (n,), or raise ValueError.

    Single precision stays what it is; every other type becomes double precision.
    """
    given = np.atleast_1d(real_array(name, value))
    if given.ndim != 1:
        raise ValueError(
            f"{name} must have one dimension, got shape {given.shape}; use {name}.ravel()"
        )
    if given.size == 0:
        raise ValueError(f"{name} is empty; give a number for at least one variable")
    with np.errstate(over="ignore"):
        x = np.array(given, dtype=np.float32 if given.dtype == np.float32 else np.float64)
    wild = np.flatnonzero(~np.isfinite(x))
    if wild.size:
        i = int(wild[0])
        where = " in double precision" if np.isfinite(given[i]) else ""
        raise ValueError(f"{name} must be finite{where}, got {name}[{i}] = {given[i]}")
    return x


def shown(value: Any) -> str:
    """Return a value as a message shows it: on one line that is not long."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # noqa: BLE001 - whatever the user's own class, or a huge int, may raise
        return f"a value of type {type(value).__name__}"
    return text if len(text) <= LONGEST else f"{text[:30]}...{text[-10:]}"


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
