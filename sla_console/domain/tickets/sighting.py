"""What the console saw of a ticket, and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Final

from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.due_moves import TOLERANCE, DueMove
from sla_console.domain.sla.evaluation import Observed
from sla_console.domain.sla.verdict import Verdict
from sla_console.domain.tickets.assignment import Assignment
from sla_console.domain.tickets.past_tickets import PastState, PastTicket
from sla_console.domain.tickets.ticket import Hold, Phase, StatusPhases, Ticket

_UNKNOWN: Final = ""
"""The status of a ticket before it was first seen; it runs, since nobody saw it wait."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A ticket as it was from a moment on. UTC."""

    at: datetime
    status: str
    priority: str | None = None
    client: str | None = None
    technician_id: str | None = None
    technician: str | None = None
    group: str | None = None
    sla_name: str | None = None
    response_due: datetime | None = None
    resolution_due: datetime | None = None

    @classmethod
    def of(cls, ticket: Ticket, at: datetime) -> "Sighting":
        """Return what is to be remembered of a ticket seen at a moment."""
        return cls(
            at=at,
            status=ticket.status,
            priority=ticket.priority,
            client=ticket.client,
            technician_id=ticket.technician_id,
            technician=ticket.technician,
            group=ticket.group,
            sla_name=ticket.sla_name,
            response_due=ticket.response_due,
            resolution_due=ticket.resolution_due,
        )

    def same_as(self, other: "Sighting") -> bool:
        """Return whether nothing worth remembering differs but the moment."""
        return replace(self, at=other.at) == other

    def promised_like(self, other: "Sighting") -> bool:
        """Return whether priority, policy and client are the same, so that only holds move dues."""
        return (self.priority, self.sla_name, self.client) == (
            other.priority,
            other.sla_name,
            other.client,
        )


def moves_of(sightings: Sequence[Sighting]) -> tuple[DueMove, ...]:
    """Return the moves of due times while priority, SLA and client stayed, oldest first."""
    found = []
    for before, after in pairwise(sightings):
        if not before.promised_like(after):
            continue
        for target, old, new in (
            (BreachType.RESPONSE, before.response_due, after.response_due),
            (BreachType.RESOLUTION, before.resolution_due, after.resolution_due),
        ):
            if old is not None and new is not None and abs(new - old) > TOLERANCE:
                found.append(DueMove(target, after.at, old, new))
    return tuple(found)


def assignments_of(sightings: Sequence[Sighting]) -> tuple[Assignment, ...]:
    """Return who had a ticket when, oldest first; the last span has no end."""
    found: list[Assignment] = []
    for seen in sightings:
        if found and found[-1].technician_id == seen.technician_id:
            continue
        if found:
            before = found[-1]
            found[-1] = Assignment(before.technician_id, before.technician, before.start, seen.at)
        found.append(Assignment(seen.technician_id, seen.technician, seen.at))
    return tuple(found)


def observed_of(
    sightings: Sequence[Sighting],
    holds: Sequence[Hold],
    verdicts: Sequence[Verdict],
    phases: StatusPhases,
) -> Observed:
    """Return what the console saw of a ticket, from what is stored of it.

    Args:
        sightings: Oldest first.
        holds: Oldest first.
        verdicts: Of its targets, corrections included.
        phases: What the names of statuses mean.
    """
    open_until = ended = None
    for seen in reversed(sightings):
        if phases.phase(seen.status) is not Phase.CLOSED:
            open_until = seen.at
            break
        ended = seen.at
    since = sightings[0].at if sightings else None
    return Observed(
        tuple(holds),
        since,
        tuple(verdicts),
        moves=moves_of(sightings),
        open_until=open_until,
        ended_at=ended,
    )


def past_of(ticket: Ticket, sightings: Sequence[Sighting], phases: StatusPhases) -> PastTicket:
    """Return a ticket of the store with the life that the console saw, to try promises on.

    What its status was before the first sight is not known, so nothing of that time was held.

    Args:
        ticket: As last seen; it has a creation time.
        sightings: Oldest first.
        phases: What the names of statuses mean.

    Raises:
        ValueError: if the creation time is missing.
    """
    if ticket.created_at is None:
        raise ValueError("its creation time is missing")
    states = [
        PastState(
            max(s.at, ticket.created_at),
            s.status,
            s.priority,
            s.group,
            s.technician,
            s.client,
            ticket.request_type,
            ticket.category,
            ticket.subject,
            ticket.requester,
        )
        for s in sightings
    ]
    known = states[-1].at if states else ticket.created_at
    last = PastState(
        max(ticket.updated_at or known, known),
        ticket.status,
        ticket.priority,
        ticket.group,
        ticket.technician,
        ticket.client,
        ticket.request_type,
        ticket.category,
        ticket.subject,
        ticket.requester,
    )
    if not states or states[-1].status != last.status:
        states.append(last)
    if states[0].at > ticket.created_at:
        states.insert(0, replace(states[0], at=ticket.created_at, status=_UNKNOWN))
    ended = phases.phase(ticket.status) is Phase.CLOSED
    return PastTicket(
        number=ticket.display_id,
        opened_at=ticket.created_at,
        states=tuple(states),
        client=ticket.client,
        request_type=ticket.request_type,
        sla_name=ticket.sla_name,
        responded_at=ticket.responded_at,
        resolved_at=ticket.resolved_at if ended else None,
        closed_at=(ticket.updated_at or ticket.resolved_at) if ended else None,
        made_sla=None if ticket.resolution_violated is None else not ticket.resolution_violated,
        since=sightings[0].at if sightings else None,
        requester=ticket.requester,
        source=ticket.source,
        recorded_at=max(sightings[0].at, ticket.created_at) if sightings else None,
    )
