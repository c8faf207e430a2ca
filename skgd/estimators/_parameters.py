"""The parameters that both linear estimators have: what is allowed, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
from scipy.optimize import Bounds
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from skgd._checks import did_you_mean
from skgd.learning_rates import LearningRate
from skgd.losses import Loss
from skgd.methods import METHODS, Method
from skgd.options import read_learning_rate

from .fitting import How

__all__ = ["CONSTRAINTS", "read_how", "read_method"]

CONSTRAINTS: dict[str, list[Any]] = {
    "loss": [str, Loss, callable],
    "loss_params": [Mapping, None],
    "penalty": [StrOptions({"l2", "l1", "elasticnet", "group"}), None],
    "alpha": [Interval(Real, 0, None, closed="left")],
    "l1_ratio": [Interval(Real, 0, 1, closed="both")],
    "penalty_weights": ["array-like", Mapping, None],
    "groups": ["array-like", Mapping, None],
    "bounds": ["array-like", Mapping, Bounds, None],
    "positive": ["boolean"],
    "coef_sum": [Interval(Real, None, None, closed="neither"), None],
    "fit_intercept": ["boolean"],
    "method": [str, Method],
    "learning_rate": [str, Interval(Real, 0, None, closed="neither"), LearningRate, callable],
    "momentum": [Interval(Real, 0, 1, closed="left"), None],
    "batch_size": [Interval(Integral, 1, None, closed="left"), None],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "tol": [Interval(Real, 0, None, closed="left")],
    "precondition": [StrOptions({"auto"}), None],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
    "warm_start": ["boolean"],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
}
"""What scikit-learn checks at the beginning of a fit."""


def read_how(estimator: Any) -> How:
    """Return what the parameters of an estimator say of the way to its minimum.

    Raises
    ------
    ValueError
        When a method or learning rate is not known, or they do not go together.
    """
    method = read_method(estimator.method, estimator.momentum)
    rate = estimator.learning_rate
    automatic = isinstance(rate, str) and rate == "auto"
    return How(
        method=method,
        learning_rate=rate if automatic else read_learning_rate(rate),
        momentum=estimator.momentum,
        batch_size=estimator.batch_size,
        max_iter=estimator.max_iter,
        tol=estimator.tol,
        precondition=estimator.precondition,
        rng=generator(estimator.random_state),
        verbose=estimator.verbose,
    )


def read_method(method: Any, momentum: float | None) -> Method | str:
    """Return the method that a name or an object stands for; ``"auto"`` is left to the fit.

    Parameters
    ----------
    method : str or Method
        A name from `skgd.METHODS`, or ``"auto"``.
    momentum : float or None
        The momentum that is asked for; with ``"auto"`` it means the heavy ball.

    Raises
    ------
    ValueError
        When the name is not known, or the method has no momentum that could be set.

    Examples
    --------
    >>> from skgd.estimators._parameters import read_method
    >>> read_method("auto", None), read_method("auto", 0.9).name
    ('auto', 'gd_momentum')
    """
    if isinstance(method, str):
        if method == "auto":
            return method if momentum is None else METHODS["gd_momentum"]
        if method not in METHODS:
            names = ["auto", *METHODS]
            raise ValueError(
                f"method must be a Method or one of {', '.join(names)}, got {method!r}"
                f"{did_you_mean(method, names)}"
            )
        method = METHODS[method]
    chosen: Method = method
    if momentum is not None and not hasattr(chosen.direction, "momentum"):
        raise ValueError(
            f"momentum={momentum} has no meaning for the method {chosen.name}; use gd_momentum "
            "or gd_nesterov, or leave it out"
        )
    return chosen


def generator(random_state: Any) -> np.random.Generator:
    """Return the source of chance that scikit-learn's ``random_state`` stands for."""
    return np.random.default_rng(check_random_state(random_state).randint(np.iinfo(np.int32).max))
