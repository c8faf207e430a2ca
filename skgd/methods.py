"""The methods: named choices of parts, callable as SciPy calls a method.

A method is an object that `scipy.optimize.minimize` accepts as ``method=``; it can also be called
by itself.  The recipes stand at the end of this file.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ._checks import no_class, point, shown, warn
from ._custom import (
    checked_constraint,
    checked_direction,
    checked_jacobian,
    checked_learning_rate,
)
from ._rows import Array
from .directions import (
    AdaGrad,
    Adam,
    Direction,
    HeavyBall,
    NAdam,
    Nesterov,
    RMSProp,
    Rprop,
    Scaled,
    Steepest,
)
from .formula import Formula
from .jacobians import JACOBIANS, Analytic, Central, Forward, Jacobian
from .learning_rates import (
    Adaptive,
    Armijo,
    Gains,
    LearningRate,
    Lipschitz,
    Proportional,
    Ritz,
    Spectral,
)
from .limits import Limits
from .method_docs import brief, describe, signature
from .monitor import Monitor
from .objective import Objective, pair
from .options import Settings, read_learning_rate, read_options, read_scheme
from .progress import Progress
from .proximal import Box, Constraint, Within
from .proximal.base import check_shape
from .rules import Rules
from .runners import run_serially
from .workers import open_source

if TYPE_CHECKING:
    from .journal import Journal

__all__ = [
    "METHODS",
    "Job",
    "Method",
    "gd",
    "gd_adagrad",
    "gd_adam",
    "gd_adaptive",
    "gd_momentum",
    "gd_nadam",
    "gd_nesterov",
    "gd_rmsprop",
    "gd_rprop",
    "gd_spectral",
    "gd_spsa",
    "prepare",
]


@dataclass(frozen=True, eq=False, repr=False)
class Method:
    """A descent method: a direction, a learning rate and default options.

    Parameters
    ----------
    direction : Direction
        Which way.
    learning_rate : LearningRate, float, callable or str
        How far: a rule, a constant rate, a function ``k -> rate`` of the iteration, or the name of
        a rule in `skgd.learning_rates.LEARNING_RATES`.
    name : str, default "custom"
        What it is called.
    summary : str, default ""
        One line about it.
    options : mapping, optional
        Default options; arrays are copied.

    Raises
    ------
    TypeError
        When an option is not known.
    ValueError
        When a value is not allowed.

    Examples
    --------
    >>> from scipy.optimize import minimize, rosen, rosen_der
    >>> from skgd import Adam, Armijo, Method
    >>> method = Method(direction=Adam(), learning_rate=Armijo())
    >>> bool(minimize(rosen, [1.3, 0.7], jac=rosen_der, method=method).success)
    True
    """

    direction: Direction = field(default_factory=Steepest)
    learning_rate: LearningRate | float | Callable[[int], float] | str = "armijo"
    name: str = "custom"
    summary: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        no_class("direction", self.direction, Direction)
        if not isinstance(self.direction, Direction):
            raise ValueError(
                "direction must be a Direction such as skgd.HeavyBall(), got "
                f"{shown(self.direction)}"
            )
        for name in ("name", "summary"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name} must be text, got {shown(getattr(self, name))}")
        if not isinstance(self.options, Mapping):
            raise ValueError(
                f"options must be a mapping of names to values, got {shown(self.options)}"
            )
        object.__setattr__(self, "learning_rate", read_learning_rate(self.learning_rate))
        options = {name: _kept(value) for name, value in self.options.items()}
        object.__setattr__(self, "options", MappingProxyType(options))
        read_options(self, {}, strict=True)
        object.__setattr__(self, "__name__", self.name)
        object.__setattr__(self, "__doc__", describe(self, self.name in __all__))
        object.__setattr__(self, "__signature__", signature(self))

    def __call__(
        self,
        /,
        fun: Callable[..., Any],
        x0: Any,
        args: Any = (),
        jac: Any = None,
        hess: Any = None,
        hessp: Any = None,
        bounds: Any = None,
        constraints: Any = (),
        callback: Callable[..., Any] | None = None,
        **options: Any,
    ) -> Any:
        """Minimise `fun`; see ``help`` of the method, and `scipy.optimize.minimize`."""
        _ignore_hessians(self.name, hess, hessp)
        job = prepare(self, fun, x0, args, jac, bounds, constraints, callback, options)
        with contextlib.closing(job.objective):
            return run_serially(job.run, job.rules, job.objective, job.monitor, job.limits)

    def with_options(self, /, **options: Any) -> Method:
        """Return a copy with other default options.

        Parameters
        ----------
        **options
            Any option of the method.

        Returns
        -------
        Method
            The copy; the method itself does not change.

        Raises
        ------
        TypeError
            When an option is not known.
        ValueError
            When a value is not allowed.

        Examples
        --------
        >>> from skgd import gd_momentum
        >>> heavy = gd_momentum.with_options(momentum=0.95, learning_rate=0.01)
        >>> heavy.options["momentum"]
        0.95
        """
        return replace(self, options={**self.options, **options})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Method):
            return NotImplemented
        return (
            (self.direction, self.learning_rate) == (other.direction, other.learning_rate)
            and (self.name, self.summary) == (other.name, other.summary)
            and self.options.keys() == other.options.keys()
            and all(_same(value, other.options[name]) for name, value in self.options.items())
        )

    def __hash__(self) -> int:
        # The values of options may be arrays, which have no hash.
        return hash((self.direction, self.learning_rate, self.name, frozenset(self.options)))

    def __reduce__(self) -> tuple[Any, ...]:
        parts = self.direction, self.learning_rate, self.name, self.summary
        return type(self), (*parts, dict(self.options))

    def __repr__(self) -> str:
        options = f", options={dict(self.options)!r}" if self.options else ""
        parts = f"{brief(self.direction)}, {brief(self.learning_rate)}"
        return f"Method({parts}, name={self.name!r}{options})"

    def lower(self) -> str:
        """Return the name of SciPy's method whose abilities this one has.

        `scipy.optimize.shgo` asks every method for its lower-case name to find out what it may
        pass on; with this answer it passes gradient and bounds.
        """
        return "l-bfgs-b"


@dataclass(frozen=True)
class Job:
    """A run that is ready to begin."""

    run: Progress
    rules: Rules
    objective: Objective
    monitor: Monitor
    limits: Limits


def prepare(
    method: Method,
    fun: Any,
    x0: Any,
    args: Any,
    jac: Any,
    bounds: Any,
    constraints: Any,
    callback: Callable[..., Any] | None,
    options: Mapping[str, Any],
) -> Job:
    """Read the arguments of a call.

    Parameters
    ----------
    method : Method
        The method.
    fun, x0, args, jac, bounds, constraints, callback
        As `scipy.optimize.minimize` passes them.
    options : mapping
        The options of the call.

    Returns
    -------
    Job
        The run, which has evaluated nothing yet.

    Raises
    ------
    ValueError
        When an argument is not allowed.
    """
    settings = read_options(method, options)
    args = args if isinstance(args, tuple) else (args,)
    x = point("x0", x0)
    given = {"fun": fun, "jac": jac, "args": args}
    fun, jac, scheme = read_gradient(fun, jac, x, settings)
    for option, steps in settings.differences.items():
        check_shape(option, np.asarray(steps), x.size)
    constraint = read_constraint(method, settings.direction, bounds, constraints, x)
    if constraint is not None:
        x = _allowed(x, constraint)
    with contextlib.ExitStack() as opened:
        journal = _open_journal(method, settings, given, x, scheme, constraint)
        if journal is not None:
            opened.callback(journal.close)
            if settings.rng is None:
                settings = replace(settings, rng=journal.seed)
        limits, stopping = settings.limits, settings.stopping
        if scheme.random and stopping.maxiter is None and limits.maxfev is not None:
            # Averages gain from all the iterations that they can have.
            stopping = replace(stopping, maxiter=limits.maxfev)
        rules = Rules(
            checked_jacobian(scheme),
            checked_direction(settings.direction),
            checked_learning_rate(settings.rate_for(scheme)),
            constraint,
            stopping,
            settings.nonfinite,
            settings.maxls,
            settings.noise,
            math.inf if limits.maxfev is None else float(limits.maxfev - 1),
            settings.rng,
        )
        source = open_source(settings.workers, fun, jac, args, settings.vectorized)
        if source is not None:
            opened.callback(source.close)
        objective = Objective(
            fun,
            jac,
            args,
            x,
            settings.vectorized,
            settings.limits,
            source=source,
            recorder=journal,
            reserve=int(scheme.random and limits.maxfev != 1),
        )
        monitor = Monitor(
            objective,
            callback,
            settings.history,
            settings.return_all,
            settings.disp,
            settings.progress,
            stopping.limit(x.size),
        )
        opened.pop_all()
    return Job(Progress(x, stopping), rules, objective, monitor, limits)


def _open_journal(
    method: Method,
    settings: Settings,
    given: Mapping[str, Any],
    x: Array,
    scheme: Jacobian,
    constraint: Constraint | None,
) -> Journal | None:
    """Open the journal, if there shall be one."""
    if settings.journal is None:
        return None
    from .journal import Journal, fingerprints, held, identity

    parts = {"x0": x, "gradient": scheme, **_apart(constraint, x)}
    if scheme.random:
        # Its steps are planned for what the run may take.
        parts |= {"maxiter": settings.stopping.limit(x.size), "maxfev": settings.limits.maxfev}
    run = identity(method.name, settings, given, parts)
    return Journal(
        settings.journal,
        run,
        fingerprints(given),
        held(given),
        together=settings.vectorized,
        trusting=settings.trust_journal,
    )


def _apart(constraint: Constraint | None, x: Array) -> dict[str, Any]:
    """Return constraint and bounds as the user knows them."""
    box = None
    if isinstance(constraint, Within):
        box, constraint = constraint.bounds, constraint.penalty
    elif isinstance(constraint, Box):
        box, constraint = constraint, None
    bounds = None
    if box is not None:
        bounds = np.stack([np.broadcast_to(side, x.shape) for side in (box.lower, box.upper)], -1)
    return {"constraints": constraint, "bounds": bounds}


def _kept(value: Any) -> Any:
    """Return the value of an option as nobody else can change it."""
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.flags.writeable = False
    return tuple(value) if isinstance(value, list) else value


def _same(a: Any, b: Any) -> bool:
    """Tell whether two values of options are equal; arrays are when all their entries are."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(a, b)
    return bool(a == b)


def read_gradient(fun: Any, jac: Any, x: Array, settings: Settings) -> tuple[Any, Any, Jacobian]:
    """Return function, gradient and scheme that `jac` and the option ``gradient`` stand for."""
    if not callable(fun):
        raise ValueError(f"fun must be callable, got {shown(fun)}")
    no_class("jac", jac, Jacobian)
    scheme = settings.gradient
    if isinstance(jac, Jacobian):
        scheme, jac = (jac if scheme is None else scheme), None
    elif jac is True:
        fun, jac = pair(fun)
    elif isinstance(jac, str):
        scheme, jac = (scheme or read_scheme("jac", jac)), None
    elif jac is None or jac is False:
        # A formula knows its derivative; anything else has to be told.
        jac = fun.jac if isinstance(fun, Formula) and scheme is None else None
    elif not callable(jac):
        raise ValueError(
            f"jac must be callable, True, a Jacobian or one of {', '.join(JACOBIANS)}, "
            f"got {shown(jac)}"
        )
    if scheme is None and jac is not None:
        scheme = Analytic()
    elif scheme is None:
        # In single precision a forward difference is known to three digits, too few to converge.
        usual = Central() if x.dtype == np.float32 else Forward()
        scheme = settings.fallback or usual
    if isinstance(scheme, Analytic) and jac is None:
        raise ValueError("gradient='analytic' needs jac, the gradient of fun")
    return fun, jac, scheme.with_steps(settings.differences)


def read_constraint(
    method: Method, direction: Direction, bounds: Any, constraints: Any, x: Array
) -> Constraint | None:
    """Return the one constraint that `bounds` and `constraints` stand for, None for none."""
    box = None if bounds is None else Box.from_bounds(bounds, x.size)
    if box is not None and not (np.isfinite(box.lower).any() or np.isfinite(box.upper).any()):
        box = None
    constraint = _read_constraints(constraints)
    if constraint is None:
        return box
    if not direction.proximal and not isinstance(constraint, Box):
        raise ValueError(
            f"{method.name} works with bounds only, not with {type(constraint).__name__}: its "
            f"steps do not depend on the size of the gradient; use gd_spectral"
        )
    constraint.check(x.size)
    constraint = checked_constraint(constraint, x)
    if box is None:
        return constraint
    if isinstance(constraint, Box):
        return constraint.intersection(box)
    return Within(constraint, box)


def _read_constraints(constraints: Any) -> Constraint | None:
    no_class("constraints", constraints, Constraint)
    if isinstance(constraints, Constraint):
        return constraints
    if constraints is None or (isinstance(constraints, (tuple, list, dict)) and not constraints):
        return None
    if isinstance(constraints, (tuple, list)) and len(constraints) == 1:
        return _read_constraints(constraints[0])
    raise ValueError(
        "constraints of this kind are not supported: use bounds, or one of skgd.Ball, "
        "skgd.Simplex, skgd.L1, skgd.ElasticNet; for general constraints use SciPy's method "
        "'SLSQP' or 'trust-constr'"
    )


def _allowed(x: Array, constraint: Constraint) -> Array:
    """Return the start moved into the allowed set, with a warning when that changes it."""
    inside = np.asarray(constraint.project(x), x.dtype)
    if not np.allclose(inside, x, rtol=1e-12, atol=1e-12):
        from scipy.optimize import OptimizeWarning

        warn(
            "x0 violates the bounds or constraint; the run starts at the nearest allowed point",
            OptimizeWarning,
        )
    return inside


def _ignore_hessians(name: str, hess: Any, hessp: Any) -> None:
    for argument, value in (("hess", hess), ("hessp", hessp)):
        if value is not None:
            warn(f"Method {name} does not use Hessian information ({argument}).", RuntimeWarning)


gd = Method(
    Steepest(),
    Spectral(formula="short", memory=1),
    "gd",
    "Gradient descent: straight down, backtracking.",
)
gd_momentum = Method(
    HeavyBall(),
    Lipschitz(),
    "gd_momentum",
    "Heavy ball: momentum carries the descent along valleys and through shallow minima.",
)
gd_nesterov = Method(
    Nesterov(),
    Lipschitz(memory=20, grow=1e3),
    "gd_nesterov",
    "Nesterov's accelerated gradient with adaptive restart.",
)
gd_adagrad = Method(
    AdaGrad(epsilon=None),
    Armijo(memory=10, grow=1.5),
    "gd_adagrad",
    "AdaGrad: a rate for each variable, ever smaller.",
)
gd_rmsprop = Method(
    RMSProp(epsilon=None),
    Armijo(memory=10, grow=1.5),
    "gd_rmsprop",
    "RMSProp: a rate for each variable from the recent gradients.",
)
gd_adam = Method(
    Adam(epsilon=None),
    Armijo(memory=10, grow=1.1),
    "gd_adam",
    "Adam: momentum with a rate for each variable, for noise and bad scaling.",
)
gd_nadam = Method(
    NAdam(epsilon=None),
    Armijo(memory=10, grow=1.1),
    "gd_nadam",
    "NAdam: Adam with Nesterov's look-ahead.",
)
gd_rprop = Method(
    Rprop(),
    Proportional(),
    "gd_rprop",
    "Rprop: only the signs of the gradient count.",
)
gd_adaptive = Method(
    Steepest(),
    Adaptive(memory=20, year=2020, share=1.0),
    "gd_adaptive",
    "Malitsky and Mishchenko's adaptive descent: the rate follows the curvature.",
)
gd_spectral = Method(
    Steepest(),
    Ritz(),
    "gd_spectral",
    "Spectral (Barzilai-Borwein) projected gradient: the fastest of the family.",
)

gd_spsa = Method(
    Scaled(),
    Gains(),
    "gd_spsa",
    "Simultaneous perturbation: noisy functions of many variables, two values a gradient.",
    {"gradient": "spsa"},
)

#: The methods by name.
METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for method in (
            gd,
            gd_momentum,
            gd_nesterov,
            gd_adagrad,
            gd_rmsprop,
            gd_adam,
            gd_nadam,
            gd_rprop,
            gd_adaptive,
            gd_spectral,
            gd_spsa,
        )
    }
)
