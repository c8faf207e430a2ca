"""The file of a journal: torn, damaged, locked, on a full disk."""

from __future__ import annotations

import errno
import gc
import os
import subprocess
import sys
import textwrap
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resuming import Fragile, assert_same, bowl
from scipy.optimize import rosen

from skgd import Descent, gd
from skgd.journal.file import START

CALL = {"x0": [1.3, 0.7], "maxfev": 8}
EXPECTED = gd(rosen, **CALL)


def record(path):
    """Run with a journal, and return what is in it."""
    path.unlink(missing_ok=True)
    gd(rosen, journal=path, **CALL)
    return path.read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the content of a whole journal."""
    return record(tmp_path_factory.mktemp("whole") / "run.jsonl")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.jsonl"


def test_a_file_cut_at_any_byte_goes_on_exactly(whole, path):
    header = whole.index(b"\n")
    thorough = settings.get_current_profile_name() == "thorough"
    dense = 0 if thorough else len(whole) - 200
    for cut in [*range(0, dense, 23), *range(dense, len(whole) + 1)]:
        path.write_bytes(whole[:cut])
        result = gd(rosen, journal=path, **CALL)
        assert_same(result, EXPECTED)
        assert result.journal["replayed"] == max(0, whole[:cut].count(b"\n") - 1)
        if cut > header:
            assert path.read_bytes() == whole
        else:
            assert len(path.read_bytes().splitlines()) == len(whole.splitlines())


@given(st.data())
def test_a_damaged_file_is_never_taken_for_a_good_one(whole, tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "damaged.jsonl"
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[at]))
    damaged = whole[:at] + bytes([byte]) + whole[at + 1 :]
    path.write_bytes(damaged)
    if at == len(whole) - 1:
        # The end of the last line is gone: it is torn.
        assert_same(gd(rosen, journal=path, **CALL), EXPECTED)
        assert path.read_bytes() == whole
        return
    with pytest.raises(ValueError, match=r"is damaged at line|is a file of another kind"):
        gd(rosen, journal=path, **CALL)
    assert path.read_bytes() == damaged


def test_the_damaged_line_is_named_and_cutting_before_it_helps(whole, path):
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:4]) + lines[4].replace(b"value", b"valve") + lines[5])
    with pytest.raises(ValueError, match=r"is damaged at line 5: .*cut it before this line"):
        gd(rosen, journal=path, **CALL)
    path.write_bytes(b"".join(lines[:4]))
    assert gd(rosen, journal=path, **CALL).journal["replayed"] == 3


def test_lines_that_are_missing_twice_or_exchanged_are_damage(whole, path):
    lines = whole.splitlines(keepends=True)
    for order in ([0, 1, 3, 4], [0, 1, 2, 2, 3], [0, 2, 1, 3], [1, 2, 3], [0, 0, 1]):
        path.write_bytes(b"".join(lines[i] for i in order))
        with pytest.raises(ValueError, match=r"is damaged at line|of another kind"):
            gd(rosen, journal=path, **CALL)


@pytest.mark.parametrize(
    "content", [b"my notes\n", b"{}", b"\x00" * 9, b"\n", b'{"skgd": 1}\n', b"[1, 2]"]
)
def test_a_file_that_is_no_journal_is_left_as_it_is(content, path):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"is a file of another kind, beginning with"):
        gd(Fragile(rosen, 1), journal=path, **CALL)
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"", START[:1], START, START + b'1,"skgd":"0.1'])
def test_an_empty_file_or_half_a_first_line_counts_as_new(content, path):
    path.write_bytes(content)
    assert_same(gd(rosen, journal=path, **CALL), EXPECTED)
    assert gd(rosen, journal=path, **CALL).journal["recorded"] == 0


def test_another_format_is_refused(path):
    record(path)
    body = START + b'2,"skgd":"7.0"'
    path.write_bytes(body + b',"crc":"%08x"}\n' % zlib.crc32(body))
    with pytest.raises(ValueError, match=r"has format 2, and this version .* use skgd 7\.0"):
        gd(rosen, journal=path, **CALL)


def test_paths_that_cannot_be_opened(path, tmp_path):
    fun = Fragile(rosen, 1)
    with pytest.raises(FileNotFoundError, match="make the directory first"):
        gd(fun, journal=tmp_path / "missing" / "run.jsonl", **CALL)
    with pytest.raises(IsADirectoryError, match="give the name of a file"):
        gd(fun, journal=tmp_path, **CALL)
    if Path("/dev/null").exists():
        with pytest.raises(OSError, match="must be a plain file"):
            gd(fun, journal="/dev/null", **CALL)
    for value in ("", 3, b"", True, ["run.jsonl"], "a\0b"):
        with pytest.raises(ValueError, match="journal must be None or the name of a file"):
            gd(fun, journal=value, **CALL)


def test_a_folder_that_cannot_be_written(path, tmp_path, monkeypatch):
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Nothing is forbidden to root.
        real = os.open

        def refuse(name, *args, **kwargs):
            if str(name) == str(path):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
            return real(name, *args, **kwargs)

        monkeypatch.setattr(os, "open", refuse)
    else:
        tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match="Permission denied; it must be possible to read and"):
        gd(Fragile(rosen, 1), journal=path, **CALL)


def test_strings_and_paths_are_names(path):
    record(path)
    for name in (str(path), path):
        assert gd(rosen, journal=name, **CALL).journal["path"] == str(path)


@pytest.mark.parametrize("written", [0, 1, 40, 10_000])
@pytest.mark.parametrize("failing", [1, 2, 5])
def test_a_full_disk_does_not_end_the_run(failing, written, path, monkeypatch):
    real, count = os.write, 0

    def full(fd, data):
        nonlocal count
        count += data.startswith(b'{"request"')
        if count < failing:
            return real(fd, data)
        if count > failing:
            pytest.fail("nothing may be appended to half a line")
        real(fd, data[: min(written, len(data) - 2)])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        said = rf"run\.jsonl' cannot .*\(OSError: No space .* the first {failing - 1} evaluations"
        with pytest.warns(RuntimeWarning, match=said) as warned:
            result = gd(rosen, journal=path, **CALL)
    assert len(warned) == 1
    assert_same(result, EXPECTED)
    assert result.journal["recorded"] == failing - 1
    assert result.journal["error"] == "OSError: No space left on device"
    again = gd(rosen, journal=path, **CALL)
    assert again.journal["replayed"] == failing - 1
    assert_same(again, EXPECTED)


def test_an_interrupt_in_the_middle_of_a_line_is_harmless(path, monkeypatch):
    real, lines = os.write, 0

    def interrupted(fd, data):
        nonlocal lines
        lines += 1
        if lines == 5:
            real(fd, data[:20])
            raise KeyboardInterrupt
        return real(fd, data)

    def tell_one():
        opt.tell(rosen(opt.ask()[0]), opt.ask()[0])

    opt = Descent([1.3, 0.7], journal=path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", interrupted)
        for _ in range(4):
            tell_one()
        with pytest.raises(KeyboardInterrupt):
            tell_one()
    with pytest.warns(RuntimeWarning, match="an earlier line was not written whole"):
        tell_one()
    assert Descent([1.3, 0.7], journal=path).result().journal["replayed"] == 4


def test_a_disk_that_is_full_from_the_start_is_said_before_anything_is_evaluated(path, monkeypatch):
    def full(fd, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match=r"cannot be written: No space left on device"):
            gd(Fragile(rosen, 1), journal=path, **CALL)
    gd(rosen, journal=path, **CALL)


@pytest.mark.parametrize(
    ("harm", "said"),
    [(lambda path: os.truncate(path, 50), "cut"), (Path.unlink, "deleted")],
    ids=["cut", "deleted"],
)
@pytest.mark.parametrize("last", [False, True])
def test_a_file_that_somebody_else_harms_is_said_to_be(harm, said, last, path):
    opt = Descent([1.3, 0.7], journal=path, maxfev=6)
    for _ in range(4):
        opt.tell(rosen(opt.ask()[0]), opt.ask()[0])
    harm(path)
    value, x = rosen(opt.ask()[0]), opt.ask()[0]
    with pytest.warns(RuntimeWarning, match=f"somebody else has {said} the file"):
        opt.result() if last else opt.tell(value, x)
    assert said in opt.result().journal["error"]
    opt.close()
    assert not path.exists() or path.stat().st_size == 50


def test_a_disk_that_fails_when_it_must_be_certain(path, monkeypatch):
    real, calls = os.fsync, []

    def broken(fd):
        calls.append(fd)
        if len(calls) > 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(fd)

    monkeypatch.setattr(os, "fsync", broken)
    monkeypatch.setattr("skgd.journal.file.SYNC", 1e9)
    with pytest.warns(RuntimeWarning, match="Input/output error"):
        result = gd(rosen, journal=path, **CALL)
    assert result.journal["error"] == "OSError: Input/output error"


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of the size of files")
def test_a_device_that_is_really_full(path):
    script = """
        import resource, sys, warnings
        from scipy.optimize import rosen
        from skgd import gd
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, before[1]))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            res = gd(rosen, [1.3, 0.7], maxfev=8, journal=sys.argv[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        print(res.fun.hex(), res.journal["error"], len(caught))
    """
    fun, *said = run_python(script, path).split()
    assert float.fromhex(fun) == EXPECTED.fun
    assert said == ["OSError:", "File", "too", "large", "1"]
    assert path.stat().st_size == 1500
    assert not path.read_bytes().endswith(b"\n")
    assert_same(gd(rosen, journal=path, **CALL), EXPECTED)


LOCK = """
    import sys
    try:
        import fcntl
    except ImportError:
        sys.exit()
    with open(sys.argv[1]) as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
"""
"""A script that fails while a run has the journal."""


def run_python(script, path):
    """Return what a fresh interpreter prints."""
    strictly = "-W", "error::ResourceWarning"
    command = [sys.executable, *strictly, "-c", textwrap.dedent(script), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_another_process_is_refused_while_a_run_uses_the_journal(path):
    pytest.importorskip("fcntl")
    script = """
        import sys
        from scipy.optimize import rosen
        from skgd import gd
        try:
            gd(rosen, [1.3, 0.7], maxfev=8, journal=sys.argv[1])
        except OSError as error:
            print(error)
    """
    said = []

    def fun(x):
        if not said:
            said.append(run_python(script, path))
        return rosen(x)

    assert_same(gd(fun, journal=path, **CALL), EXPECTED)
    assert "is in use by another run; wait for its end, or use another file" in said[0]


def test_another_thread_is_refused_while_a_run_uses_the_journal(path):
    pytest.importorskip("fcntl")
    errors = []

    def other():
        try:
            gd(fun, journal=path, **CALL)
        except OSError as error:
            errors.append(error)

    def fun(x):
        if not errors:
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
        return rosen(x)

    assert_same(gd(fun, journal=path, **CALL), EXPECTED)
    assert len(errors) == 1


def test_a_run_left_unfinished_in_the_same_thread_gives_way(path):
    """As it happens when the cell of a notebook is run again."""
    old = Descent([1.3, 0.7], journal=path)
    old.tell([rosen(x) for x in old.ask()])
    new = Descent([1.3, 0.7], journal=path)
    with pytest.warns(RuntimeWarning, match="another run of this program has taken"):
        old.tell([rosen(x) for x in old.ask()])
    new.tell([rosen(x) for x in new.ask()])
    assert len(path.read_text().splitlines()) == len(set(path.read_text().splitlines()))
    Descent([1.3, 0.7], journal=path).close()


def test_the_end_of_a_with_statement_lets_go_of_the_journal(path):
    with Descent([1.3, 0.7], journal=path) as opt:
        opt.tell([rosen(x) for x in opt.ask()])
    run_python(LOCK, path)
    with Descent([1.3, 0.7], journal=path) as again:
        np.testing.assert_array_equal(again.ask(), opt.ask())
    with Descent([1.3, 0.7]) as alone:
        assert not alone.done


@pytest.mark.filterwarnings("error")
def test_a_run_that_nobody_ends_leaves_no_file_open(path):
    for told in (3, 0):
        opt = Descent([1.3, 0.7], journal=path)
        for _ in range(told):
            opt.tell([rosen(x) for x in opt.ask()])
        # A cycle, as a notebook makes them.
        opt.me = opt
        del opt
        gc.collect()
    script = "import sys, skgd; opt = skgd.Descent([1.3, 0.7], journal=sys.argv[1])"
    run_python(script, path)


def test_a_call_that_is_refused_lets_go_of_the_journal(path):
    with pytest.raises(ValueError, match="callback must be callable"):
        gd(bowl, journal=path, callback=3, **CALL)
    run_python(LOCK, path)


def test_a_file_system_without_locks_will_do(path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def refuse(fd, how):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    record(path)
    assert gd(rosen, journal=path, **CALL).journal["recorded"] == 0
