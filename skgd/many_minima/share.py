"""How a budget is shared among moves of which nobody knows which one will help."""

from __future__ import annotations

import numpy as np

__all__ = ["Shares"]

EVEN = 0.5
"""The share of the budget that is divided evenly, whatever succeeds."""

WORTH = 50.0
"""Evaluations that a success is worth."""


class Shares:
    """Give the turn to the move that is furthest behind its share.

    Half of the budget is divided evenly; the other half in proportion to the successes per
    evaluation, of which older ones count less.  Evaluations and successes alike begin at one.

    Parameters
    ----------
    moves : int
        How many moves there are.
    span : float, default 4000
        Evaluations after which those of the past count half.

    Examples
    --------
    >>> from skgd.many_minima.share import Shares
    >>> shares = Shares(2)
    >>> shares.book(0, 100, False)
    >>> shares.turn()
    1
    """

    def __init__(self, moves: int, span: float = 4000.0) -> None:
        self._spent = np.ones(moves)
        self._credit = np.ones(moves)
        self._span = span

    def turn(self) -> int:
        """Return which move is next."""
        rate = self._credit / self._spent
        share = EVEN / len(rate) + (1.0 - EVEN) * rate / rate.sum()
        return int(np.argmin(self._spent / share))

    def book(self, move: int, evaluations: float, success: bool) -> None:
        """Enter what a turn has taken and whether it found a better point."""
        self._spent[move] += evaluations
        self._credit[move] += WORTH * success
        if self._spent.sum() > self._span:
            self._spent *= 0.5
            self._credit *= 0.5
