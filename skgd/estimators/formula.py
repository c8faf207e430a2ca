"""`FormulaRegressor`: nonlinear regression with a formula that the user writes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, RegressorMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from skgd._checks import warn
from skgd._formula.columns import ColumnFormula
from skgd._rows import Array
from skgd.distributed import is_dask
from skgd.distributed.predictions import blockwise, r2
from skgd.losses import Loss, read_loss
from skgd.methods import Method

from ._formula_fit import How, Outcome, minimise, starts
from ._formula_names import Names, read_names
from ._least_squares import LeastSquares
from ._parameters import read_method
from ._residual_losses import ROBUST, GeneralLoss, ResidualLoss, RobustLoss, SquaredError
from ._validation import checked_data, checked_weights

__all__ = ["FormulaRegressor"]


class FormulaRegressor(RegressorMixin, BaseEstimator):
    r"""Nonlinear regression: the parameters of a formula are fitted to data.

    What is minimised is the weighted mean of a loss of the residuals, half of the squared error by
    default,

    .. math:: \frac{1}{\sum_i w_i} \sum_i w_i\, \tfrac12 \bigl(y_i - m(x_i; \theta)\bigr)^2 .

    The formula is differentiated exactly, and fitted with damped Gauss-Newton steps
    (Levenberg and Marquardt's), which do not mind parameters of very different sizes.

    Parameters
    ----------
    formula : str
        The model :math:`m(x; \theta)`, such as ``"a*exp(-b*t) + c"``, in the syntax of
        `skgd.Formula`.  Names that are columns of X are data.  Where X has no column names, or the
        formula uses none of them, its columns are ``x0, x1, ...``.  All other names are parameters.
    initial : mapping of str to float, optional
        Where parameters start.  The others start at 1 or, where that is not within their bounds, at
        the middle of these, or 1 from the only one.
    bounds : mapping of str to pair, optional
        Bounds of parameters such as ``{"b": (0, None)}``; None for no bound.
    fixed : mapping of str to float, optional
        Parameters that are known.
    loss : str, Loss or callable, default "squared_error"
        ``"squared_error"``; ``"soft_l1"``, ``"huber"``, ``"cauchy"`` or ``"arctan"``, which are
        robust against outliers as those of `scipy.optimize.least_squares` are; or another smooth
        loss that `DescentRegressor` takes.
    loss_params : mapping, optional
        Parameters of the loss, where it has some.
    f_scale : float, default 1
        For the four robust losses: residuals beyond this count as outliers.
    n_starts : int, default 1
        Number of starts, of which the best is kept.  The first one is `initial`; the others lie
        between the bounds of a parameter, or within a factor of ten of its start.
    absolute_sigma : bool, default False
        Whether ``sample_weight`` is :math:`1/\sigma_i^2` for known standard deviations
        :math:`\sigma_i` of the targets; else weights are relative, and the size of the residuals
        tells that of the errors.  As in `scipy.optimize.curve_fit`.
    method : str or Method, default "auto"
        How to descend: ``"auto"`` is Levenberg and Marquardt's method, run from each start with the
        parameters that the formula is linear in at their best, and from `initial` as it stands with
        cautious first steps; the better result counts.  A name from `skgd.METHODS` or a
        `skgd.Method` is that method as it stands, which takes many more iterations.
    max_iter : int, default 10000
        Largest number of iterations from each start.
    tol : float, default 1e-8
        Converged when the residuals that a Gauss-Newton step would remove are this fraction of all
        of them, in norm.  This is about the distance to the minimum in standard errors, divided by
        :math:`\sqrt n`.  For a named method: when the gradient has fallen to this fraction.
    random_state : int, RandomState or None, default None
        Source of chance for further starts.

    Attributes
    ----------
    params_ : dict of str to float
        The parameters: those that were estimated, in the order of the formula, then the fixed ones.
    covariance_ : ndarray, shape (p, p)
        The approximate covariance of the p estimated parameters, as `scipy.optimize.curve_fit`
        defines it; infinite where the data do not determine them.
    stderr_ : dict of str to float
        Their standard errors, the roots of its diagonal.
    formula_ : str
        The formula with numbers in place of the parameters.
    n_iter_ : int
        Iterations from the start that was the best.
    result_ : scipy.optimize.OptimizeResult
        The result of that descent.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray, shape (d,)
        Names of the features; only when all columns have text for a name.

    See Also
    --------
    DescentRegressor : Linear models with any loss, penalty and bounds.
    scipy.optimize.curve_fit : The same for a function of arrays.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.estimators.formula import FormulaRegressor
    >>> X = np.linspace(0, 4, 30)[:, None]
    >>> y = 2.5 * np.exp(-1.5 * X[:, 0]) + 0.5
    >>> model = FormulaRegressor("a*exp(-b*x0) + c", bounds={"b": (0, None)}).fit(X, y)
    >>> {name: round(value, 6) for name, value in model.params_.items()}
    {'a': 2.5, 'b': 1.5, 'c': 0.5}
    >>> model.predict([[0.0]])
    array([3.])
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "formula": [str],
        "initial": [Mapping, None],
        "bounds": [Mapping, None],
        "fixed": [Mapping, None],
        "loss": [str, Loss, callable],
        "loss_params": [Mapping, None],
        "f_scale": [Interval(Real, 0, None, closed="neither")],
        "n_starts": [Interval(Integral, 1, None, closed="left")],
        "absolute_sigma": ["boolean"],
        "method": [str, Method],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        formula: str = "a*x0 + b",
        *,
        initial: Mapping[str, float] | None = None,
        bounds: Mapping[str, Any] | None = None,
        fixed: Mapping[str, float] | None = None,
        loss: str | Loss | Any = "squared_error",
        loss_params: Mapping[str, Any] | None = None,
        f_scale: float = 1.0,
        n_starts: int = 1,
        absolute_sigma: bool = False,
        method: str | Method = "auto",
        max_iter: int = 10_000,
        tol: float = 1e-8,
        random_state: Any = None,
    ) -> None:
        self.formula = formula
        self.initial = initial
        self.bounds = bounds
        self.fixed = fixed
        self.loss = loss
        self.loss_params = loss_params
        self.f_scale = f_scale
        self.n_starts = n_starts
        self.absolute_sigma = absolute_sigma
        self.method = method
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        r"""Fit the parameters.

        Parameters
        ----------
        X : {array-like, frame} of shape (n, d)
            The rows.
        y : array-like of shape (n,)
            The targets.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows, such as :math:`1/\sigma_i^2`.

        Returns
        -------
        FormulaRegressor
            The estimator itself.

        Raises
        ------
        ValueError
            When a parameter or the data are not allowed, a name is unknown, or the formula is not
            finite at any start; the message names the argument.

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            When no minimum was reached.
        """
        if is_dask(X):
            raise ValueError(
                "X must be in memory for a fit of FormulaRegressor, got a Dask collection; fit "
                "X.compute() or a sample of its rows, then predict and score take X as it is"
            )
        X, y = checked_data(self, _dense(X), y, reset=True, y_numeric=True)
        y = y.astype(np.float64, copy=False)
        weights = checked_weights(sample_weight, len(y), np.float64)
        loss = self._read_loss(y)
        columns = [*getattr(self, "feature_names_in_", ())]
        names = read_names(self.formula, columns, X.shape[1], self.initial, self.bounds, self.fixed)
        how = How(read_method(self.method, None), self.max_iter, self.tol)
        model = ColumnFormula(self.formula, [*names.initial], [*names.fixed, *names.columns])
        problem = LeastSquares(model, _others(names, X), y, weights, loss)
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        points = starts(names, self.n_starts, np.random.default_rng(seed))
        best = minimise(problem, how, names, points)
        if math.isinf(best.value):
            raise ValueError(
                f"formula {self.formula!r} is not finite at its start "
                f"{_shown(names.initial)}; give other values with initial, or bounds"
            )
        self._model, self._names, self._loss = model, names, loss
        rows = len(y) if weights is None else np.count_nonzero(weights)
        self._report(problem, best, int(rows))
        return self

    @blockwise
    def predict(self, X: Any) -> Array:
        """Predict the targets, lazily those of Dask collections.

        Parameters
        ----------
        X : {array-like, frame, Dask array or frame} of shape (n, d)
            The rows.

        Returns
        -------
        ndarray or Dask array, shape (n,)
            The values of the formula; NaN or infinite outside of its domain.
        """
        check_is_fitted(self)
        X = checked_data(self, _dense(X), reset=False)
        point = [self.params_[name] for name in self._names.initial]
        return self._loss.predict(self._model.values(point, _others(self._names, X), len(X)))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the coefficient of determination of the predictions.

        Parameters
        ----------
        X : {array-like, frame, Dask array or frame} of shape (n, d)
            The rows.
        y : array-like of shape (n,)
            The targets.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.

        Returns
        -------
        float
            :math:`R^2`, at most 1.
        """
        if is_dask(X):
            return r2(self, X, y, sample_weight)
        return float(super().score(X, y, sample_weight))

    def _read_loss(self, y: Array) -> ResidualLoss:
        """Return the loss."""
        if isinstance(self.loss, str) and self.loss == "squared_error":
            return SquaredError()
        if isinstance(self.loss, str) and self.loss in ROBUST:
            return RobustLoss(self.loss, float(self.f_scale))
        loss = read_loss(self.loss, self.loss_params, "regression")
        if not loss.smooth:
            raise ValueError(
                f"loss {loss.name!r} has kinks, which Gauss-Newton steps cannot follow; use "
                "'soft_l1' with a small f_scale for the absolute error"
            )
        loss.check_target(y)
        return GeneralLoss(loss)

    def _report(self, problem: LeastSquares, best: Outcome, rows: int) -> None:
        """Set the attributes, and warn when no minimum was reached."""
        result, names = best.result, self._names
        estimated = dict(zip(names.initial, map(float, result.x), strict=True))
        self.params_ = estimated | names.fixed
        self.formula_ = names.filled(self.params_)
        self.covariance_ = problem.covariance(result.x, rows, self.absolute_sigma)
        errors = np.sqrt(np.diagonal(self.covariance_))
        self.stderr_ = dict(zip(estimated, map(float, errors), strict=True))
        self.n_iter_ = best.iterations
        self.result_ = result
        flat = problem.flat(result.x)
        if best.converged and flat.any():
            lost = ", ".join(name for name, none in zip(estimated, flat, strict=True) if none)
            warn(
                f"FormulaRegressor came to rest where {lost} has no influence on the formula, at "
                f"{_shown(estimated)}. Give initial values that are nearer, bounds, or more starts "
                "with n_starts; or put what the data do not tell into fixed.",
                ConvergenceWarning,
            )
        if not best.converged:
            warn(
                f"FormulaRegressor reached no minimum in {best.iterations} iterations; the mean "
                f"loss is {result.fun:.6g} at {_shown(estimated)}. Give initial values that are "
                "nearer, bounds, or more starts with n_starts; or raise max_iter.",
                ConvergenceWarning,
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # How well a formula fits data that it was not written for is its author's business.
        tags.regressor_tags.poor_score = True
        return tags

    def _more_tags(self) -> dict[str, Any]:
        """Tell scikit-learn 1.5 what the tags tell later versions."""
        return {"poor_score": True}


def _dense(X: Any) -> Any:
    """Return X, or raise TypeError when it is a sparse matrix."""
    if issparse(X):
        raise TypeError(
            "Sparse data was passed, but dense data is required. Use '.toarray()' to convert to a "
            "dense numpy array."
        )
    return X


def _others(names: Names, X: Array) -> list[Any]:
    """Return what the names of a formula stand for that are not estimated."""
    columns = [np.ascontiguousarray(X[:, i], dtype=float) for i in names.columns.values()]
    return [*names.fixed.values(), *columns]


def _shown(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {value:.4g}" for name, value in values.items())
