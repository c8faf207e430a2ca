"""The page of contracts names tests that exist, and shows the numbers that were counted."""

from __future__ import annotations

import re

import pytest
from count_cases import CONTRACTS, TABLES, TESTS, groups, matches, named, tables

PAGE = CONTRACTS.with_suffix(".rst")


@pytest.mark.parametrize("name", sorted(set(named())))
def test_every_test_that_the_page_names_exists(name):
    file = name.partition("::")[0]
    text = (TESTS / file).read_text(encoding="utf-8")
    functions = re.findall(r"^ *def (test_\w+)", text, re.MULTILINE)
    assert "::" not in name or any(matches(name, f"{file}::{function}") for function in functions)


def test_the_tables_are_those_of_the_last_count():
    assert TABLES.read_text(encoding="utf-8") == tables()


def test_the_page_includes_every_group():
    page = PAGE.read_text(encoding="utf-8")
    assert re.findall(r":start-after: begin (\w+)", page) == [
        "total",
        *(group["name"] for group in groups()),
    ]
