"""What the operations of a formula compute: at one point, at many, and with complex numbers.

The code that is generated for a formula consists of ``+ - * /`` and calls of these names.  The same
code runs with each of the three tables:

* `SCALAR` computes with Python floats, ten times faster than NumPy at a single point.  Where NumPy
  would answer NaN or infinity these functions raise ArithmeticError or ValueError.
* `ARRAY` is NumPy, and has the last word on what happens outside of a function's domain.
* `COMPLEX` continues the real functions analytically, for complex-step differentiation: what is not
  analytic (absolute value, maximum, comparisons) goes by the real part.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.polynomial import Polynomial
from scipy import special

__all__ = ["ARRAY", "COMPLEX", "SCALAR", "Operations"]

Operations: TypeAlias = Mapping[str, Callable[..., Any]]


def _sign(x: float) -> float:
    # The product keeps NaN, which is neither positive nor negative.
    return 1.0 if x > 0 else -1.0 if x < 0 else x * 0.0


def _maximum(a: float, b: float) -> float:
    return a if a >= b or math.isnan(a) else b


def _minimum(a: float, b: float) -> float:
    return a if a <= b or math.isnan(a) else b


def _where(condition: bool, a: float, b: float) -> float:
    return a if condition else b


def _polygamma(order: float, x: Any) -> Any:
    n = int(order)
    if n == 0:
        return special.digamma(x)
    # SciPy's loop takes |x| steps left of zero; reflection at 1/2 takes none.  It needs the n-th
    # derivative of pi*cot(pi*x), a polynomial in the cotangent since cot' = -(1 + cot^2).
    cotangent = Polynomial([0, 1])
    for _ in range(n):
        cotangent = -Polynomial([1, 0, 1]) * cotangent.deriv()
    left = np.less(x, 0)
    value = special.polygamma(n, np.where(left, 1 - x, x))
    slopes = np.pi ** (n + 1) * cotangent(1 / np.tan(np.pi * x))
    return np.where(left, (-1) ** n * value - slopes, value)


def _scalar_polygamma(order: float, x: float) -> float:
    with np.errstate(all="ignore"):
        return float(_polygamma(order, np.float64(x)))


SCALAR: Operations = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "atan2": math.atan2,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "asinh": math.asinh,
    "acosh": math.acosh,
    "atanh": math.atanh,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "power": math.pow,
    "erf": math.erf,
    "erfc": math.erfc,
    "gamma": math.gamma,
    "loggamma": math.lgamma,
    "polygamma": _scalar_polygamma,
    "Abs": abs,
    "sign": _sign,
    "Max": _maximum,
    "Min": _minimum,
    "where": _where,
    "less": operator.lt,
    "less_equal": operator.le,
    "equal": operator.eq,
    "both": lambda a, b: a and b,
    "either": lambda a, b: a or b,
    "negation": operator.not_,
}

ARRAY: Operations = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "power": np.power,
    "erf": special.erf,
    "erfc": special.erfc,
    "gamma": special.gamma,
    "loggamma": special.gammaln,
    "polygamma": _polygamma,
    "Abs": np.abs,
    "sign": np.sign,
    "Max": np.maximum,
    "Min": np.minimum,
    "where": np.where,
    "less": np.less,
    "less_equal": np.less_equal,
    "equal": np.equal,
    "both": np.logical_and,
    "either": np.logical_or,
    "negation": np.logical_not,
}


def _by_real_part(compare: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *operands: compare(*map(np.real, operands))


def _complex_maximum(a: Any, b: Any) -> Any:
    return np.where((np.real(a) >= np.real(b)) | np.isnan(a), a, b)


def _complex_minimum(a: Any, b: Any) -> Any:
    return np.where((np.real(a) <= np.real(b)) | np.isnan(a), a, b)


def _complex_atan2(y: Any, x: Any) -> Any:
    # The angle of the real part, and what little is left after turning back by it.
    angle = np.arctan2(np.real(y), np.real(x))
    sine, cosine = np.sin(angle), np.cos(angle)
    return angle + np.arctan((y * cosine - x * sine) / (x * cosine + y * sine))


# Left of zero SciPy computes gamma and loggamma by way of a complex logarithm, whose imaginary part
# of some multiple of pi would drown the complex step.  Reflection at 1/2 avoids it.


def _complex_gamma(x: Any) -> Any:
    left = np.real(x) < 0
    value = special.gamma(np.where(left, 1 - x, x))
    return np.where(left, np.pi / (np.sin(np.pi * x) * value), value)


def _complex_loggamma(x: Any) -> Any:
    # The real function is the logarithm of the absolute value.
    left = np.real(x) < 0
    value = special.loggamma(np.where(left, 1 - x, x))
    sine = np.sin(np.pi * x)
    return np.where(left, np.log(np.pi / (sine * np.sign(np.real(sine)))) - value, value)


def _complex_power(a: Any, b: Any) -> Any:
    # A whole power of a negative number goes by way of its logarithm, i*pi included, when the power
    # is large: rounding would drown the complex step.
    if np.iscomplexobj(b) or np.any(b != np.round(b)):
        return np.power(a, b)
    negative = np.real(a) < 0
    return np.power(np.where(negative, -a, a), b) * np.where(negative & (b % 2 == 1), -1.0, 1.0)


def _complex_polygamma(order: float, x: Any) -> Any:
    if order != 0 and np.iscomplexobj(x):
        raise ValueError(
            "second derivatives of gamma and loggamma are not available at complex points"
        )
    return _polygamma(order, x)


COMPLEX: Operations = {
    **ARRAY,
    "power": _complex_power,
    "atan2": _complex_atan2,
    "gamma": _complex_gamma,
    "loggamma": _complex_loggamma,
    "polygamma": _complex_polygamma,
    "Abs": lambda x: np.where(np.real(x) < 0, -x, x),
    "sign": _by_real_part(np.sign),
    "Max": _complex_maximum,
    "Min": _complex_minimum,
    "less": _by_real_part(np.less),
    "less_equal": _by_real_part(np.less_equal),
    "equal": _by_real_part(np.equal),
}
