"""Which barriers momentum crosses: a family of double wells, measured and drawn.

``python tests/escape.py`` draws ``docs/_static/escape_heights.png``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import OptimizeResult, minimize

from skgd import gd_momentum

PICTURE = Path(__file__).parents[1] / "docs" / "_static" / "escape_heights.png"

START = 2**0.5
MOMENTA = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99)
RATES = (0.0025, 0.01, 0.04)
HEIGHTS = tuple(np.linspace(0.02, 0.98, 49))


@dataclass(frozen=True)
class DoubleWell:
    r"""The double well :math:`(x^2 - 1)^2` with each of its three slopes stretched.

    A ball that starts at sqrt(2), at height 1, rolls down into the near well at 1, where the value
    is 0. A barrier of the given height stands at 0, and behind it lies the deep well, with value -1
    at -1. The stretched pieces meet where their derivative vanishes, so the derivative has no jump.
    """

    height: float

    def fun(self, x: np.ndarray) -> float:
        stretch, base = self.piece(x[0])
        return base + stretch * (x[0] ** 2 - 1) ** 2

    def jac(self, x: np.ndarray) -> np.ndarray:
        stretch, _ = self.piece(x[0])
        return 4 * stretch * x * (x**2 - 1)

    def piece(self, x: float) -> tuple[float, float]:
        if x >= 1:
            return 1.0, 0.0
        return (self.height, 0.0) if x >= 0 else (1.0 + self.height, -1.0)


def roll(height: float, momentum: float, rate: float) -> OptimizeResult:
    """Let the ball roll until it rests in the near well or has passed the top of the barrier."""
    well = DoubleWell(height)

    def stop_beyond_the_barrier(intermediate_result: OptimizeResult) -> None:
        if intermediate_result.x[0] < 0:
            raise StopIteration

    return minimize(
        well.fun,
        [START],
        jac=well.jac,
        method=gd_momentum,
        callback=stop_beyond_the_barrier,
        options={"learning_rate": rate, "momentum": momentum, "gtol": 1e-6, "maxiter": 20_000},
    )


def crosses(height: float, momentum: float, rate: float) -> bool:
    """Return whether the ball passes a barrier of this height."""
    return bool(roll(height, momentum, rate).x_last[0] < 0)


def highest_crossed(momentum: float, rate: float, heights: Sequence[float] = HEIGHTS) -> float:
    """Return the highest of the ascending heights that the ball passes, 0 if it passes none."""
    highest = 0.0
    for height in heights:
        if not crosses(height, momentum, rate):
            break
        highest = height
    return highest


def draw(target: Path = PICTURE) -> None:
    """Draw the family, and the heights that are crossed."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 3.8), dpi=130, layout="constrained")
    family, crossed = figure.subplots(1, 2)
    draw_family(family)
    draw_heights(crossed)
    figure.savefig(target)


def draw_family(axes) -> None:
    x = np.linspace(-1.6, 1.5, 600)
    for height, color in ((0.9, "0.2"), (0.5, "0.45"), (0.1, "0.65")):
        well = DoubleWell(height)
        axes.plot(x, [well.fun([value]) for value in x], color=color)
        axes.annotate(f"h = {height}", (0, height), (0, 4), textcoords="offset points", ha="center")
    axes.plot(START, 1.0, "o", color="black", markersize=9)
    axes.set(title="The ball starts at height 1", xlabel="x", ylabel="f(x)", ylim=(-1.15, 1.35))


def draw_heights(axes) -> None:
    memory = [1 / (1 - momentum) for momentum in MOMENTA]
    styles = zip(RATES, ("#D55E00", "#009E73", "#0072B2"), ("s", "o", "^"), strict=True)
    for rate, color, marker in styles:
        heights = [highest_crossed(momentum, rate) for momentum in MOMENTA]
        axes.plot(memory, heights, color=color, marker=marker, label=f"learning rate {rate}")
    axes.set_xscale("log")
    axes.set_xticks(memory, [f"{momentum:g}" for momentum in MOMENTA])
    axes.minorticks_off()
    axes.set(
        title="Barriers that it crosses",
        xlabel="momentum",
        ylabel="highest h that is crossed",
        ylim=(-0.03, 1.03),
    )
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)


if __name__ == "__main__":
    draw(*map(Path, sys.argv[1:]))
