"""A small file beside the database: how many commits it holds, and what is wrong with it.

SQLite takes a damaged end of its log for one that was never written and drops it in silence, and an
older copy of a database looks as sound as the newest. So the commits are counted twice: inside the
database, and afterwards here. A count beside it that is higher than the one inside is a loss; after
a crash between the two it is lower, which means nothing.
"""

import contextlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

_HEAD: Final = 96
_SIZE: Final = 1024
_FLAGS: Final = os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True)
class CommitMark:
    """How far a database had come."""

    store: str
    """The database's own random name."""
    commits: int
    folded: int = 0
    """How many of them the main file is known to hold without its log."""


class Companion:
    """The file beside one database. It never fails: what it cannot say is left unsaid.

    It keeps its size, so that it can be written where no space is left.

    Args:
        database: The database.
    """

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".commits")

    def read(self) -> CommitMark | None:
        """Return what was noted last; None where nothing was, or it cannot be read."""
        return _mark_of(self._bytes(_HEAD, 0))

    def note(self, mark: CommitMark) -> None:
        """Write down how far the database has come; called after each commit.

        A higher count stays: another console was quicker, or there is a loss to be found yet.
        """
        with contextlib.suppress(OSError):
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)
            try:
                noted = _mark_of(os.pread(descriptor, _HEAD, 0))
                if noted is None or (noted.store == mark.store and noted.commits < mark.commits):
                    folded = max(mark.folded, noted.folded if noted else 0)
                    os.pwrite(descriptor, _head_of(replace(mark, folded=folded)), 0)
            finally:
                os.close(descriptor)

    def accept(self, mark: CommitMark) -> None:
        """Write down how far the database has come, whatever was noted before."""
        self._write(_head_of(mark), 0)

    def trouble(self) -> str | None:
        """Return what the console that monitors finds wrong with the database; None: nothing."""
        return self._bytes(_SIZE, _HEAD).decode("utf-8", errors="replace").strip() or None

    def say(self, trouble: str | None) -> None:
        """Write down what is wrong with the database, for other consoles and for ``status``."""
        room = _SIZE - _HEAD
        text = (trouble or "").encode()[:room].decode("utf-8", errors="ignore").encode()
        self._write(text.ljust(room), _HEAD)

    def _bytes(self, count: int, offset: int) -> bytes:
        try:
            descriptor = os.open(self.path, os.O_RDONLY | _FLAGS)
        except OSError:
            return b""
        try:
            return os.pread(descriptor, count, offset)
        except OSError:
            return b""  # a folder in its place, or a pipe
        finally:
            os.close(descriptor)

    def _write(self, data: bytes, offset: int) -> None:
        with contextlib.suppress(OSError):
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | _FLAGS, 0o600)
            try:
                os.pwrite(descriptor, data, offset)
            finally:
                os.close(descriptor)


def _head_of(mark: CommitMark) -> bytes:
    return f"{mark.store} {mark.commits} {mark.folded}".ljust(_HEAD - 1).encode("ascii") + b"\n"


def _mark_of(head: bytes) -> CommitMark | None:
    try:
        store, commits, folded = head.decode("ascii", errors="replace").split()
        return CommitMark(store, int(commits), int(folded))
    except ValueError:
        return None
