"""`FormulaRegressor` on published problems with certified answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from nist import PROBLEMS

from skgd import Formula
from skgd.estimators.formula import FormulaRegressor

CASES = [(name, start) for name in PROBLEMS for start in (0, 1)]


def sum_of_squares(problem, parameters):
    names = {**problem.columns, **parameters}
    formula = Formula(problem.formula, variables=list(names))
    rows = np.broadcast_arrays(*names.values())
    return float(((formula(np.array(rows)) - problem.y) ** 2).sum())


@pytest.mark.parametrize("name", [name for name in PROBLEMS if name != "Lanczos1"])
def test_data_are_those_that_the_certified_values_belong_to(name):
    problem = PROBLEMS[name]
    found = sum_of_squares(problem, problem.certified)
    assert found == pytest.approx(problem.residual_sum_of_squares, rel=1e-7)


@pytest.mark.parametrize(("name", "start"), CASES)
def test_certified_values_are_reached_from_both_starts(name, start):
    problem = PROBLEMS[name]
    model = FormulaRegressor(problem.formula, initial=problem.starts[start])
    model.fit(pd.DataFrame(problem.columns), problem.y)
    assert model.params_ == pytest.approx(problem.certified, rel=1e-6, abs=0.0)
    if name != "Lanczos1":
        # There the residuals are those of rounding, 1e-13 of the data.
        assert model.stderr_ == pytest.approx(problem.standard_errors, rel=1e-5, abs=0.0)
