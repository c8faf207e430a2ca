"""Settings for the tests of the test problems."""

from __future__ import annotations

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Keep small matrices off the thread pool, which is slow on a machine that is busy."""
    with threadpool_limits(1):
        yield
