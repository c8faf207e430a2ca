"""The user's function, called as SciPy calls it, with every answer checked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _answers
from ._pool import ALONE, SMALL, Pool
from ._rows import Array, Reals
from .limits import Budget, Limits, OutOfBudget
from .metrics import Metric
from .requests import Curvature, Probes, Value
from .rounds import Recorder, Round
from .sources import Columns, OneByOne, Source, Stopped, whole

__all__ = ["Limits", "Objective", "OutOfBudget", "pair"]


class Objective:
    """Value and gradient of a function of n variables, counted and within limits.

    Every point goes out as a copy: the user's functions may keep it, or write to it.  Every
    gradient comes in as a copy, unless nobody else can hold it: the user may use his array again.

    At a batch (S, n) of points values have the shape (S,), gradients (S, n), and each row counts.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args) -> float`` for x of shape (n,); with `vectorized`, ``fun(x, *args)`` of
        shape (m,) for x of shape (n, m), SciPy's convention.
    jac : callable or None
        ``jac(x, *args)`` of shape (n,); for batches, with `vectorized`, of shape (n, m).
    args : tuple
        Further arguments.
    x : ndarray, shape (n,) or (S, n)
        A point that tells size and type, or a batch.
    vectorized : bool
        Whether `fun` takes many points at once.
    limits : Limits
        What may be spent; time counts from now.
    source : Source, optional
        Who calls the functions; None for this process.
    recorder : Recorder, optional
        Who keeps a record of every answer.
    reserve : int, default 0
        Evaluations that are kept back for a `FinalValue`.

    Attributes
    ----------
    budget : Budget
        What may be spent, and what has been.
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
        *,
        source: Source | None = None,
        recorder: Recorder | None = None,
        reserve: int = 0,
    ) -> None:
        self._fun = fun
        self._jac = jac
        self._args = args
        self._n = x.shape[-1]
        self._dtype = x.dtype
        self._pool = Pool(x.shape, x.dtype)
        self._large = x.nbytes > SMALL
        # For arrays of the right type; the pool's own detour costs a small one more than the copy.
        self._copy = self._pool.copy if self._large else np.ndarray.copy
        here = (Columns if vectorized else OneByOne)(fun, jac, args)
        self._source: Source = here if source is None else source
        self._recorder = recorder
        alone = source is None and recorder is None and x.ndim == 1
        # The short ways, which most runs take.
        self._direct = alone and not vectorized
        self._direct_gradients = alone
        self.budget = Budget(limits, reserve)
        self.latest: tuple[Array, float] | None = None

    @property
    def nfev(self) -> int:
        """Evaluations of the function."""
        return self.budget.nfev

    @property
    def njev(self) -> int:
        """Gradients."""
        return self.budget.njev

    def value(self, x: Array) -> Reals:
        """Return the value at `x`, of shape (n,), or the values at the rows of a batch."""
        if not self._direct:
            values = self._gather(False, whole(x))
            return float(values[0]) if x.ndim == 1 else values
        budget = self.budget
        if budget.timed or budget.nfev >= budget.most:
            budget.check(1)
        budget.nfev += 1
        f: float = self._fun(self._copy(x), *self._args)
        if type(f) is not float:
            f = _answers.real(f)
        self.latest = x, f
        return f

    def along(self, request: Value) -> Reals:
        """Return the value at a point of a ray; a subclass may have a cheaper way than this."""
        return self.value(request.x)

    def curvature(self, request: Curvature) -> Metric | None:
        """Return the metric that the objective offers, None for none."""
        return None

    def gradient(self, x: Array) -> Array:
        """Return the gradient at `x`, or one a row, as an array that belongs to the caller."""
        if self._jac is None:
            raise ValueError(
                "jac is missing: the analytic gradient was asked for; give jac, or choose "
                "gradient='2-point' or '3-point'"
            )
        if not self._direct_gradients:
            gradients = self._gather(True, whole(x))
            return gradients.reshape(x.shape)
        budget = self.budget
        if budget.timed:
            budget.check(0)
        budget.njev += 1
        g = self._jac(self._copy(x), *self._args)
        if type(g) is np.ndarray and g.dtype is self._dtype and g.shape == x.shape:
            if self._large and sys.getrefcount(g) <= ALONE:
                flags = g.flags
                if flags.owndata and flags.writeable:
                    # Nobody else holds this array: no copy is needed.
                    return g
            return self._copy(g)
        vector = _answers.gradient(g, self._n)
        with np.errstate(over="ignore"):
            return self._pool.copy(vector)

    def probes(self, probes: Probes) -> Array:
        """Return the values at the probes, real or complex, of shape (m,)."""
        values = self._gather(False, probes)
        self.budget.njev += probes.gradients
        return values

    def final(self, x: Array) -> float:
        """Return the value at the average that is returned, with what was kept back for it."""
        self.budget.release()
        return float(self.value(x))

    def open(self, gradients: bool, points: Probes) -> Round:
        """Begin to gather the answers at some points, for whoever finds them."""
        return Round(gradients, points, self.budget, self._recorder)

    def note(self, gathered: Round) -> None:
        """Keep the value at the point itself, if it is one of the answers so far."""
        points, f = gathered.points, gathered.first()
        if points.row is None and points.index[0] < 0 and f is not None:
            self.latest = points.x, f

    def journal(self) -> dict[str, Any] | None:
        """Return what the result says of the journal, None without one."""
        return None if self._recorder is None else self._recorder.report()

    def close(self) -> None:
        """Let go of workers and journal."""
        self._source.close()
        if self._recorder is not None:
            self._recorder.close()

    def _gather(self, gradients: bool, points: Probes) -> Array:
        """Return the answers at all the points."""
        gathered = self.open(gradients, points)
        missing = gathered.missing
        try:
            if len(missing):
                for where, answer in self._source.answers(gradients, missing, self.budget):
                    gathered.enter(where, answer)
        except Stopped as stopped:
            raise stopped.error from None
        finally:
            if not gradients:
                self.note(gathered)
        return gathered.all()


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
        f, slope = _answers.pair(fun(x, *args))
        point = before
        return f

    def gradient(x: Array, *args: Any) -> Any:
        if point is None or not np.array_equal(point, x):
            value(x, *args)
        return slope

    # Workers that evaluate several points at a time must know that it is one function.
    value.both = gradient.both = fun  # type: ignore[attr-defined]
    return value, gradient
