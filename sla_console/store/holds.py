"""The spans in which tickets waited, as the console saw them: SuperOps tells no history."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sla_console.domain.tickets.ticket import Hold, HoldReason
from sla_console.store.database import Database
from sla_console.store.timestamps import from_ms, from_ms_or_none, to_ms, to_ms_or_none

_NEVER: Final = 9_000_000_000_000_000
_BEGIN: Final = (
    "INSERT INTO hold (ticket_id, began_at) SELECT :ticket_id, :at WHERE NOT EXISTS "
    "(SELECT 1 FROM hold WHERE ticket_id = :ticket_id AND ended_at IS NULL) "
    "ON CONFLICT (ticket_id, began_at) DO UPDATE SET ended_at = NULL "
    "WHERE hold.ended_at = hold.began_at"
)
_ADD: Final = (
    "INSERT INTO hold (ticket_id, began_at, ended_at, why, resolution_due) "
    "VALUES (:ticket_id, :began_at, :ended_at, :why, :due) ON CONFLICT (ticket_id, began_at) DO NOTHING"
)
_END: Final = (
    "UPDATE hold SET ended_at = CASE WHEN began_at > :at THEN began_at ELSE :at END "
    "WHERE ticket_id = :ticket_id AND ended_at IS NULL"
)


class HoldStore:
    """Holds, at most one of them open on each ticket."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, closed_since: datetime | None = None) -> dict[str, tuple[Hold, ...]]:
        """Return the holds of all open tickets by ticket id, oldest first.

        Args:
            closed_since: And of those that ended at this moment or later.
        """
        found: dict[str, list[Hold]] = {}
        for ticket_id, *row in await self._database.rows(
            "SELECT hold.ticket_id, hold.began_at, hold.ended_at, hold.why, hold.resolution_due FROM hold "
            "JOIN ticket ON ticket.id = hold.ticket_id "
            "WHERE coalesce(ticket.closed_at, ticket.gone_at, :since) >= :since "
            "ORDER BY hold.ticket_id, hold.began_at",
            {"since": _NEVER if closed_since is None else to_ms(closed_since)},
        ):
            found.setdefault(ticket_id, []).append(hold_of(*row))
        return {ticket_id: tuple(holds) for ticket_id, holds in found.items()}

    async def for_ticket(self, ticket_id: str) -> tuple[Hold, ...]:
        """Return the holds of one ticket, oldest first."""
        rows = await self._database.rows(
            "SELECT began_at, ended_at, why, resolution_due FROM hold WHERE ticket_id = :ticket_id "
            "ORDER BY began_at",
            {"ticket_id": ticket_id},
        )
        return tuple(hold_of(*row) for row in rows)

    async def add(self, holds: Sequence[tuple[str, Hold]]) -> None:
        """Store holds that are over, as a reopening or a moved due time shows them.

        Args:
            holds: Ticket id and hold; one that begins with a known one is left out.
        """
        async with self._database.transaction() as transaction:
            await transaction.many(
                _ADD,
                (
                    {
                        "ticket_id": ticket_id,
                        "began_at": to_ms(hold.start),
                        "ended_at": to_ms_or_none(hold.end),
                        "why": hold.why,
                        "due": to_ms_or_none(hold.due),
                    }
                    for ticket_id, hold in holds
                ),
            )

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


def hold_of(began: int, ended: int | None, why: str, due: int | None) -> Hold:
    """Return the hold of a row."""
    return Hold(from_ms(began), from_ms_or_none(ended), HoldReason(why), from_ms_or_none(due))
