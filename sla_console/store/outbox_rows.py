"""How a message lies in its table."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sla_console.domain.alert import AlertEvent, DeliveryState, OutboxMessage
from sla_console.domain.notice import from_document, to_document
from sla_console.store.connection import Params, Row
from sla_console.store.database import Transaction
from sla_console.store.moments import from_ms, from_ms_or_none, to_ms, to_ms_or_none

COLUMNS: Final = (
    "message_key, channel, event, title, body, ticket_id, created_at, urgent, state, attempts, "
    "next_at, lease_until, accepted_at, last_error, notice, thread, gather_group, expires_at, "
    "person, rule, why, told_by, fallback, fallback_at, attachment"
)
"""In the order of ``OutboxMessage``'s fields."""

CHANNEL_NAMES: Final = (
    "WITH RECURSIVE names (name) AS (SELECT MIN(channel) FROM outbox UNION ALL "
    "SELECT (SELECT MIN(channel) FROM outbox WHERE channel > name) FROM names "
    "WHERE name IS NOT NULL)"
)
"""The channels that messages were for, found in the index by leaps: the history is not read."""

_NAMES: Final = (*COLUMNS.split(", "), "breach_id", "event_at")
_INSERT: Final = (
    f"INSERT INTO outbox (position, {', '.join(_NAMES)}) "  # noqa: S608 - our own names
    f"VALUES ((SELECT COALESCE(MAX(position), 0) + 1 FROM outbox), "
    f"{', '.join(f':{name}' for name in _NAMES)}) ON CONFLICT (message_key) DO NOTHING"
)
_SUPERSEDE: Final = """
UPDATE outbox SET state = 'superseded', lease_until = NULL, next_at = NULL, why = :why, told_by = (
    SELECT newest.message_key FROM outbox AS newest
    WHERE newest.thread = outbox.thread AND newest.channel = outbox.channel
    AND newest.position > outbox.position ORDER BY newest.position DESC LIMIT 1)
WHERE position IN (
    SELECT old.position FROM outbox AS new
    JOIN outbox AS old ON old.thread = new.thread AND old.channel = new.channel
        AND old.position < new.position
    WHERE new.position > :before AND new.thread <> ''
        AND new.state IN ('gathering', 'pending') AND old.state IN ('gathering', 'pending', 'unknown'))
"""
_WAITED: Final = (
    "FROM outbox AS old WHERE old.thread = outbox.thread AND old.channel = outbox.channel "
    "AND old.position < outbox.position AND old.state = 'superseded' "
    "AND old.told_by = outbox.message_key AND old.fallback_at IS NOT NULL"
)
_INHERIT: Final = (
    f"UPDATE outbox SET fallback = CASE WHEN fallback <> '[]' THEN fallback ELSE "  # noqa: S608 - our own words
    f"(SELECT old.fallback {_WAITED} ORDER BY old.position DESC LIMIT 1) END, "
    f"fallback_at = (SELECT MIN(MIN(old.fallback_at, COALESCE(outbox.fallback_at, old.fallback_at))) "
    f"{_WAITED}) WHERE position > :before AND thread <> '' AND event <> 'recovery' "
    # The plus keeps to the few newest by their position, whatever waits in that state.
    f"AND +state IN ('gathering', 'pending') AND EXISTS (SELECT 1 {_WAITED})"
)
_SAID_ELSEWHERE: Final = "something newer about the same promise was told instead"


async def insert(transaction: Transaction, messages: Sequence[OutboxMessage]) -> int:
    """Add messages inside a transaction and return how many were new.

    A key that is known stays as it is. What is still owed to the same channel about the same
    promise is superseded: the newest says it all.
    """
    if not messages:
        return 0
    before = await _last(transaction)
    await transaction.many(_INSERT, (params_of(message) for message in messages))
    new = await _last(transaction) - before
    if new and any(message.thread for message in messages):
        await transaction.run(_SUPERSEDE, {"before": before, "why": _SAID_ELSEWHERE})
        await inherit(transaction, before)
    return new


async def inherit(transaction: Transaction, before: int) -> None:
    """Give what stands in for others their other channel, at their time: it waits no longer for that.

    Else a channel that is down would be waited for anew with each message. That it is over is no
    reason to try another.

    Args:
        transaction: Where it is written.
        before: Only messages after this position are looked at.
    """
    await transaction.run(_INHERIT, {"before": before})


async def _last(transaction: Transaction) -> int:
    """Return the highest position: rows are only ever added at the end."""
    row = await transaction.row("SELECT COALESCE(MAX(position), 0) FROM outbox")
    return 0 if row is None else int(row[0])


def params_of(message: OutboxMessage) -> Params:
    """Return a message as the table has it."""
    notice = message.notice
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
        "notice": None if notice is None else json.dumps(to_document(notice)),
        "thread": message.thread,
        "gather_group": message.group,
        "expires_at": to_ms_or_none(message.expires_at),
        "person": message.person,
        "rule": message.rule,
        "why": message.why,
        "told_by": message.told_by,
        "fallback": json.dumps(message.fallback),
        "fallback_at": to_ms_or_none(message.fallback_at),
        "attachment": message.attachment,
        "breach_id": None if notice is None else notice.breach_id,
        "event_at": to_ms_or_none(_counts_from(message)),
    }


def _counts_from(message: OutboxMessage) -> datetime | None:
    """Return from when it counts how long a message took; None: it does not count.

    What waits for a quiet time to end takes no longer for that: it is held back on purpose. What is
    queued as part of another already repeats what was told.
    """
    if message.notice is None or message.state is DeliveryState.SUPERSEDED:
        return None
    held = message.state is DeliveryState.GATHERING and message.why is not None
    return (message.next_at if held else None) or message.notice.at


def message_of(row: Row) -> OutboxMessage:
    """Return the message of a row of ``COLUMNS``."""
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
        notice=None if row[14] is None else from_document(json.loads(row[14])),
        thread=row[15],
        group=row[16],
        expires_at=from_ms_or_none(row[17]),
        person=row[18],
        rule=row[19],
        why=row[20],
        told_by=row[21],
        fallback=tuple(json.loads(row[22])),
        fallback_at=from_ms_or_none(row[23]),
        attachment=row[24],
    )
