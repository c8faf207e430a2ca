"""Scikit-learn's own checks, for each family of losses, penalties, constraints and methods."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from skgd.estimators import DescentClassifier, DescentRegressor

# The checks compare fits of the same data in another form to seven digits.
EXACT = {"tol": 1e-9}


def fourth_power(y, p):
    """A loss of the user's own."""
    return (y - p) ** 2 + 0.1 * (y - p) ** 4, 2 * (p - y) + 0.4 * (p - y) ** 3


REGRESSORS = [
    DescentRegressor(**EXACT),
    *(
        DescentRegressor(loss=loss, **EXACT)
        for loss in (
            "absolute_error",
            "quantile",
            "huber",
            "log_cosh",
            "epsilon_insensitive",
            "expectile",
            "mape",
            "poisson",
            "gamma",
            "tweedie",
            "log(cosh(y - p))",
            fourth_power,
        )
    ),
    DescentRegressor(penalty=None, **EXACT),
    DescentRegressor(penalty="l1", **EXACT),
    DescentRegressor(penalty="elasticnet", **EXACT),
    DescentRegressor(penalty="group", groups={0: 0}, **EXACT),
    DescentRegressor(bounds=(-5, 5), **EXACT),
    DescentRegressor(positive=True, **EXACT),
    DescentRegressor(coef_sum=1.0, **EXACT),
]
CLASSIFIERS = [
    *(
        DescentClassifier(loss=loss, **EXACT)
        for loss in ("log_loss", "hinge", "squared_hinge", "modified_huber", "exponential")
    ),
    DescentClassifier(penalty="l1", **EXACT),
    DescentClassifier(penalty="elasticnet", class_weight="balanced", **EXACT),
    DescentClassifier(bounds=(-50, 50), **EXACT),
]


@parametrize_with_checks([*REGRESSORS, *CLASSIFIERS])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", [*REGRESSORS, *CLASSIFIERS], ids=repr)
def test_a_clone_has_the_same_parameters(estimator):
    given, cloned = estimator.get_params(), clone(estimator).get_params()
    assert given.keys() == cloned.keys()
    assert all(np.all(given[name] == cloned[name]) for name in given)


@pytest.mark.parametrize("kind", [DescentRegressor, DescentClassifier])
def test_every_parameter_is_keyword_only_checked_and_documented(kind):
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters)
    names = [p.name for p in parameters]
    assert set(kind._parameter_constraints) == set(names)
    documented = re.findall(r"(?m)^(\w+) : ", inspect.getdoc(kind).partition("Attributes\n")[0])
    assert documented == names


def test_both_estimators_say_the_same_of_what_they_share():
    def sections(kind):
        entries = re.split(r"(?m)^(\w+) : ", inspect.getdoc(kind).partition("See Also")[0])
        return dict(zip(entries[1::2], entries[2::2], strict=True))

    regressor, classifier = sections(DescentRegressor), sections(DescentClassifier)
    differing = {name for name in regressor if regressor[name] != classifier[name]}
    assert differing == {"loss", "loss_params", "coef_"}
    assert set(classifier) - set(regressor) == {"class_weight", "classes_"}


def test_defaults_are_those_of_scikit_learn_where_it_has_the_parameter():
    from sklearn.linear_model import SGDClassifier

    own, theirs = DescentClassifier().get_params(), SGDClassifier().get_params()
    different = {name for name in own.keys() & theirs.keys() if own[name] != theirs[name]}
    assert different == {"loss", "learning_rate", "tol"}
