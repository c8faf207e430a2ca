r"""How noisy the values are: given, or estimated from a few of them.

Noise is whatever makes nearby values differ from those of a smooth function: chance, the tolerance
of a solver inside the function, truncated digits.  Its *level* is the standard deviation
:math:`\sigma`.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from ._bounds import inward
from ._checks import not_negative, shown
from ._rows import Array, largest
from .requests import Asking, Probes

__all__ = ["Noise", "noise_level"]

NODES = 10.0 * np.sort(np.modf(np.arange(10) * 0.6180339887498949)[0])
"""Where on the line the values are taken: at distances that no period divides."""

SPACING = 1e-4
"""Unit of the nodes in the first table, relative to each coordinate or to one."""

LONGER, SHORTER, TABLES = 30.0, 0.03, 4
"""How the next table differs from one that could not tell, and how many there are at most."""

ALIKE = 3.0
"""A difference this many times as large as those of higher orders is due to curvature."""

CURVED = 5
"""Orders of differences that curvature may take up; the others are left for the noise."""

ENOUGH = 6
"""Values of a table that must be finite for it to tell anything."""


@dataclass(frozen=True)
class Noise:
    r"""The noise of the function's values.

    With ``"auto"`` it is estimated from ten values on a short line through the start, by a table of
    differences in the manner of Moré and Wild [1]_: of a smooth function, differences of higher
    order vanish; of noise, they do not.  The differences are divided ones on unequal distances,
    which no periodic noise can match, and are scaled and combined so that noise gives each of
    them the variance :math:`\sigma^2`, independently.  The level is their root mean square from
    the first order on that is no larger than those after it.  This works for chance and for
    deterministic noise; noise that the values at the start do not show is not found.  Values that
    are not finite are left out.

    Parameters
    ----------
    level : float or "auto", default "auto"
        Standard deviation of the values' noise; at least 0.

    Raises
    ------
    ValueError
        When the level is neither.

    References
    ----------
    .. [1] J. J. Moré and S. M. Wild, "Estimating computational noise", SIAM Journal on Scientific
       Computing 33 (2011), 1292-1314.

    Examples
    --------
    >>> from skgd import gd
    >>> res = gd(lambda x: round((x[0] - 1) ** 2, 6), [3.0], noise="auto")
    >>> 1e-7 < res.noise < 1e-6
    True
    """

    level: float | str = "auto"

    def __post_init__(self) -> None:
        if isinstance(self.level, str) and self.level == "auto":
            return
        try:
            object.__setattr__(self, "level", not_negative("noise", self.level))
        except ValueError as error:
            raise ValueError(
                "noise must be None, 'auto' or the standard deviation of the values' noise, a "
                f"number that is not negative; got {shown(self.level)}"
            ) from error

    def measure(self, x: Array, box: tuple[Array, Array] | None) -> Asking:
        """Ask for what is needed; return the level, and the value at `x` where it is known.

        Parameters
        ----------
        x : ndarray, shape (n,)
            Where.
        box : pair of ndarray of shape (n,), or None
            Bounds that no point leaves.

        Returns
        -------
        level : float
            The standard deviation of the noise; never less than the rounding of the value when it
            is estimated.  NaN where too few values are finite to tell.
        f : float or None
            The value at `x`; None when it was not needed, or was not finite.
        """
        if not isinstance(self.level, str):
            return self.level, None
        line = _line(x, box)
        level, f, scale, known = math.nan, math.nan, 1.0, False
        for _ in range(TABLES):
            points = (x + np.outer(scale * NODES, line)).astype(x.dtype)
            if box is not None:
                points = np.clip(points, *inward(box[0], box[1], x.dtype))
            values = np.asarray((yield Probes.of_rows(points)), dtype=float)
            if not math.isfinite(f):
                f = float(values[0])
            known |= bool(np.count_nonzero(np.isfinite(values)) >= ENOUGH)
            level, wider = noise_level(values)
            if wider == 1.0 or (wider > 1.0) is not (scale * wider > 1.0):
                break
            scale *= wider
        if not known:
            return math.nan, f if math.isfinite(f) else None
        if not math.isfinite(f):
            return (0.0 if math.isnan(level) else level), None
        rounding = float(np.finfo(x.dtype).eps) * abs(f)
        return (rounding if math.isnan(level) else max(level, rounding)), f


def noise_level(values: Array) -> tuple[float, float]:
    """Estimate the noise of values at the nodes of one table.

    Parameters
    ----------
    values : ndarray, shape (10,)
        The values at x plus `NODES` times a short step; those that are not finite are left out.

    Returns
    -------
    level : float
        The standard deviation of the noise; NaN when the values curve too much to tell.
    wider : float
        By what factor the next table should be longer: above one where most values are equal,
        below one where they curve too much, one where the level is known.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.noise import NODES, noise_level
    >>> noise = np.random.default_rng(1).normal(0, 1e-4, NODES.size)
    >>> level, _ = noise_level(np.exp(NODES / 100) + noise)
    >>> 5e-5 < level < 2e-4
    True
    """
    there = np.isfinite(values)
    nodes, values = NODES[there], values[there]
    if values.size < ENOUGH:
        return math.nan, SHORTER
    if 2 * np.unique(values).size <= values.size:
        return math.nan, LONGER
    contrasts = _contrasts(nodes.size, nodes.tobytes()) @ (values - values[0])
    # Two orders at least are left for the noise.
    for order in range(1, min(CURVED, nodes.size - 3) + 1):
        rest = math.sqrt(float(np.mean(contrasts[order:] ** 2)))
        if max(abs(contrasts[order - 1]), abs(contrasts[order])) <= ALIKE * rest:
            return math.sqrt(float(np.mean(contrasts[order - 1 :] ** 2))), 1.0
    return math.nan, SHORTER


@functools.cache
def _contrasts(size: int, nodes: bytes) -> Array:
    """Return divided differences of the orders 1, 2, ..., of unit length and made orthogonal."""
    at = np.frombuffer(nodes, float, size)
    return np.asarray(np.linalg.qr(np.vander(at / 5.0 - 1.0, increasing=True))[0].T[1:])


def _line(x: Array, box: tuple[Array, Array] | None) -> Array:
    """Return the way from one node of the first table to the next."""
    # No axis and no diagonal: functions are often special there.
    tilt = 0.5 + np.modf(np.arange(1, x.size + 1) * 0.6180339887498949)[0]
    way = SPACING * tilt * np.maximum(np.abs(x), 1.0 if largest(x) <= 1.0 else 1e-3)
    if box is None:
        return np.asarray(way)
    low, high = inward(box[0], box[1], x.dtype)
    with np.errstate(invalid="ignore", over="ignore"):
        up = high - x >= x - low
        room = np.where(up, high - x, x - low) / (LONGER * NODES[-1])
    return np.asarray(np.where(up, 1.0, -1.0) * np.minimum(way, room))
