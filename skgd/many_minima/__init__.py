"""Functions with many minima: many descents, and the budget where it pays.

`multistart` is the function that users call.  It has its parts in files of their own:

==================  ============================================================================
file                subject
==================  ============================================================================
``task.py``         the arguments, read and checked
``explorer.py``     who evaluates and descends, within the budget
``sequence.py``     quasi-random points
``starts.py``       a given number of starts, each descended to the end
``search.py``       the search that uses up a budget: which move next?
``moves.py``        the moves: how new starts are found
``elite.py``        the good points that moves begin from
``promising.py``    when a descent is not worth going on with
``curvature.py``    the metric, by differences, in which winners are polished
``minima.py``       distinct minima, and the chance that a better one was missed
``share.py``        how the budget is shared among the moves
``outcome.py``      the result
==================  ============================================================================
"""

from __future__ import annotations

from .api import multistart

__all__ = ["multistart"]
