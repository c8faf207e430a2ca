"""What is imported when: a light `import skgd`, and optional packages that are optional."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from skgd._extras import require

HIDE = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hidden())
"""


def run(code: str, hidden: tuple[str, ...] = ()) -> str:
    """Return what a fresh interpreter prints."""
    command = [sys.executable, "-W", "error", "-c", HIDE.format(hidden=hidden) + code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


HEAVY = ("sympy", "sklearn", "matplotlib", "pandas", "tqdm", "scipy.stats")

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
FOR_DEVELOPERS = {"benchmarks", "dev", "docs", "test"}


def packages(extra: str) -> tuple[str, ...]:
    """Return what an extra brings besides other extras, under the names of its imports."""
    lines = PROJECT["project"]["optional-dependencies"][extra]
    names = [re.match(r"[\w-]+", line)[0].replace("-", "_") for line in lines]
    return tuple(name for name in names if name != "skgd")


EXTRAS = {
    extra: packages(extra)
    for extra in PROJECT["project"]["optional-dependencies"]
    if extra not in FOR_DEVELOPERS and packages(extra)
}
OPTIONAL = sorted({name for names in EXTRAS.values() for name in names})

DRAWS = """
from skgd import gd
from skgd.plotting import DescentDisplay
DescentDisplay.from_result(gd(lambda x: x @ x, [1.0, 2.0], history=True))
"""
SHOWS = "from skgd import gd\ngd(lambda x: float(x @ x), [1.0], progress=True)"
FILMS = """
import os
os.environ["PATH"] = ""
from skgd import gd
from skgd.plotting import DescentDisplay
run = gd(lambda x: x @ x, [1.0, 2.0], history=True)
DescentDisplay.from_result(run).animate("never_written.mp4")
"""
# A collection of Dask comes with Dask, but perhaps without all of it.
JOINS = "from skgd.distributed.frames import partitions\npartitions([None, None])"

NEEDS = {
    "plot": {"matplotlib": DRAWS, "tqdm": SHOWS},
    "distributed": {"dask": JOINS, "distributed": None},
    "video": {"imageio_ffmpeg": FILMS},
}
"""For each extra the packages that it brings, and what cannot be done without one of them.

Without the package "distributed" nobody has a client to pass.
"""

METHODS = """
from scipy.optimize import minimize, rosen
from skgd import METHODS
for method in METHODS.values():
    minimize(rosen, [1.3, 0.7], method=method, options={"maxiter": 3})
print("done")
"""

COMMAND = """
from skgd.cli import main
assert main(["minimize", "x**2", "--x0", "1"]) == 0
"""

ESTIMATORS = """
import numpy as np
from skgd import DescentClassifier, DescentRegressor, FormulaRegressor, gd_spectral, multistart
X = np.linspace(0, 1, 12).reshape(6, 2)
y = X[:, 0]
DescentRegressor(penalty="l1", bounds=(0, None)).fit(X, y).predict(X)
DescentClassifier().fit(X, y > 0.4).predict_proba(X)
FormulaRegressor("a + b*x0").fit(X[:, :1], y)
multistart(lambda x: x @ x, [(-1, 1)] * 2, rng=0, maxfev=200)
gd_spectral(lambda x: x @ x, [1.0, 2.0], workers=2)
"""

EVERY_MODULE = """
import importlib, pkgutil, skgd
for module in pkgutil.walk_packages(skgd.__path__, "skgd."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print("done")
"""


def test_import_is_light():
    code = f"import skgd, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert run(code) == "[]"


def test_every_package_of_every_extra_is_hidden_once():
    assert {extra: set(needs) for extra, needs in NEEDS.items()} == {
        extra: set(names) for extra, names in EXTRAS.items()
    }


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_methods_and_the_command_work_without_an_extra(extra):
    assert run(COMMAND + METHODS, hidden=EXTRAS[extra]).endswith("done")


def test_the_methods_work_without_the_packages_of_estimators_and_formulas():
    assert run(METHODS, hidden=("sklearn", "sympy", "pandas", *OPTIONAL)) == "done"


def test_everything_that_needs_no_extra_works_where_there_is_none():
    hidden = (*OPTIONAL, "pandas", "polars", "pyarrow", "PIL")
    assert run(ESTIMATORS + EVERY_MODULE, hidden=hidden).endswith("done")


@pytest.mark.parametrize(
    ("extra", "package"),
    [(extra, name) for extra, needs in NEEDS.items() for name, code in needs.items() if code],
)
def test_a_missing_package_is_explained_in_one_sentence(extra, package):
    code = NEEDS[extra][package].replace("\n", "\n    ")
    code = f"try:\n    {code}\nexcept ImportError as error:\n    print(error)"
    assert run(code, hidden=(package,)) == (
        f"{package} is needed for this; install it with: pip install 'skgd[{extra}]'"
    )


def test_require_returns_the_module_and_hides_no_other_error():
    assert require("collections.abc", "plot").__name__ == "collections.abc"
    with pytest.raises(ImportError, match=r"surely_missing is needed.*skgd\[plot\]") as caught:
        require("surely_missing.part", "plot")
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
