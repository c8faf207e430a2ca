"""The logistic loss of several classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._rows import Array

from .base import Loss, out_of_range, quiet

__all__ = ["Multinomial"]

_SMALLEST_SHARE = 1e-10
"""For the logarithm of the share of a class that is absent."""


@dataclass(frozen=True)
class Multinomial(Loss):
    r"""The logistic loss of K classes, :math:`\ell = \log\sum_k e^{p_k} - p_y`.

    Multinomial logistic regression: the probability of class k is
    :math:`P_k = e^{p_k} / \sum_j e^{p_j}`.

    A target is the number of a class, 0 to K - 1, as a float; targets have shape (n,) and raw
    predictions (n, K), as do the derivatives :math:`P_k - 1[k = y]` and the curvatures
    :math:`P_k (1 - P_k)`, the diagonal of the matrix of second derivatives.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import Multinomial
    >>> loss, p = Multinomial(), np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1000.0]])
    >>> loss.value(np.array([1.0, 2.0]), p)
    array([1.09861229, 0.        ])
    >>> loss.probability(p).round(3)
    array([[0.333, 0.333, 0.333],
           [0.   , 0.   , 1.   ]])
    """

    name = "multinomial"
    kind = "multiclass"
    formula = "log(sum(exp(p))) - p[y]"

    @quiet
    def value(self, y: Array, p: Array) -> Array:
        """Return the losses, of shape (n,); see `Loss.value`."""
        p, exponentials = _exponentials(p)
        return self._value(p, _of_class(y, p), _sums(exponentials))

    @quiet
    def derivative(self, y: Array, p: Array) -> Array:
        """Return the derivatives, of shape (n, K); see `Loss.derivative`."""
        derivative = self.probability(p)
        derivative.ravel()[_of_class(y, p)] -= 1
        return derivative

    @quiet
    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        p, derivative = _exponentials(p)
        sums, own = _sums(derivative), _of_class(y, p)
        derivative *= (1 / sums)[:, np.newaxis]
        derivative.ravel()[own] -= 1
        return self._value(p, own, sums), derivative

    @quiet
    def curvature(self, y: Array, p: Array) -> Array:
        """Return the diagonals of the second derivatives, of shape (n, K); see `Loss.curvature`."""
        probability = self.probability(p)
        curvature = probability * probability
        return np.asarray(np.subtract(probability, curvature, out=curvature))

    @property
    def has_probability(self) -> bool:
        """True."""
        return True

    @quiet
    def probability(self, p: Array) -> Array:
        """Return the probabilities of the classes, of shape (n, K); see `Loss.probability`."""
        _, probability = _exponentials(p)
        probability *= (1 / _sums(probability))[:, np.newaxis]
        return probability

    def check_target(self, y: Array) -> None:
        """Raise ValueError when a target is not the number of a class."""
        out_of_range(self, y, (y < 0) | (y != np.floor(y)), "be the number of a class, 0 or more")

    def constant(self, y: Array, weights: Array | None = None) -> Any:
        """Return the logarithms of the shares of the classes, less their mean, of shape (K,)."""
        counts = np.bincount(y.astype(np.intp), weights)
        logarithms = np.log(np.maximum(counts / counts.sum(), _SMALLEST_SHARE))
        return (logarithms - logarithms.mean()).astype(y.dtype)

    @staticmethod
    def _value(p: Array, own: Array, sums: Array) -> Array:
        np.log(sums, out=sums)
        sums -= p.ravel()[own]
        # Rounding leaves less than zero where the class is certain.
        return np.maximum(sums, 0, out=sums)


def _exponentials(p: Array) -> tuple[Array, Array]:
    """Return raw predictions less what may overflow, and their exponentials, as a new array."""
    # The largest of each row takes more time than all the rest, and is rarely needed.
    limit = 300 if p.dtype == np.float64 else 30
    if p.size and max(p.max(), -p.min()) > limit:
        p = p - p.max(axis=1, keepdims=True)
    return p, np.exp(p, order="C")


def _sums(exponentials: Array) -> Array:
    return np.asarray(np.einsum("ij->i", exponentials))


def _of_class(y: Array, p: Array) -> Array:
    """Return where the entries of each row's own class are, in a flat array."""
    first = np.arange(0, p.size, p.shape[1])
    first += y.astype(np.intp)
    return first
