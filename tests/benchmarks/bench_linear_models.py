"""The estimators against scikit-learn's solvers and other packages, at equal accuracy."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import scipy.sparse
from equal_work import Solver, compare
from sklearn.linear_model import (
    ElasticNet,
    GammaRegressor,
    HuberRegressor,
    Lasso,
    LogisticRegression,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    SGDRegressor,
    TweedieRegressor,
)

from skgd import DescentClassifier, DescentRegressor
from skgd.losses import read_loss

pytestmark = pytest.mark.all_threads

ALPHA = 1e-4


def features(n, d, condition, seed=0):
    """Return correlated columns: a matrix of the given condition number."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    if condition > 1:
        turn, _ = np.linalg.qr(rng.standard_normal((d, d)))
        X = (X * np.logspace(0, -np.log10(condition), d)) @ turn.T
    w = rng.standard_normal(d)
    signal = X @ w
    return np.ascontiguousarray(X), signal / signal.std()


def classes(signal, seed=1):
    rng = np.random.default_rng(seed)
    return (rng.random(len(signal)) < 1.0 / (1.0 + np.exp(-2.0 * signal))).astype(int)


def objective(X, y, loss, alpha, l1_ratio=0.0, params=None, kind="regression"):
    """Return the objective as a function of coefficients and intercept."""
    loss = read_loss(loss, params, kind)
    target = np.where(y == 1, 1.0, -1.0) if kind == "binary" else y.astype(float)

    def value(model):
        coef, intercept = model
        p = X @ np.asarray(coef).T + intercept
        mean = float(np.mean(loss.value(target, p)))
        squares, absolutes = np.sum(np.square(coef)), np.sum(np.abs(coef))
        return mean + alpha * ((1 - l1_ratio) * squares / 2 + l1_ratio * absolutes)

    return value


def linear(estimator, X, y):
    """Return a fit that takes a tolerance, of an estimator with one output."""

    def fit(tol):
        model = estimator.set_params(tol=tol).fit(X, y)
        coef = model.coef_[0] if np.ndim(model.coef_) == 2 else model.coef_
        return coef, np.atleast_1d(model.intercept_)[0]

    return fit


def several(estimator, X, y):
    """Return the same for several outputs."""

    def fit(tol):
        model = estimator.set_params(tol=tol).fit(X, y)
        return model.coef_, model.intercept_

    return fit


def has(package):
    return importlib.util.find_spec(package) is not None


@pytest.mark.parametrize(
    ("n", "d", "condition"),
    [
        (100_000, 50, 1),
        (100_000, 50, 1e4),
        (20_000, 500, 1e4),
        (2_000, 1_000, 1),
        (1_000_000, 20, 1e4),
    ],
)
def test_log_loss(report, n, d, condition):
    X, signal = features(n, d, condition)
    y = classes(signal)
    ours = Solver("skgd", linear(DescentClassifier(alpha=ALPHA), X, y))
    names = ["lbfgs", "newton-cholesky", "newton-cg", "sag"]
    peers = [
        Solver(
            name,
            linear(LogisticRegression(C=1 / (ALPHA * n), solver=name, max_iter=10_000), X, y),
            (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10),
        )
        for name in names
        if not (name == "sag" and (condition > 1 or n < d * 10))
    ]
    if has("glum"):
        peers.append(Solver("glum", glum_logistic(X, y)))
    if has("sklearnex"):
        from sklearnex.linear_model import LogisticRegression as Accelerated

        fast = Accelerated(C=1 / (ALPHA * n), solver="lbfgs", max_iter=10_000)
        peers.append(Solver("scikit-learn-intelex", linear(fast, X, y)))
    value = objective(X, y, "log_loss", ALPHA, kind="binary")
    subject = f"log loss, {n:,} x {d}, condition {condition:g}"
    for text in compare(subject, ours, peers, value, 1e-7, "at least 1.5"):
        report(text)


def glum_logistic(X, y):
    from glum import GeneralizedLinearRegressor

    def fit(tol):
        model = GeneralizedLinearRegressor(
            family="binomial", alpha=ALPHA, gradient_tol=tol, max_iter=1000
        ).fit(X, y)
        return model.coef_, model.intercept_

    return fit


def test_multinomial(report):
    X, _ = features(50_000, 64, 10)
    rng = np.random.default_rng(2)
    y = (X @ rng.standard_normal((64, 10)) + rng.gumbel(size=(50_000, 10))).argmax(axis=1)
    ours = Solver("skgd", several(DescentClassifier(alpha=ALPHA), X, y))
    peers = [
        Solver(
            name,
            several(LogisticRegression(C=1 / (ALPHA * len(y)), solver=name, max_iter=10_000), X, y),
        )
        for name in ("lbfgs", "newton-cg", "newton-cholesky")
    ]
    value = objective(X, y, "log_loss", ALPHA, kind="multiclass")
    for text in compare(
        "10 classes, 50,000 x 64", ours, peers, value, 1e-7, "at least 1", repeats=3
    ):
        report(text)


def quantile_data(n, d):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, d))
    return X, X @ rng.standard_normal(d) + rng.standard_t(3, n)


@pytest.mark.parametrize(("n", "d"), [(8_000, 20), (20_000, 50)])
def test_quantile(report, n, d):
    X, y = quantile_data(n, d)
    params = {"quantile": 0.8}
    model = DescentRegressor(loss="quantile", loss_params=params, alpha=0.0)
    ours = Solver("skgd", linear(model, X, y), (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8))
    highs = QuantileRegressor(quantile=0.8, alpha=0.0, solver="highs")

    def fit_highs(tol):
        fitted = highs.fit(X, y)
        return fitted.coef_, fitted.intercept_

    peers = [Solver("highs", fit_highs, (0.0,))]
    if has("statsmodels"):
        peers.append(Solver("statsmodels", statsmodels_quantile(X, y)))
    value = objective(X, y, "quantile", 0.0, params=params)
    subject = f"quantile 0.8, {n:,} x {d}, to 1e-5"
    for text in compare(subject, ours, peers, value, 1e-5, "200; statsmodels 3", repeats=3):
        report(text)


def statsmodels_quantile(X, y):
    from statsmodels.api import add_constant
    from statsmodels.regression.quantile_regression import QuantReg

    def fit(tol):
        fitted = QuantReg(y, add_constant(X)).fit(q=0.8, p_tol=tol, max_iter=10_000)
        return fitted.params[1:], fitted.params[0]

    return fit


def test_quantile_of_a_million_rows(report):
    pytest.importorskip("statsmodels")
    X, y = quantile_data(1_000_000, 20)
    model = DescentRegressor(loss="quantile", loss_params={"quantile": 0.8}, alpha=0.0)
    ours = Solver("skgd", linear(model, X, y), (1e-3, 1e-4, 1e-5, 1e-6, 1e-8))
    peers = [Solver("statsmodels", statsmodels_quantile(X, y))]
    value = objective(X, y, "quantile", 0.0, params={"quantile": 0.8})
    for text in compare("quantile 0.8, 1,000,000 x 20, to 1e-5", ours, peers, value, 1e-5, ""):
        report(text)


@pytest.mark.parametrize("loss", ["poisson", "gamma", "tweedie"])
def test_generalised_linear_models(report, loss):
    X, signal = features(100_000, 50, 100)
    rng = np.random.default_rng(3)
    mean = np.exp(0.5 * signal)
    n, params = len(mean), None
    if loss == "poisson":
        y = rng.poisson(mean).astype(float)
        peer = PoissonRegressor(alpha=ALPHA, max_iter=10_000)
    elif loss == "gamma":
        y = mean * rng.gamma(2.0, 0.5, n)
        peer = GammaRegressor(alpha=ALPHA, max_iter=10_000)
    else:
        y = rng.poisson(mean) * rng.gamma(2.0, 0.5, n)
        params = {"power": 1.5}
        peer = TweedieRegressor(power=1.5, link="log", alpha=ALPHA, max_iter=10_000)
    peers = [
        Solver(name, linear(peer.__class__(**{**peer.get_params(), "solver": name}), X, y))
        for name in ("lbfgs", "newton-cholesky")
    ]
    ours = Solver("skgd", linear(DescentRegressor(loss=loss, loss_params=params), X, y))
    value = objective(X, y, loss, ALPHA, params=params)
    for text in compare(f"{loss}, 100,000 x 50", ours, peers, value, 1e-7, "at least 1"):
        report(text)


def test_huber(report):
    X, signal = features(100_000, 50, 100)
    n = len(signal)
    y = signal + np.random.default_rng(3).standard_t(2, n)
    # HuberRegressor also fits a scale s; given that, it minimises the loss with epsilon times s.
    peer = HuberRegressor(alpha=ALPHA * n, max_iter=10_000)
    scale = peer.set_params(tol=1e-9).fit(X, y).scale_
    alpha, params = ALPHA * scale, {"epsilon": 1.35 * scale}
    model = DescentRegressor(loss="huber", loss_params=params, alpha=alpha)
    peers = [
        Solver("HuberRegressor (fits a scale, too)", linear(peer, X, y)),
        Solver(
            "SGDRegressor",
            linear(SGDRegressor("huber", alpha=alpha, max_iter=1000, **params), X, y),
            (1e-3, 1e-5, 1e-7),
        ),
    ]
    value = objective(X, y, "huber", alpha, params=params)
    for text in compare(
        "huber, 100,000 x 50", Solver("skgd", linear(model, X, y)), peers, value, 1e-7, "at least 1"
    ):
        report(text)


def test_ridge(report):
    X, signal = features(100_000, 200, 100)
    y = signal + np.random.default_rng(4).standard_normal(len(signal))
    ours = Solver("skgd", linear(DescentRegressor(alpha=ALPHA), X, y))
    peers = [
        Solver(name, linear(Ridge(alpha=ALPHA * len(y), solver=name), X, y))
        for name in ("cholesky", "lsqr", "sparse_cg")
    ]
    value = objective(X, y, "squared_error", ALPHA)
    for text in compare("ridge, 100,000 x 200", ours, peers, value, 1e-7, "cholesky 0.67"):
        report(text)


@pytest.mark.parametrize("correlation", [0.0, 0.95])
@pytest.mark.parametrize(("l1_ratio", "alpha"), [(1.0, 0.1), (1.0, 0.01), (0.5, 0.05)])
def test_lasso(report, l1_ratio, alpha, correlation):
    rng = np.random.default_rng(5)
    n, d = 10_000, 1_000
    X = rng.standard_normal((n, d))
    for j in range(1, d):
        X[:, j] = correlation * X[:, j - 1] + np.sqrt(1 - correlation**2) * X[:, j]
    w = np.zeros(d)
    w[rng.choice(d, 50, replace=False)] = rng.standard_normal(50)
    y = X @ w + rng.standard_normal(n)
    model = DescentRegressor(penalty="elasticnet", alpha=alpha, l1_ratio=l1_ratio)
    ours = Solver("skgd", linear(model, X, y))
    if l1_ratio == 1.0:
        peer = Lasso(alpha=alpha, max_iter=100_000)
    else:
        peer = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, max_iter=100_000)
    peers = [Solver("coordinate descent", linear(peer, X, y))]
    value = objective(X, y, "squared_error", alpha, l1_ratio)
    subject = f"l1_ratio {l1_ratio:g}, alpha {alpha:g}, correlation {correlation:g}"
    for text in compare(subject, ours, peers, value, 1e-6, "0.5"):
        report(text)


def test_sparse_logistic(report):
    rng = np.random.default_rng(6)
    n, d, each = 20_000, 100_000, 100
    columns = (d * rng.random((n, each)) ** 3).astype(np.int32)
    rows = np.repeat(np.arange(n, dtype=np.int32), each)
    values = rng.exponential(size=n * each)
    X = scipy.sparse.csr_matrix((values, (rows, columns.ravel())), shape=(n, d))
    signal = X @ (rng.standard_normal(d) * (rng.random(d) < 0.1))
    y = classes(signal / signal.std())
    ours = Solver("skgd", linear(DescentClassifier(alpha=ALPHA), X, y))
    peers = [
        Solver(
            name,
            linear(LogisticRegression(C=1 / (ALPHA * n), solver=name, max_iter=3_000), X, y),
            (1e-2, 1e-3, 1e-4, 1e-5, 1e-6),
        )
        for name in ("lbfgs", "saga", "newton-cg")
    ]
    value = objective(X, y, "log_loss", ALPHA, kind="binary")
    for text in compare(
        "sparse logistic, 20,000 x 100,000", ours, peers, value, 1e-7, "at least 1", repeats=3
    ):
        report(text)
