"""The complex step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skgd._checks import positive
from skgd._rows import Array, Reals
from skgd.requests import Asking, Probes, Value

from .base import BoxBounds, Jacobian


@dataclass(frozen=True)
class ComplexStep(Jacobian):
    r"""The complex step [1]_, :math:`g_i = \operatorname{Im} f(x + \mathrm i h e_i) / h`.

    Exact to rounding, for functions that compute with complex numbers and are analytic: no
    ``abs``, no comparisons, no conversion to float.  The real part of every probe is x itself, so
    bounds are respected.

    Parameters
    ----------
    step : float, default 1e-20
        The step h; nothing is subtracted, so it may be tiny.

    Raises
    ------
    ValueError
        When the step is not positive; during the run, when the function returns a real number
        for a complex point.

    References
    ----------
    .. [1] W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real
       functions", SIAM Review 40 (1998), 110-112.

    Examples
    --------
    >>> from skgd import ComplexStep
    >>> ComplexStep()(lambda x: x[0] ** 3, [2.0])
    array([12.])
    """

    step: float = 1e-20

    def __post_init__(self) -> None:
        object.__setattr__(self, "step", positive("step", self.step))

    def evaluate(self, x: Array, f: Reals, box: BoxBounds) -> Asking:
        """Ask for the value, where it is not known, and for the values at the complex points."""
        if f is None:
            f = yield Value(x)
        # A step that single precision takes for zero would make every derivative zero.
        h = max(self.step, float(np.finfo(x.dtype).tiny))
        to = x.ravel().astype(np.result_type(x, np.complex64))
        to.imag = h
        coordinates = np.arange(x.size)
        row, index = (None, coordinates) if x.ndim == 1 else np.divmod(coordinates, x.shape[-1])
        values = yield Probes(x, index, to, row)
        if not np.iscomplexobj(values):
            raise ValueError(
                "fun returned real numbers for complex x, so a complex step cannot work; make fun "
                "compute with complex numbers, or use gradient='3-point'"
            )
        with np.errstate(over="ignore"):
            g = (values.imag.astype(float) / h).astype(x.dtype)
        return f, g.reshape(x.shape)
