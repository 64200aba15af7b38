"""Tickets of the past: their whole life at once, for trying promises on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sla_console.domain.sla.evaluation import Observed
from sla_console.domain.tickets.ticket import Hold, HoldReason, Phase, StatusPhases, Ticket


@dataclass(frozen=True, slots=True)
class PastState:
    """A ticket after something happened to it. UTC."""

    at: datetime
    status: str
    priority: str | None = None
    group: str | None = None
    technician: str | None = None
    client: str | None = None
    request_type: str | None = None
    subcategory: str | None = None
    subject: str | None = None
    requester: str | None = None


@dataclass(frozen=True, slots=True)
class PastTicket:
    """One ticket of the past. All times aware UTC."""

    number: str
    opened_at: datetime
    states: tuple[PastState, ...]
    """In order of time, at least one; the first begins at ``opened_at``."""
    client: str | None = None
    request_type: str | None = None
    sla_name: str | None = None
    responded_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    made_sla: bool | None = None
    """The source system's own verdict on the resolution; None: it gives none."""
    since: datetime | None = None
    """When it was first seen, where what was before is not known."""
    requester: str | None = None
    source: str | None = None
    """How it came in, as the desk names it."""
    recorded_at: datetime | None = None
    """When the source system first had it, which may be after it was opened; None: at its opening."""

    def state_at(self, moment: datetime) -> PastState:
        """Return the state that was in force at a moment, the first one before the beginning."""
        current = self.states[0]
        for state in self.states:
            if state.at > moment:
                break
            current = state
        return current

    def stopped_at(self, stop_at: str) -> datetime | None:
        """Return when its resolution stopped, for a promise that runs to ``stop_at``.

        Args:
            stop_at: ``"resolved"``, where one that was closed without being resolved stops at its
                closing; or ``"closed"``.
        """
        if stop_at == "closed":
            return self.closed_at
        return self.resolved_at or self.closed_at

    def known_until(self, moment: datetime) -> "PastTicket":
        """Return what was known of it at a moment: nothing that came later."""

        def known(at: datetime | None) -> datetime | None:
            return None if at is None or at > moment else at

        states = tuple(state for state in self.states if state.at <= moment) or self.states[:1]
        closed, last = known(self.closed_at), states[-1]
        return PastTicket(
            number=self.number,
            opened_at=self.opened_at,
            states=states,
            client=last.client,
            request_type=last.request_type,
            sla_name=self.sla_name,
            responded_at=known(self.responded_at),
            resolved_at=known(self.resolved_at),
            closed_at=closed,
            made_sla=None if closed is None else self.made_sla,
            since=self.since,
            requester=self.requester,
            source=self.source,
            recorded_at=self.recorded_at,
        )

    def holds(self, phases: StatusPhases, stop: datetime | None, stop_at: str) -> tuple[Hold, ...]:
        """Return the spans in which it waited, or was closed before it was opened again.

        Args:
            phases: What the names of statuses mean.
            stop: When its resolution stopped; None: it still runs.
            stop_at: What ends the promise; one that runs to its closing counts on while it is
                resolved.
        """
        found = []
        for start, end, phase in self._spans(phases):
            if stop is not None and start >= stop:
                break
            if phase is Phase.HOLD:
                found.append(Hold(start, end))
            elif phase is Phase.CLOSED and stop_at != "closed" and end is not None:
                found.append(Hold(start, end, HoldReason.CLOSED))
        return tuple(found)

    def _spans(self, phases: StatusPhases) -> Iterator[tuple[datetime, datetime | None, Phase]]:
        """Give the stretches of one phase, oldest first; the last has no end."""
        start, phase = self.states[0].at, phases.phase(self.states[0].status)
        for state in self.states[1:]:
            after = phases.phase(state.status)
            if after is not phase:
                if state.at > start:
                    yield start, state.at, phase
                start, phase = state.at, after
        yield start, None, phase

    def as_ticket(self, phases: StatusPhases, stop_at: str) -> tuple[Ticket, Observed]:
        """Return it as a ticket to be judged, and what is known of its life."""
        stop = self.stopped_at(stop_at)
        last = self.states[-1] if stop is None else self.state_at(stop)
        closed = next(iter(sorted(phases.closed)), "closed")
        running = last.status if phases.phase(last.status) is not Phase.CLOSED else "open"
        ticket = Ticket(
            id=self.number,
            display_id=self.number,
            subject="",
            status=running if stop is None else closed,
            priority=last.priority,
            request_type=self.request_type,
            client=self.client,
            requester=self.requester,
            technician=last.technician,
            technician_id=last.technician,
            group=last.group,
            sla_name=self.sla_name,
            created_at=self.opened_at,
            updated_at=last.at,
            responded_at=self.responded_at,
            resolved_at=stop,
            source=self.source,
        )
        return ticket, Observed(self.holds(phases, stop, stop_at), self.since)
