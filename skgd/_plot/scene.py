"""What every kind of picture can do: stand still, and show the run up to any iterate."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skgd._rows import Array

from .run import Look, Run
from .style import FAINT, entry, legend_above, number, title_above

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Scene(ABC):
    """A picture on one axes: the ground, drawn once, and the run, shown up to any iterate.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    run : Run
        What to draw.
    look : Look
        How to draw it.
    """

    dimensions: ClassVar[int | None] = None
    """How many variables the function must have; None for any number."""
    projection: ClassVar[str | None] = None
    """What Matplotlib's ``projection`` must be for the axes."""

    def __init__(self, ax: Axes, run: Run, look: Look) -> None:
        self.ax, self.run, self.look = ax, run, look
        self.draw()
        self._legend = legend_above(ax, self.handles())
        lines = [line for line in (look.title, self._out_of_view()) if line]
        if lines:
            title_above(ax, "\n".join(lines))

    @abstractmethod
    def draw(self) -> None:
        """Draw everything."""

    @abstractmethod
    def show(self, count: int) -> None:
        """Show the first `count` iterates only."""

    @abstractmethod
    def handles(self) -> list[Any]:
        """Return the artists that the legend explains."""

    @abstractmethod
    def changing(self) -> list[Any]:
        """Return the artists that change with the count, and those in front of them, in order."""

    def moving(self) -> list[Any]:
        """Return what is drawn anew in every frame: what changes, and the legend."""
        return [*self.changing(), self._legend]

    def frame(self, count: int) -> None:
        """Show the first `count` iterates, and in the legend the number of the last of them."""
        self.show(count)
        iteration = entry(f"iteration {self.run.iterations[count - 1]:.0f}")
        self._legend = legend_above(self.ax, [*self.handles(), iteration])

    def moves(self) -> Array:
        """Return how far each step is seen to move, as a fraction of the picture.

        Returns
        -------
        ndarray, shape (K - 1,)
            At most 1; zero where there is nothing to see.
        """
        path = self.run.path
        if self.dimensions is None:
            return np.zeros(len(path) - 1)
        extent = np.ptp(self.look.view(self.run), axis=1)
        steps: Array = np.abs(np.diff(path, axis=0) / extent).max(axis=1)
        seen = self.look.seen(self.run)
        return np.where(seen[:-1] | seen[1:], np.minimum(steps, 1.0), 0.0)

    def shade_outside(self, ax: Axes) -> None:
        """Shade what the bounds forbid; `ax` has the variables on its axes."""
        box = self.run.box
        if box is None:
            return
        limits = self.look.view(self.run)
        spans: tuple[Callable[..., Any], ...] = (ax.axvspan, ax.axhspan)
        for span, (low, high), least, most in zip(
            spans, limits, box.lower, box.upper, strict=False
        ):
            for start, end in ((low, min(least, high)), (max(most, low), high)):
                if start < end:
                    span(start, end, facecolor=FAINT, alpha=0.4, edgecolor="none", zorder=1.5)

    def _out_of_view(self) -> str | None:
        """Return a sentence about the iterates that are not in the picture."""
        if self.dimensions is None:
            return None
        seen = self.look.seen(self.run)
        if seen.all():
            return None
        farthest = number(float(np.abs(self.run.path).max()), 2)
        return f"{seen.sum()} of {seen.size} iterates in view; the others reach |x| = {farthest}"
