"""The encrypted file: reads, transactions, and what to do when it cannot be trusted.

Two connections: one writes, under a lock, so coroutines never meet inside a transaction; the other
only reads and never waits for it. Other processes may use the same file at the same time.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

from sla_console.domain.errors import StoreError
from sla_console.store import key_check, migrate
from sla_console.store.connection import Connection, Params, Row, check_library
from sla_console.store.faults import DriverError, damaged, explain, suspect, unsteady
from sla_console.store.key import StoreKey


class Transaction:
    """What may be done inside one transaction. It reads its own writes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def run(self, sql: str, params: Params | None = None) -> None:
        """Run one statement."""
        await self._connection.rows(sql, params)

    async def many(self, sql: str, params: Iterable[Params]) -> None:
        """Run one statement for each set of parameters, which are drawn in another thread."""
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
        vouched = key_check.prepare(path, key)
        try:
            database = await cls._open(path, key)
        except DriverError as first:
            if not suspect(first):
                raise explain(first, path) from first
            # A passing fault of the disk looks like damage: look again before saying so.
            try:
                database = await cls._open(path, key)
            except DriverError as second:
                if suspect(second) and not vouched:
                    raise key_check.unreadable(path, key) from second
                raise explain(second, path) from second
        if not vouched:
            key_check.vouch(path, key)
        return database

    @classmethod
    async def _open(cls, path: Path, key: StoreKey) -> "Database":
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

    async def rows(self, sql: str, params: Params | None = None) -> list[Row]:
        """Return the rows of one query over what is committed.

        Raises:
            StoreDamaged: if the file fails its integrity check.
            StoreError: if it cannot be read.
        """
        self._check_loop()
        try:
            with self._closed():
                return await self._reader.rows(sql, params)
        except DriverError as error:
            if not suspect(error):
                raise explain(error, self.path) from error
        async with self._lock:
            await self._reopen_if_sound()
        try:
            return await self._reader.rows(sql, params)
        except DriverError as error:
            if suspect(error):
                raise unsteady(self.path) from error
            raise explain(error, self.path) from error

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
                    await self._writer.rows("BEGIN IMMEDIATE")
                yield Transaction(self._writer)
                await self._writer.commit()
            except DriverError as error:
                await self._undo()
                if suspect(error):
                    await self._reopen_if_sound()
                    raise unsteady(self.path) from error
                raise explain(error, self.path) from error
            except BaseException:
                await self._undo()
                raise

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
            fresh = await self._open(self.path, self._key)
        except DriverError as error:
            raise explain(error, self.path) from error
        try:
            is_sound = await fresh._writer.sound()  # noqa: SLF001 - of this class
        except DriverError as error:
            is_sound = not suspect(error)
        if not is_sound:
            await fresh.close()
            raise damaged(self.path)
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
