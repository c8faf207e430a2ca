"""Where an animation goes: a format told by the ending, and a file that is whole or not there."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType

from skgd._extras import progress_bar
from skgd._rows import Array

from .frames import Film
from .gif import write_gif
from .mp4 import find_ffmpeg, write_mp4

Writer = Callable[[Iterable[tuple[Array, int]], Array, Path], None]
"""What is called with the frames, the last of them, and the file."""

FORMATS: Mapping[str, Callable[[], Writer]] = MappingProxyType(
    {"gif": lambda: write_gif, "mp4": lambda: partial(write_mp4, ffmpeg=find_ffmpeg())}
)
"""What finds the writer of a format, by the ending of a file."""


def writer_of(path: Path) -> Writer:
    """Return what writes the format that the ending of a path stands for.

    Raises
    ------
    ImportError, OSError
        When it is MP4 and there is no ffmpeg.
    ValueError
        When it is another one.
    """
    ending = path.suffix[1:].lower()
    if ending not in FORMATS:
        endings = " or .".join(FORMATS)
        raise ValueError(f"path must end in .{endings}, as animations do, got {str(path)!r}")
    return FORMATS[ending]()


def write_film(film: Film, path: Path, writer: Writer, progress: bool) -> None:
    """Write a film to a file.

    Parameters
    ----------
    film : Film
        What is written.
    path : Path
        The file; what was there is replaced when all is written, and else remains.
    writer : callable
        What `writer_of` returns.
    progress : bool
        Whether to show a bar.

    Raises
    ------
    ImportError
        When `progress` is asked for and tqdm is not installed.
    OSError
        When the file cannot be written.
    """
    with _replaced(path) as file:
        writer(_counted(film) if progress else film, film.last, file)


def _counted(film: Film) -> Iterator[tuple[Array, int]]:
    """Yield the frames, and show how many there have been."""
    with progress_bar(len(film), "frame") as bar:
        for frame in film:
            yield frame
            bar.update(1)


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """Give a file that takes the place of the path in the end, and is removed if that fails."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    file = path.with_name(f"{path.name}.part")
    try:
        file.touch()
    except OSError as error:
        # The user knows his own file only.
        raise OSError(error.errno, error.strerror, str(path)) from None
    try:
        yield file
        file.replace(path)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
