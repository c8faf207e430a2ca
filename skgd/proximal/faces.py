"""The part of an allowed set on which a penalty is smooth, where Newton-type steps can be taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._rows import Array


@dataclass(frozen=True, eq=False)
class Face:
    r"""The face on which a Newton-type step from a point may move, and what it knows there.

    With bounds the face holds the variables that are on a bound and are pressed against it [1]_;
    with absolute values it is the orthant that steepest descent enters, and there is a
    pseudo-gradient [2]_.  On the face the function plus its penalty is smooth; the point is
    stationary for both together exactly when `gradient` is zero.

    Parameters
    ----------
    free : ndarray of bool, shape (n,)
        The variables that may move.
    gradient : ndarray, shape (n,)
        Gradient of the function plus the penalty on the face: zero where a variable is held.
    lower, upper : ndarray, shape (n,)
        The ends of the face; both are ``x`` where a variable is held.
    curvature : float or ndarray of shape (n,) or (n, n), default 0
        Second derivative of the penalty on the face, or its diagonal.
    normals : ndarray of shape (r, n), or None, default None
        Vectors that a step on the face must be orthogonal to.

    References
    ----------
    .. [1] D. P. Bertsekas, "Projected Newton methods for optimization problems with simple
       constraints", SIAM Journal on Control and Optimization 20 (1982), 221-246.
    .. [2] G. Andrew and J. Gao, "Scalable training of L1-regularized log-linear models", ICML
       (2007), 33-40.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd import L1
    >>> face = L1(1.0).face(np.array([0.0, 0.0, 2.0]), np.array([0.5, 4.0, 0.0]))
    >>> face.free
    array([False,  True,  True])
    >>> face.gradient
    array([0., 3., 1.])
    >>> face.lower, face.upper
    (array([  0., -inf,   0.]), array([ 0.,  0., inf]))
    """

    free: Array
    gradient: Array
    lower: Array
    upper: Array
    curvature: Any = 0.0
    normals: Array | None = None


def bounded(x: Array, gradient: Array, lower: Array, upper: Array, curvature: Any = 0.0) -> Face:
    """Return the face of a box, for a function that is smooth in it.

    Parameters
    ----------
    x, gradient : ndarray, shape (n,)
        A point of the box, and the gradient there.
    lower, upper : ndarray, shape (n,)
        The box.
    curvature : float or ndarray of shape (n,), default 0
        The second derivative of what belongs to the penalty.

    Returns
    -------
    Face
        The variables that are fixed, or on a bound beyond which the function falls, are held.
    """
    held = ((x <= lower) & (gradient > 0)) | ((x >= upper) & (gradient < 0)) | (lower >= upper)
    return Face(
        free=~held,
        gradient=np.asarray(np.where(held, 0.0, gradient), x.dtype),
        lower=np.asarray(np.where(held, x, lower), x.dtype),
        upper=np.asarray(np.where(held, x, upper), x.dtype),
        curvature=curvature,
    )


def interior(x: Array, face: Face, normals: Array | None = None) -> Face:
    """Return the part of a face in whose interior a point lies.

    Parameters
    ----------
    x : ndarray, shape (n,)
        A point of the face.
    face : Face
        The face.
    normals : ndarray of shape (r, n), or None, default None
        What steps must be orthogonal to.

    Returns
    -------
    Face
        The same one, with the variables at its ends held.
    """
    inside = (x > face.lower) & (x < face.upper)
    return Face(
        free=inside,
        gradient=np.asarray(np.where(inside, face.gradient, 0.0), x.dtype),
        lower=np.asarray(np.where(inside, face.lower, x), x.dtype),
        upper=np.asarray(np.where(inside, face.upper, x), x.dtype),
        curvature=face.curvature,
        normals=normals,
    )
