"""Conditions of the benchmarks, and the lines that they report at the end of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from records import Records
from side_by_side import Line
from threadpoolctl import threadpool_limits

RECORDS = pytest.StashKey[Records]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record", type=Path, metavar="FILE", help="keep what the benchmarks report, as JSON"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RECORDS] = Records()
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
def report(request: pytest.FixtureRequest) -> Callable[[Line | str], None]:
    """Print a comparison, or a remark, in the summary."""
    records, module = request.config.stash[RECORDS], request.module

    def add(line: Line | str) -> None:
        records.add(module.__name__, module.__doc__, line)

    return add


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    records = config.stash[RECORDS]
    if not records:
        return
    terminalreporter.section("benchmarks")
    for line in records.lines():
        terminalreporter.write_line(line)
    target = config.getoption("--record")
    if target:
        records.write(target)
