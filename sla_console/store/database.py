"""The encrypted file: reads, transactions, and what to do when it cannot be trusted.

Two connections: one writes, under a lock, so coroutines never meet inside a transaction; the other
only reads and never waits for it. Other processes may use the same file at the same time.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from sla_console.domain import fault_points
from sla_console.domain.errors import StoreError, StoreFull
from sla_console.store import key_check, migrate
from sla_console.store.ballast import Ballast
from sla_console.store.companion import CommitMark, Companion
from sla_console.store.connection import (
    Connection,
    Params,
    Row,
    check_library,
    commits_in_main_file,
)
from sla_console.store.faults import (
    DriverError,
    damaged,
    explain,
    mixed,
    of_the_file,
    still_open,
    suspect,
    unsteady,
)
from sla_console.store.file_lock import PATIENCE, FileLock
from sla_console.store.key import StoreKey

FileFacts = tuple[int, int, int, int]
"""Device, number, size and time of the last change of the main file."""


class Transaction:
    """What may be done inside one transaction. It reads its own writes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def run(self, sql: str, params: Params | None = None) -> None:
        """Run one statement."""
        fault_points.hit("store.statement")
        await self._connection.rows(sql, params)

    async def many(self, sql: str, params: Iterable[Params | Row]) -> None:
        """Run one statement for each set of parameters, which are drawn in another thread."""
        fault_points.hit("store.statements")
        await self._connection.many(sql, params)

    async def rows(self, sql: str, params: Params | None = None) -> list[Row]:
        """Run one statement and return all its rows."""
        return await self._connection.rows(sql, params)

    async def row(self, sql: str, params: Params | None = None) -> Row | None:
        """Run one statement and return its first row, if any."""
        return next(iter(await self._connection.rows(sql, params)), None)


class Database:
    """One encrypted file. Use it on the event loop that opened it."""

    def __init__(self, path: Path, key: StoreKey, writer: Connection, reader: Connection) -> None:
        self.path = path
        self._key = key
        self._writer = writer
        self._reader = reader
        self._loop = asyncio.get_running_loop()
        self._lock = asyncio.Lock()
        self._folder = FileLock(path.parent)
        self._companion = Companion(path)
        self.mark: CommitMark | None = None
        """How far it has come, once commits are counted; None: they are not."""
        self.fault: StoreError | None = None
        """The last one that the file gave cause to, until it is looked after."""
        self.faulted = asyncio.Event()
        """Set with each such fault."""
        self.seen = facts_of(path)
        """The main file when it was last written or looked at by this console."""

    @classmethod
    async def open(cls, path: Path, key: StoreKey) -> "Database":
        """Open the file, or make it, and bring its schema up to date.

        Raises:
            WrongKey: if the file belongs to another key, or its key is missing.
            StoreDamaged: if it fails its integrity check twice.
            StoreFull: if no space is left.
            StoreTooNew: if a newer version of the console wrote it.
            StoreError: for anything else that keeps it shut.
        """
        check_library()
        folder = FileLock(path.parent)
        try:
            database = await cls._open_checked(path, key, folder)
            folder.share()
        except BaseException:
            folder.release()
            raise
        database._folder = folder  # noqa: SLF001 - of this class
        return database

    @classmethod
    async def _open_checked(cls, path: Path, key: StoreKey, folder: FileLock) -> "Database":
        if not key_check.is_there(path) and not folder.alone(
            lambda: key_check.is_there(path), PATIENCE
        ):
            raise still_open(path)
        vouched = key_check.prepare(path, key)
        if _is_older_than_its_log(path, key):
            raise mixed(path)
        try:
            database = await cls.connect(path, key)
        except DriverError as first:
            fault = explain(first, path)
            # What is kept in reserve for such a moment may be enough to start.
            reserve = isinstance(fault, StoreFull) and Ballast(path).give_up()
            if not suspect(first) and not reserve:
                raise fault from first
            # A passing fault of the disk looks like damage: look again before saying so.
            try:
                database = await cls.connect(path, key)
            except DriverError as second:
                if suspect(second) and not vouched:
                    raise key_check.unreadable(path, key) from second
                raise explain(second, path) from second
        if not vouched:
            key_check.vouch(path, key)
        return database

    @classmethod
    async def connect(cls, path: Path, key: StoreKey) -> "Database":
        """Open a file that is there; ``open`` is for everybody else.

        Raises:
            DriverError: if it does not open.
            StoreError: if it cannot be used.
        """
        writer = await Connection.open(path, key)
        try:
            await migrate.migrate(writer, path)
            reader = await Connection.open(path, key, query_only=True)
        except BaseException:
            await writer.close()
            raise
        return cls(path, key, writer, reader)

    def derived_key(self, purpose: str) -> bytes:
        """Return a key of its own for a purpose, derived from the key of the file."""
        return self._key.derived(purpose)

    async def close(self) -> None:
        """Close the file after what was asked before."""
        async with self._lock:
            await self._reader.close()
            await self._writer.close()
            self._folder.release()

    @property
    def key(self) -> StoreKey:
        """Its key."""
        return self._key

    @property
    def reader(self) -> Connection:
        """The connection that reads."""
        return self._reader

    @property
    def writer(self) -> Connection:
        """The connection that writes."""
        return self._writer

    async def fold(self) -> None:
        """Write the log into the main file, and note how far that holds the database now.

        Raises:
            StoreError: if it cannot be written.
        """
        async with self._lock:
            before = self.mark
            try:
                whole = await self._writer.fold()
            except DriverError as error:
                raise self._failed(error) from error
            self.seen = facts_of(self.path)
        if whole and before is not None and self.mark is not None:
            self.mark = replace(self.mark, folded=before.commits)

    async def sound(self) -> bool:
        """Read the whole file and return whether all of it is as it was written.

        Raises:
            StoreError: if it cannot be read.
        """
        try:
            return await self._writer.sound()
        except DriverError as error:
            if suspect(error):
                return False
            raise explain(error, self.path) from error

    @property
    def in_memory(self) -> bool:
        """Whether it lives in memory for the time being; then one connection reads and writes."""
        return self._reader is self._writer

    @property
    def lock(self) -> asyncio.Lock:
        """Held by whoever writes, or changes the connections."""
        return self._lock

    def use(self, writer: Connection, reader: Connection) -> None:
        """Go on with other connections; the caller holds the lock and closes the old ones."""
        self._writer, self._reader = writer, reader

    def counts_as(self, mark: CommitMark | None) -> None:
        """Say how far the database has come; from now on each commit is counted."""
        self.mark = mark

    async def rows(self, sql: str, params: Params | None = None) -> list[Row]:
        """Return the rows of one query over what is committed.

        Raises:
            StoreDamaged: if the file fails its integrity check.
            StoreError: if it cannot be read.
        """
        self._check_loop()
        try:
            with self._closed():
                fault_points.hit("store.read")
                return await self._reader.rows(sql, params)
        except DriverError as error:
            if not suspect(error) or self.in_memory:
                raise self._failed(error) from error
        async with self._lock:
            await self._reopen_if_sound()
        try:
            return await self._reader.rows(sql, params)
        except DriverError as error:
            if suspect(error):
                raise unsteady(self.path) from error
            raise self._failed(error) from error

    async def row(self, sql: str, params: Params | None = None) -> Row | None:
        """Return the first row of one query over what is committed, if any."""
        return next(iter(await self.rows(sql, params)), None)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Run a block as one transaction: all of it is durable afterwards, or none of it.

        Nothing else writes meanwhile, here or in another process. Inside, use the transaction
        alone: another transaction would wait for this one for ever.

        Raises:
            StoreDamaged: if the file fails its integrity check.
            StoreFull: if no space is left.
            StoreError: if it cannot be written.
        """
        self._check_loop()
        async with self._lock:
            try:
                with self._closed():
                    fault_points.hit("store.begin")
                    await self._writer.rows("BEGIN IMMEDIATE")
                yield Transaction(self._writer)
                fault_points.hit("store.commit.before")
                await self._commit()
                fault_points.hit("store.commit.after")
            except DriverError as error:
                await self._undo()
                if suspect(error) and not self.in_memory:
                    await self._reopen_if_sound()
                    raise unsteady(self.path) from error
                raise self._failed(error) from error
            except BaseException:
                await self._undo()
                raise

    async def _commit(self) -> None:
        """Make the transaction durable, and count it inside and then beside the database."""
        count = await self._writer.commit(counted=self.mark is not None)
        if count is not None and self.mark is not None:
            self.mark = replace(self.mark, commits=count)
            self._companion.note(self.mark)
            self.seen = facts_of(self.path)

    def _failed(self, error: Exception) -> StoreError:
        """Return the error for people, and remember it where the file gave cause to it."""
        found = explain(error, self.path)
        if of_the_file(error):
            self.blame(found)
        return found

    def blame(self, fault: StoreError) -> None:
        """Remember a fault of the file, for whoever looks after it."""
        self.fault = fault
        self.faulted.set()

    async def schema(self) -> int:
        """Return the number of the newest migration that was made."""
        row = await self.row("PRAGMA user_version")
        return 0 if row is None else int(row[0])

    async def version_of_others(self) -> int:
        """Return a number that changes when another process has changed the file."""
        self._check_loop()
        async with self._lock:
            try:
                with self._closed():
                    fault_points.hit("store.others")
                    return int((await self._writer.rows("PRAGMA data_version"))[0][0])
            except DriverError as error:
                raise explain(error, self.path) from error

    async def _undo(self) -> None:
        """Leave the transaction.

        The worker thread takes requests in turn, so this is right even after a cancellation that
        left a statement, or the commit itself, on its way.
        """
        with contextlib.suppress(DriverError, ValueError):
            await self._writer.rollback()

    async def _reopen_if_sound(self) -> None:
        """Look at the whole file through a new connection; go on with new ones if it is sound."""
        try:
            fault_points.hit("store.reopen")
            fresh = await self.connect(self.path, self._key)
        except DriverError as error:
            raise self._failed(error) from error
        try:
            is_sound = await fresh._writer.sound()  # noqa: SLF001 - of this class
        except DriverError as error:
            is_sound = not suspect(error)
        if not is_sound:
            await fresh.close()
            fault = damaged(self.path)
            self.blame(fault)
            raise fault
        old = (self._reader, self._writer)
        self._reader, self._writer = fresh._reader, fresh._writer  # noqa: SLF001 - of this class
        for connection in old:
            await connection.close()

    @contextlib.contextmanager
    def _closed(self) -> Iterator[None]:
        """Turn the driver's complaint about a closed connection into a sentence."""
        try:
            yield
        except ValueError as error:
            raise StoreError(f"{self.path}: the database has been closed.") from error

    def _check_loop(self) -> None:
        if asyncio.get_running_loop() is not self._loop:
            raise RuntimeError("a store is used on the event loop that opened it")


def _is_older_than_its_log(path: Path, key: StoreKey) -> bool:
    """Return whether an older copy stands in the main file's place beside the newer log.

    SQLite would take the two for one database and mix them.
    """
    noted, log = Companion(path).read(), facts_of(log_of(path))
    if noted is None or not noted.folded or log is None or not log[2]:
        return False
    held = commits_in_main_file(path, key)
    return held is not None and held < noted.folded


def log_of(path: Path) -> Path:
    """Return where the write-ahead log of a database is."""
    return path.with_name(path.name + "-wal")


def facts_of(path: Path) -> FileFacts | None:
    """Return what tells one state of the main file from another; None: it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
