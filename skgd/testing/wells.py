r"""Wells, ripples and cliffs in few variables: where a descent can end in the wrong place.

``best`` is the global minimum; ``minima`` lists local ones, all of them where the function is a sum
over coordinates with finitely many.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement
from typing import Any, ClassVar

import numpy as np

from skgd._rows import Array

from .bell_tables import (
    HARTMANN_3_CENTRES,
    HARTMANN_3_RATES,
    HARTMANN_6_CENTRES,
    HARTMANN_6_RATES,
    HARTMANN_HEIGHTS,
)
from .literature import CUTE, JAMIL_YANG, LEVY_MONTALVO
from .problem import Entry, Objective, entries


def _sums(depths: Sequence[float], n: int) -> tuple[float, ...]:
    """Add up one of these depths for each of n coordinates, in all ways but the lowest."""
    _, *others = combinations_with_replacement(depths, n)
    return tuple(sum(wells) for wells in others)


class SineParabola(Objective):
    r""":math:`x^2 + 8 \sin x` from 10: a shallow well guards the deep one."""

    family = "sine_parabola"
    source = "Apiquet, Neural network from scratch, part 1: gradient descent (github.com/Apiquet)"
    start = (10.0,)
    values: ClassVar = {1: -6.029403524291033}
    local_minima: ClassVar = {1: (9.419775636925786,)}

    def _value(self, x: Array) -> Any:
        return x[0] ** 2 + 8 * np.sin(x[0])

    def _gradient(self, x: Array) -> Array:
        gradient: Array = 2 * x + 8 * np.cos(x)
        return gradient


class SineRing(Objective):
    r""":math:`\sin(x_1^2 + x_2^2)` from (0, -1).

    A local minimum 0 in the middle, -1 on rings around it.
    """

    family = "sine_ring"
    source = "Apiquet, Neural network from scratch, part 1: gradient descent (github.com/Apiquet)"
    start = (0.0, -1.0)
    values: ClassVar = {2: -1.0}
    local_minima: ClassVar = {2: (0.0,)}

    def _solution(self) -> Array:
        return np.array([0.0, -((1.5 * np.pi) ** 0.5)])

    def _value(self, x: Array) -> Any:
        return np.sin(x @ x)

    def _gradient(self, x: Array) -> Array:
        gradient: Array = 2 * np.cos(x @ x) * x
        return gradient


class SineRingFar(SineRing):
    r""":math:`\sin(x_1^2 + x_2^2)` from (0, -1.2), near the top of the ridge."""

    family = "sine_ring_far"
    start = (0.0, -1.2)


class DoubleWell(Objective):
    r""":math:`\sum_i (x_i^2 - 1)^2 + 0.3 x_i`, started in the shallow wells."""

    family = "double_well"
    source = f"the quartic double well of Ginzburg and Landau, tilted; {JAMIL_YANG}"
    start = (2.0, 1.5)
    values: ClassVar = {n: n * -0.30542848374391596 for n in (1, 2, 5)}
    local_minima: ClassVar = {
        n: _sums((-0.30542848374391596, 0.29414648102826285), n) for n in (1, 2, 5)
    }

    def _value(self, x: Array) -> Any:
        return ((x**2 - 1) ** 2 + 0.3 * x).sum()

    def _gradient(self, x: Array) -> Array:
        gradient: Array = 4 * x * (x**2 - 1) + 0.3
        return gradient


class CoupledWells(Objective):
    r""":math:`\sum_i (x_i^2 - 1)^2 + \sum_{i<n} (x_i - x_{i+1})^2 / 4`.

    Domain walls cost energy.
    """

    family = "coupled_wells"
    source = "the lattice phi-four model, e.g. D. K. Campbell et al., Physica D 9 (1983) 1-32"
    start = (0.3, -0.5, -0.1)
    solution = (1.0,)
    values: ClassVar = {3: 0.0, 5: 0.0}
    local_minima: ClassVar = {
        3: (0.878890425477759, 1.6053054607949513),
        5: (
            *(0.878902466197131, 0.882847649190574, 1.608117797569701, 1.610902760704253),
            *(1.753890616511669, 1.757372597382342, 2.36199275919653, 2.480394547552111),
            3.108372363287352,
        ),
    }

    def _value(self, x: Array) -> Any:
        step = x[1:] - x[:-1]
        return ((x**2 - 1) ** 2).sum() + step @ step / 4

    def _gradient(self, x: Array) -> Array:
        step = (x[1:] - x[:-1]) / 2
        gradient: Array = 4 * x * (x**2 - 1) + np.append(0, step) - np.append(step, 0)
        return gradient


class StyblinskiTang(Objective):
    r""":math:`\frac12 \sum_i x_i^4 - 16 x_i^2 + 5 x_i`."""

    family = "styblinski_tang"
    source = "M. A. Styblinski, T.-S. Tang, Neural Networks 3 (1990) 467-483"
    start = (4.0, -1.0)
    values: ClassVar = {n: n * -39.16616570377141 for n in (2, 5)}
    local_minima: ClassVar = {n: _sums((-39.16616570377141, -25.02944665528394), n) for n in (2, 5)}

    def _value(self, x: Array) -> Any:
        square = x**2
        return (square * (square - 16) + 5 * x).sum() / 2

    def _gradient(self, x: Array) -> Array:
        gradient: Array = 2 * x**3 - 16 * x + 2.5
        return gradient


class Rastrigin(Objective):
    r""":math:`10 n + \sum_i x_i^2 - 10 \cos 2 \pi x_i`.

    `minima` holds the first rings of the lattice.
    """

    family = "rastrigin"
    source = f"L. A. Rastrigin, Systems of Extremal Control (1974); {JAMIL_YANG}"
    start = (2.2, -1.3)
    solution = (0.0,)
    values: ClassVar = {1: 0.0, 2: 0.0, 5: 0.0}
    local_minima: ClassVar = {
        n: _sums((0.0, 0.9949590570932915, 3.979831190554088), n) for n in (1, 2, 5)
    }

    def _value(self, x: Array) -> Any:
        return 10 * self.n + x @ x - 10 * np.cos(2 * np.pi * x).sum()

    def _gradient(self, x: Array) -> Array:
        gradient: Array = 2 * x + 20 * np.pi * np.sin(2 * np.pi * x)
        return gradient


class Griewank(Objective):
    r""":math:`1 + \sum_i x_i^2 / 4000 - \prod_i \cos(x_i / \sqrt i)`.

    Shallow ripples on a wide bowl.
    """

    family = "griewank"
    source = "A. O. Griewank, J. Optim. Theory Appl. 34 (1981) 11-39"
    start = (8.0, -5.0)
    solution = (0.0,)
    values: ClassVar = {2: 0.0, 5: 0.0}
    local_minima: ClassVar = {
        2: (0.007396040334115083, 0.027125384395415616),
        5: (0.007396040334115083, 0.009857284607820947),
    }

    def _value(self, x: Array) -> Any:
        return 1 + x @ x / 4000 - np.cos(x / np.sqrt(np.arange(1, self.n + 1))).prod()

    def _gradient(self, x: Array) -> Array:
        root = np.sqrt(np.arange(1, self.n + 1))
        cosines = np.cos(x / root)
        before = np.cumprod(np.append(1, cosines[:-1]))
        after = np.cumprod(np.append(1, cosines[:0:-1]))[::-1]
        gradient: Array = x / 2000 + np.sin(x / root) / root * before * after
        return gradient


class Levy(Objective):
    r"""Levy and Montalvo, with :math:`w_i = 1 + (x_i - 1) / 4`.

    :math:`\sin^2 \pi w_1 + \sum_{i<n} (w_i - 1)^2 (1 + 10 \sin^2(\pi w_i + 1)) + (w_n - 1)^2 (1 +
    \sin^2 2 \pi w_n)`.
    """

    family = "levy"
    source = f"{LEVY_MONTALVO}; {JAMIL_YANG}"
    start = (-4.0, 5.0)
    solution = (1.0,)
    values: ClassVar = {2: 0.0, 5: 0.0}
    local_minima: ClassVar = {
        2: (0.9737115955768499, 2.4000794081802463, 3.373791003757096),
        5: (5.101537671790051,),
    }

    def _value(self, x: Array) -> Any:
        w = 1 + (x - 1) / 4
        v, last = w[:-1], w[-1]
        return (
            np.sin(np.pi * w[0]) ** 2
            + ((v - 1) ** 2 * (1 + 10 * np.sin(np.pi * v + 1) ** 2)).sum()
            + (last - 1) ** 2 * (1 + np.sin(2 * np.pi * last) ** 2)
        )

    def _gradient(self, x: Array) -> Array:
        w = 1 + (x - 1) / 4
        v, last = w[:-1], w[-1]
        gradient = np.empty_like(w)
        gradient[:-1] = 2 * (v - 1) * (1 + 10 * np.sin(np.pi * v + 1) ** 2) + 10 * np.pi * (
            v - 1
        ) ** 2 * np.sin(2 * (np.pi * v + 1))
        gradient[-1] = 2 * (last - 1) * (1 + np.sin(2 * np.pi * last) ** 2) + 2 * np.pi * (
            last - 1
        ) ** 2 * np.sin(4 * np.pi * last)
        gradient[0] += np.pi * np.sin(2 * np.pi * w[0])
        return gradient / 4


class EggCrate(Objective):
    r""":math:`\sum_i x_i^2 + 25 \sin^2 x_i`."""

    family = "egg_crate"
    source = JAMIL_YANG
    start = (4.0, -2.0, 5.5)
    solution = (0.0,)
    values: ClassVar = {1: 0.0, 2: 0.0, 3: 0.0}
    local_minima: ClassVar = {
        n: _sums((0.0, 9.488197339106259, 37.92947185247834), n) for n in (1, 2, 3)
    }

    def _value(self, x: Array) -> Any:
        return (x**2 + 25 * np.sin(x) ** 2).sum()

    def _gradient(self, x: Array) -> Array:
        gradient: Array = 2 * x + 25 * np.sin(2 * x)
        return gradient


class Genhumps(Objective):
    r"""GENHUMPS.

    :math:`\sum_{i=1}^{n-1} \sin^2(2 x_i) \sin^2(2 x_{i+1}) + (x_i^2 + x_{i+1}^2) / 20` from far
    away.
    """

    family = "genhumps"
    source = f"P. L. Toint, in {CUTE}"
    solution = (0.0,)
    values: ClassVar = {5: 0.0}

    def _start(self) -> Array:
        return np.array([-506.0, *[506.2] * (self.n - 1)])

    def _value(self, x: Array) -> Any:
        hump = np.sin(2 * x) ** 2
        return hump[:-1] @ hump[1:] + (x[:-1] @ x[:-1] + x[1:] @ x[1:]) / 20

    def _gradient(self, x: Array) -> Array:
        hump, slope = np.sin(2 * x) ** 2, 2 * np.sin(4 * x)
        gradient: Array = np.append(slope[:-1] * hump[1:] + x[:-1] / 10, 0)
        gradient[1:] += slope[1:] * hump[:-1] + x[1:] / 10
        return gradient


class ThreeHumpCamel(Objective):
    r""":math:`2 x_1^2 - 1.05 x_1^4 + x_1^6 / 6 + x_1 x_2 + x_2^2`."""

    family = "three_hump_camel"
    source = f"F. H. Branin (1972); {JAMIL_YANG}"
    start = (-2.5, 1.0)
    solution = (0.0,)
    values: ClassVar = {2: 0.0}
    local_minima: ClassVar = {2: (0.2986384422368594,)}

    def _value(self, x: Array) -> Any:
        a, b = x
        return 2 * a**2 - 1.05 * a**4 + a**6 / 6 + a * b + b**2

    def _gradient(self, x: Array) -> Array:
        a, b = x
        return np.array([4 * a - 4.2 * a**3 + a**5 + b, a + 2 * b])


class SixHumpCamel(Objective):
    r""":math:`(4 - 2.1 x_1^2 + x_1^4 / 3) x_1^2 + x_1 x_2 + (4 x_2^2 - 4) x_2^2`."""

    family = "six_hump_camel"
    source = f"F. H. Branin (1972); {JAMIL_YANG}"
    start = (-2.0, -1.0)
    values: ClassVar = {2: -1.0316284534898774}
    local_minima: ClassVar = {2: (-0.2154638243837184, 2.1042503103112575)}

    def _value(self, x: Array) -> Any:
        a, b = x
        return (4 - 2.1 * a**2 + a**4 / 3) * a**2 + a * b + 4 * (b**2 - 1) * b**2

    def _gradient(self, x: Array) -> Array:
        a, b = x
        return np.array([8 * a - 8.4 * a**3 + 2 * a**5 + b, a + 16 * b**3 - 8 * b])


class GoldsteinPrice(Objective):
    r"""Goldstein and Price: a product of two quartics, values from 3 to a million.

    :math:`(1 + (s + 1)^2 (19 - 14 s + 3 s^2)) (30 + t^2 (18 - 16 t + 3 t^2))` with :math:`s = x_1 +
    x_2` and :math:`t = 2 x_1 - 3 x_2`.
    """

    family = "goldstein_price"
    source = "A. A. Goldstein, J. F. Price, Math. Comp. 25 (1971) 569-574"
    start = (-0.5, 0.5)
    solution = (0.0, -1.0)
    values: ClassVar = {2: 3.0}
    local_minima: ClassVar = {2: (30.0, 84.0, 840.0)}

    def _value(self, x: Array) -> Any:
        s, t = x[0] + x[1], 2 * x[0] - 3 * x[1]
        left = 1 + (s + 1) ** 2 * (19 - 14 * s + 3 * s**2)
        return left * (30 + t**2 * (18 - 16 * t + 3 * t**2))

    def _gradient(self, x: Array) -> Array:
        s, t = x[0] + x[1], 2 * x[0] - 3 * x[1]
        left = 1 + (s + 1) ** 2 * (19 - 14 * s + 3 * s**2)
        right = 30 + t**2 * (18 - 16 * t + 3 * t**2)
        by_s = (2 * (s + 1) * (19 - 14 * s + 3 * s**2) + (s + 1) ** 2 * (6 * s - 14)) * right
        by_t = left * t * (36 - 48 * t + 12 * t**2)
        return np.array([by_s + 2 * by_t, by_s - 3 * by_t])


class Branin(Objective):
    r"""Branin.

    :math:`(x_2 - \frac{5.1}{4 \pi^2} x_1^2 + \frac5\pi x_1 - 6)^2 + 10 (1 - \frac1{8 \pi}) \cos x_1
    + 10`.
    """

    family = "branin"
    source = "F. H. Branin, IBM J. Res. Dev. 16 (1972) 504-522"
    start = (6.0, 14.0)
    solution = (np.pi, 2.275)
    values: ClassVar = {2: 5 / (4 * np.pi)}

    def _value(self, x: Array) -> Any:
        a, b = x
        bend = b - 5.1 / (4 * np.pi**2) * a**2 + 5 / np.pi * a - 6
        return bend**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(a) + 10

    def _gradient(self, x: Array) -> Array:
        a, b = x
        bend = 2 * (b - 5.1 / (4 * np.pi**2) * a**2 + 5 / np.pi * a - 6)
        slope = 5 / np.pi - 5.1 / (2 * np.pi**2) * a
        return np.array([bend * slope - 10 * (1 - 1 / (8 * np.pi)) * np.sin(a), bend])


class _Hartmann(Objective):
    r""":math:`-\sum_{i=1}^4 c_i \exp(-\sum_j A_{ij} (x_j - P_{ij})^2)`.

    :math:`c = (1, 1.2, 3, 3.2)`.
    """

    source = f"J. K. Hartman, Technical Report NPS55HH72051A (1972); {JAMIL_YANG}"
    _heights = HARTMANN_HEIGHTS
    _rates: ClassVar[Array]
    _centres: ClassVar[Array]

    def _bells(self, x: Array) -> Array:
        bells: Array = self._heights * np.exp(-(self._rates * (x - self._centres) ** 2).sum(axis=1))
        return bells

    def _value(self, x: Array) -> Any:
        return -self._bells(x).sum()

    def _gradient(self, x: Array) -> Array:
        gradient: Array = 2 * (self._bells(x) @ (self._rates * (x - self._centres)))
        return gradient


class Hartmann3(_Hartmann):
    """Hartmann's function of 3 variables."""

    family = "hartmann_3"
    start = (0.5, 0.5, 0.5)
    values: ClassVar = {3: -3.8627797873326624}
    local_minima: ClassVar = {3: (-3.0897641343826483, -1.0008168635606354)}
    _rates = HARTMANN_3_RATES
    _centres = HARTMANN_3_CENTRES


class Hartmann6(_Hartmann):
    """Hartmann's function of 6 variables."""

    family = "hartmann_6"
    start = (0.5,)
    values: ClassVar = {6: -3.3223680114155147}
    local_minima: ClassVar = {6: (-3.203161918396231,)}
    _rates = HARTMANN_6_RATES
    _centres = HARTMANN_6_CENTRES


class Cliff(Objective):
    r"""CLIFF: :math:`(x_1 / 100 - 3 / 100)^2 - (x_1 - x_2) + e^{20 (x_1 - x_2)}` from the top."""

    family = "cliff"
    source = f"ITPACK problem in {CUTE}"
    start = (0.0, -1.0)
    values: ClassVar = {2: (1 + float(np.log(20))) / 20}
    convex = True

    def _solution(self) -> Array:
        return np.array([3.0, 3.0 + np.log(20) / 20])

    def _value(self, x: Array) -> Any:
        drop = x[0] - x[1]
        return ((x[0] - 3) / 100) ** 2 - drop + np.exp(20 * drop)

    def _gradient(self, x: Array) -> Array:
        slope = 20 * np.exp(20 * (x[0] - x[1])) - 1
        return np.array([(x[0] - 3) / 5000 + slope, -slope])


class Sisser(Objective):
    r"""SISSER: :math:`3 x_1^4 - 2 x_1^2 x_2^2 + 3 x_2^4`; the Hessian vanishes at the minimum."""

    family = "sisser"
    source = f"F. S. Sisser, in {CUTE}"
    start = (1.0, 0.1)
    solution = (0.0,)
    values: ClassVar = {2: 0.0}

    def _value(self, x: Array) -> Any:
        a, b = x
        return 3 * a**4 - 2 * a**2 * b**2 + 3 * b**4

    def _gradient(self, x: Array) -> Array:
        a, b = x
        return np.array([12 * a**3 - 4 * a * b**2, 12 * b**3 - 4 * a**2 * b])


OBJECTIVES: list[type[Objective]] = [
    SineParabola,
    SineRing,
    SineRingFar,
    DoubleWell,
    CoupledWells,
    StyblinskiTang,
    Rastrigin,
    Griewank,
    Levy,
    EggCrate,
    Genhumps,
    ThreeHumpCamel,
    SixHumpCamel,
    GoldsteinPrice,
    Branin,
    Hartmann3,
    Hartmann6,
    Cliff,
    Sisser,
]


def catalogue() -> list[Entry]:
    """List the wells, ripples and cliffs.

    Returns
    -------
    list of Entry
    """
    return entries("wells", OBJECTIVES)
