"""Smooth test problems for optimisers, with the values they should reach.

Two hundred functions of 1 to 100 variables: the set of Moré, Garbow and Hillstrom, scalable
classics, quadratics of given spectrum, regression on real data, and wells and ripples. Each has an
analytic gradient, a standard start, its source, and its best known value in full precision.

>>> from scipy.optimize import minimize
>>> from skgd.testing import problems
>>> for problem in problems(names=["rosenbrock", "helical_valley", "dixmaana"], max_n=30):
...     result = minimize(problem.fun, problem.x0, jac=problem.jac, method="L-BFGS-B")
...     print(f"{problem.name:15}{problem.n:3d} {result.fun - problem.best < 1e-6}")
rosenbrock       2 True
helical_valley   3 True
dixmaana_30     30 True

One option changes them all, for example into units that differ by twelve orders of magnitude:

>>> (rosenbrock,) = problems(names="rosenbrock", variant="rescaled")
>>> bool(abs(rosenbrock.fun(rosenbrock.x0) - 24.2) < 1e-9)
True

To search for a global minimum there are more than a hundred and sixty classics of 2 to 10
variables, each with the box of the literature, and vectorised:

>>> from skgd.testing import global_problems
>>> (eggholder,) = global_problems(names="eggholder")
>>> eggholder.bounds
((-512.0, 512.0), (-512.0, 512.0))
>>> bool(abs(eggholder.fun(eggholder.x_best) - eggholder.best) < 1e-9)
True
"""

from __future__ import annotations

from .global_functions import GlobalProblem, global_problems
from .problem import Problem
from .registry import problems
from .variants import VARIANTS

__all__ = ["VARIANTS", "GlobalProblem", "Problem", "global_problems", "problems"]
