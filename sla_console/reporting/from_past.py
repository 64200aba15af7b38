"""Tickets of a recorded log as a report takes them, judged by the promises of a file."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sla_console.domain.sla.policy import PolicyTable
from sla_console.domain.tickets.past_tickets import PastTicket
from sla_console.domain.tickets.sighting import Sighting
from sla_console.domain.tickets.ticket_history import TicketHistory
from sla_console.reporting.backtest import Trial


def end_of(history: Iterable[PastTicket]) -> datetime:
    """Return the last moment of which anything is known.

    Raises:
        ValueError: if there is no ticket.
    """
    return max(
        moment
        for past in history
        for moment in (past.closed_at, past.resolved_at, past.states[-1].at)
        if moment is not None
    )


def lives_of(history: Iterable[PastTicket], trial: Trial) -> Iterator[TicketHistory]:
    """Give each ticket of the past with its clocks; one that cannot be judged stops nothing.

    Args:
        history: The tickets.
        trial: The promises; where none matches a ticket, it has none.
    """
    table = PolicyTable(trial.policies)
    for past in history:
        ticket, observed = past.as_ticket(trial.phases, trial.stop_at)
        sightings = tuple(
            Sighting(
                at=state.at,
                status=state.status,
                priority=state.priority,
                client=past.client,
                technician_id=state.technician,
                technician=state.technician,
                group=state.group,
            )
            for state in past.states
        )
        policy = table.policy_of(ticket)
        try:
            judged = trial.evaluate(ticket, policy, observed)
        except (ValueError, OverflowError) as error:
            yield TicketHistory(ticket, None, sightings, str(error))
        else:
            yield TicketHistory(ticket, judged, sightings)
