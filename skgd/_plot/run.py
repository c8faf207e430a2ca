"""What a picture is made of: the iterates, and what is known about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._checks import shown
from skgd._rows import Array
from skgd.formula import Formula
from skgd.proximal import Box

from .grid import LARGEST, values_at


@dataclass(frozen=True)
class Run:
    """The numbers of one run, checked.

    Attributes
    ----------
    path : ndarray, shape (K, n)
        The iterates; n is 0 when they are not known.
    values, iterations : ndarray, shape (K,)
        Their values and numbers.
    gradient_norms, steps, evaluations, seconds, validation : ndarray, shape (K,), or None
        The norms of the gradient there and of the steps that led there, the evaluations and the
        seconds until then, and the losses on rows that were held out.
    fun, jac : callable or None
        The function and its gradient.
    variables : tuple of str
        The names of the n variables.
    box : Box or None
        The bounds.
    vectorized : bool
        Whether `fun` takes points of shape (n, m).
    unit : str
        What `iterations` counts.
    name : str
        What the run is called beside others.
    """

    path: Array
    values: Array
    iterations: Array
    gradient_norms: Array | None
    steps: Array | None
    evaluations: Array | None
    seconds: Array | None
    validation: Array | None
    fun: Callable[..., Any] | None
    jac: Callable[..., Any] | None
    variables: tuple[str, ...]
    box: Box | None
    vectorized: bool
    unit: str
    name: str = ""

    @classmethod
    def read(
        cls,
        *,
        path: Any,
        values: Any,
        iterations: Any,
        steps: Any,
        fun: Callable[..., Any] | None,
        jac: Callable[..., Any] | None,
        variables: Sequence[str] | None,
        bounds: Any,
        vectorized: bool,
        unit: str,
        gradient_norms: Any,
        evaluations: Any,
        seconds: Any,
        validation: Any,
    ) -> Run:
        """Return the run that the arguments of `DescentDisplay` describe, or raise ValueError."""
        path = _iterates(path, values)
        length, n = path.shape
        for name, function in (("fun", fun), ("jac", jac)):
            if not (function is None or callable(function)):
                raise ValueError(
                    f"{name} must be callable, got {function!r}; a text is made one by skgd.Formula"
                )
        if isinstance(fun, Formula):
            jac = fun.jac if jac is None else jac
            if variables is None:
                variables = fun.variables
                if len(variables) != n:
                    raise ValueError(
                        f"fun has the {len(variables)} variables {', '.join(variables)}, and the "
                        f"iterates have {n}"
                    )
            vectorized = True
        if values is None:
            if fun is None:
                raise ValueError("values are missing; give them, or fun to find them with")
            values = values_at(fun, path.T, vectorized=vectorized)
        if iterations is None:
            iterations = np.arange(length)
        iterations = _count("iterations", iterations, length)
        return cls(
            path=path,
            values=_within(_column("values", values, length)),
            iterations=iterations,
            gradient_norms=_known("gradient_norms", gradient_norms, length),
            steps=_steps(steps, path, iterations),
            evaluations=None if evaluations is None else _count("evaluations", evaluations, length),
            seconds=None if seconds is None else _count("seconds", seconds, length),
            validation=_known("validation", validation, length),
            fun=fun,
            jac=jac,
            variables=_names(variables, n),
            box=None if bounds is None else Box.from_bounds(bounds, n),
            vectorized=vectorized,
            unit=unit,
        )

    @property
    def called(self) -> str:
        """What a message calls it."""
        return repr(self.name) if self.name else "this run"

    @property
    def lost(self) -> bool:
        """Whether it ended higher than it began, as a run that diverges."""
        return not self.values[-1] <= self.values[0]

    @property
    def n(self) -> int:
        """Number of variables."""
        return int(self.path.shape[1])


def _iterates(path: Any, values: Any) -> Array:
    if path is None:
        if values is None or not np.size(values):
            raise ValueError("path and values are both missing; give one of them at least")
        return np.empty((np.size(values), 0))
    array = np.array(path, dtype=float)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(
            f"path must have shape (K, n), one iterate of n variables a row, got {array.shape}"
        )
    if not (np.abs(array) <= LARGEST).all():
        raise ValueError(
            f"path must be finite, and at most {LARGEST:g} in size; leave out the iterates that "
            "are not"
        )
    return array


def _steps(steps: Any, path: Array, iterations: Array) -> Array | None:
    """Return the length of the step to each iterate, NaN where there was none before."""
    length, n = path.shape
    if steps is not None:
        # No step leads to the start, and 0 would be one that moves nothing.
        return np.where(iterations == 0, np.nan, _column("steps", steps, length))
    if not n or (np.diff(iterations) != 1).any():
        return None
    with np.errstate(over="ignore"):
        return np.concatenate([[np.nan], np.linalg.norm(np.diff(path, axis=0), axis=1)])


def _known(name: str, numbers: Any, length: int) -> Array | None:
    return None if numbers is None else _within(_column(name, numbers, length))


def _within(numbers: Array) -> Array:
    """Return numbers of which those that no axis can show are NaN."""
    return np.where(np.abs(numbers) <= LARGEST, numbers, np.nan)


def _count(name: str, numbers: Any, length: int) -> Array:
    array = _column(name, numbers, length)
    if not (np.abs(array) <= LARGEST).all():
        raise ValueError(f"{name} must be finite, got {shown(array)}")
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
