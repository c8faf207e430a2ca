"""Mutants of the learning rates that look at the function."""

from __future__ import annotations

from .mutant import Mutant

ARMIJO, ADAPTIVE = "learning_rates/armijo.py", "learning_rates/adaptive.py"
SPECTRAL, POLYAK = "learning_rates/spectral.py", "learning_rates/polyak.py"
GAINS = "learning_rates/gains.py"

HERE = "test_learning_rates.py::"
MEMORY = "test_learning_rates_memory.py::"
JUDGED = MEMORY + "test_a_trial_is_judged_by_the_largest_of_the_last_values_and_the_slope"
PARABOLA = MEMORY + "test_a_trial_that_fails_is_followed_by_the_minimum_of_the_parabola"
GROWS = MEMORY + "test_only_a_rate_that_was_accepted_at_once_grows"
CURVED = MEMORY + "test_lipschitz_is_the_inverse_of_the_largest_curvature_seen_lately"
LIMIT = MEMORY + "test_lipschitz_grows_by_no_more_than_it_may"
BB = HERE + "test_barzilai_borwein"
SHORTEST = MEMORY + "test_spectral_takes_the_smallest_of_the_last_short_rates_where_both_differ"
RITZ = (
    MEMORY + "test_ritz_sweeps_through_the_inverse_eigenvalues_on_the_space_of_the_last_gradients"
)
YEARS = HERE + "test_malitsky_mishchenko"
KNOWN = HERE + "test_polyak_with_the_known_minimum"
LEVEL = MEMORY + "test_polyak_without_the_minimum_aims_at_a_level_that_follows_the_progress"
SPALL = MEMORY + "test_gains_have_spalls_form_and_begin_at_the_share_of_the_natural_rate"
BLOCKS = MEMORY + "test_gains_that_block_undo_a_step_that_rises_above_the_noise"

MUTANTS = (
    Mutant("Armijo", ARMIJO, "reference + self.c1 *", "reference - self.c1 *", JUDGED),
    Mutant("Armijo", ARMIJO, "self.c1 * trial.s * trial.slope", "self.c1 * trial.slope", JUDGED),
    Mutant("Armijo", ARMIJO, "reference = highest(state.values)", "reference = trial.f", JUDGED),
    Mutant("Armijo", ARMIJO, "ratio(-0.5 * s * drop", "ratio(-s * drop", PARABOLA),
    Mutant("Armijo", ARMIJO, "0.1 * s), 0.5 * s)", "0.1 * s), 0.9 * s)", PARABOLA),
    Mutant(
        "Armijo", ARMIJO, "trial.s == 1.0, self.grow, 1.0", "trial.s < 1.0, self.grow, 1.0", GROWS
    ),
    Mutant(
        "Lipschitz",
        ARMIJO,
        "most = highest(state.curvatures)",
        "most = state.curvatures[-1]",
        CURVED,
    ),
    Mutant(
        "Lipschitz",
        ARMIJO,
        "ratio(norm(g_new - g), norm(trial.d) * trial.s,",
        "ratio(norm(g_new - g), norm(trial.d),",
        CURVED,
    ),
    Mutant("Lipschitz", ARMIJO, "== self.span", "== self.memory", CURVED),
    Mutant("Lipschitz", ARMIJO, "longest = self.grow * trial.t", "longest = trial.t", LIMIT),
    Mutant("Spectral", SPECTRAL, "long = ratio(ss, sy", "long = ratio(sy, ss", BB),
    Mutant("Spectral", SPECTRAL, "ratio(sy, yy, further)", "ratio(ss, sy, further)", BB),
    Mutant("Spectral", SPECTRAL, "* trial.s * trial.s", "* trial.s", BB),
    Mutant("Spectral", SPECTRAL, "state.short[-4:]", "state.short[-1:]", SHORTEST),
    Mutant("Spectral", SPECTRAL, "short < 0.8 * long", "short < 0.2 * long", SHORTEST),
    Mutant("Ritz", SPECTRAL, "(gram - following * change)", "(gram + following * change)", RITZ),
    Mutant(
        "Ritz",
        SPECTRAL,
        "following = products[..., :-1, :-1], products[..., :-1, 1:]",
        "following = products[..., :-1, :-1], products[..., :-1, :-1]",
        RITZ,
    ),
    Mutant("Ritz", SPECTRAL, "rates = np.sort(", "rates = -np.sort(-", RITZ),
    Mutant(
        "Ritz",
        SPECTRAL,
        "(unit[..., 1:] / unit[..., :-1])",
        "(unit[..., :-1] / unit[..., 1:])",
        RITZ,
    ),
    Mutant("Ritz", SPECTRAL, "trial.f_trial <= trial.f)", "trial.f_trial > trial.f)", RITZ),
    Mutant("Adaptive", ADAPTIVE, "1.0 if self.year == 2020 else 2.0 / 3.0", "1.0", YEARS),
    Mutant("Adaptive", ADAPTIVE, "ratio(t, bound, t) - 1.0", "ratio(t, bound, t) - 0.5", YEARS),
    Mutant(
        "Adaptive", ADAPTIVE, "root(more + state.growth) * t", "(more + state.growth) * t", YEARS
    ),
    Mutant("Adaptive", ADAPTIVE, "self.share * ratio(length", "ratio(length", YEARS),
    Mutant("Adaptive", ADAPTIVE, "0.5 if self.year == 2020", "1.0 if self.year == 2020", YEARS),
    Mutant("Polyak", POLYAK, "greater(f - target, 0.0)", "greater(f + target, 0.0)", KNOWN),
    Mutant("Polyak", POLYAK, "self.factor * ratio(greater", "ratio(greater", KNOWN),
    Mutant("Polyak", POLYAK, "state.best - state.gap", "state.best + state.gap", LEVEL),
    Mutant("Polyak", POLYAK, "1.5 * state.gap", "1.2 * state.gap", LEVEL),
    Mutant("Polyak", POLYAK, "first_rate(x, unit) * dot(g, g)", "first_rate(x, unit)", LEVEL),
    Mutant("Gains", GAINS, "(first / (first + k)) **", "((first + k) / first) **", SPALL),
    Mutant("Gains", GAINS, "first = state.stability + 1.0", "first = state.stability", SPALL),
    Mutant("Gains", GAINS, "self.share * natural", "natural", SPALL),
    Mutant("Gains", GAINS, "trial.f + trial.noise", "trial.f - trial.noise", BLOCKS),
)
