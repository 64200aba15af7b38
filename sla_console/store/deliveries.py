"""Messages to look at: what was told of a breach, what people see, how long it took."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.alerts.alert import (
    AlertEvent,
    ChannelRecord,
    DeliveryState,
    Notified,
    OutboxMessage,
    WaitReason,
    Way,
)
from sla_console.store.database import Database
from sla_console.store.outbox_rows import CHANNEL_NAMES, COLUMNS, TELLS, message_of
from sla_console.store.timestamps import from_ms, from_ms_or_none, to_ms, to_ms_or_none

_FIRST_SHOWN: Final = (
    "state = 'dead'",
    "state IN ('gathering', 'pending', 'sending', 'unknown')",
    "state NOT IN ('dead', 'gathering', 'pending', 'sending', 'unknown')",
)
"""In three steps, because one order by all of it would read the whole history each time."""

_NOTIFIED: Final = (
    # Each carrier is called digest, as TELLS asks of it; any other one tells what it is about.
    "WITH RECURSIVE carried (mine, carrier, way) AS ("  # noqa: S608 - our own words
    "SELECT position, position, way FROM outbox WHERE breach_id = :breach "
    "UNION SELECT carried.mine, digest.position, 'digest' FROM carried "
    "JOIN outbox AS told ON told.position = carried.carrier "
    "JOIN outbox AS digest ON digest.message_key = told.superseded_by "
    "AND digest.event = 'digest' "
    # The copy of what is about one breach is about it as well; that of a digest is found by it.
    "UNION SELECT carried.mine, copy.position, copy.way FROM carried "
    "JOIN outbox AS told ON told.position = carried.carrier AND told.event = 'digest' "
    "JOIN outbox AS copy ON copy.copy_of = told.message_key) "
    "SELECT digest.channel, digest.person, carried.way, digest.state, mine.state, "
    "mine.wait_reason, digest.attempts, mine.urgent, digest.accepted_at, mine.created_at, "
    "digest.message_key, mine.event FROM carried JOIN outbox AS mine ON mine.position = carried.mine "
    "JOIN outbox AS digest ON digest.position = carried.carrier "
    # A message that a digest tells is nothing by itself.
    f"WHERE CASE WHEN carried.mine = carried.carrier THEN NOT EXISTS (SELECT 1 FROM outbox AS digest "
    f"WHERE digest.message_key = mine.superseded_by AND digest.event = 'digest' AND {TELLS}) "
    f"ELSE digest.event <> 'digest' OR ({TELLS}) END "
    "ORDER BY carried.mine, carried.carrier"
)


class DeliveryStore:
    """Reads the outbox, and keeps what is known of the channels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recent(self, limit: int) -> list[OutboxMessage]:
        """Return messages for people: dead ones, then owed ones, then the others, newest first."""
        found: list[OutboxMessage] = []
        for which in _FIRST_SHOWN:
            rows = await self._database.rows(
                f"SELECT {COLUMNS} FROM outbox WHERE {which} ORDER BY position DESC LIMIT :limit",  # noqa: S608
                {"limit": limit - len(found)},
            )
            found += [message_of(row) for row in rows]
        return found

    async def notified(self, breach_ids: Iterable[str]) -> list[Notified]:
        """Return who was notified of these breaches, or is to be, by which way; oldest first.

        What a digest tells is carried by the digest, and where that went another way, by its copy.
        """
        found = []
        for breach_id in breach_ids:
            rows = await self._database.rows(_NOTIFIED, {"breach": breach_id})
            found += [
                Notified(
                    breach_id=breach_id,
                    channel=row[0],
                    person=row[1],
                    way=Way(row[2]),
                    state=DeliveryState(row[3]),
                    own_state=DeliveryState(row[4]),
                    wait_reason=None if row[5] is None else WaitReason(row[5]),
                    attempts=row[6],
                    urgent=bool(row[7]),
                    accepted_at=from_ms_or_none(row[8]),
                    created_at=from_ms(row[9]),
                    key=row[10],
                    event=AlertEvent(row[11]),
                )
                for row in rows
            ]
        return found

    async def rings(
        self, channels: Sequence[str], since: datetime
    ) -> list[tuple[int, str, str, bool]]:
        """Return what the terminals' channels took: when, channel, title, urgent.

        When is in milliseconds, with three more digits that tell apart what was taken at once.
        """
        found: list[tuple[int, str, str, bool]] = []
        for channel in channels:
            rows = await self._database.rows(
                "SELECT accepted_at * 1000 + position % 1000, channel, title, urgent "
                "FROM outbox WHERE channel = :channel "
                "AND state = 'accepted' AND accepted_at >= :since ORDER BY accepted_at",
                {"channel": channel, "since": to_ms(since)},
            )
            found += [(row[0], row[1], row[2], bool(row[3])) for row in rows]
        return sorted(found)

    async def dwell(self, since: datetime) -> dict[str, list[timedelta]]:
        """Return, by channel, how long it took from each event until its message was accepted.

        Of what a digest tells, until the digest was. A quiet time does not count.
        """
        rows = await self._database.rows(
            f"{CHANNEL_NAMES} SELECT name, accepted_at - event_at FROM names "  # noqa: S608
            "CROSS JOIN outbox ON channel = name AND state = 'accepted' AND accepted_at >= :since "
            "WHERE event_at IS NOT NULL AND event NOT IN ('test', 'digest') "
            "UNION ALL SELECT mine.channel, digest.accepted_at - mine.event_at "
            "FROM outbox AS mine JOIN outbox AS digest ON digest.message_key = mine.superseded_by "
            "WHERE mine.state = 'superseded' AND mine.created_at >= :since "
            "AND mine.event_at IS NOT NULL "
            "AND digest.event = 'digest' AND digest.accepted_at IS NOT NULL",
            {"since": to_ms(since)},
        )
        found: dict[str, list[timedelta]] = {}
        for channel, took in rows:
            found.setdefault(channel, []).append(timedelta(milliseconds=max(0, took)))
        return found

    async def oldest_urgent(self) -> datetime | None:
        """Return since when the oldest urgent message waits; None: none does.

        One that gathers, or is held back on purpose, waits from the moment at which it should go.
        """
        row = await self._database.row(
            "SELECT MIN(CASE WHEN state = 'gathering' THEN next_at ELSE created_at END) FROM outbox "
            "WHERE urgent = 1 AND state IN ('gathering', 'pending', 'sending', 'unknown')"
        )
        return None if row is None else from_ms_or_none(row[0])

    async def last_by_group(self, since: datetime) -> dict[str, datetime]:
        """Return when each group was last told of something, or last had something to tell."""
        rows = await self._database.rows(
            "SELECT gather_group, MAX(created_at) FROM outbox WHERE created_at >= :since "
            "AND gather_group <> '' AND state IN ('pending', 'sending', 'unknown', 'accepted') "
            "GROUP BY gather_group",
            {"since": to_ms(since)},
        )
        return {group: from_ms(at) for group, at in rows}

    async def channels(self) -> dict[str, ChannelRecord]:
        """Return what is known of each channel, by its name."""
        rows = await self._database.rows(
            "SELECT name, failures, open_since, probe_at, broken, canary_at, canary_error, "
            "paused_until FROM channel"
        )
        return {
            row[0]: ChannelRecord(
                row[0],
                row[1],
                from_ms_or_none(row[2]),
                from_ms_or_none(row[3]),
                row[4],
                from_ms_or_none(row[5]),
                row[6],
                from_ms_or_none(row[7]),
            )
            for row in rows
        }

    async def save_channel(self, record: ChannelRecord) -> None:
        """Keep what is known of a channel."""
        async with self._database.transaction() as transaction:
            await transaction.run(
                "INSERT INTO channel (name, failures, open_since, probe_at, broken, canary_at, "
                "canary_error, paused_until) VALUES (:name, :failures, :open_since, :probe_at, "
                ":broken, :canary_at, :canary_error, :paused_until) ON CONFLICT (name) DO UPDATE SET "
                "failures = excluded.failures, open_since = excluded.open_since, "
                "probe_at = excluded.probe_at, broken = excluded.broken, "
                "canary_at = excluded.canary_at, canary_error = excluded.canary_error, "
                "paused_until = excluded.paused_until",
                {
                    "name": record.channel,
                    "failures": record.failures,
                    "open_since": to_ms_or_none(record.open_since),
                    "probe_at": to_ms_or_none(record.probe_at),
                    "broken": record.broken,
                    "canary_at": to_ms_or_none(record.canary_at),
                    "canary_error": record.canary_error,
                    "paused_until": to_ms_or_none(record.paused_until),
                },
            )
