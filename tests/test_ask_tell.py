"""Ask and tell: the same descent, whoever evaluates, in whatever order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, OptimizeWarning, rosen, rosen_der

from skgd import METHODS, Ball, Descent, Formula, gd, gd_momentum, gd_spectral

methods = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
X0 = [1.3, 0.7]
FIELDS = (
    *("x", "fun", "jac", "nit", "nfev", "njev", "status", "message"),
    *("x_last", "fun_last", "learning_rate"),
)


def assert_same_result(got, expected, but=()):
    for name in FIELDS:
        if name not in but:
            np.testing.assert_array_equal(got.get(name), expected.get(name), err_msg=name)
    assert got.success == expected.success


def evaluate(opt, fun, jac=None, rng=None):
    """Tell values until the run is over; in pieces and out of order, with a generator."""
    while not opt.done:
        points = opt.ask()
        if rng is not None:
            points = points[rng.permutation(len(points))[: rng.integers(1, len(points) + 1)]]
        gradients = None if jac is None else [jac(x) for x in points]
        opt.tell([fun(x) for x in points], points, gradients)
    return opt.result()


@pytest.mark.parametrize("scheme", ["2-point", "3-point", "cs"])
@pytest.mark.parametrize("maxfev", [1, 2, 3, 40, None])
@methods
def test_the_run_is_that_of_minimize(method, scheme, maxfev):
    options = {"gradient": scheme, "maxfev": maxfev, "maxiter": 100, "rng": 3}
    expected = method(rosen, X0, **options)
    got = evaluate(Descent(X0, method=method, **options), rosen)
    assert_same_result(got, expected)


@methods
def test_told_gradients_and_computed_ones_give_the_run_of_minimize(method):
    expected = method(rosen, X0, jac=rosen_der, maxiter=60, rng=3)
    computed = evaluate(Descent(X0, method=method, jac=rosen_der, maxiter=60, rng=3), rosen)
    assert_same_result(computed, expected)
    told = evaluate(Descent(X0, method=method, jac=True, maxiter=60, rng=3), rosen, rosen_der)
    assert_same_result(told, expected, but=["njev"])
    assert told.njev == told.nfev


@given(seed=st.integers(0, 2**32), name=st.sampled_from(sorted(METHODS)))
def test_order_and_pieces_of_the_tells_do_not_matter(seed, name):
    options = {"method": name, "gradient": "3-point", "maxiter": 15, "rng": 1}
    expected = evaluate(Descent([1.3, 0.7, -1.0], **options), rosen)
    got = evaluate(Descent([1.3, 0.7, -1.0], **options), rosen, rng=np.random.default_rng(seed))
    assert_same_result(got, expected)


def test_bounds_and_sets_hold_at_every_point_that_is_asked_for():
    low, high = np.array([-1.0, 0.5]), np.array([0.5, 2.0])
    opt = Descent([0.0, 1.0], bounds=Bounds(low, high), gradient="3-point")
    while not opt.done:
        points = opt.ask()
        assert ((points >= low) & (points <= high)).all()
        opt.tell([rosen(x) for x in points])
    assert opt.result().success
    ball = Descent([0.5, 0.0], constraints=Ball(1.0), jac=True)
    while not ball.done:
        (x,) = ball.ask()
        assert np.linalg.norm(x) <= 1 + 1e-12
        ball.tell(rosen(x), gradients=rosen_der(x))
    assert ball.result().success


def test_asking_again_asks_for_what_is_missing():
    opt = Descent([3.0, -4.0, 1.0])
    points = opt.ask()
    assert points.shape == (4, 3)
    np.testing.assert_array_equal(opt.ask(), points)
    opt.tell([26.0])
    np.testing.assert_array_equal(opt.ask(), points[1:])
    opt.tell(26.0, points=points[3])
    np.testing.assert_array_equal(opt.ask(), points[1:3])
    assert opt.result().nfev == 2
    points[:] = 0.0
    assert opt.ask().all(), "the asked points are copies"


def test_the_result_before_the_end_has_the_best_so_far_and_is_no_success():
    opt = Descent(X0, method="gd_momentum")
    early = opt.result()
    assert (early.success, early.status, early.nfev, early.nit) == (False, 98, 0, 0)
    assert math.isnan(early.fun)
    best = math.inf
    for _ in range(20):
        points = opt.ask()
        values = [rosen(x) for x in points]
        opt.tell(values)
        best = min(best, values[0])
        seen = opt.result()
        assert not seen.success
        assert f"{seen.nfev} evaluations" in seen.message
    assert seen.fun <= rosen(np.array(X0))
    assert_same_result(evaluate(opt, rosen), gd_momentum(rosen, X0))


@pytest.mark.parametrize("failure", [None, math.nan, math.inf])
def test_an_evaluation_that_failed_is_dealt_with_as_nonfinite_says(failure):
    def fun(x):
        return failure if x[0] < 0.5 else (x[0] - 0.6) ** 2

    res = evaluate(Descent([3.0], method="gd_spectral"), fun)
    assert res.success
    assert res.x[0] == pytest.approx(0.6, abs=1e-4)
    stopped = evaluate(Descent([3.0], method="gd", learning_rate=2.0, nonfinite="stop"), fun)
    assert stopped.status == 3
    opt = Descent([3.0], method="gd", learning_rate=2.0, nonfinite="raise")
    with pytest.raises(FloatingPointError):
        evaluate(opt, fun)
    assert opt.done
    assert opt.result().fun == pytest.approx(2.4**2)


def test_nothing_is_asked_for_after_the_end():
    opt = Descent([0.0, 0.0], jac=True)
    opt.tell(0.0, gradients=[0.0, 0.0])
    assert opt.done
    assert opt.result().success
    assert opt.ask().shape == (0, 2)
    with pytest.raises(ValueError, match="the run is over"):
        opt.tell(1.0)


def test_a_callback_sees_the_iterations_and_may_end_the_run():
    seen = []

    def callback(intermediate_result):
        seen.append(intermediate_result.fun)
        if len(seen) == 3:
            raise StopIteration

    res = evaluate(Descent(X0, callback=callback), rosen)
    assert (res.status, len(seen), res.nit) == (99, 3, 3)


def test_an_exception_of_the_callback_ends_the_run_and_leaves_the_result():
    def callback(xk):
        raise KeyError("mine")

    opt = Descent(X0, callback=callback)
    with pytest.raises(KeyError, match="mine"):
        evaluate(opt, rosen)
    assert opt.done
    assert not opt.result().success
    assert opt.result().fun < rosen(np.array(X0))


def test_the_time_limit_ends_the_run_with_the_best_so_far(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    opt = Descent(X0, maxtime=10.0)
    while not opt.done:
        opt.tell([rosen(x) for x in opt.ask()])
        now[0] += 1.0
    assert opt.result().status == 1
    assert "maxtime=10 seconds" in opt.result().message
    assert opt.result().fun < rosen(np.array(X0))


def test_history_is_recorded():
    res = evaluate(Descent(X0, history=True, return_all=True, maxiter=5), rosen)
    np.testing.assert_array_equal(res.history["nit"], np.arange(6))
    assert len(res.allvecs) == 6


def test_single_precision_is_asked_for_in_single_precision():
    opt = Descent(np.array(X0, np.float32))
    assert opt.ask().dtype == np.float32


@pytest.mark.parametrize(
    ("told", "match"),
    [
        ({"values": [1.0, 2.0, 3.0, 4.0]}, "^values: 4 were told, but 3"),
        ({"values": "high"}, "^values must be real numbers"),
        ({"values": [1j]}, "^values must be real numbers"),
        ({"values": [[1.0, 2.0]]}, "^values must be real numbers"),
        ({"values": [1.0], "points": [9.0, 9.0]}, "^points: row 0"),
        ({"values": [1.0], "points": [9.0]}, "^points must have shape"),
        ({"values": [1.0], "points": "here"}, "^points must have shape"),
        ({"values": [1.0], "gradients": [1.0, 2.0]}, "^gradients are taken with jac=True"),
    ],
)
def test_what_cannot_be_told_is_named_and_not_taken_in(told, match):
    opt = Descent(X0)
    points = opt.ask()
    with pytest.raises(ValueError, match=match):
        opt.tell(**told)
    np.testing.assert_array_equal(opt.ask(), points)
    assert_same_result(evaluate(opt, rosen), gd_spectral(rosen, X0))


def test_a_point_is_told_once():
    opt = Descent(X0)
    points = opt.ask()
    with pytest.raises(ValueError, match="each once"):
        opt.tell([1.0, 2.0], points=points[[1, 1]])
    opt.tell(1.0, points=points[1])
    with pytest.raises(ValueError, match="is not asked for"):
        opt.tell(1.0, points=points[1])


@pytest.mark.parametrize("gradients", [6.0, {0: [1, 2]}, [[1, 2], [3]], "ab", [["a", "b"]]])
def test_gradients_that_are_none_are_refused_by_name(gradients):
    opt = Descent(X0, jac=True)
    with pytest.raises(ValueError, match=r"^gradients must have"):
        opt.tell(1.0, gradients=gradients)


def test_values_of_unequal_lengths_are_refused_by_name():
    opt = Descent(X0)
    with pytest.raises(ValueError, match=r"^values must be real numbers"):
        opt.tell([[1.0], 2.0, 3.0])


def test_told_gradients_are_checked():
    opt = Descent(X0, jac=True)
    with pytest.raises(ValueError, match="gradients are wanted with every value"):
        opt.tell(1.0)
    with pytest.raises(ValueError, match="shape"):
        opt.tell(1.0, gradients=[1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="gradients must have 1 rows"):
        opt.tell([1.0], gradients=[[1.0, 2.0], [1.0, 2.0]])
    opt.tell(None, gradients=[None])
    assert opt.result().status == 3


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"method": "BFGS"}, "^method must be a Method or one of gd"),
        ({"method": "gd_momentun"}, "did you mean 'gd_momentum'"),
        ({"method": type(gd)}, "^method: pass Method"),
        ({"vectorized": True}, "^vectorized has no meaning"),
        ({"workers": 2}, "^workers has no meaning"),
        ({"args": ()}, "^args has no meaning here: whoever tells the values evaluates them"),
        ({"fun": rosen}, "^fun has no meaning here: .* leave it out"),
        ({"hess": None}, "^hess has no meaning here: methods of first order"),
        ({"x0": [1.0, math.nan]}, "^x0 must be finite"),
        ({"bounds": [(0, 1)]}, "^bounds"),
        ({"gtol": -1}, "^gtol"),
    ],
)
def test_bad_arguments_are_named_at_once(arguments, match):
    with pytest.raises(ValueError, match=match):
        Descent(**({"x0": X0} | arguments))


@pytest.mark.parametrize("misspelt", ["constraint", "bound", "call_back"])
def test_a_misspelt_argument_gets_the_right_one_proposed(misspelt):
    near = {"bound": "bounds", "constraint": "constraints", "call_back": "callback"}[misspelt]
    with pytest.warns(OptimizeWarning, match=f"{misspelt!r} for gd_spectral; .* {near!r}?"):
        Descent(X0, **{misspelt: None})


def test_options_that_are_switched_off_may_stay():
    Descent(X0, workers=None, vectorized=False)


def test_a_formula_can_give_the_gradient_while_somebody_else_gives_the_value():
    f = Formula("(x - 1)**2 + 3*(y + 2)**2")
    res = evaluate(Descent([0.0, 0.0], jac=f.jac), f)
    np.testing.assert_allclose(res.x, [1.0, -2.0], atol=1e-5)
