r"""Distinct minima, and the chance that a better one was missed."""

from __future__ import annotations

from typing import Any

import numpy as np

from skgd._rows import Array

__all__ = ["chance_missed", "distinct"]

APART = 1e-3
"""Distance, in widths of the bounds, below which two ends are the same minimum."""


def distinct(x: Array, f: Array, width: Array) -> tuple[Array, Array]:
    """Sort ends of descents into minima.

    Ends are one minimum when they are linked by ends that lie within a thousandth of the widths of
    the bounds from one another in each coordinate.

    Parameters
    ----------
    x : ndarray, shape (m, n)
        The ends.
    f : ndarray, shape (m,)
        Their values.
    width : ndarray, shape (n,)
        The widths of the bounds.

    Returns
    -------
    best : ndarray of int, shape (k,)
        For each minimum the end with the least value; minima are sorted by value.
    label : ndarray of int, shape (m,)
        The minimum of each end.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.many_minima.minima import distinct
    >>> ends = np.array([[0.5], [0.2], [0.50001]])
    >>> distinct(ends, np.array([2.0, 3.0, 1.0]), np.ones(1))
    (array([2, 1]), array([0, 1, 0]))
    """
    if not len(x):
        return np.empty(0, int), np.empty(0, int)
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    scaled = x / (APART * width)
    # Thousands of ends may lie in one spot: one of each cell stands for all the others there.
    cells = np.round(scaled).astype(np.int64)
    _, first, cell = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    cell = cell.ravel()
    a, b = _near(scaled[first])
    links = coo_array((np.ones(a.size), (a, b)), shape=(len(first), len(first)))
    _, group = connected_components(links, directed=False)
    label = group[cell]
    order = np.lexsort((f, label))
    best = order[np.r_[True, np.diff(label[order]) != 0]]
    rank = np.argsort(f[best], kind="stable")
    place = np.empty_like(rank)
    place[rank] = np.arange(rank.size)
    return best[rank], place[label]


def _near(x: Array) -> tuple[Array, Array]:
    """Return the pairs of points whose coordinates all differ by at most 1.

    They are sorted along a line askew to the axes, on which such points are neighbours; minima
    often lie on a lattice, in which a tree is slow.
    """
    askew = np.random.default_rng(0).uniform(0.5, 1.0, x.shape[1])
    along = x @ askew
    order = np.argsort(along)
    x, along = x[order], along[order]
    first, pairs = np.arange(len(x)), []
    for distance in range(1, len(x)):
        first = first[first + distance < len(x)]
        first = first[along[first + distance] - along[first] <= np.sum(askew)]
        if not first.size:
            break
        close = (np.abs(x[first + distance] - x[first]) <= 1.0).all(axis=1)
        pairs.append(np.stack((first[close], first[close] + distance)))
    a, b = np.concatenate(pairs, axis=1) if pairs else np.empty((2, 0), int)
    return order[a], order[b]


def chance_missed(minima: int, descents: int) -> float:
    r"""Return the chance that a lower minimum than those found exists.

    Boender and Rinnooy Kan [1]_ take the number k of minima and the sizes of their basins as
    unknown, all numbers and then all sizes being equally likely beforehand.  When N random starts
    have led to w distinct minima, then

    .. math:: P(k) \propto \frac{(k-1)!\, k!}{(N+k-1)!\, (k-w)!}, \qquad k \ge w .

    If the depth of a minimum tells nothing about the size of its basin, each of the k is the
    lowest with the same chance, so that the lowest was missed with the chance
    :math:`E[1 - w/k]`.  Both sums are values of Gauss's hypergeometric function at 1, and their
    ratio is simply

    .. math:: P(\text{missed}) = \frac{w}{N - 1} .

    Deep minima mostly have larger basins, so this errs on the side of caution.

    Parameters
    ----------
    minima : int
        The number w of distinct minima.
    descents : int
        The number N of descents from random starts that ended at one of them.

    Returns
    -------
    float
        The chance; 1 when there were too few descents to tell.

    References
    ----------
    .. [1] C. G. E. Boender and A. H. G. Rinnooy Kan, "Bayesian stopping rules for multistart global
       optimization methods", Mathematical Programming 37 (1987), 59-80.

    Examples
    --------
    >>> from skgd.many_minima.minima import chance_missed
    >>> chance_missed(3, 101)
    0.03
    """
    return min(1.0, minima / (descents - 1)) if descents > 1 else 1.0


class Record:
    """The ends of descents.

    Parameters
    ----------
    width : ndarray, shape (n,)
        The widths of the bounds.
    """

    def __init__(self, width: Array) -> None:
        self._width = width
        self._x: list[Array] = []
        self._f: list[Array] = []
        self._drawn: list[Array] = []
        self._counted: list[Array] = []

    def enter(self, x: Array, f: Array, *, drawn: bool = False, counted: bool = True) -> None:
        """Take in ends at rest.

        Parameters
        ----------
        x, f : ndarray, shape (m, n) and (m,)
            Points and values.
        drawn : bool, default False
            Whether the starts were drawn from the whole box.
        counted : bool, default True
            Whether the descents count as hits; one that polishes another's end does not.
        """
        self._x.append(x)
        self._f.append(f)
        self._drawn.append(np.full(len(f), drawn))
        self._counted.append(np.full(len(f), counted))

    def report(self) -> dict[str, Any]:
        """Return what the result says of minima."""
        from scipy.optimize import OptimizeResult

        n = self._width.size
        x = np.concatenate([np.empty((0, n)), *self._x])
        f = np.concatenate([np.empty(0), *self._f])
        drawn = np.concatenate([np.empty(0, bool), *self._drawn])
        counted = np.concatenate([np.empty(0, bool), *self._counted])
        best, label = distinct(x, f, self._width)
        hits = np.bincount(label[counted], minlength=best.size)
        by_chance = np.bincount(label[drawn], minlength=best.size)
        minima = OptimizeResult(x=x[best], fun=f[best], hits=hits, hits_at_random=by_chance)
        return {
            "minima": minima,
            "missed": chance_missed(best.size, int(by_chance.sum())),
        }
