r"""Losses of nonlinear regression, as functions of target and prediction.

The robust ones are SciPy's, :math:`\tfrac12 C^2 \rho(z)` with :math:`z = ((y - m)/C)^2` and the
scale C (``f_scale``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._rows import Array

__all__ = ["ROBUST", "GeneralLoss", "ResidualLoss", "RobustLoss", "SquaredError"]

LEAST = 0.25
"""Least curvature of a robust loss, as a share of the weight that it gives a residual: steps in the
metric of a smaller one would be carried away by the outliers."""

FLAT = 0.01
"""The same for any other loss, as a share of the mean curvature."""


class ResidualLoss(ABC):
    """A loss of target and prediction with two derivatives."""

    @abstractmethod
    def values(self, y: Array, p: Array) -> Array:
        """Return the loss of each row, of shape (n,)."""

    @abstractmethod
    def derivatives(self, y: Array, p: Array, exact: bool = False) -> tuple[Array, Array]:
        """Return the first and second derivatives by the prediction; the second is positive.

        Parameters
        ----------
        y, p : ndarray, shape (n,)
            Target and prediction.
        exact : bool, default False
            Whether the second derivative may be as small as SciPy lets it be, which is what
            covariances are made of; else it is limited, for good steps.
        """

    def dispersion(self, value: float, squares: float) -> float:
        """Return the mean square that the variance of the targets is estimated from.

        Parameters
        ----------
        value : float
            The mean loss.
        squares : float
            The mean square of the first derivatives over the roots of the second ones.
        """
        return 2.0 * value

    def predict(self, p: Array) -> Array:
        """Return the prediction of the target for values of the model."""
        return p


@dataclass(frozen=True)
class SquaredError(ResidualLoss):
    r"""Half of the squared error, :math:`(y - m)^2/2`."""

    def values(self, y: Array, p: Array) -> Array:
        """Return the losses."""
        with np.errstate(all="ignore"):
            residuals = p - y
            residuals *= residuals
            residuals *= 0.5
        return residuals

    def derivatives(self, y: Array, p: Array, exact: bool = False) -> tuple[Array, Array]:
        """Return residuals and ones."""
        return p - y, np.ones_like(p)


Rho = Callable[[Array], tuple[Array, Array, Array]]
"""A function of z with its first two derivatives."""


def _soft_l1(z: Array) -> tuple[Array, Array, Array]:
    root = np.sqrt(1.0 + z)
    return 2.0 * (z / (root + 1.0)), 1.0 / root, -0.5 / root**3


def _huber(z: Array) -> tuple[Array, Array, Array]:
    inside = z <= 1.0
    root = np.sqrt(np.where(inside, 1.0, z))
    return (
        np.where(inside, z, 2.0 * root - 1.0),
        np.where(inside, 1.0, 1.0 / root),
        np.where(inside, 0.0, -0.5 / root**3),
    )


def _cauchy(z: Array) -> tuple[Array, Array, Array]:
    return np.log1p(z), 1.0 / (1.0 + z), -1.0 / (1.0 + z) ** 2


def _arctan(z: Array) -> tuple[Array, Array, Array]:
    square = 1.0 + z**2
    return np.arctan(z), 1.0 / square, -2.0 * z / square**2


ROBUST: Mapping[str, Rho] = {
    "soft_l1": _soft_l1,
    "huber": _huber,
    "cauchy": _cauchy,
    "arctan": _arctan,
}
"""The robust losses of `scipy.optimize.least_squares` by name."""


@dataclass(frozen=True)
class RobustLoss(ResidualLoss):
    r"""A loss that large residuals do not dominate, :math:`\tfrac12 C^2 \rho(((y - m)/C)^2)`.

    Parameters
    ----------
    name : str
        A name in `ROBUST`.
    scale : float
        The residual C beyond which rows count as outliers, positive.
    """

    name: str
    scale: float

    def values(self, y: Array, p: Array) -> Array:
        """Return the losses."""
        with np.errstate(all="ignore"):
            value, _, _ = ROBUST[self.name](((p - y) / self.scale) ** 2)
            return np.asarray(0.5 * self.scale**2 * value)

    def derivatives(self, y: Array, p: Array, exact: bool = False) -> tuple[Array, Array]:
        """Return the derivatives; the second as SciPy takes it when `exact`."""
        with np.errstate(all="ignore"):
            residuals = p - y
            z = (residuals / self.scale) ** 2
            _, weight, bend = ROBUST[self.name](z)
            least = np.finfo(float).eps if exact else LEAST * weight
            return weight * residuals, np.maximum(weight + 2.0 * bend * z, least)


@dataclass(frozen=True)
class GeneralLoss(ResidualLoss):
    """Any smooth loss of `skgd.losses`.

    Parameters
    ----------
    loss : Loss
        The loss.
    """

    loss: Any

    def values(self, y: Array, p: Array) -> Array:
        """Return the losses."""
        with np.errstate(all="ignore"):
            return np.asarray(self.loss.value(y, p))

    def derivatives(self, y: Array, p: Array, exact: bool = False) -> tuple[Array, Array]:
        """Return the derivatives."""
        with np.errstate(all="ignore"):
            slopes = np.asarray(self.loss.derivative(y, p))
            curvatures = np.maximum(self.loss.curvature(y, p), 0.0)
            least = max(FLAT * float(curvatures.mean()), float(np.finfo(float).tiny))
            return slopes, np.maximum(curvatures, least)

    def dispersion(self, value: float, squares: float) -> float:
        """Return Pearson's statistic, by the row."""
        return squares

    def predict(self, p: Array) -> Array:
        """Return the prediction of the target, such as its exponential for a log link."""
        return np.asarray(self.loss.predict(p))
