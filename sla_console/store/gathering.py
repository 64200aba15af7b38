"""Messages that wait before their time: to be told together, or for fresh data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sla_console.domain.alerts.alert import OutboxMessage
from sla_console.store.connection import Params
from sla_console.store.database import Database
from sla_console.store.outbox_rows import (
    COLUMNS,
    digest_goes,
    insert,
    may_go,
    message_of,
    params_of,
)
from sla_console.store.timestamps import from_ms_or_none, to_ms

TOGETHER: Final = "told together with others"
"""Why a message ended that a digest tells."""

_LEAVE_OUT: Final = (
    "WITH RECURSIVE inside (message_key) AS (SELECT :superseded_by UNION "
    "SELECT part.message_key FROM inside JOIN outbox AS part "
    "ON part.superseded_by = inside.message_key AND part.event = 'digest') "
    "UPDATE outbox SET state = :state, why = :why, wait_reason = :wait_reason, "
    "attempts = :attempts, superseded_by = :superseded_by "
    "WHERE superseded_by IN (SELECT message_key FROM inside) AND event = :event "
    "AND breach_id IS :breach_id AND ticket_id IS :ticket_id RETURNING position"
)


class GatheringStore:
    """The part of the outbox that no channel claims yet."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def next_gathering(self) -> datetime | None:
        """Return when the next of what gathers shall be told; None: nothing that has a time."""
        row = await self._database.row(
            "SELECT MIN(next_at) FROM outbox WHERE state = 'gathering' "
            "AND COALESCE(wait_reason, '') <> 'fresh data'"
        )
        return None if row is None else from_ms_or_none(row[0])

    async def gathering(self) -> list[OutboxMessage]:
        """Return what waits to be told together, oldest first."""
        return await self._messages("state = 'gathering' ORDER BY position", {})

    async def release(self, keys: Sequence[str], now: datetime) -> None:
        """Let what gathered go out by itself."""
        async with self._database.transaction() as transaction:
            for key in keys:
                await transaction.run(
                    # Its channel has as long as always, however late it goes.
                    "UPDATE outbox SET state = 'pending', next_at = :now, why = NULL, "
                    "fallback_at = fallback_at + MAX(0, :now - next_at), "
                    "wait_reason = NULL WHERE message_key = :key AND state = 'gathering'",
                    {"key": key, "now": to_ms(now)},
                )
                await may_go(transaction, key)

    async def merge(self, digest: OutboxMessage, keys: Sequence[str]) -> bool:
        """Put one message in place of several that wait, all or nothing.

        Returns:
            False if none of them waits any more; then nothing is written.
        """
        async with self._database.transaction() as transaction:
            merged = 0
            for key in keys:
                row = await transaction.row(
                    "UPDATE outbox SET state = 'superseded', superseded_by = :digest, next_at = NULL, "
                    "fallback_at = NULL, why = :why, wait_reason = NULL WHERE message_key = :key "
                    "AND state IN ('gathering', 'pending', 'unknown') RETURNING position",
                    {"key": key, "digest": digest.key, "why": TOGETHER},
                )
                merged += row is not None
            if merged:
                await insert(transaction, [digest])
                await digest_goes(transaction, digest.key)
        return merged > 0

    async def leave_out(self, digest: OutboxMessage, left: Sequence[OutboxMessage]) -> None:
        """Note what a digest tells no more; each part of it ends as it would have by itself.

        Args:
            digest: With what it still tells.
            left: What it leaves out, each as a message; one that was merged into the digest is
                stored already and keeps its key.
        """
        async with self._database.transaction() as transaction:
            notice = params_of(digest)["notice"]
            await transaction.run(
                "UPDATE outbox SET notice = :notice, title = :title WHERE message_key = :key",
                {"key": digest.key, "notice": notice, "title": digest.title},
            )
            for message in left:
                rows = await transaction.rows(_LEAVE_OUT, params_of(message))
                if not rows:
                    await insert(transaction, [message])

    async def hold_for_fresh_data(self, since: datetime, why: str) -> int:
        """Let what gathers for others wait for fresh data; return how much that is.

        What is urgent gathers for a moment only, and is left alone.

        Args:
            since: What was queued at this moment or later follows from old data.
            why: What is said of it meanwhile.
        """
        async with self._database.transaction() as transaction:
            rows = await transaction.rows(
                "UPDATE outbox SET next_at = NULL, fallback_at = NULL, why = :why, "
                "wait_reason = 'fresh data' "
                "WHERE state = 'gathering' AND wait_reason = 'group' AND urgent = 0 "
                "AND created_at >= :since "
                "AND event IN ('warning', 'breach', 'escalation', 'forecast') RETURNING position",
                {"since": to_ms(since), "why": why},
            )
        return len(rows)

    async def held_for_fresh_data(self) -> int:
        """Return how many messages wait because what they tell may be old."""
        row = await self._database.row(
            "SELECT COUNT(*) FROM outbox WHERE state = 'gathering' AND wait_reason = 'fresh data'"
        )
        return 0 if row is None else int(row[0])

    async def data_is_fresh(self, now: datetime) -> None:
        """Let what waited for fresh data be told together, as far as it is still true."""
        async with self._database.transaction() as transaction:
            await transaction.run(
                # Whoever takes it otherwise has as long as always, from now on.
                "UPDATE outbox SET next_at = MAX(COALESCE(next_at, :now), :now), "
                # The hours that it waited for may have passed, and are looked at when it goes.
                "why = CASE WHEN next_at IS NOT NULL THEN 'quiet until the client opens' END, "
                "wait_reason = CASE WHEN next_at IS NULL THEN 'group' ELSE 'quiet hours' END, "
                "fallback_at = fallback_at + :now - created_at "
                "WHERE state = 'gathering' AND wait_reason = 'fresh data'",
                {"now": to_ms(now)},
            )

    async def _messages(self, where: str, params: Params) -> list[OutboxMessage]:
        rows = await self._database.rows(f"SELECT {COLUMNS} FROM outbox WHERE {where}", params)  # noqa: S608
        return [message_of(row) for row in rows]
