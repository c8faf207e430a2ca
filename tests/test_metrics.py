"""Metrics: every operation is that of one matrix, on all coordinates or on some."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skgd.metrics import CholeskyMetric


class Case:
    """A metric of one or two blocks on some of n coordinates, and its matrix."""

    def __init__(self, seed, sizes, n, dtype=float):
        rng = np.random.default_rng(seed)
        places = rng.permutation(n)[: sum(sizes)]
        self.n, self.rng = n, rng
        self.positions = np.split(places, np.cumsum(sizes)[:-1])
        self.matrix = np.zeros((n, n), dtype)
        for position in self.positions:
            roots = rng.normal(size=(2 * len(position), len(position)))
            roots *= 10.0 ** rng.uniform(-4, 4, len(position))
            self.matrix[np.ix_(position, position)] = roots.T @ roots
        blocks = [self.matrix[np.ix_(position, position)] for position in self.positions]
        self.known = np.isin(np.arange(n), places)
        self.metric = CholeskyMetric(blocks, self.positions, n)

    def vector(self, where=True):
        return np.where(where, self.rng.normal(size=self.n), 0.0).astype(self.matrix.dtype)

    def inverse(self, free):
        """Return the inverse of the matrix of the free coordinates, zero elsewhere."""
        inverse = np.zeros_like(self.matrix)
        part = self.matrix[np.ix_(free, free)]
        scale = 1 / np.sqrt(np.diagonal(part))
        scaled = np.linalg.inv(part * scale * scale[:, None])
        inverse[np.ix_(free, free)] = scaled * scale * scale[:, None]
        return inverse


cases = st.builds(
    lambda seed, sizes, others: Case(seed, sizes, sum(sizes) + others),
    st.integers(0, 10_000),
    st.lists(st.integers(1, 4), min_size=1, max_size=2),
    st.integers(0, 3),
)


@given(case=cases)
def test_solve_is_the_inverse_of_the_product_on_the_known_coordinates(case):
    d = case.vector(case.known)
    np.testing.assert_allclose(case.metric.solve(case.metric.product(d)), d, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(case.metric.product(d), case.matrix @ d, rtol=1e-9)
    g = case.vector()
    expected = case.inverse(case.known) @ g
    np.testing.assert_allclose(case.metric.solve(g), expected, rtol=1e-6)


@given(case=cases)
def test_solutions_and_products_are_zero_on_other_coordinates(case):
    others = ~case.known
    assert (case.metric.known == case.known).all()
    for operation in (case.metric.solve, case.metric.whiten, case.metric.product):
        assert (operation(case.vector())[others] == 0).all()


@given(case=cases)
def test_whitened_length_is_the_dual_norm(case):
    g = case.vector()
    white = case.metric.whiten(g)
    dual = case.metric.dual(g)
    assert dual == pytest.approx(white @ white)
    assert dual == pytest.approx(g @ case.metric.solve(g), rel=1e-8)


@given(case=cases)
def test_square_is_the_length_of_a_step(case):
    d = case.vector(case.known)
    assert case.metric.square(d) == pytest.approx(d @ case.matrix @ d, rel=1e-9)
    step = case.metric.solve(case.metric.product(d))
    assert case.metric.dual(case.metric.product(d)) == pytest.approx(
        case.metric.square(step), rel=1e-6
    )


@given(case=cases)
def test_no_step_beats_the_solution(case):
    g = case.vector(case.known)
    p = case.metric.solve(g)

    def model(step):
        return case.metric.square(step) / 2 - g @ step

    lowest = model(p)
    assert lowest == pytest.approx(-case.metric.dual(g) / 2, rel=1e-7)
    for _ in range(3):
        other = p + 0.1 * np.abs(p).max() * case.vector(case.known)
        assert model(other) >= lowest - 1e-9 * abs(lowest)


@given(case=cases, seed=st.integers(0, 99))
def test_metric_on_some_coordinates_is_a_part_of_the_matrix(case, seed):
    free = case.known & (np.random.default_rng(seed).uniform(size=case.n) < 0.6)
    part = case.metric.on(free)
    g = case.vector()
    np.testing.assert_allclose(part.solve(g), case.inverse(free) @ g, rtol=1e-6)
    d = case.vector(free)
    np.testing.assert_allclose(part.product(d), np.where(free, case.matrix @ d, 0.0), rtol=1e-9)
    assert (part.known == free).all()
    assert part.square(d) == pytest.approx(case.metric.square(d), rel=1e-9)


@given(case=cases)
def test_metric_on_coordinates_that_it_does_not_know_is_none(case):
    assert case.metric.on(None) is case.metric
    assert case.metric.on(case.known) is case.metric
    for j in np.flatnonzero(~case.known):
        assert case.metric.on(np.arange(case.n) == j) is None


def test_metric_on_no_coordinate_does_nothing():
    case = Case(0, [3, 2], 6)
    part = case.metric.on(np.zeros(6, bool))
    g = case.vector()
    assert not part.solve(g).any()
    assert part.dual(g) == 0.0


def test_the_last_part_is_kept_and_not_confused_with_another():
    case = Case(1, [3, 2], 5)
    one, two = np.array([1, 1, 0, 0, 1], bool), np.array([0, 1, 1, 1, 0], bool)
    part = case.metric.on(one)
    assert case.metric.on(one.copy()) is part
    one[:] = two
    np.testing.assert_array_equal(case.metric.on(one).known, two)


@given(case=cases)
def test_compressed_metric_acts_on_the_known_coordinates_alone(case):
    small = case.metric.compressed()
    g, d = case.vector(), case.vector(case.known)
    known = case.known
    assert small.known.all()
    np.testing.assert_allclose(small.solve(g[known]), case.metric.solve(g)[known], rtol=1e-9)
    np.testing.assert_allclose(small.product(d[known]), case.metric.product(d)[known], rtol=1e-9)
    assert small.dual(g[known]) == pytest.approx(case.metric.dual(g), rel=1e-9)


@given(case=cases)
def test_vectors_and_blocks_are_not_written_to(case):
    g = case.vector()
    g.flags.writeable = False
    blocks = [case.matrix[np.ix_(position, position)] for position in case.positions]
    for block in blocks:
        block.flags.writeable = False
    metric = CholeskyMetric(blocks, case.positions, case.n)
    for operation in (metric.solve, metric.whiten, metric.product):
        assert not np.shares_memory(operation(g), g)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_type_of_numbers_is_kept(dtype):
    case = Case(2, [3, 2], 6, dtype)
    g = case.vector()
    for metric in (case.metric, case.metric.on(case.known & (np.arange(6) != 1))):
        for operation in (metric.solve, metric.whiten, metric.product):
            assert operation(g).dtype == dtype


@given(seed=st.integers(0, 10_000), rank=st.integers(1, 4), size=st.integers(2, 6))
def test_a_singular_matrix_solves_what_can_be_solved(seed, rank, size):
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(min(rank, size - 1), size))
    matrix = roots.T @ roots
    metric = CholeskyMetric([matrix], [np.arange(size)], size)
    g = matrix @ rng.normal(size=size)
    p = metric.solve(g)
    assert np.isfinite(p).all()
    np.testing.assert_allclose(matrix @ p, g, atol=1e-4 * np.abs(g).max())
    assert metric.dual(rng.normal(size=size)) > 0


def test_a_coordinate_without_curvature_takes_the_step_of_the_gradient():
    matrix = np.diag([4.0, 0.0, 9.0])
    metric = CholeskyMetric([matrix], [np.arange(3)], 3)
    np.testing.assert_allclose(metric.solve(np.array([4.0, 5.0, 9.0])), [1.0, 5.0, 1.0])
    zero = CholeskyMetric([np.zeros((2, 2))], [np.arange(2)], 2)
    np.testing.assert_allclose(zero.solve(np.array([3.0, -2.0])), [3.0, -2.0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_columns_share_a_step(dtype):
    column = np.arange(1.0, 9.0)
    X = np.stack([column, column, np.ones(8)], axis=1).astype(dtype)
    metric = CholeskyMetric([X.T @ X], [np.arange(3)], 3)
    g = X.T @ np.cos(column).astype(dtype)
    p = metric.solve(g)
    assert np.isfinite(p).all()
    expected = np.linalg.lstsq(X.astype(float), np.cos(column), rcond=None)[0]
    shared = [p[0] + p[1], p[2]]
    np.testing.assert_allclose(shared, [expected[0] + expected[1], expected[2]], rtol=1e-2)


@pytest.mark.parametrize("scale", [1e-150, 1e-30, 1e30, 1e150])
def test_the_scale_of_the_matrix_does_not_matter(scale):
    case = Case(3, [4], 4)
    g = case.vector()
    scaled = CholeskyMetric([case.matrix * scale], [np.arange(4)], 4)
    plain = CholeskyMetric([case.matrix], [np.arange(4)], 4)
    np.testing.assert_allclose(scaled.solve(g) * scale, plain.solve(g), rtol=1e-6)


@given(seed=st.integers(0, 10_000))
def test_the_scales_of_coordinates_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(8, 4))
    scales = 10.0 ** rng.uniform(-60, 60, 4)
    plain = CholeskyMetric([roots.T @ roots], [np.arange(4)], 4)
    wild = CholeskyMetric([(roots.T @ roots) * scales * scales[:, None]], [np.arange(4)], 4)
    g = rng.normal(size=4)
    np.testing.assert_allclose(wild.solve(g * scales) * scales, plain.solve(g), rtol=1e-7)
