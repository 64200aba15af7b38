"""Telling a wrong key from a damaged file: a check value in a small file beside the database.

Both look the same to the cipher, and the answer to each is very different.
"""

import contextlib
import os
from pathlib import Path

from sla_console.domain import fault_points
from sla_console.domain.errors import StoreError, WrongKey
from sla_console.store.faults import explain_os
from sla_console.store.key import StoreKey


def check_file(database: Path) -> Path:
    """Return where the check value of a database's key is kept."""
    return database.with_name(database.name + ".keycheck")


def prepare(database: Path, key: StoreKey) -> bool:
    """Make sure that ``key`` is this database's key, before the file is touched.

    For a database that is not there yet, its folder and empty file are made for the owner only,
    and the key is kept at its source first.

    Returns:
        Whether the check value vouches for the key.

    Raises:
        WrongKey: if the database belongs to another key, or its key is missing.
        StoreError: if folder or file cannot be made or read.
    """
    check = check_file(database)
    try:
        if not database.exists() or database.stat().st_size == 0:
            key.keep()
            database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(check, key.check_value())
            os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))
            return True
        if key.new:
            raise WrongKey(
                f"{database}: the database is there, but its key is not (looked for in "
                f"{key.source}); put the key back from where you keep a copy. No new key was made "
                f"and nothing was changed."
            )
        if not check.exists():
            return False
        if check.read_text(encoding="ascii", errors="replace").strip() != key.check_value():
            raise WrongKey(
                f"{database}: the database belongs to another key than the one from "
                f"{key.source}; put the right key back, or name its file with store.key_file. "
                f"Nothing was changed."
            )
    except OSError as error:
        raise explain_os(error, database) from error
    return True


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
