"""What a picture is made of: the iterates, and what is known about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._checks import whole_number
from skgd._rows import Array
from skgd.formula import Formula
from skgd.proximal import Box

from .grid import limits_of, values_at


@dataclass(frozen=True)
class Run:
    """The numbers of one run, checked.

    Attributes
    ----------
    path : ndarray, shape (K, n)
        The iterates.
    values, iterations : ndarray, shape (K,)
        Their values and numbers.
    gradient_norms : ndarray, shape (K,), or None
        The norms of the gradient there.
    fun, jac : callable or None
        The function and its gradient.
    variables : tuple of str
        The names of the n variables.
    box : Box or None
        The bounds.
    vectorized : bool
        Whether `fun` takes points of shape (n, m).
    """

    path: Array
    values: Array
    iterations: Array
    gradient_norms: Array | None
    fun: Callable[..., Any] | None
    jac: Callable[..., Any] | None
    variables: tuple[str, ...]
    box: Box | None
    vectorized: bool

    @classmethod
    def read(
        cls,
        path: Any,
        values: Any,
        gradient_norms: Any,
        iterations: Any,
        fun: Callable[..., Any] | None,
        jac: Callable[..., Any] | None,
        variables: Sequence[str] | None,
        bounds: Any,
        vectorized: bool,
    ) -> Run:
        """Return the run that the arguments of `DescentDisplay` describe, or raise ValueError."""
        path = _iterates(path)
        length, n = path.shape
        if isinstance(fun, Formula):
            jac = fun.jac if jac is None else jac
            variables = fun.variables if variables is None else variables
            vectorized = True
        if values is None:
            if fun is None:
                raise ValueError("values are missing; give them, or fun to find them with")
            values = values_at(fun, path.T, vectorized=vectorized)
        return cls(
            path,
            _column("values", values, length),
            _column("iterations", np.arange(length) if iterations is None else iterations, length),
            None if gradient_norms is None else _column("gradient_norms", gradient_norms, length),
            fun,
            jac,
            _names(variables, n),
            None if bounds is None else Box.from_bounds(bounds, n),
            vectorized,
        )

    @property
    def n(self) -> int:
        """Number of variables."""
        return int(self.path.shape[1])


@dataclass(frozen=True)
class Look:
    """How a picture is drawn; the parameters are those of `DescentDisplay.plot`."""

    title: str | None = None
    limits: Any = None
    resolution: int = 200
    derivative: bool = True
    colorbar: bool = True

    def __post_init__(self) -> None:
        whole_number("resolution", self.resolution, least=2)

    def view(self, run: Run) -> Array:
        """Return low and high end of each variable, shape (n, 2)."""
        return limits_of(run.path, self.limits)

    def seen(self, run: Run, margin: float = 0.05) -> Array:
        """Return which iterates are in view, or beyond its edge by a margin; shape (K,), bool."""
        limits = self.view(run)
        slack = margin * np.diff(limits, axis=1).T
        low, high = limits[:, 0] - slack, limits[:, 1] + slack
        seen: Array = np.all((low <= run.path) & (run.path <= high), axis=1)
        return seen


def _iterates(path: Any) -> Array:
    array = np.array(path, dtype=float)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(
            f"path must have shape (K, n), one iterate of n variables a row, got {array.shape}"
        )
    if not np.isfinite(array).all():
        raise ValueError("path must be finite; leave out the iterates that are not")
    return array


def _column(name: str, numbers: Any, length: int) -> Array:
    array = np.array(numbers, dtype=float)
    if array.shape != (length,):
        raise ValueError(
            f"{name} must have shape ({length},), one entry an iterate, got {array.shape}"
        )
    return array


def _names(variables: Sequence[str] | None, n: int) -> tuple[str, ...]:
    if variables is None:
        return ("x",) if n == 1 else tuple(f"x[{i}]" for i in range(n))
    if len(variables) != n:
        raise ValueError(f"variables must be {n} names, got {variables!r}")
    return tuple(variables)
