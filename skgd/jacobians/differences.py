"""Finite differences."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from skgd import steps
from skgd._bounds import inward
from skgd._checks import finite_array, shown
from skgd._rows import Array, Reals
from skgd.requests import Asking, Probes, Value

from .base import BoxBounds, Ground, Jacobian

AIM = 25.0
"""The second difference that tells the curvature is so many times the noise, ten times its own
standard deviation."""


@dataclass(frozen=True, eq=False)
class _Differences(Jacobian):
    """Difference quotients; a subclass places the probes and combines their values."""

    step: Any = None
    rel_step: Any = None
    _found: bool = field(default=False, init=False, repr=False)

    by_differences: ClassVar[bool] = True
    power: ClassVar[float]
    """The default step is this power of the machine epsilon, relative to the coordinate."""

    amplification: ClassVar[float]
    """Standard deviation of the difference of two quotients, for noise and steps of one."""

    def __post_init__(self) -> None:
        if self.step is not None and self.rel_step is not None:
            raise ValueError("give step (absolute) or rel_step (relative), not both")
        for name in ("step", "rel_step"):
            value = getattr(self, name)
            if value is not None:
                array = finite_array(name, value)
                if not array.all():
                    raise ValueError(f"{name} must not be zero, got {shown(value)}")
                object.__setattr__(self, name, array if array.ndim else float(array))

    def with_steps(self, steps: Mapping[str, Any]) -> Jacobian:
        """Return the scheme with these steps; as in SciPy, relative ones have precedence."""
        if "finite_diff_rel_step" in steps:
            return replace(self, step=None, rel_step=steps["finite_diff_rel_step"])
        return replace(self, step=steps["eps"], rel_step=None) if steps else self

    @abstractmethod
    def _place(self, x: Array, h: Array, low: Array, high: Array) -> list[Array]:
        """Return the values that each coordinate takes in its probes.

        Every list entry has the shape of `x` and lies within `low` and `high`; where one equals
        `x`, the coordinate is not probed.
        """

    @abstractmethod
    def _slope(self, steps: Array, changes: Array) -> Array:
        """Return the derivatives from the steps and the changes of the value, a row a probe."""

    def prepare(self, x: Array, f: Reals, ground: Ground) -> Asking:
        """Find the steps that suit the noise, unless they are given."""
        if ground.noise == 0.0 or self.step is not None or self.rel_step is not None:
            return self, f
        if x.ndim == 2:
            raise ValueError("noise: steps that suit the noise are found for single runs only")
        if f is None:
            f = yield Value(x)
        if not math.isfinite(f):
            return self, f
        box = ground.box
        found = yield from steps.intervals(x, f, box, AIM * ground.noise)
        h = yield from self._noisy_steps(x, f, ground.noise, found, box)
        least = np.abs(steps.usual(x, self.power, box))
        scheme = replace(self, step=np.where(h > least, h, least))
        object.__setattr__(scheme, "_found", True)
        return scheme, f

    @property
    def settled(self) -> bool:  # type: ignore[override]
        """Whether the steps are given, or follow from the point alone."""
        return not self._found

    def renew(self, x: Array, f: float, ground: Ground) -> Asking:
        """Find the steps anew, and return the scheme that has them."""
        scheme, _ = yield from replace(self, step=None).prepare(x, f, ground)
        return self if scheme.settled else scheme

    def roughness(self, noise: float) -> float:
        """Return the size of the change of the gradient that noise alone explains."""
        if noise == 0.0 or self.step is None:
            return 0.0
        return self.amplification * noise * float(np.linalg.norm(1.0 / np.asarray(self.step)))

    def report(self) -> dict[str, Any]:
        """Return the steps, where they follow from the noise."""
        return {"steps": self.step.copy()} if self._found else {}

    @abstractmethod
    def _noisy_steps(
        self, x: Array, f: float, noise: float, found: steps.Intervals, box: BoxBounds
    ) -> Asking:
        """Return the steps that balance truncation against noise."""

    def evaluate(self, x: Array, f: Reals, box: BoxBounds) -> Asking:
        """Ask for the values at the probes, and at `x` itself when that is not known."""
        f, g, still = yield from self.difference(x, f, box)
        if not still.any():
            return f, g
        # A function that computes in single precision is flat for steps of double precision; its
        # start would pass for a minimum.  At a minimum, symmetric steps find zero again.
        longer = Central(rel_step=float(np.finfo(x.dtype).eps) ** (1 / 4))
        if x.ndim == 1:
            _, g, _ = yield from longer.difference(x, f, box)
        else:
            _, g[still], _ = yield from longer.difference(x[still], np.asarray(f)[still], box)
        return f, g

    def difference(self, x: Array, f: Reals, box: BoxBounds) -> Asking:
        """Ask; return value, gradient, and whether not one probe changed the value, row by row."""
        reach = _reach(x, box)
        with np.errstate(over="ignore"):
            probes = self._place(x, self._steps(x, box), *reach)
        (coordinates,) = np.nonzero(np.all([probe != x for probe in probes], axis=0).ravel())
        to = np.stack([probe.ravel()[coordinates] for probe in probes])
        f, values = yield from _ask(x, f, np.tile(coordinates, len(to)), to.ravel())
        if not np.isfinite(values).all():
            values = np.array(values, dtype=float).reshape(to.shape)
            yield from self._ask_otherwise(x, f, coordinates, to, values, reach)
        g, changed = np.zeros(x.shape, x.dtype), np.zeros(x.shape, bool)
        base = f if x.ndim == 1 else np.asarray(f)[coordinates // x.shape[-1]]
        # In double precision whatever the type: the quotient must add no error of its own.
        steps = np.subtract(to, x.ravel()[coordinates], dtype=float)
        with np.errstate(all="ignore"):
            changes = np.asarray(values, dtype=float).reshape(to.shape) - base
            g.ravel()[coordinates] = self._slope(steps, changes)
        changed.ravel()[coordinates] = (changes != 0.0).any(axis=0)
        return f, g, ~changed.any(axis=-1)

    def _ask_otherwise(
        self,
        x: Array,
        f: Reals,
        coordinates: Array,
        to: Array,
        values: Array,
        reach: tuple[Any, Any],
    ) -> Asking:
        """Ask again for what is not finite, elsewhere; enter the probes and their values.

        Parameters
        ----------
        x, f
            The points, and the values there.
        coordinates : ndarray of int, shape (m,)
            The coordinates that are probed.
        to, values : ndarray, shape (probes, m)
            Where each was probed, and what was found; changed in place.
        reach : tuple
            The least and the greatest value that each coordinate may take.
        """
        failed = ~np.isfinite(values)
        if x.ndim == 2:
            failed &= np.isfinite(np.asarray(f))[coordinates // x.shape[-1]]
        elif not math.isfinite(f):
            return
        here = x.ravel()[coordinates]
        elsewhere = self._elsewhere(here, to, failed)
        low, high = (np.broadcast_to(end, x.shape).ravel()[coordinates] for end in reach)
        elsewhere = np.clip(elsewhere, low, high)
        which, at = np.nonzero(failed & (elsewhere != here))
        if not at.size:
            return
        to[which, at] = elsewhere[which, at]
        _, values[which, at] = yield from _ask(x, f, coordinates[at], to[which, at])
        one, two = 0, len(to) - 1
        # Where one side is all that there is, a difference of first order will do.
        for lost, kept in ((one, two), (two, one)):
            alone = ~np.isfinite(values[lost]) & np.isfinite(values[kept])
            to[lost, alone] = here[alone] + 2.0 * (to[kept, alone] - here[alone])
            base = f if x.ndim == 1 else np.asarray(f)[coordinates[alone] // x.shape[-1]]
            values[lost, alone] = base + 2.0 * (values[kept, alone] - base)

    @abstractmethod
    def _elsewhere(self, x: Array, to: Array, failed: Array) -> Array:
        """Return where to probe instead, a row a probe; `x` for nowhere."""

    def _steps(self, x: Array, box: BoxBounds) -> Array:
        """Return the step of each coordinate, before the bounds have their say."""
        for name in ("step", "rel_step"):
            shape = np.shape(getattr(self, name))
            if shape not in ((), (1,), x.shape[-1:]):
                raise ValueError(
                    f"{name} must be one number or have shape {x.shape[-1:]}, one for each "
                    f"variable; got shape {shape}"
                )
        usual = steps.usual(x, self.power, box)
        if self.step is None and self.rel_step is None:
            return usual
        away = np.where(x >= 0, 1.0, -1.0) * np.maximum(1.0, np.abs(x))
        given = self.rel_step * away if self.step is None else np.broadcast_to(self.step, x.shape)
        h: Array = given.astype(x.dtype)
        # A step that is lost in rounding gives no difference at all.
        return np.asarray(np.where(x + h == x, usual, h))


def _reach(x: Array, box: BoxBounds) -> tuple[Any, Any]:
    """Return the least and the greatest value that each coordinate may take."""
    most = np.finfo(x.dtype).max
    if box is None:
        return -most, most
    low, high = inward(*box, x.dtype)
    return np.maximum(low, -most), np.minimum(high, most)


def _ask(x: Array, f: Reals, coordinates: Array, to: Array) -> Asking:
    """Ask for the values at the probes; return the value at `x` and the probes' values.

    `coordinates` are the indices of the changed coordinates into ``x.ravel()``, `to` their values.
    """
    row, index = (None, coordinates) if x.ndim == 1 else np.divmod(coordinates, x.shape[-1])
    if f is not None:
        values = (yield Probes(x, index, to, row)) if index.size else to
        return f, values
    # The point itself goes out with its probes: one batch for workers and vectorised functions.
    own = np.arange(1 if x.ndim == 1 else len(x))
    values = yield Probes(
        x,
        np.concatenate((np.full(own.size, -1), index)),
        np.concatenate((np.zeros(own.size, to.dtype), to)),
        None if row is None else np.concatenate((own, row)),
    )
    f = float(values[0]) if x.ndim == 1 else values[: own.size]
    return f, values[own.size :]


@dataclass(frozen=True, eq=False)
class Forward(_Differences):
    r"""Forward differences, :math:`g_i = (f(x + h_i e_i) - f(x)) / h_i`: n values a gradient.

    The error is about :math:`h|f''|/2`: with a step that is not small, descent comes to rest
    :math:`h/2` beside the minimum of a parabola.  Where the option ``noise`` tells the level
    :math:`\sigma` of the values' noise, the default step is
    :math:`h_i = 8^{1/4}\sqrt{\sigma/|f''_i|}`, see `skgd.steps`.

    Parameters
    ----------
    step : float or array_like of shape (n,), optional
        Absolute step; negative steps go backward.
    rel_step : float or array_like of shape (n,), optional
        Relative step, :math:`h_i = r_i \operatorname{sign}(x_i) \max(1, |x_i|)`; the default is the
        square root of the machine epsilon of the type of x.

    Raises
    ------
    ValueError
        When a step is zero or not finite, or both are given; during the run, when its shape does
        not fit the number of variables.

    Notes
    -----
    A step that would leave the bounds goes the other way, or as far as there is room.  A fixed
    variable (equal bounds) is not probed; its entry is zero.  A step so small that x does not
    change gives way to the default.  When not one probe changes the value, which happens at a
    minimum, and to functions that compute in a lower precision, central differences with the
    relative step :math:`\epsilon^{1/4}` decide.  Where a probe has no finite value, the other side
    is probed.

    Examples
    --------
    >>> from skgd import Forward
    >>> Forward(step=0.5)(lambda x: x[0] ** 2, [1.0])
    array([2.5])
    """

    power: ClassVar[float] = 1 / 2
    amplification: ClassVar[float] = 2.0

    def _place(self, x: Array, h: Array, low: Array, high: Array) -> list[Array]:
        forth, back = x + h, x - h
        farthest = np.where(high - x >= x - low, high, low)
        other_way = np.where((low <= back) & (back <= high), back, farthest)
        return [np.where((low <= forth) & (forth <= high), forth, other_way)]

    def _elsewhere(self, x: Array, to: Array, failed: Array) -> Array:
        return np.asarray(2.0 * x - to)

    def _slope(self, steps: Array, changes: Array) -> Array:
        return np.asarray(changes[0] / steps[0])

    def _noisy_steps(
        self, x: Array, f: float, noise: float, found: steps.Intervals, box: BoxBounds
    ) -> Asking:
        yield from ()
        return steps.forward(found, noise)


@dataclass(frozen=True, eq=False)
class Central(_Differences):
    r"""Central differences, :math:`g_i = (f(x + h_i e_i) - f(x - h_i e_i)) / 2h_i`: 2n values.

    The error is about :math:`h^2|f'''|/6`.  Where the option ``noise`` tells the level
    :math:`\sigma` of the values' noise, the default step is
    :math:`h_i = (3\sigma/|f'''_i|)^{1/3}`, see `skgd.steps`.

    Parameters
    ----------
    step : float or array_like of shape (n,), optional
        Absolute step; its sign does not matter.
    rel_step : float or array_like of shape (n,), optional
        Relative step, :math:`h_i = r_i \max(1, |x_i|)`; the default is the cube root of the machine
        epsilon of the type of x.

    Raises
    ------
    ValueError
        When a step is zero or not finite, or both are given; during the run, when its shape does
        not fit the number of variables.

    Notes
    -----
    Next to a bound the step shrinks, at most to half; nearer still, the one-sided formula of the
    same order takes over, :math:`(-3f(x) + 4f(x+h) - f(x+2h)) / 2h`, with a smaller h where there
    is less room.  A fixed variable (equal bounds) is not probed; its entry is zero.  A step so
    small that x does not change gives way to the default.  When not one probe changes the value,
    which happens at a minimum, and to functions that compute in a lower precision, the relative
    step :math:`\epsilon^{1/4}` decides.  Where a probe has no finite value, two on the side
    of the other one take over, or that one alone.

    Examples
    --------
    >>> from skgd import Central
    >>> Central(step=0.5)(lambda x: x[0] ** 2, [1.0])
    array([2.])
    """

    power: ClassVar[float] = 1 / 3
    amplification: ClassVar[float] = 1.0

    def _place(self, x: Array, h: Array, low: Array, high: Array) -> list[Array]:
        h, down, up = np.abs(h), x - low, high - x
        both = np.minimum(h, np.minimum(down, up))
        one = np.minimum(h, np.maximum(down, up) / 2)
        central = both >= one / 2
        side = np.where(up >= down, one, -one)
        near = np.clip(np.where(central, x + both, x + side), low, high)
        far = np.clip(np.where(central, x - both, x + 2 * side), low, high)
        # With room for fewer than three numbers the variable counts as fixed.
        return [near, np.where(far == near, x, far)]

    def _elsewhere(self, x: Array, to: Array, failed: Array) -> Array:
        # Three points on one side make a parabola, too: halfway to the probe that worked.
        return np.where(failed[::-1], x, x + 0.5 * (to[::-1] - x)).astype(x.dtype)

    def _slope(self, steps: Array, changes: Array) -> Array:
        # The parabola through three points: for opposite steps this is the central quotient.
        (one, two), (near, far) = steps, changes
        return np.asarray((near * (two / one) - far * (one / two)) / (two - one))

    def _noisy_steps(
        self, x: Array, f: float, noise: float, found: steps.Intervals, box: BoxBounds
    ) -> Asking:
        return (yield from steps.central(x, f, noise, found, box))
