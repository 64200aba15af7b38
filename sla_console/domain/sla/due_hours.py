"""How many promises fall due in each of the next working hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.sla_clock import EvaluatedTicket

_HOUR: Final = timedelta(hours=1)
_FARTHEST: Final = timedelta(days=14)
"""How far ahead working hours are looked for."""


@dataclass(frozen=True, slots=True)
class DueHour:
    """One working hour. Times aware UTC."""

    start: datetime
    end: datetime
    due: int
    """Promises that fall due in it, or since the working hour before."""


def working_hours(
    calendar: BusinessCalendar, now: datetime, count: int
) -> list[tuple[datetime, datetime]]:
    """Return the hours of the clock that begin with the current one and have open time.

    Args:
        calendar: The hours worked.
        now: The moment, aware UTC.
        count: How many at most; there are fewer where the calendar knows no more in two weeks.
    """
    found: list[tuple[datetime, datetime]] = []
    # Zones a quarter of an hour off have their full hours elsewhere than UTC has.
    past = timedelta(minutes=now.astimezone(calendar.zone).minute % 60)
    at = now.replace(second=0, microsecond=0) - past
    limit = now + _FARTHEST
    while len(found) < count and at < limit:
        end = at + _HOUR
        if calendar.open_time(max(at, now), end) > timedelta():
            found.append((at, end))
            at = end
            continue
        try:
            opening = calendar.next_opening(end)
        except ValueError:
            break  # nothing opens any more
        at = max(end, opening - (opening - at) % _HOUR)
    return found


def due_hours(
    tickets: Sequence[EvaluatedTicket], calendar: BusinessCalendar, now: datetime, count: int = 8
) -> tuple[DueHour, ...]:
    """Return the next working hours and how many promises fall due in each.

    What falls due while it is closed, for a client whose hours are longer, counts to the working
    hour that follows, so nothing is lost between two. What waits or is broken does not count.

    Args:
        tickets: Ordered by next due time, as on a board.
        calendar: The hours worked.
        now: The moment, aware UTC.
        count: Of how many hours.
    """
    hours = working_hours(calendar, now, count)
    if not hours:
        return ()
    horizon = hours[-1][1]
    dues: list[datetime] = []
    for judged in tickets:
        first = judged.next_due()
        if judged.held:
            continue
        if first is None or first >= horizon:
            break
        dues += [
            clock.due
            for clock in judged.clocks
            if clock.due is not None and not clock.ended() and now <= clock.due < horizon
        ]
    dues.sort()
    found, taken = [], 0
    for start, end in hours:
        reached = taken
        while reached < len(dues) and dues[reached] < end:
            reached += 1
        found.append(DueHour(start, end, reached - taken))
        taken = reached
    return tuple(found)
