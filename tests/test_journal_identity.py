"""Which run a journal belongs to."""

from __future__ import annotations

import functools
import json
import types
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from resuming import Fragile, assert_same, bowl, bowl_der
from scipy.optimize import minimize, rosen, rosen_der

from skgd import (
    L1,
    Ball,
    Central,
    Constant,
    Descent,
    Formula,
    HeavyBall,
    Method,
    Schedule,
    gd,
    gd_adam,
    gd_momentum,
)
from skgd.journal.differences import differences
from skgd.journal.identity import describe, fingerprints

CALL = {"x0": [1.0, 2.0], "maxiter": 3}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.jsonl"


def refusal(path, method, fun, **call):
    """Return what is said when the journal is used for another call."""
    before = path.read_bytes()
    with pytest.raises(ValueError, match=f"journal {str(path)!r} belongs to another run") as caught:
        method(fun, journal=path, **call)
    assert path.read_bytes() == before
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x0": [1.0, 2.5]}, "x0[1] is 2.0 there and 2.5 here"),
        ({"x0": [1.0]}, "x0.shape[0] is 2 there and 1 here"),
        ({"x0": np.float32([1.0, 2.0])}, "x0 is array of float64 there and array of float32 here"),
        ({"gradient": "3-point"}, "gradient is Forward there and Central here"),
        ({"eps": 1e-3}, "gradient.step is None there and 0.001 here"),
        ({"momentum": 0.8}, "direction.momentum is 0.9 there and 0.8 here"),
        ({"learning_rate": 0.1}, "learning_rate is Lipschitz there and Constant here"),
        ({"gtol": 1e-3}, "gtol is 1e-05 there and 0.001 here"),
        ({"norm": 2}, "norm is 'inf' there and 2"),
        ({"target": 0}, "target is None there and 0"),
        ({"nonfinite": "stop"}, "nonfinite is 'backtrack' there and 'stop' here"),
        ({"maxls": 4}, "maxls is 30 there and 4 here"),
        ({"rng": 1}, "rng is None there and 1 here"),
        ({"vectorized": True}, "vectorized is False there and True here"),
        ({"jac": bowl_der}, "jac is None there and 'resuming.bowl_der' here"),
        ({"bounds": [(0, 3), (0, 3)]}, "bounds is None there and [[0.0, 3.0], [0.0, 3.0]] here"),
        ({"noise": 0.1}, "noise is None there and 0.1 here"),
        ({"noise": "auto"}, "noise is None there and 'auto' here"),
        ({"constraints": Ball(9.0)}, "constraints is None there and Ball(radius=9.0"),
        ({"args": (3,)}, "args has 0 entries there and 1 here"),
    ],
)
def test_another_run_is_refused_with_the_difference_named(change, said, path):
    gd_momentum(bowl, journal=path, **CALL)
    assert said in refusal(path, gd_momentum, bowl, **(CALL | change))


def test_another_method_or_function_is_refused(path):
    gd_momentum(bowl, journal=path, **CALL)
    said = refusal(path, gd_adam, bowl, **CALL)
    assert "method is 'gd_momentum' there and 'gd_adam' here" in said
    assert "direction is HeavyBall there and Adam here" in said
    said = refusal(path, gd_momentum, rosen, **CALL)
    assert "fun is 'resuming.bowl' there and 'scipy.optimize._optimize.rosen' here" in said
    with pytest.raises(ValueError, match=r"fun is 'resuming\.bowl' there"):
        Descent(CALL["x0"], method=gd_momentum, maxiter=3, journal=path)


def test_every_difference_is_named(path):
    gd(bowl, journal=path, **CALL)
    said = refusal(path, gd, bowl, x0=[1.5, 2.5], gtol=1e-3, args=(1,))
    assert all(name in said for name in ("x0[0]", "x0[1]", "gtol", "args"))
    many = refusal(path, gd, bowl, x0=[1.5, 2.5], gtol=1, xtol=1, ftol=1, xrtol=1, norm=2, maxls=1)
    assert "there are 2 more differences" in many


@pytest.mark.parametrize(
    "change",
    [
        {"maxiter": 5},
        {"maxfev": 1000},
        {"maxtime": 1000.0},
        {"history": True},
        {"return_all": True},
        {"callback": print},
        {"workers": map},
        {"x0": (1, 2)},
        {"gradient": "2-point"},
        {"jac": None},
        {"bounds": [(None, None), (None, np.inf)]},
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_does_not_change_the_way_may_change(change, path, capsys):
    first = gd(bowl, journal=path, **CALL)
    call = CALL | change
    again = gd(bowl, journal=path, **call)
    assert again.journal["replayed"] == first.nfev
    expected = gd(bowl, **call)
    assert_same(again.x, expected.x)
    assert again.nfev == expected.nfev


@pytest.mark.parametrize(
    ("there", "here", "said"),
    [
        (Ball(1.0), Ball(2.0), "constraints.radius is 1.0 there and 2.0 here"),
        (L1(1.0), Ball(2.0), "constraints is L1 there and Ball here"),
    ],
)
def test_constraints_are_told_apart_by_their_numbers(there, here, said, path):
    gd(bowl, [0.1, 0.2], constraints=there, maxiter=3, journal=path)
    assert said in refusal(path, gd, bowl, x0=[0.1, 0.2], constraints=here, maxiter=3)


def test_bounds_are_told_apart(path):
    gd(bowl, bounds=[(0, 4), (0, 4)], journal=path, **CALL)
    said = refusal(path, gd, bowl, bounds=[(0, 4), (0, 5)], **CALL)
    assert "bounds[1][1] is 4.0 there and 5.0 here" in said


def with_args(x, *args):
    return bowl(x)


@pytest.mark.parametrize(
    ("there", "here", "said"),
    [
        ((1, 2.5), (1, 3.5), "args[1] is 2.5 there and 3.5 here"),
        (("a",), ("b",), "args[0] is 'a' there and 'b' here"),
        (({"k": [1, 2]},), ({"k": [1, 3]},), "args[0]['k'][1] is 2 there and 3 here"),
        ((np.eye(2),), (np.ones((2, 2)),), "args[0][0][1] is 0.0 there and 1.0 here"),
        ((np.arange(500),), (np.arange(1, 501),), "args[0].hash is"),
        ((list(range(500)),), (list(range(501)),), "args[0].length is 500 there and 501 here"),
        ((1j,), (2j,), "args[0].imag is 1.0 there and 2.0 here"),
        ((rosen,), (bowl,), "args[0] is 'scipy.optimize._optimize.rosen' there and"),
        (
            (functools.partial(rosen, 1),),
            (functools.partial(rosen, 2),),
            "args[0].args[0] is 1 there and 2 here",
        ),
        (
            (Fraction(1),),
            (object(),),
            "args[0] is fractions.Fraction there and builtins.object here",
        ),
        ((None,), (True,), "args[0] is None there and True here"),
    ],
)
def test_further_arguments_are_told_apart_by_value(there, here, said, path):
    gd(with_args, args=there, journal=path, **CALL)
    assert said in refusal(path, gd, with_args, args=here, **CALL)
    assert gd(with_args, args=there, journal=path, **CALL).journal["recorded"] == 0


def test_descriptions_of_deep_and_endless_arguments_have_an_end():
    deep = functools.reduce(lambda inner, _: [inner], range(50), 1)
    json.dumps(describe(deep))
    endless = []
    endless.append(endless)
    json.dumps(describe(endless))


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.complex_numbers()
        | st.text()
        | st.binary()
        | arrays(np.float64, st.integers(0, 4)),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_descriptions_are_strict_json_and_equal_to_themselves(value):
    text = json.dumps(describe(value), allow_nan=False)
    assert differences(json.loads(text), describe(value)) == []


def test_functions_of_all_kinds_have_names():
    assert describe(np.sin) != describe(np.cos)
    assert describe([].append) == "list.append"
    assert describe("".upper) == "str.upper"
    assert describe(Fragile(rosen)) == "resuming.Fragile"
    assert describe(Fragile(rosen).__call__) == "resuming.Fragile.__call__"
    assert describe(lambda x: x).endswith("<lambda>")


def test_formulas_are_told_apart_by_their_text():
    assert describe(Formula("x**2")) != describe(Formula("x**3"))


def test_a_generator_is_told_by_its_state(path):
    gd(bowl, rng=np.random.default_rng(0), journal=path, **CALL)
    again = gd(bowl, rng=np.random.default_rng(0), journal=path, **CALL)
    assert again.journal["recorded"] == 0
    refusal(path, gd, bowl, rng=np.random.default_rng(1), **CALL)
    path.unlink()
    other = np.random.Generator(np.random.MT19937(0))
    gd(bowl, rng=other, journal=path, **CALL)
    refusal(path, gd, bowl, rng=np.random.default_rng(0), **CALL)


def test_each_journal_has_a_seed_of_its_own(tmp_path):
    seeds = set()
    for name in "ab":
        for _ in range(2):
            gd(bowl, journal=tmp_path / name, **CALL)
        seeds.add(json.loads((tmp_path / name).read_text().splitlines()[0])["seed"])
    assert len(seeds) == 2


def edited(source):
    """Return the function ``fun`` of a module with this text."""
    module = types.ModuleType("lab")
    exec(source, vars(module))
    return module.fun


def test_comments_documentation_and_names_of_variables_are_no_change_of_the_code(path):
    gd(edited("def fun(x): return x @ x"), journal=path, **CALL)
    same = edited('\n\ndef fun(y):\n    """Document it."""\n    # A comment.\n    return y @ y')
    assert gd(same, journal=path, **CALL).journal["recorded"] == 0


def with_gradient(path):
    """Begin a journal of a function and its gradient."""
    path.unlink()
    jac = edited("def fun(x): return 2 * x")
    gd(edited("def fun(x): return x @ x"), jac=jac, journal=path, **CALL)
    return path


def test_changed_code_is_refused_until_the_journal_is_trusted(path):
    first = gd(edited("def fun(x): return x @ x"), journal=path, **CALL)
    before = path.read_bytes()
    changed = edited("def fun(x): print(end=''); return x @ x")
    with pytest.raises(ValueError, match=r"holds \d+ answers of other code: fun has .*trust_journ"):
        gd(changed, journal=path, **CALL)
    assert path.read_bytes() == before
    assert_same(gd(changed, journal=path, trust_journal=True, **CALL), first)
    with pytest.raises(ValueError, match="fun and jac have changed"):
        gd(changed, jac=edited("def fun(x): return x"), journal=with_gradient(path), **CALL)


def test_the_code_within_a_decorator_is_compared():
    def code(text):
        function = edited(f"def fun(x): return {text}")
        logged = functools.wraps(function)(lambda x: 1.0 * function(x))
        return [
            fingerprints({"fun": fun, "jac": None})["fun"]
            for fun in (logged, functools.lru_cache(function))
        ]

    assert code("x @ x") == code("x @ x")
    assert all(a != b for a, b in zip(code("x @ x"), code("2 * x @ x"), strict=True))


def test_a_journal_without_answers_holds_nobody_back(path):
    """As after a mistake in the first call."""
    with pytest.raises(ZeroDivisionError):
        gd(edited("def fun(x): return 1 / 0"), journal=path, **CALL)
    fun = edited("def fun(x): return x @ x")
    call = CALL | {"x0": [3.0, 4.0]}
    assert_same(gd(fun, journal=path, **call), gd(fun, **call))
    assert gd(fun, journal=path, **call).journal["recorded"] == 0


def test_an_empty_journal_may_be_trusted(path):
    fun = edited("def fun(x): return x @ x")
    gd(fun, journal=path, trust_journal=True, **CALL)
    assert gd(fun, journal=path, **CALL).journal["recorded"] == 0


def test_only_python_functions_have_code():
    def codes(fun, jac=None):
        return fingerprints({"fun": fun, "jac": jac})

    assert codes(np.linalg.norm)["fun"] != codes(rosen)["fun"]
    assert codes(np.sum.__get__)["fun"] is None
    assert codes(max, True) == {"fun": None, "jac": None}
    assert codes(functools.partial(rosen))["fun"] == codes(rosen)["fun"]
    assert codes(Fragile(rosen))["fun"] == codes(Fragile(bowl))["fun"] != codes(rosen)["fun"]
    assert codes(edited("def fun(x): return x in {1, 2}"))["fun"]
    assert codes(edited("def fun(x): return (lambda y: y)(x)"))["fun"]


def test_scipys_way_to_split_a_pair_does_not_matter(path):
    def both(x):
        return rosen(x), rosen_der(x)

    minimize(both, CALL["x0"], jac=True, method=gd, options={"journal": path, "maxiter": 3})
    assert json.loads(path.read_text().splitlines()[0])["run"]["jac"] is True
    assert gd(both, jac=True, journal=path, **CALL).journal["recorded"] == 0


def test_parts_of_the_user_are_told_by_their_name(path):
    method = Method(HeavyBall(0.5), Schedule(lambda k: 0.01), name="mine")
    method(bowl, journal=path, **CALL)
    method(bowl, journal=path, **CALL)
    said = refusal(path, Method(HeavyBall(0.5), Constant(0.01), name="mine"), bowl, **CALL)
    assert "learning_rate is Schedule there and Constant here" in said
    refusal(path, gd, bowl, jac=Central(), **CALL)


def test_a_run_that_takes_another_way_is_noticed(path):
    """By the points: the schedule is another, under the same name."""
    Method(learning_rate=Schedule(lambda k: 0.01))(bowl, journal=path, **CALL)
    other = Method(learning_rate=Schedule(lambda k: 0.01 + 0.01 * (k > 1)))
    said = r"line 11, does not fit request 3 of this run: x\[0\] is .*takes another way"
    with pytest.raises(ValueError, match=said):
        other(bowl, journal=path, **CALL)


def test_other_versions_are_named_when_the_way_is_another(path, monkeypatch):
    Method(learning_rate=Schedule(lambda k: 0.01))(bowl, journal=path, **CALL)
    monkeypatch.setattr("numpy.__version__", "99.0")
    again = Method(learning_rate=Schedule(lambda k: 0.01))(bowl, journal=path, **CALL)
    assert again.journal["recorded"] == 0
    with pytest.raises(ValueError, match=r"it was begun with .*numpy .*, and this is .*numpy 99.0"):
        Method(learning_rate=Schedule(lambda k: 0.02))(bowl, journal=path, **CALL)
