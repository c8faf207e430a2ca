"""imbalanced-learn and mlxtend: the estimators in their pipelines, selectors and stacks."""

from __future__ import annotations

import numpy as np
import pytest
from imblearn.ensemble import BalancedBaggingClassifier
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from mlxtend.classifier import EnsembleVoteClassifier, StackingCVClassifier
from mlxtend.evaluate import bootstrap_point632_score
from mlxtend.feature_selection import SequentialFeatureSelector
from mlxtend.regressor import StackingRegressor
from sklearn.datasets import load_diabetes, make_classification
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler

from skgd import DescentClassifier, DescentRegressor

X, Y = make_classification(
    600, n_features=6, n_informative=4, n_redundant=0, weights=[0.9], class_sep=0.8, random_state=0
)


@pytest.mark.parametrize("sampler", [SMOTE, RandomUnderSampler])
def test_a_resampling_pipeline_finds_what_it_finds_with_scikit_learn(sampler):
    def fitted(classifier):
        steps = sampler(random_state=0), StandardScaler(), classifier
        return make_pipeline(*steps).fit(X, Y)

    ours = fitted(DescentClassifier(alpha=1e-4, tol=1e-8))
    rows = len(ours[0].fit_resample(X, Y)[1])
    theirs = fitted(LogisticRegression(C=1 / (1e-4 * rows), tol=1e-8))
    np.testing.assert_allclose(ours[-1].coef_, theirs[-1].coef_, atol=1e-3)
    assert balanced_accuracy_score(Y, ours.predict(X)) > 0.6


def test_a_grid_search_over_a_resampling_pipeline():
    pipeline = make_pipeline(SMOTE(random_state=0), StandardScaler(), DescentClassifier())
    grid = {"descentclassifier__alpha": [1e-4, 1e-1], "smote__k_neighbors": [3, 5]}
    search = GridSearchCV(pipeline, grid, scoring="balanced_accuracy", cv=3).fit(X, Y)
    assert search.best_score_ > 0.6


def test_balanced_bagging():
    model = BalancedBaggingClassifier(DescentClassifier(), n_estimators=5, random_state=0)
    assert balanced_accuracy_score(Y, model.fit(X, Y).predict(X)) > 0.6


def test_features_are_selected_as_with_ridge():
    data, target = load_diabetes(return_X_y=True)

    def selected(estimator):
        selector = SequentialFeatureSelector(estimator, k_features=3, cv=3)
        return selector.fit(data, target).k_feature_idx_

    rows = len(target) * 2 / 3
    assert selected(DescentRegressor(alpha=1e-4, tol=1e-8)) == selected(Ridge(alpha=1e-4 * rows))


def test_votes_and_stacks():
    voters = [DescentClassifier(), DescentClassifier(loss="hinge"), LogisticRegression()]
    assert EnsembleVoteClassifier(voters).fit(X, Y).score(X, Y) > 0.85
    stack = StackingCVClassifier(voters[:2], DescentClassifier(), random_state=0, cv=3)
    assert stack.fit(X, Y).score(X, Y) > 0.85
    data, target = load_diabetes(return_X_y=True)
    regressors = [DescentRegressor(alpha=1e-4), DescentRegressor(loss="huber", alpha=1e-4)]
    assert StackingRegressor(regressors, Ridge()).fit(data, target).score(data, target) > 0.4


def test_a_bootstrap_of_the_score():
    scores = bootstrap_point632_score(DescentClassifier(), X, Y, n_splits=5, random_seed=0)
    assert scores.mean() > 0.85
