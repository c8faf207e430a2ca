"""Evaluations on several threads, processes or machines: the option ``workers``.

`open_source` turns the option into a `skgd.sources.Source`.  All the points of a request go out
together: those of a difference quotient, the rows of a batch.  Values and gradients are checked
where they are found, and how many workers there are changes nothing but the time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from skgd._checks import no_class, shown, warn, whole_number
from skgd.sources import Source

from .errors import WorkerDied

__all__ = ["WorkerDied", "open_source", "read_workers"]


def read_workers(workers: Any) -> Any:
    """Check the value of the option ``workers``.

    Parameters
    ----------
    workers : object
        What was given.

    Returns
    -------
    int, callable, concurrent.futures.Executor, dask.distributed.Client or None
        None when the evaluations are made here.

    Raises
    ------
    ValueError
        When it is none of these.

    Examples
    --------
    >>> from skgd.workers import read_workers
    >>> read_workers(8.0)
    8
    >>> read_workers(1) is None
    True
    """
    if workers is None:
        return None
    # Few runs have workers, and `import skgd` is to be quick.
    from concurrent.futures import Executor

    from .crews import is_dask

    no_class("workers", workers, Executor)
    if isinstance(workers, Executor) or callable(workers) or is_dask(workers):
        return workers
    if isinstance(workers, (str, bytes)) or not hasattr(workers, "__float__"):
        raise ValueError(
            "workers must be a whole number of processes (-1 for all cores), a function like map "
            "such as multiprocessing.Pool(4).map, a concurrent.futures.Executor or a "
            f"dask.distributed.Client, got {shown(workers)}"
        )
    count = whole_number("workers", workers, least=-1)
    if count == 0:
        raise ValueError("workers must be at least 1, or -1 for all cores, got 0")
    if count < 0:
        count = _cores()
    return None if count == 1 else count


def open_source(
    workers: Any,
    fun: Callable[..., Any],
    jac: Callable[..., Any] | None,
    args: tuple[Any, ...],
    vectorized: bool,
) -> Source | None:
    """Return who evaluates on the workers, None when the evaluations are made here.

    Nothing is started before the first evaluation.

    Parameters
    ----------
    workers : int, callable, concurrent.futures.Executor, dask.distributed.Client or None
        The option.
    fun : callable
        ``fun(x, *args)``.
    jac : callable or None
        ``jac(x, *args)``.
    args : tuple
        Further arguments.
    vectorized : bool
        Whether `fun` takes many points at once; it does so here then, and a warning says so.

    Returns
    -------
    Source or None
        To be closed by who uses it.

    Raises
    ------
    ValueError
        When `workers` is none of these, or is a number and the functions cannot be pickled.
    """
    workers = read_workers(workers)
    if workers is None:
        return None
    if vectorized:
        from scipy.optimize import OptimizeWarning

        warn(
            "workers is ignored: with vectorized=True all points go out in one call",
            OptimizeWarning,
        )
        return None
    from .crews import crew
    from .functions import Functions
    from .mapped import Mapped
    from .paired import Paired, unpaired
    from .pooled import Pooled

    fun, jac, paired = unpaired(fun, jac)
    functions = Functions((fun, jac, args), paired)
    chosen = crew(workers, functions)
    source = Mapped(workers, functions) if chosen is None else Pooled(chosen)
    return Paired(source) if paired else source


def _cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
