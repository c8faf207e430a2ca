r"""Constraints and penalties: projection and proximal operator are one concept.

A constraint is a function :math:`h` that is zero on the allowed set and infinite outside, or a
penalty that is finite everywhere.  The descent minimises :math:`f + h` and needs of :math:`h` only
its value and its proximal operator

.. math:: \operatorname{prox}_{t h}(z) = \arg\min_u\; h(u) + \tfrac{1}{2t}\lVert u - z\rVert^2 ,

which for a set is the projection onto it [1]_.  The rate ``t`` may be an array of the shape of
``z``: then the norm is the one of a diagonal metric, :math:`\sum_i (u_i - z_i)^2 / t_i`, as the
directions with one rate per coordinate (Adam and its kin) need it.

The one test of optimality for free, bounded and penalised problems is the size of
:math:`x - \operatorname{prox}_h(x - \nabla f(x))`, see `optimality`.

References
----------
.. [1] N. Parikh and S. Boyd, "Proximal algorithms", Foundations and Trends in Optimization 1
   (2014), 127-239.
"""

from .base import Constraint, optimality
from .box import Box
from .faces import Face
from .groups import GroupLasso
from .hyperplane import Hyperplane
from .penalties import L1, ElasticNet, Within
from .sets import Ball, Simplex

__all__ = [
    "L1",
    "Ball",
    "Box",
    "Constraint",
    "ElasticNet",
    "Face",
    "GroupLasso",
    "Hyperplane",
    "Simplex",
    "Within",
    "optimality",
]
