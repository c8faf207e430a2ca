"""Pictures are as they were, and the comparison sees what a reader would see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.image import imread
from pictures import FOLDER, PICTURES, difference, draw

from skgd._plot import landscape, style
from skgd._plot.scene import Scene
from skgd.plotting import KINDS

CURVES = ["curve", "compared-curve", "frame-3", "frame-last"]
GROUNDS = ["contour", "slice", "compared-contour"]
SURFACES = ["surface", "compared-surface"]
CONVERGENCES = ["convergence", "compared-convergence"]
COMPARED = ["compared-curve", "compared-contour", "compared-surface", "compared-convergence"]
TINTED = ["curve", "contour", "surface", "slice", "frame-3", "frame-last"]
STARRED = [*TINTED, "compared-curve", "compared-contour", "compared-surface"]
STARRED.remove("frame-3")


def entry(table: dict[str, Any], key: str, value: Any) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setitem(table, key, value)


def replaced(place: str, value: Any) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(place, value)


LEVELS = landscape.levels_of


def shifted(values: Any, count: int) -> Any:
    levels = LEVELS(values, count)
    return levels + 0.1 * (levels[1] - levels[0])


CHANGES: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], list[str]]] = {
    "no star": (entry(style.END, "s", 0.0), STARRED),
    "a smaller start": (entry(style.START, "s", 80), [*STARRED, "frame-3"]),
    "no mark of the present": (entry(style.NOW, "s", 0.0), ["frame-3"]),
    "other colours of steps": (
        replaced("skgd._plot.dots.steps_colours", lambda: style.part_of("viridis", 0.0, 0.9)),
        TINTED,
    ),
    "other colours of contours": (
        replaced("skgd._plot.landscape.ground_colours", lambda: style.part_of("Blues", 0.0, 0.5)),
        ["contour", "slice"],
    ),
    "other colours of contours under several runs": (
        replaced("skgd._plot.landscape.quiet_colours", lambda: style.part_of("Greys", 0.0, 0.5)),
        ["compared-contour"],
    ),
    "other colours of a surface": (
        replaced("skgd._plot.landscape.surface_colours", lambda: style.part_of("Blues", 0.1, 0.7)),
        SURFACES,
    ),
    "levels shifted by a tenth": (replaced("skgd._plot.landscape.levels_of", shifted), GROUNDS),
    "no shade beyond the bounds": (
        replaced("skgd._plot.scene.Scene.shade_outside", lambda scene, ax: None),
        ["contour"],
    ),
    "another colour of the derivative": (replaced("skgd._plot.curve.SECOND", style.INK), CURVES),
    "another colour of a run": (entry(style.COMPARED[1], "color", style.GREEN), COMPARED),
    "another marker of a run": (entry(style.COMPARED[1], "marker", "^"), COMPARED),
    "a line without dashes": (
        entry(style.COMPARED[1], "linestyle", "-"),
        ["compared-contour", "compared-surface", "compared-convergence"],
    ),
    "a linear scale": (
        lambda patch: patch.setattr(Axes, "set_yscale", lambda ax, scale: None),
        CONVERGENCES,
    ),
}
"""What a reader would see, and in which pictures."""


@pytest.mark.parametrize("name", PICTURES)
def test_is_as_it_was(name, tmp_path):
    assert difference(name, draw(name), tmp_path) is None


@pytest.mark.parametrize("name", PICTURES)
def test_one_dot_that_moves_by_a_fiftieth_is_seen(name, tmp_path):
    assert difference(name, draw(name, 0.02), tmp_path) is not None


@pytest.mark.parametrize(
    ("change", "name"),
    [(change, name) for change, (_, names) in CHANGES.items() for name in names],
)
def test_changes_are_seen(change, name, tmp_path, monkeypatch):
    CHANGES[change][0](monkeypatch)
    assert difference(name, draw(name), tmp_path) is not None


def test_every_picture_has_its_file_and_every_file_its_picture():
    files = {path.stem: path for path in FOLDER.iterdir()}
    assert set(files) == set(PICTURES)
    assert all(path.stat().st_size <= 30_000 for path in files.values())
    assert all(0.03 < (imread(path) < 1.0).mean() < 0.9 for path in files.values())


def test_every_kind_of_picture_is_among_them(monkeypatch):
    drawn = set()
    begin = Scene.__init__

    def spy(scene, *arguments):
        drawn.add(type(scene))
        begin(scene, *arguments)

    monkeypatch.setattr(Scene, "__init__", spy)
    for name in PICTURES:
        draw(name)
    assert drawn == set(KINDS.values())
