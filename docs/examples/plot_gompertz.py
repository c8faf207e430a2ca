"""
A growth curve in a pipeline
============================

Gompertz's curve describes growth that slows down: of tumours, of colonies, of sales.
Here its three parameters are fitted to measurements, with their uncertainty, inside a
scikit-learn pipeline, and cross-validation chooses between it and two other curves.
"""

# %%
# The measurements
# ----------------
#
# They come with times in hours, and the curve shall have its rate per day, so a step
# before the fit changes the unit. Names that are columns are data; all others, here
# ``A``, ``b`` and ``c``, are parameters.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.optimize import curve_fit
from scipy.stats import t as student
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skgd import FormulaRegressor

BLUE, VERMILION, INK = "#0072b2", "#d55e00", "#22303c"
TRUE = {"A": 80.0, "b": 5.0, "c": 0.6}


def curve(days, A, b, c):
    return A * np.exp(-b * np.exp(-c * days))


def measured(seed, count=40, last=156.0):
    rng = np.random.default_rng(seed)
    hours = np.sort(rng.uniform(0, last, count))
    size = curve(hours / 24, **TRUE) + rng.normal(0, 2, count)
    return pd.DataFrame({"hours": hours}), size


def to_days(table):
    return pd.DataFrame({"days": table["hours"] / 24})


def growth():
    formula = "A*exp(-b*exp(-c*days))"
    return make_pipeline(FunctionTransformer(to_days), FormulaRegressor(formula, initial={"A": 50}))


times, sizes = measured(seed=1)
model = growth().fit(times, sizes)

# %%
# The same as curve_fit
# ---------------------
#
# `scipy.optimize.curve_fit` minimises the same sum of squares, of a function in
# Python. Here the formula is differentiated exactly.

fitted = model[-1]
values, covariance = curve_fit(curve, times["hours"] / 24, sizes, p0=[50, 1, 1])
errors = np.sqrt(np.diag(covariance))
print("     true     here   stderr   curve_fit   stderr")
for i, (name, true) in enumerate(TRUE.items()):
    ours = f"{fitted.params_[name]:9.4f}{fitted.stderr_[name]:9.4f}"
    print(f"{name}{true:8.2f}{ours}{values[i]:12.4f}{errors[i]:9.4f}")
assert np.allclose(list(fitted.params_.values()), values, rtol=1e-4)
assert np.allclose(list(fitted.stderr_.values()), errors, rtol=1e-3)

# %%
# Are these standard errors to be believed? Of 200 sets of measurements, 95 in a
# hundred should have the true ``A`` within its interval of 95 %:

inside = 0
for seed in range(200):
    repeated = growth().fit(*measured(seed))[-1]
    reach = student.ppf(0.975, 40 - 3) * repeated.stderr_["A"]
    inside += abs(repeated.params_["A"] - TRUE["A"]) <= reach
print(f"{inside / 200:.1%} have it")
assert 0.9 < inside / 200 < 0.99

# %%
# A band around the curve
# -----------------------
#
# The covariance of the parameters gives that of the curve, by its derivatives. With
# all measurements it is known well; with those of the first 60 hours it is not, and
# the band says so. It holds if the formula is right, which is another matter.


def band(model, rows, days):
    """Return the curve and the half width of its 95 % band."""
    fitted = model[-1]
    A, b, c = fitted.params_.values()
    decay = np.exp(-c * days)
    size = curve(days, A, b, c)
    slopes = np.column_stack([size / A, -decay * size, b * days * decay * size])
    spread = np.sqrt(np.einsum("ij,jk,ik->i", slopes, fitted.covariance_, slopes))
    return size, student.ppf(0.975, rows - 3) * spread


early = times["hours"] < 60
short = growth().fit(times[early], sizes[early])
days = np.linspace(0, 6.5, 200)
figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True, layout="constrained")
for ax, fit, used in ((axes[0], model, times["hours"] >= 0), (axes[1], short, early)):
    size, reach = band(fit, used.sum(), days)
    ax.fill_between(days, size - reach, size + reach, color="#f3cfb3", label="band of 95 %")
    ax.plot(days, size, color=VERMILION, linewidth=2, label="fitted")
    ax.plot(days, curve(days, **TRUE), ":", color=INK, linewidth=2, label="true")
    ax.plot(times["hours"][used] / 24, sizes[used], "o", color=BLUE, markersize=4)
    ax.set(title=f"{used.sum()} measurements", xlabel="days", ylim=(-5, 95))
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("size")
axes[0].legend(frameon=False, loc="upper left")

# %%
# Which curve?
# ------------
#
# The formula is a parameter like any other, so a search can choose it. By the errors
# in five-fold cross-validation:

formulas = {
    "Gompertz": "A*exp(-b*exp(-c*days))",
    "logistic": "A/(1 + b*exp(-c*days))",
    "saturation": "A*(1 - exp(-c*days)) + b",
}
search = GridSearchCV(
    growth(),
    {"formularegressor__formula": list(formulas.values())},
    scoring="neg_root_mean_squared_error",
    cv=KFold(5, shuffle=True, random_state=0),
).fit(times, sizes)
for name, score in zip(formulas, search.cv_results_["mean_test_score"], strict=True):
    print(f"{name:12} root mean squared error {-score:.2f}")
print("chosen:", search.best_params_["formularegressor__formula"])
assert search.best_params_["formularegressor__formula"] == formulas["Gompertz"]
