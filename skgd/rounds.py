"""The answers to one request, gathered as they come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from . import _answers
from ._rows import Array
from .limits import Budget
from .requests import Probes

__all__ = ["Page", "Recorder", "Round"]


class Page(Protocol):
    """The answers to one request, in a record.

    Attributes
    ----------
    known : mapping of int to answer
        Those that an earlier run has found, by position.
    """

    known: Mapping[int, Any]

    def record(self, position: int, answer: Any) -> None:
        """Keep an answer."""


class Recorder(Protocol):
    """Who keeps a record of the answers, and knows those of an earlier run."""

    def begin(self, gradients: bool, points: Probes, final: bool) -> Page:
        """Take in the next request; a final one is made after the end of the descent."""

    def report(self) -> dict[str, Any]:
        """Return what the result says of the record."""

    def close(self) -> None:
        """Let go of whatever was opened."""


class Round:
    """The answers to one request, gathered as they come in.

    Parameters
    ----------
    gradients : bool
        Whether gradients are asked for, else values.
    points : Probes
        Where.
    budget : Budget
        What may be spent; it raises `OutOfBudget` when it does not suffice for all the points.
    recorder : Recorder or None
        Who keeps a record.

    Attributes
    ----------
    gradients : bool
        Whether gradients are asked for.
    points : Probes
        All the points.
    missing : Probes
        The points whose answers are not known at the beginning; positions in `enter` count them.
    """

    def __init__(
        self, gradients: bool, points: Probes, budget: Budget, recorder: Recorder | None
    ) -> None:
        m = len(points)
        self.gradients = gradients
        self.points = points
        self._n = points.x.shape[-1]
        self._complex = points.value.dtype.kind == "c"
        self._complex_seen = self._begun = False
        kind = points.x.dtype if gradients else complex if self._complex else float
        self._answers = np.empty((m, self._n) if gradients else m, kind)
        self._positions: Any = None
        self.missing = points
        if not gradients:
            # First of all: a request that nobody can afford was not made.
            budget.allow(m)
        self._page: Page | None = None
        if recorder is not None:
            self._page = recorder.begin(gradients, points, budget.released)
            known = self._page.known
            for position, answer in known.items():
                self._put(position, answer)
            if known:
                self._positions = np.array([i for i in range(m) if i not in known], dtype=int)
                self.missing = points.only(self._positions)
        if gradients:
            budget.njev += m - len(self.missing)
        else:
            # What an earlier run found counts as if it were found now, but takes no time.
            budget.nfev += m - len(self.missing)

    @property
    def positions(self) -> Array:
        """Positions of the missing points among all of them."""
        return np.arange(len(self.points)) if self._positions is None else self._positions

    def enter(self, where: Any, answer: Any) -> None:
        """Take in an answer, or a block of checked ones.

        Parameters
        ----------
        where : int or slice
            Position among the missing points.
        answer : object
            What the user's function returned there.

        Raises
        ------
        ValueError
            When it is no number, or no gradient.
        """
        if isinstance(where, slice):
            places = range(where.start, where.stop)
            self._begun |= self._place(where.start) == 0
            self._answers[self._place(where)] = answer
            self._complex_seen |= answer.dtype.kind == "c"
            if self._page is not None:
                kind = complex if answer.dtype.kind == "c" else float
                rows = answer if self.gradients else answer.astype(kind).tolist()
                for i, one in zip(places, rows, strict=True):
                    self._page.record(int(self._place(i)), one)
            return
        if self.gradients:
            with np.errstate(over="ignore"):
                answer = _answers.gradient(answer, self._n).astype(self._answers.dtype)
        elif type(answer) is not float:
            answer = (_answers.complex_number if self._complex else _answers.real)(answer)
        position = self._place(where)
        self._put(position, answer)
        if self._page is not None:
            self._page.record(int(position), answer)

    def all(self) -> Array:
        """Return the answers, shape (m,) or (m, n)."""
        if self._complex and not self._complex_seen:
            # The function has lost the imaginary part.
            return self._answers.real
        return self._answers

    def first(self) -> float | None:
        """Return the value at the first point, None as long as it is not known."""
        return float(self._answers[0].real) if self._begun else None

    def _place(self, where: Any) -> Any:
        return where if self._positions is None else self._positions[where]

    def _put(self, position: Any, answer: Any) -> None:
        self._answers[position] = answer
        self._begun |= position == 0
        self._complex_seen |= isinstance(answer, complex)
