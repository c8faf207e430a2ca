"""Published reference problems of nonlinear regression, with certified answers.

The Statistical Reference Datasets of the National Institute of Standards and Technology (NIST StRD,
nonlinear regression) are in the public domain.  `nist.json` holds the data, two starts for each
problem, one far from the answer and one nearer, and the certified values, which were found in
extended precision and are given to eleven digits.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Problem:
    """A problem; `columns` are the data by name, `y` is the target."""

    name: str
    level: str
    formula: str
    columns: dict[str, np.ndarray]
    y: np.ndarray
    starts: list[dict[str, float]]
    certified: dict[str, float]
    standard_errors: dict[str, float]
    residual_sum_of_squares: float


def _problem(name, entry):
    columns = {column: np.array(values, float) for column, values in entry["data"].items()}
    y = columns.pop("y")
    names = [f"b{i}" for i in range(1, len(entry["certified"]) + 1)]
    return Problem(
        name=name,
        level=entry["level"],
        formula=entry["formula"],
        columns=columns,
        y=np.log(y) if entry["log_target"] else y,
        starts=[dict(zip(names, start, strict=True)) for start in entry["starts"]],
        certified=dict(zip(names, entry["certified"], strict=True)),
        standard_errors=dict(zip(names, entry["standard_errors"], strict=True)),
        residual_sum_of_squares=entry["residual_sum_of_squares"],
    )


PROBLEMS = {
    name: _problem(name, entry)
    for name, entry in json.loads(Path(__file__).with_name("nist.json").read_text()).items()
}
