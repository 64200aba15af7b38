"""The real store without its file and its threads: a database in memory, copied from a template.

Every statement, transaction and trigger is the store's own; only the driver runs in the loop's own
thread, so that thousands of short runs are cheap. A crash before any statement can be ordered.
"""

from functools import cache
from pathlib import Path

import sqlcipher3

from sla_console.store import migrate
from sla_console.store.connection import Connection
from sla_console.store.database import Database
from sla_console.store.key import StoreKey
from sla_console.store.store import Store


class Crash(BaseException):
    """The process ends here; what was not committed is lost."""


class PlainConnection(Connection):
    """A connection that answers at once."""

    def __init__(self, driver) -> None:
        self.driver = driver
        self.crash_in: int | None = None
        """Statements until the process ends; None: it goes on."""

    def _count(self) -> None:
        if self.crash_in is not None:
            self.crash_in -= 1
            if self.crash_in < 0:
                self.crash_in = None
                raise Crash

    async def rows(self, sql, params=None):
        self._count()
        return self.driver.execute(sql, params or {}).fetchall()

    async def many(self, sql, params) -> None:
        self._count()
        self.driver.executemany(sql, list(params))

    async def commit(self, *, counted=False) -> None:
        self._count()
        self.driver.execute("COMMIT")

    async def rollback(self) -> None:
        if self.driver.in_transaction:
            self.driver.execute("ROLLBACK")

    async def close(self) -> None:
        self.driver.close()


def _new():
    return sqlcipher3.connect(":memory:", isolation_level=None, cached_statements=512)


@cache
def _template() -> list:
    return [None]


async def memory() -> PlainConnection:
    """Return a connection to an empty database of the newest schema."""
    kept = _template()
    if kept[0] is None:
        kept[0] = _new()
        await migrate.migrate(PlainConnection(kept[0]), Path("memory"))
    driver = _new()
    kept[0].backup(driver)
    driver.execute("PRAGMA foreign_keys = ON")
    driver.execute("PRAGMA recursive_triggers = ON")
    return PlainConnection(driver)


def store_over(connection: PlainConnection) -> Store:
    """Return a store over what is there, as a process that starts finds it."""
    return Store(Database(Path("memory"), StoreKey(bytes(32), "test"), connection, connection))
