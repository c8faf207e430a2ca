"""Descent as scikit-learn estimators.

>>> from sklearn.datasets import load_diabetes
>>> from skgd.estimators import DescentRegressor
>>> X, y = load_diabetes(return_X_y=True, as_frame=True)
>>> model = DescentRegressor(loss="quantile", loss_params={"quantile": 0.9}, alpha=0)
>>> round(float((y <= model.fit(X, y).predict(X)).mean()), 1)
0.9
"""

from .classifier import DescentClassifier
from .formula import FormulaRegressor
from .gaussian_process import gp_optimizer
from .regressor import DescentRegressor

__all__ = ["DescentClassifier", "DescentRegressor", "FormulaRegressor", "gp_optimizer"]
