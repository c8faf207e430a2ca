"""What a run finds out about noise and curvature, and lets its parts know."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from .averaging import Swarm
from .jacobians import Ground
from .noise import Noise
from .progress import Progress
from .proximal import optimality
from .requests import Asking
from .rules import Rules

__all__ = ["heed", "prepare", "sharpen"]

SHARPER = 1.5
"""Factor by which steps of differences must differ for a run at rest at the noise to go on."""


def prepare(run: Progress, rules: Rules, box: Any) -> Asking:
    """Measure the noise and let the gradient scheme prepare.

    Returns
    -------
    rules, f
        The rules with the scheme of this run, and the value at the start where it is known.
    """
    jacobian, x = rules.jacobian, run.x
    noise = Noise() if rules.noise is None and jacobian.random else rules.noise
    f = None
    if noise is not None:
        if x.ndim == 2 and isinstance(noise.level, str):
            raise ValueError("noise='auto' serves single runs; give the number for a batch")
        level, f = yield from noise.measure(x, box)
        run.noisy = math.isfinite(level)
        run.noise = level if run.noisy else 0.0
        if f is not None and rules.constraint is None and math.isfinite(f):
            run.saw(x, f)
    ground = Ground(
        run.noise,
        noise,
        box,
        float(rules.stopping.limit(x.shape[-1])),
        rules.evaluations,
        rules.rng,
    )
    jacobian, f = yield from jacobian.prepare(x, f, ground)
    run.scheme, run.constraint = jacobian, rules.constraint
    if jacobian.random:
        run.swarm, run.error = Swarm(x), math.inf
    return (rules if jacobian is rules.jacobian else replace(rules, jacobian=jacobian)), f


def sharpen(run: Progress, rules: Rules, box: Any, plain: float) -> Asking:
    """Find noise and steps of differences anew, as the curvature is another here.

    Returns
    -------
    rules, sharper
        The rules with the new scheme, and whether its steps are clearly other ones.
    """
    old: Any = rules.jacobian
    if old.settled or run.random or rules.noise is None:
        return rules, False
    level, f = yield from rules.noise.measure(run.x, box)
    if not math.isfinite(level):
        return rules, False
    new = yield from old.renew(run.x, plain if f is None else f, Ground(level, rules.noise, box))
    apart = np.abs(np.log(np.abs(new.step / old.step)))
    run.noise, run.scheme = level, new
    return replace(rules, jacobian=new), bool(apart.max() > math.log(SHARPER))


def heed(run: Progress, rules: Rules, way: Any, pace: Any, iterations: float) -> None:
    """Let direction, rate and tests of convergence know what a random scheme has learned."""
    scheme: Any = rules.jacobian
    natural = rules.direction.advise(way, scheme.curvature)
    run.natural = natural is not None
    gains = rules.learning_rate.advise(pace, natural, iterations)
    if run.gains is None:
        # What multiplies the gradient, as in the classical form of the gain sequence.
        factor = np.array(rules.direction.rates(way, gains["a"])) if "a" in gains else None
        run.gains = gains if factor is None else {**gains, "a": factor}
    run.measured, run.noise = scheme.measured, scheme.noise
    if scheme.slope is None:
        run.error = math.inf
        return
    mean, error = scheme.slope
    run.error = 2.0 * float(error.max())
    run.remeasured(optimality(run.x, mean.astype(run.x.dtype), rules.constraint))
