"""Dask is optional: it is imported when one of its collections comes along, and by nothing else."""

from __future__ import annotations

import pytest
from test_imports import run

FIT = """
import numpy as np
from skgd.estimators import DescentClassifier, DescentRegressor
X = np.arange(12.0).reshape(6, 2)
DescentRegressor().fit(X, X[:, 0]).predict(X)
model = DescentClassifier().fit(X, X[:, 0] > 4)
model.predict_proba(X), model.score(X, X[:, 0] > 4)
"""


def test_estimators_work_without_dask():
    code = FIT + "import sys; print([n for n in ('dask', 'distributed') if n in sys.modules])"
    assert run(code, hidden=("dask", "distributed")) == "[]"


def test_estimators_do_not_import_dask_where_it_is_installed():
    code = FIT + "import sys; print([n for n in ('dask', 'distributed') if n in sys.modules])"
    assert run(code) == "[]"


def test_a_fit_in_this_process_does_not_need_the_package_distributed():
    pytest.importorskip("dask.array")
    code = """
import dask.array as da
from skgd.estimators import DescentRegressor
X = da.arange(12, chunks=5).reshape(12, 1).rechunk((5, 1)).astype(float)
print(DescentRegressor(alpha=0).fit(X, X[:, 0]).coef_.round(6))
"""
    assert run(code, hidden=("distributed",)) == "[1.]"
