"""Moving pictures, written with Pillow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skgd._extras import require
from skgd._rows import Array

from .grid import thinned
from .scene import Scene

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_FRAMES = 120
"""Frames of one animation; a longer run shows every second, third, ... iterate."""

UNKNOWN = 255
"""The position in a palette that no colour has yet."""

LAST = 2500
"""Milliseconds that the end stays in view."""


def write_gif(figure: Figure, scenes: Sequence[Scene], path: Path, seconds: float) -> None:
    """Write a GIF in which every scene shows its run from the first iterate to the last.

    Parameters
    ----------
    figure : Figure
        Where the scenes are.
    scenes : sequence of Scene
        They run side by side, one iterate a frame; a shorter one waits at its end.
    path : Path
        The file.
    seconds : float
        How long the run takes, without the rest at its end.

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
    for position in thinned(max(lengths), MOST_FRAMES):
        for scene, length in zip(scenes, lengths, strict=True):
            scene.show(min(position + 1, length))
        frames.append(image.fromarray(palette.positions(canvas.pixels())))
        frames[-1].putpalette(palette.colours.ravel().tolist())
    duration = max(20, round(1000 * seconds / len(frames)))
    durations = [duration] * (len(frames) - 1) + [LAST]
    frames[0].save(
        path, format="GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0
    )


class _Palette:
    """The 255 colours that cover most of a picture, and for any other the nearest of them.

    Pillow's own choice averages similar colours, which makes white paper grey.
    """

    def __init__(self, pixels: Array) -> None:
        codes, counts = np.unique(_codes(pixels), return_counts=True)
        commonest = codes[np.argsort(-counts)[:UNKNOWN]]
        self.colours = np.stack([commonest >> shift & 255 for shift in (16, 8, 0)], axis=1)
        self._position = np.full(2**24, UNKNOWN, dtype=np.uint8)
        self._position[commonest] = np.arange(len(commonest))

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
