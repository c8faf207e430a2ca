"""The good points that moves begin from."""

from __future__ import annotations

import numpy as np

from skgd._rows import Array

__all__ = ["Elite"]

APART = 1e-3
"""Distance, in widths of the bounds, below which two points count as one when they are entered."""

EQUAL = 1e-9
"""The same for points that have come to lie on each other."""


class Elite:
    """A limited number of good points, the best first.

    A point that comes near one of them takes its place if it is better; another one takes the place
    of the worst.  So the points stay apart as long as nobody moves them together.

    Parameters
    ----------
    size : int
        The most points.
    width : ndarray, shape (n,)
        What distances are measured in.

    Attributes
    ----------
    x : ndarray, shape (m, n)
        The points.
    f : ndarray, shape (m,)
        Their values, ascending and finite.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.many_minima.elite import Elite
    >>> elite = Elite(2, np.ones(1))
    >>> elite.enter(np.array([[0.1], [0.2], [0.3]]), np.array([3.0, 1.0, 2.0]))
    >>> elite.f
    array([1., 2.])
    """

    def __init__(self, size: int, width: Array) -> None:
        self.size = size
        self._width = width
        self.x = np.empty((0, width.size))
        self.f = np.empty(0)

    def __len__(self) -> int:
        return len(self.f)

    def enter(self, x: Array, f: Array) -> None:
        """Take in points, one a row, and their values."""
        for point, value in zip(x, f, strict=True):
            if np.isfinite(value):
                self._enter(point, value)
        self._sort()

    def _enter(self, point: Array, value: float) -> None:
        if len(self):
            distance = self._distance(self.x, point)
            nearest = int(distance.argmin())
            if distance[nearest] < APART:
                self._replace(nearest, point, value)
                return
        if len(self) < self.size:
            self.x = np.concatenate((self.x, point[None]))
            self.f = np.append(self.f, value)
        else:
            self._replace(int(self.f.argmax()), point, value)

    def compete(self, x: Array, f: Array) -> Array:
        """Let each of the first points take the place of the member of its number, if better.

        Returns
        -------
        ndarray of int
            The members that were replaced.
        """
        (won,) = np.nonzero(f < self.f[: len(f)])
        self.x[won], self.f[won] = x[won], f[won]
        self._sort()
        return won

    def _replace(self, i: int, point: Array, value: float) -> None:
        if value < self.f[i]:
            self.x[i], self.f[i] = point, value

    def _sort(self) -> None:
        """Sort by value, and drop points that have come to lie on better ones."""
        order = np.argsort(self.f, kind="stable")
        x, f = self.x[order], self.f[order]
        kept: list[int] = []
        for i in range(len(f)):
            if not kept or (self._distance(x[kept], x[i]) >= EQUAL).all():
                kept.append(i)
        self.x, self.f = x[kept], f[kept]

    def _distance(self, points: Array, point: Array) -> Array:
        return np.asarray((np.abs(points - point) / self._width).max(axis=1))
