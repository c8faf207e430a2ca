"""How answers and points are written in a journal."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from resuming import bits

from skgd.journal import Journal
from skgd.journal.lines import Marks, Page, answer_in, difference
from skgd.limits import Limits
from skgd.objective import Objective
from skgd.requests import Probes
from skgd.sources import whole

POINT = np.array([1.0, -2.5, 3e-7])


def written(answer, points=None, gradients=False):
    """Return the line that an answer makes, as it is read."""
    lines = []
    points = whole(POINT) if points is None else points
    page = Page(lines.append, 0, gradients, points, Marks(points), {})
    page.record(0, answer)
    return json.loads(lines[0] + "}", parse_constant=pytest.fail)


@given(st.floats(allow_nan=False) | st.complex_numbers(allow_nan=False))
def test_values_are_read_as_they_were_written(value):
    assert bits(answer_in(written(value), float)) == bits(value)


@given(arrays(np.float64, 3) | arrays(np.float32, 3))
def test_gradients_are_read_as_they_were_written(gradient):
    read = answer_in(written(gradient, gradients=True), gradient.dtype)
    np.testing.assert_array_equal(read, gradient)
    np.testing.assert_array_equal(
        np.signbit(read[~np.isnan(read)]), np.signbit(gradient[~np.isnan(gradient)])
    )
    assert read.dtype == gradient.dtype


@given(st.sampled_from([1 + 2j, complex("nan+infj"), complex("-inf-0j")]))
def test_complex_values_are_pairs(value):
    assert len(written(value)["value"]) == 2
    assert repr(answer_in(written(value), float)) == repr(value)


def test_the_point_is_written_with_its_answer():
    probes = Probes(POINT, np.array([-1, 1]), np.array([0.0, 7.0]))
    assert written(1.5, probes)["x"] == POINT.tolist()
    assert written(1.5, probes.only(np.array([1])))["x"] == [1.0, 7.0, 3e-7]
    turned = Probes(POINT, np.array([1]), np.array([-2.5 + 1e-20j]))
    assert written(1.5, turned)["x"] == [[1.0, 0.0], [-2.5, 1e-20], [3e-7, 0.0]]


def test_a_point_has_one_checksum_however_it_is_asked_for():
    batch = np.array([[0.0, 0.0, 0.0], POINT])
    same = {
        Marks(whole(POINT))[0],
        Marks(Probes(POINT, np.array([0, -1]), np.array([9.0, 0.0])))[1],
        Marks(whole(batch))[1],
        Marks(Probes(batch, np.array([-1]), np.array([0.0]), np.array([1])))[0],
    }
    assert len(same) == 1


@given(st.integers(0, 2), st.floats(allow_nan=False), st.integers(0, 2), st.floats(allow_nan=False))
def test_probes_that_differ_have_other_checksums(i, a, j, b):
    def mark(index, value):
        return Marks(Probes(POINT, np.array([index]), np.array([value])))[0]

    assert (mark(i, a) == mark(j, b)) == ((i, repr(a)) == (j, repr(b)))


def test_the_coordinate_that_differs_is_named():
    line = written(0.5)
    assert difference(np.array([1.0, -2.5, 4.0]), line) == "x[2] is 3e-07 there and 4.0 here"
    assert "sign of a zero" in difference(POINT, line)
    del line["x"]
    assert difference(POINT, line) == "the point is another one"


@pytest.mark.parametrize("vectorized", [False, True])
@pytest.mark.parametrize("known", range(12))
def test_a_batch_is_recorded_row_by_row(vectorized, known, tmp_path):
    path = tmp_path / "run.jsonl"
    calls = []

    def fun(x):
        calls.append(x)
        return (x * x).sum(axis=0)

    def jac(x):
        calls.append(x)
        return 2 * x

    def evaluate():
        calls.clear()
        journal = Journal(str(path), {}, {}, together=vectorized)
        batch = np.arange(12.0).reshape(4, 3)
        limits = Limits()
        objective = Objective(fun, jac, (), batch, vectorized, limits, recorder=journal)
        index, to, row = np.array([-1, 0, 2]), np.array([0.0, 5.0, 6.0]), np.array([0, 1, 1])
        answers = (
            objective.value(batch),
            objective.gradient(batch),
            objective.probes(Probes(batch, index, to, row)),
            objective.nfev,
            objective.njev,
        )
        objective.close()
        return bits(answers)

    expected = evaluate()
    content = path.read_text().splitlines(keepends=True)
    assert len(content) == 1 + 4 + 4 + 3
    path.write_text("".join(content[: known + 1]))
    assert evaluate() == expected
    if vectorized:
        assert len(calls) == sum(known < done for done in (4, 8, 11))
    else:
        assert len(calls) == 11 - known
    assert evaluate() == expected
    assert not calls
