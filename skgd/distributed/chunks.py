"""Dask collections, cut into blocks of rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from skgd._extras import require

__all__ = ["blocks_of", "example_of", "is_dask"]

MODULES = ("dask", "dask_expr")
"""The packages that the classes of collections come from."""


def is_dask(collection: Any) -> bool:
    """Tell whether something is a Dask collection, without importing Dask.

    Examples
    --------
    >>> from skgd.distributed import is_dask
    >>> is_dask([1.0, 2.0])
    False
    """
    return type(collection).__module__.partition(".")[0] in MODULES


def is_frame(collection: Any) -> bool:
    """Tell whether a collection has partitions, as frames and series do."""
    return hasattr(collection, "npartitions") and hasattr(collection, "_meta_nonempty")


def example_of(X: Any) -> Any:
    """Return one row of the names, number and types of the columns of a collection.

    Raises
    ------
    ValueError
        When it is not a frame, nor an array of two dimensions whose number of columns is known.
    """
    if is_frame(X):
        # Dask's own example: it has the names and types, and no partition is computed.
        return X._meta_nonempty.iloc[:1]  # noqa: SLF001
    if getattr(X, "ndim", 0) != 2:
        raise ValueError(
            "X must be a Dask array of two dimensions or a Dask frame, got "
            f"{type(X).__name__} of {getattr(X, 'ndim', 0)} dimensions; use X.reshape(-1, 1) for a "
            "single feature"
        )
    if math.isnan(X.shape[1]):
        raise ValueError("X must have a known number of columns; call X.compute_chunk_sizes()")
    return np.zeros((1, X.shape[1]), np.float32 if X.dtype == np.float32 else float)


def blocks_of(name: str, collection: Any, X: Any) -> list[Any]:
    """Return the blocks of rows of X, or of what has a row for each of them, as delayed objects.

    Parameters
    ----------
    name : str
        The name of the argument, for messages.
    collection : dask collection or array-like
        X itself, targets or weights.
    X : dask collection
        The rows, whose chunks count.

    Raises
    ------
    ValueError
        When the rows do not fit together, or it is not known whether they do.
    """
    if is_frame(collection):
        pieces = list(collection.to_delayed())
    else:
        array = _as_array(name, collection, X)
        if array.ndim == 2 and array.numblocks[1] > 1:
            array = array.rechunk({1: -1})
        pieces = list(array.to_delayed().ravel())
    if collection is X:
        return pieces
    count = X.npartitions if is_frame(X) else X.numblocks[0]
    if len(pieces) != count:
        raise ValueError(
            f"{name} has {len(pieces)} blocks and X has {count}, of unknown lengths; make the "
            "blocks the same, or tell their lengths with compute_chunk_sizes()"
        )
    return pieces


def _as_array(name: str, collection: Any, X: Any) -> Any:
    """Return a collection as a Dask array, in the chunks of X where these are known."""
    da = require("dask.array", "distributed")
    known = not is_frame(X) and not any(map(math.isnan, X.chunks[0]))
    if not is_dask(collection):
        if not known:
            raise ValueError(
                f"{name} must be a Dask collection with the blocks of X, whose lengths are not "
                f"known; got {type(collection).__name__}"
            )
        collection = np.asarray(collection)
        if collection.ndim == 0:
            raise ValueError(f"{name} must have an entry for each row of X, got {collection}")
        collection = da.from_array(collection, chunks=-1)
    if collection is X or not known or any(map(math.isnan, collection.chunks[0])):
        return collection
    if collection.shape[0] != X.shape[0]:
        raise ValueError(
            "Found input variables with inconsistent numbers of samples: "
            f"{[X.shape[0], collection.shape[0]]} in X and {name}"
        )
    return collection.rechunk({0: X.chunks[0]})
