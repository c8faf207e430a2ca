"""What defines a run, as plain data: runs of equal identities ask for the same points."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
from collections.abc import Mapping
from types import CodeType
from typing import Any

import numpy as np

from skgd._checks import shown
from skgd.formula import Formula
from skgd.jacobians import Jacobian

__all__ = ["describe", "differences", "fingerprints", "identity"]

LARGE = 100
"""Entries of an array, a list or a mapping that are written out; of larger ones there is a hash."""

DEPTH = 8
"""Levels of nesting that are looked into."""

SEVERAL = 6
"""Differences that are named."""

SILENT = frozenset(
    {
        "differences",
        "disp",
        "fallback",
        "history",
        "journal",
        "limits",
        "progress",
        "return_all",
        "stopping",
        "workers",
    }
)
"""Settings that have no influence on the points that are asked for, or are described apart."""


def identity(
    method: str, settings: Any, given: Mapping[str, Any], parts: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what defines a run.

    The limits ``maxiter``, ``maxfev`` and ``maxtime`` do not: with more of them a run goes on the
    same way.

    Parameters
    ----------
    method : str
        Name of the method.
    settings : Settings
        What the options say.
    given : mapping
        ``fun``, ``jac`` and ``args`` as the user gave them.
    parts : mapping
        What else the points depend on, such as the start; it has precedence over the settings.

    Returns
    -------
    dict
        Plain data, for JSON.
    """
    fun, jac = _functions(given)
    options = {name: value for name, value in _fields(settings).items() if name not in SILENT}
    tests = _fields(settings.stopping)
    del tests["maxiter"]
    functions = {"method": method, "fun": fun, "jac": jac, "args": given["args"]}
    run = {**functions, **options, **tests, **parts}
    return {name: describe(value) for name, value in run.items()}


def describe(value: Any, depth: int = DEPTH) -> Any:
    """Return what tells a value from others, as data that JSON can write.

    Numbers, text, arrays and nested sequences and mappings of them are told apart by value, the
    parts of a method and other dataclasses by their fields, functions by their name, everything
    else by its type.

    Parameters
    ----------
    value : object
        Anything.
    depth : int, default 8
        Levels of nesting to look into.

    Returns
    -------
    None, bool, int, float, str, list or dict
        Without infinities, NaN and huge integers, which become text.

    Examples
    --------
    >>> from skgd import HeavyBall
    >>> from skgd.journal.identity import describe
    >>> describe(("a", 1, 2.5, float("inf"), abs))
    ['a', 1, 2.5, 'inf', 'builtins.abs']
    >>> describe(HeavyBall(momentum=0.8))["momentum"]
    0.8
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float, complex)):
        return _number(value)
    if isinstance(value, (str, bytes)):
        text = value if isinstance(value, str) else repr(value)
        return text if len(text) <= 10 * LARGE else {"is": "text", "hash": _hash(text.encode())}
    if isinstance(value, np.ndarray):
        return _array(value)
    if not depth:
        return {"is": _name(type(value))}
    if isinstance(value, (list, tuple)):
        return _unless_large([describe(entry, depth - 1) for entry in value], "list")
    parts = _parts(value)
    if parts is not None:
        deeper = {str(name): describe(part, depth - 1) for name, part in parts.items()}
        return {"is": _name(type(value)), **_unless_large(deeper, "entries")}
    return _name(value) if callable(value) else {"is": _name(type(value))}


def differences(there: Any, here: Any, name: str = "") -> list[str]:
    """Return what is different in two descriptions, a clause for each difference.

    Parameters
    ----------
    there, here : object
        What `describe` returned.
    name : str, default ""
        What the values are called.

    Returns
    -------
    list of str
        Empty when there is none; of many differences the first few, and their number.

    Examples
    --------
    >>> from skgd.journal.identity import differences
    >>> differences({"x0": [1.0, 2.0]}, {"x0": [1.0, 3.0]})
    ['x0[1] is 2.0 there and 3.0 here']
    """
    found = _differences(there, here, name)
    if len(found) > SEVERAL:
        found = [*found[:SEVERAL], f"there are {len(found) - SEVERAL} more differences"]
    return found


def fingerprints(given: Mapping[str, Any]) -> dict[str, str | None]:
    """Return a hash of the code of each function; None for what is not written in Python.

    It tells nothing of the functions that are called there, nor of global variables.

    Parameters
    ----------
    given : mapping
        ``fun`` and ``jac`` as the user gave them.
    """
    codes = (getattr(_bare(function), "__code__", None) for function in _functions(given))
    hashes = (
        _hash(repr(_of_code(code)).encode()) if isinstance(code, CodeType) else None
        for code in codes
    )
    return dict(zip(("fun", "jac"), hashes, strict=True))


def _functions(given: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return function and gradient of the user; True for a gradient that the function returns."""
    fun, jac = given["fun"], given["jac"]
    if type(fun).__name__ == "MemoizeJac":
        # So SciPy splits a function that returns the pair.
        return fun.fun, True
    # Schemes of differences are no functions of the user.
    return fun, jac if callable(jac) and not isinstance(jac, Jacobian) else jac is True or None


def _fields(value: Any) -> dict[str, Any]:
    """Return the parameters of a dataclass and their values."""
    fields = dataclasses.fields(value)
    return {field.name: getattr(value, field.name) for field in fields if field.init}


def _name(value: Any) -> str:
    """Return module and name of a function or class, or of the class of another object."""
    if isinstance(value, Formula):
        return repr(value)
    if not isinstance(_own_name(value), str):
        value = type(value)
    name, module = _own_name(value), getattr(value, "__module__", None)
    own = isinstance(value, type) and str(module).partition(".")[0] == "skgd"
    return f"{module}.{name}" if module and not own else str(name)


def _own_name(value: Any) -> Any:
    """Return the name that a function or class has of itself; a universal function has no other."""
    return getattr(value, "__qualname__", getattr(value, "__name__", None))


def _bare(function: Any) -> Any:
    """Return the plain function that is called in the end."""
    while isinstance(function, functools.partial):
        function = function.func
    if not hasattr(function, "__code__") and not hasattr(function, "__func__"):
        function = vars(type(function)).get("__call__")
    return getattr(function, "__func__", function)


def _of_code(code: CodeType) -> list[Any]:
    """Return what matters in the code of a function: not where it stands, nor its documentation."""
    constants = [
        _of_code(one)
        if isinstance(one, CodeType)
        else sorted(map(repr, one))
        if isinstance(one, frozenset)
        else repr(one)
        for one in code.co_consts
    ]
    return [code.co_code.hex(), constants, code.co_names, code.co_freevars]


def _parts(value: Any) -> Mapping[Any, Any] | None:
    """Return what an object consists of, None where that is not known."""
    if isinstance(value, Mapping):
        return {f"[{key!r}]": entry for key, entry in value.items()}
    if isinstance(value, np.random.Generator):
        return {"state": value.bit_generator.state}
    if isinstance(value, functools.partial):
        return {"func": value.func, "args": value.args, "keywords": value.keywords}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    return None


def _number(value: Any) -> Any:
    if isinstance(value, int):
        # Not every reader of JSON takes larger ones.
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, complex):
        return {"is": "complex", "real": _number(value.real), "imag": _number(value.imag)}
    return value if math.isfinite(value) else repr(value)


def _array(value: Any) -> dict[str, Any]:
    """Describe an array, a small one by its entries."""
    known: dict[str, Any] = {
        "is": f"array of {np.asarray(value).dtype}",
        "shape": list(value.shape),
    }
    if value.dtype.kind == "O":
        return known
    if value.size <= LARGE and value.dtype.kind in "biufc":
        return known | {"values": describe(value.tolist())}
    return known | {"hash": _hash(np.ascontiguousarray(value).view(np.uint8).data)}


def _unless_large(entries: Any, kind: str) -> Any:
    """Return the entries, or of many of them a hash."""
    if len(entries) <= LARGE:
        return entries
    return {"of": kind, "length": len(entries), "hash": _hash(json.dumps(entries).encode())}


def _hash(data: Any) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _differences(there: Any, here: Any, name: str) -> list[str]:
    if isinstance(there, dict) and isinstance(here, dict) and there.get("is") == here.get("is"):
        return [
            clause
            for key in {**there, **here}
            for clause in _of_entry(there, here, key, _path(name, key))
        ]
    if isinstance(there, list) and isinstance(here, list):
        if len(there) != len(here):
            return [f"{name} has {len(there)} entries there and {len(here)} here"]
        pairs = enumerate(zip(there, here, strict=True))
        return [clause for i, pair in pairs for clause in _differences(*pair, name=f"{name}[{i}]")]
    if there == here:
        return []
    return [f"{name} is {_shown(there)} there and {_shown(here)} here"]


def _of_entry(there: Any, here: Any, key: str, name: str) -> list[str]:
    if key not in there or key not in here:
        where, other = ("here", "there") if key in here else ("there", "here")
        return [f"{name} is given {where} and not {other}"]
    return _differences(there[key], here[key], name)


def _path(name: str, key: str) -> str:
    """Return what an entry is called; the values of an array are called as the array."""
    if key == "values":
        return name
    return f"{name}.{key}" if name and not key.startswith("[") else f"{name}{key}"


def _shown(value: Any) -> str:
    return str(value["is"]) if isinstance(value, dict) and "is" in value else shown(value)
