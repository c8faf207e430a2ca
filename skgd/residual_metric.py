r"""The metric of least squares: residuals and their Jacobian, as one triangle."""

from __future__ import annotations

import numpy as np

from ._rows import Array
from .metrics import Metric

__all__ = ["ResidualMetric"]

RANK = 1e-12
"""Singular values below this share of the largest are zero, but for rounding; columns have length
one."""


class ResidualMetric(Metric):
    r"""The Gauss-Newton metric :math:`M = J^\top J` of an objective :math:`|r|^2/2`.

    J is not kept, but the triangle R and the vector z of the factorisation :math:`J = QR`,
    :math:`z = Q^\top r`, which say everything about the linearised residuals:
    :math:`|Jp + r|^2 = |Rp + z|^2 + \text{const}`.  Equations with R are solved with twice as many
    digits as those with its square M.

    Parameters
    ----------
    R : ndarray, shape (n, n)
        The upper triangle.
    z : ndarray, shape (n,)
        The residuals in the range of J, in the coordinates Q.
    size : float
        The norm of all residuals, :math:`|r|`.
    free : ndarray of bool, shape (n,), or None, default None
        The coordinates that may move; None for all.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.residual_metric import ResidualMetric
    >>> metric = ResidualMetric(np.diag([2.0, 3.0]), np.array([2.0, 3.0]), 5.0)
    >>> metric.solve(np.array([4.0, 9.0]))
    array([1., 1.])
    """

    def __init__(self, R: Array, z: Array, size: float, free: Array | None = None) -> None:
        self.R = R
        self.z = z
        self.size = size
        self.free = np.ones(len(z), dtype=bool) if free is None else free

    def on(self, free: Array | None) -> ResidualMetric:
        """Return the metric on the free coordinates alone."""
        if free is None or np.array_equal(free, self.free):
            return self
        return ResidualMetric(self.R, self.z, self.size, free)

    @property
    def lengths(self) -> Array:
        """The norms of the Jacobian's columns, of shape (n,); 1 where a column is zero."""
        lengths = np.sqrt(np.einsum("ij,ij->j", self.R, self.R))
        return np.where(lengths > 0, lengths, 1.0)

    def damped_step(self, scale: Array, damping: float, held: Array | None = None) -> Array:
        r"""Return the damped Gauss-Newton step.

        It is the minimum of :math:`|Rp + z|^2 + \lambda \sum_j (c_j p_j)^2` over the free
        coordinates, in which the others have given values.

        Parameters
        ----------
        scale : ndarray, shape (n,)
            The scale c of each coordinate, positive.
        damping : float
            The factor :math:`\lambda`, positive.
        held : ndarray, shape (n,), or None, default None
            The displacements of the coordinates that are not free; None for zeros.

        Returns
        -------
        ndarray, shape (n,)
            The step p.
        """
        p = np.zeros(len(self.z)) if held is None else np.where(self.free, 0.0, held)
        (free,) = np.nonzero(self.free)
        n, m = len(self.z), free.size
        stacked = np.zeros((n + m, m + 1))
        stacked[:n, :m] = self.R[:, free] / scale[free]
        stacked[:n, m] = self.z if held is None else self.z + self.R @ p
        stacked[n:, :m].flat[:: m + 1] = np.sqrt(damping)
        triangle = np.asarray(np.linalg.qr(stacked, mode="r"))
        p[free] = -_back(triangle[:m, :m], triangle[:m, m]) / scale[free]
        return p

    def solve(self, g: Array) -> Array:
        """Return the solution, by two triangles."""
        triangle, scale = self._triangle()
        p = np.zeros_like(g)
        p[self.free] = _back(triangle, _back(triangle.T, g[self.free] / scale)) / scale
        return p

    def whiten(self, g: Array) -> Array:
        """Return the whitened vector."""
        triangle, scale = self._triangle()
        white = np.zeros_like(g)
        white[self.free] = _back(triangle.T, g[self.free] / scale)
        return white

    def product(self, d: Array) -> Array:
        """Return the matrix times a step."""
        return np.where(self.free, self.R.T @ (self.R @ np.where(self.free, d, 0.0)), 0.0)

    @property
    def known(self) -> Array:
        """The free coordinates."""
        return self.free

    def added(self, curvature: Array) -> ResidualMetric:
        """Return the metric of some more residuals, whose Jacobian is the root of the matrix."""
        more = np.diag(curvature) if curvature.ndim == 1 else curvature
        values, vectors = np.linalg.eigh(more)
        rows = np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T
        Q, R = np.linalg.qr(np.vstack((self.R, rows)))
        return ResidualMetric(R, Q[: len(self.z)].T @ self.z, self.size, self.free)

    def compressed(self) -> ResidualMetric:
        """Return the metric on vectors of the free coordinates alone."""
        R = np.asarray(np.linalg.qr(self.R[:, self.free], mode="r"))
        return ResidualMetric(R, self.remainder()[self.free], self.size)

    def remainder(self) -> Array:
        """Return the residuals that the free coordinates can remove, a vector of length n.

        Its norm is that of what `whiten` makes of the gradient at the point where the metric was
        formed, and more accurate.
        """
        left, sizes, _, _ = self._decomposed()
        remainder = np.zeros_like(self.z)
        remainder[: sizes.size] = np.where(
            sizes > RANK * sizes.max(initial=0.0), left.T @ self.z, 0
        )
        return remainder

    def inverse(self) -> Array | None:
        """Return the inverse of M on the free coordinates; None where M is singular."""
        if not np.isfinite(self.R).all():
            return None
        _, sizes, right, scale = self._decomposed()
        if not (sizes > RANK * sizes.max(initial=0.0)).all():
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            root = right.T / sizes / scale[:, None]
            inverse = np.asarray(root @ root.T)
        return inverse if np.isfinite(inverse).all() else None

    def _decomposed(self) -> tuple[Array, Array, Array, Array]:
        """Return the singular values and vectors of the free columns of length one; the lengths."""
        scale = self.lengths[self.free]
        return *np.linalg.svd(self.R[:, self.free] / scale, full_matrices=False), scale

    def _triangle(self) -> tuple[Array, Array]:
        """Return the triangle of the free columns, each of length one, and their lengths."""
        scale = self.lengths[self.free]
        # Directions that nothing is known about get a short step instead of an infinite one.
        least = np.sqrt(np.finfo(float).eps) * np.eye(scale.size)
        columns = np.vstack((self.R[:, self.free] / scale, least))
        return np.asarray(np.linalg.qr(columns, mode="r")), scale


def _back(triangle: Array, right: Array) -> Array:
    """Return the solution of a triangular system, upper or lower."""
    return np.asarray(np.linalg.solve(triangle, right))
