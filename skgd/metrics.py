r"""Metrics: the geometry in which steps are taken.

In a metric with the positive definite matrix M the steepest direction is :math:`-M^{-1} g`, and the
squared length of a step is :math:`d \cdot M d`.  Where M is close to the Hessian, every function
looks like a ball, and a few steps suffice.  An objective that knows its curvature offers a metric
when it is asked (`skgd.requests.Curvature`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from ._rows import Array

__all__ = ["CholeskyMetric", "Metric"]

FIRST_SHIFT = 1e-14
"""What is added to a unit diagonal, times the size, where a factorisation fails; ever more."""


class Metric(ABC):
    """The geometry in which steps are taken."""

    @abstractmethod
    def on(self, free: Array | None) -> Metric | None:
        """Return the metric on the free coordinates alone, None where it does not know them all.

        Parameters
        ----------
        free : ndarray of bool, shape (n,), or None
            The coordinates that may move; None for all.
        """

    @abstractmethod
    def solve(self, g: Array) -> Array:
        """Return :math:`M^{-1} g` as a new array, zero on the coordinates that are not free."""

    @abstractmethod
    def whiten(self, g: Array) -> Array:
        r"""Return a vector of length n whose squared norm is :math:`g \cdot M^{-1} g`."""

    @abstractmethod
    def product(self, d: Array) -> Array:
        """Return :math:`M d` for a step of the free coordinates, zero on the others."""

    @property
    @abstractmethod
    def known(self) -> Array:
        """The coordinates that it knows, as an array of bool of shape (n,)."""

    @abstractmethod
    def compressed(self) -> Metric:
        """Return the metric on vectors of the known coordinates alone."""

    def square(self, d: Array) -> float:
        r"""Return :math:`d \cdot M d` for a step of the free coordinates."""
        return float(np.vdot(d, self.product(d)))

    def dual(self, g: Array) -> float:
        r"""Return :math:`g \cdot M^{-1} g`, over the free coordinates."""
        white = self.whiten(g)
        return float(np.vdot(white, white))


class CholeskyMetric(Metric):
    """A metric given by the diagonal blocks of its matrix.

    Parameters
    ----------
    blocks : sequence of ndarray, shape (m_i, m_i)
        Symmetric positive semidefinite matrices.
    positions : sequence of ndarray of int, shape (m_i,)
        The coordinates that the rows of each block belong to.
    n : int
        Number of coordinates in all.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.metrics import CholeskyMetric
    >>> metric = CholeskyMetric([np.diag([4.0, 9.0])], [np.array([0, 2])], 3)
    >>> metric.solve(np.array([4.0, 5.0, 9.0]))
    array([1., 0., 1.])
    >>> metric.dual(np.array([4.0, 5.0, 9.0])), metric.square(np.array([1.0, 0.0, 1.0]))
    (13.0, 13.0)
    """

    def __init__(self, blocks: Sequence[Array], positions: Sequence[Array], n: int) -> None:
        self._blocks = list(blocks)
        self._positions = list(positions)
        self._n = n
        self._known = np.zeros(n, dtype=bool)
        for position in self._positions:
            self._known[position] = True
        self._factors: list[tuple[Array, Array]] | None = None
        self._part: tuple[Array, CholeskyMetric] | None = None

    def on(self, free: Array | None) -> CholeskyMetric | None:
        """Return the metric on the free coordinates alone; the last one is kept."""
        if free is None or np.array_equal(free, self._known):
            return self
        if (free & ~self._known).any():
            return None
        if self._part is None or not np.array_equal(self._part[0], free):
            chosen = [np.flatnonzero(free[position]) for position in self._positions]
            part = CholeskyMetric(
                [block[np.ix_(i, i)] for block, i in zip(self._blocks, chosen, strict=True)],
                [position[i] for position, i in zip(self._positions, chosen, strict=True)],
                self._n,
            )
            self._part = free.copy(), part
        return self._part[1]

    def solve(self, g: Array) -> Array:
        """Return the solution, found block by block."""
        from scipy.linalg import solve_triangular

        p = np.zeros_like(g)
        for (factor, scale), position in self._factored():
            white = solve_triangular(factor, g[position] * scale, lower=True, check_finite=False)
            p[position] = scale * solve_triangular(
                factor, white, lower=True, trans="T", check_finite=False
            )
        return p

    def whiten(self, g: Array) -> Array:
        """Return the whitened vector, block by block."""
        from scipy.linalg import solve_triangular

        white = np.zeros_like(g)
        for (factor, scale), position in self._factored():
            white[position] = solve_triangular(
                factor, g[position] * scale, lower=True, check_finite=False
            )
        return white

    @property
    def known(self) -> Array:
        """The coordinates that it knows."""
        return self._known

    def compressed(self) -> CholeskyMetric:
        """Return the metric on vectors of the known coordinates alone."""
        place = np.cumsum(self._known) - 1
        return CholeskyMetric(
            self._blocks, [place[position] for position in self._positions], int(place[-1]) + 1
        )

    def product(self, d: Array) -> Array:
        """Return the product, block by block."""
        product = np.zeros_like(d)
        for block, position in zip(self._blocks, self._positions, strict=True):
            product[position] = block @ d[position]
        return product

    def _factored(self) -> Any:
        """Return the factors with their scales, and the positions."""
        if self._factors is None:
            self._factors = [_factor(block) for block in self._blocks]
        return zip(self._factors, self._positions, strict=True)


def _factor(matrix: Array) -> tuple[Array, Array]:
    """Return the lower factor L of ``D M D = L L'`` and D, which gives M a unit diagonal.

    Where M is singular to rounding, the unit diagonal is raised until there is a factor: directions
    that nothing is known about get short steps less than others.
    """
    diagonal = np.diagonal(matrix)
    scale = 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    scaled = matrix * scale * scale[:, None]
    # Of a coordinate without curvature nothing is known: it takes the gradient's own step.
    np.fill_diagonal(scaled, np.where(diagonal > 0, np.diagonal(scaled), 1.0))
    shift = 0.0
    while True:
        try:
            return np.linalg.cholesky(scaled), scale
        except np.linalg.LinAlgError:
            raised = max(100.0 * shift, FIRST_SHIFT * len(scale))
            np.fill_diagonal(scaled, np.diagonal(scaled) + (raised - shift))
            shift = raised
