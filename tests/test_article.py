"""The article's five runs, against the numbers of its own programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import scipy.optimize
from PIL import Image

from skgd import Central, Forward
from skgd.article import DESCENTS, run_article, side_by_side

TRACES = {
    trace["name"]: trace
    for trace in json.loads(Path(__file__).with_name("article_traces.json").read_text("utf-8"))
}
FIGURES = [
    "1-quadratic.png",
    "2-curve.png",
    "3-surface.png",
    "4-surface-momentum.png",
    "5-curve.gif",
]


def iterates(name, **changes):
    return np.array(DESCENTS[name].minimize(return_all=True, **changes).allvecs)


def from_start(name, x0, **changes):
    """Run a descent of the article with the same settings from another start."""
    descent = DESCENTS[name]
    settings = vars(descent) | {"x0": x0} | changes
    return type(descent)(**settings).minimize()


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    out = tmp_path_factory.mktemp("article") / "new" / "directory"
    said = []
    run_article(out, said.append)
    return out, said


def test_the_runs_are_those_of_the_traces():
    assert list(DESCENTS) == list(TRACES)
    for name, trace in TRACES.items():
        assert DESCENTS[name].x0 == tuple(np.atleast_1d(trace["x0"]))


@pytest.mark.parametrize("name", TRACES)
def test_path_agrees_with_the_trace(name):
    expected = np.array(TRACES[name]["path"]).reshape(-1, len(DESCENTS[name].x0))
    path = iterates(name)
    assert path.shape == expected.shape
    np.testing.assert_allclose(path, expected, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("name", TRACES)
def test_a_run_is_one_call_of_minimize(name, monkeypatch):
    calls = []
    minimize = scipy.optimize.minimize
    monkeypatch.setattr(
        scipy.optimize, "minimize", lambda *a, **k: calls.append(a) or minimize(*a, **k)
    )
    DESCENTS[name].minimize()
    assert len(calls) == 1


@pytest.mark.parametrize("name", [name for name, trace in TRACES.items() if trace["printed"]])
def test_progress_lines_show_what_the_article_prints(name, capsys):
    printed = TRACES[name]["printed"].copy()
    final = printed.pop("final", None)
    res = DESCENTS[name].minimize(disp=DESCENTS[name].every)
    found = re.findall(r"iteration +(\d+) .* x \[(.*)\]\n", capsys.readouterr().out)
    lines = {k: np.array(x.split(), dtype=float) for k, x in found}
    assert lines.keys() >= printed.keys()
    # The lines have six digits, and the article's surface four decimals.
    for k, expected in printed.items():
        np.testing.assert_allclose(lines[k], np.atleast_1d(expected), rtol=1e-6, atol=5.1e-5)
    if final is not None:
        assert res.x_last == pytest.approx(final, rel=1e-12)


def test_progress_lines_are_aligned(capsys):
    run_article(say=print)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("iteration")]
    assert len(lines) > 20
    for word in (" f ", " |g| ", " step ", " x "):
        assert len({line.index(word) for line in lines}) == 1


def test_without_a_printer_nothing_is_printed(capsys):
    results = run_article()
    assert capsys.readouterr() == ("", "")
    assert list(results) == list(DESCENTS)


def test_every_run_is_introduced_and_summed_up(figures):
    out, said = figures
    text = "\n".join(said)
    for name, descent in DESCENTS.items():
        assert f"{name}: {descent.formula} from" in text
        assert descent.remark in text
    assert "ends at -1.252342756" in text
    assert said[-5:] == [f"wrote {out / name}" for name in FIGURES]


def test_five_figures_are_written(figures):
    out, _ = figures
    assert sorted(path.name for path in out.iterdir()) == FIGURES


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_not_blank(figures, name):
    with Image.open(figures[0] / name) as image:
        pixels = np.array(image.convert("L"))
    assert pixels.size > 300_000
    assert len(np.unique(pixels)) > 20
    assert 0.02 < (pixels != 255).mean() < 0.6


def test_the_animation_runs_and_rests_at_its_end(figures):
    with Image.open(figures[0] / "5-curve.gif") as image:
        assert image.n_frames > 30
        assert image.info["loop"] == 0
        image.seek(image.n_frames - 2)
        usual = image.info["duration"]
        image.seek(image.n_frames - 1)
        assert 10 * usual < image.info["duration"] <= 1500


def test_the_animation_is_one_call(tmp_path):
    small = {"size": (2.5, 2.0), "seconds": 1.0, "resolution": 50}
    path = side_by_side(tmp_path / "a.gif", **small)
    again = side_by_side(tmp_path / "b.gif", run_article(), **small)
    assert path.read_bytes() == again.read_bytes()
    with Image.open(path) as image:
        assert image.size == (500, 200)
        assert image.n_frames > 30


class TestWhatTheDocumentationSaysOfTheArticle:
    def test_momentum_leaves_the_local_minimum_and_plain_descent_does_not(self):
        local, lowest = 3.595304867161548, -1.2523532340025887
        assert DESCENTS["curve-plain"].minimize().x_last == pytest.approx(local, abs=1e-4)
        assert DESCENTS["curve-momentum"].minimize().x_last == pytest.approx(lowest, abs=1e-4)

    def test_momentum_stays_in_the_local_minimum_without_enough_speed(self):
        assert from_start("curve-momentum", (4.5,)).x_last == pytest.approx(3.5953, abs=1e-4)

    @pytest.mark.parametrize("step", [0.01, 0.002])
    def test_forward_differences_land_half_a_step_before_the_minimum(self, step):
        options = {"learning_rate": 0.1, "xtol": 1e-9, "gtol": 0.0}
        res = from_start("surface-plain", (0.0, -1.0), jac=Forward(step=step), options=options)
        np.testing.assert_allclose(res.x_last, -step / 2, rtol=1e-4)

    def test_central_differences_have_no_such_bias(self):
        options = {"learning_rate": 0.1, "xtol": 1e-9, "gtol": 0.0}
        res = from_start("surface-plain", (0.0, -1.0), jac=Central(step=0.01), options=options)
        np.testing.assert_allclose(res.x_last, 0.0, atol=1e-8)

    def test_the_run_on_the_surface_has_not_converged(self):
        res = DESCENTS["surface-momentum"].minimize()
        assert not res.success
        assert res.nit == 302

    @pytest.mark.parametrize(("y", "end"), [(-1.15, -3.4), (-1.25, -3.2)])
    def test_its_start_is_lucky(self, y, end):
        assert DESCENTS["surface-momentum"].minimize().x_last[1] > 2
        assert from_start("surface-momentum", (0.0, y)).x_last[1] == pytest.approx(end, abs=0.05)
