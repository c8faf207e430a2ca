"""The function that users call."""

from __future__ import annotations

import contextlib
import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from skgd._checks import shown, switch
from skgd.limits import OutOfBudget
from skgd.stopping import Reason

from .explorer import Explorer
from .minima import Record
from .outcome import attach, outcome
from .search import Search
from .sequence import Sequence
from .starts import from_many_starts
from .task import Task, read_task

__all__ = ["multistart"]

KEPT = 0.05
"""Share of the budget that is kept for polishing the winner."""


def multistart(
    func: Callable[..., Any],
    bounds: Any,
    args: Any = (),
    *,
    x0: Any = None,
    n_starts: int | None = None,
    method: Any = None,
    jac: Any = None,
    vectorized: bool = False,
    workers: Any = 1,
    rng: Any = None,
    maxfev: int | None = None,
    polish: bool = True,
    callback: Callable[..., Any] | None = None,
) -> Any:
    r"""Find the lowest of many minima by descents from many starts.

    There are two ways to use it.  By default it *searches* with a budget of evaluations: it
    screens quasi-random points, descends from those that lie lowest around them, ends descents from
    which nothing is to be hoped, and then shares what is left among moves that find new starts near
    good points, far from them, along the axes, by crossing them, or behind ripples; a move that
    succeeds gets more.  With `n_starts` it descends to the end from so many quasi-random points,
    all together as one array, which for vectorised functions is a hundred times faster than one
    after the other; when `maxfev` is given as well, the search uses up what is left of it.

    Parameters
    ----------
    func : callable
        ``func(x, *args) -> float`` for x of shape (n,).
    bounds : scipy.optimize.Bounds or sequence of pairs
        Finite lower and upper bounds of each variable.
    args : tuple, default ()
        Further arguments of `func` and `jac`.
    x0 : array_like of shape (n,) or (k, n), optional
        Points among the starts.
    n_starts : int, optional
        Number of quasi-random starts, each of which is descended to the end; None for a search.
    method : Method or str, optional
        The descents: one of `skgd.METHODS` or its name, with its options; None for `gd`.  With
        ``gd_momentum`` they roll through shallow minima.
    jac : callable, bool, str or Jacobian, optional
        The gradient, as in `scipy.optimize.minimize`; None for forward differences.
    vectorized : bool, default False
        Whether `func` takes x of shape (n, m) and returns shape (m,), and `jac` shape (n, m).
    workers : int, map-like callable, Executor or dask Client, default 1
        Who evaluates; the result does not depend on it.  The points of one step of all descents go
        out together.
    rng : int or numpy.random.Generator, optional
        Where chance comes from; a number for a result that can be repeated.
    maxfev : int, optional
        Largest number of evaluations of `func`, those for differences included; it is never
        exceeded.  None for 20,000, or for no limit with `n_starts`.
    polish : bool, default True
        Whether the best point is refined in the end, with Newton's steps in up to 25 variables.
    callback : callable, optional
        ``callback(intermediate_result)``, an `OptimizeResult` with ``x``, ``fun``, ``nfev`` and
        ``nit``, or ``callback(x)``, told apart by the parameter's name; called after each move or
        batch.  `StopIteration` ends the search.

    Returns
    -------
    OptimizeResult
        ``x``, ``fun``, ``nfev``, ``njev``, ``nit`` (iterations of all descents), ``success``
        (whether the descent that ended at `x` met a test of convergence: nobody can tell whether a
        minimum is the lowest), ``status``, ``message``, and

        ``minima``
            The distinct minima that descents have found, the lowest first: ``minima.x`` of shape
            (k, n), ``minima.fun``, ``minima.hits``, how many descents ended there (0 where only
            polishing has), and ``minima.hits_at_random``, how many of these had a start drawn from
            the whole box.
        ``missed``
            Estimate of the chance that a lower minimum exists, see Notes.

    Raises
    ------
    ValueError
        When an argument is not allowed.
    BaseException
        What `func`, `jac` or `callback` raised, with the best point so far as its attribute
        ``result``.

    See Also
    --------
    scipy.optimize.dual_annealing, scipy.optimize.differential_evolution

    Notes
    -----
    From N descents with starts drawn at random, and w distinct minima, the chance that there is a
    lower one is estimated as :math:`w/(N - 1)`.  This follows from Boender and Rinnooy Kan's
    distribution [1]_ of the number of minima if all basins are equally likely to hold the lowest;
    see `skgd.many_minima.minima.chance_missed`.  Deep minima mostly have large basins, so the
    estimate is cautious; no estimate knows of a basin as small as a needle.  Descents that were
    ended early count neither as descents nor as minima.

    References
    ----------
    .. [1] C. G. E. Boender and A. H. G. Rinnooy Kan, "Bayesian stopping rules for multistart global
       optimization methods", Mathematical Programming 37 (1987), 59-80.
    .. [2] A. H. G. Rinnooy Kan and G. T. Timmer, "Stochastic global optimization methods, part II:
       multi level methods", Mathematical Programming 39 (1987), 57-78.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd import multistart
    >>> def rastrigin(x):
    ...     return 10 * len(x) + (x**2 - 10 * np.cos(2 * np.pi * x)).sum(axis=0)
    >>> res = multistart(rastrigin, [(-5.12, 5.12)] * 4, rng=1)
    >>> bool(res.fun < 1e-9), bool(np.abs(res.x).max() < 1e-5)
    (True, True)

    Every minimum, with the number of descents that led there:

    >>> res = multistart(rastrigin, [(-2.4, 2.4)], n_starts=100, vectorized=True, rng=1)
    >>> res.minima.fun.round(3) + 0.0
    array([0.   , 0.995, 0.995, 3.98 , 3.98 ])
    >>> int(res.minima.hits.sum()), round(res.missed, 3)
    (100, 0.051)
    """
    polish = switch("polish", polish)
    told = None if callback is None else _reader(callback)
    task = read_task(
        func, bounds, args, x0, n_starts, method, jac, vectorized, workers, rng, maxfev
    )
    explorer = Explorer(task.objective, task.rules)
    record = Record(np.where((width := _width(task)) > 0, width, 1.0))
    moves = 0

    def report() -> None:
        nonlocal moves
        moves += 1
        if told is not None and explorer.x is not None:
            told(explorer, moves)

    with contextlib.closing(task.objective):
        try:
            reason = _run(task, explorer, record, polish, report)
        except BaseException as error:
            with contextlib.suppress(Exception):
                attach(error, outcome(explorer, record, Reason.INTERRUPTED, type(error).__name__))
            raise
    return outcome(explorer, record, reason)


def _run(
    task: Task, explorer: Explorer, record: Record, polish: bool, report: Callable[[], None]
) -> Reason | None:
    """Do what the task says; return what has ended it early, None when nothing has."""
    box = explorer.box
    sequence = Sequence(box.lower, box.upper, task.rng)
    budget = math.inf if task.maxfev is None else task.maxfev
    if polish and budget < math.inf:
        explorer.kept = int(KEPT * budget)
    try:
        if not (box.upper > box.lower).any():
            explorer.values(box.lower[None])
            return None
        search = None
        ends = (task.given, np.full(len(task.given), np.inf))
        if task.n_starts is not None:
            ends = from_many_starts(explorer, sequence, record, task.given, task.n_starts, report)
        searching = task.n_starts is None or budget < math.inf
        if searching and explorer.over is None:
            search = Search(explorer, sequence, task.rng, record)
            if task.n_starts is None:
                search.screen(task.given)
                report()
            else:
                search.elite.enter(*ends)
            search.run(report)
        explorer.release()
        if polish and explorer.over is None:
            _finish(explorer, record)
            report()
        if search is not None:
            # A winner that was polished before has left what was kept for it.
            search.run(report)
    except OutOfBudget as end:
        explorer.over = end.reason
    except _Stopped:
        return Reason.CALLBACK
    return explorer.over if explorer.over in (Reason.MAXTIME, Reason.TARGET) else None


def _finish(explorer: Explorer, record: Record) -> None:
    """Polish the winner, unless that has been done."""
    if explorer.x is None or (explorer.best_reason is not None and explorer.best_reason.success):
        return
    ends = explorer.polish(explorer.x, math.inf)
    record.enter(ends.x[ends.at_rest], ends.f[ends.at_rest], counted=False)


def _width(task: Task) -> Any:
    lower, upper = task.rules.constraint.box()  # type: ignore[union-attr, misc]
    return upper - lower


class _Stopped(Exception):  # noqa: N818
    """The callback wants no more; a `StopIteration` of the function is an error like any other."""


def _reader(callback: Callable[..., Any]) -> Callable[[Explorer, int], None]:
    """Return who tells the callback, as its signature asks for."""
    if not callable(callback):
        raise ValueError(f"callback must be callable, got {shown(callback)}")
    try:
        names = set(inspect.signature(callback).parameters)
    except (TypeError, ValueError):
        names = set()

    def told(explorer: Explorer, moves: int) -> None:
        from scipy.optimize import OptimizeResult

        assert explorer.x is not None
        x = explorer.x.copy()
        try:
            if names == {"intermediate_result"}:
                objective = explorer.objective
                callback(
                    intermediate_result=OptimizeResult(
                        x=x, fun=explorer.fun, nfev=objective.nfev, njev=objective.njev, nit=moves
                    )
                )
            else:
                callback(x)
        except StopIteration as stop:
            raise _Stopped from stop

    return told
