"""What the driver's errors mean, in sentences for people: the one place that knows its classes.

The driver's exceptions are not the standard library's ``sqlite3`` ones, so nothing outside this
room could catch them.
"""

import errno
from pathlib import Path
from typing import Final

import sqlcipher3

from sla_console.domain.errors import StoreDamaged, StoreError, StoreFull

DriverError: type[Exception] = sqlcipher3.Error
"""Every error of the driver."""

_SUSPECT: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR_READ", "SQLITE_IOERR_SHORT")
_NO_SPACE: Final = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")
_REFUSED: Final = ("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN", "SQLITE_AUTH")
_BUSY: Final = ("SQLITE_BUSY", "SQLITE_LOCKED")
_NO_SPACE_NUMBERS: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def _name(error: Exception) -> str:
    return str(getattr(error, "sqlite_errorname", "") or type(error).__name__)


def suspect(error: Exception) -> bool:
    """Return whether the file may be damaged. A passing fault of the disk looks the same."""
    return _name(error).startswith(_SUSPECT)


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
    if name.startswith(_NO_SPACE):
        return full(path)
    if name.startswith(_REFUSED):
        return StoreError(
            f"{path}: the database cannot be opened or written by this user; check the "
            f"permissions of the file and of its folder."
        )
    if busy(error):
        return StoreError(
            f"{path}: another console has been writing for more than five seconds; this change "
            f"was not stored, try again."
        )
    if name.startswith("SQLITE_IOERR"):
        return StoreError(
            f"{path}: the system refused to read or write the database ({name}), for example a "
            f"quota, a file size limit or a failing disk; nothing was half-written, check the "
            f"disk and try again."
        )
    if suspect(error):
        return damaged(path)
    return StoreError(f"{path}: the database refused a request ({name}: {error}).")


def explain_os(error: OSError, path: Path) -> StoreError:
    """Return an error of the operating system as one that people may read.

    Args:
        error: What creating or reading a file raised.
        path: The file it is about.
    """
    if error.errno in _NO_SPACE_NUMBERS:
        return full(path)
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


def damaged(path: Path) -> StoreDamaged:
    """Return the error that says the file is damaged."""
    return StoreDamaged(
        f"{path}: the database is damaged (it fails its integrity check with the right key); "
        f"nothing was deleted. Move it aside together with {path.name}-wal and start again to "
        f"build a new one from SuperOps, or put a backup in its place."
    )


def unsteady(path: Path) -> StoreError:
    """Return the error for a fault that was gone when the file was looked at again."""
    return StoreError(
        f"{path}: the database could not be used just now, but its integrity check finds it "
        f"sound; this change was not stored, try again and watch the disk."
    )
