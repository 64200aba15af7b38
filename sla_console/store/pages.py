"""All tickets with their lives, a page at a time, so that a year of them never fills the memory."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.life import StoredLife
from sla_console.domain.sighting import Sighting
from sla_console.domain.ticket import Hold, Ticket
from sla_console.domain.verdict import Verdict
from sla_console.store.database import Database
from sla_console.store.holds import hold_of
from sla_console.store.lives import SIGHT, sighting_of
from sla_console.store.moments import from_ms, to_ms
from sla_console.store.tickets import COLUMNS, tickets_of
from sla_console.store.verdicts import COLUMNS as VERDICTS
from sla_console.store.verdicts import verdict_of

_PAGE: Final = 2000
_LONGEST: Final = timedelta(days=366)
"""No promise that the console computes is longer than this."""
# A stored due time tells; where SuperOps gives none, a ticket that young may have a computed one.
_DUE: Final = (
    "(created_at IS NULL OR created_at < :end) AND (closed_at IS NULL "
    "OR response_due >= :start OR resolution_due >= :start "
    "OR ((response_due IS NULL OR resolution_due IS NULL) "
    "AND coalesce(created_at, updated_at) >= :early))"
)
_TICKETS: Final = (
    f"SELECT {COLUMNS} FROM ticket WHERE id > :after AND {_DUE} ORDER BY id LIMIT :page"  # noqa: S608 - our own names
)


class PageStore:
    """Tickets for reports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, start: datetime, end: datetime) -> int:
        """Return how many tickets ``due_between`` will give."""
        row = await self._database.row(
            f"SELECT count(*) FROM ticket WHERE {_DUE}",  # noqa: S608
            _params(start, end),
        )
        return 0 if row is None else int(row[0])

    async def dues(self) -> tuple[datetime, datetime] | None:
        """Return the first and the last due time that SuperOps gave; None: it gave none."""
        row = await self._database.row(
            "SELECT min(due), max(due) FROM (SELECT response_due AS due FROM ticket "
            "UNION ALL SELECT resolution_due FROM ticket)"
        )
        if row is None or row[0] is None:
            return None
        return from_ms(row[0]), from_ms(row[1])

    async def due_between(self, start: datetime, end: datetime) -> AsyncIterator[list[StoredLife]]:
        """Give all tickets, open or closed, that may have a promise due in [start, end)."""
        after, params = "", _params(start, end)
        while True:
            tickets = tickets_of(
                await self._database.rows(_TICKETS, {**params, "after": after, "page": _PAGE})
            )
            if not tickets:
                return
            yield await self._lives(tickets, after)
            after = tickets[-1].id

    async def _lives(self, tickets: list[Ticket], after: str) -> list[StoredLife]:
        span = {"after": after, "last": tickets[-1].id}
        within = "ticket_id > :after AND ticket_id <= :last"
        sightings: dict[str, list[Sighting]] = {}
        for row in await self._database.rows(
            f"SELECT {SIGHT} FROM sighting WHERE {within} ORDER BY ticket_id, at",  # noqa: S608
            span,
        ):
            sightings.setdefault(row[0], []).append(sighting_of(row))
        holds: dict[str, list[Hold]] = {}
        for ticket_id, *values in await self._database.rows(
            f"SELECT ticket_id, began_at, ended_at, why, resolution_due FROM hold WHERE {within} "  # noqa: S608
            "ORDER BY ticket_id, began_at",
            span,
        ):
            holds.setdefault(ticket_id, []).append(hold_of(*values))
        verdicts: dict[str, list[Verdict]] = {}
        for row in await self._database.rows(
            f"SELECT {VERDICTS} FROM verdict WHERE {within} "  # noqa: S608
            "ORDER BY ticket_id, breach_type DESC, cycle, revision",
            span,
        ):
            verdicts.setdefault(row[0], []).append(verdict_of(row))
        return [
            StoredLife(
                ticket,
                tuple(sightings.get(ticket.id, ())),
                tuple(holds.get(ticket.id, ())),
                tuple(verdicts.get(ticket.id, ())),
            )
            for ticket in tickets
        ]


def _params(start: datetime, end: datetime) -> dict[str, int]:
    return {"start": to_ms(start), "end": to_ms(end), "early": to_ms(start - _LONGEST)}
