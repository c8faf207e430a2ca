"""What results and fitted estimators know of their runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

HISTORY = {
    "x": "path",
    "fun": "values",
    "gnorm": "gradient_norms",
    "step": "steps",
    "nit": "iterations",
    "nfev": "evaluations",
    "time": "seconds",
}
"""The columns of a history, and the arguments that they are."""

INNER = ("best_estimator_", "regressor_", "steps")
"""Where a search, a target's transformation and a pipeline have the estimator that was fitted."""


def recorded(res: Any) -> dict[str, Any]:
    """Return what a result knows of its run, as arguments of `DescentDisplay`.

    Parameters
    ----------
    res : OptimizeResult
        A result with ``history``, which knows most, or ``allvecs``.

    Returns
    -------
    dict
        The arguments ``path`` and, from a history, ``values``, ``gradient_norms``, ``steps``,
        ``iterations``, ``evaluations`` and ``seconds``.

    Raises
    ------
    ValueError
        When there is no path in the result.
    """
    if not isinstance(res, Mapping):
        raise ValueError(
            f"res must be a result of scipy.optimize.minimize, got {type(res).__name__}; for a "
            "fitted estimator there is from_estimator, for several results from_results"
        )
    history = res.get("history")
    if history is not None:
        missing = [column for column in HISTORY if column not in history]
        if missing:
            raise ValueError(f"res has a history without the columns {', '.join(missing)}")
        return {argument: history[column] for column, argument in HISTORY.items()}
    if "allvecs" not in res:
        raise ValueError(
            "res has no path; give minimize the options={'history': True}, or, for a method of "
            "SciPy, {'return_all': True}"
        )
    return {"path": res["allvecs"]}


def fitted(est: Any) -> dict[str, Any]:
    """Return what a fitted estimator knows of its fit, as arguments of `DescentDisplay`.

    Parameters
    ----------
    est : estimator
        One with ``loss_curve_``, or a pipeline, a search or a `TransformedTargetRegressor` around
        it.

    Returns
    -------
    dict
        The arguments ``values``, ``iterations`` and ``unit``, and ``validation`` after early
        stopping.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        When the estimator is not fitted.
    ValueError
        When it does not know how its fit went.
    """
    from sklearn.utils.validation import check_is_fitted

    if isinstance(est, type) or not hasattr(est, "fit"):
        raise ValueError(
            "est must be a fitted estimator, such as DescentRegressor().fit(X, y), got "
            f"{est.__name__ if isinstance(est, type) else type(est).__name__}"
        )
    check_is_fitted(est)
    inner = next((name for name in INNER if hasattr(est, name)), None)
    if inner is not None:
        return fitted(est.steps[-1][1] if inner == "steps" else getattr(est, inner))
    name = type(est).__name__
    if getattr(est, "refit", True) is False:
        raise ValueError(f"est is a {name} with refit=False, which keeps no fitted estimator")
    if not hasattr(est, "loss_curve_"):
        raise ValueError(
            f"est has no loss_curve_: {name} does not record its fit; give a DescentRegressor or "
            "DescentClassifier, or minimise with options={'history': True} and use from_result"
        )
    curve = np.asarray(est.loss_curve_, dtype=float)
    if not curve.size:
        raise ValueError(f"est has an empty loss_curve_: {name} made no iteration")
    return {
        "values": curve,
        "validation": getattr(est, "validation_loss_curve_", None),
        "iterations": np.arange(1, len(curve) + 1),
        "unit": "iteration" if getattr(est, "batch_size", None) is None else "epoch",
    }
