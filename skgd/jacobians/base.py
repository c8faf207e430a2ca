"""What a gradient scheme is, and the gradient that is given."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from skgd._checks import point, shown
from skgd._rows import Array, Reals
from skgd.noise import Noise
from skgd.objective import Limits, Objective
from skgd.requests import Asking, Gradient, Probes, Value, ValueAndGradient

BoxBounds: TypeAlias = tuple[Array, Array] | None
"""Lower and upper bounds that no evaluated point may leave, or None."""


@dataclass(frozen=True)
class Ground:
    """What a scheme may know of the run that it prepares for.

    Attributes
    ----------
    noise : float
        Standard deviation of the noise of the values; 0 for exact ones.
    gauge : Noise or None
        How that was found.
    box : pair of ndarray of shape (n,), or None
        Lower and upper bounds, which no evaluated point may leave.
    iterations, evaluations : float
        The most that the run may take; infinite without a limit.
    rng : int, Generator or None
        What random numbers are drawn from.
    """

    noise: float = 0.0
    gauge: Noise | None = None
    box: BoxBounds = None
    iterations: float = math.inf
    evaluations: float = math.inf
    rng: Any = None


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

    random: ClassVar[bool] = False
    """Whether each gradient is a random estimate: then the run averages its iterates, and a single
    gradient is no test of convergence.  Such a scheme has what `skgd.jacobians.estimator.Estimator`
    has."""

    settled: ClassVar[bool] = True
    """Whether `prepare` would find the same everywhere; else there is `renew`, which does it again.
    """

    def with_steps(self, steps: Mapping[str, Any]) -> Jacobian:
        """Return the scheme with the steps that the options of a call choose.

        Parameters
        ----------
        steps : mapping of str to float or ndarray of shape (n,)
            The options ``eps`` (absolute) and ``finite_diff_rel_step`` (relative), those that are
            given; none of the steps is zero.

        Returns
        -------
        Jacobian
            By default the scheme itself, which has no steps to choose.

        Raises
        ------
        ValueError
            When an option does not suit the scheme.
        """
        return self

    def prepare(self, x: Array, f: Reals, ground: Ground) -> Asking:
        """Ask for what is to be known first, and return the scheme that serves this run.

        Parameters
        ----------
        x : ndarray, shape (n,) or (S, n)
            The start.
        f : float or ndarray of shape (S,), or None
            The value there when it is known already.
        ground : Ground
            What is known of the run.

        Returns
        -------
        scheme, f
            A scheme whose state, if it has any, belongs to the run; by default the scheme itself.
            And the value at `x`, None where it is still not known.
        """
        yield from ()
        return self, f

    def roughness(self, noise: float) -> float:
        """Return the size of the change of the gradient that noise alone explains.

        Parameters
        ----------
        noise : float
            Standard deviation of the noise of the values.
        """
        return 0.0

    def report(self) -> dict[str, Any]:
        """Return what the result says of the scheme: of one that `prepare` has made."""
        return {}

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
