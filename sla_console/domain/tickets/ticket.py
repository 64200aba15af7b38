"""A ticket as the console knows it: cleaned, with aware UTC times."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from sla_console.domain.names import folded

USUAL_HOLD: Final = ("On Hold", "Waiting on customer", "Waiting on third party")
"""Statuses that hold the clocks, where nobody says otherwise."""
USUAL_CLOSED: Final = ("Resolved", "Closed", "Closed (no response)")
"""Statuses that end a ticket, where nobody says otherwise."""


class Phase(StrEnum):
    """What a status means for the clocks. SuperOps gives names only, so the configuration says."""

    ACTIVE = "active"
    HOLD = "hold"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class StatusPhases:
    """Which status names hold the clocks and which end a ticket; compared without case."""

    hold: frozenset[str]
    closed: frozenset[str]

    @classmethod
    def of(cls, hold: tuple[str, ...], closed: tuple[str, ...]) -> "StatusPhases":
        """Build from names as written in the configuration."""
        return cls(frozenset(map(folded, hold)), frozenset(map(folded, closed)))

    def phase(self, status: str | None) -> Phase:
        """Return the phase of ``status``; an unknown or missing status is active."""
        name = folded(status or "")
        if name in self.closed:
            return Phase.CLOSED
        return Phase.HOLD if name in self.hold else Phase.ACTIVE


class HoldReason(StrEnum):
    """Why promised time stood still."""

    STATUS = "status"
    """The console saw the ticket in a status that holds."""
    INFERRED = "inferred"
    """A due time moved later without a change of priority or policy, so it must have waited."""
    CLOSED = "closed"
    """It was closed, and opened again afterwards."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A span in which a ticket waited, as observed by the console. UTC; ``end`` None: still on."""

    start: datetime
    end: datetime | None = None
    why: HoldReason = HoldReason.STATUS
    due: datetime | None = None
    """SuperOps' due time of the resolution during a span in which the ticket was closed; None: it
    had none, or nobody saw it."""


SOURCES: Final = ("FORM", "AGENT", "EMAIL", "AI", "PHONE", "INTEGRATION")
"""How tickets come in, as SuperOps names it; ``AGENT`` is what a technician opens."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket. Every string is cleaned, every time is aware UTC and between 2000 and 2100."""

    id: str
    display_id: str
    subject: str
    status: str = ""
    priority: str | None = None
    request_type: str | None = None
    client_id: str | None = None
    client: str | None = None
    site_id: str | None = None
    requester: str | None = None
    technician_id: str | None = None
    technician: str | None = None
    group: str | None = None
    sla_id: str | None = None
    sla_name: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    response_due: datetime | None = None
    responded_at: datetime | None = None
    response_violated: bool | None = None
    resolution_due: datetime | None = None
    resolved_at: datetime | None = None
    resolution_violated: bool | None = None
    degraded: tuple[str, ...] = ()
    """Why parts of this ticket cannot be trusted, in words for people."""
    source: str | None = None
    """How it came in, as SuperOps names it: ``EMAIL``, ``FORM``, ``PHONE``, ``AGENT``, and so on."""
    category: str | None = None
    """Subject area such as ``Email``, from the desk's own list."""

    def without_due_times(self) -> "Ticket":
        """Return this ticket as if SuperOps gave no due times for it."""
        return replace(
            self,
            response_due=None,
            response_violated=None,
            resolution_due=None,
            resolution_violated=None,
        )

    def without_times(self) -> "Ticket":
        """Return this ticket without the times that its clocks are made of."""
        return replace(
            self.without_due_times(), created_at=None, responded_at=None, resolved_at=None
        )


TicketSLAData = Ticket
"""The seed's name for what ``SLADataAccess.fetch_ticket_sla_data`` returns."""


@dataclass(frozen=True, slots=True)
class TicketNote:
    """A note or message on a ticket, its HTML already turned into plain text."""

    id: str
    author: str
    at: datetime | None
    text: str
    private: bool = True
