"""What the gradient is: given, or found by perturbation.

A gradient scheme is a generator that asks for evaluations and combines the answers (see
`skgd.requests`); so finite differences are counted, vectorised, run in parallel or recorded by the
runner without knowing it.

A scheme is passed as ``jac=Central(step=1e-3)`` or, because `scipy.optimize.minimize` turns the
strings ``"2-point"``, ``"3-point"`` and ``"cs"`` into None for every custom method, as
``options={"gradient": "3-point"}``.

To add a scheme, subclass `Jacobian` and enter it in `JACOBIANS`.
"""

from __future__ import annotations

from .base import Analytic, BoxBounds, Ground, Jacobian
from .complex_step import ComplexStep
from .differences import Central, Forward
from .spsa import SPSA

__all__ = [
    "JACOBIANS",
    "SPSA",
    "Analytic",
    "BoxBounds",
    "Central",
    "ComplexStep",
    "Forward",
    "Ground",
    "Jacobian",
]

JACOBIANS: dict[str, type[Jacobian]] = {
    "analytic": Analytic,
    "2-point": Forward,
    "3-point": Central,
    "cs": ComplexStep,
    "spsa": SPSA,
}
"""The gradient schemes by name, SciPy's where SciPy has one."""
