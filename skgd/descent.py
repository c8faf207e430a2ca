r"""The descent: one loop, whatever the method, the function and the way it is evaluated.

The loop is a generator.  It never calls the user's function: it *asks* for evaluations (see
`skgd.requests`) and is *told* their values.  It names no concrete rule either; what it needs of
each of its five parts is their base class:

* a `Jacobian` asks for the gradient,
* a `Direction` turns gradient and rate into a displacement,
* a `LearningRate` proposes the rate and judges the value at the trial point,
* a `Constraint` makes the displacement end in an allowed, or sparser, point,
* a `Stopping` says when it is over.

An iteration is

.. math::

   d_k = \operatorname{prox}_{t_k h}(x_k + p_k) - x_k, \qquad x_{k+1} = x_k + s_k d_k ,

with the displacement :math:`p_k` of the direction and the largest :math:`s_k \in (0, 1]` that the
learning rate accepts.  Every trial point lies between two allowed points, and on a ray, so that an
objective that is cheap along rays can answer from what it has.

One point of shape (n,) or a batch (S, n) of independent runs: the code is the same, see
`skgd._rows`.  Finished rows leave the batch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._pool import Pool
from ._rows import (
    Array,
    Reals,
    Truths,
    choose,
    column,
    dot,
    every,
    finite,
    full,
    greater,
    largest,
    norm,
    some,
    square,
)
from ._state import State
from .adaptation import heed, prepare, sharpen
from .learning_rates import Trial
from .progress import Progress
from .proximal import Constraint, optimality
from .requests import Asking, Curvature, IterationDone, Value
from .rules import Rules
from .stopping import CONVERGED, Reason, full_truth

__all__ = ["Progress", "Rules", "descend"]

FIRST_AGAIN = 8
"""Iterations after which the steps of differences are found anew, where values are noisy; from then
on each time that the number of iterations has doubled."""

STALLS = 5
"""So many times a run at rest at the noise goes on, with steps that are clearly other ones."""

GRACE = 50.0
"""Iterations that a run at rest may take to get below a better point that it passed."""


@dataclass(slots=True)
class _Passed(State):
    """The better point that a run went back to: its value, and the iterations it may still take."""

    f: Reals
    grace: Reals


ITERATION_DONE = IterationDone()


def descend(run: Progress, rules: Rules) -> Asking:  # noqa: C901 - the loop, in one piece
    """Descend from ``run.x``; yield requests, be sent their answers, keep `run` up to date.

    Parameters
    ----------
    run : Progress
        The start; its ``x`` must be allowed by the constraint and belongs to the loop from now on.
    rules : Rules
        The five parts.

    Yields
    ------
    Request
        See `skgd.requests`.  The generator ends when every run has a reason to stop; whoever runs
        it may also close it at any request.

    Raises
    ------
    FloatingPointError
        When a value or gradient is not finite and ``nonfinite="raise"``.
    """
    direction, constraint = rules.direction, rules.constraint
    learning_rate, stopping = rules.learning_rate, rules.stopping
    box = None if constraint is None else constraint.box()
    batch = run.x.ndim == 2

    x = run.x
    rules, f = yield from prepare(run, rules, box)
    jacobian, random = rules.jacobian, run.random
    f, g = yield from jacobian.evaluate(x, f, box)
    if constraint is not None:
        f = f + constraint.value(x)
    gg = square(g)
    run.first, run.first_gg = f, gg
    run.at(x, f, g, gg, optimality(x, g, constraint))
    horizon = min(float(stopping.limit(x.shape[-1])), rules.evaluations / 2.0)
    fine = finite(f) & finite(gg)
    _refuse(rules, 0, x, f, fine ^ True)
    rough = jacobian.roughness(run.noise)
    marks = stopping.start(
        run,
        constrained=constraint is not None,
        differences=jacobian.by_differences,
        noise=run.noise,
        blur=rough / math.sqrt(x.shape[-1]),
        random=random,
        fixed=learning_rate.constant and direction.proximal,
    )
    start = choose(finite(f), Reason.NONFINITE_BESIDE.code, Reason.NONFINITE_START.code)
    code = choose(fine, stopping.check(marks, run), start)
    way = direction.start(x)
    direction.update(way, x, g)
    metric = None
    if direction.curved and fine:
        metric, _ = yield from _look(run, rules, way)
        code = choose(fine, stopping.check(marks, run), code)
    pace = learning_rate.start(x, f, g, norm(direction.displacement(way, g, full(x, 1.0))))
    pool = Pool(x.shape, x.dtype)
    trial = Trial(x, f, g, run.eps)
    trial.noise = 2.0 * run.noise
    trial.metric = metric
    if metric is not None:
        learning_rate.renew(pace)
    passed = _Passed(full(x, math.nan), full(x, 0.0))
    # At ten variables an iteration lasts five microseconds; each of these look-ups takes its share.
    rate, learn, check = learning_rate.rate, learning_rate.learn, stopping.check
    moved, update, curved = direction.moved, direction.update, direction.curved
    if random:
        heed(run, rules, way, pace, horizon)
        code = choose(fine, stopping.check(marks, run), code)
    again, stalls = FIRST_AGAIN, 0
    yield ITERATION_DONE

    while True:
        if some(code) if batch else code:
            code, back = yield from _conclude(run, rules, box, way, code, passed)
            if some(back):
                # The better point that was passed is taken up again, at rest.
                assert run.g is not None
                direction.restart(way, back, run.g)
                if direction.curved:
                    trial.metric, _ = yield from _look(run, rules, way)
            if not batch and code:
                run.reason = Reason.of(code)
                return
            if batch and some(code):
                rows = run.retire(code)
                if not rows.size:
                    return
                for state in (way, pace, marks, passed):
                    state.keep(rows)
                pool = Pool(run.x.shape, run.x.dtype)
            x, f, g = run.x, run.f, run.g
            assert g is not None
            # The rows of the last trial are no longer those of the batch.
            trial.g = g
        trial.k, trial.t = run.k, rate(pace, run.k, f, g)
        code = yield from _step(run, rules, box, pool, way, pace, trial)
        if not batch and code:
            if run.noise and code == Reason.PRECISION.code:
                code = Reason.NOISE.code
            continue
        step = trial.d if trial.whole else np.multiply(trial.d, column(trial.s), pool.take())
        if not marks.usual:
            run.whole = (trial.s == 1.0) & (direction.paused(way) ^ True)
        moved(way, g, trial.t, trial.s, trial.p, step)
        if rough and norm(trial.g - g) <= 2.0 * rough:
            learning_rate.overlook(pace, trial)
        else:
            learn(pace, trial, g, trial.g)
        run.k += 1
        run.f_before, run.gg_before = f, run.gg
        run.t, run.s, run.step = trial.t, trial.s, step
        x, f, g = trial.x, trial.f_trial, trial.g
        run.at(x, f, g, trial.gg, g if constraint is None else optimality(x, g, constraint))
        update(way, x, g)
        if random:
            heed(run, rules, way, pace, horizon)
        if curved:
            trial.metric, new = yield from _look(run, rules, way)
            if new:
                learning_rate.renew(pace)
        ended = check(marks, run)
        code = np.where(code, code, ended) if batch else ended
        if run.noise and not batch and (run.k == again or code == Reason.NOISE.code):
            rules, sharper = yield from sharpen(run, rules, box, trial.plain)
            again, trial.noise, marks.noise = 2 * run.k, 2.0 * run.noise, run.noise
            rough = rules.jacobian.roughness(run.noise)
            marks.blur = rough / math.sqrt(x.size)
            if sharper and code == Reason.NOISE.code and stalls < STALLS:
                code, stalls = 0, stalls + 1
                stopping.wake(marks)
        if run.watched:
            yield ITERATION_DONE


def _look(run: Progress, rules: Rules, way: Any) -> Asking:
    """Show a curved direction where it stands, and the metric there if it asks for it.

    Returns
    -------
    metric, new
        The metric that steps are taken in from here, None for the Euclidean one, and whether it is
        another than before.
    """
    x, g, constraint, direction = run.x, run.g, rules.constraint, rules.direction
    assert g is not None
    face = None if constraint is None else constraint.face(x, g)
    direction.stand(way, x, g, constraint, face)
    new = direction.outdated(way, run.t)
    if new:
        metric = yield Curvature(x, None if face is None else face.free)
        direction.bend(way, metric)
        new = metric is not None
    if run.residual is not None:
        run.remeasured(direction.measure(way, g, run.residual, face))
    return direction.metric(way), new


def _step(
    run: Progress, rules: Rules, box: Any, pool: Pool, way: Any, pace: Any, trial: Trial
) -> Asking:
    """Try points until one is accepted.

    Returns
    -------
    code
        Zero, or the code of the reason why no point could be accepted; then the trial is the
        iterate itself.
    """
    x, f, g = run.x, run.f, run.g
    assert g is not None
    trial.f, trial.s, trial.whole = f, full(x, 1.0), True
    _aim(rules, way, run, trial)
    if rules.searches:
        uphill = trial.slope >= 0.0
        if some(uphill):
            # The velocity leads uphill: forget it, where it does.
            rules.direction.restart(way, uphill, g)
            _aim(rules, way, run, trial)
    rows: Array | None = None
    tries = 0
    at_rest = False
    undefined: Truths = False
    while True:
        trial.x = _point(pool, x, trial, rules.constraint)
        ok = yield from _measure(run, rules, box, pace, trial, rows)
        if tries and some(undefined):
            # A step that rounds to nothing is no way out of where the function is undefined.
            ok = ok & ((undefined & (largest(trial.x - x) == 0.0)) ^ True)
        if every(ok):
            return 0
        wild = (finite(trial.f_trial) & finite(trial.gg)) ^ True
        undefined = undefined | wild
        _refuse(rules, run.k + 1, trial.x, trial.f_trial, wild)
        run.saw(trial.x, choose(finite(trial.f_trial), trial.f_trial, math.inf))
        tries += 1
        if tries >= rules.max_tries and not at_rest and rules.searches and not some(wild):
            at_rest = True
            if _come_to_rest(rules, way, run, trial, ok):
                tries = 0
        if tries >= rules.max_tries or (some(wild) and rules.nonfinite == "stop"):
            run.tries = tries
            code = choose(undefined, Reason.NONFINITE.code, Reason.PRECISION.code)
            _stay(trial, run, ok ^ True)
            return choose(ok, 0, code)
        if tries > 0:
            _shorten(rules, way, pace, run, trial, ok, wild)
        rows = None if x.ndim == 1 else np.flatnonzero(ok ^ True)


def _come_to_rest(rules: Rules, way: Any, run: Progress, trial: Trial, ok: Truths) -> bool:
    """Forget the velocity where no step along it lowers the value; tell if that changes the aim."""
    velocity = trial.d
    assert run.g is not None
    rules.direction.restart(way, ok ^ True, run.g)
    _aim(rules, way, run, trial)
    trial.s = choose(ok, trial.s, full(run.x, 1.0))
    return some(largest(trial.d - velocity) > 0.0)


def _shorten(
    rules: Rules, way: Any, pace: Any, run: Progress, trial: Trial, ok: Truths, wild: Truths
) -> None:
    """Enter what is tried next, where the trial was not accepted."""
    t, s = rules.learning_rate.retry(pace, trial)
    trial.s, trial.whole = choose(ok, trial.s, choose(wild, 0.25 * trial.s, s)), False
    t = choose(ok | wild, trial.t, t)
    if some(t != trial.t):
        trial.t = t
        _aim(rules, way, run, trial)


def _aim(rules: Rules, way: Any, run: Progress, trial: Trial) -> None:
    """Enter the direction's displacement, the allowed one, and the derivative along that."""
    x, g, constraint = run.x, run.g, rules.constraint
    assert g is not None
    p = rules.direction.displacement(way, g, trial.t)
    bounded = trial.t * (1.0 + run.gg) < run.most
    if bounded is not True and not every(bounded):
        # The function must not be asked about points that only an overflow has made.
        p = np.nan_to_num(p, nan=0.0, posinf=run.most, neginf=-run.most)
    trial.p = trial.d = p
    if constraint is not None:
        d = trial.d = constraint.step(x, p, rules.direction.rates(way, trial.t))
        trial.slope = dot(g, d) + (constraint.value(x + d) - constraint.value(x))
    elif rules.searches:
        trial.slope = dot(g, p)


def _point(pool: Pool, x: Array, trial: Trial, constraint: Constraint | None) -> Array:
    """Return the trial point, made allowed again where rounding has led out."""
    if trial.whole:
        point = np.add(x, trial.d, pool.out())
    else:
        point = np.multiply(trial.d, column(trial.s), pool.take())
        point += x
    if constraint is not None:
        constraint.repair(point)
    return point


def _measure(
    run: Progress, rules: Rules, box: Any, pace: Any, trial: Trial, rows: Array | None
) -> Asking:
    """Evaluate the trial point, or the given rows of it; return where it is accepted."""
    x, constraint, jacobian = trial.x, rules.constraint, rules.jacobian
    part = x if rows is None else x[rows]
    if rules.searches:
        if rows is None:
            trial.plain = yield Value(x, run.x, trial.d, trial.s)
        else:
            answer = yield Value(part, run.x[rows], trial.d[rows], trial.s[rows])
            trial.plain = _put(trial.plain, rows, answer)
        _add_penalty(trial, constraint)
        trial.gg = full(x, 0.0)
        fine = finite(trial.f_trial)
        run.saw(x, choose(fine, trial.f_trial, math.inf))
        ok = fine & rules.learning_rate.accepts(pace, trial)
        if not every(ok):
            return ok
        _, trial.g = yield from jacobian.evaluate(x, trial.plain, box)
    else:
        plain, g = yield from jacobian.evaluate(part, None, box)
        trial.plain = plain if rows is None else _put(trial.plain, rows, plain)
        trial.g = g if rows is None else _put(trial.g, rows, g)
        trial.f_trial = trial.plain
        if constraint is not None:
            _add_penalty(trial, constraint)
    trial.gg = square(trial.g)
    return finite(trial.f_trial + trial.gg)


def _add_penalty(trial: Trial, constraint: Constraint | None) -> None:
    """Enter the value that the descent minimises: the function's and the penalty's."""
    plain = trial.plain
    trial.f_trial = plain if constraint is None else plain + constraint.value(trial.x)


def _stay(trial: Trial, run: Progress, where: Truths) -> None:
    """Take the iterate for what was found, where no point was accepted."""
    trial.x, trial.g = choose(where, run.x, trial.x), choose(where, run.g, trial.g)
    trial.f_trial = choose(where, run.f, trial.f_trial)
    trial.gg = choose(where, run.gg, trial.gg)
    trial.s, trial.whole = choose(where, full(run.x, 0.0), trial.s), False


def _put(old: Array, rows: Array, new: Array) -> Array:
    """Return `old` with the given rows replaced."""
    merged = np.array(old)
    merged[rows] = new
    return merged


def _conclude(
    run: Progress, rules: Rules, box: Any, way: Any, code: Any, passed: _Passed
) -> Asking:
    """Make sure that a run that claims to have converged returns a point where that is true.

    The best point that was evaluated is the one returned.  When it is not the last iterate, where
    the test of convergence was met, its own gradient decides: if it is as good, fine; if its value
    differs by rounding only, the last iterate is taken for the best; else the run goes back to it
    and goes on.  When it comes to rest beside the same point again, it may go on for a while to
    get below it.

    Returns
    -------
    code, back
        The code of the reason to stop, zero where the run goes on, and where it went back.
    """
    if run.random:
        return (yield from _confirm(run, rules, box, code)), False
    converged = np.isin(code, CONVERGED) if run.x.ndim == 2 else code in CONVERGED
    above = converged & (run.best_f < run.f)
    if not some(above):
        return code, full_truth(run.x) ^ True
    best_x, best_f = run.best_x, run.best_f
    if run.best_g is None:
        _, run.best_g = yield from rules.jacobian.evaluate(best_x, None, box)
    g = run.best_g
    assert g is not None
    residual = optimality(best_x, g, rules.constraint)
    if rules.direction.curved:
        face = None if rules.constraint is None else rules.constraint.face(best_x, g)
        residual = rules.direction.measure(way, g, residual, face)
    stationary = rules.stopping.size(residual) <= greater(run.gnorm, rules.stopping.gtol)
    worse = above & (stationary ^ True)
    again = worse & (best_f == passed.f)
    on = again & (passed.grace > 0)
    passed.grace = passed.grace - on
    equal = worse & (run.f - best_f <= 4.0 * run.eps * abs(run.f)) & (run.f <= run.first)
    if some(equal):
        run.prefer_last(equal)
    back = worse & (equal ^ True) & (again ^ True)
    if some(back):
        f = choose(back, best_f, run.f)
        x, g = choose(back, best_x, run.x), choose(back, g, run.g)
        run.at(x, f, g, square(g), optimality(x, g, rules.constraint))
        passed.f = choose(back, f, passed.f)
        passed.grace = choose(back, full(run.x, GRACE), passed.grace)
    lost = again & (on ^ True) & (equal ^ True)
    further = Reason.MAXITER.code if run.k >= rules.stopping.limit(run.x.shape[-1]) else 0
    return choose(
        back | (on & (equal ^ True)), further, choose(lost, Reason.WORSE.code, code)
    ), back


def _confirm(run: Progress, rules: Rules, box: Any, code: int) -> Asking:
    """Make sure that a run whose mean gradient vanishes is where the gradient does."""
    if code != Reason.GTOL.code:
        return code
    scheme: Any = rules.jacobian
    f, g = yield from scheme.confirm(run.x, box)
    if rules.constraint is not None:
        f = f + rules.constraint.value(run.x)
    residual = optimality(run.x, g, rules.constraint)
    if not rules.stopping.size(residual) <= rules.stopping.gtol:
        return 0
    run.remeasured(residual)
    run.error, run.f = 0.0, f
    run.best_x, run.best_f, run.best_g = run.x, f, g
    return code


def _refuse(rules: Rules, k: int, x: Array, f: Reals, wild: Truths) -> None:
    """Raise FloatingPointError for what is not finite, if that is asked for."""
    if rules.nonfinite != "raise" or not some(wild):
        return
    what = "gradient" if every(finite(f)) else "value"
    raise FloatingPointError(
        f"the {what} is not finite at x = {np.array2string(x, threshold=8)} (iteration {k}); "
        f"add bounds that keep x where the function is defined, use a smaller learning_rate, or "
        f"choose nonfinite='backtrack'"
    )
