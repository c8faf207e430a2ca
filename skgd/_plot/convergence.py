"""Runs in any number of variables: how value, gradient and steps fall."""

from __future__ import annotations

from typing import Any

import numpy as np

from skgd._extras import require
from skgd._rows import Array

from .grid import extremes
from .measures import AXES, MEASURES, lowest_of, measured, places, suitable
from .scene import Scene
from .style import COMPARED, tidy
from .trail import APART, compared

MOST_POINTS = 4000
"""Points of one line; a longer one keeps the least and greatest of each small part."""


class Convergence(Scene):
    """Objective gap, norm of the gradient, length of the steps: of one run, or one of several."""

    def draw(self) -> None:
        ax, look = self.ax, self.look
        shown = look.shown or suitable(self.runs)
        if len(self.runs) > 1 and len(shown) > 1:
            raise ValueError(
                f"show must be one measure for several runs, got {', '.join(shown)}; draw each on "
                "axes of its own"
            )
        lowest = lowest_of(self.runs, look.lowest) if "gap" in shown else np.nan
        self._lines: list[tuple[Any, Array, Array, Array]] = []
        series = [(run, name) for run in self.runs for name in shown]
        numbers = [measured(run, name, lowest) for run, name in series]
        falls = any(MEASURES[name].logarithmic for name in shown)
        edge = _power_below(np.concatenate(numbers)) if falls else 0.0
        for i, (run, name) in enumerate(series):
            # Zero has no place on a logarithmic scale, and the gap of the lowest value is zero.
            heights = np.where(numbers[i] == 0.0, edge, numbers[i]) if falls else numbers[i]
            self._draw_line(run, heights, self._style(i, name))
        if edge > 0.0:
            ax.set_yscale("log")
            ax.set_ylim(bottom=edge)
            if (np.concatenate(numbers) == 0.0).any():
                self._call_zero(edge)
        if len(self.runs) > 1:
            ax.set_ylabel(self._label(shown[0]))
        self._set_horizontal()
        self.show(self.length)
        ax.grid(alpha=0.3)
        tidy(ax)

    def show(self, count: int) -> None:
        for line, at, x, y in self._lines:
            some = at[: np.searchsorted(at, count)]
            line.set_data(x[some], y[some])
            if len(self.runs) > 1:
                line.set_markevery(self._marks(line, x[some]))

    def handles(self) -> list[Any]:
        return [line for line, *_ in self._lines]

    def changing(self) -> list[Any]:
        return [line for line, *_ in reversed(self._lines)]

    def _style(self, i: int, name: str) -> dict[str, Any]:
        if len(self.runs) > 1:
            return {**compared(i), "label": self.runs[i].name, "markersize": 5.5, "markevery": [-1]}
        head = {"marker": "o", "markersize": 4.0, "markevery": [-1]}
        return {**head, **MEASURES[name].style, "label": self._label(name)}

    def _label(self, name: str) -> str:
        # What a fit minimises has a name, but not the name of a function.
        f = "f" if self.run.n else "objective"
        lowest = f"lowest {f}" if self.look.lowest is None else "lowest value known"
        return MEASURES[name].label.format(f=f, lowest=lowest)

    def _draw_line(self, run: Any, heights: Array, style: dict[str, Any]) -> None:
        x = places(run, self.look.against)
        at = extremes(heights, MOST_POINTS)
        # A head on the lower edge would be cut in two.
        (line,) = self.ax.plot(x[at], heights[at], clip_on=False, **style)
        self._lines.append((line, at, x, heights))

    def _marks(self, line: Any, x: Array) -> list[int]:
        """Return which points of a line are marked: equally far apart, and its head."""
        place = [each for each, *_ in self._lines].index(line)
        low, high = self.ax.get_xlim()
        wanted = low + (high - low) * APART * (np.arange(1.0 / APART) + place / len(COMPARED))
        marks = np.searchsorted(x, wanted[wanted <= x[-1]])
        return [*dict.fromkeys([*map(int, marks), len(x) - 1])]

    def _set_horizontal(self) -> None:
        ends = [x[[0, -1]] for _, _, x, _ in self._lines]
        first, last = np.min(ends), np.max(ends)
        _, label = AXES[self.look.against]
        counts = self.look.against != "seconds"
        if self.look.against == "iterations":
            label = " or ".join(dict.fromkeys(run.unit for run in self.runs))
        room = 1.0 if counts else 1e-6
        self.ax.set(xlabel=label, xlim=(first, max(last, first + room)))
        locator = require("matplotlib.ticker", "plot").MaxNLocator(
            nbins="auto", steps=[1, 2, 5, 10], integer=counts
        )
        self.ax.xaxis.set_major_locator(locator)

    def _call_zero(self, edge: float) -> None:
        """Write 0 beside the lower edge, and no other number."""
        axis = self.ax.yaxis
        ticker = require("matplotlib.ticker", "plot")
        powers = ticker.LogFormatterMathtext()
        powers.set_axis(axis)
        axis.set_major_formatter(
            ticker.FuncFormatter(lambda tick, _: "" if tick < 2.0 * edge else powers(tick))
        )
        self.ax.annotate(
            "0",
            (0.0, 0.0),
            (-7.0, 0.0),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="right",
            va="center",
        )


def _power_below(numbers: Array) -> float:
    """Return the power of ten below the least positive number, or 0 when there is none."""
    positive = numbers[numbers > 0.0]
    if not positive.size:
        return 0.0
    return float(max(10.0 ** np.floor(np.log10(positive.min())), np.finfo(float).tiny))
