"""Configuration of the documentation; ``nox -s docs`` builds it."""

from __future__ import annotations

import sys
from pathlib import Path

import skgd

sys.path.insert(0, str(Path(__file__).parent))

import example_pages

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
    "sphinx_gallery.gen_gallery",
    "matplotlib.sphinxext.plot_directive",
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

# Every page of the gallery is a script that the build runs; one that fails or warns fails the
# build.
sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"/plot_",
    # Shown in the user guide instead.
    "ignore_pattern": r"real_data\.py",
    "within_subsection_order": "example_pages.Order",
    "reset_modules": ("example_pages.reset",),
    "reset_modules_order": "both",
    "image_scrapers": ("matplotlib", "example_pages.moving_pictures"),
    "image_srcset": ["2x"],
    "doc_module": ("skgd",),
    "backreferences_dir": "gallery/backreferences",
    "download_all_examples": False,
    "show_signature": False,
    # Seconds would be those of whatever machine built the pages.
    "min_reported_time": 3600,
    "write_computation_times": False,
    "show_memory": False,
    "remove_config_comments": True,
}

plot_include_source = True
plot_html_show_source_link = False
plot_html_show_formats = False
plot_formats = [("png", 120)]
plot_apply_rcparams = True
plot_rcparams = example_pages.LOOK

copybutton_exclude = ".linenos, .gp, .go"

html_theme = "pydata_sphinx_theme"
html_title = "skgd"
html_static_path = ["_static"]
html_css_files = ["gallery.css"]
html_show_sourcelink = False
html_theme_options = {
    "show_prev_next": False,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {"changelog": [], "gallery/*": [], "index": []}
