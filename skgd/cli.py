"""The command ``skgd``: minimise a formula, list the methods, run the article.

Its exit code is 0 when the run converged, 1 when it did not, 2 when the input was bad, 130 when it
was interrupted, and 141 when the reader of its output went away.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import math
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from . import __version__
from ._arguments import (
    bounds,
    check_files,
    name_and_value,
    names,
    numbers,
    parameter,
    protected,
    rate,
)
from ._checks import did_you_mean
from ._extras import require
from .jacobians import JACOBIANS
from .learning_rates import LEARNING_RATES
from .options import GENERAL

if TYPE_CHECKING:
    from .formula import Formula
    from .methods import Method

__all__ = ["main"]

CONVERGED, NOT_CONVERGED, BAD_INPUT, INTERRUPTED, READER_GONE = 0, 1, 2, 130, 141

PICTURES = ("png", "svg", "pdf", "jpg")
"""The formats that errors suggest; Matplotlib knows more."""

OVERVIEW = """
examples:
  skgd minimize "x**2 + 8*sin(x)" --x0 10
  skgd methods
  skgd article --out figures
"""

MINIMIZE = """
examples:
  momentum leaves a local minimum, as a picture and as an animation:
    skgd minimize "x**2 + 8*sin(x)" --x0 10 --method gd_momentum \\
      --learning-rate 0.05 --momentum 0.8 --plot descent.png --animate descent.gif

  two variables, x and y, from (-1.2, 1), with contours and a landscape:
    skgd minimize "(1 - x)**2 + 100*(y - x**2)**2" --x0 -1.2 1 \\
      --plot contours.png --surface landscape.png

  bounds, 0 <= x <= 1 and y <= 2:
    skgd minimize "(x - 2)**2 + y**2" --x0 0.5 1 --bounds 0,1 None,2

  a parameter, and a variable that might be mistaken for Euler's number:
    skgd minimize "(e - a)**2" --x0 0 --variables e --parameter a=3

  for another program:
    skgd minimize "exp(x) - x" --x0 3 --json

The exit code is 0 when the run converged, 1 when it did not, and 2 when the input was bad.
"""

METHODS_EPILOG = """
examples:
  skgd methods
  skgd methods gd_momentum
"""

ARTICLE = """
examples:
  skgd article
  skgd article --out figures
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; by default those of the process.

    Returns
    -------
    int
        The exit code.

    Raises
    ------
    SystemExit
        When argparse ends the run: after ``--help`` and ``--version``, and, with code 2, when the
        arguments cannot be read.
    """
    _open_streams()
    try:
        return _run(protected(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt as interrupt:
        return _end(_interrupted(interrupt), INTERRUPTED)
    except BrokenPipeError:
        # Python flushes the stream once more at exit, which must not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except ArithmeticError as error:
        return _end(f"error: {error}", NOT_CONVERGED)
    except OSError as error:
        reason = f"cannot write {error.filename!r}: {error.strerror}" if error.filename else error
        return _end(f"error: {reason}", BAD_INPUT)
    except (ValueError, TypeError, ImportError) as error:
        return _end(f"error: {error}", BAD_INPUT)


def _open_streams() -> None:
    """Give a stream that the caller has closed a place to go."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, io.StringIO())


def _run(argv: list[str]) -> int:
    try:
        arguments = _parser().parse_args(argv)
        with _warnings_in_one_line():
            code: int = arguments.command(arguments)
        return code
    finally:
        # While it can still be answered: a reader that went away is noticed here.
        sys.stdout.flush()


class _Parser(argparse.ArgumentParser):
    """A parser whose errors take one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: error: {message}; see {self.prog} --help\n")


def _parser() -> _Parser:
    look: dict[str, Any] = {
        "formatter_class": argparse.RawDescriptionHelpFormatter,
        "allow_abbrev": False,
    }
    parser = _Parser(
        prog="skgd", description="Gradient descent from the command line.", epilog=OVERVIEW, **look
    )
    parser.add_argument("--version", action="version", version=f"skgd {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_minimize(
        commands.add_parser(
            "minimize",
            help="minimise a formula",
            epilog=MINIMIZE,
            description="Minimise a formula, whose gradient is derived from it.",
            **look,
        )
    )
    methods = commands.add_parser(
        "methods",
        help="list the methods",
        epilog=METHODS_EPILOG,
        description="List the methods, or say everything about one, its options included.",
        **look,
    )
    methods.add_argument("name", nargs="?", metavar="METHOD", help="the method to explain")
    methods.set_defaults(command=_methods)
    article = commands.add_parser(
        "article",
        help="run the article that skgd grew from",
        epilog=ARTICLE,
        description="Run the five descents of the article that skgd grew from.",
        **look,
    )
    article.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="write the article's five figures there (needs the extra 'plot')",
    )
    article.set_defaults(command=_article)
    return parser


def _add_minimize(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("formula", metavar="FORMULA", help='what to minimise, such as "x**2 + 8*sin(x)"')
    add(
        "--x0",
        type=numbers,
        nargs="+",
        required=True,
        metavar="NUMBER",
        help="where to start: one number for each variable, in alphabetical order",
    )
    add(
        "--variables",
        type=names,
        metavar="NAMES",
        help="the variables in another order, with commas between them, such as y,x",
    )
    add(
        "--parameter",
        type=parameter,
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="a name in the formula that stands for a number; may be given several times",
    )
    how = parser.add_argument_group("how")
    add = how.add_argument
    add(
        "--method",
        default="gd_spectral",
        metavar="NAME",
        help="one of 'skgd methods'; default: %(default)s",
    )
    add(
        "--learning-rate",
        type=rate,
        metavar="RATE",
        help=f"a number, auto, {', '.join(LEARNING_RATES)}; default: auto",
    )
    add("--momentum", type=float, metavar="BETA", help="in [0, 1), for methods that have it")
    add(
        "--bounds",
        type=bounds,
        nargs="+",
        metavar="LOW,HIGH",
        help="one pair for each variable, or one for all; None or nothing for no bound",
    )
    add(
        "--gradient",
        choices=list(JACOBIANS),
        default="analytic",
        help="how the gradient is found: derived, or by differences; default: %(default)s",
    )
    add(
        "--tol",
        type=float,
        metavar="TOL",
        help=f"converged when no entry of the gradient is larger; default: {GENERAL['gtol'][0]:g}",
    )
    add("--max-iter", type=int, metavar="N", help="largest number of iterations")
    add(
        "--option",
        type=name_and_value,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any other option of the method; may be given several times",
    )
    shown = parser.add_argument_group("what is shown")
    add = shown.add_argument
    add(
        "--json",
        action="store_true",
        help="print the result as JSON; with --option history=true, every iteration",
    )
    add(
        "--plot",
        type=Path,
        metavar="FILE",
        help="write a picture: a curve, contours, or the convergence for more than two variables",
    )
    add("--surface", type=Path, metavar="FILE", help="write the path of two variables in space")
    add("--animate", type=Path, metavar="FILE", help="write the run as an animation, .gif or .mp4")
    parser.set_defaults(command=_minimize)


def _minimize(arguments: argparse.Namespace) -> int:
    f = _formula(arguments)
    x0 = _start(arguments.x0, f)
    method = _method(arguments.method).with_options(**_options(arguments))
    draw = _pictures(arguments, f)
    derived = arguments.gradient == "analytic"
    # What the run prints, such as the lines of disp, must not get into the JSON.
    with redirect_stdout(sys.stderr if arguments.json else sys.stdout):
        res = method(f, x0, jac=f.jac if derived else None, bounds=_bounds(arguments.bounds, f))
    if arguments.json:
        print(json.dumps(_record(res, f, arguments), indent=2, allow_nan=False))
    else:
        print(_summary(res, f, arguments))
    for path in draw(res):
        print(f"wrote {path}", file=sys.stderr if arguments.json else sys.stdout)
    return CONVERGED if res.success else NOT_CONVERGED


def _methods(arguments: argparse.Namespace) -> int:
    from .methods import METHODS

    if arguments.name is not None:
        print(_method(arguments.name).__doc__)
        return CONVERGED
    width = max(map(len, METHODS))
    for name, method in METHODS.items():
        print(f"{name:{width}}  {method.summary}")
    return CONVERGED


def _article(arguments: argparse.Namespace) -> int:
    from .article import run_article

    if arguments.out is not None:
        require("matplotlib.figure", "plot")
    run_article(arguments.out, say=print)
    return CONVERGED


def _formula(arguments: argparse.Namespace) -> Formula:
    from .formula import Formula

    try:
        return Formula(
            arguments.formula.strip(),
            variables=arguments.variables,
            parameters=dict(arguments.parameter),
        )
    except ValueError as error:
        if not re.search(r"\b(variables|parameters?)\b", str(error)):
            raise
        # The message names the arguments of Formula.
        raise ValueError(
            f"{error}; the options are --variables NAMES and --parameter NAME=NUMBER"
        ) from None


def _start(given: list[list[float]], f: Formula) -> list[float]:
    x0 = [number for part in given for number in part]
    n = len(f.variables)
    if len(x0) != n:
        names = ", ".join(f.variables)
        raise ValueError(
            f"--x0 needs one number for each variable, in the order {names}; got {len(x0)}"
        )
    return x0


def _bounds(given: list[list[Any]] | None, f: Formula) -> list[Any] | None:
    if given is None:
        return None
    pairs = [pair for part in given for pair in part]
    n = len(f.variables)
    if len(pairs) == 1:
        return pairs * n
    if len(pairs) != n:
        names = ", ".join(f.variables)
        raise ValueError(
            f"--bounds needs one pair for each variable, in the order {names}, or one for all; got "
            f"{len(pairs)}"
        )
    return pairs


def _method(name: str) -> Method:
    from .methods import METHODS

    if name not in METHODS:
        raise ValueError(
            f"unknown method {name!r}, 'skgd methods' lists them{did_you_mean(name, METHODS)}"
        )
    return METHODS[name]


def _options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options of the method; those that have a switch of their own win."""
    given = {
        "learning_rate": arguments.learning_rate,
        "momentum": arguments.momentum,
        "gradient": None if arguments.gradient == "analytic" else arguments.gradient,
        "tol": arguments.tol,
        "maxiter": arguments.max_iter,
    }
    options = dict(arguments.option)
    options |= {name: value for name, value in given.items() if value is not None}
    if arguments.plot or arguments.surface or arguments.animate:
        options["history"] = True
    if _bars() and not options.get("disp"):
        options.setdefault("progress", True)
    return options


def _bars() -> bool:
    """Tell whether progress is shown: on a terminal, if there is what shows it."""
    return sys.stderr.isatty() and importlib.util.find_spec("tqdm") is not None


def _pictures(arguments: argparse.Namespace, f: Formula) -> Callable[[Any], list[Path]]:
    """Check the wishes for pictures before the run; return what draws them after it."""
    plot, surface, film = arguments.plot, arguments.surface, arguments.animate
    if not (plot or surface or film):
        return lambda res: []
    base = require("matplotlib.backend_bases", "plot").FigureCanvasBase
    stills = [path for path in (plot, surface) if path]
    check_files(stills, base.get_supported_filetypes(), PICTURES)
    if film:
        from ._plot.animation import FORMATS, writer_of

        check_files([film], FORMATS, list(FORMATS))
        # What writes it must be there, too.
        writer_of(film)
    n = len(f.variables)
    if surface and n != 2:
        raise ValueError(
            f"--surface is for two variables, and this formula has {n}; use --plot instead"
        )
    title = _headline(arguments)

    def draw(res: Any) -> list[Path]:
        from .plotting import DescentDisplay, recorded

        limits = _bounds(arguments.bounds, f)
        display = DescentDisplay(**recorded(res), fun=f, bounds=limits)
        files = []
        if plot:
            files.append(display.save(plot, title=title))
        if surface:
            files.append(display.save(surface, kind="surface", title=title))
        if film:
            files.append(display.animate(film, title=title, progress=_bars()))
        return files

    return draw


def _headline(arguments: argparse.Namespace) -> str:
    return f"{arguments.method}: {arguments.formula.strip()}"


def _summary(res: Any, f: Formula, arguments: argparse.Namespace) -> str:
    rows = [(name, f"{number: .9g}") for name, number in zip(f.variables, res.x, strict=True)]
    rows += [
        ("f", f"{res.fun: .9g}"),
    ]
    if f"{res.fun_last:.9g}" != f"{res.fun:.9g}":
        rows.append(("f at the end", f"{res.fun_last: .9g}"))
    rows += [
        ("iterations", f" {res.nit}"),
        ("evaluations", f" {res.nfev} of f, {res.njev} of its gradient"),
    ]
    width = max(len(name) for name, _ in rows)
    table = "\n".join(f"  {name:{width}} {value}" for name, value in rows)
    return f"{_headline(arguments)}\n\n{table}\n\n{res.message}"


def _record(res: Any, f: Formula, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the result in JSON's types; a number that is not finite becomes null."""
    record = {
        "formula": arguments.formula.strip(),
        "method": arguments.method,
        "variables": list(f.variables),
        "parameters": dict(f.parameters),
        "x": _plain(res.x),
        "fun": _plain(res.fun),
        "jac": _plain(res.jac) if "jac" in res else None,
        "x_last": _plain(res.x_last),
        "fun_last": _plain(res.fun_last),
        "learning_rate": _plain(res.learning_rate) if "learning_rate" in res else None,
        "success": bool(res.success),
        "status": int(res.status),
        "message": res.message,
        "nit": int(res.nit),
        "nfev": int(res.nfev),
        "njev": int(res.njev),
    }
    # Pictures need the history, too, but nobody asked to print it then.
    if dict(arguments.option).get("history"):
        record["history"] = {name: _plain(column) for name, column in res.history.items()}
    return record


def _plain(numbers: Any) -> Any:
    """Return a number or an array of numbers in JSON's types."""
    if hasattr(numbers, "tolist"):
        numbers = numbers.tolist()
    if isinstance(numbers, list):
        return [_plain(number) for number in numbers]
    return numbers if isinstance(numbers, int) or math.isfinite(numbers) else None


def _interrupted(interrupt: KeyboardInterrupt) -> str:
    res = getattr(interrupt, "result", None)
    if res is None:
        return "interrupted"
    x = ", ".join(f"{number:.9g}" for number in res.x)
    return f"interrupted after {res.nit} iterations; the best point was {x}, with f = {res.fun:.9g}"


@contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    seen: set[str] = set()

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        line = f"skgd: warning: {_one_line(message)}"
        if line not in seen:
            seen.add(line)
            print(line, file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = show
        yield


def _end(message: str, code: int) -> int:
    print(f"skgd: {_one_line(message)}", file=sys.stderr)
    return code


def _one_line(message: object) -> str:
    return " ".join(str(message).split())
