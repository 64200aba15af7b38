"""The facts known of a running target at one moment, as a forecast looks at them.

Nothing that was stamped after the moment is in it: not how the ticket ended, not who ended it, not
what its group or status became.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import log1p
from typing import Final

from sla_console.domain.names import folded
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.held_time import due_after, promised_time
from sla_console.domain.sla.sla_clock import DueSource, SLAClock
from sla_console.domain.tickets.past_tickets import PastTicket

NAMES: Final = (
    "group",
    "request type",
    "subcategory",
    "subject",
    "client",
    "requester",
    "technician",
    "priority",
    "source",
    "group and status",
)
"""The facts that are names, in the order of ``ClockMoment.names``."""
NUMBERS: Final = ("changes", "groups", "technicians", "untouched", "in status", "left")
"""The facts that are numbers, in the order of ``ClockMoment.numbers``."""
_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class ClockMoment:
    """A running target as it is known at a moment. UTC."""

    ticket_id: str
    target: BreachType
    at: datetime
    due: datetime
    """As it was known then."""
    share: float
    """Part of the target that was used up, 0 to 1."""
    status: str
    names: tuple[str, ...]
    """One for each of ``NAMES``; empty where there is none."""
    numbers: tuple[float, ...]
    """One for each of ``NUMBERS``: counts and hours, as logarithms."""
    span: float
    """Hours on the wall from the beginning of the status to the due time."""
    weekday: int
    hour: int
    """The hour of the day, in the zone of the target's hours."""
    untouched: timedelta
    """Since the last change that was seen."""
    in_status: timedelta
    changes: int
    """How often it was changed."""
    groups: int
    """How often it went to another group."""
    technicians: int
    """How often it went to another technician."""


def moment_of(past: PastTicket, clock: SLAClock, at: datetime) -> ClockMoment | None:
    """Return what is known of a target at a moment; None where it has no target or no due time.

    Args:
        past: The ticket; states after the moment are not looked at.
        clock: Its target.
        at: The moment, not before the start.
    """
    if clock.allowed is None and clock.due is None:
        return None
    started = clock.started_at or past.opened_at
    holds = [hold for hold in clock.holds if hold.start <= at]
    # A wait that is not over yet moves no due time, whenever it will be over.
    over = [hold for hold in holds if hold.end is not None and hold.end <= at]
    if clock.source is DueSource.SUPEROPS or clock.allowed is None:
        due = clock.due
        allowed = None if due is None else promised_time(clock.calendar, started, due, over)
    else:
        allowed = clock.allowed
        due = due_after(clock.calendar, started, allowed, over)
    if due is None or not allowed:
        return None
    used = promised_time(clock.calendar, started, max(at, started), over)
    states = [state for state in past.states if state.at <= at] or list(past.states[:1])
    last = states[-1]
    entered = next(
        (b.at for a, b in reversed(list(pairwise(states))) if folded(a.status) != folded(b.status)),
        past.opened_at,
    )
    groups = sum(a.group != b.group and a.group is not None for a, b in pairwise(states))
    hands = sum(
        a.technician != b.technician and a.technician is not None for a, b in pairwise(states)
    )
    changes = sum(state.at > past.opened_at for state in states)
    untouched, in_status = at - max(last.at, past.opened_at), at - max(entered, past.opened_at)
    left = (due - at).total_seconds() / _HOUR
    local = at.astimezone(clock.calendar.zone)
    group, status = last.group or "", folded(last.status)
    return ClockMoment(
        ticket_id=past.number,
        target=clock.target,
        at=at,
        due=due,
        share=min(max(used / allowed, 0.0), 1.0),
        status=status,
        names=(
            group,
            last.request_type or "",
            last.subcategory or "",
            last.subject or "",
            last.client or "",
            last.requester or "",
            last.technician or "",
            last.priority or "",
            past.source or "",
            f"{group}|{status}",
        ),
        numbers=(
            log1p(changes),
            log1p(groups),
            log1p(hands),
            log1p(max(untouched.total_seconds(), 0.0) / _HOUR),
            log1p(max(in_status.total_seconds(), 0.0) / _HOUR),
            log1p(max(left, 0.0)),
        ),
        span=(due - max(entered, past.opened_at)).total_seconds() / _HOUR,
        weekday=local.weekday(),
        hour=local.hour,
        untouched=untouched,
        in_status=in_status,
        changes=changes,
        groups=groups,
        technicians=hands,
    )
