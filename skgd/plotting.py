"""Pictures of a descent: `DescentDisplay`, after the manner of scikit-learn's displays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ._checks import did_you_mean, positive
from ._extras import require
from ._plot.convergence import Convergence
from ._plot.curve import Curve
from ._plot.gif import write_gif
from ._plot.landscape import Contour, Surface
from ._plot.run import Look, Run
from ._plot.scene import Scene

if TYPE_CHECKING:
    import os

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

__all__ = ["KINDS", "DescentDisplay", "animate", "panels", "recorded", "save"]

KINDS: Mapping[str, type[Scene]] = MappingProxyType(
    {"curve": Curve, "contour": Contour, "surface": Surface, "convergence": Convergence}
)
"""The kinds of pictures by name."""


class DescentDisplay:
    r"""The path of a descent, to be drawn or animated.

    Make it from a result with `from_result`, which draws at once, or from the numbers themselves.

    ============================== =================================================
    ``kind``                       what is seen
    ============================== =================================================
    ``"curve"``, one variable      the function and, beneath it, its derivative, with
                                   the steps coloured from early to late
    ``"contour"``, two variables   filled contours and the path
    ``"surface"``, two variables   the same in space
    ``"convergence"``              objective gap :math:`f_k - \min_j f_j` and norm of
                                   the gradient against the iteration
    ============================== =================================================

    The kind ``"auto"`` is the first that suits the number of variables, and convergence where there
    is no function to draw.

    Parameters
    ----------
    path : array_like, shape (K, n) or (K,)
        The iterates, the start first.
    values : array_like, shape (K,), optional
        The function's values there; found with `fun` by default.
    gradient_norms : array_like, shape (K,), optional
        The norms of the gradient there.
    iterations : array_like of int, shape (K,), optional
        The numbers of the iterates; 0, 1, 2, ... by default.
    fun : callable, optional
        The function, ``fun(x) -> float`` for x of shape (n,), or a `Formula`.  It is evaluated all
        over the picture, which has a gap where it raises ArithmeticError or ValueError or is not
        finite.
    jac : callable, optional
        Its gradient, from which the derivative in one variable is drawn; by default that of a
        `Formula`.
    variables : sequence of str, optional
        The names of the variables.
    bounds : Bounds or sequence of pairs, optional
        The bounds of the run, as SciPy takes them; what they forbid is shaded.
    vectorized : bool, default False
        Whether `fun` takes x of shape (n, m) and returns shape (m,).  A `Formula` does.

    Attributes
    ----------
    run : Run
        The data, with the names of the parameters.
    kind, look : str, Look
        What was drawn, and how; `save` and `animate` keep to it.
    ax_ : matplotlib.axes.Axes
        What was drawn on; after `plot`.
    figure_ : matplotlib.figure.Figure
        Its figure; after `plot`.

    Raises
    ------
    ValueError
        When an argument has the wrong shape, or values are missing and cannot be found.

    Examples
    --------
    >>> from scipy.optimize import minimize
    >>> from skgd import Formula, gd
    >>> from skgd.plotting import DescentDisplay
    >>> f = Formula("(x - 1)**2 + 2*y**2")
    >>> res = minimize(f, [3, 2], jac=f.jac, method=gd, options={"history": True})
    >>> display = DescentDisplay.from_result(res, f)
    >>> display.ax_.get_xlabel(), display.ax_.get_ylabel()
    ('x', 'y')
    """

    ax_: Axes
    figure_: Figure | SubFigure

    def __init__(
        self,
        *,
        path: Any,
        values: Any = None,
        gradient_norms: Any = None,
        iterations: Any = None,
        fun: Callable[..., Any] | None = None,
        jac: Callable[..., Any] | None = None,
        variables: Sequence[str] | None = None,
        bounds: Any = None,
        vectorized: bool = False,
    ) -> None:
        self.run = Run.read(
            path, values, gradient_norms, iterations, fun, jac, variables, bounds, vectorized
        )
        self.kind, self.look = "auto", Look()

    @classmethod
    def from_result(
        cls,
        res: Any,
        fun: Callable[..., Any] | None = None,
        *,
        jac: Callable[..., Any] | None = None,
        variables: Sequence[str] | None = None,
        bounds: Any = None,
        vectorized: bool = False,
        ax: Axes | None = None,
        **look: Any,
    ) -> DescentDisplay:
        """Draw the run that ended in a result.

        Parameters
        ----------
        res : OptimizeResult
            The result of `scipy.optimize.minimize` with the option ``history`` (of the methods
            here) or ``return_all`` (of SciPy's own, too), so that the path is in it.
        fun : callable, optional
            The function; without it only the convergence can be drawn.
        jac : callable, optional
            Its gradient.
        variables : sequence of str, optional
            The names of the variables.
        bounds : Bounds or sequence of pairs, optional
            The bounds of the run.
        vectorized : bool, default False
            Whether `fun` takes many points at once.
        ax : Axes, optional
            Where to draw; a new figure by default.
        **look
            For `plot`.

        Returns
        -------
        DescentDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            When there is no path in the result.
        ImportError
            When Matplotlib is not installed.
        """
        display = cls(
            **recorded(res),
            fun=fun,
            jac=jac,
            variables=variables,
            bounds=bounds,
            vectorized=vectorized,
        )
        return display.plot(ax, **look)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        kind: str = "auto",
        title: str | None = None,
        limits: Any = None,
        resolution: int = 200,
        derivative: bool = True,
        colorbar: bool = True,
    ) -> DescentDisplay:
        """Draw the whole run.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw, for ``kind="surface"`` with Matplotlib's projection "3d"; a new figure by
            default.
        kind : {"auto", "curve", "contour", "surface", "convergence"}, default "auto"
            What is drawn; see the class.
        title : str, optional
            A title; a long one takes two lines.
        limits : array_like of shape (n, 2) or (2,), optional
            Low and high end of each variable, or of all; by default what shows the path, or, when
            it ends very far away, its part near the start, which the title then says.
        resolution : int, default 200
            Points of a curve, and in each direction of a landscape; at most 64 of a surface.
        derivative : bool, default True
            Whether a curve shows the derivative, where it is known.
        colorbar : bool, default True
            Whether to add the scale of the steps' colours.

        Returns
        -------
        DescentDisplay
            Itself, with the attributes ``ax_`` and ``figure_``.

        Raises
        ------
        ValueError
            When an argument is not allowed, or `kind` does not suit the run or `ax`.
        ImportError
            When Matplotlib is not installed.
        """
        scene = _scene(kind, self.run)
        look = Look(title, limits, resolution, derivative, colorbar)
        if ax is None:
            figure = require("matplotlib.pyplot", "plot").figure(layout="constrained")
            ax = figure.add_subplot(projection=scene.projection)
        elif scene.projection and ax.name != scene.projection:
            raise ValueError(
                f"ax must have the projection {scene.projection!r} for kind={kind!r}; make it with "
                f"figure.add_subplot(projection={scene.projection!r})"
            )
        scene(ax, self.run, look)
        self.ax_, self.figure_ = ax, ax.figure
        self.kind, self.look = kind, look
        return self

    def save(self, path: str | os.PathLike[str], *, dpi: float = 150, **changes: Any) -> Path:
        """Write the picture to a file, without a window.

        What `plot` has drawn is written as it is, with all that was done to ``ax_`` and
        ``figure_`` since.  Before `plot`, and when changes are given, the picture is drawn anew.

        Parameters
        ----------
        path : path-like
            The file; its ending says the format.
        dpi : float, default 150
            Dots an inch.
        **changes
            Parameters of `plot` and ``size``, (width, height) in inches; those not given are as in
            the last `plot`.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ImportError
            When Matplotlib is not installed.
        OSError
            When the file cannot be written.
        ValueError
            When an argument is not allowed, or the format is not known.
        """
        if changes or not hasattr(self, "figure_"):
            return save([self], path, dpi=dpi, **changes)
        # The figure of a subfigure is that which contains it.
        self.figure_.figure.savefig(path, dpi=dpi)
        return Path(path)

    def animate(self, path: str | os.PathLike[str], **changes: Any) -> Path:
        """Write the run as an animated GIF, with a figure of its own.

        Parameters
        ----------
        path : path-like
            The file.
        **changes
            Parameters of `plot`, ``size``, (width, height) in inches, ``seconds`` and ``dpi``;
            those of `plot` that are not given are as in the last `plot`.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ImportError
            When Matplotlib is not installed.
        OSError
            When the file cannot be written.
        ValueError
            When an argument is not allowed.
        """
        return animate([self], path, **changes)


def recorded(res: Any) -> dict[str, Any]:
    """Return what a result knows of its run, as arguments of `DescentDisplay`.

    Parameters
    ----------
    res : OptimizeResult
        A result with ``history``, which knows most, or ``allvecs``.

    Returns
    -------
    dict
        The arguments ``path`` and, from a history, ``values``, ``gradient_norms`` and
        ``iterations``.

    Raises
    ------
    ValueError
        When there is no path in the result.
    """
    history = res.get("history")
    if history is not None:
        return {
            "path": history["x"],
            "values": history["fun"],
            "gradient_norms": history["gnorm"],
            "iterations": history["nit"],
        }
    if "allvecs" not in res:
        raise ValueError(
            "res has no path; give minimize the options={'history': True}, or, for a method of "
            "SciPy, {'return_all': True}"
        )
    return {"path": res["allvecs"]}


def save(
    displays: Sequence[DescentDisplay],
    path: str | os.PathLike[str],
    *,
    dpi: float = 150,
    **kwargs: Any,
) -> Path:
    """Write runs, side by side, to a picture file, without a window or pyplot.

    Parameters
    ----------
    displays : sequence of DescentDisplay
        The runs.
    path : path-like
        The file; its ending says the format.
    dpi : float, default 150
        Dots an inch.
    **kwargs
        For `panels`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ImportError
        When Matplotlib is not installed.
    OSError
        When the file cannot be written.
    ValueError
        When an argument is not allowed, or the format is not known.
    """
    figure, _ = panels(displays, **kwargs)
    figure.savefig(path, dpi=dpi)
    return Path(path)


def animate(
    displays: Sequence[DescentDisplay],
    path: str | os.PathLike[str],
    *,
    seconds: float = 6.0,
    dpi: float = 100,
    **kwargs: Any,
) -> Path:
    """Write runs, side by side, as an animated GIF.

    Parameters
    ----------
    displays : sequence of DescentDisplay
        The runs; they start together, and a shorter one waits at its end.  The number of the
        iteration is in the legend, and more time is given to steps that move further.
    path : path-like
        The file.
    seconds : float, default 6
        How long the runs take at most, without a second and a half at the end.
    dpi : float, default 100
        Dots an inch.
    **kwargs
        For `panels`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ImportError
        When Matplotlib is not installed.
    OSError
        When the file cannot be written.
    ValueError
        When an argument is not allowed.
    """
    seconds = positive("seconds", seconds)
    figure, scenes = panels(displays, **kwargs)
    figure.set_dpi(dpi)
    write_gif(figure, scenes, Path(path), seconds)
    return Path(path)


def panels(
    displays: Sequence[DescentDisplay],
    *,
    kind: str | None = None,
    titles: Sequence[str | None] | None = None,
    size: tuple[float, float] = (6.4, 4.8),
    **look: Any,
) -> tuple[Figure, list[Scene]]:
    """Draw runs side by side on a new figure.

    Parameters
    ----------
    displays : sequence of DescentDisplay
        The runs.
    kind : str, optional
        What is drawn; by default what each display has drawn last, or else "auto".
    titles : sequence of str, optional
        A title for each run.
    size : pair of float, default (6.4, 4.8)
        Width and height of each panel, in inches.
    **look
        For `DescentDisplay.plot`; what is not given is as in each display's last plot.

    Returns
    -------
    figure, scenes
        The figure, and the picture in each of its panels.

    Raises
    ------
    ImportError
        When Matplotlib is not installed.
    ValueError
        When an argument is not allowed.
    """
    kinds = [_scene(kind or display.kind, display.run) for display in displays]
    looks = [replace(display.look, **look) for display in displays]
    if titles is not None:
        looks = [replace(each, title=title) for each, title in zip(looks, titles, strict=True)]
    width, height = size
    figure = require("matplotlib.figure", "plot").Figure(
        figsize=(width * len(displays), height), layout="constrained"
    )
    scenes = []
    for i, (scene, display, each) in enumerate(zip(kinds, displays, looks, strict=True), start=1):
        ax = figure.add_subplot(1, len(displays), i, projection=scene.projection)
        scenes.append(scene(ax, display.run, each))
    return figure, scenes


def _scene(kind: str, run: Run) -> type[Scene]:
    """Return the picture that `kind` stands for, or raise ValueError."""
    if kind == "auto":
        flat: dict[int, type[Scene]] = {1: Curve, 2: Contour}
        return Convergence if run.fun is None else flat.get(run.n, Convergence)
    if kind not in KINDS:
        names = ["auto", *KINDS]
        raise ValueError(
            f"kind must be one of {', '.join(names)}, got {kind!r}{did_you_mean(str(kind), names)}"
        )
    scene = KINDS[kind]
    if scene.dimensions not in (None, run.n):
        raise ValueError(
            f"kind={kind!r} is for {scene.dimensions} variable{'s'[: scene.dimensions - 1]}, and "
            f"this run has {run.n}; use kind='auto'"
        )
    if scene.dimensions is not None and run.fun is None:
        raise ValueError(f"kind={kind!r} needs fun, the function to draw")
    return scene
