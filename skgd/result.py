"""The result of a run: SciPy's, with a summary for a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult

__all__ = ["DescentResult"]

COUNTS = {"nit": "iterations", "nfev": "values", "njev": "gradients"}
"""What is counted, and what it is called in the summary."""

FIRST = ("fun", "x", "jac", "learning_rate")
"""What the summary begins with; the counts follow, and then all else."""

ABOVE = {"success", "message", "status"}
"""What is said above the table, the status in words."""

SAME = {"x_last": "x", "fun_last": "fun"}
"""What the summary leaves out where it is nothing new."""

LONGEST = 300
"""Letters of any other entry in the summary."""

CELL = "text-align: left; vertical-align: top; padding: 0.15em 1em 0.15em 0.3em;"
HEAD = f"{CELL} white-space: nowrap;"
BADGE = "border: 1px solid; border-radius: 0.6em; padding: 0 0.6em; font-weight: bold;"


class DescentResult(OptimizeResult):  # type: ignore[misc]
    """An `OptimizeResult` that stays readable when it holds a whole run.

    It is what the methods, `skgd.multistart` and `skgd.Descent` return, and what estimators keep as
    ``result_``.  Entries are attributes and keys, as in `scipy.optimize.OptimizeResult`; only the
    display differs: printed, it has one line for the history and one for the iterates, and a
    notebook shows a table.

    See Also
    --------
    scipy.optimize.OptimizeResult : What it is derived from.

    Examples
    --------
    >>> from scipy.optimize import minimize
    >>> from skgd import Formula, gd_momentum
    >>> f = Formula("(x - 1)**2 + 2*y**2")
    >>> look = {"history": True, "return_all": True}
    >>> res = minimize(f, [3, 2], jac=f.jac, method=gd_momentum, options=look)
    >>> print(res)
      message: Converged: the gradient norm ... is at most gtol=1e-05.
      success: True
       status: 0
          fun: ...
            x: [ 1.000e+00  ...]
          ...
      history: ... columns, ... rows: nit, nfev, fun, ...
      allvecs: ... points
    >>> float(res.history["fun"][0]), res["nit"] == len(res.allvecs) - 1
    (12.0, True)
    """

    def __repr__(self) -> str:
        """Return SciPy's text, with one line for what is as long as the run."""
        if not self.keys():
            return f"{type(self).__name__}()"
        shown = OptimizeResult({name: _short(name, value) for name, value in self.items()})
        return str(shown)

    def _repr_html_(self) -> str:
        """Return a table for a notebook, which needs neither colours nor scripts."""
        rows = "".join(
            f'<tr><th style="{HEAD}">{escape(name)}</th><td style="{CELL}">{escape(text)}</td></tr>'
            for name, text in self._rows()
        )
        return f'<div>{self._headline()}<table style="margin: 0.5em 0;">{rows}</table></div>'

    def _headline(self) -> str:
        """Return whether it is a success, and the message, as HTML."""
        parts = []
        if "success" in self:
            verdict = "success" if self["success"] else f"no success, status {self.get('status')}"
            parts.append(f'<span style="{BADGE}">{escape(verdict)}</span>')
        if "message" in self:
            parts.append(escape(str(self["message"])))
        return " ".join(parts)

    def _rows(self) -> Iterable[tuple[str, str]]:
        """Return names and texts of the table."""
        counts = [name for name in COUNTS if name in self]
        first = [name for name in FIRST if name in self]
        for name in first:
            yield name, _text(name, self[name])
        if counts:
            yield ", ".join(counts), ", ".join(f"{self[n]} {COUNTS[n]}" for n in counts)
        said = {*counts, *first, *ABOVE, *self._repeated()}
        for name, value in self.items():
            if name not in said:
                yield str(name), _text(name, value)

    def _repeated(self) -> Iterable[str]:
        """Return the entries that say what another one says."""
        return [
            name
            for name, other in SAME.items()
            if name in self and other in self and np.array_equal(self[name], self[other])
        ]


def _short(name: str, value: Any) -> Any:
    """Return the value, or one line in place of what is as long as the run."""
    if name == "history" and isinstance(value, Mapping):
        rows = {np.shape(column)[:1] for column in value.values()}
        length = f", {rows.pop()[0]} rows" if len(rows) == 1 and () not in rows else ""
        return f"{len(value)} columns{length}: {', '.join(map(str, value))}"
    if name == "allvecs" and isinstance(value, list | tuple):
        return f"{len(value)} points"
    return value


def _text(name: str, value: Any) -> str:
    """Return an entry in one line of the table."""
    value = _short(name, value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_text(str(key), each)}" for key, each in value.items())
    if isinstance(value, np.ndarray) and value.ndim > 1:
        return f"array of shape {value.shape}"
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=6, threshold=6, edgeitems=3, max_line_width=10_000)
        return text if value.size <= 6 else f"{text}, {value.size} entries"
    if isinstance(value, float):
        return f"{value:.9g}"
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
