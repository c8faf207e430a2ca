"""The numbers of a run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ._rows import Array, Reals, Truths, choose, full, largest, some
from .averaging import Swarm
from .jacobians import Jacobian
from .proximal import Constraint
from .stopping import Reason, Stopping, full_truth

__all__ = ["Departed", "Ended", "Progress"]


@dataclass(frozen=True)
class Ended:
    """How one run of a batch ended."""

    x: Array
    fun: float
    x_last: Array
    fun_last: float
    nit: int
    reason: Reason


class Departed(NamedTuple):
    """How runs that left a batch together have ended: an array each, with a row or entry a run.

    Thousands may leave at once; what `Ended` says of one is found here for all of them.
    """

    rows: Array
    x: Array
    fun: Array
    x_last: Array
    fun_last: Array
    nit: int
    code: Array


OWN = 4.0, 100.0
"""Variance of an iterate at rest, in squared rates, and memory, under rates of their own."""


class Progress:
    """The numbers of a run, always up to date: the loop writes them, everyone may read them.

    Attributes
    ----------
    k : int
        Iterations done.
    x, f, g : ndarray, float, ndarray
        The last iterate, its value (with the penalty, if there is one) and gradient.
    f_before, gg, gg_before : float
        The value of the iterate before, and the squared norms of the two gradients.
    reach, first, first_gg : float
        The largest coordinate of the start, the value there, and the squared norm of the gradient.
    residual : ndarray
        What vanishes at a stationary point; the gradient itself without a constraint.
    t, s, step : float, float, ndarray
        Rate of the last iteration, the fraction of its displacement that was accepted, and the
        step that was taken.
    whole : bool
        Whether that step tells how far the run still wants to go: it was neither cut short nor a
        pause.
    watched : bool
        Whether anyone wants to be told of each iteration.
    best_x, best_f, best_g : ndarray, float, ndarray or None
        The best point that was evaluated, and its gradient where that is known.
    average : ndarray or None
        The point that the run returns instead, where its gradients are random estimates: the
        average of the last iterates.  Then `best_x` is the last iterate that was evaluated, and `f`
        the value of the last one as estimated, or evaluated where `measured` is true.
    noise : float
        Standard deviation of the noise of the values; 0 for exact ones.
    noisy : bool
        Whether that was asked for or measured.
    scheme, constraint : Jacobian or None, Constraint or None
        The gradient scheme of this run, with what it has found out, and the constraint.
    gains : dict or None
        The figures of the gain sequence, where gradients are random.
    swarm : Swarm or None
        The iterates of a run whose gradients are random; None for other runs.
    natural : bool
        Whether the rate of such a run is one by the curvatures that its gradient scheme has found.
    error : float
        Two standard errors of the largest entry of the gradient, where that is a mean of random
        estimates; infinite while there are too few.
    reason : Reason or None
        Why the run ended.
    rows : ndarray of int or None
        For a batch: which runs the rows of the arrays above belong to.
    departed : list of Departed
        For a batch: how the runs that have left it ended, in groups that left together.
    """

    def __init__(self, x: Array, stopping: Stopping) -> None:
        if not x.size:
            raise ValueError(f"x must hold at least one point, got shape {x.shape}")
        self.k = 0
        self.x = x
        self.f: Reals = full(x, math.nan)
        self.f_before: Reals = self.f
        self.g: Array | None = None
        self.gg: Reals = full(x, math.nan)
        self.gg_before: Reals = self.gg
        self.reach: Reals = largest(x)
        self.first: Reals = self.f
        self.first_gg: Reals = self.gg
        self.residual: Array | None = None
        self.t: Reals = full(x, math.nan)
        self.s: Reals = full(x, 1.0)
        self.whole: Truths = full_truth(x)
        self.step: Array | None = None
        self.best_x: Array = x
        self.best_f: Reals = full(x, math.inf)
        self.best_g: Array | None = None
        self.watched = True
        self.tries = 0
        self.reason: Any = None
        self.rows: Array | None = np.arange(len(x)) if x.ndim == 2 else None
        self.departed: list[Departed] = []
        self.noise = 0.0
        self.noisy = False
        self.constraint: Constraint | None = None
        self.scheme: Jacobian | None = None
        self.gains: dict[str, Any] | None = None
        self.swarm: Swarm | None = None
        self.natural = True
        self.measured = True
        self.error = 0.0
        self.eps = float(np.finfo(x.dtype).eps)
        self.most = float(np.finfo(x.dtype).max) / 4
        self._stopping = stopping
        self._gnorm: Reals = None

    @property
    def random(self) -> bool:
        """Whether gradients are random estimates."""
        return self.swarm is not None

    @property
    def ended(self) -> dict[int, Ended]:
        """For a batch: how each run that has left it ended."""
        return {
            int(row): Ended(x, float(f), x_last, float(f_last), group.nit, Reason.of(int(code)))
            for group in self.departed
            for row, x, f, x_last, f_last, code in zip(
                group.rows,
                group.x,
                group.fun,
                group.x_last,
                group.fun_last,
                group.code,
                strict=True,
            )
        }

    @property
    def gnorm(self) -> Reals:
        """Norm of the residual at the last iterate; NaN before the first gradient."""
        if self._gnorm is None:
            if self.residual is None:
                return full(self.x, math.nan)
            self._gnorm = self._stopping.size(self.residual)
        return self._gnorm

    def at(self, x: Array, f: Reals, g: Array, gg: Reals, residual: Array) -> None:
        """Enter a new iterate."""
        self.x, self.f, self.g, self.gg, self.residual = x, f, g, gg, residual
        self._gnorm = None
        # Of equal values the last iterate has the better claim: its gradient is the one tested.
        if self.swarm is not None:
            scheme: Any = self.scheme
            self.swarm.add(x, f if scheme.measured else None)
            if scheme.measured:
                self.best_x, self.best_f, self.best_g = x, f, None
        elif x.ndim == 1:
            if f <= self.best_f or x is self.best_x:
                self.best_x, self.best_f, self.best_g = x, f, g
        else:
            self.best_x, self.best_f = (
                choose(f <= self.best_f, x, self.best_x),
                choose(f <= self.best_f, f, self.best_f),
            )

    def remeasured(self, residual: Array) -> None:
        """Enter the residual as a curved direction, or a random scheme, measures it."""
        self.residual = residual
        self._gnorm = None

    def prefer_last(self, where: Truths) -> None:
        """Take the last iterate for the best point."""
        self.best_x = choose(where, self.x, self.best_x)
        self.best_f = choose(where, self.f, self.best_f)
        self.best_g = self.g if self.x.ndim == 1 else None

    @property
    def average(self) -> Array | None:
        """The average of the last iterates, where the run returns it."""
        if self.swarm is None or self.g is None or self.reason in (Reason.TARGET, Reason.GTOL):
            return None
        scheme: Any = self.scheme
        if self.natural or not self.k:
            point = self.swarm.average(scheme.c, *scheme.rest()).astype(self.x.dtype)
        else:
            # Steps as long as the rate, whatever the gradient.
            unit = np.full(self.x.shape, float(self.t))
            point = self.swarm.average(unit, *OWN).astype(self.x.dtype)
        if self.constraint is not None:
            # The mean of equal numbers may be their neighbour.
            self.constraint.repair(point)
        return point

    def settle(self, f: Reals) -> None:
        """Return the average, at which the function has the value `f`, or what is clearly lower."""
        point = self.average
        assert point is not None
        assert self.swarm is not None
        if self.constraint is not None:
            f = f + self.constraint.value(point)
        self.best_x, self.best_f = self.swarm.choose(point, f, self.noise)
        self.best_g = None

    def report(self) -> dict[str, Any]:
        """Return what the result says of noise, steps of differences and gain sequences."""
        found = {} if self.scheme is None else self.scheme.report()
        if self.gains is not None:
            found["spsa"] = {**self.gains, **found["spsa"]}
        return {"noise": self.noise, **found} if self.noisy else found

    def retire(self, code: Array) -> Array:
        """Note how the rows with a code ended, drop them, and return the positions of the rest."""
        assert self.rows is not None
        (gone,) = np.nonzero(code)
        self.departed.append(
            Departed(
                self.rows[gone],
                self.best_x[gone],
                self.best_f[gone],
                self.x[gone],
                self.f[gone],
                self.k,
                code[gone],
            )
        )
        rows = np.flatnonzero(code == 0)
        for name in (
            "rows",
            "x",
            "f",
            "f_before",
            "g",
            "gg",
            "gg_before",
            "reach",
            "first",
            "residual",
            "t",
            "s",
            "whole",
            "step",
            "best_x",
            "best_f",
        ):
            value = getattr(self, name)
            setattr(self, name, value[rows] if isinstance(value, np.ndarray) else value)
        self.best_g = None
        self._gnorm = None
        return rows

    def saw(self, x: Array, f: Reals) -> None:
        """Enter a trial point that was evaluated; its gradient is not known."""
        if self.swarm is not None:
            return
        better = f < self.best_f
        if x.ndim == 1:
            if better:
                self.best_x, self.best_f, self.best_g = x, f, None
        elif some(better):
            self.best_x = choose(better, x, self.best_x)
            self.best_f = choose(better, f, self.best_f)
