r"""Ripples on a bowl or a plain, in any number of variables.

The number of local minima grows like a power of n, and their depths show the way to the lowest one,
or hide it. A bar is a mean over the variables.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from skgd._rows import Array
from skgd.testing.literature import ALI, GAVANA, JAMIL_YANG, LEVY_MONTALVO, SURJANOVIC_BINGHAM, YANG

from .problem import Catalogue, index

catalogue = Catalogue("ripples")
add = catalogue.add


@add(
    "D. H. Ackley, A Connectionist Machine for Genetic Hillclimbing (1987)",
    low=-32.768,
    high=32.768,
    at=0,
    best=0,
    sizes=(2, 5, 10),
)
def ackley(x: Array) -> Any:
    r""":math:`20 - 20 e^{-0.2 \sqrt{\overline{x^2}}} + e - e^{\overline{\cos 2 \pi x}}`."""
    distance = np.sqrt((x**2).mean(axis=0))
    return np.e - np.exp(np.cos(2 * np.pi * x).mean(axis=0)) - 20 * np.expm1(-distance / 5)


@add(
    "L. A. Rastrigin, Systems of Extremal Control (1974)",
    low=-5.12,
    high=5.12,
    at=0,
    best=0,
    sizes=(2, 5, 10),
)
def rastrigin(x: Array) -> Any:
    r""":math:`10 n + \sum_i (x_i^2 - 10 \cos 2 \pi x_i)`."""
    return (x**2 + 10 * (1 - np.cos(2 * np.pi * x))).sum(axis=0)


@add(
    "A. O. Griewank, J. Optim. Theory Appl. 34 (1981) 11-39",
    low=-600,
    high=600,
    at=0,
    best=0,
    sizes=(2, 5, 10),
)
def griewank(x: Array) -> Any:
    r""":math:`1 + \sum_i x_i^2 / 4000 - \prod_i \cos(x_i / \sqrt i)`."""
    return 1 + (x**2).sum(axis=0) / 4000 - np.cos(x / np.sqrt(index(x))).prod(axis=0)


@add(
    "H.-P. Schwefel, Numerical Optimization of Computer Models (1981), problem 2.26",
    low=-500,
    high=500,
    at=420.9687462275036,
    best={n: n * -418.9828872724338 for n in (2, 5, 10)},
    sizes=(2, 5, 10),
)
def schwefel(x: Array) -> Any:
    r""":math:`-\sum_i x_i \sin \sqrt{|x_i|}`: the best wells are far apart, near the corners."""
    return -(x * np.sin(np.sqrt(np.abs(x)))).sum(axis=0)


@add(
    f"{LEVY_MONTALVO}; {SURJANOVIC_BINGHAM}",
    low=-10,
    high=10,
    at=1,
    best=0,
    sizes=(2, 5, 10),
)
def levy(x: Array) -> Any:
    r"""Levy, with :math:`w_i = 1 + (x_i - 1) / 4`.

    :math:`\sin^2 \pi w_1 + \sum_{i<n} (w_i - 1)^2 (1 + 10 \sin^2(\pi w_i + 1)) + (w_n - 1)^2 (1 +
    \sin^2 2 \pi w_n)`. The value at the minimiser is 1.5e-32, as :math:`\pi` is rounded.
    """
    w = 1 + (x - 1) / 4
    v, last = w[:-1], w[-1]
    return (
        np.sin(np.pi * w[0]) ** 2
        + ((v - 1) ** 2 * (1 + 10 * np.sin(np.pi * v + 1) ** 2)).sum(axis=0)
        + (last - 1) ** 2 * (1 + np.sin(2 * np.pi * last) ** 2)
    )


@add(
    f"Z. Michalewicz, Genetic Algorithms + Data Structures (1992); {SURJANOVIC_BINGHAM}",
    low=0,
    high=np.pi,
    at=(2.2029055155, np.pi / 2, 1.2849915690, 1.9230584696, 1.7204697708),
    best={2: -1.8013034100985537, 5: -4.687658179088149},
    sizes=(2, 5),
)
def michalewicz(x: Array) -> Any:
    r""":math:`-\sum_i \sin x_i \, \sin^{20}(i x_i^2 / \pi)`: n! steep valleys on a plain."""
    return -(np.sin(x) * np.sin(index(x) * x**2 / np.pi) ** 20).sum(axis=0)


@add(
    f"R. Salomon, BioSystems 39 (1996) 263-278; {JAMIL_YANG}",
    low=-100,
    high=100,
    at=0,
    best=0,
    sizes=(2, 5),
)
def salomon(x: Array) -> Any:
    r""":math:`1 - \cos(2 \pi |x|) + |x| / 10`, where :math:`|x|` is the Euclidean norm."""
    radius = np.sqrt((x**2).sum(axis=0))
    return 1 - np.cos(2 * np.pi * radius) + radius / 10


@add(
    f"M. Clerc, Proc. Congress Evolutionary Computation (1999) 1951-1957; {JAMIL_YANG}",
    low=-10,
    high=10,
    at=0,
    best=0,
    sizes=(2, 5),
)
def alpine_1(x: Array) -> Any:
    r""":math:`\sum_i |x_i \sin x_i + x_i / 10|`, which has a kink at each of its minima."""
    return np.abs(x * np.sin(x) + 0.1 * x).sum(axis=0)


@add(
    f"M. Clerc, Proc. Congress Evolutionary Computation (1999) 1951-1957; {JAMIL_YANG}",
    low=0,
    high=10,
    at=7.917052684666,
    best={2: -7.885600724127536, 5: -174.6171753021145},
    sizes=(2, 5),
)
def alpine_2(x: Array) -> Any:
    r""":math:`-\prod_i \sqrt{x_i} \sin x_i`, made a minimisation."""
    return -(np.sqrt(x) * np.sin(x)).prod(axis=0)


@add(
    f"D. Whitley, K. Mathias, S. Rana, J. Dzubera, Artif. Intell. 85 (1996) 245-276; {JAMIL_YANG}",
    low=-10.24,
    high=10.24,
    at=1,
    best=0,
    sizes=(2, 5),
)
def whitley(x: Array) -> Any:
    r"""Griewank's function of Rosenbrock's, over all pairs of variables.

    :math:`\sum_{i, j} y_{ij}^2 / 4000 - \cos y_{ij} + 1` with :math:`y_{ij} = 100 (x_i^2 - x_j)^2 +
    (1 - x_j)^2`.
    """
    y = 100 * (x[:, np.newaxis] ** 2 - x) ** 2 + (1 - x) ** 2
    return (y**2 / 4000 - np.cos(y) + 1).sum(axis=(0, 1))


@add(
    f"W. L. Price, Comput. J. 20 (1977) 367-370; {JAMIL_YANG}",
    low=-10,
    high=10,
    at=0,
    best=0.9,
    sizes=(2, 5),
)
def periodic(x: Array) -> Any:
    r""":math:`1 + \sum_i \sin^2 x_i - 0.1 e^{-\sum_i x_i^2}`: one of many equal wells is deeper."""
    return 1 + (np.sin(x) ** 2).sum(axis=0) - 0.1 * np.exp(-(x**2).sum(axis=0))


def _wall(x: Array, edge: float) -> Any:
    """Return the penalty of leaving [-edge, edge]."""
    return 100 * (np.maximum(np.abs(x) - edge, 0) ** 4).sum(axis=0)


@add(
    f"{LEVY_MONTALVO}; {GAVANA}",
    low=-50,
    high=50,
    at=-1,
    best=0,
    sizes=(2, 5, 10),
)
def penalized_1(x: Array) -> Any:
    r"""Generalized penalized function 1, with :math:`y_i = 1 + (x_i + 1) / 4`.

    :math:`\frac{\pi}{n} (10 \sin^2 \pi y_1 + \sum_{i<n} (y_i - 1)^2 (1 + 10 \sin^2 \pi y_{i+1}) +
    (y_n - 1)^2) + 100 \sum_i \max(|x_i| - 10, 0)^4`.
    """
    y = 1 + (x + 1) / 4
    rippled = (y[:-1] - 1) ** 2 * (1 + 10 * np.sin(np.pi * y[1:]) ** 2)
    bowl = 10 * np.sin(np.pi * y[0]) ** 2 + rippled.sum(axis=0) + (y[-1] - 1) ** 2
    return np.pi / len(x) * bowl + _wall(x, 10)


@add(
    f"{LEVY_MONTALVO}; {GAVANA}",
    low=-50,
    high=50,
    at=1,
    best=0,
    sizes=(2, 5, 10),
)
def penalized_2(x: Array) -> Any:
    r"""Generalized penalized function 2.

    :math:`\frac1{10} (\sin^2 3 \pi x_1 + \sum_{i<n} (x_i - 1)^2 (1 + \sin^2 3 \pi x_{i+1}) + (x_n -
    1)^2 (1 + \sin^2 2 \pi x_n)) + 100 \sum_i \max(|x_i| - 5, 0)^4`.
    """
    rippled = (x[:-1] - 1) ** 2 * (1 + np.sin(3 * np.pi * x[1:]) ** 2)
    last = (x[-1] - 1) ** 2 * (1 + np.sin(2 * np.pi * x[-1]) ** 2)
    return (np.sin(3 * np.pi * x[0]) ** 2 + rippled.sum(axis=0) + last) / 10 + _wall(x, 5)


@add(
    f"L. Breiman, A. Cutler, Math. Program. 58 (1993) 179-199; {GAVANA}",
    low=-1,
    high=1,
    at=0,
    best=-0.4,
    sizes=(4,),
)
def cosine_mixture(x: Array) -> Any:
    r""":math:`\sum_i x_i^2 - \cos(5 \pi x_i) / 10`.

    Jamil and Yang have the bowl with the wrong sign, which puts the minimum into the corners.
    """
    return (x**2 - 0.1 * np.cos(5 * np.pi * x)).sum(axis=0)


@add(
    f"{YANG}; {JAMIL_YANG}",
    low=-2 * np.pi,
    high=2 * np.pi,
    at=0,
    best=0,
    sizes=(2, 5),
)
def xin_she_yang_2(x: Array) -> Any:
    r""":math:`\sum_i |x_i| \, e^{-\sum_i \sin x_i^2}`: a kink among smooth wells."""
    return np.abs(x).sum(axis=0) * np.exp(-np.sin(x**2).sum(axis=0))


@add(
    f"{YANG}; {JAMIL_YANG}",
    low=-10,
    high=10,
    at=0,
    best=-1,
    sizes=(2, 5),
)
def xin_she_yang_4(x: Array) -> Any:
    r""":math:`(\sum_i \sin^2 x_i - e^{-\sum_i x_i^2}) e^{-\sum_i \sin^2 \sqrt{|x_i|}}`."""
    hill = (np.sin(x) ** 2).sum(axis=0) - np.exp(-(x**2).sum(axis=0))
    return hill * np.exp(-(np.sin(np.sqrt(np.abs(x))) ** 2).sum(axis=0))


@add(
    f"P. Courrieu, Neural Process. Lett. 5 (1997) 121-133, as W/Wavy in {JAMIL_YANG}",
    low=-np.pi,
    high=np.pi,
    at=0,
    best=0,
    sizes=(2, 5),
)
def wavy(x: Array) -> Any:
    r""":math:`1 - \overline{\cos(10 x) e^{-x^2 / 2}}`."""
    return 1 - (np.cos(10 * x) * np.exp(-(x**2) / 2)).mean(axis=0)


@add(
    f"Z. B. Zabinsky et al. (1992), in {ALI}",
    low=0,
    high=np.pi,
    at=2 * np.pi / 3,
    best=-3.5,
    sizes=(5, 10),
)
def sinusoidal(x: Array) -> Any:
    r""":math:`-\frac52 \prod_i \sin(x_i - \pi/6) - \prod_i \sin 5 (x_i - \pi/6)`."""
    z = x - np.pi / 6
    return -2.5 * np.sin(z).prod(axis=0) - np.sin(5 * z).prod(axis=0)


@add(
    "N. Hansen, S. Finck, R. Ros, A. Auger, INRIA report RR-6829 (2009), after M. Lunacek, "
    "D. Whitley, A. Sutton, PPSN X (2008) 196-205",
    low=-5.12,
    high=5.12,
    at=2.5,
    best=0,
    sizes=(2, 5),
)
def lunacek(x: Array) -> Any:
    r"""Rastrigin's ripples on two bowls, of which the wider one is the higher one.

    :math:`\min(\sum_i (x_i - \mu)^2, n + s \sum_i (x_i + \nu)^2) + 10 \sum_i (1 - \cos 2 \pi (x_i -
    \mu))` with :math:`\mu = 2.5`, :math:`s = 1 - 1 / (2 \sqrt{n + 20} - 8.2)` and :math:`\nu =
    \sqrt{(\mu^2 - 1) / s}`.
    """
    n, centre = len(x), 2.5
    s = 1 - 1 / (2 * np.sqrt(n + 20) - 8.2)
    other = -np.sqrt((centre**2 - 1) / s)
    narrow = ((x - centre) ** 2).sum(axis=0)
    wide = n + s * ((x - other) ** 2).sum(axis=0)
    ripples = 1 - np.cos(2 * np.pi * (x - centre))
    return np.minimum(narrow, wide) + 10 * ripples.sum(axis=0)


@add(
    f"Trigonometric 2 in {JAMIL_YANG}",
    low=-500,
    high=500,
    at=0.9,
    best=1,
    sizes=(2, 5),
)
def trigonometric_2(x: Array) -> Any:
    r""":math:`1 + \sum_i 8 \sin^2(7 z_i^2) + 6 \sin^2(14 z_1^2) + z_i^2`, :math:`z_i = x_i - 0.9`.

    The second sine is of the first variable in every term, as Jamil and Yang print it.
    """
    square = (x - 0.9) ** 2
    waves = 8 * np.sin(7 * square) ** 2 + 6 * np.sin(14 * square[:1]) ** 2
    return 1 + (waves + square).sum(axis=0)


@add(
    f"J. D. Schaffer et al., Proc. 3rd Int. Conf. Genetic Algorithms (1989) 51-60; {JAMIL_YANG}",
    low=-100,
    high=100,
    at=0,
    best=0,
    sizes=(2, 5),
)
def schaffer_6(x: Array) -> Any:
    r""":math:`\sum_{i<n} \frac12 + (\sin^2 r_i - \frac12) / (1 + r_i^2 / 1000)^2`.

    Rings of radius :math:`r_i = \sqrt{x_i^2 + x_{i+1}^2}` around the minimum.
    """
    square = x[:-1] ** 2 + x[1:] ** 2
    rings = (np.sin(np.sqrt(square)) ** 2 - 0.5) / (1 + square / 1000) ** 2
    return (0.5 + rings).sum(axis=0)
