"""
A simulator that crashes
========================

A chemical reactor yields the more the hotter and the fuller it is, until it runs
away. The best operation is close to that, so the search for it crosses the limit,
where the simulator raises an exception and has no value. In the middle of the search
the power fails, too.
"""

# %%
# The simulator
# -------------
#
# Substance A becomes the product B and sets heat free; B decays in the heat. To be
# chosen are the concentration of A and the temperature of the jacket that cools. The
# cost is what A and the separation cost, less the product. Beyond 385 K the reactor
# cannot be held, and the simulation ends.

import math
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from skgd import Descent


class RunawayError(Exception):
    """The reactor has run away: there is no cost."""


def reactor(x):
    """Return the cost of a batch, in an arbitrary currency."""
    concentration, jacket = x[0], 273 + 100 * x[1]
    a, b, heat = concentration, 0.0, jacket
    for _ in range(300):
        made = 0.01 * math.exp(9000 * (1 / 350 - 1 / heat)) * a
        lost = 0.001 * math.exp(12000 * (1 / 350 - 1 / heat)) * b
        a, b = a - made, b + made - lost
        heat += 80 * made - 0.05 * (heat - jacket)
        if heat > 385:
            raise RunawayError(f"{heat:.0f} K")
    return 0.2 * concentration + 0.18 * concentration**2 - b


# %%
# Ask and tell
# ------------
#
# :class:`skgd.Descent` asks for points and is told values. A crash is told as NaN:
# the point is no good, and the next step is shorter. Each value is written to the
# journal when it is told. The search ends after 30 simulations, as it would if the
# power failed.

folder = tempfile.TemporaryDirectory()
journal = Path(folder.name, "reactor.jsonl")
asked, costs = [], []


def search(simulations):
    """Begin the search, or go on with it, for so many simulations at most."""
    bounds = [(0.1, 3), (0.2, 1.2)]
    with Descent(
        [2.5, 0.4],
        bounds=bounds,
        gtol=1e-3,
        journal=journal,
        history=True,
    ) as opt:
        while not opt.done and simulations > 0:
            point = opt.ask()[0]
            try:
                cost = reactor(point)
            except RunawayError:
                cost = math.nan
            opt.tell(cost, points=point)
            asked.append(point)
            costs.append(cost)
            simulations -= 1
        return opt.result()


res = search(30)
print(f"power cut: {len(asked)} simulations, cost {res.fun:.4f}")

# %%
# The same call goes on where the values end: none is simulated again.

res = search(1000)
folder.cleanup()
print(res.message)
print(f"{len(asked)} simulations, {np.isnan(costs).sum()} of them crashed; cost {res.fun:.4f}")

# %%
# Where it asked
# --------------
#
# Hatched is where the reactor runs away, which the search learnt from its crashes
# only. Each iteration asks for three points, two of them for the differences, which
# lie so close to the first that one dot is seen. The line joins the iterations.


def known(x):
    try:
        return reactor(x)
    except RunawayError:
        return math.nan


across, up = np.linspace(0.1, 3, 70), np.linspace(0.2, 1.0, 70)
landscape = np.array([[known((x, y)) for x in across] for y in up])
points, crashed = np.array(asked), np.isnan(costs)
before = np.arange(len(points)) < 30

figure, ax = plt.subplots(figsize=(7, 4.6))
ax.set_facecolor("0.93")
ax.fill_between(across, up[0], up[-1], hatch="//", fc="none", ec="0.75", lw=0)
levels = np.linspace(np.nanmin(landscape), np.nanmin(landscape) + 1.2, 13)
filled = ax.contourf(across, up, landscape, levels, cmap="Blues_r", extend="max")
figure.colorbar(filled, label="cost of a batch", format="%.1f")
looks = {
    "before the power cut": (before & ~crashed, "o", "#fcd225"),
    "after it": (~before & ~crashed, "s", "#d55e00"),
    "crashed": (crashed, "X", "#22303c"),
}
for name, (these, marker, colour) in looks.items():
    ax.scatter(
        *points[these].T,
        marker=marker,
        s=45,
        c=colour,
        edgecolors="#22303c" if marker != "X" else "white",
        linewidths=0.8,
        label=name,
        zorder=3,
    )
ax.plot(*res.x, "*", ms=18, mfc="white", mec="#22303c", label="best", zorder=4)
ax.set(
    xlabel="concentration in mol/l",
    ylabel="jacket in 100 °C",
    ylim=(up[0], up[-1]),
)
figure.legend(loc="outside upper left", ncols=4)
plt.show()
