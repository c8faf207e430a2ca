"""Animations: what is in their frames, and for how long it is seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from skgd import Formula
from skgd._plot.gif import FIRST, LAST, LONGEST, MOST_FRAMES, SHORTEST, schedule
from skgd.plotting import KINDS, DescentDisplay, animate, panels

CURVE = Formula("x**2 + 8*sin(x)")
BOWL = Formula("(x - 1)**2 + 3*(y + 2)**2")
RUNS = {
    "curve": (CURVE, np.linspace(10.0, -1.0, 9)),
    "contour": (BOWL, np.linspace([3.0, 2.0], [1.0, -2.0], 9)),
    "surface": (BOWL, np.linspace([3.0, 2.0], [1.0, -2.0], 9)),
    "convergence": (BOWL, np.linspace([3.0, 2.0], [1.0, -2.0], 9)),
}
MOVES = st.lists(arrays(float, st.integers(0, 400), elements=st.floats(0, 1)), min_size=1)


def scene_of(kind):
    fun, path = RUNS[kind]
    (scene,) = panels([DescentDisplay(path=path, fun=fun)], kind=kind, resolution=20)[1]
    return scene


def legend_of(scene):
    return [text.get_text() for text in scene.ax.get_legend().get_texts()]


class TestFrames:
    @pytest.mark.parametrize("kind", KINDS)
    def test_tell_the_iteration(self, kind):
        scene = scene_of(kind)
        for count in (1, 4, 9):
            scene.frame(count)
            assert legend_of(scene)[-1] == f"iteration {count - 1}"

    @pytest.mark.parametrize("kind", ["curve", "contour", "surface"])
    def test_call_the_last_iterate_the_end_only_when_it_is(self, kind):
        scene = scene_of(kind)
        scene.frame(8)
        assert legend_of(scene)[:2] == ["start", "now"]
        scene.frame(9)
        assert legend_of(scene)[:2] == ["start", "end"]

    @pytest.mark.parametrize("kind", KINDS)
    def test_are_not_empty_in_the_beginning(self, kind, tmp_path):
        fun, path = RUNS[kind]
        moving = DescentDisplay(path=path, fun=fun, gradient_norms=np.arange(9.0, 0.0, -1.0))
        look = {"kind": kind, "resolution": 20, "size": (4, 3), "colorbar": False}
        figure, (scene,) = panels([moving], **look)
        moving.animate(tmp_path / "a.gif", **look)
        with Image.open(tmp_path / "a.gif") as image:
            first = np.asarray(image.convert("L"), dtype=float)
        for artist in scene.changing():
            artist.set_visible(False)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        ground = np.asarray(canvas.buffer_rgba())[..., :3].mean(axis=2)
        # Below the legend, which has changed in any case.
        assert (np.abs(first - ground)[40:] > 60).sum() > 20

    def test_the_mark_of_the_present_leaves_the_start_visible(self):
        scene = scene_of("contour")
        scene.frame(1)
        start, now = scene.handles()
        assert now.get_sizes()[0] * 2.0 < start.get_sizes()[0]

    def test_a_short_run_waits_for_a_long_one(self, tmp_path):
        short = DescentDisplay(path=[10.0, 8.0], fun=CURVE)
        long = DescentDisplay(path=np.linspace(10.0, 0.0, 20), fun=CURVE)
        animate([short, long], tmp_path / "a.gif", size=(3, 2), titles=["short", "long"])
        with Image.open(tmp_path / "a.gif") as image:
            assert image.n_frames == 20


class TestSchedule:
    @given(MOVES, st.floats(100.0, 1e5))
    def test_has_the_first_and_the_last_iterate_and_few_frames(self, moves, total):
        positions, milliseconds = schedule(moves, total)
        assert positions[0] == 0
        assert positions[-1] == max(map(len, moves))
        assert (np.diff(positions) > 0).all()
        assert len(positions) == len(milliseconds) <= MOST_FRAMES + 2

    @given(MOVES, st.floats(100.0, 1e5))
    def test_rests_at_the_ends_and_hurries_nowhere(self, moves, total):
        *others, last = schedule(moves, total)[1]
        assert last == LAST <= 1500
        assert all(SHORTEST <= time <= LONGEST for time in others)
        assert not others or others[0] >= FIRST

    def test_gives_most_time_to_the_iterations_that_move(self):
        moves = np.concatenate([np.full(20, 0.05), np.full(200, 1e-6)])
        positions, milliseconds = schedule([moves], 6000.0)
        moving = [time for at, time in zip(positions, milliseconds, strict=True) if at < 20]
        assert len(moving) == 20
        assert sum(moving) > 0.6 * sum(milliseconds[:-1])

    def test_shares_the_time_evenly_where_no_step_is_larger(self):
        positions, milliseconds = schedule([np.zeros(50)], 5000.0)
        assert positions == list(range(51))
        assert set(milliseconds[1:-1]) == {100}
