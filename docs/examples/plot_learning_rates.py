"""
Learning rates: what crawls, what diverges
==========================================

Gradient descent with a constant rate has a cliff. On a bowl whose largest
curvature is *L* it converges with every rate below 2/*L* and with none above. Just
below, it is as slow as with a rate that is far too small.
"""

# %%
# A valley
# --------
#
# The curvature is 1 along this valley and *L* = 10 across it.

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize

from skgd import Formula, gd
from skgd.plotting import DescentDisplay

BLUE, VERMILION, GREEN, INK = "#0072b2", "#d55e00", "#009e73", "#22303c"
L = 10.0
START = [9.0, 1.0]
valley = Formula("(x**2 + 10*y**2)/2")


def run(rate, **options):
    options = {"learning_rate": rate, "history": True, **options}
    return minimize(valley, START, jac=valley.jac, method=gd, options=options)


# %%
# Four rates, 15 iterations each:

figure, axes = plt.subplots(2, 2, figsize=(10, 6), layout="constrained")
words = {0.1: "crawls", 1.0: "good", 1.9: "zigzags", 2.1: "diverges"}
for ax, (times, word) in zip(axes.flat, words.items(), strict=True):
    DescentDisplay.from_result(
        run(times / L, maxiter=15),
        valley,
        ax=ax,
        limits=[(-4, 10.5), (-5, 5)],
        title=f"rate {times}/L: {word}",
        colorbar=False,
    )

# %%
# A run that diverges does no harm: its result is the best point that it saw, and
# its message tells what to do.

lost = run(2.1 / L, maxiter=1000)
print(lost.success, lost.x, lost.message, sep="\n")

# %%
# How fast, in theory and here
# ----------------------------
#
# With the rate *t* an iteration multiplies the distance to the minimum by
# :math:`1 - t` along and by :math:`1 - 10 t` across the valley. The larger of
# the two, in size, decides, and from :math:`t = 2/L` on it is above 1.


def factor(rate):
    return max(abs(1 - rate), abs(1 - L * rate))


print("rate times L   factor in theory   of the last step   iterations")
for times in (0.1, 0.5, 1.0, 1.5, 1.9, 1.99, 2.01, 2.1):
    res = run(times / L, gtol=1e-6, maxiter=3000)
    distance = np.linalg.norm(res.history["x"], axis=1)
    measured = distance[-1] / distance[-2]
    iterations = res.nit if res.success else "diverges"
    print(f"{times:12.2f}{factor(times / L):19.4f}{measured:19.4f}{iterations:>13}")
    assert abs(measured - factor(times / L)) < 1e-3

# %%
# The best constant rate is :math:`2/(1 + L)`. But who knows *L*, and it is another
# one elsewhere if the function is no bowl. A line search needs neither: it starts
# from a rate, tries shorter ones until the value falls enough, and longer ones
# next time. So does ``gd`` when no rate is given; it starts its searches from
# rates that the last gradients suggest.

times = np.linspace(0.05, 1.99, 98)
iterations = [run(t / L, gtol=1e-6, maxiter=4000).nit for t in times]
slowest = [np.log(1e-6 / 9) / np.log(factor(t / L)) for t in times]
figure, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
ax.semilogy(times, slowest, color=INK, linewidth=1, label="theory, from the factor")
ax.semilogy(times, iterations, ".", color=BLUE, label="constant rate")
rules = {"armijo": ("line search", VERMILION, "--"), "auto": ("left alone", GREEN, "-.")}
for rate, (name, colour, style) in rules.items():
    res = run(rate, gtol=1e-6)
    ax.axhline(
        res.nit,
        color=colour,
        linestyle=style,
        label=f"{name}: {res.nit} iterations, {res.nfev} values",
    )
ax.axvline(2, color=INK, linestyle=":")
ax.axvspan(2, 2.2, color="#e6e9eb")
ax.text(2.1, 300, "diverges", rotation=90, ha="center", va="center")
ax.set(
    xlim=(0, 2.2),
    xlabel="rate times L",
    ylabel="iterations until the gradient is below 1e-6",
    title="From a crawl over the best rate to the cliff",
)
ax.legend(frameon=False, loc="upper center")
ax.spines[["top", "right"]].set_visible(False)
