r"""The metric, by differences, in which winners are polished.

In few variables the Hessian costs little more than a gradient or two by differences, and Newton's
steps get along curved valleys where a gradient's steps need thousands.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from skgd._rows import Array
from skgd.metrics import CholeskyMetric

__all__ = ["DifferenceMetric", "from_gradients", "from_values"]

STEP = float(np.finfo(float).eps) ** (1 / 5)
"""Relative step of second differences; rounding and truncation are both near 1e-7 then."""

FLATTEST = 1e-10
"""Curvatures below this share of the largest are taken for this share."""

Values = Callable[[Array], Array]
"""Maps points (m, n) to values (m,), or to gradients (m, n)."""


class DifferenceMetric(CholeskyMetric):
    """A metric that is worth finding anew in each iteration."""

    cheap = True


def from_values(x: Array, lower: Array, upper: Array, values: Values) -> DifferenceMetric | None:
    r"""Return the Hessian by differences of values, made positive definite.

    .. math:: H_{ij} \approx \frac{f(x + h_i + h_j) - f(x + h_i) - f(x + h_j) + f(x)}{h_i h_j}

    at a point x that is moved inward far enough for all the others to lie within the bounds; in
    the diagonal differences are central.  Eigenvalues take their absolute value, as in the
    saddle-free Newton method (Y. Dauphin et al., NIPS 2014).

    Parameters
    ----------
    x, lower, upper : ndarray, shape (n,)
        Point and bounds.
    values : callable
        Maps points (m, n) to values (m,).

    Returns
    -------
    DifferenceMetric or None
        None when the curvature is not finite, or zero.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.many_minima.curvature import from_values
    >>> far = np.full(2, 9.0)
    >>> metric = from_values(np.ones(2), -far, far, lambda x: x[:, 0] ** 2 + 5 * x[:, 1] ** 2)
    >>> metric.product(np.array([1.0, 1.0])).round(3)
    array([ 2., 10.])
    """
    free, h, centre = _stencil(x, lower, upper)
    m = free.size
    i, j = np.triu_indices(m, 1)
    steps = np.zeros((m, x.size))
    steps[np.arange(m), free] = h
    both = centre + steps[i] + steps[j]
    points = np.concatenate((centre[None], centre + steps, centre - steps, both))
    # On the way to a bound and back, rounding may lead beyond it.
    f = values(np.clip(points, lower, upper))
    f0, forth, back, crossed = f[0], f[1 : m + 1], f[m + 1 : 2 * m + 1], f[2 * m + 1 :]
    hessian = np.empty((m, m))
    with np.errstate(all="ignore"):
        hessian[np.arange(m), np.arange(m)] = (forth - 2.0 * f0 + back) / h**2
        hessian[i, j] = hessian[j, i] = (crossed - forth[i] - forth[j] + f0) / (h[i] * h[j])
    return _definite(hessian, free, x.size)


def from_gradients(
    x: Array, lower: Array, upper: Array, gradients: Values
) -> DifferenceMetric | None:
    """Return the Hessian by differences of gradients, made positive definite; see `from_values`.

    Parameters
    ----------
    x, lower, upper : ndarray, shape (n,)
        Point and bounds.
    gradients : callable
        Maps points (m, n) to gradients (m, n).

    Returns
    -------
    DifferenceMetric or None
        None when the curvature is not finite, or zero.
    """
    free, h, centre = _stencil(x, lower, upper)
    m = free.size
    steps = np.zeros((m, x.size))
    steps[np.arange(m), free] = h
    points = np.concatenate((centre + steps, centre - steps))
    g = gradients(np.clip(points, lower, upper))[:, free]
    with np.errstate(all="ignore"):
        hessian = (g[:m] - g[m:]) / (2.0 * h[:, None])
    return _definite(0.5 * (hessian + hessian.T), free, x.size)


def _stencil(x: Array, lower: Array, upper: Array) -> tuple[Array, Array, Array]:
    """Return the coordinates with room, their steps, and the point moved inward."""
    (free,) = np.nonzero(upper > lower)
    width = upper[free] - lower[free]
    h = np.minimum(STEP * np.maximum(np.minimum(width, 1.0), np.abs(x[free])), width / 4)
    centre = x.copy()
    centre[free] = np.clip(x[free], lower[free] + h, upper[free] - h)
    return free, h, centre


def _definite(hessian: Array, free: Array, n: int) -> DifferenceMetric | None:
    """Return the metric of a symmetric matrix, whatever the signs of its eigenvalues."""
    size = np.abs(np.diagonal(hessian))
    if not np.isfinite(hessian).all() or not size.any():
        return None
    with np.errstate(all="ignore"):
        # In units in which the diagonal is one, scales of variables that differ do no harm.
        unit = 1.0 / np.sqrt(np.maximum(size, FLATTEST * size.max()))
        scaled = hessian * unit * unit[:, None]
        if not np.isfinite(scaled).all():
            return None
        eigenvalues, vectors = np.linalg.eigh(scaled)
        eigenvalues = np.abs(eigenvalues)
        eigenvalues = np.maximum(eigenvalues, FLATTEST * eigenvalues.max())
        block = (vectors * eigenvalues) @ vectors.T / unit / unit[:, None]
    if not np.isfinite(block).all():
        return None
    return DifferenceMetric([block], [free], n)
