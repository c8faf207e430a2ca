"""How many cases a test takes: a seeded sample, or all of them under hypothesis' "thorough"."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import TypeVar

from hypothesis import settings

T = TypeVar("T")

THOROUGH = settings.get_current_profile_name() == "thorough"


def sample(cases: Iterable[T], size: int, seed: int = 0) -> list[T]:
    """Return `size` of the cases, always the same, in their order; all under "thorough"."""
    cases = list(cases)
    if THOROUGH or size >= len(cases):
        return cases
    chosen = random.Random(seed).sample(range(len(cases)), size)
    return [cases[i] for i in sorted(chosen)]
