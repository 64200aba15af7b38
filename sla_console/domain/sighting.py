"""What the console saw of a ticket, and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sla_console.domain.hands import Hand
from sla_console.domain.history import PastState, PastTicket
from sla_console.domain.judgement import Observed
from sla_console.domain.ticket import Hold, Phase, StatusPhases, Ticket
from sla_console.domain.verdict import Verdict


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


def hands_of(sightings: Sequence[Sighting]) -> tuple[Hand, ...]:
    """Return who had a ticket when, oldest first; the last span has no end."""
    found: list[Hand] = []
    for seen in sightings:
        if found and found[-1].technician_id == seen.technician_id:
            continue
        if found:
            found[-1] = replace(found[-1], end=seen.at)
        found.append(Hand(seen.technician_id, seen.technician, seen.at))
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
    return Observed(tuple(holds), since, tuple(verdicts), open_until, ended)


def past_of(ticket: Ticket, sightings: Sequence[Sighting], phases: StatusPhases) -> PastTicket:
    """Return a ticket of the store with the life that the console saw, to try promises on.

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
        PastState(max(s.at, ticket.created_at), s.status, s.priority, s.group, s.technician)
        for s in sightings
    ]
    last = PastState(
        ticket.updated_at or ticket.created_at,
        ticket.status,
        ticket.priority,
        ticket.group,
        ticket.technician,
    )
    if not states or states[-1].status != last.status:
        states.append(last)
    states[0] = replace(states[0], at=ticket.created_at)
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
    )
