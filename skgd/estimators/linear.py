"""What `DescentRegressor` and `DescentClassifier` share: a linear model fitted by descent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from skgd._checks import warn
from skgd._rows import Array
from skgd.losses import Loss
from skgd.penalties import Penalty, read_penalty

from ._callbacks import CallbackSupport, FitTasks
from ._early_stopping import EarlyStopping, choose_rows
from ._parameters import CONSTRAINTS, read_how
from ._validation import checked_data
from .fitting import Fitted, Progressing, minimise, minimise_part
from .task import LinearTask, Task

__all__ = ["LinearDescent", "fits_parts"]


def fits_parts(estimator: Any) -> bool:
    """Tell whether an estimator has `partial_fit`: not when it needs all rows at once.

    Raises
    ------
    AttributeError
        When it has not; the message says why.
    """
    if estimator.early_stopping:
        raise AttributeError(
            "early_stopping=True holds out rows of all, which partial_fit never sees; "
            "set early_stopping=False"
        )
    if isinstance(getattr(estimator, "class_weight", None), str):
        raise AttributeError(
            "class_weight='balanced' needs all rows, which partial_fit never sees; give the "
            "weights by class, or sample_weight"
        )
    return True


class LinearDescent(CallbackSupport, BaseEstimator):
    """A linear model whose loss, penalty, constraints and way to the minimum can be chosen.

    A subclass turns the targets into numbers that its losses take, and raw predictions into what
    the user asked for; it says in `_attributes` how it shows coefficients.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = CONSTRAINTS

    def _attributes(self, coef: Array, intercept: Array) -> dict[str, Any]:
        """Return ``coef_`` and ``intercept_`` for coefficients (K, d) and intercepts (K,)."""
        return {"coef_": coef, "intercept_": intercept}

    def _fit_model(
        self, task: LinearTask, callbacks: FitTasks | None, labels: Array | None = None
    ) -> Self:
        """Minimise on all rows, from the best constant model or from the model that is there."""
        how = read_how(self)
        start = self._model_of(task) if self.warm_start and hasattr(self, "coef_") else None
        stopper = None
        if self.early_stopping:
            if not isinstance(task, Task):
                raise ValueError(
                    "early_stopping=True holds out rows at random, which Dask collections are not "
                    "asked for; set early_stopping=False"
                )
            n, weights = len(task.y), task.weights
            held = choose_rows(n, self.validation_fraction, how.rng, weights, labels)
            stopper = EarlyStopping(task, held, self.n_iter_no_change)
            task = _without(task, held)
        watch = _Watch(self._attributes, stopper, callbacks) if stopper or callbacks else None
        memory = None if start is None else self._memory
        fitted = minimise(task, how, start, watch, memory)
        if stopper is not None and stopper.best is not None:
            fitted = replace(fitted, coef=stopper.best[0], intercept=stopper.best[1])
        self._keep(fitted, task.dtype)
        self.n_iter_ = fitted.n_iter
        self.loss_curve_ = list(fitted.loss_curve)
        self.__dict__.pop("validation_loss_curve_", None)
        if stopper is not None:
            self.validation_loss_curve_ = stopper.losses
        if callbacks is not None:
            callbacks.end()
        if not (fitted.converged or (watch is not None and watch.stopped)):
            warn(fitted.advice, ConvergenceWarning)
        return self

    def _fit_part(self, task: LinearTask) -> Self:
        """Go on from the model that is there with some more rows."""
        if hasattr(self, "coef_"):
            start, memory = self._model_of(task), self._memory
        else:
            start, memory = None, None
            self.n_iter_, self.loss_curve_ = 0, []
        fitted = minimise_part(task, read_how(self), start, memory)
        self._keep(fitted, task.dtype)
        self.n_iter_ += fitted.n_iter
        self.loss_curve_ += fitted.loss_curve
        return self

    def _task(self, X: Any, y: Array, weights: Array | None, loss: Loss, outputs: int) -> Task:
        self._loss = loss
        penalty = self._penalty(X.shape[1])
        return Task(X, y, weights, loss, outputs, penalty, self.fit_intercept)

    def _penalty(self, d: int) -> Penalty:
        return read_penalty(
            penalty=self.penalty,
            alpha=self.alpha,
            l1_ratio=self.l1_ratio,
            penalty_weights=self.penalty_weights,
            groups=self.groups,
            bounds=self.bounds,
            positive=self.positive,
            coef_sum=self.coef_sum,
            names=getattr(self, "feature_names_in_", None),
            d=d,
        )

    def _model_of(self, task: LinearTask) -> tuple[Array, Array]:
        """Return the coefficients (K, d) and intercepts (K,) that are there, for a start."""
        coef, intercept = np.atleast_2d(self.coef_), np.atleast_1d(self.intercept_)
        outputs, d = task.outputs, task.d
        if coef.shape != (outputs, d):
            raise ValueError(
                f"coef_ of the last fit stands for {coef.shape[0]} outputs and {coef.shape[1]} "
                f"features, but the data have {outputs} and {d}; set warm_start=False"
            )
        return coef, intercept

    def _keep(self, fitted: Fitted, dtype: Any) -> None:
        """Set the fitted attributes that every fit sets anew."""
        coef = np.asarray(fitted.coef, dtype)
        intercept = np.asarray(fitted.intercept, dtype)
        for name, value in self._attributes(coef, intercept).items():
            setattr(self, name, value)
        self.result_ = fitted.result
        self._memory = fitted.memory

    def _raw(self, X: Any) -> Array:
        """Return the raw prediction: (n,) where ``coef_`` is (d,), else (n, K)."""
        check_is_fitted(self, "coef_")
        X = checked_data(self, X, reset=False)
        p: Array = X @ self.coef_.T
        p += self.intercept_
        return p

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _without(task: Task, rows: Array) -> Task:
    """Return the task with weight zero for some rows: as good as removal, and X is not copied."""
    weights = np.ones(len(task.y), task.dtype) if task.weights is None else task.weights.copy()
    weights[rows] = 0
    return replace(task, weights=weights)


class _Watch:
    """What looks on after each iteration of a fit; `stopped` once it has ended the fit."""

    def __init__(
        self,
        attributes: Callable[[Array, Array], dict[str, Any]],
        stopper: EarlyStopping | None,
        callbacks: FitTasks | None,
    ) -> None:
        self._attributes, self._stopper, self._callbacks = attributes, stopper, callbacks
        self.stopped = False

    def __call__(self, progress: Progressing) -> bool:
        model = progress.coefficients()
        if self._stopper is not None:
            self.stopped |= self._stopper.update(*model)
        if self._callbacks is not None:
            n_iter = {"n_iter_": progress.k}
            self.stopped |= self._callbacks.iterated(lambda: self._attributes(*model) | n_iter)
        return self.stopped
