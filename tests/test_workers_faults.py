"""What goes wrong on workers: exceptions, strange answers, hanging and dying evaluations."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from skgd import METHODS, gd, gd_adam, gd_spectral
from skgd.limits import Limits
from skgd.methods import gd_spsa
from skgd.objective import Objective
from skgd.workers import WorkerDied, open_source

START = "forkserver" if sys.platform == "linux" else "spawn"
KINDS = ["map", "threads", "threads.map", "processes", "pool.map"]
X0 = [1.0, -2.0, 0.5]

kinds = pytest.mark.parametrize("kind", KINDS)


def bowl(x):
    return (x * x).sum() + 0.1 * (x * x * x * x).sum()


def bowl_der(x):
    return 2 * x + 0.4 * x**3


class Unpicklable(Exception):  # noqa: N818
    """Its copy cannot be made from its arguments."""

    def __init__(self, x, reason):
        super().__init__(f"{reason} at {x.tolist()}")


@pytest.fixture(scope="module")
def all_kinds():
    context = multiprocessing.get_context(START)
    with (
        ThreadPoolExecutor(3) as threads,
        ProcessPoolExecutor(2, context) as processes,
        context.Pool(2) as pool,
    ):
        found = (map, threads, threads.map, processes, pool.map)
        yield dict(zip(KINDS, found, strict=True))


@pytest.fixture
def workers(kind, all_kinds):
    return all_kinds[kind]


class Broken:
    """A function that answers differently once the second coordinate has moved so far."""

    def __init__(self, answer, at=-2.0):
        self.answer = answer
        self.at = at

    def __call__(self, x):
        if x[1] == self.at:
            return bowl(x)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@kinds
@pytest.mark.parametrize(
    "error", [KeyError("here"), OSError(28, "No space left"), SystemExit(3)], ids=repr
)
def test_an_exception_of_the_function_arrives_with_the_best_point_so_far(error, kind, workers):
    with pytest.raises(type(error)) as caught:
        gd_spectral(Broken(error), X0, workers=workers)
    raised = caught.value
    assert str(raised) == str(error)
    assert (raised is error) == (kind not in ("processes", "pool.map"))
    assert np.array_equal(raised.result.x, X0)
    assert raised.result.fun == bowl(np.array(X0))
    assert any("best value" in note for note in raised.__notes__)


def refuse(x):
    raise Unpicklable(x, "broken")


@kinds
def test_an_exception_that_cannot_travel_is_told_in_words(kind, workers):
    travels = kind in ("processes", "pool.map")
    with pytest.raises(RuntimeError if travels else Unpicklable) as caught:
        gd(refuse, X0, workers=workers)
    words = "broken at [1.0, -2.0, 0.5]"
    assert str(caught.value) == (f"Unpicklable: {words}" if travels else words)
    assert any("in refuse" in note for note in caught.value.__notes__) == travels


@pytest.mark.parametrize("kind", ["map", "threads", "processes"])
@pytest.mark.parametrize("scheme", ["analytic", "2-point"])
def test_an_exception_at_any_evaluation_keeps_the_best_value_before_it(scheme, kind, all_kinds):
    values = []

    def fun(x):
        values.append(bowl(x))
        return values[-1]

    jac = bowl_der if scheme == "analytic" else None
    gd(fun, X0, jac=jac, gradient=scheme)
    starts = [i for i, value in enumerate(values) if value < min(values[:i], default=np.inf)]
    for k in starts[1:6]:
        limit = min(values[:k])

        def fail(x, limit=limit):
            if bowl(x) < limit - 1e-6:
                raise ArithmeticError("too deep")
            return bowl(x)

        with pytest.raises(ArithmeticError, match="too deep") as caught:
            gd(fail, X0, jac=jac, gradient=scheme, workers=all_kinds[kind])
        assert limit - 1e-6 <= caught.value.result.fun <= values[0]


def test_of_several_exceptions_the_one_at_the_first_point_is_raised():
    def fun(x):
        i = int(x[0])
        if i < 3:
            return bowl(x)
        time.sleep(1e-3 * (12 - i))
        raise ValueError(i)

    batch = np.arange(12.0)[:, None]
    for count in (1, 2, 5, 12):
        with ThreadPoolExecutor(count) as pool:
            for workers in (pool, pool.map):
                source = open_source(workers, fun, None, (), False)
                objective = Objective(fun, None, (), batch, False, Limits(), source=source)
                with pytest.raises(ValueError, match=r"^3$"):
                    objective.value(batch)
                assert 4 <= objective.nfev <= 12


@kinds
@pytest.mark.parametrize("answer", [np.nan, np.inf, -np.inf, 1e400])
def test_values_that_are_not_finite_are_dealt_with_as_without_workers(answer, kind, workers):
    for fun in (Broken(answer), Wall(answer)):
        reference = gd_spectral(fun, X0)
        res = gd_spectral(fun, X0, workers=workers)
        assert np.array_equal(res.x, reference.x)
        assert (res.status, res.message, res.nfev) == (
            reference.status,
            reference.message,
            reference.nfev,
        )


class Wall:
    """A bowl that is not defined beyond a wall."""

    def __init__(self, answer):
        self.answer = answer

    def __call__(self, x):
        return self.answer if x[0] < 0.5 else bowl(x)


@kinds
@pytest.mark.parametrize("answer", [None, "1", 1j, [1.0, 2.0], np.ones((2, 2)), {}, threading])
def test_answers_that_are_no_number_are_refused_as_without_workers(answer, kind, workers):
    with pytest.raises(ValueError, match=r"^fun must return one real number") as expected:
        gd(lambda x: answer if x[1] != -2.0 else 1.0, X0)
    with pytest.raises(ValueError, match=r"^fun must return one real number") as caught:
        gd(lambda x: answer if x[1] != -2.0 else 1.0, X0, workers=workers)
    assert str(caught.value).partition("<")[0] == str(expected.value).partition("<")[0]


@kinds
@pytest.mark.parametrize("answer", [None, [1.0], np.ones((3, 1, 3)), "abc", 1j * np.ones(3)])
def test_gradients_that_do_not_fit_are_refused_as_without_workers(answer, kind, workers):
    with pytest.raises(ValueError, match=r"^jac must return") as expected:
        gd(bowl, X0, jac=lambda x: answer)
    with pytest.raises(ValueError, match=r"^jac must return") as caught:
        gd(bowl, X0, jac=lambda x: answer, workers=workers)
    assert str(caught.value) == str(expected.value)


def test_a_function_that_returns_no_pair_is_told_so():
    with (
        ThreadPoolExecutor(2) as pool,
        pytest.raises(ValueError, match=r"pair \(value, gradient\)"),
    ):
        gd(bowl, X0, jac=True, workers=pool)
    with (
        ThreadPoolExecutor(2) as pool,
        pytest.raises(ValueError, match=r"^jac must return shape \(3,\)"),
    ):
        gd(lambda x: (bowl(x), x[:2]), X0, jac=True, workers=pool)


@pytest.mark.parametrize("scheme", ["analytic", "2-point", "3-point", "cs"])
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_maxfev_is_never_exceeded_on_workers(method, scheme, all_kinds):
    jac = bowl_der if scheme == "analytic" else None
    for maxfev in (*range(1, 12), 17, 30):
        options = {"jac": jac, "gradient": scheme, "maxfev": maxfev, "rng": 0}
        reference = method(bowl, X0, **options)
        for kind in ("map", "threads"):
            calls = []

            def fun(x, calls=calls):
                calls.append(1)
                return bowl(x)

            res = method(fun, X0, workers=all_kinds[kind], **options)
            assert res.nfev == len(calls) == reference.nfev <= maxfev
            assert res.message == reference.message
            assert np.array_equal(res.x, reference.x)


@pytest.mark.parametrize("kind", ["threads", "threads.map"])
def test_an_evaluation_that_hangs_does_not_outlast_maxtime(kind):
    released = threading.Event()

    def fun(x):
        if x[2] != 0.5:
            released.wait()
        return bowl(x)

    with ThreadPoolExecutor(2) as pool:
        try:
            chosen = pool if kind == "threads" else pool.map
            res = gd(fun, X0, workers=chosen, maxtime=1.0)
        finally:
            released.set()
    assert (res.success, res.status) == (False, 1)
    assert "Stopped at maxtime=" in res.message
    assert res.fun == bowl(np.array(X0))


def test_no_average_is_evaluated_behind_evaluations_that_hang():
    released = threading.Event()
    hang_now = threading.Event()

    def fun(x):
        if hang_now.is_set():
            released.wait()
        return bowl(x)

    def callback(xk):
        hang_now.set()

    with ThreadPoolExecutor(2) as pool:
        try:
            res = gd_spsa(fun, X0, workers=pool, maxtime=1.0, callback=callback, rng=0)
        finally:
            released.set()
    assert (res.success, res.status) == (False, 1)
    assert np.isfinite(res.fun)


def hang(x, folder):
    (folder / str(os.getpid())).touch()
    time.sleep(600)


def test_own_processes_that_hang_are_killed_at_maxtime(tmp_path):
    res = gd(hang, X0, args=(tmp_path,), workers=2, maxtime=2.0)
    assert (res.success, res.status) == (False, 1)
    assert np.array_equal(res.x, X0)
    for path in tmp_path.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.name), 0)


@pytest.mark.parametrize("kind", ["map", "threads", "threads.map"])
def test_the_start_is_evaluated_whatever_the_time(kind, all_kinds):
    res = gd(bowl, X0, workers=all_kinds[kind], maxtime=1e-9)
    assert (res.nfev, res.status, res.fun) == (1, 1, bowl(np.array(X0)))


@pytest.mark.parametrize("kind", ["map", "threads", "threads.map"])
def test_no_evaluation_begins_after_maxtime_on_workers(kind, all_kinds):
    begun = []
    res = gd(
        lambda x: (begun.append(time.perf_counter()), time.sleep(0.01), bowl(x))[-1],
        np.linspace(1, 2, 40),
        workers=all_kinds[kind],
        maxtime=0.1,
    )
    assert res.status == 1
    # Of what goes on elsewhere at the end, nobody can tell whether it has begun.
    spare = {"map": 0, "threads": 3, "threads.map": 40}
    assert len(begun) <= res.nfev <= len(begun) + spare[kind]


class Deadly:
    """A function that kills its process near some point, once or always."""

    def __init__(self, path=None):
        self.path = path

    def __call__(self, x):
        if x[2] != 0.5:
            if self.path is None:
                os._exit(1)
            if not os.path.exists(self.path):  # noqa: PTH110
                with open(self.path, "x", encoding="utf-8"):  # noqa: PTH123
                    os._exit(1)
        return bowl(x)


def test_a_process_that_dies_is_replaced_and_nothing_is_lost(tmp_path):
    reference = gd_spectral(bowl, X0)
    res = gd_spectral(Deadly(str(tmp_path / "died")), X0, workers=2)
    assert np.array_equal(res.x, reference.x)
    assert (res.nfev, res.njev, res.message) == (reference.nfev, reference.njev, reference.message)


def test_an_evaluation_that_always_kills_its_process_is_named():
    with pytest.raises(WorkerDied, match=r"^workers: 3 processes have died of the value") as caught:
        gd(Deadly(), X0, workers=2)
    message = str(caught.value)
    assert "x = array([ 1. , -2. , 0.50000001]), the last one with exit code 1; " in message
    assert caught.value.result.fun == bowl(np.array(X0))
    assert caught.value.result.nfev == 4


def test_an_executor_of_the_user_that_breaks_is_an_error_with_the_best_so_far():
    context = multiprocessing.get_context(START)
    with ProcessPoolExecutor(1, context) as pool:
        with pytest.raises(WorkerDied, match="ProcessPoolExecutor gave no answer") as caught:
            gd_adam(Deadly(), X0, workers=pool)
        assert caught.value.result.fun == bowl(np.array(X0))
        for workers in (pool, pool.map):
            with pytest.raises(WorkerDied, match="not usable anymore"):
                gd_adam(bowl, X0, workers=workers)


def test_ctrl_c_ends_the_run_and_keeps_the_best_so_far():
    released = threading.Event()

    def fun(x):
        if x[2] != 0.5:
            os.kill(os.getpid(), signal.SIGINT)
            released.wait()
        return bowl(x)

    with ThreadPoolExecutor(1) as pool:
        try:
            with pytest.raises(KeyboardInterrupt) as caught:
                gd(fun, X0, workers=pool)
        finally:
            released.set()
    assert caught.value.result.fun == bowl(np.array(X0))


class AtOnce(Executor):
    """Evaluate before anybody waits."""

    def submit(self, function, /, *args):
        future = Future()
        future.set_result(function(*args))
        return future


def test_ctrl_c_loses_no_evaluation_that_has_come_home(tmp_path, monkeypatch):
    def interrupt(request):
        raise KeyboardInterrupt

    path = tmp_path / "run.jsonl"
    with monkeypatch.context() as patched:
        patched.setattr("skgd.workers.pooled._Request._next", interrupt)
        with pytest.raises(KeyboardInterrupt) as caught:
            gd(bowl, X0, workers=AtOnce(), journal=path)
    assert caught.value.result.journal["recorded"] == 1 + len(X0)
    again = gd(bowl, X0, workers=AtOnce(), journal=path)
    assert again.journal["replayed"] == 1 + len(X0)
    assert again.fun == gd(bowl, X0).fun


@pytest.mark.parametrize(
    ("mapped", "message"),
    [
        (lambda f, items: None, "workers must return the values of the function, like map"),
        (lambda f, items: [0.0 for item in items], "must return the values .* as they are"),
        (lambda f, items: list(map(f, items))[1:], "must return one value for each .* 1 are"),
    ],
)
def test_a_function_that_is_not_like_map_is_told_so(mapped, message):
    with pytest.raises(ValueError, match=f"^workers {message.removeprefix('workers ')}"):
        gd(bowl, X0, workers=mapped)
