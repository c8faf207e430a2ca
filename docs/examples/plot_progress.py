"""
A progress bar, and other ways to watch
=======================================

With ``options={"progress": True}`` a run shows a bar on a terminal. It counts
iterations, of which nobody knows beforehand how many are needed. Here is a callback
that shows how far the run has come instead, one that ends the run, and what
scikit-learn's callbacks see of an estimator.
"""

# %%
# How far is it?
# --------------
#
# A run converges when the norm of the gradient, ``gnorm``, has come down to ``gtol``.
# On a logarithmic scale that is a way with a beginning and an end, and the share of
# it that lies behind the run makes a bar. SciPy's convention holds: a callback whose
# parameter is called ``intermediate_result`` gets a result as it is after an
# iteration.

import math

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize, rosen, rosen_der
from sklearn.callback import ScoringMonitor
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

from skgd import DescentClassifier, gd_spectral


class Bar:
    """Print a line for each tenth of the way from the first gradient to gtol."""

    def __init__(self, gtol):
        self.gtol, self.first, self.tenths = gtol, None, -1
        self.iterations, self.shares, self.norms = [], [], []

    def __call__(self, intermediate_result):
        now = intermediate_result
        self.first = self.first or now.gnorm
        behind = math.log(self.first / max(now.gnorm, self.gtol))
        share = max(behind / math.log(self.first / self.gtol), 0.0)
        if int(10 * share) > self.tenths:
            self.tenths = int(10 * share)
            full = "#" * (3 * self.tenths)
            print(f"[{full:30}] {share:4.0%}  it {now.nit:4d}  f {now.fun:.1e}")
        self.iterations.append(now.nit)
        self.shares.append(share)
        self.norms.append(now.gnorm)


start = np.tile([-1.2, 1.0], 10)
bar = Bar(gtol=1e-5)
res = minimize(
    rosen,
    start,
    jac=rosen_der,
    method=gd_spectral,
    callback=bar,
    options={"gtol": bar.gtol},
)
print(res.message)

# %%
# The way is not an even one. The bar is at 40 % soon, and then stands still for half
# of the run, while the descent follows Rosenbrock's valley, where the gradient does
# not fall. No bar can know that; but this one counts what the run will be judged by.

figure, ax = plt.subplots(figsize=(7, 3.8))
ax.plot(bar.iterations, bar.norms, color="0.6", lw=1, ls="-", label="gnorm")
ax.plot(
    bar.iterations,
    np.minimum.accumulate(bar.norms),
    ls="-",
    label="the least so far, which the bar shows",
)
ax.axhline(bar.gtol, color="#22303c", lw=1, ls="--")
ax.text(0, 1.4 * bar.gtol, "gtol")
ax.set(yscale="log", xlabel="iteration", ylabel="norm of the gradient")
ax.legend()
plt.show()

# %%
# Enough
# ------
#
# ``StopIteration`` ends a run. The result is complete, and it does not pretend to
# have converged.


def enough(intermediate_result):
    if intermediate_result.fun < 1e-3:
        raise StopIteration


res = minimize(rosen, start, jac=rosen_der, method=gd_spectral, callback=enough)
print(f"f = {res.fun:.1e} after {res.nit} iterations, success: {res.success}")
print(res.message)

# %%
# Estimators
# ----------
#
# scikit-learn has callbacks of its own from version 1.9 on, and the estimators
# support them: a task is an iteration, or an epoch with mini-batches.
# ``ScoringMonitor`` keeps a score of each. ``ProgressBar``, which needs rich, shows
# a bar on a terminal.

X, y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(X)
figure, ax = plt.subplots(figsize=(7, 3.8))
for size, name, marker in (
    (None, "all rows, a task an iteration", "o"),
    (50, "batches of 50, a task an epoch", "s"),
):
    monitor = ScoringMonitor(scoring="neg_log_loss")
    model = DescentClassifier(alpha=1e-3, batch_size=size, random_state=0)
    model.set_callbacks(monitor).fit(X, y)
    losses = [
        -row["neg_log_loss"] for row in monitor.get_logs().data if row["task_name"] == "iteration"
    ]
    print(f"{name}: {len(losses)} tasks, log loss {losses[-1]:.4f}")
    ax.plot(range(1, len(losses) + 1), losses, marker=marker, label=name)
ax.set(xlabel="task", ylabel="log loss on the training data", ylim=0)
ax.xaxis.get_major_locator().set_params(integer=True)
ax.legend()
plt.show()
