"""What a direction is, and the memory that most of them have."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from skgd._pool import Pool
from skgd._rows import Array, Reals, Truths, column
from skgd._state import State
from skgd.metrics import Metric
from skgd.proximal import Constraint, Face

__all__ = ["Arrays", "Direction", "quiet", "scale"]

quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")
"""For methods that square gradients: what overflows there is not finite, and is dealt with as such.
"""


def scale(points: Array, factor: Reals, out: Array) -> None:
    """Write the points times the factor, one a row in a batch, to `out`."""
    if points.itemsize == 8:
        np.multiply(points, column(factor), out)
    else:
        # A rate can be a number that single precision does not know.
        with np.errstate(over="ignore", invalid="ignore"):
            np.multiply(points, column(factor), out)


class Direction(ABC):
    """Which way to go from an iterate.

    A subclass needs `displacement`; the other methods are for rules that remember.  A rule that is
    written with operations on the last axis serves batches as well, where points have the shape
    (S, n) and rates (S,); its state must then be a dataclass derived from `State`.

    Attributes
    ----------
    own_rates : bool, default False
        Whether each coordinate has a rate of its own, see `rates`.
    proximal : bool, default True
        Whether a displacement at rest is the gradient times `rates`, as a proximal step needs it;
        else the rule works with bounds only.
    curved : bool, default False
        Whether the rule works in a metric that the objective offers, and on the faces of a
        constraint; see `stand`, `outdated`, `bend` and `measure`.  Such a rule serves single runs.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd import Direction, Method
    >>> class Signs(Direction):
    ...     proximal = False
    ...
    ...     def displacement(self, state, g, t):
    ...         return -t * np.sign(g)
    >>> Method(direction=Signs(), learning_rate=0.25)(lambda x: x @ x, [1.0], maxiter=2).x
    array([0.5])
    """

    own_rates: ClassVar[bool] = False
    proximal: ClassVar[bool] = True
    curved: ClassVar[bool] = False

    def start(self, x: Array) -> Any:
        """Return the state of a run that starts at `x`."""
        return State()

    def update(self, state: Any, x: Array, g: Array) -> None:  # noqa: B027
        """Take in the gradient `g` at the new iterate `x`; called once an iteration."""

    @abstractmethod
    def displacement(self, state: Any, g: Array, t: Reals) -> Array:
        """Return the displacement for the gradient `g` and the rate `t`.

        Parameters
        ----------
        state : object
            What `start` returned.
        g : ndarray, shape (n,) or (S, n)
            Gradient at the iterate, or one a row; it is not written to.
        t : float, or ndarray of shape (S,)
            The learning rate.

        Returns
        -------
        ndarray, shape (n,) or (S, n)
            An array that the run may keep.  It may be asked for again with another rate.
        """

    def rates(self, state: Any, t: Reals) -> Any:
        """Return what multiplies the gradient: `t`, or one rate a coordinate."""
        return column(t)

    def moved(  # noqa: B027
        self, state: Any, g: Array, t: Reals, s: Reals, p: Array, step: Array
    ) -> None:
        """Take in which step was taken.

        Parameters
        ----------
        state : object
            What `start` returned.
        g : ndarray, shape (n,) or (S, n)
            The gradient where the step began.
        t : float, or ndarray of shape (S,)
            The rate that `p` was proposed for.
        s : float, or ndarray of shape (S,)
            The fraction of the displacement that a search accepted.
        p, step : ndarray, shape (n,) or (S, n)
            The displacement that was proposed, and the step that a search and the constraint left
            of it; the same object when they left all of it.
        """

    def paused(self, state: Any) -> Truths:
        """Tell whether a coordinate rests for this iteration though it has not arrived."""
        return False

    def restart(self, state: Any, where: Truths, g: Array) -> None:  # noqa: B027
        """Forget the velocity where `where` holds; `g` is the gradient at the iterate."""

    def advise(self, state: Any, curvature: Array) -> float | None:
        """Take in curvatures that a scheme has measured; return the largest rate that they allow.

        Parameters
        ----------
        state : object
            What `start` returned.
        curvature : ndarray, shape (n,)
            The second derivatives by each coordinate; steps along random estimates of the gradient
            are stable up to the inverse of their sum.

        Returns
        -------
        float or None
            None where the size of the steps does not follow the size of the gradient.
        """
        return 1.0 / float(curvature.sum()) if self.proximal and not self.own_rates else None

    def stand(  # noqa: B027
        self, state: Any, x: Array, g: Array, constraint: Constraint | None, face: Face | None
    ) -> None:
        """Take in where the run stands; of curved rules only, as what follows.

        Parameters
        ----------
        state : object
            What `start` returned.
        x, g : ndarray, shape (n,)
            The new iterate and the gradient there.
        constraint : Constraint or None
            The constraint.
        face : Face or None
            Its face at the iterate; None where it knows none.
        """

    def outdated(self, state: Any, t: Reals) -> bool:
        """Tell whether a metric has to be asked for; `t` is the last rate, NaN at the start."""
        return False

    def bend(self, state: Any, metric: Metric | None) -> None:  # noqa: B027
        """Take in a new metric; None where the objective offers none."""

    def metric(self, state: Any) -> Metric | None:
        """Return the metric that steps are taken in, None for the Euclidean one."""
        return None

    def measure(self, state: Any, g: Array, residual: Array, face: Face | None) -> Array:
        """Return what vanishes at a stationary point, measured in the metric."""
        return residual


@dataclass(slots=True)
class Arrays(State):
    """A state with work arrays."""

    pool: Pool | None = field(default=None, init=False)

    def like(self, g: Array) -> Array:
        """Return an array of the shape and type of `g`, of arbitrary content."""
        if self.pool is None:
            self.pool = Pool(g.shape, g.dtype)
        return self.pool.take()

    def out(self, g: Array) -> Array | None:
        """Return where NumPy may write an array like `g`, None where it had better make one."""
        if self.pool is None:
            self.pool = Pool(g.shape, g.dtype)
        return self.pool.out()

    def keep(self, rows: Array) -> None:
        """Drop every row but the given ones; arrays of the old shape are of no more use."""
        State.keep(self, rows)
        self.pool = None
