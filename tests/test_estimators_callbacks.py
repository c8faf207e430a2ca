"""Scikit-learn's callback protocol, from version 1.9."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skgd.estimators import DescentClassifier, DescentRegressor

callback = pytest.importorskip("sklearn.callback")


class Recorder:
    """A callback that notes what it is told, and stops a fit after some iterations."""

    def __init__(self, most=None):
        self.most = most
        self.events = []
        self.models = []

    def setup(self, estimator, context):
        self.events.append("setup")

    def on_fit_task_begin(self, estimator, context):
        self.events.append(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context, *, X, y, metadata, fitted_estimator):
        self.events.append(f"end {context.task_name}")
        if fitted_estimator is not None:
            self.models.append((fitted_estimator, X, y, metadata))
        return self.most is not None and len(self.models) >= self.most

    def teardown(self, estimator, context):
        self.events.append("teardown")


@pytest.fixture(scope="module")
def numbers():
    return load_diabetes(return_X_y=True)


def test_callbacks_are_told_of_every_iteration(numbers):
    X, y = numbers
    recorder = Recorder()
    model = DescentRegressor(loss="huber").set_callbacks(recorder)
    weights = np.ones(len(y))
    model.fit(X, y, sample_weight=weights)
    iterations = ["begin iteration", "end iteration"] * (model.n_iter_ + 1)
    assert recorder.events == ["setup", "begin fit", *iterations, "end fit", "teardown"]
    assert [m.n_iter_ for m, *_ in recorder.models[:-1]] == list(range(1, model.n_iter_ + 1))
    scores = [m.score(X, y) for m, *_ in recorder.models]
    assert scores[-1] == scores[-2] == model.score(X, y)
    assert scores[0] < scores[-1]
    _, its_x, its_y, metadata = recorder.models[0]
    assert its_x is X
    assert its_y is y
    assert metadata == {"sample_weight": weights}


@pytest.mark.parametrize(
    "options", [{"loss": "log_cosh"}, {"batch_size": 50}, {"loss": "quantile"}], ids=str
)
def test_a_callback_can_stop_a_fit(numbers, options):
    X, y = numbers
    model = DescentRegressor(**options).set_callbacks(Recorder(most=2)).fit(X, y)
    assert model.n_iter_ == 2


def test_a_callback_that_fails_is_torn_down(numbers):
    class Failing(Recorder):
        def on_fit_task_begin(self, estimator, context):
            raise RuntimeError("no")

    failing = Failing()
    with pytest.raises(RuntimeError, match="no"):
        DescentRegressor().set_callbacks(failing).fit(*numbers)
    assert failing.events == ["setup", "teardown"]


def test_scores_are_monitored():
    X, y = load_iris(return_X_y=True, as_frame=True)
    labels = y.map({0: "setosa", 1: "versicolor", 2: "virginica"})
    monitor = callback.ScoringMonitor(scoring=["accuracy", "neg_log_loss"])
    model = DescentClassifier(alpha=0.01).set_callbacks(monitor).fit(X, labels)
    log = monitor.get_logs().data
    steps = [row for row in log if row["task_name"] == "iteration"]
    assert len(steps) == model.n_iter_
    assert steps[-1]["accuracy"] == model.score(X, labels)
    assert steps[-1]["neg_log_loss"] > steps[0]["neg_log_loss"]


def test_a_progress_bar_is_shown(numbers, capsys):
    pytest.importorskip("rich")
    DescentRegressor().set_callbacks(callback.ProgressBar()).fit(*numbers)
    assert "DescentRegressor - fit" in capsys.readouterr().out


def test_callbacks_reach_through_pipelines_and_searches(numbers):
    class Spreading(Recorder):
        max_propagation_depth = None

    spreading = Spreading()
    pipeline = make_pipeline(StandardScaler(), DescentRegressor())
    pipeline.set_callbacks(spreading).fit(*numbers)
    assert "end iteration" in spreading.events
    recorder = Spreading()
    search = GridSearchCV(DescentRegressor(), {"alpha": [0.1, 1.0]}, cv=2)
    search.set_callbacks(recorder).fit(*numbers)
    assert recorder.events.count("setup") == 1
    assert recorder.events.count("begin iteration") == recorder.events.count("end iteration") > 5


def test_callbacks_survive_cloning_and_see_no_partial_fit(numbers):
    recorder = Recorder()
    model = clone(DescentRegressor().set_callbacks(recorder))
    model.partial_fit(*numbers)
    assert recorder.events == []
    model.fit(*numbers)
    assert recorder.events[0] == "setup"
