"""What a loss is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Literal, TypeAlias

import numpy as np

from skgd._rows import Array

from .centres import mean_of, quantile_of

__all__ = ["Kind", "Loss", "out_of_range", "quiet", "spread"]

Kind: TypeAlias = Literal["regression", "binary", "multiclass"]
"""What the target of a loss is: a number, -1 or +1, or the number of a class."""

quiet = np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")
"""For losses of predictions so far off that they overflow: the result is infinite, silently."""


class Loss(ABC):
    r"""A function :math:`\ell(y, p)` of target and raw prediction, element by element.

    A subclass needs the attributes `name`, `kind` and `formula`, and the methods `value`,
    `derivative` and `curvature`.  Losses are values: immutable, comparable and picklable, which a
    frozen dataclass is by itself.

    All methods take arrays of one shape and one type, ``float64`` or ``float32``, and return new
    arrays of that shape and type; they write to none and give no warnings.

    Attributes
    ----------
    name : str
        The name that stands in `LOSSES`.
    kind : {"regression", "binary", "multiclass"}
        What the target is: any number, -1 or +1, or the number of a class.
    formula : str
        The loss as a formula in ``y``, ``p`` and the parameters, for reading.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from skgd.losses import Loss
    >>> @dataclass(frozen=True)
    ... class Quartic(Loss):
    ...     name = "quartic"
    ...     kind = "regression"
    ...     formula = "(y - p)**4"
    ...
    ...     def value(self, y, p):
    ...         return (y - p) ** 4
    ...
    ...     def derivative(self, y, p):
    ...         return 4 * (p - y) ** 3
    ...
    ...     def curvature(self, y, p):
    ...         return 12 * (p - y) ** 2
    >>> value, derivative = Quartic().value_and_derivative(np.array([1.0]), np.array([3.0]))
    >>> value, derivative
    (array([16.]), array([32.]))
    """

    name: str
    kind: Kind
    formula: str

    @property
    def smooth(self) -> bool:
        """Whether the derivative is continuous; if not, `smoothed` is there for the descent."""
        return True

    @property
    def convex(self) -> bool:
        """Whether the loss is convex in the raw prediction."""
        return True

    @property
    def quadratic(self) -> bool:
        """Whether the second derivative is the same everywhere."""
        return False

    @property
    def local(self) -> bool:
        """Whether only some predictions, those near a kink, have curvature."""
        return False

    @property
    def has_probability(self) -> bool:
        """Whether `probability` is defined."""
        return False

    @abstractmethod
    def value(self, y: Array, p: Array) -> Array:
        r"""Return the losses :math:`\ell(y, p)`.

        Parameters
        ----------
        y, p : ndarray, shape (n,) or (n, K)
            Targets and raw predictions.

        Returns
        -------
        ndarray
            Of the shape of `y`.
        """

    @abstractmethod
    def derivative(self, y: Array, p: Array) -> Array:
        r"""Return the derivatives by the raw prediction, :math:`\partial \ell / \partial p`.

        Parameters
        ----------
        y, p : ndarray, shape (n,) or (n, K)
            Targets and raw predictions.

        Returns
        -------
        ndarray
            Of the shape of `p`.  At a kink it is a number between the two slopes.
        """

    @abstractmethod
    def curvature(self, y: Array, p: Array) -> Array:
        r"""Return the second derivatives, :math:`\partial^2 \ell / \partial p^2`.

        Parameters
        ----------
        y, p : ndarray, shape (n,) or (n, K)
            Targets and raw predictions.

        Returns
        -------
        ndarray
            Of the shape of `p`; not negative where the loss is convex.
        """

    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return what `value` and `derivative` return; many losses share work between them.

        Parameters
        ----------
        y, p : ndarray, shape (n,) or (n, K)
            Targets and raw predictions.

        Returns
        -------
        value, derivative : ndarray
            As from the two methods.
        """
        return self.value(y, p), self.derivative(y, p)

    def check_target(self, y: Array) -> None:  # noqa: B027
        """Raise ValueError when a target is outside of the range of the loss."""

    def constant(self, y: Array, weights: Array | None = None) -> Any:
        """Return the raw prediction of the best model that predicts the same for every row.

        Descents start from it, so that a good approximation will do.

        Parameters
        ----------
        y : ndarray, shape (n,) or (n, K)
            Targets.
        weights : ndarray, shape (n,), optional
            Weights of the rows, not all zero; by default all rows count alike.

        Returns
        -------
        float or ndarray of shape (K,)
            The constant, or one for each column.
        """
        if y.ndim == 1:
            return float(self._constant(y, weights))
        return np.array([self._constant(column, weights) for column in y.T], dtype=y.dtype)

    def _constant(self, y: Array, weights: Array | None) -> float:
        return quantile_of(y, weights, 0.5)

    def predict(self, p: Array) -> Array:
        """Return the predictions that raw predictions stand for: `p`, or its exponential."""
        return p

    def probability(self, p: Array) -> Array:
        """Return the probabilities that raw predictions stand for.

        Parameters
        ----------
        p : ndarray, shape (n,) or (n, K)
            Raw predictions.

        Returns
        -------
        ndarray
            Of the shape of `p`: the probabilities of the target +1, or of each class.

        Raises
        ------
        ValueError
            When the loss does not estimate probabilities.
        """
        raise ValueError(
            f"loss {self.name!r} does not estimate probabilities; "
            "'log_loss' and 'modified_huber' do"
        )

    def smoothed(self, width: float) -> Loss:
        r"""Return a smooth loss that is nowhere above this one, and by little below.

        Its excess curvature is confined to a zone of some `width` on both sides of each kink, where
        it is of the order of one over the width.

        Parameters
        ----------
        width : float
            The width, in units of the raw prediction.

        Returns
        -------
        Loss
            The smooth loss, below this one by at most a multiple of the width.  A smooth loss
            returns itself.
        """
        return self

    def widened(self, factor: float) -> Loss:
        """Return a version that is curved in more predictions, where `local`; else the loss itself.

        Parameters
        ----------
        factor : float
            By which the distance from the kinks grows within which there is curvature.
        """
        return self

    def touching(self, y: Array, p: Array) -> Array:
        r"""Return where the exact loss has the slope that this smooth version has at `p`.

        With the slope s there, the exact loss is nowhere below its tangent
        :math:`\ell(y, u) + s\,(p - u)` at that point u; which is how far the minimum of the smooth
        problem can be from the exact one.

        Parameters
        ----------
        y, p : ndarray, shape (n,) or (n, K)
            Targets and raw predictions.

        Returns
        -------
        ndarray
            Of the shape of `p`; `p` itself where the loss is exact.
        """
        return p

    def first_width(self, y: Array, p: Array, weights: Array | None = None) -> float:
        r"""Return a width to begin with: the median distance from the kinks.

        Parameters
        ----------
        y, p : ndarray, shape (n,) or (n, K)
            Targets and raw predictions.
        weights : ndarray, shape (n,), optional
            Weights of the rows.

        Returns
        -------
        float
            The width, which is positive.
        """
        return spread(np.abs(y - p), weights, np.abs(p))


def spread(distance: Array, weights: Array | None, size: Array) -> float:
    """Return the median distance, or when most are zero something else that is positive."""
    if distance.ndim == 2 and weights is not None:
        weights = np.repeat(weights, distance.shape[1])
    median = quantile_of(distance.ravel(), weights, 0.5)
    if median > 0:
        return median
    mean = mean_of(distance.ravel(), weights)
    return mean if mean > 0 else 1e-6 * float(np.max(size, initial=0.0)) or 1.0


def out_of_range(loss: Loss, y: Array, wrong: Array, range_of_y: str) -> None:
    """Raise scikit-learn's ValueError when a target is marked as wrong."""
    if wrong.any():
        raise ValueError(
            f"Some value(s) of y are out of the valid range of the loss {loss.name!r}: "
            f"y must {range_of_y}, got {y[wrong].flat[0]}"
        )
