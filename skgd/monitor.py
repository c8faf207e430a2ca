"""What a run shows while it goes: callback, history, printed lines, progress bar."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ._extras import require
from ._rows import Array

if TYPE_CHECKING:
    from .descent import Progress
    from .objective import Objective

__all__ = ["Monitor"]


class Monitor:
    """Report each iteration to whoever wants to know; everyone gets copies.

    Parameters
    ----------
    objective : Objective
        Where the evaluations are counted.
    callback : callable or None
        ``callback(xk)`` or ``callback(intermediate_result=res)``, told apart as SciPy does it: by
        the parameter's name.  `StopIteration` ends the run.
    history : bool or int
        Record every iteration, or every so many.
    return_all : bool
        Keep every iterate.
    disp : bool or int
        1 prints a summary; a larger number also a line every so many iterations.
    progress : bool
        Show a bar, when tqdm is installed and the error stream is a terminal.
    maxiter : int
        Length of the bar.
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
        self._bar = _bar(maxiter) if progress else None
        self.wanted = bool(
            callback is not None or self._every or return_all or self._disp > 1 or self._bar
        )

    def __call__(self, run: Progress) -> None:
        """Report the iteration that `run` has just done."""
        if self._every and run.k % self._every == 0:
            self._rows.append(self._row(run))
        if self._vectors is not None:
            self._vectors.append(run.x.copy())
        if self._disp > 1 and run.k > 0 and (run.k - 1) % self._disp == 0:
            print(_line(run))
        if self._bar is not None and run.k > 0:
            self._bar.update(1)
            self._bar.set_postfix_str(f"f={run.f:.6g}, |g|={run.gnorm:.2g}", refresh=False)
        if self._callback is not None and run.k > 0:
            self._callback(run, self._objective)

    def close(self, run: Progress, message: str, fun: float) -> None:
        """Finish what is shown."""
        if self._bar is not None:
            self._bar.close()
        if self._disp > 0:
            counts = f"nit: {run.k}, nfev: {self._objective.nfev}, njev: {self._objective.njev}"
            print(f"{message}\n    fun: {fun:.9g}, {counts}")

    def columns(self) -> dict[str, Array] | None:
        """Return the history as columns."""
        if not self._every:
            return None
        names = ("nit", "nfev", "fun", "gnorm", "step", "time", "x")
        columns = zip(*self._rows, strict=True) if self._rows else ((),) * len(names)
        return {name: np.array(column) for name, column in zip(names, columns, strict=True)}

    def vectors(self) -> list[Array] | None:
        """Return every iterate."""
        return self._vectors

    def _row(self, run: Progress) -> tuple[Any, ...]:
        step = 0.0 if run.step is None else float(np.linalg.norm(run.step))
        return run.k, self._objective.nfev, run.f, run.gnorm, step, time.perf_counter(), run.x.copy()


def _line(run: Progress) -> str:
    """Return one aligned line about an iteration; the first is iteration 0, as in the article."""
    step = 0.0 if run.step is None else float(np.abs(run.step).max())
    shown = np.array2string(run.x, precision=6, threshold=6, edgeitems=2, max_line_width=10_000)
    return f"iteration {run.k - 1:6d}  f {run.f: .6e}  |g| {run.gnorm:.2e}  step {step:.2e}  x {shown}"


def _by_signature(callback: Callable[..., Any]) -> Callable[[Progress, Objective], None]:
    """Return the callback as a function of run and objective."""
    try:
        names = set(inspect.signature(callback).parameters)
    except (TypeError, ValueError):
        names = set()
    if names == {"intermediate_result"}:
        return lambda run, objective: callback(intermediate_result=_intermediate(run, objective))
    return lambda run, objective: callback(run.x.copy())


def _intermediate(run: Progress, objective: Objective) -> Any:
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


def _bar(maxiter: int) -> Any:
    tqdm = require("tqdm", "plot").tqdm
    return tqdm(total=maxiter, unit="it", disable=None, leave=False)
