"""Who did what, when: rows are added and never changed; the database itself refuses."""

from collections.abc import Sequence
from typing import Final

from sla_console.domain.tickets.operation import AuditEntry
from sla_console.store.connection import Row
from sla_console.store.database import Database, Transaction
from sla_console.store.timestamps import from_ms, to_ms

_COLUMNS: Final = "at, actor, action, subject, detail, result"
_SELECT: Final = f"SELECT {_COLUMNS} FROM audit"  # noqa: S608 - our own names
_INSERT: Final = (
    f"INSERT INTO audit (position, {_COLUMNS}) "  # noqa: S608
    "VALUES ((SELECT COALESCE(MAX(position), 0) + 1 FROM audit), "
    "?, ?, ?, ?, ?, ?)"
)


class AuditStore:
    """The history of what people and the console did."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, entry: AuditEntry) -> None:
        """Add one entry."""
        async with self._database.transaction() as transaction:
            await insert(transaction, [entry])

    async def recent(self, limit: int) -> list[AuditEntry]:
        """Return the newest entries, newest first."""
        return _entries(
            await self._database.rows(
                f"{_SELECT} ORDER BY position DESC LIMIT :limit", {"limit": limit}
            )
        )

    async def for_subject(self, subject: str) -> list[AuditEntry]:
        """Return all entries about one subject, newest first."""
        return _entries(
            await self._database.rows(
                f"{_SELECT} WHERE subject = :subject ORDER BY position DESC", {"subject": subject}
            )
        )


async def insert(transaction: Transaction, entries: Sequence[AuditEntry]) -> None:
    """Add entries inside a transaction."""
    if entries:
        await transaction.many(_INSERT, (_values(entry) for entry in entries))


def _values(entry: AuditEntry) -> Row:
    return (
        to_ms(entry.at),
        entry.actor,
        entry.action,
        entry.subject,
        entry.detail,
        entry.result,
    )


def _entries(rows: list[Row]) -> list[AuditEntry]:
    return [AuditEntry(from_ms(row[0]), *row[1:]) for row in rows]
