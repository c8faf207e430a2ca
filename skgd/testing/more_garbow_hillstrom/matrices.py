"""Jacobians with few entries, for real and complex variables alike."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from skgd._rows import Array


def number_type(x: Array) -> type[complex] | type[float]:
    """Return the type of the entries of a Jacobian at `x`."""
    return complex if np.iscomplexobj(x) else float


def banded(n: int, diagonals: Mapping[int, Array | float]) -> Array:
    """Return the matrix with the given diagonals.

    Parameters
    ----------
    n : int
        Number of rows and columns.
    diagonals : mapping of int to float or ndarray, shape (n - abs(offset),)
        Entries of each diagonal by its offset, positive above the main one.

    Returns
    -------
    ndarray, shape (n, n)
        Complex if an entry is.

    Examples
    --------
    >>> banded(3, {0: 2.0, 1: -1.0})
    array([[ 2., -1.,  0.],
           [ 0.,  2., -1.],
           [ 0.,  0.,  2.]])
    """
    matrix = np.zeros((n, n), dtype=np.result_type(*diagonals.values(), float))
    for offset, values in diagonals.items():
        row = np.arange(max(0, -offset), n - max(0, offset))
        matrix[row, row + offset] = values
    return matrix
