r"""Which way: the directions of descent.

A direction turns the gradient :math:`g_k` at the iterate :math:`x_k` and the learning rate
:math:`t_k` into a displacement :math:`p_k`; without a constraint or a line search the next iterate
is :math:`x_{k+1} = x_k + p_k`.  Each rule is told afterwards which step was really taken, so that
momentum is the momentum of the path and not of a wish: a step that a bound cut short, or a line
search, leaves the velocity that it really had.

In the formulas all operations act on each coordinate by itself.

A rule is an immutable object that serves many runs at once; what it remembers of a run is a state
that the run passes in.  To add a rule, subclass `Direction` in a file of
this folder and enter it in `DIRECTIONS` below.
"""

from skgd._state import State

from .base import Direction
from .metric import Preconditioned
from .momentum import HeavyBall, Nesterov, Steepest
from .own_rates import AdaGrad, Adam, NAdam, RMSProp
from .scaled import Scaled
from .signs import Rprop

__all__ = [
    "DIRECTIONS",
    "AdaGrad",
    "Adam",
    "Direction",
    "HeavyBall",
    "NAdam",
    "Nesterov",
    "Preconditioned",
    "RMSProp",
    "Rprop",
    "Scaled",
    "State",
    "Steepest",
]

DIRECTIONS: dict[str, type[Direction]] = {
    "steepest": Steepest,
    "heavy_ball": HeavyBall,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
    "adam": Adam,
    "nadam": NAdam,
    "rprop": Rprop,
    "scaled": Scaled,
}
"""The directions by name; the contract tests and the documentation go through this table."""
