"""Animations as GIF, written with Pillow."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from skgd._extras import require
from skgd._rows import Array

COMMONEST = 96
"""Colours of a palette that are chosen by how often they occur alone."""

UNKNOWN = 255
"""The position in a palette that no colour has yet."""


def write_gif(frames: Iterable[tuple[Array, int]], last: Array, path: Path) -> None:
    """Write frames as a GIF that repeats for ever.

    Parameters
    ----------
    frames : iterable of (ndarray of uint8, shape (height, width, 3), int)
        Pixels, and the milliseconds for which they are seen.
    last : ndarray
        The last frame, which has every colour: one palette for all frames does not flicker.
    path : Path
        The file.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    image = require("PIL.Image", "plot")
    palette = _Palette(last)
    images: list[Any] = []
    durations = []
    for pixels, milliseconds in frames:
        images.append(image.fromarray(palette.positions(pixels)))
        images[-1].putpalette(palette.colours.ravel().tolist())
        durations.append(milliseconds)
    images[0].save(
        path, format="GIF", save_all=True, append_images=images[1:], duration=durations, loop=0
    )


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
