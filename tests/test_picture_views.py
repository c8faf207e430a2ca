"""What a picture has in view: domains with an edge, lost runs, large numbers, long names."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skgd import Formula
from skgd._plot.grid import levels_of, limits_of, window
from skgd._plot.landscape import CLEARANCE, free_places
from skgd._plot.style import wrapped
from skgd.plotting import DescentDisplay, panels

LOG = Formula("x - log(x)")
ROSENBROCK = Formula("100*(y - x**2)**2 + (1 - x)**2")
ZIGZAG = np.array([[-1.2, 1.0], [-0.8, 0.55], [1.2, 1.6], [1.0, 1.0]])


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    yield
    plt.close("all")


class TestEdgeOfTheDomain:
    def test_neither_function_nor_derivative_is_drawn_beyond_it(self):
        ax = DescentDisplay(path=[1e-3, 0.1, 1.0], fun=LOG).plot().ax_
        for each in ax.figure.axes[:2]:
            x, y = each.lines[-1].get_data()
            assert (x <= 0).any()
            assert np.isnan(y[x <= 0]).all()
            assert np.isfinite(y[x > 0]).all()

    def test_lines_pass_through_every_dot(self):
        display = DescentDisplay(path=[1e-3, 0.013, 0.1, 1.0], fun=LOG).plot()
        for ax in display.figure_.axes[:2]:
            line = {tuple(point) for point in ax.lines[-1].get_xydata()}
            assert {tuple(point) for point in ax.collections[1].get_offsets()} <= line

    @pytest.mark.parametrize("start", [1e-3, 0.4])
    def test_a_pole_does_not_flatten_the_path(self, start):
        ax = DescentDisplay(path=[start, 1.0], fun=Formula("1/x**2 + x")).plot(limits=(0, 3)).ax_
        values = ax.collections[1].get_offsets()[:, 1]
        low, high = ax.get_ylim()
        assert low < values.min() < values.max() < high
        assert np.ptp(values) > 0.1 * (high - low)

    def test_a_surface_ends_at_the_bounds(self):
        display = DescentDisplay(path=[[0.0, 0.3], [1.0, 0.0]], fun=ROSENBROCK, bounds=[(0, 1)] * 2)
        ax = display.plot(kind="surface").ax_
        assert ax.get_xlim() == (0, 1)
        assert ax.get_ylim()[0] == 0


class TestLostRuns:
    PATH = np.outer((-1.2) ** np.arange(400), [1.0, 0.5])

    @pytest.mark.parametrize("kind", ["contour", "surface"])
    def test_are_shown_near_their_start(self, kind):
        ax = DescentDisplay(path=self.PATH, fun=ROSENBROCK).plot(kind=kind).ax_
        assert 50 < max(np.abs(ax.get_xlim())) < 200
        assert ax.get_title("left").startswith("27 of 400 iterates in view; the others reach")
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["start"]

    def test_are_shown_near_their_start_in_one_variable(self):
        path = self.PATH[:, 0]
        display = DescentDisplay(path=path, fun=Formula("x**2")).plot(title="Away")
        assert max(np.abs(display.ax_.get_xlim())) < 200
        assert display.ax_.get_ylim()[1] < 4e4
        assert display.ax_.get_title("left").startswith("Away\n27 of 400 iterates in view")

    def test_a_distant_minimum_is_no_reason_to_hide_it(self):
        limits = limits_of(np.array([[0.0], [1e4], [9e4]]))
        assert limits[0, 1] > 9e4

    @given(
        arrays(float, st.tuples(st.integers(1, 20), st.just(2)), elements=st.floats(-1e200, 1e200))
    )
    def test_the_start_is_always_in_view(self, path):
        limits = limits_of(path)
        assert np.isfinite(limits).all()
        assert (limits[:, 0] < limits[:, 1]).all()
        assert ((limits[:, 0] <= path[0]) & (path[0] <= limits[:, 1])).all()


class TestWindow:
    @given(
        arrays(float, 30, elements=st.floats(-1e6, 1e6) | st.just(np.nan)),
        arrays(float, 5, elements=st.floats(-1e6, 1e6) | st.just(np.nan)),
    )
    def test_has_the_path_and_nothing_beyond_all_values(self, values, path):
        low, high = window(values, path)
        known = np.concatenate([values, path])
        known = known[np.isfinite(known)]
        if known.size:
            assert known.min() <= low <= high <= known.max()
        path = path[np.isfinite(path)]
        assert ((low <= path) & (path <= high)).all()


class TestLabels:
    @pytest.mark.parametrize("kind", ["contour", "surface"])
    def test_large_numbers_have_no_power_of_ten_of_their_own(self, kind):
        f = Formula("1e6*(alpha_long - 3e20)**2 + 1e-4*beta_long**2")
        display = DescentDisplay(path=[[1e20, 1e21], [3e20, 0.0]], fun=f)
        figure, (scene,) = panels([display], kind=kind, titles=["Large numbers"])
        figure.draw_without_rendering()
        # To ask for the labels below moves those of a landscape to where they are in its space.
        paper, printed = figure.bbox_inches, figure.get_tightbbox()
        axes = [scene.ax.xaxis, scene.ax.yaxis, *([scene.ax.zaxis] if kind == "surface" else [])]
        for axis in axes:
            assert axis.get_offset_text().get_text() == ""
            labels = [label.get_text() for label in axis.get_ticklabels()]
            assert len(set(labels)) == len(labels) >= 3
        assert paper.x0 <= printed.x0 <= printed.x1 <= paper.x1
        assert paper.y0 <= printed.y0 <= printed.y1 <= paper.y1

    def test_of_a_narrow_view_differ(self):
        display = DescentDisplay(path=[1000.00001, 1000.00002], fun=Formula("x**2")).plot()
        display.figure_.canvas.draw()
        labels = [label.get_text() for label in display.figure_.axes[1].get_xticklabels()]
        assert len(set(labels)) == len(labels)

    @pytest.mark.parametrize("path", [ZIGZAG, ZIGZAG[:1]])
    def test_of_contours_are_far_from_the_path(self, path):
        ax = DescentDisplay(path=path, fun=ROSENBROCK).plot(limits=[(-1.6, 1.7), (0.2, 1.9)]).ax_
        assert len(ax.texts) >= 3
        limits = np.array([ax.get_xlim(), ax.get_ylim()])
        along = np.vstack([np.linspace(a, b, 50) for a, b in pairwise([*path, path[-1]])])
        for text in ax.texts:
            away = np.abs((along - text.get_position()) / np.ptp(limits, axis=1)).max(axis=1)
            assert away.min() > 0.9 * CLEARANCE

    def test_there_is_none_where_there_is_no_room(self):
        line = np.linspace([0.0, 0.0], [1.0, 1.0], 50)
        assert free_places([[line]], [line], np.array([[0.0, 1.0], [0.0, 1.0]])) == []

    # Subnormal numbers do not have the digits that a round number needs.
    @given(arrays(float, 40, elements=st.floats(-1e6, 1e6, allow_subnormal=False)))
    def test_of_levels_are_round(self, values):
        levels = levels_of(values, 8)
        for below, level in pairwise(levels[:-1]):
            digits = f"{level:.12g}".partition("e")[0].replace(".", "").strip("-0")
            gap = level - below
            if gap > 1e-3 * abs(level):
                assert len(digits) <= 2 + max(0, int(np.ceil(np.log10(abs(level) / gap + 1))))


class TestTitles:
    @given(st.text("x+-*() 1e", max_size=200), st.integers(10, 60))
    def test_fit_into_two_lines(self, title, width):
        lines = wrapped(title, width).split("\n")
        assert len(lines) <= 2
        assert max(map(len, lines)) <= width

    def test_are_broken_where_a_term_ends(self):
        assert wrapped("gd: (x - 1)**2 + 1e-5*(y - 2)**2", 20) == (
            "gd: (x - 1)**2\n+ 1e-5*(y - 2)**2"
        )
        assert wrapped("the quick brown fox jumps", 12) == "the quick\nbrown fox …"


class TestConvergence:
    def test_reaches_the_last_iteration(self):
        display = DescentDisplay(path=[[3.0], [2.0], [1.0]], values=[4.0, 1.0, 0.0])
        line = display.plot().ax_.lines[0]
        np.testing.assert_array_equal(line.get_xdata(), [0, 1, 2])
        assert line.get_ydata()[-1] == display.ax_.get_ylim()[0]
        assert [text.get_text() for text in display.ax_.texts] == ["0"]
