"""The command: what it prints, and how it ends."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest
import tqdm

import skgd
from skgd import METHODS, Formula
from skgd.cli import main

CURVE = "x**2 + 8*sin(x)"
ROSENBROCK = "(1 - x)**2 + 100*(y - x**2)**2"


@pytest.fixture
def run(capsys):
    """Run the command in this process; return exit code, output and errors."""

    def run(*argv):
        try:
            code = main(argv)
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run


@pytest.fixture
def refused(run):
    """Run the command on bad input; return the one line that it says."""

    def refused(*argv):
        code, out, err = run(*argv)
        assert code == 2
        assert out == ""
        assert err.startswith("skgd")
        assert err.count("\n") == 1
        return err

    return refused


def in_a_process(*argv, **kwargs):
    return subprocess.run(
        [sys.executable, *argv], capture_output=True, text=True, check=False, **kwargs
    )


class TestMinimize:
    def test_momentum_leaves_the_local_minimum(self, run):
        descent = ["--x0", "10", "--learning-rate", "0.05"]
        _, plain, _ = run("minimize", CURVE, *descent, "--method", "gd", "--json")
        _, rolling, _ = run(
            "minimize", CURVE, *descent, "--method", "gd_momentum", "--momentum", "0.8", "--json"
        )
        assert json.loads(plain)["x"] == [pytest.approx(3.5953, abs=1e-4)]
        assert json.loads(rolling)["x"] == [pytest.approx(-1.2524, abs=1e-4)]

    def test_summary_names_variables_value_and_effort(self, run):
        code, out, err = run("minimize", ROSENBROCK, "--x0", "-1.2", "1")
        lines = dict(line.split(maxsplit=1) for line in out.splitlines() if line.startswith("  "))
        assert (code, err) == (0, "")
        assert float(lines["x"]) == pytest.approx(1, abs=1e-3)
        assert float(lines["y"]) == pytest.approx(1, abs=1e-3)
        assert float(lines["f"]) == pytest.approx(0, abs=1e-6)
        assert int(lines["iterations"]) > 0
        assert "of its gradient" in lines["evaluations"]
        assert out.splitlines()[0] == f"gd_spectral: {ROSENBROCK}"
        assert "Converged" in out

    def test_json_is_the_result(self, run):
        code, out, err = run("minimize", ROSENBROCK, "--x0", "-1.2,1", "--json")
        record = json.loads(out)
        f = Formula(ROSENBROCK)
        expected = METHODS["gd_spectral"](f, [-1.2, 1.0], jac=f.jac)
        assert (code, err) == (0, "")
        assert record["variables"] == ["x", "y"]
        assert record["success"] is True
        for name in ("status", "message", "nit", "nfev", "njev", "fun"):
            assert record[name] == expected[name]
        np.testing.assert_array_equal(record["x"], expected.x)
        np.testing.assert_array_equal(record["jac"], expected.jac)

    def test_json_tells_where_the_run_ended_and_its_last_rate(self, run):
        argv = ["--x0", "1", "--method", "gd", "--learning-rate", "1.1", "--max-iter", "3"]
        _, out, _ = run("minimize", "x**2", *argv, "--json")
        record = json.loads(out)
        assert record["x_last"] == [pytest.approx((-1.2) ** 3)]
        assert record["fun_last"] == pytest.approx(1.2**6)
        assert record["learning_rate"] == 1.1
        assert (record["x"], record["fun"]) == ([1.0], 1.0)
        assert "history" not in record

    def test_json_has_the_history_when_it_is_asked_for(self, run):
        argv = ["minimize", ROSENBROCK, "--x0", "-1.2", "1", "--json"]
        history = json.loads(run(*argv, "--option", "history=true")[1])["history"]
        f = Formula(ROSENBROCK)
        expected = METHODS["gd_spectral"](f, [-1.2, 1.0], jac=f.jac, history=True).history
        assert list(history) == list(expected)
        np.testing.assert_array_equal(history["x"], expected["x"])
        np.testing.assert_array_equal(history["nit"], expected["nit"])

    def test_summary_has_the_last_value_where_it_is_not_the_best(self, run):
        argv = ["minimize", "x**2", "--x0", "1", "--method", "gd", "--max-iter", "3"]
        assert "f at the end  2.985984\n" in run(*argv, "--learning-rate", "1.1")[1]
        assert "f at the end" not in run(*argv, "--learning-rate", "0.4")[1]

    def test_parameters_stand_for_numbers(self, run):
        argv = ["(x - a)**2 + b", "--x0", "0", "--parameter", "a=3", "--parameter", "b=-1e-1"]
        record = json.loads(run("minimize", *argv, "--json")[1])
        assert record["x"] == [pytest.approx(3.0)]
        assert record["fun"] == pytest.approx(-0.1)
        assert record["parameters"] == {"a": 3.0, "b": -0.1}

    def test_variables_may_be_in_another_order_and_have_names_of_constants(self, run):
        argv = ["(y - 1)**2 + (e - 2)**2", "--x0", "0", "0", "--variables", "y, e"]
        record = json.loads(run("minimize", *argv, "--json")[1])
        assert record["variables"] == ["y", "e"]
        assert record["x"] == pytest.approx([1.0, 2.0])

    def test_json_has_null_where_there_is_no_finite_number(self, run):
        code, out, _ = run("minimize", "log(x)", "--x0", "-1", "--json")
        record = json.loads(out, parse_constant=pytest.fail)
        assert code == 1
        assert record["fun"] is None
        assert record["success"] is False

    def test_what_the_run_prints_stays_out_of_the_json(self, run):
        _, out, err = run("minimize", CURVE, "--x0", "10", "--json", "--option", "disp=2")
        assert json.loads(out)["success"]
        assert "iteration      0" in err

    def test_progress_lines_can_be_asked_for(self, run):
        _, out, _ = run("minimize", CURVE, "--x0", "10", "--option", "disp=2")
        assert "iteration      2" in out

    @pytest.mark.parametrize(
        "start",
        [["--x0", "-1.2", "1"], ["--x0=-1.2,1"], ["--x0", "-1.2,1"], ["--x0", "-12e-1", "1"]],
    )
    def test_starts_may_be_negative_and_written_in_several_ways(self, run, start):
        _, out, _ = run("minimize", ROSENBROCK, *start, "--max-iter", "0", "--json")
        assert json.loads(out)["x"] == [-1.2, 1.0]

    @pytest.mark.parametrize("name", ["x", "h"])
    def test_a_formula_may_begin_with_a_minus(self, run, name):
        _, out, _ = run("minimize", f"-{name}**2+{name}**4", "--x0", "-1", "--json")
        assert json.loads(out)["x"] == [pytest.approx(-math.sqrt(0.5), abs=1e-5)]

    @pytest.mark.parametrize(
        ("bounds", "expected"),
        [
            (["0,1", "None,2"], [1, 2]),
            (["0,1;,2"], [1, 2]),
            (["-1,0.5"], [0.5, 0.5]),
            (["-inf,1", "none,inf"], [1, 3]),
        ],
    )
    def test_bounds_are_kept(self, run, bounds, expected):
        code, out, _ = run(
            "minimize", "(x - 2)**2 + (y - 3)**2", "--x0", "0", "0", "--bounds", *bounds, "--json"
        )
        assert code == 0
        assert json.loads(out)["x"] == pytest.approx(expected, abs=1e-5)

    @pytest.mark.parametrize("gradient", ["analytic", "2-point", "3-point", "cs"])
    def test_every_gradient_scheme(self, run, gradient):
        code, out, _ = run("minimize", CURVE, "--x0", "-2", "--gradient", gradient, "--json")
        assert code == 0
        assert json.loads(out)["x"] == [pytest.approx(-1.2524, abs=1e-4)]

    def test_tolerance_and_any_other_option_reach_the_method(self, run):
        code, out, _ = run(
            "minimize", CURVE, "--x0", "10", "--method", "gd_rmsprop", "--tol", "1e-3",
            "--learning-rate", "0.5", "--option", "decay=0.8", "--option", "max_iter=5", "--json",
        )  # fmt: skip
        record = json.loads(out)
        assert (code, record["nit"]) == (1, 5)
        assert "gtol=0.001" in record["message"]

    def test_switches_win_over_options(self, run):
        _, out, _ = run(
            "minimize", "x", "--x0", "1", "--max-iter", "3", "--option", "maxiter=5", "--json"
        )
        assert json.loads(out)["nit"] == 3


class TestExitCode:
    def test_is_0_when_converged(self, run):
        assert run("minimize", CURVE, "--x0", "10")[0] == 0

    def test_is_1_when_not_converged(self, run):
        code, out, err = run("minimize", "x", "--x0", "1", "--max-iter", "3")
        assert (code, err) == (1, "")
        assert "maxiter=3" in out

    def test_is_1_when_a_value_that_is_not_finite_shall_end_the_run(self, run):
        code, out, err = run("minimize", "log(x)", "--x0", "-1", "--option", "nonfinite=raise")
        assert (code, out) == (1, "")
        assert err.count("\n") == 1

    def test_is_130_after_ctrl_c_which_reports_the_best_point(self, run, monkeypatch):
        values = iter([3.0, 2.0])

        def value(self, x):
            try:
                return next(values)
            except StopIteration:
                raise KeyboardInterrupt from None

        monkeypatch.setattr(Formula, "__call__", value)
        code, out, err = run("minimize", CURVE, "--x0", "10")
        assert (code, out) == (130, "")
        assert err.count("\n") == 1
        assert err.startswith("skgd: interrupted after")
        assert "f = 2" in err

    def test_is_130_after_ctrl_c_outside_of_a_run(self, run, monkeypatch):
        def interrupt(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr("skgd.cli._methods", interrupt)
        assert run("methods") == (130, "", "skgd: interrupted\n")

    def test_is_141_when_the_reader_goes_away(self):
        ours, theirs = os.pipe()
        os.close(ours)
        command = [sys.executable, "-m", "skgd", "methods"]
        with os.fdopen(theirs, "w") as closed:
            ended = subprocess.run(
                command, stdout=closed, stderr=subprocess.PIPE, text=True, check=False
            )
        assert (ended.returncode, ended.stderr) == (141, "")


class TestBadInput:
    def test_number_of_starts_names_the_variables_in_order(self, refused):
        assert "in the order x2, x10; got 1" in refused("minimize", "x10*x2", "--x0", "1")

    def test_unknown_method_suggests_the_nearest(self, refused):
        err = refused("minimize", CURVE, "--x0", "1", "--method", "gd_momentun")
        assert "did you mean 'gd_momentum'?" in err
        assert "did you mean 'gd_adam'?" in refused("methods", "gd_adma")

    def test_unknown_option_suggests_the_nearest(self, refused):
        err = refused(
            "minimize", CURVE, "--x0", "1", "--method", "gd_momentum", "--option", "momentun=0.5"
        )
        assert "did you mean 'momentum'?" in err

    def test_momentum_of_a_method_that_has_none(self, refused):
        err = refused("minimize", CURVE, "--x0", "1", "--method", "gd", "--momentum", "0.5")
        assert "option 'momentum'" in err

    @pytest.mark.parametrize(
        ("argv", "message"),
        [
            (["x^2", "--x0", "1"], "write **"),
            (["foo(x)", "--x0", "1"], "foo"),
            (["__import__('os')", "--x0", "1"], "formula"),
            (["x**2\n+", "--x0", "1"], "formula"),
            (["e*x", "--x0", "1"], "--variables NAMES and --parameter NAME=NUMBER"),
            (["3", "--x0", "1"], "--variables NAMES"),
            (["a*x", "--x0", "1", "--parameter", "b=1"], "not in the formula"),
            (["a*x", "--x0", "1", "--parameter", "a"], "'a' does not have the form name=number"),
            ([CURVE], "required: --x0"),
            (["--x0", "1", CURVE], "the formula comes before the options"),
            ([CURVE, "--x0", "a"], "'a' is not a number"),
            ([CURVE, "--x0", "nan"], "x0 must be finite"),
            ([CURVE, "--x0", "1", "--learning-rate", "-1"], "learning_rate must be positive"),
            ([CURVE, "--x0", "1", "--learning-rate", "armij"], "did you mean 'armijo'?"),
            ([CURVE, "--x0", "1", "--gradient", "4-point"], "invalid choice: '4-point'"),
            ([CURVE, "--x0", "1", "--bounds", "2,1"], "lower bound 2"),
            ([CURVE, "--x0", "1", "--bounds", "1,2,3"], "is not a pair of bounds"),
            ([CURVE, "--x0", "1", "--bounds", "1,b"], "is not a pair of bounds"),
            ([CURVE, "--x0", "1", "--bounds", "0,1", "0,1"], "in the order x"),
            ([CURVE, "--x0", "1", "--tol", "-1"], "tol must not be negative"),
            ([CURVE, "--x0", "1", "--max-iter", "0.5"], "invalid int value"),
            ([CURVE, "--x0", "1", "--option", "disp"], "name=value"),
            ([CURVE, "--x0", "1", "--option", "nonfinite=perhaps"], "nonfinite must be one of"),
            ([CURVE, "--x0", "1", "--metod", "gd"], "unrecognized arguments"),
        ],
    )
    def test_gets_one_line_that_says_what_is_wrong(self, refused, argv, message):
        assert message in refused("minimize", *argv)

    def test_of_the_command_itself(self, refused):
        assert "required" in refused()
        assert "invalid choice: 'minimise'" in refused("minimise")


class TestOptionValues:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("7", 7), ("1e-3", 1e-3), (".5", 0.5), ("-inf", -math.inf), ("True", True),
            ("false", False), ("None", None), ("[0.1, 2]", [0.1, 2]), ("2-point", "2-point"),
            ("a=b", "a=b"), ('"7"', "7"),
        ],
    )  # fmt: skip
    def test_are_read_as_what_they_look_like(self, text, value):
        from skgd._arguments import name_and_value

        name, read = name_and_value(f"some-name={text}")
        assert name == "some_name"
        assert read == value
        assert type(read) is type(value)


class TestWarnings:
    def test_take_one_line_on_the_error_stream(self, run):
        code, out, err = run("minimize", CURVE, "--x0", "10", "--bounds", "2,4")
        assert code == 0
        assert "Converged" in out
        assert err.startswith("skgd: warning: x0 violates the bounds")
        assert err.count("\n") == 1


class TestMethods:
    def test_have_one_line_each(self, run):
        code, out, err = run("methods")
        assert (code, err) == (0, "")
        lines = out.splitlines()
        assert [line.split()[0] for line in lines] == list(METHODS)
        for line, method in zip(lines, METHODS.values(), strict=True):
            assert line.endswith(method.summary)

    def test_are_explained_with_their_options(self, run):
        _, out, _ = run("methods", "gd_momentum")
        assert out.strip() == METHODS["gd_momentum"].__doc__.strip()
        assert "window" in out


class TestHelp:
    @pytest.mark.parametrize("command", [[], ["minimize"], ["methods"], ["article"]])
    def test_has_examples(self, run, command):
        code, out, _ = run(*command, "--help")
        assert code == 0
        assert "examples:\n  " in out
        assert max(map(len, out.splitlines())) <= 100

    def test_version(self, run):
        assert run("--version") == (0, f"skgd {skgd.__version__}\n", "")

    def test_starts_quickly_because_it_imports_little(self):
        code = (
            "import sys\nfrom skgd.cli import main\n"
            "try: main(['--help'])\n"
            "except SystemExit: print(*sys.modules, file=sys.stderr)"
        )
        loaded = set(in_a_process("-c", code).stderr.split())
        assert "skgd" in loaded
        assert not loaded & {"sympy", "sklearn", "matplotlib", "scipy.optimize", "tqdm"}

    def test_the_module_is_the_command(self):
        ended = in_a_process("-W", "error", "-m", "skgd", "minimize", "x**2", "--x0", "3")
        assert (ended.returncode, ended.stderr) == (0, "")
        assert "Converged" in ended.stdout


class TestProgressBar:
    @pytest.fixture
    def bars(self, monkeypatch):
        """Count the bars that are made."""
        made = []
        bar = tqdm.tqdm
        monkeypatch.setattr(tqdm, "tqdm", lambda *a, **k: made.append(a) or bar(*a, **k))
        return made

    @pytest.mark.parametrize(("terminal", "count"), [(True, 1), (False, 0)])
    def test_is_for_terminals_only(self, run, monkeypatch, bars, terminal, count):
        monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
        assert run("minimize", CURVE, "--x0", "10")[0] == 0
        assert len(bars) == count

    def test_gives_way_to_progress_lines(self, run, monkeypatch, bars):
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        run("minimize", CURVE, "--x0", "10", "--option", "disp=2")
        assert not bars

    def test_is_left_out_where_it_is_not_installed(self, run, monkeypatch):
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        monkeypatch.setitem(sys.modules, "tqdm", None)
        assert run("minimize", CURVE, "--x0", "10")[0] == 0


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_stream_that_is_closed_is_no_error(monkeypatch, stream):
    monkeypatch.setattr(sys, stream, None)
    try:
        assert main(["minimize", "x**2", "--x0", "1"]) == 0
    finally:
        getattr(sys, stream).close()
