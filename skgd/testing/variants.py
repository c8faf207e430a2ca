r"""Ways to make a problem harder that an optimiser should not notice, or should survive.

A variant maps a standard problem and a random generator to a problem. What is random (scales,
rotation, box, noise) depends on the generator alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from typing import Any

import numpy as np

from skgd._rows import Array

from .problem import Problem
from .reference import newton_minimum

Function = Callable[[Any], Any]
Variant = Callable[[Problem, np.random.Generator], Problem]


def _gradient(problem: Problem) -> Callable[[Any], Array]:
    if problem.jac is None:
        raise ValueError(
            f"problem {problem.name!r} has no gradient; variants are made of standard problems"
        )
    return problem.jac


@dataclass(frozen=True, eq=False)
class _Affine:
    """``scale * value + shift``."""

    inner: Function
    scale: float = 1.0
    shift: float = 0.0

    @np.errstate(all="ignore")
    def __call__(self, x: Any) -> Any:
        return self.scale * self.inner(x) + self.shift


@dataclass(frozen=True, eq=False)
class _Scaled:
    """A function of ``z = x / scales``; its gradient carries the scales."""

    inner: Function
    scales: Array
    gradient: bool

    @np.errstate(all="ignore")
    def __call__(self, z: Any) -> Any:
        value = self.inner(self.scales * np.asarray(z))
        return self.scales * value if self.gradient else value


@dataclass(frozen=True, eq=False)
class _Rotated:
    """A function of ``z = Q.T @ x``; its gradient turns with it."""

    inner: Function
    basis: Array
    gradient: bool

    @np.errstate(all="ignore")
    def __call__(self, z: Any) -> Any:
        value = self.inner(self.basis @ np.asarray(z))
        return value @ self.basis if self.gradient else value


@dataclass(frozen=True, eq=False)
class _Noisy:
    """``value * (1 + level * u)``, where u in [-1, 1] is a hash of `x` and the key."""

    inner: Function
    level: float
    key: bytes

    @np.errstate(all="ignore")
    def __call__(self, x: Any) -> float:
        # adding zero merges -0.0 with 0.0, which are equal but differ in their bytes
        point = np.asarray(x, dtype=float) + 0.0
        digest = blake2b(point.tobytes(), digest_size=8, key=self.key).digest()
        u = int.from_bytes(digest, "little") / 2.0**63 - 1
        return float(self.inner(point) * (1 + self.level * u))


@dataclass(frozen=True, eq=False)
class _Single:
    """A function whose argument and result are rounded to single precision."""

    inner: Function

    @np.errstate(all="ignore")
    def __call__(self, x: Any) -> Any:
        point = np.asarray(x, dtype=np.float32)
        return np.float32(self.inner(point.astype(float)))


def _standard(problem: Problem, rng: np.random.Generator) -> Problem:
    return problem


def _affine(
    problem: Problem, rng: np.random.Generator, *, scale: float = 1.0, shift: float = 0.0
) -> Problem:
    return replace(
        problem,
        fun=_Affine(problem.fun, scale, shift),
        jac=_Affine(_gradient(problem), scale),
        best=scale * problem.best + shift,
        minima=tuple(scale * value + shift for value in problem.minima),
    )


def _shifted(problem: Problem, rng: np.random.Generator) -> Problem:
    drop = float(problem.fun(problem.x0)) - problem.best
    return _affine(problem, rng, shift=1e3 * (drop or 1.0))


def _substituted(
    problem: Problem,
    wrap: Callable[[Function, Array, bool], Function],
    matrix: Array,
    to_new: Callable[[Array], Array],
) -> Problem:
    return replace(
        problem,
        fun=wrap(problem.fun, matrix, False),
        jac=wrap(_gradient(problem), matrix, True),
        start=to_new(problem.start),
        x_best=None if problem.x_best is None else to_new(problem.x_best),
    )


def _rescaled(problem: Problem, rng: np.random.Generator) -> Problem:
    scales = 10.0 ** rng.integers(-6, 7, problem.n)
    return _substituted(problem, _Scaled, scales, lambda x: x / scales)


def _rotated(problem: Problem, rng: np.random.Generator) -> Problem:
    basis, triangle = np.linalg.qr(rng.standard_normal((problem.n, problem.n)))
    # with these signs the rotation is uniformly distributed (Mezzadri 2007)
    basis = basis * np.sign(np.diag(triangle))
    return _substituted(problem, _Rotated, basis, lambda x: x @ basis)


def _bounded(problem: Problem, rng: np.random.Generator) -> Problem:
    # A descent that rounding takes out of the box, or far away, is one of many: no cause to warn.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return _boxed(problem, rng)


def _boxed(problem: Problem, rng: np.random.Generator) -> Problem:
    goal, _ = newton_minimum(problem.fun, _gradient(problem), problem.start)
    drop = problem.fun(problem.start) - problem.best
    # cutting off the one minimiser leaves others where they are many: then cut more, and nearer
    for share, reach in ((0.5, 1.0), *((1.0, 0.5**k) for k in range(8))):
        lower, upper = _box(problem, goal, share, reach, rng)
        x_best, best = _best_in_box(problem, goal, lower, upper, rng)
        if best > problem.best + 1e-9 * drop:
            break
    return replace(
        problem,
        bounds=tuple((_limit(low), _limit(high)) for low, high in zip(lower, upper, strict=True)),
        best=best,
        minima=(),
        x_best=x_best,
    )


def _limit(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _box(
    problem: Problem, goal: Array, share: float, reach: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    way = goal - problem.start
    cut = rng.random(problem.n) < share
    cut[np.argmax(np.abs(way))] = True
    ahead = problem.start + np.where(cut, reach * rng.uniform(0.3, 0.8, problem.n), 1.5) * way
    behind = problem.start - 0.5 * reach * way
    # a convex function hides no better minimum far out, so that its other variables may be free
    free = (way == 0) | (~cut & problem.convex)
    lower = np.where(free, -np.inf, np.minimum(ahead, behind))
    upper = np.where(free, np.inf, np.maximum(ahead, behind))
    return lower, upper


def _best_in_box(
    problem: Problem, goal: Array, lower: Array, upper: Array, rng: np.random.Generator
) -> tuple[Array, float]:
    start, count = problem.start, min(20, max(4, 400 // problem.n))
    x, value, _ = _lowest([start], problem, lower, upper)
    if problem.convex:
        return x, value
    centre = np.clip(goal, lower, upper)
    # where all descents agree one round is enough; where they scatter, only persistence helps
    in_vain, agreement = 0, 0.0
    while in_vain < (1 if agreement > 0.9 else 4):
        spread = rng.uniform(-1, 1.2, (count, problem.n)) * (centre - start)
        end, lowest, agreement = _lowest([centre, *(start + spread)], problem, lower, upper)
        in_vain += 1
        if lowest < value - 1e-9 * abs(value):
            x, value, in_vain = end, lowest, 0
        centre = x
    return x, value


def _lowest(
    starts: list[Array], problem: Problem, lower: Array, upper: Array
) -> tuple[Array, float, float]:
    """Descend from all starts in two ways and polish; the share of ends at the best comes third."""
    from scipy.optimize import Bounds, minimize

    jac = _gradient(problem)
    reached = [
        minimize(
            problem.fun,
            np.clip(x, lower, upper),
            jac=jac,
            method=method,
            bounds=Bounds(lower, upper),
            options={"ftol": 1e-13, "gtol": 1e-10, "maxfun": 2000},
        )
        for x in starts
        for method in ("L-BFGS-B", "TNC")
    ]
    reached.sort(key=lambda result: float(result.fun))
    polished = [
        newton_minimum(problem.fun, jac, result.x, lower=lower, upper=upper)
        for result in reached[:2]
    ]
    x, value = min(polished, key=lambda end: end[1])
    agreement = np.mean([result.fun - value <= 1e-6 * abs(value) for result in reached])
    return x, float(value), float(agreement)


def _without_gradient(problem: Problem, rng: np.random.Generator) -> Problem:
    return replace(problem, jac=None)


def _noisy(problem: Problem, rng: np.random.Generator) -> Problem:
    return replace(problem, fun=_Noisy(problem.fun, 1e-6, rng.bytes(16)), jac=None)


def _float32(problem: Problem, rng: np.random.Generator) -> Problem:
    return replace(
        problem,
        fun=_Single(problem.fun),
        jac=_Single(_gradient(problem)),
        start=problem.start.astype(np.float32),
        best=float(np.float32(problem.best)),
        minima=tuple(float(np.float32(value)) for value in problem.minima),
        x_best=None if problem.x_best is None else problem.x_best.astype(np.float32),
    )


VARIANTS: dict[str, Variant] = {
    "standard": _standard,
    "rescaled": _rescaled,
    "f*1e-8": partial(_affine, scale=1e-8),
    "f*1e8": partial(_affine, scale=1e8),
    "shifted": _shifted,
    "rotated": _rotated,
    "bounded": _bounded,
    "finite-difference": _without_gradient,
    "noisy": _noisy,
    "float32": _float32,
}
"""The variants by name; :func:`problems` documents them."""
