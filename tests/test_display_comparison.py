"""Several runs in one picture: each with a look of its own, all in one legend."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.optimize import minimize, rosen

from skgd import METHODS, Formula
from skgd._plot.style import COMPARED
from skgd.plotting import DescentDisplay, panels, recorded

BOWL = Formula("(x - 1)**2 + 3*(y + 2)**2")
CURVE = Formula("x**2 + 8*sin(x)")
NAMES = ["gd", "gd_adam", "gd_momentum"]


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    yield
    plt.close("all")


def results(f, x0, names=NAMES, **options):
    options = {"history": True, "maxiter": 40, **options}
    return {
        name: minimize(f, x0, jac=f.jac, method=METHODS[name], options=options) for name in names
    }


def legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def named_lines(display):
    return {line.get_label(): line for line in display.ax_.lines}


class TestLegend:
    @pytest.mark.parametrize("kind", ["contour", "surface"])
    def test_names_each_run_then_start_and_end(self, kind):
        display = DescentDisplay.from_results(results(BOWL, [3, 2]), BOWL, kind=kind)
        assert legend(display) == [*NAMES, "start", "end"]

    def test_of_the_convergence_names_each_run(self):
        display = DescentDisplay.from_results(results(BOWL, [3, 2]))
        assert legend(display) == NAMES
        assert display.ax_.get_ylabel() == "f − lowest f"

    def test_says_the_measure_when_a_mapping_has_one_run(self):
        display = DescentDisplay.from_results(results(BOWL, [3, 2], ["gd"]))
        assert legend(display) == ["f − lowest f", "gradient norm"]

    @pytest.mark.parametrize("kind", ["contour", "convergence"])
    @pytest.mark.parametrize("size", [(6.4, 4.8), (3.2, 2.4)])
    @pytest.mark.parametrize("title", [None, "Eight runs"])
    def test_covers_no_data_and_no_title_and_is_not_cut_off(self, kind, size, title):
        path = np.outer(0.5 ** np.arange(5), [3.0, 2.0])
        each = {f"gd_method_{i}": DescentDisplay(path=path, fun=BOWL) for i in range(8)}
        display = DescentDisplay.from_displays(each, kind=kind)
        figure, (scene,) = panels([display], size=size, titles=[title])
        figure.draw_without_rendering()
        box = scene.ax.get_legend().get_window_extent()
        assert box.y0 >= scene.ax.get_window_extent().y1 - 1.0
        assert box.x1 <= figure.bbox.x1
        assert box.y1 <= figure.bbox.y1
        if title:
            heading = scene.ax.get_title("left")
            above = next(t for t in scene.ax.get_children() if getattr(t, "_text", "") == heading)
            assert above.get_window_extent().y0 >= box.y1 - 4.0


class TestLooks:
    def test_differ_in_colour_and_in_line_or_marker(self):
        assert len({look["color"] for look in COMPARED}) == len(COMPARED)
        assert len({look["marker"] for look in COMPARED}) == len(COMPARED)

    def test_of_eight_runs_are_all_used(self):
        display = DescentDisplay(path=[[1.0, 2.0], [0.0, 0.0]], fun=BOWL)
        lines = named_lines(
            DescentDisplay.from_displays({f"r{i}": display for i in range(8)}, kind="contour")
        )
        colours = [lines[f"r{i}"].get_color() for i in range(8)]
        assert colours == [look["color"] for look in COMPARED]

    def test_are_the_same_in_every_kind(self):
        runs = results(BOWL, [3, 2])
        contour = named_lines(DescentDisplay.from_results(runs, BOWL))
        convergence = named_lines(DescentDisplay.from_results(runs, BOWL, kind="convergence"))
        for name in NAMES:
            for of in ("get_color", "get_linestyle", "get_marker"):
                assert getattr(contour[name], of)() == getattr(convergence[name], of)()


class TestWhatIsShown:
    def test_contour_has_the_path_of_each_run(self):
        runs = results(BOWL, [3, 2])
        lines = named_lines(DescentDisplay.from_results(runs, BOWL))
        for name, res in runs.items():
            np.testing.assert_array_equal(lines[name].get_xydata(), res.history["x"])

    def test_all_paths_are_in_view(self):
        each = {
            "left": DescentDisplay(path=[[-9.0, 0.0], [0.0, 0.0]], fun=BOWL),
            "right": DescentDisplay(path=[[7.0, 0.0], [0.0, 0.0]], fun=BOWL),
        }
        ax = DescentDisplay.from_displays(each).ax_
        low, high = ax.get_xlim()
        assert low < -9.0 < 7.0 < high

    def test_curve_has_the_steps_of_each_run_on_function_and_derivative(self):
        runs = results(CURVE, [10.0], learning_rate=0.05)
        display = DescentDisplay.from_results(runs, CURVE)
        upper, lower = display.figure_.axes
        for ax, function in ((upper, CURVE), (lower, CURVE.jac)):
            lines = {line.get_label(): line for line in ax.lines}
            for name, res in runs.items():
                x, y = lines[name].get_data()
                np.testing.assert_array_equal(x, np.ravel(res.history["x"]))
                np.testing.assert_allclose(y, function(x))

    def test_gap_is_above_the_lowest_value_of_all_runs(self):
        runs = results(BOWL, [3, 2], maxiter=5)
        lines = named_lines(DescentDisplay.from_results(runs))
        lowest = min(res.history["fun"].min() for res in runs.values())
        for name, res in runs.items():
            gap = res.history["fun"] - lowest
            np.testing.assert_allclose(lines[name].get_ydata()[gap > 0], gap[gap > 0])

    def test_runs_with_different_variables_show_their_convergence(self):
        each = {
            "one": DescentDisplay(path=[3.0, 1.0], fun=CURVE),
            "two": DescentDisplay(path=[[3.0, 1.0], [1.0, 1.0]], fun=BOWL),
        }
        assert DescentDisplay.from_displays(each).ax_.get_xlabel() == "iteration"
        with pytest.raises(ValueError, match="equally many variables, and these have 1 and 2"):
            DescentDisplay.from_displays(each, kind="contour")

    def test_results_of_scipy_and_of_skgd_can_be_compared(self):
        scipys = minimize(rosen, [3, 2], method="Nelder-Mead", options={"return_all": True})
        runs = {"Nelder-Mead": scipys, **results(Formula("(1-x)**2 + 100*(y-x**2)**2"), [3, 2])}
        display = DescentDisplay.from_results(runs, rosen, vectorized=True)
        assert legend(display)[0] == "Nelder-Mead"

    def test_a_lost_run_does_not_hide_the_others(self):
        each = {
            "good": DescentDisplay(path=[[3.0, 2.0], [1.0, -2.0]], fun=BOWL),
            "lost": DescentDisplay(path=np.outer((-3.0) ** np.arange(30), [3, 2]), fun=BOWL),
        }
        ax = DescentDisplay.from_displays(each).ax_
        assert max(np.abs(ax.get_xlim())) < 1000
        assert "iterates in view" in ax.get_title("left")


class TestBadInput:
    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({}, "results must be a mapping of names"),
            ([1], "results must be a mapping of names"),
            (dict.fromkeys("abcdefghi"), "results must be at most 8"),
            ({"_gd": None}, "underscore"),
            ({"gd": {}}, r"results\['gd'\]: res has no path"),
        ],
    )
    def test_of_results_is_named(self, given, message):
        with pytest.raises(ValueError, match=message):
            DescentDisplay.from_results(given)

    def test_of_displays_is_named(self):
        one = DescentDisplay(path=[1.0], fun=CURVE)
        both = DescentDisplay.from_displays({"a": one, "b": one})
        for wrong in (both, 3):
            with pytest.raises(
                ValueError, match=r"displays\['c'\] must be a DescentDisplay of one"
            ):
                DescentDisplay.from_displays({"c": wrong})

    def test_several_measures_of_several_runs_are_refused(self):
        with pytest.raises(ValueError, match="show must be one measure for several runs"):
            DescentDisplay.from_results(results(BOWL, [3, 2]), show=["gap", "step"])

    def test_inputs_are_not_changed(self):
        runs = results(BOWL, [3, 2])
        before = {name: recorded(res)["path"].copy() for name, res in runs.items()}
        DescentDisplay.from_results(runs, BOWL)
        for name, path in before.items():
            np.testing.assert_array_equal(recorded(runs[name])["path"], path)
