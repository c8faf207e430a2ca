"""Parts that users write: what does not fit is an error that names the part."""

from __future__ import annotations

import numpy as np
import pytest

from skgd import (
    Armijo,
    Constraint,
    Direction,
    Forward,
    Jacobian,
    LearningRate,
    Method,
    gd,
    gd_adam,
    gd_spectral,
)
from skgd.requests import Value


def bowl(x):
    return float(x @ x)


def bowl_der(x):
    return 2 * x


def scheme(answer, request=None):
    class Scheme(Jacobian):
        def evaluate(self, x, f, box):
            value = yield request or Value(x)
            return answer(x, value)

    return Scheme()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda x, f: (f, 2 * x[:1]), r"must have the shape of x, \(2,\), got \(1,\)"),
        (lambda x, f: (f, 2.0), r"must have the shape of x, \(2,\), got \(\)"),
        (lambda x, f: (f, None), "the gradient of Scheme.evaluate must be"),
        (lambda x, f: (f, ["a", "b"]), "the gradient of Scheme.evaluate must be"),
        (lambda x, f: (f, 2j * x), "the gradient of Scheme.evaluate must be real"),
        (lambda x, f: (None, 2 * x), "the value of Scheme.evaluate must be a real number"),
        (lambda x, f: 2 * x[0], "Scheme.evaluate must return the pair of value and gradient"),
        (lambda x, f: None, "Scheme.evaluate must return the pair of value and gradient"),
    ],
)
def test_an_answer_of_a_scheme_that_does_not_fit_is_named(answer, message):
    with pytest.raises(ValueError, match=message):
        gd(bowl, [1.0, 2.0], jac=scheme(answer))


@pytest.mark.parametrize("answer", [[1.0, 2.0], None, (0.0, np.zeros(2))], ids=repr)
def test_a_scheme_that_is_no_generator_is_named(answer):
    class Scheme(Jacobian):
        def evaluate(self, x, f, box):
            return answer

    with pytest.raises(ValueError, match=r"Scheme.evaluate must be a generator"):
        gd(bowl, [1.0, 2.0], jac=Scheme())


def test_a_scheme_that_asks_for_what_nobody_knows_is_named():
    with pytest.raises(ValueError, match=r"must yield requests of skgd.requests, it yielded 3"):
        gd(bowl, [1.0, 2.0], jac=scheme(lambda x, f: (f, 2 * x), request=3))


def test_a_gradient_of_a_scheme_may_be_a_list_or_an_array_that_it_uses_again():
    buffer = np.empty(2)

    def again(x, f):
        np.multiply(2.0, x, out=buffer)
        return f, buffer

    plain = gd_spectral(bowl, [1.0, 2.0], jac=bowl_der)
    for answer in (again, lambda x, f: (np.float32(f), (2 * x).tolist())):
        res = gd_spectral(bowl, [1.0, 2.0], jac=scheme(answer))
        np.testing.assert_allclose(res.x, plain.x, atol=1e-12)


def test_a_scheme_derived_from_differences_stays_one():
    class Mine(Forward):
        pass

    a = gd(bowl, [1.0, 2.0], jac=Mine())
    b = gd(bowl, [1.0, 2.0], jac=Forward())
    assert (a.x.tolist(), a.message) == (b.x.tolist(), b.message)


@pytest.mark.parametrize("value", [None, "0.1", [0.1], np.nan, 0.0, -1.0, 1j, True], ids=repr)
def test_a_rate_that_is_no_positive_number_is_named(value):
    class Mine(LearningRate):
        def rate(self, state, k, f, g):
            return value

    for method in (gd, gd_adam):
        with pytest.raises(
            ValueError, match=r"learning_rate: the answer of Mine.rate at iteration 0"
        ):
            method(bowl, [1.0, 2.0], jac=bowl_der, learning_rate=Mine())


def test_verdicts_of_a_rate_that_do_not_fit_are_named():
    class Vague(Armijo):
        def accepts(self, state, trial):
            return None

    class Lost(Armijo):
        def accepts(self, state, trial):
            return False

        def retry(self, state, trial):
            return None

    class Zero(Lost):
        def retry(self, state, trial):
            return trial.t, 0.0

    for rate, message in (
        (Vague(), "the answer of Vague.accepts must be True or False"),
        (Lost(), "the answer of Lost.retry must be the pair of rate and fraction"),
        (Zero(), "the answer of Zero.retry, the fraction, must be positive"),
    ):
        with pytest.raises(ValueError, match=message):
            gd(bowl, [1.0, 2.0], jac=bowl_der, learning_rate=rate)


def test_a_rate_derived_from_one_of_ours_does_the_same():
    class Mine(Armijo):
        pass

    a = gd(bowl, [1.0, 2.0], jac=bowl_der, learning_rate=Mine())
    b = gd(bowl, [1.0, 2.0], jac=bowl_der, learning_rate=Armijo())
    assert (a.x.tolist(), a.nfev, a.message) == (b.x.tolist(), b.nfev, b.message)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"prox": None}, "Mine.prox must be a number or an array of real numbers"),
        ({"prox": ["a", "b"]}, "Mine.prox must be a number or an array of real numbers"),
        ({"prox": np.zeros(1)}, r"Mine.prox must have the shape of x, \(2,\), got \(1,\)"),
        ({"project": np.zeros(3)}, r"Mine.project must have the shape of x, \(2,\), got \(3,\)"),
        ({"step": None}, "Mine.step must be"),
        ({"value": None}, "Mine.value must be a real number"),
        ({"value": np.zeros(2)}, "Mine.value must be a real number"),
    ],
)
def test_an_answer_of_a_constraint_that_does_not_fit_is_named(answers, message):
    class Mine(Constraint):
        separable = True

        def prox(self, z, t):
            return answers.get("prox", z)

        def project(self, x):
            return answers.get("project", x)

        def step(self, x, p, t):
            return answers.get("step", p)

        def value(self, x):
            return answers.get("value", 0.0)

    for bounds in (None, [(-5, 5), (-5, 5)]):
        with pytest.raises(ValueError, match=message):
            gd_spectral(bowl, [1.0, 2.0], jac=bowl_der, constraints=Mine(), bounds=bounds)


@pytest.mark.parametrize(
    "answer", [lambda g, t: -t * g[:1], lambda g, t: None, lambda g, t: "left"]
)
def test_an_answer_of_a_direction_that_does_not_fit_is_named(answer):
    class Odd(Direction):
        def displacement(self, state, g, t):
            return answer(g, t)

    with pytest.raises(ValueError, match=r"Odd\.displacement"):
        Method(direction=Odd(), learning_rate=0.1)(lambda x: float(x @ x), [1.0, 5.0])


def test_a_direction_may_compute_in_place():
    class InPlace(Direction):
        def displacement(self, state, g, t):
            g *= -t
            return g

    def slope(x):
        return 2.0 * x

    odd = Method(direction=InPlace(), learning_rate=0.1)(lambda x: x @ x, [1.0, 5.0], jac=slope)
    ours = gd(lambda x: x @ x, [1.0, 5.0], jac=slope, learning_rate=0.1)
    np.testing.assert_array_equal(odd.x, ours.x)
    np.testing.assert_array_equal(odd.jac, slope(odd.x))
