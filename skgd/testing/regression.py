r"""Linear models on small real data: what an estimator's ``fit`` has to minimise.

With predictions :math:`\eta = X w + b` and :math:`x = (w, b)`, each is :math:`f(x) = \frac1m \sum_i
\ell(y_i, \eta_i) + \frac\alpha2 \|w\|^2`; the intercept is not penalised. "raw" in a name says that
the features are in the units they were measured in, otherwise they are standardised. The data are
loaded from scikit-learn when a problem is built.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import cache, partial
from typing import Any, ClassVar

import numpy as np

from skgd._rows import Array

from .problem import Entry, Objective, Problem

_GROUP = "regression"


@cache
def _diabetes() -> tuple[Array, Array]:
    from sklearn.datasets import load_diabetes

    X, y = load_diabetes(return_X_y=True, scaled=False)
    return X, y


@cache
def _breast_cancer() -> tuple[Array, Array]:
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    return X, y.astype(float)


@cache
def _iris() -> tuple[Array, Array]:
    from sklearn.datasets import load_iris

    X, y = load_iris(return_X_y=True)
    return X, np.eye(3)[y]


def _softplus(z: Array) -> Array:
    """``log(1 + exp(z))`` without overflow, analytic in z."""
    positive = z.real > 0
    softplus: Array = np.where(positive, z, 0) + np.log1p(np.exp(np.where(positive, -z, z)))
    return softplus


def _sigmoid(z: Array) -> Array:
    positive = z.real > 0
    small = np.exp(np.where(positive, -z, z))
    sigmoid: Array = np.where(positive, 1, small) / (1 + small)
    return sigmoid


class LinearModel(Objective):
    """A penalised linear model of one output; subclasses state the loss and its derivative.

    Parameters
    ----------
    family : str
        Name of the model and its data; features are left unscaled if it ends in "_raw".
    data : callable
        Returns features, shape ``(m, n - 1)``, and targets, shape ``(m,)`` or ``(m, k)``.
    alpha : float
        Penalty.
    best : float
        The value at the minimum.
    """

    outputs: ClassVar[int] = 1

    def __init__(
        self, family: str, data: Callable[[], tuple[Array, Array]], alpha: float, best: float
    ) -> None:
        X, self._y = data()
        if not family.endswith("_raw"):
            X = (X - X.mean(axis=0)) / X.std(axis=0)
        self.family = family
        super().__init__((X.shape[1] + 1) * self.outputs)
        self._design = np.column_stack([X, np.ones(len(X))])
        self._penalty = np.full((X.shape[1] + 1, self.outputs), alpha)
        self._penalty[-1] = 0
        self._penalty = self._penalty.ravel()
        self._value_at_best = best

    def _best(self) -> float:
        return self._value_at_best

    def _value(self, x: Array) -> Any:
        return self._loss(self._predictions(x)).mean() + self._penalty @ x**2 / 2

    def _gradient(self, x: Array) -> Array:
        slope = self._slope(self._predictions(x))
        gradient: Array = (self._design.T @ slope).ravel() / len(slope) + self._penalty * x
        return gradient

    def _predictions(self, x: Array) -> Array:
        predictions: Array = self._design @ x
        return predictions

    @abstractmethod
    def _loss(self, eta: Array) -> Array: ...

    @abstractmethod
    def _slope(self, eta: Array) -> Array: ...


class LeastSquares(LinearModel):
    r"""Half the squared error, :math:`\ell = (\eta - y)^2 / 2`."""

    source = (
        "B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, Least angle regression, "
        "Ann. Statist. 32 (2004) 407-499 (diabetes data)"
    )
    convex = True

    def _loss(self, eta: Array) -> Array:
        loss: Array = (eta - self._y) ** 2 / 2
        return loss

    def _slope(self, eta: Array) -> Array:
        return eta - self._y


class Huber(LinearModel):
    r"""Huber's loss with threshold 50.

    Quadratic for small residuals, linear beyond; :math:`C^1` only.
    """

    source = (
        "P. J. Huber, Robust estimation of a location parameter, "
        "Ann. Math. Statist. 35 (1964) 73-101"
    )
    convex = True
    threshold: ClassVar[float] = 50.0

    def _loss(self, eta: Array) -> Array:
        r = eta - self._y
        size = np.where(r.real < 0, -r, r)
        d = self.threshold
        return np.where(size.real <= d, r**2 / 2, d * (size - d / 2))

    def _slope(self, eta: Array) -> Array:
        r = eta - self._y
        d = self.threshold
        return np.where(r.real > d, d, np.where(r.real < -d, -d, r))


class PseudoHuber(LinearModel):
    r"""Pseudo-Huber loss, :math:`\ell = d^2 (\sqrt{1 + (r/d)^2} - 1)`, :math:`d = 20`."""

    source = "P. Charbonnier et al., IEEE Trans. Image Process. 6 (1997) 298-311"
    convex = True
    threshold: ClassVar[float] = 20.0

    def _loss(self, eta: Array) -> Array:
        d = self.threshold
        loss: Array = d**2 * (np.sqrt(1 + ((eta - self._y) / d) ** 2) - 1)
        return loss

    def _slope(self, eta: Array) -> Array:
        r = eta - self._y
        slope: Array = r / np.sqrt(1 + (r / self.threshold) ** 2)
        return slope


class Cauchy(LinearModel):
    r"""Cauchy loss, :math:`\ell = \frac{d^2}2 \log(1 + (r/d)^2)`, :math:`d = 50`; not convex."""

    source = "P. W. Holland, R. E. Welsch, Comm. Statist. A 6 (1977) 813-827"
    threshold: ClassVar[float] = 50.0

    def _loss(self, eta: Array) -> Array:
        d = self.threshold
        loss: Array = d**2 / 2 * np.log1p(((eta - self._y) / d) ** 2)
        return loss

    def _slope(self, eta: Array) -> Array:
        r = eta - self._y
        slope: Array = r / (1 + (r / self.threshold) ** 2)
        return slope


class Poisson(LinearModel):
    r"""Poisson deviance with logarithmic link, :math:`\ell = e^\eta - y \eta`."""

    source = "P. McCullagh, J. A. Nelder, Generalized Linear Models (1989), ch. 6"
    convex = True

    def _loss(self, eta: Array) -> Array:
        loss: Array = np.exp(eta) - self._y * eta
        return loss

    def _slope(self, eta: Array) -> Array:
        slope: Array = np.exp(eta) - self._y
        return slope


class Gamma(LinearModel):
    r"""Gamma deviance with logarithmic link, :math:`\ell = \eta + y e^{-\eta}`."""

    source = "P. McCullagh, J. A. Nelder, Generalized Linear Models (1989), ch. 8"
    convex = True

    def _loss(self, eta: Array) -> Array:
        loss: Array = eta + self._y * np.exp(-eta)
        return loss

    def _slope(self, eta: Array) -> Array:
        slope: Array = 1 - self._y * np.exp(-eta)
        return slope


class Logistic(LinearModel):
    r"""Logistic loss, :math:`\ell = \log(1 + e^\eta) - y \eta` for :math:`y \in \{0, 1\}`."""

    source = (
        "W. N. Street, W. H. Wolberg, O. L. Mangasarian, Nuclear feature extraction for breast "
        "tumor diagnosis, SPIE 1905 (1993) 861-870 (data)"
    )
    convex = True

    def _loss(self, eta: Array) -> Array:
        loss: Array = _softplus(eta) - self._y * eta
        return loss

    def _slope(self, eta: Array) -> Array:
        return _sigmoid(eta) - self._y


class Multinomial(LinearModel):
    r"""Multinomial logistic loss, :math:`\ell = \log \sum_k e^{\eta_k} - \eta_y`.

    The variables are the array of shape (features + 1, classes), row by row.
    """

    source = "R. A. Fisher, Ann. Eugenics 7 (1936) 179-188 (iris data)"
    convex = True
    outputs = 3

    def _predictions(self, x: Array) -> Array:
        predictions: Array = self._design @ x.reshape(-1, self.outputs)
        return predictions

    def _loss(self, eta: Array) -> Array:
        top = eta.real.max(axis=1)
        loss: Array = (
            top + np.log(np.exp(eta - top[:, None]).sum(axis=1)) - (self._y * eta).sum(axis=1)
        )
        return loss

    def _slope(self, eta: Array) -> Array:
        exponentials = np.exp(eta - eta.real.max(axis=1, keepdims=True))
        slope: Array = exponentials / exponentials.sum(axis=1, keepdims=True) - self._y
        return slope


_Row = tuple[str, type[LinearModel], Callable[[], tuple[Array, Array]], int, float, float]

_MODELS: list[_Row] = [
    ("least_squares_diabetes", LeastSquares, _diabetes, 11, 0.0, 1429.848173793375),
    ("ridge_diabetes", LeastSquares, _diabetes, 11, 0.1, 1517.5402061087377),
    ("ridge_diabetes_raw", LeastSquares, _diabetes, 11, 0.1, 1499.8559097467235),
    ("huber_diabetes", Huber, _diabetes, 11, 1e-3, 1197.4802714352809),
    ("pseudo_huber_diabetes", PseudoHuber, _diabetes, 11, 1e-3, 597.3350517082722),
    ("pseudo_huber_diabetes_raw", PseudoHuber, _diabetes, 11, 1e-3, 598.2065173146555),
    ("cauchy_diabetes", Cauchy, _diabetes, 11, 1e-3, 737.328685523206),
    ("poisson_diabetes", Poisson, _diabetes, 11, 1e-3, -622.3924303345264),
    ("gamma_diabetes", Gamma, _diabetes, 11, 1e-3, 5.956151777318212),
    ("logistic_breast_cancer", Logistic, _breast_cancer, 31, 1e-2, 0.09959137548470548),
    (
        "logistic_breast_cancer_weak_penalty",
        Logistic,
        _breast_cancer,
        31,
        1e-5,
        0.03163690798497658,
    ),
    ("logistic_breast_cancer_raw", Logistic, _breast_cancer, 31, 1e-4, 0.07576914480200615),
    ("multinomial_iris", Multinomial, _iris, 15, 1e-3, 0.10236807843007842),
    ("multinomial_iris_raw", Multinomial, _iris, 15, 1e-3, 0.09573000017782599),
]


def _build(name: str, model: type[LinearModel], *arguments: Any) -> Problem:
    return model(name, *arguments).problem(name, _GROUP)


def catalogue() -> list[Entry]:
    """List the models; their data are not loaded yet.

    Returns
    -------
    list of Entry
    """
    return [
        Entry(name, name, n, partial(_build, name, model, data, alpha, best))
        for name, model, data, n, alpha, best in _MODELS
    ]
