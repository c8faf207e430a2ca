"""An append-only file of JSON lines that survives a kill at any byte.

Every line is an object whose last entry, ``"crc"``, is the CRC-32 of all the text before, its own
and that of all lines above it.  So whatever was changed, lost or exchanged in the middle is found,
and every beginning of the file that ends with a line is a valid file by itself.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import threading
import time
import weakref
import zlib
from collections.abc import Generator
from typing import Any

from skgd._checks import shown

fcntl: Any
try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    fcntl = None

__all__ = ["JournalFile"]

START = b'{"skgd journal":'
"""How the first line begins."""

SYNC = 1.0
"""Seconds between calls of fsync, which may take longer than an evaluation."""

PATIENCE = 0.3
"""Seconds to wait for a process that is just being killed, and for what it has forked."""

_TAIL = len(',"crc":"12345678"}\n')

_open_files: weakref.WeakSet[JournalFile] = weakref.WeakSet()


class JournalFile:
    """A file of lines, opened for this run alone.

    Nothing is written to it before `begin` or `go_on`.

    Parameters
    ----------
    path : str
        Where; the file is made when there is none.

    Attributes
    ----------
    header : dict or None
        The first line; None for a new file.
    key : tuple of int
        Which file it is, whatever its name.
    thread : int
        The thread that opened it.

    Raises
    ------
    OSError
        When it cannot be opened, read and written; when another run holds it.
    ValueError
        When it is no journal, or damaged.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.header: dict[str, Any] | None = None
        self._crc = 0
        self._end = 0
        self._lines = 0
        self._synced = 0.0
        self._gone = ""
        self.thread = threading.get_ident()
        self._fd: int = _open(path)
        self._close = weakref.finalize(self, os.close, self._fd)
        status = os.fstat(self._fd)
        self.key = status.st_dev, status.st_ino
        # Not every file system counts names.
        self._named = status.st_nlink > 0
        try:
            self._claim()
            self._survey()
        except BaseException:
            self.close()
            raise
        _open_files.add(self)

    @property
    def answers(self) -> int:
        """Whole lines below the first, as it was opened."""
        return max(0, self._lines - 1)

    def begin(self, header: str) -> None:
        """Write the first line anew; the text of an object without its closing brace."""
        os.ftruncate(self._fd, 0)
        self._crc = self._lines = self._end = 0
        try:
            self.append(header)
            os.fsync(self._fd)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise type(error)(
                error.errno, f"journal {self.path!r} cannot be written: {reason}"
            ) from error

    def go_on(self) -> None:
        """Make ready to append: drop a last line that is torn."""
        os.ftruncate(self._fd, self._end)

    def lines(self) -> Generator[tuple[int, dict[str, Any]], None, None]:
        """Yield the number and the content of each line below the first."""
        with open(self.path, "rb") as file:  # noqa: PTH123 - the path is text already
            for number, line in enumerate(file, start=1):
                if number > self._lines:
                    return
                if number > 1:
                    yield number, self._read(line, number)

    def append(self, text: str) -> None:
        """Write a line: the text of an object without its closing brace.

        Raises
        ------
        OSError
            When it cannot be written, or somebody else has cut or deleted the file; nothing can be
            appended then any more.
        """
        self._check()
        body = text.encode()
        crc = zlib.crc32(body, self._crc)
        try:
            line = body + _tail(crc)
            self._write(line)
            self._crc = crc
            self._end += len(line)
            now = time.monotonic()
            if now >= self._synced + SYNC:
                os.fsync(self._fd)
                self._synced = now
        except BaseException:
            # The end of the file may be half a line.
            self._gone = "an earlier line was not written whole"
            raise

    def sync(self) -> None:
        """Wait until everything is on the disk."""
        if not self._gone:
            self._check()
            os.fsync(self._fd)

    def close(self, why: str = "the journal is closed") -> None:
        """Let others have the file."""
        self._gone = self._gone or why
        self._close()

    def _check(self) -> None:
        """Raise OSError when nothing can be appended, or when it would be in vain."""
        if not self._gone:
            status = os.fstat(self._fd)
            if status.st_size < self._end:
                self._gone = "somebody else has cut the file"
            elif self._named and not status.st_nlink:
                self._gone = "somebody else has deleted the file"
        if self._gone:
            raise OSError(self._gone)

    def _claim(self) -> None:
        """Lock the file, or raise OSError."""
        if not stat.S_ISREG(os.fstat(self._fd).st_mode):
            raise OSError(errno.EINVAL, f"journal {self.path!r} must be a plain file")
        for other in list(_open_files):
            if other.key == self.key and other.thread == self.thread:
                # It cannot be running, as this thread is here: a run that was left unfinished.
                other.close("another run of this program has taken the journal over")
        if fcntl is None:  # pragma: no cover - Windows
            return
        end = time.monotonic() + PATIENCE
        while not _locked(self._fd):
            if time.monotonic() > end:
                raise BlockingIOError(
                    errno.EAGAIN,
                    f"journal {self.path!r} is in use by another run; wait for its end, or use "
                    "another file",
                )
            time.sleep(PATIENCE / 10)

    def _survey(self) -> None:
        """Check every line, and find the end of the last whole one."""
        with open(self.path, "rb") as file:  # noqa: PTH123
            start = file.read(len(START))
            if start != START[: len(start)]:
                raise ValueError(
                    f"journal {self.path!r} is a file of another kind, beginning with "
                    f"{shown(start)}; it is left as it is, use another name"
                )
            file.seek(0)
            for line in file:
                if not line.endswith(b"\n"):
                    # Torn when a process died or a disk was full.
                    return
                body, mark = line[:-_TAIL], line[-_TAIL:]
                crc = zlib.crc32(body, self._crc)
                if mark != _tail(crc):
                    raise self._damaged(self._lines + 1, "its checksum is wrong")
                self._crc = crc
                self._lines += 1
                self._end += len(line)
                if self._lines == 1:
                    self.header = self._read(line, 1)

    def _read(self, line: bytes, number: int) -> dict[str, Any]:
        """Return the content of a line."""
        try:
            content: dict[str, Any] = json.loads(line)
        except ValueError as error:
            raise self._damaged(number, str(error)) from error
        return content

    def _damaged(self, number: int, why: str) -> ValueError:
        return ValueError(
            f"journal {self.path!r} is damaged at line {number}: {why}; restore the file from a "
            "copy, or cut it before this line and the run goes on from there"
        )

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._fd, data) :]


def _tail(crc: int) -> bytes:
    """Return how a line ends."""
    return b',"crc":"%08x"}\n' % crc


def _open(path: str) -> int:
    """Open a file to read and append, or raise an OSError that says what to do."""
    binary = getattr(os, "O_BINARY", 0)
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | binary, 0o666)
    except OSError as error:
        hint = (
            "give the name of a file"
            if isinstance(error, IsADirectoryError)
            else (
                "make the directory first"
                if isinstance(error, FileNotFoundError)
                else "it must be possible to read and write it"
            )
        )
        reason = os.strerror(error.errno or 0)
        raise type(error)(
            error.errno, f"journal {path!r} cannot be opened: {reason}; {hint}"
        ) from error


def _locked(fd: int) -> bool:
    """Lock a file; tell whether nobody else has."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # Some network file systems have no locks.
        return True
    return True


def _leave_to_parent() -> None:
    """Close, in a process that was forked, what its parent writes, so that its lock can end."""
    for file in list(_open_files):
        with contextlib.suppress(OSError):
            file.close("the journal belongs to the parent process")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
