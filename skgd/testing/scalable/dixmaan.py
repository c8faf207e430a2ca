r"""The family of Dixon and Maany: a diagonal, a chain and two far couplings."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from skgd._rows import Array
from skgd.testing.literature import CUTE
from skgd.testing.problem import Objective

from .gradients import chain_gradient


class _Dixmaan(Objective):
    r"""Dixon and Maany's family, :math:`n = 3 m`, :math:`w_i = i / n`.

    :math:`1 + \sum_{i=1}^n \alpha w_i^k x_i^2 + \sum_{i=1}^{n-1} \beta x_i^2 (x_{i+1} +
    x_{i+1}^2)^2 + \sum_{i=1}^{2m} \gamma x_i^2 x_{i+m}^4 + \sum_{i=1}^m \delta w_i^k x_i x_{i+2m}`,
    :math:`\alpha = 1`.
    """

    source = f"L. C. W. Dixon, Z. Maany, Technical Report 206, Hatfield Polytechnic (1988); {CUTE}"
    start = (2.0,)
    solution = (0.0,)
    values: ClassVar = {30: 1.0, 90: 1.0}
    beta: ClassVar[float]
    gamma: ClassVar[float]
    delta: ClassVar[float]
    power: ClassVar[int]

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self._weights = (np.arange(1, n + 1) / n) ** self.power

    def _value(self, x: Array) -> Any:
        m, w = self.n // 3, self._weights
        square = x**2
        return (
            1
            + w @ square
            + self.beta * (square[:-1] * (x[1:] + square[1:]) ** 2).sum()
            + self.gamma * (square[: 2 * m] * square[m:] ** 2).sum()
            + self.delta * (w[:m] * x[:m] * x[2 * m :]).sum()
        )

    def _gradient(self, x: Array) -> Array:
        m, w = self.n // 3, self._weights
        square = x**2
        bend = x[1:] + square[1:]
        gradient: Array = 2 * w * x + 2 * self.beta * chain_gradient(
            x[:-1] * bend**2, square[:-1] * bend * (1 + 2 * x[1:])
        )
        gradient[: 2 * m] += 2 * self.gamma * x[: 2 * m] * square[m:] ** 2
        gradient[m:] += 4 * self.gamma * square[: 2 * m] * square[m:] * x[m:]
        gradient[:m] += self.delta * w[:m] * x[2 * m :]
        gradient[2 * m :] += self.delta * w[:m] * x[:m]
        return gradient


class DixmaanA(_Dixmaan):
    r"""DIXMAANA: :math:`\beta = 0, \gamma = \delta = 1/8, k = 0`."""

    family = "dixmaana"
    beta, gamma, delta, power = 0.0, 0.125, 0.125, 0


class DixmaanB(_Dixmaan):
    r"""DIXMAANB: :math:`\beta = \gamma = \delta = 1/16, k = 0`."""

    family = "dixmaanb"
    beta, gamma, delta, power = 0.0625, 0.0625, 0.0625, 0


class DixmaanE(_Dixmaan):
    r"""DIXMAANE: :math:`\beta = 0, \gamma = \delta = 1/8, k = 1`."""

    family = "dixmaane"
    beta, gamma, delta, power = 0.0, 0.125, 0.125, 1


class DixmaanH(_Dixmaan):
    r"""DIXMAANH: :math:`\beta = \gamma = \delta = 0.26, k = 1`."""

    family = "dixmaanh"
    beta, gamma, delta, power = 0.26, 0.26, 0.26, 1


class DixmaanI(_Dixmaan):
    r"""DIXMAANI: :math:`\beta = 0, \gamma = \delta = 1/8, k = 2`."""

    family = "dixmaani"
    beta, gamma, delta, power = 0.0, 0.125, 0.125, 2
