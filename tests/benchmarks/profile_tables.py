"""What the counted gradients say, as tables for the terminal and for the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from gradient_counts import BUDGET, PEERS, TOLERANCES, Counts, minimisers

Section = Mapping[str, Mapping[str, Counts]]
"""The counts of one variant, by problem and minimiser."""

BUDGETS = (200, BUDGET)
COARSE, FINE = TOLERANCES.index(1e-3), TOLERANCES.index(1e-5)

# Of what SciPy's method solves within the budget, the percentage to reach at 1e-3 and at 1e-5.
TARGETS: Mapping[str, Mapping[str, tuple[float, ...]]] = {
    "standard": {
        "gd_spectral": (100, 100),
        "gd_nesterov": (97, 92),
        "gd": (90, 85),
        "gd_momentum": (90, 85),
        "gd_adaptive": (90, 82),
        "gd_adam": (88, 75),
        "gd_nadam": (88, 75),
        "gd_rprop": (80, 65),
        "gd_rmsprop": (80, 65),
        "gd_adagrad": (80, 65),
    },
    "bounded": {"gd_spectral": (95,)},
}


def scientific(tolerance: float) -> str:
    """Return a power of ten as it is written in Python, 1e-3."""
    return f"{tolerance:.0e}".replace("e-0", "e-")


def names_of(section: Section) -> tuple[str, ...]:
    """Return the minimisers that were measured."""
    return tuple(next(iter(section.values())))


def solved(section: Section, name: str, level: int, within: int = BUDGET) -> set[str]:
    """Return the problems that a minimiser solves to the tolerance of that index."""
    return {
        problem
        for problem, counts in section.items()
        if (count := counts[name][level]) is not None and count <= within
    }


def shares(section: Section) -> Iterator[tuple[str, ...]]:
    """Yield rows of the percentage that each minimiser solves, by budget and tolerance."""
    cases = list(product(BUDGETS, range(len(TOLERANCES))))
    yield ("", *(f"{budget}: {scientific(TOLERANCES[level])}" for budget, level in cases))
    for name in names_of(section):
        found = (len(solved(section, name, level, budget)) for budget, level in cases)
        yield (name, *(f"{100 * count / len(section):.0f}" for count in found))


def relative(variant: str, section: Section, peer: str) -> Iterator[tuple[str, ...]]:
    """Yield rows of how many problems each minimiser solves for 100 that the peer solves."""
    levels = (COARSE, FINE)
    base = [len(solved(section, peer, level)) for level in levels]
    yield ("", *(scientific(TOLERANCES[level]) for level in levels), "targets", "")
    for name in names_of(section):
        reached = [
            100 * len(solved(section, name, level)) / max(count, 1)
            for level, count in zip(levels, base, strict=True)
        ]
        targets = TARGETS.get(variant, {}).get(name, ())
        met = all(share >= target for share, target in zip(reached, targets, strict=False))
        verdict = ("met" if met else "MISSED") if targets else ""
        aims = " ".join(f"{target:g}" for target in targets)
        yield (name, *(f"{share:.1f}" for share in reached), aims, verdict)


def exchanges(section: Section, rivals: Sequence[str], level: int) -> Iterator[tuple[str, ...]]:
    """Yield rows of the problems that only the rivals solve, and those that they do not."""
    theirs = set().union(*(solved(section, rival, level) for rival in rivals))
    yield ("method", f"lost to {' or '.join(rivals)}", "won")
    for name in names_of(section):
        if name in PEERS:
            continue
        own = solved(section, name, level)
        yield (name, listed(section, theirs - own), listed(section, own - theirs))


def unsolved(section: Section, level: int) -> str:
    """Return the problems that no minimiser solves, with their number."""
    found = set().union(*(solved(section, name, level) for name in names_of(section)))
    return listed(section, set(section) - found)


def listed(section: Section, chosen: set[str]) -> str:
    """Return the number of problems and their names in the order of the section."""
    if not chosen:
        return "0"
    return f"{len(chosen)}: {', '.join(name for name in section if name in chosen)}"


def aligned(rows: Iterable[Sequence[str]]) -> str:
    """Return a table for the terminal."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def list_table(rows: Iterable[Sequence[str]], widths: str = "auto") -> str:
    """Return a table in reStructuredText, with the minimisers' names as code."""
    header, *body = rows
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for row in ([header[0] or "method", *header[1:]], *([f"``{r[0]}``", *r[1:]] for r in body)):
        lines += [f"   * - {row[0]}", *(f"     - {cell}" for cell in row[1:])]
    return "\n".join(lines)


def terminal_report(variant: str, section: Section) -> str:
    """Return all that is printed about a variant."""
    lines = [f"{variant}: {len(section)} problems", ""]
    lines += ["per cent solved within so many gradients, to so fine a tolerance:"]
    lines += [aligned(shares(section)), ""]
    peer = "L-BFGS-B" if "CG" not in names_of(section) else "CG"
    lines += [f"relative to {peer}, within {BUDGET} gradients:"]
    lines += [aligned(relative(variant, section, peer)), ""]
    lines += [f"solved by nobody to 1e-3: {unsolved(section, COARSE)}"]
    return "\n".join(lines)


def pages(data: Mapping[str, Section]) -> str:
    """Return the tables of the documentation; comments mark where each begins and ends."""
    blocks = {}
    for variant, section in data.items():
        rivals = [name for name in ("CG", "L-BFGS-B") if name in minimisers(variant)]
        blocks[f"{variant} shares"] = list_table(shares(section))
        blocks[f"{variant} exchanges"] = list_table(
            exchanges(section, rivals, COARSE), widths="14 60 26"
        )
        blocks[f"{variant} spectral"] = list_table(spectral(section, rivals), widths="14 60 26")
        blocks[f"{variant} unsolved"] = unsolved(section, COARSE)
    return "\n\n".join(
        f".. begin {name}\n\n{text}\n\n.. end {name}" for name, text in blocks.items()
    )


def spectral(section: Section, rivals: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield rows of what gd_spectral loses and wins, by tolerance."""
    for level, tolerance in enumerate(TOLERANCES):
        header, *rows = exchanges(section, rivals, level)
        if not level:
            yield ("to", *header[1:])
        yield from ((scientific(tolerance), *row[1:]) for row in rows if row[0] == "gd_spectral")
