"""Directions that look at the signs of the gradient alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from skgd._checks import fraction, positive
from skgd._rows import Array, Reals, Truths

from .base import Arrays, Direction, scale


@dataclass(slots=True)
class _Signs(Arrays):
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
