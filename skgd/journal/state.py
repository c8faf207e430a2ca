"""What functions hold besides their code: closures, defaults, attributes, global constants.

A factory makes functions of the same name and code that compute different things.  What they hold
tells them apart, in two kinds: *constants* such as numbers, text, arrays and tuples, and *memory*,
containers that a function may fill while it runs.  What the code itself assigns to, such as a
counter, is neither.
"""

from __future__ import annotations

import dis
import enum
import functools
import sys
import types
from collections import deque
from collections.abc import Iterator, Mapping, MutableMapping, MutableSequence, MutableSet
from typing import Any

import numpy as np

from skgd.formula import Formula

from .identity import DEPTH, describe, is_data, key_text, user_functions

__all__ = ["held"]

MOST = 2000
"""Objects that are looked into."""

_MEMORY = (
    MutableSequence,
    MutableMapping,
    MutableSet,
    deque,
    np.random.Generator,
    np.random.RandomState,
)
_SILENT = (types.ModuleType, types.CodeType, type(None))
_STORES = frozenset(
    {"STORE_ATTR", "STORE_DEREF", "STORE_GLOBAL", "DELETE_ATTR", "DELETE_DEREF", "DELETE_GLOBAL"}
)


def held(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the functions and arguments of the user hold, by what it is called.

    Parameters
    ----------
    given : mapping
        ``fun``, ``jac`` and ``args``.

    Returns
    -------
    constants, memory : dict
        Descriptions, as `skgd.journal.identity.describe` makes them.

    Examples
    --------
    >>> from skgd.journal.state import held
    >>> def at_distance(k):
    ...     memo = {0: 1}
    ...     return lambda x: abs(x[0] - k) + memo[0]
    >>> constants, memory = held({"fun": at_distance(50.0), "jac": None, "args": ()})
    >>> constants
    {'fun.k': 50.0}
    >>> memory
    {'fun.memo': {'is': 'builtins.dict', '[0]': 1}}
    """
    found = _Held()
    for name, function in zip(("fun", "jac"), user_functions(given), strict=True):
        if callable(function):
            found.function(function, name, frozenset(), DEPTH)
    found.inside(given["args"], "args", frozenset(found.used), DEPTH)
    return found.constants, found.memory


class _Held:
    """What has been found so far."""

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {}
        self.memory: dict[str, Any] = {}
        self._into = self.constants
        self._above: set[int] = set()
        self._left = MOST
        self.used: set[str] = set()

    def function(self, function: Any, path: str, names: frozenset[str], depth: int) -> None:
        """Look into something that is called."""
        if isinstance(function, Formula) or not self._enter(function, depth):
            return
        try:
            if isinstance(function, functools.partial):
                self.function(function.func, path, names, depth - 1)
                names |= self.used
                self.inside(function.args, f"{path}.args", names, depth - 1)
                self.inside(function.keywords, f"{path}.keywords", names, depth - 1)
            elif isinstance(function, types.FunctionType):
                self._plain(function, path, names, depth)
            elif isinstance(function, types.MethodType):
                called = function.__func__
                self.function(called, path, names, depth - 1)
                below = _scan(getattr(called, "__code__", None))[2] | {str(function.__name__)}
                self.value(function.__self__, path, names | below, depth - 1)
            elif isinstance(function, (types.BuiltinMethodType, types.MethodWrapperType)):
                # Such as ``matrix.dot``.
                self.value(function.__self__, path, names, depth - 1)
            elif not isinstance(function, type):
                self._object(function, path, names | {"__call__"}, depth)
        finally:
            self._above.discard(id(function))

    def value(self, value: Any, path: str, names: frozenset[str], depth: int) -> None:
        """Look at something that a function holds."""
        into = self._into
        try:
            self._look(value, path, names, depth)
        except Exception:  # noqa: BLE001 - whatever an object of the user raises when looked at
            into[path] = {"is": type(value).__qualname__}
        finally:
            self._into = into

    def _look(self, value: Any, path: str, names: frozenset[str], depth: int) -> None:
        """Look at something by its kind."""
        if isinstance(value, _SILENT):
            if value is None:
                self._into[path] = None
        elif is_data(value) or isinstance(value, (type, Formula)):
            self._into[path] = describe(value)
        elif isinstance(value, _MEMORY):
            self._into = self.memory
            if not hasattr(value, "__len__") or len(value):
                # An empty one is going to be filled.
                self._into[path] = describe(value)
                self.inside(value, path, names, depth)
        elif isinstance(value, (tuple, frozenset)):
            self._into[path] = describe(value)
            self.inside(value, path, names, depth)
        elif isinstance(value, (types.FunctionType, types.MethodType, functools.partial)):
            self._into[path] = describe(value)
            self.function(value, path, names, depth)
        elif self._enter(value, depth):
            self._into[path] = describe(value)
            self._object(value, path, names, depth)
            self._above.discard(id(value))

    def inside(self, value: Any, path: str, names: frozenset[str], depth: int) -> None:
        """Look for objects and functions in a container that is described already."""
        if is_data(value) or not self._enter(value, depth):
            return
        entries: Iterator[tuple[str, Any]] = iter(())
        if isinstance(value, dict):
            entries = ((f"{path}[{key_text(key)}]", entry) for key, entry in value.items())
        elif isinstance(value, (list, tuple, deque)):
            entries = ((f"{path}[{i}]", entry) for i, entry in enumerate(value))
        elif not isinstance(value, _MEMORY):
            self.value(value, path, names, depth - 1)
        for name, entry in entries:
            if isinstance(entry, (dict, list, tuple, deque)):
                self.inside(entry, name, names, depth - 1)
            elif not is_data(entry) and not isinstance(entry, _MEMORY):
                self.value(entry, name, names, depth - 1)
        self._above.discard(id(value))

    def _plain(
        self, function: types.FunctionType, path: str, names: frozenset[str], depth: int
    ) -> None:
        """Look into a function that is written in Python."""
        code = function.__code__
        loaded, stored, used = _scan(code)
        names |= used
        self.used |= used
        cells = zip(code.co_freevars, function.__closure__ or (), strict=False)
        for name, cell in cells:
            if name in stored:
                continue
            try:
                content = cell.cell_contents
            except ValueError:
                continue
            self.value(content, f"{path}.{name}", names, depth - 1)
        defaults = function.__defaults__ or ()
        arguments = code.co_varnames[: code.co_argcount]
        named = dict(zip(arguments[len(arguments) - len(defaults) :], defaults, strict=True))
        for name, value in {**named, **(function.__kwdefaults__ or {})}.items():
            self.value(value, f"{path}.{name}", names, depth - 1)
        for name, value in sorted(vars(function).items()):
            if name == "__wrapped__":
                self.function(value, path, names, depth - 1)
            elif name not in stored and not name.startswith("__"):
                self.value(value, f"{path}.{name}", names, depth - 1)
        for name in sorted(loaded - stored):
            value = function.__globals__.get(name)
            if is_data(value) and not name.startswith("__"):
                self._into[f"{path}.{name}"] = describe(value)

    def _object(self, value: Any, path: str, names: frozenset[str], depth: int) -> None:
        """Look at the attributes of an object."""
        kind = type(value)
        own = _attributes(value)
        if "__wrapped__" in own:
            # A decorator, whose own attributes count and remember calls.
            self.function(own["__wrapped__"], path, names, depth - 1)
            return
        if str(kind.__module__).partition(".")[0] in sys.stdlib_module_names - {"__main__"}:
            return
        reached: set[str] = set()
        stored: set[str] = set()
        while new := sorted(names - reached):
            reached.update(new)
            for name in new:
                member = _member(kind, name)
                _, assigned, used = _scan(_code(member))
                stored |= assigned
                names |= used
                if is_data(member) and name not in own and not name.startswith("__"):
                    self._into[f"{path}.{name}"] = describe(member)
        for name, entry in sorted(own.items()):
            remembered = isinstance(_member(kind, name), functools.cached_property)
            if name not in stored and not remembered:
                self.value(entry, f"{path}.{name}", names, depth - 1)

    def _enter(self, value: Any, depth: int) -> bool:
        """Tell whether to look into something, once on the way down."""
        if depth <= 0 or self._left <= 0 or id(value) in self._above:
            return False
        self._left -= 1
        self._above.add(id(value))
        return True


@functools.lru_cache(maxsize=256)
def _scan(code: Any) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return global names that code reads, names that it assigns to, and all that it uses."""
    loaded: set[str] = set()
    stored: set[str] = set()
    used: set[str] = set()
    codes = [code] if isinstance(code, types.CodeType) else []
    while codes:
        one = codes.pop()
        codes += [part for part in one.co_consts if isinstance(part, types.CodeType)]
        used.update(one.co_names)
        for step in dis.get_instructions(one):
            if step.opname in _STORES:
                stored.add(step.argval)
            elif step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                loaded.add(step.argval)
    return frozenset(loaded), frozenset(stored), frozenset(used)


def _code(member: Any) -> types.CodeType | None:
    """Return the code of a member of a class, None for one without."""
    if isinstance(member, property):
        member = member.fget
    member = getattr(member, "__func__", member)
    for _ in range(DEPTH):
        inner = getattr(member, "__wrapped__", None)
        if inner is None:
            break
        member = inner
    code = getattr(member, "__code__", None)
    return code if isinstance(code, types.CodeType) else None


def _member(kind: type, name: str) -> Any:
    """Return an entry of a class as it is there."""
    return next((vars(one)[name] for one in kind.__mro__ if name in vars(one)), None)


def _attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of an object, without calling what computes some of them."""
    if isinstance(value, enum.Enum):
        return {"name": value.name}
    found: dict[str, Any] = {}
    for kind in type(value).__mro__:
        for name, member in vars(kind).items():
            if isinstance(member, types.MemberDescriptorType) and not name.startswith("__"):
                try:
                    found[name] = member.__get__(value)
                except (AttributeError, TypeError):
                    continue
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        own = {}
    if isinstance(own, dict):
        found.update((name, entry) for name, entry in own.items() if isinstance(name, str))
    return found
