"""Packages that are not needed by everyone, and one sentence for when they are missing."""

from __future__ import annotations

import importlib
from typing import Any


def require(module: str, extra: str) -> Any:
    """Import and return an optional module.

    Parameters
    ----------
    module : str
        Name of the module, such as ``"matplotlib.pyplot"``.
    extra : str
        The extra of skgd that brings it.

    Raises
    ------
    ImportError
        When it is not installed; the message says how to get it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ImportError(
            f"{package} is needed for this; install it with: pip install 'skgd[{extra}]'"
        ) from error


def progress_bar(total: int, unit: str) -> Any:
    """Return a bar of tqdm that only a terminal shows.

    Parameters
    ----------
    total : int
        Its length.
    unit : str
        What is counted.

    Raises
    ------
    ImportError
        When tqdm is not installed.
    """
    tqdm = require("tqdm", "plot").tqdm
    return tqdm(total=total, unit=unit, disable=None, leave=False)
