"""The axes that a picture is drawn on: new ones, or those of the user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from skgd._extras import require

from .look import Look
from .run import Run
from .scene import Scene

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def drawn_on_new_axes(scene: type[Scene], runs: Sequence[Run], look: Look) -> Axes:
    """Return the axes of a new figure, which is closed again when it cannot be drawn."""
    pyplot = require("matplotlib.pyplot", "plot")
    figure = pyplot.figure(layout="constrained")
    try:
        ax: Axes = figure.add_subplot(projection=scene.projection)
        scene(ax, runs, look)
    except BaseException:
        pyplot.close(figure)
        raise
    return ax


def suitable_axes(ax: Any, kind: str, projection: str | None) -> Axes:
    """Return the axes that the user gave, or raise ValueError."""
    axes: type[Axes] = require("matplotlib.axes", "plot").Axes
    if not isinstance(ax, axes):
        raise ValueError(f"ax must be one Axes of Matplotlib, got {type(ax).__name__}")
    wanted = projection or "rectilinear"
    if ax.name != wanted:
        raise ValueError(
            f"ax must have the projection {wanted!r} for kind={kind!r}, not {ax.name!r}; make it "
            f"with figure.add_subplot(projection={wanted!r})"
        )
    return ax
