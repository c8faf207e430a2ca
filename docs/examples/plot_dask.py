"""
Rows on a cluster
=================

Data that do not fit into memory lie in blocks, on the workers of a cluster. The
estimators take Dask arrays as they are: each worker sums over its own rows, and
only the sums travel. The fit is the same as in memory.
"""

# %%
# Blocks of rows
# --------------
#
# Here each block is made from random numbers, where a file would be read. This
# example needs the extra ``distributed``.

import dask
import dask.array as da
import matplotlib.pyplot as plt
import numpy as np
from dask.distributed import Client, LocalCluster
from scipy.special import expit

from skgd import DescentClassifier

BLOCKS, ROWS = 6, 5_000
TRUE = np.array([1.0, -2.0, 0.5, 0.0, 0.0, 3.0, -1.0, 0.0])


def block(number):
    """Return the rows of one block: the features, then the label."""
    rng = np.random.default_rng(number)
    X = rng.normal(size=(ROWS, len(TRUE)))
    labels = rng.uniform(size=ROWS) < expit(X @ TRUE - 0.5)
    return np.column_stack([X, labels])


shape = (ROWS, len(TRUE) + 1)
data = da.concatenate(
    [da.from_delayed(dask.delayed(block)(i), shape, float) for i in range(BLOCKS)]
)
X, y = data[:, :-1], data[:, -1]
print(X)

# %%
# A fit where the rows are
# ------------------------
#
# The cluster of this page has two workers in one process; with
# ``Client("scheduler:8786")`` it could have a hundred machines. Nothing else would
# change. With a cluster the blocks stay on the workers between the passes.

model = DescentClassifier(penalty="l1", alpha=0.02)
with (
    LocalCluster(2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
    Client(cluster),
):
    model.fit(X, y)
print("iterations:", model.n_iter_)
print("coefficients:", model.coef_.round(2).tolist()[0])

# %%
# The same in memory
# ------------------
#
# These rows do fit, so that the claim can be checked: the same iterations, and the
# same coefficients but for the order of summation. The penalty sets the coefficients
# of the features without influence to exactly zero, here and there.

rows = np.vstack([block(i) for i in range(BLOCKS)])
here = DescentClassifier(penalty="l1", alpha=0.02).fit(rows[:, :-1], rows[:, -1])
apart = np.abs(here.coef_ - model.coef_).max()
print(f"iterations: {here.n_iter_}; largest difference of a coefficient: {apart:.1e}")
assert here.n_iter_ == model.n_iter_
assert apart < 1e-8
assert (model.coef_[0, TRUE == 0] == 0).all()

# %%
# Every iteration agrees, not only the last:

BLUE, VERMILION, INK = "#0072b2", "#d55e00", "#22303c"
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
left.plot(here.loss_curve_, "-", color=BLUE, linewidth=2.5, label="in memory")
left.plot(model.loss_curve_, "o", color=VERMILION, markersize=5, label="on the cluster")
left.set(xlabel="iteration", ylabel="objective", title="The descent")
left.legend(frameon=False)
places = np.arange(len(TRUE))
right.bar(places - 0.2, TRUE, 0.4, color="#b4bcc4", label="true")
right.bar(places + 0.2, model.coef_[0], 0.4, color=VERMILION, hatch="//", label="found, with L1")
right.axhline(0, color=INK, linewidth=0.8)
right.set(xlabel="feature", ylabel="coefficient", title="The coefficients")
right.set_xticks(places, [str(i) for i in places])
right.legend(frameon=False)
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)

# %%
# What a cluster costs is said in the user guide: a pass is a round trip, which takes
# milliseconds. For rows that fit into memory, memory is faster.
