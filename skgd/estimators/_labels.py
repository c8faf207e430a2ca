"""Class labels as the numbers that losses take, and the weights of classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from skgd._checks import not_negative
from skgd._rows import Array

__all__ = [
    "class_weights",
    "codes_of",
    "indices_of",
    "one_against_rest",
    "totals_of",
    "weighted_by_class",
]


def codes_of(y: Array, classes: Array, dtype: Any) -> Array:
    """Return -1 and +1 for two classes, 0 to K - 1 for more, as floats.

    Parameters
    ----------
    y : ndarray, shape (n,)
        The labels.
    classes : ndarray, shape (K,)
        The labels that there are, sorted.
    dtype : dtype
        Type of the codes.

    Returns
    -------
    ndarray, shape (n,)
        The codes.  Beside them at most one array of n integers is made.

    Raises
    ------
    ValueError
        When a label is not one of the classes.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.estimators._labels import codes_of
    >>> codes_of(np.array(["no", "yes", "no"]), np.array(["no", "yes"]), np.float64)
    array([-1.,  1., -1.])
    """
    if len(classes) == 2:
        second = y == classes[1]
        unknown = ~(second | (y == classes[0]))
        codes: Array = second.astype(dtype)
        codes *= 2
        codes -= 1
    else:
        places = np.searchsorted(classes, y)
        np.minimum(places, len(classes) - 1, out=places)
        unknown = classes[places] != y
        codes = places.astype(dtype)
    if unknown.any():
        strange = np.unique(y[unknown])[:5]
        raise ValueError(f"y has labels that are not among classes: {strange.tolist()}")
    return codes


def indices_of(codes: Array, n_classes: int) -> Array:
    """Return the place among the classes that each code stands for."""
    return (codes > 0 if n_classes == 2 else codes).astype(np.intp)


def one_against_rest(codes: Array, n_classes: int) -> Array:
    """Return the codes 0 to K - 1 as K columns: +1 in the column of the class, -1 elsewhere."""
    columns = np.full((len(codes), n_classes), -1, codes.dtype)
    columns[np.arange(len(codes)), codes.astype(np.intp)] = 1
    return columns


def totals_of(codes: Array, weights: Array | None, n_classes: int) -> Array:
    """Return the sum of the weights of each class; the number of its rows without weights."""
    return np.bincount(indices_of(codes, n_classes), weights, minlength=n_classes)


def weighted_by_class(weights: Array | None, by_class: Array | None, codes: Array) -> Array | None:
    """Return the weights of rows times those of their classes; None when all are the same.

    Parameters
    ----------
    weights : ndarray of shape (n,), or None
        Weights of the rows.
    by_class : ndarray of shape (K,), or None
        Weights of the classes.
    codes : ndarray, shape (n,)
        The codes of the rows' classes, as `codes_of` returns them.
    """
    if by_class is None:
        return weights
    by_row: Array = by_class.astype(codes.dtype)[indices_of(codes, len(by_class))]
    if weights is not None:
        by_row *= weights
    return by_row


def class_weights(class_weight: Mapping[Any, float] | str, classes: Array, totals: Array) -> Array:
    """Return the weight of each class.

    Parameters
    ----------
    class_weight : mapping or "balanced"
        The weights by label; a label that is left out has weight 1.
    classes : ndarray, shape (K,)
        The labels.
    totals : ndarray, shape (K,)
        The sum of the row weights in each class, which "balanced" makes equal.

    Returns
    -------
    ndarray, shape (K,)
        The weights.

    Raises
    ------
    ValueError
        When a class has no weight while a label that is no class has one, or a weight is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.estimators._labels import class_weights
    >>> class_weights("balanced", np.array([0, 1]), np.array([30.0, 10.0])).round(3)
    array([0.667, 2.   ])
    """
    if isinstance(class_weight, str):
        weights: Array = np.ones(len(classes))
        np.divide(totals.sum() / len(classes), totals, out=weights, where=totals > 0)
        return weights
    labels = classes.tolist()
    strange = [label for label in class_weight if label not in labels]
    # Labels beyond the classes are usual where a fold of the data lacks one; a misspelt one is not.
    if strange and any(label not in class_weight for label in labels):
        raise ValueError(f"class_weight has labels that are not classes: {strange}")
    given = {label: class_weight.get(label, 1.0) for label in labels}
    return np.array([not_negative(f"class_weight[{label!r}]", w) for label, w in given.items()])
