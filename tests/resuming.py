"""Runs that are interrupted and taken up again, and how their results are compared."""

from __future__ import annotations

import numpy as np

METHODS_AND_SCHEMES = "analytic", "2-point", "3-point", "cs"


def bowl(x):
    """Return a value that is no sum of squares; complex where x is."""
    return (x * x).sum() + 0.1 * (x * x * x * x).sum() + 0.3 * x[0] * x[-1]


def bowl_der(x):
    """Return its gradient."""
    slope = 2 * x + 0.4 * x**3
    slope[0] += 0.3 * x[-1]
    slope[-1] += 0.3 * x[0]
    return slope


class Interrupted(Exception):  # noqa: N818
    """What ends a run in the middle."""


class Fragile:
    """A function that counts its calls and fails in the one that is told."""

    def __init__(self, function, fails_at=None):
        self.function = function
        self.fails_at = fails_at
        self.calls = 0

    def __call__(self, x, *args):
        self.calls += 1
        if self.calls == self.fails_at:
            # What a function assigns to is no part of what defines the run.
            self.fails_at = None
            raise Interrupted
        return self.function(x, *args)


def bits(value):
    """Return something equal for values that are equal bit for bit, times left out."""
    if isinstance(value, dict):
        return {key: bits(entry) for key, entry in value.items() if key not in ("journal", "time")}
    if isinstance(value, (list, tuple)):
        return [bits(entry) for entry in value]
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    return repr(value)


def assert_same(result, expected):
    """Check that two results are the same in every bit, times left out."""
    assert bits(result) == bits(expected)
