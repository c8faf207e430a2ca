"""Conditions of the benchmarks, and the lines that they report at the end of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

LINES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LINES] = []
    config.addinivalue_line("markers", "all_threads: a benchmark of what a user would see")


@pytest.fixture(autouse=True)
def one_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep linear algebra on one thread: on a busy machine, waiting threads drown all else."""
    if request.node.get_closest_marker("all_threads"):
        yield
        return
    with threadpool_limits(limits=1):
        yield


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Print a line in the summary."""
    return request.config.stash[LINES].append


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if config.stash[LINES]:
        terminalreporter.section("benchmarks")
        for line in config.stash[LINES]:
            terminalreporter.write_line(line)
