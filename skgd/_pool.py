"""Arrays that are used again once nobody else holds them."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from ._rows import Array

SMALL = 16_384
"""Arrays of up to this many bytes are cheaper to make than to look after; the page faults of large
ones dominate an iteration (measured: 3.5 ms of 4.2 ms at 100,000 variables)."""


def _references_of_a_local_array() -> int:
    array = np.empty(0)
    return sys.getrefcount(array)


ALONE = _references_of_a_local_array()
"""What ``sys.getrefcount(name)`` says of an array that only the local variable ``name`` holds."""


class Pool:
    """Give out work arrays of one shape and type.

    `take` returns an array of arbitrary content.  It is given out again as soon as nobody but the
    pool refers to it: a user who keeps the point that his function was called with, or an iterate
    that is still the best one, simply keeps its array out of circulation.

    Parameters
    ----------
    shape : tuple of int
        Shape of the arrays.
    dtype : dtype
        Their type.
    """

    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        self._shape = shape
        self._dtype = dtype
        self._kept: list[Array] = []
        self._small = math.prod(shape) * np.dtype(dtype).itemsize <= SMALL

    def take(self) -> Array:
        """Return an array that nobody else holds; its content is arbitrary."""
        if self._small:
            return np.empty(self._shape, self._dtype)
        kept = self._kept
        for i in range(len(kept)):
            array = kept[i]
            # One reference more than a lone local array has: the pool's own.
            if sys.getrefcount(array) <= ALONE + 1:
                return array
        array = np.empty(self._shape, self._dtype)
        kept.append(array)
        return array

    def out(self) -> Array | None:
        """Return what a NumPy function takes as `out`: None when it had better make a new array.

        In a batch an array of rates would turn a new array into double precision.
        """
        return None if self._small and len(self._shape) == 1 else self.take()

    def copy(self, source: Array) -> Array:
        """Return a copy of `source` in an array of the pool."""
        if self._small:
            return np.array(source, self._dtype)
        array = self.take()
        np.copyto(array, source)
        return array
