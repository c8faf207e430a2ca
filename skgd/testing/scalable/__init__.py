r"""Classics that exist for any number of variables, with gradients of linear cost.

Indices in the formulas count from 1, as in the literature.
"""

from __future__ import annotations

from skgd.testing.problem import Entry, Objective, entries

from .chains import (
    ChainedRosenbrock,
    Cosine,
    Cragglvy,
    Dixon3Dq,
    DixonPrice,
    Edensch,
    Engval1,
    Fletchcr,
    GeneralizedTridiagonal1,
    Nonscomp,
    Tridia,
)
from .coupled import Arwhead, Bdqrtic, Liarwhd, Nondia, PerturbedQuadratic, Sinquad, Zakharov
from .dixmaan import DixmaanA, DixmaanB, DixmaanE, DixmaanH, DixmaanI
from .separable import (
    Diagonal1,
    Diagonal2,
    Diagonal3,
    Dqdrtic,
    ExtendedHimmelblau,
    ExtendedTridiagonal1,
    ExtendedWhiteHolst,
    Hager,
    Quartc,
    Raydan1,
    Raydan2,
)

__all__ = ["OBJECTIVES", "catalogue"]

OBJECTIVES: list[type[Objective]] = [
    ChainedRosenbrock,
    DixonPrice,
    Dixon3Dq,
    Zakharov,
    Raydan1,
    Raydan2,
    Diagonal1,
    Diagonal2,
    Diagonal3,
    Hager,
    GeneralizedTridiagonal1,
    ExtendedTridiagonal1,
    ExtendedWhiteHolst,
    ExtendedHimmelblau,
    Arwhead,
    Liarwhd,
    Nondia,
    Nonscomp,
    Dqdrtic,
    Quartc,
    Engval1,
    Edensch,
    Cragglvy,
    Tridia,
    Bdqrtic,
    DixmaanA,
    DixmaanB,
    DixmaanE,
    DixmaanH,
    DixmaanI,
    Cosine,
    Sinquad,
    Fletchcr,
    PerturbedQuadratic,
]
"""The families in the order in which they are listed."""


def catalogue() -> list[Entry]:
    """List the scalable problems at the sizes that are offered.

    Returns
    -------
    list of Entry
        One for each number of variables.
    """
    return entries("scalable", OBJECTIVES)
