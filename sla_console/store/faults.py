"""What the driver's errors mean, in sentences for people: the one place that knows its classes.

The driver's exceptions are not the standard library's ``sqlite3`` ones, so nothing outside this
room could catch them.
"""

import errno
import os
import resource
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import sqlcipher3

from sla_console.domain.errors import StoreDamaged, StoreError, StoreFull, StoreGone

DriverError: type[Exception] = sqlcipher3.Error
"""Every error of the driver."""

_SUSPECT: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR_READ", "SQLITE_IOERR_SHORT")
_NO_SPACE: Final = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")
_REFUSED: Final = ("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN", "SQLITE_AUTH")
_BUSY: Final = ("SQLITE_BUSY", "SQLITE_LOCKED")
_ENOUGH_FILES: Final = 32
_NO_DESCRIPTORS: Final = frozenset({errno.EMFILE, errno.ENFILE})
_NO_SPACE_NUMBERS: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def _name(error: Exception) -> str:
    return str(getattr(error, "sqlite_errorname", "") or type(error).__name__)


def suspect(error: Exception) -> bool:
    """Return whether the file may be damaged. A passing fault of the disk looks the same."""
    return _name(error).startswith(_SUSPECT)


def of_the_file(error: Exception) -> bool:
    """Return whether the file or its disk gave cause to it, and not what was asked."""
    return _name(error).startswith((*_SUSPECT, *_NO_SPACE, *_REFUSED, "SQLITE_IOERR"))


def busy(error: Exception) -> bool:
    """Return whether another connection was in the way."""
    return _name(error).startswith(_BUSY)


def explain(error: Exception, path: Path) -> StoreError:
    """Return the driver's error as one that people may read.

    Args:
        error: A ``DriverError``.
        path: The database it is about.
    """
    name = _name(error)
    if name.startswith("SQLITE_CANTOPEN") and (why := _cannot_open(path)) is not None:
        return why
    kinds = {
        _NO_SPACE: full(path),
        _REFUSED: StoreError(
            f"{path}: the database cannot be opened or written by this user; check the "
            f"permissions of the file and of its folder."
        ),
        _BUSY: StoreError(
            f"{path}: another console has been writing for more than five seconds; this change "
            f"was not stored, try again."
        ),
        ("SQLITE_IOERR",): StoreError(
            f"{path}: the system refused to read or write the database ({name}), for example a "
            f"quota, a file size limit or a failing disk; nothing was half-written, check the "
            f"disk and try again."
        ),
    }
    other: StoreError = StoreError(f"{path}: the database refused a request ({name}: {error}).")
    if suspect(error):
        other = damaged(path)
    return next((found for names, found in kinds.items() if name.startswith(names)), other)


def _cannot_open(path: Path) -> StoreError | None:
    """Return why a file does not open, in the system's own words; None: it does."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC))
    except FileNotFoundError:
        return gone(path, ["this console"])
    except OSError as error:
        return explain_os(error, path)
    few = resource.getrlimit(resource.RLIMIT_NOFILE)[0] < _ENOUGH_FILES
    return explain_os(OSError(errno.EMFILE, ""), path) if few else None


def explain_os(error: OSError, path: Path) -> StoreError:
    """Return an error of the operating system as one that people may read.

    Args:
        error: What creating or reading a file raised.
        path: The file it is about.
    """
    if error.errno in _NO_SPACE_NUMBERS:
        return full(path)
    if error.errno in _NO_DESCRIPTORS:
        return StoreError(
            f"{path}: it cannot be opened, because this process may not open more files; raise "
            f"the limit (ulimit -n 256, or LimitNOFILE= in the service file) and start again."
        )
    reason = error.strerror or type(error).__name__
    return StoreError(
        f"{path}: it cannot be used ({reason}); check the path and the permissions of its folder."
    )


def full(path: Path) -> StoreFull:
    """Return the error that says there is no space left."""
    return StoreFull(
        f"{path}: no space is left for the database; nothing was half-written, free some space "
        f"in {path.parent} and go on."
    )


def gone(path: Path, left: Sequence[str]) -> StoreGone:
    """Return the error that says that a database is not there any more.

    Args:
        path: Where it was.
        left: Names of the files beside it that say so.
    """
    how = "is empty" if path.exists() else "is gone"
    return StoreGone(
        f"{path}: the database {how}, but {' and '.join(left)} beside it "
        f"{'says' if len(left) == 1 else 'say'} that there was one; put it back from a copy, or "
        f"move every file {path.name}* away to begin a new one. Nothing was changed."
    )


def still_open(path: Path) -> StoreGone:
    """Return the error that says that others use a database whose file was deleted."""
    return StoreGone(
        f"{path}: there is no database, but a console that is running has one open that was "
        f"deleted; stop that console first, or put the file back. Nothing was changed."
    )


def vanished(path: Path) -> StoreGone:
    """Return the error that says that the file was deleted or moved while it was open."""
    return StoreGone(
        f"{path}: the database was deleted or moved while this console has it open; put it back, "
        f"or end every console to begin a new one."
    )


def emptied(path: Path) -> StoreGone:
    """Return the error that says that the file was emptied while it was open."""
    return StoreGone(
        f"{path}: the database was emptied while this console has it open; put a copy of it back "
        f"in its place."
    )


def damaged(path: Path) -> StoreDamaged:
    """Return the error that says the file is damaged."""
    return StoreDamaged(
        f"{path}: the database is damaged (it fails its integrity check with the right key); "
        f"nothing was deleted. Move it and every file {path.name}* beside it aside and start again "
        f"to build a new one from SuperOps, or put a backup in its place without {path.name}-wal."
    )


def mixed(path: Path) -> StoreDamaged:
    """Return the error for an older copy in the place of the main file, beside the newer log."""
    return StoreDamaged(
        f"{path}: the database is an older copy than {path.name}-wal beside it, and the two together "
        f"would be neither; move {path.name}-wal away to go on with the copy, or put the newer "
        f"database back. Nothing was changed."
    )


def unsteady(path: Path) -> StoreError:
    """Return the error for a fault that was gone when the file was looked at again."""
    return StoreError(
        f"{path}: the database could not be used just now, but its integrity check finds it "
        f"sound; this change was not stored, try again and watch the disk."
    )
