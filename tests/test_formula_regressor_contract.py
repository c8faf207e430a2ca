"""scikit-learn's own checks of `FormulaRegressor`."""

from __future__ import annotations

import warnings

import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import parametrize_with_checks

from skgd.estimators.formula import FormulaRegressor

ESTIMATORS = [
    FormulaRegressor(),
    FormulaRegressor("a*exp(-b*x0**2) + c"),
    FormulaRegressor(loss="soft_l1"),
    FormulaRegressor(method="gd_spectral"),
    FormulaRegressor(bounds={"a": (-10, 10)}, n_starts=3),
]


@parametrize_with_checks(ESTIMATORS)
def test_estimator_passes_every_check_of_scikit_learn(estimator, check):
    with warnings.catch_warnings():
        # The checks fit noise, where an exponential may have no best rate.
        warnings.simplefilter("ignore", ConvergenceWarning)
        check(estimator)


def test_a_formula_is_all_that_is_needed():
    with pytest.raises(TypeError):
        FormulaRegressor("a*x0", {"a": 1})
