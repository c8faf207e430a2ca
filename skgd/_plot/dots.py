"""The iterates as dots, coloured from early to late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skgd._extras import require
from skgd._rows import Array

from .grid import thinned
from .style import END, NOW, START, steps_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_DOTS = 2000
"""Dots in one picture; more cannot be told apart, and take long to draw."""


class Dots:
    """The iterates as dots, the first and the last one marked.

    Parameters
    ----------
    ax : Axes
        Where they are drawn.
    points : ndarray, shape (K, d)
        Where each iterate is, in the d = 2 or 3 coordinates of the axes; NaN if it is not shown.
    iterations : ndarray, shape (K,)
        Their numbers.
    """

    def __init__(self, ax: Any, points: Array, iterations: Array) -> None:
        self._ax, self._points, self._iterations = ax, points, iterations
        self._at = np.array(thinned(len(points), MOST_DOTS))
        first, last = float(iterations[0]), float(iterations[-1])
        self._scale = require("matplotlib.cm", "plot").ScalarMappable(
            # Most runs move most in their first iterations, which must not all look alike.
            require("matplotlib.colors", "plot").PowerNorm(0.5, first, max(last, first + 1.0)),
            steps_colours(),
        )
        self._solid: dict[str, Any] = {"depthshade": False} if points.shape[1] == 3 else {}
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
        return [dots, self._start, last]

    def show(self, count: int) -> None:
        """Show the first `count` iterates only."""
        self._count = count
        # Dots in space cannot be moved through public names, so they are drawn anew.
        for artist in self._changing:
            artist.remove()
        at = self._at[: np.searchsorted(self._at, count)]
        dots = self._ax.scatter(
            *self._points[at].T,
            c=self._scale.to_rgba(self._iterations[at]),
            s=24.0,
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
            self._scale, ax=axes, label="iteration (√ scale)", pad=0.03, aspect=30, ticks=whole
        )
        bar.outline.set_visible(False)

    def _mark(self, at: int, look: dict[str, Any], label: str) -> Any:
        return self._ax.scatter(*self._points[at], **look, **self._solid, label=label)
