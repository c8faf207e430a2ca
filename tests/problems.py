"""Random problems whose solution is known, and hypothesis strategies that draw them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays


@dataclass(frozen=True, eq=False)
class Quadratic:
    """The function ``(x - solution) @ A @ (x - solution) / 2 + lowest``, strongly convex.

    Points may be of shape (n,) or, one a row, (S, n).
    """

    A: np.ndarray
    solution: np.ndarray
    lowest: float
    eigenvalues: np.ndarray

    @classmethod
    def random(
        cls, n: int, condition: float = 10.0, seed: int = 0, scale: float = 1.0, shift: float = 1.0
    ) -> Quadratic:
        """Rotate eigenvalues from `scale` to `scale * condition` at random."""
        rng = np.random.default_rng(seed)
        rotation, _ = np.linalg.qr(rng.normal(size=(n, n)))
        exponents = np.concatenate(([0.0, 1.0], rng.uniform(size=n)))[:n]
        eigenvalues = scale * condition**exponents
        A = (rotation * eigenvalues) @ rotation.T
        return cls((A + A.T) / 2, shift * rng.normal(size=n), rng.normal(), eigenvalues)

    @property
    def n(self) -> int:
        return self.solution.size

    @property
    def lipschitz(self) -> float:
        return float(self.eigenvalues.max())

    @property
    def condition(self) -> float:
        return float(self.eigenvalues.max() / self.eigenvalues.min())

    def value(self, x):
        offset = x - self.solution
        return 0.5 * np.vecdot(offset @ self.A, offset) + self.lowest

    def gradient(self, x):
        return (x - self.solution) @ self.A

    def start(self, seed: int = 0, size: tuple[int, ...] = ()) -> np.ndarray:
        """Return points beside the solution."""
        rng = np.random.default_rng(seed)
        return self.solution + rng.normal(size=(*size, self.n))


@st.composite
def quadratics(draw, max_n: int = 50, max_condition: float = 1e6) -> Quadratic:
    """Draw quadratics of any dimension, condition, rotation, scale and shift."""
    return Quadratic.random(
        n=draw(st.integers(1, max_n)),
        condition=10.0 ** draw(st.floats(0.0, np.log10(max_condition))),
        seed=draw(st.integers(0, 2**32 - 1)),
        scale=10.0 ** draw(st.floats(-3.0, 3.0)),
        shift=10.0 ** draw(st.floats(-3.0, 3.0)),
    )


def points(n: int, largest: float = 100.0):
    """Draw points of shape (n,)."""
    return arrays(float, n, elements=st.floats(-largest, largest, allow_subnormal=False))


def rates(n: int, smallest: float = 1e-3, largest: float = 1e3):
    """Draw learning rates: one number, or one a coordinate."""
    rate = st.floats(smallest, largest)
    return st.one_of(rate, arrays(float, n, elements=rate))
