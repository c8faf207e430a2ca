"""Ask and tell: a descent whose points somebody else evaluates."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from . import _answers
from ._checks import did_you_mean, no_class, shown
from ._rows import Array
from .limits import OutOfBudget
from .methods import METHODS, Method, prepare
from .options import GENERAL
from .requests import Curvature, FinalValue, Gradient, Probes, ValueAndGradient
from .rounds import Round
from .runners import conversation, finished, outcome
from .sources import whole
from .stopping import Reason

__all__ = ["Descent"]

_OTHERS = "whoever tells the values evaluates them"

WITHOUT_MEANING = {
    "args": f"{_OTHERS}, and knows its arguments",
    "fun": f"{_OTHERS}, so leave it out; see ask() and tell()",
    "func": f"{_OTHERS}, so leave it out; see ask() and tell()",
    "hess": "methods of first order do not use second derivatives",
    "hessp": "methods of first order do not use second derivatives",
    "vectorized": "ask() returns all points at once",
    "workers": _OTHERS,
}
"""What `scipy.optimize.minimize` takes and a `Descent` does not, and why."""


class Descent:
    """A descent that asks for values and is told them: by a laboratory, a simulator, a human.

    Parameters
    ----------
    x0 : array_like, shape (n,)
        The start.
    method : Method or str, default "gd_spectral"
        A method, or its name in `skgd.METHODS`.
    jac : callable, Jacobian, str, bool or None, default None
        Where gradients come from: None for differences, or any scheme by name; ``jac(x) -> (n,)``
        if the gradient can be computed here; True if it is told together with the value.
    bounds : sequence or Bounds, optional
        As `scipy.optimize.minimize` takes them; no point outside is ever asked for.
    constraints : Constraint, optional
        A constraint or penalty such as `skgd.Ball`.
    callback : callable, optional
        ``callback(xk)`` or ``callback(intermediate_result=res)``, called in `tell` after each
        iteration; `StopIteration` ends the run.
    **options : object
        Every option of the method, see ``help(skgd.gd)``; with ``journal="run.jsonl"`` nothing
        that was told is ever lost.

    Attributes
    ----------
    done : bool
        Whether the run is over.

    Raises
    ------
    ValueError
        When an argument is not allowed.

    See Also
    --------
    scipy.optimize.minimize : When the function can be called.

    Notes
    -----
    It is the same descent as ``minimize(fun, x0, method=method)``, point by point and bit by bit.
    With ``jac=True`` every gradient that was told counts in ``njev``, needed or not.

    Without a gradient, differences over steps of ``1.5e-8`` times the variable are asked for, which
    suit exact functions only.  For values that are measured choose the steps, ``eps=0.1``, or tell
    the noise, ``noise=0.01`` or ``noise="auto"``, or take ``method="gd_spsa"``.

    Examples
    --------
    >>> from skgd import Descent
    >>> opt = Descent([3.0, -4.0], method="gd_momentum")
    >>> while not opt.done:
    ...     points = opt.ask()
    ...     values = [float(x @ x) for x in points]
    ...     opt.tell(values)
    >>> opt.result().success
    True

    Values may come late, and one by one:

    >>> opt = Descent([3.0, -4.0])
    >>> points = opt.ask()
    >>> points.shape
    (3, 2)
    >>> opt.tell(16.0, points=points[2])
    >>> opt.ask().shape
    (2, 2)

    With a journal, ``with`` lets go of the file where the values end:

    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "run.jsonl")
    ...     with Descent([3.0, -4.0], journal=path) as opt:
    ...         opt.tell(25.0, points=opt.ask()[0])
    ...     with Descent([3.0, -4.0], journal=path) as opt:
    ...         print(opt.ask().shape)
    (2, 2)
    """

    def __init__(
        self,
        x0: Any,
        *,
        method: Method | str = "gd_spectral",
        jac: Any = None,
        bounds: Any = None,
        constraints: Any = (),
        callback: Callable[..., Any] | None = None,
        **options: Any,
    ) -> None:
        method = _read_method(method)
        for name, why in WITHOUT_MEANING.items():
            # Switched off, options of a run that calls the function may stay.
            if name in options and (name not in GENERAL or options[name]):
                raise ValueError(f"{name} has no meaning here: {why}")
        self._told_gradients = jac is True
        jac = _nobody if jac is True else jac
        job = prepare(method, _nobody, x0, (), jac, bounds, constraints, callback, options)
        self._job = job
        self._request: Any = None
        self._rounds: list[Round] = []
        self._points = np.empty((0, job.run.x.size), job.run.x.dtype)
        self._left = self._places = np.empty(0, dtype=int)
        self._slope: tuple[Array, Array] | None = None
        self._reason: Reason | None = None
        self._result: Any = None
        self._asking = conversation(job.run, job.rules, job.monitor)
        self._go_on(answered=False)

    @property
    def done(self) -> bool:
        """Whether the run is over."""
        return self._reason is not None

    def ask(self) -> Array:
        """Return the points whose values are wanted next.

        Returns
        -------
        ndarray, shape (m, n)
            A new array; empty, with m = 0, when the run is over.  As long as a value is missing,
            the same points are asked for again, without those that have been told.
        """
        points: Array = self._points[self._left]
        return points

    def tell(self, values: Any, points: Any = None, gradients: Any = None) -> None:
        """Tell the values at the points that were asked for.

        Parameters
        ----------
        values : array_like of float, shape (k,), or a number
            The values; NaN, None or an infinite one where the evaluation always fails, which is
            then treated as the option ``nonfinite`` says.  What is not told is asked for again.
        points : array_like, shape (k, n) or (n,), optional
            The points that they belong to, rows of what `ask` returned in any order and to the last
            digit, by which they are recognised; None for the first k.
        gradients : array_like, shape (k, n) or (n,), optional
            The gradients there, wanted with ``jac=True`` only; None in place of a row for a
            gradient that failed.

        Raises
        ------
        ValueError
            When the run is over, when there are too many values, when a value is no number, or a
            point was not asked for.  Nothing has been taken in then.
        FloatingPointError
            When a value is not finite and ``nonfinite="raise"``; the run is over then.
        """
        if self.done:
            raise ValueError("values: the run is over, see result(); nothing is asked for")
        complex_step = self._points.dtype.kind == "c"
        told = _values(values, _answers.complex_number if complex_step else _answers.real)
        chosen = self._choose(points, len(told))
        slopes = self._slopes(gradients, len(told))
        budget = self._job.objective.budget
        for position, value, slope in zip(chosen, told, slopes, strict=True):
            for asked in self._rounds:
                # An earlier run may have recorded the value, and died before the gradient.
                for place in np.flatnonzero(asked.positions == self._places[position]):
                    asked.enter(int(place), slope if asked.gradients else value)
                    budget.njev += asked.gradients
                    budget.nfev += not asked.gradients
        self._job.objective.note(self._rounds[0])
        self._left = np.setdiff1d(self._left, chosen)
        if not self._left.size:
            self._go_on(answered=True)

    def result(self) -> Any:
        """Return what is known so far.

        Returns
        -------
        scipy.optimize.OptimizeResult
            As `scipy.optimize.minimize` returns it; before the end with ``success=False``,
            ``status=98`` and the best point so far; ``fun`` is NaN until the value at ``x0`` is
            told, as probes for differences are no candidates.
        """
        if self._result is not None:
            return self._result
        return self._outcome(outcome, Reason.UNFINISHED)

    def close(self) -> None:
        """Let go of the journal, so that another run may have it; what was told is in it.

        The end of a ``with`` statement does so, too, and so does the end of the run.
        """
        self._job.objective.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _outcome(self, end: Callable[..., Any], *reasons: Any) -> Any:
        job = self._job
        return end(job.run, job.rules, job.objective, job.monitor, job.limits, *reasons)

    def _go_on(self, *, answered: bool) -> None:
        """Give the answer, and stop at the next request that somebody else has to answer."""
        try:
            answer: Any = self._answer() if answered else None
            while True:
                over = type(answer) is OutOfBudget
                try:
                    self._request = (self._asking.throw if over else self._asking.send)(answer)
                except StopIteration as end:
                    self._end(end.value, None)
                    return
                try:
                    self._open()
                except OutOfBudget as end:
                    answer = end
                    continue
                if self._left.size:
                    return
                answer = self._answer()
        except BaseException as error:
            # A callback, a gradient that is computed here, or the policy for what is not finite.
            self._end(Reason.INTERRUPTED, error)
            raise

    def _end(self, reason: Reason, error: BaseException | None) -> None:
        """Note how the run ended."""
        self._reason = reason
        self._left = self._left[:0]
        self._result = self._outcome(finished, reason, error)
        self._job.objective.close()

    def _open(self) -> None:
        """Find out at which points the request needs to be told."""
        request, objective = self._request, self._job.objective
        kind = type(request)
        self._rounds, self._left = [], self._left[:0]
        if kind is Curvature or (kind is Gradient and not self._wants_slope(request.x)):
            return
        if kind is FinalValue:
            objective.budget.release()
        points = request if kind is Probes else whole(request.x)
        self._rounds = [objective.open(False, points)]
        objective.note(self._rounds[0])
        if self._told_gradients and kind is not FinalValue:
            self._rounds.append(objective.open(True, points))
        # The values come first, so where one is missing its gradient is, too.
        missing, self._places = self._rounds[-1].missing, self._rounds[-1].positions
        if len(missing):
            objective.budget.check(0)
        self._points = np.ascontiguousarray(missing.columns(0, len(missing)).T)
        self._left = np.arange(len(missing))

    def _wants_slope(self, x: Array) -> bool:
        """Tell whether a gradient has to be told: one that was told with the value is known."""
        return self._told_gradients and (self._slope is None or self._slope[0] is not x)

    def _answer(self) -> Any:
        """Return the answer to the request, once everything is told."""
        request, objective = self._request, self._job.objective
        kind = type(request)
        if kind is Curvature:
            return None
        if kind is Probes:
            objective.budget.njev += 1
            return self._rounds[0].all()
        if self._rounds:
            value = float(self._rounds[0].all()[0])
            if len(self._rounds) > 1:
                self._slope = request.x, self._rounds[1].all()[0]
        if kind is not Gradient and kind is not ValueAndGradient:
            return value
        if self._told_gradients:
            assert self._slope is not None
            slope = self._slope[1].copy()
        else:
            slope = objective.gradient(request.x)
        return slope if kind is Gradient else (value, slope)

    def _choose(self, points: Any, m: int) -> Array:
        """Return which of the points that are asked for the told values belong to."""
        left = self._left
        if m > left.size:
            raise ValueError(f"values: {m} were told, but {left.size} are asked for, see ask()")
        if points is None:
            return left[:m]
        given = np.atleast_2d(np.asarray(points))
        if given.shape != (m, self._points.shape[1]):
            raise ValueError(
                f"points must have shape {(m, self._points.shape[1])}, a row for each value, got "
                f"{given.shape}"
            )
        chosen: list[int] = []
        for i, point in enumerate(given):
            same = [k for k in left if k not in chosen and np.array_equal(point, self._points[k])]
            if not same:
                raise ValueError(
                    f"points: row {i}, {shown(point)}, is not asked for; pass rows of ask() as "
                    "they are, each once"
                )
            chosen.append(int(same[0]))
        return np.array(chosen, dtype=int)

    def _slopes(self, gradients: Any, m: int) -> list[Any]:
        """Return the told gradients as rows, NaN for those that failed."""
        if not self._told_gradients:
            if gradients is not None:
                raise ValueError("gradients are taken with jac=True only; leave them out")
            return [None] * m
        if gradients is None:
            raise ValueError("gradients are wanted with every value, because of jac=True")
        return _rows(gradients, m, self._points.shape[1])


def _read_method(method: Any) -> Method:
    """Return the method that an object or a name stands for."""
    no_class("method", method, Method)
    if isinstance(method, str) and method in METHODS:
        return METHODS[method]
    if isinstance(method, Method):
        return method
    hint = did_you_mean(method, METHODS) if isinstance(method, str) else ""
    raise ValueError(
        f"method must be a Method or one of {', '.join(METHODS)}, got {shown(method)}{hint}"
    )


def _values(values: Any, read: Callable[[Any], float | complex]) -> list[float | complex]:
    """Return the told values, NaN for those that failed, or raise ValueError."""
    try:
        # Lists of unequal length in it have no number of dimensions.
        alone = values is None or np.ndim(values) == 0
        if not alone and not isinstance(values, (list, tuple, np.ndarray)):
            values = np.asarray(values)
        rows = [values] if alone else list(values)
        return [math.nan if value is None else read(value) for value in rows]
    except ValueError as error:
        raise ValueError(
            "values must be real numbers, one for each point, None for an evaluation that failed; "
            f"got {shown(values)}"
        ) from error


def _rows(gradients: Any, m: int, n: int) -> list[Any]:
    """Return m told gradients, NaN for those that failed, or raise ValueError."""
    wanted = (
        f"gradients must have shape {(m, n)}, a row of real numbers for each value, or None in "
        "place of a row that failed"
    )
    try:
        if not isinstance(gradients, (list, tuple, np.ndarray)):
            gradients = np.asarray(gradients)
        alone = m == 1 and np.ndim(gradients) == 1 and all(entry is not None for entry in gradients)
        rows = [gradients] if alone else list(gradients)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{wanted}; got {shown(gradients)}") from error
    if len(rows) != m:
        raise ValueError(f"gradients must have {m} rows, one for each value, got {len(rows)}")
    try:
        return [np.full(n, math.nan) if row is None else _answers.gradient(row, n) for row in rows]
    except ValueError as error:
        raise ValueError(f"{wanted}; got {shown(gradients)}") from error


def _nobody(x: Array) -> float:
    """Stand for the function that somebody else evaluates."""
    raise AssertionError("a value that has to be told was computed")
