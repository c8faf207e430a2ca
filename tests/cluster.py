"""Rows in blocks, and models that are compared."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")

SAME = 1e-8
"""What coefficients from blocks and from memory may differ by."""


def cut(array, lengths):
    """Return an array, or a sparse matrix, as a Dask array with blocks of these lengths."""
    assert sum(lengths) == array.shape[0]
    ends = np.cumsum(lengths)
    width = array.shape[1:]
    meta = array[:0] if sparse.issparse(array) else np.empty((0, *width), array.dtype)
    pieces = [
        da.from_delayed(
            dask.delayed(array[end - n : end]), (n, *width), dtype=array.dtype, meta=meta
        )
        for n, end in zip(lengths, ends, strict=True)
    ]
    return da.concatenate(pieces)


def even(n, blocks):
    """Return the lengths of so many blocks, about equal."""
    return tuple(int(size) for size in np.diff(np.linspace(0, n, blocks + 1).round()))


def model_of(estimator):
    """Return coefficients and intercepts as one vector."""
    return np.append(np.ravel(estimator.coef_), np.ravel(estimator.intercept_))


def assert_same(distributed, in_memory, tolerance=SAME):
    """Assert that two estimators have the same coefficients, and got there in as many steps."""
    expected = model_of(in_memory)
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(model_of(distributed), expected, rtol=0, atol=tolerance * scale)
    assert np.shape(distributed.coef_) == np.shape(in_memory.coef_)
    assert distributed.coef_.dtype == in_memory.coef_.dtype
