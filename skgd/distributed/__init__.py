"""Rows on a cluster: the estimators' fit and predictions for Dask arrays and frames.

The descent runs where `fit` was called.  What it asks of the rows are sums, and those are made
where the rows are: each block answers for its own, and answers are added up on the way.  So vectors
of the size of the coefficients travel, and no row does.

Dask is imported when a Dask collection comes along, and by nothing else.
"""

from __future__ import annotations

from .chunks import is_dask
from .errors import ClusterError

__all__ = ["ClusterError", "is_dask"]
