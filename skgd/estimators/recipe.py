"""Which method fits a linear model: the choice that a user does not have to make."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skgd.directions import Preconditioned
from skgd.jacobians import Analytic
from skgd.learning_rates import InverseTime, LearningRate, Ritz
from skgd.learning_rates.gain import GainRatio
from skgd.methods import Method
from skgd.options import read_options
from skgd.proximal import Constraint
from skgd.rules import Rules
from skgd.stopping import Stopping

__all__ = ["How", "full_rules", "stochastic_rules"]

AUTO = Method(
    Preconditioned(),
    Ritz(initial=1.0),
    "auto",
    "Spectral steps in a metric of the curvature, or in that of the features' scales.",
)
"""In these coordinates, or in a metric, the natural rate is one; what the first curvature estimate
misses, the spectral steps find out."""


KINKED = Method(
    Preconditioned(settle=0, damped=True),
    GainRatio(initial=10.0),
    "auto",
    "Newton's steps, damped where the kinks of a loss are near.",
)
"""For losses that are curved near their kinks alone."""

EPOCHS = 5.0
"""Epochs after which the rate has halved where there is no metric."""

FORGET = 3.0
"""The power of the number of iterations with which stochastic descent forgets its start."""


@dataclass(frozen=True, eq=False)
class How:
    """How a linear model is fitted; see the parameters of the estimators."""

    method: Method | str
    learning_rate: LearningRate | str
    momentum: float | None
    batch_size: int | None
    max_iter: int
    tol: float
    precondition: str | None
    rng: np.random.Generator
    verbose: int

    @property
    def automatic(self) -> bool:
        """Whether the choice of the method is left to the fit."""
        return isinstance(self.method, str)

    @property
    def full_metric(self) -> bool:
        """Whether the descent may ask for a metric beyond the scales of the features."""
        return self.automatic and self.precondition is not None


def full_rules(how: How, constraint: Constraint | None, kinked: bool = False) -> Rules:
    """Return the rules of a descent with all rows; its tolerance is set by the stage."""
    method = how.method
    if isinstance(method, str):
        method = KINKED if kinked and how.full_metric else AUTO
    options: dict[str, Any] = {"learning_rate": how.learning_rate, "maxiter": how.max_iter}
    if how.momentum is not None:
        options["momentum"] = how.momentum
    settings = read_options(method, options, strict=True)
    if constraint is not None and not settings.direction.proximal and not _bounds_only(constraint):
        raise ValueError(
            f"method={method.name!r} works with bounds only, not with this penalty or sum: its "
            "steps do not depend on the size of the gradient; use method='auto' or 'gd_spectral'"
        )
    stopping = replace(settings.stopping, gtol=0.0, norm=2.0)
    return Rules(
        Analytic(),
        settings.direction,
        settings.rate_for(Analytic()),
        constraint,
        stopping,
        settings.nonfinite,
        settings.maxls,
    )


def stochastic_rules(
    how: How,
    constraint: Constraint | None,
    first: int,
    crowding: float,
    steepness: float | None,
    epoch: int,
) -> Rules:
    r"""Return the rules of a descent with mini-batches.

    In the metric of the Hessian the rate 1/k is optimal in the end; with 3/k the start is forgotten
    as :math:`k^{-3}`, for a variance that is 1.8 times as large.  A batch of b rows of w features
    has a curvature of up to :math:`(1 + \sqrt{w/b})^2` in that metric, which is where it begins.
    Without a metric it begins with the inverse of the largest curvature, and falls more slowly.

    Parameters
    ----------
    how : How
        What the user wants.
    constraint : Constraint or None
        The constraint.
    first : int
        Iterations that were done before, by other calls.
    crowding : float
        Columns for each row of a batch, w/b.
    steepness : float or None
        The largest curvature; None in a metric.
    epoch : int
        Iterations of an epoch.
    """
    rules = full_rules(how, constraint)
    if isinstance(how.learning_rate, str) and how.learning_rate == "auto":
        if steepness is None:
            begin = 1.0 / (1.0 + math.sqrt(crowding)) ** 2
            time = FORGET / begin
        else:
            begin = 0.5 / (steepness + crowding)
            time = max(FORGET / begin, EPOCHS * epoch)
        value = begin / (1.0 + first / time)
        rate: LearningRate = InverseTime(value, FORGET / value)
    else:
        rate = rules.learning_rate
    stopping = Stopping(gtol=0.0, maxiter=how.max_iter * epoch)
    return replace(rules, learning_rate=rate, stopping=stopping)


def _bounds_only(constraint: Constraint) -> bool:
    from skgd.proximal import Box

    return isinstance(constraint, Box)
