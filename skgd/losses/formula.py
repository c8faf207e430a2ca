"""Losses that are formulas, differentiated symbolically."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from skgd._checks import did_you_mean, real_number
from skgd._formula.chain_rule import derivatives
from skgd._formula.code import Program
from skgd._formula.expression import parse
from skgd._formula.translation import insert
from skgd._rows import Array

from .base import Kind
from .own import OwnLoss
from .stable import StableGraph

__all__ = ["FormulaLoss"]


class _Programs(NamedTuple):
    value: Program
    derivative: Program
    both: Program
    curvature: Program


@dataclass(frozen=True, repr=False)
class FormulaLoss(OwnLoss):
    r"""A loss that is a formula in the target ``y`` and the raw prediction ``p``.

    The derivatives are exact; see `skgd.Formula` for what a formula may consist of.  A formula with
    ``abs``, ``max``, ``min`` or ``Piecewise`` that is convex may have kinks: it is then minimised
    by way of its Moreau envelope.  ``log(cosh(...))`` and ``log(1 + exp(...))`` do not overflow.

    Parameters
    ----------
    formula : str
        The formula, which must contain ``p``.
    params : mapping of str to float, optional
        The values of all other names in it.
    kind : {"regression", "binary"}, default "regression"
        What the target is; a binary one is -1 or +1.

    Raises
    ------
    ValueError
        When the text is not a formula, or the names do not match.

    Examples
    --------
    >>> import numpy as np
    >>> from skgd.losses import FormulaLoss
    >>> loss = FormulaLoss("cost*max(y - p, 0) + max(p - y, 0)", {"cost": 5})
    >>> loss.value(np.array([1.0, 1.0]), np.array([0.0, 3.0]))
    array([5., 2.])
    >>> loss.derivative(np.array([1.0, 1.0]), np.array([0.0, 3.0]))
    array([-5.,  1.])
    >>> loss.convex, loss.smooth
    (True, False)
    """

    formula: str
    params: Mapping[str, float] = field(default_factory=dict, hash=False)
    kind: Kind = "regression"

    name = "formula"

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, value in self.params.items():
            real_number(f"loss_params[{name!r}]", value)
        # Errors are those of whoever wrote the formula, now.
        self._programs  # noqa: B018

    def value(self, y: Array, p: Array) -> Array:
        """Return the losses; see `Loss.value`."""
        return _run(self._programs.value, y, p)[0]

    def derivative(self, y: Array, p: Array) -> Array:
        """Return the derivatives; see `Loss.derivative`."""
        return _run(self._programs.derivative, y, p)[0]

    def value_and_derivative(self, y: Array, p: Array) -> tuple[Array, Array]:
        """Return both, with common subexpressions shared; see `Loss.value_and_derivative`."""
        value, derivative = _run(self._programs.both, y, p)
        return value, derivative

    def curvature(self, y: Array, p: Array) -> Array:
        """Return the second derivatives; see `Loss.curvature`."""
        return _run(self._programs.curvature, y, p)[0]

    @cached_property
    def _programs(self) -> _Programs:
        try:
            expression = parse(self.formula, set(self.params))
            symbols = {symbol.name: symbol for symbol in expression.free_symbols}
            self._check_names(symbols)
            graph = StableGraph(inputs=2)
            inputs = {"p": 0, "y": 1}
            inputs.update({name: graph.constant(float(v)) for name, v in self.params.items()})
            nodes = {symbol: inputs[name] for name, symbol in symbols.items()}
            value = insert(graph, expression, nodes)
            (slope,) = derivatives(graph, [value], {0: graph.one})
            (curvature,) = derivatives(graph, [slope], {0: graph.one})
        except RecursionError:
            raise ValueError("loss: the formula is nested too deeply; write a function") from None
        except ValueError as error:
            raise ValueError(f"loss: {error}") from None
        return _Programs(
            *(Program(graph, roots) for roots in ([value], [slope], [value, slope], [curvature]))
        )

    def _check_names(self, symbols: Mapping[str, Any]) -> None:
        text, known = repr(self.formula), {"y", "p", *self.params}
        for name in self.params:
            if name in ("y", "p"):
                raise ValueError(f"loss_params has {name!r}, which is the data; leave it out")
            if name not in symbols:
                raise ValueError(
                    f"loss_params has {name!r}, which is not in the formula {text}"
                    f"{did_you_mean(name, symbols)}"
                )
        missing = sorted(symbols.keys() - known)
        if missing:
            raise ValueError(
                f"the formula {text} has the names {', '.join(missing)}, which are neither y (the "
                "target) nor p (the raw prediction); give their values in loss_params"
            )
        if "p" not in symbols:
            raise ValueError(f"the formula {text} does not contain p, the raw prediction")


def _run(program: Program, y: Array, p: Array) -> list[Array]:
    results = []
    for result in program.over([p, y]):
        fits = isinstance(result, np.ndarray) and result.shape == p.shape
        if fits and result.dtype == p.dtype and result is not p and result is not y:
            results.append(result)
        else:
            with np.errstate(over="ignore"):
                results.append(np.array(np.broadcast_to(result, p.shape), dtype=p.dtype))
    return results
