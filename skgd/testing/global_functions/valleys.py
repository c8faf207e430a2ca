"""Curved valleys, badly scaled bowls and least squares: a long way along the floor of a valley."""

from __future__ import annotations

from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.testing.literature import (
    ALI,
    GAVANA,
    JAMIL_YANG,
    MORE_GARBOW_HILLSTROM,
    SURJANOVIC_BINGHAM,
)

from .problem import Catalogue, index

catalogue = Catalogue("valleys")
add = catalogue.add


@add(
    "H. H. Rosenbrock, Comput. J. 3 (1960) 175-184",
    low=-5,
    high=10,
    at=1,
    best=0,
    sizes=(2, 5, 10),
)
def rosenbrock(x: Array) -> Any:
    r""":math:`\sum_{i<n} 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2`."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum(axis=0)


@add(
    f"L. C. W. Dixon, R. C. Price, J. Optim. Theory Appl. 60 (1989) 261-275; {SURJANOVIC_BINGHAM}",
    low=-10,
    high=10,
    at={n: tuple(2.0 ** (2.0**-i - 1) for i in range(n)) for n in (2, 5, 10)},
    best=0,
    sizes=(2, 5, 10),
)
def dixon_price(x: Array) -> Any:
    r""":math:`(x_1 - 1)^2 + \sum_{i>1} i (2 x_i^2 - x_{i-1})^2`; 2/3 is a local minimum."""
    return (x[0] - 1) ** 2 + (index(x)[1:] * (2 * x[1:] ** 2 - x[:-1]) ** 2).sum(axis=0)


@add(
    f"M. J. D. Powell, Comput. J. 5 (1962) 147-151; {SURJANOVIC_BINGHAM}",
    low=-4,
    high=5,
    at=0,
    best=0,
    sizes=(4, 8),
)
def powell(x: Array) -> Any:
    r"""Powell's singular function.

    The sum of :math:`(a + 10 b)^2 + 5 (c - d)^2 + (b - 2 c)^4 + 10 (a - d)^4` over groups of four
    variables.
    """
    a, b, c, d = (x[k::4] for k in range(4))
    bowl = (a + 10 * b) ** 2 + 5 * (c - d) ** 2
    return (bowl + (b - 2 * c) ** 4 + 10 * (a - d) ** 4).sum(axis=0)


@add(
    f"A. R. Colville, IBM Report 320-2949 (1968); {SURJANOVIC_BINGHAM}",
    low=-10,
    high=10,
    at=1,
    best=0,
    sizes=(4,),
)
def colville(x: Array) -> Any:
    r"""Wood's function: two valleys of Rosenbrock's kind, coupled.

    :math:`100 (a^2 - b)^2 + (a - 1)^2 + (c - 1)^2 + 90 (c^2 - d)^2 + 10.1 ((b - 1)^2 + (d - 1)^2) +
    19.8 (b - 1) (d - 1)`.
    """
    a, b, c, d = x
    valleys = 100 * (a**2 - b) ** 2 + (a - 1) ** 2 + 90 * (c**2 - d) ** 2 + (c - 1) ** 2
    return valleys + 10.1 * ((b - 1) ** 2 + (d - 1) ** 2) + 19.8 * (b - 1) * (d - 1)


@add(
    f"E. M. L. Beale (1958); {MORE_GARBOW_HILLSTROM}",
    low=-4.5,
    high=4.5,
    at=(3, 0.5),
    best=0,
)
def beale(x: Array) -> Any:
    r""":math:`\sum_{i=1}^3 (c_i - a (1 - b^i))^2`, c = (1.5, 2.25, 2.625)."""
    a, b = x
    return sum((c - a * (1 - b**i)) ** 2 for i, c in ((1, 1.5), (2, 2.25), (3, 2.625)))


@add(
    f"F. Freudenstein, B. Roth, J. ACM 10 (1963) 550-556; {MORE_GARBOW_HILLSTROM}",
    low=-10,
    high=10,
    at=(5, 4),
    best=0,
)
def freudenstein_roth(x: Array) -> Any:
    r"""Freudenstein and Roth: the wider of two valleys ends at a local minimum of 48.98.

    :math:`(a - 13 + ((5 - b) b - 2) b)^2 + (a - 29 + ((b + 1) b - 14) b)^2`.
    """
    a, b = x
    return (a - 13 + ((5 - b) * b - 2) * b) ** 2 + (a - 29 + ((b + 1) * b - 14) * b) ** 2


@add(
    f"R. Fletcher, M. J. D. Powell, Comput. J. 6 (1963) 163-168; {MORE_GARBOW_HILLSTROM}",
    low=-10,
    high=10,
    at=(1, 0, 0),
    best=0,
    sizes=(3,),
)
def helical_valley(x: Array) -> Any:
    r""":math:`100 ((c - 10 \theta)^2 + (r - 1)^2) + c^2`.

    :math:`2 \pi \theta` and r are the polar coordinates of (a, b). The valley is a helix, cut where
    :math:`\theta` jumps from 3/4 to -1/4.
    """
    a, b, c = x
    turns = (np.arctan2(b, a) / (2 * np.pi) + 0.25) % 1 - 0.25
    return 100 * ((c - 10 * turns) ** 2 + (np.hypot(a, b) - 1) ** 2) + c**2


@add(
    f"A. Leon, in Recent Advances in Optimization Techniques (1966) 23-46; {GAVANA}",
    low=-10,
    high=10,
    at=1,
    best=0,
)
def cube(x: Array) -> Any:
    r""":math:`100 (b - a^3)^2 + (1 - a)^2`."""
    a, b = x
    return 100 * (b - a**3) ** 2 + (1 - a) ** 2


@add(
    f"E. E. Cragg, A. V. Levy, J. Optim. Theory Appl. 4 (1969) 191-205; {JAMIL_YANG}",
    low=-1,
    high=1,
    at=(0, 1, 1, 1),
    best=0,
    sizes=(4,),
)
def miele_cantrell(x: Array) -> Any:
    r""":math:`(e^{-a} - b)^4 + 100 (b - c)^6 + \tan^4(c - d) + a^8`: flat to the third order."""
    a, b, c, d = x
    return (np.exp(-a) - b) ** 4 + 100 * (b - c) ** 6 + np.tan(c - d) ** 4 + a**8


@add(
    f"M. C. Biggs, J. Inst. Math. Appl. 8 (1971) 315-327; {MORE_GARBOW_HILLSTROM}",
    low=-20,
    high=20,
    at=(1, 10, 1, 5, 4, 3),
    best=0,
    sizes=(6,),
)
def biggs_exp6(x: Array) -> Any:
    r"""Biggs: a fit of three exponentials.

    :math:`\sum_{i=1}^{13} (c e^{-t a} - d e^{-t b} + f e^{-t e} - e^{-t} + 5 e^{-10 t} - 3 e^{-4
    t})^2` at :math:`t = i / 10`.
    """
    a, b, c, d, e, f = x
    t = np.arange(1, 14)[:, np.newaxis] / 10
    fit = c * np.exp(-t * a) - d * np.exp(-t * b) + f * np.exp(-t * e)
    data = np.exp(-t) - 5 * np.exp(-10 * t) + 3 * np.exp(-4 * t)
    return ((fit - data) ** 2).sum(axis=0)


_KOWALIK_Y = np.array(
    [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246]
)[:, np.newaxis]
_KOWALIK_U = np.array([4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])[
    :, np.newaxis
]


@add(
    f"J. S. Kowalik, M. R. Osborne (1968); {MORE_GARBOW_HILLSTROM}; the box of {ALI}",
    low=-5,
    high=5,
    at=(0.192806934, 0.1912823372, 0.1230565055, 0.1360623347),
    best=3.0750560384923653e-4,
    sizes=(4,),
)
def kowalik(x: Array) -> Any:
    r""":math:`\sum_{i=1}^{11} (y_i - a (u_i^2 + u_i b) / (u_i^2 + u_i c + d))^2`.

    With the rounded u of the original, such as 0.167; the value 3.07486e-4 belongs to 1/6.
    """
    a, b, c, d = x
    u = _KOWALIK_U
    model = a * (u**2 + u * b) / (u**2 + u * c + d)
    return ((_KOWALIK_Y - model) ** 2).sum(axis=0)


@add(
    f"R. A. Cox, gulf research and development; {MORE_GARBOW_HILLSTROM}; the box of {JAMIL_YANG}",
    low=(0.1, 0, 0),
    high=(100, 25.6, 5),
    at=(50, 25, 1.5),
    best=0,
    sizes=(3,),
)
def gulf(x: Array) -> Any:
    r""":math:`\sum_{i=1}^{99} (e^{-|u_i - b|^c / a} - i / 100)^2`.

    :math:`u_i = 25 + (-50 \ln (i / 100))^{2/3}`.
    """
    a, b, c = x
    level = np.arange(1, 100)[:, np.newaxis] / 100
    u = 25 + (-50 * np.log(level)) ** (2 / 3)
    return ((np.exp(-(np.abs(u - b) ** c) / a) - level) ** 2).sum(axis=0)


@add(
    f"J. T. Betts (1976), in {ALI}",
    low=(0.9, 9, 0.9),
    high=(1.2, 11.2, 1.2),
    at=(1, 10, 1),
    best=0,
    sizes=(3,),
)
def box_betts(x: Array) -> Any:
    r""":math:`\sum_{i=1}^{10} (e^{-a t} - e^{-b t} - c (e^{-t} - e^{-10 t}))^2`, t = i / 10."""
    a, b, c = x
    t = np.arange(1, 11)[:, np.newaxis] / 10
    residuals = np.exp(-a * t) - np.exp(-b * t) - c * (np.exp(-t) - np.exp(-10 * t))
    return (residuals**2).sum(axis=0)


@add(
    f"Exp 2 in {ALI}",
    low=0,
    high=20,
    at=(1, 10),
    best=0,
)
def exp_2(x: Array) -> Any:
    r""":math:`\sum_{i=0}^9 (e^{-a t} - 5 e^{-b t} - e^{-t} + 5 e^{-10 t})^2`, t = i / 10."""
    a, b = x
    t = np.arange(10)[:, np.newaxis] / 10
    residuals = np.exp(-a * t) - 5 * np.exp(-b * t) - np.exp(-t) + 5 * np.exp(-10 * t)
    return (residuals**2).sum(axis=0)


@add(
    f"R. I. Jennrich, P. F. Sampson, Technometrics 10 (1968) 63-72; {MORE_GARBOW_HILLSTROM}",
    low=-1,
    high=1,
    at=0.2578252136705126,
    best=124.36218235561,
)
def jennrich_sampson(x: Array) -> Any:
    r""":math:`\sum_{i=1}^{10} (2 + 2 i - e^{i a} - e^{i b})^2`."""
    a, b = x
    i = np.arange(1, 11)[:, np.newaxis]
    return ((2 + 2 * i - np.exp(i * a) - np.exp(i * b)) ** 2).sum(axis=0)


@add(
    f"Perm function d, beta = 1/2, in {SURJANOVIC_BINGHAM}",
    low=-4,
    high=4,
    at=(1, 2, 3, 4),
    best=0,
    sizes=(4,),
)
def perm(x: Array) -> Any:
    r""":math:`\sum_{k=1}^n (\sum_i (i^k + \frac12) ((x_i / i)^k - 1))^2`."""
    i = index(x)
    powers = range(1, len(x) + 1)
    return sum(((i**k + 0.5) * ((x / i) ** k - 1)).sum(axis=0) ** 2 for k in powers)


@add(
    f"Perm function 0, d, beta = 10, in {SURJANOVIC_BINGHAM}",
    low=-4,
    high=4,
    at=(1, 1 / 2, 1 / 3, 1 / 4),
    best=0,
    sizes=(4,),
)
def perm_0(x: Array) -> Any:
    r""":math:`\sum_{k=1}^n (\sum_i (i + 10) (x_i^k - i^{-k}))^2`."""
    i = index(x)
    powers = range(1, len(x) + 1)
    return sum(((i + 10) * (x**k - (1 / i) ** k)).sum(axis=0) ** 2 for k in powers)


@add(
    f"Power sum function in {SURJANOVIC_BINGHAM}",
    low=0,
    high=4,
    at=(1, 2, 2, 3),
    best=0,
    sizes=(4,),
)
def power_sum(x: Array) -> Any:
    r""":math:`\sum_{k=1}^4 (\sum_i x_i^k - b_k)^2`, b = (8, 18, 44, 114)."""
    sums = enumerate((8, 18, 44, 114), start=1)
    return sum(((x**k).sum(axis=0) - b) ** 2 for k, b in sums)
