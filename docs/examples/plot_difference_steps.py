"""
The step of a finite difference
===============================

Without a derivative, the slope comes from values at two points. If these are far
apart, the function is no straight line between them; if they are near, the digits in
which the values differ are lost. Noise moves the best distance by orders of
magnitude. This page measures where it is, and where skgd's own steps land.
"""

# %%
# Values with all their digits
# ----------------------------
#
# The schemes can be called with a function and a point, so their errors are easily
# measured for every step *h*. They should be below
#
# .. math::
#
#     \tfrac12 |f''| h + \frac{2\epsilon |f|}{h} \quad\text{and}\quad
#     \tfrac16 |f'''| h^2 + \frac{\epsilon |f|}{h}
#
# for forward and central differences, up to higher powers of *h*, where
# :math:`\epsilon` is the rounding error. The complex step subtracts nothing.

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize

from skgd import Central, ComplexStep, Forward, gd_spectral

BLUE, VERMILION, GREEN, INK = "#0072b2", "#d55e00", "#009e73", "#22303c"
EPSILON = np.finfo(float).eps
AT = [1.0]


def f(x):
    return np.exp(np.sin(3 * x[0]))


inner, outer = 3 * np.cos(3.0), np.exp(np.sin(3.0))
first = outer * inner
second = outer * (inner**2 - 9 * np.sin(3.0))
third = outer * (inner**3 - 27 * inner * np.sin(3.0) - 9 * inner)

schemes = {"forward": Forward, "central": Central, "complex": ComplexStep}
looks = {"forward": (BLUE, "o"), "central": (VERMILION, "s"), "complex": (GREEN, "^")}
steps = np.geomspace(1e-15, 1, 91)
errors = {
    name: np.array([abs(scheme(step=h)(f, AT)[0] - first) for h in steps])
    for name, scheme in schemes.items()
}
bounds = {
    "forward": abs(second) * steps / 2 + 2 * EPSILON * outer / steps,
    "central": abs(third) * steps**2 / 6 + EPSILON * outer / steps,
}
default = {"forward": EPSILON ** (1 / 2), "central": EPSILON ** (1 / 3)}
for name, bound in bounds.items():
    small = steps < 0.05
    assert np.all(errors[name][small] <= 1.5 * bound[small])

# %%
# Nobody tells a scheme the second and third derivatives. skgd takes steps of
# :math:`\epsilon^{1/2}` and :math:`\epsilon^{1/3}`, times :math:`\max(1, |x|)`,
# and loses little by it:

print("          step     error    least bound of all steps")
for name, h in default.items():
    error = abs(schemes[name]()(f, AT)[0] - first)
    print(f"{name:8}{h:7.0e}{error:10.0e}{bounds[name].min():16.0e}")
error = abs(ComplexStep()(f, AT)[0] - first)
print(f"complex {1e-20:7.0e}{error:10.0e}")

# %%
# Values with noise
# -----------------
#
# Now each value has an error of its own, with the standard deviation
# :math:`\sigma` = 1e-4. The same steps would be useless: :math:`\sigma/h` is several
# thousand. With ``noise="auto"``, or a number if it is known, a method finds the
# noise and the curvature from a few values, and the step from both.

SIGMA = 1e-4
chance = np.random.default_rng(0)


def noisy(x):
    return f(x) + SIGMA * chance.normal()


best = {
    "forward": 8**0.25 * np.sqrt(SIGMA / abs(second)),
    "central": (3 * SIGMA / abs(third)) ** (1 / 3),
}
found = {}
for name, gradient in {"forward": "2-point", "central": "3-point"}.items():
    options = {"gradient": gradient, "noise": "auto", "maxiter": 0}
    res = minimize(noisy, AT, method=gd_spectral, options=options)
    found[name] = res.steps[0]
    print(
        f"{name}: noise found {res.noise:.1e} (true: {SIGMA:.1e}), "
        f"step {found[name]:.4f} (best in theory: {best[name]:.4f}), {res.nfev} values"
    )
    assert 0.5 < found[name] / best[name] < 2

# %%
# The picture has the errors that were measured, on the right the root mean square
# of 40 repetitions, and as lines what theory says. Some errors of the complex step
# are zero; a logarithmic scale has no place for them.

wide = np.geomspace(1e-5, 1, 41)


def scatter(scheme):
    squares = [[(scheme(noisy, AT)[0] - first) ** 2 for _ in range(40)]]
    return np.sqrt(np.mean(squares))


expected = {
    "forward": np.hypot(second * wide / 2, np.sqrt(2) * SIGMA / wide),
    "central": np.hypot(third * wide**2 / 6, SIGMA / wide / np.sqrt(2)),
}
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
for name, (colour, marker) in looks.items():
    seen = np.where(errors[name] > 0, errors[name], np.nan)
    left.loglog(steps, seen, marker, color=colour, markersize=3.5, label=name)
for name, h in default.items():
    colour, marker = looks[name]
    left.loglog(steps, bounds[name], color=colour, linewidth=1)
    left.axvline(h, color=colour, linestyle=":")
    seen = [scatter(schemes[name](step=h)) for h in wide]
    right.loglog(wide, seen, marker, color=colour, markersize=3.5)
    right.loglog(wide, expected[name], color=colour, linewidth=1)
    right.axvline(found[name], color=colour, linestyle=":")
left.plot([], [], color=INK, linewidth=1, label="theory")
left.plot([], [], ":", color=INK, label="skgd's own step")
left.set(title="Exact values", ylim=(1e-17, 1e2), ylabel="error of the derivative")
figure.legend(frameon=False, loc="outside lower center", ncols=5)
right.set(title="Values with noise of 1e-4")
for ax in (left, right):
    ax.set_xlabel("step h")
    ax.spines[["top", "right"]].set_visible(False)
