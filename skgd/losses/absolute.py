"""Absolute errors: the losses of medians, quantiles and percentages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skgd._checks import fraction, not_negative
from skgd._rows import Array

from .base import quiet
from .centres import quantile_of
from .kinks import Kinked, absolute, peak, ramp, sign

__all__ = ["MAPE", "AbsoluteError", "EpsilonInsensitive", "Quantile"]

_SMALLEST_TARGET = float(np.finfo(np.float64).eps)
"""What a percentage is taken of when the target is smaller, as in scikit-learn's metric."""


@dataclass(frozen=True)
class AbsoluteError(Kinked):
    r"""The absolute error, :math:`\ell = |y - p|`.

    Estimates the median.  Take it when outliers shall not matter at all, or when the cost of an
    error is proportional to its size.

    Parameters
    ----------
    width : float, default 0
        Errors up to which the loss is squared, :math:`r^2 / 2w`, instead of absolute (beyond it is
        :math:`|r| - w/2`); 0 is the exact loss.

    Raises
    ------
    ValueError
        When the width is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import AbsoluteError
    >>> AbsoluteError().value(np.array([1.0, 5.0]), np.array([0.0, 7.0]))
    array([1., 2.])
    """

    name = "absolute_error"
    kind = "regression"
    formula = "abs(y - p)"

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        return self.value_and_derivative(y, p)[0]

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return the signs of the errors; see `Loss.derivative`."""
        return sign(p - y, self.width)

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        error = p - y
        s = sign(error, self.width)
        return absolute(error, s, self.width), s

    def curvature(self, y: Array, p: Array) -> Array:
        """Return zeros, but within the width of the kink; see `Loss.curvature`."""
        return peak(p - y, self.width)


@dataclass(frozen=True)
class Quantile(Kinked):
    r"""The pinball loss, :math:`\ell = \max(q\,r, (q - 1)\,r)` with :math:`r = y - p`.

    Estimates the quantile q of the target given the features.  Take it for prediction intervals, or
    when a prediction that is too low costs :math:`q/(1-q)` times as much as one that is too high.

    Parameters
    ----------
    quantile : float, default 0.5
        The level q, in (0, 1); 0.5 is the median and half the absolute error.
    width : float, default 0
        Errors up to which the kink is rounded off; 0 is the exact loss.

    Raises
    ------
    ValueError
        When the quantile is not in (0, 1), or the width is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import Quantile
    >>> Quantile(0.9).value(np.array([1.0, 1.0]), np.array([0.0, 2.0]))
    array([0.9, 0.1])
    """

    quantile: float = 0.5

    name = "quantile"
    kind = "regression"
    formula = "max(quantile*(y - p), (quantile - 1)*(y - p))"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "quantile", fraction("quantile", self.quantile, zero=False))

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        error = p - y
        return self._value(error, sign(error, self.width))

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return ``1 - q`` where the prediction is too high, else ``-q``; see `Loss.derivative`."""
        return self._derivative(sign(p - y, self.width))

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        error = p - y
        s = sign(error, self.width)
        return self._value(error, s), self._derivative(s)

    def curvature(self, y: Array, p: Array) -> Array:
        """Return zeros, but within the width of the kink; see `Loss.curvature`."""
        return 0.5 * peak(p - y, self.width)

    # With e = p - y the loss is |e|/2 + (1/2 - q) e.  Both functions consume an argument.

    def _value(self, error: Array, s: Array) -> Array:
        value = absolute(error, s, self.width)
        value *= 0.5
        error *= 0.5 - self.quantile
        value += error
        return value

    def _derivative(self, s: Array) -> Array:
        s *= 0.5
        s += 0.5 - self.quantile
        return s

    def _constant(self, y: Array, weights: Array | None) -> float:
        return quantile_of(y, weights, self.quantile)


@dataclass(frozen=True)
class EpsilonInsensitive(Kinked):
    r"""The absolute error beyond a tolerance, :math:`\ell = \max(0, |y - p| - \epsilon)`.

    The loss of support vector regression.  Take it when errors up to :math:`\epsilon` do not
    matter.

    Parameters
    ----------
    epsilon : float, default 0.1
        The tolerance, in the units of the target.
    width : float, default 0
        Distance from the two kinks within which they are rounded off; 0 is the exact loss.

    Raises
    ------
    ValueError
        When epsilon or the width is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import EpsilonInsensitive
    >>> EpsilonInsensitive(epsilon=1.0).value(np.array([0.5, 3.0]), np.zeros(2))
    array([0., 2.])
    """

    epsilon: float = 0.1

    name = "epsilon_insensitive"
    kind = "regression"
    formula = "max(0, abs(y - p) - epsilon)"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "epsilon", not_negative("epsilon", self.epsilon))

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        return self.value_and_derivative(y, p)[0]

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return the signs of the errors that matter; see `Loss.derivative`."""
        above, below = self._excess(y, p)
        return self._derivative(sign(above, self.width), sign(below, self.width))

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        above, below = self._excess(y, p)
        s, t = sign(above, self.width), sign(below, self.width)
        value = ramp(above, s, self.width)
        value += ramp(below, t, self.width)
        return value, self._derivative(s, t)

    def curvature(self, y: Array, p: Array) -> Array:
        """Return zeros, but within the width of the kinks; see `Loss.curvature`."""
        above, below = self._excess(y, p)
        return 0.5 * (peak(above, self.width) + peak(below, self.width))

    def touching(self, y: Array, p: Array) -> Array:
        """Return the end of the tolerance that the slope belongs to; see `Loss.touching`."""
        slope = self.derivative(y, p)
        u = np.clip(p, y - self.epsilon, y + self.epsilon)
        u = np.where(slope > 0, y + self.epsilon, np.where(slope < 0, y - self.epsilon, u))
        return np.where(np.abs(slope) < 1, u, p).astype(p.dtype, copy=False)

    def _excess(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return by how much the prediction is too high, and too low, for the tolerance."""
        above = p - y
        below = -self.epsilon - above
        above -= self.epsilon
        return above, below

    @staticmethod
    def _derivative(s: Array, t: Array) -> Array:
        s -= t
        s *= 0.5
        return s

    def _constant(self, y: Array, weights: Array | None) -> float:
        # The loss is the mean of two absolute errors, to y - epsilon and to y + epsilon, less
        # epsilon; so all medians of these ends are best, and here is the middle of them.
        ends = np.concatenate([y - self.epsilon, y + self.epsilon])
        twice = None if weights is None else np.tile(weights, 2)
        return (quantile_of(ends, twice, 0.5) - quantile_of(-ends, twice, 0.5)) / 2


@dataclass(frozen=True)
class MAPE(Kinked):
    r"""The absolute percentage error, :math:`\ell = |y - p| / \max(|y|, \varepsilon)`.

    The loss whose mean is reported as MAPE; its unit is 1, not percent.  Take it when errors count
    in proportion to positive targets.  With the machine epsilon :math:`\varepsilon`, as in
    scikit-learn's metric, targets of zero must be met or cost nearly everything.

    Parameters
    ----------
    width : float, default 0
        Errors, in the units of the target, up to which the kink is rounded off; 0 is the exact
        loss.

    Raises
    ------
    ValueError
        When the width is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import MAPE
    >>> MAPE().value(np.array([100.0, 10.0]), np.array([90.0, 20.0]))
    array([0.1, 1. ])
    """

    name = "mape"
    kind = "regression"
    formula = f"abs(y - p)/max(abs(y), {_SMALLEST_TARGET!r})"

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        return self.value_and_derivative(y, p)[0]

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return the signs of the errors over the targets; see `Loss.derivative`."""
        s = sign(p - y, self.width)
        s /= self._size(y)
        return s

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        error = p - y
        s = sign(error, self.width)
        value = absolute(error, s, self.width)
        size = self._size(y)
        value /= size
        s /= size
        return value, s

    def curvature(self, y: Array, p: Array) -> Array:
        """Return zeros, but within the width of the kink; see `Loss.curvature`."""
        height = peak(p - y, self.width)
        height /= self._size(y)
        return height

    def _size(self, y: Array) -> Array:
        size = np.abs(y)
        return np.maximum(size, _SMALLEST_TARGET, out=size)

    def _constant(self, y: Array, weights: Array | None) -> float:
        prices = 1 / self._size(y.astype(float))
        return quantile_of(y, prices if weights is None else prices * weights, 0.5)
