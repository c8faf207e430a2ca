r"""How far apart values are taken: the one place where the steps of differences are chosen.

For exact functions the step balances truncation against rounding, see `usual`.  Under noise of the
level :math:`\sigma` it is longer, and depends on the curvature of each coordinate, which
`intervals` finds with a few rounds of probes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._bounds import inward
from ._rows import Array
from .requests import Asking, Probes, Request

__all__ = [
    "Intervals",
    "central",
    "common_interval",
    "first_intervals",
    "forward",
    "intervals",
    "opposite",
    "reach",
    "remeasure",
    "usual",
]

ROUNDS = 5
"""Rounds of probes in the search for intervals; two or three are the rule."""

AGAIN = 2
"""So many times a value that is not finite is asked for again: it may have failed by chance."""

VISIBLE = 2.5
r"""The standard deviation of :math:`f(x+c) - 2f(x) + f(x-c)` is so many times the noise."""

STEEP = 60.0
"""A slope whose change of the value is so many times the noise is known to a few per cent: a
coordinate whose curvature does not show may be left at that."""

FIRST = 0.1
"""First interval, relative to the coordinate, or to one for small ones."""

ONE_SIDED = 0.25
"""Share of a perturbation for which there must be room on both sides, else it goes to one."""


def usual(x: Array, power: float, box: tuple[Array, Array] | None) -> Array:
    r"""Return the steps for exact functions, :math:`h_i = \epsilon^p \max(1, |x_i|)`, signed as x.

    Parameters
    ----------
    x : ndarray, shape (n,) or (S, n)
        The point, or one a row.
    power : float
        The power p of the machine epsilon: 1/2 for forward and 1/3 for central differences.
    box : pair of ndarray of shape (n,), or None
        Bounds.  Between narrow ones a variable has a smaller scale: the width takes the place of 1,
        and the spacing of numbers there that of the machine epsilon.
    """
    away = np.where(x >= 0, 1.0, -1.0) * np.maximum(1.0, np.abs(x))
    steps: Array = (float(np.finfo(x.dtype).eps) ** power * away).astype(x.dtype)
    if box is not None:
        width = (box[1] - box[0]).astype(x.dtype)
        spacing = np.spacing(np.fmin(np.maximum(np.abs(x), width), 1.0 + np.abs(x)))
        with np.errstate(invalid="ignore"):
            narrow = spacing**power * width ** (1.0 - power)
        steps = np.copysign(np.fmin(np.abs(steps), narrow), steps)
    return steps


def forward(found: Intervals, noise: float) -> Array:
    r"""Return :math:`h_i = 8^{1/4}\sqrt{\sigma/|f''_i|}`, the steps of forward differences [1]_.

    A curvature that the noise hides counts as one that would just show.

    References
    ----------
    .. [1] J. J. Moré and S. M. Wild, "Estimating derivatives of noisy simulations", ACM
       Transactions on Mathematical Software 38 (2012), 19.
    """
    rise = np.maximum(np.abs(found.rise), VISIBLE * noise)
    steps: Array = 8.0**0.25 * np.sqrt(noise / rise) * found.c
    return steps


def central(x: Array, f: float, noise: float, found: Intervals, box: Any) -> Asking:
    r"""Return :math:`h_i = (3\sigma/|f'''_i|)^{1/3}`, the steps of central differences.

    The third derivative is seen in :math:`f(x+3h) - f(x-3h) - 3(f(x+h) - f(x-h)) \approx 8h^3f'''`;
    the interval is tripled, at most three times, until this stands out of the noise (Shi et al.,
    see `intervals`).
    """
    h = found.c.copy()
    low, high = reach(x, box)
    room = np.minimum(high - x, x - low)
    todo = np.flatnonzero(3.0 * h <= room)
    third = np.zeros(x.size)
    for _ in range(3):
        if not todo.size:
            break
        ways = (3.0, -3.0, 1.0, -1.0)
        to = np.concatenate([x[todo] + way * h[todo] for way in ways]).astype(x.dtype)
        values = yield Probes(x, np.tile(todo, 4), to)
        wide, minus_wide, near, minus_near = np.asarray(values, dtype=float).reshape(4, -1)
        change = wide - minus_wide - 3.0 * (near - minus_near)
        third[todo] = np.where(np.isfinite(change), change, np.inf)
        hidden = np.abs(third[todo]) < 12.0 * noise
        todo = todo[hidden & (9.0 * h[todo] <= room[todo])]
        h[todo] *= 3.0
    third = np.maximum(np.abs(third), 9.0 * noise)
    steps: Array = h * np.cbrt(24.0 * noise / third)
    return steps


@dataclass
class Intervals:
    """How far each coordinate must go for its curvature to show.

    Attributes
    ----------
    c : ndarray, shape (n,)
        The intervals.
    rise : ndarray, shape (n,)
        The second differences over them, ``c**2`` times the second derivative.
    change : ndarray, shape (n,)
        The changes of the value over twice the intervals.
    """

    c: Array
    rise: Array
    change: Array


def first_intervals(x: Array, box: tuple[Array, Array] | None) -> Array:
    """Return a tenth of each coordinate, or of one, within a quarter of different bounds."""
    low, high = reach(x, box)
    wide = FIRST * np.maximum(np.abs(x), 1.0)
    with np.errstate(over="ignore"):
        width = (high - low) / 4.0
    return np.asarray(np.where(width > 0.0, np.minimum(wide, width), wide), dtype=float)


def intervals(
    x: Array,
    f: float,
    box: tuple[Array, Array] | None,
    aim: float | Callable[[Intervals], float],
) -> Generator[Request, Any, Intervals]:
    r"""Find the interval of each coordinate over which the second difference is about `aim`.

    All coordinates are probed together, in a handful of rounds (after Shi, Xie, Xuan and Nocedal
    [1]_): where the second difference is too large or too small, its square root tells the next
    interval.  A coordinate with a steep slope and no curvature is left as it is.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Where.
    f : float
        The value there.
    box : pair of ndarray of shape (n,), or None
        Bounds that no probe leaves.
    aim : float or callable
        The second difference aimed at, some multiple of the noise; or what tells it from the first
        round.

    References
    ----------
    .. [1] H.-J. M. Shi, Y. Xie, M. Q. Xuan and J. Nocedal, "Adaptive finite-difference interval
       estimation for noisy derivative-free optimization", SIAM Journal on Scientific Computing 44
       (2022), A2302-A2321.
    """
    found = Intervals(first_intervals(x, box), np.zeros(x.size), np.zeros(x.size))
    low, high = reach(x, box)
    todo = np.flatnonzero(high > low)
    for _ in range(ROUNDS):
        if not todo.size:
            break
        yield from remeasure(x, f, box, found, todo)
        if callable(aim):
            aim = aim(found)
        factor = _factor(found.rise[todo], found.change[todo], aim)
        # Wider than its bounds no coordinate can go.
        factor = np.minimum(factor, np.maximum((high - low)[todo] / 4.0 / found.c[todo], 1e-3))
        todo, factor = todo[factor != 1.0], factor[factor != 1.0]
        found.c[todo] *= factor
        found.rise[todo] *= factor * factor
        found.change[todo] *= factor
    return found


def _factor(rise: Array, change: Array, aim: float) -> Array:
    """Return by how much the intervals must be longer; one where they will do."""
    size = np.where(np.isfinite(rise), np.abs(rise), np.inf)
    with np.errstate(divide="ignore"):
        factor = np.clip(np.sqrt(aim / size), 1e-4, 10.0)
    factor = np.where(np.isinf(size), 0.1, factor)
    # A second difference this small may be noise, and tell nothing.
    factor = np.where(size < 0.4 * aim, np.maximum(factor, 5.0), factor)
    good = (size > aim / 3.0) & (size < 3.0 * aim)
    straight = (size <= aim / 3.0) & (np.abs(change) > STEEP * aim)
    return np.asarray(np.where(good | straight, 1.0, factor))


def common_interval(
    x: Array,
    f: float,
    box: tuple[Array, Array] | None,
    found: Intervals,
    aim: Callable[[Intervals], float],
    chance: np.random.Generator,
) -> Asking:
    """Find one factor for all intervals, in random directions, and enter it in `found`.

    The second difference over all coordinates together shall be n times `aim`.
    """
    low, high = reach(x, box)
    n, target = x.size, 0.0
    for _ in range(ROUNDS):
        for _ in range(1 + AGAIN):
            signs = chance.integers(0, 2, n) * 2.0 - 1.0
            ends = np.stack((x + found.c * signs, x - found.c * signs)).astype(x.dtype)
            values = yield Probes.of_rows(np.clip(ends, low, high))
            first, second = np.asarray(values, dtype=float)
            if math.isfinite(first + second):
                break
        rise, change = first + second - 2.0 * f, first - second
        found.rise, found.change = np.full(n, rise / n), np.full(n, change / n)
        target = target or aim(found)
        factor = float(_factor(found.rise[:1], found.change[:1], target)[0])
        if factor == 1.0:
            break
        found.c = found.c * factor
        found.rise, found.change = found.rise * factor**2, found.change * factor


def remeasure(
    x: Array, f: float, box: tuple[Array, Array] | None, found: Intervals, which: Array
) -> Asking:
    """Ask for the second differences of some coordinates, and enter them in `found`."""
    low, high = reach(x, box)
    c, at = found.c[which], x[which].astype(float)
    up, down = (high - x)[which], (x - low)[which]
    # Next to a bound both probes lie on the side with room.
    side = np.where(up >= down, 1.0, -1.0)
    both = np.minimum(np.minimum(up, down), c)
    one = np.minimum(np.maximum(up, down) / 2.0, c)
    central = both >= c / 4.0
    a = np.where(central, both, side * one)
    b = np.where(central, -both, 2.0 * side * one)
    to = np.concatenate((at + a, at + b)).astype(x.dtype)
    if box is not None:
        to = np.clip(to, np.tile(low[which], 2), np.tile(high[which], 2))
    index = np.tile(which, 2)
    values = np.asarray((yield Probes(x, index, to)), dtype=float)
    for _ in range(AGAIN):
        (failed,) = np.nonzero(~np.isfinite(values))
        if not failed.size:
            break
        values[failed] = yield Probes(x, index[failed], to[failed])
    first, second = values.reshape(2, -1) - f
    a, b = to.reshape(2, -1) - at
    with np.errstate(all="ignore"):
        found.rise[which] = 2.0 * (first / a - second / b) / (a - b) * c * c
        found.change[which] = (first - second) / (a - b) * 2.0 * c


def opposite(x: Array, c: Array, box: tuple[Array, Array], g: Array, bend: Array) -> Array:
    """Return perturbations that are shorter next to a bound.

    So pairs of points lie opposite each other, and tell the slope where they are asked to.  Nearer
    to a bound than a quarter, they lie to one side, with a quarter of the perturbation; where the
    slope presses against the bound, with all of it, as the slope further in says the same.

    Parameters
    ----------
    x, c : ndarray, shape (n,)
        Where, and how long.
    box : pair of ndarray of shape (n,)
        The bounds.
    g, bend : ndarray, shape (n,)
        The gradient, and how much curvature changes it over a perturbation.
    """
    low, high = reach(x, box)
    below = x - low <= high - x
    room = np.where(below, x - low, high - x)
    least = np.where(np.where(below, g, -g) > bend, c, ONE_SIDED * c)
    return np.asarray(np.where(room >= ONE_SIDED * c, np.minimum(c, room), least))


def reach(x: Array, box: tuple[Array, Array] | None) -> tuple[Array, Array]:
    """Return the least and the greatest value that each coordinate may take."""
    most = np.finfo(x.dtype).max / 4
    if box is None:
        return np.full(x.shape, -most), np.full(x.shape, most)
    low, high = inward(*box, x.dtype)
    return np.maximum(low, -most), np.minimum(high, most)
