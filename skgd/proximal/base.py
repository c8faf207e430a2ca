"""What a constraint is, and the test of optimality."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from skgd._rows import Array, Reals

from .faces import Face, interior

quiet = np.errstate(over="ignore", invalid="ignore", under="ignore")
"""For operators that divide by sizes: a step that was too long ends in a point that is not finite,
and is shortened."""


class Constraint(ABC):
    """What keeps ``x`` allowed, or sparse.

    A subclass needs `prox`; a penalty also needs `value`, a set also needs `project`.

    Attributes
    ----------
    separable : bool, default False
        Whether the proximal operator acts on each coordinate by itself; only then can the
        constraint be combined with bounds.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd import Constraint, gd
    >>> class SumOfZero(Constraint):
    ...     def prox(self, z, t):
    ...         return self.project(z)
    ...
    ...     def project(self, x):
    ...         return x - x.mean(axis=-1, keepdims=True)
    >>> gd(lambda x: (x - [1, 2]) @ (x - [1, 2]), [0.0, 0.0], constraints=SumOfZero()).x
    array([-0.5, 0.5])
    """

    separable: ClassVar[bool] = False

    @abstractmethod
    def prox(self, z: Array, t: Any) -> Array:
        """Return the proximal operator at `z` as a new array.

        Parameters
        ----------
        z : ndarray, shape (n,) or (S, n)
            The point, or one point a row.
        t : float or ndarray that broadcasts against `z`
            The rate, or one rate a coordinate.  A coordinate whose rate is zero keeps its value
            where the constraint leaves a choice.

        Returns
        -------
        ndarray
            Of the shape and type of `z`.
        """

    def value(self, x: Array) -> Reals:
        """Return the penalty at `x`; zero for a set, where every iterate is allowed."""
        return 0.0 if x.ndim == 1 else np.zeros(x.shape[0])

    def project(self, x: Array) -> Array:
        """Return the allowed point nearest to `x`; `x` itself for a penalty."""
        return x

    def step(self, x: Array, p: Array, t: Any) -> Array:
        """Return the way from the allowed point `x` to the proximal operator at ``x + p``.

        Parameters
        ----------
        x, p : ndarray, shape (n,) or (S, n)
            Allowed point and displacement, or one a row.
        t : float or ndarray that broadcasts against `x`
            The rate, or one rate a coordinate.

        Returns
        -------
        ndarray
            Of the shape of `x`.
        """
        return np.asarray(self.prox(x + p, t) - x)

    def unit(self, dtype: Any) -> Any:
        """Return the rate of the step that measures optimality: 1, or the width of a small set.

        In a set that is smaller than the tolerance every step is small; in units of its width it
        is not.
        """
        return 1.0

    def repair(self, x: Array) -> None:  # noqa: B027
        """Undo in place what rounding did to a point between two allowed ones."""

    def check(self, n: int) -> None:  # noqa: B027
        """Raise ValueError when the constraint does not fit `n` variables."""

    def tangent(self, x: Array, g: Array) -> Face | None:
        """Return the face in whose interior `x` lies, None where none is known.

        Parameters
        ----------
        x, g : ndarray, shape (n,)
            Point and gradient.
        """
        face = self.face(x, g)
        return None if face is None else interior(x, face)

    def on(self, chosen: Array) -> Constraint | None:
        """Return the constraint on some of the coordinates, None where they are coupled to others.

        Parameters
        ----------
        chosen : ndarray of int, shape (m,)
            Positions of the coordinates.
        """
        return None

    def box(self) -> tuple[Array, Array] | None:
        """Return the bounds that every evaluated point must respect, or None."""
        return None

    def face(self, x: Array, g: Array) -> Face | None:
        """Return the face on which a Newton-type step from `x` may move.

        Parameters
        ----------
        x, g : ndarray, shape (n,)
            An allowed point, and the gradient there of the function that is minimised beside the
            constraint.

        Returns
        -------
        Face or None
            None when the constraint knows of none.
        """
        return None


def optimality(x: Array, g: Array, constraint: Constraint | None) -> Array:
    r"""Return what vanishes at a stationary point, :math:`x - \operatorname{prox}_h(x - g)`.

    Without a constraint this is the gradient itself; with bounds it is the projected gradient.  In
    a set whose width w is below 1 the step and the result are measured in units of w,
    :math:`(x - \operatorname{prox}_{wh}(x - wg))/w`.

    Parameters
    ----------
    x, g : ndarray, shape (n,) or (S, n)
        Point and gradient.
    constraint : Constraint or None
        The constraint or penalty.

    Returns
    -------
    ndarray
        Of the shape of `x`; `g` itself when there is no constraint.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd import Box
    >>> from skgd.proximal import optimality
    >>> optimality(np.array([0.0]), np.array([3.0]), Box(0, 1))
    array([0.])
    """
    if constraint is None:
        return g
    unit = constraint.unit(x.dtype)
    way = constraint.step(x, -unit * g, unit) / unit
    if not constraint.separable:
        # Differences of points know the way no better than the points themselves.
        way = np.copysign(np.abs(way) + np.finfo(x.dtype).eps * np.abs(x), way)
    return np.asarray(0.0 - way)


def floats(x: Any) -> Array:
    """Return `x` as an array of floats, in single or double precision."""
    array: Array = np.asarray(x)
    return array if array.dtype in (np.float32, np.float64) else array.astype(float)


def weak(array: Array) -> Any:
    """Return a single number as a Python float, which does not change the type of an array."""
    return array if array.ndim else float(array)


def check_shape(name: str, values: Array, n: int) -> None:
    """Raise ValueError unless there is one value, or one for each of the variables."""
    if values.shape not in ((), (1,), (n,)):
        raise ValueError(
            f"{name} must be one number or have shape ({n},), one for each variable; "
            f"got shape {values.shape}"
        )
