"""The page about the command: what it shows is what the command prints."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from skgd.cli import main

PAGE = Path(__file__).parents[1] / "docs" / "user" / "command.rst"
BLOCK = re.compile(r"^   \$ skgd (.*)\n((?:(?:   .*)?\n)*)", re.MULTILINE)
SHOWN = BLOCK.findall(PAGE.read_text("utf-8"))
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def test_every_command_on_the_page_is_found():
    assert len(SHOWN) == PAGE.read_text("utf-8").count("$ skgd") > 5


@pytest.mark.parametrize(("command", "expected"), SHOWN, ids=[command for command, _ in SHOWN])
def test_prints_what_the_page_shows(command, expected, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = main(shlex.split(command))
    out, err = capsys.readouterr()
    assert code == (2 if "error:" in expected else 0)
    assert doctest.OutputChecker().check_output(expected, out + err, FLAGS), out + err
