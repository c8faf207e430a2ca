"""No public name, option or default changes unless the changelog says so."""

from __future__ import annotations

import pytest
from public_api import accepted, changes, entries, last_name, news, table, unexplained


def test_every_change_of_the_public_interface_is_in_the_changelog():
    left = news()
    assert not left, "CHANGELOG.md has no new entry that names, in code style: " + ", ".join(left)


@pytest.mark.parametrize(
    ("path", "default"),
    [
        ("skgd.HeavyBall(momentum)", "0.8"),
        ("skgd.gd_adam(beta1)", "0.8, keyword only"),
        ("skgd.gd(maxiter)", "10, keyword only"),
        ("skgd.DescentRegressor(alpha)", "1.0, keyword only"),
        ("skgd.DescentRegressor.fit(X)", "None"),
        ("LOSSES.huber", "class Squared"),
        ("command minimize(--method)", "'gd'"),
    ],
)
def test_another_default_is_a_change_that_needs_an_entry(path, default):
    before = table()
    assert before[path] != default
    changed = changes(before, before | {path: default})
    assert changed == [path]
    assert unexplained(changed, ["Something else, `about_this`."]) == [path]
    assert unexplained(changed, [f"`{last_name(path)}` is another one now."]) == []


@pytest.mark.parametrize("path", ["skgd.Adam", "skgd.gd_spsa", "losses.Huber", "testing.problems"])
def test_a_name_that_goes_or_comes_is_one_change(path):
    full = table()
    without = {
        name: value
        for name, value in full.items()
        if name != path and not name.startswith((f"{path}(", f"{path}."))
    }
    assert len(without) < len(full)
    assert path in changes(full, without)
    assert path in changes(without, full)
    assert not [name for name in changes(full, without) if name.startswith(f"{path}(")]


def test_an_entry_of_the_changelog_is_read_over_its_lines():
    text = "# Log\n\n## Unreleased\n\n* One `a`,\n  goes on.\n* Two `b`.\n\n### Fixed\n\n* Three.\n"
    assert entries(text) == ["One `a`, goes on.", "Two `b`.", "Three."]


def test_the_table_is_the_same_in_every_run():
    assert table() == table()
    assert accepted()[0]


def test_names_are_only_read_in_code_style():
    assert unexplained(["skgd.HeavyBall(momentum)"], ["momentum"]) == ["skgd.HeavyBall(momentum)"]
