"""Runs in many variables, seen on the plane in which they move most."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skgd._rows import Array

from .grid import mesh, near, thinned
from .landscape import Contour
from .look import Look, guiding
from .run import Run
from .style import FAINT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLOCK = 2_000_000
"""Numbers of the points that are in memory at once."""

MOST_ITERATES = 2000
"""Iterates of each run that the plane is found from."""


@dataclass(frozen=True)
class Plane:
    r"""The plane through the end of a run that keeps most of how far its iterates are from there.

    The iterates :math:`x_k` less the end have the singular value decomposition
    :math:`U \Sigma V^T`; the plane is spanned by the first two rows of :math:`V^T`, and
    :math:`\sigma_i^2 / \sum_j \sigma_j^2` is the share of direction i.

    Attributes
    ----------
    origin : ndarray, shape (n,)
        The end of the first run.
    axes : ndarray, shape (2, n)
        The two principal directions, of length 1.
    shares : ndarray, shape (2,)
        Their shares of the squared distances; they sum to 1 at most.
    """

    origin: Array
    axes: Array
    shares: Array

    @classmethod
    def through(cls, paths: Sequence[Array]) -> Plane:
        """Return the plane of the iterates of one run or several."""
        origin = paths[0][-1]
        ways = [near(path) for path in paths]
        away = np.concatenate([way[thinned(len(way), MOST_ITERATES)] for way in ways]) - origin
        # Squares of large or small distances are not to be out of range.
        away /= np.abs(away).max() or 1.0
        # Two directions are there even if all iterates are one.
        _, sizes, axes = np.linalg.svd(
            np.vstack([away, np.zeros((2, len(origin)))]), full_matrices=False
        )
        axes = axes[:2]
        # Runs go from left to right and from below to above, whatever sign the algebra chose.
        starts = axes @ (paths[0][0] - origin)
        axes = np.where(starts > 0.0, -1.0, 1.0)[:, None] * axes
        total = (sizes**2).sum()
        return cls(origin, axes, sizes[:2] ** 2 / total if total else np.zeros(2))

    def seen(self, points: Array) -> Array:
        """Return the coordinates on the plane of points of shape (K, n); shape (K, 2)."""
        return (points - self.origin) @ self.axes.T

    def point(self, u: Array) -> Array:
        """Return where coordinates of shape (2,) or (2, m) are; shape (n,) or (n, m)."""
        origin = self.origin if u.ndim == 1 else self.origin[:, None]
        return self.axes.T @ u + origin

    def blocks(self, u: Array) -> Iterator[Array]:
        """Yield where coordinates of shape (2, m) are, a part of the columns (n, m) at a time."""
        parts = -(-len(self.origin) * u.shape[1] // BLOCK)
        for part in np.array_split(u, parts, axis=1):
            yield self.point(part)


class Slice(Contour):
    """The paths projected on their principal plane, over the function's contours there."""

    dimensions: ClassVar[range | None] = range(3, sys.maxsize)

    def __init__(self, ax: Axes, runs: Sequence[Run], look: Look) -> None:
        self.plane = Plane.through(guiding(runs))
        self._whole = runs[0]
        super().__init__(ax, [self._projected(run) for run in runs], look)

    def shade_outside(self, ax: Axes) -> None:
        box = self._whole.box
        if box is None:
            return
        x, y = mesh(self.limits, self.look.resolution)
        low, high = box.lower[:, None], box.upper[:, None]
        beyond = np.concatenate(
            [
                ((points < low) | (points > high)).any(axis=0)
                for points in self.plane.blocks(np.stack([x.ravel(), y.ravel()]))
            ]
        )
        if beyond.any():
            mask = beyond.reshape(x.shape).astype(float)
            ax.contourf(x, y, mask, [0.5, 1.5], colors=[FAINT], alpha=0.4, zorder=1.5)

    def _projected(self, run: Run) -> Run:
        fun = self._whole.fun
        assert fun is not None

        def on_plane(u: Array) -> Any:
            if u.ndim == 1:
                return fun(self.plane.point(u))
            return np.concatenate([np.asarray(fun(points)) for points in self.plane.blocks(u)])

        names = tuple(
            f"principal direction {i} ({share:.0%})"
            for i, share in enumerate(self.plane.shares, start=1)
        )
        return replace(
            run,
            path=self.plane.seen(run.path),
            fun=on_plane,
            jac=None,
            variables=names,
            box=None,
            vectorized=self._whole.vectorized,
        )
