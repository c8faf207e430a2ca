"""Trays, holders and crates in the plane: steep waves whose deepest wells lie far out."""

from __future__ import annotations

from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.testing.literature import GAVANA, JAMIL_YANG, MISHRA, SURJANOVIC_BINGHAM

from .problem import Catalogue

catalogue = Catalogue("trays")
add = catalogue.add


def _cone(x: Array) -> Any:
    """Return the Euclidean norm in units of pi."""
    return np.hypot(*x) / np.pi


@add(
    f"Cross-in-tray function in {MISHRA}",
    low=-10,
    high=10,
    at=1.349406608602084,
    best=-2.062611870822739,
)
def cross_in_tray(x: Array) -> Any:
    r""":math:`-10^{-4} (|\sin a \sin b \, e^{|100 - r / \pi|}| + 1)^{0.1}`, r the norm."""
    waves = np.sin(x).prod(axis=0) * np.exp(np.abs(100 - _cone(x)))
    return -1e-4 * (np.abs(waves) + 1) ** 0.1


@add(
    f"Holder table function in {MISHRA}",
    low=-10,
    high=10,
    at=(8.05502347605, 9.66459001908),
    best=-19.20850256788675,
)
def holder_table(x: Array) -> Any:
    r""":math:`-|\sin a \cos b \, e^{|1 - r / \pi|}|`, r the norm."""
    a, b = x
    return -np.abs(np.sin(a) * np.cos(b)) * np.exp(np.abs(1 - _cone(x)))


@add(
    f"Pen holder function in {MISHRA}",
    low=-11,
    high=11,
    at=9.64616771,
    best=-0.9635348327265058,
)
def pen_holder(x: Array) -> Any:
    r""":math:`-\exp(-1 / |\cos a \cos b \, e^{|1 - r / \pi|}|)`, r the norm."""
    return -np.exp(-1 / (np.abs(np.cos(x).prod(axis=0)) * np.exp(np.abs(1 - _cone(x)))))


@add(
    f"Test tube holder function in {MISHRA}",
    low=-10,
    high=10,
    at=(1.570602622, 0),
    best=-10.872300105622745,
)
def tube_holder(x: Array) -> Any:
    r""":math:`-4 |\sin a \cos b \, e^{|\cos((a^2 + b^2) / 200)|}|`."""
    a, b = x
    return -4 * np.abs(np.sin(a) * np.cos(b)) * np.exp(np.abs(np.cos((a**2 + b**2) / 200)))


@add(
    f"Carrom table function in {MISHRA}",
    low=-10,
    high=10,
    at=9.646167668,
    best=-24.156815547391236,
)
def carrom_table(x: Array) -> Any:
    r""":math:`-\frac1{30} (\cos a \cos b)^2 e^{2 |1 - r / \pi|}`, r the norm."""
    return -(np.cos(x).prod(axis=0) ** 2) * np.exp(2 * np.abs(1 - _cone(x))) / 30


@add(
    f"D. Whitley et al. (1996); {SURJANOVIC_BINGHAM}",
    low=-512,
    high=512,
    at=(512, 404.231805031),
    best=-959.6406627208509,
)
def eggholder(x: Array) -> Any:
    r""":math:`-(b + 47) \sin \sqrt{|a / 2 + b + 47|} - a \sin \sqrt{|a - b - 47|}`."""
    a, b = x
    c = b + 47
    return -c * np.sin(np.sqrt(np.abs(a / 2 + c))) - a * np.sin(np.sqrt(np.abs(a - c)))


@add(
    f"Rana function in {GAVANA}",
    low=-500,
    high=500,
    at=(-300.33763254, 500),
    best=-500.8021602966644,
)
def rana(x: Array) -> Any:
    r""":math:`a \sin p \cos q + (b + 1) \cos p \sin q`.

    :math:`p = \sqrt{|b + 1 - a|}`, :math:`q = \sqrt{|a + b + 1|}`.
    """
    a, c = x[0], x[1] + 1
    p, q = np.sqrt(np.abs(c - a)), np.sqrt(np.abs(c + a))
    return a * np.sin(p) * np.cos(q) + c * np.cos(p) * np.sin(q)


@add(
    f"Egg crate function in {JAMIL_YANG}",
    low=-5,
    high=5,
    at=0,
    best=0,
)
def egg_crate(x: Array) -> Any:
    r""":math:`\sum_i x_i^2 + 25 \sin^2 x_i`."""
    return (x**2 + 25 * np.sin(x) ** 2).sum(axis=0)


@add(
    f"Bird function in {MISHRA}",
    low=-2 * np.pi,
    high=2 * np.pi,
    at=(-1.5821421735, -3.1302468064),
    best=-106.76453674926478,
)
def bird(x: Array) -> Any:
    r""":math:`\sin a \, e^{(1 - \cos b)^2} + \cos b \, e^{(1 - \sin a)^2} + (a - b)^2`."""
    a, b = x
    left = np.sin(a) * np.exp((1 - np.cos(b)) ** 2)
    return left + np.cos(b) * np.exp((1 - np.sin(a)) ** 2) + (a - b) ** 2


@add(
    f"Chichinadze function in {MISHRA}",
    low=-30,
    high=30,
    at=(6.189866586965680, 0.5),
    best=-42.94438701899098,
)
def chichinadze(x: Array) -> Any:
    r""":math:`a^2 - 12 a + 11 + 10 \cos \frac{\pi a}2 + 8 \sin \frac{5 \pi a}2 - g(b)`.

    :math:`g(b) = e^{-(b - 1/2)^2 / 2} / \sqrt 5`. Jamil and Yang state the value -43.3159 at (5.9,
    0.5), which is not attained.
    """
    a, b = x
    waves = 10 * np.cos(np.pi * a / 2) + 8 * np.sin(5 * np.pi * a / 2)
    return a**2 - 12 * a + 11 + waves - 5**-0.5 * np.exp(-((b - 0.5) ** 2) / 2)
