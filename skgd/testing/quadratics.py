r"""Convex functions of known conditioning: quadratics with a given spectrum, and log-sum-exp.

Matrices come from an equidistributed sequence instead of a random generator, so that stored values
hold for every version of NumPy.
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np

from skgd._rows import Array

from .literature import JAMIL_YANG
from .problem import Entry, Objective, Problem, entries

_GROUP = "quadratics"
Spectrum = Literal["logspaced", "uniform", "clustered", "one_stiff", "one_soft"]


def _spread(rows: int, columns: int) -> Array:
    """Fill a dense matrix with numbers equidistributed in [-1, 1].

    Weyl's sequence of quadratic phase.
    """
    k = np.arange(1.0, rows * columns + 1)
    phase = (k * k * (5**0.5 - 1) / 2) % 1
    return (2 * phase - 1).reshape(rows, columns)


def _eigenvalues(spectrum: Spectrum, condition: float, n: int) -> Array:
    match spectrum:
        case "logspaced":
            return np.geomspace(1, condition, n)
        case "uniform":
            return np.linspace(1, condition, n)
        case "clustered":
            near_one = np.linspace(1, 1.1, n - n // 2)
            return np.append(near_one, np.linspace(0.9, 1, n // 2) * condition)
        case "one_stiff":
            return np.append(np.ones(n - 1), condition)
        case "one_soft":
            return np.append(1.0, np.full(n - 1, condition))


class Quadratic(Objective):
    r"""Quadratic of a given spectrum, minimal at (1, ..., 1).

    :math:`\frac12 (x - 1)^T Q \Lambda Q^T (x - 1)` with eigenvalues :math:`\Lambda` between 1 and
    the condition number.

    Parameters
    ----------
    n : int
        Number of variables.
    condition : float
        Largest over smallest eigenvalue.
    spectrum : {"logspaced", "uniform", "clustered", "one_stiff", "one_soft"}
        How the eigenvalues lie between: evenly in the logarithm or in value, in two narrow clusters
        at the ends, or all at one end but one.
    rotated : bool, default True
        Whether Q is a dense orthogonal matrix instead of the identity.
    """

    family = "quadratic"
    source = (
        "B. T. Polyak, Introduction to Optimization (1987), ch. 1.4 and 3; "
        "Y. Nesterov, Lectures on Convex Optimization (2018), ch. 2.1"
    )
    solution = (1.0,)
    convex = True

    def __init__(
        self, n: int, condition: float, spectrum: Spectrum = "logspaced", rotated: bool = True
    ) -> None:
        super().__init__(n)
        self._eigenvalues = _eigenvalues(spectrum, condition, n)
        self._basis = np.linalg.qr(_spread(n, n))[0] if rotated else np.eye(n)

    def _best(self) -> float:
        return 0.0

    def _value(self, x: Array) -> Any:
        return self._eigenvalues @ ((x - 1) @ self._basis) ** 2 / 2

    def _gradient(self, x: Array) -> Array:
        gradient: Array = self._basis @ (self._eigenvalues * ((x - 1) @ self._basis))
        return gradient


class Hilbert(Objective):
    r""":math:`\frac12 (x - 1)^T H (x - 1)` with the Hilbert matrix.

    Its condition number is 5e5 for n = 5 and 2e13 for n = 10.
    """

    family = "hilbert"
    source = (
        "K. Schittkowski, More Test Examples for Nonlinear Programming Codes (1987), "
        "no. 274-276, shifted"
    )
    solution = (1.0,)
    values: ClassVar = {5: 0.0, 10: 0.0}
    convex = True

    def __init__(self, n: int) -> None:
        super().__init__(n)
        i = np.arange(n)
        self._matrix = 1 / (i[:, None] + i + 1)

    def _value(self, x: Array) -> Any:
        return (x - 1) @ self._matrix @ (x - 1) / 2

    def _gradient(self, x: Array) -> Array:
        gradient: Array = self._matrix @ (x - 1)
        return gradient


class Parabola(Objective):
    r""":math:`(x - 10)^2` from 30: one variable, the simplest thing that must work."""

    family = "parabola"
    source = "Apiquet, Neural network from scratch, part 1: gradient descent (github.com/Apiquet)"
    start = (30.0,)
    solution = (10.0,)
    values: ClassVar = {1: 0.0}
    convex = True

    def _value(self, x: Array) -> Any:
        return (x[0] - 10) ** 2

    def _gradient(self, x: Array) -> Array:
        gradient: Array = 2 * (x - 10)
        return gradient


class Booth(Objective):
    r""":math:`(x_1 + 2 x_2 - 7)^2 + (2 x_1 + x_2 - 5)^2`."""

    family = "booth"
    source = JAMIL_YANG
    solution = (1.0, 3.0)
    values: ClassVar = {2: 0.0}
    convex = True

    def _value(self, x: Array) -> Any:
        a, b = x
        return (a + 2 * b - 7) ** 2 + (2 * a + b - 5) ** 2

    def _gradient(self, x: Array) -> Array:
        a, b = x
        p, q = 2 * (a + 2 * b - 7), 2 * (2 * a + b - 5)
        return np.array([p + 2 * q, 2 * p + q])


class Matyas(Objective):
    r""":math:`0.26 (x_1^2 + x_2^2) - 0.48 x_1 x_2`, condition 25."""

    family = "matyas"
    source = JAMIL_YANG
    start = (10.0, -4.0)
    solution = (0.0,)
    values: ClassVar = {2: 0.0}
    convex = True

    def _value(self, x: Array) -> Any:
        return 0.26 * (x @ x) - 0.48 * x[0] * x[1]

    def _gradient(self, x: Array) -> Array:
        gradient: Array = 0.52 * x - 0.48 * x[::-1]
        return gradient


class LogSumExp(Objective):
    r""":math:`\rho \log \sum_{i=1}^{4n} \exp((a_i^T x - b_i) / \rho)`, the soft maximum of planes.

    The rows :math:`a_i` come in pairs of opposite sign, which bounds the function from below. The
    smaller :math:`\rho`, the sharper the edges.
    """

    source = "S. Boyd, L. Vandenberghe, Convex Optimization (2004), ch. 3.1.5"
    start = (1.0,)
    convex = True
    smoothing: ClassVar[float]

    def __init__(self, n: int) -> None:
        super().__init__(n)
        half = _spread(2 * n, n)
        self._planes = np.vstack([half, -half])
        self._offsets = _spread(1, 4 * n)[0]

    def _exponentials(self, x: Array) -> tuple[Any, Array]:
        z = (self._planes @ x - self._offsets) / self.smoothing
        top = z.real.max()
        return top, np.exp(z - top)

    def _value(self, x: Array) -> Any:
        top, exponentials = self._exponentials(x)
        return self.smoothing * (top + np.log(exponentials.sum()))

    def _gradient(self, x: Array) -> Array:
        exponentials = self._exponentials(x)[1]
        gradient: Array = exponentials @ self._planes / exponentials.sum()
        return gradient


class SmoothLogSumExp(LogSumExp):
    r"""Log-sum-exp with :math:`\rho = 1`."""

    family = "log_sum_exp"
    smoothing = 1.0
    values: ClassVar = {10: 3.870146009587564, 50: 5.426679483973737}


class SharpLogSumExp(LogSumExp):
    r"""Log-sum-exp with :math:`\rho = 0.05`."""

    family = "log_sum_exp_sharp"
    smoothing = 0.05
    values: ClassVar = {10: 0.9255502869233868, 50: 0.9932128973464623}


_QUADRATICS: list[tuple[int, float, Spectrum, bool]] = [
    *((n, condition, "logspaced", True) for n in (10, 50) for condition in (1e2, 1e4, 1e6)),
    (100, 1e4, "logspaced", True),
    (50, 1e6, "logspaced", False),
    (50, 1e4, "uniform", True),
    (50, 1e6, "clustered", True),
    (50, 1e6, "one_stiff", True),
    (50, 1e4, "one_soft", True),
]


def _quadratic(name: str, n: int, condition: float, spectrum: Spectrum, rotated: bool) -> Problem:
    return Quadratic(n, condition, spectrum, rotated).problem(name, _GROUP)


def catalogue() -> list[Entry]:
    """List the quadratics, by spectrum and condition number, and the log-sum-exp functions.

    Returns
    -------
    list of Entry
    """
    listed = []
    for n, condition, spectrum, rotated in _QUADRATICS:
        shape = spectrum if rotated else f"diagonal_{spectrum}"
        name = f"quadratic_{shape}_1e{round(np.log10(condition))}_{n}"
        build = partial(_quadratic, name, n, condition, spectrum, rotated)
        listed.append(Entry(name, Quadratic.family, n, build))
    return listed + entries(
        _GROUP, [Hilbert, Parabola, Booth, Matyas, SmoothLogSumExp, SharpLogSumExp]
    )
