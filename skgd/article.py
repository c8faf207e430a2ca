r"""The five descents of the article that skgd grew from, and their figures.

The article is "Neural network from scratch: Part 1; gradient descent".  Its programs are loops of
thirty lines; here each of its runs is one call of `scipy.optimize.minimize`, and the iterates agree
with those of its programs.

Where the article is wrong or lucky:

* Its momentum is the sum of the last ten steps, kept in a list.  When the run with momentum begins,
  the list still holds steps of the run *without* momentum, so the end that it prints,
  -1.2523427452482645, depends on what was computed before.  Here every run starts with an empty
  past, and the same rule ends at -1.2523427562153715; the minimum is at -1.2523532340025887.
* A forward difference of step h is the slope half a step further on.  So the descent on the surface
  comes to rest half a step before the minimum (0, 0), near (-0.005, -0.005).  Central differences,
  ``gradient="3-point"``, do not have this bias.
* Momentum leaves shallow minima only, and only with enough speed.  On the curve it leaves the local
  minimum at 3.5953 on the way from x = 10; from x = 4.5 the same settings stay in it.
* With momentum, the run on the surface has not converged: it still swings across its valley when it
  is stopped after 302 iterations.  Its start is lucky, too: from (0, -1.2) it crosses the local
  minimum and ends beyond it, while from (0, -1.15) or (0, -1.25) the same settings throw it out
  backwards, to y = -3.4 or -3.2.

>>> from skgd.article import DESCENTS
>>> res = DESCENTS["curve-momentum"].minimize()
>>> round(float(res.x_last[0]), 6), res.nit
(-1.252343, 102)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .formula import Formula
from .jacobians import Forward, Jacobian
from .learning_rates import StepDecay
from .methods import Method, gd, gd_momentum

if TYPE_CHECKING:
    import os

    from .plotting import DescentDisplay

__all__ = ["DESCENTS", "Descent", "draw_figures", "run_article", "side_by_side"]


@dataclass(frozen=True)
class Descent:
    """One run of the article.

    Attributes
    ----------
    name, title : str
        What it is called, in the code and in a figure.
    formula : str
        The function.
    x0 : tuple of float
        The start.
    method : Method
        The method.
    options : mapping
        The options of the method.
    every : int
        After how many iterations the article's program prints a line.
    remark : str
        What there is to learn.
    jac : Jacobian or None
        How the gradient is found: None for the derivative of the formula.
    """

    name: str
    title: str
    formula: str
    x0: tuple[float, ...]
    method: Method
    options: Mapping[str, Any]
    every: int
    remark: str
    jac: Jacobian | None = None

    def minimize(self, **options: Any) -> Any:
        """Run it.

        Parameters
        ----------
        **options
            Further options, such as ``return_all=True``.

        Returns
        -------
        OptimizeResult
            The result; the article's end is the last iterate, ``x_last``.
        """
        from scipy.optimize import minimize

        f = Formula(self.formula)
        jac = self.jac or f.jac
        return minimize(
            f, self.x0, jac=jac, method=self.method, options={**self.options, **options}
        )

    def display(self, res: Any) -> DescentDisplay:
        """Return the picture of a result that was found with the option ``history``."""
        from .plotting import DescentDisplay, recorded

        return DescentDisplay(**recorded(res), fun=Formula(self.formula))


QUADRATIC = "(x - 10)**2"
CURVE = "x**2 + 8*sin(x)"
SURFACE = "sin(x**2 + y**2)"

DESCENTS: Mapping[str, Descent] = MappingProxyType(
    {
        descent.name: descent
        for descent in (
            Descent(
                "quadratic",
                "quadratic",
                QUADRATIC,
                (30.0,),
                gd,
                {"learning_rate": 0.05, "xtol": 1e-5, "gtol": 0.0},
                20,
                "Each step is a tenth of the way that is left to the minimum at 10.",
            ),
            Descent(
                "curve-plain",
                "without momentum",
                CURVE,
                (10.0,),
                gd,
                {
                    "learning_rate": StepDecay(0.05, factor=0.9, every=40, first_at=0),
                    "xtol": 1e-5,
                    "gtol": 0.0,
                },
                40,
                "It stays in the local minimum at 3.5953.",
            ),
            Descent(
                # The article stops when the gradient's part of a step is at most 1e-5, and not the
                # step, which momentum keeps larger.  On this path that is when gtol is met.
                "curve-momentum",
                "with momentum",
                CURVE,
                (10.0,),
                gd_momentum,
                {
                    "learning_rate": StepDecay(0.05, factor=0.9, every=40, first_at=0),
                    "momentum": 0.8,
                    "window": 10,
                    "gtol": 2e-4,
                },
                40,
                "It leaves the local minimum for the global one at -1.2524.",
            ),
            Descent(
                "surface-plain",
                "without momentum",
                SURFACE,
                (0.0, -1.0),
                gd,
                {
                    "learning_rate": StepDecay(0.1, factor=0.7, every=20, first_at=0),
                    "xtol": 1e-5,
                    "gtol": 0.0,
                },
                20,
                "It stays in the local minimum at (0, 0), less half a step of the differences.",
                Forward(step=0.01),
            ),
            Descent(
                "surface-momentum",
                "with momentum",
                SURFACE,
                (0.0, -1.2),
                gd_momentum,
                {
                    "learning_rate": StepDecay(0.1, factor=0.7, every=70, first_at=0),
                    "momentum": 0.99,
                    "window": 10,
                    "count_current": True,
                    "gtol": 0.0,
                    "maxiter": 302,
                },
                70,
                "It leaves the local minimum, and swings across the valley until it is stopped.",
                Forward(step=0.01),
            ),
        )
    }
)
"""The five runs by name, in the article's order."""

ON_THE_CURVE = ("curve-plain", "curve-momentum")
"""The runs that are shown side by side."""

IN_VIEW = (-6.0, 11.5)
"""The part of the curve that is shown then."""


def run_article(
    out: str | os.PathLike[str] | None = None, say: Callable[[str], object] | None = None
) -> dict[str, Any]:
    """Run the five descents, and write their figures.

    Parameters
    ----------
    out : path-like, optional
        The directory for the figures, which is made when it does not exist; None for no figures.
    say : callable, optional
        What prints a line, such as `print`; then each run also prints its progress.

    Returns
    -------
    dict
        The results by name.

    Raises
    ------
    ImportError
        When figures are wanted and Matplotlib is not installed.
    OSError
        When a figure cannot be written.
    """
    results = {}
    for name, descent in DESCENTS.items():
        if say:
            say(_headline(descent))
        results[name] = descent.minimize(history=True, disp=descent.every if say else 0)
        if say:
            say(_summary(descent, results[name]))
    if out is not None:
        for path in draw_figures(results, out):
            if say:
                say(f"wrote {path}")
    return results


def draw_figures(results: Mapping[str, Any], out: str | os.PathLike[str]) -> list[Path]:
    """Write the five figures of the article.

    Parameters
    ----------
    results : mapping
        What `run_article` returns.
    out : path-like
        The directory, which is made when it does not exist.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ImportError
        When Matplotlib is not installed.
    OSError
        When a figure cannot be written.
    """
    from .plotting import save

    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    displays = {name: DESCENTS[name].display(res) for name, res in results.items()}
    sea: dict[str, Any] = {"kind": "surface", "limits": (-2.5, 2.5)}
    return [
        save(
            [displays["quadratic"]], out / "1-quadratic.png", titles=[QUADRATIC], limits=(-10, 32)
        ),
        save(
            [displays[name] for name in ON_THE_CURVE],
            out / "2-curve.png",
            titles=[_title(name) for name in ON_THE_CURVE],
            limits=IN_VIEW,
            size=(5.6, 4.8),
        ),
        save(
            [displays["surface-plain"]],
            out / "3-surface.png",
            titles=[_title("surface-plain")],
            **sea,
        ),
        save(
            [displays["surface-momentum"]],
            out / "4-surface-momentum.png",
            titles=[_title("surface-momentum")],
            **sea,
        ),
        side_by_side(out / "5-curve.gif", results),
    ]


def side_by_side(
    path: str | os.PathLike[str], results: Mapping[str, Any] | None = None, **changes: Any
) -> Path:
    """Write the article's animation: the descents on the curve, without momentum and with it.

    Parameters
    ----------
    path : path-like
        The file, whose ending is ``.gif`` or ``.mp4``.
    results : mapping, optional
        What `run_article` returns; by default the two descents are run.
    **changes
        Parameters of `skgd.plotting.animate`, such as ``seconds``, ``dpi`` and ``progress``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ImportError
        When Matplotlib is not installed, or MP4 is wanted and ffmpeg is not.
    OSError
        When the file cannot be written.
    ValueError
        When an argument is not allowed, or the ending is another one.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skgd.article import side_by_side
    >>> side_by_side(Path(tempfile.mkdtemp()) / "momentum.gif", seconds=3, size=(3, 2.5)).name
    'momentum.gif'
    """
    from .plotting import animate

    if results is None:
        results = {name: DESCENTS[name].minimize(history=True) for name in ON_THE_CURVE}
    look: dict[str, Any] = {
        "titles": [_title(name) for name in ON_THE_CURVE],
        "limits": IN_VIEW,
        "size": (4.8, 4.0),
        "derivative": False,
        "colorbar": False,
    }
    displays = [DESCENTS[name].display(results[name]) for name in ON_THE_CURVE]
    return animate(displays, path, **{**look, **changes})


def _title(name: str) -> str:
    return f"{DESCENTS[name].formula}, {DESCENTS[name].title}"


def _headline(descent: Descent) -> str:
    start = ", ".join(f"{number:g}" for number in descent.x0)
    return f"{descent.name}: {descent.formula} from {start}"


def _summary(descent: Descent, res: Any) -> str:
    end = ", ".join(f"{number:.10g}" for number in res.x_last)
    return f"    ends at {end}\n    {descent.remark}\n"
