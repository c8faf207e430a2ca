"""Properties of what pictures are made from: limits, levels, thinned paths, palettes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skgd._plot.gif import _Palette
from skgd._plot.grid import levels_of, limits_of, thinned

NUMBERS = st.floats(-4e4, 4e4, allow_subnormal=False)
PATHS = st.integers(1, 3).flatmap(
    lambda n: arrays(float, st.tuples(st.integers(1, 20), st.just(n)), elements=NUMBERS)
)


@given(PATHS)
def test_limits_leave_a_margin_around_the_path(path):
    limits = limits_of(path)
    assert limits.shape == (path.shape[1], 2)
    assert (limits[:, 0] < path.min(axis=0)).all()
    assert (path.max(axis=0) < limits[:, 1]).all()


@given(PATHS)
def test_limits_are_at_least_half_as_wide_in_each_variable_as_in_any(path):
    extent = np.diff(limits_of(path)).ravel()
    assert extent.min() >= 0.5 * extent.max() * (1 - 1e-9)


@given(st.integers(1, 500), st.integers(2, 100))
def test_thinning_keeps_the_ends_and_the_order(length, at_most):
    kept = list(thinned(length, at_most))
    assert len(kept) == min(length, at_most)
    assert (kept[0], kept[-1]) == (0, length - 1)
    assert all(a < b for a, b in pairwise(kept))


@given(arrays(float, (5, 5), elements=NUMBERS | st.just(np.nan)), st.integers(2, 20))
def test_levels_rise_from_the_least_to_the_greatest_value(values, count):
    levels = levels_of(values, count)
    known = values[np.isfinite(values)]
    if known.size and known.min() < known.max():
        assert (np.diff(levels) > 0).all()
        np.testing.assert_allclose(levels[[0, -1]], [known.min(), known.max()])
        assert len(levels) <= count
    else:
        assert levels.size == 0


@given(arrays(np.uint8, (4, 4, 3)), arrays(np.uint8, (4, 4, 3)))
def test_a_palette_has_each_colour_of_its_picture_and_the_nearest_to_any_other(first, second):
    palette = _Palette(first)
    np.testing.assert_array_equal(palette.colours[palette.positions(first)], first)
    shown = palette.colours[palette.positions(second)].astype(int)
    away = ((second[:, :, None].astype(int) - palette.colours) ** 2).sum(axis=-1)
    np.testing.assert_array_equal(((shown - second) ** 2).sum(axis=-1), away.min(axis=-1))
