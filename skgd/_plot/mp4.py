"""Animations as MP4, written with the program ffmpeg."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from skgd._extras import require
from skgd._rows import Array

RATE = 50
"""Frames a second; one that is seen longer is repeated, which hardly takes room in a film."""

QUALITY = 18
"""Of H.264: 0 is lossless, and up to about 18 no loss is seen."""

# Most players want the least common layout of colours, which needs even sides, and take the matrix
# of BT.709 for granted in large pictures only.
PICTURE = (
    "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white,"
    "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"
)
MATRIX = ("-colorspace", "bt709")


def find_ffmpeg() -> str:
    """Return the path of ffmpeg.

    It is Matplotlib's ``rcParams["animation.ffmpeg_path"]``, which by default is looked for on the
    path of programs, or that of the package imageio-ffmpeg.

    Raises
    ------
    ImportError
        When there is none, and the package is not installed.
    OSError
        When the package is installed without its program.
    """
    found = shutil.which(str(require("matplotlib", "plot").rcParams["animation.ffmpeg_path"]))
    if found is not None:
        return found
    try:
        return str(require("imageio_ffmpeg", "video").get_ffmpeg_exe())
    except RuntimeError as error:
        raise OSError(str(error)) from error


def write_mp4(frames: Iterable[tuple[Array, int]], last: Array, path: Path, ffmpeg: str) -> None:
    """Write frames as an MP4 with H.264.

    Parameters
    ----------
    frames : iterable of (ndarray of uint8, shape (height, width, 3), int)
        Pixels, and the milliseconds for which they are seen.
    last : ndarray
        The last frame, which tells the size.
    path : Path
        The file.
    ffmpeg : str
        The program.

    Raises
    ------
    OSError
        When ffmpeg fails; the message is its own.
    """
    height, width, _ = last.shape
    source = ("-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", f"{width}x{height}")
    coding = ("-vf", PICTURE, "-c:v", "h264", "-crf", str(QUALITY), *MATRIX)
    command = [ffmpeg, "-loglevel", "error", "-y", *source, "-framerate", str(RATE), "-i", "-"]
    # A resolved path cannot be taken for an option or a protocol.
    command += [*coding, "-movflags", "+faststart", "-f", "mp4", str(path.resolve())]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors
        )
        try:
            _feed(process, frames)
        except BaseException:
            process.kill()
            process.wait()
            raise
        if process.wait() != 0:
            errors.seek(0)
            lines = errors.read().decode(errors="replace").split("\n")
            said = " ".join(line.strip() for line in lines if line.strip())
            raise OSError(f"ffmpeg could not write the animation: {said or 'it does not say why'}")


def _feed(process: subprocess.Popen[bytes], frames: Iterable[tuple[Array, int]]) -> None:
    """Give the program every frame as often as its time takes."""
    assert process.stdin is not None
    # A program that has ended takes no more; why it has ended is found in what it printed.
    with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
        due, written = 0.0, 0
        for pixels, milliseconds in frames:
            due += milliseconds * RATE / 1000.0
            pipe.write(pixels.tobytes() * (round(due) - written))
            written = round(due)
