"""What the descent may ask of whoever runs it.

The algorithm (`skgd.descent.descend`) never calls the user's function.  It yields one of the
requests below and is sent the answer; a runner decides how an evaluation happens.

==================  =======================================================================
request             answer
==================  =======================================================================
`Value`             the value at a point: float, or ``(S,)`` for a batch
`ValueAndGradient`  the pair of value and gradient there
`Gradient`          the gradient at a point whose value is known
`Probes`            the values at the ``m`` points of a gradient scheme, ``(m,)``
`Curvature`         a `skgd.metrics.Metric`, or None where the objective offers none
`FinalValue`        the value at the point that is returned, where that is an average
`IterationDone`     None; the runner reports the iteration, or closes the generator to stop it
==================  =======================================================================
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeAlias

import numpy as np

from ._rows import Array, Reals


class Value:
    """Ask for the value at `x`.

    Attributes
    ----------
    x : ndarray, shape (n,) or (S, n)
        The point, or one point a row.
    origin, d, s : ndarray, ndarray, float or ndarray of shape (S,)
        The ray that the point lies on, ``x = origin + s * d``; None when it lies on none.  An
        objective that is cheap along a ray, such as a linear model with ``X @ origin`` and
        ``X @ d`` at hand, may answer from these.
    """

    __slots__ = ("d", "origin", "s", "x")

    def __init__(
        self, x: Array, origin: Array | None = None, d: Array | None = None, s: Reals = None
    ) -> None:
        self.x = x
        self.origin = origin
        self.d = d
        self.s = s


class ValueAndGradient:
    """Ask for the value and the gradient at `x`."""

    __slots__ = ("x",)

    def __init__(self, x: Array) -> None:
        self.x = x


class Gradient:
    """Ask for the gradient at `x`, where the value was asked for last."""

    __slots__ = ("x",)

    def __init__(self, x: Array) -> None:
        self.x = x


class Probes:
    """Ask for the values at ``m`` points that differ from `x` in at most one coordinate each.

    The points are described, not made, so that a gradient of n coordinates needs O(n) memory where
    they are evaluated one after the other.  They are described by the value of the coordinate, not
    by the way there: a probe that shall lie on a bound lies on it to the last bit.

    Attributes
    ----------
    x : ndarray, shape (n,) or (S, n)
        The point that is probed around, or one point a row.
    index : ndarray of int, shape (m,)
        The coordinate that probe i changes; -1 for the point itself.
    value : ndarray, shape (m,)
        The value that this coordinate takes; complex for a complex step.
    row : ndarray of int, shape (m,), or None
        The row of `x` that probe i belongs to; None when `x` is one point.
    gradients : int
        The number of gradients that the values will make.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.requests import Probes
    >>> probes = Probes(np.array([1.0, 2.0]), np.array([-1, 0, 1]), np.array([0.0, 1.5, 2.5]))
    >>> probes.point(1)
    array([1.5, 2. ])
    >>> probes.columns(0, 3)
    array([[1. , 1.5, 1. ],
           [2. , 2. , 2.5]])
    """

    __slots__ = ("gradients", "index", "row", "value", "x")

    def __init__(self, x: Array, index: Array, value: Array, row: Array | None = None) -> None:
        self.x = x
        self.index = index
        self.value = value
        self.row = row
        self.gradients = 1 if row is None else len(x)

    @classmethod
    def of_rows(cls, points: Array, gradients: int = 0) -> Probes:
        """Return the probes that are the rows of an array.

        Parameters
        ----------
        points : ndarray, shape (m, n)
            The points.
        gradients : int, default 0
            The number of gradients that the values will make.
        """
        m = len(points)
        probes = cls(points, np.full(m, -1), np.zeros(m, points.dtype), np.arange(m))
        probes.gradients = gradients
        return probes

    def __len__(self) -> int:
        return len(self.index)

    def point(self, i: int) -> Array:
        """Return probe `i` as a new array of shape (n,)."""
        centre = self.x if self.row is None else self.x[self.row[i]]
        point = centre.astype(self.value.dtype)
        if self.index[i] >= 0:
            point[self.index[i]] = self.value[i]
        return point

    def only(self, positions: Array) -> Probes:
        """Return some of the probes."""
        row = None if self.row is None else self.row[positions]
        return Probes(self.x, self.index[positions], self.value[positions], row)

    def columns(self, start: int, stop: int) -> Array:
        """Return probes `start` to `stop` as the columns of a new (n, stop - start) array."""
        points = np.empty((self.x.shape[-1], stop - start), self.value.dtype)
        points[:] = self.x[:, None] if self.row is None else self.x[self.row[start:stop]].T
        index = self.index[start:stop]
        (changed,) = np.nonzero(index >= 0)
        points[index[changed], changed] = self.value[start:stop][changed]
        return points


class Curvature:
    """Ask for the metric that the objective offers at `x`, where the gradient was asked for last.

    Attributes
    ----------
    x : ndarray, shape (n,)
        The point.
    free : ndarray of bool, shape (n,), or None
        The coordinates that may move, the only ones that the metric must know; None for all.
    """

    __slots__ = ("free", "x")

    def __init__(self, x: Array, free: Array | None = None) -> None:
        self.x = x
        self.free = free


class FinalValue(Value):
    """Ask, after the end, for the value at the average that a run returns.

    One evaluation is kept back for it.
    """

    __slots__ = ()


class IterationDone:
    """Say that an iteration is done; the numbers are in the run's `Progress`."""

    __slots__ = ()


Request: TypeAlias = Value | ValueAndGradient | Gradient | Probes | Curvature | IterationDone
Asking: TypeAlias = Generator[Request, Any, Any]
"""A generator that yields requests and is sent their answers."""
