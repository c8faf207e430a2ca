"""A run in any number of variables: how value and gradient fall."""

from __future__ import annotations

from typing import Any

import numpy as np

from skgd._extras import require
from skgd._rows import Array

from .scene import Scene
from .style import INK, SECOND, tidy


class Convergence(Scene):
    """Objective gap and gradient norm against the iterations, on a logarithmic scale."""

    def draw(self) -> None:
        ax, run = self.ax, self.run
        series = [np.where(np.isfinite(run.values), run.values - np.nanmin(run.values), np.nan)]
        labels = ["f − lowest f"]
        styles: list[dict[str, Any]] = [{"color": INK, "zorder": 3}]
        if run.gradient_norms is not None:
            series.append(np.where(np.isfinite(run.gradient_norms), run.gradient_norms, np.nan))
            labels.append("gradient norm")
            styles.append({"color": SECOND, "linewidth": 1.0})
        edge = _power_below(np.concatenate(series))
        self._lines: list[tuple[Any, Array]] = []
        for numbers, label, style in zip(series, labels, styles, strict=True):
            # Zero has no place on a logarithmic scale, and the gap of the lowest value is zero.
            (line,) = ax.plot(
                run.iterations,
                np.where(numbers == 0.0, edge, numbers),
                label=label,
                marker="o",
                markersize=4.0,
                markevery=[-1],
                # A head on the lower edge would be cut in two.
                clip_on=False,
                **style,
            )
            self._lines.append((line, np.asarray(line.get_ydata())))
        if edge > 0.0:
            ax.set_yscale("log")
            ax.set_ylim(bottom=edge)
            if (np.concatenate(series) == 0.0).any():
                self._call_zero(edge)
        first, last = run.iterations[0], run.iterations[-1]
        ax.set(xlabel="iteration", xlim=(first, max(last, first + 1)))
        ax.xaxis.set_major_locator(require("matplotlib.ticker", "plot").MaxNLocator(integer=True))
        ax.grid(alpha=0.3)
        tidy(ax)

    def show(self, count: int) -> None:
        for line, numbers in self._lines:
            line.set_data(self.run.iterations[:count], numbers[:count])

    def handles(self) -> list[Any]:
        return [line for line, _ in self._lines]

    def changing(self) -> list[Any]:
        return [line for line, _ in reversed(self._lines)]

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
