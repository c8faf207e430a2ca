"""
A map of basins
===============

A descent ends in the minimum whose basin it starts in. Here is a map of these
basins, without and with momentum, and what :func:`skgd.multistart` finds in them
without a map.
"""

# %%
# Many starts at once
# -------------------
#
# The function is a bowl with ripples. As it takes many points at a time, and so does
# its gradient, a thousand descents are one computation.

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize

from skgd import gd, gd_momentum, multistart

BOUNDS = [(-5, 5), (-5, 5)]


def ripples(x):
    bowl = 0.15 * (x[0] ** 2 + x[1] ** 2)
    return bowl + 1.5 * np.sin(1.5 * x[0]) * np.cos(1.5 * x[1])


def slope(x):
    u, v = 1.5 * x[0], 1.5 * x[1]
    across = 0.3 * x[0] + 2.25 * np.cos(u) * np.cos(v)
    return np.array([across, 0.3 * x[1] - 2.25 * np.sin(u) * np.sin(v)])


N = 1000
res = multistart(ripples, BOUNDS, n_starts=N, jac=slope, vectorized=True, rng=0)
found = res.minima

# %%
# ``minima`` has where they ended, the lowest first, and how many ended there;
# ``missed`` estimates the chance that there is a lower one still.

print("        x         y     value  descents")
for (x, y), value, hits in zip(found.x, found.fun, found.hits_at_random, strict=True):
    print(f"{x:9.4f} {y:9.4f} {value:9.4f} {hits:9d}")
print(f"chance that a lower one was missed: {res.missed:.3f}")

# %%
# The map
# -------
#
# For the map a descent is made from every point of a grid: once with plain gradient
# descent, as above, and once with momentum.

side = np.linspace(-5, 5, 37)
grid = np.stack(np.meshgrid(side, side), axis=-1)


def basins(method, **options):
    """Return the number of the minimum for each point of the grid."""
    ends = [
        minimize(
            ripples,
            start,
            jac=slope,
            bounds=BOUNDS,
            method=method,
            options={**options, "gtol": 0.01},
        ).x
        for start in grid.reshape(-1, 2)
    ]
    far = np.linalg.norm(np.array(ends)[:, None] - found.x, axis=-1)
    return far.argmin(axis=1).reshape(len(side), len(side))


maps = {
    "gd": basins(gd),
    "gd_momentum": basins(gd_momentum, learning_rate=0.05, momentum=0.9),
}
for name, basin in maps.items():
    share = np.mean(basin == 0)
    print(f"{name:>12}: {share:4.0%} end in the lowest minimum")

# %%
# The darker, the lower the minimum where a start ends. Stars are the minima.
# Momentum does not help where a start is close to a shallow minimum; from further up
# it rolls through. Away from the middle plain descent is not orderly, as its first
# step may carry it across a ripple.

figure, axes = plt.subplots(1, 2, figsize=(8.4, 4), sharex=True, sharey=True)
fine = np.linspace(-5, 5, 200)
for ax, (name, basin) in zip(axes, maps.items(), strict=True):
    picture = ax.pcolormesh(side, side, found.fun[basin], cmap="Blues_r")
    ax.contour(
        fine,
        fine,
        ripples(np.array(np.meshgrid(fine, fine))),
        colors="#22303c",
        linewidths=0.5,
    )
    ax.plot(*found.x.T, "*", ms=13, mfc="#fcd225", mec="#22303c")
    ax.set(title=name, xlabel="x", ylabel="y", aspect="equal")
    ax.label_outer()
bar = figure.colorbar(picture, ax=axes, shrink=0.8)
bar.set_label("value of the minimum")
plt.show()
