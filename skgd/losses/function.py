"""Losses that are Python functions, with or without derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from skgd._checks import positive, real_array, shown
from skgd._rows import Array

from .base import Kind
from .own import OwnLoss, probes

__all__ = ["CallableLoss"]

_TINY = 1e-20
"""The complex step: nothing is subtracted, so it may be tiny."""

_STEP = float(np.finfo(float).eps ** (1 / 3))
"""Relative step of central differences for smooth functions."""

_STEP_AT_KINKS = float(np.finfo(float).eps ** (1 / 2))
"""The step where the function has kinks, which differences blur as widely as the step."""

_SECOND_STEP = float(np.finfo(float).eps ** (1 / 4))
"""Relative step of second differences."""


@dataclass(frozen=True, repr=False)
class CallableLoss(OwnLoss):
    r"""A loss that is a function of arrays, ``function(y, p)``.

    The function returns the array of the losses, or the pair of losses and derivatives by `p`.  It
    is called with blocks of rows of any length, so it must work element by element.  Without
    derivatives, skgd takes the complex step where it agrees with central differences on a wide
    range of probes (a function that is made of analytic operations), and else central differences,
    at twice the evaluations.  These are computed in double precision.

    Parameters
    ----------
    function : callable
        The function.  A loss can be pickled if its function can: a lambda cannot.
    params : mapping of str to object, optional
        Keyword arguments for the function.
    kind : {"regression", "binary"}, default "regression"
        What the target is; a binary one is -1 or +1.
    step : float, optional
        Relative step of central differences, :math:`h = s\,\max(1, |p|)`; by default the cube root
        of the machine epsilon.

    Raises
    ------
    ValueError
        When the step is not positive; when what the function returns is not of the shape of its
        arguments, or is not real; by `check_target`, when it is not finite, or the derivatives are
        not those of the losses.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import CallableLoss
    >>> def cauchy(y, p, scale=1.0):
    ...     return np.log1p(((y - p) / scale) ** 2)
    >>> loss = CallableLoss(cauchy, {"scale": 2.0})
    >>> loss.derivative(np.array([0.0]), np.array([2.0]))
    array([0.5])
    """

    function: Callable[..., Any]
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    kind: Kind = "regression"
    step: float = _STEP

    name = "callable"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "step", positive("step", self.step))
        function: Any = self.function
        if not callable(function) or isinstance(function, type):
            raise ValueError(
                f"loss must be a function of y and p, or an object with such a __call__, got "
                f"{shown(self.function)}"
            )
        # A function that does not fit fails here, and not in the middle of a fit.
        self._scheme  # noqa: B018

    @property
    def formula(self) -> str:  # type: ignore[override]
        """The call that computes the loss."""
        return f"{self._described}(y, p)"

    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        return self._call(y, p)[0]

    def derivative(self, y: Array, p: Array) -> Array:
        """Return the derivatives; see `Loss.derivative`."""
        if self._scheme == "differences":
            return self._difference(y, p).astype(p.dtype)
        return self.value_and_derivative(y, p)[1]

    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both; see `Loss.value_and_derivative`."""
        if self._scheme == "complex step":
            return self._complex_step(y, p)
        value, derivative = self._call(y, p)
        return value, self.derivative(y, p) if derivative is None else derivative

    def curvature(self, y: Array, p: Array) -> Array:
        """Return the second derivatives, by differences; see `Loss.curvature`."""
        y64, p64 = y.astype(float, copy=False), p.astype(float, copy=False)
        with np.errstate(all="ignore"):
            if self._scheme == "differences":
                low, high = _neighbours(p64, _SECOND_STEP)
                h = (high - low) / 2
                ends = self.value(y64, low) + self.value(y64, high)
                return np.asarray((ends - 2 * self.value(y64, p64)) / h**2, dtype=p.dtype)
            low, high = _neighbours(p64, _STEP)
            change = self.derivative(y64, high) - self.derivative(y64, low)
            return np.asarray(change / (high - low), dtype=p.dtype)

    def check_target(self, y: Array) -> None:
        """Raise ValueError when the loss is not finite at the start, or its derivative is wrong."""
        super().check_target(y)
        if self._scheme == "given" and y.size:
            self._check_derivative(y.ravel()[:1000].astype(float))

    def _for_envelope(self) -> CallableLoss:
        return replace(self, step=min(self.step, _STEP_AT_KINKS))

    @property
    def _described(self) -> str:
        return getattr(self.function, "__name__", None) or shown(self.function)

    @cached_property
    def _scheme(self) -> Literal["given", "complex step", "differences"]:
        y, p = (numbers.ravel() for numbers in probes(self.kind))
        if self._call(y, p)[1] is not None:
            return "given"
        try:
            exact = self._complex_step(y, p)[1]
        except (TypeError, ValueError, AttributeError, ArithmeticError):
            # Functions that cannot compute with complex numbers say so in many ways.
            return "differences"
        agree = ~self._differs(y, p, exact)
        # No number can be compared where both are infinite or neither is a number.
        comparable = np.isfinite(exact) & np.isfinite(self._difference(y, p))
        return "complex step" if agree[comparable].all() and comparable.any() else "differences"

    @np.errstate(all="ignore")
    def _call(self, y: Array, p: Array) -> tuple[Array, Array | None]:
        answer = self.function(_locked(y), _locked(p), **self.params)
        if isinstance(answer, tuple):
            if len(answer) != 2:
                raise ValueError(
                    f"loss: {self._described} must return the losses, or the pair of losses and "
                    f"derivatives, got {len(answer)} values"
                )
            return self._array("losses", answer[0], p), self._array("derivatives", answer[1], p)
        return self._array("losses", answer, p), None

    def _array(self, what: str, answer: Any, p: Array) -> Array:
        if np.iscomplexobj(answer):
            raise ValueError(f"loss: {self._described} must return real {what} for real y and p")
        array = real_array(f"loss: what {self._described} returns as {what}", answer)
        self._check_shape(what, array, p)
        return np.array(array, p.dtype)

    def _check_shape(self, what: str, array: Array, p: Array) -> None:
        if array.shape != p.shape:
            raise ValueError(
                f"loss: {self._described} must return {what} of the shape of p, {p.shape}, one for "
                f"each row and neither sum nor mean; got shape {array.shape}"
            )

    @np.errstate(all="ignore")
    def _complex_step(self, y: Array, p: Array) -> tuple[Array, Array]:
        point = p.astype(complex)
        point.imag = _TINY
        answer = np.asarray(
            self.function(_locked(y.astype(float, copy=False)), point, **self.params)
        )
        self._check_shape("losses", answer, p)
        # Complex numbers have logarithms and roots where real ones have none.
        value = np.asarray(self._call(y, p)[0])
        derivative = np.where(np.isnan(value), np.nan, answer.imag / _TINY)
        return value.astype(p.dtype), derivative.astype(p.dtype)

    @np.errstate(all="ignore")
    def _difference(self, y: Array, p: Array, longer: float = 1.0) -> Array:
        """Return central differences, in double precision, of some multiple of the step."""
        y, p = y.astype(float, copy=False), p.astype(float, copy=False)
        low, high = _neighbours(p, longer * self.step)
        return np.asarray((self._call(y, high)[0] - self._call(y, low)[0]) / (high - low))

    def _doubt(self, y: Array, p: Array) -> Array:
        """Return about how uncertain central differences are, by rounding and by their length."""
        value, h = np.abs(self._call(y, p)[0]), self.step * np.maximum(1, np.abs(p))
        twice = self._difference(y, p, longer=2.0)
        doubt = np.abs(twice - self._difference(y, p))
        return np.asarray(doubt + 100 * np.finfo(float).eps * value / h)

    @np.errstate(all="ignore")
    def _differs(self, y: Array, p: Array, derivative: Array) -> Array:
        """Tell where derivatives are not those that differences give."""
        difference = self._difference(y, p)
        tolerance = 1e-3 * (np.abs(difference) + np.abs(derivative)) + self._doubt(y, p)
        return np.asarray(np.abs(difference - derivative) > tolerance)

    def _check_derivative(self, y: Array) -> None:
        start = self.constant(y)
        # Rows may be at a kink, even all of them, but not in three places.
        for p in (start + 1.5 * (y - start) + 0.1, start + (y - start) / 3, np.full_like(y, start)):
            given = self.derivative(y, p)
            wrong = self._differs(y, p, given)
            if wrong.mean() <= 0.5:
                return
        i = int(np.argmax(wrong))
        raise ValueError(
            f"loss: the derivative that {self._described} returns is not the derivative of its "
            f"value by p: at y = {y[i]:.6g}, p = {p[i]:.6g} it is {given[i]:.6g}, and differences "
            f"give {self._difference(y, p)[i]:.6g}"
        )


def _neighbours(p: Array, step: float) -> tuple[Array, Array]:
    h = step * np.maximum(1, np.abs(p))
    return p - h, p + h


def _locked(array: Array) -> Array:
    """Return a view that the user's function cannot write through."""
    view = array.view()
    view.flags.writeable = False
    return view
