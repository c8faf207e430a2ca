r"""Losses of two classes: functions of the margin :math:`m = y p` with y = -1 or +1."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from skgd._rows import Array

from .base import Loss, out_of_range, quiet, spread
from .centres import mean_of
from .kinks import Kinked, peak, ramp, sign

__all__ = ["ExponentialLoss", "Hinge", "LogLoss", "ModifiedHuber", "SquaredHinge"]

_SMALLEST_SHARE = 1e-10
"""For the logarithm of the share of a class that is absent."""


class _Margin(Loss):
    """A loss of two classes."""

    kind = "binary"

    def check_target(self, y: Array) -> None:
        """Raise ValueError when a target is neither -1 nor +1."""
        out_of_range(self, y, np.abs(y) != 1, "be -1 or +1")

    def _constant(self, y: Array, weights: Array | None) -> float:
        # The minimum of a loss that is a square between -1 and +1.
        return mean_of(y, weights)


def _log_odds(y: Array, weights: Array | None) -> float:
    share = (1 + mean_of(y, weights)) / 2
    return math.log(max(share, _SMALLEST_SHARE) / max(1 - share, _SMALLEST_SHARE))


@dataclass(frozen=True)
class LogLoss(_Margin):
    r"""The logistic loss, :math:`\ell = \log(1 + e^{-yp})`: logistic regression.

    Take it for probabilities, which are :math:`1/(1 + e^{-p})`.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import LogLoss
    >>> LogLoss().value(np.array([1.0, 1.0]), np.array([0.0, -1000.0]))
    array([6.93147181e-01, 1.00000000e+03])
    >>> LogLoss().probability(np.array([0.0, 1000.0]))
    array([0.5, 1. ])
    """

    name = "log_loss"
    formula = "log(1 + exp(-y*p))"

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        # log(1 + exp(-|m|)) + max(-m, 0): nothing overflows.
        margin = y * p
        value = np.abs(margin)
        np.negative(value, out=value)
        np.exp(value, out=value)
        np.log1p(value, out=value)
        value -= np.minimum(margin, 0, out=margin)
        return np.asarray(value)

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return the derivatives; see `Loss.derivative`."""
        margin = y * p
        return self._derivative(y, margin, self._decay(margin))

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        margin = y * p
        decay = self._decay(margin)
        value = np.log1p(decay)
        derivative = self._derivative(y, margin, decay)
        value -= np.minimum(margin, 0, out=margin)
        return value, derivative

    @quiet
    def curvature(self, y: Array, p: Array) -> Array:
        """Return the product of both probabilities; see `Loss.curvature`."""
        decay = self._decay(p)
        half = decay + 1
        decay /= half
        decay /= half
        return decay

    @property
    def has_probability(self) -> bool:
        """True."""
        return True

    @quiet
    def probability(self, p: Array) -> Array:
        """Return the probabilities of +1; see `Loss.probability`."""
        return np.asarray(special.expit(p))

    @staticmethod
    def _decay(margin: Array) -> Array:
        decay = np.abs(margin)
        np.negative(decay, out=decay)
        return np.exp(decay, out=decay)

    @staticmethod
    def _derivative(y: Array, margin: Array, decay: Array) -> Array:
        """Return -y/(1 + exp(m)), where `decay` is exp(-|m|)."""
        # This is q = exp(-|m|)/(1 + exp(-|m|)) for a positive margin and 1 - q for a negative one;
        # arithmetic with 0 and 1 is several times faster than a choice.
        derivative = decay + 1
        np.divide(decay, derivative, out=derivative)
        derivative -= margin < 0
        np.abs(derivative, out=derivative)
        derivative *= y
        return np.asarray(np.negative(derivative, out=derivative))

    def _constant(self, y: Array, weights: Array | None) -> float:
        return _log_odds(y, weights)


@dataclass(frozen=True)
class ExponentialLoss(_Margin):
    r"""The exponential loss, :math:`\ell = e^{-yp}`: the one of AdaBoost.

    Rows on the wrong side count exponentially: take it only for clean labels.  The probabilities
    are :math:`1/(1 + e^{-2p})`.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import ExponentialLoss
    >>> ExponentialLoss().value(np.array([1.0, -1.0]), np.array([0.0, 0.0]))
    array([1., 1.])
    """

    name = "exponential"
    formula = "exp(-y*p)"

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        value = y * p
        np.negative(value, out=value)
        return np.asarray(np.exp(value, out=value))

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return the derivatives; see `Loss.derivative`."""
        return self.value_and_derivative(y, p)[1]

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        value = self.value(y, p)
        derivative = value * y
        return value, np.negative(derivative, out=derivative)

    def curvature(self, y: Array, p: Array) -> Array:
        """Return the losses, which are their own second derivatives; see `Loss.curvature`."""
        return self.value(y, p)

    @property
    def has_probability(self) -> bool:
        """True."""
        return True

    @quiet
    def probability(self, p: Array) -> Array:
        """Return the probabilities of +1; see `Loss.probability`."""
        return np.asarray(special.expit(2 * p))

    def _constant(self, y: Array, weights: Array | None) -> float:
        return _log_odds(y, weights) / 2


@dataclass(frozen=True)
class Hinge(_Margin, Kinked):
    r"""The hinge loss, :math:`\ell = \max(0, 1 - yp)`: linear support vector machines.

    Take it when only the classes matter: rows beyond the margin cost nothing, so the solution
    depends on few of them.  It estimates no probabilities.

    Parameters
    ----------
    width : float, default 0
        Distance of the margin from 1 within which the kink is rounded off; 0 is the exact loss.

    Raises
    ------
    ValueError
        When the width is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import Hinge
    >>> Hinge().value(np.array([1.0, -1.0]), np.array([3.0, 3.0]))
    array([0., 4.])
    """

    name = "hinge"
    formula = "max(0, 1 - y*p)"

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        short = _shortfall(y, p)
        return ramp(short, sign(short, self.width), self.width)

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return ``-y`` where the margin is below 1, else zeros; see `Loss.derivative`."""
        return self._derivative(y, sign(_shortfall(y, p), self.width))

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        short = _shortfall(y, p)
        s = sign(short, self.width)
        return ramp(short, s, self.width), self._derivative(y, s)

    @quiet
    def curvature(self, y: Array, p: Array) -> Array:
        """Return zeros, but within the width of the kink; see `Loss.curvature`."""
        return 0.5 * peak(_shortfall(y, p), self.width)

    @quiet
    def first_width(self, y: Array, p: Array, weights: Array | None = None) -> float:
        """Return the median distance of the margins from 1; see `Loss.first_width`."""
        return spread(np.abs(_shortfall(y, p)), weights, np.abs(p))

    @staticmethod
    def _derivative(y: Array, s: Array) -> Array:
        s += 1
        s *= -0.5
        s *= y
        return s

    def _constant(self, y: Array, weights: Array | None) -> float:
        return float(np.sign(mean_of(y, weights)))


@dataclass(frozen=True)
class SquaredHinge(_Margin):
    r"""The squared hinge loss, :math:`\ell = \max(0, 1 - yp)^2`.

    The smooth relative of `Hinge`, as in scikit-learn's ``LinearSVC``; rows far on the wrong side
    count more.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import SquaredHinge
    >>> SquaredHinge().value(np.array([1.0, -1.0]), np.array([3.0, 3.0]))
    array([ 0., 16.])
    """

    name = "squared_hinge"
    formula = "max(0, 1 - y*p)**2"

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        short = _shortfall(y, p)
        np.maximum(short, 0, out=short)
        short *= short
        return short

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return the derivatives; see `Loss.derivative`."""
        return self.value_and_derivative(y, p)[1]

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        short = _shortfall(y, p)
        np.maximum(short, 0, out=short)
        value = short * short
        short *= -2
        short *= y
        return value, short

    @quiet
    def curvature(self, y: Array, p: Array) -> Array:
        """Return twos where the margin is below 1, else zeros; see `Loss.curvature`."""
        return _twos(_shortfall(y, p) > 0, p)


@dataclass(frozen=True)
class ModifiedHuber(_Margin):
    r"""The squared hinge loss, linear for rows far on the wrong side.

    .. math::

        \ell = \begin{cases} \max(0, 1 - yp)^2 & yp \ge -1 \\ -4yp & yp < -1 \end{cases}

    Take it for data with wrong labels.  The probabilities are those of scikit-learn's
    ``SGDClassifier``, :math:`(1 + \max(-1, \min(p, 1)))/2`.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import ModifiedHuber
    >>> ModifiedHuber().value(np.array([1.0, 1.0]), np.array([0.0, -10.0]))
    array([ 1., 40.])
    """

    name = "modified_huber"
    formula = "Piecewise((max(0, 1 - y*p)**2, y*p >= -1), (-4*y*p, True))"

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        return self.value_and_derivative(y, p)[0]

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return the derivatives; see `Loss.derivative`."""
        short = _shortfall(y, p)
        np.clip(short, 0, 2, out=short)
        short *= -2
        short *= y
        return short

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        # With the shortfall u = 1 - m and c, u clipped to [0, 2], the loss is c*(2u - c).
        short = _shortfall(y, p)
        clipped = np.clip(short, 0, 2)
        short *= 2
        short -= clipped
        short *= clipped
        clipped *= -2
        clipped *= y
        return short, clipped

    @quiet
    def curvature(self, y: Array, p: Array) -> Array:
        """Return twos where the loss is squared, else zeros; see `Loss.curvature`."""
        return _twos(np.abs(y * p) < 1, p)

    @property
    def has_probability(self) -> bool:
        """True."""
        return True

    def probability(self, p: Array) -> Array:
        """Return the probabilities of +1; see `Loss.probability`."""
        share = np.clip(p, -1, 1)
        share += 1
        share *= 0.5
        return np.asarray(share)


def _shortfall(y: Array, p: Array) -> Array:
    """Return ``1 - y*p`` as a new array."""
    short = y * p
    return np.asarray(np.subtract(1, short, out=short))


def _twos(squared: Array, p: Array) -> Array:
    """Return the curvature of a loss that is a square where `squared` is true."""
    twos = squared.astype(p.dtype)
    twos *= 2
    return twos
