"""Gradient descent for people who already use SciPy and scikit-learn.

>>> from scipy.optimize import minimize
>>> from skgd import Formula, gd_momentum
>>> f = Formula("x**2 + 8*sin(x)")
>>> roll = {"learning_rate": 0.05, "momentum": 0.8}
>>> res = minimize(f, 10.0, jac=f.jac, method=gd_momentum, options=roll)
>>> bool(res.success), round(float(res.x[0]), 4)
(True, -1.2524)
"""

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
    Steepest,
)
from .formula import Formula
from .gradient_check import check_gradient
from .jacobians import JACOBIANS, Analytic, Central, ComplexStep, Forward, Jacobian
from .learning_rates import (
    LEARNING_RATES,
    Adaptive,
    Armijo,
    Constant,
    Cosine,
    Exponential,
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
)
from .proximal import L1, Ball, Box, Constraint, ElasticNet, Simplex, Within

__version__ = "0.1.0.dev0"

__all__ = [
    "DIRECTIONS",
    "JACOBIANS",
    "L1",
    "LEARNING_RATES",
    "METHODS",
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
    "Direction",
    "ElasticNet",
    "Exponential",
    "Formula",
    "Forward",
    "HeavyBall",
    "InverseTime",
    "Jacobian",
    "LearningRate",
    "Lipschitz",
    "Method",
    "NAdam",
    "Nesterov",
    "Polyak",
    "Preconditioned",
    "Proportional",
    "RMSProp",
    "Ritz",
    "Rprop",
    "Schedule",
    "Simplex",
    "Spectral",
    "Steepest",
    "StepDecay",
    "Within",
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
]  # fmt: skip
