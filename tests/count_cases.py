"""Count the cases that the contract tests run: ``python tests/count_cases.py --help``.

A case is one call of a test function: with one set of parameters, or with one example that
Hypothesis draws.  They are counted while the tests run; nothing is estimated.  As a plugin of
pytest this module counts, and as a command it runs pytest for each file that
``docs/development/contracts.toml`` names, and writes the tables of the page from it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parent
DOCS = TESTS.parent / "docs"
CONTRACTS = DOCS / "development" / "contracts.toml"
COUNTS = DOCS / "_static" / "contract_cases.json"
TABLES = DOCS / "_static" / "contract_cases.inc"

PROFILES = "fast", "thorough"
PACKAGES = "hypothesis", "pytest", "numpy", "scipy", "scikit-learn"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases-to", help="file that each test's number of cases is appended to")
    parser.addoption("--same", help="JSON of tests that need not run again, by number of cases")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests without drawn examples that have as many cases as another profile ran."""
    same = json.loads(config.getoption("--same") or "{}")
    numbers = Counter(test_of(item) for item in items)
    items[:] = [
        item
        for item in items
        if is_drawn(item) or numbers[test_of(item)] != same.get(test_of(item))
    ]


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    from hypothesis.statistics import collector

    passed = Counter()

    def count(statistics: dict[str, Any]) -> None:
        for part in statistics.values():
            if isinstance(part, dict):
                passed.update(case["status"] for case in part.get("test-cases", ()))

    with collector.with_value(count):
        outcome = yield
    cases = passed["valid"] if is_drawn(item) else 1
    with Path(item.config.getoption("--cases-to")).open("a", encoding="utf-8") as file:
        file.write(json.dumps([test_of(item), cases]) + "\n")
    return outcome


def is_drawn(item: pytest.Item) -> bool:
    """Tell whether Hypothesis draws examples for a test."""
    return getattr(getattr(item, "obj", None), "is_hypothesis_test", False)


def test_of(item: pytest.Item) -> str:
    """Return the name of the test's function in its file, without parameters."""
    file = item.path.relative_to(TESTS).as_posix()
    return "::".join((file, *item.nodeid.partition("[")[0].split("::")[1:]))


def run(file: str, profile: str, minutes: float, same: dict[str, int]) -> dict[str, Any]:
    """Run a file's tests, and return what was counted of each until the time was over."""
    with tempfile.TemporaryDirectory() as folder:
        cases = Path(folder) / "cases.jsonl"
        cases.touch()
        options = ["-q", "-p", "count_cases", "-p", "no:cacheprovider"]
        options += ["--cases-to", str(cases), "--same", json.dumps(same)]
        path = os.pathsep.join((str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])))
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *options, str(TESTS / file)],
            env=os.environ | {"HYPOTHESIS_PROFILE": profile, "PYTHONPATH": path},
            cwd=TESTS.parent,
            stdout=subprocess.DEVNULL,
        )
        try:
            code = process.wait(60 * minutes)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait()
            code = None
        if code not in (None, pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            raise SystemExit(f"{file}: a test failed with the profile {profile}; run pytest to see")
        counted: Counter[str] = Counter()
        for line in cases.read_text(encoding="utf-8").splitlines():
            test, number = json.loads(line)
            counted[test] += number
    return {"whole": code is not None, "cases": dict(counted)}


def conditions() -> dict[str, str]:
    """Return when and with what the cases were run."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "versions": f"Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    }


def read_counts() -> dict[str, dict[str, Any]]:
    """Return what was counted before, by profile and file."""
    if not COUNTS.exists():
        return {profile: {} for profile in PROFILES}
    return json.loads(COUNTS.read_text(encoding="utf-8"))


def groups() -> list[dict[str, Any]]:
    """Return the groups of the page, each with its properties and their tests."""
    return tomllib.loads(CONTRACTS.read_text(encoding="utf-8"))["group"]


def named() -> list[str]:
    """Return what the page names: files, and patterns of functions in them."""
    return [name for group in groups() for row in group["property"] for name in row["tests"]]


def files() -> list[str]:
    """Return the files of all tests that the page names."""
    return sorted({name.partition("::")[0] for name in named()})


def matches(name: str, test: str) -> bool:
    """Tell whether a name of the page stands for a test."""
    file, _, function = name.partition("::")
    return test.partition("::")[0] == file and fnmatchcase(
        test.rpartition("::")[2], function or "*"
    )


def total(names: list[str], counts: dict[str, dict[str, Any]]) -> list[str]:
    """Return the number of cases of some tests in each profile, as the tables show it."""
    wanted = {name.partition("::")[0] for name in names}
    fast, thorough = ({}, {})
    for profile, found in zip(PROFILES, (fast, thorough), strict=True):
        for file in wanted & set(counts[profile]):
            found.update(counts[profile][file]["cases"])
    tests = {test for test in fast if any(matches(name, test) for name in names)}
    # What was cut short counts as far as it ran, and what both profiles run alike ran once.
    more = sum(max(fast[test], thorough.get(test, 0)) for test in tests)
    whole = all(counts["thorough"].get(file, {"whole": False})["whole"] for file in wanted)
    return [f"{sum(fast[test] for test in tests):,}", f"{'' if whole else '≥ '}{more:,}"]


def tables() -> str:
    """Return a table for each group of properties, between the marks that the page includes by."""
    counts = read_counts()
    fast, thorough = total(named(), counts)
    records = [record for profile in PROFILES for record in counts[profile].values()]
    dates = sorted({record["date"] for record in records})
    lines = [
        ".. begin total",
        "",
        f"The profile *fast* runs {fast} cases of them, *thorough* {thorough}, as counted on",
        f"{' and '.join(dates)} with {'; '.join(sorted({r['versions'] for r in records}))}.",
        "",
        ".. end total",
        "",
    ]
    for group in groups():
        lines += [f".. begin {group['name']}", "", ".. list-table::", "   :header-rows: 1"]
        lines += ["   :widths: 52 26 9 13", "", "   * - property", "     - tests"]
        lines += ["     - fast", "     - thorough"]
        for row in group["property"]:
            places = dict.fromkeys(name.partition("::")[0] for name in row["tests"])
            lines += [f"   * - {row['says']}", "     - " + ", ".join(f"``{p}``" for p in places)]
            lines += [f"     - {number}" for number in total(row["tests"], counts)]
        lines += ["", f".. end {group['name']}", ""]
    return "\n".join(lines)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", help="files of tests; by default all of the page")
    parser.add_argument("--profile", choices=PROFILES, help="by default both")
    parser.add_argument("--tables", action="store_true", help="write the tables and run nothing")
    parser.add_argument("--minutes", type=float, default=60.0, help="time for each file")
    arguments = parser.parse_args()
    profiles = [arguments.profile] if arguments.profile else PROFILES
    for profile in () if arguments.tables else profiles:
        for file in arguments.files or files():
            counts = read_counts()
            alike = counts["fast"].get(file, {"cases": {}})["cases"] if profile != "fast" else {}
            counted = run(file, profile, arguments.minutes, alike) | conditions()
            counts[profile][file] = counted
            text = json.dumps(counts, indent=1, sort_keys=True)
            COUNTS.write_text(text + "\n", encoding="utf-8")
            sys.stdout.write(f"{profile} {file}: {sum(counted['cases'].values()):,}\n")
    TABLES.write_text(tables(), encoding="utf-8")


if __name__ == "__main__":
    main()
