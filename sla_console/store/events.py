"""Warnings that were given, so that a restart or a second monitor gives none twice."""

from sla_console.domain.sla.breach import SLAWarning
from sla_console.store.database import Database, Transaction
from sla_console.store.timestamps import to_ms, to_ms_or_none


class EventStore:
    """Ids of warnings; see ``Store.record_warning`` for the step that adds one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def warned(self) -> set[str]:
        """Return the ids of all warnings given on open tickets."""
        rows = await self._database.rows(
            "SELECT warning.id FROM warning JOIN ticket ON ticket.id = warning.ticket_id "
            "WHERE ticket.closed_at IS NULL"
        )
        return {warning_id for (warning_id,) in rows}


async def insert(transaction: Transaction, warning: SLAWarning) -> bool:
    """Add a warning inside a transaction; return False if it was given already.

    That is so if its id is known, or if its level was warned of before and is reached no later now:
    a level comes again only when it has moved later.
    """
    row = await transaction.row(
        "INSERT INTO warning (id, ticket_id, breach_type, threshold_percent, due, level, level_at) "
        "SELECT :id, :ticket_id, :breach_type, :threshold_percent, :due, :level, :level_at "
        "WHERE NOT EXISTS (SELECT 1 FROM warning WHERE ticket_id = :ticket_id AND "
        "breach_type = :breach_type AND level = :level AND level_at >= :level_at) "
        "ON CONFLICT (id) DO NOTHING RETURNING id",
        {
            "id": warning.id,
            "ticket_id": warning.ticket_id,
            "breach_type": warning.breach_type,
            "threshold_percent": warning.threshold_percent,
            "due": to_ms(warning.due),
            "level": warning.level or None,
            "level_at": to_ms_or_none(warning.level_at),
        },
    )
    return row is not None
