"""Run the benchmarks, and write the figures and tables of the documentation's page about them.

    python tests/benchmarks/publish.py                       # all of them, in about an hour
    python tests/benchmarks/publish.py iteration import      # bench_iteration.py, bench_import.py
    python tests/benchmarks/publish.py profiles              # the data profiles
    python tests/benchmarks/publish.py --redraw              # from the numbers that are there

The numbers are kept in docs/_static; those of benchmarks that are not run stay as they are. Let the
machine do nothing else meanwhile. Peers that are not installed are left out: the extra
``benchmarks`` has them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from profiles import COUNTS, PICTURE
from records import read

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "docs" / "_static"
RECORDS, TABLES, OVERVIEW = "benchmarks.json", "benchmarks.inc", "benchmarks.png"
NAMES = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
PROFILES = "profiles"

INK, BETTER, WORSE = "#22303c", "#0072b2", "#d55e00"
"""Okabe and Ito's blue and vermilion, which differ in lightness and, here, in the marker too."""


def measure(names: Iterable[str]) -> None:
    """Run benchmarks, each in a process of its own, so that none meets the memory of another."""
    for name in names:
        if name == PROFILES:
            variants = ["--variant", "standard", "bounded"]
            command = [str(HERE / "profiles.py"), *variants, "--out", str(OUT)]
        else:
            pytest = [
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "-o",
                "python_files=bench_*.py",
            ]
            command = [*pytest, str(HERE / f"bench_{name}.py"), "--record", str(OUT / RECORDS)]
        subprocess.run([sys.executable, *command], check=True)


def tables(records: Mapping[str, Any]) -> str:
    """Return a table for each module in reStructuredText; comments mark where each begins."""
    blocks = [f".. begin all\n\n{overview(records)}\n\n.. end all"]
    for name, record in records.items():
        blocks.append(f".. begin {name}\n\n{table(record)}\n\n.. end {name}")
    return "\n\n".join(blocks) + "\n"


def overview(records: Mapping[str, Any]) -> str:
    """Return the machines, and every module's table under its title."""
    machines = list(dict.fromkeys(record["machine"] for record in records.values()))
    parts = [f"{i}. {machine}" for i, machine in enumerate(machines, start=1)]
    for name, record in records.items():
        number = machines.index(record["machine"]) + 1
        parts += ["", record["title"], "~" * len(record["title"]), ""]
        parts += [f"``{name}.py``, {record['date']}, machine {number}.", "", table(record)]
    return "\n".join(parts)


def table(record: Mapping[str, Any]) -> str:
    """Return the comparisons of a module as a table, and its remarks."""
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 50 20 12 18", ""]
    rows = [("work", "peer", "ratio", "target")]
    rows += [
        (row["subject"].strip(), row["peer"], significant(row["ratio"]), row["target"])
        for row in record["comparisons"]
    ]
    for first, *others in rows:
        lines += [f"   * - {first}", *(f"     - {cell}".rstrip() for cell in others)]
    if record["remarks"]:
        lines += ["", "::", "", *(f"    {remark}" for remark in record["remarks"])]
    return "\n".join(lines)


def significant(ratio: float) -> str:
    """Return a ratio with two digits that count: 0.53, 2.1, 480."""
    return f"{float(f'{ratio:.2g}'):,g}"


def draw(records: Mapping[str, Any], target: Path) -> None:
    """Draw all ratios, a row for each module."""
    from matplotlib.figure import Figure

    shown = {record["title"]: record["comparisons"] for record in records.values()}
    shown = {title: rows for title, rows in shown.items() if rows}
    figure = Figure(figsize=(9.0, 0.42 * len(shown) + 1.0), dpi=130, layout="constrained")
    axes = figure.subplots()
    for i, rows in enumerate(shown.values()):
        for better, marker, color in ((True, "o", BETTER), (False, "X", WORSE)):
            ratios = [row["ratio"] for row in rows if (row["ratio"] >= 1.0) == better]
            axes.plot(ratios, [i] * len(ratios), marker, color=color, alpha=0.65, ms=8, mec="white")
    axes.axvline(1.0, color=INK, lw=1.0)
    axes.set_yticks(range(len(shown)), [short(title) for title in shown])
    axes.set(xscale="log", ylim=(len(shown) - 0.5, -0.5))
    axes.xaxis.set_major_formatter(lambda ratio, _: f"{ratio:,g}")
    axes.xaxis.set_minor_formatter(lambda ratio, _: "")
    axes.set_xlabel("how many times better skgd is than a peer")
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.savefig(target)


def short(title: str, letters: int = 58) -> str:
    """Return the beginning of a title, up to a comma or colon where it is long."""
    for sign in (":", ","):
        if len(title) > letters:
            title = title.partition(sign)[0]
    return title


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"of {', '.join([*NAMES, PROFILES])}; all")
    parser.add_argument("--redraw", action="store_true", help="run nothing")
    given = parser.parse_args(argv)
    unknown = set(given.names) - {*NAMES, PROFILES}
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {NAMES}")
    return given


def main() -> None:
    """Measure, then write tables and picture."""
    given = arguments()
    if not given.redraw:
        measure(given.names or [*NAMES, PROFILES])
    records = read(OUT / RECORDS)
    (OUT / TABLES).write_text(tables(records), encoding="utf-8")
    draw(records, OUT / OVERVIEW)
    missing = [name for name in (COUNTS, PICTURE) if not (OUT / name).exists()]
    if missing:
        sys.exit(f"{', '.join(missing)} are missing: run this with the argument {PROFILES}")


if __name__ == "__main__":
    main()
