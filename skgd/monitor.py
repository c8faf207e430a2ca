"""What a run shows while it goes: callback, history, printed lines, progress bar."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ._extras import progress_bar
from ._rows import Array, largest, norm

if TYPE_CHECKING:
    from .objective import Objective
    from .progress import Progress

__all__ = ["Monitor"]


HISTORY = ("nit", "nfev", "fun", "gnorm", "step", "time", "x")
"""The columns of the history."""


class Monitor:
    """Report each iteration to whoever wants to know; everyone gets copies.

    Parameters
    ----------
    objective : Objective
        Where the evaluations are counted.
    callback : callable or None
        ``callback(xk)`` or ``callback(intermediate_result=res)``, told apart as SciPy does it: by
        the parameter's name.  `StopIteration` ends the run; what it returns is ignored.
    history : bool or int
        Record every iteration, or every so many and the last one.
    return_all : bool
        Keep every iterate.
    disp : bool or int
        1 prints a summary; a larger number also a line every so many iterations.
    progress : bool
        Show a bar, when the error stream is a terminal.
    maxiter : int
        Length of the bar.

    Attributes
    ----------
    wanted : bool
        Whether anyone wants to know of each iteration.

    Raises
    ------
    ValueError
        When `callback` cannot be called.
    ImportError
        When `progress` is asked for and tqdm is not installed.
    """

    def __init__(
        self,
        objective: Objective,
        callback: Callable[..., Any] | None,
        history: bool | int,
        return_all: bool,
        disp: bool | int,
        progress: bool,
        maxiter: int,
    ) -> None:
        self._objective = objective
        self._callback = None if callback is None else _by_signature(callback)
        self._every = int(history)
        self._rows: list[tuple[Any, ...]] = []
        self._vectors: list[Array] | None = [] if return_all else None
        self._disp = int(disp)
        self._bar = progress_bar(maxiter, "it") if progress else None
        self._began = time.perf_counter()
        self.wanted = bool(
            callback is not None or self._every or return_all or self._disp > 1 or progress
        )

    def __call__(self, run: Progress) -> None:
        """Report the iteration that `run` has just done; the zeroth is the start."""
        if self._every and run.k % self._every == 0:
            self._rows.append(self._row(run))
        if self._vectors is not None:
            self._vectors.append(run.x.copy())
        if run.k == 0:
            return
        if self._disp > 1 and (run.k - 1) % self._disp == 0:
            print(_line(run))  # noqa: T201
        if self._bar is not None:
            self._bar.update(1)
            self._bar.set_postfix_str(f"f={run.f:.6g}, |g|={run.gnorm:.2g}", refresh=False)
        if self._callback is not None:
            self._callback(run, self._objective)

    def close(self, result: Any) -> None:
        """Take the bar away, and print the summary of the result if it is asked for."""
        if self._bar is not None:
            self._bar.close()
        if self._disp > 0:
            counts = f"nit: {result.nit}, nfev: {result.nfev}, njev: {result.njev}"
            print(f"{result.message}\n    fun: {result.fun:.9g}, {counts}")  # noqa: T201

    def columns(self, run: Progress) -> dict[str, Array] | None:
        """Return the history as columns, the last iteration included."""
        if not self._every:
            return None
        rows = self._rows
        if not rows or rows[-1][0] != run.k:
            rows = [*rows, self._row(run)]
        return {
            name: np.array(column)
            for name, column in zip(HISTORY, zip(*rows, strict=True), strict=True)
        }

    def vectors(self) -> list[Array] | None:
        """Return every iterate, the start included."""
        return self._vectors

    def _row(self, run: Progress) -> tuple[Any, ...]:
        """Return one row of the history; the order is that of `HISTORY`."""
        return (
            run.k,
            self._objective.nfev,
            run.f,
            run.gnorm,
            0.0 if run.step is None else norm(run.step),
            time.perf_counter() - self._began,
            run.x.copy(),
        )


def _line(run: Progress) -> str:
    """Return one aligned line about an iteration; the first is iteration 0, as in the article."""
    step = 0.0 if run.step is None else largest(run.step)
    shown = np.array2string(run.x, precision=6, threshold=6, edgeitems=2, max_line_width=10_000)
    return (
        f"iteration {run.k - 1:6d}  f {run.f: .6e}  |g| {run.gnorm:.2e}  step {step:.2e}  x {shown}"
    )


def _by_signature(callback: Callable[..., Any]) -> Callable[[Progress, Objective], object]:
    """Return the callback as a function of run and objective."""
    if not callable(callback):
        raise ValueError(f"callback must be callable, got {callback!r}")
    try:
        names = set(inspect.signature(callback).parameters)
    except (TypeError, ValueError):
        # Some builtins do not tell their signature.
        names = set()
    if names == {"intermediate_result"}:
        return lambda run, objective: callback(intermediate_result=_intermediate(run, objective))
    return lambda run, objective: callback(run.x.copy())


def _intermediate(run: Progress, objective: Objective) -> Any:
    """Return what is known after an iteration as an `OptimizeResult`."""
    from scipy.optimize import OptimizeResult

    return OptimizeResult(
        x=run.x.copy(),
        fun=run.f,
        jac=None if run.g is None else run.g.copy(),
        nit=run.k,
        nfev=objective.nfev,
        njev=objective.njev,
        learning_rate=run.t,
        gnorm=run.gnorm,
    )
