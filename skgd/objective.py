"""The user's function, called as SciPy calls it, with every answer checked."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._checks import positive, whole_number
from ._pool import ALONE, SMALL, Pool
from ._rows import Array
from .requests import Probes
from .stopping import Reason

__all__ = ["Limits", "Objective", "OutOfBudget", "pair"]

BLOCK = 2**21
"""Numbers in one call of a vectorised function: 16 MiB of float64."""


@dataclass(frozen=True)
class Limits:
    """What a run may spend.

    Parameters
    ----------
    maxfev : int or None, default None
        Largest number of evaluations of the function, those for differences included; it is never
        exceeded.
    maxtime : float or None, default None
        Seconds; no evaluation begins after them.

    Raises
    ------
    ValueError
        When a limit is not positive.
    """

    maxfev: int | None = None
    maxtime: float | None = None

    def __post_init__(self) -> None:
        if self.maxfev is not None:
            object.__setattr__(self, "maxfev", whole_number("maxfev", self.maxfev, least=1))
        if self.maxtime is not None:
            object.__setattr__(self, "maxtime", positive("maxtime", self.maxtime))


class OutOfBudget(Exception):  # noqa: N818
    """The next evaluation would exceed a limit."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Objective:
    """Value and gradient of a function of n variables, counted and within limits.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args) -> float`` for x of shape (n,); with `vectorized`, ``fun(x, *args)`` of
        shape (m,) for x of shape (n, m), SciPy's convention.
    jac : callable or None
        ``jac(x, *args)`` of shape (n,).
    args : tuple
        Further arguments.
    x : ndarray, shape (n,)
        A point that tells size and type.
    vectorized : bool
        Whether `fun` takes many points at once.
    limits : Limits
        What may be spent; time counts from now.

    Attributes
    ----------
    nfev : int
        Evaluations of `fun`; each point of a vectorised call counts.
    njev : int
        Gradients, found by `jac` or by differences.
    first : float
        The first value, which is the one at the start; NaN before.
    """

    def __init__(
        self,
        fun: Callable[..., Any],
        jac: Callable[..., Any] | None,
        args: tuple[Any, ...],
        x: Array,
        vectorized: bool,
        limits: Limits,
    ) -> None:
        self._fun = fun
        self._jac = jac
        self._args = args
        self._vectorized = vectorized
        self._n = x.size
        self._dtype = x.dtype
        self._pool = Pool(x.shape, x.dtype)
        self._maxfev = math.inf if limits.maxfev is None else limits.maxfev
        self._timed = limits.maxtime is not None
        self._deadline = time.perf_counter() + (limits.maxtime or 0.0)
        self.nfev = 0
        self.njev = 0
        self.first = math.nan

    def value(self, x: Array) -> float:
        """Return the value at `x`, of shape (n,)."""
        if self._vectorized:
            return float(self._many(x[:, None])[0])
        if self.nfev >= self._maxfev or self._timed:
            self._spend(1)
        self.nfev += 1
        # The function gets a copy: it may keep it, or write to it.
        f = self._fun(self._pool.copy(x), *self._args)
        if type(f) is not float:
            f = _scalar(f)
        if self.nfev == 1:
            self.first = f
        return f

    def gradient(self, x: Array) -> Array:
        """Return the gradient at `x` as an array that belongs to the caller."""
        if self._jac is None:
            raise ValueError(
                "jac is missing: the analytic gradient was asked for; give jac, or choose "
                "gradient='2-point' or '3-point'"
            )
        if self._timed:
            self._spend(0)
        self.njev += 1
        g = self._jac(self._pool.copy(x), *self._args)
        if type(g) is np.ndarray and g.dtype == self._dtype and g.shape == x.shape:
            if g.nbytes > SMALL and g.base is None and sys.getrefcount(g) <= ALONE:
                # Nobody else holds this array: no copy is needed.
                return g
            return self._pool.copy(g)
        return self._pool.copy(_vector(g, self._n))

    def _spend(self, evaluations: int) -> None:
        """Raise OutOfBudget unless so many evaluations may begin now."""
        if self.nfev + evaluations > self._maxfev:
            raise OutOfBudget(Reason.MAXFEV)
        if self._timed and time.perf_counter() >= self._deadline:
            raise OutOfBudget(Reason.MAXTIME)

    def probes(self, probes: Probes) -> Array:
        """Return the values at the probes, real or complex, of shape (m,)."""
        m = len(probes)
        self._spend(m)
        if self._vectorized:
            block = max(1, BLOCK // self._n)
            starts = range(0, m, block)
            parts = [self._many(probes.columns(i, min(i + block, m))) for i in starts]
            values = np.concatenate(parts)
        else:
            values = np.array([self._probe(probes.point(i)) for i in range(m)])
        self.njev += 1
        return values

    def _probe(self, x: Array) -> float | complex:
        if self._timed:
            self._spend(1)
        self.nfev += 1
        f = self._fun(x, *self._args)
        if type(f) is not float:
            f = _scalar(f, complex_allowed=x.dtype.kind == "c")
        if self.nfev == 1:
            self.first = f
        return f

    def _many(self, x: Array) -> Array:
        m = x.shape[1]
        self._spend(m)
        self.nfev += m
        values = np.asarray(self._fun(x, *self._args))
        if values.shape != (m,):
            raise ValueError(
                f"fun with vectorized=True must return shape ({m},) for x of shape {x.shape}, got "
                f"shape {values.shape}"
            )
        if values.dtype.kind not in ("fiuc" if x.dtype.kind == "c" else "fiu"):
            raise ValueError(f"fun must return real numbers, got an array of {values.dtype}")
        if self.nfev == m:
            self.first = float(values[0].real)
        return values


def pair(fun: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Split a function that returns value and gradient; one call serves both at a point."""
    memory: list[Any] = [None, None]

    def value(x: Array, *args: Any) -> Any:
        point = x.copy()
        f, g = fun(x, *args)
        memory[:] = point, g
        return f

    def gradient(x: Array, *args: Any) -> Any:
        if memory[0] is None or not np.array_equal(memory[0], x):
            value(x, *args)
        return memory[1]

    return value, gradient


def _scalar(f: Any, complex_allowed: bool = False) -> Any:
    """Return the one number in `f`, or raise ValueError."""
    try:
        value = np.asarray(f)
    except ValueError as error:
        raise ValueError(f"fun must return one real number, got {f!r}") from error
    if value.size == 1 and value.dtype.kind in "fiub":
        return float(value.reshape(())[()])
    if value.size == 1 and value.dtype.kind == "c" and complex_allowed:
        return complex(value.reshape(())[()])
    if value.size == 1 and value.dtype.kind == "O" and _is_number(value.reshape(())[()]):
        return float(value.reshape(())[()])
    got = f"shape {value.shape}" if value.size != 1 else f"{type(f).__name__} {f!r}"
    raise ValueError(f"fun must return one real number, a scalar; got {got}")


def _is_number(value: Any) -> bool:
    """Tell whether an object is a number, such as a SymPy Float or a Fraction."""
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, str)


def _vector(g: Any, n: int) -> Array:
    """Return `g` as a float array of shape (n,), or raise ValueError."""
    try:
        vector = np.asarray(g)
        if vector.dtype.kind == "O":
            vector = vector.astype(float)
        if vector.dtype.kind not in "fiub":
            raise TypeError("not real numbers")
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"jac must return {n} real numbers, shape ({n},); got {type(g).__name__} {g!r}"
        ) from error
    if vector.size != n or max(vector.shape, default=1) != n:
        raise ValueError(f"jac must return shape ({n},), one entry a variable; got {vector.shape}")
    return vector.reshape(n)
