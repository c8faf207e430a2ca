"""`gp_optimizer`: the hyperparameters of Gaussian processes, found by descent."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from skgd._checks import no_class, shown, warn, whole_number
from skgd._rows import Array
from skgd.methods import Method
from skgd.options import read_options
from skgd.stopping import Reason

from ._parameters import read_method

__all__ = ["GaussianProcessOptimizer", "gp_optimizer"]


@dataclass(frozen=True, repr=False)
class GaussianProcessOptimizer:
    """What `gp_optimizer` returns."""

    method: Method
    n_restarts: int
    random_state: Any
    options: Mapping[str, Any] = field(hash=False)

    def __call__(
        self, obj_func: Callable[..., Any], initial_theta: Array, bounds: Any
    ) -> tuple[Array, float]:
        """Return the hyperparameters with the least objective that was found, and its value.

        Parameters
        ----------
        obj_func : callable
            ``obj_func(theta, eval_gradient=True)`` returns value and gradient of the negative log
            marginal likelihood.
        initial_theta : ndarray, shape (n,)
            The logarithms of the hyperparameters at the start.
        bounds : ndarray, shape (n, 2)
            Bounds of these logarithms.

        Raises
        ------
        ValueError
            When there are restarts and the bounds are not finite.

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            When the best run did not converge.
        """
        results = [
            self.method(_pair(obj_func), start, jac=True, bounds=bounds, **dict(self.options))
            for start in self._starts(np.asarray(initial_theta, dtype=float), np.asarray(bounds))
        ]
        best = min(
            results, key=lambda result: result.fun if math.isfinite(result.fun) else math.inf
        )
        if not best.success and best.status != Reason.PRECISION.status:
            warn(
                f"gp_optimizer ({self.method.name}) did not converge: {best.message}",
                ConvergenceWarning,
            )
        return best.x, float(best.fun)

    def _starts(self, theta: Array, bounds: Array) -> list[Array]:
        """Return the starts: the given one, inside of the bounds, and random ones."""
        low, high = bounds.T.astype(float)
        starts = [np.clip(theta, low, high)]
        if not self.n_restarts:
            return starts
        if not np.isfinite(bounds).all():
            raise ValueError(
                "gp_optimizer(n_restarts=...) draws starts between the bounds of the kernel's "
                "hyperparameters, which must be finite; set them, or use n_restarts=0"
            )
        rng = check_random_state(self.random_state)
        return starts + [rng.uniform(low, high) for _ in range(self.n_restarts)]

    def __repr__(self) -> str:
        arguments = [f"{self.method.name!r}", f"n_restarts={self.n_restarts}"]
        if self.random_state is not None:
            arguments.append(f"random_state={self.random_state!r}")
        arguments += [f"{name}={value!r}" for name, value in self.options.items()]
        return f"gp_optimizer({', '.join(arguments)})"


def gp_optimizer(
    method: str | Method = "gd_spectral",
    *,
    n_restarts: int = 0,
    random_state: Any = None,
    **options: Any,
) -> GaussianProcessOptimizer:
    r"""Return an optimizer for scikit-learn's Gaussian processes.

    It is what `GaussianProcessRegressor` and `GaussianProcessClassifier` take as ``optimizer``: a
    callable ``(obj_func, initial_theta, bounds) -> (theta_opt, func_min)`` that minimises the
    negative log marginal likelihood over the logarithms of the kernel's hyperparameters.  It can be
    pickled, copied by `sklearn.base.clone`, and compared.

    Parameters
    ----------
    method : str or Method, default "gd_spectral"
        A name from `skgd.METHODS`, or a `skgd.Method`.
    n_restarts : int, default 0
        Number of further starts, drawn evenly between the bounds; the best result counts.
    random_state : int, RandomState or None, default None
        Source of chance for them.
    **options
        Options of the method, such as ``gtol`` or ``maxiter``; ``ftol`` is 1e-9 by default, as
        every evaluation costs time of the order of :math:`n^3` for n rows.

    Returns
    -------
    GaussianProcessOptimizer
        The callable.

    Raises
    ------
    TypeError
        When an option is not known.
    ValueError
        When an argument is not allowed.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.gaussian_process import GaussianProcessRegressor
    >>> from sklearn.gaussian_process.kernels import RBF
    >>> from skgd.estimators.gaussian_process import gp_optimizer
    >>> X = np.linspace(0, 6, 25)[:, None]
    >>> model = GaussianProcessRegressor(RBF(), alpha=1e-4, optimizer=gp_optimizer())
    >>> bool(abs(model.fit(X, np.sin(X[:, 0])).predict([[1.0]])[0] - np.sin(1.0)) < 0.01)
    True
    """
    no_class("method", method, Method)
    if isinstance(method, str) and method == "auto":
        method = "gd_spectral"
    if not isinstance(method, (str, Method)):
        raise ValueError(f"method must be a Method or the name of one, got {shown(method)}")
    chosen = read_method(method, None)
    assert isinstance(chosen, Method)
    options = {"ftol": 1e-9, **options}
    read_options(chosen, options, strict=True)
    return GaussianProcessOptimizer(
        chosen, whole_number("n_restarts", n_restarts), random_state, options
    )


def _pair(obj_func: Callable[..., Any]) -> Callable[[Array], tuple[float, Array]]:
    """Return the objective as a function of theta alone, which returns value and gradient."""

    def value_and_gradient(theta: Array) -> tuple[float, Array]:
        value, gradient = obj_func(theta, eval_gradient=True)
        return float(value), np.asarray(gradient, dtype=float)

    return value_and_gradient
