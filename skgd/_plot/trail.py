"""The iterates of one run among others: a line and marks of its own look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skgd._extras import require
from skgd._rows import Array

from .dots import Dots, put
from .grid import thinned
from .run import Run
from .style import COMPARED, END, FAINT, INK, START

if TYPE_CHECKING:
    from matplotlib.axes import Axes

APART = 0.12
"""Distance of the marks along a line, as a fraction of the picture's diagonal."""

MOST_MARKS = 60
"""Marks of a run that has no line."""


class Trail:
    """One of several runs.

    Parameters
    ----------
    ax : Axes
        Where it is drawn.
    points : ndarray, shape (K, d)
        Where each iterate is; NaN if it is not shown.
    run : Run
        The run, whose name is in the legend.
    place : int
        Its place among the runs, which says how it looks.
    line : ndarray, shape (K, d), optional
        The points of its line; without it there are marks alone.
    """

    def __init__(
        self, ax: Any, points: Array, run: Run, place: int, line: Array | None = None
    ) -> None:
        look = compared(place)
        self._ax, self._points, self._track = ax, points, points if line is None else line
        self._drawn = np.arange(len(points))
        if line is None:
            look |= {"linestyle": "none", "markevery": None}
            self._drawn = np.array(thinned(len(points), MOST_MARKS))
        self._solid: dict[str, Any] = {"depthshade": False} if points.shape[1] == 3 else {}
        (self._line,) = ax.plot(
            *self._track[self._drawn].T, **look, markersize=5.0, zorder=4, label=run.name
        )
        self._start = ax.scatter(*points[0], **START, **self._solid)
        self._end = self._mark(len(points))

    @property
    def handle(self) -> Any:
        """What the legend explains."""
        return self._line

    def moving(self) -> list[Any]:
        """Return the artists from back to front."""
        return [self._line, self._start, self._end]

    def show(self, count: int) -> None:
        """Show the first `count` iterates only, or all where there are less."""
        count = min(count, len(self._points))
        put(self._line, self._track[self._drawn[: np.searchsorted(self._drawn, count)]])
        self._end.remove()
        self._end = self._mark(count)

    def _mark(self, count: int) -> Any:
        """Mark the last of the first `count` iterates."""
        look = {**END, "c": [self._line.get_color()], "linewidths": 1.0}
        return self._ax.scatter(*self._points[count - 1], **look, **self._solid)


class Trails:
    """Several runs in one picture, with one legend.

    Parameters
    ----------
    ax : Axes
        Where they are drawn.
    points, lines : sequence of ndarray
        As `Trail` takes them, one a run; no `lines` for marks alone.
    runs : sequence of Run
        The runs.
    """

    def __init__(
        self,
        ax: Axes,
        points: Sequence[Array],
        runs: Sequence[Run],
        lines: Sequence[Array] | None = None,
    ) -> None:
        self._trails = [
            Trail(ax, points[i], run, i, None if lines is None else lines[i])
            for i, run in enumerate(runs)
        ]

    @property
    def handles(self) -> list[Any]:
        """What a legend explains: each run by its look, then start and end."""
        return [
            *(trail.handle for trail in self._trails),
            _sample("o", "white", "start", 9.0),
            _sample("*", FAINT, "end", 11.0),
        ]

    def moving(self) -> list[Any]:
        """Return the artists from back to front."""
        groups = zip(*(trail.moving() for trail in self._trails), strict=True)
        return [artist for group in groups for artist in group]

    def show(self, count: int) -> None:
        """Show the first `count` iterates of each run only."""
        for trail in self._trails:
            trail.show(count)

    def colorbar(self, axes: list[Axes]) -> None:
        """Add nothing: here a colour tells the run, and not the iteration."""


def tracks(
    ax: Axes, points: Sequence[Array], runs: Sequence[Run], lines: Sequence[Array] | None = None
) -> Dots | Trails:
    """Draw one run with its steps coloured, or several of which each has its own look."""
    if len(runs) > 1:
        return Trails(ax, points, runs, lines)
    return Dots(ax, points[0], runs[0], None if lines is None else lines[0])


def compared(place: int) -> dict[str, Any]:
    """Return the look of the line of a run among others.

    Marks are as far apart along every line, and those of different runs begin at different places,
    so that lines that coincide are both seen.
    """
    offset = APART * place / len(COMPARED)
    return {
        **COMPARED[place],
        "markevery": (offset, APART),
        "markeredgecolor": "white",
        "markeredgewidth": 0.5,
        "linewidth": 1.5,
    }


def _sample(marker: str, colour: str, label: str, size: float) -> Any:
    return require("matplotlib.lines", "plot").Line2D(
        [],
        [],
        linestyle="none",
        marker=marker,
        markersize=size,
        markerfacecolor=colour,
        markeredgecolor=INK,
        label=label,
    )
