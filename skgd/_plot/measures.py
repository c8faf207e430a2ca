"""What a picture of the convergence shows of each run, and against what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from skgd._rows import Array

from .run import Run
from .style import GREEN, INK, SECOND

ROUNDING = 1e-9
"""By what part of a value `lowest` may be above it, as a minimum that was rounded is."""


@dataclass(frozen=True)
class Measure:
    """One line of the picture.

    Attributes
    ----------
    attribute : str
        Where a `Run` has the numbers.
    argument : str
        Where they come from, for a message when there are none.
    label : str
        What the legend says, with a place for the name of the values and that of the lowest.
    style : mapping
        How the line is drawn when there is one run.
    logarithmic : bool
        Whether it falls by powers of ten.
    """

    attribute: str
    argument: str
    label: str
    style: Mapping[str, Any]
    logarithmic: bool = True


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "gap": Measure(
            "values", "values", "{f} − {lowest}", {"color": INK, "linestyle": "-", "zorder": 3}
        ),
        "gradient": Measure(
            "gradient_norms",
            "gradient_norms",
            "gradient norm",
            {"color": SECOND, "linestyle": "-", "linewidth": 1.0},
        ),
        "step": Measure(
            "steps",
            "steps, or the path of every iteration",
            "step length",
            {"color": GREEN, "linewidth": 1.0, "linestyle": "--"},
        ),
        "value": Measure(
            "values", "values", "{f}", {"color": INK, "linestyle": "-", "zorder": 3}, False
        ),
        "validation": Measure(
            "validation",
            "validation",
            "validation loss",
            {"color": SECOND, "linestyle": "--"},
            False,
        ),
    }
)
"""What can be shown, by name."""

AXES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "iterations": ("iterations", "iteration"),
        "evaluations": ("evaluations", "evaluations of the function"),
        "seconds": ("seconds", "seconds"),
    }
)
"""Where a `Run` has the numbers to show it against, and their label."""


def suitable(runs: Sequence[Run]) -> tuple[str, ...]:
    """Return the measures that are shown unless others are asked for."""
    if len(runs) > 1:
        return ("gap",)
    (run,) = runs
    if run.validation is not None:
        return ("value", "validation")
    return ("gap",) if run.gradient_norms is None else ("gap", "gradient")


def measured(run: Run, name: str, lowest: float) -> Array:
    """Return the numbers of one measure, NaN where there are none; shape (K,)."""
    measure = MEASURES[name]
    column = getattr(run, measure.attribute)
    if column is None:
        raise ValueError(
            f"show={name!r} needs {measure.argument}, which {run.called} has not: "
            f"a result with the option history=True knows all but validation"
        )
    numbers = np.where(np.isfinite(column), column, np.nan)
    if name != "gap":
        return numbers
    with np.errstate(over="ignore"):
        return np.maximum(numbers - lowest, 0.0)


def places(run: Run, against: str) -> Array:
    """Return what a run is shown against; shape (K,)."""
    column: Array | None = getattr(run, AXES[against][0])
    if column is None:
        raise ValueError(
            f"against={against!r} needs {against}, which {run.called} has not: only a result with "
            "the option history=True knows them; use against='iterations'"
        )
    return column


def lowest_of(runs: Sequence[Run], given: float | None) -> float:
    """Return the value that gaps are measured from.

    Parameters
    ----------
    runs : sequence of Run
        The runs that are shown together.
    given : float or None
        The minimum, where it is known.

    Returns
    -------
    float
        `given`, or the lowest value of all runs; NaN when there is no finite one.

    Raises
    ------
    ValueError
        When a run has been lower than `given`.
    """
    values = np.concatenate([run.values for run in runs])
    values = values[np.isfinite(values)]
    least = float(values.min()) if values.size else np.nan
    if given is None:
        return least
    if given - least > ROUNDING * max(1.0, abs(least)):
        raise ValueError(
            f"lowest must not be above any value of the runs, got {given!r}, and they reach "
            f"{least!r}"
        )
    return float(given)
