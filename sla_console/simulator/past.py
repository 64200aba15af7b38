"""A recorded log as tickets of the past."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from sla_console.domain.names import folded
from sla_console.domain.tickets.log_map import LogMap
from sla_console.domain.tickets.past_tickets import PastState, PastTicket
from sla_console.domain.tickets.ticket import Phase, StatusPhases
from sla_console.simulator.incident_log import IncidentLog
from sla_console.simulator.logs.log_event import LogEvent

_OPENED = "New"
"""The status of a ticket before the first one that the log knows."""


def past_tickets(log: IncidentLog) -> list[PastTicket]:
    """Return each ticket of a log with its whole life, in the order in which they were opened.

    The first response is what the log has as such, else the first status that says so. A ticket
    ended when the log says so, unless it was in work again after that; else when it came to a
    status that ends it. A value that an event does not give stays as it was before.
    """
    lives: dict[str, list[LogEvent]] = defaultdict(list)
    for event in log.events:
        lives[event.number].append(event)
    phases = log.plan.phases()
    reader = _Lives(log.plan, phases, by_status=log.plan.rows == "events")
    found = [reader.past(number, events) for number, events in lives.items()]
    return sorted(found, key=lambda past: (past.opened_at, past.number))


class _Lives:
    """Makes tickets of events.

    Args:
        plan: What the statuses are.
        phases: What they mean.
        by_status: Whether a status says when it began, so that it can answer a ticket.
    """

    def __init__(self, plan: LogMap, phases: StatusPhases, *, by_status: bool) -> None:
        self._phases = phases
        self._by_status = by_status
        self._opened = plan.new[0] if plan.new else _OPENED
        self._new = frozenset(map(folded, plan.new))
        self._answered = frozenset(map(folded, plan.answered))
        self._resolved = frozenset(map(folded, plan.resolved))
        self._has_column = (
            "first_response" in plan.columns or "first_response_minutes" in plan.columns
        )

    def past(self, number: str, events: list[LogEvent]) -> PastTicket:
        """Return one ticket, from its events in the order of time."""
        first, last = events[0], events[-1]
        opened = min(event.opened for event in events)
        states = self._states(events, opened)
        resolved, closed = self._ends(states, events, opened)
        return PastTicket(
            number=number,
            opened_at=opened,
            states=states,
            client=last.location or first.location,
            request_type=last.category or first.category,
            responded_at=_last(events, "responded", opened) or self._response(states),
            resolved_at=resolved,
            closed_at=closed,
            made_sla=last.made_sla,
            requester=last.caller or first.caller,
            source=last.source or first.source,
            recorded_at=max(first.at, opened),
        )

    def _states(self, events: list[LogEvent], opened: datetime) -> tuple[PastState, ...]:
        known = PastState(opened, self._opened)
        states: list[PastState] = []
        for event in events:
            # What is written down before the opening was so at the opening.
            at = max(event.at, opened)
            known = PastState(
                at,
                event.state or known.status,
                event.priority or known.priority,
                event.group or known.group,
                event.technician or known.technician,
                event.location or known.client,
                event.category or known.request_type,
                event.subcategory or known.subcategory,
                event.subject or known.subject,
                event.caller or known.requester,
            )
            if not states and at > opened:
                states.append(replace(known, at=opened, status=self._opened, technician=None))
            states.append(known)
        return tuple(states)

    def _response(self, states: tuple[PastState, ...]) -> datetime | None:
        if self._has_column or not self._by_status:
            return None
        new = self._new or {folded(states[0].status)}
        for state in states:
            status = folded(state.status)
            if status in self._answered or (not self._answered and status not in new):
                return state.at
        return None

    def _ends(
        self, states: tuple[PastState, ...], events: list[LogEvent], opened: datetime
    ) -> tuple[datetime | None, datetime | None]:
        """Return when it was resolved and closed for good."""
        ended = [self._phases.phase(state.status) is Phase.CLOSED for state in states]
        running = max((at for at, over in enumerate(ended) if not over), default=-1)
        reopened = states[running].at if running > 0 and any(ended[:running]) else None
        resolved = _end(events, "resolved", opened, reopened)
        closed = _end(events, "closed", opened, reopened)
        final = states[running + 1 :]
        if final and resolved is None and closed is None:
            resolved = final[0].at
        if final and closed is None:
            shut = (s.at for s in final if folded(s.status) not in self._resolved)
            at = next(shut, None)
            closed = at if at is None or resolved is None else max(at, resolved)
        return resolved, closed


def _end(
    events: list[LogEvent], field: str, opened: datetime, reopened: datetime | None
) -> datetime | None:
    """Return the end that a column gives; what it gave before the ticket was reopened is none.

    One that stands on rows from before it is the end for good, as the source knew it afterwards.
    """
    at = _last(events, field, opened)
    if at is None or reopened is None or at >= reopened:
        return at
    return at if any(e.at < at == getattr(e, field) for e in events) else None


def _last(events: list[LogEvent], field: str, opened: datetime) -> datetime | None:
    """Return the last value of a moment that is given at all and not before the opening."""
    values: list[datetime] = [at for event in events if (at := getattr(event, field)) is not None]
    return values[-1] if values and values[-1] >= opened else None
