"""`DescentClassifier`: linear classification with any loss, penalty and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets

from skgd._rows import Array
from skgd.distributed import is_dask
from skgd.distributed.predictions import accuracy, blockwise
from skgd.losses import Kind, Loss, read_loss
from skgd.methods import Method

from ._labels import (
    class_weights,
    codes_of,
    one_against_rest,
    totals_of,
    weighted_by_class,
)
from ._parameters import CONSTRAINTS
from ._validation import checked_data, checked_weights
from .linear import LinearDescent, fits_parts
from .task import LinearTask, Task

__all__ = ["DescentClassifier"]


def _has_probability(classifier: DescentClassifier) -> bool:
    """Tell whether the loss stands for a model of the probabilities."""
    try:
        loss = read_loss(classifier.loss, classifier.loss_params, "multiclass")
    except ValueError as error:
        raise AttributeError(str(error)) from error
    if not loss.has_probability:
        raise AttributeError(
            f"the loss {loss.name!r} is no model of probabilities; use loss='log_loss', or "
            "scikit-learn's CalibratedClassifierCV around this estimator"
        )
    return True


class DescentClassifier(ClassifierMixin, LinearDescent):
    r"""Linear classification with any loss, penalty and bounds, fitted by descent.

    The raw prediction is :math:`p_i = x_i \cdot w + b`, with :math:`y_i = \pm 1` for the two
    classes, and what is minimised is

    .. math:: \frac{\sum_i s_i\,\ell(y_i, p_i)}{\sum_i s_i}
              + \alpha \Bigl(\rho\,\lVert w\rVert_1 + \frac{1-\rho}{2}\lVert w\rVert_2^2\Bigr)

    with the weights :math:`s_i` of the rows, :math:`\rho` = ``l1_ratio`` (0 for ``"l2"``, 1 for
    ``"l1"``), and no penalty on the intercept :math:`b`.  This is the convention of scikit-learn's
    `SGDClassifier`; `LogisticRegression` with ``C = 1/(alpha*n)`` has the same minimum.

    With more than two classes ``"log_loss"`` is the multinomial model, and every other loss fits
    each class against the rest.

    Parameters
    ----------
    loss : str, Loss or callable, default "log_loss"
        A name from `skgd.losses.LOSSES`: ``"log_loss"``, ``"hinge"``, ``"squared_hinge"``,
        ``"modified_huber"`` or ``"exponential"``; a formula in the target ``y``, which is -1 or 1,
        and the raw prediction ``p``, such as ``"log(1 + exp(-y*p))"``; a `Loss`; or a function
        ``(y, p) -> value`` or ``(value, derivative)`` of arrays.
    loss_params : mapping, optional
        Parameters of the loss.
    penalty : {"l2", "l1", "elasticnet", "group"} or None, default "l2"
        The penalty; ``"group"`` is :math:`\alpha \sum_g \sqrt{d_g}\,\lVert w_g\rVert_2` over
        `groups` of :math:`d_g` features.  The zeros of ``"l1"`` and of groups are exact.
    alpha : float, default 1e-4
        Strength :math:`\alpha` of the penalty.
    l1_ratio : float, default 0.15
        Share :math:`\rho` of the absolute values in ``"elasticnet"``.
    penalty_weights : array-like of shape (d,) or mapping, optional
        Factors of `alpha` for each feature, 0 for one that is not penalised; a mapping names the
        columns whose factor is not 1.
    groups : array-like of shape (d,) or mapping, optional
        The group of each feature for ``"group"``, a number or text; -1 for one that is not
        penalised.  In a mapping by column, one that is left out is a group of its own.
    bounds : pair, sequence of pairs, scipy.optimize.Bounds or mapping, optional
        Bounds on the coefficients: one pair for all, one for each feature, or pairs by column,
        such as ``{"price": (0, None)}``.  None means no bound.
    positive : bool, default False
        Whether the coefficients must not be negative.
    coef_sum : float, optional
        What the coefficients sum to; with ``positive=True`` and 1 they are shares.
    fit_intercept : bool, default True
        Whether there is an intercept.
    method : str or Method, default "auto"
        How to descend: a name from `skgd.METHODS` or a `skgd.Method`; ``"auto"`` chooses.
    learning_rate : float, LearningRate, callable or str, default "auto"
        A number, a rule, a function ``k -> rate`` or a name from `skgd.LEARNING_RATES`;
        ``"auto"`` is the one that suits the method.
    momentum : float, optional
        Momentum in [0, 1) of a method that has it; None for the method's own.
    batch_size : int, optional
        Rows of a mini-batch; None for all rows in every iteration.
    max_iter : int, default 1000
        Largest number of iterations, or of epochs with `batch_size`.
    tol : float, default 1e-6
        Converged when the optimality measure has fallen to this fraction of what it was at the best
        constant model; for a loss with kinks, when the objective is above its minimum by about
        this fraction at most.
    precondition : {"auto"} or None, default "auto"
        Whether steps are taken in a metric that makes up for the scales of the features and, where
        that pays, for their correlation.  With None a named method is exactly the textbook's.
    early_stopping : bool, default False
        Whether to hold out rows, to stop when the loss on them gets no better, and to return the
        model that was the best on them.
    validation_fraction : float, default 0.1
        Fraction of the rows that is held out.
    n_iter_no_change : int, default 5
        Iterations, or epochs, without a better loss on these rows before the fit stops.
    warm_start : bool, default False
        Whether `fit` starts from the coefficients that are there.
    class_weight : mapping, "balanced" or None, default None
        Factors of the weights of rows by class; a class that is left out has 1.  ``"balanced"``
        makes the total weights of the classes equal.
    random_state : int, RandomState or None, default None
        Source of chance for mini-batches, subsamples and the rows that are held out.
    verbose : int, default 0
        Print a line every so many iterations or epochs; 0 for none.

    Attributes
    ----------
    classes_ : ndarray, shape (K,)
        The labels, sorted.
    coef_ : ndarray, shape (1, d) for two classes, else (K, d)
        The coefficients.
    intercept_ : ndarray, shape (1,) or (K,)
        The intercept; zero without ``fit_intercept``.
    n_iter_ : int
        Iterations, or epochs, so far.
    loss_curve_ : list of float
        The objective after each of them.
    validation_loss_curve_ : list of float
        The mean loss on the rows that were held out; only with `early_stopping`.
    result_ : scipy.optimize.OptimizeResult
        The result of the descent.
    n_features_in_ : int
        The number d of features.
    feature_names_in_ : ndarray of shape (d,)
        Names of the features; only when all columns have text for a name.

    See Also
    --------
    DescentRegressor : The same for numbers.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skgd.estimators import DescentClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DescentClassifier(penalty="l1", alpha=0.05).fit(X, y)
    >>> model.score(X, y) > 0.9
    True
    >>> bool((model.coef_ == 0).any())
    True
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **CONSTRAINTS,
        "class_weight": [StrOptions({"balanced"}), Mapping, None],
    }

    classes_: Array

    def __init__(
        self,
        *,
        loss: str | Loss | Any = "log_loss",
        loss_params: Mapping[str, Any] | None = None,
        penalty: str | None = "l2",
        alpha: float = 1e-4,
        l1_ratio: float = 0.15,
        penalty_weights: Any = None,
        groups: Any = None,
        bounds: Any = None,
        positive: bool = False,
        coef_sum: float | None = None,
        fit_intercept: bool = True,
        method: str | Method = "auto",
        learning_rate: Any = "auto",
        momentum: float | None = None,
        batch_size: int | None = None,
        max_iter: int = 1000,
        tol: float = 1e-6,
        precondition: str | None = "auto",
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        warm_start: bool = False,
        class_weight: Mapping[Any, float] | str | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.loss = loss
        self.loss_params = loss_params
        self.penalty = penalty
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.penalty_weights = penalty_weights
        self.groups = groups
        self.bounds = bounds
        self.positive = positive
        self.coef_sum = coef_sum
        self.fit_intercept = fit_intercept
        self.method = method
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.tol = tol
        self.precondition = precondition
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.class_weight = class_weight
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the model.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame, Dask array or frame} of shape (n, d)
            The rows.  Arrays of float64 or float32 are never copied, nor CSR and CSC matrices.
        y : array-like of shape (n,)
            The labels.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows; a row of weight 2 counts like two rows, one of weight 0 like none.

        Returns
        -------
        DescentClassifier
            The estimator itself.

        Raises
        ------
        ValueError
            When a parameter or the data are not allowed; the message names the argument.

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            When the minimum was not reached.
        """
        callbacks = self._begin_fit(self.max_iter, X, y, sample_weight)
        if is_dask(X):
            task = self._read_blocks(X, y, sample_weight, None, reset=True)
            return self._fit_model(task, callbacks)
        X, y = checked_data(self, X, y, reset=True)
        check_classification_targets(y)
        self._set_classes(np.unique(y))
        codes = codes_of(y, self.classes_, X.dtype)
        # Labels can be long; only their codes are needed from here on.
        del y
        task = self._read(X, codes, sample_weight)
        if task.weights is not None:
            totals = totals_of(codes, task.weights, len(self.classes_))
            self._check_that_two_classes_count(totals)
        return self._fit_model(task, callbacks, codes)

    @available_if(fits_parts)  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Go on from the model that is there with some more rows.

        Without `batch_size` and with ``method="auto"`` the rows before are kept in mind; else it
        goes through the new ones once, in mini-batches.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame, Dask array or frame} of shape (n, d)
            Some rows.
        y : array-like of shape (n,)
            Their labels.
        classes : array-like of shape (K,), optional
            All labels that there will be; the first call needs them.
        sample_weight : array-like of shape (n,), optional
            Their weights.

        Returns
        -------
        DescentClassifier
            The estimator itself.

        Raises
        ------
        ValueError
            When a parameter or the data are not allowed, or the classes are not known.
        """
        first = not hasattr(self, "coef_")
        if first and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if classes is not None:
            classes = np.unique(classes)
            if not first and not np.array_equal(classes, self.classes_):
                raise ValueError(
                    f"classes={classes.tolist()} are not those of the first call to partial_fit: "
                    f"{self.classes_.tolist()}"
                )
            self._set_classes(classes)
        if is_dask(X):
            task = self._read_blocks(X, y, sample_weight, self.classes_, reset=first)
            return self._fit_part(task)
        X, y = checked_data(self, X, y, reset=first)
        check_classification_targets(y)
        codes = codes_of(y, self.classes_, X.dtype)
        return self._fit_part(self._read(X, codes, sample_weight))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of the labels that are predicted.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame, Dask array or frame} of shape (n, d)
            The rows.
        y : array-like of shape (n,)
            Their labels.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.

        Returns
        -------
        float
            The share, weighted.
        """
        if is_dask(X):
            return accuracy(self, X, y, sample_weight)
        return float(super().score(X, y, sample_weight))

    @blockwise
    def decision_function(self, X: Any) -> Array:
        """Return the raw predictions, lazily those of Dask collections.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame, Dask array or frame} of shape (n, d)
            The rows.

        Returns
        -------
        ndarray, shape (n,) for two classes, else (n, K)
            The predictions: positive for the second class, or greatest for the likeliest.
        """
        p = self._raw(X)
        return p[:, 0] if p.shape[1] == 1 else p

    @blockwise
    def predict(self, X: Any) -> Array:
        """Predict the labels, lazily those of Dask collections.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame, Dask array or frame} of shape (n, d)
            The rows.

        Returns
        -------
        ndarray, shape (n,)
            The labels.
        """
        p = self.decision_function(X)
        return np.asarray(self.classes_[p.argmax(axis=1) if p.ndim == 2 else (p > 0).astype(int)])

    @available_if(_has_probability)  # type: ignore[untyped-decorator]
    @blockwise
    def predict_proba(self, X: Any) -> Array:
        """Return the probabilities of the classes, for losses that stand for a model of them.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame, Dask array or frame} of shape (n, d)
            The rows.

        Returns
        -------
        ndarray, shape (n, K)
            The probabilities, in the order of ``classes_``.
        """
        p = self.decision_function(X)
        probability = np.asarray(self._loss.probability(p))
        if p.ndim == 1:
            return np.stack([1 - probability, probability], axis=1)
        if self._loss.kind == "multiclass":
            return probability
        return _normalised(probability)

    @available_if(_has_probability)  # type: ignore[untyped-decorator]
    @blockwise
    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithms of the probabilities of the classes.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame, Dask array or frame} of shape (n, d)
            The rows.

        Returns
        -------
        ndarray, shape (n, K)
            The logarithms; minus infinity for a probability of zero.
        """
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.predict_proba(X)))

    def _attributes(self, coef: Array, intercept: Array) -> dict[str, Any]:
        if self._loss.kind == "multiclass":
            # What all classes have in common makes no difference; without it the model is unique.
            intercept = intercept - intercept.mean()
        return super()._attributes(coef, intercept)

    def _set_classes(self, classes: Array) -> None:
        if len(classes) < 2:
            raise ValueError(
                "The number of classes has to be greater than one; got "
                f"{len(classes)} class: {classes.tolist()}"
            )
        fitted = hasattr(self, "coef_")
        if self.warm_start and fitted and not np.array_equal(classes, self.classes_):
            raise ValueError(
                f"the classes of y, {classes.tolist()}, are not those of the last fit, "
                f"{self.classes_.tolist()}; set warm_start=False"
            )
        self.classes_ = classes

    def _read(self, X: Any, codes: Array, sample_weight: Any) -> Task:
        """Return what is to be minimised."""
        weights = checked_weights(sample_weight, len(codes), X.dtype)
        n_classes = len(self.classes_)
        if self.class_weight is not None:
            totals = totals_of(codes, weights, n_classes)
            by_class = class_weights(self.class_weight, self.classes_, totals)
            weights = weighted_by_class(weights, by_class, codes)
        loss = self._known_loss(n_classes)
        if n_classes == 2:
            return self._task(X, codes, weights, loss, 1)
        y = codes if loss.kind == "multiclass" else one_against_rest(codes, n_classes)
        return self._task(X, y, weights, loss, n_classes)

    def _read_blocks(
        self, X: Any, y: Any, sample_weight: Any, classes: Array | None, *, reset: bool
    ) -> LinearTask:
        """Return what is to be minimised when the rows are on a cluster."""
        from skgd.distributed.reading import read_rows

        rows = read_rows(self, X, y, sample_weight, reset=reset, labels=True)
        if classes is None:
            self._set_classes(rows.classes())
        totals, by_class = rows.class_totals(self.classes_), None
        if self.class_weight is not None:
            by_class = class_weights(self.class_weight, self.classes_, totals)
        if classes is None:
            self._check_that_two_classes_count(totals if by_class is None else totals * by_class)
        loss = self._loss = self._known_loss(len(self.classes_))
        penalty = self._penalty(rows.d)
        return rows.classification(loss, self.classes_, by_class, penalty, self.fit_intercept)

    def _known_loss(self, n_classes: int) -> Loss:
        kind: Kind = "binary" if n_classes == 2 else "multiclass"
        return read_loss(self.loss, self.loss_params, kind)

    def _check_that_two_classes_count(self, totals: Array) -> None:
        if np.count_nonzero(totals) < 2:
            raise ValueError(
                "The number of classes has to be greater than one; got 1 class with weights that "
                f"are not zero: {self.classes_[totals.argmax()]!r}"
            )


def _normalised(probability: Array) -> Array:
    """Return the probabilities of each class against the rest, made to sum to one in each row."""
    totals = probability.sum(axis=1, keepdims=True)
    # A row that no class claims is anybody's.
    probability = np.where(totals > 0, probability, 1)
    return np.asarray(probability / probability.sum(axis=1, keepdims=True))
