"""Tables, pictures and checks that tie the documentation to the package."""

from __future__ import annotations

import re
import tomllib
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import where_others_win
from docutils import nodes
from scipy.optimize import rosen, rosen_der
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

import skgd
from skgd import Method, losses, testing
from skgd._formula.typeset import latex
from skgd.method_docs import brief
from skgd.options import ALIASES, GENERAL, option_names, read_scheme
from skgd.penalties import PENALTIES

DOCS = Path(__file__).parent
TESTS = DOCS.parent / "tests"
PICTURES = DOCS / "_build" / "article"

PLACED_ELSEWHERE = {"LOSSES", "Loss", "Kind"}
"""Names of `skgd.losses` that the reference lists as names of `skgd`, and a type."""

PARTS_OF_DEV = {"benchmarks", "docs", "test"}
"""Extras that nobody needs who does not develop skgd."""


def list_table(widths: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a table in reStructuredText; its first row is the header."""
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for row in rows:
        first, *others = row
        lines += [f"   * - {first}", *(f"     - {cell}" for cell in others)]
    return "\n".join(lines)


class OptionsTable(SphinxDirective):
    """The options that every method has."""

    def run(self) -> list[Any]:
        rows = [("option", "default", "meaning")]
        for name, (default, text) in GENERAL.items():
            others = [f"``{alias}``" for alias, own in ALIASES.items() if own == name]
            also = f" Also spelled {', '.join(others)}." if others else ""
            rows.append((f"``{name}``", f"``{default!r}``", text + also))
        return self.parse_text_to_nodes(list_table("22 13 65", rows))


class RecipesTable(SphinxDirective):
    """What each method is made of, and the options that come with it."""

    def run(self) -> list[Any]:
        rows = [("method", "direction", "learning rate", "options of its own")]
        for name, method in skgd.METHODS.items():
            scheme = read_scheme("gradient", method.options.get("gradient"))
            own = option_names(method.direction, method.learning_rate, scheme)
            rows.append(
                (
                    f":data:`~skgd.{name}`",
                    f"``{brief(method.direction)}``",
                    f"``{brief(method.learning_rate)}``",
                    ", ".join(f"``{option}``" for option in own) or "none",
                )
            )
        return self.parse_text_to_nodes(list_table("16 24 32 28", rows))


class OthersTable(SphinxDirective):
    """Where others are better than skgd."""

    def run(self) -> list[Any]:
        header = ("what you have", "take", "it takes", "skgd takes")
        return self.parse_text_to_nodes(
            list_table("36 26 20 18", [header, *where_others_win.rows()])
        )


class LossesTable(SphinxDirective):
    """The losses of regression or of classification: formulas, parameters and properties."""

    required_arguments = 1

    def run(self) -> list[Any]:
        regression = self.arguments[0] == "regression"
        rows = [("loss", "class", "formula", "parameters", "properties")]
        for name, loss in skgd.LOSSES.items():
            if (loss.kind == "regression") == regression:
                rows.append(
                    (
                        f"``{name}``",
                        f":class:`~skgd.losses.{loss.__name__}`",
                        typeset(loss.formula),
                        ", ".join(f"``{key}={value!r}``" for key, value in parameters(loss)),
                        ", ".join(properties(loss())),
                    )
                )
        return self.parse_text_to_nodes(list_table("18 18 36 14 14", rows))


def typeset(formula: str) -> str:
    """Return the formula of a loss as mathematics, or as code where it is none."""
    try:
        text = latex(formula.replace(repr(float(np.finfo(float).eps)), "varepsilon"))
    except ValueError:
        return f"``{formula}``"
    # A name such as "quantile" is no product of its letters.
    text = re.sub(r"(?<![a-z\\{])([a-z]{4,})", r"\\mathrm{\1}", text)
    return f":math:`{text}`"


def parameters(loss: type[losses.Loss]) -> list[tuple[str, Any]]:
    """Return the parameters of a loss with their defaults, without the width of smoothing."""
    return [(field.name, field.default) for field in fields(loss) if field.name != "width"]


def properties(loss: losses.Loss) -> list[str]:
    """Return what sets a loss apart from a smooth function of a plain prediction."""
    found = {
        "kinks": not loss.smooth,
        "log link": loss.predict(np.ones(1))[0] != 1.0,
        "probabilities": loss.has_probability,
    }
    return [name for name, holds in found.items() if holds]


class Measured(SphinxRole):
    """A number that is measured of the method that the text names."""

    def __init__(self, measure: Callable[[Method], str]) -> None:
        self.measure = measure

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        return [nodes.Text(self.measure(skgd.METHODS[self.text]))], []


def vectors(method: Method, n: int = 100_000) -> str:
    """Return how many vectors of n numbers a run holds at its peak."""
    scales = np.linspace(1.0, 100.0, n)
    x0 = np.ones(n)
    tracemalloc.start()
    try:
        method(
            lambda x: float(x @ (scales * x)) / 2,
            x0,
            jac=None if "gradient" in method.options else lambda x: scales * x,
            maxiter=50,
            gtol=0.0,
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return str(round(peak / x0.nbytes))


def values(method: Method) -> str:
    """Return how many values an iteration takes on a chain of 50 bent valleys."""
    gradient = None if "gradient" in method.options else rosen_der
    res = method(rosen, np.tile([-1.2, 1.0], 50), jac=gradient, maxiter=300, gtol=0.0)
    return f"{res.nfev / res.nit:.1f}"


class Test(SphinxRole):
    """A test, by the name of its function: what it says, and the file that it is in."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        sentence = self.text.removeprefix("test_").replace("_", " ")
        return [
            nodes.emphasis(text=sentence),
            nodes.Text(" in "),
            nodes.literal(text=tests()[self.text]),
        ], []


@cache
def tests() -> dict[str, str]:
    """Return the file of each test function."""
    return {
        name: path.name
        for path in sorted(TESTS.rglob("test_*.py"))
        for name in re.findall(r"^ *def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }


def check_pages(app: Sphinx) -> None:
    """Raise an error when a public name or a method is missing from its page."""
    compare("reference/index.rst", r"^   (\w+)$", set(skgd.__all__))
    compare("user/gradients.rst", r'^   \* - ``"([\w-]+)"``$', set(skgd.JACOBIANS))
    compare("user/learning_rates.rst", r'^   \* - ``"([\w-]+)"``$', set(skgd.LEARNING_RATES))
    compare("reference/index.rst", r"^   testing\.(\w+)$", set(testing.__all__))
    compare("reference/index.rst", r"^   losses\.(\w+)$", set(losses.__all__) - PLACED_ELSEWHERE)
    compare("user/estimators.rst", r'^   \* - ``"(\w+)"``$', {*skgd.LOSSES, *PENALTIES})
    compare("user/testing.rst", r'^   \* - ``"([\w*-]+)"``$', set(testing.VARIANTS))
    compare("user/choosing.rst", r"^   \* - :data:`~skgd\.(\w+)`$", set(skgd.METHODS))
    extras = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]
    compare("user/install.rst", r'"\.\[(\w+)\]"', set(extras) - PARTS_OF_DEV)
    for page in sorted(DOCS.glob("*/*.rst")):
        named = set(re.findall(r":test:`(\w+)`", page.read_text("utf-8")))
        if missing := named - set(tests()):
            raise LookupError(f"{page.relative_to(DOCS)} names {sorted(missing)}, which no test is")


def compare(page: str, pattern: str, wanted: set[str]) -> None:
    """Raise an error unless what the pattern finds in a page is what is wanted."""
    text = (DOCS / page).read_text(encoding="utf-8")
    missing = wanted - set(re.findall(pattern, text, re.MULTILINE))
    if missing:
        raise LookupError(f"docs/{page} does not list {', '.join(sorted(missing))}")


def draw_article(app: Sphinx) -> None:
    """Draw the figures of the page about the article."""
    from skgd.article import run_article

    run_article(PICTURES)


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx what is here."""
    app.add_directive("skgd-losses", LossesTable)
    app.add_directive("skgd-options", OptionsTable)
    app.add_directive("skgd-others", OthersTable)
    app.add_directive("skgd-recipes", RecipesTable)
    app.add_role("test", Test())
    app.add_role("values", Measured(values))
    app.add_role("vectors", Measured(vectors))
    app.connect("builder-inited", check_pages)
    app.connect("builder-inited", draw_article)
    return {"parallel_read_safe": True}
