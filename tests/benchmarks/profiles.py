"""Data profiles: the share of test problems that each method solves with so many gradients.

As in J. J. Moré and S. M. Wild, "Benchmarking derivative-free optimization algorithms", SIAM
Journal on Optimization 20 (2009), 172-191, with the cost counted in gradients. Every method of
skgd runs with its default options, SciPy's in the same process.

    python tests/benchmarks/profiles.py                               # the standard problems
    python tests/benchmarks/profiles.py --variant rescaled --names rosenbrock wood
    python tests/benchmarks/profiles.py --variant standard bounded --out docs/_static

With ``--out`` the counts are written to a directory, with the picture and the tables that the page
"Performance" shows; variants that were measured before are kept. ``--redraw`` measures nothing and
makes picture and tables from the counts that are there.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from gradient_counts import BUDGET, TOLERANCES, gradients_needed, minimisers
from profile_tables import COARSE, FINE, Section, pages, scientific, solved, terminal_report
from threadpoolctl import threadpool_limits

from skgd.testing import VARIANTS, problems

COUNTS, PICTURE, TABLES = "data_profiles.json", "data_profiles.png", "data_profiles.inc"

# Okabe and Ito's colours, which the colour-blind can tell apart, and dashes for those who print.
PANELS: Mapping[str, Mapping[str, str]] = {
    "steps in proportion to the gradient": {
        "gd_spectral": "#D55E00",
        "gd": "#0072B2",
        "gd_nesterov": "#009E73",
        "gd_momentum": "#CC79A7",
        "gd_adaptive": "#E69F00",
    },
    "a rate for each variable": {
        "gd_adam": "#D55E00",
        "gd_nadam": "#0072B2",
        "gd_rprop": "#009E73",
        "gd_rmsprop": "#CC79A7",
        "gd_adagrad": "#E69F00",
    },
}
PEER_DASHES = {"L-BFGS-B": "solid", "BFGS": "dashed", "CG": "dotted"}


def measure(variant: str, names: Iterable[str] | None) -> Section:
    """Return the counts of all minimisers on the problems of a variant."""
    # Small matrices are slower on many threads, above all on a machine that is busy.
    with threadpool_limits(limits=1):
        return {
            problem.name: {name: gradients_needed(problem, name) for name in minimisers(variant)}
            for problem in problems(names=names, variant=variant)
        }


def read(path: Path) -> dict[str, Section]:
    """Return the counts of all variants that were written before."""
    return json.loads(path.read_text(encoding="utf-8"))["gradients"] if path.exists() else {}


def write(path: Path, data: Mapping[str, Section]) -> None:
    """Write the counts, a line for each problem."""
    sections = [
        f"{json.dumps(variant)}: {{\n"
        + ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in section.items())
        + "\n}"
        for variant, section in data.items()
    ]
    text = f'{{"budget": {BUDGET}, "tolerances": {json.dumps(TOLERANCES)}, "gradients": {{\n'
    path.write_text(text + ",\n".join(sections) + "\n}}\n", encoding="utf-8")


def publish(out: Path, data: Mapping[str, Section]) -> None:
    """Write the tables and the picture."""
    (out / TABLES).write_text(pages(data) + "\n", encoding="utf-8")
    if "standard" in data:
        draw(data["standard"], out / PICTURE)


def draw(section: Section, target: Path) -> None:
    """Draw the profiles: a column for each kind of method, a row for each tolerance."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 7.6), dpi=130, layout="constrained")
    rows = figure.subplots(2, 2, sharex=True, sharey=True)
    for level, axes_of_row in zip((COARSE, FINE), rows, strict=True):
        for axes, (title, colors) in zip(axes_of_row, PANELS.items(), strict=True):
            draw_panel(axes, section, level, colors)
            if level == COARSE:
                axes.set_title(title)
                axes.legend(loc="lower right", frameon=False)
            else:
                axes.set_xlabel("gradients")
        axes_of_row[0].set_ylabel(f"share solved to {scientific(TOLERANCES[level])}")
    figure.savefig(target)


def draw_panel(axes, section: Section, level: int, colors: Mapping[str, str]) -> None:
    """Draw the profiles of some methods over those of SciPy, at one tolerance."""
    for name, dash in PEER_DASHES.items():
        steps = profile(section, name, level)
        axes.step(*steps, where="post", color="0.45", linestyle=dash, label=name, lw=1.3)
    for name, color in colors.items():
        axes.step(*profile(section, name, level), where="post", color=color, label=name, lw=1.8)
    axes.set(xscale="log", xlim=(1, BUDGET), ylim=(0, 1))
    axes.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    axes.grid(alpha=0.3)


def profile(section: Section, name: str, level: int) -> tuple[np.ndarray, list[float]]:
    """Return budgets, and the share of problems that are solved within each."""
    budgets = np.unique(np.geomspace(1, BUDGET, 400).astype(int))
    counts = sorted(section[problem][name][level] for problem in solved(section, name, level))
    return budgets, list(np.searchsorted(counts, budgets, side="right") / len(section))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=["standard"])
    parser.add_argument("--names", nargs="+", help="problems or families; all by default")
    parser.add_argument("--out", type=Path, help="directory for counts, picture and tables")
    parser.add_argument("--redraw", action="store_true", help="use the counts in --out")
    given = parser.parse_args()
    if given.redraw and given.out is None:
        parser.error("--redraw needs --out, the directory with the counts")
    if given.redraw and not set(given.variant) <= set(read(given.out / COUNTS)):
        parser.error(f"{given.out / COUNTS} has no counts for --variant; measure them first")
    if given.names and given.out and not given.redraw:
        parser.error("--out publishes all problems; leave out --names")
    return given


def main() -> None:
    """Measure, print, and publish if asked to."""
    given = arguments()
    data = read(given.out / COUNTS) if given.out else {}
    for variant in given.variant:
        if not given.redraw:
            data[variant] = measure(variant, given.names)
        print(terminal_report(variant, data[variant]), end="\n\n", flush=True)  # noqa: T201
        if given.out and not given.redraw:
            write(given.out / COUNTS, data)
    if given.out:
        publish(given.out, data)


if __name__ == "__main__":
    main()
