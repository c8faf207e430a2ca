r"""How far: the learning rates.

A learning rate proposes the number :math:`t_k` that multiplies the gradient in the direction's
displacement.  A rate that *searches* also judges: the engine tries :math:`x_k + s\,d_k` with
:math:`s = 1` first and asks whether the value found there is good enough; if not, the rule says
what to try next.  After an accepted step every rule may learn from it.

A rule is an immutable object that serves many runs at once; what it remembers of a run is a state
that the run passes in.  To add a rule, subclass `LearningRate`
in a file of this folder and enter it in `LEARNING_RATES` below.
"""

from .adaptive import Adaptive
from .armijo import Armijo, Lipschitz
from .base import LearningRate, Trial
from .gains import Gains
from .polyak import Polyak
from .schedules import (
    Constant,
    Cosine,
    Exponential,
    InverseTime,
    Proportional,
    Schedule,
    Scheduled,
    StepDecay,
)
from .spectral import Ritz, Spectral

__all__ = [
    "LEARNING_RATES",
    "Adaptive",
    "Armijo",
    "Constant",
    "Cosine",
    "Exponential",
    "Gains",
    "InverseTime",
    "LearningRate",
    "Lipschitz",
    "Polyak",
    "Proportional",
    "Ritz",
    "Schedule",
    "Scheduled",
    "Spectral",
    "StepDecay",
    "Trial",
]

LEARNING_RATES: dict[str, type[LearningRate]] = {
    "armijo": Armijo,
    "lipschitz": Lipschitz,
    "ritz": Ritz,
    "spectral": Spectral,
    "adaptive": Adaptive,
    "polyak": Polyak,
    "proportional": Proportional,
    "gains": Gains,
}
"""The learning rates that need no argument, by name."""
