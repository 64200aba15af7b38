"""A recorded incident log as tickets of the past."""

from collections import defaultdict
from datetime import datetime

from sla_console.domain.history import PastState, PastTicket
from sla_console.simulator.incident_log import IncidentLog, LogEvent


def past_tickets(log: IncidentLog) -> list[PastTicket]:
    """Return each incident of a log with its whole life, in the order in which they were opened.

    The location stands for the client. The first response is the first event that took an incident
    out of ``New``; a value that an event does not give stays as it was before.
    """
    lives: dict[str, list[LogEvent]] = defaultdict(list)
    for event in log.events:
        lives[event.number].append(event)
    found = [_past(number, events) for number, events in lives.items()]
    return sorted(found, key=lambda past: (past.opened_at, past.number))


def _past(number: str, events: list[LogEvent]) -> PastTicket:
    first, last = events[0], events[-1]
    opened = min(event.opened for event in events)
    status, priority, group, technician = "New", None, None, None
    states: list[PastState] = []
    responded: datetime | None = None
    for event in events:
        status = event.state or status
        priority = event.priority or priority
        group = event.group or group
        technician = event.technician or technician
        # What is written down before the opening was so at the opening.
        at = max(event.at, opened)
        if not states and at > opened:
            states.append(PastState(opened, "New", priority, group, None))
        states.append(PastState(at, status, priority, group, technician))
        if responded is None and status != "New":
            responded = at
    return PastTicket(
        number=number,
        opened_at=opened,
        states=tuple(states),
        client=last.location or first.location,
        request_type=last.category or first.category,
        responded_at=responded,
        resolved_at=_last(events, "resolved", opened),
        closed_at=_last(events, "closed", opened),
        made_sla=last.made_sla,
        requester=last.caller or first.caller,
    )


def _last(events: list[LogEvent], field: str, opened: datetime) -> datetime | None:
    """Return the last value of a moment that is given at all and not before the opening."""
    values: list[datetime] = [at for event in events if (at := getattr(event, field)) is not None]
    return values[-1] if values and values[-1] >= opened else None
