"""Telling a wrong key from a damaged file: a check value in a small file beside the database.

Both look the same to the cipher, and the answer to each is very different.
"""

import contextlib
import logging
import os
import stat
import string
from pathlib import Path
from typing import Final

from sla_console.config.safe_file import open_plain
from sla_console.domain import fault_points
from sla_console.domain.errors import StoreError, WrongKey
from sla_console.store.faults import explain_os, gone
from sla_console.store.key import StoreKey

LOG = logging.getLogger(__name__)
_LENGTH: Final = 16
_BESIDE: Final = ("-wal", "-shm")


def check_file(database: Path) -> Path:
    """Return where the check value of a database's key is kept."""
    return database.with_name(database.name + ".keycheck")


def prepare(database: Path, key: StoreKey) -> bool:
    """Make sure that ``key`` is this database's key, before the file is touched.

    For a database that is not there yet, its folder and empty file are made for the owner only,
    and the key is kept at its source first. The check value follows when it holds something, so
    that a crash meanwhile does not look like a database that was lost.

    Returns:
        Whether the check value vouches for the key.

    Raises:
        WrongKey: if the database belongs to another key, or its key is missing.
        StoreGone: if there was a database, and it is not there any more.
        StoreError: if folder or file cannot be made or read.
    """
    check = check_file(database)
    _check_beside(database)
    try:
        if not is_there(database):
            refuse_gone(database)
            key.keep()
            database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))
            return False
        if key.new:
            raise WrongKey(
                f"{database}: the database is there, but its key is not (looked for in "
                f"{key.source}); put the key back from where you keep a copy. No new key was made "
                f"and nothing was changed."
            )
        value = _read(check)
        if value is None:
            return False
        if value != key.check_value():
            raise WrongKey(
                f"{database}: the database belongs to another key than the one from "
                f"{key.source}; put the right key back, or name its file with store.key_file. "
                f"Nothing was changed."
            )
    except OSError as error:
        raise explain_os(error, database) from error
    return True


def _read(check: Path) -> str | None:
    """Return the check value; None: there is none, and it is written anew with a key that fits."""
    try:
        descriptor = open_plain(check)
        try:
            value = os.read(descriptor, 4 * _LENGTH).decode("ascii", errors="replace").strip()
        finally:
            os.close(descriptor)
    except OSError:
        value = ""
    if len(value) == _LENGTH and set(value) <= set(string.hexdigits):
        return value
    if os.path.lexists(check):
        LOG.warning("%s: it holds no check value of a key, and is written anew", check)
    return None


def _check_beside(database: Path) -> None:
    """Refuse what is no plain file in the place of a file of the database's own.

    Raises:
        StoreError: naming it.
    """
    for path in (database.parent, *(database.with_name(database.name + e) for e in _BESIDE)):
        if path.is_symlink() and not path.exists():
            raise StoreError(f"{path}: this is a link to nothing; mend the link, or remove it.")
        if path != database.parent and path.exists() and not path.is_file():
            kind = "a folder" if path.is_dir() else "no plain file"
            raise StoreError(
                f"{path}: this is {kind}, where the database keeps a file of its own; move it away."
            )
        if path != database.parent and path.is_symlink():
            raise StoreError(
                f"{path}: this is a link, where the database keeps a file of its own; remove it."
            )


def is_there(database: Path) -> bool:
    """Return whether there is a database that holds anything.

    Raises:
        StoreError: if something else is in its place, or its folder cannot be looked into.
    """
    try:
        facts = database.stat()
    except FileNotFoundError:
        if database.is_symlink():
            raise StoreError(
                f"{database}: this is a link to nothing, where the database should be; mend the "
                f"link, or remove it."
            ) from None
        return False
    except OSError as error:
        raise explain_os(error, database) from error
    if not stat.S_ISREG(facts.st_mode):
        kind = "a folder" if stat.S_ISDIR(facts.st_mode) else "no plain file"
        raise StoreError(
            f"{database}: this is {kind}, where the database should be; move it away, or set "
            f"store.data_dir to another folder."
        )
    return facts.st_size > 0


def refuse_gone(database: Path) -> None:
    """Refuse to begin a new database where files beside it say that there was one.

    Raises:
        StoreGone: if there are.
    """
    names = [
        database.name + ending
        for ending in (".keycheck", "-wal", ".commits")
        if os.path.lexists(database.with_name(database.name + ending))
    ]
    # Looked at again: the check value is written once the database holds something.
    if names and not is_there(database):
        raise gone(database, names)


def vouch(database: Path, key: StoreKey) -> None:
    """Write the check value of a key that has just opened a database without one."""
    # Without it the database still works; it only explains a later fault less well.
    with contextlib.suppress(OSError):
        _write(check_file(database), key.check_value())


def unreadable(database: Path, key: StoreKey) -> StoreError:
    """Return the error for a file that does not open and whose key nothing vouches for."""
    return WrongKey(
        f"{database}: the database does not open: either the key from {key.source} is not its "
        f"key, or its first page is damaged ({check_file(database).name}, which would tell, is "
        f"missing); try the key you keep a copy of. Nothing was changed."
    )


def _write(check: Path, value: str) -> None:
    """Put the value there whole: a reader sees the old file or the new one."""
    draft = check.with_name(f".{check.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        fault_points.hit("store.keycheck.write")
        file.write(value + "\n")
    fault_points.hit("store.keycheck.rename")
    draft.replace(check)
