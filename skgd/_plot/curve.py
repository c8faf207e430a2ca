"""A run in one variable: the function, its derivative, and the steps on both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skgd._rows import Array

from .dots import Dots
from .grid import slopes_at, values_at
from .scene import Scene
from .style import FAINT, INK, SECOND, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Curve(Scene):
    """The function over its variable, and, beneath it, the derivative."""

    dimensions: ClassVar[int | None] = 1

    def draw(self) -> list[Any]:
        ax, run = self.ax, self.run
        (name,) = run.variables
        assert run.fun is not None
        (limits,) = self.look.view(run)
        x = np.linspace(limits[0], limits[1], self.look.resolution)
        ax.plot(x, values_at(run.fun, x[None], vectorized=run.vectorized), color=INK)
        steps = Dots(ax, np.column_stack([run.path, run.values]), run.iterations)
        self._dots = [steps]
        ax.set(xlim=limits, ylabel=f"f({name})")
        below = self._axes_below() if self.look.derivative and run.jac is not None else None
        if below is not None:
            ax.tick_params(labelbottom=False)
            self._draw_derivative(below, x)
        axes = [ax] if below is None else [ax, below]
        for each in axes:
            tidy(each)
            self.shade_outside(each)
        axes[-1].set_xlabel(name)
        if self.look.colorbar:
            steps.colorbar(axes)
        return steps.handles

    def show(self, count: int) -> None:
        for dots in self._dots:
            dots.show(count)

    def moving(self) -> list[Any]:
        return [artist for dots in self._dots for artist in dots.moving()]

    def _axes_below(self) -> Axes | None:
        """Make room for the derivative beneath the axes; return None where that cannot be."""
        place = self.ax.get_subplotspec()
        if place is None:
            return None
        rows = place.subgridspec(2, 1, height_ratios=(5, 3))
        self.ax.set_subplotspec(rows[0])
        return self.ax.figure.add_subplot(rows[1], sharex=self.ax)

    def _draw_derivative(self, ax: Axes, x: Array) -> None:
        run = self.run
        assert run.jac is not None
        ax.axhline(0.0, color=FAINT, linewidth=0.8)
        ax.plot(x, slopes_at(run.jac, x), color=SECOND, linestyle="--")
        slopes = slopes_at(run.jac, run.path[:, 0])
        self._dots.append(Dots(ax, np.column_stack([run.path, slopes]), run.iterations))
        ax.set_ylabel(f"df/d{run.variables[0]}")
