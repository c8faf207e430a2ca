"""What every kind of picture can do: stand still, and show the runs up to any iterate."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skgd._rows import Array

from .look import Look, seen
from .run import Run
from .style import FAINT, entry, legend_above, legend_rows, number, title_above

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Scene(ABC):
    """A picture on one axes: the ground, drawn once, and the runs, shown up to any iterate.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    runs : sequence of Run
        What to draw; the function, its variables and bounds are those of the first.
    look : Look
        How to draw it.
    """

    dimensions: ClassVar[range | None] = None
    """How many variables the function may have; None when none are needed."""
    projection: ClassVar[str | None] = None
    """What Matplotlib's ``projection`` must be for the axes."""

    def __init__(self, ax: Axes, runs: Sequence[Run], look: Look) -> None:
        self.ax, self.runs, self.look = ax, tuple(runs), look
        self.draw()
        self._legend = legend_above(ax, self.handles())
        lines = [line for line in (look.title, self._out_of_view()) if line]
        if lines:
            title_above(ax, "\n".join(lines), self.handles())

    @abstractmethod
    def draw(self) -> None:
        """Draw everything."""

    @abstractmethod
    def show(self, count: int) -> None:
        """Show the first `count` iterates of each run only."""

    @abstractmethod
    def handles(self) -> list[Any]:
        """Return the artists that the legend explains."""

    @abstractmethod
    def changing(self) -> list[Any]:
        """Return the artists that change with the count, and those in front of them, in order."""

    @property
    def run(self) -> Run:
        """The first run."""
        return self.runs[0]

    @property
    def length(self) -> int:
        """How many iterates there are to show."""
        return max(len(run.values) for run in self.runs)

    @cached_property
    def limits(self) -> Array:
        """Low and high end of what is in view of each variable, shape (n, 2)."""
        return self.look.view(self.runs)

    def moving(self) -> list[Any]:
        """Return what is drawn anew in every frame: what changes, and the legend."""
        return [*self.changing(), self._legend]

    def frame(self, count: int) -> None:
        """Show the first `count` iterates, and in the legend the number of the last of them."""
        self.show(count)
        longest = max(self.runs, key=lambda run: len(run.values))
        iteration = f"{longest.unit} {longest.iterations[count - 1]:.0f}"
        self._legend = legend_above(self.ax, self._counted(iteration))

    def _counted(self, iteration: str) -> list[Any]:
        """Return what the legend of a frame explains, in as many rows as that of the whole run."""
        handles = self.handles()
        entries = [*handles, entry(iteration)]
        if legend_rows(self.ax, entries) == legend_rows(self.ax, handles):
            return entries
        # Where the runs are by then is marked, unless an axis tells the iteration.
        if self.dimensions is not None:
            handles[-1].set_label(iteration)
        return handles

    def moves(self) -> Array:
        """Return how far the steps are seen to move, as a fraction of the picture.

        Returns
        -------
        ndarray, shape (length - 1,)
            The furthest of each run's steps, at most 1; zero where there is nothing to see.
        """
        moves = np.zeros(self.length - 1)
        if self.dimensions is not None:
            extent = np.ptp(self.limits, axis=1)
            for run in self.runs:
                steps = np.abs(np.diff(run.path, axis=0) / extent).max(axis=1)
                inside = seen(run.path, self.limits)
                steps = np.where(inside[:-1] | inside[1:], np.minimum(steps, 1.0), 0.0)
                moves[: len(steps)] = np.maximum(moves[: len(steps)], steps)
        return moves

    def shade_outside(self, ax: Axes) -> None:
        """Shade what the bounds forbid; `ax` has the variables on its axes."""
        box = self.run.box
        if box is None:
            return
        spans: tuple[Callable[..., Any], ...] = (ax.axvspan, ax.axhspan)
        for span, (low, high), least, most in zip(
            spans, self.limits, box.lower, box.upper, strict=False
        ):
            for start, end in ((low, min(least, high)), (max(most, low), high)):
                if start < end:
                    span(start, end, facecolor=FAINT, alpha=0.4, edgecolor="none", zorder=1.5)

    def _out_of_view(self) -> str | None:
        """Return a sentence about the iterates that are not in the picture."""
        if self.dimensions is None:
            return None
        path = np.concatenate([run.path for run in self.runs])
        inside = seen(path, self.limits)
        if inside.all():
            return None
        farthest = number(float(np.abs(path).max()), 2)
        return (
            f"{inside.sum()} of {inside.size} iterates in view; the others reach |x| = {farthest}"
        )
