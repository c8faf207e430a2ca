"""What is imported when: a light `import skgd`, and optional packages that are optional."""

from __future__ import annotations

import subprocess
import sys

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


def test_import_is_light():
    code = f"import skgd, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert run(code) == "[]"


def test_the_methods_work_without_optional_packages():
    code = """
from scipy.optimize import minimize, rosen
from skgd import METHODS
for method in METHODS.values():
    minimize(rosen, [1.3, 0.7], method=method, options={"maxiter": 3})
print("done")
"""
    assert run(code, hidden=("matplotlib", "pandas", "sklearn", "sympy", "tqdm")) == "done"


def test_a_missing_package_is_explained_in_one_sentence():
    code = """
from skgd import gd
try:
    gd(lambda x: float(x @ x), [1.0], progress=True)
except ImportError as error:
    print(error)
"""
    assert run(code, hidden=("tqdm",)) == (
        "tqdm is needed for this; install it with: pip install 'skgd[plot]'"
    )


def test_require_returns_the_module_and_hides_no_other_error():
    assert require("collections.abc", "plot").__name__ == "collections.abc"
    with pytest.raises(ImportError, match=r"surely_missing is needed.*skgd\[plot\]") as caught:
        require("surely_missing.part", "plot")
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
