"""Evaluations by a function like `map`, SciPy's convention."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from typing import Any

from skgd._checks import shown
from skgd.limits import Budget, OutOfBudget
from skgd.requests import Probes
from skgd.sources import carried
from skgd.stopping import Reason

from .errors import WorkerDied
from .functions import Functions, Report, Task, numpy_errors, on_wall, part, waiting_time

__all__ = ["Mapped"]


class Mapped:
    """Let ``workers(function, iterable)`` evaluate; it returns the function's values.

    Parameters
    ----------
    workers : callable
        Such as `map`, ``multiprocessing.Pool(4).map`` or the ``map`` of an MPI pool.
    functions : Functions
        What is evaluated.
    """

    def __init__(self, workers: Callable[..., Any], functions: Functions) -> None:
        self._workers = workers
        self._functions = functions

    def answers(self, gradients: bool, points: Probes, budget: Budget) -> Iterator[tuple[int, Any]]:
        """Yield position and answer in the order in which `workers` returns them."""
        deadline = waiting_time(budget)
        # Without a deadline the time may be over already: then the start is all there will be.
        m = len(points) if deadline == budget.deadline else 1
        (budget.begin_gradients if gradients else budget.begin)(m)
        wall, errstate = on_wall(deadline), numpy_errors()
        tasks = [Task(gradients, [i], part(points, [i]), wall, errstate) for i in range(m)]
        unseen = set(range(m))
        errors: dict[int, BaseException] = {}
        untouched = 0
        for report in self._reports(tasks, deadline):
            (position,) = report.positions
            unseen.discard(position)
            untouched += report.untouched
            if report.failure is not None:
                errors[position] = report.failure.error
            for answer in report.answers:
                yield position, answer
            if errors and self._workers is map:
                # It is lazy: the others have not begun.
                untouched += len(unseen)
                break
        budget.withdraw(gradients, untouched)
        if errors:
            raise carried(errors[min(errors)])
        if untouched or m < len(points):
            raise OutOfBudget(Reason.MAXTIME)
        if unseen:
            raise ValueError(
                f"workers must return one value for each of the {m} items, like map; "
                f"{len(unseen)} are missing"
            )

    def close(self) -> None:
        """Leave the user's workers as they are."""

    def _reports(self, tasks: list[Task], deadline: float | None) -> Iterator[Report]:
        """Yield what `workers` returns, and raise OutOfBudget when that takes too long."""
        if deadline is None or self._workers is map:
            yield from self._mapped(tasks)
            return
        home: queue.SimpleQueue[Any] = queue.SimpleQueue()

        def work() -> None:
            try:
                for report in self._mapped(tasks):
                    home.put(report)
            except BaseException as error:  # noqa: BLE001 - it is raised again below
                home.put(error)
            home.put(None)

        # Nobody can end a call that hangs; but nobody has to wait for it.
        threading.Thread(target=work, daemon=True).start()
        while True:
            left = deadline - time.perf_counter()
            try:
                report = home.get(left > 0, left if left > 0 else None)
            except queue.Empty:
                raise OutOfBudget(Reason.MAXTIME) from None
            if report is None:
                return
            if isinstance(report, BaseException):
                raise report
            yield report

    def _mapped(self, tasks: list[Task]) -> Iterator[Report]:
        """Yield what `workers` returns, checked."""
        try:
            reports = self._workers(self._functions.evaluate, tasks)
            if not hasattr(reports, "__iter__"):
                raise ValueError(
                    "workers must return the values of the function, like map; got "
                    f"{shown(reports)}"
                )
            for report in reports:
                if not isinstance(report, Report):
                    raise ValueError(
                        "workers must return the values of the function as they are, like map; "
                        f"got {shown(report)}"
                    )
                yield report
        except BrokenExecutor as error:
            raise WorkerDied(f"workers: {type(error).__name__}: {error}") from error
