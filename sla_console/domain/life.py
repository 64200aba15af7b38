"""A ticket with its clocks and all that was seen of it: what a report is made of."""

from dataclasses import dataclass
from datetime import datetime

from sla_console.domain.sighting import Sighting
from sla_console.domain.sla_clock import JudgedTicket
from sla_console.domain.ticket import Hold, Ticket
from sla_console.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Life:
    """One ticket, as it is known in the end."""

    ticket: Ticket
    judged: JudgedTicket | None
    """None: it cannot be judged, for the reason in ``fault``."""
    sightings: tuple[Sighting, ...] = ()
    """How it was from when on, oldest first."""
    fault: str = ""
    verdicts: tuple[Verdict, ...] = ()
    """All that were written of it, corrections included."""
    gone_at: datetime | None = None
    """Since when SuperOps has it no longer."""


@dataclass(frozen=True, slots=True)
class StoredLife:
    """One ticket of the store with all that was seen of it, not judged yet. Oldest first."""

    ticket: Ticket
    sightings: tuple[Sighting, ...] = ()
    holds: tuple[Hold, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    """All that were written of it, corrections included."""
    gone_at: datetime | None = None
    """Since when SuperOps has it no longer."""
