"""The frames of an animation: which iterates they show, for how long, and their pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skgd._extras import require
from skgd._rows import Array

from .scene import Scene

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_FRAMES = 120
"""Frames of one animation; a longer run leaves iterates out where little moves."""

EVENLY = 0.3
"""Part of the time that all iterations share; the rest goes to those that move."""

FIRST, LAST = 500, 1500
"""Milliseconds that the start is in view at least, and the end."""

SHORTEST, LONGEST = 20, 500
"""Milliseconds of any other frame; viewers of GIFs show shorter ones too long."""


class Film:
    """Scenes that run side by side, frame by frame; a shorter run waits at its end.

    Parameters
    ----------
    figure : Figure
        Where the scenes are.
    scenes : sequence of Scene
        The scenes.
    seconds : float
        How long the run takes at most, without the rest at its end.

    Attributes
    ----------
    last : ndarray of uint8, shape (height, width, 3)
        The pixels of the last frame, which has every colour.
    """

    def __init__(self, figure: Figure, scenes: Sequence[Scene], seconds: float) -> None:
        self._scenes, self._canvas = scenes, _Canvas(figure, scenes)
        self._frames = schedule([scene.moves() for scene in scenes], 1000.0 * seconds)
        self.last = self._canvas.pixels()

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[tuple[Array, int]]:
        """Draw the frames; each is its pixels and the milliseconds for which it is seen."""
        for position, milliseconds in self._frames:
            for scene in self._scenes:
                scene.frame(min(position + 1, scene.length))
            yield self._canvas.pixels(), milliseconds


def schedule(moves: Sequence[Array], total: float) -> list[tuple[int, int]]:
    """Return which iterates are shown, and for how long.

    Parameters
    ----------
    moves : sequence of ndarray, shape (K - 1,)
        How far each step of each run moves.
    total : float
        Milliseconds that the runs take at most.

    Returns
    -------
    list of pair of int
        Iterates, the first and the last of the longest run among them, and their milliseconds.
    """
    longest = max(map(len, moves))
    if longest == 0:
        return [(0, LAST)]
    move = np.zeros(longest)
    for each in moves:
        move[: len(each)] += each
    pace = EVENLY / longest + (1.0 - EVENLY) * move / (move.sum() or 1.0)
    times = total * np.concatenate([[0.0], np.cumsum(pace) / pace.sum()])
    positions = [0]
    for position in range(1, longest):
        if times[position] - times[positions[-1]] >= total / MOST_FRAMES:
            positions.append(position)
    positions.append(longest)
    durations = np.diff(times[positions]).clip(SHORTEST, LONGEST).round().astype(int).tolist()
    durations[0] = max(FIRST, durations[0])
    return list(zip(positions, [*durations, LAST], strict=True))


class _Canvas:
    """A figure in pixels, of which only what moves is drawn anew."""

    def __init__(self, figure: Figure, scenes: Sequence[Scene]) -> None:
        backend = require("matplotlib.backends.backend_agg", "plot")
        self._agg, self._scenes = backend.FigureCanvasAgg(figure), scenes
        # The layout is found once, with the whole run in view, so that nothing moves but the run.
        self._agg.draw()
        figure.set_layout_engine("none")
        for scene in scenes:
            scene.frame(scene.length)
        self._set_visible(False)
        self._agg.draw()
        self._ground = self._agg.copy_from_bbox(figure.bbox)
        self._set_visible(True)

    def pixels(self) -> Array:
        """Return the picture as it is now, shape (height, width, 3)."""
        self._agg.restore_region(self._ground)
        renderer = self._agg.get_renderer()
        for artist in sorted(self._moving(), key=_depth):
            if hasattr(artist, "do_3d_projection"):
                # The axes in space do this for their artists when they are drawn themselves.
                artist.do_3d_projection()
            artist.draw(renderer)
        return np.array(self._agg.buffer_rgba())[..., :3]

    def _set_visible(self, visible: bool) -> None:
        for artist in self._moving():
            artist.set_visible(visible)

    def _moving(self) -> list[Any]:
        return [artist for scene in self._scenes for artist in scene.moving()]


def _depth(artist: Any) -> tuple[float, int]:
    """Return what Matplotlib sorts the artists of an axes by, from back to front."""
    return artist.get_zorder(), artist.axes.get_children().index(artist)
