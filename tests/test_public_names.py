"""The names that the package promises, and that each is documented."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re

import pytest

import skgd
from skgd import DIRECTIONS, JACOBIANS, LEARNING_RATES, METHODS

PUBLIC = {
    name: value
    for name, value in vars(skgd).items()
    if not name.startswith("_") and not inspect.ismodule(value)
} | {name: getattr(skgd, name) for name in skgd.__all__}
MODULES = [
    importlib.import_module(module.name)
    for module in pkgutil.walk_packages(skgd.__path__, "skgd.")
    if not module.name.endswith("__main__")
]


def test_the_promised_names_are_there():
    promised = """
        gd gd_momentum gd_nesterov gd_adagrad gd_rmsprop gd_adam gd_nadam gd_rprop gd_adaptive
        gd_spectral gd_spsa METHODS Method Formula Analytic Forward Central ComplexStep SPSA
        Steepest HeavyBall Nesterov AdaGrad RMSProp Adam NAdam Rprop Scaled
        Constant StepDecay Exponential Cosine InverseTime Schedule Armijo Spectral Adaptive Polyak
        Gains
        Box Ball Simplex L1 ElasticNet
        Direction LearningRate Jacobian Constraint
        DIRECTIONS LEARNING_RATES JACOBIANS
        DescentRegressor DescentClassifier FormulaRegressor gp_optimizer LOSSES Loss
        GroupLasso Hyperplane Preconditioned Descent WorkerDied multistart
    """.split()  # noqa: SIM905
    assert set(promised) <= set(PUBLIC)
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|rc\d+)?", skgd.__version__)


def test_methods_are_listed_under_their_names():
    for name, method in METHODS.items():
        assert method is PUBLIC[name]
        assert method.name == name
    assert {name for name in PUBLIC if re.match(r"gd(_|$)", name)} == set(METHODS)
    with pytest.raises(TypeError):
        METHODS["gd"] = None  # type: ignore[index]


@pytest.mark.parametrize("name", [name for name, value in PUBLIC.items() if callable(value)])
def test_every_public_name_is_documented(name):
    doc = inspect.getdoc(PUBLIC[name])
    assert doc
    assert doc.splitlines()[0].rstrip(",").endswith((".", ":", "`")) or "math:" in doc


@pytest.mark.parametrize("name", [name for name, value in PUBLIC.items() if inspect.isclass(value)])
def test_every_public_class_shows_an_example_and_its_parameters(name):
    value = PUBLIC[name]
    if inspect.isabstract(value):
        return
    doc = inspect.getdoc(value) or ""
    assert ">>> " in doc
    if issubclass(value, Exception):
        # What it takes is its message.
        return
    own = [p for p in inspect.signature(value).parameters if p != "self"]
    for parameter in own:
        assert re.search(rf"(?m)^([\w*]+, )*\**{parameter}(, [\w*]+)* : ", doc), parameter


@pytest.mark.parametrize("name", [name for name, value in PUBLIC.items() if inspect.isclass(value)])
def test_a_documented_default_is_the_real_one(name):
    value = PUBLIC[name]
    if issubclass(value, Exception):
        return
    doc = inspect.getdoc(value) or ""
    for parameter in inspect.signature(value).parameters.values():
        said = re.search(
            rf"(?m)^(?:[\w*]+, )*{parameter.name}(?:, [\w*]+)* : [^\n]*default ([^\n]+?)\.?$", doc
        )
        # "0.9 and 0.999", "0.01 of `value`": only what stands alone is compared.
        if said and " " not in said[1] and parameter.default is not parameter.empty:
            told = said[1].strip('"`')
            real = parameter.default
            assert (float(told) if isinstance(real, float) else told) in {real, str(real)}, told


@pytest.mark.parametrize(
    "registry",
    [DIRECTIONS, LEARNING_RATES, JACOBIANS],
    ids=["directions", "learning rates", "jacobians"],
)
def test_what_is_registered_is_public(registry):
    for part in registry.values():
        assert PUBLIC[part.__name__] is part


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_module_has_a_docstring_and_only_exports_what_it_defines(module):
    assert module.__doc__
    for name in getattr(module, "__all__", ()):
        assert hasattr(module, name)
