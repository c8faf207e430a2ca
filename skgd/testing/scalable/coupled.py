r"""Functions in which one variable, or a sum of all, meets every other."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from skgd._rows import Array
from skgd.testing.literature import ANDREI, CUTE, JAMIL_YANG
from skgd.testing.problem import Objective


class Zakharov(Objective):
    r""":math:`\sum x_i^2 + s^2 + s^4`.

    Here :math:`s = \sum i x_i / 2`; the quartic valley is steep in one direction.
    """

    family = "zakharov"
    source = JAMIL_YANG
    start = (1.0,)
    solution = (0.0,)
    values: ClassVar = {10: 0.0, 50: 0.0}
    convex = True

    def _value(self, x: Array) -> Any:
        s = np.arange(1, self.n + 1) @ x / 2
        return x @ x + s**2 + s**4

    def _gradient(self, x: Array) -> Array:
        i = np.arange(1, self.n + 1)
        s = i @ x / 2
        gradient: Array = 2 * x + (s + 2 * s**3) * i
        return gradient


class Arwhead(Objective):
    r"""ARWHEAD.

    :math:`\sum_{i=1}^{n-1} (x_i^2 + x_n^2)^2 - 4 x_i + 3`; the Hessian is an arrow head.
    """

    family = "arwhead"
    source = CUTE
    start = (1.0,)
    values: ClassVar = {10: 0.0, 50: 0.0, 100: 0.0}
    convex = True

    def _solution(self) -> Array:
        return np.append(np.ones(self.n - 1), 0.0)

    def _value(self, x: Array) -> Any:
        a = x[:-1]
        return ((a**2 + x[-1] ** 2) ** 2 - 4 * a + 3).sum()

    def _gradient(self, x: Array) -> Array:
        a = x[:-1]
        square = 4 * (a**2 + x[-1] ** 2)
        return np.append(square * a - 4, square.sum() * x[-1])


class Liarwhd(Objective):
    r"""LIARWHD: :math:`\sum_i 4 (x_i^2 - x_1)^2 + (x_i - 1)^2`."""

    family = "liarwhd"
    source = CUTE
    start = (4.0,)
    solution = (1.0,)
    values: ClassVar = {10: 0.0, 50: 0.0, 100: 0.0}
    local_minima: ClassVar = {10: (3.484457661945449,)}

    def _value(self, x: Array) -> Any:
        return (4 * (x**2 - x[0]) ** 2 + (x - 1) ** 2).sum()

    def _gradient(self, x: Array) -> Array:
        p = 8 * (x**2 - x[0])
        gradient: Array = 2 * x * p + 2 * (x - 1)
        gradient[0] -= p.sum()
        return gradient


class Nondia(Objective):
    r"""NONDIA.

    :math:`(x_1 - 1)^2 + \sum_{i=2}^n 100 (x_1 - x_i^2)^2`; the Hessian is not diagonally dominant.
    """

    family = "nondia"
    source = f"D. F. Shanno, Math. Oper. Res. 3 (1978) 244-256; {CUTE}"
    start = (-1.0,)
    solution = (1.0,)
    values: ClassVar = {10: 0.0, 50: 0.0}

    def _value(self, x: Array) -> Any:
        return (x[0] - 1) ** 2 + 100 * ((x[0] - x[1:] ** 2) ** 2).sum()

    def _gradient(self, x: Array) -> Array:
        valley = 200 * (x[0] - x[1:] ** 2)
        return np.append(2 * (x[0] - 1) + valley.sum(), -2 * x[1:] * valley)


class Bdqrtic(Objective):
    r"""BDQRTIC.

    :math:`\sum_{i=1}^{n-4} (3 - 4 x_i)^2 + (x_i^2 + 2 x_{i+1}^2 + 3 x_{i+2}^2 + 4 x_{i+3}^2 + 5
    x_n^2)^2`.
    """

    family = "bdqrtic"
    source = CUTE
    start = (1.0,)
    values: ClassVar = {10: 18.281161753593537, 50: 178.48870521047033, 100: 378.76919180868424}
    convex = True

    def _inner(self, y: Array) -> Array:
        inner: Array = y[:-4] + 2 * y[1:-3] + 3 * y[2:-2] + 4 * y[3:-1] + 5 * y[-1]
        return inner

    def _value(self, x: Array) -> Any:
        return ((3 - 4 * x[:-4]) ** 2 + self._inner(x**2) ** 2).sum()

    def _gradient(self, x: Array) -> Array:
        inner = 4 * self._inner(x**2)
        gradient = np.zeros_like(x)
        for k in range(4):
            gradient[k : self.n - 4 + k] += (k + 1) * inner
        gradient[-1] += 5 * inner.sum()
        gradient *= x
        gradient[:-4] -= 8 * (3 - 4 * x[:-4])
        return gradient


class Sinquad(Objective):
    r"""SINQUAD.

    :math:`(x_1 - 1)^4 + \sum_{i=2}^{n-1} (\sin(x_i - x_n) - x_1^2 + x_i^2)^2 + (x_n^2 - x_1^2)^2`.
    """

    family = "sinquad"
    source = CUTE
    start = (0.1,)
    solution = (1.0,)
    values: ClassVar = {5: 0.0, 50: 0.0}

    def _value(self, x: Array) -> Any:
        first, last, middle = x[0], x[-1], x[1:-1]
        curve = np.sin(middle - last) - first**2 + middle**2
        return (first - 1) ** 4 + curve @ curve + (last**2 - first**2) ** 2

    def _gradient(self, x: Array) -> Array:
        first, last, middle = x[0], x[-1], x[1:-1]
        curve = 2 * (np.sin(middle - last) - first**2 + middle**2)
        slope = np.cos(middle - last) * curve
        end = 4 * (last**2 - first**2)
        gradient = np.empty_like(x)
        gradient[0] = 4 * (first - 1) ** 3 - 2 * first * curve.sum() - first * end
        gradient[1:-1] = slope + 2 * middle * curve
        gradient[-1] = last * end - slope.sum()
        return gradient


class PerturbedQuadratic(Objective):
    r""":math:`\sum_i i x_i^2 + (\sum_i x_i)^2 / 100`."""

    family = "perturbed_quadratic"
    source = ANDREI
    start = (0.5,)
    solution = (0.0,)
    values: ClassVar = {10: 0.0, 100: 0.0}
    convex = True

    def _value(self, x: Array) -> Any:
        return np.arange(1, self.n + 1) @ x**2 + x.sum() ** 2 / 100

    def _gradient(self, x: Array) -> Array:
        gradient: Array = 2 * np.arange(1, self.n + 1) * x + x.sum() / 50
        return gradient
