"""Classic functions with many minima, flat plains, narrow valleys and kinks, each with a box."""

from __future__ import annotations

from .problem import GlobalProblem
from .registry import global_problems

__all__ = ["GlobalProblem", "global_problems"]
