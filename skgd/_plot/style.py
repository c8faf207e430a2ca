"""The look of all pictures: colours that survive colour blindness and a grey printer."""

from __future__ import annotations

import re
from functools import lru_cache
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

GREEN = "#009e73"
"""Bluish green of the same palette, lighter than both in grey."""

COMPARED: tuple[dict[str, Any], ...] = (
    {"color": "#0072b2", "linestyle": "-", "marker": "o"},
    {"color": SECOND, "linestyle": "--", "marker": "s"},
    {"color": GREEN, "linestyle": "-.", "marker": "^"},
    {"color": "#cc79a7", "linestyle": (0, (1, 1)), "marker": "D"},
    {"color": INK, "linestyle": (0, (6, 2, 1, 2, 1, 2)), "marker": "v"},
    {"color": "#e69f00", "linestyle": "-", "marker": "P"},
    {"color": "#56b4e9", "linestyle": (0, (3, 1)), "marker": "X"},
    {"color": "#882255", "linestyle": (0, (1, 2)), "marker": "<"},
)
"""One look for each of the runs in one picture: Okabe and Ito's colours, with wine in place of
yellow, which white paper swallows.  Line and marker tell them apart without the colour."""

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

DASHED = ("-", "--", "-.", ":")
"""What Matplotlib calls the styles of a line that is seen, patterns of one's own among them."""

LEADING = 1.45
"""Height of a row of the legend, in letters' heights."""

BESIDE, BETWEEN = 0.4, 1.2
"""Space beside a legend's samples, and between its columns, in letters' heights."""

SHORT_LEGEND = 3
"""So many entries have letters of the usual size."""

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


def quiet_colours() -> Colormap:
    """Return the colours of areas beneath several runs, whose own colours must stand out."""
    return part_of("Greys_r", 0.72, 1.0)


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


def title_above(ax: Axes, title: str, entries: list[Any]) -> None:
    """Put a title above a legend of these entries, in lines that fit."""
    size = float(ax.title.get_fontsize())
    letters = int(_panel(ax) / (LETTER * size))
    lines = [wrapped(line, letters) for line in title.splitlines()]
    rows = legend_rows(ax, entries)
    pad = 11.5 + LEADING * _font(entries).get_size_in_points() * rows
    ax.set_title("\n".join(lines), loc="left", pad=pad)


def legend_above(ax: Axes, handles: list[Any]) -> Any:
    """Put the legend in rows above the axes, where it covers no data, and return it."""
    return ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=_columns(ax, handles),
        prop=_font(handles),
        frameon=False,
        borderaxespad=0.2,
        handletextpad=BESIDE,
        columnspacing=BETWEEN,
        handlelength=_handle(handles),
    )


def legend_rows(ax: Axes, entries: list[Any]) -> int:
    """Return in how many rows `legend_above` puts entries."""
    return -(-len(entries) // _columns(ax, entries))


def _panel(ax: Axes) -> float:
    """Return the width in points of the panel: the axes and their colour bar."""
    figure: Any = ax.figure
    place = ax.get_subplotspec()
    panel = place.get_topmost_subplotspec().get_position(figure) if place else ax.get_position()
    return float(72.0 * figure.bbox.width / figure.dpi * panel.width)


def _columns(ax: Axes, handles: list[Any]) -> int:
    """Return in how many columns a legend fits, at most four."""
    size = _font(handles).get_size_in_points()
    # Labels of the vertical axis are less wide than the margins that a panel has by default, and
    # after the last column there is no space, but around them all.
    room = 1.065 * _panel(ax) + (BETWEEN - 0.8) * size
    beside = (_handle(handles) + BESIDE + BETWEEN) * size
    widths = [beside + size * _width(str(handle.get_label())) for handle in handles]
    for columns in range(min(4, len(widths)), 1, -1):
        # Matplotlib fills one column after the other, as evenly as it can.
        if sum(max(part) for part in np.array_split(widths, columns)) <= room:
            return columns
    return 1


@lru_cache(maxsize=1024)
def _width(text: str) -> float:
    """Return the width of a text, in letters' heights."""
    if not text.strip():
        return 0.0
    path = require("matplotlib.textpath", "plot").TextPath((0.0, 0.0), text, size=100.0)
    return float(path.get_extents().width / 100.0)


def _font(handles: list[Any]) -> Any:
    """Return the font of a legend: a long one has smaller letters, to leave room for the runs."""
    size = "medium" if len(handles) <= SHORT_LEGEND else "small"
    return require("matplotlib.font_manager", "plot").FontProperties(size=size)


def _handle(handles: list[Any]) -> float:
    """Return the length of a legend's samples: lines must show their dashes."""
    lines = any(getattr(each, "get_linestyle", str)() in DASHED for each in handles)
    return 2.6 if lines else 1.4
