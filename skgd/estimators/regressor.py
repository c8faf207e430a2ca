"""`DescentRegressor`: linear regression with any loss, penalty and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from sklearn.base import MultiOutputMixin, RegressorMixin, _fit_context
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if

from skgd._rows import Array
from skgd.distributed import is_dask
from skgd.distributed.predictions import blockwise, r2
from skgd.losses import MAPE, Loss, read_loss
from skgd.methods import Method

from ._validation import checked_data, checked_targets, checked_weights
from .linear import LinearDescent, fits_parts
from .task import LinearTask

__all__ = ["DescentRegressor"]


class DescentRegressor(RegressorMixin, MultiOutputMixin, LinearDescent):
    r"""Linear regression with any loss, penalty and bounds, fitted by descent.

    The raw prediction is :math:`p_i = x_i \cdot w + b`, and what is minimised is

    .. math:: \frac{\sum_i s_i\,\ell(y_i, p_i)}{\sum_i s_i}
              + \alpha \Bigl(\rho\,\lVert w\rVert_1 + \frac{1-\rho}{2}\lVert w\rVert_2^2\Bigr)

    with the weights :math:`s_i` of the rows, :math:`\rho` = ``l1_ratio`` (0 for ``"l2"``, 1 for
    ``"l1"``), and no penalty on the intercept :math:`b`.  This is the convention of scikit-learn's
    `SGDRegressor`, and `Lasso`, `QuantileRegressor` and `PoissonRegressor` with the same ``alpha``
    have the same minimum.

    Parameters
    ----------
    loss : str, Loss or callable, default "squared_error"
        A name from `skgd.losses.LOSSES`, such as ``"quantile"`` or ``"poisson"``; a formula in the
        target ``y`` and the raw prediction ``p``, such as ``"log(cosh(y - p))"``; a `Loss`; or a
        function ``(y, p) -> value`` or ``(value, derivative)`` of arrays.
    loss_params : mapping, optional
        Parameters of the loss, such as ``{"quantile": 0.9}``.
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
    random_state : int, RandomState or None, default None
        Source of chance for mini-batches, subsamples and the rows that are held out.
    verbose : int, default 0
        Print a line every so many iterations or epochs; 0 for none.

    Attributes
    ----------
    coef_ : ndarray, shape (d,), or (K, d) for y of shape (n, K)
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
    DescentClassifier : The same for classes.

    Examples
    --------
    The median of the targets grows by 2 with the column, whatever the outlier says:

    >>> import numpy as np
    >>> from skgd.estimators import DescentRegressor
    >>> X = np.arange(8.0)[:, None]
    >>> y = 2 * X[:, 0] + 1
    >>> y[7] = 100.0
    >>> model = DescentRegressor(loss="absolute_error", alpha=0).fit(X, y)
    >>> model.predict([[10.0]]).round(3)
    array([21.])
    """

    def __init__(
        self,
        *,
        loss: str | Loss | Any = "squared_error",
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
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the model.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame, Dask array or frame} of shape (n, d)
            The rows.  Arrays of float64 or float32 are never copied, nor CSR and CSC matrices.
        y : array-like of shape (n,) or (n, K)
            The targets.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows; a row of weight 2 counts like two rows, one of weight 0 like none.

        Returns
        -------
        DescentRegressor
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
        return self._fit_model(self._read(X, y, sample_weight, reset=True), callbacks)

    @available_if(fits_parts)  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Go on from the model that is there with some more rows.

        Without `batch_size` and with ``method="auto"`` the rows before are kept in mind; else it
        goes through the new ones once, in mini-batches.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame, Dask array or frame} of shape (n, d)
            Some rows.
        y : array-like of shape (n,) or (n, K)
            Their targets.
        sample_weight : array-like of shape (n,), optional
            Their weights.

        Returns
        -------
        DescentRegressor
            The estimator itself.

        Raises
        ------
        ValueError
            When a parameter or the data are not allowed.
        """
        reset = not hasattr(self, "coef_")
        return self._fit_part(self._read(X, y, sample_weight, reset=reset))

    @blockwise
    def predict(self, X: Any) -> Array:
        """Predict the targets, lazily those of Dask collections.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame, Dask array or frame} of shape (n, d)
            The rows.

        Returns
        -------
        ndarray, shape (n,) or (n, K)
            The predictions; for ``"poisson"``, ``"gamma"`` and ``"tweedie"`` the exponential of
            the raw ones.
        """
        p = self._raw(X)
        return np.asarray(self._loss.predict(p))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the coefficient of determination of the predictions.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame, Dask array or frame} of shape (n, d)
            The rows.
        y : array-like of shape (n,) or (n, K)
            The targets.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.

        Returns
        -------
        float
            :math:`R^2`, at most 1; the mean over several outputs.
        """
        if is_dask(X):
            return r2(self, X, y, sample_weight)
        return float(super().score(X, y, sample_weight))

    def _read(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> LinearTask:
        """Return what is to be minimised."""
        if is_dask(X):
            return self._read_blocks(X, y, sample_weight, reset=reset)
        X, y = checked_data(self, X, y, reset=reset, multi_output=True, y_numeric=True)
        loss = read_loss(self.loss, self.loss_params, "regression")
        y = checked_targets(y, X.dtype)
        loss.check_target(y)
        weights = checked_weights(sample_weight, len(y), X.dtype)
        if not self._declares_outputs() and y.shape[1:] == (1,):
            y = column_or_1d(y, warn=True)
        self._several = y.ndim == 2
        outputs = y.shape[1] if self._several else 1
        return self._task(X, y if outputs > 1 else y.reshape(-1), weights, loss, outputs)

    def _read_blocks(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> LinearTask:
        """Return what is to be minimised when the rows are on a cluster."""
        from skgd.distributed.reading import read_rows

        loss = self._loss = read_loss(self.loss, self.loss_params, "regression")
        rows = read_rows(self, X, y, sample_weight, reset=reset, multi_output=True, y_numeric=True)
        self._several = rows.columns is not None
        if not self._declares_outputs() and rows.columns == 1:
            column_or_1d(np.zeros((1, 1)), warn=True)
            self._several = False
        outputs = rows.columns or 1
        return rows.regression(loss, outputs, self._penalty(rows.d), self.fit_intercept)

    def _attributes(self, coef: Array, intercept: Array) -> dict[str, Any]:
        return super()._attributes(coef if self._several else coef[0], intercept)

    def _known_loss(self) -> Loss | None:
        """Return the loss, None when the parameters do not describe one."""
        try:
            return read_loss(self.loss, self.loss_params, "regression")
        except ValueError:
            return None

    def _refuses_negative_targets(self) -> bool:
        loss = self._known_loss()
        if loss is None:
            return False
        try:
            loss.check_target(np.array([-1.0]))
        except ValueError:
            return True
        return False

    def _declares_outputs(self) -> bool:
        """Tell whether scikit-learn may know that several outputs are possible.

        Its checks of that have negative targets.
        """
        return not self._refuses_negative_targets()

    def _wants_positive_targets(self) -> bool:
        """Tell whether targets that are not positive are refused, or make little sense."""
        return self._refuses_negative_targets() or isinstance(self._known_loss(), MAPE)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = self._wants_positive_targets()
        tags.target_tags.multi_output = self._declares_outputs()
        return tags

    def _more_tags(self) -> dict[str, Any]:
        """Tell scikit-learn 1.5 what the tags tell later versions."""
        return {
            "requires_positive_y": self._wants_positive_targets(),
            "multioutput": self._declares_outputs(),
        }
