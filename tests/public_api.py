"""The public interface as a table of names and defaults, and what the changelog says of changes.

    python tests/public_api.py             # what has changed since the last acceptance
    python tests/public_api.py --accept    # accept it, if the changelog names all of it

The table that was accepted last is in tests/public_api.json, with the entries that the changelog
had then. A change is explained when an entry that is newer names it in code style.
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import numpy as np

import skgd
from skgd import cli, losses, options, penalties, plotting, testing
from skgd.methods import Method

ACCEPTED = Path(__file__).with_suffix(".json")
CHANGELOG = Path(__file__).parents[1] / "CHANGELOG.md"

MODULES = {"skgd": skgd, "losses": losses, "plotting": plotting, "testing": testing}
REGISTRIES = {
    "METHODS": skgd.METHODS,
    "DIRECTIONS": skgd.DIRECTIONS,
    "LEARNING_RATES": skgd.LEARNING_RATES,
    "JACOBIANS": skgd.JACOBIANS,
    "LOSSES": skgd.LOSSES,
    "PENALTIES": dict.fromkeys(penalties.PENALTIES),
    "KINDS": plotting.KINDS,
    "ALIASES": options.ALIASES,
}

Table = Mapping[str, str]


def table() -> dict[str, str]:
    """Return every public name, parameter, option and registered string, with its default."""
    found: dict[str, str] = {}
    for prefix, module in MODULES.items():
        for name in module.__all__:
            found.update(described(f"{prefix}.{name}", getattr(module, name)))
    for prefix, registry in REGISTRIES.items():
        found.update({f"{prefix}.{key}": shown(value) for key, value in registry.items()})
    found.update(command(cli._parser(), "command"))
    extras = metadata("skgd").get_all("Provides-Extra") or []
    found.update({f"extra.{name}": "" for name in extras})
    return dict(sorted(found.items()))


def described(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the entries of an object: itself, its parameters, its public methods' parameters."""
    yield path, shown(value)
    if inspect.isclass(value):
        for name, member in own_members(value):
            yield f"{path}.{name}", kind(member)
            if callable(bound := getattr(value, name)):
                yield from parameters(f"{path}.{name}", bound)
        if issubclass(value, Exception):
            return
    if callable(value):
        yield from parameters(path, value)


def own_members(value: type) -> Iterator[tuple[str, Any]]:
    """Yield the members of a class that are not those of a public base.

    What scikit-learn adds is left out, for it depends on its version.
    """
    public = {name for module in MODULES.values() for name in module.__all__}
    classes = [
        cls
        for cls in value.__mro__
        if cls.__module__.startswith("skgd") and (cls is value or cls.__name__ not in public)
    ]
    members = {name: member for cls in reversed(classes) for name, member in vars(cls).items()}
    for name, member in sorted(members.items()):
        if not name.startswith("_") and not type(member).__module__.startswith("sklearn"):
            yield name, member


def parameters(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the parameters of something callable, with their defaults."""
    for name, parameter in inspect.signature(value).parameters.items():
        if name in {"self", "cls"}:
            continue
        required = parameter.default is parameter.empty
        default = "required" if required else shown(parameter.default)
        only = ", keyword only" if parameter.kind is parameter.KEYWORD_ONLY else ""
        yield f"{path}({name})", default + only


def command(parser: argparse.ArgumentParser, path: str) -> Iterator[tuple[str, str]]:
    """Yield the arguments of a command and of its commands, with their defaults."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from command(inner, f"{path} {name}")
        else:
            name = max(action.option_strings, key=len, default=action.dest)
            yield f"{path}({name})", shown(action.default)


def shown(value: Any) -> str:
    """Return a value as text that is the same in every run."""
    if isinstance(value, str | int | float | complex | None | tuple | frozenset):
        return repr(value)
    if inspect.isclass(value) or inspect.isroutine(value):
        return kind(value) + " " + value.__name__
    if isinstance(value, Method):
        parts = f"{value.direction!r}, {value.learning_rate!r}"
        return f"Method {parts}, {dict(sorted(value.options.items()))!r}"
    if isinstance(value, np.generic | np.ndarray):
        return repr(value.tolist())
    text = repr(value)
    return kind(value) if " at 0x" in text or isinstance(value, Mapping) else text


def kind(value: Any) -> str:
    """Return what sort of thing a value is."""
    if inspect.isclass(value):
        return "class"
    if inspect.isroutine(value):
        return "function"
    return type(value).__name__


def changes(before: Table, after: Table) -> list[str]:
    """Return the names that came, went or got another default, without those inside of them."""
    changed = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    whole = {path for path in changed if path not in before or path not in after}
    return [path for path in changed if not any(inside(path, other) for other in whole)]


def inside(path: str, other: str) -> bool:
    """Return whether the first name is a part of the second."""
    return path.startswith((f"{other}.", f"{other}("))


def entries(changelog: str) -> list[str]:
    """Return the entries of a changelog, each in one line."""
    found = re.findall(r"^\* (.+?)(?=^\* |^#|\n\n|\Z)", changelog, re.MULTILINE | re.DOTALL)
    return [" ".join(entry.split()) for entry in found]


def unexplained(changed: Iterable[str], new_entries: Iterable[str]) -> list[str]:
    """Return the changes that no new entry of the changelog names in code style."""
    code = " ".join(re.findall(r"`([^`]+)`", " ".join(new_entries)))
    named = set(re.findall(r"[\w-]+", code))
    return [path for path in changed if last_name(path) not in named]


def last_name(path: str) -> str:
    """Return the name at the end of a path: "momentum" of "skgd.HeavyBall(momentum)"."""
    return re.split(r"[.( ]", path.rstrip(")"))[-1]


def accepted() -> tuple[Table, set[str]]:
    """Return the table that was accepted last, and the entries of the changelog then."""
    data = json.loads(ACCEPTED.read_text(encoding="utf-8"))
    return data["table"], set(data["changelog"])


def news() -> list[str]:
    """Return what has changed and is not explained."""
    before, old = accepted()
    new = [entry for entry in current_entries() if entry not in old]
    return unexplained(changes(before, table()), new)


def current_entries() -> list[str]:
    """Return the entries of the project's changelog."""
    return entries(CHANGELOG.read_text(encoding="utf-8"))


def main() -> None:
    """Report, and accept if asked to and allowed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accept", action="store_true")
    given = parser.parse_args()
    left = news() if ACCEPTED.exists() else []
    if left:
        sys.exit("CHANGELOG.md has no new entry that names:\n" + "\n".join(left))
    if given.accept:
        data = {"changelog": current_entries(), "table": table()}
        text = json.dumps(data, indent=1, ensure_ascii=False)
        ACCEPTED.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
