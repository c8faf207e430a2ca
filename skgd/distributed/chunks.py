"""Dask collections, cut into blocks of rows."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from skgd._extras import require

from .blocks import Blocks
from .frames import example_row, is_frame, partitions

__all__ = ["example_of", "is_dask", "rows_of"]

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


def example_of(X: Any) -> Any:
    """Return one row of the names, number and types of the columns of a collection.

    Raises
    ------
    ValueError
        When it is not a frame of numbers, nor an array of two dimensions whose number of columns is
        known.
    """
    if is_frame(X):
        return example_row(X)
    if getattr(X, "ndim", 0) != 2:
        raise ValueError(
            "X must be a Dask array of two dimensions or a Dask frame, got "
            f"{type(X).__name__} of {getattr(X, 'ndim', 0)} dimensions; use X.reshape(-1, 1) for a "
            "single feature"
        )
    if math.isnan(X.shape[1]):
        raise ValueError("X must have a known number of columns; call X.compute_chunk_sizes()")
    return np.zeros((1, X.shape[1]), np.float32 if X.dtype == np.float32 else float)


def rows_of(X: Any, **others: Any) -> list[tuple[Any, ...]]:
    """Return the blocks of rows of X, and with each what has an entry for each of its rows.

    Columns of one frame, and other collections of unknown lengths with as many blocks as X, are
    taken block by block.  The rest is cut as X is.  Where lengths are unknown they are counted,
    which is a round trip more.

    Parameters
    ----------
    X : dask collection
        The rows, whose blocks count.
    **others : dask collection, array-like or None
        Targets and weights, by the names of the arguments; None stays None.

    Returns
    -------
    list of tuple
        For each block delayed objects: of X, and of each of the others in their order.

    Raises
    ------
    ValueError
        When the numbers of rows are not the same.
    """
    given = {name: other for name, other in others.items() if other is not None}
    pieces = _side_by_side(X, given)
    rest = {name: other for name, other in given.items() if name not in pieces}
    if rest:
        lengths = _lengths(X)
        if lengths is None:
            pieces, lengths = _counted(pieces)
        for name, other in rest.items():
            pieces[name] = _cut(name, other, lengths)
    nothing = [None] * len(pieces["X"])
    return list(zip(*(pieces.get(name, nothing) for name in ("X", *others)), strict=True))


def _side_by_side(X: Any, others: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the blocks of X and of all that has the same blocks, as far as can be known."""
    if not is_frame(X):
        pieces = {"X": _delayed(X)}
    else:
        frames = {"X": X} | {
            name: other
            for name, other in others.items()
            if is_frame(other) and other.npartitions == X.npartitions
        }
        pieces = dict(zip(frames, partitions(list(frames.values())), strict=True))
    if _lengths(X) is None:
        for name, other in others.items():
            if name not in pieces and is_dask(other) and _lengths(other) is None:
                blocks = _delayed(other)
                if len(blocks) == len(pieces["X"]):
                    pieces[name] = blocks
    return pieces


def _delayed(collection: Any) -> list[Any]:
    """Return the blocks of rows of a collection."""
    if is_frame(collection):
        return partitions([collection])[0]
    if collection.ndim == 2 and collection.numblocks[1] > 1:
        collection = collection.rechunk({1: -1})
    return list(collection.to_delayed().ravel())


def _lengths(collection: Any) -> tuple[int, ...] | None:
    """Return the numbers of rows of the blocks of a collection; None when they are not known."""
    if is_frame(collection) or any(map(math.isnan, collection.chunks[0])):
        return None
    return tuple(collection.chunks[0])


def _counted(pieces: dict[str, list[Any]]) -> tuple[dict[str, list[Any]], tuple[int, ...]]:
    """Return blocks as they lie on the workers, and the numbers of rows of those of X."""
    blocks = Blocks.made(_row, zip(*pieces.values(), strict=True))
    lengths = tuple(blocks.collect(_rows_in))
    return {name: blocks.entries(i) for i, name in enumerate(pieces)}, lengths


def _row(*pieces: Any) -> tuple[Any, ...]:
    return pieces


def _rows_in(pieces: tuple[Any, ...]) -> int:
    return int(pieces[0].shape[0])


def _cut(name: str, collection: Any, lengths: tuple[int, ...]) -> list[Any]:
    """Return the blocks of a collection when it is cut into these lengths."""
    da = require("dask.array", "distributed")
    if not is_dask(collection):
        array = np.asarray(collection)
        if array.ndim == 0:
            raise ValueError(f"{name} must have an entry for each row of X, got {collection}")
        collection = da.from_array(array, chunks=-1)
    own = _lengths(collection)
    if own is not None:
        _same_sum(name, own, lengths)
        return _delayed(collection.rechunk({0: lengths}))
    blocks = Blocks.made(_array, ((piece,) for piece in _delayed(collection)))
    own = tuple(blocks.collect(len))
    _same_sum(name, own, lengths)
    return _recut(blocks.parts, own, lengths)


def _same_sum(name: str, own: tuple[int, ...], lengths: tuple[int, ...]) -> None:
    if sum(own) != sum(lengths):
        raise ValueError(
            "Found input variables with inconsistent numbers of samples: "
            f"{[sum(lengths), sum(own)]} in X and {name}"
        )


def _recut(blocks: list[Any], own: tuple[int, ...], lengths: tuple[int, ...]) -> list[Any]:
    """Return blocks of other lengths, each from the neighbours that have its entries."""
    join = require("dask", "distributed").delayed(_joined, pure=False)
    starts = np.cumsum((0, *own))
    pieces = []
    for first, last in pairwise(np.cumsum((0, *lengths))):
        low = min(int(np.searchsorted(starts, first, "right")) - 1, len(own) - 1)
        high = max(int(np.searchsorted(starts, last)), low + 1)
        # Not as a list: Dask lets go of what lies on workers when it is only in a list.
        pieces.append(join(int(first - starts[low]), int(last - first), *blocks[low:high]))
    return pieces


def _array(piece: Any) -> Any:
    return np.asarray(piece)


def _joined(skipped: int, n: int, *pieces: Any) -> Any:
    """Return n entries of some arrays."""
    return np.concatenate(pieces)[skipped : skipped + n]
