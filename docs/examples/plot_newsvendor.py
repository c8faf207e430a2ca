"""
An asymmetric loss: what to order
=================================

A baker orders rolls for tomorrow. A roll that is missing loses a customer and costs 4; a roll that
is left over costs 1. The forecast with the least squared error is not the order with the least
cost. Here the cost itself is the loss, written as a formula.
"""

# %%
# The demand
# ----------
#
# More is sold on warm days, and warm days differ more from one another. The noise is lopsided, as
# demand often is: now and then a coach stops at the door.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import gamma

from skgd import DescentRegressor

BLUE, VERMILION, GREEN, INK = "#0072b2", "#d55e00", "#009e73", "#22303c"
SHAPE = 2.0
rng = np.random.default_rng(0)


def spread(temperature):
    return 3 + 0.8 * temperature


def days(count):
    temperature = rng.uniform(0, 30, count)
    demand = 60 + 2 * temperature + spread(temperature) * rng.gamma(SHAPE, size=count)
    return temperature[:, None], demand


past, future = days(500), days(20_000)

# %%
# Three models
# ------------
#
# The formula is read and differentiated; ``y`` is the target and ``p`` the prediction, and the
# other names are parameters. Its kink at ``y = p`` needs no special care.

cost = "missing*max(y - p, 0) + left*max(p - y, 0)"
prices = {"missing": 4, "left": 1}
models = {
    "squared error": DescentRegressor(alpha=0),
    "cost": DescentRegressor(loss=cost, loss_params=prices, alpha=0),
    "quantile 4/5": DescentRegressor(loss="quantile", loss_params={"quantile": 0.8}, alpha=0),
}
for model in models.values():
    model.fit(*past)


def paid(order, demand):
    """Return the mean cost a day."""
    return float(np.mean(np.where(order < demand, 4 * (demand - order), order - demand)))


# %%
# Theory says that the best order is the quantile 4/(4 + 1) of the demand on such a day, so that it
# suffices on four days of five. In these made-up data that quantile is known, and it is a straight
# line; with it the cost is as low as any order can make it.

X, demand = future
best = 60 + 2 * X[:, 0] + spread(X[:, 0]) * gamma.ppf(0.8, SHAPE)
print(f"{'':16}{'slope':>8}{'at 0':>8}{'suffices':>10}{'cost a day':>12}")
for name, model in models.items():
    order = model.predict(X)
    print(
        f"{name:16}{model.coef_[0]:8.2f}{model.intercept_.item():8.1f}"
        f"{np.mean(demand <= order):10.1%}{paid(order, demand):12.2f}"
    )
slope = 2 + 0.8 * gamma.ppf(0.8, SHAPE)
at_0 = 60 + 3 * gamma.ppf(0.8, SHAPE)
print(
    f"{'best possible':16}{slope:8.2f}{at_0:8.1f}"
    f"{np.mean(demand <= best):10.1%}{paid(best, demand):12.2f}"
)

# %%
# The cost is five times the loss of the quantile 4/5, so both have the same minimum, and the fits
# agree within their tolerance:

same = np.abs(models["cost"].coef_ - models["quantile 4/5"].coef_).max()
print(f"largest difference: {same:.1e}")
assert same < 1e-3

# %%
# Could one not order the forecast and a few more?
# ------------------------------------------------
#
# The picture on the right tries it on the 20,000 days to come. Even the best number of additional
# rolls, which nobody knows beforehand, costs more than the line that was fitted to the cost: on
# warm days more are needed than on cold ones.

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
left.plot(past[0], past[1], ".", color="#b4bcc4", markersize=4, label="500 past days")
ends = np.array([[0.0], [30.0]])
lines = {"squared error": (BLUE, "--"), "cost": (VERMILION, "-")}
for name, (colour, style) in lines.items():
    left.plot(ends, models[name].predict(ends), style, color=colour, linewidth=2.2, label=name)
left.plot(
    ends, at_0 + slope * ends, ":", color=INK, linewidth=2, label="best possible, known here only"
)
left.set(xlabel="temperature (°C)", ylabel="rolls", title="The order")
left.legend(frameon=False, loc="upper left")

more = np.linspace(-3, 28, 63)
mean = models["squared error"].predict(X)
right.plot(
    more,
    [paid(mean + extra, demand) for extra in more],
    "--",
    color=BLUE,
    linewidth=2.2,
    label="squared error, and so many more",
)
for level, style, colour, name in (
    (paid(models["cost"].predict(X), demand), "-", VERMILION, "cost"),
    (paid(best, demand), ":", INK, "best possible"),
):
    right.axhline(level, linestyle=style, color=colour, linewidth=2, label=name)
right.set(xlabel="additional rolls", ylabel="mean cost a day", title="The cost of the days to come")
right.set_ylim(bottom=33)
right.legend(frameon=False)
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
