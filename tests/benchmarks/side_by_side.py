"""Two ways to do the same work, timed in one process by turns, so that both meet the same noise."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

Clock = Callable[[], float]


def seconds(call: Callable[[], Any], clock: Clock) -> float:
    """Return how long one call takes."""
    begin = clock()
    call()
    return clock() - begin


def medians(
    *calls: Callable[[], Any], repeats: int, clock: Clock = time.thread_time
) -> list[float]:
    """Return the median duration of each call over repeats taken by turns, A B A B.

    Each is called once before, so that caches are warm and imports done.  The clock runs while
    this thread does: the time that other programs take does not count.
    """
    for call in calls:
        call()
    gc.collect()
    gc.disable()
    try:
        rounds = [[seconds(call, clock) for call in calls] for _ in range(repeats)]
    finally:
        gc.enable()
    return [statistics.median(durations) for durations in zip(*rounds, strict=True)]


def line(subject: str, ours: str, peer: str, ratio: float, target: str) -> str:
    """Return the one line that a benchmark reports."""
    return f"{subject:<52} {ours:>16} {peer:>26}   ratio {ratio:7.3f}   target {target}"


def duration(time_taken: float) -> str:
    """Return a duration in a unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if time_taken >= size:
            return f"{time_taken / size:.3g} {unit}"
    return f"{time_taken * 1e6:.3g} us"
