"""Evaluations by a crew that works on several tasks at a time."""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future
from typing import Any

from skgd.limits import Budget, OutOfBudget
from skgd.requests import Probes
from skgd.sources import carried
from skgd.stopping import Reason

from .crews import Crew
from .errors import WorkerDied
from .functions import Report, Task, named, numpy_errors, on_wall, part, waiting_time

__all__ = ["Pooled"]

MOMENT = 2e-3
"""Seconds that a task of cheap evaluations takes: beside them, its way to a process and back, a
tenth of a millisecond, does not count."""


class Pooled:
    """Let a crew evaluate; answers are known as they come in.

    Parameters
    ----------
    crew : Crew
        Who evaluates.
    """

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._seconds: float | None = None
        self._given_up: list[Future[Report]] = []

    def answers(self, gradients: bool, points: Probes, budget: Budget) -> Iterator[tuple[int, Any]]:
        """Yield position and answer in the order in which the evaluations end."""
        busy = sum(not future.done() for future in self._given_up)
        if busy and busy >= (self._crew.size() or 1):
            # The value of an average is asked for when the time is over.  Here it would have to
            # wait for evaluations that nobody waits for any more.
            raise OutOfBudget(Reason.MAXTIME)
        request = _Request(self._crew, gradients, points, budget, self._seconds)
        try:
            yield from request.answers()
        finally:
            self._seconds = request.seconds
            self._given_up = request.recall()
            if self._given_up:
                self._crew.stop(now=True)

    def close(self) -> None:
        """End the processes that were started for this run."""
        self._crew.stop(now=False)


class _Request:
    """The evaluations of one request, on their way out and home.

    They go out in the order of the points, and the first in this order that fails decides, so what
    is raised does not depend on who is fast: after a failure, only those before it matter.

    Parameters
    ----------
    crew, gradients, points, budget
        As for `Pooled`.
    seconds : float or None
        What an evaluation has taken so far, None when that is not known.
    """

    def __init__(
        self, crew: Crew, gradients: bool, points: Probes, budget: Budget, seconds: float | None
    ) -> None:
        self.seconds = seconds
        self._crew = crew
        self._size = crew.size()
        self._gradients = gradients
        self._points = points
        self._budget = budget
        self._deadline = waiting_time(budget)
        self._errstate = numpy_errors()
        self._unknown = len(points)
        self._left = list(range(len(points)))
        self._running: dict[Future[Report], Task] = {}
        self._home: queue.SimpleQueue[Future[Report]] = queue.SimpleQueue()
        self._errors: dict[int, BaseException] = {}

    def answers(self) -> Iterator[tuple[int, Any]]:
        """Yield positions and answers."""
        while True:
            over = self._hand_out()
            if self._running:
                try:
                    future = self._next()
                except BaseException:
                    # Ctrl-C, or a handler of another signal: what has come home is not lost.
                    yield from self._arrived()
                    raise
                if future is None:
                    break
                if task := self._running.pop(future, None):
                    yield from self._take(task, future)
            elif over or not self._left:
                break
        if self._errors:
            raise carried(self._errors[min(self._errors)])
        if self._unknown:
            raise OutOfBudget(Reason.MAXTIME)

    def recall(self) -> list[Future[Report]]:
        """Take back what has not begun, and return what goes on nevertheless."""
        for future, task in self._running.items():
            if future.cancel():
                self._withdraw(len(task.positions))
        return [future for future in self._running if not future.done()]

    def _hand_out(self) -> bool:
        """Hand out tasks as long as there is someone to do them; tell whether the time is over."""
        budget = self._budget
        begin = budget.begin_gradients if self._gradients else budget.begin
        most = math.inf if self._size is None else 2 * self._size
        while self._left and len(self._running) < most:
            positions = self._left[: self._share()]
            try:
                begin(len(positions))
            except OutOfBudget:
                return True
            del self._left[: len(positions)]
            chosen = part(self._points, positions)
            task = Task(self._gradients, positions, chosen, on_wall(self._deadline), self._errstate)
            try:
                future = self._crew.submit(task)
            except Exception as error:  # noqa: BLE001 - the workers' own trouble
                self._lose(task, error)
                return False
            self._running[future] = task
            future.add_done_callback(self._home.put)
        return False

    def _share(self) -> int:
        """Return how many evaluations the next task has."""
        if self.seconds is None:
            return 1
        even = math.ceil(len(self._left) / (2 * (self._size or 32)))
        return max(1, min(even, int(MOMENT / max(self.seconds, 1e-9))))

    def _next(self) -> Future[Report] | None:
        """Wait for the next task that is over; return None when the time is."""
        while True:
            left = math.inf if self._deadline is None else self._deadline - time.perf_counter()
            try:
                # Ctrl-C may not end a long wait.
                return self._home.get(left > 0, min(0.2, left) if left > 0 else None)
            except queue.Empty:
                if left <= 0:
                    return None

    def _arrived(self) -> Iterator[tuple[int, Any]]:
        """Yield the answers that have come home, without waiting for more."""
        while not self._home.empty():
            future = self._home.get()
            if task := self._running.pop(future, None):
                yield from self._take(task, future)

    def _take(self, task: Task, future: Future[Report]) -> Iterator[tuple[int, Any]]:
        """Yield what a task has brought, and note what it has not."""
        try:
            report = future.result()
        except Exception as error:  # noqa: BLE001 - the workers' own trouble
            self._lose(task, error)
            return
        done = len(report.answers)
        if done:
            self._unknown -= done
            seconds = report.seconds / done
            self.seconds = seconds if self.seconds is None else (self.seconds + seconds) / 2
        self._withdraw(report.untouched)
        if report.failure is not None:
            self._fail(task.positions[done], report.failure.error)
        yield from zip(task.positions, report.answers, strict=False)

    def _withdraw(self, evaluations: int) -> None:
        self._budget.withdraw(self._gradients, evaluations)

    def _fail(self, position: int, error: BaseException) -> None:
        """Note an error; what stands behind it has become useless."""
        self._errors[position] = error
        first = min(self._errors)
        self._left = [i for i in self._left if i < first]
        for future, task in list(self._running.items()):
            if task.positions[0] > first and future.cancel():
                del self._running[future]
                self._withdraw(len(task.positions))

    def _lose(self, task: Task, error: BaseException) -> None:
        """Note that a task has not been done, for no fault of the function that is known of."""
        if isinstance(error, (BrokenExecutor, CancelledError, RuntimeError)) or _lost(error):
            died = WorkerDied(
                f"workers: {self._crew.name} gave no answer to {named(task)}: "
                f"{type(error).__name__}: {error}"
            )
            died.__cause__ = error
            error = error if isinstance(error, WorkerDied) else died
        self._fail(task.positions[0], error)


def _lost(error: BaseException) -> bool:
    """Tell whether Dask has lost worker after worker, or its client the cluster."""
    return type(error).__name__ in ("KilledWorker", "ClosedClientError")
