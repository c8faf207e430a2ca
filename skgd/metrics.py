r"""Metrics: the geometry in which steps are taken.

In a metric with the positive definite matrix M the steepest direction is :math:`-M^{-1} g`, and the
squared length of a step is :math:`d \cdot M d`.  Where M is close to the Hessian, every function
looks like a ball, and a few steps suffice.  An objective that knows its curvature offers a metric
when it is asked (`skgd.requests.Curvature`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from ._rows import Array

__all__ = ["CholeskyMetric", "Metric"]

SINGULAR = 4.0
"""Eigenvalues below so many units in the last place times the size are zero, but for rounding."""


class Metric(ABC):
    """The geometry in which steps are taken.

    Attributes
    ----------
    cheap : bool, default False
        Whether it costs no more than an iteration, so that a new one is worth asking for in each.
    """

    cheap: bool = False

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

    def damped(self, share: float) -> Metric:
        """Return the metric with a share of its damping added; itself if it has none."""
        return self

    @abstractmethod
    def added(self, curvature: Array) -> Metric:
        """Return the metric with a matrix of shape (n, n), or a diagonal, added."""

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
    damping : sequence of ndarray, optional
        Matrices of the same shapes, of which `damped` adds a share.

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

    def __init__(
        self,
        blocks: Sequence[Array],
        positions: Sequence[Array],
        n: int,
        damping: Sequence[Array] | None = None,
    ) -> None:
        self._blocks = list(blocks)
        self._damping = None if damping is None else list(damping)
        self._positions = list(positions)
        self._n = n
        self._known = np.zeros(n, dtype=bool)
        for position in self._positions:
            self._known[position] = True
        self._factors: list[tuple[_Factor, Array]] | None = None
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
                _parts(self._blocks, chosen),
                [position[i] for position, i in zip(self._positions, chosen, strict=True)],
                self._n,
                None if self._damping is None else _parts(self._damping, chosen),
            )
            self._part = free.copy(), part
        return self._part[1]

    def solve(self, g: Array) -> Array:
        """Return the solution, found block by block."""
        p = np.zeros_like(g)
        for factor, position in self._factored():
            p[position] = factor.solve(g[position])
        return p

    def whiten(self, g: Array) -> Array:
        """Return the whitened vector, block by block."""
        white = np.zeros_like(g)
        for factor, position in self._factored():
            part = factor.whiten(g[position])
            white[position[: len(part)]] = part
        return white

    @property
    def known(self) -> Array:
        """The coordinates that it knows."""
        return self._known

    def compressed(self) -> CholeskyMetric:
        """Return the metric on vectors of the known coordinates alone."""
        place = np.cumsum(self._known) - 1
        return CholeskyMetric(
            self._blocks,
            [place[position] for position in self._positions],
            int(place[-1]) + 1,
            self._damping,
        )

    def added(self, curvature: Array) -> CholeskyMetric:
        """Return the metric with a matrix added, of which only the blocks count."""
        more = np.diag(curvature) if curvature.ndim == 1 else curvature
        blocks = [
            (block + more[np.ix_(position, position)]).astype(block.dtype)
            for block, position in zip(self._blocks, self._positions, strict=True)
        ]
        return CholeskyMetric(blocks, self._positions, self._n)

    def damped(self, share: float) -> CholeskyMetric:
        """Return the metric with a share of the damping added."""
        if self._damping is None:
            return self
        blocks = [
            block + share * more for block, more in zip(self._blocks, self._damping, strict=True)
        ]
        return CholeskyMetric(blocks, self._positions, self._n)

    def product(self, d: Array) -> Array:
        """Return the product, block by block."""
        product = np.zeros_like(d)
        for block, position in zip(self._blocks, self._positions, strict=True):
            product[position] = block @ d[position]
        return product

    def _factored(self) -> Any:
        """Return the factors with their scales, and the positions."""
        if self._factors is None:
            # LAPACK refuses matrices without rows.
            self._factors = [
                (_factor(block), position)
                for block, position in zip(self._blocks, self._positions, strict=True)
                if position.size
            ]
        return self._factors


def _parts(blocks: list[Array], chosen: list[Array]) -> list[Array]:
    """Return the chosen rows and columns of each block."""
    return [block[np.ix_(i, i)] for block, i in zip(blocks, chosen, strict=True)]


class _Factor(Protocol):
    """A factor of one block."""

    def solve(self, g: Array) -> Array:
        """Return the solution with the block."""

    def whiten(self, g: Array) -> Array:
        """Return a vector whose squared norm is that of `g` in the inverse of the block."""


class _Triangle:
    """The factor ``M = D^-1 L L' D^-1``."""

    def __init__(self, lower: Array, scale: Array) -> None:
        self._lower, self._scale = lower, scale

    def solve(self, g: Array) -> Array:
        from scipy.linalg import solve_triangular

        white = self.whiten(g)
        return np.asarray(
            self._scale
            * solve_triangular(self._lower, white, lower=True, trans="T", check_finite=False)
        )

    def whiten(self, g: Array) -> Array:
        from scipy.linalg import solve_triangular

        return np.asarray(
            solve_triangular(self._lower, g * self._scale, lower=True, check_finite=False)
        )


class _Root:
    """The factor ``M^-1 = W W'`` of a matrix that is singular to rounding."""

    def __init__(self, root: Array) -> None:
        self._root = root

    def solve(self, g: Array) -> Array:
        return np.asarray(self._root @ (self._root.T @ g))

    def whiten(self, g: Array) -> Array:
        return np.asarray(self._root.T @ g)


def _factor(matrix: Array) -> _Factor:
    """Return the Cholesky factor of M, given a unit diagonal; where M is singular, its root.

    Of a direction without curvature nothing is known: it takes the gradient's own step.
    """
    eps = float(np.finfo(matrix.dtype).eps)
    # What has overflowed tells nothing.
    matrix = np.nan_to_num(matrix.astype(float), nan=0.0, posinf=0.0, neginf=0.0)
    diagonal = np.diagonal(matrix)
    known = diagonal > 0
    scale = np.where(known, 1.0 / np.sqrt(np.where(known, diagonal, 1.0)), 0.0)
    scaled = matrix * scale * scale[:, None]
    np.fill_diagonal(scaled, 1.0)
    scale[~known] = 1.0
    least = SINGULAR * len(scale) * eps
    try:
        lower = np.linalg.cholesky(scaled)
    except np.linalg.LinAlgError:
        lower = None
    if lower is not None and np.square(np.diagonal(lower)).min(initial=1.0) > least:
        return _Triangle(lower, scale)
    values, vectors = np.linalg.eigh(scaled)
    return _Root(scale[:, None] * (vectors / np.sqrt(np.where(values > least, values, 1.0))))
