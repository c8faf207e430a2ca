"""Processes that are started for one run, and end with it.

Each is a fresh interpreter that reads tasks from one pipe and writes reports to another.  So a
script needs no guard, as `multiprocessing` does, which runs it again in every process; nothing is
forked, which is unsafe beside threads; and a process that dies takes one task along, not all that
others are doing.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from typing import IO, Any

from .errors import WorkerDied
from .functions import Functions, Report, Task, named

__all__ = ["Own", "serve"]

TRIES = 3
"""How many processes may die of one task."""

PATIENCE = 5.0
"""Seconds in which an idle process ends by itself."""

BEGIN = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    "import sys; sys.path = {path!r}; from skgd.workers.processes import serve; serve()"
)
"""Ctrl-C goes to every process of a terminal; the one that has started the run ends the others."""

APART: dict[str, Any] = {"process_group": 0} if os.name == "posix" else {}
"""Where there are groups of processes, it does not even reach those that are still starting."""


class Own:
    """A crew of processes, started when there is something to do.

    Parameters
    ----------
    workers : int
        How many.
    functions : Functions
        What they evaluate; each is told once.

    Raises
    ------
    ValueError
        When the functions cannot be pickled.
    """

    name = "the processes"

    def __init__(self, workers: int, functions: Functions) -> None:
        functions.packed()
        self._size = workers
        self._functions = functions
        self._team: _Team | None = None

    def size(self) -> int:
        """Return the number of processes."""
        return self._size

    def submit(self, task: Task) -> Future[Report]:
        """Hand out a task."""
        if self._team is None:
            self._team = _Team(self._size, self._functions)
        return self._team.submit(task)

    def stop(self, now: bool) -> None:
        """End the processes; the next task starts others."""
        team, self._team = self._team, None
        if team is not None:
            team.stop(now)


class _Team:
    """Threads, each of which looks after one process."""

    def __init__(self, size: int, functions: Functions) -> None:
        self._functions = functions
        self._threads = ThreadPoolExecutor(size)
        self._own = threading.local()
        self._lock = threading.Lock()
        self._all: list[_Process] = []
        self._over = False

    def submit(self, task: Task) -> Future[Report]:
        return self._threads.submit(self._evaluate, task)

    def stop(self, now: bool) -> None:
        with self._lock:
            self._over = True
            processes = self._all[:]
        if now:
            for process in processes:
                process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for process in processes:
            process.end()
        for process in processes:
            process.wait()

    def _evaluate(self, task: Task) -> Report:
        """Let this thread's process do a task; another one, when it dies."""
        for _ in range(TRIES):
            process = self._process()
            try:
                return process.evaluate(task)
            except (EOFError, OSError, pickle.UnpicklingError):
                self._own.process = None
                process.end()
                ended = process.wait()
        raise WorkerDied(
            f"workers: {TRIES} processes have died of {named(task)}, the last one {ended}; "
            "evaluate the function there with workers=1 to see why"
        )

    def _process(self) -> _Process:
        """Return the process of this thread."""
        process: _Process | None = getattr(self._own, "process", None)
        with self._lock:
            if self._over:
                raise BrokenExecutor("the run is over")
            if process is None:
                process = self._own.process = _Process(self._functions)
                self._all.append(process)
        return process


class _Process:
    """A process and the pipes to it."""

    def __init__(self, functions: Functions) -> None:
        # As `multiprocessing` starts its own.
        flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined] # noqa: SLF001
        begin = BEGIN.format(path=[str(folder) for folder in sys.path])
        command = [sys.executable, *flags, "-c", begin]
        self._popen = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **APART
        )
        self._untold = [functions]

    def evaluate(self, task: Task) -> Report:
        """Return the report about a task."""
        tasks, reports = self._popen.stdin, self._popen.stdout
        assert tasks is not None
        assert reports is not None
        for message in (*self._untold, task):
            pickle.dump(message, tasks)
        tasks.flush()
        self._untold = []
        report: Report = pickle.load(reports)
        return report

    def kill(self) -> None:
        """End it whatever it is doing."""
        self._popen.kill()

    def end(self) -> None:
        """Tell it that there is nothing more to do."""
        # What is still in the buffer cannot be told to a process that has died.
        with contextlib.suppress(OSError):
            self._popen.stdin.close()  # type: ignore[union-attr]

    def wait(self) -> str:
        """Wait for its end, and return how it ended."""
        try:
            code = self._popen.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._popen.wait()
        self._popen.stdout.close()  # type: ignore[union-attr]
        return f"by signal {-code}" if code < 0 else f"with exit code {code}"


def serve() -> None:
    """Do the tasks that the parent sends, until it closes the pipe or is gone."""
    with _pipes() as (tasks, reports):
        functions: Functions = pickle.load(tasks)
        inbox: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        working = threading.Event()
        listener = threading.Thread(target=_listen, args=(tasks, inbox, working), daemon=True)
        listener.start()
        while (task := inbox.get()) is not None:
            pickle.dump(functions.evaluate(task), reports)
            reports.flush()
            working.clear()
        listener.join()


def _listen(
    tasks: IO[bytes], inbox: queue.SimpleQueue[Task | None], working: threading.Event
) -> None:
    """Take in tasks; end the process when the parent has gone while it works."""
    while True:
        try:
            task: Task | None = pickle.load(tasks)
        except (EOFError, OSError, pickle.UnpicklingError):
            task = None
        if task is None:
            if working.is_set():
                os._exit(1)
            inbox.put(None)
            return
        working.set()
        inbox.put(task)


@contextlib.contextmanager
def _pipes() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Open the pipes from and to the parent, out of reach of what functions read and print."""
    with os.fdopen(os.dup(0), "rb") as tasks, os.fdopen(os.dup(1), "wb") as reports:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        yield tasks, reports
