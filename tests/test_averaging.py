"""The average that a run with random gradients returns, against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skgd.averaging import CREDIBLE, LEAF, Swarm, TailAverage


def taken(iterates):
    tail = TailAverage()
    for x in iterates:
        tail.add(x)
    return tail


@given(st.integers(1, 500), st.integers(0, 99))
def test_without_a_doubt_all_but_the_oldest_block_are_averaged(count, seed):
    iterates = np.random.default_rng(seed).normal(size=(count, 2))
    tail = taken(iterates)
    oldest = tail._counts[0] if len(tail._counts) > 1 else 0
    expected = iterates[oldest:].mean(axis=0)
    np.testing.assert_allclose(tail.point(np.ones(2), np.inf, 1.0), expected, atol=1e-12)


@given(st.integers(1, 3000))
def test_blocks_grow_with_age_and_are_few(count):
    tail = taken(np.arange(count, dtype=float)[:, None])
    assert sum(tail._counts) == count
    assert float(sum(tail._sums)[0]) == count * (count - 1) / 2
    assert all(old >= new for old, new in zip(tail._counts, tail._counts[1:], strict=False))
    assert len(tail._counts) <= 2 * np.log2(count / LEAF + 1) + 2


@given(st.floats(0.5, 2), st.sampled_from([1.0, 3.0]), st.sampled_from([0.9, 1.1]))
def test_a_block_is_left_out_that_differs_by_more_than_noise_explains(unit, memory, share):
    # One coordinate: old blocks at a distance from the newest, of which four count as one.
    variance, new = 0.01, LEAF
    spreads = [variance / max(1.0, m / memory) for m in (LEAF, new)]
    limit = np.sqrt(CREDIBLE * (1 + 3 * np.sqrt(2)) * sum(spreads)) * unit
    old, far = np.array([5.0]), np.array([5.0 + share * limit])
    point = taken([old] * 2 * LEAF + [far] * new).point(np.array([unit]), variance, memory)
    assert point[0] == pytest.approx(5.0 + share * limit * (0.5 if share < 1 else 1.0))


def test_iterates_are_not_written_to():
    x = np.zeros(2)
    tail = taken([x, np.ones(2), np.ones(2)])
    assert x.tolist() == [0.0, 0.0]
    assert tail.point(np.ones(2), 1.0, 1.0).tolist() == [2 / 3, 2 / 3]


@pytest.mark.parametrize(("f", "back"), [(5.9, False), (6.1, True)])
def test_a_swarm_that_was_clearly_lower_before_is_gone_back_to(f, back):
    swarm = Swarm(np.zeros(1))
    for k, value in enumerate([9.0, 0.4, -7.0, 0.0, 0.2, -0.1]):
        swarm.add(np.array([float(k)]), value)
    swarm.add(np.array([99.0]), None)
    # The middle of five counts: a value may be low by luck.
    x, value = swarm.choose(np.array([50.0]), f, 1.0)
    assert (x[0], value) == ((3.0, 0.0) if back else (50.0, f))


def test_the_start_is_gone_back_to_from_a_value_that_is_higher_in_truth():
    swarm = Swarm(np.zeros(1))
    swarm.add(np.zeros(1), 1.0)
    assert swarm.choose(np.ones(1), 100.0, 1.0) == (np.zeros(1), 1.0)
