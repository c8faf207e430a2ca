"""Mutants of the recipes of the named methods."""

from __future__ import annotations

from .mutant import Mutant

FILE = "methods.py"

RATES = "test_convergence.py::"
CONTRACTS = RATES + "test_gradient_descent_contracts_a_quadratic_at_its_rate"
NEVER_CLIMBS = RATES + "test_plain_gradient_descent_never_climbs"
FEW = RATES + "test_the_articles_quadratic_takes_few_iterations_by_default"
SWEEPS = RATES + "test_a_few_eigenvalues_cost_the_spectral_method_a_few_sweeps"
FACTOR = "test_invariance.py::test_a_factor_of_the_function_changes_no_iterate"
UNIT = "test_invariance.py::test_a_common_unit_of_the_variables_changes_no_iterate"
CONVERGES = RATES + "test_every_method_converges_on_well_conditioned_quadratics"
TURNS = "test_invariance.py::test_a_rotation_turns_the_path"
FORMULA = "test_directions.py::test_"
SCALED = "test_spsa.py::test_badly_scaled_variables_are_no_problem"


def recipe(name: str, before: str, after: str, test: str) -> Mutant:
    """Return a mutant of one method."""
    heading = f"{name} = Method(\n    "
    return Mutant(name, FILE, heading + before, heading + after, test)


MUTANTS = (
    recipe("gd", "Steepest()", "HeavyBall()", CONTRACTS),
    Mutant("gd", FILE, '"short", memory=1)', '"short", memory=10)', NEVER_CLIMBS),
    recipe("gd_momentum", "HeavyBall()", "Nesterov()", FORMULA + "heavy_ball_is_polyaks"),
    recipe("gd_momentum", "HeavyBall(),\n    Lipschitz()", "HeavyBall(),\n    1e-3", FEW),
    recipe(
        "gd_nesterov",
        "Nesterov()",
        "Nesterov(0.0)",
        FORMULA + "nesterov_is_the_accelerated_gradient",
    ),
    recipe(
        "gd_nesterov",
        "Nesterov(),\n    Lipschitz(memory=20, grow=1e3)",
        "Nesterov(),\n    1e-3",
        FEW,
    ),
    recipe("gd_adagrad", "AdaGrad(", "RMSProp(", FORMULA + "adagrad"),
    recipe("gd_adagrad", "AdaGrad(epsilon=None)", "AdaGrad()", FACTOR),
    recipe("gd_rmsprop", "RMSProp(epsilon=None)", "RMSProp()", FACTOR),
    recipe(
        "gd_rmsprop",
        "RMSProp(epsilon=None),\n    Armijo(memory=10, grow=1.5)",
        "RMSProp(epsilon=None),\n    1e-9",
        CONVERGES + "[gd_rmsprop]",
    ),
    recipe("gd_adam", "Adam(", "NAdam(", FORMULA + "adam"),
    recipe("gd_adam", "Adam(epsilon=None)", "Adam()", FACTOR),
    recipe("gd_nadam", "NAdam(", "Adam(", FORMULA + "nadam"),
    recipe("gd_nadam", "NAdam(epsilon=None)", "NAdam()", FACTOR),
    recipe("gd_rprop", "Rprop()", "Rprop(decrease=0.99999)", CONVERGES + "[gd_rprop]"),
    recipe("gd_rprop", "Rprop(),\n    Proportional()", "Rprop(),\n    0.1", UNIT),
    recipe("gd_adaptive", "Steepest()", "Adam(epsilon=None)", TURNS),
    Mutant("gd_adaptive", FILE, "share=1.0)", "share=0.01)", FEW),
    recipe("gd_spectral", "Steepest(),\n    Ritz()", "Steepest(),\n    Armijo()", SWEEPS),
    recipe("gd_spectral", "Steepest()", "HeavyBall()", SWEEPS),
    recipe("gd_spsa", "Scaled()", "Steepest()", SCALED),
    recipe("gd_spsa", "Scaled(),\n    Gains()", "Scaled(),\n    Gains(share=1e-6)", SCALED),
)
