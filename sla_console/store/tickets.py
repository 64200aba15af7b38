"""Tickets as last seen: the cache that the first screen is painted from."""

import json
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Final

from sla_console.domain import fault_points
from sla_console.domain.alerts.usual_rates import Arrival
from sla_console.domain.tickets.ticket import Ticket
from sla_console.store.among import AMONG, among
from sla_console.store.connection import Params, Row
from sla_console.store.database import Database
from sla_console.store.forecasts import TABLES as FORECASTS
from sla_console.store.ticket_history import TABLES as LIVES
from sla_console.store.timestamps import from_ms, to_ms, to_ms_or_none

_NEVER: Final = 9_000_000_000_000_000
"""Sorts after every due time."""

COLUMNS: Final = (
    "id, display_id, subject, status, priority, request_type, client_id, client, site_id, "
    "requester, technician_id, technician, tech_group, sla_id, sla_name, created_at, updated_at, "
    "response_due, responded_at, response_violated, resolution_due, resolved_at, "
    "resolution_violated, degraded, source, category"
)
"""In the order of ``Ticket``'s fields."""

_MOMENTS: Final = (15, 16, 17, 18, 20, 21)
_TRUTHS: Final = (19, 22)
_DEGRADED: Final = 23
"""Which of the columns need more than being read."""

_ALL: Final = f"{COLUMNS}, next_due, closed_at".split(", ")
_VALUES: Final = ", ".join(f":{name}" for name in _ALL)
_CHANGES: Final = ", ".join(f"{name} = excluded.{name}" for name in _ALL[1:])
_CHANGED: Final = " OR ".join(
    f"ticket.{name} IS DISTINCT FROM excluded.{name}" for name in _ALL[1:]
)
_BACK: Final = "missing_since = NULL, gone_at = NULL, gone_why = NULL"
_WAS_AWAY: Final = "ticket.missing_since IS NOT NULL OR ticket.gone_at IS NOT NULL"
# A row that did not change is not written: a quiet sync costs the disk nothing.
_SAVE: Final = (
    f"INSERT INTO ticket ({', '.join(_ALL)}) VALUES ({_VALUES}) "  # noqa: S608 - our own names
    f"ON CONFLICT (id) DO UPDATE SET {_CHANGES}, {_BACK} WHERE {_CHANGED} OR {_WAS_AWAY}"
)
IS_OPEN: Final = "ticket.closed_at IS NULL AND ticket.gone_at IS NULL"
_OPEN: Final = f"SELECT {COLUMNS} FROM ticket WHERE {IS_OPEN} ORDER BY next_due, id"  # noqa: S608


class TicketStore:
    """Tickets, open and recently closed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(
        self,
        tickets: Sequence[Ticket],
        closed_ids: AbstractSet[str] = frozenset(),
        ended: Mapping[str, datetime] | None = None,
    ) -> None:
        """Store tickets as seen now, in one transaction; the ones that did not change cost little.

        Args:
            tickets: Any number of them, each id once.
            closed_ids: Which of them are closed; the others are open.
            ended: When those ended of which more is known than their own stamps say.
        """
        if not tickets:
            return
        fault_points.hit("ticket.save")
        async with self._database.transaction() as transaction:
            await transaction.many(_SAVE, _params(tickets, closed_ids, ended or {}))

    async def load_open(self) -> list[Ticket]:
        """Return all open tickets, the one due next first, the ones without due time last."""
        return tickets_of(await self._database.rows(_OPEN))

    async def load_next(self, limit: int) -> list[Ticket]:
        """Return the first so many of ``load_open``: a screenful, long before the rest."""
        return tickets_of(await self._database.rows(f"{_OPEN} LIMIT :limit", {"limit": limit}))

    async def load_closed_since(self, moment: datetime) -> list[Ticket]:
        """Return the tickets that ended at ``moment`` or later, in that order."""
        return tickets_of(
            await self._database.rows(
                f"SELECT {COLUMNS} FROM ticket WHERE closed_at >= :since ORDER BY closed_at, id",  # noqa: S608
                {"since": to_ms(moment)},
            )
        )

    async def arrivals(self, since: datetime) -> list[Arrival]:
        """Return what came in at a moment or later, open, closed or gone, oldest first."""
        rows = await self._database.rows(
            "SELECT created_at, client, category, id, display_id, priority, subject FROM ticket "
            "WHERE created_at >= :since ORDER BY created_at, id",
            {"since": to_ms(since)},
        )
        return [
            Arrival(
                from_ms(at), client, category, ticket_id, f"{number} {priority or ''}: {subject}"
            )
            for at, client, category, ticket_id, number, priority, subject in rows
        ]

    async def get(self, ticket_id: str) -> Ticket | None:
        """Return one ticket, open or closed."""
        found = tickets_of(
            await self._database.rows(
                f"SELECT {COLUMNS} FROM ticket WHERE id = :id",  # noqa: S608
                {"id": ticket_id},
            )
        )
        return found[0] if found else None

    async def find(self, reference: str) -> list[Ticket]:
        """Return the tickets of a number, compared without case, or of an id; the open ones first."""
        return tickets_of(
            await self._database.rows(
                f"SELECT {COLUMNS} FROM ticket WHERE id = :it OR lower(display_id) = lower(:it) "  # noqa: S608
                "ORDER BY closed_at IS NOT NULL, gone_at IS NOT NULL, closed_at DESC, id",
                {"it": reference},
            )
        )

    async def closed_among(self, ids: Sequence[str]) -> list[Ticket]:
        """Return those of some tickets that were last seen closed."""
        return await self._among("closed_at IS NOT NULL", ids)

    async def among(self, ids: Sequence[str]) -> list[Ticket]:
        """Return those of some tickets that are stored, whether they ended, or left the board."""
        return await self._among("TRUE", ids)

    async def missing(self) -> dict[str, datetime]:
        """Return when those open tickets were last read that SuperOps leaves out, by ticket id."""
        rows = await self._database.rows(
            f"SELECT id, missing_since FROM ticket WHERE missing_since IS NOT NULL AND {IS_OPEN}"  # noqa: S608
        )
        return {ticket_id: from_ms(since) for ticket_id, since in rows}

    async def set_missing(self, since: Mapping[str, datetime]) -> None:
        """Note that tickets were last read at a moment, and have been left out since."""
        async with self._database.transaction() as transaction:
            await transaction.many(
                "UPDATE ticket SET missing_since = :since WHERE id = :id",
                ({"id": ticket_id, "since": to_ms(at)} for ticket_id, at in since.items()),
            )

    async def set_gone(self, ids: Sequence[str], at: datetime, why: str) -> None:
        """Take tickets off the board that have not ended; all that is known of them stays.

        Args:
            ids: Which.
            at: The moment.
            why: The reason in words, for people.
        """
        async with self._database.transaction() as transaction:
            await transaction.many(
                "UPDATE ticket SET gone_at = :at, gone_why = :why "
                "WHERE id = :id AND closed_at IS NULL AND gone_at IS NULL",
                ({"id": ticket_id, "at": to_ms(at), "why": why} for ticket_id in ids),
            )

    async def gone_why(self, ticket_id: str) -> tuple[datetime, str] | None:
        """Return when and why a ticket left the board without having ended; None: it did not."""
        row = await self._database.row(
            "SELECT gone_at, gone_why FROM ticket WHERE id = :id AND gone_at IS NOT NULL",
            {"id": ticket_id},
        )
        return None if row is None else (from_ms(row[0]), row[1] or "")

    async def _among(self, condition: str, ids: Sequence[str]) -> list[Ticket]:
        if not ids:
            return []
        return tickets_of(
            await self._database.rows(
                f"SELECT {COLUMNS} FROM ticket WHERE {condition} AND id {AMONG}",  # noqa: S608
                among(ids),
            )
        )

    async def prune_closed(self, before: datetime) -> int:
        """Remove what ended or left before a moment, and return how many tickets that were.

        Their holds, verdicts, warnings, resolved breaches and finished messages go too; the audit
        stays.
        """
        over = "(closed_at < :before OR gone_at < :before)"
        old = f"SELECT id FROM ticket WHERE {over}"  # noqa: S608
        params = {"before": to_ms(before)}
        async with self._database.transaction() as transaction:
            for table, more in (
                ("hold", ""),
                *((table, "") for table in (*LIVES, *FORECASTS)),
                ("verdict", ""),
                ("warning", ""),
                ("breach", " AND state = 'resolved'"),
                ("outbox", " AND state NOT IN ('gathering', 'pending', 'sending', 'unknown')"),
            ):
                await transaction.run(
                    f"DELETE FROM {table} WHERE ticket_id IN ({old}){more}",  # noqa: S608
                    params,
                )
            gone = await transaction.rows(
                f"DELETE FROM ticket WHERE {over} RETURNING id",  # noqa: S608
                params,
            )
        return len(gone)


def _params(
    tickets: Sequence[Ticket], closed_ids: AbstractSet[str], seen_to_end: Mapping[str, datetime]
) -> Iterator[Params]:
    ms = to_ms_or_none
    for ticket in tickets:
        closed = ticket.id in closed_ids
        stamps = ticket.resolved_at or ticket.updated_at or ticket.created_at
        ended = seen_to_end.get(ticket.id) or stamps
        response_due, resolution_due = ms(ticket.response_due), ms(ticket.resolution_due)
        owed = [
            due
            for due, met in ((response_due, ticket.responded_at), (resolution_due, None))
            if due is not None and met is None and not closed
        ]
        yield {
            "id": ticket.id,
            "display_id": ticket.display_id,
            "subject": ticket.subject,
            "status": ticket.status,
            "priority": ticket.priority,
            "request_type": ticket.request_type,
            "client_id": ticket.client_id,
            "client": ticket.client,
            "site_id": ticket.site_id,
            "requester": ticket.requester,
            "technician_id": ticket.technician_id,
            "technician": ticket.technician,
            "tech_group": ticket.group,
            "sla_id": ticket.sla_id,
            "sla_name": ticket.sla_name,
            "created_at": ms(ticket.created_at),
            "updated_at": ms(ticket.updated_at),
            "response_due": response_due,
            "responded_at": ms(ticket.responded_at),
            "response_violated": ticket.response_violated,
            "resolution_due": resolution_due,
            "resolved_at": ms(ticket.resolved_at),
            "resolution_violated": ticket.resolution_violated,
            "degraded": json.dumps(ticket.degraded) if ticket.degraded else None,
            "source": ticket.source,
            "category": ticket.category,
            "next_due": min(owed, default=_NEVER),
            "closed_at": (0 if ended is None else to_ms(ended)) if closed else None,
        }


def tickets_of(rows: list[Row]) -> list[Ticket]:
    """Build tickets from rows in the order of ``COLUMNS``; start-up waits for this loop."""
    at, zone = datetime.fromtimestamp, UTC
    tickets = []
    for row in rows:
        values = list(row)
        for column in _MOMENTS:
            if (milliseconds := values[column]) is not None:
                values[column] = at(milliseconds / 1000, zone)
        for column in _TRUTHS:
            if (truth := values[column]) is not None:
                values[column] = bool(truth)
        values[_DEGRADED] = tuple(json.loads(values[_DEGRADED])) if values[_DEGRADED] else ()
        tickets.append(Ticket(*values))
    return tickets
