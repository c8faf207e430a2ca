"""The convergence: what is measured, against what, and how long runs are drawn."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize, rosen, rosen_der

from skgd import gd
from skgd._plot.convergence import MOST_POINTS
from skgd._plot.grid import extremes
from skgd.plotting import DescentDisplay


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def res():
    options = {"history": True, "maxiter": 30}
    return minimize(rosen, np.linspace(-1, 1, 4), jac=rosen_der, method=gd, options=options)


def drawn(display):
    return [line.get_xydata() for line in display.ax_.lines]


class TestMeasures:
    def test_are_the_columns_of_the_history(self, res):
        display = DescentDisplay.from_result(res, show=["gradient", "step", "value"])
        for line, column in zip(display.ax_.lines, ("gnorm", "step", "fun"), strict=True):
            np.testing.assert_array_equal(line.get_ydata()[1:], res.history[column][1:])

    def test_no_step_leads_to_the_start(self, res):
        (line,) = DescentDisplay.from_result(res, show="step").ax_.lines
        assert np.isnan(line.get_ydata()[0])

    def test_steps_of_a_path_are_its_own(self, res):
        path = np.array(res.history["x"])
        shown = drawn(DescentDisplay(path=path, fun=rosen).plot(show="step", kind="convergence"))
        steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
        np.testing.assert_allclose(shown[0][1:, 1], steps)

    def test_steps_between_some_iterates_only_are_unknown(self):
        display = DescentDisplay(path=[[1.0], [0.0]], values=[1, 0], iterations=[0, 10])
        with pytest.raises(ValueError, match="show='step' needs steps, or the path of every"):
            display.plot(show="step")

    def test_the_gap_is_measured_from_lowest(self, res):
        (line,) = DescentDisplay.from_result(res, show="gap", lowest=-1.0).ax_.lines
        np.testing.assert_allclose(line.get_ydata(), res.history["fun"] + 1.0)
        assert line.get_label() == "f − lowest value known"

    def test_lowest_may_be_rounded_and_not_wrong(self):
        display = DescentDisplay(values=[2.0, 1.0])
        display.plot(lowest=1.0 + 1e-12)
        with pytest.raises(ValueError, match="lowest must not be above any value of the runs"):
            display.plot(lowest=1.5)

    @pytest.mark.parametrize(("show", "scale"), [("gap", "log"), ("value", "linear")])
    def test_values_are_on_a_linear_scale_and_what_falls_on_a_logarithmic_one(
        self, res, show, scale
    ):
        assert DescentDisplay.from_result(res, show=show).ax_.get_yscale() == scale

    def test_values_that_are_not_finite_are_gaps(self):
        (line,) = DescentDisplay(values=[4.0, np.nan, np.inf, 1.0]).plot().ax_.lines
        assert np.isnan(line.get_ydata()).tolist() == [False, True, True, False]

    def test_without_any_finite_value_nothing_is_drawn(self):
        (line,) = DescentDisplay(values=[np.nan, np.inf]).plot().ax_.lines
        assert np.isnan(line.get_ydata()).all()


class TestAgainst:
    @pytest.mark.parametrize(
        ("against", "column", "label"),
        [
            ("iterations", "nit", "iteration"),
            ("evaluations", "nfev", "evaluations of the function"),
            ("seconds", "time", "seconds"),
        ],
    )
    @pytest.mark.parametrize("history", [True, 7])
    def test_is_a_column_of_the_history(self, against, column, label, history):
        options = {"history": history, "maxiter": 30}
        res = minimize(rosen, [-1.0, 1.0], jac=rosen_der, method=gd, options=options)
        ax = DescentDisplay.from_result(res, against=against).ax_
        assert ax.get_xlabel() == label
        for line in ax.lines:
            np.testing.assert_array_equal(line.get_xdata(), res.history[column])

    @pytest.mark.parametrize("against", ["evaluations", "seconds"])
    def test_what_scipys_results_do_not_know_is_named(self, against):
        res = minimize(rosen, [1.0, 2.0], method="BFGS", options={"return_all": True})
        with pytest.raises(ValueError, match=f"needs {against}, which this run has not: only a"):
            DescentDisplay.from_result(res, rosen, kind="convergence", against=against)


class TestLongRuns:
    def test_are_drawn_with_few_points_that_reach_as_high_and_low(self):
        values = np.random.default_rng(0).lognormal(size=100_000)
        (line,) = DescentDisplay(values=values).plot(show="value").ax_.lines
        x, y = line.get_data()
        assert len(x) <= MOST_POINTS + 2
        assert (y.min(), y.max()) == (values.min(), values.max())
        assert (x[0], x[-1]) == (0, 99_999)
        np.testing.assert_array_equal(values[x.astype(int)], y)

    @given(
        arrays(float, st.integers(1, 300), elements=st.floats(-10, 10) | st.just(np.nan)),
        st.integers(2, 50),
    )
    def test_keep_their_ends_and_extremes(self, numbers, at_most):
        at = extremes(numbers, at_most)
        assert (at[0], at[-1]) == (0, len(numbers) - 1)
        assert (np.diff(at) > 0).all()
        assert len(at) <= at_most + 2
        known = numbers[np.isfinite(numbers)]
        if known.size:
            kept = numbers[at]
            assert (np.nanmin(kept), np.nanmax(kept)) == (known.min(), known.max())


class TestBadInput:
    @pytest.mark.parametrize(
        ("look", "message"),
        [
            ({"show": "gradent"}, "show must be one of .* did you mean 'gradient'"),
            ({"show": ["gap", 3]}, "show must be one of gap"),
            ({"show": 3}, "show must be one of gap"),
            ({"against": "time"}, "against must be one of iterations, evaluations, seconds"),
            ({"lowest": "0"}, "lowest must be a real number"),
            ({"show": "validation"}, "show='validation' needs validation, which this run has not"),
        ],
    )
    def test_of_plot_is_named(self, res, look, message):
        with pytest.raises(ValueError, match=message):
            DescentDisplay.from_result(res, **look)

    @pytest.mark.parametrize("name", ["seconds", "evaluations", "steps", "validation"])
    def test_columns_must_have_an_entry_an_iterate(self, name):
        with pytest.raises(ValueError, match=rf"{name} must have shape \(2,\)"):
            DescentDisplay(values=[2.0, 1.0], **{name: [1.0]})

    def test_nothing_at_all_is_no_run(self):
        with pytest.raises(ValueError, match="path and values are both missing"):
            DescentDisplay()
