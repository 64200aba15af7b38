"""One connection to the encrypted file, and how it is opened."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import aiosqlite
import sqlcipher3

from sla_console.domain import fault_points
from sla_console.domain.errors import StoreError
from sla_console.store.faults import DriverError, busy
from sla_console.store.key import StoreKey

OLDEST_SQLITE: Final = (3, 51, 3)
"""Before it, several consoles on one file can corrupt it when the write-ahead log starts anew."""
BUSY_SECONDS: Final = 5.0
_CHUNK: Final = 64
_COUNT: Final = (
    "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'commits' "
    "RETURNING CAST(value AS INTEGER)"
)
_PAUSE: Final = 0.01

Params = Mapping[str, Any]
Row = tuple[Any, ...]

# At DEBUG it logs every statement with its values.
logging.getLogger("aiosqlite").setLevel(logging.WARNING)


def check_library() -> None:
    """Refuse a driver that could lose data.

    Raises:
        StoreError: naming the version found and the one needed.
    """
    if sqlcipher3.sqlite_version_info < OLDEST_SQLITE:
        needed = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(
            f"The sqlcipher3 package brings SQLite {sqlcipher3.sqlite_version}, which can corrupt "
            f"a database that several consoles share; install one with SQLite {needed} or newer."
        )


def _register_adapters() -> None:
    """Give the driver a short way for what is neither text nor number.

    Without one it looks for two attributes at each such value and fails: a microsecond each, which
    is more than all else that a wide row costs.
    """
    sqlcipher3.register_adapter(type(None), lambda _nothing: None)
    sqlcipher3.register_adapter(bool, int)
    for kind in StrEnum.__subclasses__():
        sqlcipher3.register_adapter(kind, str)


class _Counting(sqlcipher3.Connection):  # type: ignore[misc]  # the driver has no types
    """Counts its commits inside the database, in the same turn of its thread as the commit itself."""

    counts = False
    commits: int | None = None
    """The count after the last commit that changed anything; None: that one was not counted."""
    _seen = 0

    def commit(self) -> None:
        """Make the transaction durable, counted if it changed anything."""
        self.commits = None
        if self.counts and self.total_changes != self._seen:
            row = self.execute(_COUNT).fetchone()
            self.commits = None if row is None else int(row[0])
        super().commit()
        self._seen = self.total_changes

    def rollback(self) -> None:
        """Undo the transaction; what it changed counts for nothing."""
        super().rollback()
        self._seen = self.total_changes


class _Opener:
    """Opens the file in the connection's own thread. Shows no key when it is printed."""

    def __init__(self, path: Path, key: StoreKey, *, query_only: bool) -> None:
        self._path = path
        self._key = key
        self._query_only = query_only
        self.opened: Any = None
        """The driver's own connection."""

    def __call__(self) -> Any:
        fault_points.hit("store.open")
        connection = sqlcipher3.connect(
            # Never made here: a file that was deleted meanwhile is not to be replaced by a new one.
            f"{self._path.absolute().as_uri()}?mode=rw",
            timeout=BUSY_SECONDS,
            isolation_level=None,
            cached_statements=256,
            uri=True,
            factory=_Counting,
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        self.opened = connection
        return connection

    def _prepare(self, connection: Any) -> None:
        # First, because the cipher writes its errors to the terminal that shows the board.
        connection.execute("PRAGMA cipher_log_level = NONE")
        if not connection.execute("PRAGMA cipher_version").fetchone():
            raise StoreError(
                "The sqlcipher3 package was built without encryption, so nothing was stored; "
                "install its published wheel."
            )
        connection.execute(f'PRAGMA key = "{self._key.literal()}"')
        mode = _write_ahead(connection)
        if mode != "wal":
            raise StoreError(
                f"{self._path}: this file system has no shared memory for the write-ahead log "
                f"(journal mode {mode}); set store.data_dir to a folder on a local disk."
            )
        for pragma in (
            "synchronous = FULL",
            "foreign_keys = ON",
            "recursive_triggers = ON",  # else INSERT OR REPLACE gets past the audit's triggers
            "wal_autocheckpoint = 200",  # damage to the log silently drops its tail: keep it short
            "cache_size = -4000",  # each connection fills it within days; more made nothing faster
            f"query_only = {'ON' if self._query_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")


def commits_in_main_file(path: Path, key: StoreKey) -> int | None:
    """Return the number of commits that the main file holds without its log; None: not known."""
    try:
        connection = sqlcipher3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            connection.execute("PRAGMA cipher_log_level = NONE")
            connection.execute(f'PRAGMA key = "{key.literal()}"')
            row = connection.execute("SELECT value FROM meta WHERE name = 'commits'").fetchone()
            return None if row is None else int(row[0])
        finally:
            connection.close()
    except (DriverError, ValueError):
        return None


def _open_memory() -> Any:
    connection = sqlcipher3.connect(":memory:", isolation_level=None, cached_statements=256)
    connection.execute("PRAGMA recursive_triggers = ON")
    return connection


def _write_ahead(connection: Any) -> str:
    """Switch to the write-ahead log and return the journal mode.

    The switch does not wait for another first start as other statements do, so it is repeated.
    """
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except DriverError as error:
            if not busy(error) or time.monotonic() > end:
                raise
            time.sleep(_PAUSE)


class Connection:
    """One connection with a thread of its own. Raises the driver's errors; see ``Database``."""

    def __init__(self, driver: aiosqlite.Connection, counting: Any = None) -> None:
        self._driver, self._counting = driver, counting

    @classmethod
    async def open(cls, path: Path, key: StoreKey, *, query_only: bool = False) -> "Connection":
        """Open the file with its key.

        Args:
            path: The database; the file must be there, though it may be empty.
            key: Its key.
            query_only: Refuse every write.

        Raises:
            StoreError: if the library or the file system is not fit.
            DriverError: if the file does not open.
        """
        _register_adapters()
        opener = _Opener(path, key, query_only=query_only)
        driver = aiosqlite.Connection(opener, _CHUNK)
        # A worker thread that waits for work must not keep a dying process alive.
        worker: Any = getattr(driver, "_thread", driver)
        worker.daemon = True
        try:
            return cls(await driver, opener.opened)
        except (DriverError, StoreError):
            # Its last word goes to this loop, which may be gone a moment later.
            worker.join(BUSY_SECONDS)
            raise

    @classmethod
    async def in_memory(cls) -> "Connection":
        """Open an empty database that lives in memory only."""
        driver = aiosqlite.Connection(_open_memory, _CHUNK)
        worker: Any = getattr(driver, "_thread", driver)
        worker.daemon = True
        return cls(await driver)

    async def rows(self, sql: str, params: Params | None = None) -> list[Row]:
        """Run one statement and return all its rows."""
        return await self._driver.execute_fetchall(sql, params or {})  # type: ignore[return-value]

    async def many(self, sql: str, params: Iterable[Params | Row]) -> None:
        """Run one statement for each set of parameters, which are drawn in the worker thread."""
        async with self._driver.executemany(sql, params):
            pass

    async def commit(self, *, counted: bool = False) -> int | None:
        """Make the transaction durable.

        Args:
            counted: Count it inside the database, if it changed anything.

        Returns:
            The new count; None: it was not counted.
        """
        if self._counting is None:
            await self._driver.commit()
            return None
        self._counting.counts = counted
        await self._driver.commit()
        return None if self._counting.commits is None else int(self._counting.commits)

    async def rollback(self) -> None:
        """Undo the transaction, if there is one."""
        await self._driver.rollback()

    async def fold(self) -> bool:
        """Write the log into the main file; return whether all of it is there now."""
        busy_now, in_log, folded = (await self.rows("PRAGMA wal_checkpoint(PASSIVE)"))[0]
        return not busy_now and in_log == folded

    async def sound(self) -> bool:
        """Read the whole file and return whether every page and every index is as it was written."""
        bad_pages = await self.rows("PRAGMA cipher_integrity_check")
        return not bad_pages and await self.rows("PRAGMA quick_check(1)") == [("ok",)]

    async def close(self) -> None:
        """Close it; what was asked before is done first."""
        with contextlib.suppress(DriverError):  # a damaged file may fail even here
            await asyncio.shield(self._driver.close())
