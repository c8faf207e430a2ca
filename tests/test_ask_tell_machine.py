"""Whatever happens between asking and telling, the run ends where it would have ended."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from scipy.optimize import rosen
from test_ask_tell import assert_same_result, evaluate

from skgd import METHODS, Descent

X0 = [1.3, 0.7, -0.5]


def patchy(x):
    """Return a value, or nothing where the experiment fails."""
    return None if x[0] > 1.5 else float(rosen(x))


class Laboratory(RuleBasedStateMachine):
    """A run whose values come out of order and in pieces, and that crashes now and then."""

    @initialize(
        method=st.sampled_from(sorted(METHODS)),
        scheme=st.sampled_from(["2-point", "3-point"]),
        maxfev=st.sampled_from([None, 7, 60]),
        seed=st.integers(0, 10),
    )
    def begin(self, method, scheme, maxfev, seed):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "run.jsonl"
        self.options = {"method": method, "gradient": scheme, "maxfev": maxfev, "maxiter": 20}
        self.options["rng"] = seed
        self.expected = evaluate(Descent(X0, **self.options), patchy)
        self.told = 0
        self.open()

    def open(self):
        self.opt = Descent(X0, journal=str(self.path), **self.options)

    def teardown(self):
        if hasattr(self, "opt"):
            assert_same_result(evaluate(self.opt, patchy), self.expected)
            self.folder.cleanup()

    @precondition(lambda self: not self.opt.done)
    @rule(order=st.randoms(use_true_random=False), many=st.integers(1, 8))
    def tell_some(self, order, many):
        points = list(self.opt.ask())
        order.shuffle(points)
        points = np.array(points[:many])
        self.opt.tell([patchy(x) for x in points], points)
        self.told += len(points)

    @precondition(lambda self: not self.opt.done)
    @rule()
    def tell_all(self):
        points = self.opt.ask()
        self.opt.tell([patchy(x) for x in points])
        self.told += len(points)

    @precondition(lambda self: not self.opt.done)
    @rule()
    def tell_what_was_not_asked(self):
        before = self.opt.ask()
        try:
            self.opt.tell([1.0], points=[[9.0, 9.0, 9.0]])
        except ValueError:
            np.testing.assert_array_equal(self.opt.ask(), before)
        else:
            raise AssertionError("a point that was not asked for was taken")

    @rule(torn=st.integers(0, 120))
    def crash(self, torn):
        done, asked, nfev = self.opt.done, self.opt.ask(), self.opt.result().nfev
        self.opt.close()
        with self.path.open("r+b") as file:
            file.truncate(max(0, self.path.stat().st_size - torn))
        self.open()
        if not torn:
            assert self.opt.done == done
            np.testing.assert_array_equal(self.opt.ask(), asked)
            assert self.opt.result().nfev == nfev
        self.told = self.opt.result().nfev

    @rule()
    def look(self):
        result = self.opt.result()
        assert result.success == (self.opt.done and self.expected.success)
        # The probes of a difference scheme are no candidates: without the start there is none.
        if self.start_is_told():
            assert result.fun <= rosen(np.array(X0))

    def start_is_told(self):
        asked = [point.tolist() for point in self.opt.ask()]
        return self.opt.result().nfev > 0 and X0 not in asked

    @invariant()
    def every_told_value_counts(self):
        if hasattr(self, "opt"):
            assert self.opt.result().nfev == self.told
            assert self.opt.done == (not len(self.opt.ask()))


TestLaboratory = Laboratory.TestCase
TestLaboratory.settings = settings(
    settings.get_profile(settings.get_current_profile_name()), stateful_step_count=30
)
