"""Simultaneous perturbation: a gradient from two values, whatever the number of variables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from skgd import steps
from skgd._checks import finite_array, not_negative, shown, whole_number
from skgd._rows import Array, Reals
from skgd.requests import Asking, Value

from .base import BoxBounds, Ground, Jacobian
from .estimator import FAINT, Estimator, aim_for

__all__ = ["SPSA"]

NOISY = 1e4
"""Noise of so many units in the last place is more than rounding."""

SHARE = 0.15
"""Share of the evaluations that may go into finding an interval for each coordinate."""


@dataclass(frozen=True, eq=False)
class SPSA(Jacobian):
    r"""Simultaneous perturbation stochastic approximation [1]_: two values a gradient.

    All coordinates are changed at once, each by :math:`c_i` to a side that chance decides,

    .. math:: \hat g_i = \frac{f(x + c\,\xi) - f(x - c\,\xi)}{2 c_i \xi_i},
              \qquad \xi_i = \pm 1 ,

    which is right on the average.  Pick it for noisy functions of many variables, with `Scaled` and
    `Gains` as in ``gd_spsa``, or with any other direction.

    The perturbations follow from the function: each :math:`c_i` is so long that the curvature of
    its coordinate stands out of the noise, where this can be found out with a small share of the
    evaluations, else they have one common scale.  The curvature is measured again along the way,
    with the noise, each time that the number of evaluations has doubled.  The perturbations shrink
    as :math:`(1 + k/(A+1))^{-\gamma}`, with A a tenth of the iterations, and further where pairs at
    twice the distance show that third derivatives bias the mean of the estimates by more than noise
    does, or shorter ones that waves of the function do.

    What the gradients of the past predict of a difference is subtracted from it and added to the
    estimate exactly (a control variate, as in SEGA [2]_), as far as this lowers the variance: at
    active bounds, where the gradient does not vanish, the noise of the estimate then does.
    Differences much larger than usual are cut, so that heavy tails do no harm.  A pair with a value
    that is not finite tells nothing: another one is drawn, at the third attempt a shorter one.

    A run with such gradients returns the average of its last iterates (`skgd.averaging`), where the
    function is evaluated once at the end.

    Parameters
    ----------
    step : float or array_like of shape (n,), optional
        The perturbations :math:`c_i`; None to find them.
    gamma : float, default 0.101
        Exponent of the decay of the perturbations, at least 0.
    resamplings : int, default 1
        Pairs of values that are averaged for one gradient.
    eval_every : int, default 10
        The value at the iterate itself is evaluated once in so many iterations, with a pair at
        twice the distance, every third time at a shorter one: for the curvature, the bias, the
        history and the option ``target``; 0 for never.

    Raises
    ------
    ValueError
        When an argument is outside its range; during the run, for a batch of points.

    References
    ----------
    .. [1] J. C. Spall, "Multivariate stochastic approximation using a simultaneous perturbation
       gradient approximation", IEEE Transactions on Automatic Control 37 (1992), 332-341.
    .. [2] F. Hanzely, K. Mishchenko and P. Richtárik, "SEGA: variance reduction via gradient
       sketching", Advances in Neural Information Processing Systems 31 (2018).

    Examples
    --------
    >>> import numpy as np
    >>> from skgd import SPSA, gd_spsa
    >>> chance = np.random.default_rng(1)
    >>> def f(x):
    ...     return ((x - 1) ** 2).sum() + 0.1 * chance.normal()
    >>> res = gd_spsa(f, np.zeros(20), jac=SPSA(resamplings=2), maxfev=5000, rng=2)
    >>> bool(abs(res.x - 1).max() < 0.05)
    True
    """

    step: Any = None
    gamma: float = 0.101
    resamplings: int = 1
    eval_every: int = 10

    random: ClassVar[bool] = True
    by_differences: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.step is not None:
            step = finite_array("step", self.step)
            if not (step > 0).all():
                raise ValueError(f"step must be positive, got {shown(self.step)}")
            object.__setattr__(self, "step", step if step.ndim else float(step))
        object.__setattr__(self, "gamma", not_negative("gamma", self.gamma))
        for name, least in (("resamplings", 1), ("eval_every", 0)):
            object.__setattr__(self, name, whole_number(name, getattr(self, name), least=least))

    def with_steps(self, steps: Mapping[str, Any]) -> Jacobian:
        """Return the scheme with absolute steps as its perturbations."""
        if not steps:
            return self
        if "eps" not in steps:
            raise ValueError("finite_diff_rel_step does not suit SPSA; give eps, its perturbations")
        if not np.all(np.asarray(steps["eps"]) > 0):
            raise ValueError(
                f"eps must be positive with random gradients, got {shown(steps['eps'])}"
            )
        return replace(self, step=steps["eps"])

    def prepare(self, x: Array, f: Reals, ground: Ground) -> Asking:
        """Find the perturbations, and return the estimator that draws the gradients of a run."""
        if x.ndim == 2:
            raise ValueError(
                "gradient: SPSA serves single runs only, because its random numbers belong to one; "
                "use '2-point' or '3-point' for a batch"
            )
        for _ in range(1 + steps.AGAIN):
            if f is None or not math.isfinite(f):
                f = yield Value(x)
        eps = float(np.finfo(x.dtype).eps)
        size = abs(f) if math.isfinite(f) else 1.0
        noise = max(ground.noise, 2.0 * eps * size, FAINT)
        each = 2.0 * self.resamplings + (3.0 / self.eval_every if self.eval_every else 0.0)
        iterations = min(ground.iterations, ground.evaluations / each)
        chance = np.random.default_rng(ground.rng)
        free = math.inf if self.step is not None else 6.0 * x.size
        found = steps.Intervals(
            steps.first_intervals(x, ground.box), np.zeros(x.size), np.zeros(x.size)
        )
        coordinates = free <= SHARE * iterations * each
        if self.step is not None:
            found.c = np.broadcast_to(np.asarray(self.step, float), x.shape).copy()
        elif not math.isfinite(f):
            pass
        elif coordinates:
            found = yield from steps.intervals(x, f, ground.box, lambda seen: aim_for(seen, noise))
        else:
            yield from steps.common_interval(
                x, f, ground.box, found, lambda seen: aim_for(seen, noise), chance
            )
        return (
            Estimator(
                self,
                x,
                found,
                noise,
                iterations,
                coordinates,
                noise > NOISY * eps * size,
                ground,
                chance,
            ),
            f,
        )

    def evaluate(self, x: Array, f: Reals, box: BoxBounds) -> Asking:
        """Ask for one gradient, without a memory."""
        scheme, f = yield from self.prepare(x, f, Ground(box=box))
        scheme.cautious = False
        return (yield from scheme.evaluate(x, f, box))
