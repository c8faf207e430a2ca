r"""Curves fitted to data, by exponentials and rational functions."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from skgd._rows import Array
from skgd.testing.problem import SumOfSquares

from .paper import cited


class JennrichSampson(SumOfSquares):
    r"""Jennrich and Sampson: :math:`f_i = 2 + 2 i - (e^{i x_1} + e^{i x_2})`, :math:`m = 10`."""

    family = "jennrich_sampson"
    source = cited(6)
    start = (0.3, 0.4)
    values: ClassVar = {2: 124.36218235561485}
    _i = np.arange(1.0, 11.0)

    def _residuals(self, x: Array) -> Array:
        powers: Array = np.exp(self._i[:, None] * x)
        residuals: Array = 2 + 2 * self._i - powers.sum(axis=1)
        return residuals

    def _jacobian(self, x: Array) -> Array:
        jacobian: Array = -self._i[:, None] * np.exp(self._i[:, None] * x)
        return jacobian


class Bard(SumOfSquares):
    r"""Bard: :math:`f_i = y_i - (x_1 + u_i / (v_i x_2 + w_i x_3))`.

    Here :math:`u_i = i`, :math:`v_i = 16 - i`, :math:`w_i = \min(u_i, v_i)`, :math:`m = 15`. There
    is a further minimum of 17.4286 at infinity.
    """

    family = "bard"
    source = cited(8)
    start = (1.0, 1.0, 1.0)
    values: ClassVar = {3: 0.00821487730657898}
    _u = np.arange(1.0, 16.0)
    _v = 16 - _u
    _w = np.minimum(_u, _v)
    _y = np.array(
        [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39]
    )

    def _residuals(self, x: Array) -> Array:
        residuals: Array = self._y - (x[0] + self._u / (self._v * x[1] + self._w * x[2]))
        return residuals

    def _jacobian(self, x: Array) -> Array:
        slope = self._u / (self._v * x[1] + self._w * x[2]) ** 2
        return np.column_stack([np.full(15, -1.0), slope * self._v, slope * self._w])


class Gaussian(SumOfSquares):
    r"""Gaussian.

    :math:`f_i = x_1 \exp(-x_2 (t_i - x_3)^2 / 2) - y_i`, :math:`t_i = (8 - i) / 2`.
    """

    family = "gaussian"
    source = cited(9)
    start = (0.4, 1.0, 0.0)
    values: ClassVar = {3: 1.1279327696190112e-08}
    _t = (8 - np.arange(1.0, 16.0)) / 2
    _half = (0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521)
    _y = np.array([*_half, 0.3989, *_half[::-1]])

    def _residuals(self, x: Array) -> Array:
        residuals: Array = x[0] * np.exp(-x[1] * (self._t - x[2]) ** 2 / 2) - self._y
        return residuals

    def _jacobian(self, x: Array) -> Array:
        a, b, c = x
        d = self._t - c
        bell = np.exp(-b * d**2 / 2)
        return np.column_stack([bell, -a * bell * d**2 / 2, a * b * d * bell])


class Meyer(SumOfSquares):
    r"""Meyer's thermistor.

    :math:`f_i = x_1 \exp(x_2 / (t_i + x_3)) - y_i`, :math:`t_i = 45 + 5 i`.
    """

    family = "meyer"
    source = cited(10)
    start = (0.02, 4000.0, 250.0)
    values: ClassVar = {3: 87.9458551708511}
    _t = 45 + 5 * np.arange(1.0, 17.0)
    _y = np.array(
        [
            *(34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744),
            *(8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872),
        ],
        dtype=float,
    )

    def _residuals(self, x: Array) -> Array:
        residuals: Array = x[0] * np.exp(x[1] / (self._t + x[2])) - self._y
        return residuals

    def _jacobian(self, x: Array) -> Array:
        a, b, c = x
        d = self._t + c
        power = np.exp(b / d)
        return np.column_stack([power, a * power / d, -a * b * power / d**2])


class Gulf(SumOfSquares):
    r"""Gulf research and development: :math:`f_i = \exp(-|y_i - x_2|^{x_3} / x_1) - t_i`.

    Here :math:`t_i = i / 100`, :math:`y_i = 25 + (-50 \ln t_i)^{2/3}`, :math:`m = 99`. The paper's
    text prints :math:`y_i m i x_2` inside the bars, a known misprint.
    """

    family = "gulf"
    source = cited(11)
    start = (5.0, 2.5, 0.15)
    solution = (50.0, 25.0, 1.5)
    values: ClassVar = {3: 0.0}
    _t = np.arange(1, 100) / 100
    _y = 25 + (-50 * np.log(_t)) ** (2 / 3)

    def _parts(self, x: Array) -> tuple[Array, Array, Array, Array]:
        side = np.where(self._y < x[1].real, -1.0, 1.0)
        distance = side * (self._y - x[1])
        power = distance ** x[2]
        return side, distance, power, np.exp(-power / x[0])

    def _residuals(self, x: Array) -> Array:
        residuals: Array = self._parts(x)[3] - self._t
        return residuals

    def _jacobian(self, x: Array) -> Array:
        a, _, c = x
        side, distance, power, bell = self._parts(x)
        slope = bell * power / a
        return np.column_stack([slope / a, slope * c * side / distance, -slope * np.log(distance)])


class Box3D(SumOfSquares):
    r"""Box, three-dimensional.

    :math:`f_i = e^{-t_i x_1} - e^{-t_i x_2} - x_3 (e^{-t_i} - e^{-10 t_i})`.

    Here :math:`t_i = i / 10`, :math:`m = 10`. Zero at (1, 10, 1), (10, 1, -1) and all (a, a, 0).
    """

    family = "box_3d"
    source = cited(12)
    start = (0.0, 10.0, 20.0)
    solution = (1.0, 10.0, 1.0)
    values: ClassVar = {3: 0.0}
    _t = np.arange(1, 11) / 10
    _z = np.exp(-_t) - np.exp(-10 * _t)

    def _residuals(self, x: Array) -> Array:
        a, b, c = x
        residuals: Array = np.exp(-self._t * a) - np.exp(-self._t * b) - c * self._z
        return residuals

    def _jacobian(self, x: Array) -> Array:
        a, b, _ = x
        t = self._t
        return np.column_stack([-t * np.exp(-t * a), t * np.exp(-t * b), -self._z])


class KowalikOsborne(SumOfSquares):
    r"""Kowalik and Osborne: :math:`f_i = y_i - x_1 (u_i^2 + u_i x_2) / (u_i^2 + u_i x_3 + x_4)`.

    There is a further minimum of 1.02734e-3 at infinity.
    """

    family = "kowalik_osborne"
    source = cited(15)
    start = (0.25, 0.39, 0.415, 0.39)
    values: ClassVar = {4: 0.0003075056038492378}
    local_minima: ClassVar = {4: (0.0004236746264698342, 0.001594352026021962)}
    _u = np.array([4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])
    _y = np.array(
        [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246]
    )

    def _residuals(self, x: Array) -> Array:
        a, b, c, d = x
        u = self._u
        residuals: Array = self._y - a * u * (u + b) / (u * (u + c) + d)
        return residuals

    def _jacobian(self, x: Array) -> Array:
        a, b, c, d = x
        u = self._u
        below = 1 / (u * (u + c) + d)
        ratio = u * (u + b) * below
        return np.column_stack([-ratio, -a * u * below, a * u * ratio * below, a * ratio * below])


class BrownDennis(SumOfSquares):
    r"""Brown and Dennis: large residuals.

    :math:`f_i = (x_1 + t_i x_2 - e^{t_i})^2 + (x_3 + x_4 \sin t_i - \cos t_i)^2`, :math:`t_i = i /
    5`, :math:`m = 20`.
    """

    family = "brown_dennis"
    source = cited(16)
    start = (25.0, 5.0, -5.0, -1.0)
    values: ClassVar = {4: 85822.20162635631}
    _t = np.arange(1, 21) / 5
    _exp, _sin, _cos = np.exp(_t), np.sin(_t), np.cos(_t)

    def _pair(self, x: Array) -> tuple[Array, Array]:
        return x[0] + self._t * x[1] - self._exp, x[2] + self._sin * x[3] - self._cos

    def _residuals(self, x: Array) -> Array:
        p, q = self._pair(x)
        residuals: Array = p**2 + q**2
        return residuals

    def _jacobian(self, x: Array) -> Array:
        p, q = self._pair(x)
        return 2 * np.column_stack([p, self._t * p, q, self._sin * q])


class Osborne1(SumOfSquares):
    r"""Osborne 1.

    :math:`f_i = y_i - (x_1 + x_2 e^{-t_i x_4} + x_3 e^{-t_i x_5})`, :math:`t_i = 10 (i - 1)`.
    """

    family = "osborne_1"
    source = cited(17)
    start = (0.5, 1.5, -1.0, 0.01, 0.02)
    values: ClassVar = {5: 5.4648946974829115e-05}
    _t = 10 * np.arange(33.0)
    _y = np.array(
        [
            *(0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751),
            *(0.718, 0.685, 0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490),
            *(0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406),
        ]
    )

    def _residuals(self, x: Array) -> Array:
        a, b, c, d, e = x
        residuals: Array = self._y - (a + b * np.exp(-self._t * d) + c * np.exp(-self._t * e))
        return residuals

    def _jacobian(self, x: Array) -> Array:
        _, b, c, d, e = x
        t = self._t
        slow, fast = np.exp(-t * d), np.exp(-t * e)
        return np.column_stack([np.full(33, -1.0), -slow, -fast, b * t * slow, c * t * fast])


class BiggsExp6(SumOfSquares):
    r"""Biggs EXP6: :math:`f_i = x_3 e^{-t_i x_1} - x_4 e^{-t_i x_2} + x_6 e^{-t_i x_5} - y_i`.

    Here :math:`y_i = e^{-t_i} - 5 e^{-10 t_i} + 3 e^{-4 t_i}`, :math:`t_i = i / 10`, :math:`m =
    13`.
    """

    family = "biggs_exp6"
    source = cited(18)
    start = (1.0, 2.0, 1.0, 1.0, 1.0, 1.0)
    solution = (1.0, 10.0, 1.0, 5.0, 4.0, 3.0)
    values: ClassVar = {6: 0.0}
    local_minima: ClassVar = {6: (0.005655649925499949,)}
    _t = np.arange(1, 14) / 10
    _y = np.exp(-_t) - 5 * np.exp(-10 * _t) + 3 * np.exp(-4 * _t)

    def _residuals(self, x: Array) -> Array:
        a, b, c, d, e, f = x
        t = self._t
        residuals: Array = c * np.exp(-t * a) - d * np.exp(-t * b) + f * np.exp(-t * e) - self._y
        return residuals

    def _jacobian(self, x: Array) -> Array:
        a, b, c, d, e, f = x
        t = self._t
        p, q, r = np.exp(-t * a), np.exp(-t * b), np.exp(-t * e)
        return np.column_stack([-c * t * p, d * t * q, p, -q, -f * t * r, r])


class Osborne2(SumOfSquares):
    r"""Osborne 2: an exponential and three bells.

    :math:`f_i = y_i - (x_1 e^{-t_i x_5} + x_2 e^{-(t_i - x_9)^2 x_6} + x_3 e^{-(t_i - x_{10})^2
    x_7} + x_4 e^{-(t_i - x_{11})^2 x_8})`, :math:`t_i = (i - 1) / 10`, :math:`m = 65`.
    """

    family = "osborne_2"
    source = cited(19)
    start = (1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5)
    values: ClassVar = {11: 0.040137736293547756}
    local_minima: ClassVar = {11: (0.08829665321543376, 0.12409793786113832)}
    _t = np.arange(65) / 10
    _y = np.array(
        [
            *(1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746),
            *(0.679, 0.608, 0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649),
            *(0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395),
            *(0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653),
            *(0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739),
            *(0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054),
        ]
    )

    def _curves(self, x: Array) -> tuple[Array, Array, Array]:
        decay = np.exp(-self._t * x[4])
        offset = self._t - x[8:, None]
        return decay, offset, np.exp(-(offset**2) * x[5:8, None])

    def _residuals(self, x: Array) -> Array:
        decay, _, bells = self._curves(x)
        residuals: Array = self._y - x[0] * decay - x[1:4] @ bells
        return residuals

    def _jacobian(self, x: Array) -> Array:
        decay, offset, bells = self._curves(x)
        weighted = x[1:4, None] * bells * offset
        return np.vstack(
            [
                -decay,
                -bells,
                x[0] * self._t * decay,
                weighted * offset,
                -2 * x[5:8, None] * weighted,
            ]
        ).T
