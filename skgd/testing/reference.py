"""A slow and reliable minimiser that best values are checked and computed with.

It is Newton's method with exact second derivatives, which the problems' complex-safe gradients give
for free. It shares no idea with the first-order methods that the problems are meant to judge.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from skgd._rows import Array


def hessian(jac: Callable[[Any], Array], x: Array) -> Array:
    """Second derivatives at `x` by a complex step through the gradient, exact to rounding.

    Parameters
    ----------
    jac : callable
        Gradient, valid for complex arguments.
    x : (n,) array
        Real point.

    Returns
    -------
    (n, n) array
        Symmetrised.

    Examples
    --------
    >>> import numpy as np
    >>> hessian(lambda x: 2 * x, np.zeros(2))
    array([[2., 0.],
           [0., 2.]])
    """
    step = 1e-30
    columns = [jac(x + 1j * step * unit).imag / step for unit in np.eye(x.size)]
    matrix = np.array(columns)
    symmetric: Array = (matrix + matrix.T) / 2
    return symmetric


def newton_minimum(
    fun: Callable[[Any], Any],
    jac: Callable[[Any], Array],
    x0: Array,
    *,
    lower: Array | float = -np.inf,
    upper: Array | float = np.inf,
    maxiter: int = 1000,
) -> tuple[Array, float]:
    """Descend to a local minimum in a box until rounding stops it.

    Each step is a Newton step in the free variables, scaled by the Hessian's diagonal, with
    negative curvature reflected and a Levenberg-Marquardt term that grows until the value
    decreases. It ends when no step decreases the value, or when the model promises less than 1e-32
    of it.

    Parameters
    ----------
    fun, jac : callable
        Function and gradient; the gradient is valid for complex arguments.
    x0 : (n,) array
        Start; clipped to the box.
    lower, upper : float or (n,) array, default no limit
        Box.
    maxiter : int, default 1000
        Limit on accepted steps.

    Returns
    -------
    x : (n,) array
        The minimiser that was reached.
    value : float
        ``fun(x)``.

    Examples
    --------
    >>> import numpy as np
    >>> start = np.zeros(1)
    >>> x, value = newton_minimum(
    ...     lambda x: (x - 2) @ (x - 2), lambda x: 2 * (x - 2), start, upper=1
    ... )
    >>> x, float(value)
    (array([1.]), 1.0)
    """
    x = np.clip(np.array(x0, dtype=float), lower, upper)
    value = fun(x)
    damping = 1e-3
    for _ in range(maxiter):
        gradient = jac(x)
        blocked = ((x <= lower) & (gradient > 0)) | ((x >= upper) & (gradient < 0))
        free = np.flatnonzero(~blocked)
        curvature = hessian(jac, x)[np.ix_(free, free)]
        if free.size == 0 or not np.all(np.isfinite(curvature)):
            break
        diagonal = np.abs(np.diag(curvature))
        scale = np.sqrt(np.maximum(diagonal, 1e-16 * diagonal.max(initial=0.0) + 1e-300))
        eigenvalues, basis = np.linalg.eigh(curvature / np.outer(scale, scale))
        slopes = basis.T @ (gradient[free] / scale)
        promised = slopes @ (slopes / np.maximum(np.abs(eigenvalues), damping))
        if promised <= 1e-32 * max(1.0, abs(value)):
            break
        for _ in range(100):
            shifted = np.abs(eigenvalues) + damping
            trial = x.copy()
            trial[free] -= (basis @ (slopes / np.maximum(shifted, 1e-300))) / scale
            trial = np.clip(trial, lower, upper)
            trial_value = fun(trial)
            if trial_value < value:
                break
            damping = max(4 * damping, 1e-15)
        else:
            break
        x, value = trial, trial_value
        damping /= 10
    return x, value
