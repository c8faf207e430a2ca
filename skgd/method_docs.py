"""The docstring and the signature of a method, written from its parts."""

from __future__ import annotations

import inspect
import textwrap
from typing import Any

from .options import GENERAL, option_names


def describe(method: Any) -> str:
    """Return the docstring of a method: what it is, how it is called, which options it has."""
    extra = option_names(method.direction, method.learning_rate)
    options = [
        *(f"{name} : default {value!r}" for name, value in extra.items()),
        *(f"{name} : default {value!r}\n    {text}." for name, (value, text) in GENERAL.items()),
    ]
    return (
        f"{method.summary or 'A descent method.'}\n\n"
        f"Use it as ``scipy.optimize.minimize(fun, x0, method={method.name}, options={{...}})`` or "
        f"call\nit, ``{method.name}(fun, x0, **options)``, with SciPy's arguments.\n\n"
        f"Direction: {method.direction!r}\n"
        f"Learning rate when ``learning_rate='auto'``: {method.learning_rate!r}\n\n"
        "Returns an `OptimizeResult` whose ``x`` and ``fun`` are the best point that was "
        "evaluated,\nwith ``jac, nit, nfev, njev, success, status, message, x_last, fun_last, "
        "learning_rate`` and,\nwhen asked for, ``history`` and ``allvecs``.\n\n"
        "Options\n-------\n" + "\n".join(options) + "\n\n" + _part_doc(method)
    )


def signature(method: Any) -> inspect.Signature:
    """Return the signature of a method, its options included."""
    kinds = inspect.Parameter
    call = inspect.signature(type(method).__call__)
    own = [p for name, p in call.parameters.items() if name not in ("self", "options")]
    extra = option_names(method.direction, method.learning_rate)
    general = {name: value for name, (value, _) in GENERAL.items()}
    options = [
        kinds(name, kinds.KEYWORD_ONLY, default=method.options.get(name, value))
        for name, value in (extra | general).items()
    ]
    return inspect.Signature([*own, *options])


def _part_doc(method: Any) -> str:
    """Return the formula of the direction, which is its docstring."""
    return textwrap.dedent(inspect.getdoc(type(method.direction)) or "")
