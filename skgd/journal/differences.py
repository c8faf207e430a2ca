"""How two descriptions of runs differ, in words."""

from __future__ import annotations

from typing import Any

from skgd._checks import LONGEST

__all__ = ["differences"]

SEVERAL = 6
"""Differences that are named."""


def differences(there: Any, here: Any, name: str = "") -> list[str]:
    """Return what is different in two descriptions, a clause for each difference.

    Parameters
    ----------
    there, here : object
        What `skgd.journal.identity.describe` returned.
    name : str, default ""
        What the values are called.

    Returns
    -------
    list of str
        Empty when there is none; of many differences the first few, and their number.

    Examples
    --------
    >>> from skgd.journal.differences import differences
    >>> differences({"x0": [1.0, 2.0]}, {"x0": [1.0, 3.0]})
    ['x0[1] is 2.0 there and 3.0 here']
    """
    found = _differences(there, here, name)
    if len(found) > SEVERAL:
        found = [*found[:SEVERAL], f"there are {len(found) - SEVERAL} more differences"]
    return found


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
    # Of two parts the kinds tell enough.
    whole = not (_is_part(there) and _is_part(here))
    return [f"{name} is {_shown(there, whole)} there and {_shown(here, whole)} here"]


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


def _is_part(value: Any) -> bool:
    return isinstance(value, dict) and "is" in value


def _shown(value: Any, whole: bool) -> str:
    """Return a description as a message shows it: the kind of a part, or the whole of it."""
    text = _text(value) if whole else str(value["is"])
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _text(value: Any) -> str:
    """Return a description as the user would write what it describes."""
    if not _is_part(value):
        return repr(value)
    if "values" in value:
        return repr(value["values"])
    parts = [f"{name}={_text(part)}" for name, part in value.items() if name != "is"]
    return f"{value['is']}({', '.join(parts)})"
