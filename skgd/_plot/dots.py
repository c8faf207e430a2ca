"""The iterates of one run as dots, coloured from early to late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skgd._extras import require
from skgd._rows import Array

from .grid import thinned
from .run import Run
from .style import END, INK, NOW, START, steps_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_DOTS = 2000
"""Dots in one picture; more cannot be told apart, and take long to draw."""

CROWD = 100
"""So many dots are drawn at full size; more of them are smaller, so that they make no blot."""


class Dots:
    """The iterates as dots, the first and the last one marked.

    Parameters
    ----------
    ax : Axes
        Where they are drawn.
    points : ndarray, shape (K, d)
        Where each iterate is, in the d = 2 or 3 coordinates of the axes; NaN if it is not shown.
    run : Run
        The run.
    line : ndarray, shape (K, d), optional
        The points of a line beneath the dots.
    """

    def __init__(self, ax: Any, points: Array, run: Run, line: Array | None = None) -> None:
        self._ax, self._points, self._run, self._track = ax, points, run, line
        self._at = np.array(thinned(len(points), MOST_DOTS))
        self._size = 24.0 * min(1.0, (CROWD / len(self._at)) ** 0.4)
        first, last = float(run.iterations[0]), float(run.iterations[-1])
        self._scale = require("matplotlib.cm", "plot").ScalarMappable(
            # Most runs move most in their first iterations, which must not all look alike.
            require("matplotlib.colors", "plot").PowerNorm(0.5, first, max(last, first + 1.0)),
            steps_colours(),
        )
        self._solid: dict[str, Any] = {"depthshade": False} if points.shape[1] == 3 else {}
        if line is not None:
            (self._line,) = ax.plot(
                *line.T,
                color=INK,
                linestyle="-",
                linewidth=1.0 if points.shape[1] == 2 else 1.4,
                zorder=4,
            )
        self._start = self._mark(0, START, "start")
        self._changing: list[Any] = []
        self.show(len(points))

    @property
    def handles(self) -> list[Any]:
        """What a legend explains: the start and the last iterate, if they are in the picture."""
        marks = (self._start, 0), (self._changing[-1], self._count - 1)
        return [mark for mark, at in marks if np.isfinite(self._points[at]).all()]

    def moving(self) -> list[Any]:
        """Return the artists from back to front."""
        dots, last = self._changing
        line = [] if self._track is None else [self._line]
        return [*line, dots, self._start, last]

    def show(self, count: int) -> None:
        """Show the first `count` iterates only."""
        self._count = count
        if self._track is not None:
            put(self._line, self._track[:count])
        # Dots in space cannot be moved through public names, so they are drawn anew.
        for artist in self._changing:
            artist.remove()
        at = self._at[: np.searchsorted(self._at, count)]
        dots = self._ax.scatter(
            *self._points[at].T,
            c=self._scale.to_rgba(self._run.iterations[at]),
            s=self._size,
            linewidths=0.0,
            zorder=5,
            **self._solid,
        )
        look, label = (END, "end") if count == len(self._points) else (NOW, "now")
        self._changing = [dots, self._mark(count - 1, look, label)]

    def colorbar(self, axes: list[Axes]) -> None:
        """Add the scale that tells early steps from late ones beside the axes."""
        whole = require("matplotlib.ticker", "plot").MaxNLocator(integer=True, nbins=6)
        bar = self._ax.figure.colorbar(
            self._scale,
            ax=axes,
            label=f"{self._run.unit} (√ scale)",
            pad=0.03,
            aspect=30,
            ticks=whole,
        )
        bar.outline.set_visible(False)

    def _mark(self, at: int, look: dict[str, Any], label: str) -> Any:
        return self._ax.scatter(*self._points[at], **look, **self._solid, label=label)


def put(line: Any, points: Array) -> None:
    """Let a line pass through points of shape (m, d), in the plane or in space."""
    if points.shape[1] == 3:
        line.set_data_3d(*points.T)
    else:
        line.set_data(*points.T)
