"""Losses: what an estimator pays for a prediction, with derivatives.

A loss is a function of a target ``y`` and a raw prediction ``p`` (a linear model's
``X @ coef + intercept``), applied element by element.  `LOSSES` has those that come with skgd under
their names; a user's own is a formula in ``y`` and ``p``, a Python function, or a subclass of
`Loss`; `read_loss` understands all of these.

Some losses have kinks, such as the absolute error.  A descent needs a smooth objective, so each of
them offers `Loss.smoothed`: a smooth loss below it that approaches it as its width shrinks.

>>> import numpy as np
>>> from skgd.losses import read_loss
>>> cost = read_loss("quantile", {"quantile": 0.9}, "regression")
>>> cost.value(np.array([1.0, 1.0]), np.array([0.0, 2.0]))
array([0.9, 0.1])
"""

from __future__ import annotations

from .absolute import MAPE, AbsoluteError, EpsilonInsensitive, Quantile
from .base import Kind, Loss
from .deviances import Gamma, Poisson, Tweedie
from .formula import FormulaLoss
from .function import CallableLoss
from .margins import ExponentialLoss, Hinge, LogLoss, ModifiedHuber, SquaredHinge
from .multinomial import Multinomial
from .reading import LOSSES, read_loss
from .robust import Huber, LogCosh
from .squares import Expectile, SquaredError

__all__ = [
    "LOSSES",
    "MAPE",
    "AbsoluteError",
    "CallableLoss",
    "EpsilonInsensitive",
    "Expectile",
    "ExponentialLoss",
    "FormulaLoss",
    "Gamma",
    "Hinge",
    "Huber",
    "Kind",
    "LogCosh",
    "LogLoss",
    "Loss",
    "ModifiedHuber",
    "Multinomial",
    "Poisson",
    "Quantile",
    "SquaredError",
    "SquaredHinge",
    "Tweedie",
    "read_loss",
]
