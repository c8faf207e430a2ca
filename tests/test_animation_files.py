"""Animations in files: two formats, whole or not there, and what is needed for MP4."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
from ffmpeg import hide_ffmpeg, need_ffmpeg
from PIL import Image

from skgd import Formula
from skgd._plot import animation
from skgd._plot.frames import FIRST, LAST, Film
from skgd._plot.mp4 import RATE, find_ffmpeg, write_mp4
from skgd.plotting import DescentDisplay, animate, panels

LOOK = {"size": (2.25, 1.75), "resolution": 20, "colorbar": False, "derivative": False}
EVEN = (226, 176)
"""What is made of the odd width and height of that, which H.264 does not take."""


def run(length=6):
    return DescentDisplay(path=np.linspace(10.0, -1.0, length), fun=Formula("x**2 + 8*sin(x)"))


def film():
    figure, scenes = panels([run()], **LOOK)
    return Film(figure, scenes, 1.0)


def decoded(path, size):
    """Return the frames of an MP4; shape (m, height, width, 3)."""
    command = [find_ffmpeg(), "-loglevel", "error", "-i", path, "-f", "rawvideo"]
    done = subprocess.run([*command, "-pix_fmt", "rgb24", "-"], capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, size[1], size[0], 3)


@pytest.fixture
def _ffmpeg():
    need_ffmpeg()


@pytest.fixture
def _without_ffmpeg(monkeypatch):
    hide_ffmpeg(monkeypatch)


@pytest.mark.usefixtures("_ffmpeg")
class TestMP4:
    def test_shows_the_frames_for_their_times(self, tmp_path):
        whole = film()
        frames = list(whole)
        path = tmp_path / "a.mp4"
        write_mp4(frames, whole.last, path, find_ffmpeg())
        shown = decoded(path, EVEN)
        assert len(shown) == round(sum(time for _, time in frames) * RATE / 1000)
        at = 0
        for pixels, time in frames:
            found = shown[round(at * RATE / 1000), : pixels.shape[0], : pixels.shape[1]]
            assert np.abs(found.astype(float) - pixels).mean() < 2.0
            at += time
        assert (shown[:, -1] > 250).all()
        assert (shown[:, :, -1] > 250).all()
        assert frames[0][1] >= FIRST
        assert frames[-1][1] == LAST

    def test_has_the_colours_of_the_picture(self, tmp_path):
        for colour in [(213, 94, 0), (34, 48, 60), (252, 210, 37), (255, 255, 255)]:
            pixels = np.full((40, 60, 3), colour, dtype=np.uint8)
            write_mp4([(pixels, 100)], pixels, tmp_path / "a.mp4", find_ffmpeg())
            found = decoded(tmp_path / "a.mp4", (60, 40)).mean(axis=(0, 1, 2))
            np.testing.assert_allclose(found, colour, atol=4.0)

    def test_is_chosen_by_the_ending(self, tmp_path):
        path = run().animate(tmp_path / "Descent.MP4", **LOOK)
        assert path.read_bytes()[4:8] == b"ftyp"
        assert len(decoded(path, EVEN)) > RATE

    def test_may_have_a_name_that_looks_like_an_option(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert run().animate("-y.mp4", **LOOK).stat().st_size > 1000

    def test_that_ffmpeg_refuses_says_why(self, tmp_path):
        pixels = np.zeros((4, 4, 3), np.uint8)
        with pytest.raises(OSError, match=r"ffmpeg could not write the animation: .*no/a\.mp4"):
            write_mp4([(pixels, 100)] * 100, pixels, tmp_path / "no" / "a.mp4", find_ffmpeg())


class TestWithoutFFmpeg:
    @pytest.mark.usefixtures("_without_ffmpeg")
    def test_mp4_says_what_to_install_before_anything_is_drawn(self, tmp_path, monkeypatch):
        monkeypatch.setattr("skgd._plot.panels.panels", None)
        with pytest.raises(ImportError, match=r"pip install 'skgd\[video\]'"):
            run().animate(tmp_path / "a.mp4")
        assert not list(tmp_path.iterdir())

    @pytest.mark.usefixtures("_without_ffmpeg")
    def test_gif_is_written(self, tmp_path):
        assert run().animate(tmp_path / "a.gif", **LOOK).read_bytes().startswith(b"GIF89a")

    def test_that_of_the_package_is_found(self, monkeypatch):
        package = pytest.importorskip("imageio_ffmpeg")
        monkeypatch.setitem(mpl.rcParams, "animation.ffmpeg_path", "no-such-program")
        assert find_ffmpeg() == package.get_ffmpeg_exe()

    def test_a_package_without_its_program_is_an_error_in_its_words(self, monkeypatch):
        class Package:
            def get_ffmpeg_exe(self):
                raise RuntimeError("No ffmpeg exe could be found.")

        monkeypatch.setitem(mpl.rcParams, "animation.ffmpeg_path", "no-such-program")
        monkeypatch.setitem(sys.modules, "imageio_ffmpeg", Package())
        with pytest.raises(OSError, match="No ffmpeg exe"):
            find_ffmpeg()

    def test_that_of_matplotlibs_settings_comes_first(self, monkeypatch):
        monkeypatch.setitem(mpl.rcParams, "animation.ffmpeg_path", sys.executable)
        assert find_ffmpeg() == sys.executable


@pytest.mark.parametrize("name", ["a.webm", "a", "gif", "a.gif.png"])
def test_another_ending_names_the_two(name, tmp_path):
    with pytest.raises(ValueError, match=r"path must end in \.gif or \.mp4, .*" + name):
        animate([run()], tmp_path / name)


class TestFiles:
    def test_that_fail_leave_what_was_there(self, tmp_path, monkeypatch):
        def broken(frames, last, path):
            path.write_bytes(b"half of it")
            raise KeyboardInterrupt

        monkeypatch.setattr(animation, "write_gif", broken)
        path = tmp_path / "a.gif"
        path.write_bytes(b"the last one")
        with pytest.raises(KeyboardInterrupt):
            run().animate(path, **LOOK)
        assert path.read_bytes() == b"the last one"
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.usefixtures("_ffmpeg")
    def test_that_fail_in_the_middle_of_an_mp4_are_removed(self, tmp_path):
        def frames():
            yield np.zeros((4, 4, 3), np.uint8), 100
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt), animation._replaced(tmp_path / "a.mp4") as path:
            write_mp4(frames(), np.zeros((4, 4, 3)), path, find_ffmpeg())
        assert not list(tmp_path.iterdir())

    def test_replace_an_older_one(self, tmp_path):
        path = tmp_path / "a.gif"
        path.write_bytes(b"the last one")
        run().animate(path, **LOOK)
        with Image.open(path) as image:
            assert image.n_frames == 6
        assert list(tmp_path.iterdir()) == [path]

    def test_that_cannot_be_are_called_by_their_own_name(self, tmp_path):
        with pytest.raises(FileNotFoundError) as error:
            run().animate(tmp_path / "no" / "a.gif", **LOOK)
        assert error.value.filename == str(tmp_path / "no" / "a.gif")
        (tmp_path / "b.gif").mkdir()
        with pytest.raises(IsADirectoryError, match=r"b\.gif"):
            run().animate(tmp_path / "b.gif", **LOOK)


class Terminal(io.StringIO):
    def isatty(self):
        return True


class TestProgress:
    def test_is_shown_on_a_terminal_when_asked_for(self, tmp_path, monkeypatch):
        monkeypatch.setattr(sys, "stderr", Terminal())
        run().animate(tmp_path / "a.gif", progress=True, **LOOK)
        assert "0/6" in sys.stderr.getvalue()
        assert "frame" in sys.stderr.getvalue()

    def test_counts_every_frame(self, tmp_path, monkeypatch):
        counts = []

        @contextmanager
        def bar(total, unit):
            yield SimpleNamespace(update=counts.append)
            assert (sum(counts), unit) == (total, "frame")
            counts.append("closed")

        monkeypatch.setattr(animation, "progress_bar", bar)
        run().animate(tmp_path / "a.gif", progress=True, **LOOK)
        assert counts == [1] * 6 + ["closed"]

    @pytest.mark.parametrize(("progress", "stream"), [(False, Terminal), (True, io.StringIO)])
    def test_is_silent_otherwise(self, tmp_path, monkeypatch, progress, stream):
        monkeypatch.setattr(sys, "stderr", stream())
        run().animate(tmp_path / "a.gif", progress=progress, **LOOK)
        assert not sys.stderr.getvalue()

    def test_does_not_change_the_file(self, tmp_path):
        plain = run().animate(tmp_path / "a.gif", **LOOK)
        told = run().animate(tmp_path / "b.gif", progress=True, **LOOK)
        assert plain.read_bytes() == told.read_bytes()

    def test_without_tqdm_says_what_to_install(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "tqdm", None)
        with pytest.raises(ImportError, match=r"tqdm is needed .* 'skgd\[plot\]'"):
            run().animate(tmp_path / "a.gif", progress=True, **LOOK)
        assert not list(tmp_path.iterdir())
