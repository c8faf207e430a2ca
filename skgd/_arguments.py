"""How the command line writes points, bounds, options and picture files."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

__all__ = [
    "bounds",
    "check_files",
    "name_and_value",
    "names",
    "numbers",
    "parameter",
    "protected",
    "rate",
]

WORDS = {"none": None, "null": None, "true": True, "false": False}


def protected(tokens: Iterable[str]) -> list[str]:
    """Return the tokens, with a space before each negative number and formula.

    No option of the command has a single dash but ``-h``.  So anything else that begins with one
    is a value, such as ``-1e-3`` or ``-x**2``, which argparse would take for an option.
    """
    return [f" {token}" if _is_value(token) else token for token in tokens]


def numbers(text: str) -> list[float]:
    """Read ``"1.5"``, or several numbers with commas between them.

    Raises
    ------
    argparse.ArgumentTypeError
        When one is not a number.
    """
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text.strip()!r} is not a number, nor several with commas between them; the formula "
            "comes before the options"
        ) from None


def bounds(text: str) -> list[tuple[float | None, float | None]]:
    """Read pairs ``"low,high"``, with semicolons between them; an end may be None or left out.

    Raises
    ------
    argparse.ArgumentTypeError
        When the text does not have this form.
    """
    try:
        return [(_end(low), _end(high)) for low, high in (p.split(",") for p in text.split(";"))]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text.strip()!r} is not a pair of bounds such as 0,1 or 0,None; the formula comes "
            "before the options"
        ) from None


def rate(text: str) -> float | str:
    """Read a learning rate: a number or a name."""
    try:
        return float(text)
    except ValueError:
        return text.strip()


def name_and_value(text: str) -> tuple[str, Any]:
    """Read ``"name=value"``; the value is a number, true, false, none, a JSON list or text.

    Raises
    ------
    argparse.ArgumentTypeError
        When there is no equals sign.
    """
    name, equals, value = text.partition("=")
    if not (equals and name.strip()):
        raise argparse.ArgumentTypeError(f"{text.strip()!r} does not have the form name=value")
    return name.strip().replace("-", "_"), _value(value.strip())


def parameter(text: str) -> tuple[str, float]:
    """Read ``"name=number"``.

    Raises
    ------
    argparse.ArgumentTypeError
        When it does not have this form.
    """
    name, _, number = text.partition("=")
    try:
        return name.strip(), float(number)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text.strip()!r} does not have the form name=number"
        ) from None


def names(text: str) -> list[str]:
    """Read names with commas between them."""
    return [name.strip() for name in text.split(",")]


def check_files(paths: Sequence[Path], formats: Iterable[str], usual: Sequence[str]) -> None:
    """Make sure, before a long run, that pictures can be written.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    formats : iterable of str
        The endings that are possible, without a dot.
    usual : sequence of str
        Those that an error suggests.

    Raises
    ------
    ValueError
        When an ending is not among the formats.
    OSError
        When a directory does not exist or is not writable.
    """
    known = set(formats)
    for path in paths:
        if path.suffix[1:].lower() not in known:
            raise ValueError(
                f"cannot tell the picture format of {str(path)!r}; end its name in "
                f".{', .'.join(usual)}"
            )
        if not path.parent.is_dir():
            raise FileNotFoundError(0, f"there is no directory {str(path.parent)!r}", str(path))
        if path.is_dir():
            raise IsADirectoryError(0, "it is a directory", str(path))
        if not os.access(path.parent, os.W_OK):
            raise PermissionError(0, "its directory is not writable", str(path))


def _end(text: str) -> float | None:
    word = text.strip()
    return None if word.lower() in ("", "none") else float(word)


def _value(text: str) -> Any:
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    for read in (int, float, json.loads):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def _is_value(token: str) -> bool:
    return len(token) > 1 and token[0] == "-" and token[1] != "-" and token != "-h"
