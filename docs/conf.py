"""Configuration of the documentation; ``nox -s docs`` builds it."""

from __future__ import annotations

import sys
from pathlib import Path

import skgd

sys.path.insert(0, str(Path(__file__).parent))

project = "skgd"
author = "skgd developers"
copyright = f"2026, {author}"
release = skgd.__version__
version = release

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
    "live_tables",
]
exclude_patterns = ["_build", "examples"]
templates_path = ["_templates"]

# Text in single backquotes refers to a Python name where there is one, and is code otherwise.
default_role = "autolink"

# Links into other projects' documentation need the network, and a build must not:
# `sphinx-build -t online` makes them.
if tags.has("online"):  # noqa: F821 (Sphinx defines it)
    extensions.append("sphinx.ext.intersphinx")
    intersphinx_mapping = {
        "numpy": ("https://numpy.org/doc/stable", None),
        "python": ("https://docs.python.org/3", None),
        "scipy": ("https://docs.scipy.org/doc/scipy", None),
        "sklearn": ("https://scikit-learn.org/stable", None),
        "sympy": ("https://docs.sympy.org/latest", None),
    }

autodoc_typehints = "none"

# The page template lists a class's members; numpydoc would list them a second time.
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
# A documented parameter that does not exist, or the reverse, is a warning and so an error.
numpydoc_validation_checks = {"GL07", "GL10", "PR01", "PR02", "PR03", "PR07", "PR10", "RT03"}
numpydoc_validation_exclude = {
    # A method object's docstring is about its options, which come in a section of their own.
    r"^skgd\.gd(_\w+)?$",
    # Answers that nobody constructs: their docstrings describe attributes.
    r"^skgd\.gradient_check\.GradientCheck$",
    r"^skgd\.testing\.(Global)?Problem$",
    # Arguments that all methods share are explained once, with the class.
    r"^skgd\.(Constraint|Direction|LearningRate|Loss)\.",
}

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

copybutton_exclude = ".linenos, .gp, .go"

html_theme = "pydata_sphinx_theme"
html_title = "skgd"
html_static_path = ["_static"]
html_show_sourcelink = False
html_theme_options = {
    "show_prev_next": False,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {"changelog": [], "index": []}
