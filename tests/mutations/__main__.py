# ruff: noqa: T201
"""Run all mutants, or those of some rules: ``python -m mutations [-j N] [RULE ...]``.

Exits with 1 when a mutant survives, or when the tests fail without one.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import cache_from_source
from pathlib import Path
from xml.etree import ElementTree as ET

from .mutant import PACKAGE, TESTS, Mutant
from .table import MUTANTS

VERDICTS = "AssertionError", "assert ", "Failed: "
"""How the message of a test begins that has judged, rather than met an error."""


def prepared(to: Path) -> Path:
    """Copy what the tests need to a folder, compile it, and return the folder."""
    shutil.copytree(PACKAGE, to / "skgd")
    shutil.copytree(TESTS, to / "tests")
    shutil.copy2(TESTS.parent / "pyproject.toml", to)
    compileall.compile_dir(to / "skgd", quiet=1)
    return to


def run(tree: Path, tests: Iterable[str]) -> tuple[bool, str]:
    """Run tests in a tree; return whether they passed, and how the first one failed."""
    report = tree / "report.xml"
    options = ["-x", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    environment = os.environ | {
        "PYTHONPATH": str(tree),
        "HYPOTHESIS_PROFILE": "unshrunk",
        "OPENBLAS_NUM_THREADS": "1",
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *(f"tests/{test}" for test in tests)],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return True, ""
    outcomes = [] if not report.exists() else list(ET.parse(report).iter())
    failed = [outcome for outcome in outcomes if outcome.tag in ("failure", "error")]
    return False, failed[0].get("message", "") if failed else done.stdout + done.stderr


def judged(mutant: Mutant, base: Path) -> tuple[str, str]:
    """Return what became of a mutant: "caught", "SURVIVED" or "BROKEN", and the message."""
    with tempfile.TemporaryDirectory() as folder:
        tree = shutil.copytree(base, Path(folder) / "tree")
        file = tree / "skgd" / mutant.file
        # A file of the same length, written within a second, would pass for the compiled one.
        Path(cache_from_source(str(file))).unlink(missing_ok=True)
        file.write_text(mutant.broken(), encoding="utf-8")
        passed, message = run(tree, mutant.tests.split())
    if passed:
        return "SURVIVED", ""
    return ("caught" if message.startswith(VERDICTS) else "BROKEN"), message


def main() -> int:
    """Run the mutants; return the exit code."""
    parser = argparse.ArgumentParser(prog="mutations", description="Run tests on broken rules.")
    parser.add_argument("rules", nargs="*", metavar="RULE", help="only these rules")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="so many at a time")
    arguments = parser.parse_args()
    unknown = set(arguments.rules) - {mutant.rule for mutant in MUTANTS}
    if unknown:
        parser.error(f"there are no mutants of {', '.join(sorted(unknown))}")
    chosen = [m for m in MUTANTS if not arguments.rules or m.rule in arguments.rules]
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        base = prepared(Path(folder))
        passed, message = run(base, sorted({test for m in chosen for test in m.tests.split()}))
        if not passed:
            print(f"The tests fail without a mutant: {message}")
            return 1
        with ThreadPoolExecutor(arguments.jobs) as pool:
            verdicts = pool.map(lambda mutant: judged(mutant, base), chosen)
            for mutant, (verdict, message) in zip(chosen, verdicts, strict=True):
                counts[verdict] += 1
                print(f"{verdict:8}  {mutant}", flush=True)
                if verdict == "BROKEN":
                    print(f"{'':10}{message.strip()[:300]}", flush=True)
    rules = len({mutant.rule for mutant in chosen})
    print(f"{counts['caught']} of {len(chosen)} mutants of {rules} rules are caught")
    return int(counts["caught"] < len(chosen))


if __name__ == "__main__":
    sys.exit(main())
