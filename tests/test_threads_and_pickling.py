"""A method is a value: it can be copied, compared, pickled, shared, and not changed."""

from __future__ import annotations

import copy
import dataclasses
import doctest
import inspect
import itertools
import pickle
import pydoc
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.optimize import OptimizeWarning, minimize, rosen, rosen_der

from skgd import METHODS, Adam, Armijo, Box, HeavyBall, Method, Spectral, gd, gd_momentum, gd_nadam
from skgd.learning_rates import LEARNING_RATES
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


@pytest.mark.parametrize("kind", [np.array, list])
def test_the_options_of_a_method_do_not_follow_the_callers_arrays(kind):
    steps = kind([1e-6, 1e-6])
    method = gd.with_options(eps=steps)
    steps[:] = kind([0.0, 0.0])
    assert list(method.options["eps"]) == [1e-6, 1e-6]
    assert method(rosen, [1.3, 0.7], maxiter=1).nit == 1
    with pytest.raises((ValueError, TypeError)):
        method.options["eps"][:] = 0.0


def test_methods_with_arrays_compare_by_their_entries():
    one, two, three = (gd.with_options(eps=np.array([1e-6, h])) for h in (1e-6, 1e-6, 1e-7))
    assert one == two
    assert hash(one) == hash(two)
    assert one != three
    assert one != gd
    assert one != "gd"
    assert pickle.loads(pickle.dumps(one)) == one


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"options": 5}, "options must be a mapping of names to values, got 5"),
        ({"options": [("gtol", 1)]}, "options must be a mapping"),
        ({"name": None}, "name must be text, got None"), ({"summary": 3}, "summary must be text"),
        ({"direction": 3}, "direction must be a Direction"),
    ],
)  # fmt: skip
def test_a_method_of_the_wrong_parts_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        Method(**arguments)


def test_any_name_can_be_asked_for_as_an_option():
    with pytest.raises(TypeError, match="unknown option 'self' for gd"):
        gd.with_options(self=1)
    with pytest.warns(OptimizeWarning, match="unknown option 'self' for gd"):
        assert gd(fun=rosen, x0=[1.3, 0.7], self=1, maxiter=1).nit == 1


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
    for section in ("Parameters", "Returns", "Other Parameters", "Raises", "Notes", "Examples"):
        assert f"    {section}\n    {'-' * len(section)}" in text


def test_the_docstring_tells_the_methods_own_defaults():
    text = gd_momentum.with_options(momentum=0.8, maxfun=5).__doc__
    assert "\nmomentum : default 0.8\n    The factor" in text
    assert "\nmaxfev : default 5\n" in text
    assert "\nbeta2 : default 0.999\n    Decay of the moments" in gd_nadam.__doc__


def test_every_option_has_a_description():
    for method in METHODS.values():
        options = method.__doc__.partition("\nOther Parameters\n----------------\n")[2]
        options = options.partition("\nRaises\n")[0]
        lines = options.strip().splitlines()
        assert len(lines) >= 2 * len(GENERAL)
        for name, text in itertools.pairwise(lines):
            if " : default " in name:
                assert text.startswith("    ")
                assert text.strip()


@methods
def test_the_docstring_is_in_numpydocs_order_and_ends_with_an_example_that_works(method):
    titles = [
        "Parameters", "Returns", "Other Parameters", "Raises", "Notes", "References", "Examples",
    ]  # fmt: skip
    underlined = re.findall(r"^(\w[\w ]*)\n-{3,}$", method.__doc__, re.MULTILINE)
    assert underlined == [title for title in titles if title in underlined]
    test = doctest.DocTestParser().get_doctest(method.__doc__, {}, method.name, None, None)
    assert len(test.examples) == 5
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


@methods
def test_help_begins_with_the_whole_expression_of_the_method(method):
    assert f"{method.name} = {method!r}\n" in pydoc.plain(pydoc.render_doc(method))
    assert max(map(len, method.__doc__.splitlines())) <= 100


def test_the_docstring_tells_which_rates_there_are_and_which_of_them_search():
    text = " ".join(gd.__doc__.split())
    for name in LEARNING_RATES:
        assert f"``{name!r}``" in text
    assert text.count("It matters for learning rates that search.") == 2


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
