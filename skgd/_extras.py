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
