"""Ripples of ever smaller lengths: hardly smooth anywhere, or not around the minimum."""

from __future__ import annotations

from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.testing.literature import JAMIL_YANG

from .problem import Catalogue, index

catalogue = Catalogue("fractals")
add = catalogue.add


@add(
    f"K. Weierstrass (1872), as a test function in {JAMIL_YANG}",
    low=-0.5,
    high=0.5,
    at=0,
    best=0,
    sizes=(2, 5),
)
def weierstrass(x: Array) -> Any:
    r""":math:`\sum_i \sum_{k=0}^{20} 2^{-k} (1 + \cos(2 \pi 3^k (x_i + 1/2)))`.

    Written as the sum of non-negative terms :math:`2^{1-k} \sin^2(\pi 3^k x_i)`, which it equals.
    """
    k = np.arange(21)[:, np.newaxis, np.newaxis]
    return (2.0 ** (1 - k) * np.sin(np.pi * 3.0**k * x) ** 2).sum(axis=(0, 1))


@add(
    "H. Katsuura, Amer. Math. Monthly 98 (1991) 411-416, as in the CEC 2013 test set",
    low=-5,
    high=5,
    at=0,
    best=0,
    sizes=(2, 5),
)
def katsuura(x: Array) -> Any:
    r"""Continuous, and nowhere smooth until the scale of 2 to the power -32.

    :math:`\frac{10}{n^2} \prod_i (1 + i \sum_{k=1}^{32} |2^k x_i - [2^k x_i]| / 2^k)^{10 / n^{1.2}}
    - \frac{10}{n^2}`, where [] rounds to the nearest whole number: zero at all points of whole and
    half numbers.
    """
    n = len(x)
    scale = 2.0 ** np.arange(1, 33)[:, np.newaxis, np.newaxis]
    rough = (np.abs(scale * x - np.round(scale * x)) / scale).sum(axis=0)
    return 10 / n**2 * ((1 + index(x) * rough).prod(axis=0) ** (10 / n**1.2) - 1)


@add(
    f"T. Csendes, D. Ratz, SIAM J. Numer. Anal. 34 (1997) 922-938; {JAMIL_YANG}",
    low=-1,
    high=1,
    at=0,
    best=0,
    sizes=(5,),
)
def csendes(x: Array) -> Any:
    r""":math:`\sum_i x_i^6 (2 + \sin(1 / x_i))`, with infinitely many minima, continued to 0."""
    return (x**6 * (2 + np.sin(1 / np.where(x == 0, 1, x)))).sum(axis=0)
