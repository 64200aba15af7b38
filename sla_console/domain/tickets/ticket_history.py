"""A ticket with its clocks and all that was seen of it: what a report is made of."""

from dataclasses import dataclass
from datetime import datetime

from sla_console.domain.sla.sla_clock import EvaluatedTicket
from sla_console.domain.sla.verdict import Verdict
from sla_console.domain.tickets.sighting import Sighting
from sla_console.domain.tickets.ticket import Hold, Ticket


@dataclass(frozen=True, slots=True)
class TicketHistory:
    """One ticket, as it is known in the end."""

    ticket: Ticket
    judged: EvaluatedTicket | None
    """None: it cannot be judged, for the reason in ``fault``."""
    sightings: tuple[Sighting, ...] = ()
    """How it was from when on, oldest first."""
    fault: str = ""
    verdicts: tuple[Verdict, ...] = ()
    """All that were written of it, corrections included."""
    gone_at: datetime | None = None
    """Since when SuperOps has it no longer."""


@dataclass(frozen=True, slots=True)
class StoredHistory:
    """One ticket of the store with all that was seen of it, not judged yet. Oldest first."""

    ticket: Ticket
    sightings: tuple[Sighting, ...] = ()
    holds: tuple[Hold, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    """All that were written of it, corrections included."""
    gone_at: datetime | None = None
    """Since when SuperOps has it no longer."""
