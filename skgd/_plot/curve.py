"""A run in one variable: the function, its derivative, and the steps on both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skgd._rows import Array

from .dots import MOST_DOTS, Dots
from .grid import slopes_at, thinned, values_at, window
from .scene import Scene
from .style import FAINT, INK, SECOND, plain_numbers, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST_NAME = 8
"""Letters of a variable that fit beside the derivative, which is not high."""


class Curve(Scene):
    """The function over its variable, and, beneath it, the derivative."""

    dimensions: ClassVar[int | None] = 1

    def draw(self) -> None:
        ax, run = self.ax, self.run
        (name,) = run.variables
        assert run.fun is not None
        (limits,) = self.look.view(run)
        x = np.linspace(limits[0], limits[1], self.look.resolution)
        y = values_at(run.fun, x[None], vectorized=run.vectorized)
        self._seen = self.look.seen(run)
        self._dots: list[Dots] = []
        self._draw_line(ax, x, y, run.values, color=INK)
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
            self._dots[0].colorbar(axes)

    def show(self, count: int) -> None:
        for dots in self._dots:
            dots.show(count)

    def handles(self) -> list[Any]:
        return self._dots[0].handles

    def changing(self) -> list[Any]:
        return [artist for dots in self._dots for artist in dots.moving()]

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
        on_path = np.where(np.isfinite(run.values), slopes_at(run.jac, run.path[:, 0]), np.nan)
        ax.axhline(0.0, color=FAINT, linewidth=0.8)
        self._draw_line(ax, x, slopes, on_path, color=SECOND, linestyle="--")
        name = run.variables[0]
        ax.set_ylabel(f"df/d{name}" if len(name) <= LONGEST_NAME else "derivative")

    def _draw_line(self, ax: Axes, x: Array, y: Array, on_path: Array, **style: Any) -> None:
        """Draw a line that passes through every dot, and the dots."""
        path = self.run.path[:, 0]
        on_path = np.where(self._seen & np.isfinite(on_path), on_path, np.nan)
        some = [i for i in thinned(len(path), MOST_DOTS) if np.isfinite(on_path[i])]
        x, first = np.unique(np.concatenate([x, path[some]]), return_index=True)
        y = np.concatenate([y, on_path[some]])[first]
        ax.plot(x, y, **style)
        low, high = window(y, on_path)
        margin = 0.06 * (high - low) or 1.0
        ax.set_ylim(low - margin, high + margin)
        self._dots.append(Dots(ax, np.column_stack([path, on_path]), self.run.iterations))
