"""The options of a call, and those of a method."""

from __future__ import annotations

import builtins
import io
import math
import sys

import numpy as np
import pytest
from scipy.optimize import OptimizeWarning, rosen, rosen_der

from skgd import (
    L1,
    METHODS,
    Adam,
    Armijo,
    Central,
    Forward,
    HeavyBall,
    Method,
    gd,
    gd_adam,
    gd_momentum,
)
from skgd.options import GENERAL, read_options
from skgd.stopping import Stopping

methods = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("gtol", -1, "gtol must not be negative"), ("xtol", "a", "xtol must be a real number"),
        ("xrtol", -1, "xrtol must not"), ("ftol", math.nan, "ftol must be a finite number"),
        ("norm", 0, "norm must be"), ("maxiter", 1.5, "maxiter must be a whole number"),
        ("maxiter", -1, "maxiter must be at least 0"), ("maxfev", 0, "maxfev must be at least 1"),
        ("maxtime", 0, "maxtime must be positive"), ("maxtime", math.nan, "maxtime must be"),
        ("patience", 0, "patience must be at least 1"), ("target", "low", "target must be a real"),
        ("maxls", 0, "maxls must be at least 1"), ("nonfinite", "ignore", "nonfinite must be one"),
        ("history", -1, "history must be at least 0"), ("history", "all", "history must be"),
        ("disp", -1, "disp must be at least 0"), ("eps", 0.0, "eps must not be zero"),
        ("eps", "junk", "eps must be a number"), ("eps", True, "eps must be a number"),
        ("finite_diff_rel_step", math.nan, "finite_diff_rel_step must be finite"),
        ("gradient", "3point", "gradient must be one of .*did you mean '3-point'"),
        ("gradient", 3, "gradient must be one of"),
        ("gradient", Forward, r"gradient: pass Forward\(\), not the class"),
        ("learning_rate", "armijoo", "did you mean 'armijo'"),
        ("c1", 2.0, r"c1 must lie in \(0, 1\)"), ("memory", 0, "memory must be at least 1"),
    ],
)  # fmt: skip
def test_a_bad_value_is_named(option, value, message):
    with pytest.raises(ValueError, match=message):
        gd(rosen, [1.0, 2.0], **{option: value})
    with pytest.raises(ValueError, match=message):
        gd(rosen, [1.0, 2.0], jac=rosen_der, **{option: value})
    with pytest.raises(ValueError, match=message):
        gd.with_options(**{option: value})


@pytest.mark.parametrize("eps", [-1.0, [1.0, -1.0]])
def test_negative_perturbations_are_refused_by_name(eps):
    with pytest.raises(ValueError, match="eps must be positive with random gradients"):
        gd(rosen, [1.0, 2.0], jac="spsa", eps=eps)


def test_steps_of_the_wrong_shape_are_named():
    with pytest.raises(ValueError, match=r"eps must be one number or have shape \(2,\)"):
        gd(rosen, [1.0, 2.0], eps=[1e-8, 1e-8, 1e-8])


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("tol", "a", "tol must be a real number"), ("tol", -1, "tol must not be negative"),
        ("maxfun", -1, "maxfun must be at least 1"), ("max_iter", 0.5, "max_iter must be a whole"),
        ("verbose", -1, "verbose must be at least 0"), ("f_target", "b", "f_target must be a real"),
    ],
)  # fmt: skip
def test_an_error_calls_an_option_as_the_user_does(option, value, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        gd(rosen, [1.0, 2.0], **{option: value})
    with pytest.raises(ValueError, match=f"^{message}"):
        gd.with_options(**{option: value})


@pytest.mark.parametrize("switch", ["vectorized", "return_all", "progress"])
@pytest.mark.parametrize("value", ["no", "False", "", 2, math.nan, 0.0, np.array([1, 2]), []])
def test_a_switch_is_on_or_off(switch, value):
    with pytest.raises(ValueError, match=f"{switch} must be True or False"):
        gd(rosen, [1.0, 2.0], **{switch: value})


def test_a_switch_may_be_a_bit():
    for value in (False, np.False_, 0, None):
        assert read_options(gd, {"return_all": value}) == read_options(gd, {})
    for value in (True, np.True_, 1):
        assert read_options(gd, {"return_all": value}).return_all is True


@pytest.mark.parametrize("option", [name for name in GENERAL if "eps" not in name])
@pytest.mark.parametrize("value", [np.array([1, 2]), np.ma.masked_all(2), object()], ids=repr)
def test_an_option_of_the_wrong_kind_is_named(option, value):
    if option == "finite_diff_rel_step" and type(value) is np.ndarray:
        pytest.skip("there may be one step for each variable")
    with pytest.raises(ValueError, match=f"^{option}"):
        gd(rosen, [1.0, 2.0], **{option: value})


@pytest.mark.parametrize("option", [name for name in GENERAL if name != "gradient"])
def test_a_number_beyond_double_precision_is_a_named_error(option):
    for value in (10**400, -(10**400), 10**5000):
        with pytest.raises(ValueError, match=f"^{option}"):
            gd(rosen, [1.0, 2.0], **{option: value})


def test_a_class_instead_of_its_object_is_named():
    with pytest.raises(ValueError, match=r"learning_rate: pass Armijo\(\), not the class"):
        gd(rosen, [1.0, 2.0], learning_rate=Armijo)
    with pytest.raises(ValueError, match=r"jac: pass Forward\(\), not the class"):
        gd(rosen, [1.0, 2.0], jac=Forward)
    with pytest.raises(ValueError, match=r"constraints: pass L1\(\), not the class"):
        gd(rosen, [1.0, 2.0], constraints=L1)
    with pytest.raises(ValueError, match=r"direction: pass Adam\(\), not the class"):
        Method(Adam)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("lr", "learning_rate"),
        ("step_size", "learning_rate"),
        ("epochs", "maxiter"),
        ("seed", "rng"),
        ("random_state", "rng"),
    ],
)
def test_words_of_other_programs_lead_to_the_option(word, meant):
    with pytest.warns(OptimizeWarning, match=f"unknown option '{word}'.*did you mean '{meant}'"):
        gd(rosen, [1.0, 2.0], **{word: 0.1, "maxiter": 1})


@methods
def test_unknown_options_are_warnings_in_a_call_and_errors_in_a_method(method):
    message = f"unknown option 'max_itre' for {method.name}; did you mean 'maxiter'?"
    with pytest.warns(OptimizeWarning) as caught:
        method(rosen, [1.0, 2.0], max_itre=3, maxiter=1)
    assert str(caught[0].message) == message
    with pytest.raises(TypeError) as raised:
        method.with_options(max_itre=3)
    assert str(raised.value).startswith("unknown option 'max_itre'")
    with pytest.raises(TypeError, match="did you mean 'maxiter'"):
        Method(options={"max_itre": 3})
    with pytest.raises(TypeError, match="unknown option 3"):
        Method(options={3: 3})


def test_arguments_of_a_call_are_told_from_options():
    with pytest.raises(TypeError, match="'bounds' is an argument of the call, and no option of gd"):
        gd.with_options(bounds=[(0, 1)])
    with pytest.warns(OptimizeWarning, match="'constraint' for gd; did you mean 'constraints'?"):
        gd(rosen, [1.0, 2.0], constraint=(), maxiter=1)


def test_options_of_other_methods_are_named_as_such():
    with pytest.warns(OptimizeWarning, match="gd has no use for the option 'momentum'"):
        gd(rosen, [1.0, 2.0], momentum=0.9, maxiter=1)
    with pytest.warns(OptimizeWarning, match="gd has no use for the option 'c1'"):
        gd(rosen, [1.0, 2.0], learning_rate=1e-3, c1=0.1, maxiter=1)


def test_a_methods_own_options_do_not_warn_when_a_call_makes_them_idle():
    method = gd.with_options(c1=0.1)
    assert method(rosen, [1.0, 2.0], learning_rate=1e-4, maxiter=1).nit == 1


def test_a_call_overrules_the_method_under_every_name():
    method = gd.with_options(maxfun=3, max_iter=4, tol=1e-3)
    settings = read_options(method, {})
    assert settings.limits.maxfev == 3
    assert (settings.stopping.maxiter, settings.stopping.gtol) == (4, 1e-3)
    for options in ({"maxfev": 7}, {"maxfun": 7}):
        assert read_options(method, options).limits.maxfev == 7
    assert read_options(method, {"tol": 0.5}).stopping.gtol == 0.5
    assert read_options(method, {"tol": 0.5, "gtol": 0.25}).stopping.gtol == 0.25


def test_none_is_the_default_of_an_option():
    nothing = dict.fromkeys(GENERAL)
    assert read_options(gd, nothing) == read_options(gd, {})
    assert read_options(gd.with_options(maxiter=3), {"maxiter": None}).stopping.maxiter is None


@pytest.mark.parametrize(
    ("option", "value", "same", "as_value"),
    [
        ("maxfev", math.inf, "maxfev", None), ("maxtime", math.inf, "maxtime", None),
        ("maxiter", math.inf, "maxiter", sys.maxsize), ("f_target", -math.inf, "target", None),
        ("target", -np.inf, "target", None), ("verbose", 2, "disp", 2),
        ("f_target", 3.0, "target", 3.0), ("maxiter", 1e3, "maxiter", 1000),
        ("history", np.True_, "history", 1), ("disp", True, "disp", 1),
    ],
)  # fmt: skip
def test_scipys_ways_of_saying_it_are_understood(option, value, same, as_value):
    assert read_options(gd, {option: value}) == read_options(gd, {same: as_value})


def test_every_option_of_the_parts_can_be_given():
    settings = read_options(gd_momentum, {"momentum": 0.5, "window": 3, "c1": 0.2, "memory": 2})
    assert settings.direction == HeavyBall(momentum=0.5, window=3)
    assert (settings.learning_rate.c1, settings.learning_rate.memory) == (0.2, 2)
    rate = read_options(gd, {"learning_rate": "armijo", "c1": 0.2}).learning_rate
    assert rate == Armijo(c1=0.2)


def test_epsilon_of_a_method_is_kept_when_the_rate_is_given():
    method = Method(Adam(epsilon=1e-3), 0.1)
    assert read_options(method, {"learning_rate": 0.2}).direction == Adam(epsilon=1e-3)
    assert read_options(gd_adam, {"learning_rate": 0.2}).direction == Adam(epsilon=1e-8)
    assert read_options(gd_adam, {}).direction == Adam(epsilon=None)


def test_step_options_replace_the_steps_of_a_scheme():
    a = gd(rosen, [1.3, 0.7], jac=Central(rel_step=1e-2), eps=1e-4, maxiter=3)
    b = gd(rosen, [1.3, 0.7], jac=Central(step=1e-4), maxiter=3)
    assert a.x.tolist() == b.x.tolist()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"gtol": 0.5}, "at most gtol=0.5"),
        ({"gtol": 0, "xtol": 0.1, "learning_rate": 1e-4}, "the last step"),
        ({"gtol": 0, "xrtol": 0.1, "learning_rate": 1e-4}, "the last step"),
        ({"gtol": 0, "ftol": 1e-2, "learning_rate": 1e-5}, "ftol"),
        ({"target": 1.0}, "reached the target"),
        ({"maxiter": 3}, "maxiter=3"),
        ({"maxfev": 9}, "maxfev=9"),
    ],
)
def test_the_message_says_which_test_ended_the_run(options, reason):
    res = gd(rosen, [-1.2, 1.0], jac=rosen_der, **options)
    assert reason in res.message
    assert res.success == res.message.startswith("Converged")


def test_the_norm_is_the_one_that_is_asked_for():
    for norm in (1, 2, 3.5, math.inf):
        res = gd(rosen, [1.3, 0.7, 0.8], jac=rosen_der, norm=norm, gtol=1e-3, history=True)
        sizes = [np.linalg.norm(rosen_der(x), norm) for x in res.history["x"]]
        np.testing.assert_allclose(res.history["gnorm"], sizes, rtol=1e-12)
        assert sizes[-1] <= 1e-3 < sizes[-2]


@pytest.mark.parametrize("norm", [1, 1.5, 2, np.int64(3), np.float32(7), 100, 1000, 1e300])
@pytest.mark.parametrize("size", [1e-320, 1e-200, 1e-4, 1.0, 1e200, 1e300])
def test_no_power_of_a_norm_overflows_or_vanishes(norm, size):
    stopping = Stopping(norm=norm)
    entries = np.array([0.5, -1.0, 0.25])
    with np.errstate(all="raise"):
        length = stopping.size(size * entries)
        rows = stopping.size(np.stack((size * entries, 0.0 * entries)))
    expected = size * (abs(entries) ** float(norm)).sum() ** (1 / float(norm))
    assert length == pytest.approx(expected, rel=1e-3 if size < 1e-300 else 1e-12)
    assert rows.tolist() == [pytest.approx(length, rel=1e-14), 0.0]


def test_a_norm_of_what_is_not_finite_is_not_finite():
    assert Stopping(norm=2).size(np.array([1.0, -math.inf])) == math.inf
    assert math.isnan(Stopping(norm=2).size(np.array([1.0, math.nan])))


@methods
@pytest.mark.parametrize("norm", [100, 1000])
def test_a_large_norm_is_no_false_success(method, norm):
    res = method(lambda x: float(x @ x), [0.1, 0.2], jac=lambda x: 2 * x, norm=norm)
    assert res.success
    assert res.nit > 0
    assert np.abs(res.x).max() <= 1e-5


@pytest.mark.parametrize("norm", [True, np.True_, 0.5, -math.inf, math.nan, "2", 10**400, [2]])
def test_what_is_no_order_of_a_norm_is_named(norm):
    with pytest.raises(ValueError, match=r"^norm"):
        Stopping(norm=norm)


def test_disp_prints_a_summary_and_aligned_lines(capsys):
    res = gd_momentum(rosen, [-1.2, 1.0], jac=rosen_der, maxiter=25)
    assert capsys.readouterr() == ("", "")
    gd_momentum(rosen, [-1.2, 1.0], jac=rosen_der, maxiter=25, disp=True)
    summary = capsys.readouterr().out.splitlines()
    assert summary[0] == res.message
    assert summary[1].split() == (
        f"fun: {res.fun:.9g}, nit: {res.nit}, nfev: {res.nfev}, njev: {res.njev}".split()
    )
    gd_momentum(rosen, [-1.2, 1.0], jac=rosen_der, maxiter=25, disp=10)
    *lines, first, second = capsys.readouterr().out.splitlines()
    assert [first, second] == summary
    assert [int(line.split()[1]) for line in lines] == [0, 10, 20]
    for mark in ("  f ", "  |g| ", "  step ", "  x ["):
        assert len({line.index(mark) for line in lines}) == 1


def test_disp_prints_a_summary_of_an_interrupted_run(capsys):
    def interrupt(xk):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gd(rosen, [-1.2, 1.0], jac=rosen_der, callback=interrupt, disp=1)
    assert "Interrupted by KeyboardInterrupt" in capsys.readouterr().out


def test_the_progress_bar_is_silent_unless_on_a_terminal(capsys, monkeypatch):
    pytest.importorskip("tqdm")
    plain = gd(rosen, [-1.2, 1.0], jac=rosen_der)
    res = gd(rosen, [-1.2, 1.0], jac=rosen_der, progress=True)
    assert res.x.tolist() == plain.x.tolist()
    assert capsys.readouterr() == ("", "")

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    gd(rosen, [-1.2, 1.0], jac=rosen_der, progress=True)
    assert "it/s" in terminal.getvalue() or "?it" in terminal.getvalue()


def test_a_progress_bar_without_tqdm_says_how_to_get_it(monkeypatch):
    real = builtins.__import__

    def hidden(name, *args, **kwargs):
        if name.partition(".")[0] == "tqdm":
            raise ModuleNotFoundError(name)
        return real(name, *args, **kwargs)

    for name in [name for name in sys.modules if name.partition(".")[0] == "tqdm"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr(builtins, "__import__", hidden)
    with pytest.raises(ImportError, match=r"tqdm is needed .*pip install 'skgd\[plot\]'"):
        gd(rosen, [-1.2, 1.0], jac=rosen_der, progress=True)
