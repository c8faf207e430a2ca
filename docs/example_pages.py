"""How the examples in ``docs/examples`` become pages: their order, their look, their checks."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import matplotlib as mpl
from cycler import cycler
from sphinx_gallery.scrapers import figure_rst

from skgd._plot.style import FAINT, INK, SECOND

FIRST = (
    "plot_article",
    "plot_learning_rates",
    "plot_momentum_conditioning",
    "plot_difference_steps",
    "plot_many_dimensions",
    "plot_adam_noise",
    "plot_multistart_basins",
    "plot_simulator_ask_tell",
    "plot_progress",
)
"""Examples of minimising, from simple to special; those of models follow by their file names."""

# Okabe and Ito's colours, dark blue first as in the package's own pictures.  Dashes tell lines
# apart where colours do not, such as on paper.
COLOURS = ("#0072b2", SECOND, "#009e73", "#cc79a7", "#e69f00", INK)
DASHES = ("-", (0, (6, 1.5)), (0, (4, 1.5, 1, 1.5)), (0, (1.5, 1.2)), "-", (0, (6, 1.5)))

LOOK: dict[str, Any] = {
    "figure.figsize": (7.0, 4.2),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 10.5,
    "axes.prop_cycle": cycler(color=COLOURS, linestyle=DASHES),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": "medium",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "grid.color": FAINT,
    "grid.alpha": 0.3,
}
"""Matplotlib's settings for the pictures of these pages."""


class Order:
    """The key by which the examples of a folder are sorted."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __repr__(self) -> str:
        # Sphinx keeps this text, and begins from scratch when it changes.
        return "Order"

    def __call__(self, file: str) -> tuple[int, str]:
        name = Path(file).stem
        return (FIRST.index(name) if name in FIRST else len(FIRST), name)


def moving_pictures(block: Any, variables: dict[str, Any], configuration: dict[str, Any]) -> str:
    """Show the GIFs that a piece of an example has written, and leave none beside the examples."""
    sources = sorted(Path(variables["src_file"]).parent.glob("*.gif"))
    pictures = []
    for source in sources:
        target = Path(next(variables["image_path_iterator"])).with_suffix(".gif")
        pictures.append(str(shutil.move(source, target)))
    described = ", ".join(Path(source).stem.replace("_", " ") for source in sources)
    return figure_rst(pictures, configuration["src_dir"], described)


_filters: list[Any] = []


def reset(configuration: dict[str, Any], file: str | None, when: str) -> None:
    """Make each example start in the same state, with the look above, and fail where it warns."""
    if when == "after":
        warnings.filters[:] = _filters
        return
    mpl.rcdefaults()
    mpl.rcParams.update(LOOK)
    _filters[:] = warnings.filters
    warnings.simplefilter("error")
    # What plt.show() says where there is no screen.
    warnings.filterwarnings("ignore", message=".*is non-interactive", category=UserWarning)
