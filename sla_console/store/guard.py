"""Looks after the file of the database: notices that it is full, damaged, gone or replaced.

What it does about it is for the console that monitors: it gives up the space kept in reserve, goes
on in memory, and returns to the file by itself. Every other console only says so.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.errors import StoreDamaged, StoreError, StoreFull
from sla_console.domain.store_state import StoreState
from sla_console.store import commits
from sla_console.store.ballast import Ballast
from sla_console.store.companion import Companion
from sla_console.store.connection import Connection
from sla_console.store.database import Database, FileFacts, facts_of, log_of
from sla_console.store.faults import DriverError, damaged, emptied, explain, vanished
from sla_console.store.file_lock import FileLock
from sla_console.store.memory import MemoryCopy

LOG = logging.getLogger(__name__)
_PROBE: Final = "store_probe"
_READ_WHOLE: Final = timedelta(minutes=10)
_AGAIN: Final = timedelta(seconds=30)
"""After which what could not be used is tried again although nothing about it has changed."""


class StoreGuard:
    """Looks after one open database.

    Args:
        database: The database.
        now: Tells the moment.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self._companion, self._ballast = Companion(database.path), Ballast(database.path)
        self._memory_lock = FileLock(self._companion.path)
        self._others = 0
        self._copy: MemoryCopy | None = None
        self._aside: tuple[Connection, ...] = ()
        """Connections to the file that cannot be used; closing them might change it."""
        self._why: StoreError | None = None
        self._since: datetime | None = None
        self._reserve_given_up = False
        self._tried: tuple[FileFacts | None, datetime] | None = None
        self._read_whole_at: datetime | None = None
        self._folded_at: FileFacts | None = None
        self._log = facts_of(log_of(database.path))

    async def begin(self) -> None:
        """Find out whether commits were lost since the database was used last; count from now on.

        Raises:
            StoreError: if it cannot be read or written.
        """
        await commits.reconcile(self._database, self._now())
        # Written once in its full size, so that there is room for it when the disk is full.
        self._companion.say(self._companion.trouble())

    async def look(self, *, leading: bool) -> StoreState:
        """Look at the file, and do what can be done about it.

        Args:
            leading: Whether this console monitors, and may therefore go on without the file.
        """
        if self._copy is None:
            await self._look_at_file(leading=leading)
        elif not leading or await self._can_return():
            await self._return()
        return await self._state(leading=leading)

    async def _look_at_file(self, *, leading: bool) -> None:
        fault = await self._fault(leading=leading)
        if fault is None:
            self._why = None
            if leading and await asyncio.to_thread(self._ballast.keep):
                self._reserve_given_up = False
            return
        if not leading:
            self._why = fault
            return
        self._since = self._since or self._now()
        if isinstance(fault, StoreFull) and self._ballast.give_up():
            LOG.error("%s The space kept in reserve is given up.", fault)
            self._reserve_given_up = True
            return
        self._why = fault
        if self._memory_lock.alone():
            await self._go_on_in_memory(fault)

    def led_elsewhere(self) -> bool:
        """Return whether another console monitors from memory, which the lease does not show."""
        if self._copy is not None:
            return False
        lock = FileLock(self._companion.path)
        try:
            return not lock.alone()
        finally:
            lock.release()

    async def _fault(self, *, leading: bool) -> StoreError | None:
        """Return what is wrong with the file; None: nothing that shows."""
        database, found = self._database, facts_of(self._database.path)
        if found is None:
            return vanished(database.path)
        if found[2] == 0:
            return emptied(database.path)
        fault, database.fault = database.fault, None
        database.faulted.clear()
        if database.seen is not None and found[:2] != database.seen[:2]:
            return await self._take_over_replacement()
        if isinstance(fault, (StoreFull, StoreDamaged)):
            return fault
        try:
            if fault is not None:
                async with database.transaction() as transaction:
                    await transaction.run(
                        "INSERT INTO meta (name, value) VALUES (:name, '') ON CONFLICT (name) "
                        "DO UPDATE SET value = value || ''",
                        {"name": _PROBE},
                    )
            return await self._read_back(found, leading=leading)
        except StoreError as error:
            database.fault = None
            return error

    async def _read_back(self, found: FileFacts, *, leading: bool) -> StoreError | None:
        """Read back what was written, and the whole file where something else has changed it."""
        database, now = self._database, self._now()
        others = await database.version_of_others()
        own = database.mark.commits if database.mark else 0
        lower = await commits.commits_of(database) < own
        changed = found != database.seen and others == self._others
        self._others, database.seen = others, found
        self._log = facts_of(log_of(database.path)) or self._log
        if leading and self._folded_at != found and not changed:
            await database.fold()
            self._folded_at = database.seen
        due = (
            self._read_whole_at is None
            or not timedelta() <= now - self._read_whole_at < _READ_WHOLE
        )
        # Now and then one console reads all of it, for damage that nobody comes across.
        if not (lower or changed or (due and leading)):
            return None
        self._read_whole_at = now
        return damaged(database.path) if lower or not await self._is_sound() else None

    async def _is_sound(self) -> bool:
        """Read the whole file through a connection of its own, so that nobody waits for it."""
        database = self._database
        try:
            fresh = await database.connect(database.path, database.key)
        except DriverError as error:
            raise explain(error, database.path) from error
        try:
            if await fresh.sound():
                return True
            async with database.transaction():
                # A page that was being written looks like a damaged one; now nobody writes.
                return await fresh.sound()
        finally:
            await fresh.close()

    async def _take_over_replacement(self) -> StoreError | None:
        """Go over to another file that stands in the place of the one that was open."""
        database = self._database
        LOG.warning("%s: another file stands in its place; it is used from now on", database.path)
        try:
            await self._open_again()
        except StoreError as error:
            return error
        return None

    async def _open_again(self) -> None:
        """Use the file that is there now.

        Raises:
            StoreError: if it cannot be used.
        """
        database = self._database
        self._set_log_aside()
        try:
            fresh = await database.connect(database.path, database.key)
            sound = await fresh.sound()
        except DriverError as error:
            raise explain(error, database.path) from error
        if not sound:
            await fresh.close()
            raise damaged(database.path)
        copy, mark = self._copy, database.mark
        try:
            await commits.reconcile(fresh, self._now(), mark)
            if copy is not None:
                async with fresh.transaction() as transaction:
                    await copy.write_to(transaction)
                    words = f"{await copy.changes()} changes made in memory were written"
                    await commits.note(transaction, self._now(), "store is back", words)
        except BaseException:
            database.counts_as(mark)
            await fresh.close()
            raise
        async with database.lock:
            old = (database.reader, database.writer)
            database.use(fresh.writer, fresh.reader)
        database.counts_as(fresh.mark)
        database.seen, database.fault = facts_of(database.path), None
        for connection in (*self._aside, *old):
            await connection.close()
        self._aside, self._copy = (), None
        self._memory_lock.release()

    def _set_log_aside(self) -> None:
        """Move the log of the file that was here before away from the one that is here now.

        SQLite would read the two as one database.
        """
        path = self._database.path
        now, before, log = facts_of(path), self._database.seen, log_of(path)
        theirs = facts_of(log)
        if now is None or before is None or theirs is None or self._log is None:
            return
        if now[:2] != before[:2] and theirs[:2] == self._log[:2]:
            LOG.warning("%s: it belongs to the database that was here before; it is renamed", log)
            with contextlib.suppress(OSError):
                log.rename(log.with_name(log.name + ".before"))
                path.with_name(path.name + "-shm").unlink()

    async def close(self) -> None:
        """Write what stands in memory alone to the file, if that can be, and let go of it."""
        if self._copy is None:
            return
        if await self._can_return():
            await self._return()
        if self._copy is not None:
            LOG.error(
                "%s: %d changes made in memory are lost, since the file cannot be used",
                self._database.path,
                await self._copy.changes(),
            )
            self._companion.say(self._words())
        for connection in self._aside:
            await connection.close()
        self._memory_lock.release()

    async def _go_on_in_memory(self, fault: StoreError) -> None:
        database = self._database
        LOG.error("%s Monitoring goes on in memory.", fault)
        async with database.lock:
            copy = await MemoryCopy.of(database.reader, database.path)
            self._aside = (database.reader, database.writer)
            database.use(copy.connection, copy.connection)
        self._copy = copy
        self._tried = (facts_of(database.path), self._now())

    async def _can_return(self) -> bool:
        """Return whether it is worth trying to use the file again."""
        found, now = facts_of(self._database.path), self._now()
        if found is None or found[2] == 0:
            return False
        if isinstance(self._why, StoreFull):
            return await asyncio.to_thread(self._ballast.keep)
        if self._tried and self._tried[0] == found and timedelta() <= now - self._tried[1] < _AGAIN:
            return False
        self._tried = (found, now)
        return True

    async def _return(self) -> None:
        try:
            await self._open_again()
        except StoreError as error:
            self._why = error
            return
        LOG.warning("%s: the database is used again", self._database.path)
        self._why, self._reserve_given_up = None, False

    async def _state(self, *, leading: bool) -> StoreState:
        trouble = self._words()
        if trouble is None:
            self._since = None
        if leading:
            if trouble != self._companion.trouble():
                self._companion.say(trouble)
        else:
            trouble = trouble or self._companion.trouble()
        return StoreState(trouble, self._copy is not None, await self._setback())

    def _words(self) -> str | None:
        since = f" (since {self._since:%Y-%m-%d %H:%M} UTC)" if self._since else ""
        if self._copy is not None and self._why is not None:
            all_of_it = "" if self._copy.whole else ", with what could be read of the file"
            return (
                f"{self._why} Until then monitoring goes on in memory{all_of_it}: alerts are sent, "
                f"and what is done now is lost if this console ends{since}"
            )
        if self._why is not None:
            return str(self._why)
        if self._reserve_given_up:
            return (
                f"{self._database.path.parent}: no space is left; the console works from the space "
                f"it kept in reserve, free some{since}"
            )
        return None

    async def _setback(self) -> str | None:
        try:
            return await commits.setback(self._database, self._now())
        except StoreError:
            return None
