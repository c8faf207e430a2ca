"""The parts of `multistart`, each by itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from batches import together
from hypothesis import given
from hypothesis import strategies as st

from skgd.directions import Steepest
from skgd.jacobians import Analytic
from skgd.learning_rates import Spectral
from skgd.limits import Limits
from skgd.many_minima.curvature import from_gradients, from_values
from skgd.many_minima.elite import Elite
from skgd.many_minima.explorer import Explorer
from skgd.many_minima.minima import chance_missed, distinct
from skgd.many_minima.promising import Promising
from skgd.many_minima.sequence import Sequence
from skgd.many_minima.share import Shares
from skgd.objective import Objective
from skgd.proximal import Box
from skgd.rules import Rules
from skgd.stopping import Reason, Stopping


@given(st.lists(st.integers(1, 200), min_size=1, max_size=6), st.integers(0, 100))
def test_points_of_a_sequence_do_not_depend_on_how_many_are_taken_at_a_time(parts, seed):
    low, high = np.array([-1.0, 5.0]), np.array([2.0, 5.0])

    def sequence():
        return Sequence(low, high, np.random.default_rng(seed))

    one = sequence()
    together = np.concatenate([one.take(m) for m in parts])
    np.testing.assert_array_equal(together, sequence().take(sum(parts)))
    assert ((low <= together) & (together <= high)).all()


def test_points_of_a_sequence_fill_the_box_evenly():
    points = Sequence(np.zeros(3), np.ones(3), np.random.default_rng(0)).take(256)
    corner = (points < 0.5).astype(int) @ [4, 2, 1]
    np.testing.assert_array_equal(np.bincount(corner), 32)


@given(st.integers(0, 1000), st.integers(1, 12), st.integers(1, 5))
def test_ends_near_the_same_minimum_are_one(seed, count, n):
    rng = np.random.default_rng(seed)
    lattice = rng.permutation(20**n if n < 3 else 8000)[:count]
    centres = np.stack(np.unravel_index(lattice, (20,) * n if n < 3 else (20,) * 3), axis=1)
    centres = np.pad(centres, ((0, 0), (0, n - centres.shape[1]))) * 0.05
    origin = rng.integers(0, count, 50)
    origin[:count] = np.arange(count)
    x = centres[origin] + 1e-4 * rng.uniform(-1, 1, (50, n))
    f = origin + 1e-6 * rng.random(50)
    best, label = distinct(x, f, np.ones(n))
    np.testing.assert_array_equal(label, origin)
    np.testing.assert_array_equal(
        best, [np.flatnonzero(origin == k)[f[origin == k].argmin()] for k in range(count)]
    )


def test_minima_across_the_border_of_a_cell_are_one():
    x = np.array([[0.0005 - 1e-9], [0.0005 + 1e-9], [0.5]])
    _, label = distinct(x, np.array([1.0, 2.0, 3.0]), np.ones(1))
    assert label.tolist() == [0, 0, 1]


@pytest.mark.parametrize(("w", "n"), [(1, 4), (3, 10), (5, 30), (12, 40)])
def test_the_chance_of_a_lower_minimum_is_the_mean_over_boenders_distribution(w, n):
    k = np.arange(w, 200_000)
    log = np.vectorize(math.lgamma)
    weight = log(k) + log(k + 1) - log(n + k) - log(k - w + 1)
    weight = np.exp(weight - weight.max())
    chance = (weight * (1 - w / k)).sum() / weight.sum()
    assert chance_missed(w, n) == pytest.approx(chance, rel=2e-2)


def test_the_chance_is_one_when_nothing_is_known():
    assert chance_missed(0, 0) == chance_missed(1, 1) == chance_missed(9, 5) == 1.0


@given(st.integers(0, 1000))
def test_the_elite_keeps_the_best_that_lie_apart(seed):
    rng = np.random.default_rng(seed)
    x, f = rng.random((40, 2)), rng.normal(size=40)
    f[::7] = np.inf
    elite = Elite(6, np.ones(2))
    elite.enter(x, f)
    assert elite.f[0] == f.min()
    assert (np.diff(elite.f) >= 0).all()
    assert np.isfinite(elite.f).all()
    assert len(elite) <= 6
    for a, b in zip(elite.x, elite.f, strict=True):
        assert f[(x == a).all(axis=1)].tolist() == [b]
    before = elite.f.copy()
    won = elite.compete(elite.x + 0.01, np.where(np.arange(len(before)) == 2, -9.0, np.inf))
    assert won.tolist() == [2]
    assert elite.f[0] == -9.0


def test_a_move_that_succeeds_gets_more():
    shares = Shares(3)
    turns = []
    for _ in range(300):
        turns.append(shares.turn())
        shares.book(turns[-1], 50, turns[-1] == 1)
    counts = np.bincount(turns, minlength=3)
    assert counts.min() > 30
    assert counts[1] > 1.5 * max(counts[0], counts[2])


@given(st.integers(0, 1000), st.integers(1, 6))
def test_curvature_by_differences_is_that_of_a_quadratic(seed, n):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(n, n)) + 2 * np.eye(n)
    matrix = root @ root.T
    low, high = np.full(n, -2.0), np.full(n, 2.0)
    # In a corner the stencil has to move inward.
    x = np.where(rng.random(n) < 0.5, low, rng.uniform(-2, 2, n))

    def values(points):
        assert ((low <= points) & (points <= high)).all()
        return 0.5 * np.vecdot(points @ matrix, points)

    def gradients(points):
        values(points)
        return points @ matrix

    step = rng.normal(size=n)
    for metric in (from_values(x, low, high, values), from_gradients(x, low, high, gradients)):
        np.testing.assert_allclose(
            metric.product(step), matrix @ step, rtol=1e-3, atol=1e-3 * np.abs(matrix).max()
        )


def test_curvature_is_made_positive_and_skips_fixed_variables():
    low, high = np.array([-1.0, 0.5, -1.0]), np.array([1.0, 0.5, 1.0])
    metric = from_values(np.full(3, 0.5), low, high, lambda x: x[:, 0] ** 2 - 3 * x[:, 2] ** 2)
    np.testing.assert_allclose(metric.product(np.ones(3)), [2.0, 0.0, 6.0], atol=1e-4)
    assert from_values(np.zeros(3), low, high, lambda x: np.zeros(len(x))) is None
    assert from_values(np.zeros(3), low, high, lambda x: np.full(len(x), np.nan)) is None


def valleys(x):
    """A steep bowl with its minimum -1 at 1, and a plain that falls very slowly, below zero."""
    return np.where(x[0] > 0, 50 * (x[0] - 1) ** 2 - 1, 1e-3 * x[0])


def valleys_der(x):
    return np.where(x > 0, 100 * (x - 1), 1e-3)


def test_descents_without_hope_end_early():
    x = np.array([[0.5], [-0.5]])
    rules = Rules(
        Analytic(),
        Steepest(),
        Spectral(initial=0.005),
        Box([-1e3], [1e3]),
        Promising(bar=-1.0, maxiter=100),
    )
    objective = Objective(valleys, valleys_der, (), x, True, Limits())
    explorer = Explorer(objective, rules)
    ends = explorer.descend(x)
    assert ends.at_rest.tolist() == [True, False]
    assert ends.f[0] == pytest.approx(-1.0)
    assert explorer.nit < 20


def test_a_row_that_finds_no_point_after_others_have_left_ends_alone():
    class Cliff:
        """Known at the starts alone: one is a minimum, the other has nowhere to go."""

        def value(self, x):
            return {0.0: 0.0, 1.0: 1.0}.get(float(x[0]), np.nan)

        def gradient(self, x):
            return x.copy()

    rules = Rules(Analytic(), Steepest(), Spectral(), None, Stopping())
    ends = together(np.array([[0.0], [1.0]]), rules, Cliff())
    assert [end.reason for end in ends] == [Reason.GTOL, Reason.NONFINITE]
