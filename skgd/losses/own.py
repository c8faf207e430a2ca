"""What the losses that a user writes have in common: their properties are found by probing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from skgd._checks import shown
from skgd._rows import Array

from .base import Kind, Loss, spread
from .centres import mean_of, quantile_of

__all__ = ["OwnLoss", "check_params", "probes"]

_ROWS = 2_000
"""Rows from which a constant is estimated."""

_NARROW = 1e-4
"""Relative width of an interval in which a change of the derivative is a jump.

It is wider than the steps of differences, which blur jumps.
"""


class OwnLoss(Loss):
    """A loss of which only its value is certain.

    A subclass is a frozen dataclass, the fields of which begin with what the user wrote, `params`
    and `kind`.
    """

    params: Mapping[str, Any]

    def __post_init__(self) -> None:
        check_params(self.params)
        object.__setattr__(self, "params", MappingProxyType(dict(self.params)))
        if self.kind not in ("regression", "binary"):
            raise ValueError(f"kind must be 'regression' or 'binary', got {shown(self.kind)}")

    @cached_property
    def smooth(self) -> bool:
        """Whether no jump of the derivative was found; a loss that is not convex counts as smooth.

        Smoothing is for convex losses.
        """
        return not self.convex or not _jumps(self)

    @cached_property
    def convex(self) -> bool:
        """Whether the derivative increases over a wide range of predictions."""
        return _increases(self)

    def check_target(self, y: Array) -> None:
        """Raise ValueError when the loss is not finite where a fit would start."""
        rows = _some(y.ravel())
        if rows.size == 0:
            return
        p = np.full_like(rows, self.constant(rows))
        for what, numbers in zip(
            ("value", "derivative"), self.value_and_derivative(rows, p), strict=True
        ):
            wrong = ~np.isfinite(numbers)
            if wrong.any():
                i = int(np.argmax(wrong))
                raise ValueError(
                    f"loss {shown(self)} has the {what} {numbers[i]} at y = {rows[i]:.6g}, "
                    f"p = {p[i]:.6g}; it must be finite for all y"
                )

    def _constant(self, y: Array, weights: Array | None) -> float:
        from scipy.optimize import minimize_scalar

        rows = _some(y)
        counted = None if weights is None else _some(weights)
        if counted is not None and not counted.any():
            rows, counted = y, weights

        def objective(c: float) -> float:
            mean = mean_of(self.value(rows, np.full_like(rows, c)), counted)
            return mean if np.isfinite(mean) else np.inf

        places = self._candidates(rows, counted)
        values = [objective(c) for c in places]
        best = int(np.argmin(values))
        if not np.isfinite(values[best]):
            return float(places[best])
        low, high = places[max(best - 1, 0)], places[min(best + 1, len(places) - 1)]
        found = minimize_scalar(
            objective, bounds=(low, high), method="bounded", options={"xatol": 1e-6 * (high - low)}
        )
        return float(found.x if found.fun < values[best] else places[best])

    def _candidates(self, y: Array, weights: Array | None) -> list[float]:
        """Return constants that may be good, in increasing order."""
        if self.kind == "binary":
            return [float(c) for c in range(-8, 9)]
        quantiles = [quantile_of(y, weights, level) for level in np.linspace(0, 1, 9)]
        # Predictions may be logarithms, too.
        logarithms = [float(np.log1p(q)) for q in quantiles if q > -1]
        return sorted({0.0, mean_of(y, weights), *quantiles, *logarithms})

    def smoothed(self, width: float) -> Loss:
        """Return the Moreau envelope of this loss; see `Loss.smoothed`."""
        from .envelope import Envelope

        return self if self.smooth else Envelope(self._for_envelope(), width)

    def _for_envelope(self) -> Loss:
        """Return this loss, with derivatives that are as good next to kinks as elsewhere."""
        return self

    def first_width(self, y: Array, p: Array, weights: Array | None = None) -> float:
        """Return the median error over the median slope; see `Loss.first_width`."""
        slopes = np.abs(self.derivative(y, p))
        each = weights if weights is None or y.ndim == 1 else np.repeat(weights, y.shape[1])
        slope = quantile_of(slopes.ravel(), each, 0.5)
        distance = spread(np.abs(y - p), weights, np.abs(p))
        return distance / slope if 0 < slope < np.inf else distance

    # A mapping that is read-only cannot be pickled, and what is found out about a loss is found out
    # again.

    def _arguments(self) -> tuple[Any, ...]:
        written, _, *rest = (getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]
        return written, dict(self.params), *rest

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._arguments()))})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._arguments()


def check_params(params: Any) -> None:
    """Raise ValueError unless parameters are a mapping of names."""
    if not isinstance(params, Mapping) or not all(isinstance(name, str) for name in params):
        raise ValueError(
            f"loss_params must be a mapping of names to values such as {{'a': 2.0}}, got "
            f"{shown(params)}"
        )


def probes(kind: Kind) -> tuple[Array, Array]:
    """Return targets and predictions of many sizes, both of shape (T, m), each row increasing."""
    sizes = np.geomspace(1.1e-2, 1.3e6, 33)
    offsets = np.concatenate([-sizes[::-1], sizes])
    if kind == "binary":
        return np.repeat([[-1.0], [1.0]], offsets.size, axis=1), np.tile(offsets, (2, 1))
    targets = np.array([[-911.0], [-7.1], [-0.37], [0.29], [2.3], [61.0], [3.1e4]])
    # Some losses have their kink at p = y, others, of logarithms, depend on the size of p alone.
    p = np.sort(np.concatenate([targets + offsets, 0 * targets + offsets], axis=1), axis=1)
    return np.repeat(targets, p.shape[1], axis=1), p


@np.errstate(invalid="ignore", over="ignore")
def _increases(loss: OwnLoss) -> bool:
    y, p = probes(loss.kind)
    slopes = loss.derivative(y, p)
    left, right = slopes[:, :-1], slopes[:, 1:]
    return not np.any(left - right > _noise(left, right))


@np.errstate(invalid="ignore", over="ignore")
def _jumps(loss: OwnLoss) -> bool:
    """Follow each change of the derivative into the half of the interval where most of it is."""
    y, p = probes(loss.kind)
    slopes = loss.derivative(y, p)
    finite = np.isfinite(slopes)
    both = finite[:, :-1] & finite[:, 1:]
    y, a, b = y[:, 1:][both], p[:, :-1][both], p[:, 1:][both]
    left, right = slopes[:, :-1][both], slopes[:, 1:][both]
    first = np.abs(right - left)
    wide = b - a
    for _ in range(20):
        middle = (a + b) / 2
        slope = loss.derivative(y, middle)
        in_left = np.abs(slope - left) > np.abs(right - slope)
        narrow = b - a < _NARROW * np.maximum(1, np.abs(middle))
        to_left, to_right = in_left & ~narrow, ~in_left & ~narrow
        b, right = np.where(to_left, middle, b), np.where(to_left, slope, right)
        a, left = np.where(to_right, middle, a), np.where(to_right, slope, left)
    last = np.abs(right - left)
    jump = (wide > 30 * (b - a)) & (last > 0.2 * first) & (last > _noise(left, right))
    return bool(jump.any())


def _noise(left: Array, right: Array) -> Array:
    # Of a derivative that is a difference only some digits are known, and where it vanishes, as in
    # the tail of a logistic loss, there may be only rounding.
    return 1e-5 * (np.abs(left) + np.abs(right)) + 1e-13


def _some(rows: Array) -> Array:
    """Return evenly spaced rows, all if they are few."""
    return rows[:: max(1, len(rows) // _ROWS)]
