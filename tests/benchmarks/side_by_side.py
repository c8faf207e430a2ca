"""Two ways to do the same work, timed in one process by turns, so that both meet the same noise."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Line:
    """What a benchmark reports: one comparison.

    Parameters
    ----------
    subject : str
        The work that was done.
    ours, theirs : str
        What was measured of skgd and of the peer, with units.
    peer : str
        Who else did the same work.
    ratio : float
        How many times better skgd is, as theirs over ours where less is better: more than 1 speaks
        for skgd in every line.
    target : str
        What the ratio should be.
    """

    subject: str
    ours: str
    peer: str
    theirs: str
    ratio: float
    target: str = ""

    def __str__(self) -> str:
        peer = f"{self.peer} {self.theirs}"
        aim = f"   target {self.target}" if self.target else ""
        return f"{self.subject:<52} {self.ours:>12} {peer:>32}   ratio {self.ratio:8.3f}{aim}"


def duration(time_taken: float) -> str:
    """Return a duration in a unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if time_taken >= size:
            return f"{time_taken / size:.3g} {unit}"
    return f"{time_taken * 1e6:.3g} us"
