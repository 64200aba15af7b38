"""How a message lies in its table."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sla_console.domain.alerts.alert import (
    AlertEvent,
    DeliveryState,
    OutboxMessage,
    WaitReason,
    Way,
)
from sla_console.domain.alerts.notification import from_document, to_document
from sla_console.store.connection import Params, Row
from sla_console.store.database import Transaction
from sla_console.store.timestamps import from_ms, from_ms_or_none, to_ms, to_ms_or_none

COLUMNS: Final = (
    "message_key, channel, event, title, body, ticket_id, created_at, urgent, state, attempts, "
    "next_at, lease_until, accepted_at, last_error, notice, thread, gather_group, expires_at, "
    "person, rule, why, superseded_by, fallback, fallback_at, attachment, wait_reason, way, "
    "copy_of, on_call"
)
"""In the order of ``OutboxMessage``'s fields."""

CHANNEL_NAMES: Final = (
    "WITH RECURSIVE names (name) AS (SELECT MIN(channel) FROM outbox UNION ALL "
    "SELECT (SELECT MIN(channel) FROM outbox WHERE channel > name) FROM names "
    "WHERE name IS NOT NULL)"
)
"""The channels that messages were for, found in the index by leaps: the history is not read."""

TELLS: Final = (
    "(digest.state <> 'superseded' OR digest.superseded_by IS NOT NULL) AND (digest.notice IS NULL "
    "OR json_extract(digest.notice, '$.total') > json_array_length(digest.notice, '$.members') "
    "OR EXISTS (SELECT 1 FROM json_each(digest.notice, '$.members') AS member "
    "WHERE json_extract(member.value, '$.event') = mine.event "
    "AND json_extract(member.value, '$.breach_id') IS mine.breach_id "
    "AND json_extract(member.value, '$.ticket_id') IS mine.ticket_id))"
)
"""Whether ``digest`` tells what ``mine`` does: it may have left it out when it went."""

_NAMES: Final = (*COLUMNS.split(", "), "breach_id", "event_at")
_INSERT: Final = (
    f"INSERT INTO outbox (position, {', '.join(_NAMES)}) "  # noqa: S608 - our own names
    f"VALUES ((SELECT COALESCE(MAX(position), 0) + 1 FROM outbox), "
    f"{', '.join('?' for _ in _NAMES)}) ON CONFLICT (message_key) DO NOTHING"
)
_OLDER: Final = (
    "old.thread = new.thread AND old.channel = new.channel AND old.position < new.position "
    "AND old.state IN ('gathering', 'pending', 'unknown') "
    # That something is soon due does not say that what was broken before is over.
    "AND (old.event <> 'recovery' OR new.event NOT IN ('warning', 'forecast'))"
)
_SUPERSEDE: Final = (
    "UPDATE outbox SET state = 'superseded', lease_until = NULL, next_at = NULL, why = :why, "  # noqa: S608 - our own words
    "wait_reason = NULL, superseded_by = (SELECT newest.message_key FROM outbox AS newest "
    "WHERE newest.thread = outbox.thread AND newest.channel = outbox.channel "
    "AND newest.state = 'pending' AND newest.position > outbox.position "
    "ORDER BY newest.position DESC LIMIT 1) WHERE position IN (SELECT old.position "
    # Only a message that can go may stand in for another; one that is held back says nothing yet.
    f"FROM outbox AS new JOIN outbox AS old ON {_OLDER} "
    "WHERE new.{which} AND new.thread <> '' AND +new.state = 'pending')"
)
_SUPERSEDE_BY_DIGEST: Final = (
    "UPDATE outbox SET state = 'superseded', lease_until = NULL, next_at = NULL, why = :why, "  # noqa: S608
    "wait_reason = NULL, superseded_by = :key WHERE position IN (SELECT old.position "
    f"FROM outbox AS new JOIN outbox AS old ON {_OLDER} "
    "WHERE new.superseded_by = :key AND new.thread <> '')"
)
_WAITED: Final = (
    "FROM outbox AS old WHERE old.superseded_by = outbox.message_key "
    "AND old.channel = outbox.channel AND old.state = 'superseded' AND old.fallback_at IS NOT NULL"
)
_INHERIT: Final = (
    f"UPDATE outbox SET fallback = CASE WHEN fallback <> '[]' THEN fallback ELSE "  # noqa: S608 - our own words
    f"(SELECT old.fallback {_WAITED} ORDER BY old.position DESC LIMIT 1) END, "
    f"fallback_at = (SELECT MIN(MIN(old.fallback_at, COALESCE(outbox.fallback_at, old.fallback_at))) "
    f"{_WAITED}) WHERE {{which}} AND event <> 'recovery' "
    # The plus keeps to the few newest by their position, whatever waits in that state.
    f"AND +state = 'pending' AND EXISTS (SELECT 1 {_WAITED})"
)
_SINCE: Final = "position > :before"
_ONE: Final = "message_key = :key"
_SAID_ELSEWHERE: Final = "something newer about the same promise was told instead"


async def insert(transaction: Transaction, messages: Sequence[OutboxMessage]) -> int:
    """Add messages inside a transaction and return how many were new.

    A key that is known stays as it is. What is still owed to the same channel about the same
    promise is superseded by a newer message that can go: the newest says it all.
    """
    if not messages:
        return 0
    before = await _last(transaction)
    await transaction.many(_INSERT, (_values(message) for message in messages))
    new = await _last(transaction) - before
    if new and any(message.thread for message in messages):
        await _supersede(transaction, _SINCE, {"before": before})
    return new


async def may_go(transaction: Transaction, key: str) -> None:
    """Let a message that can go from now on stand in for what is still owed of the same promise."""
    await _supersede(transaction, _ONE, {"key": key})


async def digest_goes(transaction: Transaction, key: str) -> None:
    """Let a digest replace older unsent messages about the promises that it names."""
    await transaction.run(_SUPERSEDE_BY_DIGEST, {"key": key, "why": _SAID_ELSEWHERE})
    await transaction.run(_INHERIT.format(which=_ONE), {"key": key})


async def _supersede(transaction: Transaction, which: str, params: Params) -> None:
    await transaction.run(_SUPERSEDE.format(which=which), {**params, "why": _SAID_ELSEWHERE})
    await transaction.run(_INHERIT.format(which=which), params)


async def inherit(transaction: Transaction, key: str) -> None:
    """Give what stands in for others their other channel, at their time: it waits no longer for that.

    Else a channel that is down would be waited for anew with each message. That it is over is no
    reason to try another.

    Args:
        transaction: Where it is written.
        key: The message that stands in.
    """
    await transaction.run(_INHERIT.format(which=_ONE), {"key": key})


async def _last(transaction: Transaction) -> int:
    """Return the highest position: rows are only ever added at the end."""
    row = await transaction.row("SELECT COALESCE(MAX(position), 0) FROM outbox")
    return 0 if row is None else int(row[0])


def params_of(message: OutboxMessage) -> Params:
    """Return a message as the table has it, by column."""
    return dict(zip(_NAMES, _values(message), strict=True))


def _values(message: OutboxMessage) -> Row:
    """Return a message as the table has it, in the order of ``_NAMES``."""
    notification = message.notification
    return (
        message.key,
        message.channel,
        message.event,
        message.title,
        message.body,
        message.ticket_id,
        to_ms(message.created_at),
        message.urgent,
        message.state,
        message.attempts,
        to_ms_or_none(message.next_at),
        to_ms_or_none(message.lease_until),
        to_ms_or_none(message.accepted_at),
        message.last_error,
        None if notification is None else json.dumps(to_document(notification)),
        message.thread,
        message.group,
        to_ms_or_none(message.expires_at),
        message.person,
        message.rule,
        message.why,
        message.superseded_by,
        _names(message.fallback),
        to_ms_or_none(message.fallback_at),
        message.attachment,
        message.wait_reason,
        message.way,
        message.copy_of,
        _names(message.on_call),
        None if notification is None else notification.breach_id,
        to_ms_or_none(_counts_from(message)),
    )


def _names(names: tuple[str, ...]) -> str:
    return json.dumps(names) if names else "[]"


def _counts_from(message: OutboxMessage) -> datetime | None:
    """Return from when it counts how long a message took; None: it does not count.

    What waits for a quiet time to end takes no longer for that: it is held back on purpose. What is
    queued as part of another already repeats what was told.
    """
    if message.notification is None or message.state is DeliveryState.SUPERSEDED:
        return None
    return (message.next_at if message.held else None) or message.notification.at


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
        notification=None if row[14] is None else from_document(json.loads(row[14])),
        thread=row[15],
        group=row[16],
        expires_at=from_ms_or_none(row[17]),
        person=row[18],
        rule=row[19],
        why=row[20],
        superseded_by=row[21],
        fallback=tuple(json.loads(row[22])),
        fallback_at=from_ms_or_none(row[23]),
        attachment=row[24],
        wait_reason=None if row[25] is None else WaitReason(row[25]),
        way=Way(row[26]),
        copy_of=row[27],
        on_call=tuple(json.loads(row[28])),
    )
