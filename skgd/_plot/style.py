"""The look of all pictures: colours that survive colour blindness and a grey printer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skgd._extras import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

INK = "#22303c"
FAINT = "#8a949c"
SECOND = "#d55e00"
"""Vermilion of Okabe and Ito's palette, which is told from dark blue with any colour vision."""

START: dict[str, Any] = {
    "marker": "o",
    "s": 90,
    "c": "white",
    "edgecolors": INK,
    "linewidths": 1.8,
    "zorder": 6,
}
END: dict[str, Any] = {
    "marker": "*",
    "s": 190,
    "c": "#fcd225",
    "edgecolors": INK,
    "linewidths": 1.3,
    "zorder": 7,
}
"""Start and end differ in shape, so that no colour is needed to tell them apart."""


def part_of(name: str, low: float, high: float) -> Colormap:
    """Return a part of one of Matplotlib's colour maps.

    Parameters
    ----------
    name : str
        Name of a colour map whose lightness rises or falls all along.
    low, high : float
        The part, in [0, 1].

    Returns
    -------
    Colormap
        With 256 colours.
    """
    colours = require("matplotlib", "plot").colormaps[name](np.linspace(low, high, 256))
    return require("matplotlib.colors", "plot").ListedColormap(colours)  # type: ignore[no-any-return]


def steps_colours() -> Colormap:
    """Return the colours of the steps: early ones dark, late ones light, all visible on white."""
    return part_of("plasma", 0.0, 0.9)


def ground_colours() -> Colormap:
    """Return the colours of areas: valleys darker than heights, all lighter than a path."""
    return part_of("Blues_r", 0.45, 0.98)


def line_colours() -> Colormap:
    """Return the colours of contour lines on white, valleys darker than heights."""
    return part_of("Blues_r", 0.2, 0.75)


def tidy(ax: Axes) -> None:
    """Take away what carries no information."""
    ax.spines[["top", "right"]].set_visible(False)
    # A power of ten that all tick labels share belongs above them, not into the legend.
    ax.yaxis.get_offset_text().set_horizontalalignment("right")


def legend_above(ax: Axes, handles: list[Any], title: str | None) -> None:
    """Put the legend in a row above the axes, where it covers no data, and the title above it."""
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=4,
        frameon=False,
        borderaxespad=0.2,
        handletextpad=0.4,
        columnspacing=1.4,
    )
    if title is not None:
        ax.set_title(title, loc="left", pad=26.0)
