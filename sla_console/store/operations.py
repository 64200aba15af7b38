"""Changes made here that SuperOps shall have too, in the order in which they were made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sla_console.domain import fault_points
from sla_console.domain.tickets.operation import (
    SETTLING,
    AuditEntry,
    Operation,
    OperationKind,
    OperationState,
    following,
)
from sla_console.store import audit as audit_rows
from sla_console.store import lease
from sla_console.store.connection import Row
from sla_console.store.database import Database, Transaction
from sla_console.store.timestamps import from_ms, from_ms_or_none, to_ms, to_ms_or_none

_COLUMNS: Final = (
    "id, kind, ticket_id, value, person, created_at, state, attempts, next_at, sent, last_error, "
    "shown, expected, expected_shown, ended_at"
)
"""In the order of ``Operation``'s fields."""

_SELECT: Final = f"SELECT {_COLUMNS} FROM operation"  # noqa: S608 - our own names
_INSERT: Final = (
    f"INSERT INTO operation (position, {_COLUMNS}) "  # noqa: S608
    f"VALUES ((SELECT COALESCE(MAX(position), 0) + 1 FROM operation), "
    f"{', '.join(f':{name}' for name in _COLUMNS.split(', '))}) ON CONFLICT (id) DO NOTHING"
)
_REPLACE: Final = (
    "UPDATE operation SET state = :state, attempts = :attempts, next_at = :next_at, sent = :sent, "
    "last_error = :last_error, expected = :expected, expected_shown = :expected_shown, "
    "ended_at = :ended_at WHERE id = :id AND state = :old_state AND sent = :old_sent "
    "AND attempts = :old_attempts RETURNING id"
)
_DUE: Final = (
    f"{_SELECT} AS mine WHERE state = 'pending' "  # noqa: S608
    "AND (next_at IS NULL OR next_at <= :now) "
    # Of two changes of one thing the later one waits for the earlier one to be settled.
    "AND (kind = 'note' OR NOT EXISTS (SELECT 1 FROM operation AS other WHERE "
    "other.ticket_id = mine.ticket_id AND other.kind = mine.kind AND other.state = 'pending' "
    "AND other.position < mine.position)) ORDER BY position LIMIT :limit"
)
_EARLIER: Final = (
    f"{_SELECT} WHERE ticket_id = :ticket_id AND kind = :kind AND (state IN "
    "('pending', 'conflict', 'failed') OR state = 'done' AND ended_at >= :since) ORDER BY position"
)
_NEWER: Final = (
    "SELECT other.id FROM operation AS mine JOIN operation AS other "
    "ON other.ticket_id = mine.ticket_id AND other.kind = mine.kind "
    "AND other.position > mine.position WHERE mine.id = :id AND mine.kind <> 'note' "
    "AND other.state = 'pending' ORDER BY other.position LIMIT 1"
)


class OperationStore:
    """The queue of changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def queue(
        self, operations: Sequence[Operation], audit: Sequence[AuditEntry] = ()
    ) -> list[Operation]:
        """Add changes; return them as they are queued, with what they expect.

        One that is not a note comes in the place of what of its kind on its ticket was not sent;
        see ``following``. One whose id is known stays as it is.
        """
        queued = []
        async with self._database.transaction() as transaction:
            for operation in operations:
                fault_points.hit("store.operation.queue")
                queued.append(await _take_over(transaction, operation))
                await insert(transaction, queued[-1:])
            await audit_rows.insert(transaction, audit)
        return queued

    async def due(self, now: datetime, limit: int) -> list[Operation]:
        """Return the pending changes whose time has come, in the order they were made.

        One waits while an earlier one of its kind on its ticket is pending, notes excepted.
        """
        return _operations(await self._database.rows(_DUE, {"now": to_ms(now), "limit": limit}))

    async def replace(
        self,
        before: Operation,
        after: Operation,
        audit: AuditEntry | None = None,
        term: int | None = None,
    ) -> bool:
        """Store how far a change is, unless somebody was quicker.

        Args:
            before: As it was read.
            after: As it is now.
            audit: What the history shall say.
            term: Under which the caller leads; None: needs no lease.

        Returns:
            False if its state, its attempts or whether it was sent are others by now; then
            nothing is written.

        Raises:
            LostLease: if another term has begun.
        """
        async with self._database.transaction() as transaction:
            await lease.require(transaction, term)
            if not await _replace(transaction, before, after):
                return False
            if audit is not None:
                await audit_rows.insert(transaction, [audit])
            return True

    async def give_way(self, before: Operation, after: Operation) -> bool:
        """End a change that did not come about, if a newer one of its kind waits on its ticket.

        The newer one then expects what this one did.

        Returns:
            False if none waits; then nothing is written.
        """
        async with self._database.transaction() as transaction:
            newer = await transaction.row(_NEWER, {"id": before.id})
            if newer is None or not await _replace(transaction, before, after):
                return False
            await transaction.run(
                "UPDATE operation SET expected = :expected, expected_shown = :shown WHERE id = :id",
                {"id": newer[0], "expected": before.expected, "shown": before.expected_shown},
            )
            return True

    async def hasten(self) -> None:
        """Let everything that failed before be tried again at once."""
        async with self._database.transaction() as transaction:
            await transaction.run(
                "UPDATE operation SET next_at = NULL "
                "WHERE state = 'pending' AND last_error IS NOT NULL"
            )

    async def waiting(self) -> int:
        """Return how many changes SuperOps does not have yet and will be tried."""
        row = await self._database.row("SELECT COUNT(*) FROM operation WHERE state = 'pending'")
        return 0 if row is None else int(row[0])

    async def outstanding(self) -> list[Operation]:
        """Return the changes that SuperOps does not have: pending, overtaken, refused; oldest first."""
        return _operations(
            await self._database.rows(
                f"{_SELECT} WHERE state IN ('pending', 'conflict', 'failed') ORDER BY position"
            )
        )

    async def get(self, operation_id: str) -> Operation | None:
        """Return a change in whatever state."""
        rows = await self._database.rows(f"{_SELECT} WHERE id = :id", {"id": operation_id})
        return next(iter(_operations(rows)), None)

    async def for_ticket(self, ticket_id: str) -> list[Operation]:
        """Return a ticket's changes that SuperOps does not have, as ``outstanding`` does."""
        return _operations(
            await self._database.rows(
                f"{_SELECT} WHERE ticket_id = :ticket_id "
                "AND state IN ('pending', 'conflict', 'failed') ORDER BY position",
                {"ticket_id": ticket_id},
            )
        )


async def insert(transaction: Transaction, operations: Sequence[Operation]) -> None:
    """Add changes inside a transaction."""
    if operations:
        await transaction.many(_INSERT, (_params(operation) for operation in operations))


async def _take_over(transaction: Transaction, new: Operation) -> Operation:
    """Discard what a change comes in the place of; return it as it is to be queued."""
    if new.kind is OperationKind.NOTE:
        return new
    rows = await transaction.rows(
        _EARLIER,
        {
            "ticket_id": new.ticket_id,
            "kind": new.kind,
            "since": to_ms(new.created_at - SETTLING),
        },
    )
    earlier = _operations(rows)
    new, replaced = following(new, earlier)
    befores = {one.id: one for one in earlier}
    for after in replaced:
        await _replace(transaction, befores[after.id], after)
    # One on its way is settled first; what waits behind it shall not wait for its next try.
    await transaction.run(
        "UPDATE operation SET next_at = NULL WHERE ticket_id = :ticket_id AND kind = :kind "
        "AND state = 'pending' AND last_error IS NOT NULL",
        {"ticket_id": new.ticket_id, "kind": new.kind},
    )
    return new


async def _replace(transaction: Transaction, before: Operation, after: Operation) -> bool:
    params = _params(after) | {
        "old_state": before.state,
        "old_sent": before.sent,
        "old_attempts": before.attempts,
    }
    for name in ("kind", "ticket_id", "value", "person", "created_at", "shown"):
        del params[name]
    return await transaction.row(_REPLACE, params) is not None


def _params(operation: Operation) -> dict[str, object]:
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
        "shown": operation.shown,
        "expected": operation.expected,
        "expected_shown": operation.expected_shown,
        "ended_at": to_ms_or_none(operation.ended_at),
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
            shown=row[11],
            expected=row[12],
            expected_shown=row[13],
            ended_at=from_ms_or_none(row[14]),
        )
        for row in rows
    ]
