"""Animations: what is in their frames, and for how long it is seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from skgd import Formula
from skgd._plot.frames import FIRST, LAST, LONGEST, MOST_FRAMES, SHORTEST, Film, schedule
from skgd.plotting import KINDS, DescentDisplay, animate, panels

CURVE = Formula("x**2 + 8*sin(x)")
BOWL = Formula("(x - 1)**2 + 3*(y + 2)**2")
DISH = Formula("a**2 + 2*b**2 + 3*c**2")
WAYS = {
    "curve": (CURVE, [10.0], [-1.0]),
    "contour": (BOWL, [3.0, 2.0], [1.0, -2.0]),
    "surface": (BOWL, [3.0, 2.0], [1.0, -2.0]),
    "slice": (DISH, [3.0, 2.0, 1.0], [0.0, 0.1, 0.0]),
    "convergence": (BOWL, [3.0, 2.0], [1.0, -2.0]),
}
"""Function, start and end."""
MOVES = st.lists(arrays(float, st.integers(0, 400), elements=st.floats(0, 1)), min_size=1)


def run(kind, length=9):
    fun, start, end = WAYS[kind]
    # Steps shrink, so that the path has no symmetry.
    path = np.array(end) + np.outer(0.6 ** np.arange(length), np.subtract(start, end))
    return DescentDisplay(path=path, fun=fun, gradient_norms=np.arange(length, 0.0, -1.0))


def runs(kind):
    """Return a display of three runs, of which the last is the shortest."""
    ax = Figure().add_subplot(projection=KINDS[kind].projection)
    displays = {f"run {length}": run(kind, length) for length in (8, 9, 4)}
    return DescentDisplay.from_displays(displays, ax=ax, kind=kind, resolution=20)


def scene_of(display, kind=None, **look):
    look = {"kind": kind, "resolution": 20, "size": (3.2, 2.4), **look}
    figure, (scene,) = panels([display], **look)
    return figure, scene


def pixels_of(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]


def legend_of(scene):
    return [text.get_text() for text in scene.ax.get_legend().get_texts()]


@pytest.mark.parametrize("kind", KINDS)
class TestFramesOfEveryKind:
    def test_tell_the_iteration(self, kind):
        # Of several runs, the axis of a convergence tells it.
        for display in [run(kind)] if kind == "convergence" else [run(kind), runs(kind)]:
            _, scene = scene_of(display, kind, size=(6.4, 4.8))
            for count in (1, 4, 9):
                scene.frame(count)
                assert legend_of(scene)[-1] == f"iteration {count - 1}"

    def test_are_not_empty_in_the_beginning(self, kind, tmp_path):
        look = {"kind": kind, "resolution": 20, "size": (4, 3), "colorbar": False}
        display = run(kind)
        display.animate(tmp_path / "a.gif", **look)
        with Image.open(tmp_path / "a.gif") as image:
            first = np.asarray(image.convert("L"), dtype=float)
        figure, scene = scene_of(display, **look)
        for artist in scene.changing():
            artist.set_visible(False)
        ground = pixels_of(figure).mean(axis=2)
        # Below the legend, which has changed in any case.
        assert (np.abs(first - ground)[40:] > 60).sum() > 20

    @pytest.mark.parametrize("made", [run, runs])
    def test_are_what_the_whole_figure_would_be(self, kind, made):
        figure, scene = scene_of(made(kind), kind)
        frames = [pixels for pixels, _ in Film(figure, [scene], 1.0)]
        assert len(frames) == 9
        for count in (1, 4, 9):
            scene.frame(count)
            differ = (frames[count - 1] != pixels_of(figure)).any(axis=2)
            # The lines of the axes may be in front of what moves.
            assert differ.sum() < 60

    def test_keep_a_run_that_has_ended_as_it_is(self, kind):
        _, scene = scene_of(runs(kind), kind)
        (line,) = [line for line in scene.ax.lines if line.get_label() == "run 4"]
        data = line.get_data_3d if kind == "surface" else line.get_data
        scene.frame(4)
        ended = np.array(data())
        assert ended.shape[1] == 4
        scene.frame(9)
        np.testing.assert_array_equal(data(), ended)


class TestFrames:
    @pytest.mark.parametrize("kind", ["curve", "contour", "surface", "slice"])
    def test_call_the_last_iterate_the_end_only_when_it_is(self, kind):
        _, scene = scene_of(run(kind), kind)
        scene.frame(8)
        assert legend_of(scene)[:2] == ["start", "now"]
        scene.frame(9)
        assert legend_of(scene)[:2] == ["start", "end"]

    def test_the_mark_of_the_present_leaves_the_start_visible(self):
        _, scene = scene_of(run("contour"))
        scene.frame(1)
        start, now = scene.handles()
        assert now.get_sizes()[0] * 2.0 < start.get_sizes()[0]

    def test_a_short_run_waits_for_a_long_one(self, tmp_path):
        displays = [run("curve", 2), run("curve", 20)]
        animate(displays, tmp_path / "a.gif", size=(3, 2), titles=["short", "long"])
        with Image.open(tmp_path / "a.gif") as image:
            assert image.n_frames == 20

    def test_are_those_of_displays_with_several_runs_too(self, tmp_path):
        animate([runs("contour"), run("convergence", 12)], tmp_path / "a.gif", size=(3, 2))
        with Image.open(tmp_path / "a.gif") as image:
            assert image.n_frames == 12


class TestSchedule:
    @given(MOVES, st.floats(100.0, 1e5))
    def test_has_the_first_and_the_last_iterate_and_few_frames(self, moves, total):
        positions, _ = zip(*schedule(moves, total), strict=True)
        assert positions[0] == 0
        assert positions[-1] == max(map(len, moves))
        assert (np.diff(positions) > 0).all()
        assert len(positions) <= MOST_FRAMES + 2

    @given(MOVES, st.floats(100.0, 1e5))
    def test_rests_at_the_ends_and_hurries_nowhere(self, moves, total):
        *others, last = [time for _, time in schedule(moves, total)]
        assert last == LAST <= 1500
        assert all(SHORTEST <= time <= LONGEST for time in others)
        assert not others or others[0] >= FIRST

    def test_gives_most_time_to_the_iterations_that_move(self):
        moves = np.concatenate([np.full(20, 0.05), np.full(200, 1e-6)])
        *frames, _ = schedule([moves], 6000.0)
        moving = [time for position, time in frames if position < 20]
        assert len(moving) == 20
        assert sum(moving) > 0.6 * sum(time for _, time in frames)

    def test_shares_the_time_evenly_where_no_step_is_larger(self):
        positions, times = zip(*schedule([np.zeros(50)], 5000.0), strict=True)
        assert positions == tuple(range(51))
        assert set(times[1:-1]) == {100}
