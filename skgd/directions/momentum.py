"""Steepest descent, and what momentum makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._checks import fraction, whole_number
from skgd._rows import Array, Reals, Truths, choose, column, dot, full, root, some

from .base import Arrays, Direction, scale

BLOCK = 16_384
"""Long vectors are worked on in pieces of this length: what is computed on the way stays in the
cache, and less has to come from memory."""


STEADY = 0.98
"""The momentum that Nesterov's sequence counts for where it meets random gradients; the restarts
keep it from one."""


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

    def start(self, x: Array) -> Arrays:
        """Return nothing but work arrays."""
        return Arrays()

    def displacement(self, state: Arrays, g: Array, t: Reals) -> Array:
        """Return the gradient times -t."""
        p = state.like(g)
        scale(g, -t, p)
        return p


@dataclass(slots=True)
class _Velocity(Arrays):
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
        whole = x.ndim == 2 or self.window is not None or self.count_current
        term = np.empty_like(x if whole else x[:BLOCK])
        return _Velocity(np.zeros_like(x), [], np.array(beta, x.dtype), term)

    def displacement(self, state: _Velocity, g: Array, t: Reals) -> Array:
        """Return the gradient step and what the past adds to it."""
        if t is not state.t:
            with np.errstate(over="ignore"):
                state.t, state.factor = t, np.array(column(self._gain * t), g.dtype)
        if self.window is None:
            return self._roll(state, g)
        term = np.multiply(g, state.factor, state.term)
        p: Array = np.negative(term, state.out(g))
        for age, step in enumerate(state.past, start=1):
            np.multiply(step, self.momentum ** (age + self.count_current), term)
            np.add(p, term, p)
        return p

    def _roll(self, state: _Velocity, g: Array) -> Array:
        """Return the velocity, decayed, and the gradient step."""
        if g.ndim == 2 or g.size <= BLOCK:
            p: Array = np.multiply(state.v, state.beta, state.out(g))
            p -= np.multiply(g, state.factor, state.term)
            return p
        p = state.like(g)
        for start in range(0, g.size, BLOCK):
            part = slice(start, start + BLOCK)
            piece = np.multiply(state.v[part], state.beta, p[part])
            piece -= np.multiply(g[part], state.factor, state.term[: piece.size])
        return p

    def advise(self, state: _Velocity, curvature: Array) -> float:
        """Take in curvatures; with all that the past adds, a step is stable up to this rate."""
        return (1.0 - self.momentum) / (self._gain * float(curvature.sum()))

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
class _LookAhead(Arrays):
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

    def advise(self, state: _LookAhead, curvature: Array) -> float:
        """Take in curvatures; with all that the past adds, a step is stable up to this rate."""
        momentum = STEADY if self.momentum is None else self.momentum
        return (1.0 - momentum) / float(curvature.sum())

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
