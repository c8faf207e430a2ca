"""Half deviances of positive targets: counts, durations, amounts; the mean is ``exp(p)``."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from skgd._checks import real_number
from skgd._rows import Array

from .base import Loss, out_of_range, quiet
from .centres import mean_of

__all__ = ["Gamma", "Poisson", "Tweedie"]

_SMALLEST_MEAN = 1e-10
"""For the logarithm of a mean that is zero."""


class _Deviance(Loss):
    """A loss with logarithmic link; the best constant mean is the mean."""

    kind = "regression"

    @quiet
    def predict(self, p: Array) -> Array:
        """Return the means ``exp(p)``; see `Loss.predict`."""
        return np.exp(p)

    def _constant(self, y: Array, weights: Array | None) -> float:
        return math.log(max(mean_of(y, weights), _SMALLEST_MEAN))


@dataclass(frozen=True)
class Poisson(_Deviance):
    r"""Half the Poisson deviance, :math:`\ell = e^p - y p`, up to a function of y.

    Take it for counts and rates, and whenever the mean is positive and the variance proportional to
    it.  Targets must not be negative.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import Poisson
    >>> Poisson().derivative(np.array([3.0]), np.log([5.0]))
    array([2.])
    """

    name = "poisson"
    formula = "exp(p) - y*p"

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        value = np.exp(p)
        value -= y * p
        return value

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return means less targets; see `Loss.derivative`."""
        derivative = np.exp(p)
        derivative -= y
        return derivative

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        mean = np.exp(p)
        value = y * p
        np.subtract(mean, value, out=value)
        mean -= y
        return value, mean

    @quiet
    def curvature(self, y: Array, p: Array) -> Array:
        """Return the means; see `Loss.curvature`."""
        return np.exp(p)

    def check_target(self, y: Array) -> None:
        """Raise ValueError when a target is negative."""
        out_of_range(self, y, y < 0, "not be negative")


@dataclass(frozen=True)
class Gamma(_Deviance):
    r"""Half the gamma deviance, :math:`\ell = y e^{-p} + p`, up to a function of y.

    Take it for durations and amounts whose standard deviation is proportional to the mean.  Targets
    must be positive.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import Gamma
    >>> Gamma().derivative(np.array([3.0]), np.log([6.0]))
    array([0.5])
    """

    name = "gamma"
    formula = "y*exp(-p) + p"

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        value = self.curvature(y, p)
        value += p
        return value

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return one less the ratios of targets and means; see `Loss.derivative`."""
        ratio = self.curvature(y, p)
        return np.subtract(1, ratio, out=ratio)

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        ratio = self.curvature(y, p)
        value = ratio + p
        return value, np.subtract(1, ratio, out=ratio)

    @quiet
    def curvature(self, y: Array, p: Array) -> Array:
        """Return the ratios of targets and means; see `Loss.curvature`."""
        ratio = -p
        np.exp(ratio, out=ratio)
        ratio *= y
        return ratio

    def check_target(self, y: Array) -> None:
        """Raise ValueError when a target is not positive."""
        out_of_range(self, y, y <= 0, "be positive")


@dataclass(frozen=True)
class Tweedie(_Deviance):
    r"""Half the Tweedie deviance with the variance function :math:`\mu^k`, :math:`\mu = e^p`.

    .. math:: \ell = \frac{e^{(2-k)p}}{2-k} - y\,\frac{e^{(1-k)p}}{1-k}

    up to a function of y; for :math:`k = 1` and :math:`k = 2` its limits, `Poisson` and `Gamma`.
    Take a power between 1 and 2 for amounts that are often exactly zero, such as insurance claims,
    and 3 for the inverse Gaussian distribution.  Convex for powers from 1 to 2 only.

    Parameters
    ----------
    power : float, default 1.5
        The power k, at most 0 or at least 1.  Targets may be any number for k <= 0, must not be
        negative for 1 <= k < 2, and must be positive for k >= 2.

    Raises
    ------
    ValueError
        When the power lies between 0 and 1, where no such distribution exists.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import Tweedie
    >>> Tweedie(power=1.5).value(np.array([0.0, 2.0]), np.array([0.0, 0.0]))
    array([2., 6.])
    """

    power: float = 1.5

    name = "tweedie"
    formula = "exp((2 - power)*p)/(2 - power) - y*exp((1 - power)*p)/(1 - power)"

    def __post_init__(self) -> None:
        power = real_number("power", self.power)
        if 0 < power < 1:
            raise ValueError(
                f"power must be at most 0 or at least 1, got {power!r}: there is no Tweedie "
                "distribution between"
            )
        object.__setattr__(self, "power", power)

    @property
    def convex(self) -> bool:
        """Whether the power is from 1 to 2."""
        return 1 <= self.power <= 2

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        mean, target = self._terms(y, p)
        return self._value(y, p, mean, target)

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return the derivatives; see `Loss.derivative`."""
        mean, target = self._terms(y, p)
        return self._difference(mean, target)

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        mean, target = self._terms(y, p)
        return self._value(y, p, mean, target), self._difference(mean, target)

    @quiet
    def curvature(self, y: Array, p: Array) -> Array:
        """Return the second derivatives; see `Loss.curvature`."""
        mean, target = self._terms(y, p)
        mean *= 2 - self.power
        target *= 1 - self.power
        return self._difference(mean, target, math.inf)

    def check_target(self, y: Array) -> None:
        """Raise ValueError when a target does not fit the power."""
        if self.power >= 2:
            out_of_range(self, y, y <= 0, f"be positive for power {self.power:g}")
        elif self.power >= 1:
            out_of_range(self, y, y < 0, f"not be negative for power {self.power:g}")

    def _terms(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return the derivatives of both terms, exp((2-k)p) and y exp((1-k)p)."""
        mean = p * (2 - self.power)
        np.exp(mean, out=mean)
        target = p * (1 - self.power)
        if self.convex:
            # A target of zero times infinity would not be a number.
            np.minimum(target, 0.99 * math.log(np.finfo(p.dtype).max), out=target)
        np.exp(target, out=target)
        target *= y
        return mean, target

    def _value(self, y: Array, p: Array, mean: Array, target: Array) -> Array:
        first = p if self.power == 2 else mean / (2 - self.power)
        second = y * p if self.power == 1 else target / (1 - self.power)
        return self._difference(first, second, math.inf)

    def _difference(self, a: Array, b: Array, extreme: float | None = None) -> Array:
        difference = a - b
        if not self.convex:
            # Where both terms are infinite the one with the larger exponent is beyond comparison.
            far = (math.inf if self.power < 1 else -math.inf) if extreme is None else extreme
            np.copyto(difference, far, where=np.isnan(difference))
        return difference
