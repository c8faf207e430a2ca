r"""The 35 unconstrained problems of Moré, Garbow and Hillstrom, each a sum of squares.

Notation is the paper's: :math:`f(x) = \sum_{i=1}^m f_i(x)^2`, indices from 1. Values that the paper
gives to six digits are stored here in full, polished by Newton's method with exact second
derivatives.
"""

from __future__ import annotations

from skgd.testing.problem import Entry, Objective, entries

from .curve_fits import (
    Bard,
    BiggsExp6,
    Box3D,
    BrownDennis,
    Gaussian,
    Gulf,
    JennrichSampson,
    KowalikOsborne,
    Meyer,
    Osborne1,
    Osborne2,
)
from .systems import (
    BrownAlmostLinear,
    BroydenBanded,
    BroydenTridiagonal,
    Chebyquad,
    DiscreteBoundaryValue,
    DiscreteIntegralEquation,
    LinearFullRank,
    LinearRankOne,
    LinearRankOneZeros,
    PenaltyI,
    PenaltyII,
    Trigonometric,
    VariablyDimensioned,
    Watson,
)
from .valleys import (
    Beale,
    BrownBadlyScaled,
    ExtendedRosenbrock,
    FreudensteinRoth,
    HelicalValley,
    PowellBadlyScaled,
    PowellSingular,
    Rosenbrock,
    Wood,
)

__all__ = ["OBJECTIVES", "catalogue"]

OBJECTIVES: list[type[Objective]] = [
    Rosenbrock,
    FreudensteinRoth,
    PowellBadlyScaled,
    BrownBadlyScaled,
    Beale,
    JennrichSampson,
    HelicalValley,
    Bard,
    Gaussian,
    Meyer,
    Gulf,
    Box3D,
    PowellSingular,
    Wood,
    KowalikOsborne,
    BrownDennis,
    Osborne1,
    BiggsExp6,
    Osborne2,
    Watson,
    ExtendedRosenbrock,
    PenaltyI,
    PenaltyII,
    VariablyDimensioned,
    Trigonometric,
    BrownAlmostLinear,
    DiscreteBoundaryValue,
    DiscreteIntegralEquation,
    BroydenTridiagonal,
    BroydenBanded,
    LinearFullRank,
    LinearRankOne,
    LinearRankOneZeros,
    Chebyquad,
]
"""The problems in the order of the paper."""


def catalogue() -> list[Entry]:
    """List the problems of Moré, Garbow and Hillstrom; 22 is "powell_singular" with more variables.

    Returns
    -------
    list of Entry
        One for each number of variables.
    """
    return entries("more_garbow_hillstrom", OBJECTIVES)
