"""A method is a value: it can be copied, compared, pickled, shared, and not changed."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import itertools
import pickle
import pydoc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.optimize import minimize, rosen, rosen_der

from skgd import METHODS, Adam, Armijo, Box, HeavyBall, Method, Spectral, gd, gd_momentum, gd_nadam
from skgd.options import GENERAL

methods = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


@methods
@pytest.mark.parametrize("n", [4, 3000])
def test_threads_that_share_a_method_get_what_a_serial_run_gets(method, n):
    rng = np.random.default_rng(5)
    starts = rng.uniform(-2, 2, (16, n))
    box = Box(-3.0, 3.0)

    def run(x0):
        return minimize(
            rosen, x0, jac=rosen_der, method=method, constraints=box, options={"maxiter": 25}
        )

    serial = [run(x0) for x0 in starts]
    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(run, starts))
    for a, b in zip(serial, parallel, strict=True):
        assert a.x.tolist() == b.x.tolist()
        assert (a.fun, a.nfev, a.message) == (b.fun, b.nfev, b.message)


@methods
def test_a_run_inside_a_run_leaves_it_alone(method):
    def nested(x):
        method(rosen, x, jac=rosen_der, maxiter=3)
        return rosen(x)

    a = method(nested, [-1.2, 1.0], jac=rosen_der, maxiter=10)
    b = method(rosen, [-1.2, 1.0], jac=rosen_der, maxiter=10)
    assert a.x.tolist() == b.x.tolist()


CHANGED = [gd_momentum.with_options(momentum=0.8, maxiter=7), Method(Adam(), Armijo(), "mine")]


@pytest.mark.parametrize(
    "clone",
    [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m)), dataclasses.replace],
    ids=["copy", "deepcopy", "pickle", "replace"],
)
@pytest.mark.parametrize("method", [*METHODS.values(), *CHANGED], ids=lambda m: m.name)
def test_copies_are_equal_and_do_the_same(method, clone):
    twin = clone(method)
    assert twin == method
    assert twin.__doc__ == method.__doc__
    assert inspect.signature(twin) == inspect.signature(method)
    a = method(rosen, [-1.2, 1.0], jac=rosen_der, maxiter=9)
    b = twin(rosen, [-1.2, 1.0], jac=rosen_der, maxiter=9)
    assert a.x.tolist() == b.x.tolist()


@methods
def test_results_can_be_pickled(method):
    res = method(rosen, [-1.2, 1.0], jac=rosen_der, maxiter=3, history=True, return_all=True)
    twin = pickle.loads(pickle.dumps(res))
    assert twin.message == res.message
    assert twin.x.tolist() == res.x.tolist()


def test_methods_differ_when_their_parts_or_options_do():
    assert len({method.name for method in METHODS.values()}) == len(METHODS)
    for i, a in enumerate(METHODS.values()):
        for j, b in enumerate(METHODS.values()):
            assert (a == b) == (i == j)
    assert gd.with_options(maxiter=3) != gd
    assert gd.with_options(maxiter=3) == gd.with_options(maxiter=3)
    assert gd.with_options() == gd


@methods
def test_a_method_cannot_be_changed(method):
    for name in ("direction", "learning_rate", "name", "options", "anything"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(method, name, None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        method.direction.momentum = 0.5


def test_the_options_of_a_method_cannot_be_changed():
    given = {"maxiter": 3}
    method = Method(options=given)
    given["maxiter"] = 5
    assert method.options["maxiter"] == 3
    with pytest.raises(TypeError):
        method.options["maxiter"] = 7


def test_methods_can_be_keys():
    assert {gd: 1, gd_momentum: 2}[gd_momentum] == 2
    assert hash(gd.with_options(maxiter=3)) == hash(gd.with_options(maxiter=3))


def test_with_options_leaves_the_original_alone():
    heavy = gd_momentum.with_options(momentum=0.95)
    assert heavy.options["momentum"] == 0.95
    assert "momentum" not in gd_momentum.options
    assert heavy.with_options(maxiter=3).options == {"momentum": 0.95, "maxiter": 3}


@methods
def test_help_shows_the_docstring_and_the_options(method):
    text = pydoc.plain(pydoc.render_doc(method))
    assert method.summary in text
    for name in GENERAL:
        assert f"    {name} : default " in text
    for section in ("Parameters", "Returns", "Options", "Notes"):
        assert f"    {section}\n    {'-' * len(section)}" in text


def test_the_docstring_tells_the_methods_own_defaults():
    text = gd_momentum.with_options(momentum=0.8, maxfun=5).__doc__
    assert "\nmomentum : default 0.8\n    The factor" in text
    assert "\nmaxfev : default 5\n" in text
    assert "\nbeta2 : default 0.999\n    Decay of the moments" in gd_nadam.__doc__


def test_every_option_has_a_description():
    for method in METHODS.values():
        options = method.__doc__.partition("\nOptions\n-------\n")[2].partition("\nNotes\n")[0]
        lines = options.strip().splitlines()
        assert len(lines) >= 2 * len(GENERAL)
        for name, text in itertools.pairwise(lines):
            if " : default " in name:
                assert text.startswith("    ")
                assert text.strip()


@methods
def test_the_signature_shows_arguments_and_options(method):
    parameters = inspect.signature(method).parameters
    assert list(parameters)[:4] == ["fun", "x0", "args", "jac"]
    assert set(GENERAL) <= set(parameters)
    assert parameters["gtol"].default == 1e-5
    arguments = {name: p.default for name, p in parameters.items() if p.kind is p.KEYWORD_ONLY}
    res = method(rosen, [-1.2, 1.0], jac=rosen_der, **{**arguments, "maxiter": 3})
    assert res.nit == 3


def test_the_signature_shows_the_options_of_the_direction():
    assert inspect.signature(gd_momentum).parameters["momentum"].default == 0.9
    assert inspect.signature(gd_momentum.with_options(momentum=0.8)).parameters[
        "momentum"
    ].default == 0.8  # fmt: skip


@methods
def test_a_method_introduces_itself(method):
    assert method.__name__ == method.name
    assert METHODS[method.name] is method
    assert method.lower() == "l-bfgs-b"
    assert len(repr(method)) < 300


def test_parts_are_values_too():
    assert HeavyBall(0.5) == HeavyBall(momentum=0.5) != HeavyBall()
    assert hash(Spectral()) == hash(Spectral())
    assert repr(HeavyBall(0.5)) == "HeavyBall(momentum=0.5, window=None, count_current=False)"


def test_a_direction_need_not_be_a_dataclass():
    from skgd import Direction

    class Downhill(Direction):
        def displacement(self, state, g, t):
            return g * (-t)

    method = Method(Downhill(), 0.1)
    assert method(lambda x: x @ x, [1.0, 2.0], jac=lambda x: 2 * x).success
    with pytest.raises(TypeError, match="has no use for the option 'momentum'"):
        method.with_options(momentum=0.5)
