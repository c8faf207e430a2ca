"""A run in two variables: the path over contours, or through a landscape in space."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from skgd._extras import require
from skgd._rows import Array

from .dots import Dots
from .grid import levels_of, mesh, values_at
from .run import Look, Run
from .scene import Scene
from .style import INK, ground_colours, line_colours


class Contour(Scene):
    """The path seen from above, over filled contours."""

    dimensions: ClassVar[int | None] = 2
    levels: ClassVar[int] = 16

    def draw(self) -> list[Any]:
        ax, run = self.ax, self.run
        x, y, z = heights(run, self.look)
        levels = levels_of(z, self.levels)
        if levels.size > 1:
            ax.contourf(x, y, z, levels, cmap=ground_colours(), norm=even(levels))
            lines = ax.contour(x, y, z, levels[1:-1:3], colors=INK, linewidths=0.5, alpha=0.7)
            ax.clabel(lines, fontsize="x-small", fmt=lambda level: f"{level:.3g}")
        (self._line,) = ax.plot(*run.path.T, color=INK, linewidth=1.0, zorder=4)
        self._dots = Dots(ax, run.path, run.iterations)
        xlim, ylim = self.look.view(run)
        ax.set(xlim=xlim, ylim=ylim, xlabel=run.variables[0], ylabel=run.variables[1])
        self.shade_outside(ax)
        if self.look.colorbar:
            self._dots.colorbar([ax])
        return self._dots.handles

    def show(self, count: int) -> None:
        self._line.set_data(*self.run.path[:count].T)
        self._dots.show(count)

    def moving(self) -> list[Any]:
        return [self._line, *self._dots.moving()]


class Surface(Scene):
    """The path in space, on contour lines at their heights, which hide nothing behind them."""

    dimensions: ClassVar[int | None] = 2
    projection: ClassVar[str | None] = "3d"
    levels: ClassVar[int] = 40

    def draw(self) -> list[Any]:
        ax: Any = self.ax
        run = self.run
        # Sorted by depth, the landscape would cover the path that runs on it.
        ax.computed_zorder = False
        x, y, z = heights(run, self.look)
        levels = levels_of(z, self.levels)
        if levels.size > 1:
            ax.contour3D(
                x, y, z, levels, cmap=line_colours(), norm=even(levels), linewidths=0.9, zorder=1
            )
        self._points = np.column_stack([run.path, run.values])
        (self._line,) = ax.plot(*self._points.T, color=INK, linewidth=1.0, zorder=4)
        self._dots = Dots(ax, self._points, run.iterations)
        xlim, ylim = self.look.view(run)
        ax.set(xlim=xlim, ylim=ylim, xlabel=run.variables[0], ylabel=run.variables[1])
        ax.set_zlabel(f"f({', '.join(run.variables)})", labelpad=8.0)
        ax.locator_params(nbins=5)
        ax.view_init(elev=50.0, azim=25.0)
        # The layout does not count all tick labels of a box in space.
        ax.set_box_aspect(None, zoom=0.92)
        if self.look.colorbar:
            self._dots.colorbar([ax])
        return self._dots.handles

    def show(self, count: int) -> None:
        self._line.set_data_3d(*self._points[:count].T)
        self._dots.show(count)

    def moving(self) -> list[Any]:
        return [self._line, *self._dots.moving()]


def heights(run: Run, look: Look) -> tuple[Array, Array, Array]:
    """Return x, y and value on a square grid, NaN where there is none."""
    assert run.fun is not None
    x, y = mesh(look.view(run), look.resolution)
    z = values_at(run.fun, np.stack([x.ravel(), y.ravel()]), vectorized=run.vectorized)
    return x, y, z.reshape(x.shape)


def even(levels: Array) -> Any:
    """Return a norm under which each level's colour differs as much from the next one's."""
    return require("matplotlib.colors", "plot").BoundaryNorm(levels, 256)
