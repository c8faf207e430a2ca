"""A run in two variables: the path over contours, or through a landscape in space."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from skgd._extras import require
from skgd._rows import Array

from .dots import Dots
from .grid import levels_of, mesh, thinned, values_at, window
from .run import Run
from .scene import Scene
from .style import INK, digits_between, ground_colours, number, plain_numbers, surface_colours

LONGEST_LABEL = 12
"""Letters that fit beside the vertical axis of a box in space."""

CLEARANCE = 0.05
"""Least distance of a label from the path, as a fraction of the picture."""


class Contour(Scene):
    """The path seen from above, over filled contours."""

    dimensions: ClassVar[int | None] = 2
    levels: ClassVar[int] = 16

    def draw(self) -> None:
        ax, run = self.ax, self.run
        limits = self.look.view(run)
        x, y, z = heights(run, limits, self.look.resolution)
        levels = levels_of(z, self.levels)
        ax.set(xlim=limits[0], ylim=limits[1], xlabel=run.variables[0], ylabel=run.variables[1])
        plain_numbers(ax.xaxis)
        plain_numbers(ax.yaxis)
        self._track = _within_reach(run.path, limits)
        if levels.size > 1:
            norm = require("matplotlib.colors", "plot").BoundaryNorm(levels, 256)
            ax.contourf(x, y, z, levels, cmap=ground_colours(), norm=norm)
            lines = ax.contour(
                x, y, z, levels[1:-1:3], colors=INK, linewidths=0.5, linestyles="solid", alpha=0.7
            )
            places = free_places(lines.allsegs, self._track, limits)
            digits = digits_between(levels[0], levels[-1], least=5)
            ax.clabel(lines, fontsize="x-small", fmt=lambda v: number(v, digits), manual=places)
        (self._line,) = ax.plot(*self._track.T, color=INK, linewidth=1.0, zorder=4)
        seen = np.where(self.look.seen(run)[:, None], run.path, np.nan)
        self._dots = Dots(ax, seen, run.iterations)
        self.shade_outside(ax)
        if self.look.colorbar:
            self._dots.colorbar([ax])

    def show(self, count: int) -> None:
        self._line.set_data(*self._track[:count].T)
        self._dots.show(count)

    def handles(self) -> list[Any]:
        return self._dots.handles

    def changing(self) -> list[Any]:
        return [self._line, *self._dots.moving()]


class Surface(Scene):
    """The path in space, on the landscape, of which only what the bounds allow is drawn."""

    dimensions: ClassVar[int | None] = 2
    projection: ClassVar[str | None] = "3d"
    levels: ClassVar[int] = 40
    finest: ClassVar[int] = 64
    """Largest number of meshes in each direction; finer ones take long and are seen as grey."""

    def draw(self) -> None:
        ax: Any = self.ax
        run = self.run
        # Sorted by depth, the landscape would cover the path that runs on it.
        ax.computed_zorder = False
        limits = self._allowed()
        x, y, z = heights(run, limits, min(self.look.resolution, self.finest))
        inside = ((limits[:, 0] <= run.path) & (run.path <= limits[:, 1])).all(axis=1)
        path_heights = np.where(inside, run.values, np.nan)
        low, high = window(z.ravel(), path_heights, room=8.0)
        z = np.where(z <= high, z, np.nan)
        levels = levels_of(z, self.levels)
        if levels.size > 1:
            shares = np.interp(z, levels, np.linspace(0.0, 1.0, levels.size))
            ax.plot_surface(
                x,
                y,
                z,
                rstride=1,
                cstride=1,
                facecolors=surface_colours()(shares),
                edgecolor=(1.0, 1.0, 1.0, 0.25),
                linewidth=0.3,
                shade=False,
                zorder=1,
            )
        self._points = np.column_stack([run.path, path_heights])
        self._points[~inside] = np.nan
        (self._line,) = ax.plot(*self._points.T, color=INK, linewidth=1.4, zorder=4)
        self._dots = Dots(ax, self._points, run.iterations)
        self._set_box(limits, (low, high if high > low else low + 1.0))
        if self.look.colorbar:
            self._dots.colorbar([ax])

    def show(self, count: int) -> None:
        self._line.set_data_3d(*self._points[:count].T)
        self._dots.show(count)

    def handles(self) -> list[Any]:
        return self._dots.handles

    def changing(self) -> list[Any]:
        return [self._line, *self._dots.moving()]

    def _allowed(self) -> Array:
        """Return low and high end of what is in view and allowed; shape (2, 2)."""
        limits = self.look.view(self.run)
        box = self.run.box
        if box is None:
            return limits
        inner = np.clip(limits, box.lower[:, None], box.upper[:, None])
        return np.where(np.diff(inner, axis=1) > 0.0, inner, limits)

    def _set_box(self, limits: Array, height: tuple[float, float]) -> None:
        ax: Any = self.ax
        names = self.run.variables
        value = f"f({', '.join(names)})"
        ax.set(xlim=limits[0], ylim=limits[1], zlim=height)
        ax.set_xlabel(names[0], labelpad=8.0)
        ax.set_ylabel(names[1], labelpad=8.0)
        ax.set_zlabel(value if len(value) <= LONGEST_LABEL else "f", labelpad=8.0)
        # On the left there is room for it, and no colour bar.
        ax.zaxis.set_ticks_position("lower")
        ax.zaxis.set_label_position("lower")
        for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
            plain_numbers(axis)
        ax.locator_params(nbins=5)
        ax.view_init(elev=38.0, azim=-60.0)
        ax.set_box_aspect((1.25, 1.25, 0.85), zoom=0.96)


def heights(run: Run, limits: Array, resolution: int) -> tuple[Array, Array, Array]:
    """Return x, y and value on a square grid, NaN where there is none."""
    assert run.fun is not None
    x, y = mesh(limits, resolution)
    z = values_at(run.fun, np.stack([x.ravel(), y.ravel()]), vectorized=run.vectorized)
    return x, y, z.reshape(x.shape)


def free_places(lines: Any, path: Array, limits: Array) -> list[tuple[float, float]]:
    """Return a place on each level's lines that is far from the path and from other places.

    Parameters
    ----------
    lines : sequence of sequence of ndarray, shape (m, 2)
        The points of each level's lines.
    path : ndarray, shape (K, 2)
        The iterates.
    limits : ndarray, shape (2, 2)
        Low and high end of each variable.

    Returns
    -------
    list of pair of float
        At most one place a level.
    """
    origin, extent = limits[:, 0], np.ptp(limits, axis=1)
    ends = path[thinned(len(path), 500)]
    steps = [np.linspace(a, b, 20) for a, b in pairwise(ends)]
    taken = (np.concatenate([ends, *steps]) - origin) / extent
    places = []
    for level in lines:
        points = (
            np.concatenate([line for line in level if len(line)] or [path[:0]]) - origin
        ) / extent
        points = points[((points > 0.1) & (points < 0.9)).all(axis=1)]
        points = points[thinned(len(points), 200)]
        if not len(points):
            continue
        away = np.abs(points[:, None] - taken).max(axis=2).min(axis=1)
        best = int(away.argmax())
        if away[best] > CLEARANCE:
            x, y = points[best] * extent + origin
            places.append((float(x), float(y)))
            taken = np.vstack([taken, points[best]])
    return places


def _within_reach(path: Array, limits: Array) -> Array:
    """Return a path whose far iterates are nearer, so that pixels can be counted to them."""
    middle, reach = limits.mean(axis=1), 1e3 * np.ptp(limits, axis=1)
    away = np.abs((path - middle) / reach).max(axis=1, keepdims=True)
    return np.where(away > 1.0, middle + (path - middle) / np.maximum(away, 1.0), path)
