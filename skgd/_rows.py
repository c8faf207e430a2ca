"""Arithmetic that reads the same for one point and for a batch of points.

A *point* is an array of shape ``(n,)``; a *batch* is an array of shape ``(S, n)``, one point a row.
A quantity that belongs to a point (a value, a rate, a decision) is a Python ``float`` or ``bool``
for one point, and an array of shape ``(S,)`` for a batch.  Every rule of skgd is written with these
few functions, so that row ``i`` of a batch does what a single run from that row would do.

The single point takes the short way in each function: at ten variables an iteration lasts a few
microseconds, and one needless NumPy call is a tenth of that.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Reals: TypeAlias = Any
"""A ``float`` for a point, an array of shape ``(S,)`` for a batch."""
Truths: TypeAlias = Any
"""A ``bool`` for a point, an array of shape ``(S,)`` for a batch."""


LONG = 8192
"""Vectors of this size and more are multiplied in pieces: for longer ones the library behind NumPy
starts threads, which cost more than they save, and much more when the cores are busy."""


def dot(a: Array, b: Array) -> Reals:
    """Inner product over the last axis; infinite, without a warning, when it overflows."""
    if a.ndim == 1 and a.size < LONG and a.itemsize == 8:
        return float(np.vdot(a, b))
    if a.itemsize < 8:
        # Squares of single-precision numbers overflow soon.
        a, b = a.astype(float), b.astype(float)
    with np.errstate(over="ignore", invalid="ignore"):
        if a.ndim == 2:
            return np.vecdot(a, b)
        whole = a.size - a.size % LONG
        parts = np.vecdot(a[:whole].reshape(-1, LONG), b[:whole].reshape(-1, LONG))
        return float(parts.sum() + np.vdot(a[whole:], b[whole:]))


def square(g: Array) -> Reals:
    """Squared norm of a gradient: not finite when an entry is not, else no more than 4e307."""
    product = dot(g, g)
    if g.ndim == 1 and product < math.inf:
        return product
    sound = np.isfinite(g).all(axis=-1)
    most = float(np.finfo(float).max) / 4
    return choose(sound if g.ndim == 2 else bool(sound), smaller(product, most), product)


def norm(a: Array) -> Reals:
    """Euclidean norm over the last axis."""
    return math.sqrt(dot(a, a)) if a.ndim == 1 else np.sqrt(dot(a, a))


def largest(a: Array) -> Reals:
    """Largest absolute entry over the last axis; NaN when there is one."""
    if a.ndim == 1:
        return float(max(a.max(), -a.min())) + 0.0 if a.size else 0.0
    return np.abs(a).max(axis=-1)


def column(quantity: Reals) -> Any:
    """Shape a quantity so that it multiplies points: ``(S,)`` becomes ``(S, 1)``."""
    return quantity[:, None] if isinstance(quantity, np.ndarray) else quantity


def choose(condition: Truths, a: Any, b: Any) -> Any:
    """Take `a` where the condition holds and `b` elsewhere."""
    if isinstance(condition, np.ndarray):
        points = getattr(a, "ndim", 0) == 2 or getattr(b, "ndim", 0) == 2
        return np.where(condition[:, None] if points else condition, a, b)
    return a if condition else b


def every(condition: Truths) -> bool:
    """Tell whether the condition holds for the point, or for every row."""
    return bool(condition.all()) if isinstance(condition, np.ndarray) else condition


def some(condition: Truths) -> bool:
    """Tell whether the condition holds for the point, or for at least one row."""
    return bool(condition.any()) if isinstance(condition, np.ndarray) else condition


def smaller(a: Reals, b: Reals) -> Reals:
    """Minimum of two quantities."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.minimum(a, b)
    return min(b, a)


def greater(a: Reals, b: Reals) -> Reals:
    """Maximum of two quantities."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.maximum(a, b)
    return max(b, a)


def ratio(a: Reals, b: Reals, otherwise: Reals) -> Reals:
    """Quotient ``a / b`` where ``b > 0`` and the quotient is finite, else `otherwise`.

    Rows of a batch that have come to rest divide zero by zero; this is the one place where a
    quotient that has lost its meaning is replaced.
    """
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        with np.errstate(all="ignore"):
            quotient = np.divide(a, b)
        return np.where((np.asarray(b) > 0) & np.isfinite(quotient), quotient, otherwise)
    if not b > 0:
        return otherwise
    try:
        quotient = a / b
    except OverflowError:
        return otherwise
    return quotient if math.isfinite(quotient) else otherwise


def root(a: Reals) -> Reals:
    """Square root; negative quantities, which only rounding makes, count as zero."""
    if isinstance(a, np.ndarray):
        return np.sqrt(np.maximum(a, 0.0))
    return math.sqrt(a) if a > 0 else 0.0


def finite(quantity: Reals) -> Truths:
    """Tell which quantities are finite numbers."""
    if isinstance(quantity, np.ndarray):
        return np.isfinite(quantity)
    return math.isfinite(quantity)


def full(x: Array, value: float) -> Reals:
    """Return the same quantity for the point, or for each row of the batch."""
    return np.full(x.shape[0], value) if x.ndim == 2 else value
