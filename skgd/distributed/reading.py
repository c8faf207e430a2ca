"""Rows, targets and weights as the estimators are given them, read block by block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Number
from typing import Any

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_X_y

from skgd._checks import positive
from skgd._rows import Array
from skgd.estimators._labels import (
    codes_of,
    one_against_rest,
    totals_of,
    weighted_by_class,
)
from skgd.estimators._validation import (
    MATRIX,
    at_least_one,
    checked_data,
    checked_targets,
    row_weights,
)
from skgd.estimators.task import Task
from skgd.losses import Loss
from skgd.penalties import Penalty

from .blocks import Blocks, added
from .chunks import example_of, rows_of
from .frames import refuse_text
from .parts import Part, size_of
from .task import ClusterTask, Facts

__all__ = ["ClusterRows", "read_rows"]


class Rows:
    """The rows of a block, checked: features, targets or labels, and weights."""

    def __init__(self, X: Any, y: Array, weights: Array | None) -> None:
        self.X, self.y, self.weights = X, y, weights

    def __sizeof__(self) -> int:
        return size_of(self.X) + size_of(self.y) + size_of(self.weights)


@dataclass(frozen=True)
class Reading:
    """How blocks are read.

    Attributes
    ----------
    name : str
        The name of the estimator, for messages.
    d : int
        The number of features.
    dtype : dtype
        The type that X becomes.
    labels : bool
        Whether the targets are labels.
    options : mapping
        Options of scikit-learn's `check_X_y`.
    """

    name: str
    d: int
    dtype: Any
    labels: bool
    options: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class ClusterRows:
    """All rows of a fit, on a cluster.

    Parameters
    ----------
    blocks : Blocks
        `Rows` objects.
    reading : Reading
        How they were read.
    facts : ndarray, shape (B, 4)
        Of each block the numbers of rows, of numbers in X and of rows that count, and whether it is
        sparse.
    columns : int or None
        The number of columns of the targets; None for targets of one dimension.
    """

    blocks: Blocks
    reading: Reading
    facts: Array
    columns: int | None

    @property
    def d(self) -> int:
        """The number of features."""
        return self.reading.d

    def classes(self) -> Array:
        """Return the labels that there are, sorted."""
        return np.unique(np.concatenate(self.blocks.collect(labels_in)))

    def class_totals(self, classes: Array) -> Array:
        """Return the sum of the weights of each class."""
        return np.asarray(self.blocks.sum(label_totals, classes))

    def regression(
        self, loss: Loss, outputs: int, penalty: Penalty, fit_intercept: bool
    ) -> ClusterTask:
        """Return what a regression is fitted to."""
        asked = (loss, outputs, penalty, fit_intercept)
        return self._task(self.blocks.map(regression_part, *asked), *asked)

    def classification(
        self,
        loss: Loss,
        classes: Array,
        by_class: Array | None,
        penalty: Penalty,
        fit_intercept: bool,
    ) -> ClusterTask:
        """Return what a classification is fitted to.

        Parameters
        ----------
        loss : Loss
            The loss.
        classes : ndarray, shape (K,)
            The labels.
        by_class : ndarray of shape (K,), or None
            The weights of the classes.
        penalty : Penalty
            The penalty.
        fit_intercept : bool
            Whether there is an intercept.
        """
        outputs = 1 if len(classes) == 2 else len(classes)
        asked = (loss, outputs, penalty, fit_intercept)
        return self._task(self.blocks.map(class_part, classes, by_class, *asked), *asked)

    def _task(
        self, blocks: Blocks, loss: Loss, outputs: int, penalty: Penalty, fit_intercept: bool
    ) -> ClusterTask:
        n, stored, _, sparse = self.facts.T
        counted, totals = zip(*blocks.collect(counts), strict=True)
        facts = Facts(
            int(n.sum()),
            self.d,
            int(stored.sum()),
            bool(sparse[0]),
            self.reading.dtype,
            float(added(list(totals))),
            np.array(counted),
        )
        return ClusterTask(blocks, facts, loss, outputs, penalty, fit_intercept)


def read_rows(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    *,
    reset: bool,
    labels: bool = False,
    **options: Any,
) -> ClusterRows:
    """Read rows on the workers, and return what is known of them.

    Parameters
    ----------
    estimator : estimator
        Whose ``n_features_in_`` and ``feature_names_in_`` are set or checked.
    X : dask array or frame of shape (n, d)
        The rows.
    y : dask collection or array-like, of shape (n,) or (n, K)
        The targets.
    sample_weight : dask collection, array-like, float or None
        The weights.
    reset : bool
        Whether the columns are new, or must be those of the fit.
    labels : bool, default False
        Whether the targets are labels.
    **options
        Further options of scikit-learn's ``check_X_y``.

    Returns
    -------
    ClusterRows
        The rows; blocks without any are left out.

    Raises
    ------
    ValueError
        As in memory, in scikit-learn's words; and when a column of a frame is no number.
    """
    example = checked_example(estimator, X, y, reset=reset, **options)
    width = None if np.ndim(y) < 2 else int(y.shape[1])
    weights = sample_weight
    if isinstance(sample_weight, Number):
        positive("sample_weight", sample_weight)
        weights = None
    reading = Reading(type(estimator).__name__, example.shape[1], example.dtype, labels, options)
    blocks = Blocks.made(read, rows_of(X, y=y, sample_weight=weights), reading)
    facts = np.array(blocks.collect(facts_of))
    there = facts[:, 0] > 0
    if not there.any():
        raise ValueError(
            f"Found array with 0 sample(s) (shape=(0, {reading.d})) while a minimum of 1 is "
            f"required by {reading.name}."
        )
    if len(np.unique(facts[there, 3])) > 1:
        raise ValueError("X has dense and sparse blocks; make them all the same")
    if weights is not None:
        at_least_one(bool(facts[:, 2].any()))
    return ClusterRows(blocks.chosen(there.tolist()), reading, facts[there], width)


def checked_example(estimator: Any, X: Any, y: Any, *, reset: bool, **options: Any) -> Array:
    """Return a row like those of X, after names and number of the columns have been checked.

    Parameters
    ----------
    estimator : estimator
        Whose ``n_features_in_`` and ``feature_names_in_`` are set or checked.
    X : dask array or frame
        The rows.
    y : dask collection or array-like
        The targets.
    reset : bool
        Whether the columns are new.
    **options
        Further options of scikit-learn's ``check_X_y``.
    """
    if y is None:
        raise ValueError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None"
        )
    example = example_of(X)
    shape = (1, *y.shape[1:]) if np.ndim(y) > 1 else (1,)
    if len(shape) == 2 and shape[1] > 1 and not options.get("multi_output"):
        n = y.shape[0] if isinstance(y.shape[0], int) else "n"
        raise ValueError(
            f"y should be a 1d array, got an array of shape ({n}, {shape[1]}) instead."
        )
    return np.asarray(checked_data(estimator, example, np.zeros(shape), reset=reset, **options)[0])


def read(X: Any, y: Any, weights: Any, reading: Reading) -> Rows:
    """Return the rows of a block as they are needed."""
    n = y.shape[0]
    if n != X.shape[0]:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: {[X.shape[0], n]} "
            "in a block of X and y; tell the lengths of their blocks: compute_chunk_sizes() finds "
            "those of arrays, to_dask_array(lengths=True) those of frames"
        )
    if n == 0:
        # Frames that were filtered have such; they are left out later.
        return Rows(np.zeros((0, reading.d), reading.dtype), np.zeros(y.shape), None)
    try:
        X, y = check_X_y(X, y, estimator=reading.name, **MATRIX, **reading.options)
    except (TypeError, ValueError):
        refuse_text(X)
        raise
    if X.shape[1] != reading.d:
        raise ValueError(
            f"X has {X.shape[1]} features, but {reading.name} is expecting {reading.d} features as "
            "input: a block is not as wide as X is said to be"
        )
    X = X.astype(reading.dtype, copy=False)
    if not reading.labels:
        y = checked_targets(y, X.dtype)
    return Rows(X, y, None if weights is None else row_weights(weights, len(y), X.dtype))


def facts_of(rows: Rows) -> tuple[int, int, int, bool]:
    """Return a line of `ClusterRows.facts`."""
    n, sparse = rows.X.shape[0], not isinstance(rows.X, np.ndarray)
    counted = n if rows.weights is None else int(np.count_nonzero(rows.weights))
    return n, rows.X.nnz if sparse else rows.X.size, counted, sparse


def labels_in(rows: Rows) -> Array:
    """Return the labels that occur."""
    check_classification_targets(rows.y)
    return np.unique(rows.y)


def label_totals(rows: Rows, classes: Array) -> Array:
    """Return the sum of the weights of each class."""
    check_classification_targets(rows.y)
    codes = codes_of(rows.y, classes, float)
    return totals_of(codes, rows.weights, len(classes)).astype(float)


def regression_part(
    rows: Rows, loss: Loss, outputs: int, penalty: Penalty, fit_intercept: bool
) -> Part:
    """Return the block of a regression."""
    loss.check_target(rows.y)
    y = rows.y if outputs > 1 else rows.y.reshape(-1)
    return Part(Task(rows.X, y, rows.weights, loss, outputs, penalty, fit_intercept))


def class_part(
    rows: Rows,
    classes: Array,
    by_class: Array | None,
    loss: Loss,
    outputs: int,
    penalty: Penalty,
    fit_intercept: bool,
) -> Part:
    """Return the block of a classification."""
    codes = codes_of(rows.y, classes, rows.X.dtype)
    weights = weighted_by_class(rows.weights, by_class, codes)
    several = outputs > 1 and loss.kind != "multiclass"
    y = one_against_rest(codes, len(classes)) if several else codes
    return Part(Task(rows.X, y, weights, loss, outputs, penalty, fit_intercept))


def counts(part: Part) -> tuple[int, float]:
    """Return the number of rows that count, and the sum of their weights."""
    weights = part.task.weights
    counted = part.task.n if weights is None else int(np.count_nonzero(weights))
    return counted, part.task.total
