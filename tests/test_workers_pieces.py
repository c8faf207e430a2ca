"""The parts that workers are made of, by themselves."""

from __future__ import annotations

import pickle
import threading

import numpy as np
import pytest

from skgd import gd
from skgd.limits import Budget, Limits
from skgd.requests import Probes
from skgd.workers.errors import Failure, dumps
from skgd.workers.functions import Functions, Task
from skgd.workers.paired import Paired

X0 = [1.0, -2.0]


def bowl(x):
    return float(x @ x)


def arrived(error):
    """Return what is left of an exception that has come from another process."""
    return pickle.loads(pickle.dumps(Failure(error))).error


class ChoosyError(Exception):
    """An exception that cannot be made anew from its message."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def test_an_exception_travels_with_the_traceback_of_where_it_was_raised():
    error = arrived(KeyError("colour"))
    assert type(error) is KeyError
    assert "Traceback on the worker" in error.__notes__[0]


def test_an_exception_that_cannot_be_packed_or_unpacked_is_told_in_words():
    held = ValueError("locked")
    held.lock = threading.Lock()
    for error, text in ((held, "ValueError: locked"), (ChoosyError(1, 2), "ChoosyError: 1 and 2")):
        told = arrived(error)
        assert type(told) is RuntimeError
        assert str(told) == text
        assert text in told.__notes__[0]


def test_functions_that_a_worker_cannot_read_are_named():
    task = Task(False, [0], Probes.of_rows(np.array([X0])), None, np.geterr())
    report = Functions(pickle.dumps(bowl)[:-5], False).evaluate(task)
    assert isinstance(report.failure.error, ValueError)
    assert "cannot be read by the worker" in str(report.failure.error)
    assert report.answers == []


def test_a_lambda_travels():
    assert pickle.loads(dumps(lambda x: 2 * x))(3) == 6


class Answers:
    """A source of pairs that notes what it is asked for."""

    def __init__(self):
        self.asked = []

    def answers(self, gradients, points, budget):
        for i in range(len(points)):
            x = points.point(i)
            self.asked.append(x.tolist())
            yield i, (bowl(x), 2 * x)


def test_only_gradients_that_came_with_no_value_are_asked_for():
    # As after a journal that knows the values.
    source = Answers()
    paired, budget = Paired(source), Budget(Limits())
    rows = np.array([X0, [3.0, 4.0], [5.0, 6.0]])
    assert dict(paired.answers(False, Probes.of_rows(rows[:1]), budget)) == {0: 5.0}
    found = dict(paired.answers(True, Probes.of_rows(rows), budget))
    assert {i: g.tolist() for i, g in found.items()} == {
        i: (2 * rows[i]).tolist() for i in range(3)
    }
    assert source.asked == rows.tolist()


def listed(function, items):
    return [function(item) for item in items]


def test_a_map_that_ends_in_time_finds_the_same():
    limited, free = (gd(bowl, X0, workers=listed, **options) for options in ({"maxtime": 60}, {}))
    np.testing.assert_array_equal(limited.x, free.x)
    assert limited.nfev == free.nfev


@pytest.mark.parametrize("options", [{}, {"maxtime": 60}], ids=["free", "limited"])
def test_what_a_map_raises_is_raised(options):
    def closed(function, items):
        raise OSError("the pool is closed")

    with pytest.raises(OSError, match="the pool is closed"):
        gd(bowl, X0, workers=closed, **options)
