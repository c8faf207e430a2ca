"""What a run may spend, and the count of what it has spent."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from ._checks import positive, whole_number
from .stopping import Reason

__all__ = ["Budget", "Limits", "OutOfBudget"]


@dataclass(frozen=True)
class Limits:
    """What a run may spend.

    Parameters
    ----------
    maxfev : int or None, default None
        Largest number of evaluations of the function, those for differences included; it is never
        exceeded.  None or infinity for no limit.
    maxtime : float or None, default None
        Seconds; no evaluation begins after them but the one at the start, without which there
        would be nothing to return, and the one at the average that a run with averaging returns.
        None or infinity for no limit.

    Raises
    ------
    ValueError
        When a limit is not positive, or `maxfev` is not a whole number.

    Examples
    --------
    >>> from skgd.limits import Limits
    >>> Limits(maxfev=1e3)
    Limits(maxfev=1000, maxtime=None)
    """

    maxfev: int | None = None
    maxtime: float | None = None

    def __post_init__(self) -> None:
        for name in ("maxfev", "maxtime"):
            limit = getattr(self, name)
            if isinstance(limit, float) and limit == math.inf:
                object.__setattr__(self, name, None)
        if self.maxfev is not None:
            object.__setattr__(self, "maxfev", whole_number("maxfev", self.maxfev, least=1))
        if self.maxtime is not None:
            object.__setattr__(self, "maxtime", positive("maxtime", self.maxtime))


class OutOfBudget(Exception):  # noqa: N818
    """The next evaluation would exceed a limit.

    Parameters
    ----------
    reason : Reason
        Which limit.
    untouched : bool, default False
        Whether nothing has been evaluated yet.
    """

    def __init__(self, reason: Reason, untouched: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.untouched = untouched


class Budget:
    """The limits of one run, whose time counts from now, and what has been spent of them.

    Parameters
    ----------
    limits : Limits
        What may be spent.
    reserve : int, default 0
        Evaluations that are kept back until `release`.

    Attributes
    ----------
    nfev, njev : int
        Evaluations of the function that have begun, and gradients.
    timed : bool
        Whether there is a limit of time.
    deadline : float or None
        When the time is over, on the clock of `time.perf_counter`.
    released : bool
        Whether the descent is over, and what was kept back may be spent.
    """

    def __init__(self, limits: Limits, reserve: int = 0) -> None:
        self.most = math.inf if limits.maxfev is None else limits.maxfev - reserve
        self.timed = limits.maxtime is not None
        self.deadline = None if limits.maxtime is None else time.perf_counter() + limits.maxtime
        self.nfev = 0
        self.njev = 0
        self._reserve = reserve
        self.released = False

    @property
    def left(self) -> float:
        """Evaluations that may still begin; infinity without a limit."""
        return self.most - self.nfev

    def allow(self, evaluations: int) -> None:
        """Raise OutOfBudget unless so many evaluations are within `most`."""
        if self.nfev + evaluations > self.most:
            raise OutOfBudget(Reason.MAXFEV, self.nfev == 0)

    def check(self, evaluations: int) -> None:
        """Raise OutOfBudget unless so many evaluations may begin now."""
        self.allow(evaluations)
        if self.deadline is not None and self.nfev and time.perf_counter() >= self.deadline:
            raise OutOfBudget(Reason.MAXTIME)

    def begin(self, evaluations: int) -> None:
        """Count evaluations of the function that begin now, or raise OutOfBudget."""
        self.check(evaluations)
        self.nfev += evaluations

    def begin_gradients(self, gradients: int) -> None:
        """Count gradients that begin now, or raise OutOfBudget."""
        self.check(0)
        self.njev += gradients

    def withdraw(self, gradients: bool, evaluations: int) -> None:
        """Take back a count of evaluations that have not begun after all."""
        if gradients:
            self.njev -= evaluations
        else:
            self.nfev -= evaluations

    def release(self) -> None:
        """Allow what was kept back, whatever the time."""
        self.most += self._reserve
        self._reserve = 0
        self.released = True
        self.deadline, self.timed = None, False
