r"""Polynomials with curved, flat or badly scaled valleys."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from skgd._rows import Array
from skgd.testing.problem import SumOfSquares

from .matrices import number_type
from .paper import cited


class Rosenbrock(SumOfSquares):
    r"""Rosenbrock's curved valley: :math:`f_1 = 10 (x_2 - x_1^2)`, :math:`f_2 = 1 - x_1`."""

    family = "rosenbrock"
    source = cited(1)
    start = (-1.2, 1.0)
    solution = (1.0, 1.0)
    values: ClassVar = {2: 0.0}

    def _residuals(self, x: Array) -> Array:
        a, b = x
        return np.array([10 * (b - a**2), 1 - a])

    def _jacobian(self, x: Array) -> Array:
        return np.array([[-20 * x[0], 10], [-1, 0]])


class FreudensteinRoth(SumOfSquares):
    r"""Freudenstein and Roth: a local minimum of 48.98 draws most descents from the start.

    :math:`f_1 = -13 + x_1 + ((5 - x_2) x_2 - 2) x_2`, :math:`f_2 = -29 + x_1 + ((x_2 + 1) x_2 - 14)
    x_2`.
    """

    family = "freudenstein_roth"
    source = cited(2)
    start = (0.5, -2.0)
    solution = (5.0, 4.0)
    values: ClassVar = {2: 0.0}
    local_minima: ClassVar = {2: (48.98425367924002,)}

    def _residuals(self, x: Array) -> Array:
        a, b = x
        return np.array([-13 + a + ((5 - b) * b - 2) * b, -29 + a + ((b + 1) * b - 14) * b])

    def _jacobian(self, x: Array) -> Array:
        b = x[1]
        return np.array([[1, (10 - 3 * b) * b - 2], [1, (3 * b + 2) * b - 14]])


class PowellBadlyScaled(SumOfSquares):
    r"""Powell, badly scaled.

    :math:`f_1 = 10^4 x_1 x_2 - 1`, :math:`f_2 = e^{-x_1} + e^{-x_2} - 1.0001`.
    """

    family = "powell_badly_scaled"
    source = cited(3)
    start = (0.0, 1.0)
    values: ClassVar = {2: 0.0}
    local_minima: ClassVar = {2: (1.0402940039616395,)}

    def _residuals(self, x: Array) -> Array:
        a, b = x
        return np.array([1e4 * a * b - 1, np.exp(-a) + np.exp(-b) - 1.0001])

    def _jacobian(self, x: Array) -> Array:
        a, b = x
        return np.array([[1e4 * b, 1e4 * a], [-np.exp(-a), -np.exp(-b)]])


class BrownBadlyScaled(SumOfSquares):
    r"""Brown, badly scaled: :math:`f = (x_1 - 10^6,\; x_2 - 2 \cdot 10^{-6},\; x_1 x_2 - 2)`."""

    family = "brown_badly_scaled"
    source = cited(4)
    start = (1.0, 1.0)
    solution = (1e6, 2e-6)
    values: ClassVar = {2: 0.0}

    def _residuals(self, x: Array) -> Array:
        a, b = x
        return np.array([a - 1e6, b - 2e-6, a * b - 2])

    def _jacobian(self, x: Array) -> Array:
        a, b = x
        return np.array([[1, 0], [0, 1], [b, a]])


class Beale(SumOfSquares):
    r"""Beale: :math:`f_i = y_i - x_1 (1 - x_2^i)`, :math:`y = (1.5, 2.25, 2.625)`."""

    family = "beale"
    source = cited(5)
    start = (1.0, 1.0)
    solution = (3.0, 0.5)
    values: ClassVar = {2: 0.0}

    def _residuals(self, x: Array) -> Array:
        a, b = x
        return np.array([1.5 - a * (1 - b), 2.25 - a * (1 - b**2), 2.625 - a * (1 - b**3)])

    def _jacobian(self, x: Array) -> Array:
        a, b = x
        return np.array([[b - 1, a], [b**2 - 1, 2 * a * b], [b**3 - 1, 3 * a * b**2]])


class HelicalValley(SumOfSquares):
    r"""Fletcher and Powell's helical valley.

    :math:`f = (10 (x_3 - 10 \theta),\; 10 (\sqrt{x_1^2 + x_2^2} - 1),\; x_3)` with
    :math:`2 \pi \theta = \arctan(x_2 / x_1)`, plus :math:`\pi` for :math:`x_1 < 0`; it jumps at
    :math:`x_1 = 0, x_2 < 0`.
    """

    family = "helical_valley"
    source = cited(7)
    start = (-1.0, 0.0, 0.0)
    solution = (1.0, 0.0, 0.0)
    values: ClassVar = {3: 0.0}

    def _residuals(self, x: Array) -> Array:
        a, b, c = x
        if a == 0:
            theta = 0.25 if b.real >= 0 else -0.25
        else:
            theta = np.arctan(b / a) / (2 * np.pi) + (0.5 if a.real < 0 else 0.0)
        return np.array([10 * (c - 10 * theta), 10 * (np.sqrt(a**2 + b**2) - 1), c])

    def _jacobian(self, x: Array) -> Array:
        a, b, _ = x
        square = a**2 + b**2
        turn = 50 / (np.pi * square)
        root = np.sqrt(square)
        return np.array([[turn * b, -turn * a, 10], [10 * a / root, 10 * b / root, 0], [0, 0, 1]])


class PowellSingular(SumOfSquares):
    r"""Powell's singular function, extended: the Hessian at the minimum has half its rank.

    :math:`f = (x_1 + 10 x_2,\; \sqrt 5 (x_3 - x_4),\; (x_2 - 2 x_3)^2,\; \sqrt{10} (x_1 - x_4)^2)`
    for each four variables.
    """

    family = "powell_singular"
    source = f"{cited(13)} (n = 4) and 22"
    start = (3.0, -1.0, 0.0, 1.0)
    solution = (0.0,)
    values: ClassVar = {4: 0.0, 20: 0.0, 60: 0.0, 100: 0.0}

    def _residuals(self, x: Array) -> Array:
        a, b, c, d = x.reshape(-1, 4).T
        return np.concatenate(
            [a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2]
        )

    def _jacobian(self, x: Array) -> Array:
        a, b, c, d = x.reshape(-1, 4).T
        k = self.n // 4
        block, column = np.arange(k), 4 * np.arange(k)
        jacobian = np.zeros((self.n, self.n), dtype=number_type(x))
        jacobian[block, column] = 1
        jacobian[block, column + 1] = 10
        jacobian[block + k, column + 2] = 5**0.5
        jacobian[block + k, column + 3] = -(5**0.5)
        jacobian[block + 2 * k, column + 1] = 2 * (b - 2 * c)
        jacobian[block + 2 * k, column + 2] = -4 * (b - 2 * c)
        jacobian[block + 3 * k, column] = 2 * 10**0.5 * (a - d)
        jacobian[block + 3 * k, column + 3] = -2 * 10**0.5 * (a - d)
        return jacobian


class Wood(SumOfSquares):
    r"""Wood: two Rosenbrock valleys, coupled.

    :math:`f = (10 (x_2 - x_1^2),\; 1 - x_1,\; \sqrt{90} (x_4 - x_3^2),\; 1 - x_3,\;
    \sqrt{10} (x_2 + x_4 - 2),\; (x_2 - x_4) / \sqrt{10})`.
    """

    family = "wood"
    source = cited(14)
    start = (-3.0, -1.0, -3.0, -1.0)
    solution = (1.0,)
    values: ClassVar = {4: 0.0}

    def _residuals(self, x: Array) -> Array:
        a, b, c, d = x
        return np.array(
            [
                10 * (b - a**2),
                1 - a,
                90**0.5 * (d - c**2),
                1 - c,
                10**0.5 * (b + d - 2),
                (b - d) / 10**0.5,
            ]
        )

    def _jacobian(self, x: Array) -> Array:
        a, _, c, _ = x
        return np.array(
            [
                [-20 * a, 10, 0, 0],
                [-1, 0, 0, 0],
                [0, 0, -2 * 90**0.5 * c, 90**0.5],
                [0, 0, -1, 0],
                [0, 10**0.5, 0, 10**0.5],
                [0, 10**-0.5, 0, -(10**-0.5)],
            ]
        )


class ExtendedRosenbrock(SumOfSquares):
    r"""Rosenbrock's valley once for each pair.

    :math:`f_{2i-1} = 10 (x_{2i} - x_{2i-1}^2)`, :math:`f_{2i} = 1 - x_{2i-1}`.
    """

    family = "extended_rosenbrock"
    source = cited(21)
    start = (-1.2, 1.0)
    solution = (1.0,)
    values: ClassVar = {10: 0.0, 50: 0.0, 100: 0.0}

    def _residuals(self, x: Array) -> Array:
        a, b = x[::2], x[1::2]
        return np.concatenate([10 * (b - a**2), 1 - a])

    def _jacobian(self, x: Array) -> Array:
        k = self.n // 2
        pair = np.arange(k)
        jacobian = np.zeros((self.n, self.n), dtype=number_type(x))
        jacobian[pair, 2 * pair] = -20 * x[::2]
        jacobian[pair, 2 * pair + 1] = 10
        jacobian[pair + k, 2 * pair] = -1
        return jacobian
