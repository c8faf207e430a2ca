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

    def draw(self) -> list[Any]:
        ax, run = self.ax, self.run
        gap = run.values - np.nanmin(run.values)
        series: list[tuple[Array, str, dict[str, Any]]] = [
            (gap, "f − lowest f", {"color": INK, "zorder": 3})
        ]
        if run.gradient_norms is not None:
            series.append(
                (run.gradient_norms, "gradient norm", {"color": SECOND, "linewidth": 1.0})
            )
        self._lines: list[tuple[Any, Array]] = []
        for numbers, label, style in series:
            # Zero has no place on a logarithmic scale, and the gap of the lowest value is zero.
            shown = np.where(np.isfinite(numbers) & (numbers > 0.0), numbers, np.nan)
            (line,) = ax.plot(run.iterations, shown, label=label, **style)
            self._lines.append((line, shown))
        if any(np.isfinite(shown).any() for _, shown in self._lines):
            ax.set_yscale("log")
        first, last = run.iterations[0], run.iterations[-1]
        ax.set(xlabel="iteration", xlim=(first, max(last, first + 1)))
        ax.xaxis.set_major_locator(require("matplotlib.ticker", "plot").MaxNLocator(integer=True))
        ax.grid(alpha=0.3)
        tidy(ax)
        return [line for line, _ in self._lines]

    def show(self, count: int) -> None:
        for line, numbers in self._lines:
            line.set_data(self.run.iterations[:count], numbers[:count])

    def moving(self) -> list[Any]:
        return [line for line, _ in reversed(self._lines)]
