"""One answer, one line: how numbers and points are written and read."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from skgd._checks import shown
from skgd._rows import Array
from skgd.requests import Probes

__all__ = ["Marks", "Page", "answer_in", "difference"]

WRITTEN = 32
"""Variables up to which the points themselves are written: a difference gradient of n variables
would take n**2 numbers."""


class Marks:
    """The checksums of the points of a request."""

    def __init__(self, points: Probes) -> None:
        self._points = points
        self._rows: dict[int, int] = {}

    def __getitem__(self, i: int) -> str:
        points = self._points
        row = -1 if points.row is None else int(points.row[i])
        mark = self._rows.get(row)
        if mark is None:
            # Once for all the probes around a point, which differ in one coordinate each.
            mark = zlib.crc32((points.x if row < 0 else points.x[row]).tobytes())
            self._rows[row] = mark
        index = int(points.index[i])
        if index >= 0:
            mark = zlib.crc32(points.value[i].tobytes(), zlib.crc32(b"%d" % index, mark))
        return f"{mark:08x}"


class Page:
    """The answers to one request, and how to write further ones.

    Parameters
    ----------
    write : callable
        What takes a line, without the closing brace.
    request : int or str
        The number of the request.
    gradients : bool
        Whether the answers are gradients, else values.
    points : Probes
        Where.
    marks : Marks
        The checksums of the points.
    known : mapping of int to answer
        Those that are known, by position.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        request: int | str,
        gradients: bool,
        points: Probes,
        marks: Marks,
        known: Mapping[int, Any],
    ) -> None:
        self.known = known
        self._write = write
        self._points = points
        self._marks = marks
        self._start = f'{{"request":{json.dumps(request)},"position":'
        self._name = "gradient" if gradients else "value"
        self._shows_points = points.x.shape[-1] <= WRITTEN

    def record(self, position: int, answer: Any) -> None:
        """Write an answer."""
        x = ""
        if self._shows_points:
            x = f'"x":{_text(self._points.point(position).tolist())},'
        value = _text(answer.tolist() if isinstance(answer, np.ndarray) else answer)
        at = self._marks[position]
        self._write(f'{self._start}{position},{x}"{self._name}":{value},"at":"{at}"')


def answer_in(line: dict[str, Any], dtype: Any) -> Any:
    """Return the answer in a line: a number, or a gradient of this type."""
    if "gradient" in line:
        return np.array(line["gradient"], dtype)
    value = line["value"]
    return complex(*map(float, value)) if isinstance(value, list) else float(value)


def difference(x: Array, line: dict[str, Any]) -> str:
    """Return in which coordinate a point is another than the one in a line."""
    if "x" not in line:
        return "the point is another one"
    for i, (there, here) in enumerate(zip(line["x"], _plain(x.tolist()), strict=False)):
        if there != here:
            return f"x[{i}] is {shown(there)} there and {shown(here)} here"
    return "the point differs in its type, or in the sign of a zero"


def _text(answer: Any) -> str:
    """Return numbers as JSON, which has no infinities, no NaN and no complex numbers."""
    text = repr(answer)
    # Letters other than the e of an exponent are in such numbers alone: nan, inf and 1j.
    return json.dumps(_plain(answer)) if "n" in text or "j" in text else text


def _plain(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_plain(entry) for entry in answer]
    if isinstance(answer, complex):
        return [_plain(answer.real), _plain(answer.imag)]
    return answer if math.isfinite(answer) else repr(answer)
