"""Gradient descent for people who already use SciPy and scikit-learn.

>>> from scipy.optimize import minimize
>>> from skgd import Formula, gd_momentum
>>> f = Formula("x**2 + 8*sin(x)")
>>> roll = {"learning_rate": 0.05, "momentum": 0.8}
>>> res = minimize(f, 10.0, jac=f.jac, method=gd_momentum, options=roll)
>>> bool(res.success), round(float(res.x[0]), 4)
(True, -1.2524)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from .ask_tell import Descent
from .directions import (
    DIRECTIONS,
    AdaGrad,
    Adam,
    Direction,
    HeavyBall,
    NAdam,
    Nesterov,
    Preconditioned,
    RMSProp,
    Rprop,
    Scaled,
    Steepest,
)
from .formula import Formula
from .gradient_check import check_gradient
from .jacobians import JACOBIANS, SPSA, Analytic, Central, ComplexStep, Forward, Jacobian
from .learning_rates import (
    LEARNING_RATES,
    Adaptive,
    Armijo,
    Constant,
    Cosine,
    Exponential,
    Gains,
    InverseTime,
    LearningRate,
    Lipschitz,
    Polyak,
    Proportional,
    Ritz,
    Schedule,
    Spectral,
    StepDecay,
)
from .losses import LOSSES, Loss
from .methods import (
    METHODS,
    Method,
    gd,
    gd_adagrad,
    gd_adam,
    gd_adaptive,
    gd_momentum,
    gd_nadam,
    gd_nesterov,
    gd_rmsprop,
    gd_rprop,
    gd_spectral,
    gd_spsa,
)
from .proximal import (
    L1,
    Ball,
    Box,
    Constraint,
    ElasticNet,
    GroupLasso,
    Hyperplane,
    Simplex,
    Within,
)
from .workers import WorkerDied

if TYPE_CHECKING:
    from .estimators import DescentClassifier, DescentRegressor, FormulaRegressor, gp_optimizer
    from .many_minima import multistart

__version__ = "0.1.0.dev0"

__all__ = [
    "DIRECTIONS",
    "JACOBIANS",
    "L1",
    "LEARNING_RATES",
    "LOSSES",
    "METHODS",
    "SPSA",
    "AdaGrad",
    "Adam",
    "Adaptive",
    "Analytic",
    "Armijo",
    "Ball",
    "Box",
    "Central",
    "ComplexStep",
    "Constant",
    "Constraint",
    "Cosine",
    "Descent",
    "DescentClassifier",
    "DescentRegressor",
    "Direction",
    "ElasticNet",
    "Exponential",
    "Formula",
    "FormulaRegressor",
    "Forward",
    "Gains",
    "GroupLasso",
    "HeavyBall",
    "Hyperplane",
    "InverseTime",
    "Jacobian",
    "LearningRate",
    "Lipschitz",
    "Loss",
    "Method",
    "NAdam",
    "Nesterov",
    "Polyak",
    "Preconditioned",
    "Proportional",
    "RMSProp",
    "Ritz",
    "Rprop",
    "Scaled",
    "Schedule",
    "Simplex",
    "Spectral",
    "Steepest",
    "StepDecay",
    "Within",
    "WorkerDied",
    "check_gradient",
    "gd",
    "gd_adagrad",
    "gd_adam",
    "gd_adaptive",
    "gd_momentum",
    "gd_nadam",
    "gd_nesterov",
    "gd_rmsprop",
    "gd_rprop",
    "gd_spectral",
    "gd_spsa",
    "gp_optimizer",
    "multistart",
]  # fmt: skip

_LATER = {
    "DescentClassifier": ".estimators",
    "DescentRegressor": ".estimators",
    "FormulaRegressor": ".estimators",
    "gp_optimizer": ".estimators",
    "multistart": ".many_minima",
}


def __getattr__(name: str) -> object:
    # scikit-learn takes ten times as long to import as all the rest.
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LATER[name], __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_LATER])
