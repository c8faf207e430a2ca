"""The options of a `minimize` call, read once and turned into the parts of a run."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from ._checks import did_you_mean, whole_number
from .descent import MAX_TRIES
from .directions import Direction
from .jacobians import JACOBIANS, Central, Forward, Jacobian
from .learning_rates import LEARNING_RATES, Constant, LearningRate, Schedule
from .objective import Limits
from .stopping import Stopping

__all__ = [
    "GENERAL", "Settings", "option_names", "read_learning_rate", "read_options", "read_scheme",
    "with_steps",
]

GENERAL: dict[str, tuple[Any, str]] = {
    "learning_rate": ("auto", "a number, a `LearningRate`, a function ``k -> rate``, or its name"),
    "gradient": (None, "``'2-point'``, ``'3-point'``, ``'cs'`` or a `Jacobian`"),
    "eps": (None, "absolute step of the differences"),
    "finite_diff_rel_step": (None, "relative step of the differences"),
    "vectorized": (False, "whether ``fun`` takes x of shape (n, m) and returns shape (m,)"),
    "gtol": (1e-5, "converged when the norm of the (projected) gradient is at most this"),
    "norm": (float("inf"), "order of that norm"),
    "xtol": (0.0, "converged when the largest entry of a step is at most this"),
    "xrtol": (0.0, "the same, relative to the largest entry of x"),
    "ftol": (0.0, "converged when the relative change of the value is at most this"),
    "patience": (None, "stop after so many iterations without a better value"),
    "target": (None, "converged when a value is at most this"),
    "maxiter": (None, "largest number of iterations; None for max(2000, 200 n)"),
    "maxfev": (None, "largest number of evaluations, those for differences included"),
    "maxtime": (None, "seconds after which no evaluation begins"),
    "maxls": (MAX_TRIES, "trial points in one iteration before the run gives up"),
    "nonfinite": (
        "backtrack",
        "what a value that is not finite causes: a shorter step, ``'stop'`` or ``'raise'``",
    ),
    "history": (False, "record every iteration, or every so many, in ``res.history``"),
    "return_all": (False, "keep every iterate in ``res.allvecs``"),
    "disp": (False, "1 prints a summary, k > 1 also a line every k iterations"),
    "progress": (False, "show a progress bar (needs tqdm)"),
}
"""The options that every method has: default and description."""

ALIASES = {"maxfun": "maxfev", "max_iter": "maxiter"}
"""Other methods' names for the same option."""

FOREIGN = frozenset(
    {"c2", "maxcor", "iprint", "hess_inv0", "workers", "maxCGit", "offset", "scale", "stepmx",
     "accuracy", "minfev", "rescale", "eta", "xatol", "fatol", "initial_simplex", "adaptive",
     "direc", "c1", "initial_tr_radius", "final_tr_radius", "rhobeg", "catol"}
)
"""Options of SciPy's own methods that have no meaning for some or all methods here."""


@dataclass(frozen=True)
class Settings:
    """Everything that the options of one call say."""

    direction: Direction
    learning_rate: LearningRate
    gradient: Jacobian | None
    differences: Mapping[str, Any]
    vectorized: bool
    stopping: Stopping
    limits: Limits
    maxls: int
    nonfinite: str
    history: int
    return_all: bool
    disp: int
    progress: bool


def option_names(direction: Direction, learning_rate: LearningRate) -> dict[str, Any]:
    """Return the options that the parts of a method add, with their defaults."""
    rate = {
        field.name: getattr(learning_rate, field.name)
        for field in fields(learning_rate)  # type: ignore[arg-type]
        if field.name in ("c1", "memory")
    }
    return rate | {
        field.name: getattr(direction, field.name)
        for field in fields(direction)  # type: ignore[arg-type]
    }


def read_options(method: Any, options: Mapping[str, Any], *, strict: bool = False) -> Settings:
    """Read the options of a call, on top of the method's own.

    Parameters
    ----------
    method : Method
        Whose parts and default options are meant.
    options : mapping
        The options of the call.
    strict : bool, default False
        Whether an unknown option is an error; else it is SciPy's `OptimizeWarning`.

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
    """
    given = _translate({**method.options, **options})
    rate = given.pop("learning_rate", "auto")
    automatic = isinstance(rate, str) and rate == "auto"
    learning_rate = read_learning_rate(method.learning_rate if automatic else rate)
    direction = method.direction
    extra = option_names(direction, learning_rate)
    unknown = [name for name in given if name not in GENERAL and name not in extra]
    for name in unknown:
        _complain(name, method, [*GENERAL, *extra], strict)
        del given[name]

    direction = _replace(direction, given)
    if "epsilon" in extra and "epsilon" not in given and not automatic:
        # A rate that the user chose goes with the published constant.
        direction = replace(direction, epsilon=1e-8)  # type: ignore[type-var]
    general = {name: given.get(name, default) for name, (default, _) in GENERAL.items()}
    return Settings(
        direction=direction,
        learning_rate=_replace(learning_rate, given),
        gradient=read_scheme("gradient", general["gradient"]),
        differences={
            name: general[option]
            for name, option in (("step", "eps"), ("rel_step", "finite_diff_rel_step"))
            if general[option] is not None
        },
        vectorized=bool(general["vectorized"]),
        stopping=Stopping(
            **{field.name: general[field.name] for field in fields(Stopping)}
        ),
        limits=Limits(general["maxfev"], general["maxtime"]),
        maxls=whole_number("maxls", general["maxls"], least=1),
        nonfinite=_one_of("nonfinite", general["nonfinite"], ("backtrack", "stop", "raise")),
        history=_count("history", general["history"]),
        return_all=bool(general["return_all"]),
        disp=_count("disp", general["disp"]),
        progress=bool(general["progress"]),
    )


def read_learning_rate(rate: Any) -> LearningRate:
    """Return the learning rate that a number, a name, a function or an object stands for."""
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


def _translate(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options under their own names, without those that are None."""
    given = {name: value for name, value in options.items() if value is not None}
    for alias, name in ALIASES.items():
        if alias in given:
            given.setdefault(name, given.pop(alias))
    if "tol" in given:
        given.setdefault("gtol", given.pop("tol"))
    return given


def _complain(name: str, method: Any, known: list[str], strict: bool) -> None:
    if name in FOREIGN:
        message = f"the option {name!r} has no meaning for {method.name} and is ignored"
    else:
        message = f"unknown option {name!r} for {method.name}{did_you_mean(name, known)}"
    if strict:
        raise TypeError(message)
    from scipy.optimize import OptimizeWarning

    warnings.warn(message, OptimizeWarning, stacklevel=4)


def _replace(part: Any, given: Mapping[str, Any]) -> Any:
    """Return the part with the fields that the options name."""
    own = {field.name: given[field.name] for field in fields(part) if field.name in given}
    return replace(part, **own) if own else part


def read_scheme(name: str, gradient: Any) -> Jacobian | None:
    """Return the scheme that a name or an object stands for; None for None."""
    if gradient is None or isinstance(gradient, Jacobian):
        return gradient
    if isinstance(gradient, str) and gradient in JACOBIANS:
        return JACOBIANS[gradient]()
    hint = did_you_mean(gradient, JACOBIANS) if isinstance(gradient, str) else ""
    raise ValueError(
        f"{name} must be one of {', '.join(JACOBIANS)} or a Jacobian such as "
        f"skgd.Central(step=1e-3), got {gradient!r}{hint}"
    )


def with_steps(scheme: Jacobian, steps: Mapping[str, Any]) -> Jacobian:
    """Return the scheme with the step options of the call, where it has such."""
    if isinstance(scheme, (Forward, Central)) and steps:
        if len(steps) > 1:
            # SciPy's rule: the relative step has precedence.
            steps = {"rel_step": steps["rel_step"]}
        return type(scheme)(**steps)
    return scheme


def _one_of(name: str, value: Any, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {value!r}")
    return str(value)


def _count(name: str, value: Any) -> int:
    return int(value) if isinstance(value, bool) else whole_number(name, value)
