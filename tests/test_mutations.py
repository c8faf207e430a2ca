"""The tables of mutants: complete, and up to date with the package."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from dataclasses import fields

import pytest
from mutations.mutant import TESTS, Mutant
from mutations.table import MUTANTS

import skgd
from skgd.penalties import PENALTIES
from skgd.stopping import Stopping

PARTS = skgd.Direction, skgd.LearningRate, skgd.Jacobian, skgd.Constraint


def rules():
    """Return every rule: those of the registries, and the public parts that have no name there."""
    registered = skgd.DIRECTIONS, skgd.LEARNING_RATES, skgd.JACOBIANS
    names = {part.__name__ for registry in registered for part in registry.values()}
    for name in skgd.__all__:
        value = getattr(skgd, name)
        if inspect.isclass(value) and issubclass(value, PARTS) and not inspect.isabstract(value):
            names.add(name)
    names |= {*skgd.LOSSES, *PENALTIES, *skgd.METHODS}
    return names | {field.name for field in fields(Stopping)} | {"TailAverage"}


def test_every_rule_has_two_mutants_at_least():
    counts = Counter(mutant.rule for mutant in MUTANTS)
    assert not {name for name in rules() if counts[name] < 2}


def test_every_mutant_breaks_one_place_and_names_tests_that_exist():
    for mutant in MUTANTS:
        compile(mutant.broken(), mutant.file, "exec")
        for test in mutant.tests.split():
            file, name = re.match(r"(\S+)::(\w+)", test).groups()
            assert re.search(rf"(?m)^def {name}\(", (TESTS / file).read_text("utf-8"))


def test_no_mutant_is_listed_twice():
    assert len({(mutant.file, mutant.before, mutant.after) for mutant in MUTANTS}) == len(MUTANTS)


def test_a_text_that_occurs_more_than_once_is_no_mutant():
    with pytest.raises(ValueError, match="times instead of once"):
        Mutant("Steepest", "directions/momentum.py", "state", "", "").broken()
