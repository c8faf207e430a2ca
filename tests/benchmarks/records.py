"""What the benchmarks report, kept as JSON: each module with the machine that it was run on."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from side_by_side import Line

PACKAGES = (
    "numpy", "scipy", "scikit-learn", "dask", "glum", "scikit-learn-intelex", "statsmodels",
    "noisyopt",
)  # fmt: skip


class Records:
    """The comparisons and remarks of a run, by module."""

    def __init__(self) -> None:
        self._modules: dict[str, dict[str, Any]] = {}
        self._lines: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(self, module: str, doc: str, line: Line | str) -> None:
        """Keep a line of a module, which its docstring describes."""
        title = doc.splitlines()[0].removesuffix(".")
        record = self._modules.setdefault(
            module, {"title": title, "comparisons": [], "remarks": []}
        )
        if isinstance(line, Line):
            record["comparisons"].append(asdict(line))
        else:
            record["remarks"].append(line)
        self._lines.append(str(line))

    def lines(self) -> Iterator[str]:
        """Yield the lines in the order of the run."""
        yield from self._lines

    def write(self, path: Path) -> None:
        """Write the records; those of modules that were not run stay as they are."""
        conditions = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine()}
        measured = {name: record | conditions for name, record in self._modules.items()}
        modules = dict(sorted((read(path) | measured).items()))
        path.write_text(json.dumps(modules, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path) -> dict[str, dict[str, Any]]:
    """Return the records of all modules that were written before."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def machine() -> str:
    """Return what the numbers depend on: processor, Python and packages."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    packages = [f"{name} {found}" for name in PACKAGES if (found := installed(name))]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{cores} cores of {processor()}, {platform.system()}, {python}, {', '.join(packages)}"


def processor() -> str:
    """Return the name of the processor."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def installed(name: str) -> str | None:
    """Return the version of a package, None when it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
