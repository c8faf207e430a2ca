"""Kinks and steps: the minimum is where the function has no gradient, or has none to follow."""

from __future__ import annotations

from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.testing.literature import JAMIL_YANG, MISHRA, SURJANOVIC_BINGHAM

from .problem import Catalogue

catalogue = Catalogue("kinks")
add = catalogue.add
SCHWEFEL = "H.-P. Schwefel, Numerical Optimization of Computer Models (1981)"


@add(
    f"A. D. Bukin (1997), as Bukin 6 in {SURJANOVIC_BINGHAM}",
    low=(-15, -3),
    high=(-5, 3),
    at=(-10, 1),
    best=0,
)
def bukin_6(x: Array) -> Any:
    r""":math:`100 \sqrt{|b - a^2 / 100|} + |a + 10| / 100`: the floor of the valley is a cusp."""
    a, b = x
    return 100 * np.sqrt(np.abs(b - 0.01 * a**2)) + 0.01 * np.abs(a + 10)


@add(
    f"Bartels-Conn function in {JAMIL_YANG}",
    low=-500,
    high=500,
    at=0,
    best=1,
)
def bartels_conn(x: Array) -> Any:
    r""":math:`|a^2 + b^2 + a b| + |\sin a| + |\cos b|`."""
    a, b = x
    return np.abs(a**2 + b**2 + a * b) + np.abs(np.sin(a)) + np.abs(np.cos(b))


@add(
    f"Quintic function in {JAMIL_YANG}; {MISHRA}",
    low=-10,
    high=10,
    at=-1,
    best=0,
    sizes=(2, 5),
)
def quintic(x: Array) -> Any:
    r""":math:`\sum_i |x_i^5 - 3 x_i^4 + 4 x_i^3 + 2 x_i^2 - 10 x_i - 4|`."""
    return np.abs(x**5 - 3 * x**4 + 4 * x**3 + 2 * x**2 - 10 * x - 4).sum(axis=0)


@add(
    f"W. L. Price, Comput. J. 20 (1977) 367-370; {JAMIL_YANG}",
    low=-500,
    high=500,
    at=5,
    best=0,
)
def price_1(x: Array) -> Any:
    r""":math:`(|a| - 5)^2 + (|b| - 5)^2`."""
    return ((np.abs(x) - 5) ** 2).sum(axis=0)


@add(
    f"{SCHWEFEL}, problem 2.6",
    low=-100,
    high=100,
    at=(1, 3),
    best=0,
)
def schwefel_2_6(x: Array) -> Any:
    r""":math:`\max(|a + 2 b - 7|, |2 a + b - 5|)`."""
    a, b = x
    return np.maximum(np.abs(a + 2 * b - 7), np.abs(2 * a + b - 5))


@add(
    f"{SCHWEFEL}, problem 2.21",
    low=-100,
    high=100,
    at=0,
    best=0,
    sizes=(5,),
)
def schwefel_2_21(x: Array) -> Any:
    r""":math:`\max_i |x_i|`."""
    return np.abs(x).max(axis=0)


@add(
    f"{SCHWEFEL}, problem 2.22",
    low=-10,
    high=10,
    at=0,
    best=0,
    sizes=(10,),
)
def schwefel_2_22(x: Array) -> Any:
    r""":math:`\sum_i |x_i| + \prod_i |x_i|`."""
    return np.abs(x).sum(axis=0) + np.abs(x).prod(axis=0)


@add(
    f"D. A. Wolfe, as used by Schwefel (1981); {JAMIL_YANG}",
    low=0,
    high=2,
    at=0,
    best=0,
    sizes=(3,),
)
def wolfe(x: Array) -> Any:
    r""":math:`\frac43 (a^2 + b^2 - a b)^{3/4} + c`."""
    a, b, c = x
    return 4 / 3 * (a**2 + b**2 - a * b) ** 0.75 + c


@add(
    f"Step function 2 in {JAMIL_YANG}",
    low=-100,
    high=100,
    at=0,
    best=0,
    sizes=(5,),
)
def step_2(x: Array) -> Any:
    r""":math:`\sum_i \lfloor x_i + \frac12 \rfloor^2`: the gradient is zero almost everywhere."""
    return (np.floor(x + 0.5) ** 2).sum(axis=0)


@add(
    "A. Corana, M. Marchesi, C. Martini, S. Ridella, ACM Trans. Math. Softw. 13 (1987) 262-280",
    low=-500,
    high=500,
    at=0,
    best=0,
    sizes=(4,),
)
def corana(x: Array) -> Any:
    r"""Corana: a bowl :math:`\sum_i d_i x_i^2`, d = (1, 1000, 10, 100), with flat-bottomed pockets.

    A variable within 0.05 of a multiple z of 0.2 contributes :math:`0.15 \, d_i (|z| - 0.05)^2`
    instead.
    """
    weight = np.array([1.0, 1000, 10, 100])[:, np.newaxis]
    pocket = 0.2 * np.floor(np.abs(x / 0.2) + 0.49999)
    flat = 0.15 * np.where(pocket == 0, 0, pocket - 0.05) ** 2
    return (weight * np.where(np.abs(np.abs(x) - pocket) < 0.05, flat, x**2)).sum(axis=0)


@add(
    f"Decanomial function in {MISHRA}",
    low=-10,
    high=10,
    at=(2, -3),
    best=0,
)
def decanomial(x: Array) -> Any:
    r""":math:`(|(a - 2)^{10} - 100 a^4 + 1600| + |(b + 3)^4|)^2 / 1000`.

    Mishra prints the powers multiplied out, with 13340 for the 13440 of :math:`(a - 2)^{10}`, which
    gives the two last terms in a.
    """
    a, b = x
    return 0.001 * (np.abs((a - 2) ** 10 - 100 * a**4 + 1600) + (b + 3) ** 4) ** 2
