"""Says which breaches are over: their targets met or no longer owed, or never missed."""

from datetime import datetime
from typing import Final

from sla_console.alerting.breach_opener import Found
from sla_console.alerting.manager import AlertManager
from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.monitoring.board import BoardKeeper
from sla_console.monitoring.events import breach_of, is_early, is_over

_NOT_LATE: Final = "the clock of the monitoring machine was wrong; it is not late yet"


class BreachEnds:
    """Compares breaches with their tickets, and passes the results to alerting.

    Args:
        alerts: Takes what was found out.
        board: The tickets and breaches as they are known.
    """

    def __init__(self, alerts: AlertManager, board: BoardKeeper) -> None:
        self._alerts, self._board = alerts, board

    async def of_ticket(self, ticket_id: str, now: datetime, why: str | None = None) -> None:
        """End those breaches of a ticket that are over; the others follow it.

        Args:
            ticket_id: Which ticket.
            now: The moment.
            why: The reason where it is not that the target was met, in words.
        """
        for breach in self._alerts.incidents.of_ticket(ticket_id):
            judged = self._board.get(ticket_id)
            if judged is not None and is_early(breach, judged, now):
                continue  # only a clock that is wrong, now or then, can say so
            found = breach_of(judged, breach.breach_type, now) if judged else None
            if judged is None or found is None:
                await self._alerts.end_breach(breach, why)
            elif is_over(breach, judged, now):
                await self._alerts.move_breach(breach, Found(found, judged.hours, judged.held))
            else:
                await self._alerts.follow_ticket(breach, found, waits=judged.held)

    async def take_back(self, now: datetime) -> list[EvaluatedTicket]:
        """End, with a message, breaches that a wrong clock found too early; return their tickets.

        Args:
            now: The moment, by a clock that is known to be right.
        """
        found = []
        for breach in self._alerts.incidents.all():
            judged = self._board.get(breach.ticket_id)
            if judged is not None and is_early(breach, judged, now):
                await self._alerts.end_breach(breach, _NOT_LATE)
                found.append(judged)
        return found
