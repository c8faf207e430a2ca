"""Mutants of the penalties of the estimators."""

from __future__ import annotations

from .mutant import Mutant

FILE = "penalties.py"

HERE = "test_penalties.py::"
VALUE = HERE + "test_value_is_the_written_formula_summed_over_outputs"
SCALED = HERE + "test_scaled_coordinates_mean_the_same"

MUTANTS = (
    Mutant("l2", FILE, '{"l2": 1.0,', '{"l2": 2.0,', VALUE),
    Mutant("l2", FILE, "self.ridge / 2 * coef**2", "self.ridge * coef**2", VALUE),
    Mutant("l1", FILE, '{"l1": 1.0,', '{"l1": 0.5,', VALUE),
    Mutant("l1", FILE, "self.strength / sigma", "self.strength * sigma", SCALED),
    Mutant("elasticnet", FILE, '"elasticnet": ratio}', '"elasticnet": 1.0 - ratio}', VALUE),
    Mutant("elasticnet", FILE, '"elasticnet": 1.0 - ratio}', '"elasticnet": 1.0}', VALUE),
    Mutant("group", FILE, "math.sqrt(members.size) *", "members.size *", VALUE),
    Mutant("group", FILE, "self.group_strength / scale", "self.group_strength * scale", SCALED),
    Mutant("group", FILE, "np.repeat(np.arange(outputs)", "np.tile(np.arange(outputs)", SCALED),
)
