"""Tests with the program ffmpeg, and without it."""

from __future__ import annotations

import sys

import matplotlib as mpl
import pytest

from skgd._plot.mp4 import find_ffmpeg


def need_ffmpeg() -> None:
    """Skip where there is none; the nox session "video" makes sure that there is one."""
    try:
        find_ffmpeg()
    except ImportError:
        pytest.skip("there is no ffmpeg")


def hide_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let none be found."""
    monkeypatch.setitem(mpl.rcParams, "animation.ffmpeg_path", "no-such-program")
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
