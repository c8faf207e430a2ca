"""
Weights that sum to one: a synthetic control
============================================

Did a law change anything in the region that passed it? Compare that region with a mixture of others
which did not: weights that are not negative and sum to one, chosen so that the mixture follows the
region *before* the law. What happens afterwards is the difference between them.
"""

# %%
# The regions
# -----------
#
# Twelve regions share two trends and have moods of their own, over 60 months. The region of the law
# is, up to noise, a mixture of three of them, and from month 36 on the law adds 3.

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LinearRegression

from skgd import DescentRegressor, Simplex, gd_spectral

BLUE, VERMILION, INK = "#0072b2", "#d55e00", "#22303c"
MONTHS, LAW, EFFECT = 60, 36, 3.0
TRUE = np.array([0.5, 0.3, 0.2, *[0.0] * 9])


def simulated(seed):
    """Return the other regions, shape (months, 12), and the region of the law."""
    rng = np.random.default_rng(seed)
    trends = np.cumsum(rng.normal(0.1, 0.6, size=(MONTHS, 2)), axis=0)
    donors = 20 + trends @ rng.normal(size=(2, 12)) + rng.normal(0, 2, 12)
    donors += np.cumsum(rng.normal(0, 0.4, donors.shape), axis=0)
    region = donors @ TRUE + rng.normal(0, 0.4, MONTHS)
    region[LAW:] += EFFECT
    return donors, region


donors, region = simulated(1)
before = slice(None, LAW)

# %%
# Three ways to the same weights
# ------------------------------
#
# As an estimator, ``positive`` and ``coef_sum`` say it all. As a function for
# `scipy.optimize.minimize`, the constraint is `Simplex`. SciPy's own method for such constraints is
# SLSQP. Because the weights sum to one, the region may be subtracted from each of the others, which
# leaves the error as it is and makes descent much quicker.

mixture = DescentRegressor(positive=True, coef_sum=1, fit_intercept=False, alpha=0, tol=1e-10)
mixture.fit(donors[before], region[before])


def error(w, gaps):
    """Return half the mean squared error, and its gradient."""
    residual = gaps @ w
    return residual @ residual / (2 * LAW), gaps.T @ residual / LAW


def shares(donors, region, gtol):
    """Return the weights of the mixture."""
    gaps = donors[before] - region[before, None]
    return minimize(
        error,
        np.full(12, 1 / 12),
        (gaps,),
        jac=True,
        method=gd_spectral,
        constraints=Simplex(),
        options={"gtol": gtol, "maxiter": 5000},
    ).x


gaps = donors[before] - region[before, None]
sum_is_one = {"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(12)}
slsqp = minimize(
    error,
    np.full(12, 1 / 12),
    (gaps,),
    jac=True,
    method="SLSQP",
    bounds=[(0, 1)] * 12,
    constraints=sum_is_one,
    options={"ftol": 1e-15, "maxiter": 1000},
)

# %%
# How good are they? The error is convex, so it lies above its tangent plane at ``w``, and the
# lowest corner of the simplex on that plane bounds how far the error can still fall. That needs no
# other solver to compare with.


def can_fall(w):
    """Return a bound on the difference between the error at w and the least one."""
    slope = error(w, gaps)[1]
    return slope @ w - slope.min()


results = {
    "DescentRegressor": mixture.coef_,
    "minimize, Simplex": shares(donors, region, gtol=1e-8),
    "SLSQP": slsqp.x,
}
print(f"{'':18}{'can fall by':>12}{'|sum - 1|':>11}{'exact zeros':>13}{'from SLSQP':>12}")
for name, w in results.items():
    print(
        f"{name:18}{can_fall(w):12.0e}{abs(w.sum() - 1):11.0e}{np.count_nonzero(w == 0):13d}"
        f"{np.abs(w - slsqp.x).max():12.0e}"
    )
    assert w.min() >= 0
    assert can_fall(w) < 1e-7

# %%
# All three are the same mixture. Descent ends on the boundary exactly: a weight of zero is 0.0.
#
# What the law did
# ----------------
#
# Ordinary least squares has no constraints, and follows the 36 months before the law more closely.
# That includes their noise, which does not come back afterwards. In one simulation either may be
# luckier, so the errors of 30 are shown, too.

free = LinearRegression().fit(donors[before], region[before])
predictions = {"mixture": mixture.predict(donors), "least squares": free.predict(donors)}
missed = {"mixture": [], "least squares": []}
for seed in range(30):
    X, y = simulated(seed)
    for name, prediction in {
        "mixture": X @ shares(X, y, gtol=1e-3),
        "least squares": LinearRegression().fit(X[before], y[before]).predict(X),
    }.items():
        missed[name].append(np.mean((y - prediction)[LAW:]) - EFFECT)
for name, prediction in predictions.items():
    off = region - prediction
    print(
        f"{name:14} error before the law {np.sqrt(np.mean(off[before] ** 2)):.2f}, "
        f"effect {off[LAW:].mean():.2f} for 3; "
        f"off by {np.sqrt(np.mean(np.square(missed[name]))):.2f} in 30 simulations (rms)"
    )

# %%
# The weights are not quite the true ones: regions that move alike may stand for one another. What
# counts is the mixture.

figure, (left, right) = plt.subplots(
    1, 2, figsize=(10, 4.4), width_ratios=[5, 3], layout="constrained"
)
month = np.arange(MONTHS)
left.plot(month, donors, color="#d3d8dc", linewidth=0.8)
left.plot(month, region, color=INK, linewidth=2.2, label="the region")
left.plot(month, predictions["mixture"], "--", color=VERMILION, linewidth=2, label="its mixture")
left.plot(month, predictions["least squares"], ":", color=BLUE, linewidth=2, label="least squares")
left.axvline(LAW - 0.5, color=INK, linewidth=0.8)
left.set(xlabel="month", ylabel="turnover", title="The region, and what stands for it")
left.annotate("law", (LAW, 0.97), xycoords=("data", "axes fraction"), va="top")
left.legend(frameon=False, loc="upper left")

number = np.arange(1, 13)
right.bar(number - 0.2, TRUE, 0.4, color="#b4bcc4", label="true")
right.bar(number + 0.2, mixture.coef_, 0.4, color=VERMILION, hatch="//", label="found")
right.set(xlabel="region", xticks=number, title="The weights")
right.legend(frameon=False)
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
