"""Selecting from a list of problems by names of problems and of families."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from skgd._checks import did_you_mean


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def family(self) -> str: ...


_Line = TypeVar("_Line", bound=_Named)


def selected(
    catalogue: Mapping[str, _Line], names: str | Iterable[str] | None, lister: str
) -> list[_Line]:
    """List what is named, in the order of the catalogue.

    Parameters
    ----------
    catalogue : mapping
        Lines with a ``name`` and a ``family``, by name.
    names : str, iterable of str or None
        Names of lines or of families, which stand for all their lines. None selects everything.
    lister : str
        The function that lists all names, for the message.

    Returns
    -------
    list

    Raises
    ------
    ValueError
        If a name is unknown.
    """
    if names is None:
        return list(catalogue.values())
    asked = {names} if isinstance(names, str) else set(names)
    known = {*catalogue, *(line.family for line in catalogue.values())}
    unknown = sorted(asked - known, key=str)
    if unknown:
        raise ValueError(
            f"names must be names of problems or families, got {unknown[0]!r}"
            f"{did_you_mean(unknown[0], known) or f'; {lister}() lists them all'}"
        )
    return [line for line in catalogue.values() if {line.name, line.family} & asked]
