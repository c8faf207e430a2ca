"""
Momentum and the condition number
=================================

A valley that is much steeper across than along takes plain gradient descent many
steps. This page counts them, for four methods, and puts the lines of theory
beside the counts.
"""

# %%
# What theory promises
# --------------------
#
# On a bowl whose curvatures lie between :math:`\mu` and :math:`L`, with the
# condition number :math:`\kappa = L/\mu`, the error falls in each step by about
#
# * :math:`1 - 2/\kappa` for gradient descent with the rate :math:`2/(L + \mu)`,
# * :math:`1 - 2/\sqrt\kappa` for the heavy ball with Polyak's rate and momentum,
# * :math:`1 - 1/\sqrt\kappa` for Nesterov's momentum with the rate :math:`1/L`.
#
# So a valley that is a hundred times as narrow costs a hundred times as many steps
# without momentum, and ten times as many with it. For spectral steps there is no
# such line; they know neither :math:`\mu` nor :math:`L`, and learn from the last
# step how curved the way is.

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize

from skgd import gd, gd_momentum, gd_nesterov, gd_spectral
from skgd.plotting import DescentDisplay


def recipes(kappa):
    """Return methods and options for curvatures from 1 to kappa."""
    root = np.sqrt(kappa)
    plain = {"learning_rate": 2 / (1 + kappa)}
    heavy = {
        "learning_rate": 4 / (1 + root) ** 2,
        "momentum": ((root - 1) / (root + 1)) ** 2,
    }
    nesterov = {
        "learning_rate": 1 / kappa,
        "momentum": (root - 1) / (root + 1),
        "restart_uphill": False,
    }
    return {
        "gd": (gd, plain),
        "gd_nesterov": (gd_nesterov, nesterov),
        "gd_momentum": (gd_momentum, heavy),
        "gd_spectral": (gd_spectral, {}),
    }


# %%
# Four ways down one valley
# -------------------------
#
# In two variables, with curvatures 1 and 30, one sees what the momentum is for.
# Plain steps spend themselves on jumping from side to side. Nesterov's velocity
# points along the valley. The heavy ball swings far out at first, since its rate is
# nearly four times as large, and then comes in quickly. Two variables have two
# curvatures, which spectral steps have learnt after three steps; the count below is
# about fifty.


def bowl(x):
    return 0.5 * (x[0] ** 2 + 30 * x[1] ** 2)


def slope(x):
    return np.array([x[0], 30 * x[1]])


figure, axes = plt.subplots(2, 2, figsize=(8.4, 6), sharex=True, sharey=True)
for ax, (name, (method, options)) in zip(axes.flat, recipes(30).items(), strict=True):
    res = minimize(
        bowl,
        [10, 1],
        jac=slope,
        method=method,
        options={**options, "gtol": 1e-4, "history": True},
    )
    display = DescentDisplay.from_result(
        res,
        bowl,
        ax=ax,
        limits=[(-4, 11), (-4, 4)],
        title=f"{name}: {res.nit} steps",
        colorbar=False,
    )
    ax.label_outer()

# %%
# The count
# ---------
#
# Now 50 variables, with curvatures from 1 to :math:`\kappa`, and as many steps as it
# takes to divide the distance from the minimum by a million.

FAR = 1e6
KAPPAS = 10 ** np.linspace(1, 4, 7)


def steps(kappa, method, options):
    curvatures = np.geomspace(1, kappa, 50)
    start = np.ones(50)

    def near_enough(x):
        if np.linalg.norm(x) <= np.linalg.norm(start) / FAR:
            raise StopIteration

    res = minimize(
        lambda x: 0.5 * curvatures @ x**2,
        start,
        jac=lambda x: curvatures * x,
        method=method,
        callback=near_enough,
        options={**options, "gtol": 0, "maxiter": 1_000_000},
    )
    return res.nit


names = list(recipes(10))
counts = {name: [steps(kappa, *recipes(kappa)[name]) for kappa in KAPPAS] for name in names}
print("    condition number", *(f"{kappa:6.0f}" for kappa in KAPPAS))
for name, row in counts.items():
    print(f"{name:>20}", *(f"{count:6d}" for count in row))

# %%
# A power is a straight line here, with slope 1 for gradient descent and 1/2 with
# momentum. The grey lines are the steps that the factors above stand for. The heavy
# ball is a little above its line because it swings out first, and gradient descent
# a little below, because only a part of the distance lies in the slowest direction.
# Rates and momentum were computed from the curvatures, except for ``gd_spectral``,
# which was told nothing and does as well as the best of them.

# sphinx_gallery_thumbnail_number = 2

figure, ax = plt.subplots()
for line, label in (
    (np.log(FAR) * KAPPAS / 2, r"$\ln(10^6)\,\kappa/2$"),
    (np.log(FAR) * np.sqrt(KAPPAS), r"$\ln(10^6)\,\sqrt{\kappa}$"),
    (np.log(FAR) * np.sqrt(KAPPAS) / 2, r"$\ln(10^6)\,\sqrt{\kappa}/2$"),
):
    ax.plot(KAPPAS, line, color="0.6", linestyle="-", linewidth=1, zorder=1)
    ax.annotate(
        label,
        (KAPPAS[-1], line[-1]),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        color="0.4",
    )
for name, marker in zip(names, "os^D", strict=True):
    ax.plot(KAPPAS, counts[name], marker=marker, label=name)
ax.set(
    xscale="log",
    yscale="log",
    xlabel=r"condition number $\kappa$",
    ylabel="steps to a millionth of the distance",
)
ax.legend()
plt.show()
