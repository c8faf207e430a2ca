"""Every kind of picture, drawn small and without text, to be compared with how it was.

``python tests/pictures.py`` compares, and ``python tests/pictures.py --write`` draws the files in
``tests/pictures/`` anew: look at what has changed before it is committed.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text
from matplotlib.ticker import NullFormatter
from PIL import Image

from skgd import Formula
from skgd._plot.frames import Film
from skgd.plotting import DescentDisplay, panels

FOLDER = Path(__file__).parent / "pictures"

TOLERANCE = 0.5
"""Root mean square of the differences, of 255.  Versions of Matplotlib differ by less than 0.1, and
the changes that a reader would see by more than 1, as `test_pictures` shows."""

COUNT = 12
CURVE = Formula("x**2 + 8*sin(x)")
BOWL = Formula("(x - 1)**2 + 3*(y + 2)**2 + x*y")
DISH = Formula("a**2 + 2*b**2 + 4*c**2 + a*c")


def line(moved: float, speed: float = 0.3) -> Any:
    """Return a path of one variable; its middle iterate may be moved by a part of the picture."""
    path = 10.0 * np.exp(-speed * np.arange(COUNT)) - 1.0
    path[3] += 11.0 * moved
    return path


def spiral(moved: float, speed: float = 0.3) -> Any:
    """Return a path of two variables."""
    k = np.arange(COUNT)
    path = (
        np.array([1.5, -2.2])
        + (4.0 * np.exp(-speed * k) * np.array([np.cos(0.7 * k), np.sin(0.7 * k)])).T
    )
    path[3] += 6.0 * moved
    return path


def helix(moved: float) -> Any:
    """Return a path of three variables."""
    return np.column_stack([spiral(moved), 0.3 * np.exp(-0.3 * np.arange(COUNT))])


def falling(moved: float, speed: float = 1.0) -> Any:
    """Return values that fall by nine powers of ten."""
    values = 10.0 ** (3.0 - speed * np.arange(COUNT))
    values[3] *= 10.0 ** (20.0 * moved)
    return values


def still(*displays: DescentDisplay, kind: str = "auto") -> Any:
    """Return the pixels of a picture of one run or several."""
    figure = Figure(figsize=(3.2, 2.4), dpi=100)
    in_space = kind == "surface"
    ax = figure.add_subplot(projection="3d" if in_space else None)
    # The lines between the meshes of a fine surface would take most of the file.
    look: dict[str, Any] = {"kind": kind, "resolution": 16 if in_space else 40}
    if len(displays) == 1:
        displays[0].plot(ax, **look)
    else:
        DescentDisplay.from_displays(dict(zip("abc", displays, strict=False)), ax=ax, **look)
    bare(figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]


def frame(moved: float, number: int) -> Any:
    """Return the pixels of a frame of two runs side by side, below their legends."""
    displays = [DescentDisplay(path=line(moved, speed), fun=CURVE) for speed in (0.3, 0.6)]
    figure, scenes = panels(displays, size=(2.4, 2.0), resolution=40, colorbar=False)
    bare(figure)
    pixels, _ = next(islice(Film(figure, scenes, 1.0), number, None))
    top = max(ax.get_position().y1 for ax in figure.axes)
    return pixels[round((1.0 - top) * len(pixels)) :]


def bare(figure: Figure) -> None:
    """Take away all text, which each version of FreeType draws in another way, and its room."""
    figure.set_layout_engine("none")
    for ax in figure.axes:
        if ax.get_legend() is not None:
            ax.get_legend().set_visible(False)
        for axis in (ax.xaxis, ax.yaxis, *([ax.zaxis] if ax.name == "3d" else [])):
            axis.set_major_formatter(NullFormatter())
            axis.set_minor_formatter(NullFormatter())
    for text in figure.findobj(Text):
        text.set_visible(False)


PICTURES: dict[str, Callable[[float], Any]] = {
    "curve": lambda moved: still(DescentDisplay(path=line(moved), fun=CURVE)),
    "contour": lambda moved: still(
        DescentDisplay(path=spiral(moved), fun=BOWL, bounds=[(None, 4.0), (-4.5, None)])
    ),
    "surface": lambda moved: still(DescentDisplay(path=spiral(moved), fun=BOWL), kind="surface"),
    "slice": lambda moved: still(DescentDisplay(path=helix(moved), fun=DISH), kind="slice"),
    "convergence": lambda moved: still(
        DescentDisplay(values=falling(moved), gradient_norms=falling(0.0, 0.5))
    ),
    "estimator": lambda moved: still(
        DescentDisplay(
            values=1.0 + falling(moved, 0.3), validation=2.0 + falling(0.0, 0.2), unit="epoch"
        )
    ),
    "compared-curve": lambda moved: still(
        DescentDisplay(path=line(moved), fun=CURVE), DescentDisplay(path=line(0.0, 0.6), fun=CURVE)
    ),
    "compared-contour": lambda moved: still(
        DescentDisplay(path=spiral(moved), fun=BOWL),
        DescentDisplay(path=spiral(0.0, 0.6), fun=BOWL),
    ),
    "compared-surface": lambda moved: still(
        DescentDisplay(path=spiral(moved), fun=BOWL),
        DescentDisplay(path=spiral(0.0, 0.6), fun=BOWL),
        kind="surface",
    ),
    "compared-convergence": lambda moved: still(
        DescentDisplay(values=falling(moved)), DescentDisplay(values=falling(0.0, 0.5))
    ),
    "frame-3": lambda moved: frame(moved, 3),
    "frame-last": lambda moved: frame(moved, COUNT - 1),
}
"""The pictures by name; each takes how far one iterate is moved, as a part of the picture."""


def draw(name: str, moved: float = 0.0) -> Any:
    """Return the pixels of a picture, whatever settings of Matplotlib the user has."""
    with style.context("default"):
        return PICTURES[name](moved)


def difference(name: str, pixels: Any, folder: Path) -> str | None:
    """Return what compare_images says of how a picture has changed, None where it has not."""
    path = folder / f"{name}.png"
    Image.fromarray(pixels).save(path)
    found: str | None = compare_images(str(FOLDER / path.name), str(path), tol=TOLERANCE)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="pictures; all by default")
    parser.add_argument("--write", action="store_true", help="draw the files anew")
    arguments = parser.parse_args()
    for name in arguments.names or PICTURES:
        pixels = draw(name)
        if arguments.write:
            FOLDER.mkdir(exist_ok=True)
            Image.fromarray(pixels).save(FOLDER / f"{name}.png", optimize=True)
            print("wrote", name)  # noqa: T201
        else:
            found = difference(name, pixels, Path(tempfile.mkdtemp()))
            print(name, "is as it was" if found is None else found)  # noqa: T201


if __name__ == "__main__":
    main()
