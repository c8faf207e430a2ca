"""Mutants of the losses."""

from __future__ import annotations

from .mutant import Mutant

SQUARES, ABSOLUTE, ROBUST = "losses/squares.py", "losses/absolute.py", "losses/robust.py"
DEVIANCES, MARGINS = "losses/deviances.py", "losses/margins.py"
MULTINOMIAL, KINKS = "losses/multinomial.py", "losses/kinks.py"

HERE = "test_losses.py::"
WRITTEN = HERE + "test_written_formula_is_the_loss"
SLOPE = HERE + "test_derivative_lies_between_the_slopes_on_both_sides"
BENT = HERE + "test_curvature_lies_between_the_slopes_of_the_derivative"
PAIR = HERE + "test_value_and_derivative_is_the_pair_of_both"
BLURRED = HERE + "test_smoothed_loss_is_below_by_no_more_than_a_multiple_of_the_width"
CONSTANT = "test_losses_constants.py::test_constant_is_the_best_constant_prediction"
METRIC = "test_losses_agreement.py::test_log_losses_are_the_metric"
BINARY = "test_losses_agreement.py::test_multinomial_of_two_classes_is_the_log_loss"

MUTANTS = (
    Mutant(
        "squared_error", SQUARES, "value *= value\n        value *= 0.5", "value *= value", WRITTEN
    ),
    Mutant("squared_error", SQUARES, "return p - y", "return y - p", WRITTEN),
    Mutant(
        "squared_error",
        SQUARES,
        "value = error * error\n        value *= 0.5",
        "value = error * error",
        PAIR,
    ),
    Mutant("expectile", SQUARES, "1 - 2 * self.expectile", "1 - self.expectile", WRITTEN),
    Mutant("expectile", SQUARES, "2 - 4 * self.expectile", "2 - 2 * self.expectile", WRITTEN),
    Mutant(
        "absolute_error",
        ABSOLUTE,
        "return sign(p - y, self.width)",
        "return sign(y - p, self.width)",
        WRITTEN,
    ),
    Mutant(
        "absolute_error",
        ABSOLUTE,
        "return peak(p - y, self.width)",
        "return peak(p + y, self.width)",
        BENT,
    ),
    Mutant("absolute_error", KINKS, "s * (-0.5 * width)", "s * (0.5 * width)", BLURRED),
    Mutant(
        "quantile",
        ABSOLUTE,
        "error *= 0.5 - self.quantile",
        "error *= self.quantile - 0.5",
        WRITTEN,
    ),
    Mutant("quantile", ABSOLUTE, "s += 0.5 - self.quantile", "s -= 0.5 - self.quantile", WRITTEN),
    Mutant(
        "quantile",
        ABSOLUTE,
        "quantile_of(y, weights, self.quantile)",
        "quantile_of(y, weights, 1.0 - self.quantile)",
        CONSTANT,
    ),
    Mutant(
        "epsilon_insensitive", ABSOLUTE, "above -= self.epsilon", "above += self.epsilon", WRITTEN
    ),
    Mutant("epsilon_insensitive", ABSOLUTE, "s -= t", "s += t", WRITTEN),
    Mutant("mape", ABSOLUTE, "value /= size", "value *= size", WRITTEN),
    Mutant("mape", ABSOLUTE, "prices = 1 / self._size", "prices = 1 * self._size", CONSTANT),
    Mutant("huber", ROBUST, "error -= 0.5 * clipped", "error -= clipped", WRITTEN),
    Mutant(
        "huber", ROBUST, "np.abs(p - y) <= self.epsilon", "np.abs(p - y) >= self.epsilon", WRITTEN
    ),
    Mutant("log_cosh", ROBUST, "value = size * -2", "value = size * -1", WRITTEN),
    Mutant(
        "log_cosh",
        ROBUST,
        "np.subtract(1, slope, out=slope)",
        "np.add(1, slope, out=slope)",
        WRITTEN,
    ),
    Mutant("poisson", DEVIANCES, "value -= y * p", "value += y * p", WRITTEN),
    Mutant("poisson", DEVIANCES, "derivative -= y", "derivative += y", WRITTEN),
    Mutant("gamma", DEVIANCES, "value += p", "value -= p", WRITTEN),
    Mutant("gamma", DEVIANCES, "ratio = -p", "ratio = +p", WRITTEN),
    Mutant("tweedie", DEVIANCES, "p * (2 - self.power)", "p * (1 - self.power) + p * 0.5", WRITTEN),
    Mutant("tweedie", DEVIANCES, "mean *= 2 - self.power", "mean *= 1 - self.power", WRITTEN),
    Mutant(
        "tweedie",
        DEVIANCES,
        "second = y * p if self.power == 1",
        "second = p if self.power == 1",
        SLOPE,
    ),
    Mutant("log_loss", MARGINS, "derivative -= margin < 0", "derivative -= margin > 0", WRITTEN),
    Mutant("log_loss", MARGINS, "decay /= half\n        decay /= half", "decay /= half", WRITTEN),
    Mutant(
        "log_loss",
        MARGINS,
        "max(1 - share, _SMALLEST_SHARE))\n",
        "max(1 + share, _SMALLEST_SHARE))\n",
        CONSTANT,
    ),
    Mutant("hinge", MARGINS, "s *= -0.5", "s *= 0.5", WRITTEN),
    Mutant("hinge", KINKS, "value += u\n    value *= 0.5", "value -= u\n    value *= 0.5", WRITTEN),
    Mutant(
        "squared_hinge",
        MARGINS,
        "value = short * short\n        short *= -2",
        "value = short * short\n        short *= 2",
        WRITTEN,
    ),
    Mutant("squared_hinge", MARGINS, "_shortfall(y, p) > 0", "_shortfall(y, p) < 0", WRITTEN),
    Mutant("modified_huber", MARGINS, "short -= clipped", "short += clipped", WRITTEN),
    Mutant(
        "modified_huber",
        MARGINS,
        "np.clip(short, 0, 2, out=short)",
        "np.clip(short, 0, 1, out=short)",
        WRITTEN,
    ),
    Mutant("modified_huber", MARGINS, "np.abs(y * p) < 1", "np.abs(y * p) > 1", WRITTEN),
    Mutant(
        "exponential",
        MARGINS,
        "return value, np.negative(derivative, out=derivative)",
        "return value, derivative",
        WRITTEN,
    ),
    Mutant(
        "exponential",
        MARGINS,
        "return _log_odds(y, weights) / 2",
        "return _log_odds(y, weights)",
        CONSTANT,
    ),
    Mutant("multinomial", MULTINOMIAL, "sums -= p.ravel()[own]", "sums += p.ravel()[own]", METRIC),
    Mutant(
        "multinomial",
        MULTINOMIAL,
        "derivative.ravel()[own] -= 1",
        "derivative.ravel()[own] += 1",
        BINARY,
    ),
    Mutant(
        "multinomial",
        MULTINOMIAL,
        "np.arange(0, p.size, p.shape[1])",
        "np.arange(0, p.size, p.shape[1])[::-1].copy()",
        METRIC,
    ),
)
