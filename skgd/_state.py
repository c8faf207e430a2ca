"""What a rule remembers of one run."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ._rows import Array


@dataclass(slots=True)
class State:
    """Memory of a rule in one run; a dataclass whose arrays of a batch have one row a start.

    The rule is immutable and serves many runs at once; the run owns the state and passes it in.
    """

    def keep(self, rows: Array) -> None:
        """Drop every row of a batch but the given ones."""
        for field in fields(self):
            setattr(self, field.name, _keep(getattr(self, field.name), rows))


def _keep(value: Any, rows: Array) -> Any:
    if isinstance(value, np.ndarray) and value.ndim:
        return value[rows]
    if isinstance(value, list):
        return [_keep(entry, rows) for entry in value]
    return value
