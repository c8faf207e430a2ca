"""Objectives with exact derivatives, from text or from a SymPy expression."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ._checks import did_you_mean, real_number
from ._formula import typeset
from ._formula.code import Program
from ._formula.expression import parse
from ._formula.programs import Programs
from ._formula.syntax import reserved
from ._rows import Array

if TYPE_CHECKING:
    import sympy

__all__ = ["Formula"]

_FLOAT = np.dtype(np.float64)


class Formula:
    r"""A function :math:`f: \mathbb{R}^n \to \mathbb{R}` with its gradient and Hessian.

    The derivatives are worked out by the chain rule, with nothing to choose and no error beyond
    rounding, and share their common subexpressions with the value.  A formula is what SciPy expects
    of an objective: ``minimize(f, x0, jac=f.jac, hess=f.hess)``.

    Parameters
    ----------
    expression : str or sympy.Expr
        The formula.  Text consists of numbers, names, ``+ - * / **``, parentheses, the constants
        ``pi`` and ``E``, and the functions ``sin cos tan asin acos atan atan2 sinh cosh tanh asinh
        acosh atanh exp log log2 log10 sqrt erf erfc gamma loggamma abs sign max min`` and
        ``Piecewise((value, condition), ..., (value, True))``, where a condition is a comparison.
        The name ``e`` is taken for a symbol only if it is in `variables` or `parameters`.  Text is
        never run as code, and is limited to 10,000 characters, 2,000 numbers, names and operators,
        and 50 levels of nesting.
    variables : sequence of str or sympy.Symbol, optional
        The variables in the order in which a point lists them.  A name that the formula does not
        mention is allowed.  By default all names in the formula that are not parameters, in
        alphabetical order, with numbers by size: ``x2`` comes before ``x10``.
    parameters : mapping of str or sympy.Symbol to float, optional
        Names in the formula that stand for fixed numbers.  Derivatives are by the variables only.

    Raises
    ------
    ValueError
        When the text is not a formula, the expression is not a real scalar made of functions that
        skgd can compute, or the names do not match.

    Notes
    -----
    *Points.*  With ``n`` variables, `x` has shape ``(n,)`` for one point, or ``(n, ...)`` for many
    at once (SciPy's convention for vectorised functions), which gives values of shape ``(...)``.  A
    formula in one variable also takes a number, and an array of shape ``(m,)`` for ``m`` points
    (except that shape ``(1,)`` is one point).

    *Numbers.*  The computation is in double precision.  Outside of a function's domain the result
    is NaN or infinite, as with NumPy, but without a warning.  Complex points give the analytic
    continuation, which is what complex-step differentiation needs.

    *Kinks.*  At the kinks of ``abs`` and ``max`` the result is a subgradient: zero for ``abs`` at
    zero, the mean of the slopes where the operands of ``max`` are equal, and likewise for ``min``.
    ``sign`` and ``Piecewise`` are differentiated as if they did not jump.

    A formula is immutable, hashable and picklable, and may be used by many threads at once.

    Examples
    --------
    >>> f = Formula("x**2 + 8*sin(x)")
    >>> f(0.0), f.jac(0.0)
    (0.0, array([8.]))

    >>> f = Formula("a*(y - x**2)**2 + (1 - x)**2", parameters={"a": 100})
    >>> f.variables
    ('x', 'y')
    >>> f.value_and_grad([0.0, 1.0])
    (101.0, array([ -2., 200.]))
    >>> f.hess([0.0, 1.0])
    array([[-398.,    0.],
           [   0.,  200.]])
    >>> f.with_parameters(a=1)([0.0, 1.0])
    2.0

    >>> from scipy.optimize import minimize
    >>> minimize(f, [-1, 1], jac=f.jac, method="BFGS").x.round(4)
    array([1., 1.])
    """

    __slots__ = (
        "__weakref__",
        "_numbers",
        "_parameters",
        "_programs",
        "_shape",
        "_source",
        "_variables",
    )

    def __init__(
        self,
        expression: str | sympy.Expr,
        *,
        variables: Sequence[str | sympy.Symbol] | None = None,
        parameters: Mapping[str | sympy.Symbol, float] | None = None,
    ) -> None:
        values = _by_name(parameters or {})
        order = None if variables is None else _distinct_names(variables)
        if isinstance(expression, str):
            _check_spelling({*values, *(order or ())})
            parsed = parse(expression, {*values, *(order or ())})
        else:
            parsed = _scalar(expression)
        self._source = expression
        self._set_parameters(values)
        try:
            self._variables, self._programs = _prepare(parsed, order, values)
        except RecursionError:
            raise ValueError("expression is nested too deeply; split it into parts") from None
        self._shape = (len(self._variables),)

    def _set_parameters(self, values: Mapping[str, Any]) -> None:
        numbers = {
            name: real_number(f"parameter {name!r}", value) for name, value in values.items()
        }
        self._parameters: Mapping[str, float] = MappingProxyType(numbers)
        self._numbers = list(numbers.values())

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables, in the order in which a point lists them."""
        return self._variables

    @property
    def parameters(self) -> Mapping[str, float]:
        """The values of the parameters by name; read-only."""
        return self._parameters

    @property
    def expression(self) -> sympy.Expr:
        """The formula in SymPy, in which parameters are symbols.

        Of text it is what was written, with terms and factors in SymPy's order but not evaluated
        (``x + x`` stays).  SymPy's ``doit`` and ``simplify`` evaluate it; to do so, or to print it,
        SymPy may take long for formulas with huge numbers, which skgd itself does not.
        """
        return self._programs.expression

    @property
    def latex(self) -> str:
        """The formula in LaTeX: text as it was written, a SymPy expression as SymPy prints it."""
        if isinstance(self._source, str):
            return typeset.latex(self._source)
        import sympy

        return str(sympy.latex(self.expression))

    def with_parameters(self, **values: float) -> Formula:
        """Return the same formula with other values of some of its parameters.

        Nothing is derived or generated again.

        Parameters
        ----------
        **values : float
            The new values by name.

        Returns
        -------
        Formula
            The new formula; this one keeps its values.

        Raises
        ------
        ValueError
            When a name is not one of the parameters, or a value not a finite number.
        """
        for name in values:
            if name not in self._parameters:
                known = ", ".join(self._parameters) or "none"
                raise ValueError(
                    f"{name!r} is not a parameter of {self!r}; its parameters are: {known}"
                    f"{did_you_mean(name, self._parameters)}"
                )
        other = object.__new__(type(self))
        other._source, other._variables, other._shape = self._source, self._variables, self._shape
        other._programs = self._programs
        other._set_parameters({**self._parameters, **values})
        return other

    def __call__(self, x: npt.ArrayLike) -> Any:
        """Return the value.

        Parameters
        ----------
        x : array_like, shape (n,) or (n, ...)
            The point, or points, with the variables along the first axis.

        Returns
        -------
        float or ndarray, shape (...)
            The value of each point; complex for complex points.

        Raises
        ------
        ValueError
            When `x` does not have one entry for each variable.
        """
        points = self._points(x)
        if isinstance(points, list):
            return self._programs.value.at(points + self._numbers)[0]
        (values,) = self._over(self._programs.value, points)
        return values if points.ndim > 1 else complex(values)

    def jac(self, x: npt.ArrayLike) -> Array:
        r"""Return the gradient.

        Parameters
        ----------
        x : array_like, shape (n,) or (n, ...)
            The point, or points, as for the value.

        Returns
        -------
        ndarray
            The partial derivatives :math:`\partial f / \partial x_i`, in the shape of `x`; of shape
            (1,) for a number. The array is new.

        Raises
        ------
        ValueError
            When `x` does not have one entry for each variable.
        """
        points = self._points(x)
        if isinstance(points, list):
            return np.array(self._programs.gradient.at(points + self._numbers))
        return self._over(self._programs.gradient, points).reshape(np.shape(x) or (1,))

    def value_and_grad(self, x: npt.ArrayLike) -> tuple[Any, Array]:
        """Return the value and the gradient, which takes less time than one after the other.

        SciPy takes this function with ``jac=True``.

        Parameters
        ----------
        x : array_like, shape (n,) or (n, ...)
            The point, or points, as for the value.

        Returns
        -------
        value : float or ndarray, shape (...)
            The value, as when the formula is called.
        gradient : ndarray
            The gradient, as from `jac`.

        Raises
        ------
        ValueError
            When `x` does not have one entry for each variable.
        """
        points = self._points(x)
        program = self._programs.value_and_gradient
        if isinstance(points, list):
            value, *slopes = program.at(points + self._numbers)
            return value, np.array(slopes)
        values, *_ = results = self._over(program, points)
        slopes_of_all = results[1:].reshape(np.shape(x) or (1,))
        return (values if points.ndim > 1 else complex(values)), slopes_of_all

    def hess(self, x: npt.ArrayLike) -> Array:
        r"""Return the Hessian.

        Parameters
        ----------
        x : array_like, shape (n,) or (n, ...)
            The point, or points, as for the value.

        Returns
        -------
        ndarray, shape (n, n) or (n, n, ...)
            The second derivatives :math:`\partial^2 f / \partial x_i \partial x_j`, a symmetric
            matrix.  The array is new.

        Raises
        ------
        ValueError
            When `x` does not have one entry for each variable, or the second derivatives need more
            operations than can reasonably be compiled; `hessp` needs fewer.
        """
        points = self._points(x)
        rows, columns, program = self._programs.hessian
        n = len(self._variables)
        if isinstance(points, list):
            entries = np.array(program.at(points + self._numbers), dtype=float)
            result = np.zeros((n, n))
        else:
            entries = self._over(program, points)
            result = np.zeros((n, n, *points.shape[1:]), dtype=points.dtype)
        result[rows, columns] = entries
        result[columns, rows] = entries
        return result

    def hessp(self, x: npt.ArrayLike, p: npt.ArrayLike) -> Array:
        """Return the Hessian times a vector, without forming the Hessian.

        Parameters
        ----------
        x : array_like, shape (n,) or (n, ...)
            The point, or points, as for the value.
        p : array_like
            The vector, or one vector for each point, in the shape of `x`.

        Returns
        -------
        ndarray
            The product, in the shape of `x`; of shape (1,) for a number.  The array is new.

        Raises
        ------
        ValueError
            When `x` or `p` does not have one entry for each variable, or their shapes differ.
        """
        points, vectors = self._points(x), self._points(p, "p")
        if np.shape(points) != np.shape(vectors):
            raise ValueError(f"p must have the shape of x, {np.shape(x)}, got shape {np.shape(p)}")
        program = self._programs.hessian_product
        if isinstance(points, list) and isinstance(vectors, list):
            return np.array(program.at(points + self._numbers + vectors))
        results = self._over(program, np.asarray(points), np.asarray(vectors))
        return results.reshape(np.shape(x) or (1,))

    def _points(self, x: npt.ArrayLike, name: str = "x") -> list[float] | Array:
        """Return one real point as a list, anything else as an array of shape (n, ...)."""
        point: list[float]
        if type(x) is np.ndarray and x.shape == self._shape and x.dtype == _FLOAT:
            point = x.tolist()
            return point
        array = _double_precision(name, x)
        (n,) = self._shape
        if array.ndim == 0 or (n == 1 and array.ndim == 1):
            array = array.reshape(1, -1) if array.size != 1 else array.reshape(1)
        if array.shape[0] != n:
            raise ValueError(
                f"{name} must have shape ({n},) for one point or ({n}, m) for m points, with the "
                f"variables in the order {', '.join(self._variables)}; got shape {np.shape(x)}"
            )
        if array.ndim == 1 and array.dtype == _FLOAT:
            point = array.tolist()
            return point
        return array

    def _over(self, program: Program, points: Array, vectors: Sequence[Any] | Array = ()) -> Array:
        results = program.over([*points, *np.array(self._numbers), *vectors])
        dtype = np.result_type(points, *vectors)
        table = np.empty((len(results), *points.shape[1:]), dtype)
        for row, result in enumerate(results):
            table[row] = result
        return table

    def __repr__(self) -> str:
        arguments = [repr(str(self._source))]
        if self._variables != _natural_order(_symbols(self.expression).keys() - self._parameters):
            arguments.append(f"variables={list(self._variables)}")
        if self._parameters:
            arguments.append(f"parameters={dict(self._parameters)}")
        return f"Formula({', '.join(arguments)})"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    def _key(self) -> tuple[Any, ...]:
        return self.expression, self._variables, frozenset(self._parameters.items())

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Formula) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        # Generated functions cannot be pickled; the receiver generates them again.
        parameters = dict(self._parameters)
        build = partial(type(self), self._source, variables=self._variables, parameters=parameters)
        return build, ()


def _scalar(expression: Any) -> sympy.Expr:
    import sympy

    if not isinstance(expression, sympy.Expr) or expression.is_Matrix:
        kind = type(expression).__name__
        raise ValueError(
            f"expression must be text or a scalar SymPy expression, got {expression!r:.60} ({kind})"
        )
    return expression


def _prepare(
    expression: sympy.Expr, order: tuple[str, ...] | None, parameters: Mapping[str, Any]
) -> tuple[tuple[str, ...], Programs]:
    symbols = _symbols(expression)
    if order is None:
        order = _natural_order(symbols.keys() - parameters.keys())
    _check_names(order, parameters, symbols)
    names = [*order, *parameters]
    inputs = {symbols[name]: i for i, name in enumerate(names) if name in symbols}
    return order, Programs(expression, inputs, len(order), len(parameters))


def _symbols(expression: sympy.Expr) -> dict[str, sympy.Symbol]:
    symbols: dict[str, sympy.Symbol] = {}
    for symbol in expression.free_symbols:
        if not symbol.is_Symbol:
            raise ValueError(f"expression must be made of scalar symbols, got {symbol!r}")
        if symbols.setdefault(symbol.name, symbol) is not symbol:
            raise ValueError(
                f"expression has two symbols of the name {symbol.name!r}, which differ in their "
                "assumptions; use one symbol, or rename the other"
            )
    return symbols


def _by_name(parameters: Mapping[Any, Any]) -> dict[str, Any]:
    if not isinstance(parameters, Mapping):
        raise ValueError(f"parameters must be a mapping of names to numbers, got {parameters!r}")
    names = _distinct_names(parameters, "parameters")
    return dict(zip(names, parameters.values(), strict=True))


def _distinct_names(symbols: Iterable[Any], argument: str = "variables") -> tuple[str, ...]:
    import sympy

    if isinstance(symbols, str) or not isinstance(symbols, Iterable):
        raise ValueError(f"{argument} must be a list of names such as ['x', 'y'], got {symbols!r}")
    names = [symbol.name if isinstance(symbol, sympy.Symbol) else symbol for symbol in symbols]
    for name in names:
        if not isinstance(name, str):
            raise ValueError(f"{argument} must be names or SymPy symbols, got {name!r}")
        if names.count(name) > 1:
            raise ValueError(f"{argument} has {name!r} twice; give each name once")
    return tuple(names)


def _check_spelling(names: Iterable[str]) -> None:
    for name in names:
        problem = reserved(name)
        if problem:
            raise ValueError(f"{name!r} cannot be a name in a formula: {problem}")


def _check_names(
    order: Sequence[str], parameters: Mapping[str, Any], symbols: Mapping[str, Any]
) -> None:
    if not order:
        raise ValueError("the formula has no variables; name them, as in variables=['x', 'y']")
    for name in parameters:
        if name in order:
            raise ValueError(
                f"{name!r} is in both variables and parameters; keep it in one of them"
            )
        if name not in symbols:
            raise ValueError(
                f"parameters has {name!r}, which is not in the formula; "
                f"leave it out{did_you_mean(name, symbols)}"
            )
    missing = _natural_order(symbols.keys() - {*order, *parameters})
    if missing:
        raise ValueError(
            f"the formula has the names {', '.join(missing)}, which are in neither variables nor "
            "parameters; add them to one of these"
        )


def _natural_order(names: Iterable[str]) -> tuple[str, ...]:
    """Sort names alphabetically, and by size where they differ in a number."""

    def key(name: str) -> tuple[list[str | int], str]:
        # Words and numbers alternate, so that words meet words; x1 and x01 differ as text.
        parts = re.split(r"(\d+)", name)
        return [int(part) if part.isdecimal() else part for part in parts], name

    return tuple(sorted(names, key=key))


def _double_precision(name: str, x: npt.ArrayLike) -> Array:
    try:
        array = np.asarray(x)
        kind = np.complex128 if np.iscomplexobj(array) else np.float64
        if array.dtype.kind not in "biufcO":
            raise TypeError(f"got dtype {array.dtype}")
        return array.astype(kind, copy=False)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be a number or an array of numbers: {error}") from error
