"""Mutants of the average that a run with random gradients returns."""

from __future__ import annotations

from .mutant import Mutant

FILE = "averaging.py"

HERE = "test_averaging.py::"
ALL = HERE + "test_without_a_doubt_all_but_the_oldest_block_are_averaged"
BLOCKS = HERE + "test_blocks_grow_with_age_and_are_few"
NOISE = HERE + "test_a_block_is_left_out_that_differs_by_more_than_noise_explains"
BACK = HERE + "test_a_swarm_that_was_clearly_lower_before_is_gone_back_to"

MUTANTS = (
    Mutant("TailAverage", FILE, "sums[i - 2] + sums[i - 1]", "sums[i - 2] - sums[i - 1]", ALL),
    Mutant("TailAverage", FILE, "[2 * counts[i]]", "[counts[i]]", BLOCKS),
    Mutant(
        "TailAverage", FILE, "(spread(m) + spread(count))", "(spread(m) - spread(count))", NOISE
    ),
    Mutant("TailAverage", FILE, "variance / max(1.0, m / memory)", "variance", NOISE),
    Mutant(
        "TailAverage", FILE, "(block / m - total / count)", "(block / m + total / count)", NOISE
    ),
    Mutant("Swarm", FILE, "f <= lowest + CLEARLY * noise", "f <= lowest - CLEARLY * noise", BACK),
    Mutant("Swarm", FILE, "[len(self._evaluated) // 2]", "[0]", BACK),
)
