"""Is the gradient right? A check against differences that know how accurate they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._checks import no_class, point, positive, shown, switch
from ._rows import Array
from .jacobians import Jacobian
from .objective import Limits, Objective, pair
from .proximal import Box
from .requests import Probes

__all__ = ["GradientCheck", "check_gradient"]

LEVELS, RATIO = 12, 4.0
"""Steps from a tenth of the coordinate (of 1, for small ones) down to 1e-8 of it, which suits
functions that vary slowly and quickly."""

SHORT = 4
"""So many of the last steps are short enough to show the noise of the values."""


@dataclass(frozen=True)
class GradientCheck:
    """What `check_gradient` found; true when the gradient is right.

    Attributes
    ----------
    ok : bool
        Whether every coordinate that was checked agrees.
    index : int
        The worst coordinate; the next attributes are about it.
    analytic, numeric : float
        Its entry of the gradient, as given and by differences.
    error : float
        The absolute value of their difference.
    relative_error : float
        `error` by the larger of the two absolute values; 0 when both are zero.
    accuracy : float
        The estimated error of `numeric` itself.
    checked : int
        How many coordinates were checked.
    """

    ok: bool
    index: int
    analytic: float
    numeric: float
    error: float
    relative_error: float
    accuracy: float
    checked: int

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        verdict = (
            f"The gradient agrees with differences in {self.checked} coordinate"
            f"{'' if self.checked == 1 else 's'}; the worst is {self.index}"
            if self.ok
            else f"The gradient is wrong in coordinate {self.index}"
        )
        return (
            f"{verdict}: given {self.analytic:.9g}, by differences {self.numeric:.9g} "
            f"(accurate to about {self.accuracy:.1g}), absolute error {self.error:.2g}, "
            f"relative error {self.relative_error:.2g}."
        )


def check_gradient(
    fun: Callable[..., Any],
    jac: Callable[..., Any] | bool,
    x: Any,
    *,
    args: Any = (),
    bounds: Any = None,
    coordinates: int | Sequence[int] | None = None,
    vectorized: bool = False,
    rtol: float = 1e-6,
) -> GradientCheck:
    r"""Compare a gradient with differences of the function.

    Each coordinate is differenced with twelve steps, and extrapolated to step zero by Richardson's
    method in the manner of Ridders [1]_: of all the values so found, the one with the least
    estimated error counts.  An entry is right when

    .. math:: |g_i - d_i| \le \text{rtol}\,\max(|g_i|, |d_i|) + 10\,\epsilon_i

    with :math:`\epsilon_i` the estimated error of the difference :math:`d_i`.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args) -> float``; the pair of value and gradient with ``jac=True``.
    jac : callable or True
        ``jac(x, *args)`` of shape (n,), or a scheme such as `skgd.Forward`.
    x : float or array_like of shape (n,)
        Where to check.  A minimum is a bad place, as entries near zero say little.
    args : tuple, default ()
        Further arguments of `fun` and `jac`.
    bounds : scipy.optimize.Bounds or sequence of pairs, optional
        Where `fun` may be called; fixed variables are not checked.
    coordinates : int or sequence of int, optional
        Which coordinates to check; the default is all.  Each costs 24 evaluations.
    vectorized : bool, default False
        Whether `fun` takes x of shape (n, m) and returns shape (m,).
    rtol : float, default 1e-6
        The relative error that is allowed.

    Returns
    -------
    GradientCheck
        The verdict and the worst coordinate; it prints readably, and is true when all is well.

    Raises
    ------
    ValueError
        When an argument does not fit, when value or gradient are not finite at `x`, or when `fun`
        is not finite around it.

    References
    ----------
    .. [1] C. J. F. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Advances in
       Engineering Software 4 (1982), 75-76.

    Examples
    --------
    >>> from scipy.optimize import rosen, rosen_der
    >>> from skgd.gradient_check import check_gradient
    >>> bool(check_gradient(rosen, rosen_der, [1.3, 0.7, 2.0]))
    True
    >>> print(check_gradient(lambda x: x[0] ** 3, lambda x: x**2, 2.0))
    The gradient is wrong in coordinate 0: given 4, by differences 12 (accurate to about ...),
    absolute error 8, relative error 0.67.
    """
    rtol = positive("rtol", rtol)
    vectorized = switch("vectorized", vectorized)
    # In double precision whatever the type: the short steps need it.
    x = point("x", x).astype(float)
    indices = _read_coordinates(coordinates, x.size)
    low, high = _read_bounds(bounds, x)
    objective, given = _read_functions(fun, jac, args, x, vectorized)

    indices = indices[low[indices] < high[indices]]
    if not indices.size:
        raise ValueError("there is nothing to check: every coordinate is fixed by the bounds")
    numeric, accuracy = _differentiate(objective, x, indices, low[indices], high[indices])
    analytic = given[indices]
    error = np.abs(analytic - numeric)
    size = np.maximum(np.abs(analytic), np.abs(numeric))
    allowed = rtol * size + 10.0 * accuracy
    worst = int(np.argmax(np.divide(error, allowed, out=np.zeros_like(error), where=error > 0)))
    return GradientCheck(
        ok=bool((error <= allowed).all()),
        index=int(indices[worst]),
        analytic=float(analytic[worst]),
        numeric=float(numeric[worst]),
        error=float(error[worst]),
        relative_error=float(error[worst] / size[worst]) if size[worst] else 0.0,
        accuracy=float(accuracy[worst]),
        checked=int(indices.size),
    )


def _differentiate(
    objective: Objective, x: Array, indices: Array, low: Array, high: Array
) -> tuple[Array, Array]:
    """Return the derivatives in the given coordinates, and their estimated errors."""
    at = x[indices]
    down, up = at - low, high - at
    most = 0.1 * np.maximum(1.0, np.abs(at))
    # Too near to a bound the differences are one-sided; their error has every power of the step.
    central = np.minimum(down, up) >= 1e-3 * np.minimum(most, np.maximum(down, up))
    room = np.where(central, np.minimum(down, up), np.maximum(down, up))
    step = np.minimum(most, room)
    forth, back = central | (up >= down), central | (up < down)

    quotients, widths, noise = [], [], np.zeros(indices.size)
    for _ in range(LEVELS):
        upper = np.minimum(at + forth * step, high)
        lower = np.maximum(at - back * step, low)
        values = objective.probes(
            Probes(x, np.concatenate((indices, indices)), np.concatenate((upper, lower)))
        )
        f_upper, f_lower = values[: indices.size], values[indices.size :]
        with np.errstate(all="ignore"):
            size = np.maximum(np.abs(f_upper), np.abs(f_lower))
            noise = np.fmax(noise, 2.0 * np.finfo(float).eps * size)
            widths.append(upper - lower)
            quotients.append((f_upper - f_lower) / widths[-1])
        step = step / RATIO
    with np.errstate(all="ignore"):
        # What the quotients of the smallest steps still differ by is the noise of the values.
        for level in range(LEVELS - SHORT, LEVELS):
            change = np.abs(quotients[level] - quotients[level - 1])
            noise = np.fmax(noise, change * widths[level])
        # Where some steps change nothing, the smallest change is what the values resolve.
        changes = np.abs(np.array(quotients) * widths)
        finest = np.where(changes > 0, changes, np.inf).min(axis=0)
        plateau = (changes == 0).any(axis=0) & np.isfinite(finest)
        noise = np.where(plateau, np.fmax(noise, finest), noise)
        powers = np.where(central, RATIO * RATIO, RATIO)
        numeric, accuracy = _extrapolate(quotients, widths, noise, powers)
    lost = np.flatnonzero(np.isnan(numeric))
    if lost.size:
        raise ValueError(
            f"fun is not finite around x in coordinate {indices[lost[0]]}, so there are no "
            f"differences to compare with; give bounds, or choose another x"
        )
    return numeric, accuracy


def _extrapolate(
    quotients: list[Array], widths: list[Array], noise: Array, powers: Array
) -> tuple[Array, Array]:
    """Return the best extrapolations to step zero, and their estimated errors.

    Of two neighbouring quotients, the error of one is `powers` times the error of the other.
    """
    numeric, accuracy = np.full(noise.shape, np.nan), np.full(noise.shape, np.inf)
    shortest = np.array(quotients[-SHORT:])
    doubt = noise / np.array(widths[-SHORT:])
    above: list[Array] = []
    for quotient, width in zip(quotients, widths, strict=True):
        row = [quotient]
        for coarse in above:
            fine = row[-1]
            better = fine + (fine - coarse) / (powers ** len(row) - 1.0)
            error = np.maximum(np.abs(better - fine), np.abs(better - coarse)) + noise / width
            # Long steps may agree by accident; the shortest must not contradict.
            error += np.fmin.reduce(np.maximum(np.abs(better - shortest) - doubt, 0.0))
            chosen = error < accuracy
            numeric = np.where(chosen, better, numeric)
            accuracy = np.where(chosen, error, accuracy)
            row.append(better)
        above = row
    return numeric, accuracy


def _read_coordinates(coordinates: int | Sequence[int] | None, n: int) -> Array:
    """Return the indices of the coordinates to check."""
    if coordinates is None:
        return np.arange(n)
    indices = np.atleast_1d(np.asarray(coordinates))
    if indices.ndim != 1 or not indices.size or indices.dtype.kind not in "iu":
        raise ValueError(f"coordinates must be indices of variables, got {shown(coordinates)}")
    if (indices < -n).any() or (indices >= n).any():
        raise ValueError(f"coordinates must lie in [0, {n}), got {shown(coordinates)}")
    return np.unique(indices % n)


def _read_bounds(bounds: Any, x: Array) -> tuple[Array, Array]:
    """Return the least and the greatest values that the coordinates may take."""
    if bounds is None:
        return np.full_like(x, -np.inf), np.full_like(x, np.inf)
    box = Box.from_bounds(bounds, x.size)
    outside = np.flatnonzero((x < box.lower) | (x > box.upper))
    if outside.size:
        raise ValueError(f"x lies outside the bounds in coordinate {outside[0]}")
    return box.lower, box.upper


def _read_functions(
    fun: Any, jac: Any, args: Any, x: Array, vectorized: bool
) -> tuple[Objective, Array]:
    """Return the function to difference, and its gradient at `x` as given."""
    if not callable(fun):
        raise ValueError(f"fun must be callable, got {shown(fun)}")
    no_class("jac", jac, Jacobian)
    if jac is not True and not callable(jac):
        raise ValueError(f"jac must be callable, or True when fun returns both, got {shown(jac)}")
    if jac is True:
        fun, jac = pair(fun)
    args = args if isinstance(args, tuple) else (args,)
    objective = Objective(fun, jac, args, x, vectorized, Limits())
    f = objective.value(x)
    if not np.isfinite(f):
        raise ValueError(f"fun is not finite at x: it returned {f}")
    g = jac.gradient(objective, x) if isinstance(jac, Jacobian) else objective.gradient(x)
    wild = np.flatnonzero(~np.isfinite(g))
    if wild.size:
        raise ValueError(f"jac is not finite at x: its entry {wild[0]} is {g[wild[0]]}")
    return objective, g
