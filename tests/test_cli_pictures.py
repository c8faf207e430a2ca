"""The command's pictures, the article's among them, and how it does without Matplotlib."""

from __future__ import annotations

import json
import shlex
import sys

import pytest
from ffmpeg import hide_ffmpeg, need_ffmpeg
from PIL import Image

from skgd.cli import main

CURVE = ["minimize", "x**2 + 8*sin(x)", "--x0", "10"]
BOWL = ["minimize", "(x - 1)**2 + 3*(y + 2)**2", "--x0", "3", "2"]
SUM = ["minimize", "a**2 + 2*b**2 + 3*c**2", "--x0", "1", "2", "3"]


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run the command in an empty directory; return exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def run(*argv):
        try:
            code = main(argv)
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def drawn(monkeypatch):
    """Note the kind and the titles of each picture that is drawn."""
    from skgd._plot import panels as module

    seen = []
    panels = module.panels

    def spy(displays, **kwargs):
        figure, scenes = panels(displays, **kwargs)
        seen.append((type(scenes[0]).__name__, scenes[0].ax.get_title("left")))
        return figure, scenes

    monkeypatch.setattr(module, "panels", spy)
    return seen


@pytest.fixture
def _without_matplotlib(monkeypatch):
    for module in {"matplotlib", *sys.modules}:
        if module.split(".")[0] == "matplotlib":
            monkeypatch.setitem(sys.modules, module, None)


class TestPictures:
    @pytest.mark.parametrize(
        ("formula", "kind"), [(CURVE, "Curve"), (BOWL, "Contour"), (SUM, "Convergence")]
    )
    def test_kind_follows_the_number_of_variables(self, run, drawn, formula, kind):
        assert run(*formula, "--plot", "a.png")[0] == 0
        assert drawn == [(kind, f"gd_spectral: {formula[1]}")]

    def test_surface_is_drawn_in_space(self, run, drawn, tmp_path):
        assert run(*BOWL, "--surface", "a.svg")[0] == 0
        assert drawn[0][0] == "Surface"
        assert (tmp_path / "a.svg").read_text("utf-8").startswith("<?xml")

    def test_a_long_formula_takes_two_lines_of_title(self, run, drawn):
        run("minimize", "+".join(["x**2"] * 40), "--x0", "1", "--plot", "a.png")
        first, second = drawn[0][1].splitlines()
        assert first.startswith("gd_spectral: x**2+x**2")
        assert second.startswith("+x**2")
        assert second.endswith("+x**2 …")
        assert max(len(first), len(second)) <= 60

    @pytest.mark.parametrize("name", ["a.gif", "a.mp4"])
    def test_animations_have_the_format_of_their_ending(self, run, tmp_path, name):
        if name.endswith(".mp4"):
            need_ffmpeg()
        assert run(*CURVE, "--animate", name)[0] == 0
        beginning = (tmp_path / name).read_bytes()[:12]
        assert {"a.gif": b"GIF89a", "a.mp4": b"ftypisom"}[name] in beginning

    def test_animations_show_a_bar_on_a_terminal_only(self, run, monkeypatch):
        asked = []
        monkeypatch.setattr(
            "skgd._plot.panels.write_film",
            lambda film, path, writer, progress: asked.append(progress),
        )
        run(*CURVE, "--animate", "a.gif")
        monkeypatch.setattr("skgd.cli._bars", lambda: True)
        run(*CURVE, "--animate", "a.gif")
        assert asked == [False, True]

    def test_json_stays_json(self, run):
        _, out, err = run(*CURVE, "--plot", "a.png", "--json")
        assert json.loads(out)["success"]
        assert err == "wrote a.png\n"

    def test_are_drawn_of_runs_that_did_not_converge(self, run, tmp_path):
        code, _, _ = run("minimize", "x", "--x0", "1", "--max-iter", "3", "--plot", "a.png")
        assert code == 1
        assert (tmp_path / "a.png").exists()

    def test_are_drawn_of_a_run_that_cannot_start(self, run, tmp_path):
        code, _, err = run("minimize", "log(x)", "--x0", "-1", "--plot", "a.png")
        assert (code, err) == (1, "")
        assert (tmp_path / "a.png").exists()

    def test_examples_in_the_help_run(self, run, tmp_path):
        _, out, _ = run("minimize", "--help")
        examples = out.partition("examples:")[2].replace("\\\n", " ").splitlines()
        commands = [shlex.split(line)[1:] for line in examples if line.startswith("    skgd ")]
        assert len(commands) == 5
        for command in commands:
            assert run(*command)[::2] == (0, "")
        with Image.open(tmp_path / "descent.png") as image:
            assert image.size == (960, 720)
        with Image.open(tmp_path / "descent.gif") as image:
            assert image.n_frames > 20


class TestFilesThatCannotBeWritten:
    @pytest.mark.parametrize(
        ("argv", "message"),
        [
            ([*CURVE, "--plot", "no/such/a.png"], "'no/such/a.png'"),
            (
                [*CURVE, "--plot", "a.doc"],
                "picture format of 'a.doc'; end its name in .png, .svg, .pdf, .jpg\n",
            ),
            ([*CURVE, "--plot", "a"], "picture format of 'a'"),
            ([*CURVE, "--animate", "a.png"], "end its name in .gif, .mp4\n"),
            ([*CURVE, "--surface", "a.png"], "--surface is for two variables"),
            ([*CURVE, "--plot", "directory.png"], "it is a directory"),
        ],
    )
    def test_are_noticed_before_the_run(self, run, tmp_path, argv, message):
        (tmp_path / "directory.png").mkdir()
        code, out, err = run(*argv)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        assert message in err

    def test_are_one_line_for_the_article_too(self, run, tmp_path):
        (tmp_path / "file").write_text("")
        code, _, err = run("article", "--out", "file")
        assert code == 2
        assert err.startswith("skgd: error: cannot write 'file'")
        assert err.count("\n") == 1


@pytest.mark.usefixtures("_without_matplotlib")
class TestWithoutMatplotlib:
    @pytest.mark.parametrize(
        "argv",
        [
            [*CURVE, "--plot", "a.png"],
            [*CURVE, "--animate", "a.gif"],
            [*BOWL, "--surface", "a.png"],
            ["article", "--out", "figures"],
        ],
    )
    def test_one_line_says_how_to_get_it_before_the_run(self, run, argv):
        code, out, err = run(*argv)
        assert (code, out) == (2, "")
        assert "pip install 'skgd[plot]'" in err
        assert err.count("\n") == 1

    def test_all_else_works(self, run):
        assert run(*CURVE)[0] == 0
        assert run("article")[0] == 0


def test_without_ffmpeg_one_line_says_how_to_get_it_before_the_run(run, tmp_path, monkeypatch):
    hide_ffmpeg(monkeypatch)
    code, out, err = run(*CURVE, "--animate", "a.mp4")
    assert (code, out) == (2, "")
    assert "pip install 'skgd[video]'" in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


class TestArticle:
    def test_prints_progress_and_ends_and_writes_figures(self, run, monkeypatch):
        made = []
        monkeypatch.setattr(
            "skgd.article.draw_figures", lambda results, out: [made.append(out) or out / "a.png"]
        )
        code, out, err = run("article", "--out", "figures")
        assert (code, err) == (0, "")
        assert out.count("iteration      0 ") == 5
        assert "It leaves the local minimum for the global one" in out
        assert out.endswith("wrote figures/a.png\n")
        assert [str(path) for path in made] == ["figures"]

    def test_without_a_directory_writes_nothing(self, run, tmp_path):
        code, out, _ = run("article")
        assert code == 0
        assert "wrote" not in out
        assert not list(tmp_path.iterdir())
