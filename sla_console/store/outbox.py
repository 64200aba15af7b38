"""Messages that wait for their channels. Delivery is at least once; the key is unique."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.alert import AlertEvent, DeliveryState, OutboxMessage, OutboxRecord
from sla_console.store.connection import Params, Row
from sla_console.store.database import Database, Transaction
from sla_console.store.moments import from_ms, from_ms_or_none, to_ms, to_ms_or_none

_COLUMNS: Final = (
    "message_key, channel, event, title, body, ticket_id, created_at, urgent, state, attempts, "
    "next_at, lease_until, accepted_at, last_error"
)
"""In the order of ``OutboxMessage``'s fields."""

_NAMES: Final = _COLUMNS.split(", ")
_INSERT: Final = (
    f"INSERT INTO outbox (position, {_COLUMNS}) "  # noqa: S608 - our own names
    f"VALUES ((SELECT COALESCE(MAX(position), 0) + 1 FROM outbox), "
    f"{', '.join(f':{name}' for name in _NAMES)}) ON CONFLICT (message_key) DO NOTHING"
)
_DUE: Final = (
    "channel = :channel AND ((state = 'pending' AND (next_at IS NULL OR next_at <= :now)) "
    "OR (state = 'sending' AND lease_until <= :now))"
)
_CLAIM: Final = (
    f"UPDATE outbox SET state = 'sending', attempts = attempts + 1, lease_until = :until "  # noqa: S608
    f"WHERE position IN (SELECT position FROM outbox WHERE {_DUE} "
    f"ORDER BY urgent DESC, created_at, position LIMIT :limit) RETURNING {_COLUMNS}, position"
)


class OutboxStore:
    """The queue of messages, and what became of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def enqueue(self, messages: Sequence[OutboxMessage]) -> int:
        """Add messages and return how many were new; a key that is known stays as it is."""
        if not messages:
            return 0
        async with self._database.transaction() as transaction:
            before = await _last(transaction)
            await insert(transaction, messages)
            return await _last(transaction) - before

    async def claim(
        self, channel: str, now: datetime, lease: timedelta, limit: int
    ) -> list[OutboxMessage]:
        """Take the next messages of a channel to send them: urgent ones first, then the oldest.

        Each is taken by one caller only, until it reports what became of it or its lease runs out;
        then it may be sent again.

        Args:
            channel: Whose messages.
            now: This moment; nothing that is due later is taken.
            lease: How long the caller may take to report.
            limit: The most to take.
        """
        params: Params = {
            "channel": channel,
            "now": to_ms(now),
            "until": to_ms(now + lease),
            "limit": limit,
        }
        # Asked often and mostly in vain, so first without the write lock.
        if await self._database.row(f"SELECT 1 FROM outbox WHERE {_DUE} LIMIT 1", params) is None:  # noqa: S608
            return []
        async with self._database.transaction() as transaction:
            rows = await transaction.rows(_CLAIM, params)
        rows.sort(key=lambda row: (-row[7], row[6], row[-1]))
        return [_message(row) for row in rows]

    async def accepted(self, key: str, now: datetime) -> None:
        """Note that the channel took a message."""
        await self._set(
            "state = 'accepted', accepted_at = :at, next_at = NULL, last_error = NULL",
            {"key": key, "at": to_ms(now)},
        )

    async def retry(self, key: str, next_at: datetime, error: str | None) -> None:
        """Note that a message was not taken, why, and when to try again."""
        await self._set(
            "state = 'pending', next_at = :at, last_error = :error",
            {"key": key, "at": to_ms(next_at), "error": error},
        )

    async def dead(self, key: str, error: str | None) -> None:
        """Give a message up. It stays visible, with the reason."""
        await self._set(
            "state = 'dead', next_at = NULL, last_error = :error", {"key": key, "error": error}
        )

    async def records(self) -> list[OutboxRecord]:
        """Return for each channel how many messages are where, by channel name.

        The last error is that of the newest message that was not taken (yet).
        """
        counts = await self._database.rows(
            "SELECT channel, SUM(CASE WHEN state IN ('pending', 'sending') THEN 1 ELSE 0 END), "
            "SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END), MAX(accepted_at) "
            "FROM outbox GROUP BY channel ORDER BY channel"
        )
        errors: dict[str, str] = dict(
            await self._database.rows(
                "SELECT channel, last_error FROM outbox "
                "WHERE state IN ('pending', 'sending', 'dead') AND last_error IS NOT NULL "
                "ORDER BY position"
            )
        )
        return [
            OutboxRecord(channel, waiting, dead, from_ms_or_none(last), errors.get(channel))
            for channel, waiting, dead, last in counts
        ]

    async def for_ticket(self, ticket_id: str) -> list[OutboxMessage]:
        """Return all messages about a ticket, newest first."""
        rows = await self._database.rows(
            f"SELECT {_COLUMNS} FROM outbox WHERE ticket_id = :ticket_id "  # noqa: S608
            "ORDER BY created_at DESC, position DESC",
            {"ticket_id": ticket_id},
        )
        return [_message(row) for row in rows]

    async def next_due(self, channel: str) -> datetime | None:
        """Return when the next message of a channel may be sent; None if none waits.

        That is its next attempt, or the end of the lease of one that is being sent.
        """
        row = await self._database.row(
            "SELECT MIN(CASE WHEN state = 'sending' THEN lease_until "
            "ELSE COALESCE(next_at, created_at) END) FROM outbox "
            "WHERE channel = :channel AND state IN ('pending', 'sending')",
            {"channel": channel},
        )
        return None if row is None else from_ms_or_none(row[0])

    async def _set(self, changes: str, params: Params) -> None:
        async with self._database.transaction() as transaction:
            await transaction.run(
                f"UPDATE outbox SET {changes}, lease_until = NULL WHERE message_key = :key",  # noqa: S608
                params,
            )


async def insert(transaction: Transaction, messages: Sequence[OutboxMessage]) -> None:
    """Add messages inside a transaction; a key that is known stays as it is."""
    if messages:
        await transaction.many(_INSERT, (_params(message) for message in messages))


async def _last(transaction: Transaction) -> int:
    """Return the highest position: rows are only ever added at the end."""
    row = await transaction.row("SELECT COALESCE(MAX(position), 0) FROM outbox")
    return 0 if row is None else int(row[0])


def _params(message: OutboxMessage) -> Params:
    return {
        "message_key": message.key,
        "channel": message.channel,
        "event": message.event,
        "title": message.title,
        "body": message.body,
        "ticket_id": message.ticket_id,
        "created_at": to_ms(message.created_at),
        "urgent": message.urgent,
        "state": message.state,
        "attempts": message.attempts,
        "next_at": to_ms_or_none(message.next_at),
        "lease_until": to_ms_or_none(message.lease_until),
        "accepted_at": to_ms_or_none(message.accepted_at),
        "last_error": message.last_error,
    }


def _message(row: Row) -> OutboxMessage:
    return OutboxMessage(
        key=row[0],
        channel=row[1],
        event=AlertEvent(row[2]),
        title=row[3],
        body=row[4],
        ticket_id=row[5],
        created_at=from_ms(row[6]),
        urgent=bool(row[7]),
        state=DeliveryState(row[8]),
        attempts=row[9],
        next_at=from_ms_or_none(row[10]),
        lease_until=from_ms_or_none(row[11]),
        accepted_at=from_ms_or_none(row[12]),
        last_error=row[13],
    )
