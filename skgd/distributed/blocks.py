"""Blocks of rows on the workers of Dask: one task for each, and a tree that adds up."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import compress
from typing import Any

import numpy as np

from skgd._extras import require

from .errors import ClusterError, is_loss

__all__ = ["Apart", "Blocks", "added"]

FAN = 8
"""Answers that a task of the tree adds up."""

SHOWN = 200
"""Characters of an error of Dask that are repeated: some tell all that was sent."""


class Apart:
    """Answers that are not added up but kept, in the order of the blocks.

    Parameters
    ----------
    items : list
        The answers.
    """

    def __init__(self, items: list[Any]) -> None:
        self.items = items


class Blocks:
    """Objects on the workers of Dask, or with the scheduler in this process where there are none.

    The order of the blocks is the order in which their answers are added up, whichever worker is
    done first.  Blocks are asked where they are, and other workers answer for those of a
    worker that has died only: Dask would rather move a block than let a worker wait.

    Parameters
    ----------
    parts : sequence of dask.delayed.Delayed
        The objects, one a block.
    homes : sequence of str or None
        The workers that they are on; None for anywhere.
    """

    def __init__(self, parts: Sequence[Any], homes: Sequence[str | None]) -> None:
        self._parts = list(parts)
        self._homes = list(homes)

    @classmethod
    def made(
        cls, function: Callable[..., Any], pieces: Iterable[tuple[Any, ...]], *arguments: Any
    ) -> Blocks:
        """Return the blocks ``function(*piece, *arguments)``, which stay where they are made.

        Parameters
        ----------
        function : callable
            A function that can be imported on the workers.
        pieces : iterable of tuple
            Delayed objects, a tuple of them for each block.
        *arguments : object
            What all blocks are told.
        """
        dask = require("dask", "distributed")
        make, told = dask.delayed(_make, pure=False), _told(arguments)
        parts = _answered(dask.persist, [make(function, told, *piece) for piece in pieces])
        return cls(parts, _homes(parts))

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def parts(self) -> list[Any]:
        """The objects, delayed."""
        return list(self._parts)

    def entries(self, i: int) -> list[Any]:
        """Return entry i of objects that are tuples, delayed."""
        return [part[i] for part in self._parts]

    def chosen(self, which: Sequence[bool]) -> Blocks:
        """Return some of the blocks."""
        return Blocks(list(compress(self._parts, which)), list(compress(self._homes, which)))

    def map(self, function: Callable[..., Any], *arguments: Any) -> Blocks:
        """Return the blocks ``function(part, *arguments)``, which stay where they are made."""
        dask = require("dask", "distributed")
        asked = self._asked(function, arguments, None)
        return Blocks(_answered(dask.persist, asked), self._homes)

    def collect(
        self, function: Callable[..., Any], *arguments: Any, each: Sequence[Any] | None = None
    ) -> list[Any]:
        """Return the answer of each block; see `sum`."""
        answer = self.sum(_apart, function, arguments, each=each)
        return list(answer.items)

    def sum(
        self, function: Callable[..., Any], *arguments: Any, each: Sequence[Any] | None = None
    ) -> Any:
        """Return the sum of ``function(part, *arguments)`` over the blocks: one round trip.

        Parameters
        ----------
        function : callable
            A function that can be imported on the workers.
        *arguments : object
            What all blocks are told; it is sent once, and passed on among workers.
        each : sequence of object, optional
            One more argument for each block.

        Returns
        -------
        object
            Numbers, arrays or tuples of them, added up; the items of `Apart`, one after the other.

        Raises
        ------
        ClusterError
            When the cluster is lost.
        """
        dask = require("dask", "distributed")
        answers = self._asked(function, arguments, each)
        add = dask.delayed(added, pure=False)
        while True:
            answers = [add(answers[i : i + FAN]) for i in range(0, len(answers), FAN)]
            if len(answers) == 1:
                return _answered(dask.compute, answers)[0]

    def _asked(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        each: Sequence[Any] | None,
    ) -> list[Any]:
        """Return the tasks that answer, one a block."""
        ask, told = require("dask", "distributed").delayed(_ask, pure=False), _told(arguments)
        own = [[]] * len(self) if each is None else [[_told((one,))] for one in each]
        asked = []
        for part, more, home in zip(self._parts, own, self._homes, strict=True):
            with _staying(home):
                asked.append(ask(part, function, told, *more))
        return asked


def added(answers: list[Any]) -> Any:
    """Return the sum of answers of one shape.

    Examples
    --------
    >>> from skgd.distributed.blocks import added
    >>> added([(1.0, (2, None)), (0.5, (3, None))])
    (1.5, (5, None))
    """
    first = answers[0]
    if first is None:
        return None
    if isinstance(first, Apart):
        return Apart([item for answer in answers for item in answer.items])
    if isinstance(first, (tuple, list)):
        return type(first)(added(list(entries)) for entries in zip(*answers, strict=True))
    total = first
    with np.errstate(over="ignore", invalid="ignore"):
        for answer in answers[1:]:
            total = total + answer
    return total


def _told(arguments: tuple[Any, ...]) -> Any:
    """Return arguments as a task of their own, so that they are sent once and not looked into."""
    name = f"skgd-{uuid.uuid4().hex}"
    return require("dask", "distributed").delayed(arguments, name=name, traverse=False)


def _make(function: Callable[..., Any], told: tuple[Any, ...], *pieces: Any) -> Any:
    """Return a block."""
    return function(*pieces, *told)


def _ask(part: Any, function: Callable[..., Any], told: tuple[Any, ...], *own: Any) -> Any:
    """Return the answer of one block."""
    return function(part, *told, *(one for (one,) in own))


def _apart(part: Any, function: Callable[..., Any], told: tuple[Any, ...], *own: Any) -> Apart:
    """Return the answer of one block, to be kept apart."""
    return Apart([function(part, *told, *own)])


def _staying(home: str | None) -> AbstractContextManager[Any]:
    """Return the context in which tasks are for a worker, or for any where that one is gone."""
    if home is None:
        return nullcontext()
    annotated: AbstractContextManager[Any] = require("dask", "distributed").annotate(
        workers=[home], allow_other_workers=True
    )
    return annotated


def _homes(parts: list[Any]) -> list[str | None]:
    """Wait for parts, and return the worker that holds each; None where that is this process."""
    nowhere: list[str | None] = [None] * len(parts)
    distributed = sys.modules.get("distributed")
    if distributed is None:
        return nowhere
    held = [future for part in parts for future in distributed.futures_of(part)]
    if len(held) != len(parts):
        return nowhere
    _unless_lost(distributed.wait, held)
    holders = _unless_lost(held[0].client.who_has, held)
    return [min(holders.get(future.key) or [None]) for future in held]


def _answered(get: Callable[..., Any], asked: list[Any]) -> list[Any]:
    """Return what Dask makes of tasks."""
    return list(_unless_lost(get, *asked, optimize_graph=False))


def _unless_lost(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Return what a call of Dask returns.

    Raises
    ------
    ClusterError
        When it is the cluster that fails, and not what it was asked.
    """
    try:
        return call(*arguments, **options)
    except Exception as error:
        if not is_loss(error):
            raise
        raise ClusterError(
            f"the cluster was lost ({type(error).__name__}: {str(error)[:SHOWN]}); check that its "
            "workers are alive and have memory enough, and fit again"
        ) from error
