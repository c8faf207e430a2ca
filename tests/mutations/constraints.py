"""Mutants of the constraints."""

from __future__ import annotations

from .mutant import Mutant

BOX, SETS, NETS = "proximal/box.py", "proximal/sets.py", "proximal/penalties.py"
PLANE, KNAPSACK, GROUPS = "proximal/hyperplane.py", "proximal/knapsack.py", "proximal/groups.py"

HERE = "test_proximal.py::"
PROX = HERE + "test_prox_satisfies_the_three_point_inequality"
INSIDE = HERE + "test_points_in_a_box_are_in_it_to_the_last_bit"
MOVED = HERE + "test_a_ball_around_another_centre_is_a_ball_moved"
BALL = HERE + "test_points_in_a_ball_are_in_it"
SIMPLEX = HERE + "test_points_of_a_simplex_are_nonnegative_and_sum_up"
WAY = HERE + "test_the_step_is_the_way_to_the_proximal_operator"
WRITTEN = HERE + "test_penalty_has_its_written_value"
OPTIMAL = HERE + "test_optimality_vanishes_where_the_gradient_holds_the_point"
ZERO = HERE + "test_l1_makes_small_entries_exactly_and_positively_zero"
FACE = "test_faces.py::test_on_the_face_the_penalty_is_smooth_with_that_gradient_and_curvature"
ON_FACE = "test_faces.py::test_points_of_the_face_are_allowed"
MULTIPLIER = "test_hyperplane.py::test_a_multiplier_explains_the_proximal_operator"
REPAIRED = "test_hyperplane.py::test_points_between_two_allowed_ones_are_repaired"
STATIONARY = "test_group_lasso.py::test_result_is_stationary_in_every_group"
RATES = "test_group_lasso.py::test_result_is_stationary_for_rates_of_every_size"

MUTANTS = (
    Mutant("Box", BOX, "inside = np.maximum(x, lower)", "inside = np.maximum(x, -lower)", INSIDE),
    Mutant("Box", BOX, "np.minimum(inside, upper", "np.maximum(inside, upper", INSIDE),
    Mutant("Box", BOX, "np.minimum(upper - x, most)", "np.minimum(upper + x, most)", WAY),
    Mutant("Box", BOX, "np.minimum(face.upper, upper)", "np.maximum(face.upper, upper)", ON_FACE),
    Mutant("Ball", SETS, "offset = z - self.center", "offset = z + self.center", MOVED),
    Mutant("Ball", SETS, "self.center + offset * (unit", "self.center - offset * (unit", PROX),
    Mutant("Ball", SETS, "scale = 1.0 + t * mu", "scale = 1.0 + mu", PROX),
    Mutant("Ball", SETS, "np.minimum(1.0, radius / _length(offset))", "radius", BALL),
    Mutant(
        "Simplex",
        SETS,
        "(np.cumsum(zs, -1) - self.total)",
        "(np.cumsum(zs, -1) - 0.5 * self.total)",
        PROX,
    ),
    Mutant(
        "Simplex",
        SETS,
        "(zs > ts * tau).sum(-1, keepdims=True) - 1",
        "(zs > ts * tau).sum(-1, keepdims=True) - 2",
        PROX,
    ),
    Mutant("Simplex", SETS, "np.maximum(z - t * np.take", "np.maximum(z - np.take", PROX),
    Mutant(
        "Simplex",
        SETS,
        "self.total / x.sum(-1, keepdims=True)\n        return",
        "1.0 / x.sum(-1, keepdims=True)\n        return",
        SIMPLEX,
    ),
    Mutant(
        "L1",
        NETS,
        "l1_ratio: float = field(default=1.0,",
        "l1_ratio: float = field(default=0.5,",
        ZERO,
    ),
    Mutant("L1", NETS, "np.copysign(shrunk, z) + 0.0", "np.copysign(shrunk, z)", ZERO),
    Mutant("L1", NETS, "slope + strength * np.sign(x))", "slope - strength * np.sign(x))", FACE),
    Mutant(
        "ElasticNet", NETS, "np.abs(z) - strength * self.l1_ratio", "np.abs(z) - strength", PROX
    ),
    Mutant("ElasticNet", NETS, "shrunk /= 1.0 + strength *", "shrunk *= 1.0 + strength *", PROX),
    Mutant("ElasticNet", NETS, "- damp * x) /", "+ damp * x) /", WAY),
    Mutant(
        "ElasticNet",
        NETS,
        "(0.5 * (1.0 - self.l1_ratio)) * x",
        "(1.0 - self.l1_ratio) * x",
        WRITTEN,
    ),
    Mutant(
        "Within",
        NETS,
        "self.bounds.project(self.penalty.prox(z, t))",
        "self.penalty.prox(self.bounds.project(z), t)",
        PROX,
    ),
    Mutant(
        "Within",
        NETS,
        "self.bounds.step(x, self.penalty.step(x, p, t), t)",
        "self.penalty.step(x, self.bounds.step(x, p, t), t)",
        WAY,
    ),
    Mutant("Within", NETS, "self.bounds.narrowed(face, x)", "face", ON_FACE),
    Mutant("Hyperplane", KNAPSACK, "p - pace * multiplier", "p - multiplier", MULTIPLIER),
    Mutant("Hyperplane", KNAPSACK, "- ridge * self.x) / damp", "+ ridge * self.x) / damp", WAY),
    Mutant("Hyperplane", KNAPSACK, "multiplier + over / slope", "multiplier - over / slope", PROX),
    Mutant("Hyperplane", KNAPSACK, "x - over / share * pull", "x + over / share * pull", REPAIRED),
    Mutant(
        "Hyperplane",
        PLANE,
        "self._moved(x, p, t, 0.0, self.penalty)",
        "self._moved(x, p, t, 0.1, self.penalty)",
        WAY,
    ),
    Mutant(
        "GroupLasso",
        GROUPS,
        "np.where(shrink < length, shrink / length,",
        "np.where(shrink < length, shrink * length,",
        STATIONARY,
    ),
    Mutant("GroupLasso", GROUPS, "shrink / (length + shrink)", "shrink / length", STATIONARY),
    Mutant(
        "GroupLasso",
        GROUPS,
        "(1.0 - share) * p - share * x",
        "(1.0 - share) * p + share * x",
        "test_group_lasso.py::test_step_is_the_way_to_the_proximal_operator",
    ),
    Mutant(
        "GroupLasso",
        GROUPS,
        "np.repeat(quantity, self._sizes, axis=-1)",
        "np.repeat(quantity, self._sizes, axis=-1)[..., ::-1]",
        STATIONARY,
    ),
    Mutant(
        "GroupLasso",
        GROUPS,
        "self._spread(r) + shrink, self",
        "self._spread(r) - shrink, self",
        RATES,
    ),
)
