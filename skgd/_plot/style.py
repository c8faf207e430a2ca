"""The look of all pictures: colours that survive colour blindness and a grey printer."""

from __future__ import annotations

import re
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
    "s": 120,
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
NOW: dict[str, Any] = {
    "marker": "D",
    "s": 30,
    "c": "#fcd225",
    "edgecolors": INK,
    "linewidths": 1.3,
    "zorder": 7,
}
"""Start, end and what is in between differ in shape, so that no colour is needed to tell them
apart.  The last is small, so that it does not hide the start."""

LETTER = 0.5
"""Width of a letter, as a fraction of its height, on average."""


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


def surface_colours() -> Colormap:
    """Return the colours of a landscape in space: as those of areas, with more contrast."""
    return part_of("Blues_r", 0.3, 0.92)


def tidy(ax: Axes) -> None:
    """Take away what carries no information."""
    ax.spines[["top", "right"]].set_visible(False)


def plain_numbers(axis: Any) -> None:
    """Write every tick label out, as 2.5e15, without a power of ten or a summand at the end.

    Those that Matplotlib puts there would be in the legend, or, in space, in other labels.

    Parameters
    ----------
    axis : Axis
        The axis.
    """

    def label(tick: float, _: int) -> str:
        low, high = axis.get_view_interval()
        extent = abs(high - low)
        if abs(tick) < 1e-9 * extent:
            return "0"
        return number(tick, digits_between(low, high, least=6))

    ticker = require("matplotlib.ticker", "plot")
    axis.set_major_formatter(ticker.FuncFormatter(label))
    axis.set_major_locator(ticker.MaxNLocator(nbins=7, steps=[1, 2, 5, 10]))


def digits_between(low: float, high: float, least: int) -> int:
    """Return how many digits tell numbers in an interval apart.

    Examples
    --------
    >>> digits_between(0.0, 1.0, least=4), digits_between(1000.001, 1000.002, least=4)
    (4, 9)
    """
    extent = abs(high - low)
    narrowness = max(abs(low), abs(high)) / extent if extent > 0.0 else 1.0
    return max(least, min(15, int(np.log10(narrowness)) + 3))


def number(value: float, digits: int) -> str:
    """Return a number as text, with a minus sign and a short exponent.

    Examples
    --------
    >>> number(-2.5e15, 6), number(20000.0, 6), number(1e-05, 6)
    ('−2.5e15', '20000', '1e-5')
    """
    mantissa, e, exponent = f"{value:.{digits}g}".partition("e")
    return mantissa.replace("-", "−") + (f"e{int(exponent)}" if e else "")


def wrapped(title: str, width: int) -> str:
    """Return a title in at most two lines, broken before a sign or after a space.

    Parameters
    ----------
    title : str
        The title, which may be a formula.
    width : int
        Letters in a line.

    Returns
    -------
    str
        The title; three dots are in place of what two lines do not hold.

    Examples
    --------
    >>> print(wrapped("gd: (1 - x)**2 + 100*(y - x**2)**2", 20))
    gd: (1 - x)**2
    + 100*(y - x**2)**2
    """
    if len(title) <= width:
        return title
    first, rest = _broken(title, width)
    if len(rest) > width:
        rest = f"{_broken(rest, width - 2)[0]} …"
    return f"{first}\n{rest}"


def _broken(text: str, width: int) -> tuple[str, str]:
    """Return a beginning of a text that is at most `width` letters long, and the rest."""
    # Outside of parentheses, if such a place is not too near to the beginning.
    places = [
        (place, text[:place].count("(") > text[:place].count(")"))
        for place in (
            match.start() for match in re.finditer(r"(?<=[^eE*(,])[+-]|(?<=[\w;:,] )[\w|]", text)
        )
        if 0 < place <= width
    ]
    outside = [place for place, inside in places if not inside and place >= width // 2]
    place = (outside or [place for place, _ in places] or [width])[-1]
    return text[:place].rstrip(), text[place:].lstrip()


def entry(text: str) -> Any:
    """Return an artist that adds a text to a legend."""
    return require("matplotlib.lines", "plot").Line2D([], [], linestyle="none", label=text)


def title_above(ax: Axes, title: str) -> None:
    """Put a title above the legend, in lines that fit."""
    figure: Any = ax.figure
    place = ax.get_subplotspec()
    # A title may be as wide as the axes and their colour bar.
    panel = place.get_topmost_subplotspec().get_position(figure) if place else ax.get_position()
    points = 72.0 * figure.bbox.width / figure.dpi * panel.width
    size = float(ax.title.get_fontsize())
    lines = [wrapped(line, int(points / (LETTER * size))) for line in title.splitlines()]
    ax.set_title("\n".join(lines), loc="left", pad=26.0)


def legend_above(ax: Axes, handles: list[Any]) -> Any:
    """Put the legend in a row above the axes, where it covers no data, and return it."""
    return ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=4,
        frameon=False,
        borderaxespad=0.2,
        handletextpad=0.4,
        columnspacing=1.4,
        handlelength=1.4,
    )
