"""Mutants of the learning rates that depend on the iteration alone."""

from __future__ import annotations

from .mutant import Mutant

FILE, BASE = "learning_rates/schedules.py", "learning_rates/base.py"

HERE = "test_learning_rates.py::"
APPLIED = HERE + "test_iteration_k_runs_at_the_rate_of_k_counted_from_zero"
FALLS = HERE + "test_step_decay_falls_after_first_at_and_then_every_so_often"
FULL = HERE + "test_step_decay_keeps_the_full_rate_for_the_first_iterations"
EXPONENTIAL, INVERSE = HERE + "test_exponential", HERE + "test_inverse_time"
COSINE, SCHEDULE = HERE + "test_cosine", HERE + "test_a_schedule_is_its_function"
LENGTH = (
    "test_learning_rates_memory.py::test_proportional_moves_the_start_by_the_fraction_of_its_length"
)

MUTANTS = (
    Mutant("Constant", FILE, "return self.value\n", "return 2.0 * self.value\n", APPLIED),
    Mutant("Constant", FILE, "return self.value\n", "return self.value / (k + 1)\n", APPLIED),
    Mutant(
        "Proportional", FILE, "first_rate(x, unit, self.fraction)", "first_rate(x, unit)", LENGTH
    ),
    Mutant("Proportional", BASE, "math.sqrt(x.shape[-1])", "1.0", LENGTH),
    Mutant("Proportional", BASE, "fraction * choose(length > 0", "choose(length > 0", LENGTH),
    Mutant("StepDecay", FILE, "(k - 1 - self.first_at)", "(k - self.first_at)", FALLS),
    Mutant("StepDecay", FILE, "self.factor**falls", "self.factor * falls", FALLS),
    Mutant("StepDecay", FILE, "first = self.every - 1 if", "first = self.every if", FULL),
    Mutant("Exponential", FILE, "self.factor**k", "self.factor ** (k + 1)", EXPONENTIAL),
    Mutant(
        "Exponential",
        FILE,
        "self.value * self.factor**k",
        "self.value / self.factor**k",
        EXPONENTIAL,
    ),
    Mutant("InverseTime", FILE, "k / self.time", "k * self.time", INVERSE),
    Mutant("InverseTime", FILE, "(1.0 + k / self.time)", "(2.0 + k / self.time)", INVERSE),
    Mutant("Cosine", FILE, "0.5 * (self.value - self.final)", "0.5 * self.value", COSINE),
    Mutant("Cosine", FILE, "math.cos(math.pi * phase)", "math.cos(2.0 * math.pi * phase)", COSINE),
    Mutant("Cosine", FILE, "k % self.period if self.restart", "k if self.restart", COSINE),
    Mutant("Schedule", FILE, "self.function(k)", "self.function(k + 1)", SCHEDULE),
    Mutant(
        "Schedule",
        FILE,
        """return positive(f"learning_rate: the schedule's value at iteration {k}", rate)""",
        "return abs(rate)",
        HERE + "test_bad_arguments_are_named",
    ),
    Mutant("Schedule", FILE, "return self.at(k)", "return self.at(k + 1)", APPLIED),
)
