"""Stores who takes over when, and who is away."""

from collections.abc import Sequence
from datetime import datetime

from sla_console.domain.people.rota import Absence, Handover
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.store import audit as audit_rows
from sla_console.store.database import Database
from sla_console.store.timestamps import from_ms, to_ms


class RotaStore:
    """Handovers and absences; each change leaves a row in the history."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hand_over(self, handovers: Sequence[Handover], audit: AuditEntry) -> None:
        """Add handovers that belong together, all or none."""
        async with self._database.transaction() as transaction:
            for one in handovers:
                await transaction.run(
                    "INSERT INTO handover (id, rotation, person, starts_at, ends_at, author, "
                    "made_at, reason) VALUES (:id, :rotation, :person, :start, :end, :author, "
                    ":made, :reason)",
                    {
                        "id": one.id,
                        "rotation": one.rotation,
                        "person": one.person,
                        "start": to_ms(one.start),
                        "end": to_ms(one.end),
                        "author": one.author,
                        "made": to_ms(one.made_at),
                        "reason": one.reason,
                    },
                )
            await audit_rows.insert(transaction, [audit])

    async def end(self, handover_id: str, now: datetime, audit: AuditEntry) -> bool:
        """End a handover early; return False if there is none that still holds or will."""
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                "UPDATE handover SET ends_at = MAX(starts_at, :now) "
                "WHERE id = :id AND ends_at > :now RETURNING id",
                {"id": handover_id, "now": to_ms(now)},
            )
            if row is None:
                return False
            await audit_rows.insert(transaction, [audit])
            return True

    async def handovers(self, now: datetime) -> list[Handover]:
        """Return the handovers that hold or will, oldest first."""
        rows = await self._database.rows(
            "SELECT id, rotation, person, starts_at, ends_at, author, made_at, reason "
            "FROM handover WHERE ends_at > :now AND ends_at > starts_at ORDER BY position",
            {"now": to_ms(now)},
        )
        return [
            Handover(
                row[0],
                row[1],
                row[2],
                from_ms(row[3]),
                from_ms(row[4]),
                row[5],
                from_ms(row[6]),
                row[7],
            )
            for row in rows
        ]

    async def replace_absences(
        self, person: str, absences: Sequence[Absence], audit: AuditEntry
    ) -> None:
        """Write when a person is away in the place of what was known before."""
        async with self._database.transaction() as transaction:
            await transaction.run("DELETE FROM absence WHERE person = :person", {"person": person})
            for one in absences:
                await transaction.run(
                    "INSERT INTO absence (person, starts_at, ends_at, words) "
                    "VALUES (:person, :start, :end, :words)",
                    {
                        "person": person,
                        "start": to_ms(one.start),
                        "end": to_ms(one.end),
                        "words": one.words,
                    },
                )
            await audit_rows.insert(transaction, [audit])

    async def absences(self, now: datetime) -> list[Absence]:
        """Return when people are or will be away, by beginning."""
        rows = await self._database.rows(
            "SELECT person, starts_at, ends_at, words FROM absence WHERE ends_at > :now "
            "ORDER BY starts_at, person",
            {"now": to_ms(now)},
        )
        return [Absence(row[0], from_ms(row[1]), from_ms(row[2]), row[3]) for row in rows]
