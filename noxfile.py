"""The project's checks, each in an environment of its own: ``nox -l`` lists them."""

from __future__ import annotations

import shutil
from pathlib import Path

import nox
from packaging.requirements import Requirement

PYPROJECT = nox.project.load_toml("pyproject.toml")
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
HEADLESS = {"MPLBACKEND": "Agg"}

CLIENTS = ("autograd", "imbalanced-learn", "lmfit", "mlxtend", "quimb", "statsmodels")
"""Packages that are given methods or estimators; their own tests are not ours."""

nox.needs_version = ">=2025.2.9"
nox.options.error_on_external_run = True
nox.options.sessions = ["lint", "types", "tests", "doctests", "docs"]


def development_tools(*names: str) -> list[str]:
    """Return the requirements of the extra ``dev`` for these packages, versions included."""
    return [line for line in EXTRAS["dev"] if Requirement(line).name in names]


def lower_bounds() -> list[str]:
    """Return a pin for every lower bound in the dependencies and the extras that tests need."""
    needed = (EXTRAS[name] for name in ("plot", "distributed", "test"))
    lines = sum(needed, start=PYPROJECT["project"]["dependencies"])
    return [
        f"{requirement.name}=={bound.version}"
        for requirement in map(Requirement, lines)
        for bound in requirement.specifier
        if bound.operator == ">="
    ]


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests; arguments after ``--`` go to pytest."""
    session.install("-e", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session(python=nox.project.python_versions(PYPROJECT))
def pythons(session: nox.Session) -> None:
    """Run the tests on every supported version of Python that is installed."""
    session.install("-e", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def oldest(session: nox.Session) -> None:
    """Run the tests of the source distribution, outside of this tree, with the oldest dependencies.

    Two claims in one run: that the oldest versions that the project names will do, and that what a
    user gets from a package index installs and passes its tests by itself.
    """
    # Matplotlib 3.9 calls names that pyparsing 3.3 deprecates, and a warning is an error here.
    pins = [*lower_bounds(), "pyparsing<3.3"]
    folder = Path(session.create_tmp()).resolve()
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(pins) + "\n", encoding="utf-8")
    session.install(*development_tools("build"))
    session.run("python", "-m", "build", "--sdist", "--outdir", str(folder / "dist"))
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    session.install(f"skgd[test] @ {sdist.as_uri()}", "-c", str(constraints))
    shutil.unpack_archive(sdist, folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    # Nothing but the installed package is there to be imported.
    shutil.rmtree(unpacked / "skgd")
    session.chdir(unpacked)
    session.run("pytest", *session.posargs)


@nox.session
def video(session: nox.Session) -> None:
    """Run the tests of animations with ffmpeg, without which those of MP4 are skipped."""
    session.install("-e", ".[test,video]")
    session.run("python", "-c", "from skgd._plot.mp4 import find_ffmpeg; print(find_ffmpeg())")
    session.run("pytest", "tests/test_animation_files.py", "tests/test_cli_pictures.py")


@nox.session
def coverage(session: nox.Session) -> None:
    """Measure which lines and branches the tests reach."""
    session.install("-e", ".[test]", *development_tools("coverage"))
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    session.run("coverage", "combine", "-q")
    session.run("coverage", "report")


@nox.session
def mutations(session: nox.Session) -> None:
    """Break every rule on purpose, and see its tests fail; arguments name rules, or -j 2."""
    session.install("-e", ".[test]")
    environment = {"PYTHONPATH": "tests"}
    session.run("python", "-m", "mutations", *session.posargs, env=environment)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    session.install(*development_tools("ruff"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types."""
    session.install(".[plot]", *development_tools("mypy"))
    session.run("mypy")


@nox.session
def doctests(session: nox.Session) -> None:
    """Run the examples in the docstrings and in the documentation."""
    session.install("-e", ".[test]")
    session.run("pytest", "--doctest-modules", "skgd", env=HEADLESS)
    # The gallery is what a build of the documentation leaves behind.
    arguments = ["--doctest-glob=*.rst", "--ignore=docs/gallery", "docs"]
    session.run("pytest", *arguments, env=HEADLESS)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into docs/_build/html; a warning is an error."""
    session.install("-e", ".[docs]")
    arguments = ["-W", "--keep-going", "-E", "-q", "-b", "html", "docs", "docs/_build/html"]
    session.run("sphinx-build", *arguments, *session.posargs, env=HEADLESS)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Run the benchmarks and write their page's figures; arguments after ``--`` name some."""
    session.install("-e", ".[benchmarks]")
    session.run("python", "tests/benchmarks/publish.py", *session.posargs)


@nox.session
def clients(session: nox.Session) -> None:
    """Run the current releases of packages that take a method of SciPy or an estimator."""
    session.install("-e", ".[test]", *CLIENTS)
    session.run("pytest", "-o", "python_files=client_*.py", "tests/clients", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Build the distributions, check them, and run the wheel from outside the source tree."""
    session.install(*development_tools("build", "twine"))
    dist = Path(session.create_tmp()).resolve() / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(dist))
    session.run("twine", "check", "--strict", *map(str, dist.iterdir()))
    (wheel,) = dist.glob("*.whl")
    session.install(str(wheel))
    session.chdir(session.create_tmp())
    session.run("python", "-c", "import skgd; print(skgd.__version__, skgd.__file__)")
    session.run("skgd", "--help", silent=True)
