"""The list of all global problems, and the one function that selects from it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from skgd._checks import whole_number
from skgd.testing.selection import selected

from . import bells, fractals, kinks, ripples, trays, valleys, waves, wells
from .problem import GlobalProblem


@cache
def _catalogue() -> dict[str, GlobalProblem]:
    modules = (wells, valleys, ripples, waves, trays, fractals, bells, kinks)
    families = [family for module in modules for family in module.catalogue.families]
    return {problem.name: problem for family in families for problem in family.problems()}


def global_problems(
    *, names: str | Iterable[str] | None = None, max_n: int = 10
) -> list[GlobalProblem]:
    """Functions with a box, and their global minimum in it, from the literature.

    Parameters
    ----------
    names : str, iterable of str or None, default None
        Names of problems, or of families, which stand for all their sizes. None selects everything.
    max_n : int, default 10
        Leave out problems of more variables, also of those that are named.

    Returns
    -------
    list of GlobalProblem
        In the order of the registry; `names` selects and does not reorder. The objects are the same
        in every call.

    Raises
    ------
    ValueError
        If a name is unknown, or if `max_n` is not a whole number from 1.

    Notes
    -----
    The box is the one of the literature. In many it has the minimum at its centre, where a solver
    that looks there first finds it by no merit of its own: see `GlobalProblem.centred`.

    Left out are functions whose minimum is on a line that a search meets by rounding alone, such as
    the crowned cross.

    Examples
    --------
    >>> from scipy.optimize import direct
    >>> from skgd.testing import global_problems
    >>> for problem in global_problems(names=["levy", "shekel_10", "damavandi"], max_n=4):
    ...     result = direct(problem.fun, problem.bounds, maxfun=5000)
    ...     print(f"{problem.name:12}{problem.n} {result.fun - problem.best < 1e-2}")
    levy_2      2 True
    shekel_10   4 True
    damavandi   2 False
    """
    max_n = whole_number("max_n", max_n, least=1)
    chosen = selected(_catalogue(), names, "global_problems")
    return [problem for problem in chosen if problem.n <= max_n]
