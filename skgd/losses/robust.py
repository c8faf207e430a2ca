"""Losses between the squared and the absolute error, for data with outliers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skgd._checks import positive
from skgd._rows import Array

from .base import Loss, quiet
from .centres import mean_of, quantile_of, root_of

__all__ = ["Huber", "LogCosh"]


class _Robust(Loss):
    """A loss whose constant lies between median and mean."""

    kind = "regression"

    def _constant(self, y: Array, weights: Array | None) -> float:
        def slope(c: float) -> tuple[float, float]:
            at = np.full_like(y, c)
            return mean_of(self.derivative(y, at), weights), mean_of(self.curvature(y, at), weights)

        return root_of(slope, quantile_of(y, weights, 0.5), float(y.min()), float(y.max()))


@dataclass(frozen=True)
class Huber(_Robust):
    r"""Squared for small errors, absolute for large ones.

    .. math::

        \ell = \begin{cases} r^2/2 & |r| \le \epsilon \\
               \epsilon |r| - \epsilon^2/2 & |r| > \epsilon \end{cases}, \qquad r = y - p

    Take it when some targets are far off: an outlier pulls with the constant force
    :math:`\epsilon`.  This is the convention of scikit-learn's ``SGDRegressor``, where
    :math:`\epsilon` is in the units of the target.

    Parameters
    ----------
    epsilon : float, default 1.35
        The error from which on the loss is linear, in the units of the target.

    Raises
    ------
    ValueError
        When epsilon is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import Huber
    >>> Huber(epsilon=1.0).value(np.array([0.5, 10.0]), np.zeros(2))
    array([0.125, 9.5 ])
    """

    epsilon: float = 1.35

    name = "huber"
    formula = (
        "Piecewise(((y - p)**2/2, abs(y - p) <= epsilon), "
        "(epsilon*abs(y - p) - epsilon**2/2, True))"
    )

    @property
    def local(self) -> bool:
        """Whether only some predictions have curvature; see `Loss.local`."""
        return True

    def widened(self, factor: float) -> Huber:
        """Return the loss with a larger `epsilon`; see `Loss.widened`."""
        return Huber(factor * self.epsilon)

    def __post_init__(self) -> None:
        object.__setattr__(self, "epsilon", positive("epsilon", self.epsilon))

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        return self.value_and_derivative(y, p)[0]

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return the clipped errors; see `Loss.derivative`."""
        error = p - y
        return np.clip(error, -self.epsilon, self.epsilon, out=error)

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        # With the clipped error c the loss is c*(r - c/2) in both branches.
        error = p - y
        clipped = np.clip(error, -self.epsilon, self.epsilon)
        error -= 0.5 * clipped
        error *= clipped
        return error, clipped

    def curvature(self, y: Array, p: Array) -> Array:
        """Return ones where the loss is squared, else zeros; see `Loss.curvature`."""
        return np.asarray(np.abs(p - y) <= self.epsilon, dtype=p.dtype)


@dataclass(frozen=True)
class LogCosh(_Robust):
    r"""The logarithm of the hyperbolic cosine, :math:`\ell = \log\cosh(y - p)`.

    About half the squared error for small errors and the absolute error less :math:`\log 2` for
    large ones, with derivatives of every order; the bend lies at errors of 1, so bring the target
    to that scale.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import LogCosh
    >>> LogCosh().derivative(np.array([0.0, 0.0]), np.array([0.1, 1000.0]))
    array([0.09966799, 1.        ])
    """

    name = "log_cosh"
    formula = "log(cosh(y - p))"

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        # log cosh r = |r| + log(1 + expm1(-2|r|)/2): nothing overflows.
        size = p - y
        np.abs(size, out=size)
        value = size * -2
        np.expm1(value, out=value)
        value *= 0.5
        np.log1p(value, out=value)
        value += size
        # What rounding leaves near zero can be negative.
        return np.asarray(np.maximum(value, 0, out=value))

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return the hyperbolic tangents of the errors; see `Loss.derivative`."""
        error = p - y
        return np.asarray(np.tanh(error, out=error))

    @quiet
    def curvature(self, y: Array, p: Array) -> Array:
        """Return one less the squared derivatives; see `Loss.curvature`."""
        slope = self.derivative(y, p)
        slope *= slope
        return np.subtract(1, slope, out=slope)
