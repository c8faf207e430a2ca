"""
Adam and L-BFGS-B on noise
==========================

Two values of a noisy function differ, and not because of the slope. This page
compares what five ways to minimise make of it, with equal numbers of evaluations,
from almost no noise to much.
"""

# %%
# The function is a bowl in 20 variables, turned by chance so that no axis is
# special, with curvatures from 1 to 10. No derivative is given. Every run may take
# 2000 evaluations; L-BFGS-B, which soon believes that it has converged, is started
# again where it stopped until it has used them up.

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize
from scipy.stats import ortho_group

from skgd import gd_adam, gd_spsa

AXES = ortho_group.rvs(20, random_state=0)
CURVATURES = np.linspace(1, 10, 20)
BUDGET = 2000
SEEDS = range(5)
NOISE = [1e-13, 1e-9, 1e-5, 1e-1]


def exact(x):
    return 0.5 * CURVATURES @ (AXES @ (x - 1)) ** 2


def run(method, options, sigma, seed):
    """Return the exact values after each evaluation, and that of the end."""
    chance = np.random.default_rng(seed)
    values = np.full(BUDGET + 1, exact(np.zeros(20)))
    count = 0

    def measured(x):
        nonlocal count
        count += 1
        return exact(x) + sigma * chance.normal()

    def look(intermediate_result):
        values[count:] = exact(intermediate_result.x)

    x = np.zeros(20)
    limit = "maxfun" if method == "L-BFGS-B" else "maxfev"
    while count < BUDGET - len(x):  # enough for one more gradient
        res = minimize(
            measured,
            x,
            method=method,
            callback=look,
            options={**options, "gtol": 0, limit: BUDGET - count},
        )
        x = res.x
    return values[:BUDGET], exact(x)


# %%
# The contestants
# ---------------
#
# *As it is*, a method takes differences over a distance of about 1e-8. For L-BFGS-B
# there are longer ones, too, which suit the noise :math:`\sigma` and the curvature;
# here they are known. With ``noise="auto"`` Adam finds both out first, and pays for
# that with evaluations. ``gd_spsa`` changes all variables at once, by chance, so
# that two values make a gradient, and averages the last iterates.


def contestants(sigma):
    step = 2 * np.sqrt(sigma / np.median(CURVATURES))
    return {
        "L-BFGS-B as it is": ("L-BFGS-B", {"ftol": 0}),
        "L-BFGS-B, long differences": (
            "L-BFGS-B",
            {"ftol": 0, "eps": step},
        ),
        "gd_adam as it is": (gd_adam, {}),
        'gd_adam, noise="auto"': (gd_adam, {"noise": "auto"}),
        "gd_spsa": (gd_spsa, {"rng": 0}),
    }


curves, ends = {}, {}
for sigma in NOISE:
    for name, (method, options) in contestants(sigma).items():
        runs = [run(method, options, sigma, seed) for seed in SEEDS]
        curves[name, sigma] = np.array([values for values, _ in runs])
        ends[name, sigma] = np.median([end for _, end in runs])

print(
    f"{'end above the minimum, with noise':>34}",
    *(f"{s:8g}" for s in NOISE),
)
names = list(contestants(1.0))
for name in names:
    print(f"{name:>34}", *(f"{ends[name, sigma]:8.1e}" for sigma in NOISE))

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 4.6))
for name, marker in zip(names, "os^Dv", strict=True):
    middle = np.median(curves[name, 0.1], axis=0)
    low, high = np.quantile(curves[name, 0.1], [0.25, 0.75], axis=0)
    (line,) = left.plot(middle)
    left.fill_between(np.arange(BUDGET), low, high, alpha=0.2)
    right.plot(
        NOISE,
        [ends[name, sigma] for sigma in NOISE],
        marker=marker,
        label=name,
        color=line.get_color(),
        linestyle=line.get_linestyle(),
    )
left.set(
    yscale="log",
    xlabel="evaluations",
    ylabel="exact value above the minimum",
    title="on the way, noise 0.1",
)
right.set(
    xscale="log",
    yscale="log",
    xlabel="standard deviation of the noise",
    title=f"at the end, after {BUDGET} evaluations",
)
figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=3)
plt.show()

# %%
# Lines are medians of five seeds; half of the runs are in the shaded bands.
#
# * As they are, both methods hardly move once the noise is 1e-5, although the value
#   at the start is six million times as large: over 1e-8 a difference shows nothing
#   but noise. Adam is made for gradients that are right on the average and noisy; it
#   cannot make a gradient of no information.
# * With differences that suit the noise, both come to within a few :math:`\sigma`,
#   and no difference gets much nearer. L-BFGS-B is there sooner, with somebody's
#   knowledge of :math:`\sigma`; Adam finds it out.
# * For much noise take ``gd_spsa``, which goes on where differences have come to
#   their end. For little noise do not: its gradients are noisy by themselves.
#
# :doc:`/user/noisy` says more about each.
