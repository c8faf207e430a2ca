"""Polynomials, bowls and gentle waves with one minimum or a handful, mostly in the plane."""

from __future__ import annotations

from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.testing.literature import ALI, GAVANA, JAMIL_YANG, SURJANOVIC_BINGHAM

from .problem import Catalogue, index

catalogue = Catalogue("wells")
add = catalogue.add


@add(
    f"F. H. Branin, IBM J. Res. Dev. 16 (1972) 504-522; {SURJANOVIC_BINGHAM}",
    low=(-5, 0),
    high=(10, 15),
    at=(np.pi, 2.275),
    best=5 / (4 * np.pi),
)
def branin(x: Array) -> Any:
    r"""Three equal minima.

    :math:`(b - \frac{5.1}{4 \pi^2} a^2 + \frac5\pi a - 6)^2 + 10 (1 - \frac1{8 \pi}) \cos a + 10`.
    """
    a, b = x
    bend = b - 5.1 / (4 * np.pi**2) * a**2 + 5 / np.pi * a - 6
    return bend**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(a) + 10


@add(
    "A. A. Goldstein, J. F. Price, Math. Comp. 25 (1971) 569-574",
    low=-2,
    high=2,
    at=(0, -1),
    best=3,
)
def goldstein_price(x: Array) -> Any:
    r"""Goldstein and Price: a product of two quartics, values from 3 to a million.

    :math:`(1 + (s + 1)^2 (19 - 14 s + 3 s^2)) (30 + t^2 (18 - 16 t + 3 t^2))` with :math:`s = a +
    b` and :math:`t = 2 a - 3 b`.
    """
    s, t = x[0] + x[1], 2 * x[0] - 3 * x[1]
    left = 1 + (s + 1) ** 2 * (19 - 14 * s + 3 * s**2)
    return left * (30 + t**2 * (18 - 16 * t + 3 * t**2))


@add(
    f"F. H. Branin (1972); {SURJANOVIC_BINGHAM}",
    low=(-3, -2),
    high=(3, 2),
    at=(0.08984201, -0.7126564),
    best=-1.0316284534898774,
)
def six_hump_camel(x: Array) -> Any:
    r""":math:`(4 - 2.1 a^2 + a^4 / 3) a^2 + a b + (4 b^2 - 4) b^2`."""
    a, b = x
    return (4 - 2.1 * a**2 + a**4 / 3) * a**2 + a * b + 4 * (b**2 - 1) * b**2


@add(
    f"F. H. Branin (1972); {SURJANOVIC_BINGHAM}",
    low=-5,
    high=5,
    at=0,
    best=0,
)
def three_hump_camel(x: Array) -> Any:
    r""":math:`2 a^2 - 1.05 a^4 + a^6 / 6 + a b + b^2`."""
    a, b = x
    return 2 * a**2 - 1.05 * a**4 + a**6 / 6 + a * b + b**2


@add(
    "D. M. Himmelblau, Applied Nonlinear Programming (1972)",
    low=-5,
    high=5,
    at=(3, 2),
    best=0,
)
def himmelblau(x: Array) -> Any:
    r""":math:`(a^2 + b - 11)^2 + (a + b^2 - 7)^2`: four equal minima."""
    a, b = x
    return (a**2 + b - 11) ** 2 + (a + b**2 - 7) ** 2


@add(
    f"G. P. McCormick (1982), in {JAMIL_YANG}",
    low=(-1.5, -3),
    high=(4, 4),
    at=(0.5 - np.pi / 3, -0.5 - np.pi / 3),
    best=1 - 3**0.5 / 2 - np.pi / 3 - 1,
)
def mccormick(x: Array) -> Any:
    r""":math:`\sin(a + b) + (a - b)^2 - \frac32 a + \frac52 b + 1`."""
    a, b = x
    return np.sin(a + b) + (a - b) ** 2 - 1.5 * a + 2.5 * b + 1


@add(
    f"C. S. Adjiman et al., Comput. Chem. Eng. 22 (1998) 1137-1158; {JAMIL_YANG}",
    low=-1,
    high=(2, 1),
    at=(2, 0.10578347),
    best=-2.0218067833597875,
)
def adjiman(x: Array) -> Any:
    r""":math:`\cos a \sin b - a / (b^2 + 1)`: the minimum is on the edge of the box."""
    a, b = x
    return np.cos(a) * np.sin(b) - a / (b**2 + 1)


@add(
    f"G. A. Bekey, M. T. Ung, IEEE Trans. Syst. Man Cybern. 4 (1974) 288-293; {JAMIL_YANG}",
    low=0,
    high=10,
    at=(4, 2),
    best=-26 / 3 * 2 * np.exp(-2),
)
def hosaki(x: Array) -> Any:
    r""":math:`(1 - 8 a + 7 a^2 - \frac73 a^3 + \frac14 a^4) b^2 e^{-b}`."""
    a, b = x
    return (1 - 8 * a + 7 * a**2 - 7 / 3 * a**3 + a**4 / 4) * b**2 * np.exp(-b)


@add(
    f"Giunta function in {JAMIL_YANG}",
    low=-1,
    high=1,
    at=0.46732002530945826,
    best=0.06447042053690566,
)
def giunta(x: Array) -> Any:
    r""":math:`\frac35 + \sum_i \sin t_i + \sin^2 t_i + \frac1{50} \sin 4 t_i`.

    :math:`t_i = \frac{16}{15} x_i - 1`.
    """
    t = 16 / 15 * x - 1
    return 0.6 + (np.sin(t) + np.sin(t) ** 2 + np.sin(4 * t) / 50).sum(axis=0)


@add(
    f"F. Aluffi-Pentini, V. Parisi, F. Zirilli, J. Optim. Theory Appl. 47 (1985) 1-16; {ALI}",
    low=-10,
    high=10,
    at=(-1.0466805696, 0),
    best=-0.3523860738000365,
)
def zirilli(x: Array) -> Any:
    r""":math:`a^4 / 4 - a^2 / 2 + a / 10 + b^2 / 2`."""
    a, b = x
    return a**4 / 4 - a**2 / 2 + a / 10 + b**2 / 2


@add(
    f"Zettl function in {JAMIL_YANG}",
    low=-5,
    high=10,
    at=(-0.029895984, 0),
    best=-0.003791237220468656,
)
def zettl(x: Array) -> Any:
    r""":math:`(a^2 + b^2 - 2 a)^2 + a / 4`."""
    a, b = x
    return (a**2 + b**2 - 2 * a) ** 2 + a / 4


@add(
    f"J. Rönkkönen (2009), as Ursem 1 in {JAMIL_YANG}",
    low=(-2.5, -2),
    high=(3, 2),
    at=(1.697136450717216, 0),
    best=-4.816814063734823,
)
def ursem_1(x: Array) -> Any:
    r""":math:`-\sin(2 a - \pi / 2) - 3 \cos b - a / 2`."""
    a, b = x
    return -np.sin(2 * a - np.pi / 2) - 3 * np.cos(b) - a / 2


@add(
    f"R. A. El-Attar, M. Vidyasagar, S. R. K. Dutta, SIAM J. Numer. Anal. 16 (1979) 70-86; "
    f"{GAVANA}",
    low=-100,
    high=100,
    at=(3.4091868222, -2.1714330361),
    best=1.7127803548622027,
)
def el_attar(x: Array) -> Any:
    r""":math:`(a^2 + b - 10)^2 + (a + b^2 - 7)^2 + (a^2 + b^3 - 1)^2`."""
    a, b = x
    return (a**2 + b - 10) ** 2 + (a + b**2 - 7) ** 2 + (a**2 + b**3 - 1) ** 2


@add(
    f"A. Dekkers, E. Aarts, Math. Program. 50 (1991) 367-393; {ALI}",
    low=-20,
    high=20,
    at=(0, 14.945112130320988),
    best=-24776.518342317686,
)
def dekkers_aarts(x: Array) -> Any:
    r""":math:`10^5 a^2 + b^2 - (a^2 + b^2)^2 + 10^{-5} (a^2 + b^2)^4`."""
    a, b = x
    square = a**2 + b**2
    return 1e5 * a**2 + b**2 - square**2 + 1e-5 * square**4


@add(
    f"W. L. Price (1977), as Price 3 in {JAMIL_YANG}",
    low=-50,
    high=50,
    at=1,
    best=0,
)
def price_3(x: Array) -> Any:
    r""":math:`100 (b - a^2)^2 + (6.4 (b - \frac12)^2 - a - 0.6)^2`."""
    a, b = x
    return 100 * (b - a**2) ** 2 + (6.4 * (b - 0.5) ** 2 - a - 0.6) ** 2


@add(
    f"W. L. Price (1977), as Price 4 in {JAMIL_YANG}",
    low=-50,
    high=50,
    at=0,
    best=0,
)
def price_4(x: Array) -> Any:
    r""":math:`(2 a^3 b - b^3)^2 + (6 a - b^2 + b)^2`: three equal minima."""
    a, b = x
    return (2 * a**3 * b - b**3) ** 2 + (6 * a - b**2 + b) ** 2


@add(
    f"Schwefel 2.36 function in {GAVANA}",
    low=0,
    high=500,
    at=12,
    best=-3456,
)
def schwefel_2_36(x: Array) -> Any:
    r""":math:`-a b (72 - 2 a - 2 b)`."""
    a, b = x
    return -a * b * (72 - 2 * a - 2 * b)


@add(
    f"Booth function in {SURJANOVIC_BINGHAM}",
    low=-10,
    high=10,
    at=(1, 3),
    best=0,
)
def booth(x: Array) -> Any:
    r""":math:`(a + 2 b - 7)^2 + (2 a + b - 5)^2`."""
    a, b = x
    return (a + 2 * b - 7) ** 2 + (2 * a + b - 5) ** 2


@add(
    f"Matyas function in {SURJANOVIC_BINGHAM}",
    low=-10,
    high=10,
    at=0,
    best=0,
)
def matyas(x: Array) -> Any:
    r""":math:`0.26 (a^2 + b^2) - 0.48 a b`."""
    a, b = x
    return 0.26 * (a**2 + b**2) - 0.48 * a * b


@add(
    f"Zakharov function in {SURJANOVIC_BINGHAM}",
    low=-5,
    high=10,
    at=0,
    best=0,
    sizes=(5, 10),
)
def zakharov(x: Array) -> Any:
    r""":math:`\sum_i x_i^2 + s^2 + s^4` with :math:`s = \frac12 \sum_i i x_i`."""
    s = (index(x) * x).sum(axis=0) / 2
    return (x**2).sum(axis=0) + s**2 + s**4


@add(
    f"Trid function in {SURJANOVIC_BINGHAM}",
    low={6: -36, 10: -100},
    high={6: 36, 10: 100},
    at={n: [i * (n + 1 - i) for i in range(1, n + 1)] for n in (6, 10)},
    best={6: -50, 10: -210},
    sizes=(6, 10),
)
def trid(x: Array) -> Any:
    r""":math:`\sum_i (x_i - 1)^2 - \sum_{i>1} x_i x_{i-1}`."""
    return ((x - 1) ** 2).sum(axis=0) - (x[1:] * x[:-1]).sum(axis=0)


@add(
    f"M. A. Styblinski, T.-S. Tang, Neural Networks 3 (1990) 467-483; {SURJANOVIC_BINGHAM}",
    low=-5,
    high=5,
    at=-2.903534027771177,
    best={n: n * -39.16616570377141 for n in (2, 5, 10)},
    sizes=(2, 5, 10),
)
def styblinski_tang(x: Array) -> Any:
    r""":math:`\frac12 \sum_i x_i^4 - 16 x_i^2 + 5 x_i`: two wells a variable."""
    return (x**4 - 16 * x**2 + 5 * x).sum(axis=0) / 2


@add(
    f"Qing function in {JAMIL_YANG}",
    low=-500,
    high=500,
    at=[i**0.5 for i in range(1, 6)],
    best=0,
    sizes=(5,),
)
def qing(x: Array) -> Any:
    r""":math:`\sum_i (x_i^2 - i)^2`: 2 to the power n equal minima."""
    return ((x**2 - index(x)) ** 2).sum(axis=0)


@add(
    f"Paviani function in {ALI}",
    low=2.001,
    high=9.999,
    at=9.350265833,
    best=-45.778469707446305,
    sizes=(10,),
)
def paviani(x: Array) -> Any:
    r""":math:`\sum_i (\ln^2(x_i - 2) + \ln^2(10 - x_i)) - (\prod_i x_i)^{0.2}`.

    Not a number outside the box from 2 to 10. Jamil and Yang state -45.778452, a little too high.
    """
    logarithms = np.log(x - 2) ** 2 + np.log(10 - x) ** 2
    return logarithms.sum(axis=0) - x.prod(axis=0) ** 0.2
