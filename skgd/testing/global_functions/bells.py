"""Holes in a plain: sums of bells and single needles, where the slope around a hole is small."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.testing.bell_tables import (
    HARTMANN_3_CENTRES,
    HARTMANN_3_RATES,
    HARTMANN_6_CENTRES,
    HARTMANN_6_RATES,
    HARTMANN_HEIGHTS,
    SHEKEL_CENTRES,
    SHEKEL_WIDTHS,
)
from skgd.testing.literature import ALI, GAVANA, JAMIL_YANG, SURJANOVIC_BINGHAM, YANG

from .problem import Catalogue, Formula

catalogue = Catalogue("bells")
add = catalogue.add


def _squares(x: Array, rates: Array, centres: Array) -> Any:
    r"""Return :math:`\sum_j R_{ij} (x_j - C_{ij})^2`, shape ``(bells, m)``."""
    return (rates[..., np.newaxis] * (x - centres[..., np.newaxis]) ** 2).sum(axis=1)


def _hartmann(x: Array, rates: Array, centres: Array) -> Any:
    return -HARTMANN_HEIGHTS @ np.exp(-_squares(x, rates, centres))


@add(
    f"J. K. Hartman, Technical Report NPS55HH72051A (1972); {SURJANOVIC_BINGHAM}",
    low=0,
    high=1,
    at=(0.1145888719, 0.5556488958, 0.8525469844),
    best=-3.8627797873326624,
    sizes=(3,),
)
def hartmann_3(x: Array) -> Any:
    r""":math:`-\sum_{i=1}^4 c_i \exp(-\sum_j R_{ij} (x_j - C_{ij})^2)`."""
    return _hartmann(x, HARTMANN_3_RATES, HARTMANN_3_CENTRES)


@add(
    f"J. K. Hartman, Technical Report NPS55HH72051A (1972); {SURJANOVIC_BINGHAM}",
    low=0,
    high=1,
    at=(0.2016895132, 0.1500106919, 0.4768739714, 0.2753324307, 0.3116516172, 0.6573005342),
    best=-3.3223680114155147,
    sizes=(6,),
)
def hartmann_6(x: Array) -> Any:
    """Hartmann's function of six variables, with a local minimum -3.203 that many descents find."""
    return _hartmann(x, HARTMANN_6_RATES, HARTMANN_6_CENTRES)


def _shekel(x: Array, holes: int) -> Any:
    distance = _squares(x, np.ones((holes, 4)), SHEKEL_CENTRES[:holes])
    return -(1 / (distance + SHEKEL_WIDTHS[:holes, np.newaxis])).sum(axis=0)


def _add_shekel(best: float, at: tuple[float, ...]) -> Callable[[Formula], Formula]:
    source = f"J. Shekel, 5th Princeton Conf. on Information Science and Systems (1971); {ALI}"
    return add(source, low=0, high=10, at=at, best=best, sizes=(4,))


@_add_shekel(-10.153199679058229, (4.0000371541, 4.0001332754))
def shekel_5(x: Array) -> Any:
    r""":math:`-\sum_{i=1}^5 1 / (|x - c_i|^2 + w_i)`: five foxholes."""
    return _shekel(x, 5)


@_add_shekel(-10.402940566818664, (4.0005729154, 4.0006893671, 3.9994897097, 3.9996061582))
def shekel_7(x: Array) -> Any:
    """Seven foxholes."""
    return _shekel(x, 7)


@_add_shekel(-10.536409816692045, (4.0007465301, 4.000592933, 3.9996633976, 3.9995097991))
def shekel_10(x: Array) -> Any:
    """Ten foxholes."""
    return _shekel(x, 10)


@add(
    f"K. A. De Jong, thesis, University of Michigan (1975); {SURJANOVIC_BINGHAM}",
    low=-65.536,
    high=65.536,
    at=(-31.97833, -31.97833),
    best=0.9980038377944496,
)
def de_jong_5(x: Array) -> Any:
    r""":math:`1 / (0.002 + \sum_{i=1}^{25} 1 / (i + (a - A_i)^6 + (b - B_i)^6))`.

    Twenty-five flat holes at the points of a grid of spacing 16.
    """
    grid = np.arange(-32, 33, 16)
    a = np.tile(grid, 5)[:, np.newaxis]
    b = np.repeat(grid, 5)[:, np.newaxis]
    i = np.arange(1, 26)[:, np.newaxis]
    return 1 / (0.002 + (1 / (i + (x[0] - a) ** 6 + (x[1] - b) ** 6)).sum(axis=0))


_LANGERMANN = np.array([[3.0, 5], [5, 2], [2, 1], [1, 4], [7, 9]])


@add(
    f"S. Langerman, 1st Int. Contest on Evolutionary Optimization (1996); {GAVANA}",
    low=0,
    high=10,
    at=(2.0029921193, 1.006095941),
    best=-5.162126159963983,
)
def langermann(x: Array) -> Any:
    r""":math:`-\sum_{i=1}^5 c_i e^{-|x - A_i|^2 / \pi} \cos(\pi |x - A_i|^2)`.

    c = (1, 2, 5, 2, 3). Surjanovic and Bingham print the other sign.
    """
    square = _squares(x, np.ones((5, 2)), _LANGERMANN)
    return -np.array([1.0, 2, 5, 2, 3]) @ (np.exp(-square / np.pi) * np.cos(np.pi * square))


@add(
    f"E. E. Easom, thesis, University of Louisville (1990); {SURJANOVIC_BINGHAM}",
    low=-100,
    high=100,
    at=np.pi,
    best=-1,
)
def easom(x: Array) -> Any:
    r""":math:`-\cos a \cos b \, e^{-(a - \pi)^2 - (b - \pi)^2}`: a needle in a flat plain."""
    return -np.cos(x).prod(axis=0) * np.exp(-((x - np.pi) ** 2).sum(axis=0))


@add(
    f"Drop-wave function in {SURJANOVIC_BINGHAM}",
    low=-5.12,
    high=5.12,
    at=0,
    best=-1,
)
def drop_wave(x: Array) -> Any:
    r""":math:`-(1 + \cos 12 r) / (2 + r^2 / 2)`, where r is the Euclidean norm."""
    square = (x**2).sum(axis=0)
    return -(1 + np.cos(12 * np.sqrt(square))) / (2 + square / 2)


@add(
    f"A. J. Keane, Artif. Intell. Eng. 9 (1995) 75-83, in the plane; {JAMIL_YANG}",
    low=0,
    high=10,
    at=(0, 1.39324907),
    best=-0.673667521146855,
)
def keane(x: Array) -> Any:
    r""":math:`-\sin^2(a - b) \sin^2(a + b) / \sqrt{a^2 + b^2}`, continued to the origin.

    Jamil and Yang print it without the sign that their minimum needs.
    """
    a, b = x
    radius = np.hypot(a, b)
    return -((np.sin(a - b) * np.sin(a + b)) ** 2) / np.where(radius == 0, 1, radius)


@add(
    f"R. B. Gramacy, H. K. H. Lee, Comput. Sci. Stat. (2008), in {SURJANOVIC_BINGHAM}",
    low=-2,
    high=6,
    at=(-(0.5**0.5), 0),
    best=-((2 * np.e) ** -0.5),
)
def gramacy_lee(x: Array) -> Any:
    r""":math:`a e^{-a^2 - b^2}`: all that happens is in a corner of the box."""
    return x[0] * np.exp(-(x**2).sum(axis=0))


@add(
    f"Rosenbrock Modified in {GAVANA}",
    low=-2,
    high=2,
    at=(-0.909553735, -0.9505717158),
    best=34.04024310664056,
)
def rosenbrock_modified(x: Array) -> Any:
    r"""Rosenbrock's valley with a needle beside it.

    :math:`74 + 100 (b - a^2)^2 + (1 - a)^2 - 400 e^{-10 ((a + 1)^2 + (b + 1)^2)}`. Jamil and Yang
    state a minimum of 0, which is not attained.
    """
    a, b = x
    valley = 74 + 100 * (b - a**2) ** 2 + (1 - a) ** 2
    return valley - 400 * np.exp(-10 * ((a + 1) ** 2 + (b + 1) ** 2))


@add(
    f"E. A. Damavandi, S. Safavi-Naeini, IEEE Trans. Evol. Comput. 9 (2005) 405-419; {GAVANA}",
    low=0,
    high=14,
    at=2,
    best=0,
)
def damavandi(x: Array) -> Any:
    r"""Damavandi: a wide bowl down to 2 at (7, 7), and a narrow hole down to 0 at (2, 2).

    :math:`(1 - |s(a - 2) \, s(b - 2)|^5) (2 + (a - 7)^2 + 2 (b - 7)^2)` with :math:`s(t) = \sin(\pi
    t) / (\pi t)`.
    """
    a, b = x
    hole = 1 - np.abs(np.sinc(a - 2) * np.sinc(b - 2)) ** 5
    return hole * (2 + (a - 7) ** 2 + 2 * (b - 7) ** 2)


@add(
    f"{YANG}; {JAMIL_YANG}",
    low=-20,
    high=20,
    at=0,
    best=-1,
)
def xin_she_yang_3(x: Array) -> Any:
    r""":math:`e^{-\sum_i (x_i / 15)^{10}} - 2 e^{-\sum_i x_i^2} \prod_i \cos^2 x_i`.

    A needle in the middle of a table with smooth edges.
    """
    table = np.exp(-((x / 15) ** 10).sum(axis=0))
    return table - 2 * np.exp(-(x**2).sum(axis=0)) * (np.cos(x) ** 2).prod(axis=0)


@add(
    f"Exponential function in {JAMIL_YANG}",
    low=-1,
    high=1,
    at=0,
    best=-1,
    sizes=(5,),
)
def exponential(x: Array) -> Any:
    r""":math:`-e^{-\frac12 \sum_i x_i^2}`."""
    return -np.exp(-(x**2).sum(axis=0) / 2)
