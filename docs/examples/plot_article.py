"""
A ball that rolls on
====================

skgd grew from an article that explains gradient descent with a ball on a curve.
Here is its story in three pictures. :doc:`/user/article` tells it at length,
with what the article got wrong.
"""

# %%
# Two minima
# ----------
#
# The curve :math:`x^2 + 8 \sin x` has its lowest point at -1.2524. On the way
# from 10 there is another minimum, at 3.5953, whose value is higher by 15. The
# derivative is zero there, too, and it is all that plain gradient descent knows.
# Momentum adds what is left of the speed. Rates and momentum are the article's.

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize

from skgd import Formula, Forward, StepDecay, gd, gd_momentum
from skgd.plotting import DescentDisplay, animate

curve = Formula("x**2 + 8*sin(x)")
decay = StepDecay(0.05, factor=0.9, every=40, first_at=0)
common = {"learning_rate": decay, "history": True}
stop_small = {"xtol": 1e-5, "gtol": 0}
heavy = {"momentum": 0.8, "window": 10, "gtol": 2e-4}

runs = {
    "without momentum": minimize(curve, 10, jac=curve.jac, method=gd, options=common | stop_small),
    "with momentum": minimize(curve, 10, jac=curve.jac, method=gd_momentum, options=common | heavy),
}
for name, res in runs.items():
    print(f"{name}: x = {res.x_last[0]:.4f}, f = {res.fun:.4f}, {res.nit} steps")

# %%
# Dark steps are early and light ones late. Beneath each curve is its derivative,
# which both runs bring to zero.

figure = plt.figure(figsize=(8.4, 4.6))
for part, (name, res) in zip(figure.subfigures(1, 2), runs.items(), strict=True):
    ax = part.add_subplot()
    DescentDisplay.from_result(res, curve, ax=ax, limits=(-6, 11.5), title=name)

# %%
# A surface that is known by its values only
# ------------------------------------------
#
# Where there is a program but no formula, a nudge of each coordinate tells the
# slope. The surface :math:`\sin(x^2 + y^2)` has a hollow in the middle, a ridge
# around it, and beyond the ridge a moat that is deeper. With momentum the descent
# runs through the hollow and climbs the ridge on its far side.


# sphinx_gallery_thumbnail_number = 2


def surface(x):
    return np.sin(x[0] ** 2 + x[1] ** 2)


res = minimize(
    surface,
    [0, -1.2],
    jac=Forward(step=0.01),
    method=gd_momentum,
    options={
        "learning_rate": StepDecay(0.1, factor=0.7, every=70, first_at=0),
        "momentum": 0.99,
        "window": 10,
        "count_current": True,
        "gtol": 0,
        "maxiter": 302,
        "history": True,
    },
)
ax = plt.figure(figsize=(6.4, 5)).add_subplot(projection="3d")
display = DescentDisplay.from_result(
    res,
    surface,
    variables=["x", "y"],
    kind="surface",
    limits=(-2.5, 2.5),
    ax=ax,
)
print(f"ends at ({res.x[0]:.4f}, {res.x[1]:.4f}) with f = {res.fun:.4f}")

# %%
# In motion
# ---------
#
# ``animate`` writes runs side by side as a GIF.

displays = [
    DescentDisplay(path=res.history["x"], values=res.history["fun"], fun=curve)
    for res in runs.values()
]
path = animate(
    displays,
    "rolling.gif",
    titles=list(runs),
    limits=(-6, 11.5),
    size=(4.5, 3.6),
    derivative=False,
    colorbar=False,
)
