"""The record of the answers of a run."""

from __future__ import annotations

import json
import platform
import secrets
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from skgd._checks import warn
from skgd.requests import Probes

from .differences import differences
from .file import JournalFile
from .lines import Marks, Page, answer_in, difference

__all__ = ["Journal"]

FORMAT = 1
"""Version of the format."""

FINAL = "final"

ELSE = "use another file, or delete it"
"""What to do with the journal of another run."""

PLANNED = (
    "random gradients are planned for these limits, so the run would have been another from the "
    "start on. Pass the old limits to end that run, then begin another from its res.x with another "
    "file; to spend a budget in parts, pass the whole of it each time, and end a part with maxtime"
)
"""What to do when only the limits of random gradients differ."""

_Line: TypeAlias = tuple[int, dict[str, Any]]
"""Number and content of a line."""


class Journal:
    """A record of every answer, that knows those of an earlier run.

    Parameters
    ----------
    path : str
        The file.
    run : dict
        What defines the run, see `skgd.journal.identity.identity`.
    codes : mapping of str to str or None
        What tells the code of the user's functions, see `skgd.journal.identity.fingerprints`.
    held : pair of mappings
        Constants and memory of these functions, see `skgd.journal.state.held`.
    together : bool, default False
        Whether the points of a request are evaluated together, so that values may depend, in the
        last bits, on which others are: a request is then answered as a whole or not at all.
    trusting : bool, default False
        Whether the answers count although the code or its constants have changed.

    Attributes
    ----------
    seed : int
        What random numbers are to be drawn from, when the user gave nothing.
    replayed, recorded : int
        Answers that were known, and that were written.
    error : str or None
        Why nothing more could be written.

    Raises
    ------
    OSError
        When the file cannot be opened, read and written, or another run uses it.
    ValueError
        When it is no journal, is damaged or belongs to another run; when the code has changed.
    """

    def __init__(
        self,
        path: str,
        run: Mapping[str, Any],
        codes: Mapping[str, str | None],
        held: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {}),
        *,
        together: bool = False,
        trusting: bool = False,
    ) -> None:
        self.path = path
        self.replayed = self.recorded = 0
        self.error: str | None = None
        self._together = together
        self._trusting = trusting
        self._request = -1
        self._file = JournalFile(path)
        try:
            constants, memory = (json.loads(json.dumps(part)) for part in held)
            self.seed = self._begin(run, codes, constants, memory)
        except BaseException:
            self._file.close()
            raise
        self._lines = self._file.lines()
        self._next = next(self._lines, None)
        self._pages: dict[int, dict[int, _Line]] = {}
        self._finals: dict[str, _Line] = {}

    def begin(self, gradients: bool, points: Probes, final: bool) -> Page:
        """Take in the next request, and return the page of its answers.

        Parameters
        ----------
        gradients : bool
            Whether gradients are asked for, else values.
        points : Probes
            Where.
        final : bool
            Whether it is asked after the end of the descent: there with larger limits it would
            not be.

        Raises
        ------
        ValueError
            When an earlier run has asked for something else.
        """
        marks = Marks(points)
        if final:
            self._read(None)
            found = {i: self._finals.get(marks[i]) for i in range(len(points))}
            lines = {i: line for i, line in found.items() if line is not None}
            request: int | str = FINAL
        else:
            self._request += 1
            lines = self._of_request(gradients, points, marks)
            request = self._request
        known = {i: answer_in(line, points.x.dtype) for i, (_, line) in lines.items()}
        if self._together and len(known) < len(points):
            known = {}
        self.replayed += len(known)
        return Page(self._write, request, gradients, points, marks, known)

    def _write(self, text: str) -> None:
        """Append a line; when that fails, warn once and write nothing more."""
        if self.error is not None:
            return
        try:
            self._file.append(text)
        except OSError as error:
            self._fail(error)
        else:
            self.recorded += 1

    def report(self) -> dict[str, Any]:
        """Return what the result of a run says of its journal."""
        if self.error is None:
            try:
                self._file.sync()
            except OSError as error:
                self._fail(error)
        names = "path", "replayed", "recorded", "error"
        return {name: getattr(self, name) for name in names}

    def close(self) -> None:
        """Let others have the file."""
        self._lines.close()
        self._file.close()

    def _begin(
        self,
        run: Mapping[str, Any],
        codes: Mapping[str, str | None],
        constants: dict[str, Any],
        memory: dict[str, Any],
    ) -> int:
        """Write the first line of a new file, or compare that of an old one; return the seed."""
        header = self._file.header
        if header is not None and header["skgd journal"] != FORMAT:
            raise ValueError(
                f"journal {self.path!r} has format {header['skgd journal']}, and this version of "
                f"skgd reads format {FORMAT}; use skgd {header.get('skgd')}, or another file"
            )
        why = "" if header is None else self._foreign(header, run, codes, constants)
        if why and self._file.answers:
            raise ValueError(f"journal {self.path!r} {why}")
        if header is None or why:
            # More bits than every reader of JSON keeps would be in vain.
            seed = secrets.randbits(53)
            first = {
                "skgd journal": FORMAT,
                **_versions(),
                "seed": seed,
                "code": codes,
                "constants": constants,
                "memory": memory,
                "run": run,
            }
            text = json.dumps(first, allow_nan=False, separators=(",", ":"))
            self._file.begin(text.removesuffix("}"))
            self._origin = first
            return seed
        self._origin = header
        self._warn_of_memory(header, memory)
        self._file.go_on()
        return int(header["seed"])

    def _foreign(
        self,
        header: Mapping[str, Any],
        run: Mapping[str, Any],
        codes: Mapping[str, str | None],
        constants: dict[str, Any],
    ) -> str:
        """Return why a journal is none of this run, with a way out; empty when it is one."""
        # As JSON returns it.
        found = differences(header["run"], json.loads(json.dumps(run)))
        if found:
            # Those two are known of such a run only.
            planned = all(clause.startswith(("maxiter ", "maxfev ")) for clause in found)
            return f"belongs to another run: {'; '.join(found)}; {PLANNED if planned else ELSE}"
        if self._trusting:
            return ""
        changed = [name for name, code in codes.items() if code != header["code"].get(name)]
        values = differences(header["constants"], _known(constants, header["constants"]))
        if changed and header["python"] == _versions()["python"]:
            have = "has" if len(changed) == 1 else "have"
            why = f"code: {' and '.join(changed)} {have} changed since it was begun"
        elif values:
            why = f"functions: {'; '.join(values)}"
        else:
            return ""
        return (
            f"holds {self._file.answers} answers of other {why}; pass trust_journal=True if the "
            "answers are right nevertheless, else use another file, or delete this one"
        )

    def _warn_of_memory(self, header: Mapping[str, Any], memory: dict[str, Any]) -> None:
        """Warn of differences that functions may have made themselves while they ran."""
        found = differences(header["memory"], _known(memory, header["memory"]))
        if found and self._file.answers and not self._trusting:
            warn(
                f"the journal {self.path!r} was begun with other content of what the functions "
                f"may fill themselves: {'; '.join(found)}; its answers are taken as they are. "
                "Delete it if they are not right, or pass trust_journal=True if they are",
                RuntimeWarning,
            )

    def _read(self, last: int | None) -> None:
        """Read the lines of the requests up to the given one, or all."""
        while self._next is not None:
            line = self._next[1]
            request = line["request"]
            if request == FINAL:
                self._finals[line["at"]] = self._next
            elif last is None or request <= last:
                self._pages.setdefault(request, {})[line["position"]] = self._next
            else:
                return
            self._next = next(self._lines, None)

    def _of_request(self, gradients: bool, points: Probes, marks: Marks) -> dict[int, _Line]:
        """Return the lines of the request by position."""
        # One more, because value and gradient may be told side by side.
        self._read(self._request + 1)
        lines = self._pages.pop(self._request, {})
        m = len(points)
        if self._request == 0 and m == 1:
            # With limits too small for a gradient the value alone is asked for.
            lines = {i: line for i, line in lines.items() if i == 0}
        for i, (number, line) in lines.items():
            if i >= m:
                raise self._astray(number, f"it is answer {i + 1}, and {m} are asked for")
            if ("gradient" in line) != gradients:
                kinds = ("a gradient", "the value") if gradients else ("the value", "a gradient")
                raise self._astray(number, f"{kinds[0]} is asked for, and it is {kinds[1]}")
            if line["at"] != marks[i]:
                raise self._astray(number, difference(points.point(i), line))
        if len(lines) < m and self._next is not None:
            raise self._astray(self._next[0], f"there are {len(lines)} answers above, not {m}")
        return lines

    def _astray(self, number: int, why: str) -> ValueError:
        """Return the error for a run that takes another way than the recorded one."""
        here = _versions()
        origin = {name: str(self._origin[name]) for name in here}
        versions = (
            f"; it was begun with {_listed(origin)}, and this is {_listed(here)}"
            if origin != here
            else ""
        )
        return ValueError(
            f"journal {self.path!r}, line {number}, does not fit request {self._request} of this "
            f"run: {why}. The run takes another way than the recorded one{versions}; use another "
            "file, or delete it"
        )

    def _fail(self, error: OSError) -> None:
        self.error = f"{type(error).__name__}: {error.strerror or error}"
        warn(
            f"the journal {self.path!r} cannot be written any more ({self.error}); the run goes on "
            f"without it, and can be resumed from the first {self.replayed + self.recorded} "
            "evaluations",
            RuntimeWarning,
        )


def _known(here: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part that has a counterpart; the rest was made while the functions ran."""
    return {name: entry for name, entry in here.items() if name in there}


def _versions() -> dict[str, str]:
    """Return what may change the last bits."""
    from skgd import __version__

    python = ".".join(platform.python_version_tuple()[:2])
    return {"skgd": __version__, "numpy": np.__version__, "python": python}


def _listed(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())
