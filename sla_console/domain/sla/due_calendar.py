"""Finds the hours in which a due time of SuperOps was counted, since SuperOps does not say.

The hours are those that lead from the start to the due time with a target that is known. Without
such a target they are the hours in which the due time can be reached at all: it lies within them,
or at their end. Where no known hours do, it is wall time, and the words say so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.held_time import due_after
from sla_console.domain.tickets.ticket import Hold, HoldReason

_TOLERANCE: Final = timedelta(minutes=1)
_INSTANT: Final = timedelta(microseconds=1)
_ZERO: Final = timedelta()

ALWAYS: Final = BusinessCalendar.always()
EVERY_HOUR: Final = "every hour, since SuperOps' due time was counted round the clock"
OUTSIDE: Final = "every hour, since SuperOps' due time lies outside the hours known here"
WALL: Final = "wall time, since no hours known here lead to SuperOps' due time"


@dataclass(frozen=True, slots=True)
class CountedHours:
    """Hours with a name for people."""

    calendar: BusinessCalendar
    words: str = ""


@dataclass(frozen=True, slots=True)
class KnownHours:
    """The hours that one due time of a ticket may have been counted in."""

    own: CountedHours
    """Those of its policy or its client."""
    policies: Sequence[tuple[timedelta, CountedHours]] = ()
    """Targets that the policies of the configuration allow, each in its hours."""
    calendars: Sequence[CountedHours] = ()
    """Calendars of the configuration."""
    round_the_clock: bool = False
    """Another due time of the ticket's SLA lies outside the client's hours."""


def hours_of_due(
    known: KnownHours,
    start: datetime | None,
    due: datetime,
    allowed: timedelta | None,
    holds: Sequence[Hold],
) -> CountedHours:
    """Return the hours in which SuperOps counted a due time.

    Args:
        known: The hours there are.
        start: When the clock started; None: not known.
        due: SuperOps' own due time.
        allowed: What the ticket's policy allows; None: not known.
        holds: Holds known to the console.

    Raises:
        ValueError: for times that no calendar knows.
    """
    own = known.own
    if own.calendar.is_always:
        return own
    if start is not None and due > start:
        for time, hours in _candidates(known, allowed):
            if leads_to(hours.calendar, start, time, holds, due):
                return hours
    if known.round_the_clock:
        return CountedHours(ALWAYS, OUTSIDE)
    for hours in (own, *known.calendars):
        if reachable(hours.calendar, due):
            return hours
    whole = start is not None and (due - start) % _TOLERANCE == _ZERO
    return CountedHours(ALWAYS, OUTSIDE if whole else WALL)


def _candidates(
    known: KnownHours, allowed: timedelta | None
) -> Iterator[tuple[timedelta, CountedHours]]:
    if allowed is not None:
        yield allowed, known.own
        yield allowed, CountedHours(ALWAYS, EVERY_HOUR)
    yield from known.policies


def leads_to(
    calendar: BusinessCalendar,
    start: datetime,
    allowed: timedelta,
    holds: Sequence[Hold],
    due: datetime,
) -> bool:
    """Return whether so much time in a calendar leads from a start to a due time, to the minute.

    A due time at closing time and one at the opening after it are the same.
    """
    for counted in _told_apart(holds):
        ours = due_after(calendar, start, allowed, counted)
        apart = abs(ours - due)
        if apart <= _TOLERANCE:
            return True
        if reachable(calendar, due) and calendar.open_time(ours, due) <= _TOLERANCE and ours < due:
            return True
    return False


def _told_apart(holds: Sequence[Hold]) -> Iterator[Sequence[Hold]]:
    """Give the holds that SuperOps may have counted: it may or may not add closed time."""
    yield holds
    for why in (HoldReason.CLOSED, HoldReason.INFERRED):
        fewer = [hold for hold in holds if hold.why is not why]
        if len(fewer) < len(holds):
            yield fewer


def reachable(calendar: BusinessCalendar, due: datetime) -> bool:
    """Return whether counting in a calendar can end at a moment: it is open, or just closing."""
    return calendar.is_open(due) or calendar.open_time(due - _INSTANT, due) > _ZERO
