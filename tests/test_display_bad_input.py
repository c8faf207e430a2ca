"""What displays refuse, and say, and what they leave behind then."""

from __future__ import annotations

import math
import pickle

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.optimize import OptimizeResult, minimize, rosen, rosen_der

from skgd import Formula, gd, gd_spectral
from skgd.plotting import DescentDisplay

BOWL = Formula("x**2 + y**2")
PATH = [[1.0, 2.0], [2.0, 2.0], [2.0, 1.0]]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def result():
    options = {"history": True}
    return minimize(rosen, [-1.2, 1.0], jac=rosen_der, method=gd_spectral, options=options)


class TestFiles:
    @pytest.mark.parametrize("drawn", [True, False])
    def test_a_picture_is_not_written_beside_a_path_that_tells_no_format(self, tmp_path, drawn):
        display = DescentDisplay(path=PATH, fun=BOWL)
        if drawn:
            display.plot()
        with pytest.raises(ValueError, match=r"ending says the format, such as descent\.png"):
            display.save(tmp_path / "picture")
        assert not list(tmp_path.rglob("*"))

    def test_a_folder_is_no_picture(self, tmp_path):
        folder = tmp_path / "pictures.png"
        folder.mkdir()
        with pytest.raises(ValueError, match="path must be a file"):
            DescentDisplay(path=PATH, fun=BOWL).save(folder)

    def test_what_is_returned_is_there(self, tmp_path):
        assert DescentDisplay(path=PATH, fun=BOWL).save(tmp_path / "a.png").stat().st_size

    @pytest.mark.parametrize("dpi", [0, -1, math.nan, "fine"])
    def test_dots_an_inch_are_positive(self, tmp_path, dpi):
        display = DescentDisplay(path=PATH, fun=BOWL)
        for write, name in ((display.save, "a.png"), (display.animate, "a.gif")):
            with pytest.raises(ValueError, match="dpi must be"):
                write(tmp_path / name, dpi=dpi)

    @pytest.mark.parametrize("size", [5, (1, 2, 3), (0, 1), (2, -1), "ab"])
    def test_a_size_is_a_pair_of_inches(self, tmp_path, size):
        with pytest.raises(ValueError, match=r"size(\[\d\])? must be"):
            DescentDisplay(path=PATH, fun=BOWL).save(tmp_path / "a.png", size=size)

    def test_a_misspelt_parameter_is_told(self, tmp_path):
        with pytest.raises(TypeError, match="unknown parameter 'knd'; did you mean 'kind'"):
            DescentDisplay(path=PATH, fun=BOWL).save(tmp_path / "a.png", knd="contour")


def two_numbers(x):
    return np.dot(np.ones(7), x)


class TestFunctions:
    @pytest.mark.parametrize("kind", ["contour", "surface"])
    @pytest.mark.parametrize("fun", [two_numbers, lambda x: math.nan, lambda x: None])
    def test_one_that_fails_everywhere_is_told(self, fun, kind):
        display = DescentDisplay(path=PATH, values=[3.0, 2.0, 1.0], fun=fun)
        with pytest.warns(RuntimeWarning, match="fun has no finite value at any of"):
            display.plot(kind=kind)

    def test_the_reason_is_told(self):
        with pytest.warns(RuntimeWarning, match=r"it raised ValueError\('shapes \(7,\)"):
            DescentDisplay(path=PATH, fun=two_numbers)

    def test_a_gap_is_none(self):
        DescentDisplay(path=[[1.0], [2.0]], fun=Formula("log(x)")).plot(limits=(-1, 3))

    def test_one_that_takes_many_points_returns_as_many_values(self):
        with pytest.raises(ValueError, match=r"fun must return shape \(3,\).*got shape \(\)"):
            DescentDisplay(path=PATH, fun=lambda x: float(x.sum()), vectorized=True)

    def test_a_formula_of_other_variables_is_named(self):
        with pytest.raises(ValueError, match="fun has the 2 variables x, y, and the iterates"):
            DescentDisplay(path=[1.0, 2.0], fun=BOWL)


class TestNumbers:
    @pytest.mark.parametrize("name", ["iterations", "evaluations", "seconds"])
    @pytest.mark.parametrize("bad", [math.nan, math.inf, 1e305])
    def test_what_is_counted_is_finite(self, name, bad):
        with pytest.raises(ValueError, match=f"{name} must be finite"):
            DescentDisplay(path=PATH, fun=BOWL, **{name: [0.0, 1.0, bad]})

    @pytest.mark.parametrize("kind", ["curve", "convergence"])
    def test_values_without_a_place_on_an_axis_are_left_out(self, kind):
        display = DescentDisplay(path=[1.0, 2.0, 3.0], values=[1e308, -1e308, 1.0], fun=abs)
        assert np.isnan(display.run.values[:2]).all()
        display.plot(kind=kind).figure_.canvas.draw()

    @pytest.mark.parametrize("kind", ["contour", "surface"])
    def test_so_are_those_of_the_function(self, kind):
        def cliff(x):
            return 1e308 if x[0] > 1.5 else float(x[1])

        DescentDisplay(path=PATH, fun=cliff).plot(kind=kind).figure_.canvas.draw()

    def test_a_path_without_a_place_is_refused(self):
        with pytest.raises(ValueError, match="path must be finite, and at most 1e"):
            DescentDisplay(path=[[0.0] * 3, [1e308] * 3], values=[2.0, 1.0])

    def test_limits_without_a_place_are_refused(self):
        with pytest.raises(ValueError, match="limits must be at most"):
            DescentDisplay(path=PATH, fun=BOWL).plot(limits=(-1.7e308, 1.7e308))

    def test_more_points_than_pixels_are_refused(self):
        with pytest.raises(ValueError, match="resolution must be at most"):
            DescentDisplay(path=PATH, fun=BOWL).plot(resolution=10**9)


class TestResults:
    def test_one_result_is_not_several(self, result):
        with pytest.raises(ValueError, match="got one result; use from_result"):
            DescentDisplay.from_results(result, rosen)

    def test_a_history_without_columns_is_named(self):
        with pytest.raises(ValueError, match="history without the columns x, fun"):
            DescentDisplay.from_result(OptimizeResult(history={}))

    def test_a_search_that_kept_no_estimator_is_named(self):
        from sklearn.datasets import load_diabetes
        from sklearn.model_selection import GridSearchCV

        from skgd import DescentRegressor

        search = GridSearchCV(DescentRegressor(), {"alpha": [1e-3, 1e-2]}, refit=False, cv=3)
        search.fit(*load_diabetes(return_X_y=True))
        with pytest.raises(ValueError, match="refit=False"):
            DescentDisplay.from_estimator(search)

    @pytest.mark.parametrize("kind", ["contour", "slice"])
    def test_a_run_that_diverges_does_not_hide_the_others(self, kind):
        n = 2 if kind == "contour" else 4

        def bowl(x):
            return x @ x

        def run(rate):
            options = {"learning_rate": rate, "history": True, "maxiter": 12, "gtol": 1e-3}
            return gd(bowl, np.ones(n), jac=lambda x: 2 * x, **options)

        good, lost = run(0.2), run(1.4)
        assert 1e2 < np.abs(lost.x_last).max() < 1e4
        display = DescentDisplay.from_results({"good": good, "lost": lost}, bowl, kind=kind)
        assert np.ptp(display.ax_.get_xlim()) < 10
        assert "in view" in display.ax_.get_title(loc="left")


class TestPlot:
    def test_a_drawing_that_is_refused_leaves_no_figure(self, result):
        for arguments in (
            {"limits": (0, 0)},
            {"kind": "curve"},
            {"lowest": 5.0, "kind": "convergence"},
        ):
            with pytest.raises(ValueError, match=r"limits|kind|lowest"):
                DescentDisplay.from_result(result, rosen, **arguments)
        assert plt.get_fignums() == []

    @pytest.mark.parametrize("kind", [["contour"], 3, None])
    def test_a_kind_is_a_name(self, kind):
        with pytest.raises(ValueError, match="kind must be one of"):
            DescentDisplay(path=PATH, fun=BOWL).plot(kind=kind)

    def test_axes_are_one_axes_of_the_right_projection(self):
        display = DescentDisplay(path=PATH, fun=BOWL)
        figure, several = plt.subplots(1, 2)
        for ax in (figure, several):
            with pytest.raises(ValueError, match="ax must be one Axes of Matplotlib"):
                display.plot(ax)
        for projection in ("3d", "polar"):
            with pytest.raises(ValueError, match="ax must have the projection 'rectilinear'"):
                display.plot(plt.figure().add_subplot(projection=projection))

    def test_a_title_is_a_text(self):
        with pytest.raises(ValueError, match="title must be None or a text"):
            DescentDisplay(path=PATH, fun=BOWL).plot(title=5)

    def test_something_is_shown_and_nothing_twice(self, result):
        with pytest.raises(ValueError, match="show must name one measure"):
            DescentDisplay.from_result(result, show=[])
        display = DescentDisplay.from_result(result, show=["gap", "gap"])
        assert len(display.ax_.lines) == 1

    def test_units_that_differ_are_both_named(self):
        runs = {
            unit: DescentDisplay(values=[2.0, 1.0], unit=unit) for unit in ("iteration", "epoch")
        }
        display = DescentDisplay.from_displays(runs)
        assert display.ax_.get_xlabel() == "iteration or epoch"


def test_results_survive_pickling_with_their_look(result):
    assert repr(pickle.loads(pickle.dumps(result))) == repr(result)
