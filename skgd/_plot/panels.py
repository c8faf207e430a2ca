"""Runs side by side on one figure: drawn, written to a file, animated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skgd._checks import did_you_mean, positive
from skgd._extras import require

from .animation import write_film, writer_of
from .frames import Film
from .kinds import scene_of
from .look import Look
from .scene import Scene

if TYPE_CHECKING:
    import os

    from matplotlib.figure import Figure

    from skgd.plotting import DescentDisplay


def save(
    displays: Sequence[DescentDisplay],
    path: str | os.PathLike[str],
    *,
    dpi: float = 150,
    **kwargs: Any,
) -> Path:
    """Write runs, side by side, to a picture file, without a window or pyplot.

    Parameters
    ----------
    displays : sequence of DescentDisplay
        The runs.
    path : path-like
        The file; its ending says the format.
    dpi : float, default 150
        Dots an inch.
    **kwargs
        ``titles``, a title for each run; ``size``, width and height of each panel in inches; and
        parameters of `skgd.plotting.DescentDisplay.plot`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ImportError
        When Matplotlib is not installed.
    OSError
        When the file cannot be written.
    TypeError
        When a parameter is not known.
    ValueError
        When an argument is not allowed, or the format is not known.
    """
    path = picture_file(path)
    figure, _ = panels(displays, **kwargs)
    return write_picture(figure, path, dpi)


def picture_file(path: str | os.PathLike[str]) -> Path:
    """Return the path of a picture, or raise ValueError when its ending tells no format.

    Matplotlib would write to another file then, the ending added.
    """
    path = Path(path)
    if not path.suffix or path.is_dir():
        raise ValueError(
            f"path must be a file whose ending says the format, such as descent.png, got "
            f"{str(path)!r}"
        )
    return path


def write_picture(figure: Figure, path: Path, dpi: float) -> Path:
    """Write a figure to a file whose ending says the format."""
    figure.savefig(path, dpi=positive("dpi", dpi))
    return path


def animate(
    displays: Sequence[DescentDisplay],
    path: str | os.PathLike[str],
    *,
    seconds: float = 6.0,
    dpi: float = 100,
    progress: bool = False,
    **kwargs: Any,
) -> Path:
    """Write runs, side by side, as an animation.

    Parameters
    ----------
    displays : sequence of DescentDisplay
        The runs; they start together, and a shorter one waits at its end.  The number of the
        iteration is in the legend, and more time is given to steps that move further.
    path : path-like
        The file, whose ending is ``.gif`` or ``.mp4``.  MP4 is smaller and has all colours; it
        needs the program ffmpeg, which Matplotlib's ``rcParams["animation.ffmpeg_path"]`` names,
        or the extra "video".
    seconds : float, default 6
        How long the runs take at most, without a second and a half at the end.
    dpi : float, default 100
        Dots an inch.
    progress : bool, default False
        Show a bar while frames are drawn, when the error stream is a terminal; needs tqdm.
    **kwargs
        ``titles``, a title for each run; ``size``, width and height of each panel in inches; and
        parameters of `skgd.plotting.DescentDisplay.plot`.

    Returns
    -------
    Path
        The file.  When it cannot be written to the end, what was there before remains.

    Raises
    ------
    ImportError
        When Matplotlib, or what writes MP4 or shows a bar, is not installed.
    OSError
        When the file cannot be written.
    ValueError
        When an argument is not allowed, or the ending is another one.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skgd import Formula
    >>> from skgd.plotting import DescentDisplay, animate
    >>> f = Formula("x**2 + 8*sin(x)")
    >>> paths = {"slow": [9, 7, 5, 4], "fast": [9, 5, 1, -1]}
    >>> displays = [DescentDisplay(path=path, fun=f) for path in paths.values()]
    >>> animate(displays, Path(tempfile.mkdtemp()) / "two.gif", titles=list(paths)).name
    'two.gif'
    """
    path, seconds = Path(path), positive("seconds", seconds)
    writer = writer_of(path)
    dpi = positive("dpi", dpi)
    figure, scenes = panels(displays, **kwargs)
    figure.set_dpi(dpi)
    write_film(Film(figure, scenes, seconds), path, writer, progress)
    return path


def panels(
    displays: Sequence[DescentDisplay],
    *,
    kind: str | None = None,
    titles: Sequence[str | None] | None = None,
    size: tuple[float, float] = (6.4, 4.8),
    **look: Any,
) -> tuple[Figure, list[Scene]]:
    """Draw runs side by side on a new figure.

    Parameters
    ----------
    displays : sequence of DescentDisplay
        The runs.
    kind : str, optional
        What is drawn; by default what each display has drawn last, or else "auto".
    titles : sequence of str, optional
        A title for each run.
    size : pair of float, default (6.4, 4.8)
        Width and height of each panel, in inches.
    **look
        For `DescentDisplay.plot`; what is not given is as in each display's last plot.

    Returns
    -------
    figure, scenes
        The figure, and the picture in each of its panels.

    Raises
    ------
    ImportError
        When Matplotlib is not installed.
    ValueError
        When an argument is not allowed.
    """
    own = [field.name for field in fields(Look)]
    for name in look:
        if name not in own:
            hint = did_you_mean(name, ["kind", "titles", "size", *own])
            raise TypeError(f"unknown parameter {name!r}{hint}")
    kinds = [scene_of(kind or display.kind, display.runs) for display in displays]
    looks = [replace(display.look, **look) for display in displays]
    if titles is not None:
        looks = [replace(each, title=title) for each, title in zip(looks, titles, strict=True)]
    width, height = _inches(size)
    figure = require("matplotlib.figure", "plot").Figure(
        figsize=(width * len(displays), height), layout="constrained"
    )
    scenes = []
    for i, (scene, display, each) in enumerate(zip(kinds, displays, looks, strict=True), start=1):
        ax = figure.add_subplot(1, len(displays), i, projection=scene.projection)
        scenes.append(scene(ax, display.runs, each))
    return figure, scenes


def _inches(size: Any) -> tuple[float, float]:
    try:
        width, height = size
    except (TypeError, ValueError):
        raise ValueError(f"size must be a pair, width and height in inches, got {size!r}") from None
    return positive("size[0]", width), positive("size[1]", height)
