"""What a run descends by."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from .directions import Direction
from .jacobians import Jacobian
from .learning_rates import LearningRate
from .noise import Noise
from .proximal import Constraint
from .stopping import Stopping

__all__ = ["MAX_TRIES", "Rules"]

MAX_TRIES = 30
"""Trials in one iteration before a run gives up."""


@dataclass(frozen=True)
class Rules:
    """The five parts of a run, and what is done about values that are not finite or noisy.

    Attributes
    ----------
    noise : Noise or None
        The noise of the values; None for exact ones.
    evaluations : float
        The most evaluations that the run may take; infinite without a limit.
    rng : int, Generator or None
        What random numbers are drawn from.
    """

    jacobian: Jacobian
    direction: Direction
    learning_rate: LearningRate
    constraint: Constraint | None
    stopping: Stopping
    nonfinite: str = "backtrack"
    max_tries: int = MAX_TRIES
    noise: Noise | None = None
    evaluations: float = math.inf
    rng: Any = None
    searches: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "searches", self.learning_rate.searches)
