"""Directions with a rate for each coordinate: AdaGrad, RMSProp, Adam and NAdam."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skgd._checks import fraction, not_negative
from skgd._rows import Array, Reals, Truths, choose, column, full, largest

from .base import Arrays, Direction, quiet, scale


@dataclass(slots=True)
class _Moments(Arrays):
    v: Array
    m: Any = None
    epsilon: Any = None
    count: int = 0
    inverse: Any = None


class _OwnRates(Direction):
    """Directions that divide each coordinate by the size of its past gradients."""

    own_rates: ClassVar[bool] = True
    epsilon: float | None

    def _check_epsilon(self) -> None:
        if self.epsilon is not None:
            object.__setattr__(self, "epsilon", not_negative("epsilon", self.epsilon))

    def start(self, x: Array) -> _Moments:
        """Start with a second moment of zero."""
        return _Moments(np.zeros_like(x))

    def _accumulate(self, state: _Moments, g: Array, decay: float, weight: float) -> None:
        """Let the second moment decay and add the weighted square of the gradient."""
        term = state.like(g)
        np.multiply(g, g, term)
        term *= weight
        state.v *= decay
        state.v += term

    def _divide_by(self, state: _Moments, g: Array, size: Array) -> None:
        """Take the reciprocal of `size`, in place, for the rate of each coordinate."""
        if state.epsilon is None:
            # Relative to the first gradient: then a constant factor of f changes no iterate.
            state.epsilon = column(
                1e-8 * largest(g) if self.epsilon is None else full(g, self.epsilon)
            )
        size += state.epsilon
        # A coordinate whose gradient was never anything but zero stays where it is.
        state.inverse = np.divide(1.0, size, out=size, where=size > 0)

    @quiet
    def displacement(self, state: _Moments, g: Array, t: Reals) -> Array:
        """Return the gradient times the rate of each coordinate, and -1."""
        p = state.like(g)
        np.multiply(state.inverse, g, p)
        scale(p, -t, p)
        return p

    @quiet
    def rates(self, state: _Moments, t: Reals) -> Array:
        """Return the rate of each coordinate."""
        return np.asarray(column(t) * state.inverse, state.inverse.dtype)


@dataclass(frozen=True)
class AdaGrad(_OwnRates):
    r"""AdaGrad [1]_, :math:`G_k = G_{k-1} + g_k^2,\; p_k = -t_k\, g_k / (\sqrt{G_k} + \epsilon)`.

    Pick it for sparse gradients; its steps shrink for ever.

    Parameters
    ----------
    epsilon : float or None, default 1e-8
        Keeps the quotient finite; None for 1e-8 of the first gradient's largest entry.

    Raises
    ------
    ValueError
        When `epsilon` is negative.

    References
    ----------
    .. [1] J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online learning and
       stochastic optimization", Journal of Machine Learning Research 12 (2011), 2121-2159.

    Examples
    --------
    >>> from skgd import AdaGrad, Method
    >>> Method(direction=AdaGrad(), learning_rate=0.5)(lambda x: x @ x, [1.0], maxiter=1).x
    array([0.5])
    """

    epsilon: float | None = 1e-8

    def __post_init__(self) -> None:
        self._check_epsilon()

    @quiet
    def update(self, state: _Moments, x: Array, g: Array) -> None:
        """Add the squared gradient to the sum."""
        self._accumulate(state, g, 1.0, 1.0)
        self._divide_by(state, g, np.sqrt(state.v, out=state.like(g)))


@dataclass(frozen=True)
class RMSProp(_OwnRates):
    r"""RMSProp [1]_, :math:`v_k = \rho v_{k-1} + (1-\rho) g_k^2,\; p_k = -t_k g_k/(\sqrt{v_k}+\epsilon)`.

    Pick it when gradients change their size along the way.

    Parameters
    ----------
    decay : float, default 0.9
        The factor :math:`\rho` in [0, 1).
    epsilon : float or None, default 1e-8
        Keeps the quotient finite; None for 1e-8 of the first gradient's largest entry.

    Raises
    ------
    ValueError
        When `decay` lies outside [0, 1) or `epsilon` is negative.

    References
    ----------
    .. [1] T. Tieleman and G. Hinton, "Lecture 6.5 - RMSProp", Coursera: Neural Networks for
       Machine Learning (2012).

    Examples
    --------
    >>> from skgd import Method, RMSProp
    >>> Method(direction=RMSProp(decay=0.0), learning_rate=0.5)(lambda x: x @ x, [1], maxiter=1).x
    array([0.5])
    """  # noqa: E501

    decay: float = 0.9
    epsilon: float | None = 1e-8

    def __post_init__(self) -> None:
        object.__setattr__(self, "decay", fraction("decay", self.decay))
        self._check_epsilon()

    @quiet
    def update(self, state: _Moments, x: Array, g: Array) -> None:
        """Take the squared gradient into the mean."""
        self._accumulate(state, g, self.decay, 1.0 - self.decay)
        self._divide_by(state, g, np.sqrt(state.v, out=state.like(g)))


@dataclass(frozen=True)
class Adam(_OwnRates):
    r"""Adam [1]_: first and second moments of the gradient, corrected for their start at zero.

    .. math::

       m_k &= \beta_1 m_{k-1} + (1-\beta_1) g_k, \qquad
       v_k = \beta_2 v_{k-1} + (1-\beta_2) g_k^2, \\
       p_k &= -t_k \,\hat m_k / (\sqrt{\hat v_k} + \epsilon), \qquad
       \hat m_k = m_k/(1-\beta_1^k),\; \hat v_k = v_k/(1-\beta_2^k),

    with k counted from 1.  Pick it for noisy gradients and badly scaled variables.

    Parameters
    ----------
    beta1, beta2 : float, default 0.9 and 0.999
        Decay of the moments, in [0, 1).
    epsilon : float or None, default 1e-8
        Keeps the quotient finite; None for 1e-8 of the first gradient's largest entry.

    Raises
    ------
    ValueError
        When a decay lies outside [0, 1) or `epsilon` is negative.

    References
    ----------
    .. [1] D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.

    Examples
    --------
    >>> from skgd import Adam, Method
    >>> Method(direction=Adam(), learning_rate=0.5)(lambda x: x @ x, [1.0], maxiter=1).x
    array([0.5])
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float | None = 1e-8

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta1", fraction("beta1", self.beta1))
        object.__setattr__(self, "beta2", fraction("beta2", self.beta2))
        self._check_epsilon()

    def start(self, x: Array) -> _Moments:
        """Start with moments of zero."""
        return _Moments(np.zeros_like(x), np.zeros_like(x))

    @quiet
    def update(self, state: _Moments, x: Array, g: Array) -> None:
        """Take the gradient and its square into their means."""
        state.count += 1
        term, size = state.like(g), state.like(g)
        np.multiply(g, 1.0 - self.beta1, term)
        state.m *= self.beta1
        state.m += term
        self._accumulate(state, g, self.beta2, 1.0 - self.beta2)
        np.divide(state.v, 1.0 - self.beta2**state.count, size)
        self._divide_by(state, g, np.sqrt(size, out=size))

    def displacement(self, state: _Moments, g: Array, t: Reals) -> Array:
        """Return the mean gradient times the rate of each coordinate, and -1."""
        return super().displacement(state, self._mean(state, g), t)

    def _mean(self, state: _Moments, g: Array) -> Array:
        """Return the first moment, corrected for its start at zero."""
        mean = state.like(g)
        np.divide(state.m, 1.0 - self.beta1**state.count, mean)
        return mean

    def restart(self, state: _Moments, where: Truths, g: Array) -> None:
        """Take the gradient for the mean."""
        state.m = choose(where, (1.0 - self.beta1**state.count) * g, state.m)


@dataclass(frozen=True)
class NAdam(Adam):
    r"""NAdam [1]_: Adam with Nesterov's look-ahead in the first moment.

    .. math:: \bar m_k = \beta_1\, m_k/(1-\beta_1^{k+1}) + (1-\beta_1)\, g_k/(1-\beta_1^k)

    takes the place of Adam's :math:`\hat m_k`.

    Parameters
    ----------
    beta1, beta2 : float, default 0.9 and 0.999
        Decay of the moments, in [0, 1).
    epsilon : float or None, default 1e-8
        Keeps the quotient finite; None for 1e-8 of the first gradient's largest entry.

    Raises
    ------
    ValueError
        When a decay lies outside [0, 1) or `epsilon` is negative.

    References
    ----------
    .. [1] T. Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016.

    Examples
    --------
    >>> from skgd import Method, NAdam
    >>> Method(direction=NAdam(), learning_rate=0.5)(lambda x: x @ x, [3.0]).success
    True
    """

    def _mean(self, state: _Moments, g: Array) -> Array:
        """Return the first moment as it will be after one more gradient like this one."""
        beta, k = self.beta1, state.count
        mean, term = state.like(g), state.like(g)
        np.multiply(state.m, beta / (1.0 - beta ** (k + 1)), mean)
        np.multiply(g, (1.0 - beta) / (1.0 - beta**k), term)
        mean += term
        return mean
