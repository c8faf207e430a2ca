"""
Sparse quantile regression: a path of penalties
===============================================

Which measurements move the *upper end* of a target, its 90 % quantile? An L1 penalty on the
quantile loss answers that: the stronger it is, the more coefficients are exactly zero. Both the
loss and the penalty have kinks.
"""

# %%
# The data
# --------
#
# Twelve measurements, of which three matter: two move the target, and the third moves its spread
# only. The 90 % quantile moves with all three, the mean with two.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm
from sklearn.linear_model import QuantileRegressor

from skgd import DescentRegressor

BLUE, VERMILION, GREEN, GREY = "#0072b2", "#d55e00", "#009e73", "#aab2b9"
ROWS, COLUMNS, LEVEL = 600, 12, 0.9
rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, size=(ROWS, COLUMNS))
y = 10 + 2 * X[:, 0] - 1.5 * X[:, 1] + (1 + 0.8 * X[:, 2]) * rng.normal(size=ROWS)
print(f"true coefficients of the quantile: 2, -1.5, {0.8 * norm.ppf(LEVEL):.2f}, and nine zeros")

# %%
# The paths
# ---------
#
# ``warm_start`` begins each fit where the one before ended. The same path for the mean, with the
# squared error, is what `sklearn.linear_model.Lasso` computes.

alphas = np.geomspace(0.1, 0.002, 24)


def path(model, strengths):
    """Return the coefficients for each strength of the penalty."""
    model.set_params(penalty="l1", warm_start=True, max_iter=5000)
    return np.array([model.set_params(alpha=alpha).fit(X, y).coef_ for alpha in strengths])


upper = path(DescentRegressor(loss="quantile", loss_params={"quantile": LEVEL}), alphas)
mean = path(DescentRegressor(), 10 * alphas)
for alpha, coef in list(zip(alphas, upper, strict=True))[::5]:
    print(f"alpha = {alpha:.4f}: columns {np.flatnonzero(coef).tolist()}")

# %%
# The three that matter come first. No threshold was applied: the other coefficients are 0.0. For
# the mean, the third has no business in the model, and comes in with the noise.

figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True, layout="constrained")
looks = {0: (BLUE, "-"), 1: (VERMILION, "--"), 2: (GREEN, "-.")}
for ax, strengths, coefs, title in (
    (axes[0], alphas, upper, "The 90 % quantile"),
    (axes[1], 10 * alphas, mean, "The mean"),
):
    ax.semilogx(strengths, coefs[:, 3:], color=GREY, linewidth=1)
    for column, (colour, style) in looks.items():
        ax.semilogx(strengths, coefs[:, column], style, color=colour, linewidth=2.2)
    ax.set(xlabel="strength of the penalty, alpha", title=title)
    ax.invert_xaxis()
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("coefficient")
names = ("moves the target", "moves the target", "moves the spread", "does not matter")
lines = [*axes[0].lines[-3:], axes[0].lines[0]]
axes[1].legend(lines, names, frameon=False, loc="center right", bbox_to_anchor=(1, 0.62))

# %%
# The same as the linear program
# ------------------------------
#
# scikit-learn's `QuantileRegressor` states the same problem as a linear program, and HiGHS solves
# it. Both are compared by what both minimise, at one strength of the penalty:

alpha = float(alphas[10])


def objective(model):
    """Return the mean quantile loss plus the penalty."""
    residual = y - model.predict(X)
    loss = np.maximum(LEVEL * residual, (LEVEL - 1) * residual).mean()
    return loss + alpha * np.abs(model.coef_).sum()


descent = DescentRegressor(
    loss="quantile", loss_params={"quantile": LEVEL}, penalty="l1", alpha=alpha, max_iter=5000
)
program = QuantileRegressor(quantile=LEVEL, alpha=alpha, solver="highs")
for name, model in {"descent": descent, "linear program": program}.items():
    model.fit(X, y)
    zeros = np.count_nonzero(model.coef_ == 0)
    print(f"{name:15} objective {objective(model):.7f}, {zeros} coefficients are exactly zero")
excess = objective(descent) / objective(program) - 1
apart = np.abs(descent.coef_ - program.coef_).max()
print(f"objectives differ by {excess:.0e} (relative), coefficients by {apart:.0e} at most")
assert abs(excess) < 1e-5

# %%
# The linear program ends in a corner, and its answer is exact. The descent ends when what is left
# to gain is about a millionth of the objective, ``tol``; it sets no program up, so it goes on to
# hundreds of thousands of rows, and the loss may be one that no linear program knows.
