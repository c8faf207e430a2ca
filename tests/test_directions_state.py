"""What directions remember: steps that were cut short, restarts, curvatures, long vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skgd import DIRECTIONS, AdaGrad, Adam, HeavyBall, Nesterov, RMSProp, Rprop, Scaled, Steepest
from skgd.directions.momentum import BLOCK

BALLS = {
    "all": HeavyBall(0.8),
    "window": HeavyBall(0.8, window=3),
    "current": HeavyBall(0.8, count_current=True),
    "window with current": HeavyBall(0.8, window=3, count_current=True),
}
EVERY_BALL = pytest.mark.parametrize("ball", BALLS.values(), ids=BALLS)


def walk(direction, gradients, t=0.1):
    """Return the state after an iteration for each gradient, and the last step."""
    state, p = direction.start(np.array(gradients[0])), None
    for g in gradients:
        direction.update(state, g, g)
        p = direction.displacement(state, g, t)
        direction.moved(state, g, t, 1.0, p, p)
    return state, p


@given(st.integers(1, 5), st.floats(0, 0.95), st.integers(0, 99))
def test_a_long_vector_takes_the_path_of_its_parts(rest, momentum, seed):
    gradients = np.random.default_rng(seed).normal(size=(4, BLOCK + rest))
    ball = HeavyBall(momentum)
    _, whole = walk(ball, gradients)
    parts = [walk(ball, gradients[:, part])[1] for part in (slice(BLOCK), slice(BLOCK, None))]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


@EVERY_BALL
@given(st.floats(-1, 1))
def test_a_step_cut_short_is_charged_to_the_current_gradient(ball, left):
    g, t = np.array([-1.0]), 0.5
    state = ball.start(g)
    p = ball.displacement(state, g, t)
    ball.moved(state, g, t, 1.0, p, left * p)
    # What goes on is what a gradient would have left that had led there by itself.
    decay = ball.momentum / (1 + ball.momentum) if ball.count_current else 1.0
    expected = ball.momentum * decay * left * p
    np.testing.assert_allclose(
        ball.displacement(state, 0.0 * g, t), expected, rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize(
    "direction", [Steepest(), *BALLS.values(), Nesterov(), Nesterov(0.5), Adam()], ids=repr
)
@given(st.integers(0, 99))
def test_after_a_restart_the_step_is_that_of_the_gradient_alone(direction, seed):
    gradients = np.random.default_rng(seed).normal(size=(6, 3))
    state, _ = walk(direction, gradients[:-1])
    g = gradients[-1]
    direction.update(state, g, g)
    direction.restart(state, True, g)
    expected = -direction.rates(state, 0.1) * g
    np.testing.assert_allclose(direction.displacement(state, g, 0.1), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("direction", "largest"),
    [
        (Steepest(), True),
        (HeavyBall(0.8), True),
        (Nesterov(0.8), True),
        *((BALLS[name], False) for name in BALLS if name != "all"),
    ],
    ids=repr,
)
def test_at_the_advised_rate_a_steady_gradient_adds_up_to_no_more_than_is_stable(
    direction, largest
):
    curvature, g = np.array([1.0, 3.0, 4.0]), np.array([1.0, -2.0, 5.0])
    t = direction.advise(direction.start(g), curvature)
    _, p = walk(direction, [g] * 200, t)
    stable = np.abs(g) / curvature.sum()
    assert (np.sign(p) == -np.sign(g)).all()
    assert (np.abs(p) <= stable * (1 + 1e-9)).all()
    if largest:
        np.testing.assert_allclose(np.abs(p), stable, rtol=1e-9)


@pytest.mark.parametrize("name", DIRECTIONS)
def test_only_steps_that_follow_the_size_of_the_gradient_have_a_rate_to_advise(name):
    direction, g = DIRECTIONS[name](), np.ones(2)
    rate = direction.advise(direction.start(g), np.array([1.0, 3.0]))
    if isinstance(direction, (AdaGrad, RMSProp, Adam, Rprop)):
        assert rate is None
    else:
        assert rate > 0


def test_nesterovs_sequence_is_advised_for_a_momentum_near_one():
    curvature, g = np.ones(2), np.ones(2)
    rates = [rule.advise(rule.start(g), curvature) for rule in (Nesterov(0.98), Nesterov())]
    assert rates[0] == rates[1]


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=5), st.floats(0.01, 2))
def test_scaled_divides_by_the_curvatures_as_stably_as_possible(curvature, t):
    h, g = np.array(curvature), np.linspace(-1, 2, len(curvature))
    direction = Scaled()
    state = direction.start(g)
    np.testing.assert_array_equal(direction.displacement(state, g, t), -t * g)
    assert direction.advise(state, h) == 1.0
    np.testing.assert_allclose(direction.displacement(state, g, t), -t * g / (h.size * h))
    np.testing.assert_allclose(direction.displacement(state, g, t), -direction.rates(state, t) * g)
    # In the new units the curvatures add up to one, the inverse of the natural rate.
    assert (h * direction.rates(state, 1.0)).sum() == pytest.approx(1.0)


def test_a_step_that_a_bound_holds_does_not_grow():
    g = np.ones(2)
    direction = Rprop()
    state = direction.start(g)
    for _ in range(2):
        direction.update(state, g, g)
    p = direction.displacement(state, g, 1.0)
    np.testing.assert_allclose(p, [-1.2, -1.2])
    direction.moved(state, g, 1.0, 1.0, p, np.array([0.0, p[1]]))
    np.testing.assert_allclose(direction.displacement(state, g, 1.0), [-1.0, -1.2])


def test_rprop_pauses_where_a_sign_has_just_changed():
    direction = Rprop()
    state = direction.start(np.ones(2))
    for g, paused in (([1.0, 1.0], False), ([1.0, -1.0], True), ([1.0, -1.0], False)):
        direction.update(state, np.zeros(2), np.array(g))
        assert direction.paused(state) is paused
