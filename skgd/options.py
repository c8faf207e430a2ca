"""The options of a `minimize` call, read once and turned into the parts of a run."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from ._checks import did_you_mean, finite_array, no_class, shown, switch, warn, whole_number
from ._rows import Array
from .directions import DIRECTIONS, Direction
from .jacobians import JACOBIANS, Jacobian
from .learning_rates import LEARNING_RATES, Constant, Gains, LearningRate, Schedule, Spectral
from .limits import Limits
from .noise import Noise
from .rules import MAX_TRIES
from .stopping import Stopping
from .workers import read_workers

__all__ = [
    "GENERAL",
    "Settings",
    "option_names",
    "read_learning_rate",
    "read_options",
    "read_scheme",
    "under_own_names",
]

RATE_NAMES = ", ".join(f"``{name!r}``" for name in ("auto", *LEARNING_RATES))

GENERAL: dict[str, tuple[Any, str]] = {
    "learning_rate": (
        "auto",
        f"A number, a `LearningRate`, a function ``k -> rate``, or one of the names {RATE_NAMES}.",
    ),
    "gradient": (
        None,
        "Scheme: ``'2-point'``, ``'3-point'``, ``'cs'``, ``'spsa'`` or a `Jacobian`.",
    ),
    "noise": (
        None,
        (
            "Standard deviation of the noise of the values, or ``'auto'`` to estimate it; None "
            "for 0, but ``'auto'`` with ``'spsa'``."
        ),
    ),
    "eps": (None, "Absolute step of the differences: one number, or one for each variable."),
    "finite_diff_rel_step": (
        None,
        "Relative step of the differences: one number, or one for each variable.",
    ),
    "vectorized": (False, "Whether ``fun`` takes x of shape (n, m) and returns shape (m,)."),
    "workers": (
        None,
        (
            "Who evaluates: a number of processes (-1 for all cores), a function like ``map``, a "
            "``concurrent.futures.Executor`` or a Dask client; None for this process."
        ),
    ),
    "gtol": (1e-5, "Converged when the norm of the (projected) gradient is at most this."),
    "norm": (math.inf, "Order of that norm."),
    "xtol": (0.0, "Converged when the largest entry of a step is at most this."),
    "xrtol": (0.0, "The same, relative to the largest entry of x."),
    "ftol": (0.0, "Converged when the relative change of the value is at most this."),
    "patience": (None, "Stop after so many iterations without a better value."),
    "target": (None, "Converged when a value is at most this."),
    "maxiter": (None, "Largest number of iterations; None for max(2000, 200 n)."),
    "maxfev": (
        None,
        "Largest number of evaluations, those for differences included; None for no limit.",
    ),
    "maxtime": (None, "Seconds after which no evaluation begins."),
    "maxls": (MAX_TRIES, "Trial points in one iteration before the run gives up."),
    "rng": (
        None,
        "Seed or ``numpy.random.Generator`` of what draws random numbers; None for a new seed.",
    ),
    "nonfinite": (
        "backtrack",
        "What a value that is not finite causes: a shorter step, ``'stop'`` or ``'raise'``.",
    ),
    "history": (False, "Record every iteration, or every so many, in ``res.history``."),
    "return_all": (False, "Keep every iterate in ``res.allvecs``."),
    "disp": (False, "1 prints a summary, k > 1 also a line every k iterations."),
    "progress": (False, "Show a progress bar on a terminal; needs tqdm."),
    "journal": (
        None,
        "File that keeps every answer: after any interruption the same call goes on exactly.",
    ),
    "trust_journal": (
        False,
        "Whether what ``journal`` holds counts although the functions have changed since.",
    ),
}
"""The options that every method has: default and description."""

ALIASES = {
    "f_target": "target",
    "max_iter": "maxiter",
    "maxfun": "maxfev",
    "tol": "gtol",
    "verbose": "disp",
}
"""Other names for the same option, SciPy's and scikit-learn's; the own name has precedence."""

ELSEWHERE = {
    "alpha": "learning_rate",
    "c": "eps",
    "epochs": "maxiter",
    "iterations": "maxiter",
    "lr": "learning_rate",
    "max_fun": "maxfev",
    "n_iter": "maxiter",
    "random_state": "rng",
    "rate": "learning_rate",
    "rel_step": "finite_diff_rel_step",
    "seed": "rng",
    "step": "eps",
    "step_size": "learning_rate",
    "stepsize": "learning_rate",
    "time_limit": "maxtime",
}
"""What other programs call an option: too far from its name for a guess by spelling."""

FOREIGN = frozenset(
    {
        "accuracy", "adaptive", "barrier_tol", "c1", "c2", "catol", "direc", "eta",
        "factorization_method", "fatol", "feasibility_tol", "final_tr_radius", "hess_inv0",
        "inexact", "initial_barrier_parameter", "initial_barrier_tolerance",
        "initial_constr_penalty", "initial_simplex", "initial_tr_radius", "initial_trust_radius",
        "iprint", "max_trust_radius", "maxCGit", "maxcor", "mesg_num", "minfev", "offset",
        "rescale", "rhobeg", "scale", "sparse_jacobian", "stepmx", "subproblem_maxiter", "xatol",
    }
)  # fmt: skip
"""Options of SciPy's own methods that have no meaning for some or all methods here."""

ARGUMENTS = ("args", "jac", "bounds", "constraints", "callback")
"""Arguments of a call that are no options."""

STOPPING = tuple(field.name for field in fields(Stopping))
"""The options that say when a run is over."""

SEARCH_OPTIONS = ("c1", "memory")
"""Fields of a learning rate that are options of the method, too, where the rate searches."""

RATE_OPTIONS = (*SEARCH_OPTIONS, "alpha", "stability", "blocking")
"""Fields of a learning rate that are options of the method, too."""

STEPS = ("eps", "finite_diff_rel_step")
"""Options that a scheme reads itself, see `Jacobian.with_steps`."""


@dataclass(frozen=True)
class Settings:
    """Everything that the options of one call say."""

    direction: Direction
    learning_rate: LearningRate
    gradient: Jacobian | None
    fallback: Jacobian | None
    automatic: bool
    differences: Mapping[str, Any]
    noise: Noise | None
    vectorized: bool
    workers: Any
    stopping: Stopping
    limits: Limits
    maxls: int
    rng: int | np.random.Generator | None
    nonfinite: str
    history: int
    return_all: bool
    disp: int
    progress: bool
    journal: str | None
    trust_journal: bool

    def rate_for(self, scheme: Jacobian) -> LearningRate:
        """Return the learning rate, or one that suits the scheme where none was chosen.

        Rates that learn from differences of gradients learn nothing from random ones, and gains
        that fall whatever happens are a waste of gradients that are none.
        """
        rate = self.learning_rate
        if not self.automatic or scheme.random is isinstance(rate, Gains):
            return rate
        return Gains() if scheme.random else Spectral(formula="short", memory=1)


def option_names(
    direction: Direction, learning_rate: LearningRate, scheme: Jacobian | None = None
) -> dict[str, Any]:
    """Return the options that the parts of a method add, with their defaults."""
    searching = {
        name: value for name, value in _fields(learning_rate).items() if name in RATE_OPTIONS
    }
    sampling = _fields(scheme) if scheme is not None and scheme.random else {}
    sampling.pop("step", None)
    return _fields(direction) | searching | sampling


def read_options(method: Any, options: Mapping[str, Any], *, strict: bool = False) -> Settings:
    """Read the options of a call, on top of the method's own.

    An option that is None has its default value.

    Parameters
    ----------
    method : Method
        Whose parts and default options are meant.
    options : mapping
        The options of the call.
    strict : bool, default False
        Whether an unknown option, the method's own included, is an error; else one of the call is
        SciPy's `OptimizeWarning`.

    Returns
    -------
    Settings
        The parts and numbers of the run.

    Raises
    ------
    TypeError
        When an option is not known and `strict`.
    ValueError
        When a value is not allowed.

    Examples
    --------
    >>> from skgd import gd_momentum
    >>> from skgd.options import read_options
    >>> read_options(gd_momentum, {"momentum": 0.8, "maxfun": 100}).limits
    Limits(maxfev=100, maxtime=None)
    """
    try:
        return _settings(method, options, strict)
    except ValueError as error:
        # The parts know their own names only; the user is told the one that he wrote.
        written = {**method.options, **options}
        name, _, rest = str(error).partition(" ")
        spelled = [alias for alias, own in ALIASES.items() if own == name and alias in written]
        if name in written or not spelled:
            raise
        raise ValueError(f"{spelled[-1]} {rest}") from error


def _settings(method: Any, options: Mapping[str, Any], strict: bool) -> Settings:
    """Read the options; errors call each by its own name."""
    given = under_own_names(method.options) | under_own_names(options)
    rate = given.pop("learning_rate", None)
    automatic = rate is None or (isinstance(rate, str) and rate == "auto")
    learning_rate = read_learning_rate(method.learning_rate if automatic else rate)
    direction = method.direction
    scheme = read_scheme("gradient", given.get("gradient"))
    # What a method draws at random by itself gives way to a gradient that the caller has.
    suggested = under_own_names(options).get("gradient") is None
    suggested = suggested and scheme is not None and scheme.random
    known = [*GENERAL, *option_names(direction, learning_rate, scheme)]
    for name in [name for name in given if name not in known]:
        del given[name]
        if strict:
            raise TypeError(_complaint(name, method, known))
        if name in options:
            from scipy.optimize import OptimizeWarning

            warn(_complaint(name, method, known), OptimizeWarning)
    given = {name: value for name, value in given.items() if value is not None}

    direction = _replace(direction, given)
    if not automatic and _fields(direction).get("epsilon", 0.0) is None:
        # A rate that the user chose goes with the published constant.
        direction = replace(direction, epsilon=1e-8)
    general = {name: given.get(name, default) for name, (default, _) in GENERAL.items()}
    return Settings(
        direction=direction,
        learning_rate=_replace(learning_rate, given),
        gradient=None if suggested else _replace(scheme, given),
        fallback=_replace(scheme, given),
        automatic=automatic,
        noise=_read_noise(general["noise"]),
        differences={
            option: _steps(option, general[option])
            for option in STEPS
            if general[option] is not None
        },
        vectorized=switch("vectorized", general["vectorized"]),
        workers=read_workers(general["workers"]),
        stopping=Stopping(**{name: general[name] for name in STOPPING}),
        limits=Limits(general["maxfev"], general["maxtime"]),
        maxls=whole_number("maxls", general["maxls"], least=1),
        rng=_read_rng(general["rng"]),
        nonfinite=_one_of("nonfinite", general["nonfinite"], ("backtrack", "stop", "raise")),
        history=_count("history", general["history"]),
        return_all=switch("return_all", general["return_all"]),
        disp=_count("disp", general["disp"]),
        progress=switch("progress", general["progress"]),
        journal=_read_path("journal", general["journal"]),
        trust_journal=switch("trust_journal", general["trust_journal"]),
    )


def read_learning_rate(rate: Any) -> LearningRate:
    """Return the learning rate that a number, a name, a function or an object stands for."""
    no_class("learning_rate", rate, LearningRate)
    if isinstance(rate, LearningRate):
        return rate
    if isinstance(rate, str):
        if rate not in LEARNING_RATES:
            names = ["auto", *LEARNING_RATES]
            raise ValueError(
                f"learning_rate must be a number, a LearningRate or one of {', '.join(names)}, "
                f"got {rate!r}{did_you_mean(rate, names)}"
            )
        return LEARNING_RATES[rate]()
    if callable(rate):
        return Schedule(rate)
    return Constant(rate)


def under_own_names(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options under their own names."""
    aliases = {ALIASES[name]: value for name, value in options.items() if name in ALIASES}
    given = aliases | {name: value for name, value in options.items() if name not in ALIASES}
    # SciPy's ways to say "no limit" and "no target".
    if _equals(given.get("maxiter"), math.inf):
        given["maxiter"] = sys.maxsize
    if _equals(given.get("target"), -math.inf):
        given["target"] = None
    return given


def _equals(value: Any, number: float) -> bool:
    return isinstance(value, (float, np.floating)) and bool(value == number)


def _complaint(name: str, method: Any, known: list[str]) -> str:
    """Return what is said about an option that the method does not have."""
    parts = (*DIRECTIONS.values(), *LEARNING_RATES.values())
    elsewhere = {field.name for part in parts for field in fields(part)}  # type: ignore[arg-type]
    if name in FOREIGN or (name in elsewhere and name not in ELSEWHERE):
        return f"{method.name} has no use for the option {name!r}"
    if name in ARGUMENTS:
        return f"{name!r} is an argument of the call, and no option of {method.name}"
    hint = did_you_mean(ELSEWHERE.get(name, name), [*known, *ARGUMENTS])
    return f"unknown option {name!r} for {method.name}{hint}"


def _fields(part: Any) -> dict[str, Any]:
    """Return the parameters of a part and their values."""
    if not is_dataclass(part):
        return {}
    return {field.name: getattr(part, field.name) for field in fields(part)}


def _replace(part: Any, given: Mapping[str, Any]) -> Any:
    """Return the part with the parameters that the options name."""
    own = {name: given[name] for name in _fields(part) if name in given}
    return replace(part, **own) if own else part


def read_scheme(name: str, gradient: Any) -> Jacobian | None:
    """Return the scheme that a name or an object stands for; None for None."""
    no_class(name, gradient, Jacobian)
    if gradient is None or isinstance(gradient, Jacobian):
        return gradient
    if isinstance(gradient, str) and gradient in JACOBIANS:
        return JACOBIANS[gradient]()
    hint = did_you_mean(gradient, JACOBIANS) if isinstance(gradient, str) else ""
    raise ValueError(
        f"{name} must be one of {', '.join(JACOBIANS)} or a Jacobian such as "
        f"skgd.Central(step=1e-3), got {shown(gradient)}{hint}"
    )


def _one_of(name: str, value: Any, choices: tuple[str, ...]) -> str:
    if isinstance(value, str) and value in choices:
        return value
    raise ValueError(f"{name} must be one of {', '.join(choices)}, got {shown(value)}")


def _read_noise(value: Any) -> Noise | None:
    if value is None or isinstance(value, Noise):
        return value
    return Noise(value)


def _read_rng(value: Any) -> int | np.random.Generator | None:
    if value is None or isinstance(value, np.random.Generator):
        return value
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if whole and 0 <= value < 2**128:
        return int(value)
    raise ValueError(
        "rng must be None, a whole number from 0 to 2**128 - 1, or a numpy.random.Generator, got "
        f"{shown(value)}"
    )


def _read_path(name: str, value: Any) -> str | None:
    if value is None:
        return None
    path = os.fsdecode(value) if isinstance(value, (str, os.PathLike)) else ""
    if path and "\0" not in path:
        return path
    raise ValueError(f"{name} must be None or the name of a file, got {shown(value)}")


def _steps(name: str, value: Any) -> Array | float:
    """Return steps of differences, none of them zero."""
    steps = finite_array(name, value)
    if not steps.all():
        raise ValueError(f"{name} must not be zero, got {shown(value)}")
    return steps if steps.ndim else float(steps)


def _count(name: str, value: Any) -> int:
    return int(value) if isinstance(value, (bool, np.bool_)) else whole_number(name, value)
