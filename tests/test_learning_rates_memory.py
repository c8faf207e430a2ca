"""Learning rates that learn along the way, against their definitions written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import quadratics

from skgd import Armijo, Gains, Lipschitz, Polyak, Proportional, Ritz, Spectral, gd
from skgd.learning_rates import Trial

EPS = np.finfo(float).eps
rates_and_shares = st.floats(1e-3, 1e3)


def path(problem, rate, steps=25):
    """Return the iterates of steepest descent."""
    res = gd(
        problem.value,
        problem.start(),
        jac=problem.gradient,
        learning_rate=rate,
        maxiter=steps,
        gtol=0.0,
        return_all=True,
    )
    return np.array(res.allvecs)


def compare(problem, rate, propose):
    """Compare the rates of a run with those that are proposed for it, trials included.

    ``propose(x, g, f)`` is told the iterates so far, and returns the next rate.
    """
    x = path(problem, rate)
    f, g = problem.value(x), problem.gradient(x)
    taken = np.linalg.norm(np.diff(x, axis=0), axis=1) / np.linalg.norm(g[:-1], axis=1)
    for k in range(1, len(x) - 1):
        if f[k] - problem.lowest <= 1e-8 * abs(f[0] - problem.lowest):
            break  # rounding decides from here on
        t = propose(x[: k + 1], g[: k + 1], f[: k + 1])
        if t is None:
            continue
        bound = f[max(0, k + 1 - rate.memory) : k + 1].max() - rate.c1 * t * g[k] @ g[k]
        tried = problem.value(x[k] - t * g[k])
        if tried <= bound - 1e-9 * abs(bound):
            assert taken[k] == pytest.approx(t, rel=1e-5)
        elif tried > bound + 1e-9 * abs(bound):
            assert taken[k] < t * (1 - 1e-3)


def first(problem):
    return 1e-2 / problem.lipschitz


@given(quadratics(max_n=8, max_condition=100.0), st.integers(1, 4), st.floats(1.5, 20))
def test_lipschitz_is_the_inverse_of_the_largest_curvature_seen_lately(problem, span, grow):
    rate = Lipschitz(initial=first(problem), span=span, grow=grow)

    def propose(x, g, f):
        steps, changes = np.diff(x, axis=0), np.diff(g, axis=0)
        seen = np.linalg.norm(changes, axis=1) / np.linalg.norm(steps, axis=1)
        # The rate before is that of the displacement: a step that was cut short hides it.
        before = np.linalg.norm(steps[-1]) / np.linalg.norm(g[-2])
        wanted = 1 / seen[-span:].max()
        return wanted if wanted <= grow * before else None

    compare(problem, rate, propose)


@given(quadratics(max_n=8, max_condition=100.0), st.floats(1.5, 5))
def test_lipschitz_grows_by_no_more_than_it_may(problem, grow):
    start = 1e-6 / problem.lipschitz
    x = path(problem, Lipschitz(initial=start, grow=grow), steps=5)
    g = problem.gradient(x[:-1])
    taken = np.linalg.norm(np.diff(x, axis=0), axis=1) / np.linalg.norm(g, axis=1)
    np.testing.assert_allclose(taken, start * grow ** np.arange(5), rtol=1e-4)


@given(quadratics(max_n=8, max_condition=100.0))
def test_spectral_takes_the_smallest_of_the_last_short_rates_where_both_differ(problem):
    def propose(x, g, f):
        steps, changes = np.diff(x, axis=0), np.diff(g, axis=0)
        short = np.vecdot(steps, changes) / np.vecdot(changes, changes)
        long = steps[-1] @ steps[-1] / (steps[-1] @ changes[-1])
        if abs(short[-1] / (0.8 * long) - 1) < 1e-9:
            return None
        return short[-5:].min() if short[-1] < 0.8 * long else long

    compare(problem, Spectral(initial=first(problem)), propose)


@given(quadratics(max_n=8, max_condition=100.0), st.integers(1, 4))
def test_ritz_sweeps_through_the_inverse_eigenvalues_on_the_space_of_the_last_gradients(
    problem, sweep
):
    rate = Ritz(initial=1 / problem.lipschitz, sweep=sweep)
    queue = []

    def propose(x, g, f):
        if f[-1] > f[-2] or propose.cut:
            queue.clear()
            propose.lost = False
        if not queue:
            last = g[:-1][-sweep:]
            # Among gradients that are nearly dependent rounding decides how many count, and so
            # when the next sweep begins.
            sizes = np.linalg.svd(last / np.linalg.norm(last, axis=1, keepdims=True))[1]
            propose.lost |= len(last) > problem.n or (sizes[-1] / sizes[0]) ** 2 < 1e-6
            basis, _ = np.linalg.qr(last.T)
            queue.extend(np.sort(1 / np.linalg.eigvalsh(basis.T @ problem.A @ basis)))
        t = queue.pop(0)
        bound = f[-rate.memory :].max() - rate.c1 * t * g[-1] @ g[-1]
        propose.cut = problem.value(x[-1] - t * g[-1]) > bound
        return None if propose.lost else t

    propose.cut = propose.lost = False
    compare(problem, rate, propose)


def trial(f=1.0, f_trial=0.0, slope=-1.0, t=1.0, s=1.0, noise=0.0):
    one = Trial(np.zeros(1), f, np.zeros(1), EPS)
    one.t, one.s, one.f, one.f_trial, one.slope, one.noise = t, s, f, f_trial, slope, noise
    return one


@given(st.floats(-3, 3), st.floats(0.1, 5), st.floats(0.1, 50), st.floats(0.01, 1))
def test_a_trial_that_fails_is_followed_by_the_minimum_of_the_parabola(f, steep, curvature, s):
    # Along the ray the function is f - steep u + curvature u**2 / 2.
    f_trial = f - steep * s + curvature * s**2 / 2
    t, new = Armijo().retry(None, trial(f, f_trial, -steep, t=2.0, s=s))
    assert t == 2.0
    assert new == pytest.approx(np.clip(steep / curvature, 0.1 * s, 0.5 * s), rel=1e-6)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=6), st.integers(1, 4), st.floats(0.01, 0.9))
def test_a_trial_is_judged_by_the_largest_of_the_last_values_and_the_slope(values, memory, c1):
    rule, g = Armijo(memory=memory, c1=c1), np.ones(1)
    state = rule.start(g, values[0], g, 1.0)
    for f in values[1:]:
        rule.learn(state, trial(f_trial=f), g, g)
    for s in (1.0, 0.25):
        bound = max(values[-memory:]) - c1 * s * 2.0
        for over, good in ((-1e-9, True), (1e-9, False)):
            asked = trial(values[-1], bound + over, slope=-2.0, s=s)
            assert rule.accepts(state, asked) == good
        assert rule.accepts(state, trial(values[-1], bound + 0.5, slope=-2.0, s=s, noise=0.6))


@pytest.mark.parametrize(("s", "factor"), [(1.0, 3.0), (0.25, 0.25)])
def test_only_a_rate_that_was_accepted_at_once_grows(s, factor):
    rule, g = Armijo(initial=1.0, grow=3.0), np.ones(1)
    state = rule.start(g, 1.0, g, 1.0)
    rule.learn(state, trial(t=2.0, s=s), g, g)
    assert rule.rate(state, 1, 0.0, g) == 2.0 * factor


@given(quadratics(max_n=8, max_condition=100.0), st.floats(0.5, 1.5))
def test_polyak_without_the_minimum_aims_at_a_level_that_follows_the_progress(problem, factor):
    x = path(problem, Polyak(factor=factor))
    f, g = problem.value(x), problem.gradient(x)
    lengths = np.linalg.norm(np.diff(x, axis=0), axis=1)
    best, gap, idle = f[0], 0.1 * np.linalg.norm(x[0]) * np.linalg.norm(g[0]), 0
    for k in range(len(lengths)):
        step = factor * (f[k] - best + gap) / np.linalg.norm(g[k])
        if min(gap / abs(f[k]), step / np.abs(x[k : k + 2]).max()) < 1e-8:
            break  # rounding decides from here on
        assert lengths[k] == pytest.approx(step, rel=1e-5)
        gain, best = best - f[k + 1], min(best, f[k + 1])
        idle = 0 if gain > 0 else idle + 1
        if abs(gain - gap / 2) < 1e-6 * gap:
            break
        gap *= 1.5 if gain > gap / 2 else 0.5 if idle == 5 else 1.0
        idle %= 5


@given(st.floats(0.01, 1), quadratics(max_n=8), st.booleans())
def test_proportional_moves_the_start_by_the_fraction_of_its_length(fraction, problem, origin):
    x = 0.0 * problem.start() if origin else problem.start()
    g = problem.gradient(x)
    rule = Proportional(fraction)
    state = rule.start(x, 0.0, g, np.linalg.norm(g))
    rates = [rule.rate(state, k, 0.0, g) for k in range(3)]
    length = np.sqrt(x.size) if origin else np.linalg.norm(x)
    assert rates == [pytest.approx(fraction * length / np.linalg.norm(g))] * 3


@given(rates_and_shares, rates_and_shares, st.floats(0, 2), st.none() | st.floats(0, 500))
def test_gains_have_spalls_form_and_begin_at_the_share_of_the_natural_rate(
    natural, share, alpha, stability
):
    rule, x = Gains(share=share, alpha=alpha, stability=stability), np.ones(2)
    state = rule.start(x, 0.0, x, 1.0)
    told = rule.advise(state, natural, 1000.0)
    assert told["A"] == (100.0 if stability is None else stability)
    assert told["alpha"] == alpha
    for k in (0, 1, 10, 1000):
        expected = told["a"] / (k + 1 + told["A"]) ** alpha
        assert rule.rate(state, k, 0.0, x) == pytest.approx(expected, rel=1e-9)
    assert rule.rate(state, 0, 0.0, x) == pytest.approx(share * natural)


def test_gains_that_block_undo_a_step_that_rises_above_the_noise():
    rule = Gains(blocking=True)
    assert not Gains().searches
    assert rule.searches
    assert rule.accepts(None, trial(f=1.0, f_trial=1.4, noise=0.5))
    risen = trial(f=1.0, f_trial=1.6, noise=0.5, s=1.0)
    assert not rule.accepts(None, risen)
    _, risen.s = rule.retry(None, risen)
    assert risen.s == 0.0
    assert rule.accepts(None, risen)
