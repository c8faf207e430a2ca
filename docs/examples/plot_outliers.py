"""
Robust regression: outliers
===========================

A few wrong rows can turn a line around. Losses that grow more slowly than the square
limit what a row can do, and a loss that levels off ignores what is far away. The
price of the last one is that it may have several minima.
"""

# %%
# The data
# --------
#
# 80 rows of a line with slope 2, and 20 rows of something else: a sensor that got
# stuck, all on one side and at one end.

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import least_squares

from skgd import DescentRegressor

BLUE, VERMILION, GREEN, PURPLE, INK = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#22303c"
rng = np.random.default_rng(0)
x = np.concatenate([rng.uniform(0, 10, 80), rng.uniform(8, 10, 20)])
y = np.concatenate([1 + 2 * x[:80] + rng.normal(0, 1, 80), rng.normal(0, 1, 20)])
X = x[:, None]

# %%
# Four losses
# -----------
#
# Three are there by name. Welsch's is not, so it is given as a formula in the target
# ``y`` and the prediction ``p``: an error of 10 costs as much as one of 100.

welsch = "1 - exp(-((y - p)/scale)**2/2)"
models = {
    "squared error": DescentRegressor(alpha=0),
    "absolute error": DescentRegressor(loss="absolute_error", alpha=0),
    "Huber": DescentRegressor(loss="huber", alpha=0),
    "Welsch": DescentRegressor(loss=welsch, loss_params={"scale": 2.0}, alpha=0),
}
print(f"{'':16}slope   at 0   (true: 2 and 1)")
for name, model in models.items():
    model.fit(X, y)
    print(f"{name:16}{model.coef_.item():5.2f}{model.intercept_.item():7.2f}")

# %%
# The squares follow the sensor halfway. Huber's loss and the absolute error, which are
# convex, come near to the truth and can come no nearer: all errors on one side pull
# for ever. And Welsch's loss has explained the 20 wrong rows, with a line that leaves
# the 80 others alone.
#
# Two minima, and the way to the lower one
# ----------------------------------------
#
# That line is a minimum, but not the lowest. The scale says what counts as far away.
# With a large one Welsch's loss is almost the square, with a single minimum. So
# begin there and make the scale smaller, each time from the line before:

model = DescentRegressor(loss=welsch, alpha=0, warm_start=True)
for scale in (32.0, 16.0, 8.0, 4.0, 2.0):
    model.set_params(loss_params={"scale": scale}).fit(X, y)
    print(f"scale {scale:4.0f}: slope {model.coef_.item():5.2f}")


def objective(slope, at_0, scale=2.0):
    """Return the mean of Welsch's loss."""
    return np.mean(1 - np.exp(-(((y - slope * x - at_0) / scale) ** 2) / 2))


high, low = [
    objective(each.coef_.item(), each.intercept_.item()) for each in (models["Welsch"], model)
]
print(f"objective of the first line {high:.4f}, of this one {low:.4f}")
assert low < high

# %%
# SciPy's `scipy.optimize.least_squares` takes a loss of one's own as a function of the
# squared residuals, with two derivatives worked out by hand. From the true line it
# comes to the same minimum:


def rho(z):
    decay = np.exp(-z / 2)
    return np.array([2 * (1 - decay), decay, -decay / 2])


peer = least_squares(
    lambda w: y - w[0] - w[1] * x, [1.0, 2.0], loss=rho, f_scale=2.0, xtol=1e-12, ftol=1e-12
)
apart = max(abs(peer.x[1] - model.coef_.item()), abs(peer.x[0] - model.intercept_.item()))
print(f"least_squares: slope {peer.x[1]:.2f}; coefficients differ by {apart:.0e}")
assert apart < 1e-3

# %%
# On the right is the lowest objective for each slope, over all intercepts.

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
left.plot(x, y, ".", color="#9aa4ac")
ends = np.array([0.0, 10.0])
looks = {
    "squared error": (BLUE, ":"),
    "absolute error": (PURPLE, "-."),
    "Huber": (GREEN, (0, (5, 1, 1, 1, 1, 1))),
    "Welsch": (VERMILION, "--"),
}
for name, (colour, style) in looks.items():
    line = models[name].predict(ends[:, None])
    left.plot(ends, line, color=colour, linestyle=style, linewidth=2, label=name)
left.plot(
    ends, model.predict(ends[:, None]), color=VERMILION, linewidth=2, label="Welsch, scale falling"
)
left.set(title="Five fits", xlabel="x", ylabel="y")
left.legend(frameon=False, loc="upper left")

slopes, levels = np.linspace(-2, 4, 241), np.linspace(-20, 30, 501)
greys = {16.0: "#b4bcc4", 8.0: "#8a949c", 4.0: "#5a666f", 2.0: INK}
for scale, grey in greys.items():
    # The line through (5, level), so that the levels fit every slope.
    lowest = [min(objective(s, at - 5 * s, scale) for at in levels[150:400:4]) for s in slopes]
    right.plot(slopes, lowest, color=grey, linewidth=2)
    right.annotate(f"scale {scale:.0f}", (slopes[-1], lowest[-1]), ha="right", va="bottom")
for each, value, marker in ((models["Welsch"], high, "X"), (model, low, "*")):
    right.plot(each.coef_.item(), value, marker, color=VERMILION, markersize=12)
right.set(title="Welsch's objective", xlabel="slope", ylabel="mean loss")
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
