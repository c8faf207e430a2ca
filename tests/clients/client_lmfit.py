"""lmfit: a method of skgd in ``Minimizer.scalar_minimize``, with bounds and standard errors."""

from __future__ import annotations

import lmfit
import numpy as np
import pytest

from skgd import METHODS

TIME = np.linspace(0, 4, 50)
DECAY = 3 * np.exp(-0.7 * TIME) + 0.1 * np.random.default_rng(0).normal(size=50)


def residual(parameters):
    return DECAY - parameters["a"] * np.exp(-parameters["k"] * TIME)


@pytest.mark.parametrize("name", [name for name in METHODS if name != "gd_spsa"])
def test_a_curve_is_fitted_as_by_least_squares(name):
    parameters = lmfit.Parameters()
    parameters.add("a", value=2, min=0)
    parameters.add("k", value=1, min=0, max=5)
    fitter = lmfit.Minimizer(residual, parameters)
    ours = fitter.scalar_minimize(method=METHODS[name])
    theirs = fitter.minimize(method="leastsq")
    assert ours.success, ours.message
    assert ours.chisqr == pytest.approx(theirs.chisqr, rel=1e-6)
    for key, value in theirs.params.valuesdict().items():
        assert ours.params[key].value == pytest.approx(value, rel=1e-3)


def test_a_parameter_may_be_tied_to_another():
    parameters = lmfit.Parameters()
    parameters.add("a", value=2, min=0)
    parameters.add("k", expr="a / 4")
    result = lmfit.Minimizer(residual, parameters).scalar_minimize(method=METHODS["gd_spectral"])
    assert result.success
    assert result.params["k"].value == pytest.approx(result.params["a"].value / 4)
