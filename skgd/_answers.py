"""What the user's functions return, read and checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._checks import as_float, not_masked, real_array, shown
from ._rows import Array

__all__ = ["column_gradients", "column_values", "complex_number", "gradient", "pair", "real"]


def real(f: Any) -> float:
    """Return the one real number in `f`, or raise ValueError."""
    # Most functions that compute with NumPy return a float64, which is a float.
    return float(f) if isinstance(f, float) else float(_scalar(f, "fiu"))


def complex_number(f: Any) -> float | complex:
    """Return the one number in `f`, which may be complex, or raise ValueError."""
    number = _scalar(f, "fiuc")
    return complex(number) if isinstance(number, (complex, np.complexfloating)) else float(number)


def gradient(g: Any, n: int) -> Array:
    """Return `g` as a float array of shape (n,), or raise ValueError."""
    try:
        vector = real_array("the gradient", g)
        if vector.dtype.kind == "b":
            raise ValueError("the gradient must not consist of truth values")
    except ValueError as error:
        raise ValueError(
            f"jac must return {n} real numbers, shape ({n},); got {type(g).__name__} {shown(g)}: "
            f"{error}"
        ) from error
    if vector.size != n or max(vector.shape, default=1) != n:
        raise ValueError(f"jac must return shape ({n},), one entry a variable; got {vector.shape}")
    return vector.reshape(n)


def pair(answer: Any) -> tuple[Any, Any]:
    """Return value and gradient in what a function with ``jac=True`` has returned."""
    try:
        f, g = answer
    except (TypeError, ValueError) as error:
        raise ValueError(
            "fun must return the pair (value, gradient) with jac=True; got "
            f"{type(answer).__name__} {shown(answer)}"
        ) from error
    return f, g


def column_values(answer: Any, x: Array) -> Array:
    """Return the values at the columns of `x` as a new array, or raise ValueError."""
    m = x.shape[1]
    not_masked("the value of fun", answer)
    try:
        # A copy: the function may use its array again in the next call.
        values = np.array(answer)
    except ValueError as error:
        raise ValueError(f"fun must return an array of shape ({m},): {error}") from error
    if values.shape != (m,):
        raise ValueError(
            f"fun with vectorized=True must return shape ({m},) for x of shape {x.shape}, got "
            f"shape {values.shape}"
        )
    if values.dtype.kind not in ("fiuc" if x.dtype.kind == "c" else "fiu"):
        raise ValueError(f"fun must return real numbers, got an array of {values.dtype}")
    return values


def column_gradients(answer: Any, x: Array) -> Array:
    """Return the gradients at the columns of `x` as new rows, or raise ValueError."""
    try:
        gradients = real_array("the gradient", answer)
    except ValueError as error:
        raise ValueError(
            f"jac with vectorized=True must return real numbers of shape {x.shape}: {error}"
        ) from error
    if gradients.shape != x.shape:
        raise ValueError(
            f"jac with vectorized=True must return shape {x.shape} for x of that shape, got shape "
            f"{gradients.shape}"
        )
    with np.errstate(over="ignore"):
        return np.array(gradients.T, x.dtype, order="C")


def _scalar(f: Any, kinds: str) -> Any:
    """Return the one number of the given kinds in `f`, or raise ValueError."""
    not_masked("the value of fun", f)
    try:
        value = np.asarray(f)
    except ValueError as error:
        raise ValueError(f"fun must return one real number, got {shown(f)}") from error
    if value.size == 1:
        number = value.reshape(())[()]
        if value.dtype.kind in kinds or (value.dtype.kind == "O" and _is_number(number)):
            return number
    kind = type(f).__name__
    got = f"an array of shape {value.shape}" if value.size != 1 else f"{kind} {shown(f)}"
    raise ValueError(f"fun must return one real number, a scalar; got {got}")


def _is_number(value: Any) -> bool:
    """Tell whether an object is a number, such as a SymPy Float or a Fraction."""
    try:
        as_float(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return not isinstance(value, bool)
