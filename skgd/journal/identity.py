"""What defines a run, as plain data: runs of equal identities ask for the same points."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import fractions
import functools
import hashlib
import json
import math
import pathlib
import sys
from collections.abc import Iterator, Mapping
from types import CodeType
from typing import Any

import numpy as np

from skgd.formula import Formula
from skgd.jacobians import Jacobian

__all__ = ["describe", "fingerprints", "identity", "is_data", "key_text", "user_functions"]

LARGE = 100
"""Entries of an array, a list or a mapping that are written out; of larger ones there is a hash."""

DEPTH = 8
"""Levels of nesting that are looked into."""

CO_HAS_DOCSTRING = 0x4000000
"""A flag of code, from Python 3.14 on; before, the first constant is the documentation or None."""

REPEATED = (
    dt.date,
    dt.time,
    dt.timedelta,
    decimal.Decimal,
    fractions.Fraction,
    pathlib.PurePath,
    range,
    slice,
)
"""Values that their text tells."""

TABLES = {"pandas": "to_numpy", "polars": "to_numpy", "scipy": "tocoo"}
"""Libraries whose tables, columns and sparse matrices are described by their arrays, and what these
have that other objects of them have not."""

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
        "trust_journal",
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
    fun, jac = user_functions(given)
    options = {name: value for name, value in _fields(settings).items() if name not in SILENT}
    tests = _fields(settings.stopping)
    del tests["maxiter"]
    functions = {"method": method, "fun": fun, "jac": jac, "args": given["args"]}
    options["noise"] = None if settings.noise is None else settings.noise.level
    run = {**functions, **options, **tests, **parts}
    return {name: describe(value) for name, value in run.items()}


def describe(value: Any, depth: int = DEPTH) -> Any:
    """Return what tells a value from others, as data that JSON can write.

    Numbers, text, arrays, tables, sparse matrices and nested sequences, sets and mappings of them
    are told apart by value, the parts of a method and other dataclasses by their fields, functions
    by their name, everything else by its type.

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
    if not depth:
        return {"is": _name(type(value))}
    try:
        return _described(value, depth)
    except Exception:  # noqa: BLE001 - whatever an object of the user raises when it is looked at
        return {"is": _name(type(value))}


def is_data(value: Any) -> bool:
    """Tell whether a value is a number, text, array, table or another value that does not change.

    Parameters
    ----------
    value : object
        Anything.
    """
    if isinstance(value, (bool, int, float, complex, str, bytes, np.generic, np.ndarray)):
        return True
    return _repeated(value) or _is_table(value)


def _described(value: Any, depth: int) -> Any:
    """Describe what consists of parts."""
    if isinstance(value, np.ndarray):
        return _array(value, depth)
    if isinstance(value, (list, tuple)):
        return _unless_large([describe(entry, depth - 1) for entry in value], "list")
    if isinstance(value, (set, frozenset)):
        entries = sorted((describe(entry, depth - 1) for entry in value), key=json.dumps)
        return {"is": _name(type(value)), "values": _unless_large(entries, "set")}
    if _repeated(value):
        return {"is": _name(type(value)), "values": str(value)}
    parts = _parts(value)
    if parts is not None:
        deeper = {str(name): describe(part, depth - 1) for name, part in parts.items()}
        return {"is": _name(type(value)), **_unless_large(deeper, "entries")}
    return _name(value) if callable(value) else {"is": _name(type(value))}


def fingerprints(given: Mapping[str, Any]) -> dict[str, str | None]:
    """Return a hash of the code of each function; None for what is not written in Python.

    Comments, documentation, names of local variables and the place in
    the file do not matter.  It tells nothing of the functions that are
    called there, nor of what they hold, see `skgd.journal.state.held`.

    Parameters
    ----------
    given : mapping
        ``fun`` and ``jac`` as the user gave them.
    """
    codes = (list(_codes(function)) for function in user_functions(given))
    hashes = (_hash(repr(code).encode()) if code else None for code in codes)
    return dict(zip(("fun", "jac"), hashes, strict=True))


def user_functions(given: Mapping[str, Any]) -> tuple[Any, Any]:
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
    name, module = _own_name(value), _attribute(value, "__module__")
    own = isinstance(value, type) and str(module).partition(".")[0] == "skgd"
    return f"{module}.{name}" if module and not own else str(name)


def _own_name(value: Any) -> Any:
    """Return the name that a function or class has of itself; a universal function has no other."""
    return _attribute(value, "__qualname__") or _attribute(value, "__name__")


def _bare(function: Any) -> Any:
    """Return the plain function that is called in the end."""
    while isinstance(function, functools.partial):
        function = function.func
    if not any(_attribute(function, name) for name in ("__code__", "__func__")):
        function = vars(type(function)).get("__call__")
    return _attribute(function, "__func__") or function


def _codes(function: Any) -> Iterator[list[Any]]:
    """Yield what matters in the code of a function, and in what its decorators have wrapped."""
    for _ in range(DEPTH):
        code = _attribute(_bare(function), "__code__")
        if isinstance(code, CodeType):
            yield _of_code(code)
        function = _attribute(function, "__wrapped__")
        if function is None:
            return


def _attribute(value: Any, name: str) -> Any:
    """Return an attribute, None where there is none or the object raises something."""
    try:
        return getattr(value, name, None)
    except Exception:  # noqa: BLE001 - an object of the user may raise anything
        return None


def _of_code(code: CodeType) -> list[Any]:
    """Return what matters in the code of a function: not where it stands, nor its documentation."""
    # In the first place stands the documentation, or None where there is none.
    constants = [
        _of_code(one)
        if isinstance(one, CodeType)
        else sorted(map(repr, one))
        if isinstance(one, frozenset)
        else repr(one)
        for one in ((None, *code.co_consts[1:]) if _documented(code) else code.co_consts)
    ]
    return [code.co_code.hex(), constants, code.co_names, code.co_freevars]


def _documented(code: CodeType) -> bool:
    """Tell whether the first constant of a function is its documentation."""
    has = sys.version_info < (3, 14) or bool(code.co_flags & CO_HAS_DOCSTRING)
    return has and isinstance(next(iter(code.co_consts), None), str)


def _parts(value: Any) -> Mapping[Any, Any] | None:
    """Return what an object consists of, None where that is not known."""
    if isinstance(value, Mapping):
        return {f"[{key_text(key)}]": entry for key, entry in value.items()}
    if isinstance(value, np.random.Generator):
        return {"state": value.bit_generator.state}
    if isinstance(value, functools.partial):
        return {"func": value.func, "args": value.args, "keywords": value.keywords}
    if isinstance(value, np.random.RandomState):
        return {"state": value.get_state()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    return _table(value)


def key_text(key: Any) -> str:
    """Return a key of a mapping, the same in every process."""
    plain = isinstance(key, (str, bytes, int, float, complex, type(None)))
    return repr(key) if plain else json.dumps(describe(key))


def _library(value: Any) -> str:
    return str(type(value).__module__).partition(".")[0]


def _repeated(value: Any) -> bool:
    """Tell whether it is a value whose text says all."""
    library = _library(value)
    if library == "sympy":
        # Its attributes remember hashes, which are others in each process.
        return hasattr(type(value), "free_symbols")
    return isinstance(value, REPEATED) and library in sys.stdlib_module_names


def _is_table(value: Any) -> bool:
    """Tell whether it is a sparse matrix, or a table or column of a library."""
    mark = TABLES.get(_library(value))
    return mark is not None and not isinstance(value, type) and hasattr(value, mark)


def _table(value: Any) -> Mapping[Any, Any] | None:
    """Return the arrays of a sparse matrix, a table or a column, None of anything else."""
    if not _is_table(value):
        return None
    if hasattr(value, "tocoo"):
        entries = value.tocoo(copy=False)
        coords = getattr(entries, "coords", None) or (entries.row, entries.col)
        return {"shape": value.shape, "coords": coords, "data": entries.data}
    index = {"index": value.index.to_numpy()} if hasattr(value, "index") else {}
    if not hasattr(value, "columns"):
        return {"name": getattr(value, "name", None), **index, "column": value.to_numpy()}
    names = list(value.columns)
    columns = (
        value.to_dict(as_series=True).values()
        if _library(value) == "polars"
        else (value.iloc[:, i] for i in range(len(names)))
    )
    return {"columns": names, **index, "data": [column.to_numpy() for column in columns]}


def _number(value: Any) -> Any:
    if isinstance(value, int):
        # Not every reader of JSON takes larger ones.
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, complex):
        return {"is": "complex", "real": _number(value.real), "imag": _number(value.imag)}
    return value if math.isfinite(value) else repr(value)


def _array(value: Any, depth: int) -> dict[str, Any]:
    """Describe an array, a small one by its entries."""
    known: dict[str, Any] = {
        "is": f"array of {np.asarray(value).dtype}",
        "shape": list(value.shape),
    }
    if value.dtype.kind == "O":
        entries = value.ravel().tolist()
        if all(type(entry) is str for entry in entries):
            # A column of text may be long.
            return known | {"hash": _hash("\0".join(entries).encode())}
        return known | {"values": describe(entries, depth - 1)}
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
