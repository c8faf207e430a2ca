"""Where tasks are done: by own processes, an executor of the user or a cluster."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any, Protocol

from .functions import Functions, Report, Task
from .processes import Own

__all__ = ["Crew", "crew"]

MUCH = 2**20
"""Bytes of functions and arguments that do not travel with every task; Dask complains of ten
times as many."""


class Crew(Protocol):
    """Who does tasks.

    Attributes
    ----------
    name : str
        What it is called in messages.
    """

    name: str

    def size(self) -> int | None:
        """Return how many tasks are done at a time, None when that is not known."""

    def submit(self, task: Task) -> Future[Report]:
        """Hand out a task."""

    def stop(self, now: bool) -> None:
        """Let go of the workers, whatever they are doing when it must be `now`."""


class Given:
    """An executor of the user, which nobody else may shut down.

    Parameters
    ----------
    executor : concurrent.futures.Executor
        The executor.
    functions : Functions
        What it evaluates.
    """

    def __init__(self, executor: Executor, functions: Functions) -> None:
        self.name = type(executor).__name__
        self._executor = executor
        self._functions = functions

    def size(self) -> int | None:
        """Return what the executors of the standard library do not tell in public."""
        workers = getattr(self._executor, "_max_workers", None)
        return workers if isinstance(workers, int) else None

    def submit(self, task: Task) -> Future[Report]:
        """Hand out a task, and the functions with it."""
        return self._executor.submit(self._functions.evaluate, task)

    def stop(self, now: bool) -> None:
        """Leave the executor as it is."""


class Dask(Given):
    """The cluster that a ``dask.distributed.Client`` is connected to.

    Parameters
    ----------
    client : dask.distributed.Client
        The client.
    functions : Functions
        What is evaluated.

    Raises
    ------
    ValueError
        When the client is closed.
    """

    def __init__(self, client: Any, functions: Functions) -> None:
        if client.status == "closed":
            raise ValueError("workers must be connected to a cluster, but this Client is closed")
        # A value may depend on more than the point; so it is never looked up.
        super().__init__(client.get_executor(pure=False), functions)
        self.name = type(client).__name__
        self._client = client
        self._shared: Any = None

    def size(self) -> int | None:
        """Return the number of threads in the cluster; an empty one may be about to grow."""
        if self._client.status == "closed":
            # The first task will say so.
            return None
        return sum(self._client.nthreads().values()) or None

    def submit(self, task: Task) -> Future[Report]:
        """Hand out a task; functions with much data are sent to the workers once."""
        try:
            if len(self._functions.packed()) <= MUCH:
                return super().submit(task)
            if self._shared is None:
                self._shared = self._client.scatter(self._functions, broadcast=True)
            return self._executor.submit(Functions.evaluate, self._shared, task)
        except Exception as error:
            if self._client.status == "running":
                raise
            # Each version of Dask has another exception for it.
            raise BrokenExecutor(f"the client is {self._client.status}") from error


def crew(workers: Any, functions: Functions) -> Crew | None:
    """Return who does the tasks; None for a function like map, which is given all at once."""
    if isinstance(workers, int):
        return Own(workers, functions)
    if isinstance(workers, Executor):
        return Given(workers, functions)
    return Dask(workers, functions) if is_dask(workers) else None


def is_dask(workers: Any) -> bool:
    """Tell whether it is the client of a cluster; nobody has one who has not imported Dask."""
    kinds = type(workers).__mro__
    return any(kind.__name__ == "Client" and _package(kind) == "distributed" for kind in kinds)


def _package(kind: type) -> str:
    return kind.__module__.partition(".")[0]
