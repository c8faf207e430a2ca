"""The list of all problems, and the one function that selects from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from zlib import crc32

import numpy as np

from skgd._checks import did_you_mean, whole_number

from . import more_garbow_hillstrom, quadratics, regression, scalable, wells
from .problem import Entry, Problem
from .selection import selected
from .variants import VARIANTS


@cache
def _catalogue() -> dict[str, Entry]:
    modules = (more_garbow_hillstrom, scalable, quadratics, regression, wells)
    return {entry.name: entry for module in modules for entry in module.catalogue()}


def problems(
    *,
    names: str | Iterable[str] | None = None,
    max_n: int = 100,
    variant: str = "standard",
    rng: int | np.random.Generator = 0,
) -> list[Problem]:
    """Smooth functions to minimise, with starts and best known values from the literature.

    Parameters
    ----------
    names : str, iterable of str or None, default None
        Names of problems, or of families, which stand for all their sizes. None selects everything.
    max_n : int, default 100
        Leave out problems of more variables, also of those that are named.
    variant : str, default "standard"
        One change that is made to every problem:

        - "standard": none;
        - "rescaled": each variable in units of a random power of ten, from 1e-6 to 1e6;
        - "rotated": the variables turned by a random orthogonal matrix;
        - "f*1e-8", "f*1e8": the function multiplied by the factor;
        - "shifted": a constant added that is 1e3 times as large as ``fun(x0) - best``, so that
          values cannot show a decrease beyond the last two parts in 1e13 of that difference;
        - "bounded": a box that contains the start and cuts off the minimum that a descent from
          there ends in. Some variables are free if the function is convex; otherwise the box is
          closed around the way. `best` is the best of many descents in the box, polished by
          Newton's method; it is reliable, but not proven, where the function has many minima. It
          is computed when the problem is built, which takes about half a minute for all, once for
          each `rng`;
        - "finite-difference": ``jac`` is None;
        - "noisy": values with relative noise, uniform up to 1e-6, and ``jac`` is None. The noise is
          a function of `x` and `rng`, so that a repeated evaluation repeats it; `best` is without
          noise;
        - "float32": start, argument, value and gradient are rounded to single precision, and so is
          `best`. The formula itself is evaluated in double precision.
    rng : int or numpy.random.Generator, default 0
        What the random parts of a variant are drawn from. A problem's draw does not depend on which
        other problems are selected.

    Returns
    -------
    list of Problem
        In the order of the registry; `names` selects and does not reorder. An integer `rng` gives
        the same objects again, from a cache.

    Raises
    ------
    ValueError
        If a name or the variant is unknown, if `max_n` is not a whole number from 1, or if `rng` is
        neither a generator nor a whole number from 0.

    Examples
    --------
    >>> from skgd.testing import problems
    >>> [problem.name for problem in problems(names="chained_rosenbrock", max_n=50)]
    ['chained_rosenbrock_5', 'chained_rosenbrock_10', 'chained_rosenbrock_50']
    >>> (beale,) = problems(names=["beale"], variant="shifted")
    >>> float(beale.fun(beale.x0)), beale.best
    (14217.328125, 14203.125)
    """
    max_n = whole_number("max_n", max_n, least=1)
    if variant not in VARIANTS:
        raise ValueError(
            f"variant must be one of {', '.join(VARIANTS)}, got {variant!r}"
            f"{did_you_mean(variant, VARIANTS)}"
        )
    seed = _seed(rng)
    chosen = selected(_catalogue(), names, "problems")
    return [_build(entry.name, variant, seed) for entry in chosen if entry.n <= max_n]


def _seed(rng: int | np.random.Generator) -> int:
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**32))
    return whole_number("rng, where it is no numpy.random.Generator,", rng)


@cache
def _build(name: str, variant: str, seed: int) -> Problem:
    if variant == "standard":
        return _catalogue()[name].build()
    rng = np.random.default_rng([seed, crc32(name.encode())])
    return replace(VARIANTS[variant](_build(name, "standard", 0), rng), variant=variant)
