"""Ridge and logistic regression on real data, through `scipy.optimize.minimize`.

The objectives are those of scikit-learn's `Ridge` and `LogisticRegression`, written out, and the
data are the ones that it ships: disease progression of 442 diabetes patients, and 569 breast
tumours.  The last entry of the parameter vector is the intercept, which is not penalised.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from skgd import gd_spectral


def least_squares(w, X, y, alpha):
    r"""Return :math:`\|y - Xw - b\|^2 + \alpha\|w\|^2` and its gradient."""
    residual = X @ w[:-1] + w[-1] - y
    value = residual @ residual + alpha * w[:-1] @ w[:-1]
    gradient = 2.0 * np.append(X.T @ residual + alpha * w[:-1], residual.sum())
    return value, gradient


def logistic(w, X, sign, C):
    r"""Return :math:`\frac12\|w\|^2 + C\sum\log(1 + e^{-s(Xw + b)})` and its gradient."""
    margin = sign * (X @ w[:-1] + w[-1])
    value = 0.5 * w[:-1] @ w[:-1] + C * np.logaddexp(0.0, -margin).sum()
    pull = -C * sign * expit(-margin)
    return value, np.append(X.T @ pull + w[:-1], pull.sum())


def fit(loss, X, y, strength):
    """Return SciPy's result for one of the losses above."""
    start = np.zeros(X.shape[1] + 1)
    return minimize(
        loss, start, args=(X, y, strength), jac=True, method=gd_spectral, options={"gtol": 1e-7}
    )


def diabetes(alpha=1.0):
    """Return the parameters found here and those of `Ridge`."""
    X, y = load_diabetes(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    res = fit(least_squares, X, y, alpha)
    model = Ridge(alpha=alpha, tol=1e-12).fit(X, y)
    return res, np.append(model.coef_, model.intercept_)


def breast_cancer(C=1.0):
    """Return the parameters found here and those of `LogisticRegression`."""
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    res = fit(logistic, X, np.where(y == 1, 1.0, -1.0), C)
    model = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-10).fit(X, y)
    return res, np.append(model.coef_, model.intercept_)


def main():
    """Print how far the two are apart."""
    for title, (res, expected) in (
        ("diabetes, Ridge", diabetes()),
        ("breast cancer, LogisticRegression", breast_cancer()),
    ):
        apart = np.abs(res.x - expected).max()
        sys.stdout.write(
            f"{title}: {expected.size} parameters, largest difference {apart:.1e}\n"
            f"    {res.nit} iterations, {res.nfev} evaluations\n"
            f"    {res.message}\n"
        )


if __name__ == "__main__":
    main()
