"""What functions hold tells a run from others: closures, attributes, defaults, tables."""

from __future__ import annotations

import copy
import functools
import json
import os
import subprocess
import sys
import threading
import types
from collections import deque
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import minimize, rosen
from scipy.sparse import csr_array
from sympy import Symbol

from skgd import gd
from skgd.journal.identity import describe
from skgd.journal.state import held

CALL = {"x0": [1.0, 2.0], "maxiter": 3}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.jsonl"


def closure(k):
    return lambda x: float(((x - k) ** 2).sum())


def nested(k):
    inner = closure(k)
    return lambda x: 2.0 * inner(x)


def default(k):
    def fun(x, k=k):
        return float(((x - k) ** 2).sum())

    return fun


def keyword(k):
    def fun(x, *, k=k):
        return float(((x - k) ** 2).sum())

    return fun


def attribute(k):
    def fun(x):
        return float(((x - fun.k) ** 2).sum())

    fun.k = k
    return fun


class Model:
    def __init__(self, k):
        self.k = k
        self.calls = 0

    def loss(self, x):
        self.count()
        return float(((x - self.k) ** 2).sum())

    def count(self):
        self.calls += 1

    def __call__(self, x):
        return self.loss(x)


@dataclass(slots=True)
class Slotted:
    k: float

    def loss(self, x):
        return float(((x - self.k) ** 2).sum())


class Deeper:
    def __init__(self, k):
        self.model = Model(k)

    def __call__(self, x):
        return self.model.loss(x)


def of_module(k):
    module = types.ModuleType("lab")
    exec(f"k = {k}\ndef fun(x): return float(((x - k) ** 2).sum())", vars(module))
    return module.fun


MAKERS = {
    "closure": (closure, "fun.k"),
    "nested closure": (nested, "fun.inner.k"),
    "default": (default, "fun.k"),
    "keyword default": (keyword, "fun.k"),
    "attribute of a function": (attribute, "fun.k"),
    "bound method": (lambda k: Model(k).loss, "fun.k"),
    "callable": (Model, "fun.k"),
    "slots": (lambda k: Slotted(k).loss, "fun.k"),
    "attribute of an attribute": (Deeper, "fun.model.k"),
    "partial": (lambda k: functools.partial(default(k)), "fun.k"),
    "cache": (lambda k: functools.lru_cache(closure(k)), "fun.k"),
    "global": (of_module, "fun.k"),
}


@pytest.mark.parametrize(("make", "name"), MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("values", [(1.0, 50.0), ("one", "other"), ((1.0, 2), (1.0, 3))], ids=str)
def test_a_function_that_holds_something_else_has_other_constants(make, name, values):
    def constants(k):
        return json.dumps(held({"fun": make(k), "jac": make(k), "args": ()})[0])

    if make is of_module:
        values = (1.0, 50.0)
    assert constants(values[0]) == constants(values[0]) != constants(values[1])
    assert name in constants(values[0])
    assert name.replace("fun.", "jac.") in constants(values[0])


@pytest.mark.parametrize("make", [closure, default, Model, lambda k: Model(k).loss])
def test_a_function_that_holds_something_else_is_refused_until_the_journal_is_trusted(make, path):
    first = gd(make(1.0), journal=path, **CALL)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"fun\.k is 1\.0 there and 50\.0 here; .* trust_journal"):
        gd(make(50.0), journal=path, **CALL)
    assert path.read_bytes() == before
    assert gd(make(1.0), journal=path, **CALL).journal["recorded"] == 0
    trusting = gd(make(50.0), journal=path, trust_journal=True, **CALL)
    assert np.array_equal(trusting.x, first.x)


def test_gradients_are_told_apart_by_what_they_hold(path):
    gd(rosen, jac=lambda x, k=1.0: k * x, journal=path, **CALL)
    with pytest.raises(ValueError, match="answers of other code: jac has changed"):
        gd(rosen, jac=lambda x, k=2.0: k * x - 1, journal=path, **CALL)

    def gradient(k):
        return lambda x: k * x

    path.unlink()
    gd(rosen, jac=gradient(1.0), journal=path, **CALL)
    with pytest.raises(ValueError, match=r"jac\.k is 1\.0 there and 2\.0 here"):
        gd(rosen, jac=gradient(2.0), journal=path, **CALL)


def test_a_pair_that_scipy_splits_is_told_apart(path):
    def both(k):
        return lambda x: (k * x @ x, 2 * k * x)

    options = {"journal": path, "maxiter": 3}
    minimize(both(1.0), [1.0, 2.0], jac=True, method=gd, options=options)
    minimize(both(1.0), [1.0, 2.0], jac=True, method=gd, options=options)
    with pytest.raises(ValueError, match=r"fun\.k is 1\.0 there and 2\.0 here"):
        minimize(both(2.0), [1.0, 2.0], jac=True, method=gd, options=options)


def counter():
    calls = 0

    def fun(x):
        nonlocal calls
        calls += 1
        fun.last = calls
        return float(x @ x)

    fun.last = 0
    return fun


def collector(memory):
    def fun(x):
        memory.append(float(x[0]))
        return float(x @ x)

    return fun


@pytest.mark.parametrize(
    "fun",
    [counter(), Model(1.0).loss, Model(1.0), collector([]), collector(deque())],
    ids=["nonlocal", "method", "callable", "list", "deque"],
)
def test_what_a_function_remembers_of_its_calls_does_not_matter(fun, path):
    """As after Ctrl-C in a notebook, where the same object is used again."""
    gd(fun, journal=path, **CALL)
    assert gd(fun, journal=path, **CALL).journal["recorded"] == 0


def test_containers_that_a_function_may_fill_are_warned_of(path):
    def drawn(rng):
        return lambda x: float(x @ x) + 0.0 * rng.random()

    for there, here, said in (
        (collector([1.0]), collector([2.0]), r"fun\.memory\[0\] is 1\.0 there and 2\.0 here"),
        (drawn(np.random.default_rng(0)), drawn(np.random.default_rng(1)), r"fun\.rng\.state"),
    ):
        path.unlink(missing_ok=True)
        gd(there, journal=path, **CALL)
        with pytest.warns(RuntimeWarning, match=said):
            assert gd(here, journal=path, **CALL).journal["recorded"] == 0
        gd(here, journal=path, trust_journal=True, **CALL)


def test_objects_in_arguments_are_told_apart_by_their_attributes(path):
    def fun(x, model, more):
        return model.loss(x) + more["deep"][0].loss(x)

    def call(k, j):
        return gd(fun, args=(Model(k), {"deep": [Slotted(j)]}), journal=path, **CALL)

    call(1.0, 2.0)
    call(1.0, 2.0)
    with pytest.raises(ValueError, match=r"args\[0\]\.k is 1\.0 there and 3\.0 here"):
        call(3.0, 2.0)
    with pytest.raises(ValueError, match=r"args\[1\]\['deep'\]\[0\]\.k is 2\.0 there and 4\.0"):
        call(1.0, 4.0)
    model = Model(1.0)
    path.unlink()
    for _ in range(2):
        gd(lambda x, model: model.loss(x), args=(model,), journal=path, **CALL)
    assert model.calls


def tables():
    """Return pairs of tables that differ in one entry."""
    yield csr_array(np.eye(2)), csr_array(np.ones((2, 2)))
    yield csr_array(np.eye(2)), csr_array(2 * np.eye(2))
    yield {1, 2}, {1, 3}
    yield frozenset("ab"), frozenset("ac")
    yield np.array([1, "a"], dtype=object), np.array([1, "b"], dtype=object)
    yield np.array(["a", "b"], dtype=object), np.array(["a", "c"], dtype=object)
    yield range(3), range(4)
    yield Symbol("x") + 1, Symbol("x") + 2
    for library in ("pandas", "polars"):
        try:
            module = __import__(library)
        except ImportError:
            continue
        frame = module.DataFrame
        yield frame({"a": [1.0, 2.0], "b": list("xy")}), frame({"a": [1.0, 3.0], "b": list("xy")})
        yield frame({"a": [1.0, 2.0], "b": list("xy")}), frame({"a": [1.0, 2.0], "b": list("xz")})
        yield frame({"a": [1.0]}), frame({"b": [1.0]})
        yield module.Series([1.0, 2.0]), module.Series([1.0, 3.0])


@pytest.mark.parametrize(("there", "here"), [*tables()])
def test_tables_are_told_apart_by_their_entries(there, here, path):
    assert describe(there) == describe(copy.copy(there)) != describe(here)
    json.dumps(describe(there), allow_nan=False)
    gd(lambda x, table: float(x @ x), args=(there,), journal=path, **CALL)
    with pytest.raises(ValueError, match=r"args\[0\]"):
        gd(lambda x, table: float(x @ x), args=(here,), journal=path, **CALL)
    assert held({"fun": closure(there), "jac": None, "args": ()}) != held(
        {"fun": closure(here), "jac": None, "args": ()}
    )


class Hostile:
    """An object that does not want to be looked at."""

    def __init__(self):
        self.me = self
        self.lock = threading.Lock()
        self.everybody = [self, {"me": self}]

    @property
    def value(self):
        raise AssertionError("it was called")

    def __getattr__(self, name):
        raise AssertionError(f"{name} was asked for")

    def __repr__(self):
        raise AssertionError("it was shown")

    def __eq__(self, other):
        raise AssertionError("it was compared")

    __hash__ = object.__hash__

    def __call__(self, x):
        return float(x @ x)


@pytest.mark.filterwarnings("error")
def test_objects_of_any_kind_are_looked_at_without_harm(path):
    fun = Hostile()
    again = Hostile()
    for hostile in (fun, again):
        gd(hostile, args=(), journal=path, **CALL)
    json.dumps(held({"fun": fun, "jac": None, "args": (fun, {fun}, {fun: fun})}))


def test_many_objects_are_looked_at_for_a_short_time_only():
    objects = [Model(0.0) for _ in range(60)]
    for one in objects:
        one.friends = objects
    constants, _ = held({"fun": objects[0], "jac": None, "args": (objects,)})
    assert constants["fun.k"] == 0.0


def test_what_is_held_is_told_the_same_way_in_every_process(tmp_path):
    script = tmp_path / "told.py"
    script.write_text(
        "import json, sympy\n"
        "from skgd.journal.identity import describe\n"
        "from skgd.journal.state import held\n"
        "class Thing:\n"
        "    def __init__(self): self.names, self.any, self.e = {'a', 'b'}, object(), Thing.e\n"
        "    def __call__(self, x): return x\n"
        "Thing.e = sympy.Symbol('x') + 1; Thing.h = hash(Thing.e)\n"
        "print(json.dumps([held({'fun': Thing(), 'jac': len, 'args': ({'x', 'y'}, object())}),\n"
        "    describe([{'p', 'q', ('r', 1)}, {object: 1, (1, object()): 2}])]))\n"
    )
    said = {
        subprocess.run(
            [sys.executable, str(script)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "12"
    }
    assert len(said) == 1
