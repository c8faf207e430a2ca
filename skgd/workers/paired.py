"""Functions that return value and gradient together, evaluated once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from skgd.limits import Budget
from skgd.requests import Probes
from skgd.sources import Source, carried

from .errors import Failure

__all__ = ["Paired", "unpaired"]


class Paired:
    """Remember the gradients that came with the values.

    Parameters
    ----------
    source : Source
        Who evaluates; its answers are pairs.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._slopes: dict[bytes, Any] = {}

    def answers(self, gradients: bool, points: Probes, budget: Budget) -> Iterator[tuple[int, Any]]:
        """Yield position and answer; a gradient whose value is known is known, too."""
        names = [points.point(i).tobytes() for i in range(len(points))]
        if not gradients:
            for position, (f, slope) in self._source.answers(False, points, budget):
                self._slopes[names[position]] = slope
                yield position, f
            return
        # Those at trial points that were not taken are not asked for any more.
        self._slopes = {name: self._slopes[name] for name in names if name in self._slopes}
        left = [i for i, name in enumerate(names) if name not in self._slopes]
        budget.begin_gradients(len(names) - len(left))
        for i in sorted(set(range(len(names))).difference(left)):
            yield i, _gradient(self._slopes[names[i]])
        if left:
            others = points.only(np.array(left))
            for position, (_, slope) in self._source.answers(True, others, budget):
                self._slopes[names[left[position]]] = slope
                yield left[position], _gradient(slope)

    def close(self) -> None:
        """Let go of the workers."""
        self._source.close()


def _gradient(slope: Any) -> Any:
    if isinstance(slope, Failure):
        raise carried(slope.error)
    return slope


def unpaired(fun: Any, jac: Any) -> tuple[Callable[..., Any], Callable[..., Any] | None, bool]:
    """Return the functions as the user gave them, and whether `fun` returns pairs.

    SciPy and skgd split a function that was given with ``jac=True`` into two that share a memory;
    on several workers at a time they would mix up their points.

    Parameters
    ----------
    fun, jac : callable or None
        The functions of a run.

    Returns
    -------
    fun, jac, paired
        With `paired`, `jac` is None.
    """
    both: Any = getattr(fun, "both", None)
    owner: Any = getattr(jac, "__self__", None)
    if owner is fun and type(owner).__name__ == "MemoizeJac":
        both = owner.fun
    elif getattr(jac, "both", None) is not both:
        both = None
    if both is not None:
        return both, None, True
    return fun, jac, False
