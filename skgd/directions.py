r"""Which way: the directions of descent.

A direction turns the gradient :math:`g_k` at the iterate :math:`x_k` and the learning rate
:math:`t_k` into a displacement :math:`p_k`; without a constraint or a line search the next iterate
is :math:`x_{k+1} = x_k + p_k`.  Each rule is told afterwards which step was really taken, so that
momentum is the momentum of the path and not of a wish: a step that a bound cut short, or a line
search, leaves the velocity that it really had.

In the formulas all operations act on each coordinate by itself.

A rule is an immutable object that serves many runs at once; what it remembers of a run is a state
that the run passes in.  To add a rule, subclass `Direction` and enter it in `DIRECTIONS`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from ._checks import fraction, not_negative, positive, whole_number
from ._pool import Pool
from ._rows import Array, Reals, Truths, choose, column, dot, full, largest, root, some
from ._state import State

__all__ = [
    "DIRECTIONS",
    "AdaGrad",
    "Adam",
    "Direction",
    "HeavyBall",
    "NAdam",
    "Nesterov",
    "RMSProp",
    "Rprop",
    "State",
    "Steepest",
]

quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")
"""For methods that square gradients: what overflows there is not finite, and is dealt with as such.
"""


def scale(points: Array, factor: Reals, out: Array) -> None:
    """Write the points times the factor, one a row in a batch, to `out`."""
    if points.itemsize == 8:
        np.multiply(points, column(factor), out)
    else:
        # A rate can be a number that single precision does not know.
        with np.errstate(over="ignore", invalid="ignore"):
            np.multiply(points, column(factor), out)


class Direction(ABC):
    """Which way to go from an iterate.

    A subclass needs `displacement`; the other methods are for rules that remember.  A rule that is
    written with operations on the last axis serves batches as well, where points have the shape
    (S, n) and rates (S,); its state must then be a dataclass derived from `State`.

    Attributes
    ----------
    own_rates : bool, default False
        Whether each coordinate has a rate of its own, see `rates`.
    proximal : bool, default True
        Whether a displacement at rest is the gradient times `rates`, as a proximal step needs it;
        else the rule works with bounds only.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd import Direction, Method
    >>> class Signs(Direction):
    ...     proximal = False
    ...
    ...     def displacement(self, state, g, t):
    ...         return -t * np.sign(g)
    >>> Method(direction=Signs(), learning_rate=0.25)(lambda x: x @ x, [1.0], maxiter=2).x
    array([0.5])
    """

    own_rates: ClassVar[bool] = False
    proximal: ClassVar[bool] = True

    def start(self, x: Array) -> Any:
        """Return the state of a run that starts at `x`."""
        return State()

    def update(self, state: Any, x: Array, g: Array) -> None:  # noqa: B027
        """Take in the gradient `g` at the new iterate `x`; called once an iteration."""

    @abstractmethod
    def displacement(self, state: Any, g: Array, t: Reals) -> Array:
        """Return the displacement for the gradient `g` and the rate `t`.

        Parameters
        ----------
        state : object
            What `start` returned.
        g : ndarray, shape (n,) or (S, n)
            Gradient at the iterate, or one a row; it is not written to.
        t : float, or ndarray of shape (S,)
            The learning rate.

        Returns
        -------
        ndarray, shape (n,) or (S, n)
            An array that the run may keep.  It may be asked for again with another rate.
        """

    def rates(self, state: Any, t: Reals) -> Any:
        """Return what multiplies the gradient: `t`, or one rate a coordinate."""
        return column(t)

    def moved(  # noqa: B027
        self, state: Any, g: Array, t: Reals, s: Reals, p: Array, step: Array
    ) -> None:
        """Take in which step was taken.

        Parameters
        ----------
        state : object
            What `start` returned.
        g : ndarray, shape (n,) or (S, n)
            The gradient where the step began.
        t : float, or ndarray of shape (S,)
            The rate that `p` was proposed for.
        s : float, or ndarray of shape (S,)
            The fraction of the displacement that a search accepted.
        p, step : ndarray, shape (n,) or (S, n)
            The displacement that was proposed, and the step that a search and the constraint left
            of it; the same object when they left all of it.
        """

    def paused(self, state: Any) -> Truths:
        """Tell whether a coordinate rests for this iteration though it has not arrived."""
        return False

    def restart(self, state: Any, where: Truths, g: Array) -> None:  # noqa: B027
        """Forget the velocity where `where` holds; `g` is the gradient at the iterate."""


@dataclass(slots=True)
class _Arrays(State):
    """A state with work arrays."""

    pool: Pool | None = field(default=None, init=False)

    def like(self, g: Array) -> Array:
        """Return an array of the shape and type of `g`, of arbitrary content."""
        if self.pool is None:
            self.pool = Pool(g.shape, g.dtype)
        return self.pool.take()

    def out(self, g: Array) -> Array | None:
        """Return where NumPy may write an array like `g`, None where it had better make one."""
        if self.pool is None:
            self.pool = Pool(g.shape, g.dtype)
        return self.pool.out()

    def keep(self, rows: Array) -> None:
        """Drop every row but the given ones; arrays of the old shape are of no more use."""
        State.keep(self, rows)
        self.pool = None


@dataclass(frozen=True)
class Steepest(Direction):
    r"""Steepest descent, :math:`p_k = -t_k g_k` (Cauchy 1847).

    Pick it to teach, and with the spectral and adaptive learning rates, which make it fast.

    Examples
    --------
    >>> from skgd import Steepest, Method
    >>> Method(direction=Steepest(), learning_rate=0.1)(lambda x: x @ x, [1.0], maxiter=1).x
    array([0.8])
    """

    def start(self, x: Array) -> _Arrays:
        """Return nothing but work arrays."""
        return _Arrays()

    def displacement(self, state: _Arrays, g: Array, t: Reals) -> Array:
        """Return the gradient times -t."""
        p = state.like(g)
        scale(g, -t, p)
        return p


@dataclass(slots=True)
class _Velocity(_Arrays):
    v: Array
    past: list[Array]
    beta: Any
    term: Array
    t: Any = None
    factor: Any = None


@dataclass(frozen=True)
class HeavyBall(Direction):
    r"""Momentum in the sense of the heavy ball [1]_, :math:`p_k = -t_k g_k + \beta\,v_k`.

    The velocity :math:`v_k = x_k - x_{k-1}` is the step before, so that
    :math:`p_k = -\sum_{i \ge 0} \beta^i\, t_{k-i}\, g_{k-i}`: the gradient steps of the past, the
    older the weaker.  With ``window=m`` only the last m gradient steps
    :math:`s_i = -t_i g_i` are remembered,

    .. math:: p_k = s_k + \sum_{i=1}^{m} \beta^i s_{k-i} ,

    and with ``count_current=True`` the current one stands among the m a second time,
    :math:`p_k = s_k + \sum_{i=0}^{m-1} \beta^{i+1} s_{k-i}` (without a window, this is the form of
    Nesterov's momentum that deep-learning libraries use).

    Pick it to roll through shallow minima, with a constant learning rate, and on long valleys.

    Parameters
    ----------
    momentum : float, default 0.9
        The factor :math:`\beta` in [0, 1).
    window : int or None, default None
        How many past gradient steps are remembered; None for all.
    count_current : bool, default False
        Whether the current gradient step counts among the remembered ones too.

    Raises
    ------
    ValueError
        When `momentum` lies outside [0, 1) or `window` is not a positive whole number.

    References
    ----------
    .. [1] B. T. Polyak, "Some methods of speeding up the convergence of iteration methods",
       USSR Computational Mathematics and Mathematical Physics 4 (1964), 1-17.

    Examples
    --------
    >>> from skgd import HeavyBall, Method
    >>> roll = Method(direction=HeavyBall(momentum=0.5), learning_rate=0.1)
    >>> roll(lambda x: x @ x, [1.0], jac=lambda x: 2 * x, maxiter=2, return_all=True).allvecs
    [array([1.]), array([0.8]), array([0.54])]
    """

    momentum: float = 0.9
    window: int | None = None
    count_current: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "momentum", fraction("momentum", self.momentum))
        if self.window is not None:
            object.__setattr__(self, "window", whole_number("window", self.window, least=1))

    @property
    def _gain(self) -> float:
        """How often the current gradient step counts."""
        return 1.0 + self.momentum if self.count_current else 1.0

    def start(self, x: Array) -> _Velocity:
        """Start at rest."""
        beta = self.momentum * self.momentum if self.count_current else self.momentum
        # As an array: NumPy takes twice as long to multiply by a Python float.
        return _Velocity(np.zeros_like(x), [], np.array(beta, x.dtype), np.empty_like(x))

    def displacement(self, state: _Velocity, g: Array, t: Reals) -> Array:
        """Return the gradient step and what the past adds to it."""
        term = state.term
        if t is not state.t:
            with np.errstate(over="ignore"):
                state.t, state.factor = t, np.array(column(self._gain * t), g.dtype)
        np.multiply(g, state.factor, term)
        if self.window is None:
            p: Array = np.multiply(state.v, state.beta, state.out(g))
            p -= term
            return p
        p = np.negative(term, state.out(g))
        for age, step in enumerate(state.past, start=1):
            np.multiply(step, self.momentum ** (age + self.count_current), term)
            np.add(p, term, p)
        return p

    def rates(self, state: _Velocity, t: Reals) -> Any:
        """Return what multiplies the current gradient."""
        return column(self._gain * t)

    def moved(self, state: _Velocity, g: Array, t: Reals, s: Reals, p: Array, step: Array) -> None:
        """Take the step, or the share of it that is due to the current gradient, for velocity."""
        if self.window is None and not self.count_current:
            state.v = step
            return
        own = state.like(g)
        scale(g, -t, own)
        if step is not p:
            own += (step - p) / self._gain
        if self.window is None:
            np.multiply(state.v, self.momentum, state.term)
            own += state.term
            state.v = own
        else:
            state.past = [own, *state.past][: self.window - self.count_current]

    def restart(self, state: _Velocity, where: Truths, g: Array) -> None:
        """Forget the steps of the past."""
        state.v = choose(where, np.zeros_like(state.v), state.v)
        state.past = [choose(where, np.zeros_like(step), step) for step in state.past]


@dataclass(slots=True)
class _LookAhead(_Arrays):
    v: Array
    h: Array
    theta: Reals
    beta: Reals


@dataclass(frozen=True)
class Nesterov(Direction):
    r"""Nesterov's accelerated gradient [1]_ with adaptive restart [2]_.

    The iterate is the look-ahead point :math:`y_k`, where the gradient is taken and which is
    returned:

    .. math::

       z_{k+1} = y_k - t_k g(y_k), \qquad y_{k+1} = z_{k+1} + \beta_k (z_{k+1} - z_k),

    with :math:`\beta_k = (\theta_k - 1)/\theta_{k+1}`,
    :math:`\theta_{k+1} = (1 + \sqrt{1 + 4\theta_k^2})/2`, or a constant :math:`\beta`.  When the
    last step points uphill, :math:`g(y_k)\cdot(y_k - y_{k-1}) > 0`, the momentum starts anew.

    Pick it on smooth convex functions of high condition number.

    Parameters
    ----------
    momentum : float or None, default None
        A constant :math:`\beta` in [0, 1); None for the sequence above.
    restart_uphill : bool, default True
        Whether the momentum starts anew when it points uphill.

    Raises
    ------
    ValueError
        When `momentum` lies outside [0, 1).

    References
    ----------
    .. [1] Y. Nesterov, "A method of solving a convex programming problem with convergence rate
       O(1/k^2)", Soviet Mathematics Doklady 27 (1983), 372-376.
    .. [2] B. O'Donoghue and E. Candes, "Adaptive restart for accelerated gradient schemes",
       Foundations of Computational Mathematics 15 (2015), 715-732.

    Examples
    --------
    >>> from skgd import Method, Nesterov
    >>> Method(direction=Nesterov(momentum=0.9), learning_rate=0.1)(lambda x: x @ x, [1.0]).success
    True
    """

    momentum: float | None = None
    restart_uphill: bool = True

    def __post_init__(self) -> None:
        if self.momentum is not None:
            object.__setattr__(self, "momentum", fraction("momentum", self.momentum))

    def start(self, x: Array) -> _LookAhead:
        """Start at rest."""
        return _LookAhead(np.zeros_like(x), np.zeros_like(x), full(x, 1.0), full(x, 0.0))

    def update(self, state: _LookAhead, x: Array, g: Array) -> None:
        """Start anew where the last step points uphill, and find the next momentum."""
        if self.restart_uphill:
            uphill = dot(g, state.v) > 0.0
            if some(uphill):
                self.restart(state, uphill, g)
        if self.momentum is not None:
            state.beta = full(x, self.momentum)
            return
        following = (1.0 + root(1.0 + 4.0 * state.theta * state.theta)) / 2.0
        state.beta = (state.theta - 1.0) / following
        state.theta = following

    def displacement(self, state: _LookAhead, g: Array, t: Reals) -> Array:
        """Return the way to the next look-ahead point."""
        p, term = state.like(g), state.like(g)
        np.add(state.v, state.h, p)
        np.multiply(p, column(state.beta), p)
        scale(g, (1.0 + state.beta) * t, term)
        np.subtract(p, term, p)
        return p

    def moved(self, state: _LookAhead, g: Array, t: Reals, s: Reals, p: Array, step: Array) -> None:
        """Remember the step and the gradient's share of it."""
        state.v = step
        state.h = state.like(g)
        scale(g, t * s, state.h)

    def restart(self, state: _LookAhead, where: Truths, g: Array) -> None:
        """Let the momentum start anew from nothing."""
        state.v = choose(where, np.zeros_like(state.v), state.v)
        state.h = choose(where, np.zeros_like(state.h), state.h)
        state.theta = choose(where, 0.0 * state.theta + 1.0, state.theta)
        state.beta = choose(where, 0.0 * state.beta, state.beta)


@dataclass(slots=True)
class _Moments(_Arrays):
    m: Array
    v: Array
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
        """Start with moments of zero."""
        return _Moments(np.zeros_like(x), np.zeros_like(x))

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


@dataclass(slots=True)
class _Signs(_Arrays):
    size: Array
    before: Array
    sign: Array


@dataclass(frozen=True)
class Rprop(Direction):
    r"""Resilient propagation, the variant iRprop- [2]_ of [1]_: only the gradient's signs count.

    .. math:: p_k = -t_k\, \delta_k \operatorname{sign}(g_k)

    where :math:`\delta` starts at 1 and is multiplied by `increase` in the coordinates whose
    gradient kept its sign, by `decrease` in those where it changed; the latter pause for one
    iteration.

    Pick it when the variables, or the function, have wild scales and no noise.

    Parameters
    ----------
    increase : float, default 1.2
        Growth of a step that keeps its direction; above 1.
    decrease : float, default 0.5
        Shrinkage of a step that turns, in (0, 1).
    largest : float, default 1e6
        Largest :math:`\delta`.

    Raises
    ------
    ValueError
        When `increase` is not above 1 or `decrease` lies outside (0, 1).

    References
    ----------
    .. [1] M. Riedmiller and H. Braun, "A direct adaptive method for faster backpropagation
       learning: the RPROP algorithm", IEEE ICNN 1993, 586-591.
    .. [2] C. Igel and M. Huesken, "Empirical evaluation of the improved Rprop learning
       algorithms", Neurocomputing 50 (2003), 105-123.

    Examples
    --------
    >>> from skgd import Method, Rprop
    >>> Method(direction=Rprop(), learning_rate=0.1)(lambda x: x @ x, [1.0], maxiter=2).x
    array([0.78])
    """

    increase: float = 1.2
    decrease: float = 0.5
    largest: float = 1e6
    proximal: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if positive("increase", self.increase) <= 1:
            raise ValueError(f"increase must be above 1, got {self.increase!r}")
        fraction("decrease", self.decrease, zero=False)
        positive("largest", self.largest)

    def start(self, x: Array) -> _Signs:
        """Start with equal steps and no sign to compare with."""
        one = np.ones_like(x)
        return _Signs(one, one, np.zeros_like(x))

    def update(self, state: _Signs, x: Array, g: Array) -> None:
        """Let the steps grow where the sign has stayed, and shrink where it has changed."""
        sign = np.sign(g)
        product = sign * state.sign
        size = np.where(product > 0, self.increase * state.size, state.size)
        size = np.where(product < 0, self.decrease * state.size, size)
        state.before = state.size
        state.size = np.minimum(size, self.largest)
        # A pause of one iteration where the sign has changed.
        state.sign = np.where(product < 0, np.zeros_like(sign), sign)

    def displacement(self, state: _Signs, g: Array, t: Reals) -> Array:
        """Return each step against the sign of its gradient."""
        p = state.like(g)
        np.multiply(state.size, state.sign, p)
        scale(p, -t, p)
        return p

    def paused(self, state: _Signs) -> Truths:
        """Tell whether a sign has just changed: that coordinate moves again in the next one."""
        shrunk = (state.size < state.before).any(axis=-1)
        return shrunk if state.size.ndim == 2 else bool(shrunk)

    def moved(self, state: _Signs, g: Array, t: Reals, s: Reals, p: Array, step: Array) -> None:
        """Let no step grow that was not taken."""
        if step is p:
            return
        # A coordinate that a bound holds has not proved that a longer step is good.
        held = (step == 0) & (p != 0)
        state.size = np.where(held, np.minimum(state.size, state.before), state.size)


DIRECTIONS: dict[str, type[Direction]] = {
    "steepest": Steepest,
    "heavy_ball": HeavyBall,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
    "adam": Adam,
    "nadam": NAdam,
    "rprop": Rprop,
}
"""The directions by name; the contract tests and the documentation go through this table."""
