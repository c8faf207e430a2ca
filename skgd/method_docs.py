"""The docstring and the signature of a method, written from its parts."""

from __future__ import annotations

import functools
import inspect
import re
import textwrap
from dataclasses import fields, is_dataclass
from typing import Any

from .options import GENERAL, SEARCH_OPTIONS, option_names, read_scheme, under_own_names

__all__ = ["brief", "describe", "signature"]

_HEADING = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)
_ENTRY = re.compile(r"^(\w[\w, ]*) : [^\n]*\n((?:[ ]+[^\n]*\n|\n)*)", re.MULTILINE)

_CALL = """\
{summary}

It is SciPy's ``minimize(fun, x0, method={name}, options={{...}})``; called by itself,
``{name}(fun, x0, **options)``, it takes the same arguments.

Parameters
----------
fun : callable
    The function to be minimised, ``fun(x, *args) -> float``.
x0 : array_like, shape (n,)
    The start.
args : tuple, optional
    Further arguments of `fun` and `jac`.
jac : callable, True or Jacobian, optional
    The gradient, ``jac(x, *args)`` of shape (n,); True when `fun` returns the pair of value and
    gradient; or a scheme such as ``skgd.Central(step=1e-3)``.  None for what the option
    `gradient` says, by default {usual}.
hess, hessp : None
    Not used; SciPy passes them.
bounds : Bounds or sequence of pairs, optional
    Bounds of the variables, in each form that SciPy knows; no point outside is evaluated.
constraints : Constraint, optional
    `skgd.Box`, `Ball`, `Simplex`, `L1` or `ElasticNet`.
callback : callable, optional
    ``callback(xk)`` or ``callback(intermediate_result=res)``, called after each iteration; when
    it raises `StopIteration` the run ends.
**options
    See Other Parameters.

Returns
-------
OptimizeResult
{returned}

Other Parameters
----------------
{options}

Raises
------
ValueError
    When an argument or option has a value that is not allowed, or a function returns one.
"""

_EXAMPLE = """\
Examples
--------
>>> from scipy.optimize import minimize
>>> from skgd import {name}
>>> def fun(x):
...     return (x - 3) @ (x - 3)
>>> res = minimize(fun, [0.0, 0.0], {jac}method={name})
>>> res.x.round(2)
array([3., 3.])
"""


_RETURNED = """\
    `x` and `fun` are the best point that was evaluated, with ``jac, nit, nfev, njev, success,
    status, message, x_last, fun_last, learning_rate`` as far as they are known; with the option
    `noise` also ``noise`` and ``steps``, its level and the steps of the differences; and, when
    asked for, ``history`` and ``allvecs``."""

_AVERAGED = """\
    `x` is the average of the last iterates, and `fun` the value there, evaluated once: of many
    noisy values the lowest is only the luckiest.  (An earlier iterate that is lower by clearly more
    than noise is preferred.)  With ``nit, nfev, njev, success, status, message,
    x_last, fun_last, learning_rate``; ``noise``, the standard deviation of the values' noise as
    given or estimated; ``steps``, the perturbations at the end; ``spsa``, a dict of what was
    calibrated: `a`, `A`, `alpha` of the gains, the perturbations `c` at the start and their decay
    `gamma`, `resamplings`, `eval_every`, and how many values `failed`, being not finite; and, when
    asked for, ``history`` and ``allvecs``."""

_RANDOM = {
    "eps": "The perturbations :math:`c_i`: one number, or one for each variable; None to find them "
    "from the function.",
    "finite_diff_rel_step": "For another `gradient` only.",
    "maxfev": "Largest number of evaluations.  Gains and average are laid out for it.  None for no "
    "limit but `maxiter`: with the default options about 2.4 evaluations an iteration.",
    "nonfinite": "Pairs with a value that is not finite are drawn anew.  What it causes elsewhere: "
    "a shorter step, ``'stop'`` or ``'raise'``.",
}
"""What options mean where the gradient is a random estimate."""


def describe(method: Any, importable: bool) -> str:
    """Return the docstring of a method: what it is, how it is called, which options it has.

    Parameters
    ----------
    method : Method
        The method.
    importable : bool
        Whether its name can be imported from skgd, as an example does.

    Returns
    -------
    str
        The docstring.
    """
    sections = _sections(_doc(method.direction))
    texts = _entries(_doc(method.learning_rate)) | _entries(_doc(method.direction))
    scheme = read_scheme("gradient", method.options.get("gradient"))
    texts |= {} if scheme is None else _entries(_doc(scheme))
    texts |= {
        name: textwrap.fill(text, 92, break_on_hyphens=False) for name, (_, text) in GENERAL.items()
    }
    random = scheme is not None and scheme.random
    if random:
        texts |= {name: textwrap.fill(text, 92) for name, text in _RANDOM.items()}
    texts["learning_rate"] += f"\n``'auto'`` stands for ``{brief(method.learning_rate)}``."
    for name in SEARCH_OPTIONS:
        if name in texts:
            texts[name] += "\nIt matters for learning rates that search."
    options = "\n".join(
        f"{name} : default {default!r}\n{textwrap.indent(texts.get(name, ''), '    ')}"
        for name, default in _options(method).items()
    )
    text = _CALL.format(
        summary=method.summary or "A method of descent.",
        name=method.name,
        options=options,
        usual="simultaneous perturbation"
        if random
        else "forward differences, central ones for float32",
        returned=_AVERAGED if random else _RETURNED,
    )
    notes = [sections.get(title, "").strip() for title in ("", "Notes")]
    if scheme is not None:
        drawn = _sections(_doc(scheme))
        notes.append(drawn[""].strip())
        sections = drawn | sections
    text += "\nNotes\n-----\n" + "\n\n".join(note for note in notes if note) + "\n"
    if "References" in sections:
        text += "\nReferences\n----------\n" + sections["References"].strip() + "\n"
    jac = "jac=lambda x: 2 * (x - 3), " if scheme is None else ""
    return text + "\n" + _EXAMPLE.format(name=method.name, jac=jac) if importable else text


def brief(part: Any) -> str:
    """Return the expression that makes a part, without the arguments that have their default."""
    if not is_dataclass(part):
        return repr(part)
    given = [
        f"{field.name}={getattr(part, field.name)!r}"
        for field in fields(part)
        if field.init and repr(getattr(part, field.name)) != repr(field.default)
    ]
    return f"{type(part).__name__}({', '.join(given)})"


def signature(method: Any) -> inspect.Signature:
    """Return the signature of a method, its options included."""
    call = inspect.signature(type(method).__call__)
    own = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for name, parameter in call.parameters.items()
        if name not in ("self", "options")
    ]
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
        for name, default in _options(method).items()
    ]
    return inspect.Signature([*own, *options])


def _options(method: Any) -> dict[str, Any]:
    """Return the options of a method and their defaults, its own ones first."""
    general = {name: default for name, (default, _) in GENERAL.items()}
    scheme = read_scheme("gradient", method.options.get("gradient"))
    rate = {"learning_rate": general.pop("learning_rate")}
    options = rate | option_names(method.direction, method.learning_rate, scheme) | general
    given = under_own_names(method.options)
    return {name: given.get(name, default) for name, default in options.items()}


def _doc(part: object) -> str:
    return inspect.getdoc(type(part)) or ""


@functools.cache
def _sections(doc: str) -> dict[str, str]:
    """Return the sections of a numpydoc docstring; what comes before them has an empty title."""
    lead, *rest = _HEADING.split(doc)
    return {"": lead} | dict(zip(rest[::2], rest[1::2], strict=True))


def _entries(doc: str) -> dict[str, str]:
    """Return the descriptions of the parameters in a numpydoc docstring."""
    parameters = _sections(doc).get("Parameters", "")
    return {
        name: textwrap.dedent(text).strip()
        for names, text in _ENTRY.findall(parameters)
        for name in names.split(", ")
    }
