"""statsmodels: a method of skgd as ``min_method`` of ``fit(method="minimize")``."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from skgd import gd_momentum, gd_nesterov, gd_spectral

X = sm.add_constant(np.random.default_rng(1).normal(size=(300, 3)))
SIGNAL = X @ [0.3, 1.0, -1.0, 0.5]


@pytest.mark.parametrize("method", [gd_spectral, gd_nesterov, gd_momentum], ids=lambda m: m.name)
@pytest.mark.filterwarnings("ignore:Method gd_.* does not use Hessian information")
def test_coefficients_and_errors_are_those_of_newtons_method(method):
    rng = np.random.default_rng(2)
    cases = [
        sm.Logit((rng.random(300) < 1 / (1 + np.exp(-SIGNAL))).astype(int), X),
        sm.Poisson(rng.poisson(np.exp(SIGNAL / 2)), X),
    ]
    for model in cases:
        theirs = model.fit(disp=0)
        # By default statsmodels allows a hundred iterations.
        ours = model.fit(method="minimize", min_method=method, maxiter=1000, disp=0)
        assert ours.mle_retvals["converged"]
        np.testing.assert_allclose(ours.params, theirs.params, atol=1e-3)
        np.testing.assert_allclose(ours.bse, theirs.bse, rtol=1e-3)
