"""All tickets with their lives, a page at a time, so that a year of them never fills the memory."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sla_console.domain.sla.verdict import Verdict
from sla_console.domain.tickets.sighting import Sighting
from sla_console.domain.tickets.ticket import Hold
from sla_console.domain.tickets.ticket_history import StoredHistory
from sla_console.store.among import AMONG, among
from sla_console.store.database import Database
from sla_console.store.holds import hold_of
from sla_console.store.ticket_history import SIGHT, sighting_of
from sla_console.store.tickets import COLUMNS, tickets_of
from sla_console.store.timestamps import from_ms, from_ms_or_none, to_ms
from sla_console.store.verdicts import COLUMNS as VERDICTS
from sla_console.store.verdicts import verdict_of

_LONGEST: Final = timedelta(days=366)
"""No target that the console computes leaves more time than this when its ticket ends."""
# What the console has judged is found by its verdict. What is open may fall due at any time, since
# computed due times are not stored. What ended before there were verdicts is found by its due
# times, or else by its end, after which no due time moves any more, however old the ticket is.
_DUE: Final = """
SELECT ticket_id AS id FROM verdict WHERE due >= :start AND due < :end
UNION
SELECT id FROM ticket
WHERE closed_at IS NULL AND (created_at IS NULL OR created_at < :end)
UNION
SELECT id FROM ticket
WHERE closed_at IS NOT NULL AND (created_at IS NULL OR created_at < :end)
    AND (response_due >= :start OR resolution_due >= :start
        OR ((response_due IS NULL OR resolution_due IS NULL) AND closed_at >= :early))
    AND NOT EXISTS (
        SELECT 1 FROM verdict
        WHERE verdict.ticket_id = ticket.id AND verdict.breach_type = 'RESOLUTION'
            AND verdict.written_at IS NOT NULL
    )
ORDER BY id
"""
# A target is settled while its ticket is open, or at its end.
_SETTLED: Final = """
SELECT ticket_id AS id FROM verdict WHERE fell_at >= :start AND fell_at < :end
UNION
SELECT id FROM ticket
WHERE (closed_at IS NULL OR closed_at >= :start) AND (created_at IS NULL OR created_at < :end)
ORDER BY id
"""


class PageStore:
    """Tickets for reports and figures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due_between(self, start: datetime, end: datetime) -> list[str]:
        """Return the ids of all tickets that may have a target due in [start, end), in order."""
        return await self._ids(_DUE, start, end)

    async def settled_between(self, start: datetime, end: datetime) -> list[str]:
        """Return the ids of all tickets that may have a target settled or open in [start, end)."""
        return await self._ids(_SETTLED, start, end)

    async def _ids(self, query: str, start: datetime, end: datetime) -> list[str]:
        params = {"start": to_ms(start), "end": to_ms(end), "early": to_ms(start - _LONGEST)}
        return [row[0] for row in await self._database.rows(query, params)]

    async def dues(self) -> tuple[datetime, datetime] | None:
        """Return the first and the last due time that is known; None: there is none."""
        row = await self._database.row(
            "SELECT min(due), max(due) FROM (SELECT response_due AS due FROM ticket "
            "UNION ALL SELECT resolution_due FROM ticket UNION ALL SELECT due FROM verdict)"
        )
        if row is None or row[0] is None:
            return None
        return from_ms(row[0]), from_ms(row[1])

    async def names(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return all names that clients and technicians had by id, the latest of each last."""
        return await self._names("client"), await self._names("technician")

    async def _names(self, kind: str) -> list[tuple[str, str]]:
        rows = await self._database.rows(
            f"SELECT id, name FROM ("  # noqa: S608 - our own names
            f"SELECT {kind}_id AS id, {kind} AS name, max(coalesce(updated_at, 0)) AS at "
            f"FROM ticket GROUP BY 1, 2 "
            f"UNION ALL SELECT {kind}_id, {kind}, max(fell_at) FROM verdict GROUP BY 1, 2 "
            f"UNION ALL SELECT id, name, {to_ms(datetime.max.replace(tzinfo=UTC))} FROM {kind}"
            f") WHERE id IS NOT NULL AND name IS NOT NULL ORDER BY at, name"
        )
        return [(identity, name) for identity, name in rows]

    async def lives(self, ids: Sequence[str]) -> list[StoredHistory]:
        """Return some tickets with all that was seen and judged of them."""
        params = among(ids)
        rows = await self._database.rows(
            f"SELECT gone_at, {COLUMNS} FROM ticket WHERE id {AMONG} ORDER BY id",  # noqa: S608
            params,
        )
        tickets = tickets_of([row[1:] for row in rows])
        sightings: dict[str, list[Sighting]] = {}
        for row in await self._database.rows(
            f"SELECT {SIGHT} FROM sighting WHERE ticket_id {AMONG} ORDER BY ticket_id, at",  # noqa: S608
            params,
        ):
            sightings.setdefault(row[0], []).append(sighting_of(row))
        holds: dict[str, list[Hold]] = {}
        for ticket_id, *values in await self._database.rows(
            f"SELECT ticket_id, began_at, ended_at, why, resolution_due FROM hold "  # noqa: S608
            f"WHERE ticket_id {AMONG} ORDER BY ticket_id, began_at",
            params,
        ):
            holds.setdefault(ticket_id, []).append(hold_of(*values))
        verdicts: dict[str, list[Verdict]] = {}
        for row in await self._database.rows(
            f"SELECT {VERDICTS} FROM verdict WHERE ticket_id {AMONG} "  # noqa: S608
            "ORDER BY ticket_id, breach_type DESC, cycle, revision",
            params,
        ):
            verdicts.setdefault(row[0], []).append(verdict_of(row))
        return [
            StoredHistory(
                ticket,
                tuple(sightings.get(ticket.id, ())),
                tuple(holds.get(ticket.id, ())),
                tuple(verdicts.get(ticket.id, ())),
                from_ms_or_none(row[0]),
            )
            for row, ticket in zip(rows, tickets, strict=True)
        ]
