"""Scikit-learn's callbacks (`sklearn.callback`, from 1.9); with older versions there are none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Nothing: this scikit-learn has no callbacks."""


__all__ = ["CallbackSupport", "FitTasks"]

Attributes = dict[str, Any]


class CallbackSupport(CallbackSupportMixin):
    """An estimator whose fit is a task with one subtask an iteration."""

    def _begin_fit(self, max_iter: int, X: Any, y: Any, sample_weight: Any) -> FitTasks | None:
        """Tell the callbacks that a fit begins; return None when there are none to be told."""
        if not hasattr(self, "_init_callback_context"):
            return None
        # One more than the iterations: the last one that begins is never run.
        context = self._init_callback_context(max_subtasks=max_iter + 1)
        if not vars(self).get("_skl_callbacks"):
            return None
        return FitTasks(self, context, X, y, sample_weight)


class FitTasks:
    """What the callbacks of one fit are told.

    An iteration is known when it is done, so the next one begins with it, as in scikit-learn's
    own `LogisticRegression`; the one that is never run ends as an empty task.

    Parameters
    ----------
    estimator : estimator
        The one that is fitted.
    context : sklearn.callback.CallbackContext
        Context of its fit.
    X, y, sample_weight : array-like
        The data as the user gave them, so that a callback can score a model with them.
    """

    def __init__(self, estimator: Any, context: Any, X: Any, y: Any, sample_weight: Any) -> None:
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self._told = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self._estimator = estimator
        self._fit = context
        self._fit.call_on_fit_task_begin(**self._told)
        self._iteration = self._next(None)

    def iterated(self, attributes: Callable[[], Attributes]) -> bool:
        """Tell that an iteration is done, and return whether a callback wants to stop.

        `attributes` makes the fitted attributes of the model as it is now.
        """
        stop = bool(
            self._iteration.call_on_fit_task_end(**self._told, reconstruction_attributes=attributes)
        )
        self._iteration = self._next(attributes)
        return stop

    def end(self) -> None:
        """Tell that the fit is done; the estimator has its fitted attributes."""
        self._iteration.call_on_fit_task_end(estimator=self._estimator)
        self._fit.call_on_fit_task_end(**self._told, reconstruction_attributes={})

    def _next(self, attributes: Callable[[], Attributes] | None) -> Any:
        context = self._fit.subcontext(task_name="iteration")
        return context.call_on_fit_task_begin(**self._told, reconstruction_attributes=attributes)
