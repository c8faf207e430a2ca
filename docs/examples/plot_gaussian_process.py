"""
A Gaussian process
==================

A Gaussian process of scikit-learn finds the parameters of its kernel by maximising a
likelihood, and takes an ``optimizer`` for that. Here :func:`skgd.gp_optimizer` is
compared with the default, L-BFGS-B, from two starts.
"""

# %%
# Twenty noisy values of a sine are to be explained by a kernel with a length scale and
# a level of noise.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel

from skgd import gp_optimizer

rng = np.random.default_rng(1)
X = np.sort(rng.uniform(0, 6, 20))[:, None]
y = 0.7 * np.sin(3 * X[:, 0]) + 0.3 * rng.normal(size=20)


def kernel(length, noise):
    return RBF(length, (1e-2, 1e3)) + WhiteKernel(noise, (1e-4, 1e1))


# %%
# The optimisers
# --------------
#
# An optimiser is a function of the objective, the start and the bounds. This one
# notes where another one evaluates.


class Noted:
    def __init__(self, optimizer):
        self.optimizer, self.points = optimizer, []

    def __call__(self, objective, start, bounds):
        def noted(theta, eval_gradient=True):
            self.points.append(np.exp(theta))
            return objective(theta, eval_gradient)

        return self.optimizer(noted, start, bounds)


def default(objective, start, bounds):
    """Do what scikit-learn does without an optimizer."""
    res = minimize(objective, start, method="L-BFGS-B", jac=True, bounds=bounds)
    return res.x, res.fun


optimizers = {
    "the default, L-BFGS-B": default,
    "gp_optimizer()": gp_optimizer(),
    "gp_optimizer(n_restarts=5)": gp_optimizer(n_restarts=5, random_state=0),
}
starts = {"near": (1, 0.1), "far": (5, 0.5)}
models, paths = {}, {}
for where, start in starts.items():
    print(f"start {where}: length scale {start[0]}, noise {start[1]}")
    for name, optimizer in optimizers.items():
        noted = Noted(optimizer)
        model = GaussianProcessRegressor(kernel(*start), optimizer=noted)
        with warnings.catch_warnings():
            # Far away the likelihood is flat, and runs end at the bounds.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, y)
        models[where, name] = model
        paths[where, name] = np.array(noted.points)
        print(
            f"    {name:26}: log likelihood "
            f"{model.log_marginal_likelihood_value_:8.4f}, "
            f"{len(noted.points):3d} evaluations"
        )

# %%
# From the near start both find the same maximum with the same work. From the far one
# both climb the same plateau, where all is noise. That is no fault of an optimiser:
# another start is needed, and ``n_restarts`` makes some.

lengths, noises = np.geomspace(0.05, 1000, 60), np.geomspace(0.01, 4, 60)
likelihood = [
    [
        models["near", "gp_optimizer()"].log_marginal_likelihood(np.log([length, noise]))
        for length in lengths
    ]
    for noise in noises
]

figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 4.4))
levels = [
    -60,
    -45,
    -36,
    -30,
    -27,
    -25,
    -24,
    -23,
    -22,
    -20,
    -18,
    -16.5,
    -15.8,
]
light = ListedColormap(plt.colormaps["Blues"](np.linspace(0, 0.65, 256)))
left.contourf(lengths, noises, likelihood, levels, cmap=light, extend="min")
for where, marker in (("near", "o"), ("far", "s")):
    for name, colour, line in (
        ("the default, L-BFGS-B", "#22303c", "--"),
        ("gp_optimizer()", "#d55e00", "-"),
    ):
        left.plot(
            *paths[where, name].T,
            marker=marker,
            color=colour,
            linestyle=line,
            markersize=4,
            linewidth=1,
            label=f"{name}, {where}",
        )
left.set(
    xscale="log",
    yscale="log",
    xlim=lengths[[0, -1]],
    ylim=noises[[0, -1]],
    xlabel="length scale",
    ylabel="noise",
    title="the likelihood, and where it was asked for",
)
left.legend(fontsize="small", loc="lower right")

across = np.linspace(0, 6, 200)[:, None]
for where, name, colour, label in (
    ("far", "gp_optimizer()", "#d55e00", "from the far start"),
    ("far", "gp_optimizer(n_restarts=5)", "#0072b2", "with 5 restarts"),
):
    mean, deviation = models[where, name].predict(across, return_std=True)
    right.plot(across, mean, color=colour, label=label)
    right.fill_between(
        across[:, 0],
        mean - 2 * deviation,
        mean + 2 * deviation,
        color=colour,
        alpha=0.15,
        lw=0,
    )
right.plot(X, y, "o", color="#22303c", markersize=4)
right.set(
    xlabel="x",
    ylabel="y",
    ylim=(-2.2, 2.8),
    title="two explanations, within two deviations",
)
right.legend(loc="upper right", ncols=2, fontsize="small")
plt.show()

# %%
# So there is no reason to leave the default for its own sake. Take ``gp_optimizer`` if
# you want what else the methods have, such as ``maxtime`` for many rows, or restarts
# whose number and seed belong to the optimiser.
