"""Directions, step by step against the formulas of their papers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import Quadratic

from skgd import (
    DIRECTIONS,
    L1,
    AdaGrad,
    Adam,
    Direction,
    HeavyBall,
    Method,
    NAdam,
    Nesterov,
    RMSProp,
    Rprop,
    Simplex,
    Steepest,
    gd_adagrad,
    gd_adam,
    gd_momentum,
    gd_nadam,
    gd_nesterov,
    gd_rmsprop,
    gd_rprop,
)

STEPS = 20

# The rest keep a momentum, which may lead uphill for a while.
ALWAYS_DOWNHILL = {"steepest", "nesterov", "adagrad", "rmsprop", "rprop", "scaled"}
seeds = st.integers(0, 1000)


def path(method, problem, rate, steps=STEPS, **options):
    """Return the iterates of a run with a constant learning rate."""
    res = method(
        problem.value,
        problem.start(),
        jac=problem.gradient,
        learning_rate=rate,
        maxiter=steps,
        gtol=0.0,
        return_all=True,
        **options,
    )
    return np.array(res.allvecs)


def a_problem(seed):
    problem = Quadratic.random(4, condition=30.0, seed=seed)
    return problem, 0.3 / problem.lipschitz


def agree(got, expected):
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-11)


@given(seeds)
def test_steepest_steps_down_the_gradient(seed):
    problem, t = a_problem(seed)
    x = [problem.start()]
    for _ in range(STEPS):
        x.append(x[-1] - t * problem.gradient(x[-1]))
    agree(path(Method(direction=Steepest()), problem, t), x)


@given(seeds, st.floats(0, 0.95))
def test_heavy_ball_is_polyaks(seed, beta):
    problem, t = a_problem(seed)
    x = [problem.start()] * 2
    for _ in range(STEPS):
        x.append(x[-1] - t * problem.gradient(x[-1]) + beta * (x[-1] - x[-2]))
    agree(path(gd_momentum, problem, t, momentum=beta), x[1:])


@given(seeds, st.floats(0, 0.9), st.integers(1, 6))
def test_window_sums_up_the_last_decayed_gradient_steps(seed, beta, window):
    problem, t = a_problem(seed)
    x, steps = [problem.start()], []
    for _ in range(STEPS):
        now = -t * problem.gradient(x[-1])
        past = sum(beta**i * s for i, s in enumerate(reversed(steps[-window:]), start=1))
        steps.append(now)
        x.append(x[-1] + now + past)
    agree(path(gd_momentum, problem, t, momentum=beta, window=window), x)


@given(seeds, st.floats(0, 0.9), st.integers(1, 6))
def test_window_may_count_the_current_step_among_its_own(seed, beta, window):
    problem, t = a_problem(seed)
    x, steps = [problem.start()], []
    for _ in range(STEPS):
        now = -t * problem.gradient(x[-1])
        steps.append(now)
        past = sum(beta ** (i + 1) * s for i, s in enumerate(reversed(steps[-window:])))
        x.append(x[-1] + now + past)
    got = path(gd_momentum, problem, t, momentum=beta, window=window, count_current=True)
    agree(got, x)


@given(seeds, st.floats(0, 0.9))
def test_counting_the_current_step_without_window_is_the_nesterov_of_deep_learning(seed, beta):
    problem, t = a_problem(seed)
    x, v = [problem.start()], 0.0
    for _ in range(STEPS):
        g = problem.gradient(x[-1])
        v = beta * v + g
        x.append(x[-1] - t * (g + beta * v))
    agree(path(gd_momentum, problem, t, momentum=beta, count_current=True), x)


@given(seeds, st.floats(0, 0.9))
def test_a_long_window_is_no_window(seed, beta):
    problem, t = a_problem(seed)
    for count_current in (False, True):
        options = {"momentum": beta, "count_current": count_current}
        agree(
            path(gd_momentum, problem, t, window=STEPS + 1, **options),
            path(gd_momentum, problem, t, **options),
        )


@given(seeds)
def test_nesterov_is_the_accelerated_gradient(seed):
    problem, t = a_problem(seed)
    y = [problem.start()]
    z, theta = y[0], 1.0
    for _ in range(STEPS):
        z_next = y[-1] - t * problem.gradient(y[-1])
        theta_next = (1 + np.sqrt(1 + 4 * theta**2)) / 2
        y.append(z_next + (theta - 1) / theta_next * (z_next - z))
        z, theta = z_next, theta_next
    agree(path(gd_nesterov, problem, t, restart_uphill=False), y)


@given(seeds, st.floats(0, 0.95))
def test_nesterov_with_a_constant_momentum(seed, beta):
    problem, t = a_problem(seed)
    y = [problem.start()]
    z = y[0]
    for _ in range(STEPS):
        z_next = y[-1] - t * problem.gradient(y[-1])
        y.append(z_next + beta * (z_next - z))
        z = z_next
    agree(path(gd_nesterov, problem, t, momentum=beta, restart_uphill=False), y)


@given(seeds)
def test_nesterov_starts_anew_when_the_last_step_points_uphill(seed):
    problem, t = a_problem(seed)
    t *= 3  # the longest stable step: here restarts happen
    y = [problem.start()]
    z, theta, restarts = y[0], 1.0, 0
    for k in range(60):
        g = problem.gradient(y[-1])
        if k and g @ (y[-1] - y[-2]) > 0:
            z, theta, restarts = y[-1], 1.0, restarts + 1
        z_next = y[-1] - t * g
        theta_next = (1 + np.sqrt(1 + 4 * theta**2)) / 2
        y.append(z_next + (theta - 1) / theta_next * (z_next - z))
        z, theta = z_next, theta_next
    assert restarts
    agree(path(gd_nesterov, problem, t, steps=60), y)


@given(seeds)
def test_adagrad(seed):
    problem, _ = a_problem(seed)
    x, total = [problem.start()], 0.0
    for _ in range(STEPS):
        g = problem.gradient(x[-1])
        total = total + g**2
        x.append(x[-1] - 0.1 * g / (np.sqrt(total) + 1e-8))
    agree(path(gd_adagrad, problem, 0.1), x)


@given(seeds, st.floats(0, 0.99))
def test_rmsprop(seed, decay):
    problem, _ = a_problem(seed)
    x, v = [problem.start()], 0.0
    for _ in range(STEPS):
        g = problem.gradient(x[-1])
        v = decay * v + (1 - decay) * g**2
        x.append(x[-1] - 0.01 * g / (np.sqrt(v) + 1e-3))
    agree(path(gd_rmsprop, problem, 0.01, decay=decay, epsilon=1e-3), x)


@given(seeds, st.floats(0, 0.95), st.floats(0.5, 0.999))
def test_adam(seed, beta1, beta2):
    problem, _ = a_problem(seed)
    x, m, v = [problem.start()], 0.0, 0.0
    for k in range(1, STEPS + 1):
        g = problem.gradient(x[-1])
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**k), v / (1 - beta2**k)
        x.append(x[-1] - 0.05 * m_hat / (np.sqrt(v_hat) + 0.01))
    agree(path(gd_adam, problem, 0.05, beta1=beta1, beta2=beta2, epsilon=0.01), x)


@given(seeds, st.floats(0, 0.95), st.floats(0.5, 0.999))
def test_nadam(seed, beta1, beta2):
    problem, _ = a_problem(seed)
    x, m, v = [problem.start()], 0.0, 0.0
    for k in range(1, STEPS + 1):
        g = problem.gradient(x[-1])
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_bar = beta1 * m / (1 - beta1 ** (k + 1)) + (1 - beta1) * g / (1 - beta1**k)
        x.append(x[-1] - 0.05 * m_bar / (np.sqrt(v / (1 - beta2**k)) + 0.01))
    agree(path(gd_nadam, problem, 0.05, beta1=beta1, beta2=beta2, epsilon=0.01), x)


@given(seeds, st.floats(1.05, 2), st.floats(0.1, 0.9))
def test_rprop_is_irprop_minus(seed, increase, decrease):
    problem, _ = a_problem(seed)
    x, size, before = [problem.start()], np.ones(4), np.zeros(4)
    for _ in range(STEPS):
        sign = np.sign(problem.gradient(x[-1]))
        for i in range(4):
            if sign[i] * before[i] > 0:
                size[i] = min(size[i] * increase, 3.0)
            elif sign[i] * before[i] < 0:
                size[i] *= decrease
                sign[i] = 0.0
        before = sign
        x.append(x[-1] - 0.05 * size * sign)
    options = {"increase": increase, "decrease": decrease, "largest": 3.0}
    agree(path(gd_rprop, problem, 0.05, **options), x)


@pytest.mark.parametrize("direction", [AdaGrad, RMSProp, Adam, NAdam])
def test_without_epsilon_the_scale_of_the_function_does_not_matter(direction):
    problem, _ = a_problem(3)
    paths = []
    for scale in (1e-9, 1.0, 1e9):
        method = Method(direction=direction(epsilon=None), learning_rate=0.1)
        res = method(
            lambda x, scale=scale: scale * problem.value(x),
            problem.start(),
            jac=lambda x, scale=scale: scale * problem.gradient(x),
            maxiter=STEPS,
            gtol=0.0,
            return_all=True,
        )
        paths.append(res.allvecs)
    agree(paths[0], paths[1])
    agree(paths[2], paths[1])


@pytest.mark.parametrize("direction", [AdaGrad, RMSProp, Adam, NAdam])
@pytest.mark.parametrize("epsilon", [None, 0.0, 1e-8])
def test_a_variable_without_gradient_stays_where_it_is(direction, epsilon):
    method = Method(direction=direction(epsilon=epsilon), learning_rate=0.1)
    res = method(lambda x: x[0] ** 2, [1.0, 7.0], jac=lambda x: np.array([2 * x[0], 0.0]))
    assert res.x_last[1] == 7.0


@pytest.mark.parametrize("name", DIRECTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3,), (2, 3)])
def test_displacements_keep_type_and_shape_and_write_to_nothing(name, dtype, shape):
    direction = DIRECTIONS[name]()
    rng = np.random.default_rng(0)
    x = rng.normal(size=shape).astype(dtype)
    t = 0.1 if len(shape) == 1 else np.array([0.1, 0.2])
    state = direction.start(x)
    for k in range(3):
        g = rng.normal(size=shape).astype(dtype)
        g.flags.writeable = False
        direction.update(state, x, g)
        kept = direction.displacement(state, g, t)
        copy = kept.copy()
        again = direction.displacement(state, g, t)
        np.testing.assert_array_equal(kept, copy)
        np.testing.assert_array_equal(kept, again)
        assert again.dtype == dtype
        assert again.shape == shape
        if k == 0 or name in ALWAYS_DOWNHILL:
            assert (-(g * again).sum(axis=-1) >= 0).all()
        direction.moved(state, g, t, 1.0, again, again)
        np.testing.assert_array_equal(kept, copy)


@pytest.mark.parametrize("name", DIRECTIONS)
def test_what_is_not_finite_warns_of_nothing(name):
    direction = DIRECTIONS[name]()
    for dtype, bad in itertools.product((np.float32, np.float64), (np.nan, np.inf, 1e30, 1e300)):
        with np.errstate(over="ignore"):
            g = np.array([1.0, bad]).astype(dtype)
        state = direction.start(g)
        direction.update(state, g, g)
        assert direction.displacement(state, g, 1.0).dtype == dtype
        one = np.ones(2, dtype)
        state = direction.start(one)
        direction.update(state, one, one)
        assert direction.displacement(state, one, 1e200).dtype == dtype


@pytest.mark.parametrize(
    "direction",
    [
        Steepest(),
        HeavyBall(),
        HeavyBall(count_current=True),
        HeavyBall(window=3),
        HeavyBall(window=3, count_current=True),
        Nesterov(),
        Nesterov(momentum=0.5),
        RMSProp(),
        Adam(),
    ],
    ids=repr,
)
@pytest.mark.parametrize(
    ("constraint", "solution"), [(L1(0.5), [0.0, 1.5]), (Simplex(), [0.0, 1.0])], ids=["L1", "sum"]
)
def test_directions_come_to_rest_at_the_solution_with_a_penalty(direction, constraint, solution):
    goal = np.array([0.3, 2.0])
    res = Method(direction=direction, learning_rate=0.01)(
        lambda x: 0.5 * (x - goal) @ (x - goal),
        [0.5, 0.5],
        jac=lambda x: x - goal,
        constraints=constraint,
        maxiter=3000,
    )
    np.testing.assert_allclose(res.x_last, solution, atol=1e-3)


def test_velocity_is_that_of_the_step_that_was_taken():
    # The bound cuts the first step short; the second one carries on with what was left of it.
    res = gd_momentum(
        lambda x: -x[0],
        [0.0],
        jac=lambda x: np.array([-1.0]),
        learning_rate=1.0,
        momentum=0.5,
        bounds=[(None, 0.25)],
        maxiter=1,
        gtol=0.0,
    )
    assert res.x_last[0] == 0.25
    direction = HeavyBall(momentum=0.5)
    state = direction.start(np.zeros(1))
    g = np.array([-1.0])
    p = direction.displacement(state, g, 1.0)
    direction.moved(state, g, 1.0, 1.0, p, np.array([0.25]))
    assert direction.displacement(state, g, 1.0)[0] == 1.0 + 0.5 * 0.25


def test_a_search_shortens_nesterovs_gradient_step_together_with_the_rest():
    problem, t = a_problem(4)
    direction = Nesterov(momentum=0.5, restart_uphill=False)
    y = [problem.start()]
    z, state = y[0], direction.start(y[0])
    for s in (1.0, 0.25, 1.0, 0.5, 1.0):
        g = problem.gradient(y[-1])
        direction.update(state, y[-1], g)
        p = direction.displacement(state, g, t)
        z_next = y[-1] - s * t * g
        np.testing.assert_allclose(p, -t * g + 0.5 * (y[-1] - t * g - z), rtol=1e-12)
        direction.moved(state, g, t, s, p, p if s == 1.0 else s * p)
        y.append(y[-1] + s * p)
        z = z_next


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: HeavyBall(momentum=1.0), "momentum"),
        (lambda: HeavyBall(momentum=-0.1), "momentum"),
        (lambda: HeavyBall(momentum=np.nan), "momentum"),
        (lambda: HeavyBall(window=0), "window"),
        (lambda: HeavyBall(window=1.5), "window"),
        (lambda: Nesterov(momentum=1.0), "momentum"),
        (lambda: AdaGrad(epsilon=-1.0), "epsilon"),
        (lambda: RMSProp(decay=1.0), "decay"),
        (lambda: Adam(beta1=1.0), "beta1"),
        (lambda: Adam(beta2="x"), "beta2"),
        (lambda: Rprop(increase=1.0), "increase"),
        (lambda: Rprop(decrease=0.0), "decrease"),
        (lambda: Rprop(largest=0.0), "largest"),
    ],
)
def test_bad_arguments_are_named(make, name):
    with pytest.raises(ValueError, match=name):
        make()


class Signs(Direction):
    """Steps of the same length in every coordinate, without a state of its own."""

    proximal = False

    def displacement(self, state, g, t):
        return -t * np.sign(g)


def test_a_direction_of_ones_own_works():
    res = Method(direction=Signs(), learning_rate=0.25)(lambda x: x @ x, [1.0, -0.5])
    assert res.success
    assert res.x.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("window", [None, 3])
def test_large_arrays_are_used_again(window):
    direction = HeavyBall(window=window)
    x = np.zeros(10_000)
    g = np.ones_like(x)
    state = direction.start(x)
    seen = set()
    for k in range(20):
        p = direction.displacement(state, g, 0.1)
        direction.moved(state, g, 0.1, 1.0, p, p)
        if k < 8:
            seen.add(id(p))
        else:
            assert id(p) in seen
