r"""Systems of as many variables as one likes: penalties, discretised equations, linear ones."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from skgd._rows import Array
from skgd.testing.problem import SumOfSquares

from .matrices import banded, number_type
from .paper import cited


class Watson(SumOfSquares):
    r"""Watson: a polynomial that solves an initial value problem; very ill-conditioned.

    :math:`f_i = \sum_{j=2}^n (j-1) x_j t_i^{j-2} - (\sum_{j=1}^n x_j t_i^{j-1})^2 - 1`, :math:`t_i
    = i / 29`, for :math:`i \le 29`; :math:`f_{30} = x_1`, :math:`f_{31} = x_2 - x_1^2 - 1`.
    """

    family = "watson"
    source = cited(20)
    values: ClassVar = {
        6: 0.002287670053552429,
        9: 1.3997601380987233e-06,
        12: 4.722381107291661e-10,
    }

    def __init__(self, n: int) -> None:
        super().__init__(n)
        t = np.arange(1, 30) / 29
        self._powers = t[:, None] ** np.arange(n)
        self._slopes = np.arange(n) * t[:, None] ** np.maximum(np.arange(n) - 1, 0)

    def _residuals(self, x: Array) -> Array:
        fit = self._slopes @ x - (self._powers @ x) ** 2 - 1
        return np.concatenate([fit, [x[0], x[1] - x[0] ** 2 - 1]])

    def _jacobian(self, x: Array) -> Array:
        jacobian = np.zeros((31, self.n), dtype=number_type(x))
        jacobian[:29] = self._slopes - 2 * (self._powers @ x)[:, None] * self._powers
        jacobian[29, 0] = 1
        jacobian[30, :2] = -2 * x[0], 1
        return jacobian


class PenaltyI(SumOfSquares):
    r"""Penalty I: :math:`f_i = \sqrt{10^{-5}} (x_i - 1)`, :math:`f_{n+1} = \sum_j x_j^2 - 1/4`."""

    family = "penalty_1"
    source = cited(23)
    values: ClassVar = {
        4: 2.2499775008999372e-05,
        10: 7.087651467090369e-05,
        50: 0.0004317850045986022,
    }

    def _start(self) -> Array:
        return np.arange(1.0, self.n + 1)

    def _residuals(self, x: Array) -> Array:
        return np.append(1e-5**0.5 * (x - 1), x @ x - 0.25)

    def _jacobian(self, x: Array) -> Array:
        return np.vstack([1e-5**0.5 * np.eye(self.n), 2 * x])


class PenaltyII(SumOfSquares):
    r"""Penalty II, :math:`a = 10^{-5}`.

    :math:`f_1 = x_1 - 0.2`; :math:`f_i = \sqrt a (e^{x_i/10} + e^{x_{i-1}/10} - y_i)` for :math:`2
    \le i \le n`; :math:`f_i = \sqrt a (e^{x_{i-n+1}/10} - e^{-1/10})` for :math:`n < i < 2n`;
    :math:`f_{2n} = \sum_j (n - j + 1) x_j^2 - 1`; :math:`y_i = e^{i/10} + e^{(i-1)/10}`.
    """

    family = "penalty_2"
    source = cited(24)
    start = (0.5,)
    values: ClassVar = {4: 9.376293007355447e-06, 10: 0.00029366053745674594}

    def __init__(self, n: int) -> None:
        super().__init__(n)
        growth = np.exp(np.arange(1, n + 1) / 10)
        self._y = growth[1:] + growth[:-1]
        self._weights = np.arange(n, 0.0, -1.0)

    def _residuals(self, x: Array) -> Array:
        root = 1e-5**0.5
        powers = np.exp(x / 10)
        return np.concatenate(
            [
                [x[0] - 0.2],
                root * (powers[1:] + powers[:-1] - self._y),
                root * (powers[1:] - np.exp(-0.1)),
                [self._weights @ x**2 - 1],
            ]
        )

    def _jacobian(self, x: Array) -> Array:
        n = self.n
        slopes = 1e-5**0.5 * np.exp(x / 10) / 10
        row = np.arange(1, n)
        jacobian = np.zeros((2 * n, n), dtype=number_type(x))
        jacobian[0, 0] = 1
        jacobian[row, row] = slopes[1:]
        jacobian[row, row - 1] = slopes[:-1]
        jacobian[n - 1 + row, row] = slopes[1:]
        jacobian[-1] = 2 * self._weights * x
        return jacobian


class VariablyDimensioned(SumOfSquares):
    r"""Variably dimensioned: :math:`f_i = x_i - 1`, :math:`f_{n+1} = s`, :math:`f_{n+2} = s^2`.

    Here :math:`s = \sum_j j (x_j - 1)`.
    """

    family = "variably_dimensioned"
    source = cited(25)
    solution = (1.0,)
    values: ClassVar = {10: 0.0, 50: 0.0, 100: 0.0}

    def _start(self) -> Array:
        return 1 - np.arange(1.0, self.n + 1) / self.n

    def _residuals(self, x: Array) -> Array:
        s = np.arange(1, self.n + 1) @ (x - 1)
        return np.concatenate([x - 1, [s, s**2]])

    def _jacobian(self, x: Array) -> Array:
        j = np.arange(1, self.n + 1)
        return np.vstack([np.eye(self.n), j, 2 * (j @ (x - 1)) * j])


class Trigonometric(SumOfSquares):
    r"""Trigonometric.

    :math:`f_i = n - \sum_j \cos x_j + i (1 - \cos x_i) - \sin x_i`; many local minima.
    """

    family = "trigonometric"
    source = cited(26)
    solution = (0.0,)
    values: ClassVar = {10: 0.0, 50: 0.0, 100: 0.0}
    local_minima: ClassVar = {
        10: (4.4735658128062883e-07, 2.7950561218794563e-05, 4.2186338879237245e-05),
        50: (7.262196548492897e-07, 5.4517157016090725e-06),
        100: (1.8409625425277999e-06, 4.317165220800369e-06),
    }

    def _start(self) -> Array:
        return np.full(self.n, 1 / self.n)

    def _residuals(self, x: Array) -> Array:
        cosines = np.cos(x)
        residuals: Array = (
            self.n - cosines.sum() + np.arange(1, self.n + 1) * (1 - cosines) - np.sin(x)
        )
        return residuals

    def _jacobian(self, x: Array) -> Array:
        sines = np.sin(x)
        jacobian = np.tile(sines, (self.n, 1))
        diagonal = np.arange(self.n)
        jacobian[diagonal, diagonal] += (diagonal + 1) * sines - np.cos(x)
        return jacobian


class BrownAlmostLinear(SumOfSquares):
    r"""Brown, almost linear.

    :math:`f_i = x_i + \sum_j x_j - (n + 1)` for :math:`i < n`, :math:`f_n = \prod_j x_j - 1`.
    """

    family = "brown_almost_linear"
    source = cited(27)
    start = (0.5,)
    solution = (1.0,)
    values: ClassVar = {10: 0.0, 50: 0.0}
    local_minima: ClassVar = {10: (1.0,), 50: (1.0,)}

    def _residuals(self, x: Array) -> Array:
        residuals: Array = x + (x.sum() - (self.n + 1))
        residuals[-1] = x.prod() - 1
        return residuals

    def _jacobian(self, x: Array) -> Array:
        jacobian = np.ones((self.n, self.n), dtype=number_type(x))
        np.fill_diagonal(jacobian, 2)
        before = np.cumprod(np.append(1, x[:-1]))
        after = np.cumprod(np.append(1, x[:0:-1]))[::-1]
        jacobian[-1] = before * after
        return jacobian


class DiscreteBoundaryValue(SumOfSquares):
    r"""Discrete boundary value.

    :math:`f_i = 2 x_i - x_{i-1} - x_{i+1} + h^2 (x_i + t_i + 1)^3 / 2`.

    Here :math:`h = 1 / (n + 1)`, :math:`t_i = i h`, :math:`x_0 = x_{n+1} = 0`.
    """

    family = "discrete_boundary_value"
    source = cited(28)
    values: ClassVar = {10: 0.0, 50: 0.0, 100: 0.0}

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self._h = 1 / (n + 1)
        self._t = self._h * np.arange(1, n + 1)

    def _start(self) -> Array:
        return self._t * (self._t - 1)

    def _residuals(self, x: Array) -> Array:
        residuals: Array = 2 * x + self._h**2 * (x + self._t + 1) ** 3 / 2
        residuals[1:] -= x[:-1]
        residuals[:-1] -= x[1:]
        return residuals

    def _jacobian(self, x: Array) -> Array:
        return banded(self.n, {0: 2 + 1.5 * self._h**2 * (x + self._t + 1) ** 2, 1: -1.0, -1: -1.0})


class DiscreteIntegralEquation(SumOfSquares):
    r"""Discrete integral equation, dense.

    :math:`f_i = x_i + \frac h2 [(1 - t_i) \sum_{j \le i} t_j (x_j + t_j + 1)^3 + t_i \sum_{j > i}
    (1 - t_j) (x_j + t_j + 1)^3]`, with :math:`h, t_i` of the boundary value problem.
    """

    family = "discrete_integral_equation"
    source = cited(29)
    values: ClassVar = {10: 0.0, 50: 0.0}

    def __init__(self, n: int) -> None:
        super().__init__(n)
        h = 1 / (n + 1)
        t = h * np.arange(1, n + 1)
        self._t = t
        self._kernel = h / 2 * (np.minimum.outer(t, t) * (1 - np.maximum.outer(t, t)))

    def _start(self) -> Array:
        return self._t * (self._t - 1)

    def _residuals(self, x: Array) -> Array:
        residuals: Array = x + self._kernel @ (x + self._t + 1) ** 3
        return residuals

    def _jacobian(self, x: Array) -> Array:
        jacobian: Array = np.eye(self.n) + 3 * self._kernel * (x + self._t + 1) ** 2
        return jacobian


class BroydenTridiagonal(SumOfSquares):
    r"""Broyden, tridiagonal: :math:`f_i = (3 - 2 x_i) x_i - x_{i-1} - 2 x_{i+1} + 1`."""

    family = "broyden_tridiagonal"
    source = cited(30)
    start = (-1.0,)
    values: ClassVar = {10: 0.0, 50: 0.0, 100: 0.0}
    local_minima: ClassVar = {10: (0.3970793520178333, 0.8814425849189623, 0.9749285609058832)}

    def _residuals(self, x: Array) -> Array:
        residuals: Array = (3 - 2 * x) * x + 1
        residuals[1:] -= x[:-1]
        residuals[:-1] -= 2 * x[1:]
        return residuals

    def _jacobian(self, x: Array) -> Array:
        return banded(self.n, {0: 3 - 4 * x, -1: -1.0, 1: -2.0})


class BroydenBanded(SumOfSquares):
    r"""Broyden, banded: :math:`f_i = x_i (2 + 5 x_i^2) + 1 - \sum_{j \in J_i} x_j (1 + x_j)`.

    Here :math:`J_i = \{j \ne i: \max(1, i - 5) \le j \le \min(n, i + 1)\}`.
    """

    family = "broyden_banded"
    source = cited(31)
    start = (-1.0,)
    values: ClassVar = {10: 0.0, 50: 0.0, 100: 0.0}

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self._band = sum(np.eye(n, k=k) for k in (-5, -4, -3, -2, -1, 1))

    def _residuals(self, x: Array) -> Array:
        residuals: Array = x * (2 + 5 * x**2) + 1 - self._band @ (x * (1 + x))
        return residuals

    def _jacobian(self, x: Array) -> Array:
        jacobian: Array = np.diag(2 + 15 * x**2) - self._band * (1 + 2 * x)
        return jacobian


class LinearFullRank(SumOfSquares):
    r"""Linear, full rank, :math:`m = 2 n`.

    :math:`f_i = x_i [i \le n] - \frac 2m \sum_j x_j - 1`; the best is :math:`m - n`.
    """

    family = "linear_full_rank"
    source = cited(32)
    start = (1.0,)
    solution = (-1.0,)
    values: ClassVar = {10: 10.0, 50: 50.0}
    convex = True

    def _residuals(self, x: Array) -> Array:
        residuals = np.full(2 * self.n, -x.sum() / self.n - 1)
        residuals[: self.n] += x
        return residuals

    def _jacobian(self, x: Array) -> Array:
        return np.eye(2 * self.n, self.n) - 1 / self.n


class LinearRankOne(SumOfSquares):
    r"""Linear, rank 1, :math:`m = 2 n`.

    :math:`f_i = i (\sum_j j x_j) - 1`; the best is :math:`m (m - 1) / (2 (2 m + 1))`.
    """

    family = "linear_rank_1"
    source = cited(33)
    start = (1.0,)
    values: ClassVar = {10: 20 * 19 / (2 * 41), 50: 100 * 99 / (2 * 201)}
    convex = True

    def _residuals(self, x: Array) -> Array:
        residuals: Array = np.arange(1, 2 * self.n + 1) * (np.arange(1, self.n + 1) @ x) - 1
        return residuals

    def _jacobian(self, x: Array) -> Array:
        return np.outer(np.arange(1, 2 * self.n + 1), np.arange(1, self.n + 1))


class LinearRankOneZeros(SumOfSquares):
    r"""Linear, rank 1 with zero columns and rows, :math:`m = 2 n`.

    :math:`f_1 = f_m = -1`, else :math:`f_i = (i - 1) (\sum_{j=2}^{n-1} j x_j) - 1`; the best is
    :math:`(m^2 + 3 m - 6) / (2 (2 m - 3))`.
    """

    family = "linear_rank_1_zeros"
    source = cited(34)
    start = (1.0,)
    values: ClassVar = {10: (400 + 60 - 6) / (2 * 37), 50: (10000 + 300 - 6) / (2 * 197)}
    convex = True

    def __init__(self, n: int) -> None:
        super().__init__(n)
        rows, columns = np.arange(2.0 * n), np.arange(1, n + 1)
        rows[-1] = columns[0] = columns[-1] = 0
        self._rows, self._columns = rows, columns

    def _residuals(self, x: Array) -> Array:
        residuals: Array = self._rows * (self._columns @ x) - 1
        return residuals

    def _jacobian(self, x: Array) -> Array:
        return np.outer(self._rows, self._columns)


class Chebyquad(SumOfSquares):
    r"""Chebyquad, :math:`m = n`: :math:`f_i = \frac 1n \sum_j T_i(x_j) - \int_0^1 T_i(x)\,dx`.

    :math:`T_i` is the Chebyshev polynomial shifted to [0, 1]; the integral is 0 for odd i and
    :math:`-1 / (i^2 - 1)` for even i.
    """

    family = "chebyquad"
    source = cited(35)
    values: ClassVar = {4: 0.0, 7: 0.0, 8: 0.00351687372567793, 9: 0.0, 10: 0.00477271369637535}
    local_minima: ClassVar = {10: (0.006503954800882308, 0.00950062885022167)}

    def __init__(self, n: int) -> None:
        super().__init__(n)
        i = np.arange(1, n + 1)
        self._integrals = np.where(i % 2 == 0, -1 / np.maximum(i**2 - 1, 1), 0.0)

    def _start(self) -> Array:
        return np.arange(1, self.n + 1) / (self.n + 1)

    def _residuals(self, x: Array) -> Array:
        y = 2 * x - 1
        values = [np.ones_like(y), y]
        for _ in range(self.n - 1):
            values.append(2 * y * values[-1] - values[-2])
        residuals: Array = np.array(values[1:]).sum(axis=1) / self.n - self._integrals
        return residuals

    def _jacobian(self, x: Array) -> Array:
        # T_i' = i U_{i-1}, and the inner derivative of the shift to [0, 1] is 2
        y = 2 * x - 1
        second_kind = [np.ones_like(y), 2 * y]
        for _ in range(self.n - 2):
            second_kind.append(2 * y * second_kind[-1] - second_kind[-2])
        i = np.arange(1, self.n + 1)[:, None]
        jacobian: Array = 2 * i * np.array(second_kind) / self.n
        return jacobian
