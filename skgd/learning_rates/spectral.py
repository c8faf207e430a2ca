"""Rates from the curvature that the last steps have met: Barzilai-Borwein and Ritz values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skgd._checks import whole_number
from skgd._rows import Array, Reals, choose, dot, norm, ratio

from .armijo import Armijo, Search
from .base import Trial, limited

INDEPENDENT = 1e-7
"""Eigenvalues below this share of the largest are rounding: half the digits, as inner products
have."""


@dataclass(slots=True)
class _Bb(Search):
    short: list[Reals]


@dataclass(frozen=True)
class Spectral(Armijo):
    r"""Barzilai and Borwein's steps [1]_ under a nonmonotone line search (Raydan 1997 [2]_).

    With :math:`\Delta x` and :math:`\Delta g` the last change of point and gradient, the rates

    .. math::

       t^{\text{long}} = \frac{\Delta x\cdot\Delta x}{\Delta x\cdot\Delta g}, \qquad
       t^{\text{short}} = \frac{\Delta x\cdot\Delta g}{\Delta g\cdot\Delta g}

    are inverse curvatures; in a metric M that the objective offers, the inner products are those of
    M and of its inverse.  ``formula="adaptive"`` (ABBmin [3]_) takes the smallest of the last few
    short ones where :math:`t^{\text{short}} < 0.8\, t^{\text{long}}`, else the long one.

    Parameters
    ----------
    initial : float or None, default None
        The first rate; None for one that moves the point by a tenth of its length.
    c1 : float, default 1e-4
        Share of the promised decrease that is asked for, in (0, 1).
    memory : int, default 10
        The number of values that a new one is compared with.
    grow : float, default 4
        Growth of the rate where the curvature is not positive; at least 1.
    formula : {"adaptive", "long", "short"}, default "adaptive"
        Which of the two rates.

    Raises
    ------
    ValueError
        When an argument is outside its range.

    References
    ----------
    .. [1] J. Barzilai and J. M. Borwein, "Two-point step size gradient methods", IMA Journal of
       Numerical Analysis 8 (1988), 141-148.
    .. [2] M. Raydan, "The Barzilai and Borwein gradient method for the large scale unconstrained
       minimization problem", SIAM Journal on Optimization 7 (1997), 26-33.
    .. [3] G. Frassoldati, L. Zanni and G. Zanghirati, "New adaptive stepsize selections in
       gradient methods", Journal of Industrial and Management Optimization 4 (2008), 299-312.

    Examples
    --------
    >>> from skgd import Spectral, gd
    >>> gd(lambda x: x @ x, [3.0, -4.0], learning_rate=Spectral(formula="long")).success
    True
    """

    grow: float = 4.0
    memory: int = 10
    formula: str = "adaptive"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.formula not in ("adaptive", "long", "short"):
            raise ValueError(f"formula must be 'adaptive', 'long' or 'short', got {self.formula!r}")

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> _Bb:
        """Start with the first rate and no curvature."""
        search = super().start(x, f, g, unit)
        return _Bb(search.t, search.values, [])

    def learn(self, state: Any, trial: Trial, g: Array, g_new: Array) -> None:
        """Find the next rate from the change of point and gradient."""
        super().learn(state, trial, g, g_new)
        y = g_new - g
        step, metric = trial.d, trial.metric
        ss = (dot(step, step) if metric is None else metric.square(step)) * trial.s * trial.s
        yy = dot(y, y) if metric is None else metric.dual(y)
        sy = dot(step, y) * trial.s
        # Where the curvature is not positive there is no parabola; go further each time.
        further = self.grow * trial.t * trial.s
        long = ratio(ss, sy, further)
        short = choose(sy > 0.0, ratio(sy, yy, further), further)
        if self.formula == "long":
            t = long
        elif self.formula == "short":
            t = short
        else:
            state.short = [*state.short[-4:], short]
            t = choose(short < 0.8 * long, lowest(state.short), long)
        state.t = limited(t)

    def renew(self, state: Any) -> None:
        """Go on with the natural rate of a new metric."""
        super().renew(state)
        state.short = []


@dataclass(slots=True)
class _Sweep(_Bb):
    gradients: list[Array]
    norms: list[Reals]
    rates: list[Reals]
    queue: Array


@dataclass(frozen=True)
class Ritz(Spectral):
    r"""Inverse Ritz values in sweeps: Fletcher's limited-memory steepest descent [1]_.

    The last m gradients span the space in which steepest descent has moved.  The Hessian
    restricted to it, known from the gradients alone, has m eigenvalues :math:`\theta_i` (Ritz
    values), and the next m rates are :math:`1/\theta_i`, the shortest first.  With m = 1 this is
    Barzilai and Borwein's long step.  Where the value rises, a step is cut short or the curvature
    is negative, the sweep ends; where a constraint bends the steps, the rule of `Spectral` takes
    over.

    Pick it for smooth functions of many scales; it stores m gradients.

    Parameters
    ----------
    initial : float or None, default None
        The first rate; None for one that moves the point by a tenth of its length.
    c1 : float, default 1e-4
        Share of the promised decrease that is asked for, in (0, 1).
    memory : int, default 5
        The number of values that a new one is compared with.
    grow : float, default 4
        Growth of the rate where the curvature is not positive; at least 1.
    formula : {"adaptive", "long", "short"}, default "adaptive"
        The rate of `Spectral` that takes over.
    sweep : int, default 5
        The number m of gradients.

    Raises
    ------
    ValueError
        When an argument is outside its range.

    References
    ----------
    .. [1] R. Fletcher, "A limited memory steepest descent method", Mathematical Programming 135
       (2012), 413-436.

    Examples
    --------
    >>> from skgd import Ritz, gd
    >>> gd(lambda x: x @ x, [3.0, -4.0], learning_rate=Ritz(sweep=3)).success
    True
    """

    memory: int = 5
    sweep: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "sweep", whole_number("sweep", self.sweep, least=1))

    def start(self, x: Array, f: Reals, g: Array, unit: Reals) -> _Sweep:
        """Start with the first rate and no curvature."""
        bb = super().start(x, f, g, unit)
        queue = np.full((*x.shape[:-1], self.sweep), np.inf)
        return _Sweep(bb.t, bb.values, bb.short, [], [], [], queue)

    def learn(self, state: Any, trial: Trial, g: Array, g_new: Array) -> None:
        """Find the next rate from the change of point and gradient."""
        super().learn(state, trial, g, g_new)
        if trial.d is not trial.p or trial.metric is not None:
            return
        oldest = len(state.rates) == self.sweep
        state.gradients = [*state.gradients[oldest:], g]
        state.norms = [*state.norms[oldest:], norm(g)]
        state.rates = [*state.rates[oldest:], trial.t * trial.s]
        descends = dot(trial.d, g_new - g) > 0.0
        undisturbed = descends & (trial.s == 1.0) & (trial.f_trial <= trial.f)
        state.queue = np.where(np.asarray(undisturbed)[..., None], state.queue, np.inf)
        empty = np.isinf(state.queue[..., 0])
        if empty.any():
            rates = self._inverse_ritz_values(state, g_new)
            state.queue = np.where(empty[..., None], rates, state.queue)
        first = state.queue[..., 0]
        usable = descends & np.isfinite(first)
        t = np.where(usable, first, state.t)
        state.t = limited(t if t.ndim else float(t))
        state.queue = np.concatenate(
            (state.queue[..., 1:], np.full_like(state.queue[..., :1], np.inf)), -1
        )

    def _inverse_ritz_values(self, state: _Sweep, g_new: Array) -> Array:
        """Return the next rates, ascending, infinite where there is none.

        With s_j = -t_j g_j the Hessian maps g_j to (g_j - g_(j+1)) / t_j, so that its products with
        the gradients need no more than the gradients' inner products.
        """
        size = np.stack([*state.norms, norm(g_new)], axis=-1)
        unit = np.where(size > 0, size, 1.0)
        vectors = np.stack([*state.gradients, g_new], axis=-2).astype(float) / unit[..., None]
        products = vectors @ np.swapaxes(vectors, -1, -2)
        gram, following = products[..., :-1, :-1], products[..., :-1, 1:]
        change = (unit[..., 1:] / unit[..., :-1])[..., None, :]
        curvature = (gram - following * change) / np.stack(state.rates, axis=-1)[..., None, :]
        curvature = 0.5 * (curvature + np.swapaxes(curvature, -1, -2))
        # What has overflowed tells nothing.
        curvature = np.nan_to_num(curvature, nan=0.0, posinf=0.0, neginf=0.0)
        weights, basis = np.linalg.eigh(np.nan_to_num(gram, nan=0.0, posinf=0.0, neginf=0.0))
        # Gradients that are nearly dependent add rounding, not information.
        independent = weights > INDEPENDENT * weights[..., -1:]
        basis = (
            basis
            * np.where(independent, 1.0 / np.sqrt(np.abs(weights) + (~independent)), 0.0)[
                ..., None, :
            ]
        )
        restricted = np.swapaxes(basis, -1, -2) @ curvature @ basis
        ritz = np.linalg.eigvalsh(np.nan_to_num(restricted, nan=0.0, posinf=0.0, neginf=0.0))
        positive_part = ritz > INDEPENDENT * np.abs(ritz).max(axis=-1, keepdims=True)
        rates = np.sort(
            np.where(positive_part, 1.0 / np.where(positive_part, ritz, 1.0), np.inf), axis=-1
        )
        padding = np.full((*rates.shape[:-1], self.sweep - rates.shape[-1]), np.inf)
        return np.concatenate((rates, padding), axis=-1)


def lowest(values: list[Reals]) -> Any:
    """Return the smallest of some quantities, row by row in a batch."""
    return np.minimum.reduce(values) if isinstance(values[0], np.ndarray) else min(values)
