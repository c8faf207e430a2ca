"""Parts that users write, with every answer checked.

The descent trusts its parts: a gradient of the wrong shape would be broadcast, silently.  So what
is not part of this package goes into a run behind one of the classes below.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np

from ._checks import positive, real_array, real_number, shown
from ._rows import Array, Reals, Truths
from .directions import Direction
from .jacobians import BoxBounds, Jacobian
from .learning_rates import LearningRate, Trial
from .proximal import Constraint
from .requests import Asking, Gradient, Probes, Value, ValueAndGradient

__all__ = [
    "checked_constraint",
    "checked_direction",
    "checked_jacobian",
    "checked_learning_rate",
]


def checked_jacobian(scheme: Jacobian) -> Jacobian:
    """Return the scheme, behind checks unless it is one of this package."""
    return scheme if _is_own(scheme) else _CheckedJacobian(scheme)


def checked_learning_rate(rate: LearningRate) -> LearningRate:
    """Return the learning rate, behind checks unless it is one of this package."""
    return rate if _is_own(rate) else _CheckedRate(rate)


def checked_direction(direction: Direction) -> Direction:
    """Return the direction, behind checks unless it is one of this package."""
    return direction if _is_own(direction) else _CheckedDirection(direction)


def checked_constraint(constraint: Constraint, x: Array) -> Constraint:
    """Return the constraint, once its answers at the start have been checked.

    Parameters
    ----------
    constraint : Constraint
        A constraint or penalty.
    x : ndarray, shape (n,)
        The start.

    Returns
    -------
    Constraint
        The same object: an operator that fits one point of n variables fits every other.

    Raises
    ------
    ValueError
        When an answer is not an array of shape (n,), or the penalty is not a number.
    """
    if not _is_own(constraint):
        name = type(constraint).__name__
        _vector(f"{name}.prox", constraint.prox(x.copy(), 1.0), x)
        _vector(f"{name}.project", constraint.project(x.copy()), x)
        _vector(f"{name}.step", constraint.step(x.copy(), np.zeros_like(x), 1.0), x)
        _number(f"{name}.value", constraint.value(x.copy()))
    return constraint


class _CheckedJacobian(Jacobian):
    def __init__(self, scheme: Jacobian) -> None:
        self._scheme = scheme
        self._name = f"{type(scheme).__name__}.evaluate"
        self.by_differences = scheme.by_differences  # type: ignore[misc]

    def evaluate(self, x: Array, f: Reals, box: BoxBounds) -> Asking:
        asking: Any = self._scheme.evaluate(x, f, box)
        if not isinstance(asking, Generator):
            raise ValueError(
                f"{self._name} must be a generator, which yields requests and returns the pair of "
                f"value and gradient; it returned {shown(asking)}"
            )
        answer: Any = None
        while True:
            try:
                request = asking.send(answer)
            except StopIteration as done:
                return self._pair(done.value, x)
            if not isinstance(request, (Value, Gradient, ValueAndGradient, Probes)):
                raise ValueError(
                    f"{self._name} must yield requests of skgd.requests, it yielded "
                    f"{shown(request)}"
                )
            answer = yield request

    def _pair(self, answer: Any, x: Array) -> tuple[float, Array]:
        try:
            f, g = answer
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{self._name} must return the pair of value and gradient, got {shown(answer)}"
            ) from error
        return _number(f"the value of {self._name}", f), _vector(
            f"the gradient of {self._name}", g, x
        )


class _CheckedRate(LearningRate):
    def __init__(self, rule: LearningRate) -> None:
        self._rule = rule
        self._name = type(rule).__name__

    @property
    def searches(self) -> bool:
        return self._rule.searches

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> Any:
        return self._rule.start(x, f, g, unit)

    def rate(self, state: Any, k: int, f: Reals, g: Array) -> float:
        t = self._rule.rate(state, k, f, g)
        return positive(f"learning_rate: the answer of {self._name}.rate at iteration {k}", t)

    def accepts(self, state: Any, trial: Trial) -> Truths:
        answer = self._rule.accepts(state, trial)
        if not isinstance(answer, (bool, np.bool_)):
            raise ValueError(
                f"learning_rate: the answer of {self._name}.accepts must be True or False, got "
                f"{shown(answer)}"
            )
        return bool(answer)

    def retry(self, state: Any, trial: Trial) -> tuple[float, float]:
        answer: Any = self._rule.retry(state, trial)
        name = f"learning_rate: the answer of {self._name}.retry"
        try:
            t, s = answer
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{name} must be the pair of rate and fraction, got {shown(answer)}"
            ) from error
        return positive(f"{name}, the rate,", t), positive(f"{name}, the fraction,", s)

    def learn(self, state: Any, trial: Trial, g: Array, g_new: Array) -> None:
        self._rule.learn(state, trial, g, g_new)


class _CheckedDirection(Direction):
    def __init__(self, rule: Direction) -> None:
        self._rule = rule
        self._name = f"{type(rule).__name__}.displacement"
        self.own_rates = rule.own_rates  # type: ignore[misc]
        self.proximal = rule.proximal  # type: ignore[misc]
        self.start, self.update = rule.start, rule.update  # type: ignore[method-assign]
        self.rates, self.moved = rule.rates, rule.moved  # type: ignore[method-assign]
        self.paused, self.restart = rule.paused, rule.restart  # type: ignore[method-assign]

    def displacement(self, state: Any, g: Array, t: Reals) -> Array:
        # A copy of the gradient: the rule may compute in place.
        return _vector(self._name, self._rule.displacement(state, g.copy(), t), g)


def _is_own(part: object) -> bool:
    """Tell whether the part comes with this package."""
    return type(part).__module__.partition(".")[0] == __package__.partition(".")[0]


def _vector(name: str, answer: Any, x: Array) -> Array:
    """Return the answer as a new array of the shape and type of `x`, or raise ValueError."""
    array = real_array(name, answer)
    if array.shape != x.shape:
        raise ValueError(f"{name} must have the shape of x, {x.shape}, got {array.shape}")
    return np.array(array, x.dtype)


def _number(name: str, answer: Any) -> float:
    """Return the answer as a float, which need not be finite, or raise ValueError."""
    if isinstance(answer, float):
        return float(answer)
    return real_number(name, answer)
