"""Runs in two variables: the paths over contours, or through a landscape in space."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from skgd._extras import require
from skgd._rows import Array

from .grid import levels_of, mesh, thinned, values_at, window
from .look import seen
from .run import Run
from .scene import Scene
from .style import (
    INK,
    digits_between,
    ground_colours,
    number,
    plain_numbers,
    quiet_colours,
    surface_colours,
)
from .trail import tracks

LONGEST_LABEL = 12
"""Letters that fit beside the vertical axis of a box in space."""

CLEARANCE = 0.05
"""Least distance of a label from the path, as a fraction of the picture."""


class Contour(Scene):
    """The path seen from above, over filled contours."""

    dimensions: ClassVar[range | None] = range(2, 3)
    levels: ClassVar[int] = 16

    def draw(self) -> None:
        ax, run = self.ax, self.run
        limits = self.limits
        x, y, z = heights(run, limits, self.look.resolution)
        levels = levels_of(z, self.levels)
        ax.set(xlim=limits[0], ylim=limits[1], xlabel=run.variables[0], ylabel=run.variables[1])
        plain_numbers(ax.xaxis)
        plain_numbers(ax.yaxis)
        ways = [_within_reach(each.path, limits) for each in self.runs]
        if levels.size > 1:
            colours = ground_colours() if len(self.runs) == 1 else quiet_colours()
            norm = require("matplotlib.colors", "plot").BoundaryNorm(levels, 256)
            ax.contourf(x, y, z, levels, cmap=colours, norm=norm)
            lines = ax.contour(
                x, y, z, levels[1:-1:3], colors=INK, linewidths=0.5, linestyles="solid", alpha=0.7
            )
            places = free_places(lines.allsegs, ways, limits)
            digits = digits_between(levels[0], levels[-1], least=5)
            ax.clabel(lines, fontsize="x-small", fmt=lambda v: number(v, digits), manual=places)
        points = [
            np.where(seen(each.path, limits)[:, None], each.path, np.nan) for each in self.runs
        ]
        self._tracks = tracks(ax, points, self.runs, ways)
        self.shade_outside(ax)
        if self.look.colorbar:
            self._tracks.colorbar([ax])

    def show(self, count: int) -> None:
        self._tracks.show(count)

    def handles(self) -> list[Any]:
        return self._tracks.handles

    def changing(self) -> list[Any]:
        return self._tracks.moving()


class Surface(Scene):
    """The path in space, on the landscape, of which only what the bounds allow is drawn."""

    dimensions: ClassVar[range | None] = range(2, 3)
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
        points = []
        for each in self.runs:
            point = np.column_stack([each.path, each.values])
            point[~seen(each.path, limits, margin=0.0)] = np.nan
            points.append(point)
        low, high = window(z.ravel(), np.concatenate(points)[:, 2], room=8.0)
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
        self._tracks = tracks(ax, points, self.runs, points)
        self._set_box(limits, (low, high if high > low else low + 1.0))
        if self.look.colorbar:
            self._tracks.colorbar([ax])

    def show(self, count: int) -> None:
        self._tracks.show(count)

    def handles(self) -> list[Any]:
        return self._tracks.handles

    def changing(self) -> list[Any]:
        return self._tracks.moving()

    def _allowed(self) -> Array:
        """Return low and high end of what is in view and allowed; shape (2, 2)."""
        limits = self.limits
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


def free_places(lines: Any, paths: Sequence[Array], limits: Array) -> list[tuple[float, float]]:
    """Return a place on each level's lines that is far from the paths and from other places.

    Parameters
    ----------
    lines : sequence of sequence of ndarray, shape (m, 2)
        The points of each level's lines.
    paths : sequence of ndarray, shape (K, 2)
        The iterates of each run.
    limits : ndarray, shape (2, 2)
        Low and high end of each variable.

    Returns
    -------
    list of pair of float
        At most one place a level.
    """
    from scipy.spatial import cKDTree

    origin, extent = limits[:, 0], np.ptp(limits, axis=1)
    corners = [path[thinned(len(path), 500)] for path in paths]
    steps = [np.linspace(a, b, 20) for ends in corners for a, b in pairwise(ends)]
    taken = (np.concatenate([*corners, *steps]) - origin) / extent
    taken = taken[np.isfinite(taken).all(axis=1)]
    places = []
    for level in lines:
        points = (
            np.concatenate([line for line in level if len(line)] or [np.empty((0, 2))]) - origin
        ) / extent
        points = points[((points > 0.1) & (points < 0.9)).all(axis=1)]
        points = points[thinned(len(points), 200)]
        if not len(points):
            continue
        away, _ = cKDTree(taken).query(points, p=np.inf)
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
