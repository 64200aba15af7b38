"""Changes made here that SuperOps shall have too, in the order in which they were made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sla_console.domain.operation import Operation, OperationKind, OperationState
from sla_console.store.connection import Params, Row
from sla_console.store.database import Database, Transaction
from sla_console.store.moments import from_ms, from_ms_or_none, to_ms, to_ms_or_none

_COLUMNS: Final = (
    "id, kind, ticket_id, value, person, created_at, state, attempts, next_at, sent, last_error"
)
"""In the order of ``Operation``'s fields."""

_SELECT: Final = f"SELECT {_COLUMNS} FROM operation"  # noqa: S608 - our own names
_INSERT: Final = (
    f"INSERT INTO operation (position, {_COLUMNS}) "  # noqa: S608
    f"VALUES ((SELECT COALESCE(MAX(position), 0) + 1 FROM operation), "
    f"{', '.join(f':{name}' for name in _COLUMNS.split(', '))}) ON CONFLICT (id) DO NOTHING"
)
_UPDATE: Final = (
    "UPDATE operation SET state = :state, attempts = :attempts, next_at = :next_at, sent = :sent, "
    "last_error = :last_error WHERE id = :id"
)


class OperationStore:
    """The queue of changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def enqueue(self, operation: Operation) -> None:
        """Add a change; one whose id is known stays as it is."""
        async with self._database.transaction() as transaction:
            await insert(transaction, [operation])

    async def due(self, now: datetime, limit: int) -> list[Operation]:
        """Return the pending changes whose time has come, in the order they were made."""
        return _operations(
            await self._database.rows(
                f"{_SELECT} WHERE state = 'pending' AND (next_at IS NULL OR next_at <= :now) "
                "ORDER BY position LIMIT :limit",
                {"now": to_ms(now), "limit": limit},
            )
        )

    async def update(self, operation: Operation) -> None:
        """Note how far a change is: state, attempts, next attempt, sent and error."""
        async with self._database.transaction() as transaction:
            await transaction.run(_UPDATE, _params(operation))

    async def waiting(self) -> int:
        """Return how many changes SuperOps does not have yet and will be tried."""
        row = await self._database.row("SELECT COUNT(*) FROM operation WHERE state = 'pending'")
        return 0 if row is None else int(row[0])

    async def for_ticket(self, ticket_id: str) -> list[Operation]:
        """Return a ticket's changes that SuperOps does not have, pending and failed, oldest first."""
        return _operations(
            await self._database.rows(
                f"{_SELECT} WHERE ticket_id = :ticket_id AND state <> 'done' ORDER BY position",
                {"ticket_id": ticket_id},
            )
        )


async def insert(transaction: Transaction, operations: Sequence[Operation]) -> None:
    """Add changes inside a transaction."""
    if operations:
        await transaction.many(_INSERT, (_params(operation) for operation in operations))


def _params(operation: Operation) -> Params:
    return {
        "id": operation.id,
        "kind": operation.kind,
        "ticket_id": operation.ticket_id,
        "value": operation.value,
        "person": operation.by,
        "created_at": to_ms(operation.created_at),
        "state": operation.state,
        "attempts": operation.attempts,
        "next_at": to_ms_or_none(operation.next_at),
        "sent": operation.sent,
        "last_error": operation.last_error,
    }


def _operations(rows: list[Row]) -> list[Operation]:
    return [
        Operation(
            id=row[0],
            kind=OperationKind(row[1]),
            ticket_id=row[2],
            value=row[3],
            by=row[4],
            created_at=from_ms(row[5]),
            state=OperationState(row[6]),
            attempts=row[7],
            next_at=from_ms_or_none(row[8]),
            sent=bool(row[9]),
            last_error=row[10],
        )
        for row in rows
    ]
