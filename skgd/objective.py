"""The user's function, called as SciPy calls it, with every answer checked."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._checks import as_float, not_masked, positive, real_array, shown, whole_number
from ._pool import ALONE, SMALL, Pool
from ._rows import Array
from .metrics import Metric
from .requests import Curvature, Probes, Value
from .stopping import Reason

__all__ = ["Limits", "Objective", "OutOfBudget", "pair"]

BLOCK = 2**15
"""Numbers in one call of a vectorised function: 256 KiB of float64 stay in the cache, and the
function's own temporary arrays cause no page faults."""


@dataclass(frozen=True)
class Limits:
    """What a run may spend.

    Parameters
    ----------
    maxfev : int or None, default None
        Largest number of evaluations of the function, those for differences included; it is never
        exceeded.  None or infinity for no limit.
    maxtime : float or None, default None
        Seconds; no evaluation begins after them but the one at the start, without which there
        would be nothing to return.  None or infinity for no limit.

    Raises
    ------
    ValueError
        When a limit is not positive, or `maxfev` is not a whole number.

    Examples
    --------
    >>> from skgd.objective import Limits
    >>> Limits(maxfev=1e3)
    Limits(maxfev=1000, maxtime=None)
    """

    maxfev: int | None = None
    maxtime: float | None = None

    def __post_init__(self) -> None:
        for name in ("maxfev", "maxtime"):
            limit = getattr(self, name)
            if isinstance(limit, float) and limit == math.inf:
                object.__setattr__(self, name, None)
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

    Every point goes out as a copy: the user's functions may keep it, or write to it.  Every
    gradient comes in as a copy, unless nobody else can hold it: the user may use his array again.

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
    latest : tuple of ndarray and float, or None
        The point that was asked for last, and its value; so the value is not lost when its
        gradient could not be had any more.
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
        self._large = x.nbytes > SMALL
        # For arrays of the right type; the pool's own detour costs a small one more than the copy.
        self._copy = self._pool.copy if self._large else np.ndarray.copy
        self._maxfev = math.inf if limits.maxfev is None else limits.maxfev
        self._timed = limits.maxtime is not None
        self._deadline = time.perf_counter() + (limits.maxtime or 0.0)
        self.nfev = 0
        self.njev = 0
        self.latest: tuple[Array, float] | None = None

    def value(self, x: Array) -> float:
        """Return the value at `x`, of shape (n,)."""
        f: float
        if self._vectorized:
            f = float(self._many(self._copy(x)[:, None])[0])
        else:
            if self.nfev >= self._maxfev or self._timed:
                self._spend(1)
            self.nfev += 1
            f = self._fun(self._copy(x), *self._args)
            if type(f) is not float:
                f = _real(f)
        self.latest = x, f
        return f

    def along(self, request: Value) -> float:
        """Return the value at a point of a ray; a subclass may have a cheaper way than this."""
        return self.value(request.x)

    def curvature(self, request: Curvature) -> Metric | None:
        """Return the metric that the objective offers, None for none."""
        return None

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
        g = self._jac(self._copy(x), *self._args)
        if type(g) is np.ndarray and g.dtype is self._dtype and g.shape == x.shape:
            if self._large and sys.getrefcount(g) <= ALONE:
                flags = g.flags
                if flags.owndata and flags.writeable:
                    # Nobody else holds this array: no copy is needed.
                    return g
            return self._copy(g)
        vector = _vector(g, self._n)
        with np.errstate(over="ignore"):
            return self._pool.copy(vector)

    def probes(self, probes: Probes) -> Array:
        """Return the values at the probes, real or complex, of shape (m,)."""
        m = len(probes)
        self._spend(m)
        if self._vectorized:
            block = max(1, BLOCK // self._n)
            parts = []
            for i in range(0, m, block):
                parts.append(self._many(probes.columns(i, min(i + block, m))))
                if i == 0 and probes.index[0] < 0:
                    self.latest = probes.x, float(parts[0][0].real)
            values = np.concatenate(parts)
        else:
            values = np.array([self._probe(probes, i) for i in range(m)])
        self.njev += 1
        return values

    def _probe(self, probes: Probes, i: int) -> float | complex:
        """Return the value at probe `i`."""
        if self._timed:
            self._spend(1)
        self.nfev += 1
        x = probes.point(i)
        f = self._fun(x, *self._args)
        if type(f) is not float:
            f = _complex(f) if x.dtype.kind == "c" else _real(f)
        if i == 0 and probes.index[0] < 0:
            self.latest = probes.x, f.real
        value: float | complex = f
        return value

    def _many(self, x: Array) -> Array:
        """Return the values at the columns of `x`."""
        m = x.shape[1]
        self._spend(m)
        self.nfev += m
        answer = self._fun(x, *self._args)
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

    def _spend(self, evaluations: int) -> None:
        """Raise OutOfBudget unless so many evaluations may begin now."""
        if self.nfev + evaluations > self._maxfev:
            raise OutOfBudget(Reason.MAXFEV)
        if self._timed and self.nfev and time.perf_counter() >= self._deadline:
            raise OutOfBudget(Reason.MAXTIME)


def pair(fun: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Split a function that returns value and gradient; one call serves both at a point.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args) -> (value, gradient)``.

    Returns
    -------
    value, gradient : callable
        Functions of ``(x, *args)`` that remember the last call.  They serve one run.

    Raises
    ------
    ValueError
        When one of them is called and `fun` returns anything but a pair.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.objective import pair
    >>> value, gradient = pair(lambda x: (x @ x, 2 * x))
    >>> float(value(np.array([3.0]))), gradient(np.array([3.0]))
    (9.0, array([6.]))
    """
    point: Array | None = None
    slope: Any = None

    def value(x: Array, *args: Any) -> Any:
        nonlocal point, slope
        before = x.copy()
        answer = fun(x, *args)
        try:
            f, slope = answer
        except (TypeError, ValueError) as error:
            raise ValueError(
                "fun must return the pair (value, gradient) with jac=True; got "
                f"{type(answer).__name__} {shown(answer)}"
            ) from error
        point = before
        return f

    def gradient(x: Array, *args: Any) -> Any:
        if point is None or not np.array_equal(point, x):
            value(x, *args)
        return slope

    return value, gradient


def _real(f: Any) -> float:
    """Return the one real number in `f`, or raise ValueError."""
    # Most functions that compute with NumPy return a float64, which is a float.
    return float(f) if isinstance(f, float) else float(_scalar(f, "fiu"))


def _complex(f: Any) -> float | complex:
    """Return the one number in `f`, which may be complex, or raise ValueError."""
    number = _scalar(f, "fiuc")
    return complex(number) if isinstance(number, (complex, np.complexfloating)) else float(number)


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


def _vector(g: Any, n: int) -> Array:
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
