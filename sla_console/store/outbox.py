"""Messages that wait for their channels. Delivery is at least once; the key is unique."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain import fault_points
from sla_console.domain.alerts.alert import DeliveryState, OutboxMessage, OutboxRecord, WaitReason
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.store import audit as audit_rows
from sla_console.store.connection import Params
from sla_console.store.gathering import TOGETHER, GatheringStore
from sla_console.store.lease import require
from sla_console.store.outbox_rows import (
    CHANNEL_NAMES,
    COLUMNS,
    TELLS,
    inherit,
    insert,
    message_of,
    params_of,
)
from sla_console.store.timestamps import from_ms_or_none, to_ms

_OWED: Final = "('gathering', 'pending', 'sending', 'unknown')"
_IN_ORDER: Final = (
    # Within one alert what went before must have ended first.
    "NOT EXISTS (SELECT 1 FROM outbox AS before WHERE before.thread = outbox.thread "
    "AND outbox.thread <> '' AND before.channel = outbox.channel "
    "AND before.position < outbox.position "
    "AND before.state IN ('pending', 'unknown', 'sending'))"
)
_DUE: Final = (
    "channel = :channel AND ((state IN ('pending', 'unknown') "
    "AND (next_at IS NULL OR next_at <= :now)) OR (state = 'sending' AND lease_until <= :now)) "
    f"AND {_IN_ORDER}"
)
_CLAIM: Final = (
    f"UPDATE outbox SET state = 'sending', attempts = attempts + 1, lease_until = :until "  # noqa: S608 - our own words
    f"WHERE position IN (SELECT position FROM outbox WHERE {_DUE} "
    f"ORDER BY urgent DESC, created_at, position LIMIT :limit) RETURNING {COLUMNS}, position"
)
_USELESS: Final = "expires_at <= :now AND state IN ('gathering', 'pending', 'unknown')"
_NEWER: Final = (
    "SELECT newer.message_key FROM outbox AS newer WHERE newer.thread = outbox.thread "
    "AND outbox.thread <> '' AND newer.channel = outbox.channel "
    "AND newer.position > outbox.position AND newer.state = 'pending' "
    "AND (outbox.event <> 'recovery' OR newer.event NOT IN ('warning', 'forecast'))"
)
_DEAD: Final = "state = 'dead', next_at = NULL, fallback_at = NULL, last_error = :error"
_THIS_TRY: Final = " AND state = 'sending' AND attempts = :attempts"
_OF_DIGEST: Final = {
    "accepted_at": "COALESCE(mine.accepted_at, digest.accepted_at)",
    "why": (
        "CASE WHEN digest.message_key IS NULL THEN mine.why "
        f"ELSE COALESCE(mine.why, '{TOGETHER}') || ': ' || digest.state END"
    ),
}
_WITH_DIGEST: Final = ", ".join(
    _OF_DIGEST.get(name, f"mine.{name}") for name in COLUMNS.split(", ")
)


class OutboxStore(GatheringStore):
    """The queue of messages, and what became of them."""

    async def enqueue(self, messages: Sequence[OutboxMessage]) -> int:
        """Add messages and return how many were new; a key that is known stays as it is."""
        if not messages:
            return 0
        async with self._database.transaction() as transaction:
            return await insert(transaction, messages)

    async def claim(
        self, channel: str, now: datetime, lease: timedelta, limit: int, term: int | None = None
    ) -> list[OutboxMessage]:
        """Take the next messages of a channel to send them: urgent ones first, then the oldest.

        Each is taken by one caller only, until it reports what became of it or its lease runs out;
        then it may be sent again. Of one alert, the next waits until the one before has ended.

        Args:
            channel: Whose messages.
            now: This moment; nothing that is due later is taken.
            lease: How long the caller may take to report.
            limit: The most to take.
            term: Under which the caller leads; None: needs no lease.

        Raises:
            LostLease: if another term has begun.
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
            await require(transaction, term)
            fault_points.hit("outbox.claim")
            rows = await transaction.rows(_CLAIM, params)
        fault_points.hit("outbox.claimed")
        rows.sort(key=lambda row: (-row[7], row[6], row[-1]))
        return [replace(message_of(row), number=row[-1]) for row in rows]

    async def accepted(
        self, message: OutboxMessage, now: datetime, fault: str | None = None
    ) -> None:
        """Note that the channel took a message.

        Args:
            message: As it was claimed.
            now: When.
            fault: Why it was told in plain words only, if it was.
        """
        fault_points.hit("outbox.accept")
        await self._set(
            "state = 'accepted', accepted_at = :at, next_at = NULL, last_error = NULL, "
            "fallback_at = NULL, why = COALESCE(:fault, why)",
            {"key": message.key, "at": to_ms(now), "fault": fault},
        )

    async def retry(
        self, message: OutboxMessage, next_at: datetime, error: str | None, *, unknown: bool = False
    ) -> None:
        """Note that a message was not taken, why, and when to try again.

        Where something newer about the same promise waits for the same channel, it is not tried
        again: the newer one says it all.

        Args:
            message: As it was claimed; one that was claimed again since is left alone.
            next_at: When.
            error: Why.
            unknown: It may have arrived all the same.
        """
        params: Params = {
            "key": message.key,
            "attempts": message.attempts,
            "at": to_ms(next_at),
            "error": error,
            "state": DeliveryState.UNKNOWN if unknown else DeliveryState.PENDING,
        }
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                f"UPDATE outbox SET state = CASE WHEN EXISTS ({_NEWER}) THEN 'superseded' "  # noqa: S608
                f"ELSE :state END, superseded_by = ({_NEWER} LIMIT 1), next_at = :at, "
                f"last_error = :error, lease_until = NULL WHERE message_key = :key{_THIS_TRY} "
                "RETURNING state, superseded_by",
                params,
            )
            if row is not None and row[0] == DeliveryState.SUPERSEDED:
                await inherit(transaction, str(row[1]))

    async def dead(self, message: OutboxMessage, error: str | None) -> None:
        """Give a message up. It stays visible, with the reason."""
        await self._set(
            _DEAD,
            {"key": message.key, "attempts": message.attempts, "error": error},
        )

    async def settle(
        self,
        key: str,
        state: DeliveryState,
        why: str | None,
        superseded_by: str | None = None,
        reason: WaitReason | None = None,
    ) -> None:
        """End a message that is not sent: superseded, suppressed or expired, and why."""
        await self._set(
            "state = :state, why = :why, wait_reason = :reason, superseded_by = :superseded_by, "
            "next_at = NULL, fallback_at = NULL",
            {
                "key": key,
                "state": state,
                "why": why,
                "reason": reason,
                "superseded_by": superseded_by,
            },
        )

    async def expire(self, now: datetime) -> int:
        """End what is of no use any more; return how many."""
        params: Params = {"now": to_ms(now)}
        # Asked every second and mostly in vain, so first without the write lock.
        if (
            await self._database.row(f"SELECT 1 FROM outbox WHERE {_USELESS} LIMIT 1", params)  # noqa: S608
            is None
        ):
            return 0
        async with self._database.transaction() as transaction:
            rows = await transaction.rows(
                "UPDATE outbox SET state = 'expired', next_at = NULL, fallback_at = NULL, "  # noqa: S608
                f"why = 'it came too late to be of use' WHERE {_USELESS} RETURNING position",
                params,
            )
        return len(rows)

    async def hasten(self, by: timedelta) -> None:
        """Let what waits for a span of time wait so much less; what waits for a time of day does."""
        async with self._database.transaction() as transaction:
            await transaction.run(
                "UPDATE outbox SET next_at = next_at - :by, fallback_at = fallback_at - :by, "  # noqa: S608 - our own words
                f"lease_until = lease_until - :by WHERE state IN {_OWED} "
                "AND COALESCE(wait_reason, '') NOT IN ('quiet hours', 'fresh data')",
                {"by": by // timedelta(milliseconds=1)},
            )

    async def clock_is_right(self, now: datetime, longest: timedelta) -> None:
        """Let what began to wait by a clock that was ahead wait no longer; it is right from now on.

        Args:
            now: The moment.
            longest: What waits for longer than this from now was not meant to.
        """
        async with self._database.transaction() as transaction:
            await transaction.run(
                "UPDATE outbox SET next_at = MIN(next_at, :now), "  # noqa: S608 - our own words
                "lease_until = MIN(lease_until, :now), fallback_at = MIN(fallback_at, :now) "
                f"WHERE state IN {_OWED} AND MAX(COALESCE(next_at, 0), COALESCE(lease_until, 0)) > :most "
                "AND COALESCE(wait_reason, '') NOT IN ('quiet hours', 'fresh data')",
                {"now": to_ms(now), "most": to_ms(now + longest)},
            )

    async def late(self, now: datetime) -> list[OutboxMessage]:
        """Return what no channel has taken by the time at which another is to be tried."""
        return await self._messages(
            f"fallback_at <= :now AND state IN {_OWED} "
            "AND COALESCE(wait_reason, '') <> 'fresh data' ORDER BY position",
            {"now": to_ms(now)},
        )

    async def held_up(self, channel: str) -> list[OutboxMessage]:
        """Return what is urgent, waits for a channel and has another to go to."""
        return await self._messages(
            "urgent = 1 AND state = 'pending' AND fallback_at IS NOT NULL "
            "AND channel = :channel ORDER BY position",
            {"channel": channel},
        )

    async def stranded(self, channels: Collection[str]) -> list[OutboxMessage]:
        """Return what is owed to channels other than these, oldest first."""
        owed = await self._database.rows(
            f"SELECT DISTINCT channel FROM outbox WHERE state IN {_OWED}"  # noqa: S608
        )
        found: list[OutboxMessage] = []
        for (name,) in owed:
            if name not in channels:
                where = f"channel = :channel AND state IN {_OWED} ORDER BY position"
                found += await self._messages(where, {"channel": name})
        return found

    async def strand(self, key: str, error: str) -> None:
        """Give up a message that no channel will ever claim. It stays visible, with the reason."""
        await self._set(
            _DEAD,
            {"key": key, "error": error},
        )

    async def fall_back(self, key: str, other: OutboxMessage | None) -> bool:
        """Queue a message once more for another channel; return whether that was new.

        Args:
            key: The message that was not taken; it is not asked about again.
            other: Its copy for the other channel; None: there is none left.
        """
        async with self._database.transaction() as transaction:
            await transaction.run(
                "UPDATE outbox SET fallback_at = NULL, fallback = '[]' WHERE message_key = :key",
                {"key": key},
            )
            return other is not None and await insert(transaction, [other]) > 0

    async def requeue(self, message: OutboxMessage, audit: AuditEntry) -> None:
        """Write a message anew over the stored one, because a person said so."""
        async with self._database.transaction() as transaction:
            await transaction.run(
                "UPDATE outbox SET state = :state, attempts = :attempts, next_at = :next_at, "
                "lease_until = NULL, why = :why, wait_reason = :wait_reason, "
                "superseded_by = :superseded_by, fallback_at = NULL "
                "WHERE message_key = :message_key",
                params_of(message),
            )
            await audit_rows.insert(transaction, [audit])

    async def reroute(
        self, message: OutboxMessage, other: OutboxMessage, audit: AuditEntry
    ) -> None:
        """End a message and queue it for another channel, because a person said so."""
        async with self._database.transaction() as transaction:
            await transaction.run(
                "UPDATE outbox SET state = 'superseded', superseded_by = :other, next_at = NULL, "
                "lease_until = NULL, fallback_at = NULL, why = :why WHERE message_key = :key",
                {"key": message.key, "other": other.key, "why": f"sent through {other.channel}"},
            )
            await insert(transaction, [other])
            await audit_rows.insert(transaction, [audit])

    async def prune(self, before: datetime) -> int:
        """Drop what was settled before a moment and is about no ticket; return how many."""
        async with self._database.transaction() as transaction:
            rows = await transaction.rows(
                "DELETE FROM outbox WHERE ticket_id IS NULL AND created_at < :before "  # noqa: S608
                f"AND state NOT IN {_OWED} RETURNING position",
                {"before": to_ms(before)},
            )
        return len(rows)

    async def attachments_owed(self) -> set[str]:
        """Return the files of what shall still be sent."""
        rows = await self._database.rows(
            "SELECT DISTINCT attachment FROM outbox "  # noqa: S608 - our own words
            f"WHERE attachment IS NOT NULL AND state IN {_OWED}"
        )
        return {str(path) for (path,) in rows}

    async def get(self, key: str) -> OutboxMessage | None:
        """Return one message."""
        found = await self._messages("message_key = :key", {"key": key})
        return found[0] if found else None

    async def records(self) -> list[OutboxRecord]:
        """Return for each channel how many messages are where, by channel name.

        The last error is that of the newest message that was not taken (yet).
        """
        # Asked every second, so from what is owed and from the index, not from the whole history.
        counts = await self._database.rows(
            f"{CHANNEL_NAMES} SELECT name, "  # noqa: S608 - our own words
            f"(SELECT COUNT(*) FROM outbox WHERE channel = name AND state IN {_OWED}), "
            "(SELECT COUNT(*) FROM outbox WHERE channel = name AND state = 'dead'), "
            "(SELECT MAX(accepted_at) FROM outbox WHERE channel = name AND state = 'accepted') "
            "FROM names WHERE name IS NOT NULL"
        )
        errors: dict[str, str] = dict(
            await self._database.rows(
                "SELECT channel, last_error FROM outbox "
                "WHERE state IN ('pending', 'sending', 'unknown', 'dead') "
                "AND last_error IS NOT NULL ORDER BY position"
            )
        )
        return [
            OutboxRecord(channel, waiting, dead, from_ms_or_none(last), errors.get(channel))
            for channel, waiting, dead, last in counts
        ]

    async def for_ticket(self, ticket_id: str) -> list[OutboxMessage]:
        """Return all messages about a ticket, newest first.

        One that a digest tells says when that was accepted, and what else became of it.
        """
        rows = await self._database.rows(
            f"SELECT {_WITH_DIGEST} FROM outbox AS mine LEFT JOIN outbox AS digest "  # noqa: S608
            "ON digest.message_key = mine.superseded_by AND digest.event = 'digest' "
            f"AND {TELLS} WHERE mine.ticket_id = :ticket_id ORDER BY mine.created_at DESC, mine.position DESC",
            {"ticket_id": ticket_id},
        )
        return [message_of(row) for row in rows]

    async def waiting(self, channel: str) -> int:
        """Return how many messages wait to be sent through a channel, due or not."""
        row = await self._database.row(
            "SELECT COUNT(*) FROM outbox WHERE channel = :channel AND state = 'pending'",
            {"channel": channel},
        )
        return 0 if row is None else int(row[0])

    async def due(self, channel: str, now: datetime) -> list[OutboxMessage]:
        """Return what a channel may be given now, urgent ones first, then the oldest."""
        params: Params = {"channel": channel, "now": to_ms(now)}
        return await self._messages(f"{_DUE} ORDER BY urgent DESC, created_at, position", params)

    async def next_due(self, channel: str) -> datetime | None:
        """Return when the next message of a channel may be sent; None if none waits.

        That is its next attempt, or the end of the lease of one that is being sent. What waits for
        another of its alert comes after that one.
        """
        row = await self._database.row(
            "SELECT MIN(CASE WHEN state = 'sending' THEN lease_until "  # noqa: S608 - our own words
            "ELSE COALESCE(next_at, created_at) END) FROM outbox "
            f"WHERE channel = :channel AND state IN ('pending', 'unknown', 'sending') AND {_IN_ORDER}",
            {"channel": channel},
        )
        return None if row is None else from_ms_or_none(row[0])

    async def _set(self, changes: str, params: Params) -> None:
        """Change one message; with ``attempts``, only while that try of it is under way."""
        mine = _THIS_TRY if "attempts" in params else ""
        async with self._database.transaction() as transaction:
            await transaction.run(
                f"UPDATE outbox SET {changes}, lease_until = NULL WHERE message_key = :key{mine}",  # noqa: S608
                params,
            )
