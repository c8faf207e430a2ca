"""What the gradients of several families have in common."""

from __future__ import annotations

import numpy as np

from skgd._rows import Array


def chain_gradient(at_left: Array, at_right: Array) -> Array:
    """Return the gradient of a sum over neighbours.

    Parameters
    ----------
    at_left, at_right : ndarray, shape (n - 1,)
        Each term's derivatives by the first and by the second of its two variables.

    Returns
    -------
    ndarray, shape (n,)
        Derivatives of the sum.

    Examples
    --------
    >>> import numpy as np
    >>> chain_gradient(np.array([1.0, 2.0]), np.array([10.0, 20.0]))
    array([ 1., 12., 20.])
    """
    gradient: Array = np.append(at_left, 0) + np.append(0, at_right)
    return gradient
