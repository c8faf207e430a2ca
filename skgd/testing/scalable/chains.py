r"""Sums over neighbours: each variable meets the next."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from skgd._rows import Array
from skgd.testing.literature import ANDREI, CUTE
from skgd.testing.problem import Objective

from .gradients import chain_gradient


class ChainedRosenbrock(Objective):
    r""":math:`\sum_{i=1}^{n-1} 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2`.

    A local minimum lies near (-1, 1, ..., 1).
    """

    family = "chained_rosenbrock"
    source = "after P. L. Toint, Math. Comp. 32 (1978) 839-851, with all weights 100"
    start = (-1.2, 1.0)
    solution = (1.0,)
    values: ClassVar = {5: 0.0, 10: 0.0, 50: 0.0, 100: 0.0}
    local_minima: ClassVar = {
        5: (3.930839434133028,),
        10: (3.986579112347138,),
        50: (3.986623854300934,),
        100: (3.986623854300934,),
    }

    def _value(self, x: Array) -> Any:
        a, b = x[:-1], x[1:]
        return (100 * (b - a**2) ** 2 + (1 - a) ** 2).sum()

    def _gradient(self, x: Array) -> Array:
        a, b = x[:-1], x[1:]
        valley = 200 * (b - a**2)
        return chain_gradient(-2 * a * valley - 2 * (1 - a), valley)


class DixonPrice(Objective):
    r""":math:`(x_1 - 1)^2 + \sum_{i=2}^n i (2 x_i^2 - x_{i-1})^2`.

    The minimiser is :math:`x_i = 2^{2^{1-i} - 1}`, where the sign of the last variable is free.
    There is a local minimum of 2/3 at (1/3, 0, ..., 0).
    """

    family = "dixon_price"
    source = "L. C. W. Dixon, R. C. Price, J. Optim. Theory Appl. 60 (1989) 261-275"
    start = (1.0,)
    values: ClassVar = {10: 0.0, 50: 0.0}
    local_minima: ClassVar = {10: (2 / 3,), 50: (2 / 3,)}

    def _solution(self) -> Array:
        return 2.0 ** (2.0 ** (1 - np.arange(1, self.n + 1)) - 1)

    def _value(self, x: Array) -> Any:
        i = np.arange(2, self.n + 1)
        return (x[0] - 1) ** 2 + (i * (2 * x[1:] ** 2 - x[:-1]) ** 2).sum()

    def _gradient(self, x: Array) -> Array:
        slope = 2 * np.arange(2, self.n + 1) * (2 * x[1:] ** 2 - x[:-1])
        gradient = chain_gradient(-slope, 4 * x[1:] * slope)
        gradient[0] += 2 * (x[0] - 1)
        return gradient


class Dixon3Dq(Objective):
    r"""DIXON3DQ: :math:`(x_1 - 1)^2 + \sum_{i=2}^{n-1} (x_i - x_{i+1})^2 + (x_n - 1)^2`."""

    family = "dixon3dq"
    source = CUTE
    start = (-1.0,)
    solution = (1.0,)
    values: ClassVar = {10: 0.0, 100: 0.0}
    convex = True

    def _value(self, x: Array) -> Any:
        step = x[1:-1] - x[2:]
        return (x[0] - 1) ** 2 + step @ step + (x[-1] - 1) ** 2

    def _gradient(self, x: Array) -> Array:
        step = 2 * (x[1:-1] - x[2:])
        gradient = np.append(0, chain_gradient(step, -step))
        gradient[0] += 2 * (x[0] - 1)
        gradient[-1] += 2 * (x[-1] - 1)
        return gradient


class GeneralizedTridiagonal1(Objective):
    r""":math:`\sum_{i=1}^{n-1} (x_i + x_{i+1} - 3)^2 + (x_i - x_{i+1} + 1)^4`."""

    family = "generalized_tridiagonal1"
    source = ANDREI
    start = (2.0,)
    values: ClassVar = {10: 7.211216703291516, 50: 47.210307485990896}
    convex = True

    def _value(self, x: Array) -> Any:
        a, b = x[:-1], x[1:]
        return ((a + b - 3) ** 2 + ((a - b + 1) ** 2) ** 2).sum()

    def _gradient(self, x: Array) -> Array:
        a, b = x[:-1], x[1:]
        p, q = 2 * (a + b - 3), 4 * (a - b + 1) ** 3
        return chain_gradient(p + q, p - q)


class Nonscomp(Objective):
    r"""NONSCOMP without its bounds: :math:`(x_1 - 1)^2 + \sum_{i=2}^n 4 (x_i - x_{i-1}^2)^2`."""

    family = "nonscomp"
    source = f"{ANDREI}; {CUTE}"
    start = (3.0,)
    solution = (1.0,)
    values: ClassVar = {10: 0.0, 50: 0.0}

    def _value(self, x: Array) -> Any:
        return (x[0] - 1) ** 2 + 4 * ((x[1:] - x[:-1] ** 2) ** 2).sum()

    def _gradient(self, x: Array) -> Array:
        slope = 8 * (x[1:] - x[:-1] ** 2)
        gradient = chain_gradient(-2 * x[:-1] * slope, slope)
        gradient[0] += 2 * (x[0] - 1)
        return gradient


class Engval1(Objective):
    r"""ENGVAL1: :math:`\sum_{i=1}^{n-1} (x_i^2 + x_{i+1}^2)^2 - 4 x_i + 3`."""

    family = "engval1"
    source = CUTE
    start = (2.0,)
    values: ClassVar = {
        2: 0.0,
        10: 9.177469957181389,
        50: 53.58221488520762,
        100: 109.08813614309213,
    }
    convex = True

    def _value(self, x: Array) -> Any:
        a, b = x[:-1], x[1:]
        return ((a**2 + b**2) ** 2 - 4 * a + 3).sum()

    def _gradient(self, x: Array) -> Array:
        a, b = x[:-1], x[1:]
        square = 4 * (a**2 + b**2)
        return chain_gradient(square * a - 4, square * b)


class Edensch(Objective):
    r"""EDENSCH.

    :math:`16 + \sum_{i=1}^{n-1} (x_i - 2)^4 + (x_i x_{i+1} - 2 x_{i+1})^2 + (x_{i+1} + 1)^2`.
    """

    family = "edensch"
    source = f"{ANDREI}; {CUTE}"
    start = (0.0,)
    values: ClassVar = {10: 63.28460010526341, 50: 303.28459202076465, 100: 603.2845920207646}

    def _value(self, x: Array) -> Any:
        a, b = x[:-1] - 2, x[1:]
        return 16 + ((a**2) ** 2 + (a * b) ** 2 + (b + 1) ** 2).sum()

    def _gradient(self, x: Array) -> Array:
        a, b = x[:-1] - 2, x[1:]
        return chain_gradient(4 * a**3 + 2 * a * b**2, 2 * a**2 * b + 2 * (b + 1))


class Cragglvy(Objective):
    r"""CRAGGLVY, chained Cragg and Levy.

    :math:`\sum_{i=1}^{n/2-1} (e^{x_{2i-1}} - x_{2i})^4 + 100 (x_{2i} - x_{2i+1})^6 + (\tan d_i +
    d_i)^4 + x_{2i-1}^8 + (x_{2i+2} - 1)^2`, :math:`d_i = x_{2i+1} - x_{2i+2}`.
    """

    family = "cragglvy"
    source = f"P. L. Toint, test problems for partially separable optimization (1983); {CUTE}"
    values: ClassVar = {
        4: 0.0,
        10: 1.8865658966631105,
        50: 15.372509465428697,
        100: 32.26991145858178,
    }
    local_minima: ClassVar = {4: (0.19448139589498187, 0.5932562064162746, 5.514386888120769)}

    def _start(self) -> Array:
        start = np.full(self.n, 2.0)
        start[0] = 1.0
        return start

    def _parts(self, x: Array) -> tuple[Array, ...]:
        a, b, c, d = x[:-3:2], x[1:-2:2], x[2:-1:2], x[3::2]
        power, tangent = np.exp(a), np.tan(c - d)
        return a, d - 1, power, power - b, b - c, tangent, tangent + c - d

    def _value(self, x: Array) -> Any:
        a, e, _, p, q, _, r = self._parts(x)
        return (p**4 + 100 * q**6 + r**4 + a**8 + e**2).sum()

    def _gradient(self, x: Array) -> Array:
        a, e, power, p, q, tangent, r = self._parts(x)
        p, q, r = 4 * p**3, 600 * q**5, 4 * r**3 * (tangent**2 + 2)
        gradient = np.zeros_like(x)
        gradient[:-3:2] += p * power + 8 * a**7
        gradient[1:-2:2] += q - p
        gradient[2:-1:2] += r - q
        gradient[3::2] += 2 * e - r
        return gradient


class Tridia(Objective):
    r"""TRIDIA: :math:`(x_1 - 1)^2 + \sum_{i=2}^n i (2 x_i - x_{i-1})^2`."""

    family = "tridia"
    source = CUTE
    start = (1.0,)
    values: ClassVar = {10: 0.0, 50: 0.0, 100: 0.0}
    convex = True

    def _solution(self) -> Array:
        return 0.5 ** np.arange(self.n)

    def _value(self, x: Array) -> Any:
        return (x[0] - 1) ** 2 + np.arange(2, self.n + 1) @ (2 * x[1:] - x[:-1]) ** 2

    def _gradient(self, x: Array) -> Array:
        slope = 2 * np.arange(2, self.n + 1) * (2 * x[1:] - x[:-1])
        gradient = chain_gradient(-slope, 2 * slope)
        gradient[0] += 2 * (x[0] - 1)
        return gradient


class Cosine(Objective):
    r"""COSINE.

    :math:`\sum_{i=1}^{n-1} \cos(x_i^2 - x_{i+1} / 2)`; further local minima lie above -(n - 1).
    """

    family = "cosine"
    source = CUTE
    start = (1.0,)
    values: ClassVar = {10: -9.0, 100: -99.0}

    def _value(self, x: Array) -> Any:
        return np.cos(x[:-1] ** 2 - x[1:] / 2).sum()

    def _gradient(self, x: Array) -> Array:
        sine = np.sin(x[:-1] ** 2 - x[1:] / 2)
        return chain_gradient(-2 * x[:-1] * sine, sine / 2)


class Fletchcr(Objective):
    r"""FLETCHCR.

    :math:`\sum_{i=1}^{n-1} 100 (x_{i+1} - x_i + 1 - x_i^2)^2`; a long curved path to :math:`(1,
    \dots, 1)`.
    """

    family = "fletchcr"
    source = CUTE
    start = (0.0,)
    solution = (1.0,)
    values: ClassVar = {10: 0.0, 20: 0.0}

    def _value(self, x: Array) -> Any:
        a, b = x[:-1], x[1:]
        return 100 * ((b - a + 1 - a**2) ** 2).sum()

    def _gradient(self, x: Array) -> Array:
        a, b = x[:-1], x[1:]
        slope = 200 * (b - a + 1 - a**2)
        return chain_gradient(-(1 + 2 * a) * slope, slope)
