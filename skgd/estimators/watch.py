"""What a fit records and reports while it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skgd._rows import Array
from skgd.progress import Progress

from .coordinates import Coordinates

__all__ = ["Progressing", "Watcher"]


class Progressing:
    """What is known of a fit after an iteration, or an epoch of mini-batches.

    Attributes
    ----------
    k : int
        Iterations or epochs done.
    fun : float
        The objective: mean loss plus penalty.
    """

    def __init__(self, k: int, fun: float, u: Array, coordinates: Coordinates) -> None:
        self.k = k
        self.fun = fun
        self._u = u
        self._coordinates = coordinates

    def coefficients(self) -> tuple[Array, Array]:
        """Return coefficients (K, d) and intercepts (K,), which belong to the caller."""
        coef, intercept = self._coordinates.model(self._u)
        return coef, intercept + 0


class Watcher:
    """Record the objective of each iteration, and let someone else look at it.

    It is what `skgd.runners.run_serially` calls a monitor.

    Parameters
    ----------
    coordinates : Coordinates
        How iterates are read.
    watch : callable or None
        ``watch(progressing) -> bool``; True ends the fit.
    verbose : int
        A line every so many iterations; 0 for none.
    exact : callable or None, default None
        Returns by how much the objective is above the value of the run, whose loss is smoothed.
    """

    wanted = True

    def __init__(
        self,
        coordinates: Coordinates,
        watch: Callable[[Progressing], bool] | None,
        verbose: int,
        exact: Callable[[], float] | None = None,
    ) -> None:
        self._coordinates = coordinates
        self._watch = watch
        self._verbose = int(verbose)
        self.exact = exact
        self.k = 0
        self.curve: list[float] = []
        self.stopped = False

    def __call__(self, run: Progress) -> None:
        """Take in an iteration; the zeroth of each stage is the last one of the stage before."""
        if run.k:
            above = 0.0 if self.exact is None else self.exact()
            self.note(run.f + above, run.x, run.gnorm)

    def note(self, fun: float, u: Array, gnorm: float) -> None:
        """Record one more iteration or epoch; raise StopIteration when that shall be the last."""
        self.k += 1
        self.curve.append(fun)
        if self._verbose and (self.k == 1 or self.k % self._verbose == 0):
            print(  # noqa: T201
                f"iteration {self.k:5d}  objective {fun:.9g}  optimality {gnorm:.3g}"
            )
        if self._watch is not None and self._watch(Progressing(self.k, fun, u, self._coordinates)):
            self.stopped = True
            raise StopIteration

    def columns(self, run: Progress) -> None:
        """Return no history: that is `curve`."""

    def vectors(self) -> None:
        """Return no iterates."""

    def close(self, result: Any) -> None:
        """Do nothing at the end."""
