"""Knows who had a ticket when, and shares the time of a target among them.

Time in which nobody had the ticket is nobody's. What was before the console first saw the ticket
belongs to the technician who had it then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.held_time import promised_time
from sla_console.domain.tickets.ticket import Hold


@dataclass(frozen=True, slots=True)
class Assignment:
    """A span in which one technician, or nobody, had a ticket. UTC; ``end`` None: still."""

    technician_id: str | None
    technician: str | None
    start: datetime
    end: datetime | None = None


def share_by_assignee(
    assignments: Sequence[Assignment],
    calendar: BusinessCalendar,
    start: datetime,
    stop: datetime,
    holds: Sequence[Hold] = (),
) -> dict[str | None, float]:
    """Return the share of the counted time in which each technician had the ticket.

    The shares add up to 1. Technicians who had it for no counted time are left out; where no
    counted time has passed, all of it belongs to the one who had the ticket at the end.

    Args:
        assignments: Oldest first, at least one.
        calendar: The hours that count.
        start: When the clock started.
        stop: Up to when it counts.
        holds: What does not count.
    """
    spent: dict[str | None, float] = {}
    for place, one in enumerate(assignments):
        begin = start if place == 0 else max(one.start, start)
        last = place == len(assignments) - 1
        end = stop if last or one.end is None else min(one.end, stop)
        passed = promised_time(calendar, begin, end, holds).total_seconds()
        if passed:
            spent[one.technician_id] = spent.get(one.technician_id, 0.0) + passed
    whole = sum(spent.values())
    if not whole:
        return {assignee_at(assignments, stop): 1.0}
    return {technician: passed / whole for technician, passed in spent.items()}


def assumed_share(
    assignments: Sequence[Assignment],
    calendar: BusinessCalendar,
    start: datetime,
    stop: datetime,
    holds: Sequence[Hold] = (),
) -> float:
    """Return the share of the counted time before the ticket was first seen, 0 to 1.

    Args:
        assignments: Oldest first, at least one; the first begins when the ticket was first seen.
        calendar: The hours that count.
        start: When the clock started.
        stop: Up to when it counts.
        holds: What does not count.
    """
    seen = assignments[0].start
    if seen <= start:
        return 0.0
    if seen >= stop:
        return 1.0
    whole = promised_time(calendar, start, stop, holds)
    return promised_time(calendar, start, seen, holds) / whole if whole else 0.0


def assignee_at(assignments: Sequence[Assignment], moment: datetime) -> str | None:
    """Return the id of the technician who had the ticket at a moment.

    Before the first assignment that is its technician.
    """
    found = assignments[0].technician_id
    for one in assignments:
        if one.start > moment:
            break
        found = one.technician_id
    return found
