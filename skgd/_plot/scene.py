"""What every kind of picture can do: stand still, and show the run up to any iterate."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from .run import Look, Run
from .style import FAINT, legend_above

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
        legend_above(ax, self.draw(), look.title)

    @abstractmethod
    def draw(self) -> list[Any]:
        """Draw everything; return the artists that the legend explains."""

    @abstractmethod
    def show(self, count: int) -> None:
        """Show the first `count` iterates only."""

    @abstractmethod
    def moving(self) -> list[Any]:
        """Return the artists that change with the count, and those in front of them, in order."""

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
