"""Predictions for rows on a cluster, and scores of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np

from skgd._extras import require
from skgd._rows import Array

from .blocks import Blocks
from .chunks import example_of, is_dask, rows_of
from .frames import is_frame

__all__ = ["accuracy", "blockwise", "r2"]

Method = TypeVar("Method", bound=Callable[..., Any])


def blockwise(method: Method) -> Method:
    """Let a method of an estimator, of rows alone, be applied to each block of a Dask collection.

    The result is a lazy Dask array.
    """

    @wraps(method)
    def mapped(self: Any, X: Any) -> Any:
        if not is_dask(X):
            return method(self, X)
        return lazily(method.__name__, self, X)

    return cast("Method", mapped)


def lazily(name: str, estimator: Any, X: Any) -> Any:
    """Return what a method of an estimator makes of each block, as a lazy Dask array."""
    fitted = _Fitted(name, estimator, X)
    empty = fitted.empty
    da = require("dask.array", "distributed")
    if not is_frame(X):
        X = X if X.numblocks[1] == 1 else X.rechunk({1: -1})
        if empty.ndim == 1:
            return X.map_blocks(fitted, drop_axis=1, dtype=empty.dtype, meta=empty)
        chunks = (X.chunks[0], (empty.shape[1],))
        return X.map_blocks(fitted, chunks=chunks, dtype=empty.dtype, meta=empty)
    delayed = require("dask", "distributed").delayed(fitted, pure=False)
    shape = (np.nan, *empty.shape[1:])
    pieces = [
        da.from_delayed(delayed(block), shape, dtype=empty.dtype, meta=empty)
        for (block,) in rows_of(X)
    ]
    return da.concatenate(pieces, allow_unknown_chunksizes=True)


def _slim(estimator: Any) -> Any:
    """Return a copy without what predictions do not need: it is sent to every worker."""
    slim = copy(estimator)
    for name in ("_memory", "result_", "loss_curve_"):
        vars(slim).pop(name, None)
    return slim


class _Fitted:
    """A method of a fitted estimator, as a function of blocks.

    Parameters
    ----------
    name : str
        The name of the method.
    estimator : estimator
        The estimator.
    X : dask collection
        The rows, of which one like them tells the shape and type of the result, and whether the
        columns are those of the fit.
    """

    def __init__(self, name: str, estimator: Any, X: Any) -> None:
        self._name, self._estimator = name, _slim(estimator)
        self.empty = np.asarray(getattr(estimator, name)(example_of(X)))[:0]

    def __call__(self, X: Any) -> Array:
        """Return the predictions for the rows of a block, of which there may be none."""
        if X.shape[0] == 0:
            return self.empty
        answer: Array = getattr(self._estimator, self._name)(X)
        return answer


def r2(estimator: Any, X: Any, y: Any, sample_weight: Any) -> float:
    r"""Return the coefficient of determination :math:`R^2`, averaged over the outputs.

    The means of the targets take one round trip, and the squares another.
    """
    blocks = _predicted(estimator, X, y, sample_weight)
    count, weight, total = blocks.sum(_target_sums)
    _not_empty(estimator, count)
    if count < 2:
        return float("nan")
    left, all_squares = blocks.sum(_squares, total / weight)
    # As in scikit-learn, constant targets are explained in whole or not at all.
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.where(all_squares > 0, 1.0 - left / all_squares, np.where(left > 0, 0.0, 1.0))
    return float(np.mean(scores))


def accuracy(estimator: Any, X: Any, y: Any, sample_weight: Any) -> float:
    """Return the weighted share of the labels that are predicted."""
    count, right, weight = _predicted(estimator, X, y, sample_weight).sum(_right)
    _not_empty(estimator, count)
    return float(right / weight)


def _not_empty(estimator: Any, count: int) -> None:
    """Raise ValueError where there are no rows, in the words of scikit-learn."""
    if not count:
        raise ValueError(
            f"Found array with 0 sample(s) (shape=(0, {estimator.n_features_in_})) while a minimum "
            f"of 1 is required by {type(estimator).__name__}."
        )


class _Predicted:
    """Targets, predictions and weights of a block."""

    def __init__(self, y: Array, p: Array, weights: Array) -> None:
        self.y, self.p, self.weights = y, p, weights


def _predicted(estimator: Any, X: Any, y: Any, sample_weight: Any) -> Blocks:
    """Return targets, predictions and weights, block by block."""
    fitted = _Fitted("predict", estimator, X)
    return Blocks.made(_paired, rows_of(X, y=y, sample_weight=sample_weight), fitted)


def _paired(X: Any, y: Any, weights: Any, fitted: _Fitted) -> _Predicted:
    p = fitted(X)
    y = np.asarray(y)
    if len(y) != len(p):
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: {[len(p), len(y)]} in a "
            "block of X and y"
        )
    weights = np.ones(len(y)) if weights is None else np.asarray(weights, float)
    return _Predicted(y.reshape(len(y), *p.shape[1:]), p, weights)


def _target_sums(block: _Predicted) -> tuple[int, float, Array]:
    y = _columns(block.y)
    return len(y), block.weights.sum(), block.weights @ y


def _squares(block: _Predicted, mean: Array) -> tuple[Array, Array]:
    y = _columns(block.y)
    left = np.square(y - block.p.reshape(y.shape))
    return block.weights @ left, block.weights @ np.square(y - mean)


def _columns(y: Array) -> Array:
    """Return targets as columns; there may be none."""
    return y.reshape(len(y), math.prod(y.shape[1:])).astype(float)


def _right(block: _Predicted) -> tuple[int, float, float]:
    return len(block.y), float(block.weights @ (block.y == block.p)), block.weights.sum()
