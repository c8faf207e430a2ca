"""Pictures of a descent: what they show, and that nothing in them is lost."""

from __future__ import annotations

import math
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from scipy.optimize import Bounds, minimize, rosen, rosen_der

from skgd import Formula, gd, gd_spectral
from skgd.plotting import KINDS, DescentDisplay, panels, recorded, save

CURVE = Formula("x**2 + 8*sin(x)")
BOWL = Formula("(x - 1)**2 + 3*(y + 2)**2")
SUM = Formula("a**2 + 2*b**2 + 3*c**2")
SCALE = "iteration (√ scale)"
STARTS = {"curve": (CURVE, [10.0]), "contour": (BOWL, [3.0, 2.0]), "surface": (BOWL, [3.0, 2.0])}


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    yield
    plt.close("all")


def descend(f, x0, **options):
    return minimize(f, x0, jac=f.jac, method=gd, options={"history": True, **options})


def display_of(kind):
    f, x0 = STARTS.get(kind, (SUM, [1.0, 2.0, 3.0]))
    return DescentDisplay(**recorded(descend(f, x0)), fun=f)


class TestWhatIsShown:
    def test_the_kind_follows_the_number_of_variables(self):
        for kind in ("curve", "contour", "convergence"):
            (scene,) = panels([display_of(kind)])[1]
            assert type(scene) is KINDS[kind]

    def test_without_a_function_the_convergence_is_shown(self):
        display = DescentDisplay.from_result(descend(BOWL, [3, 2]))
        assert display.ax_.get_xlabel() == "iteration"

    def test_curve_shows_function_and_derivative_through_the_steps(self):
        res = descend(CURVE, [10.0])
        display = DescentDisplay.from_result(res, CURVE)
        upper, lower, *_ = display.figure_.axes
        assert (upper.get_ylabel(), lower.get_ylabel()) == ("f(x)", "df/dx")
        assert lower.get_xlabel() == "x"
        for ax, function in ((upper, CURVE), (lower, CURVE.jac)):
            x, y = ax.lines[-1].get_data()
            np.testing.assert_allclose(y, function(x))
            start, dots, end = (np.asarray(c.get_offsets()) for c in ax.collections[:3])
            path = np.array(res.history["x"])[:, 0]
            np.testing.assert_allclose(dots, np.column_stack([path, function(path)]))
            np.testing.assert_allclose(start[0], dots[0])
            np.testing.assert_allclose(end[0], dots[-1])

    def test_derivative_can_be_left_out(self):
        display = DescentDisplay.from_result(descend(CURVE, [10.0]), CURVE, derivative=False)
        assert [ax.get_ylabel() for ax in display.figure_.axes] == ["f(x)", SCALE]

    def test_derivative_of_an_ordinary_function_is_drawn_from_jac(self):
        res = minimize(rosen, [0.0, 1.0], jac=rosen_der, method=gd, options={"history": True})
        assert DescentDisplay(**recorded(res), fun=rosen, jac=rosen_der).run.jac is rosen_der
        plain = DescentDisplay(path=[3.0, 1.0], fun=lambda x: float(x[0] ** 2))
        assert len(plain.plot(colorbar=False).figure_.axes) == 1

    def test_steps_are_coloured_from_early_and_dark_to_late_and_light(self):
        display = DescentDisplay.from_result(descend(BOWL, [3, 2]), BOWL)
        dots = max(display.ax_.collections, key=lambda c: len(c.get_facecolors()))
        lightness = dots.get_facecolors()[:, :3] @ [0.299, 0.587, 0.114]
        assert (np.diff(lightness) > 0).all()
        assert display.figure_.axes[-1].get_ylabel() == SCALE

    def test_contour_names_the_variables_and_shows_the_whole_path(self):
        res = descend(BOWL, [3, 2])
        ax = DescentDisplay.from_result(res, BOWL).ax_
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y")
        path = np.array(res.history["x"])
        np.testing.assert_array_equal(ax.lines[0].get_xydata(), path)
        for (low, high), column in zip((ax.get_xlim(), ax.get_ylim()), path.T, strict=True):
            assert low < column.min()
            assert column.max() < high

    def test_surface_puts_the_path_at_its_height(self):
        res = descend(BOWL, [3, 2])
        ax = DescentDisplay.from_result(res, BOWL, kind="surface").ax_
        np.testing.assert_allclose(ax.lines[0].get_data_3d()[2], res.history["fun"])

    def test_convergence_shows_gap_and_gradient_on_a_logarithmic_scale(self):
        res = descend(SUM, [1, 2, 3])
        ax = DescentDisplay.from_result(res, SUM).ax_
        assert ax.get_yscale() == "log"
        gap, norm = (line.get_ydata() for line in ax.lines)
        fun = res.history["fun"]
        np.testing.assert_allclose(gap[fun > fun.min()], (fun - fun.min())[fun > fun.min()])
        np.testing.assert_allclose(norm, res.history["gnorm"])

    @pytest.mark.parametrize("kind", ["curve", "contour", "surface"])
    def test_start_and_end_are_marked_and_differ_in_shape(self, kind):
        display = display_of(kind).plot(kind=kind)
        start, end = display.ax_.get_legend().legend_handles
        labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
        assert labels == ["start", "end"]
        assert len(start.get_paths()[0].vertices) != len(end.get_paths()[0].vertices)

    @pytest.mark.parametrize("bounds", [[(2, 12)], Bounds(2, 12)])
    def test_what_bounds_forbid_is_shaded(self, bounds):
        free = DescentDisplay.from_result(descend(CURVE, [10.0]), CURVE).ax_
        bound = DescentDisplay.from_result(
            descend(CURVE, [10.0]), CURVE, bounds=bounds, limits=(0, 13)
        ).ax_
        assert [patch.get_xy()[0] for patch in bound.patches] == [0, 12]
        assert [patch.get_width() for patch in bound.patches] == [2, 1]
        assert not free.patches

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("count", [1, 2])
    def test_nothing_is_cut_off(self, kind, count):
        f, x0 = STARTS.get(kind, (SUM, [1.0, 2.0, 3.0]))
        res = descend(f, x0)
        display = DescentDisplay(**recorded(res), fun=f)
        figure, _ = panels([display] * count, kind=kind, titles=["Title of a picture"] * count)
        figure.draw_without_rendering()
        paper, printed = figure.bbox_inches, figure.get_tightbbox()
        assert paper.x0 <= printed.x0
        assert paper.y0 <= printed.y0
        assert printed.x1 <= paper.x1
        assert printed.y1 <= paper.y1


class TestGivenAxes:
    @pytest.mark.parametrize("kind", ["curve", "contour", "convergence"])
    def test_are_drawn_on(self, kind):
        figure, (left, right) = plt.subplots(1, 2, layout="constrained")
        display = display_of(kind).plot(right)
        assert display.ax_ is right
        assert display.figure_ is figure
        assert not left.has_data()

    def test_outside_of_a_grid_have_no_room_for_the_derivative(self):
        ax = Figure().add_axes((0.1, 0.1, 0.8, 0.8))
        display_of("curve").plot(ax, colorbar=False)
        assert ax.get_figure().axes == [ax]

    def test_of_a_surface_must_be_in_space(self):
        _, ax = plt.subplots()
        with pytest.raises(ValueError, match=r"add_subplot\(projection='3d'\)"):
            display_of("surface").plot(ax, kind="surface")
        figure = plt.figure()
        ax = figure.add_subplot(projection="3d")
        assert display_of("surface").plot(ax, kind="surface").ax_ is ax


class TestUnusualRuns:
    @pytest.mark.parametrize("kind", KINDS)
    def test_a_run_without_a_step(self, kind, tmp_path):
        f, x0 = STARTS.get(kind, (SUM, [0.0, 0.0, 0.0]))
        path = [x0]
        display = DescentDisplay(path=path, fun=f)
        assert display.save(tmp_path / "a.png", kind=kind).stat().st_size > 5000
        assert display.animate(tmp_path / "a.gif", kind=kind, resolution=20).exists()

    def test_where_the_function_has_no_value_the_curve_has_a_gap(self):
        ax = DescentDisplay(path=[0.2, 1.0], fun=Formula("log(x) + 1/x")).plot(limits=(-1, 2)).ax_
        x, y = ax.lines[0].get_data()
        assert np.isnan(y[x < 0]).all()
        assert np.isfinite(y[x > 0]).all()

    def test_where_the_function_raises_the_curve_has_a_gap(self):
        ax = DescentDisplay(path=[0.2, 1.0], fun=lambda x: math.log(x[0])).plot(limits=(-1, 2)).ax_
        x, y = ax.lines[0].get_data()
        assert np.isnan(y[x < 0]).all()
        assert np.isfinite(y[x > 0]).all()

    def test_other_errors_of_the_function_are_not_hidden(self):
        def broken(x):
            raise KeyError("mine")

        with pytest.raises(KeyError, match="mine"):
            DescentDisplay(path=[0.2, 1.0], values=[1.0, 0.0], fun=broken).plot()

    def test_a_flat_landscape(self):
        ax = DescentDisplay(path=[[0.0, 0.0]], fun=Formula("5 + 0*x + 0*y")).plot().ax_
        assert ax.has_data()

    @pytest.mark.parametrize("kind", ["curve", "contour", "surface"])
    def test_a_run_that_went_very_far(self, kind, tmp_path):
        f, x0 = STARTS[kind]
        far = np.array([x0, [1e200] * len(x0)])
        DescentDisplay(path=far, fun=f).save(tmp_path / "far.png", kind=kind)

    def test_ten_thousand_iterates_keep_their_ends(self):
        path = np.linspace(10.0, 0.0, 10_000)
        ax = DescentDisplay(path=path, fun=CURVE).plot().ax_
        dots = np.asarray(ax.collections[1].get_offsets())
        assert len(dots) <= 2000
        assert (dots[0, 0], dots[-1, 0]) == (10.0, 0.0)

    def test_a_path_along_one_variable_is_not_stretched(self):
        ax = DescentDisplay(path=[[0.0, -1.0], [1e-9, 1.0]], fun=BOWL).plot().ax_
        assert np.ptp(ax.get_xlim()) >= 0.5 * np.ptp(ax.get_ylim())

    def test_vectorised_function_is_called_with_all_points_at_once(self):
        shapes = []

        def f(x):
            shapes.append(x.shape)
            return (x**2).sum(axis=0)

        DescentDisplay(path=[[1.0, 2.0], [0.0, 0.0]], fun=f, vectorized=True).plot(resolution=30)
        assert shapes == [(2, 2), (2, 900)]


class TestResults:
    def test_of_scipys_methods_are_welcome(self):
        res = minimize(
            rosen, [-1.2, 1.0], jac=rosen_der, method="BFGS", options={"return_all": True}
        )
        display = DescentDisplay.from_result(res, rosen, resolution=20)
        assert display.ax_.get_xlabel() == "x[0]"
        np.testing.assert_allclose(display.run.values[-1], res.fun)

    def test_without_a_path_say_how_to_get_one(self):
        with pytest.raises(ValueError, match=r"'history': True"):
            DescentDisplay.from_result(minimize(CURVE, 10.0, jac=CURVE.jac, method=gd), CURVE)

    def test_with_every_third_iterate_keep_their_numbers(self):
        res = descend(SUM, [1, 2, 3], history=3)
        ax = DescentDisplay.from_result(res, SUM).ax_
        np.testing.assert_array_equal(ax.lines[0].get_xdata(), res.history["nit"])

    def test_are_not_changed(self):
        res = minimize(BOWL, [3, 2], jac=BOWL.jac, method=gd_spectral, options={"history": True})
        before = {name: column.copy() for name, column in res.history.items()}
        DescentDisplay.from_result(res, BOWL)
        for name, column in before.items():
            np.testing.assert_array_equal(res.history[name], column)


class TestFiles:
    @pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
    def test_the_ending_says_the_format(self, tmp_path, ending):
        path = display_of("curve").save(tmp_path / f"a.{ending}")
        magic = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[ending]
        assert path.read_bytes().startswith(magic)

    @pytest.mark.parametrize("kind", KINDS)
    def test_an_animation_starts_at_the_start_and_ends_at_the_end(self, kind, tmp_path):
        display = display_of(kind)
        look = {"kind": kind, "resolution": 30, "size": (3.2, 2.4)}
        gif = display.animate(tmp_path / "a.gif", dpi=100, **look)
        still = save([display], tmp_path / "a.png", dpi=100, **look)
        with Image.open(gif) as image, Image.open(still) as last:
            assert image.n_frames > 3
            first = np.asarray(image.convert("L"), dtype=float)
            image.seek(image.n_frames - 1)
            end = np.asarray(image.convert("L"), dtype=float)
            expected = np.asarray(last.convert("L"), dtype=float)
        assert np.abs(end - expected).mean() < 1.5
        assert (np.abs(first - expected) > 40).sum() > 50

    def test_what_was_drawn_is_written_with_all_that_was_done_to_it(self, tmp_path):
        display = display_of("contour").plot(kind="surface", title="Mine")
        display.ax_.set_xlabel("something else")
        text = display.save(tmp_path / "a.svg").read_text("utf-8")
        assert "<!-- Mine -->" in text
        assert "<!-- something else -->" in text
        assert "<!-- f(x, y) -->" in text

    def test_a_panel_of_a_larger_figure_is_written_with_the_figure(self, tmp_path):
        parts = plt.figure(layout="constrained").subfigures(1, 2)
        parts[0].suptitle("left")
        display = display_of("curve").plot(parts[1].subplots())
        assert "<!-- left -->" in display.save(tmp_path / "a.svg").read_text("utf-8")

    def test_changes_are_drawn_anew_and_the_rest_stays(self, tmp_path):
        display = display_of("contour").plot(kind="surface", title="Mine", colorbar=False)
        text = display.save(tmp_path / "a.svg", title="New").read_text("utf-8")
        assert "<!-- New -->" in text
        assert "<!-- f(x, y) -->" in text
        assert f"<!-- {SCALE} -->" not in text
        assert display.ax_.get_title("left") == "Mine"

    def test_new_figures_keep_to_what_each_display_has_drawn(self):
        mine = display_of("contour").plot(kind="surface", title="Mine", limits=(-3, 3))
        scenes = panels([mine, display_of("curve")], resolution=10)[1]
        assert [type(scene) for scene in scenes] == [KINDS["surface"], KINDS["curve"]]
        assert [scene.look.title for scene in scenes] == ["Mine", None]
        assert scenes[0].look.limits == (-3, 3)

    def test_an_animation_keeps_to_what_was_drawn(self, tmp_path):
        display = display_of("contour").plot(kind="convergence", colorbar=False)
        look = {"size": (3.2, 2.4), "dpi": 50}
        same = display.animate(tmp_path / "a.gif", **look).read_bytes()
        assert same == display.animate(tmp_path / "b.gif", kind="convergence", **look).read_bytes()

    def test_no_window_manager_is_involved(self, tmp_path):
        display_of("curve").save(tmp_path / "a.png")
        assert plt.get_fignums() == []


class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"path": np.zeros((2, 2, 2))}, "path must have shape"),
            ({"path": []}, "path must have shape"),
            ({"path": [1.0, math.inf]}, "path must be finite"),
            ({"path": [1.0, 2.0]}, "values are missing"),
            ({"path": [1.0, 2.0], "values": [1.0]}, r"values must have shape \(2,\)"),
            ({"path": [1.0], "fun": CURVE, "variables": ["a", "b"]}, "variables must be 1 names"),
            ({"path": [1.0], "fun": CURVE, "bounds": [(2, 1)]}, "bounds"),
            ({"path": [1.0], "fun": "x**2"}, "fun must be callable"),
            ({"path": [1.0], "fun": CURVE, "jac": True}, "jac must be callable"),
        ],
    )
    def test_of_the_constructor_is_named(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            DescentDisplay(**arguments)

    @pytest.mark.parametrize(
        ("look", "message"),
        [
            ({"kind": "contur"}, "did you mean 'contour'"),
            ({"kind": "surface"}, "is for 2 variables"),
            ({"limits": (2, 1)}, "low < high"),
            ({"limits": [(0, 1), (0, 1)]}, "limits must be one pair"),
            ({"limits": (0, math.nan)}, "limits must be finite"),
            ({"resolution": 1}, "resolution must be at least 2"),
        ],
    )
    def test_of_plot_is_named(self, look, message):
        with pytest.raises(ValueError, match=message):
            display_of("curve").plot(**look)

    def test_a_landscape_needs_the_function(self):
        display = DescentDisplay(path=[[0.0, 0.0]], values=[0.0])
        with pytest.raises(ValueError, match="needs fun"):
            display.plot(kind="contour")

    def test_seconds_must_be_positive(self, tmp_path):
        with pytest.raises(ValueError, match="seconds must be positive"):
            display_of("curve").animate(tmp_path / "a.gif", seconds=0)


class TestWithoutMatplotlib:
    def test_one_sentence_says_how_to_get_it(self, monkeypatch):
        for module in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
            monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ImportError, match=r"pip install 'skgd\[plot\]'"):
            display_of("curve").plot()

    def test_importing_this_module_does_not_import_it(self):
        code = "import sys, skgd.plotting; sys.exit('matplotlib' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
