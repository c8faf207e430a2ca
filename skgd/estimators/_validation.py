"""What the linear estimators accept as data, targets and weights."""

from __future__ import annotations

from numbers import Number
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import check_array

from skgd._checks import positive
from skgd._rows import Array

try:
    from sklearn.utils.validation import validate_data
except ImportError:

    def validate_data(estimator: Any, /, **data: Any) -> Any:
        """Do what scikit-learn 1.6 has as a function, with the method of 1.5."""
        return estimator._validate_data(**data)  # noqa: SLF001


__all__ = [
    "MATRIX",
    "at_least_one",
    "checked_data",
    "checked_targets",
    "checked_weights",
    "row_weights",
]

# No order is asked for: a copy of X would be the largest array of a fit.
MATRIX = {"accept_sparse": ["csr", "csc"], "dtype": [np.float64, np.float32]}


def checked_data(estimator: Any, X: Any, y: Any = None, *, reset: bool, **options: Any) -> Any:
    """Return X, or the pair X, y, as arrays; X is not copied when it is floating-point already.

    Parameters
    ----------
    estimator : estimator
        Whose ``n_features_in_`` and ``feature_names_in_`` are set or checked.
    X : {array-like, sparse matrix, frame} of shape (n, d)
        The rows.
    y : array-like, optional
        The targets; `fit` always has them.
    reset : bool
        Whether the columns are new, or must be those of the fit.
    **options
        Further options of `sklearn.utils.check_X_y`.

    Returns
    -------
    ndarray, csr or csc of float64 or float32, or a pair of it and an ndarray
        The data.

    Raises
    ------
    ValueError
        In scikit-learn's words.
    """
    if reset or y is not None:
        return validate_data(estimator, X=X, y=y, reset=reset, **MATRIX, **options)
    return validate_data(estimator, X=X, reset=False, **MATRIX)


def checked_targets(y: Any, dtype: Any) -> Array:
    """Return the targets of a regression, which scikit-learn has checked, in the type of X.

    Raises
    ------
    ValueError
        When they are sparse, or too large for single precision.
    """
    if issparse(y):
        raise ValueError("y must not be sparse; use y.toarray()")
    with np.errstate(over="ignore"):
        targets: Array = y.astype(dtype, copy=False)
    if targets.dtype != y.dtype and not np.isfinite(targets).all():
        raise ValueError(f"y is too large for {targets.dtype}, the type of X; pass X as float64")
    return targets


def checked_weights(sample_weight: Any, n: int, dtype: Any) -> Array | None:
    """Return the weights of n rows, None when all are the same.

    Parameters
    ----------
    sample_weight : array-like of shape (n,), float or None
        The weights; one number for all rows.
    n : int
        Number of rows.
    dtype : dtype
        The type of X.

    Returns
    -------
    ndarray of shape (n,) or None
        The weights in this type, not copied when they have it.

    Raises
    ------
    ValueError
        When there are not n of them, one is not finite or negative, or all are zero.
    """
    if sample_weight is None:
        return None
    if isinstance(sample_weight, Number):
        positive("sample_weight", sample_weight)
        return None
    weights = row_weights(sample_weight, n, dtype)
    at_least_one(bool(weights.any()))
    return weights


def row_weights(sample_weight: Any, n: int, dtype: Any) -> Array:
    """Return the weights of some rows, which may all be zero; see `checked_weights`.

    Raises
    ------
    ValueError
        When there are not n of them, or one is not finite or negative.
    """
    weights: Array = check_array(
        sample_weight,
        ensure_2d=False,
        ensure_min_samples=0,
        dtype=dtype,
        input_name="sample_weight",
    )
    if weights.ndim > 1:
        raise ValueError(
            f"Sample weights must be 1D array or scalar, got {weights.ndim}D array with shape "
            f"{weights.shape}; use sample_weight.ravel()"
        )
    if weights.shape != (n,):
        raise ValueError(f"sample_weight.shape == {weights.shape}, expected {(n,)}!")
    lowest = weights.min(initial=0.0)
    if lowest < 0:
        raise ValueError(f"sample_weight must not be negative, got {lowest}")
    return weights


def at_least_one(some: bool) -> None:
    """Raise ValueError unless some weight is not zero."""
    if not some:
        raise ValueError("sample_weight must contain at least one non-zero number.")
