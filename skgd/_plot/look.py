"""How a picture is drawn, and what part of space it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._checks import did_you_mean, real_number, whole_number
from skgd._rows import Array

from .grid import limits_of
from .measures import AXES, MEASURES
from .run import Run

FINEST = 4096
"""Largest resolution: more points than any picture has pixels."""


@dataclass(frozen=True)
class Look:
    """How a picture is drawn; the parameters are those of `DescentDisplay.plot`."""

    title: str | None = None
    limits: Any = None
    resolution: int = 200
    derivative: bool = True
    colorbar: bool = True
    show: str | Sequence[str] | None = None
    against: str = "iterations"
    lowest: float | None = None

    def __post_init__(self) -> None:
        if whole_number("resolution", self.resolution, least=2) > FINEST:
            raise ValueError(f"resolution must be at most {FINEST}, got {self.resolution!r}")
        if not isinstance(self.title, str | None):
            raise ValueError(f"title must be None or a text, got {self.title!r}")
        if self.lowest is not None:
            real_number("lowest", self.lowest)
        for name in self.shown:
            _one_of("show", name, MEASURES)
        _one_of("against", self.against, AXES)

    @property
    def shown(self) -> tuple[str, ...]:
        """The measures that were asked for; none stands for those that suit the runs."""
        if self.show is None:
            return ()
        shown = tuple(self.show) if np.ndim(self.show) > 0 else (str(self.show),)
        if not shown:
            raise ValueError("show must name one measure at least; None is for those that suit")
        return tuple(dict.fromkeys(shown))

    def view(self, runs: Sequence[Run]) -> Array:
        """Return low and high end of each variable, shape (n, 2)."""
        return limits_of(*guiding(runs), given=self.limits)


def guiding(runs: Sequence[Run]) -> list[Array]:
    """Return the paths that say what is in view.

    Beside runs that went down, one that diverges would make them all one dot.
    """
    return [run.path for run in runs if not run.lost] or [run.path for run in runs]


def seen(path: Array, limits: Array, margin: float = 0.05) -> Array:
    """Return which iterates are in view, or beyond its edge by a margin; shape (K,), bool."""
    slack = margin * np.diff(limits, axis=1).T
    low, high = limits[:, 0] - slack, limits[:, 1] + slack
    inside: Array = np.all((low <= path) & (path <= high), axis=1)
    return inside


def _one_of(argument: str, name: Any, known: Any) -> None:
    if name not in known:
        raise ValueError(
            f"{argument} must be one of {', '.join(known)}, got {name!r}{did_you_mean(name, known)}"
        )
