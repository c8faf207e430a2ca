"""Mutants of the gradient schemes, and of the steps that they take."""

from __future__ import annotations

from .mutant import Mutant

FILE, STEPS = "jacobians/differences.py", "steps.py"
BASE, COMPLEX = "jacobians/base.py", "jacobians/complex_step.py"
ESTIMATOR = "jacobians/estimator.py"

HERE, SPSA = "test_jacobians.py::", "test_spsa.py::"
ASKED = HERE + "test_the_analytic_gradient_asks_for_no_value_that_is_known"
PASSED = HERE + "test_the_analytic_gradient_is_passed_on_as_it_is"
ACCURATE = HERE + "test_differences_are_as_accurate_as_theory_says"
BESIDE = HERE + "test_forward_differences_land_half_a_step_beside_the_minimum"
TAKEN = HERE + "test_default_steps_follow_the_type"
ABSOLUTE = HERE + "test_steps_are_absolute_or_relative_one_or_one_a_coordinate"
BOUND = HERE + "test_next_to_a_bound_the_gradient_is_still_accurate"
EXACT = HERE + "test_complex_step_is_exact_to_rounding"
BALANCE = "test_steps.py::test_forward_steps_balance_curvature_against_noise"
THIRD = "test_steps.py::test_central_steps_balance_the_third_derivative_against_noise"
RIGHT = SPSA + "test_the_estimate_is_right_on_the_average"
ESTIMATES = "test_spsa_estimator.py::"
MEMORY = ESTIMATES + "test_what_is_remembered_leaves_the_estimate_right_on_the_average"
SHRINKS = ESTIMATES + "test_given_perturbations_shrink_as_the_power_says"
MIDDLE = ESTIMATES + "test_the_value_that_is_told_is_that_of_the_iterate_but_for_noise"

MUTANTS = (
    Mutant(
        "Analytic",
        BASE,
        "if f is None:\n            return (yield V",
        "if f is not None:\n            return (yield V",
        ASKED,
    ),
    Mutant(
        "Analytic",
        BASE,
        "return f, (yield Gradient(x))",
        "return f, -(yield Gradient(x))",
        PASSED,
    ),
    Mutant("Forward", FILE, "changes[0] / steps[0]", "-changes[0] / steps[0]", ACCURATE),
    Mutant("Forward", FILE, "forth, back = x + h, x - h", "forth, back = x - h, x + h", ABSOLUTE),
    Mutant(
        "Forward", FILE, "power: ClassVar[float] = 1 / 2", "power: ClassVar[float] = 1 / 3", TAKEN
    ),
    Mutant(
        "Forward", STEPS, "8.0**0.25 * np.sqrt(noise / rise)", "8.0**0.25 * (noise / rise)", BALANCE
    ),
    Mutant("Forward", STEPS, "8.0**0.25 * np.sqrt(", "8.0**0.5 * np.sqrt(", BALANCE),
    Mutant("Central", FILE, "near * (two / one) - far", "near * (two / one) + far", ACCURATE),
    Mutant("Central", FILE, "/ (two - one)", "/ (one - two)", ACCURATE),
    Mutant("Central", FILE, "x + 2 * side)", "x + 2 * one)", BOUND),
    Mutant(
        "Central", FILE, "power: ClassVar[float] = 1 / 3", "power: ClassVar[float] = 1 / 2", TAKEN
    ),
    Mutant(
        "Central", STEPS, "np.cbrt(24.0 * noise / third)", "np.cbrt(third / (24.0 * noise))", THIRD
    ),
    Mutant("Central", STEPS, "- 3.0 * (near - minus_near)", "+ 3.0 * (near - minus_near)", THIRD),
    Mutant(
        "ComplexStep",
        COMPLEX,
        "values.imag.astype(float) / h",
        "values.real.astype(float) / h",
        EXACT,
    ),
    Mutant("ComplexStep", COMPLEX, "to.imag = h", "to.imag = 2.0 * h", EXACT),
    Mutant("SPSA", ESTIMATOR, "np.divide(1.0, width, out", "np.divide(2.0, width, out", RIGHT),
    Mutant("SPSA", ESTIMATOR, "(x + c * signs)", "(x - c * signs)", RIGHT),
    Mutant(
        "SPSA",
        ESTIMATOR,
        "share * self._mean + ((change - share * expected)",
        "share * self._mean + ((change - expected)",
        MEMORY,
    ),
    Mutant("SPSA", ESTIMATOR, "** -self._how.gamma", "** self._how.gamma", SHRINKS),
    Mutant(
        "SPSA",
        ESTIMATOR,
        "middle - 0.5 * self.total * scale**2",
        "middle + 0.5 * self.total * scale**2",
        MIDDLE,
    ),
)
