"""Sums over blocks are those over rows, whatever was asked before and whatever was forgotten."""

from __future__ import annotations

import numpy as np
import pytest
from cluster import cut, dask, even
from hypothesis import given
from hypothesis import strategies as st
from linear_tasks import features, targets_for

from skgd.distributed.blocks import Apart, added
from skgd.distributed.parts import Part
from skgd.distributed.sums import split
from skgd.estimators import DescentRegressor
from skgd.estimators.coordinates import plain_coordinates
from skgd.losses import LOSSES

N, D = 80, 3
SCALE = 1.3
STEPS = [0.0, 1.0, 0.5, 0.25, 0.1, 2.0]


@pytest.fixture(autouse=True)
def _in_this_process():
    with dask.config.set(scheduler="synchronous"):
        yield


def tasks(loss, weighted=False):
    """Return what is fitted to rows in blocks, and to the same rows in memory."""
    X = features(N, D)
    y = targets_for(LOSSES[loss](), X)
    weights = np.arange(N) % 3.0 if weighted else None
    lengths = even(N, 4)
    model = DescentRegressor(loss=loss)
    chunks = None if weights is None else cut(weights, lengths)
    on_cluster = model._read(cut(X, lengths), cut(y, lengths), chunks, reset=True)
    return on_cluster, model._read(X, y, weights, reset=True)


def forget(part):
    """Do what a new worker does, which has made the block anew."""
    part.__init__(part.task)
    return 0


operations = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["move_to", "aim"]), st.integers(0, 9)),
        st.tuples(st.just("evaluate"), st.sampled_from(STEPS)),
        st.sampled_from([("settle",), ("forget",), ("adjoint",), ("exact",), ("hessians",)]),
    ),
    max_size=25,
)


class Both:
    """The same questions to sums over blocks and over rows in memory, whose answers must agree."""

    def __init__(self, name, weighted):
        self.on_cluster, in_memory = tasks(name, weighted)
        self.sums = self.on_cluster.sums(), in_memory.sums()
        self.coordinates = plain_coordinates(in_memory)
        self.real = in_memory.loss
        self.loss = self.real if self.real.smooth else self.real.smoothed(SCALE)
        self.ask("use", self.loss)
        self.move_to(0)

    def ask(self, name, *arguments):
        answers = [flat(getattr(sums, name)(*arguments)) for sums in self.sums]
        for ours, theirs in zip(*answers, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)

    def move_to(self, seed):
        self.aimed = False
        self.ask("move_to", *model(seed))
        self.ask("evaluate", 0.0)

    def aim(self, seed):
        self.aimed = True
        self.ask("aim", *model(seed))
        self.ask("evaluate", 0.0)

    def evaluate(self, s):
        self.ask("evaluate", s if self.aimed else 0.0)

    def settle(self):
        if self.aimed:
            self.aimed = False
            self.ask("settle")
            self.ask("evaluate", 0.0)

    def forget(self):
        self.on_cluster.blocks.sum(forget)

    def adjoint(self):
        self.ask("adjoint")

    def exact(self):
        self.ask("exact", self.real)

    def hessians(self):
        losses = [self.loss]
        if self.loss.local:
            losses.append(self.sums[0].wider())
            assert losses[1] == self.sums[1].wider()
        self.ask("hessians", losses, self.coordinates, None)


def model(seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(1, D)) / 3, rng.normal(size=1) / 3


@pytest.mark.parametrize("name", ["huber", "quantile", "poisson"])
@given(operations=operations, weighted=st.booleans())
def test_sums_are_those_of_memory_in_any_order_of_questions(name, operations, weighted):
    both = Both(name, weighted)
    for operation, *arguments in operations:
        getattr(both, operation)(*arguments)


def flat(answer):
    """Return the numbers and arrays of an answer."""
    if isinstance(answer, (tuple, list)):
        return [entry for part in answer for entry in flat(part)]
    return [] if answer is None else [answer]


def test_a_value_brings_the_derivatives_along():
    sums = tasks("huber")[0].sums()
    sums.move_to(np.zeros((1, D)), np.zeros(1))
    sums.evaluate(0.0)
    sums.aim(np.ones((1, D)), np.zeros(1))
    before = sums.rounds
    sums.evaluate(1.0)
    sums.adjoint()
    assert sums.rounds == before + 1
    sums.settle()
    sums.aim(np.ones((1, D)), np.zeros(1))
    assert sums.rounds == before + 1


@pytest.mark.parametrize(
    ("name", "far", "then"), [("huber", 1.0, [0.1, 0.05]), ("poisson", 1e6, [0.25, 0.0625])]
)
def test_after_a_step_that_was_too_long_more_points_come_at_once(name, far, then):
    sums = tasks(name)[0].sums()
    sums.move_to(np.zeros((1, D)), np.zeros(1))
    sums.evaluate(0.0)
    sums.aim(far * np.ones((1, D)), np.zeros(1))
    first = sums.evaluate(1.0)
    assert np.isfinite(first) == (name == "huber")
    before = sums.rounds
    sums.evaluate(then[0])
    sums.evaluate(then[1])
    assert sums.rounds == before + 1


def test_hessians_of_several_losses_are_one_round_trip():
    sums = tasks("quantile")[0].sums()
    exact = sums.task.loss
    sums.use(exact.smoothed(SCALE))
    coordinates = plain_coordinates(sums.task)
    sums.move_to(np.zeros((1, D)), np.zeros(1))
    for expected in (None, 2):
        before = sums.rounds
        sums.evaluate(0.0)
        sums.hessians([sums.loss, sums.wider()], coordinates, None)
        assert expected is None or sums.rounds == before + expected
        sums.move_to(np.ones((1, D)), np.zeros(1))


@given(
    counts=st.lists(st.integers(0, 5), min_size=1, max_size=8),
    share=st.floats(0, 1),
)
def test_positions_are_split_by_block(counts, share):
    total = sum(counts)
    chosen = np.flatnonzero(np.random.default_rng(0).random(total) < share)
    pieces = split(chosen, np.array(counts))
    starts = np.cumsum([0, *counts[:-1]])
    joined = [start + piece for start, piece in zip(starts, pieces, strict=True)]
    np.testing.assert_array_equal(np.concatenate(joined), chosen)
    for piece, count in zip(pieces, counts, strict=True):
        assert np.all((piece >= 0) & (piece < count))


def test_answers_are_added_up_in_order_and_kept_apart_in_order():
    answers = [(float(k), Apart([k]), np.full(2, k), None) for k in range(3)]
    total, apart, vector, nothing = added(answers)
    assert (total, apart.items, vector.tolist(), nothing) == (3.0, [0, 1, 2], [3, 3], None)


def test_a_block_leaves_its_predictions_behind_when_it_is_moved():
    import pickle

    task = tasks("huber")[1]
    part = Part(task)
    assert part.__sizeof__() >= task.X.nbytes + 4 * task.y.nbytes
    moved = pickle.loads(pickle.dumps(part))
    assert moved._sums is None
    np.testing.assert_array_equal(moved.task.X, task.X)
