"""`FormulaRegressor` against `scipy.optimize.curve_fit` on classic models of one variable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import curve_fit

from skgd import Formula
from skgd.estimators.formula import FormulaRegressor

FACTOR = 3.0


@dataclass(frozen=True)
class Model:
    """A formula of ``x0``, the parameters that data are made from, and how."""

    formula: str
    truth: dict[str, float]
    start: float
    stop: float
    rows: int
    noise: float

    @property
    def x(self):
        return np.linspace(self.start, self.stop, self.rows)

    def values(self, parameters, x=None):
        names = ["x0", *self.truth]
        formula = Formula(self.formula, variables=names)
        return formula(np.array(np.broadcast_arrays(self.x if x is None else x, *parameters)))

    def jacobian(self, parameters):
        names = ["x0", *self.truth]
        formula = Formula(self.formula, variables=names)
        slopes = formula.jac(np.array(np.broadcast_arrays(self.x, *parameters)))[1:].T
        # The derivative of x**b at x = 0 is a limit.
        return np.nan_to_num(slopes)

    def data(self, seed=0):
        errors = np.random.default_rng(seed).standard_normal(self.rows)
        return self.x[:, None], self.values(self.truth.values()) + self.noise * errors

    def reference(self, y):
        return curve_fit(
            lambda x, *p: self.values(p),
            self.x,
            y,
            p0=[*self.truth.values()],
            jac=lambda x, *p: self.jacobian(p),
            ftol=1e-15,
            xtol=1e-15,
            gtol=1e-15,
            maxfev=10_000,
        )


MODELS = {
    "exponential rise": Model("a*(1 - exp(-b*x0))", {"a": 3, "b": 0.7}, 0.1, 8, 40, 0.02),
    "offset decay": Model("a*exp(-b*x0) + c", {"a": 2.5, "b": 1.3, "c": 0.5}, 0, 4, 50, 0.02),
    "two exponentials": Model(
        "a*exp(-b*x0) + c*exp(-d*x0)", {"a": 5, "b": 0.3, "c": 3, "d": 2.5}, 0, 10, 80, 0.01
    ),
    "power law": Model("a*x0**b", {"a": 2, "b": 1.7}, 0, 5, 40, 0.05),
    "shifted power law": Model(
        "a*(x0 + c)**b", {"a": 2, "b": -1.3, "c": 0.5}, 0.1, 5, 40, 0.01
    ),
    "rational 2/2": Model(
        "(a + b*x0 + c*x0**2)/(1 + d*x0 + k*x0**2)",
        {"a": 1, "b": 0.5, "c": 0.2, "d": 0.3, "k": 0.05}, 0, 10, 100, 0.01,
    ),
    "rational 3/3": Model(
        "(a + b*x0 + c*x0**2 + d*x0**3)/(1 + k*x0 + m*x0**2 + n*x0**3)",
        {"a": 1, "b": 2, "c": 1, "d": 0.5, "k": 0.8, "m": 0.4, "n": 0.1}, 0, 6, 150, 0.002,
    ),
    "Michaelis-Menten": Model("v*x0/(k + x0)", {"v": 10, "k": 2.5}, 0.1, 20, 30, 0.1),
    "Hill": Model(
        "v*x0**n/(k**n + x0**n)", {"v": 10, "k": 3, "n": 2.2}, 0, 20, 40, 0.1
    ),
    "logistic growth": Model(
        "k/(1 + exp(-r*(x0 - m)))", {"k": 100, "r": 0.8, "m": 6}, 0, 12, 50, 1
    ),
    "Gompertz growth": Model(
        "k*exp(-b*exp(-c*x0))", {"k": 50, "b": 5, "c": 0.6}, 0, 12, 50, 0.5
    ),
    "Weibull growth": Model(
        "k - (k - a)*exp(-(b*x0)**c)", {"k": 30, "a": 2, "b": 0.3, "c": 1.8}, 0, 12, 60, 0.2
    ),
    "damped sine": Model(
        "a*exp(-b*x0)*sin(w*x0)", {"a": 3, "b": 0.2, "w": 0.6}, 0, 10, 120, 0.05
    ),
    "Arrhenius": Model(
        "b*exp(c/(x0 + d))", {"b": 0.005, "c": 6000, "d": 345}, 50, 125, 40, 30
    ),
    "Langmuir": Model("q*k*x0/(1 + k*x0)", {"q": 8, "k": 0.6}, 0.1, 20, 30, 0.05),
    "absorption": Model(
        "a*k/(k - m)*(exp(-m*x0) - exp(-k*x0))", {"a": 10, "k": 1.5, "m": 0.25}, 0.1, 24, 50, 0.05
    ),
}  # fmt: skip

PEAKS = Model(
    "a*exp(-b*x0) + c*exp(-(x0 - d)**2/(2*w**2)) + k*exp(-(x0 - m)**2/(2*v**2))",
    {"a": 10, "b": 0.02, "c": 5, "d": 40, "w": 6, "k": 4, "m": 75, "v": 8},
    0, 120, 240, 0.1,
)  # fmt: skip


def agrees(model, initial, seed=0):
    X, y = model.data(seed)
    expected, covariance = model.reference(y)
    fitted = FormulaRegressor(model.formula, initial=initial).fit(X, y)
    found = np.array([fitted.params_[name] for name in model.truth])
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    errors = [fitted.stderr_[name] for name in model.truth]
    np.testing.assert_allclose(errors, np.sqrt(np.diag(covariance)), rtol=1e-4)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("factor", [1.0, FACTOR, 1 / FACTOR])
def test_values_and_errors_are_those_of_curve_fit(name, factor):
    model = MODELS[name]
    agrees(model, {name: factor * value for name, value in model.truth.items()})


@pytest.mark.parametrize("name", MODELS)
def test_starts_that_are_off_in_different_ways_lead_to_the_same_parameters(name):
    model = MODELS[name]
    rng = np.random.default_rng(7)
    X, y = model.data()
    expected, _ = model.reference(y)
    for _ in range(4):
        factors = FACTOR ** rng.uniform(-1, 1, len(model.truth))
        initial = {
            name: factor * value
            for (name, value), factor in zip(model.truth.items(), factors, strict=True)
        }
        fitted = FormulaRegressor(model.formula, initial=initial).fit(X, y)
        best = 2 * fitted.result_.fun * len(y)
        assert best <= ((model.values(expected) - y) ** 2).sum() * (1 + 1e-9)


def test_peaks_are_found_when_their_places_are_known_roughly():
    initial = {"a": 3, "b": 0.06, "c": 15, "d": 45, "w": 12, "k": 1.3, "m": 70, "v": 4}
    agrees(PEAKS, initial)


def test_more_starts_find_peaks_within_bounds():
    X, y = PEAKS.data()
    expected, _ = PEAKS.reference(y)
    bounds = {
        **dict.fromkeys(("a", "c", "k"), (0, 20)),
        "b": (0, 0.2), "d": (20, 60), "m": (60, 110), "w": (2, 20), "v": (2, 20),
    }  # fmt: skip
    model = FormulaRegressor(PEAKS.formula, bounds=bounds, n_starts=20, random_state=0).fit(X, y)
    found = [model.params_[name] for name in PEAKS.truth]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_parameters_that_the_data_cannot_tell_apart_have_infinite_errors():
    # exp(-b*(t - c)) is exp(b*c) times exp(-b*t).
    X, y = MODELS["offset decay"].data()
    model = FormulaRegressor("a*exp(-b*(x0 - c)) + d").fit(X, y)
    assert np.isinf(model.covariance_).all()
    assert all(np.isinf(error) for error in model.stderr_.values())
    known = FormulaRegressor("a*exp(-b*x0) + d").fit(X, y)
    np.testing.assert_allclose(model.predict(X), known.predict(X), rtol=1e-6)
    named = FormulaRegressor("a*exp(-b*(x0 - c)) + d", fixed={"c": 0.7}).fit(X, y)
    assert named.params_["b"] == pytest.approx(known.params_["b"], rel=1e-6)
    assert np.isfinite(named.covariance_).all()
