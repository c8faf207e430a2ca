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
from typing import Any

import numpy as np

from ._checks import finite_array
from ._rows import Array, Reals
from .requests import Asking, Gradient, Probes, Value, ValueAndGradient

__all__ = ["JACOBIANS", "Analytic", "Central", "ComplexStep", "Forward", "Jacobian"]

BoxBounds = tuple[Array, Array] | None


class Jacobian(ABC):
    """How the gradient at a point is found.

    A subclass needs `evaluate`.  The object is callable, ``scheme(f, x)``, which both is handy and
    lets it pass through `scipy.optimize.minimize` as ``jac=``.
    """

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
            The point.

        Returns
        -------
        ndarray, shape (n,)
            The gradient.
        """
        point = np.array(x, dtype=float, ndmin=1)
        asking = self.evaluate(point, None, None)
        request = next(asking)
        try:
            while True:
                if isinstance(request, Probes):
                    answer = np.array([f(request.point(i)) for i in range(len(request))])
                    request = asking.send(answer.reshape(len(request)))
                elif isinstance(request, Value):
                    request = asking.send(float(f(request.x.copy())))
                else:
                    raise TypeError(f"{type(self).__name__} cannot work from values alone")
        except StopIteration as done:
            gradient: Array = done.value[1]
            return gradient


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
        if f is None:
            return (yield ValueAndGradient(x))
        return f, (yield Gradient(x))


@dataclass(frozen=True, eq=False)
class _Differences(Jacobian):
    """Difference quotients; the subclasses place the probes."""

    step: Any = None
    rel_step: Any = None

    def __post_init__(self) -> None:
        if self.step is not None and self.rel_step is not None:
            raise ValueError("give step (absolute) or rel_step (relative), not both")
        for name in ("step", "rel_step"):
            value = getattr(self, name)
            if value is not None:
                array = finite_array(name, value)
                if (array == 0).any():
                    raise ValueError(f"{name} must not be zero, got {value!r}")
                object.__setattr__(self, name, array)

    def _steps(self, x: Array, power: float) -> Array:
        """Return the step of each coordinate, before the bounds have their say."""
        for name, value in (("step", self.step), ("rel_step", self.rel_step)):
            if value is not None and value.shape not in ((), (1,), x.shape[-1:]):
                raise ValueError(
                    f"{name} must be one number or have shape {x.shape[-1:]}, one for each "
                    f"variable; got shape {value.shape}"
                )
        if self.step is not None:
            h = np.broadcast_to(self.step, x.shape).astype(x.dtype)
        else:
            relative = np.finfo(x.dtype).eps ** power if self.rel_step is None else self.rel_step
            side = np.where(x >= 0, 1.0, -1.0)
            h = (relative * side * np.maximum(1.0, np.abs(x))).astype(x.dtype)
        # The step that the addition really makes; a step lost in rounding becomes the least one.
        h = np.where(x + h == x, np.copysign(np.spacing(np.abs(x)), h), h)
        return np.asarray((x + h) - x)


def _room(x: Array, box: BoxBounds) -> tuple[Array, Array]:
    """Return how far each coordinate may go down and up."""
    if box is None:
        infinite = np.full_like(x, np.inf)
        return infinite, infinite
    return x - box[0].astype(x.dtype), box[1].astype(x.dtype) - x


def _ask(x: Array, f: Reals, coordinates: Array, step: Array) -> Asking:
    """Ask for the values at the probes; return the value at `x` and the probes' values.

    `coordinates` are the indices of the moved coordinates into ``x.ravel()``.
    """
    n = x.shape[-1]
    row = None if x.ndim == 1 else coordinates // n
    index = coordinates % n if x.ndim == 2 else coordinates
    if f is not None:
        values = (yield Probes(x, index, step, row)) if index.size else step
        return f, values
    # The point itself goes out with its probes: one batch for workers and vectorised functions.
    own = np.arange(x.size // n)
    values = yield Probes(
        x,
        np.concatenate((np.full(own.size, -1), index)),
        np.concatenate((np.zeros(own.size, step.dtype), step)),
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
        When a step is zero or not finite, or both are given.

    Notes
    -----
    A step that would leave the bounds goes the other way, or as far as there is room.  A fixed
    variable (equal bounds) is not probed; its entry is zero.

    Examples
    --------
    >>> from skgd import Forward
    >>> Forward(step=0.5)(lambda x: x[0] ** 2, [1.0])
    array([2.5])
    """

    def evaluate(self, x: Array, f: Reals, box: BoxBounds) -> Asking:
        h = self._steps(x, 1 / 2)
        if box is not None:
            down, up = _room(x, box)
            fits = np.where(h > 0, h <= up, -h <= down)
            turned = np.where(h > 0, h <= down, -h <= up)
            h = np.where(fits, h, np.where(turned, -h, np.where(up >= down, up, -down)))
        (coordinates,) = np.nonzero(h.ravel())
        f, values = yield from _ask(x, f, coordinates, h.ravel()[coordinates])
        g = np.zeros(x.size, x.dtype)
        base = f if x.ndim == 1 else np.asarray(f)[coordinates // x.shape[-1]]
        g[coordinates] = (values - base) / h.ravel()[coordinates]
        return f, g.reshape(x.shape)


@dataclass(frozen=True, eq=False)
class Central(_Differences):
    r"""Central differences, :math:`g_i = (f(x + h_i e_i) - f(x - h_i e_i)) / 2h_i`: 2n values.

    The error is about :math:`h^2|f'''|/6`.

    Parameters
    ----------
    step : float or array_like of shape (n,), optional
        Absolute step.
    rel_step : float or array_like of shape (n,), optional
        Relative step, :math:`h_i = r_i \max(1, |x_i|)`; the default is the cube root of the machine
        epsilon of the type of x.

    Raises
    ------
    ValueError
        When a step is zero or not finite, or both are given.

    Notes
    -----
    Next to a bound the one-sided formula of the same order takes over,
    :math:`(-3f(x) + 4f(x+h) - f(x+2h)) / 2h`.  A fixed variable (equal bounds) is not probed.

    Examples
    --------
    >>> from skgd import Central
    >>> Central(step=0.5)(lambda x: x[0] ** 2, [1.0])
    array([2.])
    """

    def evaluate(self, x: Array, f: Reals, box: BoxBounds) -> Asking:
        h = np.abs(self._steps(x, 1 / 3))
        down, up = _room(x, box)
        central = (h <= down) & (h <= up)
        # One-sided: towards the side with more room, at most half of it.
        most = np.maximum(down, up)
        near = np.where(central, h, np.where(up >= down, 1.0, -1.0) * np.minimum(h, most / 2))
        near = near.ravel().astype(x.dtype)
        central = central.ravel()
        (coordinates,) = np.nonzero(near)
        near, central = near[coordinates], central[coordinates]
        far = np.where(central, -near, 2 * near)
        f, values = yield from _ask(
            x, f, np.concatenate((coordinates, coordinates)), np.concatenate((near, far))
        )
        one, other = values[: near.size], values[near.size :]
        base = f if x.ndim == 1 else np.asarray(f)[coordinates // x.shape[-1]]
        g = np.zeros(x.size, x.dtype)
        difference = np.where(central, one - other, (4 * (one - base) - (other - base)))
        g[coordinates] = difference / (2 * near)
        return f, g.reshape(x.shape)


@dataclass(frozen=True, eq=False)
class ComplexStep(Jacobian):
    r"""The complex step [1]_, :math:`g_i = \operatorname{Im} f(x + \mathrm i h e_i) / h`.

    Exact to rounding, for functions that compute with complex numbers and are analytic: no
    ``abs``, no comparisons, no conversion to float.

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
        if not finite_array("step", self.step) > 0:
            raise ValueError(f"step must be positive, got {self.step!r}")

    def evaluate(self, x: Array, f: Reals, box: BoxBounds) -> Asking:
        if f is None:
            f = yield Value(x)
        n = x.shape[-1]
        coordinates = np.arange(x.size)
        row = None if x.ndim == 1 else coordinates // n
        step = np.full(x.size, 1j * self.step)
        values = yield Probes(x, coordinates % n, step, row)
        if not np.iscomplexobj(values):
            raise ValueError(
                "fun returned real numbers for complex x, so a complex step cannot work; make fun "
                "compute with complex numbers, or use gradient='3-point'"
            )
        return f, (values.imag / self.step).astype(x.dtype).reshape(x.shape)


JACOBIANS: dict[str, type[Jacobian]] = {
    "analytic": Analytic,
    "2-point": Forward,
    "3-point": Central,
    "cs": ComplexStep,
}
"""The gradient schemes by name, SciPy's where SciPy has one."""
