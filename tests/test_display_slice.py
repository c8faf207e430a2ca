"""The plane in which a run in many variables moves most."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import rosen

from skgd import Formula
from skgd._plot.plane import Plane
from skgd.plotting import DescentDisplay, panels

SUM = Formula("a**2 + 2*b**2 + 3*c**2")
RNG = np.random.default_rng(1)
PATH = RNG.normal(size=(30, 5)) * [5.0, 3.0, 1.0, 0.5, 0.1]
PATHS = st.integers(3, 6).flatmap(
    lambda n: arrays(float, st.tuples(st.integers(1, 20), st.just(n)), elements=st.floats(-9, 9))
)


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    yield
    plt.close("all")


class TestPlane:
    @given(PATHS)
    def test_has_orthonormal_directions_whatever_the_path(self, path):
        plane = Plane.through([path])
        np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-9)
        assert 0.0 <= plane.shares[1] <= plane.shares[0] <= 1.0
        assert plane.shares.sum() <= 1.0 + 1e-9

    @given(PATHS)
    def test_passes_through_the_end_and_runs_from_left_to_right(self, path):
        plane = Plane.through([path])
        np.testing.assert_array_equal(plane.seen(path)[-1], [0.0, 0.0])
        assert (plane.seen(path)[0] <= 1e-9).all()

    def test_keeps_more_of_the_distances_than_any_pair_of_variables(self):
        away = PATH - PATH[-1]
        plane = Plane.through([PATH])
        kept = (plane.seen(PATH) ** 2).sum()
        np.testing.assert_allclose(plane.shares.sum(), kept / (away**2).sum())
        best = np.sort((away**2).sum(axis=0))[-2:].sum()
        assert kept >= best

    def test_of_a_path_in_a_plane_is_that_plane(self):
        path = RNG.normal(size=(9, 2)) @ RNG.normal(size=(2, 7)) + 3.0
        plane = Plane.through([path])
        np.testing.assert_allclose(plane.shares.sum(), 1.0)
        np.testing.assert_allclose(plane.point(plane.seen(path).T).T, path)

    @pytest.mark.parametrize("scale", [1e-200, 1e200])
    def test_does_not_depend_on_the_scale(self, scale):
        np.testing.assert_allclose(
            Plane.through([PATH * scale]).shares, Plane.through([PATH]).shares
        )


class TestSlice:
    def test_shows_the_projected_path_and_the_shares(self):
        ax = DescentDisplay(path=PATH, fun=rosen).plot(kind="slice", resolution=20).ax_
        plane = Plane.through([PATH])
        np.testing.assert_allclose(ax.lines[0].get_xydata(), plane.seen(PATH))
        assert ax.get_xlabel() == f"principal direction 1 ({plane.shares[0]:.0%})"
        assert ax.get_ylabel() == f"principal direction 2 ({plane.shares[1]:.0%})"

    def test_evaluates_the_function_on_the_plane_through_the_end(self):
        seen = []

        def f(x):
            seen.append(x)
            return float(x @ x)

        DescentDisplay(path=PATH, values=np.arange(30.0), fun=f).plot(kind="slice", resolution=5)
        away = np.array(seen) - PATH[-1]
        axes = Plane.through([PATH]).axes
        np.testing.assert_allclose(away @ axes.T @ axes, away, atol=1e-12)
        assert len(seen) == 25

    @pytest.mark.parametrize("vectorized", [False, True])
    def test_is_the_same_for_vectorised_functions(self, vectorized):
        display = DescentDisplay(path=PATH, fun=rosen, vectorized=vectorized)
        ax = display.plot(kind="slice", resolution=30).ax_
        alone = DescentDisplay(path=PATH, fun=rosen).plot(kind="slice", resolution=30).ax_
        texts, others = ([text.get_text() for text in each.texts] for each in (ax, alone))
        assert texts == others != []

    def test_holds_few_points_in_many_variables_at_once(self):
        shapes = []

        def f(x):
            shapes.append(x.shape)
            return (x**2).sum(axis=0)

        path = np.outer([2.0, 1.0], np.ones(20_000))
        display = DescentDisplay(path=path, values=[2.0, 1.0], fun=f, vectorized=True)
        display.plot(kind="slice", resolution=20)
        assert sum(m for _, m in shapes) == 400
        assert max(n * m for n, m in shapes) <= 2_100_000

    def test_shows_several_runs_on_one_plane(self):
        each = {name: DescentDisplay(path=PATH * s, fun=rosen) for name, s in (("a", 1), ("b", 2))}
        ax = DescentDisplay.from_displays(each, kind="slice", resolution=20).ax_
        plane = Plane.through([PATH, 2 * PATH])
        lines = {line.get_label(): line.get_xydata() for line in ax.lines}
        np.testing.assert_allclose(lines["b"], plane.seen(2 * PATH))

    def test_shades_what_bounds_forbid(self):
        path = [[3.0, 2.0, 1.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
        free = DescentDisplay(path=path, fun=SUM).plot(kind="slice", resolution=20).ax_
        display = DescentDisplay(path=path, fun=SUM, bounds=[(0, 4)] * 3)
        bound = display.plot(kind="slice", resolution=20).ax_
        assert len(bound.collections) == len(free.collections) + 1
        wide = DescentDisplay(path=path, fun=SUM, bounds=[(-99, 99)] * 3)
        ax = wide.plot(kind="slice", resolution=20).ax_
        assert len(ax.collections) == len(free.collections)

    def test_of_one_iterate_has_contours(self):
        ax = DescentDisplay(path=[[1.0, 2.0, 3.0]], fun=SUM).plot(kind="slice").ax_
        assert ax.get_xlabel() == "principal direction 1 (0%)"
        assert ax.texts

    def test_is_drawn_only_when_it_is_asked_for(self):
        display = DescentDisplay(path=PATH, fun=rosen)
        (scene,) = panels([display])[1]
        assert scene.ax.get_xlabel() == "iteration"

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (
                {"path": PATH[:, :2], "fun": rosen},
                "is for at least 3 variables, and this run has 2",
            ),
            ({"path": PATH, "values": np.ones(30)}, "kind='slice' needs fun"),
            ({"values": np.ones(30)}, "kind='slice' needs path"),
        ],
    )
    def test_bad_input_is_named(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            DescentDisplay(**arguments).plot(kind="slice")
