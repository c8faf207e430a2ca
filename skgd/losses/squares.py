"""Squared errors, symmetric or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skgd._checks import fraction
from skgd._rows import Array

from .base import Loss, quiet
from .centres import mean_of, root_of

__all__ = ["Expectile", "SquaredError"]


@dataclass(frozen=True)
class SquaredError(Loss):
    r"""Half the squared error, :math:`\ell = (y - p)^2 / 2`.

    Estimates the mean: the loss to take unless there is a reason for another.  Few large errors
    dominate it; then take `Huber`.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import SquaredError
    >>> SquaredError().value(np.array([1.0, 5.0]), np.array([0.0, 2.0]))
    array([0.5, 4.5])
    """

    name = "squared_error"
    kind = "regression"
    formula = "(y - p)**2/2"

    @property
    def quadratic(self) -> bool:
        """Whether the second derivative is the same everywhere; see `Loss.quadratic`."""
        return True

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        value = p - y
        value *= value
        value *= 0.5
        return value

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return the derivatives, the errors ``p - y``; see `Loss.derivative`."""
        return p - y

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        error = p - y
        value = error * error
        value *= 0.5
        return value, error

    def curvature(self, y: Array, p: Array) -> Array:
        """Return ones; see `Loss.curvature`."""
        return np.ones_like(p)

    def _constant(self, y: Array, weights: Array | None) -> float:
        return mean_of(y, weights)


@dataclass(frozen=True)
class Expectile(Loss):
    r"""Squared error with two prices, :math:`\ell = |\tau - 1[y < p]|\,(y - p)^2`.

    Take it when errors on one side cost more and large errors cost much more than small ones, or to
    estimate an expectile: the smooth relative of a quantile.  For :math:`\tau = 1/2` it is
    `SquaredError`.

    Parameters
    ----------
    expectile : float, default 0.5
        The price :math:`\tau`, in (0, 1), of a prediction that is too low; one that is too high
        has the price :math:`1 - \tau`.

    Raises
    ------
    ValueError
        When the expectile is not in (0, 1).

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import Expectile
    >>> Expectile(0.9).value(np.array([1.0, 1.0]), np.array([0.0, 2.0]))
    array([0.9, 0.1])
    """

    expectile: float = 0.5

    name = "expectile"
    kind = "regression"
    formula = "Piecewise((expectile*(y - p)**2, y > p), ((1 - expectile)*(y - p)**2, True))"

    def __post_init__(self) -> None:
        object.__setattr__(self, "expectile", fraction("expectile", self.expectile, zero=False))

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        return self.value_and_derivative(y, p)[0]

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return the derivatives; see `Loss.derivative`."""
        return self.value_and_derivative(y, p)[1]

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        error = p - y
        derivative = np.maximum(error, 0)
        derivative *= 1 - 2 * self.expectile
        derivative += self.expectile * error
        error *= derivative
        derivative *= 2
        return error, derivative

    def curvature(self, y: Array, p: Array) -> Array:
        """Return twice the prices; see `Loss.curvature`."""
        prices = (p > y).astype(p.dtype)
        prices *= 2 - 4 * self.expectile
        prices += 2 * self.expectile
        return np.asarray(prices)

    def _constant(self, y: Array, weights: Array | None) -> float:
        def slope(c: float) -> tuple[float, float]:
            at = np.full_like(y, c)
            return mean_of(self.derivative(y, at), weights), mean_of(self.curvature(y, at), weights)

        return root_of(slope, mean_of(y, weights), float(y.min()), float(y.max()))
