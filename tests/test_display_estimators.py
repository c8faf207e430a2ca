"""How fits went: the objective of an estimator, and the loss on rows that were held out."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.optimize import minimize, rosen, rosen_der
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skgd import DescentClassifier, DescentRegressor, FormulaRegressor, gd
from skgd.plotting import DescentDisplay

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.1 * RNG.normal(size=120)
HUBER = DescentRegressor(loss="huber")


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    yield
    plt.close("all")


class TestObjective:
    @pytest.mark.parametrize(
        "est", [HUBER.fit(X, Y), DescentClassifier().fit(X, Y > 0)], ids=["regressor", "classifier"]
    )
    def test_is_the_loss_curve(self, est):
        (line,) = DescentDisplay.from_estimator(est, show="value").ax_.lines
        np.testing.assert_array_equal(line.get_ydata(), est.loss_curve_)
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, est.n_iter_ + 1))

    def test_is_above_its_lowest_value_by_default(self):
        ax = DescentDisplay.from_estimator(HUBER).ax_
        assert [text.get_text() for text in ax.get_legend().get_texts()] == [
            "objective − lowest objective"
        ]

    def test_is_beside_the_validation_loss_after_early_stopping(self):
        est = DescentRegressor(method="gd_adam", early_stopping=True, random_state=0).fit(X, Y)
        value, validation = DescentDisplay.from_estimator(est).ax_.lines
        np.testing.assert_array_equal(value.get_ydata(), est.loss_curve_)
        np.testing.assert_array_equal(validation.get_ydata(), est.validation_loss_curve_)

    def test_is_against_epochs_for_mini_batches(self):
        est = DescentRegressor(batch_size=20, max_iter=30, tol=1e-2, random_state=0).fit(X, Y)
        assert DescentDisplay.from_estimator(est).ax_.get_xlabel() == "epoch"

    def test_of_several_estimators_is_compared(self):
        each = {
            loss: DescentDisplay.from_estimator(DescentRegressor(loss=loss).fit(X, Y))
            for loss in ("huber", "log_cosh")
        }
        ax = DescentDisplay.from_displays(each).ax_
        assert [text.get_text() for text in ax.get_legend().get_texts()] == list(each)


class TestWrappedEstimators:
    def test_are_found(self):
        pipeline = make_pipeline(StandardScaler(), DescentRegressor(loss="huber"))
        search = GridSearchCV(
            TransformedTargetRegressor(pipeline), {"regressor__descentregressor__alpha": [0.1, 1]}
        )
        curve = search.fit(X, Y).best_estimator_.regressor_[-1].loss_curve_
        (line,) = DescentDisplay.from_estimator(search, show="value").ax_.lines
        np.testing.assert_array_equal(line.get_ydata(), curve)

    def test_that_are_not_fitted_say_so(self):
        for est in (DescentRegressor(), make_pipeline(StandardScaler(), DescentRegressor())):
            with pytest.raises(NotFittedError):
                DescentDisplay.from_estimator(est)


class TestBadInput:
    @pytest.mark.parametrize("est", [DescentRegressor, 3, None])
    def test_is_named(self, est):
        with pytest.raises(ValueError, match="est must be a fitted estimator"):
            DescentDisplay.from_estimator(est)

    @pytest.mark.parametrize(
        "est", [FormulaRegressor("a*x0 + b").fit(X[:, :1], Y), Ridge().fit(X, Y)]
    )
    def test_estimators_that_record_nothing_are_named(self, est):
        with pytest.raises(ValueError, match=f"{type(est).__name__} does not record its fit"):
            DescentDisplay.from_estimator(est)

    @pytest.mark.parametrize("kind", ["curve", "contour", "surface", "slice"])
    def test_there_is_no_path_to_draw(self, kind):
        with pytest.raises(ValueError, match="needs path, the iterates; use kind='convergence'"):
            DescentDisplay.from_estimator(HUBER, kind=kind)

    def test_estimators_and_results_taken_for_each_other_are_told_apart(self):
        with pytest.raises(ValueError, match="from_estimator"):
            DescentDisplay.from_result(HUBER)
        res = minimize(rosen, [1, 2], jac=rosen_der, method=gd, options={"maxiter": 3})
        with pytest.raises(ValueError, match="est must be a fitted estimator"):
            DescentDisplay.from_estimator(res)
