r"""Sums over single variables or pairs of them, which do not meet."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np

from skgd._rows import Array
from skgd.testing.literature import ANDREI, CUTE
from skgd.testing.problem import Objective


class Raydan1(Objective):
    r""":math:`\sum_i \frac{i}{10} (e^{x_i} - x_i)`."""

    family = "raydan1"
    source = "M. Raydan, SIAM J. Optim. 7 (1997) 26-33, strictly convex 1"
    start = (1.0,)
    solution = (0.0,)
    values: ClassVar = {10: 5.5, 50: 127.5, 100: 505.0}
    convex = True

    def _value(self, x: Array) -> Any:
        return np.arange(1, self.n + 1) @ (np.exp(x) - x) / 10

    def _gradient(self, x: Array) -> Array:
        gradient: Array = np.arange(1, self.n + 1) * (np.exp(x) - 1) / 10
        return gradient


class Raydan2(Objective):
    r""":math:`\sum_i e^{x_i} - x_i`."""

    family = "raydan2"
    source = "M. Raydan, SIAM J. Optim. 7 (1997) 26-33, strictly convex 2"
    start = (1.0,)
    solution = (0.0,)
    values: ClassVar = {10: 10.0, 100: 100.0}
    convex = True

    def _value(self, x: Array) -> Any:
        return (np.exp(x) - x).sum()

    def _gradient(self, x: Array) -> Array:
        gradient: Array = np.exp(x) - 1
        return gradient


class _ExponentialLinear(Objective):
    r""":math:`\sum_i e^{x_i} - c_i x_i`.

    The minimum is :math:`\sum_i c_i (1 - \ln c_i)` at :math:`x_i = \ln c_i`.
    """

    convex = True

    @abstractmethod
    def _weights(self) -> Array: ...

    def _solution(self) -> Array:
        solution: Array = np.log(self._weights())
        return solution

    def _value(self, x: Array) -> Any:
        return np.exp(x).sum() - self._weights() @ x

    def _gradient(self, x: Array) -> Array:
        gradient: Array = np.exp(x) - self._weights()
        return gradient


class Diagonal1(_ExponentialLinear):
    r""":math:`\sum_i e^{x_i} - i x_i`."""

    family = "diagonal1"
    source = ANDREI
    values: ClassVar = {
        n: sum(i * (1 - float(np.log(i))) for i in range(1, n + 1)) for n in (10, 50)
    }

    def _start(self) -> Array:
        return np.full(self.n, 1 / self.n)

    def _weights(self) -> Array:
        return np.arange(1.0, self.n + 1)


class Diagonal2(_ExponentialLinear):
    r""":math:`\sum_i e^{x_i} - x_i / i`."""

    family = "diagonal2"
    source = ANDREI
    values: ClassVar = {
        n: sum((1 + float(np.log(i))) / i for i in range(1, n + 1)) for n in (10, 100)
    }

    def _start(self) -> Array:
        return 1 / np.arange(1.0, self.n + 1)

    def _weights(self) -> Array:
        return 1 / np.arange(1.0, self.n + 1)


class Diagonal3(Objective):
    r""":math:`\sum_i e^{x_i} - i \sin x_i`.

    The infimum :math:`-n (n + 1) / 2` is approached at minus infinity, through one local minimum
    per period; the one next to the start is in `minima`.
    """

    family = "diagonal3"
    source = ANDREI
    start = (1.0,)
    values: ClassVar = {10: -55.0, 50: -1275.0}
    local_minima: ClassVar = {10: (-21.20430569221908,), 50: (-1063.8553662302309,)}

    def _value(self, x: Array) -> Any:
        return np.exp(x).sum() - np.arange(1, self.n + 1) @ np.sin(x)

    def _gradient(self, x: Array) -> Array:
        gradient: Array = np.exp(x) - np.arange(1, self.n + 1) * np.cos(x)
        return gradient


class Hager(_ExponentialLinear):
    r""":math:`\sum_i e^{x_i} - \sqrt{i} x_i`."""

    family = "hager"
    source = ANDREI
    start = (1.0,)
    values: ClassVar = {
        n: sum(i**0.5 * (1 - float(np.log(i)) / 2) for i in range(1, n + 1)) for n in (10, 100)
    }

    def _weights(self) -> Array:
        weights: Array = np.sqrt(np.arange(1.0, self.n + 1))
        return weights


class ExtendedTridiagonal1(Objective):
    r""":math:`\sum_{i=1}^{n/2} (x_{2i-1} + x_{2i} - 3)^2 + (x_{2i-1} - x_{2i} + 1)^4`.

    Singular Hessian at (1, 2).
    """

    family = "extended_tridiagonal1"
    source = ANDREI
    start = (2.0,)
    solution = (1.0, 2.0)
    values: ClassVar = {10: 0.0, 100: 0.0}
    convex = True

    def _value(self, x: Array) -> Any:
        a, b = x[::2], x[1::2]
        return ((a + b - 3) ** 2 + ((a - b + 1) ** 2) ** 2).sum()

    def _gradient(self, x: Array) -> Array:
        a, b = x[::2], x[1::2]
        p, q = 2 * (a + b - 3), 4 * (a - b + 1) ** 3
        return np.column_stack([p + q, p - q]).ravel()


class ExtendedWhiteHolst(Objective):
    r""":math:`\sum_{i=1}^{n/2} 100 (x_{2i} - x_{2i-1}^3)^2 + (1 - x_{2i-1})^2`; CUBE for n = 2."""

    family = "extended_white_holst"
    source = ANDREI
    start = (-1.2, 1.0)
    solution = (1.0,)
    values: ClassVar = {2: 0.0, 10: 0.0, 50: 0.0}

    def _value(self, x: Array) -> Any:
        a, b = x[::2], x[1::2]
        return (100 * (b - a**3) ** 2 + (1 - a) ** 2).sum()

    def _gradient(self, x: Array) -> Array:
        a, b = x[::2], x[1::2]
        valley = 200 * (b - a**3)
        return np.column_stack([-3 * a**2 * valley - 2 * (1 - a), valley]).ravel()


class ExtendedHimmelblau(Objective):
    r""":math:`\sum_{i=1}^{n/2} (x_{2i-1}^2 + x_{2i} - 11)^2 + (x_{2i-1} + x_{2i}^2 - 7)^2`.

    All minima are 0.
    """

    family = "extended_himmelblau"
    source = ANDREI
    start = (1.0,)
    solution = (3.0, 2.0)
    values: ClassVar = {2: 0.0, 10: 0.0, 50: 0.0}

    def _value(self, x: Array) -> Any:
        a, b = x[::2], x[1::2]
        return ((a**2 + b - 11) ** 2 + (a + b**2 - 7) ** 2).sum()

    def _gradient(self, x: Array) -> Array:
        a, b = x[::2], x[1::2]
        p, q = 2 * (a**2 + b - 11), 2 * (a + b**2 - 7)
        return np.column_stack([2 * a * p + q, p + 2 * b * q]).ravel()


class Dqdrtic(Objective):
    r"""DQDRTIC: :math:`\sum_{i=1}^{n-2} x_i^2 + 100 x_{i+1}^2 + 100 x_{i+2}^2`."""

    family = "dqdrtic"
    source = CUTE
    start = (3.0,)
    solution = (0.0,)
    values: ClassVar = {10: 0.0, 100: 0.0}
    convex = True

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self._weights = np.zeros(n)
        self._weights[:-2] += 1
        self._weights[1:-1] += 100
        self._weights[2:] += 100

    def _value(self, x: Array) -> Any:
        return self._weights @ x**2

    def _gradient(self, x: Array) -> Array:
        gradient: Array = 2 * self._weights * x
        return gradient


class Quartc(Objective):
    r"""QUARTC: :math:`\sum_i (x_i - i)^4`; the Hessian vanishes at the minimum."""

    family = "quartc"
    source = CUTE
    start = (2.0,)
    values: ClassVar = {10: 0.0, 100: 0.0}
    convex = True

    def _solution(self) -> Array:
        return np.arange(1.0, self.n + 1)

    def _value(self, x: Array) -> Any:
        square = (x - np.arange(1, self.n + 1)) ** 2
        return square @ square

    def _gradient(self, x: Array) -> Array:
        gradient: Array = 4 * (x - np.arange(1, self.n + 1)) ** 3
        return gradient
