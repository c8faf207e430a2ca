"""What a mutant is."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

PACKAGE = Path(str(find_spec("skgd").origin)).parent
TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Mutant:
    """One rule, broken in one place.

    Attributes
    ----------
    rule : str
        The rule: a name from a registry, or of a public class.
    file : str
        Where, below ``skgd/``.
    before, after : str
        The text, which occurs there once, and what takes its place.
    tests : str
        Tests that must fail, ``test_file.py::test_name``, divided by blanks.
    """

    rule: str
    file: str
    before: str
    after: str
    tests: str

    def broken(self) -> str:
        """Return the text of the file with the mutation."""
        source = (PACKAGE / self.file).read_text(encoding="utf-8")
        count = source.count(self.before)
        if count != 1:
            raise ValueError(f"{self.file} has {self.before!r} {count} times instead of once")
        return source.replace(self.before, self.after)

    def __str__(self) -> str:
        before, after = (" ".join(text.split()) for text in (self.before, self.after))
        return f"{self.rule}: {before}  ->  {after}"
