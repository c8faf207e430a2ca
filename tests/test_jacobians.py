"""Gradient schemes: as accurate as theory says, and never outside the bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from problems import quadratics

from skgd import (
    JACOBIANS,
    METHODS,
    Analytic,
    Central,
    ComplexStep,
    Forward,
    Jacobian,
    gd,
    gd_spectral,
)
from skgd.requests import Gradient, Probes, Value, ValueAndGradient

EPS = np.finfo(float).eps

# Every scheme that works from values and draws none at random, and those that subtract them.
SCHEMES = [made() for made in JACOBIANS.values() if made is not Analytic and not made.random]
DIFFERENCES = [scheme for scheme in SCHEMES if scheme.by_differences]
every_scheme = pytest.mark.parametrize("scheme", SCHEMES, ids=repr)
every_difference = pytest.mark.parametrize("scheme", DIFFERENCES, ids=repr)


def ask(scheme, f, x, box=None, known=None, vectorized=False):
    """Return value, gradient and every point that the scheme evaluates `f` at."""
    seen = []
    asking = scheme.evaluate(x, known, box)
    answer = None
    while True:
        try:
            request = asking.send(answer)
        except StopIteration as done:
            return *done.value, seen
        if isinstance(request, Probes):
            if vectorized:
                columns = request.columns(0, len(request))
                seen += list(columns.T)
                answer = f(columns)
            else:
                probes = [request.point(i) for i in range(len(request))]
                seen += probes
                answer = np.array([f(probe) for probe in probes])
        else:
            assert isinstance(request, Value)
            seen.append(request.x)
            answer = f(request.x)


def smooth(x):
    """Sum of ``sin(x_i) + x_i x_{i+1}``; for points in columns, too."""
    return np.sin(x).sum(axis=0) + (x[1:] * x[:-1]).sum(axis=0)


def smooth_gradient(x):
    g = np.cos(x)
    g[1:] += x[:-1]
    g[:-1] += x[1:]
    return g


ordinary = st.integers(1, 8).flatmap(lambda n: arrays(float, n, elements=st.floats(-10, 10)))


@pytest.mark.parametrize(
    ("scheme", "power", "order"), [(Forward(), 1 / 2, 1), (Central(), 1 / 3, 2)], ids=repr
)
@given(x=ordinary)
def test_differences_are_as_accurate_as_theory_says(scheme, power, order, x):
    h = EPS**power * np.maximum(1, abs(x))
    # Truncation (all derivatives of the function are at most 1) and the rounding of the values.
    truncation = h**order / (2 if order == 1 else 6)
    rounding = 8 * EPS * (1 + np.sum(1 + abs(x)) + x @ x) / h
    error = abs(scheme(smooth, x) - smooth_gradient(x))
    assert (error <= truncation + rounding).all()


@given(x=ordinary)
def test_complex_step_is_exact_to_rounding(x):
    np.testing.assert_allclose(ComplexStep()(smooth, x), smooth_gradient(x), rtol=1e-14, atol=1e-14)


@given(quadratics(max_n=8, max_condition=1e4))
def test_central_differences_of_a_quadratic_are_exact_whatever_the_step(problem):
    x = problem.start()
    size = problem.lipschitz * np.linalg.norm(x - problem.solution)
    g = Central(step=0.5)(problem.value, x)
    noise = 16 * EPS * (abs(problem.value(x)) + problem.lipschitz * (1 + problem.n) + size) / 0.5
    np.testing.assert_allclose(g, problem.gradient(x), atol=noise + 1e-13 * size)


def test_forward_differences_land_half_a_step_beside_the_minimum():
    res = gd(lambda x: (x[0] - 3) ** 2, [0.0], jac=Forward(step=0.01), gtol=1e-9)
    assert res.x[0] == pytest.approx(3 - 0.005, abs=1e-6)


@every_scheme
@given(x=ordinary)
def test_vectorized_equals_one_by_one(scheme, x):
    one = ask(scheme, smooth, x)
    many = ask(scheme, smooth, x, vectorized=True)
    np.testing.assert_allclose(one[1], many[1], rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(one[2], many[2])


@every_scheme
@given(rows=arrays(float, (3, 4), elements=st.floats(-10, 10)), known=st.booleans())
def test_rows_are_treated_like_points(scheme, rows, known):
    def by_row(x):
        return smooth(x) if x.ndim == 1 else smooth(x.T)

    box = (np.full(4, -9.0), np.array([9.0, 10.0, 10.0, 0.0]))
    rows = np.clip(rows, *box)
    f, g, seen = ask(scheme, by_row, rows, box, by_row(rows) if known else None)
    singles = [ask(scheme, smooth, row, box, smooth(row) if known else None) for row in rows]
    np.testing.assert_allclose(f, [single[0] for single in singles])
    np.testing.assert_array_equal(g, [single[1] for single in singles])
    assert known is False or len(seen) == sum(len(single[2]) for single in singles)


def test_vectorized_calls_are_the_columns_of_one_array():
    shapes = []

    def f(x):
        shapes.append(x.shape)
        return (x**2).sum(axis=0)

    res = gd(f, np.ones(3), gradient="2-point", vectorized=True, maxiter=1, learning_rate=0.1)
    assert shapes[0] == (3, 4)
    assert res.nfev == sum(m for _, m in shapes)


@st.composite
def narrow_boxes(draw):
    """Draw a point and bounds around it: far, near, narrower than any step, equal, infinite."""
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    n = draw(st.integers(1, 4))
    size = st.sampled_from([0.0, 1e-300, 1e-20, 1e-9, 1e-6, 1e-3, 0.1, 1.0, 1e3, 1e9, np.inf])
    start = st.sampled_from([0.0, 1e-300, 1e-9, 0.1, 1 / 3, 1.0, 1e5, 1e16])
    x, low, high = np.zeros((3, n))
    for i in range(n):
        x[i] = draw(start) * draw(st.sampled_from([-1, 1]))
        low[i], high[i] = x[i] - draw(size), x[i] + draw(size)
    point = x.astype(dtype)
    assume(((low <= point) & (point <= high)).all())
    return point, (low, high)


schemes = st.sampled_from(SCHEMES) | st.builds(
    lambda scheme, option, h, sign: scheme.with_steps({option: sign * h}),
    st.sampled_from(DIFFERENCES),
    st.sampled_from(["eps", "finite_diff_rel_step"]),
    st.floats(1e-12, 10),
    st.sampled_from([1, -1]),
)


@given(schemes, narrow_boxes(), st.booleans(), st.booleans())
def test_no_probe_leaves_the_bounds_by_a_bit(scheme, place, vectorized, known):
    x, box = place
    before = x.copy()

    def f(x):
        return x.sum(axis=0)

    _, g, seen = ask(scheme, f, x, box, f(x) if known else None, vectorized)
    for probe in seen:
        assert ((box[0] <= probe.real) & (probe.real <= box[1])).all()
        assert (probe != x).sum() <= 1
    assert g.dtype == x.dtype
    assert np.isfinite(g).all()
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("scheme", [Forward(), Central()], ids=repr)
@pytest.mark.parametrize("upper", [False, True], ids=["lower", "upper"])
@given(
    gap=st.sampled_from([0.0, 1e-9, 1e-7, 3e-6, 5e-6]) | st.floats(0, 0.5),
    width=st.floats(1, 2) | st.floats(1e-3, 1),
)
def test_next_to_a_bound_the_gradient_is_still_accurate(scheme, upper, gap, width):
    box = (np.array([0.5]), np.array([0.5 + width]))
    x = np.clip(box[1] - gap if upper else box[0] + gap, *box)
    _, g, _ = ask(scheme, lambda x: np.exp(x[0]), x, box)
    # Narrow bounds are taken for the scale of the function, which exp does not have: the step
    # spacing^p width^(1-p) is short then, and rounding is what is left.
    longest, shortest = 2.5 * EPS**scheme.power, (EPS / 2) ** scheme.power
    shortest *= min(1.0, width) ** (1 - scheme.power)
    if isinstance(scheme, Forward):
        # Half a step times the second derivative, and the last places of two values.
        tolerance = 0.6 * longest + 2 * EPS / shortest
    else:
        # A third of a squared step times the third derivative, and 3 + 4 + 1 last places divided
        # by two steps, which a bound may have halved.
        tolerance = 0.4 * longest**2 + 8 * EPS / shortest
    assert g[0] == pytest.approx(np.exp(x[0]), rel=tolerance)


@every_difference
def test_a_fixed_variable_is_not_probed(scheme):
    box = (np.array([0.0, 2.0]), np.array([9.0, 2.0]))
    _, g, seen = ask(scheme, lambda x: x @ x, np.array([1.0, 2.0]), box)
    assert g[1] == 0.0
    assert all(probe[1] == 2.0 for probe in seen)
    everything = (np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    f, g, seen = ask(scheme, lambda x: x @ x, np.array([1.0, 2.0]), everything)
    assert (f, g.tolist(), len(seen)) == (5.0, [0.0, 0.0], 1)


def test_default_steps_follow_the_type():
    for dtype in (np.float32, np.float64):
        eps = np.finfo(dtype).eps
        for scheme, power in ((Forward(), 1 / 2), (Central(), 1 / 3)):
            x = np.array([1.0, -100.0, 0.0], dtype)
            _, g, seen = ask(scheme, lambda x: (x**2).sum(), x, known=(x**2).sum())
            taken = abs(np.array([seen[i][i] - x[i] for i in range(3)]))
            np.testing.assert_allclose(taken, eps**power * np.array([1, 100, 1]), rtol=2e-2)
            assert g.dtype == dtype


def test_steps_are_absolute_or_relative_one_or_one_a_coordinate():
    x = np.array([4.0, -8.0])

    def steps(scheme):
        _, _, seen = ask(scheme, lambda x: x.sum(), x, known=0.0)
        return [float(seen[i][i] - x[i]) for i in range(2)]

    assert steps(Forward(step=0.5)) == [0.5, 0.5]
    assert steps(Forward(step=-0.5)) == [-0.5, -0.5]
    assert steps(Forward(step=[0.5, 0.25])) == [0.5, 0.25]
    assert steps(Forward(rel_step=0.5)) == [2.0, -4.0]
    assert steps(Forward(rel_step=[0.5, 0.25])) == [2.0, -2.0]
    assert steps(Central(step=[-0.5, 0.25])) == [0.5, 0.25]
    assert steps(Central(rel_step=0.5)) == [2.0, 4.0]


@every_difference
def test_the_options_of_a_call_choose_the_steps_of_every_difference_scheme(scheme):
    assert scheme.with_steps({}) is scheme
    for before in (scheme, type(scheme)(step=1e-3), type(scheme)(rel_step=1e-3)):
        absolute = before.with_steps({"eps": 0.5})
        assert (absolute.step, absolute.rel_step) == (0.5, None)
        relative = before.with_steps({"eps": 0.5, "finite_diff_rel_step": 0.25})
        assert (relative.step, relative.rel_step) == (None, 0.25)
    name = next(name for name, made in JACOBIANS.items() if made is type(scheme))
    by_option, by_object = (
        gd(smooth, [0.1, 0.2, 0.3], maxiter=3, **asked)
        for asked in ({"gradient": name, "eps": 0.01}, {"jac": type(scheme)(step=0.01)})
    )
    np.testing.assert_array_equal(by_option.x, by_object.x)


def test_a_step_lost_in_rounding_gives_way_to_the_default():
    assert Forward(step=1e-9)(lambda x: 3 * x[0], [1e10])[0] == pytest.approx(3.0, rel=1e-6)
    assert Central(step=1e-9)(lambda x: 3 * x[0], [1e10])[0] == pytest.approx(3.0, rel=1e-6)


def test_values_that_are_not_finite_give_no_warning():
    for bad in (np.nan, np.inf, 1e308):
        for scheme in DIFFERENCES:
            g = scheme(lambda x, bad=bad: bad if x[0] > 1 else -bad, [1.0])
            assert g.shape == (1,)
    most = np.finfo(float).max
    assert Forward()(lambda x: 1.0, [most]).tolist() == [0.0]
    assert Central()(lambda x: 1.0, [-most]).tolist() == [0.0]


@pytest.mark.parametrize("values", [np.uint64, np.int32, np.float32])
def test_values_of_any_real_type_are_differenced_as_floats(values):
    f = ask(Forward(step=1.0), lambda x: (5 - x.sum(axis=0)).astype(values), np.ones(2), None, None)
    assert f[1].tolist() == [-1.0, -1.0]


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: Forward(step=0.0), "step must not be zero"),
        (lambda: Central(rel_step=[1.0, 0.0]), "rel_step must not be zero"),
        (lambda: Forward(step=np.nan), "step must be finite"),
        (lambda: Forward(step="big"), "step must be a number"),
        (lambda: Central(step=1.0, rel_step=1.0), "not both"),
        (lambda: ComplexStep(0.0), "step must be positive"),
    ],
)
def test_bad_steps_are_a_clear_error(make, what):
    with pytest.raises(ValueError, match=what):
        make()


@pytest.mark.parametrize("scheme", [Forward(step=[1e-6] * 3), Central(rel_step=[1e-6] * 3)])
def test_steps_of_the_wrong_shape_are_an_error_before_any_evaluation(scheme):
    def f(x):
        raise AssertionError("must not be called")

    with pytest.raises(ValueError, match=r"step must be one number or have shape \(2,\)"):
        gd(f, [1.0, 2.0], jac=scheme)


@every_difference
def test_a_function_of_lower_precision_is_not_taken_for_flat(scheme):
    def f(x):
        return float(np.float32(x @ x) + np.float32(4000.0))

    x = np.array([1.0, -1.0])
    np.testing.assert_allclose(scheme(f, x), 2 * x, rtol=0.6)
    rows = np.array([[1.0, -1.0], [0.0, 0.0], [-1.0, -1.0]])
    values = np.array([f(row) for row in rows])
    _, g, _ = ask(scheme, f, rows, None, values)
    np.testing.assert_allclose(g, 2 * rows, rtol=0.6, atol=1e-6)


@every_difference
def test_a_minimum_where_no_probe_changes_the_value_stays_one(scheme):
    box = (np.array([-np.inf, 0.0]), np.array([0.0, 0.0]))
    for f in (lambda x: 5.0, lambda x: 1.0 + x @ x):
        f0, g, seen = ask(scheme, f, np.zeros(2), box)
        assert f0 == f(np.zeros(2))
        np.testing.assert_allclose(g, 0.0, atol=1e-7)
        assert all(((box[0] <= probe) & (probe <= box[1])).all() for probe in seen)


def test_steps_do_not_follow_the_callers_array():
    steps = np.array([0.5, 0.5])
    scheme = Forward(step=steps)
    steps[:] = 0.0
    assert scheme(lambda x: x.sum(), [1.0, 1.0]).tolist() == [1.0, 1.0]


def test_complex_step_in_single_precision_does_not_vanish():
    x = np.array([2.0], np.float32)
    g = ComplexStep(1e-200)(lambda x: x[0] ** 3, x)
    assert g.dtype == np.float32
    assert g[0] == pytest.approx(12.0)


def test_complex_step_says_when_a_function_is_not_complex():
    with pytest.raises(ValueError, match="3-point"):
        ComplexStep()(lambda x: float((x.real**2).sum()), [1.0, 2.0])


def test_the_analytic_gradient_cannot_be_had_from_values():
    with pytest.raises(TypeError, match="Analytic"):
        Analytic()(lambda x: 1.0, [1.0])


def test_the_analytic_gradient_asks_for_no_value_that_is_known():
    x = np.ones(2)
    assert type(next(Analytic().evaluate(x, None, None))) is ValueAndGradient
    assert type(next(Analytic().evaluate(x, 1.0, None))) is Gradient


@pytest.mark.parametrize("known", [None, 1.0])
def test_the_analytic_gradient_is_passed_on_as_it_is(known):
    g = np.array([2.0, -3.0])
    asking = Analytic().evaluate(np.ones(2), known, None)
    next(asking)
    with pytest.raises(StopIteration) as done:
        asking.send(g if known else (1.0, g))
    f, got = done.value.value
    assert f == 1.0
    assert got is g


class Backward(Jacobian):
    """Backward differences of a fixed step, from one request for everything."""

    def evaluate(self, x, f, box):
        index = np.arange(-1, x.size)
        values = yield Probes(x, index, np.concatenate((x[:1], x - 1e-7)))
        return values[0], (values[0] - values[1:]) / 1e-7


def test_a_scheme_of_ones_own_works():
    def f(x):
        return (x[0] - 1) ** 2 + 3 * (x[1] + 2) ** 2

    res = gd_spectral(f, [0.0, 0.0], jac=Backward())
    assert res.success
    np.testing.assert_allclose(res.x, [1, -2], atol=1e-5)
    np.testing.assert_allclose(Backward()(f, [0.0, 0.0]), [-2, 12], rtol=1e-5)


@pytest.mark.parametrize("n", [1, 5])
def test_central_next_to_both_bounds_uses_what_room_there_is(n):
    box = (np.full(n, 1 - 1e-7), np.full(n, 1 + 3e-7))
    _, g, seen = ask(Central(), lambda x: float((x**2).sum()), np.ones(n), box)
    np.testing.assert_allclose(g, 2.0, rtol=1e-6)
    assert len(seen) == 1 + 2 * n


@every_scheme
@pytest.mark.parametrize(
    "value",
    [None, "1", np.zeros(2), [], {}, np.ma.masked, True, 10**400],
    ids=lambda v: f"{v!r:.9}",
)
def test_a_function_that_returns_no_number_is_named(scheme, value):
    with pytest.raises(ValueError, match=r"fun must return|the value of fun must not be masked"):
        scheme(lambda x: value, [1.0])


@every_difference
def test_a_complex_value_is_not_taken_for_its_real_part(scheme):
    with pytest.raises(ValueError, match="fun must return one real number"):
        scheme(lambda x: 1j * x[0], [1.0])


@every_scheme
@pytest.mark.parametrize(
    ("x", "message"),
    [
        (None, "x must be"), ("a", "x must be"), ([], "x is empty"),
        ([[1.0]], "x must have one dimension"), ([np.nan], "x must be finite"),
        ([1j], "x must be real"), ([10**400], "x must be"),
        (np.ma.masked_all(1), "x must not be masked"),
    ],
)  # fmt: skip
def test_a_bad_point_is_named(scheme, x, message):
    with pytest.raises(ValueError, match=message):
        scheme(lambda x: x[0], x)


@every_scheme
def test_what_cannot_be_called_is_named(scheme):
    with pytest.raises(ValueError, match="f must be callable, got 3"):
        scheme(3, [1.0])


def test_steps_cannot_be_written_to():
    scheme = Forward(step=[1e-6, 1e-6])
    with pytest.raises(ValueError, match="read-only"):
        scheme.step[0] = 0.0


def test_steps_beyond_double_precision_are_named():
    with pytest.raises(ValueError, match=r"^step must be a number"):
        Central(step=10**400)
    with pytest.raises(ValueError, match=r"^step is too large"):
        ComplexStep(step=10**400)


@every_difference
@pytest.mark.parametrize("width", [1e-12, 1e-6, 2.0, 1e9, np.inf])
@pytest.mark.parametrize("x", [0.0, 1e-9, 1.0, -3.0])
def test_the_default_step_fits_the_width_of_the_bounds_wherever_x_is(scheme, width, x):
    box = (np.array([x]), np.array([x + width]))
    scale = min(width, max(1.0, abs(x)))
    # A function whose scale is that of the variable.
    _, g, _ = ask(scheme, lambda z: np.exp((z[0] - x) / scale), np.array([x]), box)
    # No better than the numbers between the bounds allow.
    coarse = 2.0 * np.sqrt(np.spacing(abs(x)) / width)
    assert g[0] * scale == pytest.approx(1.0, rel=max(1e-6, coarse))


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_differences_and_bounds_go_together_from_zero(method):
    def fun(x):
        return (x[0] - 1.0) ** 2 + 10.0 * (x[1] + 2.0) ** 2

    res = method(fun, [0.0, 0.0], bounds=[(0.0, None), (-1.0, 1.0)])
    np.testing.assert_allclose(res.x, [1.0, -1.0], atol=1e-4)
