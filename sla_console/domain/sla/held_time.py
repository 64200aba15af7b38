"""Promised time that does not pass: holds taken out of open time, from and to the second.

Holds count in open time, overlapping ones once. A hold that is still on has no end: it takes
nothing out yet, since how long it lasts is not known.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.tickets.ticket import Hold, HoldReason

Waits = list[tuple[datetime, datetime]]


def waits_within(holds: Iterable[Hold], start: datetime, end: datetime | None) -> Waits:
    """Return the ended holds in [start, end) in order, those that overlap as one."""
    found: Waits = []
    if not holds:
        return found
    for hold in sorted(holds, key=lambda each: each.start):
        if hold.end is None:
            continue
        begin = max(hold.start, start)
        finish = hold.end if end is None else min(hold.end, end)
        if begin >= finish:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(finish, found[-1][1]))
        else:
            found.append((begin, finish))
    return found


def promised_time(
    calendar: BusinessCalendar, start: datetime, end: datetime, holds: Sequence[Hold] = ()
) -> timedelta:
    """Return the promised time that passes in [start, end): open time less the holds in it."""
    passed = calendar.open_time(start, end)
    if not holds:
        return passed
    for begin, finish in waits_within(holds, start, end):
        passed -= calendar.open_time(begin, finish)
    return passed


def moved_by_closing(calendar: BusinessCalendar, due: datetime, holds: Iterable[Hold]) -> datetime:
    """Return a due time of SuperOps with the time added for which the ticket was closed.

    A span does not count where SuperOps has moved the due time since, or where it was missed
    before.

    Raises:
        ValueError: if the calendar does not open again.
    """
    moved = due
    for hold in sorted(holds, key=lambda each: each.start):
        if hold.why is not HoldReason.CLOSED or hold.end is None or hold.start >= moved:
            continue
        # Where nobody saw the due time before it was opened again, one that lies before that
        # moment cannot have been moved for it.
        if hold.due == due or (hold.due is None and due < hold.end):
            moved = calendar.add(hold.end, calendar.open_time(hold.start, moved))
    return moved


def due_after(
    calendar: BusinessCalendar, start: datetime, allowed: timedelta, holds: Sequence[Hold] = ()
) -> datetime:
    """Return the earliest moment by which so much promised time has passed since ``start``.

    A hold that begins after that moment moves nothing.

    Raises:
        ValueError: if the calendar never opens for so long.
    """
    if not holds:
        return calendar.add(start, allowed)
    at, left = start, allowed
    for begin, finish in waits_within(holds, start, None):
        before = calendar.open_time(at, begin)
        if before >= left:
            break
        left -= before
        at = finish
    return calendar.add(at, left)
