"""Pictures of descents: `DescentDisplay`, after the manner of scikit-learn's displays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ._plot.axes import drawn_on_new_axes, suitable_axes
from ._plot.kinds import KINDS, scene_of
from ._plot.look import Look
from ._plot.panels import animate, panels, picture_file, save, write_picture
from ._plot.records import fitted, recorded
from ._plot.run import Run
from ._plot.style import COMPARED

if TYPE_CHECKING:
    import os

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

__all__ = ["KINDS", "DescentDisplay", "animate", "panels", "recorded", "save"]


class DescentDisplay:
    r"""The path of a descent, or of several, to be drawn or animated.

    Make it with `from_result`, `from_results` or `from_estimator`, which draw at once, or from the
    numbers themselves.

    ================================= ==============================================================
    ``kind``                          what is seen
    ================================= ==============================================================
    ``"curve"``, one variable         the function and, beneath it, its derivative, with the steps
                                      coloured from early to late
    ``"contour"``, two variables      filled contours and the path
    ``"surface"``, two variables      the same in space
    ``"slice"``, three and more       contours and path on the plane in which the run moves most
    ``"convergence"``, any number     objective gap :math:`f_k - \min_j f_j`, norm of the gradient
                                      or length of the steps
    ================================= ==============================================================

    The kind ``"auto"`` is curve or contour where there are one or two variables and a function, and
    convergence otherwise.

    Parameters
    ----------
    path : array_like, shape (K, n) or (K,), optional
        The iterates, the start first.  Without it only the convergence can be drawn.
    values : array_like, shape (K,), optional
        The function's values there; found with `fun` by default.
    gradient_norms : array_like, shape (K,), optional
        The norms of the gradient there.
    steps : array_like, shape (K,), optional
        The lengths of the steps that led there; by default those of the path, if it has every
        iterate.
    iterations : array_like of int, shape (K,), optional
        The numbers of the iterates; 0, 1, 2, ... by default.
    evaluations : array_like of int, shape (K,), optional
        How often the function had been evaluated by then.
    seconds : array_like, shape (K,), optional
        The time since the start.
    validation : array_like, shape (K,), optional
        The losses on rows that were held out.
    unit : str, default "iteration"
        What `iterations` counts.
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
    runs : tuple of Run
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
        path: Any = None,
        values: Any = None,
        gradient_norms: Any = None,
        steps: Any = None,
        iterations: Any = None,
        evaluations: Any = None,
        seconds: Any = None,
        validation: Any = None,
        unit: str = "iteration",
        fun: Callable[..., Any] | None = None,
        jac: Callable[..., Any] | None = None,
        variables: Sequence[str] | None = None,
        bounds: Any = None,
        vectorized: bool = False,
    ) -> None:
        run = Run.read(
            path=path,
            values=values,
            gradient_norms=gradient_norms,
            steps=steps,
            iterations=iterations,
            evaluations=evaluations,
            seconds=seconds,
            validation=validation,
            unit=unit,
            fun=fun,
            jac=jac,
            variables=variables,
            bounds=bounds,
            vectorized=vectorized,
        )
        self.runs: tuple[Run, ...] = (run,)
        self.kind, self.look = "auto", Look()

    @property
    def run(self) -> Run:
        """The first run."""
        return self.runs[0]

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
    ) -> Self:
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

    @classmethod
    def from_results(
        cls,
        results: Mapping[str, Any],
        fun: Callable[..., Any] | None = None,
        *,
        jac: Callable[..., Any] | None = None,
        variables: Sequence[str] | None = None,
        bounds: Any = None,
        vectorized: bool = False,
        ax: Axes | None = None,
        **look: Any,
    ) -> Self:
        """Draw several runs on one axes, with one legend.

        Parameters
        ----------
        results : mapping of str to OptimizeResult
            At most eight results by the names in the legend, each as `from_result` takes it.
        fun, jac, variables, bounds, vectorized
            As in `from_result`, the same for all runs.
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
            When there is no path in a result, or there are none or too many results.
        ImportError
            When Matplotlib is not installed.

        Examples
        --------
        >>> from scipy.optimize import minimize
        >>> from skgd import Formula, METHODS
        >>> from skgd.plotting import DescentDisplay
        >>> f = Formula("(x - 1)**2 + 2*y**2")
        >>> results = {
        ...     name: minimize(
        ...         f, [3, 2], jac=f.jac, method=METHODS[name], options={"history": True}
        ...     )
        ...     for name in ("gd", "gd_adam")
        ... }
        >>> display = DescentDisplay.from_results(results, f, kind="convergence")
        >>> [text.get_text() for text in display.ax_.get_legend().get_texts()]
        ['gd', 'gd_adam']
        """
        more = {
            "fun": fun,
            "jac": jac,
            "variables": variables,
            "bounds": bounds,
            "vectorized": vectorized,
        }
        _named("results", results)
        displays = {}
        for name, res in results.items():
            try:
                displays[name] = cls(**recorded(res), **more)
            except ValueError as error:
                raise ValueError(f"results[{name!r}]: {error}") from error
        return cls.from_displays(displays, ax=ax, **look)

    @classmethod
    def from_estimator(cls, est: Any, *, ax: Axes | None = None, **look: Any) -> Self:
        """Draw how the fit of an estimator went: the objective after each iteration or epoch.

        After early stopping the loss on the rows that were held out is beside it.  How good the
        predictions are is shown by scikit-learn's own displays.

        Parameters
        ----------
        est : estimator
            A fitted `DescentRegressor` or `DescentClassifier`, or any other with ``loss_curve_``;
            of a pipeline, a search or a `TransformedTargetRegressor` the estimator in it is taken.
        ax : Axes, optional
            Where to draw; a new figure by default.
        **look
            For `plot`; the kind can only be "convergence", for an estimator keeps no path.

        Returns
        -------
        DescentDisplay
            The display, drawn.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            When the estimator is not fitted.
        ValueError
            When it has no ``loss_curve_``, as a `FormulaRegressor`.
        ImportError
            When Matplotlib is not installed.

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from skgd import DescentRegressor
        >>> from skgd.plotting import DescentDisplay
        >>> X, y = load_diabetes(return_X_y=True)
        >>> model = DescentRegressor(loss="quantile", loss_params={"quantile": 0.9}).fit(X, y)
        >>> display = DescentDisplay.from_estimator(model)
        >>> display.ax_.get_xlabel(), len(display.ax_.lines[0].get_xdata()) == model.n_iter_
        ('iteration', True)
        """
        return cls(**fitted(est)).plot(ax, **look)

    @classmethod
    def from_displays(
        cls, displays: Mapping[str, DescentDisplay], *, ax: Axes | None = None, **look: Any
    ) -> Self:
        """Draw the runs of several displays on one axes, with one legend.

        Parameters
        ----------
        displays : mapping of str to DescentDisplay
            At most eight displays of one run each by the names in the legend.  The function drawn,
            its variables and bounds are those of the first.
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
            When there are none or too many displays, or one has several runs.
        ImportError
            When Matplotlib is not installed.
        """
        _named("displays", displays)
        for name, each in displays.items():
            if len(getattr(each, "runs", ())) != 1:
                raise ValueError(f"displays[{name!r}] must be a DescentDisplay of one run")
        display = cls.__new__(cls)
        display.runs = tuple(replace(each.run, name=str(name)) for name, each in displays.items())
        display.kind, display.look = "auto", Look()
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
        show: str | Sequence[str] | None = None,
        against: str = "iterations",
        lowest: float | None = None,
    ) -> Self:
        """Draw the whole run, or all runs.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw, for ``kind="surface"`` with Matplotlib's projection "3d"; a new figure by
            default.
        kind : {"auto", "curve", "contour", "surface", "slice", "convergence"}, default "auto"
            What is drawn; see the class.
        title : str, optional
            A title; a long one takes two lines.
        limits : array_like of shape (n, 2) or (2,), optional
            Low and high end of each variable, or of all; by default what shows the path, or, when
            it ends very far away, its part near the start, which the title then says.  Of a slice
            it is the two principal coordinates, which are zero at the end.
        resolution : int, default 200
            Points of a curve, and in each direction of a landscape; at most 64 of a surface.
        derivative : bool, default True
            Whether a curve shows the derivative, where it is known.
        colorbar : bool, default True
            Whether to add the scale of the steps' colours; several runs have none.
        show : {"gap", "gradient", "step", "value", "validation"} or sequence of them, optional
            What the convergence shows; of several runs just one.  By default it is the gap and, of
            one run, the gradient; after early stopping, value and validation.
        against : {"iterations", "evaluations", "seconds"}, default "iterations"
            What the convergence is shown against.
        lowest : float, optional
            The value that the gap is measured from, where the minimum is known; by default the
            lowest of all values of the runs.

        Returns
        -------
        DescentDisplay
            Itself, with the attributes ``ax_`` and ``figure_``.

        Raises
        ------
        ValueError
            When an argument is not allowed, or `kind` does not suit the runs or `ax`.
        ImportError
            When Matplotlib is not installed.
        """
        scene = scene_of(kind, self.runs)
        look = Look(title, limits, resolution, derivative, colorbar, show, against, lowest)
        if ax is None:
            ax = drawn_on_new_axes(scene, self.runs, look)
        else:
            scene(suitable_axes(ax, kind, scene.projection), self.runs, look)
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
        return write_picture(self.figure_.figure, picture_file(path), dpi)

    def animate(self, path: str | os.PathLike[str], **changes: Any) -> Path:
        """Write the run as an animation, with a figure of its own.

        Parameters
        ----------
        path : path-like
            The file, whose ending is ``.gif`` or ``.mp4``.  MP4 is smaller and has all colours; it
            needs the program ffmpeg, which Matplotlib's ``rcParams["animation.ffmpeg_path"]``
            names, or the extra "video".
        **changes
            Parameters of `plot`; ``size``, (width, height) in inches; ``dpi``; ``seconds``, how
            long the run takes at most; and ``progress=True`` for a bar on a terminal.  Those of
            `plot` that are not given are as in the last `plot`.

        Returns
        -------
        Path
            The file.  When it cannot be written to the end, what was there before remains.

        Raises
        ------
        ImportError
            When Matplotlib, or what writes MP4 or shows a bar, is not installed.
        OSError
            When the file cannot be written.
        ValueError
            When an argument is not allowed, or the ending is another one.
        """
        return animate([self], path, **changes)


def _named(argument: str, runs: Any) -> None:
    """Raise ValueError unless there is a mapping of as many runs as can be told apart."""
    if isinstance(runs, Mapping) and {"message", "success"} <= set(runs):
        raise ValueError(f"{argument} must be a mapping of names, got one result; use from_result")
    if not isinstance(runs, Mapping) or not runs:
        raise ValueError(
            f"{argument} must be a mapping of names, such as {{'gd': ..., 'adam': ...}}"
        )
    hidden = [name for name in runs if str(name).startswith("_")]
    if hidden:
        raise ValueError(
            f"{argument} has the name {hidden[0]!r}; Matplotlib's legends leave out names that "
            "start with an underscore"
        )
    if len(runs) > len(COMPARED):
        raise ValueError(
            f"{argument} must be at most {len(COMPARED)}, which one picture tells apart, got "
            f"{len(runs)}; draw some on axes of their own"
        )
