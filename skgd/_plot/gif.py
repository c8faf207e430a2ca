"""Moving pictures, written with Pillow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
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
"""Milliseconds of any other frame; viewers show shorter ones too long."""

COMMONEST = 96
"""Colours of a palette that are chosen by how often they occur alone."""

UNKNOWN = 255
"""The position in a palette that no colour has yet."""


def write_gif(figure: Figure, scenes: Sequence[Scene], path: Path, seconds: float) -> None:
    """Write a GIF in which every scene shows its run from the first iterate to the last.

    Parameters
    ----------
    figure : Figure
        Where the scenes are.
    scenes : sequence of Scene
        They run side by side; a shorter one waits at its end.
    path : Path
        The file.
    seconds : float
        How long the run takes at most, without the rest at its end.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    image = require("PIL.Image", "plot")
    lengths = [len(scene.run.path) for scene in scenes]
    canvas = _Canvas(figure, scenes)
    # The last picture has every colour; one palette for all frames does not flicker.
    palette = _Palette(canvas.pixels())
    frames: list[Any] = []
    positions, durations = schedule([scene.moves() for scene in scenes], 1000.0 * seconds)
    for position in positions:
        for scene, length in zip(scenes, lengths, strict=True):
            scene.frame(min(position + 1, length))
        frames.append(image.fromarray(palette.positions(canvas.pixels())))
        frames[-1].putpalette(palette.colours.ravel().tolist())
    frames[0].save(
        path, format="GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0
    )


def schedule(moves: Sequence[Array], total: float) -> tuple[list[int], list[int]]:
    """Return which iterates are shown, and for how long.

    Parameters
    ----------
    moves : sequence of ndarray, shape (K - 1,)
        How far each step of each run moves.
    total : float
        Milliseconds that the runs take at most.

    Returns
    -------
    positions, milliseconds : list of int
        The iterates, the first and the last of the longest run among them.
    """
    longest = max(map(len, moves))
    if longest == 0:
        return [0], [LAST]
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
    return positions, [*durations, LAST]


class _Palette:
    """255 colours of a picture, and for any other the nearest of them.

    First come the commonest colours, then, one by one, that which is shown worst.  Pillow's own
    choice averages similar colours, which makes white paper grey.
    """

    def __init__(self, pixels: Array) -> None:
        codes, counts = np.unique(_codes(pixels), return_counts=True)
        colours = np.stack([codes >> shift & 255 for shift in (16, 8, 0)], axis=1)
        chosen = list(np.argsort(-counts)[:COMMONEST])
        away = np.min([_distances(colours, colours[i]) for i in chosen], axis=0)
        while len(chosen) < min(UNKNOWN, len(codes)):
            chosen.append((away * counts).argmax())
            away = np.minimum(away, _distances(colours, colours[chosen[-1]]))
        self.colours = colours[chosen]
        self._position = np.full(2**24, UNKNOWN, dtype=np.uint8)
        self._position[codes[chosen]] = np.arange(len(chosen))

    def positions(self, pixels: Array) -> Array:
        """Return the position in the palette of each pixel's colour."""
        codes = _codes(pixels)
        positions = self._position[codes]
        unknown = positions == UNKNOWN
        if unknown.any():
            colours, first = np.unique(codes[unknown], return_index=True)
            away = pixels[unknown][first, None, :].astype(int) - self.colours
            self._position[colours] = (away**2).sum(axis=-1).argmin(axis=-1)
            positions = self._position[codes]
        return positions


def _distances(colours: Array, colour: Array) -> Array:
    """Return the squared distances of colours, shape (m, 3), from one."""
    squares: Array = ((colours - colour) ** 2).sum(axis=1)
    return squares


def _codes(pixels: Array) -> Array:
    """Return red, green and blue as one number each pixel."""
    red, green, blue = np.moveaxis(pixels.astype(np.int32), -1, 0)
    codes: Array = red << 16 | green << 8 | blue
    return codes


class _Canvas:
    """A figure in pixels, of which only what moves is drawn anew."""

    def __init__(self, figure: Figure, scenes: Sequence[Scene]) -> None:
        backend = require("matplotlib.backends.backend_agg", "plot")
        self._agg, self._scenes = backend.FigureCanvasAgg(figure), scenes
        # The layout is found once, with the whole run in view, so that nothing moves but the run.
        self._agg.draw()
        figure.set_layout_engine("none")
        for scene in scenes:
            scene.frame(len(scene.run.path))
        self._ground: Any = None
        if not any(scene.projection for scene in scenes):
            self._set_visible(False)
            self._agg.draw()
            self._ground = self._agg.copy_from_bbox(figure.bbox)
            self._set_visible(True)

    def pixels(self) -> Array:
        """Return the picture as it is now, shape (height, width, 3)."""
        if self._ground is None:
            # In space, what is drawn depends on everything else.
            self._agg.draw()
        else:
            self._agg.restore_region(self._ground)
            for scene in self._scenes:
                for artist in scene.moving():
                    artist.axes.draw_artist(artist)
        return np.array(self._agg.buffer_rgba())[..., :3]

    def _set_visible(self, visible: bool) -> None:
        for scene in self._scenes:
            for artist in scene.moving():
                artist.set_visible(visible)
