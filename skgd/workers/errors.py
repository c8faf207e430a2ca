"""What goes wrong on workers, and how errors come home."""

from __future__ import annotations

import importlib
import pickle
import traceback
from typing import Any

__all__ = ["Failure", "WorkerDied", "dumps"]


class WorkerDied(RuntimeError):  # noqa: N818
    """Workers were lost, and the evaluations that they had begun could not be had.

    The result so far is the attribute ``result`` of the exception.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from skgd import gd
    >>> from skgd.workers import WorkerDied
    >>> pool = ThreadPoolExecutor(2)
    >>> pool.shutdown()
    >>> try:
    ...     gd(lambda x: x @ x, [1.0], workers=pool)
    ... except WorkerDied as error:
    ...     print(error)  # doctest: +NORMALIZE_WHITESPACE
    workers: ThreadPoolExecutor gave no answer to the value at x = array([1.]): RuntimeError: cannot
    schedule new futures after shutdown
    """


class Failure:
    """An exception of the user's function on its way to the caller.

    Within a process it is the exception itself.  Between processes it is pickled by value, so that
    classes of a notebook arrive too; where that is impossible, a RuntimeError says what it was.

    Parameters
    ----------
    error : BaseException
        What was raised.
    """

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __reduce__(self) -> tuple[Any, ...]:
        lines = traceback.format_exception(self.error)
        text = f"{type(self.error).__name__}: {self.error}"
        note = "Traceback on the worker:\n" + "".join(lines)
        try:
            packed = dumps(self.error)
        except Exception:  # noqa: BLE001 - whatever the exception's own attributes may raise
            packed = b""
        return _unpacked, (packed, text, note)


def _unpacked(packed: bytes, text: str, note: str) -> Failure:
    """Return the exception of another process."""
    try:
        error = pickle.loads(packed)
    except Exception:  # noqa: BLE001 - the constructor of an exception may raise anything
        error = None
    if not isinstance(error, BaseException):
        error = RuntimeError(text)
    error.add_note(note)
    return Failure(error)


def dumps(value: Any) -> bytes:
    """Pickle a value; functions of a notebook or a script, and lambdas, by value."""
    # scikit-learn comes with joblib, and joblib with cloudpickle.
    for name in ("cloudpickle", "joblib.externals.cloudpickle"):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        packed: bytes = module.dumps(value)
        return packed
    return pickle.dumps(value)
