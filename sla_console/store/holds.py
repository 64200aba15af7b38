"""The spans in which tickets waited, as the console saw them: SuperOps tells no history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sla_console.domain.ticket import Hold
from sla_console.store.database import Database
from sla_console.store.moments import from_ms, from_ms_or_none, to_ms

_BEGIN: Final = (
    "INSERT INTO hold (ticket_id, began_at) SELECT :ticket_id, :at WHERE NOT EXISTS "
    "(SELECT 1 FROM hold WHERE ticket_id = :ticket_id AND ended_at IS NULL) "
    "ON CONFLICT (ticket_id, began_at) DO UPDATE SET ended_at = NULL"
)
_END: Final = (
    "UPDATE hold SET ended_at = CASE WHEN began_at > :at THEN began_at ELSE :at END "
    "WHERE ticket_id = :ticket_id AND ended_at IS NULL"
)


class HoldStore:
    """Holds, at most one of them open on each ticket."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> dict[str, tuple[Hold, ...]]:
        """Return the holds of all open tickets by ticket id, oldest first."""
        found: dict[str, list[Hold]] = {}
        for ticket_id, began, ended in await self._database.rows(
            "SELECT hold.ticket_id, hold.began_at, hold.ended_at FROM hold "
            "JOIN ticket ON ticket.id = hold.ticket_id WHERE ticket.closed_at IS NULL "
            "ORDER BY hold.ticket_id, hold.began_at"
        ):
            found.setdefault(ticket_id, []).append(Hold(from_ms(began), from_ms_or_none(ended)))
        return {ticket_id: tuple(holds) for ticket_id, holds in found.items()}

    async def for_ticket(self, ticket_id: str) -> tuple[Hold, ...]:
        """Return the holds of one ticket, oldest first."""
        rows = await self._database.rows(
            "SELECT began_at, ended_at FROM hold WHERE ticket_id = :ticket_id ORDER BY began_at",
            {"ticket_id": ticket_id},
        )
        return tuple(Hold(from_ms(began), from_ms_or_none(ended)) for began, ended in rows)

    async def begin(self, ticket_id: str, at: datetime) -> None:
        """Begin a hold; nothing happens if the ticket is held already."""
        await self.change({ticket_id: at}, {})

    async def end(self, ticket_id: str, at: datetime) -> None:
        """End the open hold, if there is one; never before it began."""
        await self.change({}, {ticket_id: at})

    async def change(self, begun: Mapping[str, datetime], ended: Mapping[str, datetime]) -> None:
        """End and begin many holds in one transaction.

        Args:
            begun: When each ticket by its id began to wait.
            ended: When each ticket by its id stopped waiting; done before the others begin.
        """
        async with self._database.transaction() as transaction:
            for statement, moments in ((_END, ended), (_BEGIN, begun)):
                if moments:
                    await transaction.many(
                        statement,
                        ({"ticket_id": key, "at": to_ms(at)} for key, at in moments.items()),
                    )
