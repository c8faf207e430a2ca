"""Waves over the plane: many minima of nearly the same depth."""

from __future__ import annotations

from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.testing.literature import GAVANA, JAMIL_YANG, LEVY_MONTALVO, MISHRA, SURJANOVIC_BINGHAM

from .problem import Catalogue

catalogue = Catalogue("waves")
add = catalogue.add
BOHACHEVSKY = f"I. O. Bohachevsky et al., Technometrics 28 (1986) 209-217; {SURJANOVIC_BINGHAM}"


@add(
    f"Schaffer 2 in {SURJANOVIC_BINGHAM}",
    low=-100,
    high=100,
    at=0,
    best=0,
)
def schaffer_2(x: Array) -> Any:
    r""":math:`\frac12 + (\sin^2(a^2 - b^2) - \frac12) / (1 + (a^2 + b^2) / 1000)^2`."""
    a, b = x**2
    return 0.5 + (np.sin(a - b) ** 2 - 0.5) / (1 + (a + b) / 1000) ** 2


@add(
    f"Schaffer 4 in {SURJANOVIC_BINGHAM}",
    low=-100,
    high=100,
    at=(0, 1.2531318306),
    best=0.2925786320359804,
)
def schaffer_4(x: Array) -> Any:
    r""":math:`\frac12 + (\cos^2 \sin |a^2 - b^2| - \frac12) / (1 + (a^2 + b^2) / 1000)^2`."""
    a, b = x**2
    return 0.5 + (np.cos(np.sin(np.abs(a - b))) ** 2 - 0.5) / (1 + (a + b) / 1000) ** 2


@add(
    BOHACHEVSKY,
    low=-100,
    high=100,
    at=0,
    best=0,
)
def bohachevsky_1(x: Array) -> Any:
    r""":math:`a^2 + 2 b^2 - 0.3 \cos 3 \pi a - 0.4 \cos 4 \pi b + 0.7`."""
    a, b = x
    ripples = 0.3 * (1 - np.cos(3 * np.pi * a)) + 0.4 * (1 - np.cos(4 * np.pi * b))
    return a**2 + 2 * b**2 + ripples


@add(
    BOHACHEVSKY,
    low=-100,
    high=100,
    at=0,
    best=0,
)
def bohachevsky_2(x: Array) -> Any:
    r""":math:`a^2 + 2 b^2 - 0.3 \cos 3 \pi a \cos 4 \pi b + 0.3`."""
    a, b = x
    return a**2 + 2 * b**2 + 0.3 * (1 - np.cos(3 * np.pi * a) * np.cos(4 * np.pi * b))


@add(
    BOHACHEVSKY,
    low=-100,
    high=100,
    at=0,
    best=0,
)
def bohachevsky_3(x: Array) -> Any:
    r""":math:`a^2 + 2 b^2 - 0.3 \cos(3 \pi a + 4 \pi b) + 0.3`."""
    a, b = x
    return a**2 + 2 * b**2 + 0.3 * (1 - np.cos(3 * np.pi * a + 4 * np.pi * b))


_J = np.arange(1, 6)[:, np.newaxis, np.newaxis]


@add(
    f"B. O. Shubert, SIAM J. Numer. Anal. 9 (1972) 379-388; {SURJANOVIC_BINGHAM}",
    low=-10,
    high=10,
    at=(-7.0835064096, 4.8580568791),
    best=-186.7309088310240,
)
def shubert(x: Array) -> Any:
    r""":math:`\prod_i \sum_{j=1}^5 j \cos((j + 1) x_i + j)`: eighteen equal minima of 760."""
    return (_J * np.cos((_J + 1) * x + _J)).sum(axis=0).prod(axis=0)


@add(
    f"Shubert 3 in {JAMIL_YANG}",
    low=-10,
    high=10,
    at=(-1.1140996878, -1.1140996878),
    best=-29.675900051421188,
)
def shubert_3(x: Array) -> Any:
    r""":math:`\sum_i \sum_{j=1}^5 j \sin((j + 1) x_i + j)`.

    Jamil and Yang state a minimum of -29.6733337, which is a little too high; Gavana negates the
    sum.
    """
    return (_J * np.sin((_J + 1) * x + _J)).sum(axis=(0, 1))


@add(
    f"Shubert 4 in {JAMIL_YANG}",
    low=-10,
    high=10,
    at=4.858056879,
    best=-25.74177099545138,
)
def shubert_4(x: Array) -> Any:
    r""":math:`\sum_i \sum_{j=1}^5 j \cos((j + 1) x_i + j)`.

    Jamil and Yang state a minimum of -25.740858, which is a little too high; Gavana negates the
    sum.
    """
    return (_J * np.cos((_J + 1) * x + _J)).sum(axis=(0, 1))


@add(
    f"E. R. Hansen, in {GAVANA}",
    low=-10,
    high=10,
    at=(-7.5898930114, -7.7083137375),
    best=-176.54179313674572,
)
def hansen(x: Array) -> Any:
    r""":math:`\sum_{j=1}^5 j \cos((j - 1) a + j) \, \sum_{j=1}^5 j \cos((j + 1) b + j)`."""
    a, b = x
    j = _J[:, 0]
    left = (j * np.cos((j - 1) * a + j)).sum(axis=0)
    return left * (j * np.cos((j + 1) * b + j)).sum(axis=0)


@add(
    f"A. V. Levy et al., Topics in Numerical Analysis (1981), as Levy 5 in {GAVANA}",
    low=-10,
    high=10,
    at=(-1.306853013, -1.42484504),
    best=-176.13757800162946,
)
def levy_5(x: Array) -> Any:
    r"""Hansen's function in a bowl, :math:`(a + 1.42513)^2 + (b + 0.80032)^2`: one minimum wins."""
    a, b = x
    return hansen(x) + (a + 1.42513) ** 2 + (b + 0.80032) ** 2


@add(
    f"{LEVY_MONTALVO}; {SURJANOVIC_BINGHAM}",
    low=-10,
    high=10,
    at=1,
    best=0,
)
def levy_13(x: Array) -> Any:
    r""":math:`\sin^2 3 \pi a + (a - 1)^2 (1 + \sin^2 3 \pi b) + (b - 1)^2 (1 + \sin^2 2 \pi b)`."""
    a, b = x
    return (
        np.sin(3 * np.pi * a) ** 2
        + (a - 1) ** 2 * (1 + np.sin(3 * np.pi * b) ** 2)
        + (b - 1) ** 2 * (1 + np.sin(2 * np.pi * b) ** 2)
    )


@add(
    "L. N. Trefethen, SIAM News 35 (2002), the hundred-digit challenge, problem 4",
    low=-10,
    high=10,
    at=(-0.02440307969436968, 0.2106124271552849),
    best=-3.306868647475237,
)
def trefethen(x: Array) -> Any:
    r"""Trefethen: waves of many lengths in a bowl.

    :math:`e^{\sin 50 a} + \sin(60 e^b) + \sin(70 \sin a) + \sin \sin 80 b - \sin 10 (a + b) + (a^2
    + b^2) / 4`.
    """
    a, b = x
    first = np.exp(np.sin(50 * a)) + np.sin(60 * np.exp(b)) + np.sin(70 * np.sin(a))
    return first + np.sin(np.sin(80 * b)) - np.sin(10 * (a + b)) + (a**2 + b**2) / 4


@add(
    f"G. Venter, J. Sobieszczanski-Sobieski, Struct. Multidiscip. Optim. 26 (2004) 121-131; "
    f"{JAMIL_YANG}",
    low=-50,
    high=50,
    at=0,
    best=-400,
)
def venter(x: Array) -> Any:
    r""":math:`\sum_i x_i^2 - 100 \cos^2 x_i - 100 \cos(x_i^2 / 30)`."""
    return (x**2 - 100 * np.cos(x) ** 2 - 100 * np.cos(x**2 / 30)).sum(axis=0)


@add(
    f"Ripple 1 in {JAMIL_YANG}",
    low=0,
    high=1,
    at=0.1,
    best=-2.2,
)
def ripple_1(x: Array) -> Any:
    r""":math:`-\sum_i e^{-2 \ln 2 \, z_i^2} (\sin^6 5 \pi x_i + 0.1 \cos^2 500 \pi x_i)`.

    :math:`z_i = (x_i - 0.1) / 0.8`. The quick ripples make a quarter of a million minima.
    """
    waves = np.sin(5 * np.pi * x) ** 6 + 0.1 * np.cos(500 * np.pi * x) ** 2
    return -(np.exp(-2 * np.log(2) * ((x - 0.1) / 0.8) ** 2) * waves).sum(axis=0)


@add(
    f"Ripple 25 in {JAMIL_YANG}",
    low=0,
    high=1,
    at=0.1,
    best=-2,
)
def ripple_25(x: Array) -> Any:
    r""":math:`-\sum_i e^{-2 \ln 2 \, z_i^2} \sin^6 5 \pi x_i` with :math:`z_i = (x_i - 0.1) / 0.8`.

    Ripple 1 without the quick ripples.
    """
    envelope = np.exp(-2 * np.log(2) * ((x - 0.1) / 0.8) ** 2)
    return -(envelope * np.sin(5 * np.pi * x) ** 6).sum(axis=0)


@add(
    f"Sawtoothxy in {GAVANA}",
    low=-20,
    high=20,
    at=0,
    best=0,
)
def sawtooth(x: Array) -> Any:
    r"""Circular waves of polar coordinates :math:`r, \theta`, higher in one direction.

    :math:`\frac{r^2}{r + 1} (\sin r - \frac12 \sin 2 r + \frac13 \sin 3 r - \frac14 \sin 4 r + 4)
    (\frac12 \cos(2 \theta - \frac12) + \cos \theta + 2)`.
    """
    a, b = x
    r, angle = np.hypot(a, b), np.arctan2(b, a)
    waves = np.sin(r) - np.sin(2 * r) / 2 + np.sin(3 * r) / 3 - np.sin(4 * r) / 4 + 4
    return waves * r**2 / (r + 1) * (np.cos(2 * angle - 0.5) / 2 + np.cos(angle) + 2)


@add(
    f"J. Rönkkönen (2009), as Ursem 3 in {GAVANA}",
    low=(-2, -1.5),
    high=(2, 1.5),
    at=0,
    best=-3,
)
def ursem_3(x: Array) -> Any:
    r""":math:`-\sum_i \sin(2.2 \pi x_i + \frac\pi2) \frac{2 - |x_i|}2 \frac{3 - |x_i|}2`."""
    z = np.abs(x)
    return -(np.cos(2.2 * np.pi * x) * (2 - z) * (3 - z)).sum(axis=0) / 4


@add(
    f"J. Rönkkönen (2009), as Ursem waves in {GAVANA}",
    low=(-0.9, -1.2),
    high=1.2,
    at=1.2,
    best=-8.5536,
)
def ursem_waves(x: Array) -> Any:
    r""":math:`-0.9 a^2 - 3.5 a b^3 + 4.7 \cos(3 a - b^2 (2 + a)) \sin \frac{5 \pi a}2`.

    The minimum is in a corner of the box. With the 2 a that Gavana prints for 3 a, the minimum
    would be another, -10.24.
    """
    a, b = x
    waves = np.cos(3 * a - b**2 * (2 + a)) * np.sin(2.5 * np.pi * a)
    return -0.9 * a**2 - 3.5 * a * b**3 + 4.7 * waves


@add(
    f"K. E. Parsopoulos, in {GAVANA}",
    low=-5,
    high=5,
    at=(np.pi / 2, 0),
    best=0,
)
def parsopoulos(x: Array) -> Any:
    r""":math:`\cos^2 a + \sin^2 b`: twelve equal minima."""
    return np.cos(x[0]) ** 2 + np.sin(x[1]) ** 2


@add(
    f"Mishra 5 in {MISHRA}",
    low=-10,
    high=10,
    at=(-1.986820645, -10),
    best=-0.11982951993094317,
)
def mishra_5(x: Array) -> Any:
    r""":math:`(p + q + a)^2 + (a + b) / 100`.

    :math:`p = \sin^2((\cos a + \cos b)^2)`, :math:`q = \cos^2((\sin a + \sin b)^2)`.
    """
    a, b = x
    p, q = _interference(x)
    return (p + q + a) ** 2 + 0.01 * (a + b)


@add(
    f"Mishra 6 in {MISHRA}",
    low=-10,
    high=10,
    at=(2.8863072161, 1.8232603326),
    best=-2.283949838474759,
)
def mishra_6(x: Array) -> Any:
    r""":math:`-\ln (p - q + a)^2 + 0.1 ((a - 1)^2 + (b - 1)^2)`, p and q as in `mishra_5`."""
    a, b = x
    p, q = _interference(x)
    return -np.log((p - q + a) ** 2) + 0.1 * ((a - 1) ** 2 + (b - 1) ** 2)


def _interference(x: Array) -> tuple[Array, Array]:
    p = np.sin(np.cos(x).sum(axis=0) ** 2) ** 2
    return p, np.cos(np.sin(x).sum(axis=0) ** 2) ** 2


@add(
    f"Deflected corrugated spring in {GAVANA}",
    low=0,
    high=10,
    at=5,
    best=-1,
    sizes=(2, 5),
)
def corrugated_spring(x: Array) -> Any:
    r""":math:`r^2 / 10 - \cos 5 r`, where r is the distance from (5, ..., 5)."""
    square = ((x - 5) ** 2).sum(axis=0)
    return 0.1 * square - np.cos(5 * np.sqrt(square))


@add(
    f"S. Rahnamayan et al., Pathological function in {JAMIL_YANG}",
    low=-100,
    high=100,
    at=0,
    best=0,
    sizes=(5,),
)
def pathological(x: Array) -> Any:
    r""":math:`\sum_{i<n} \frac12 + (\sin^2 \sqrt{100 x_i^2 + x_{i+1}^2} - \frac12) / (1 + d_i)`.

    :math:`d_i = (x_i - x_{i+1})^4 / 1000`.
    """
    a, b = x[:-1], x[1:]
    waves = np.sin(np.sqrt(100 * a**2 + b**2)) ** 2 - 0.5
    return (0.5 + waves / (1 + 0.001 * (a - b) ** 4)).sum(axis=0)


@add(
    f"Vincent function in {GAVANA}",
    low=0.25,
    high=10,
    at=np.exp(np.pi / 20),
    best={2: -2, 5: -5},
    sizes=(2, 5),
)
def vincent(x: Array) -> Any:
    r""":math:`-\sum_i \sin(10 \ln x_i)`: 6 to the power n equal minima of different widths."""
    return -np.sin(10 * np.log(x)).sum(axis=0)
