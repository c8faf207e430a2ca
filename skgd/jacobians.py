r"""What the gradient is: given, or found by perturbation.

A gradient scheme is a generator that asks for evaluations and combines the answers (see
`skgd.requests`); so finite differences are counted, vectorised, run in parallel or recorded by the
runner without knowing it.

A scheme is passed as ``jac=Central(step=1e-3)`` or, because `scipy.optimize.minimize` turns the
strings ``"2-point"``, ``"3-point"`` and ``"cs"`` into None for every custom method, as
``options={"gradient": "3-point"}``.

To add a scheme, subclass `Jacobian` and enter it in `JACOBIANS`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np

from ._bounds import inward
from ._checks import finite_array, point, positive, shown
from ._rows import Array, Reals
from .objective import Limits, Objective
from .requests import Asking, Gradient, Probes, Value, ValueAndGradient

__all__ = ["JACOBIANS", "Analytic", "Central", "ComplexStep", "Forward", "Jacobian"]

BoxBounds: TypeAlias = tuple[Array, Array] | None
"""Lower and upper bounds that no evaluated point may leave, or None."""


class Jacobian(ABC):
    """How the gradient at a point is found.

    A subclass needs `evaluate`.  The object is callable, ``scheme(f, x)``, which is handy and lets
    it pass through `scipy.optimize.minimize` as ``jac=``.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd import Jacobian, gd
    >>> from skgd.requests import Probes
    >>> class Backward(Jacobian):
    ...     def evaluate(self, x, f, box):
    ...         own = np.concatenate((x[:1], x - 1e-6))
    ...         values = yield Probes(x, np.arange(-1, x.size), own)
    ...         return values[0], (values[0] - values[1:]) / 1e-6
    >>> gd(lambda x: x @ x, [3.0, -4.0], jac=Backward()).success
    True
    """

    by_differences: ClassVar[bool] = False
    """Whether values are subtracted, so that a gradient of zero may be an effect of rounding."""

    @abstractmethod
    def evaluate(self, x: Array, f: Reals, box: BoxBounds) -> Asking:
        """Ask for what is needed, and return the pair of value and gradient at `x`.

        Parameters
        ----------
        x : ndarray, shape (n,) or (S, n)
            The point, or one point a row.
        f : float or ndarray of shape (S,), or None
            The value there when it is known already.
        box : pair of ndarray of shape (n,), or None
            Lower and upper bounds, which no evaluated point may leave.

        Returns
        -------
        f, g
            Value, and gradient of the shape of `x`.
        """

    def __call__(self, f: Callable[[Array], float], x: Any) -> Array:
        """Return the gradient of `f` at `x`.

        Parameters
        ----------
        f : callable
            ``f(x) -> float``.
        x : array_like, shape (n,)
            The point; float32 stays float32, every other type becomes float64.

        Returns
        -------
        ndarray, shape (n,)
            The gradient.

        Raises
        ------
        TypeError
            When the scheme asks for more than values, as `Analytic` does.
        ValueError
            When `f` or `x` does not fit, or `f` does not return one real number.
        """
        if not callable(f):
            raise ValueError(f"f must be callable, got {shown(f)}")
        x = point("x", x)
        return self.gradient(Objective(f, None, (), x, False, Limits()), x)

    def gradient(self, objective: Objective, x: Array) -> Array:
        """Return the gradient at `x`, from values of the objective alone.

        Parameters
        ----------
        objective : Objective
            What is evaluated.
        x : ndarray, shape (n,)
            The point.

        Returns
        -------
        ndarray, shape (n,)
            The gradient.

        Raises
        ------
        TypeError
            When the scheme asks for more than values.
        """
        asking = self.evaluate(x, None, None)
        answer: Any = None
        while True:
            try:
                request = asking.send(answer)
            except StopIteration as done:
                gradient: Array = done.value[1]
                return gradient
            if isinstance(request, Probes):
                answer = objective.probes(request)
            elif isinstance(request, Value):
                answer = objective.value(request.x)
            else:
                raise TypeError(f"{type(self).__name__} cannot work from values alone")


@dataclass(frozen=True)
class Analytic(Jacobian):
    """The gradient that the objective itself knows: the caller's ``jac``, or a formula's.

    Examples
    --------
    >>> from skgd import Analytic, gd
    >>> gd(lambda x: x @ x, [1.0], jac=lambda x: 2 * x, gradient=Analytic()).nfev < 20
    True
    """

    def evaluate(self, x: Array, f: Reals, box: BoxBounds) -> Asking:
        """Ask for the gradient, together with the value when that is not known."""
        if f is None:
            return (yield ValueAndGradient(x))
        return f, (yield Gradient(x))


@dataclass(frozen=True, eq=False)
class _Differences(Jacobian):
    """Difference quotients; a subclass places the probes and combines their values."""

    step: Any = None
    rel_step: Any = None

    by_differences: ClassVar[bool] = True
    power: ClassVar[float]
    """The default step is this power of the machine epsilon, relative to the coordinate."""

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

    @abstractmethod
    def _place(self, x: Array, h: Array, low: Array, high: Array) -> list[Array]:
        """Return the values that each coordinate takes in its probes.

        Every list entry has the shape of `x` and lies within `low` and `high`; where one equals
        `x`, the coordinate is not probed.
        """

    @abstractmethod
    def _slope(self, steps: Array, changes: Array) -> Array:
        """Return the derivatives from the steps and the changes of the value, a row a probe."""

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
        with np.errstate(over="ignore"):
            probes = self._place(x, self._steps(x, box), *_reach(x, box))
        (coordinates,) = np.nonzero(np.all([probe != x for probe in probes], axis=0).ravel())
        to = np.stack([probe.ravel()[coordinates] for probe in probes])
        f, values = yield from _ask(x, f, np.tile(coordinates, len(to)), to.ravel())
        g, changed = np.zeros(x.shape, x.dtype), np.zeros(x.shape, bool)
        base = f if x.ndim == 1 else np.asarray(f)[coordinates // x.shape[-1]]
        # In double precision whatever the type: the quotient must add no error of its own.
        steps = np.subtract(to, x.ravel()[coordinates], dtype=float)
        with np.errstate(all="ignore"):
            changes = np.asarray(values, dtype=float).reshape(to.shape) - base
            g.ravel()[coordinates] = self._slope(steps, changes)
        changed.ravel()[coordinates] = (changes != 0.0).any(axis=0)
        return f, g, ~changed.any(axis=-1)

    def _steps(self, x: Array, box: BoxBounds) -> Array:
        """Return the step of each coordinate, before the bounds have their say."""
        for name in ("step", "rel_step"):
            shape = np.shape(getattr(self, name))
            if shape not in ((), (1,), x.shape[-1:]):
                raise ValueError(
                    f"{name} must be one number or have shape {x.shape[-1:]}, one for each "
                    f"variable; got shape {shape}"
                )
        away = np.where(x >= 0, 1.0, -1.0) * np.maximum(1.0, np.abs(x))
        usual: Array = (float(np.finfo(x.dtype).eps) ** self.power * away).astype(x.dtype)
        if box is not None:
            # Between narrow bounds a variable has a smaller scale: the width takes the place of 1,
            # and the spacing of numbers there that of the machine epsilon.
            width = (box[1] - box[0]).astype(x.dtype)
            spacing = np.spacing(np.fmin(np.maximum(np.abs(x), width), 1.0 + np.abs(x)))
            with np.errstate(invalid="ignore"):
                narrow = spacing**self.power * width ** (1.0 - self.power)
            usual = np.copysign(np.fmin(np.abs(usual), narrow), usual)
        if self.step is None and self.rel_step is None:
            return usual
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
    :math:`h/2` beside the minimum of a parabola.

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
    relative step :math:`\epsilon^{1/4}` decide.

    Examples
    --------
    >>> from skgd import Forward
    >>> Forward(step=0.5)(lambda x: x[0] ** 2, [1.0])
    array([2.5])
    """

    power: ClassVar[float] = 1 / 2

    def _place(self, x: Array, h: Array, low: Array, high: Array) -> list[Array]:
        forth, back = x + h, x - h
        farthest = np.where(high - x >= x - low, high, low)
        other_way = np.where((low <= back) & (back <= high), back, farthest)
        return [np.where((low <= forth) & (forth <= high), forth, other_way)]

    def _slope(self, steps: Array, changes: Array) -> Array:
        return np.asarray(changes[0] / steps[0])


@dataclass(frozen=True, eq=False)
class Central(_Differences):
    r"""Central differences, :math:`g_i = (f(x + h_i e_i) - f(x - h_i e_i)) / 2h_i`: 2n values.

    The error is about :math:`h^2|f'''|/6`.

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
    step :math:`\epsilon^{1/4}` decides.

    Examples
    --------
    >>> from skgd import Central
    >>> Central(step=0.5)(lambda x: x[0] ** 2, [1.0])
    array([2.])
    """

    power: ClassVar[float] = 1 / 3

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

    def _slope(self, steps: Array, changes: Array) -> Array:
        # The parabola through three points: for opposite steps this is the central quotient.
        (one, two), (near, far) = steps, changes
        return np.asarray((near * (two / one) - far * (one / two)) / (two - one))


@dataclass(frozen=True)
class ComplexStep(Jacobian):
    r"""The complex step [1]_, :math:`g_i = \operatorname{Im} f(x + \mathrm i h e_i) / h`.

    Exact to rounding, for functions that compute with complex numbers and are analytic: no
    ``abs``, no comparisons, no conversion to float.  The real part of every probe is x itself, so
    bounds are respected.

    Parameters
    ----------
    step : float, default 1e-20
        The step h; nothing is subtracted, so it may be tiny.

    Raises
    ------
    ValueError
        When the step is not positive; during the run, when the function returns a real number
        for a complex point.

    References
    ----------
    .. [1] W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real
       functions", SIAM Review 40 (1998), 110-112.

    Examples
    --------
    >>> from skgd import ComplexStep
    >>> ComplexStep()(lambda x: x[0] ** 3, [2.0])
    array([12.])
    """

    step: float = 1e-20

    def __post_init__(self) -> None:
        object.__setattr__(self, "step", positive("step", self.step))

    def evaluate(self, x: Array, f: Reals, box: BoxBounds) -> Asking:
        """Ask for the value, where it is not known, and for the values at the complex points."""
        if f is None:
            f = yield Value(x)
        # A step that single precision takes for zero would make every derivative zero.
        h = max(self.step, float(np.finfo(x.dtype).tiny))
        to = x.ravel().astype(np.result_type(x, np.complex64))
        to.imag = h
        coordinates = np.arange(x.size)
        row, index = (None, coordinates) if x.ndim == 1 else np.divmod(coordinates, x.shape[-1])
        values = yield Probes(x, index, to, row)
        if not np.iscomplexobj(values):
            raise ValueError(
                "fun returned real numbers for complex x, so a complex step cannot work; make fun "
                "compute with complex numbers, or use gradient='3-point'"
            )
        with np.errstate(over="ignore"):
            g = (values.imag.astype(float) / h).astype(x.dtype)
        return f, g.reshape(x.shape)


JACOBIANS: dict[str, type[Jacobian]] = {
    "analytic": Analytic,
    "2-point": Forward,
    "3-point": Central,
    "cs": ComplexStep,
}
"""The gradient schemes by name, SciPy's where SciPy has one."""
