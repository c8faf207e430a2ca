"""What is raised when a cluster is lost."""

from __future__ import annotations

from typing import Any

__all__ = ["ClusterError", "is_loss"]


class ClusterError(RuntimeError):
    """A cluster that did not answer: no workers, rows that cannot be read again, no connection.

    Attributes
    ----------
    coef, intercept : ndarray, shapes (K, d) and (K,), or None
        The best model so far; None when there is none yet.

    Examples
    --------
    >>> from skgd.distributed import ClusterError
    >>> try:
    ...     raise ClusterError("the scheduler is gone")
    ... except ClusterError as error:
    ...     print(error, error.coef)
    the scheduler is gone None
    """

    coef: Any = None
    intercept: Any = None


def is_loss(error: BaseException) -> bool:
    """Tell whether an exception is about the cluster, and not about what it was asked.

    Exceptions of tasks come with the traceback of the worker, which ends in the code of the task.
    """
    if isinstance(error, (ConnectionError, TimeoutError)):
        return True
    names = [kind.__module__ for kind in type(error).__mro__]
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is not None:
        names.append(str(trace.tb_frame.f_globals.get("__name__")))
    return any(name.partition(".")[0] == "distributed" for name in names)
