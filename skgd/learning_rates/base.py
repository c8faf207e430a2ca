"""What a learning rate is, and what it is told."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from skgd._rows import Array, Reals, Truths, choose, full, greater, norm, ratio, smaller
from skgd._state import State
from skgd.metrics import Metric

SMALLEST, LARGEST = 1e-280, 1e280
"""Safeguards of every rate that is computed, wide enough for any scaling of the variables."""


FRACTION = 0.1
"""Length of the first step, as a fraction of the size of the start."""


class LearningRate(ABC):
    """How far to go along a direction.

    A subclass needs `rate`.

    Examples
    --------
    >>> from skgd import LearningRate, gd
    >>> class Halving(LearningRate):
    ...     def rate(self, state, k, f, g):
    ...         return 0.25 / 2**k
    >>> gd(lambda x: x @ x, [1.0], jac=lambda x: 2 * x, learning_rate=Halving(), maxiter=1).x
    array([0.5])
    """

    constant: ClassVar[bool] = False
    """Whether the rate is the same always, so that a run that diverges will never come back."""

    @property
    def searches(self) -> bool:
        """Whether the value at the trial point is judged before its gradient is asked for."""
        return False

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> Any:
        """Return the state of a run that starts at `x`.

        `unit` is the length of the direction's first displacement at rate one.
        """
        return State()

    @abstractmethod
    def rate(self, state: Any, k: int, f: Reals, g: Array) -> Reals:
        """Return the rate of iteration `k` (from 0)."""

    def accepts(self, state: Any, trial: Trial) -> Truths:
        """Tell whether the value at the trial point is good enough."""
        return True

    def retry(self, state: Any, trial: Trial) -> tuple[Reals, Reals]:
        """Return the rate and the fraction `s` to try after a trial that was not accepted."""
        return trial.t, 0.25 * trial.s

    def learn(  # noqa: B027
        self, state: Any, trial: Trial, g: Array, g_new: Array
    ) -> None:
        """Take in the accepted trial and the gradients before and after it."""

    def overlook(self, state: Any, trial: Trial) -> None:  # noqa: B027
        """Take in an accepted trial whose change of the gradient may be noise alone."""

    def renew(self, state: Any) -> None:  # noqa: B027
        """Take in that the run has a new metric, in which the natural rate is one."""

    def advise(self, state: Any, natural: float | None, iterations: float) -> dict[str, float]:
        """Take in what is known of a run whose gradients are random estimates.

        Parameters
        ----------
        state : object
            What `start` returned.
        natural : float or None
            The largest rate that the curvature allows; None where it does not tell.
        iterations : float
            The number of iterations that the run may take.

        Returns
        -------
        dict
            The figures of the gain sequence, for the result.
        """
        return {}


class Trial:
    """A point ``x + s * d`` that is tried, and what is known of it.

    One object serves a run: the loop writes it anew in each iteration.

    Attributes
    ----------
    k : int
        Iteration, from 0.
    t, s : float, or ndarray of shape (S,)
        Rate that the displacement was made with, and the fraction of it that is tried.
    whole : bool
        Whether `s` is one, in every row.
    p, d : ndarray, shape (n,) or (S, n)
        The direction's displacement, and the one that the constraint allows; the same object
        without a constraint.
    slope : float, or ndarray of shape (S,)
        Derivative along `d`, for a penalised problem its upper estimate; for rates that search.
    f, f_trial : float, or ndarray of shape (S,)
        Value at the iterate and at the trial point, with the penalty.
    x, plain : ndarray, and float or ndarray of shape (S,)
        The trial point, and the value of the function alone there.
    g, gg : ndarray, and float or ndarray of shape (S,)
        Gradient at the trial point, once it is known, and its squared norm.
    metric : Metric or None
        The metric that the step is taken in; None for the Euclidean one.
    eps : float
        Spacing of numbers near 1 in the type that the run computes in.
    noise : float
        By how much two values may differ though nothing but noise has changed; 0 for exact ones.
    """

    __slots__ = (
        "d",
        "eps",
        "f",
        "f_trial",
        "g",
        "gg",
        "k",
        "metric",
        "noise",
        "p",
        "plain",
        "s",
        "slope",
        "t",
        "whole",
        "x",
    )

    k: int
    t: Reals
    s: Reals
    whole: bool
    p: Array
    d: Array
    slope: Reals
    f: Reals
    f_trial: Reals
    x: Array
    plain: Reals
    g: Array
    gg: Reals
    metric: Metric | None
    noise: float

    def __init__(self, x: Array, f: Reals, g: Array, eps: float) -> None:
        self.x, self.f_trial, self.plain, self.g, self.eps = x, f, f, g, eps
        self.metric = None
        self.noise = 0.0


def first_rate(x: Array, unit: Reals, fraction: float = FRACTION) -> Reals:
    """Return the rate that makes the first step the given fraction of the point's length.

    At the origin it moves each variable by the fraction, on the average.

    Only lengths are compared, so the rate follows a common scale of the variables, any scale of the
    function, and a rotation.
    """
    length = norm(x)
    length = fraction * choose(length > 0, length, full(x, math.sqrt(x.shape[-1])))
    return ratio(length, unit, full(x, 1.0))


def limited(t: Reals) -> Reals:
    """Return the rate within the safeguards."""
    return smaller(greater(t, SMALLEST), LARGEST)
