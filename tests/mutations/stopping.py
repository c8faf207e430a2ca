"""Mutants of the tests of convergence."""

from __future__ import annotations

from .mutant import Mutant

FILE = "stopping.py"

HERE = "test_stopping.py::"
GTOL = HERE + "test_gtol_is_met_by_the_norm_of_the_gradient"
XTOL = HERE + "test_xtol_and_xrtol_are_met_by_the_largest_coordinate_of_a_step"
FTOL = HERE + "test_ftol_is_met_by_a_change_relative_to_the_larger_value_or_to_one"
TARGET = HERE + "test_target_is_met_by_the_first_value_at_most_as_large"
PATIENCE = HERE + "test_patience_counts_the_iterations_since_the_best_value_was_improved"
MAXITER = HERE + "test_maxiter_is_the_number_of_iterations"
DEFAULT = HERE + "test_the_default_of_maxiter_follows_the_number_of_variables"

LEVEL = "return (abs(run.f - run.f_before) <= self.ftol * scale)"

MUTANTS = (
    Mutant(
        "gtol", FILE, "small = run.gnorm <= self.gtol", "small = run.gnorm <= 2 * self.gtol", GTOL
    ),
    Mutant(
        "gtol",
        FILE,
        "bound = x.shape[-1] * self.gtol * self.gtol",
        "bound = 1e-3 * self.gtol * self.gtol",
        GTOL,
    ),
    Mutant("norm", FILE, "ord=self.norm", "ord=2", GTOL),
    Mutant("norm", FILE, "size = unit * (float(length)", "size = (float(length)", GTOL),
    Mutant(
        "xtol",
        FILE,
        "greater(self.xrtol * largest(run.x), self.xtol)",
        "self.xrtol * largest(run.x) + 2 * self.xtol",
        XTOL,
    ),
    Mutant("xtol", FILE, "(largest(run.step) <= limit)", "(largest(run.step) >= limit)", XTOL),
    Mutant("xrtol", FILE, "self.xrtol * largest(run.x)", "self.xrtol", XTOL),
    Mutant("xrtol", FILE, "self.xrtol * largest(run.x)", "self.xrtol * largest(run.step)", XTOL),
    Mutant("ftol", FILE, LEVEL, LEVEL.replace("ftol * scale", "ftol"), FTOL),
    Mutant(
        "ftol", FILE, LEVEL, LEVEL.replace("run.f - run.f_before", "run.f + run.f_before"), FTOL
    ),
    Mutant(
        "ftol",
        FILE,
        "greater(abs(run.f), abs(run.f_before)), 1.0)",
        "greater(abs(run.f), abs(run.f_before)), 0.0)",
        FTOL,
    ),
    Mutant("target", FILE, "run.f <= self.target", "run.f >= self.target", TARGET),
    Mutant("target", FILE, "run.f <= self.target", "run.f_before <= self.target", TARGET),
    Mutant(
        "patience", FILE, "state.waited >= self.patience", "state.waited > self.patience", PATIENCE
    ),
    Mutant(
        "patience", FILE, "state.best = smaller(state.best, run.f)", "state.best = run.f", PATIENCE
    ),
    Mutant(
        "patience",
        FILE,
        "state.best - self.ftol * greater",
        "state.best + self.ftol * greater",
        PATIENCE,
    ),
    Mutant("maxiter", FILE, "bool(run.k >= state.limit)", "bool(run.k > state.limit)", MAXITER),
    Mutant("maxiter", FILE, "max(2000, 200 * n)", "max(2000, 100 * n)", DEFAULT),
)
