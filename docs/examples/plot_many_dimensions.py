"""
Seeing a run in many dimensions
===============================

A function of twenty variables cannot be drawn, but a run in it can be looked at: on
the plane in which it moves most, and as curves of convergence.
"""

# %%
# Three runs
# ----------
#
# Rosenbrock's function of twenty variables has a bent valley in many dimensions. The
# option ``history`` records what the pictures need, the seconds among it.

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize, rosen, rosen_der

from skgd import gd_adam, gd_momentum, gd_spectral
from skgd.plotting import DescentDisplay

start = np.random.default_rng(1).uniform(-1, 1, 20)
runs = {
    method.name: minimize(
        rosen, start, jac=rosen_der, method=method, options={"history": True, "gtol": 1e-3}
    )
    for method in (gd_momentum, gd_adam, gd_spectral)
}
for name, res in runs.items():
    print(f"{name:12} {res.nit:5} iterations, {res.nfev:5} values, f = {res.fun:.1e}")
assert all(res.success for res in runs.values())

# %%
# The plane in which a run moves most
# -----------------------------------
#
# A slice shows the plane through the end point that holds as much of the path as any
# plane can, which the singular values of the path tell. The contours are those of the
# function on this plane; the path is projected onto it. The labels of the axes say
# how much of the movement each direction has. What the path does off the plane is not
# seen, so a line that seems to climb here need not climb.

display = DescentDisplay.from_result(runs["gd_momentum"], rosen, vectorized=True, kind="slice")
print(display.ax_.get_xlabel(), "and", display.ax_.get_ylabel())

# %%
# Convergence, against what?
# --------------------------
#
# Iterations do not cost the same: a line search asks for more values. Against
# evaluations the comparison is fair where evaluations are what is dear, and against
# seconds it is fair on this machine and for this function only.

figure, axes = plt.subplots(1, 3, figsize=(12, 4.2), layout="constrained", sharey=True)
for ax, against in zip(axes, ("iterations", "evaluations", "seconds"), strict=True):
    DescentDisplay.from_results(runs, kind="convergence", against=against, lowest=0.0, ax=ax)
for ax in axes[1:]:
    ax.get_legend().remove()
    ax.set_ylabel("")

# %%
# One run alone also shows the norm of its gradient and the lengths of its steps:

display = DescentDisplay.from_result(
    runs["gd_spectral"], kind="convergence", show=["gap", "gradient", "step"], lowest=0.0
)
