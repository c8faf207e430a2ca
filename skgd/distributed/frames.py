"""Dask frames: their partitions, and which of their columns are numbers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from skgd._extras import require

__all__ = ["example_row", "is_frame", "partitions", "refuse_text"]

ADVICE = {
    "dates": "X[{name!r}].dt has some",
    "text": (
        "dask.dataframe.get_dummies(X.categorize()) has a column for each text, and "
        "X[{name!r}].astype(float) reads digits"
    ),
}
"""How numbers are made of a column."""

DATES = ("date", "timedelta", "timestamp", "duration", "period")
"""How the names of types of dates and times begin."""


def is_frame(collection: Any) -> bool:
    """Tell whether a collection has partitions, as frames and series do."""
    return hasattr(collection, "npartitions") and hasattr(collection, "_meta_nonempty")


def partitions(frames: Sequence[Any]) -> list[list[Any]]:
    """Return the partitions of frames, all with as many, as delayed objects.

    Dask joins small files to larger partitions, the fewer columns are read the more of them.  So
    frames that are optimised one by one have other partitions, even those that are columns of the
    same frame; and what they have in common, such as a shuffle, is done for each of them, in an
    order that may be another.  Here they are one expression, which reads the columns of all of them
    once, and no files are joined.

    Parameters
    ----------
    frames : sequence of dask frames and series
        What belongs together.

    Returns
    -------
    list of list of dask.delayed.Delayed
        The partitions of each of them.
    """
    if len(frames) == 1:
        return [_delayed(frames[0])]
    together = require("dask.dataframe", "distributed").map_partitions(
        _together,
        *frames,
        meta=frames[0]._meta,  # noqa: SLF001 - that of a frame, for want of one of tuples
        enforce_metadata=False,
        transform_divisions=False,
        align_dataframes=False,
    )
    rows = _delayed(together)
    return [[row[i] for row in rows] for i in range(len(frames))]


def _together(*pieces: Any) -> tuple[Any, ...]:
    """Return the partitions that belong together."""
    return pieces


def _delayed(frame: Any) -> list[Any]:
    """Return the partitions that a frame has before files are joined, but after columns are chosen.

    The method ``to_delayed`` would join files.
    """
    delayed = require("dask.delayed", "distributed")
    graphs = require("dask.highlevelgraph", "distributed")
    # Frames of the time before expressions have no such method, and join nothing.
    frame = frame.simplify() if hasattr(frame, "simplify") else frame
    layer = f"skgd-{uuid.uuid4().hex}"
    graph = graphs.HighLevelGraph.from_collections(layer, frame.__dask_graph__(), dependencies=())
    return [delayed.Delayed(key, graph, layer=layer) for key in frame.__dask_keys__()]


def example_row(X: Any) -> Any:
    """Return a row with the names and types of the columns of a frame; no partition is computed.

    Columns of objects may be of numbers, which only their partitions can tell: here they are.

    Raises
    ------
    ValueError
        When a column is of text, dates or anything else that is no number.
    """
    row = X._meta_nonempty.iloc[:1].copy()  # noqa: SLF001 - Dask's own example
    if row.ndim == 1:
        return row
    for position, (name, dtype) in enumerate(zip(row.columns, row.dtypes, strict=True)):
        if dtype == np.object_:
            row.isetitem(position, 0.0)
        elif not is_number(getattr(dtype, "categories", dtype)):
            _refuse(name, str(dtype))
    return row


def is_number(values: Any) -> bool:
    """Tell whether values, or those of a type, are numbers.

    Examples
    --------
    >>> from skgd.distributed.frames import is_number
    >>> is_number("float32"), is_number("datetime64[ns]")
    (True, False)
    """
    types = require("pandas.api.types", "distributed")
    return bool(types.is_numeric_dtype(values) or types.is_bool_dtype(values))


def refuse_text(X: Any) -> None:
    """Raise an error that names the first column of objects that are no numbers.

    Parameters
    ----------
    X : object
        A partition that could not be read; other things than frames of pandas are let through.

    Raises
    ------
    ValueError
        With the name of the column.
    """
    for position, dtype in enumerate(getattr(X, "dtypes", ())):
        if dtype != np.object_:
            continue
        column = X.iloc[:, position]
        try:
            np.asarray(column, float)
        except (TypeError, ValueError):
            _refuse(column.name, "object")


def _refuse(name: Any, dtype: str) -> NoReturn:
    """Raise the error that a column is no number."""
    advice = ADVICE["dates" if dtype.startswith(DATES) else "text"].format(name=name)
    raise ValueError(
        f"column {name!r} of X holds no numbers, its type is {dtype}; leave it out, or make "
        f"numbers of it: {advice}"
    )
