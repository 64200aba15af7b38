"""Stores what the console saw of each ticket: sightings and disagreements."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.disagreement import Cause, Disagreement
from sla_console.domain.sla.due_moves import DueMove
from sla_console.domain.tickets.sighting import Sighting, moves_of
from sla_console.store.connection import Params, Row
from sla_console.store.database import Database
from sla_console.store.timestamps import from_ms, from_ms_or_none, to_ms, to_ms_or_none

TABLES: Final = ("sighting", "disagreement")
"""Go with the ticket they are about."""

SIGHT: Final = (
    "ticket_id, at, status, priority, client, technician_id, technician, tech_group, sla_name, "
    "response_due, resolution_due"
)


class HistoryStore:
    """The lives of tickets as far as they were seen."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_sightings(self, seen: Sequence[tuple[str, Sighting]]) -> None:
        """Store how tickets were seen; a second sight of one moment replaces the first.

        Args:
            seen: Ticket id and sighting.
        """
        names = SIGHT.split(", ")
        changes = ", ".join(f"{name} = excluded.{name}" for name in names[2:])
        async with self._database.transaction() as transaction:
            await transaction.many(
                f"INSERT INTO sighting ({SIGHT}) VALUES ({', '.join(f':{n}' for n in names)}) "  # noqa: S608 - our own names
                f"ON CONFLICT (ticket_id, at) DO UPDATE SET {changes}",
                _sights(seen),
            )

    async def sightings(self, ticket_id: str) -> tuple[Sighting, ...]:
        """Return how one ticket was seen, oldest first."""
        rows = await self._database.rows(
            f"SELECT {SIGHT} FROM sighting WHERE ticket_id = :id ORDER BY at",  # noqa: S608
            {"id": ticket_id},
        )
        return tuple(sighting_of(row) for row in rows)

    async def all_sightings(self) -> dict[str, tuple[Sighting, ...]]:
        """Return how all tickets were seen, by ticket id, oldest first."""
        found: dict[str, list[Sighting]] = {}
        for row in await self._database.rows(
            f"SELECT {SIGHT} FROM sighting ORDER BY ticket_id, at"  # noqa: S608
        ):
            found.setdefault(row[0], []).append(sighting_of(row))
        return {ticket_id: tuple(seen) for ticket_id, seen in found.items()}

    async def open_sightings(self) -> dict[str, tuple[Sighting, ...]]:
        """Return how open tickets were seen, by ticket id, oldest first."""
        found: dict[str, list[Sighting]] = {}
        for row in await self._database.rows(
            f"SELECT {SIGHT} FROM sighting WHERE ticket_id IN "  # noqa: S608
            "(SELECT id FROM ticket WHERE closed_at IS NULL) ORDER BY ticket_id, at"
        ):
            found.setdefault(row[0], []).append(sighting_of(row))
        return {ticket_id: tuple(seen) for ticket_id, seen in found.items()}

    async def due_moves(self) -> dict[str, tuple[DueMove, ...]]:
        """Return how due times of open tickets moved with nothing else, by ticket id."""
        found: dict[str, list[Sighting]] = {}
        for row in await self._database.rows(
            f"SELECT {SIGHT} FROM sighting WHERE ticket_id IN "  # noqa: S608
            "(SELECT ticket_id FROM sighting WHERE ticket_id IN "
            "(SELECT id FROM ticket WHERE closed_at IS NULL) GROUP BY ticket_id "
            "HAVING count(DISTINCT response_due) > 1 OR count(DISTINCT resolution_due) > 1) "
            "ORDER BY ticket_id, at"
        ):
            found.setdefault(row[0], []).append(sighting_of(row))
        moved = {ticket_id: moves_of(seen) for ticket_id, seen in found.items()}
        return {ticket_id: moves for ticket_id, moves in moved.items() if moves}

    async def first_seen(self) -> dict[str, datetime]:
        """Return when each ticket was first seen, open or closed, by ticket id."""
        rows = await self._database.rows(
            "SELECT ticket_id, min(at) FROM sighting GROUP BY ticket_id"
        )
        return {ticket_id: from_ms(at) for ticket_id, at in rows}

    async def last_changed(self) -> dict[str, datetime]:
        """Return from when on each open ticket has been as it was last seen, by ticket id."""
        rows = await self._database.rows(
            "SELECT ticket_id, max(at) FROM sighting WHERE ticket_id IN "
            "(SELECT id FROM ticket WHERE closed_at IS NULL AND gone_at IS NULL) GROUP BY ticket_id"
        )
        return {ticket_id: from_ms(at) for ticket_id, at in rows}

    async def note_disagreements(
        self, found: Sequence[tuple[str, Sequence[Disagreement]]], at: datetime
    ) -> None:
        """Store where SuperOps' due times are not ours, in place of what was noted before.

        Args:
            found: Ticket id and its disagreements; none where there are none any more.
            at: When it was noticed.
        """
        async with self._database.transaction() as transaction:
            await transaction.many(
                "DELETE FROM disagreement WHERE ticket_id = :id",
                ({"id": ticket_id} for ticket_id, _ in found),
            )
            await transaction.many(
                "INSERT INTO disagreement (ticket_id, breach_type, theirs, ours, cause, words, "
                "noted_at) VALUES (:ticket_id, :breach_type, :theirs, :ours, :cause, :words, :at) "
                "ON CONFLICT (ticket_id, breach_type) DO UPDATE SET theirs = excluded.theirs, "
                "ours = excluded.ours, cause = excluded.cause, words = excluded.words, "
                "noted_at = excluded.noted_at",
                (
                    {
                        "ticket_id": ticket_id,
                        "breach_type": one.target,
                        "theirs": to_ms(one.theirs),
                        "ours": to_ms(one.ours),
                        "cause": one.cause or "",
                        "words": one.words,
                        "at": to_ms(at),
                    }
                    for ticket_id, mine in found
                    for one in mine
                ),
            )

    async def disagreements(self) -> dict[str, tuple[Disagreement, ...]]:
        """Return where SuperOps' due times are not ours, by ticket id."""
        found: dict[str, list[Disagreement]] = {}
        for ticket_id, kind, theirs, ours, cause, words in await self._database.rows(
            "SELECT ticket_id, breach_type, theirs, ours, cause, words FROM disagreement "
            "ORDER BY ticket_id, breach_type DESC"
        ):
            known = Cause(cause) if cause else None
            one = Disagreement(BreachType(kind), from_ms(theirs), from_ms(ours), known, words)
            found.setdefault(ticket_id, []).append(one)
        return {ticket_id: tuple(mine) for ticket_id, mine in found.items()}


def _sights(seen: Sequence[tuple[str, Sighting]]) -> Iterator[Params]:
    for ticket_id, one in seen:
        yield {
            "ticket_id": ticket_id,
            "at": to_ms(one.at),
            "status": one.status,
            "priority": one.priority,
            "client": one.client,
            "technician_id": one.technician_id,
            "technician": one.technician,
            "tech_group": one.group,
            "sla_name": one.sla_name,
            "response_due": to_ms_or_none(one.response_due),
            "resolution_due": to_ms_or_none(one.resolution_due),
        }


def sighting_of(row: Row) -> Sighting:
    """Return the sighting of a row, whose first column is the ticket's id."""
    values = list(row[1:])
    values[0] = from_ms(values[0])
    values[-2:] = map(from_ms_or_none, values[-2:])
    return Sighting(*values)
