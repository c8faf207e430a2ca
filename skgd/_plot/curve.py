"""Runs in one variable: the function, its derivative, and the steps on both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skgd._rows import Array

from .dots import MOST_DOTS, Dots
from .grid import slopes_at, thinned, values_at, window
from .look import seen
from .scene import Scene
from .style import FAINT, INK, SECOND, plain_numbers, tidy
from .trail import Trails, tracks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST_NAME = 8
"""Letters of a variable that fit beside the derivative, which is not high."""


class Curve(Scene):
    """The function over its variable, and, beneath it, the derivative."""

    dimensions: ClassVar[range | None] = range(1, 2)

    def draw(self) -> None:
        ax, run = self.ax, self.run
        (name,) = run.variables
        assert run.fun is not None
        (limits,) = self.limits
        x = np.linspace(limits[0], limits[1], self.look.resolution)
        y = values_at(run.fun, x[None], vectorized=run.vectorized)
        self._tracks: list[Dots | Trails] = []
        self._draw_line(ax, x, y, [each.values for each in self.runs], color=INK, linestyle="-")
        ax.set(xlim=limits, ylabel=f"f({name})")
        below = self._axes_below() if self.look.derivative and run.jac is not None else None
        if below is not None:
            ax.tick_params(labelbottom=False)
            self._draw_derivative(below, x, np.isfinite(y))
        axes = [ax] if below is None else [ax, below]
        for each in axes:
            tidy(each)
            plain_numbers(each.xaxis)
            plain_numbers(each.yaxis)
            self.shade_outside(each)
        axes[-1].set_xlabel(name)
        if self.look.colorbar:
            self._tracks[0].colorbar(axes)

    def show(self, count: int) -> None:
        for track in self._tracks:
            track.show(count)

    def handles(self) -> list[Any]:
        return self._tracks[0].handles

    def changing(self) -> list[Any]:
        return [artist for track in self._tracks for artist in track.moving()]

    def _axes_below(self) -> Axes | None:
        """Make room for the derivative beneath the axes; return None where that cannot be."""
        place = self.ax.get_subplotspec()
        if place is None:
            return None
        rows = place.subgridspec(2, 1, height_ratios=(5, 3))
        self.ax.set_subplotspec(rows[0])
        return self.ax.figure.add_subplot(rows[1], sharex=self.ax)

    def _draw_derivative(self, ax: Axes, x: Array, exists: Array) -> None:
        run = self.run
        assert run.jac is not None
        # The formula of the derivative may have values where the function has none.
        slopes = np.where(exists, slopes_at(run.jac, x), np.nan)
        on_paths = []
        for each in self.runs:
            # Only dots that are drawn need one.
            some = thinned(len(each.path), MOST_DOTS)
            on_path = np.full(len(each.path), np.nan)
            on_path[some] = slopes_at(run.jac, each.path[some, 0])
            on_paths.append(np.where(np.isfinite(each.values), on_path, np.nan))
        ax.axhline(0.0, color=FAINT, linewidth=0.8)
        self._draw_line(ax, x, slopes, on_paths, color=SECOND, linestyle="--")
        name = run.variables[0]
        ax.set_ylabel(f"df/d{name}" if len(name) <= LONGEST_NAME else "derivative")

    def _draw_line(
        self, ax: Axes, x: Array, y: Array, on_paths: Sequence[Array], **style: Any
    ) -> None:
        """Draw a line that passes through every dot, and the dots."""
        points = []
        for run, on_path in zip(self.runs, on_paths, strict=True):
            shown = seen(run.path, self.limits) & np.isfinite(on_path)
            points.append(np.column_stack([run.path[:, 0], np.where(shown, on_path, np.nan)]))
        dots = np.concatenate([each[thinned(len(each), MOST_DOTS)] for each in points])
        dots = dots[np.isfinite(dots[:, 1])]
        x, first = np.unique(np.concatenate([x, dots[:, 0]]), return_index=True)
        y = np.concatenate([y, dots[:, 1]])[first]
        ax.plot(x, y, **style)
        low, high = window(y, np.concatenate([each[:, 1] for each in points]))
        margin = 0.08 * (high - low) or 1.0
        ax.set_ylim(low - margin, high + margin)
        self._tracks.append(tracks(ax, points, self.runs))
