"""Mutants of the directions."""

from __future__ import annotations

from .mutant import Mutant

MOMENTUM, OWN, SIGNS = "directions/momentum.py", "directions/own_rates.py", "directions/signs.py"
SCALED, METRIC = "directions/scaled.py", "directions/metric.py"

HERE = "test_directions.py::"
STEEPEST = HERE + "test_steepest_steps_down_the_gradient"
BALL = HERE + "test_heavy_ball_is_polyaks"
WINDOW = HERE + "test_window_sums_up_the_last_decayed_gradient_steps"
CURRENT = HERE + "test_window_may_count_the_current_step_among_its_own"
DEEP = HERE + "test_counting_the_current_step_without_window_is_the_nesterov_of_deep_learning"
STATE = "test_directions_state.py::"
LONG = STATE + "test_a_long_vector_takes_the_path_of_its_parts"
SHORT = STATE + "test_a_step_cut_short_is_charged_to_the_current_gradient"
AHEAD = HERE + "test_nesterov_is_the_accelerated_gradient"
STEADY = HERE + "test_nesterov_with_a_constant_momentum"
ANEW = HERE + "test_nesterov_starts_anew_when_the_last_step_points_uphill"
SEARCH = HERE + "test_a_search_shortens_nesterovs_gradient_step_together_with_the_rest"
ADVICE = STATE + "test_at_the_advised_rate_a_steady_gradient_adds_up_to_no_more_than_is_stable"
RESTART = STATE + "test_after_a_restart_the_step_is_that_of_the_gradient_alone"
ADAGRAD, RMSPROP = HERE + "test_adagrad", HERE + "test_rmsprop"
ADAM, NADAM = HERE + "test_adam", HERE + "test_nadam"
UNITS = HERE + "test_without_epsilon_the_scale_of_the_function_does_not_matter"
STILL = HERE + "test_a_variable_without_gradient_stays_where_it_is"
RPROP = HERE + "test_rprop_is_irprop_minus"
HELD = STATE + "test_a_step_that_a_bound_holds_does_not_grow"
SCALES = STATE + "test_scaled_divides_by_the_curvatures_as_stably_as_possible"
NEWTON = "test_preconditioned.py::test_a_quadratic_takes_one_iteration_in_the_metric_of_its_hessian"
KEPT = "test_preconditioned.py::test_a_metric_in_which_the_rate_is_about_one_is_kept"

MUTANTS = (
    Mutant("Steepest", MOMENTUM, "scale(g, -t, p)", "scale(g, t, p)", STEEPEST),
    Mutant("Steepest", MOMENTUM, "scale(g, -t, p)", "scale(g, -2.0 * t, p)", STEEPEST),
    Mutant(
        "HeavyBall",
        MOMENTUM,
        "p -= np.multiply(g, state.factor, state.term)",
        "p += np.multiply(g, state.factor, state.term)",
        BALL,
    ),
    Mutant(
        "HeavyBall",
        MOMENTUM,
        "np.multiply(state.v, state.beta, state.out(g))",
        "np.multiply(state.v, state.beta * state.beta, state.out(g))",
        BALL,
    ),
    Mutant(
        "HeavyBall",
        MOMENTUM,
        "piece -= np.multiply(g[part]",
        "piece += np.multiply(g[part]",
        LONG,
    ),
    Mutant(
        "HeavyBall",
        MOMENTUM,
        "np.multiply(state.v[part], state.beta, p[part])",
        "np.multiply(state.v[part], 1.0, p[part])",
        LONG,
    ),
    Mutant(
        "HeavyBall",
        MOMENTUM,
        "self.momentum ** (age + self.count_current)",
        "self.momentum ** (age - 1 + self.count_current)",
        WINDOW,
    ),
    Mutant(
        "HeavyBall",
        MOMENTUM,
        "[: self.window - self.count_current]",
        "[: self.window]",
        CURRENT,
    ),
    Mutant("HeavyBall", MOMENTUM, "return 1.0 + self.momentum if", "return 1.0 if", DEEP),
    Mutant("HeavyBall", MOMENTUM, "own += (step - p) / self._gain", "own += step - p", SHORT),
    Mutant("HeavyBall", MOMENTUM, "(1.0 - self.momentum) / (", "1.0 / (", ADVICE),
    Mutant(
        "HeavyBall",
        MOMENTUM,
        "state.past = [choose(where, np.zeros_like(step), step) for step in state.past]",
        "state.past = [choose(where, step, step) for step in state.past]",
        RESTART,
    ),
    Mutant("Nesterov", MOMENTUM, "root(1.0 + 4.0 *", "root(1.0 + 2.0 *", AHEAD),
    Mutant(
        "Nesterov", MOMENTUM, "(state.theta - 1.0) / following", "state.theta / following", AHEAD
    ),
    Mutant(
        "Nesterov", MOMENTUM, "scale(g, (1.0 + state.beta) * t, term)", "scale(g, t, term)", STEADY
    ),
    Mutant(
        "Nesterov",
        MOMENTUM,
        "np.add(state.v, state.h, p)",
        "np.subtract(state.v, state.h, p)",
        STEADY,
    ),
    Mutant("Nesterov", MOMENTUM, "dot(g, state.v) > 0.0", "dot(g, state.v) < 0.0", ANEW),
    Mutant("Nesterov", MOMENTUM, "scale(g, t * s, state.h)", "scale(g, t, state.h)", SEARCH),
    Mutant(
        "Nesterov",
        MOMENTUM,
        "return (1.0 - momentum) / float(",
        "return (1.0 + momentum) / float(",
        ADVICE,
    ),
    Mutant(
        "AdaGrad",
        OWN,
        "self._accumulate(state, g, 1.0, 1.0)",
        "self._accumulate(state, g, 0.9, 1.0)",
        ADAGRAD,
    ),
    Mutant(
        "AdaGrad",
        OWN,
        "self._accumulate(state, g, 1.0, 1.0)\n        self._divide_by(state, g, np.sqrt(",
        "self._accumulate(state, g, 1.0, 1.0)\n        self._divide_by(state, g, np.cbrt(",
        ADAGRAD,
    ),
    Mutant("AdaGrad", OWN, "1e-8 * largest(g)", "1e-8", UNITS),
    Mutant("AdaGrad", OWN, ", where=size > 0)", ", where=size >= 0)", STILL),
    Mutant(
        "RMSProp",
        OWN,
        "self._accumulate(state, g, self.decay, 1.0 - self.decay)",
        "self._accumulate(state, g, self.decay, 1.0)",
        RMSPROP,
    ),
    Mutant(
        "RMSProp",
        OWN,
        "self._accumulate(state, g, self.decay, 1.0 - self.decay)",
        "self._accumulate(state, g, 1.0 - self.decay, self.decay)",
        RMSPROP,
    ),
    Mutant("RMSProp", OWN, "size += state.epsilon", "size -= state.epsilon", RMSPROP),
    Mutant("Adam", OWN, "1.0 - self.beta1**state.count, mean", "1.0, mean", ADAM),
    Mutant(
        "Adam",
        OWN,
        "1.0 - self.beta2**state.count, size",
        "1.0 - self.beta1**state.count, size",
        ADAM,
    ),
    Mutant(
        "Adam",
        OWN,
        "np.multiply(g, 1.0 - self.beta1, term)",
        "np.multiply(g, self.beta1, term)",
        ADAM,
    ),
    Mutant("Adam", OWN, "(1.0 - self.beta1**state.count) * g", "g", RESTART),
    Mutant("NAdam", OWN, "beta / (1.0 - beta ** (k + 1))", "beta / (1.0 - beta**k)", NADAM),
    Mutant("NAdam", OWN, "(1.0 - beta) / (1.0 - beta**k)", "1.0 / (1.0 - beta**k)", NADAM),
    Mutant("Rprop", SIGNS, "self.decrease * state.size", "self.increase * state.size", RPROP),
    Mutant("Rprop", SIGNS, "np.minimum(size, self.largest)", "size", RPROP),
    Mutant("Rprop", SIGNS, "np.where(product < 0, np.zeros_like(sign), sign)", "sign", RPROP),
    Mutant("Rprop", SIGNS, "(step == 0) & (p != 0)", "(step == 0) & (p == 0)", HELD),
    Mutant("Scaled", SCALED, "-t * state.inverse, p", "-t / state.inverse, p", SCALES),
    Mutant("Scaled", SCALED, "1.0 / (curvature.size * curvature)", "1.0 / curvature", SCALES),
    Mutant("Preconditioned", METRIC, "p *= -t", "p *= t", NEWTON),
    Mutant("Preconditioned", METRIC, "1.0 / self.stale <= t", "self.stale <= t", KEPT),
    Mutant(
        "Preconditioned",
        METRIC,
        "1 + state.asked // self.renewals",
        "1",
        "test_preconditioned.py::test_renewals_become_rarer",
    ),
    Mutant(
        "Preconditioned",
        METRIC,
        "metric.damped(1.0 / t), 1.0",
        "metric.damped(t), 1.0",
        "test_preconditioned.py::test_a_damping_shortens_the_step_in_the_metric",
    ),
)
