"""All mutants."""

from __future__ import annotations

from . import (
    averages,
    constraints,
    differences,
    directions,
    learning_rates,
    losses,
    methods,
    penalties,
    schedules,
    stopping,
)

MUTANTS = (
    *directions.MUTANTS,
    *learning_rates.MUTANTS,
    *schedules.MUTANTS,
    *differences.MUTANTS,
    *losses.MUTANTS,
    *penalties.MUTANTS,
    *constraints.MUTANTS,
    *stopping.MUTANTS,
    *averages.MUTANTS,
    *methods.MUTANTS,
)
