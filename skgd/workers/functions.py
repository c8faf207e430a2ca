"""The user's functions, as they travel to workers and are called there."""

from __future__ import annotations

import os
import pickle
import time
import weakref
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd import _answers
from skgd._checks import shown
from skgd._rows import Array
from skgd.limits import Budget
from skgd.requests import Probes

from .errors import Failure, dumps

__all__ = [
    "Functions",
    "Report",
    "Task",
    "named",
    "numpy_errors",
    "on_wall",
    "part",
    "waiting_time",
]


@dataclass(frozen=True)
class Task:
    """Evaluations that one worker makes, one after the other.

    Parameters
    ----------
    gradients : bool
        Whether gradients are wanted, else values.
    positions : list of int
        The places of the points among those of the request.
    points : Probes
        The points.
    deadline : float or None
        When no evaluation begins any more, on the clock of `time.time`, which other machines have,
        too.
    errors : dict
        What NumPy does about floating-point errors where the run was started.
    """

    gradients: bool
    positions: list[int]
    points: Probes
    deadline: float | None
    errors: dict[str, Any]


@dataclass(frozen=True)
class Report:
    """What became of a task.

    Parameters
    ----------
    positions : list of int
        Those of the task.
    answers : list
        The answers at the first of them.
    failure : Failure or None
        What the function raised at the next one.
    seconds : float
        The time that the evaluations took.
    """

    positions: list[int]
    answers: list[Any]
    failure: Failure | None
    seconds: float

    @property
    def untouched(self) -> int:
        """Evaluations that have not begun."""
        return len(self.positions) - len(self.answers) - (self.failure is not None)


class Functions:
    """Value and gradient, evaluated and checked where a task is done.

    Pickled, they are bytes that a worker reads once, though they come with every task.

    Parameters
    ----------
    parts : tuple or bytes
        ``(fun, jac, args)``, or these pickled.
    paired : bool
        Whether `fun` returns value and gradient; the answers are pairs then, too.
    token : str, optional
        What tells them from all others; None for new ones.
    """

    def __init__(
        self, parts: tuple[Any, ...] | bytes, paired: bool, token: str | None = None
    ) -> None:
        self._parts = None if isinstance(parts, bytes) else parts
        self._packed = parts if isinstance(parts, bytes) else None
        self._paired = paired
        self._token = os.urandom(16).hex() if token is None else token
        _known[self._token] = self

    def __reduce__(self) -> tuple[Any, ...]:
        return _arrived, (self.packed(), self._paired, self._token)

    def packed(self) -> bytes:
        """Return functions and arguments as bytes.

        Raises
        ------
        ValueError
            When they cannot be pickled.
        """
        if self._packed is None:
            try:
                self._packed = dumps(self._parts)
            except Exception as error:
                raise ValueError(
                    "workers: fun, jac or args cannot be sent to another process "
                    f"({type(error).__name__}: {error}); use functions of a module that hold "
                    "nothing but data, or threads: "
                    "workers=concurrent.futures.ThreadPoolExecutor(8)"
                ) from error
        return self._packed

    def evaluate(self, task: Task) -> Report:
        """Do a task, until its end, an exception or the deadline."""
        began = time.perf_counter()
        answers: list[Any] = []
        failure = None
        with np.errstate(**task.errors):
            for i in range(len(task.positions)):
                if task.deadline is not None and time.time() >= task.deadline:
                    break
                try:
                    answers.append(self._answer(task, task.points.point(i)))
                except BaseException as error:  # noqa: BLE001 - it is raised again at home
                    failure = Failure(error)
                    break
        return Report(task.positions, answers, failure, time.perf_counter() - began)

    def _answer(self, task: Task, x: Array) -> Any:
        """Return the checked answer at a point as nobody else can change it."""
        fun, jac, args = self._read()
        read = _answers.complex_number if x.dtype.kind == "c" else _answers.real
        if self._paired:
            f, slope = _answers.pair(fun(x, *args))
            return read(f), _slope(slope, x.size)
        if task.gradients:
            return np.array(_answers.gradient(jac(x, *args), x.size))
        return read(fun(x, *args))

    def _read(self) -> tuple[Any, ...]:
        """Return functions and arguments."""
        if self._parts is None:
            assert self._packed is not None
            try:
                self._parts = pickle.loads(self._packed)
            except Exception as error:
                raise ValueError(
                    "workers: fun, jac or args cannot be read by the worker "
                    f"({type(error).__name__}: {error}); use functions of a module that the worker "
                    "can import, too, or threads: "
                    "workers=concurrent.futures.ThreadPoolExecutor(8)"
                ) from error
        return self._parts


_known: weakref.WeakValueDictionary[str, Functions] = weakref.WeakValueDictionary()
"""The functions that live in this process, its own ones included."""

_recent: deque[Functions] = deque(maxlen=4)
"""The functions that a worker may be asked for again."""


def _arrived(packed: bytes, paired: bool, token: str) -> Functions:
    """Return functions that have come as bytes; the same ones come many times."""
    known = _known.get(token)
    if known is None:
        known = Functions(packed, paired, token)
        # The weak reference alone would let it go with the task.
        _recent.append(known)
    return known


def _slope(slope: Any, n: int) -> Any:
    """Return a gradient that has come with a value; a bad one matters when it is asked for."""
    try:
        return np.array(_answers.gradient(slope, n))
    except ValueError as error:
        return Failure(error)


def named(task: Task) -> str:
    """Return a task for a message, with some of its points."""
    m = len(task.positions)
    points = ", ".join(shown(task.points.point(i)) for i in range(min(m, 3)))
    more = f" and {m - 3} more" if m > 3 else ""
    return f"the {'gradient' if task.gradients else 'value'} at x = {points}{more}"


def numpy_errors() -> dict[str, Any]:
    """Return what NumPy does about floating-point errors, as far as another process can do it."""
    return {kind: how for kind, how in np.geterr().items() if how not in ("call", "log")}


def waiting_time(budget: Budget) -> float | None:
    """Return until when an answer is waited for, on the clock of `time.perf_counter`.

    When the time is over before anything is evaluated, the start is evaluated nevertheless.
    """
    if not budget.nfev and budget.deadline is not None and time.perf_counter() >= budget.deadline:
        return None
    return budget.deadline


def on_wall(deadline: float | None) -> float | None:
    """Return a time on the clock of `time.perf_counter` on that of `time.time`."""
    return None if deadline is None else time.time() + (deadline - time.perf_counter())


def part(points: Probes, positions: list[int]) -> Probes:
    """Return some of the points, without the rows that none of them needs."""
    chosen = points.only(np.array(positions))
    if chosen.row is None:
        return chosen
    rows, row = np.unique(chosen.row, return_inverse=True)
    return Probes(chosen.x[rows], chosen.index, chosen.value, row)
