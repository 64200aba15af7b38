"""Where SuperOps' due time and ours differ, and why that is likely.

SuperOps keeps its holidays, targets and holds to itself, so a difference is the only sign that the
console counts by something else.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sla_console.domain.breach import BreachType
from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.durations import hours_words

TOLERANCE: Final = timedelta(minutes=1)
_MOST_DAYS: Final = 60


class Cause(StrEnum):
    """What probably makes the difference."""

    CONVENTION = "convention at close"
    HOLIDAY = "missing holiday"
    HOLIDAY_OF_OURS = "holiday that SuperOps does not have"
    OTHER_HOURS = "hours that SuperOps does not count by"
    HOLD = "hold not seen"
    TARGET = "another target"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two due times for one promise. All times aware UTC."""

    target: BreachType
    theirs: datetime
    ours: datetime
    cause: Cause
    words: str
    """The cause in a sentence."""

    @property
    def difference(self) -> timedelta:
        """How much later SuperOps' due time is; negative where it is earlier."""
        return self.theirs - self.ours


def compare(
    target: BreachType,
    theirs: datetime,
    ours: datetime,
    calendar: BusinessCalendar,
    start: datetime,
    allowed: timedelta,
) -> Disagreement | None:
    """Return the difference between two due times, None where they agree to the minute.

    Args:
        target: Which promise.
        theirs: SuperOps' due time.
        ours: The one computed here.
        calendar: By which ours was computed.
        start: When the clock started.
        allowed: Promised time of the policy.
    """
    if abs(theirs - ours) <= TOLERANCE:
        return None
    cause, sentence = _cause(theirs, ours, calendar, start, allowed)
    return Disagreement(target, theirs, ours, cause, sentence)


def _cause(
    theirs: datetime,
    ours: datetime,
    calendar: BusinessCalendar,
    start: datetime,
    allowed: timedelta,
) -> tuple[Cause, str]:
    if abs(theirs - (start + allowed)) <= TOLERANCE:
        return Cause.OTHER_HOURS, "SuperOps counts every hour; the console counts business hours"
    later = theirs > ours
    apart = calendar.open_time(ours, theirs) if later else calendar.open_time(theirs, ours)
    if apart <= TOLERANCE:
        return (
            Cause.CONVENTION,
            "the promise ends at closing time; SuperOps writes the next opening"
            if later
            else "the promise ends at closing time, and the two sides name its ends differently",
        )
    holiday = None if later else _holiday(calendar, start, ours)
    if holiday is not None:
        return (
            Cause.HOLIDAY_OF_OURS,
            f"the holiday {holiday:%d %b %Y} counts here but not in SuperOps",
        )
    if not calendar.is_open(theirs) and not calendar.open_time(theirs - TOLERANCE, theirs):
        return Cause.OTHER_HOURS, "SuperOps' due time lies outside the hours that count here"
    return (
        _later(apart, calendar, start, theirs)
        if later
        else _earlier(calendar, start, theirs, allowed)
    )


def _later(
    apart: timedelta, calendar: BusinessCalendar, start: datetime, theirs: datetime
) -> tuple[Cause, str]:
    day = _day_of(apart, calendar, start, theirs)
    if day is not None:
        return Cause.HOLIDAY, f"SuperOps seems to have a holiday such as {day:%d %b %Y}"
    span = hours_words(apart)
    return Cause.HOLD, f"a hold of {span} that the console did not see, or a longer target"


def _earlier(
    calendar: BusinessCalendar, start: datetime, theirs: datetime, allowed: timedelta
) -> tuple[Cause, str]:
    shorter = hours_words(calendar.open_time(start, theirs))
    return Cause.TARGET, f"SuperOps allows {shorter}, the policy here {hours_words(allowed)}"


def _day_of(
    apart: timedelta, calendar: BusinessCalendar, start: datetime, end: datetime
) -> date | None:
    """Return the last whole local day in the span whose hours are just the difference."""
    if calendar.is_always:
        return None
    day = end.astimezone(calendar.zone).date()
    first = start.astimezone(calendar.zone).date()
    for _ in range(_MOST_DAYS):
        day -= timedelta(days=1)
        if day <= first:
            return None
        midnight = datetime.combine(day, datetime.min.time(), calendar.zone).astimezone(UTC)
        after = datetime.combine(
            day + timedelta(days=1), datetime.min.time(), calendar.zone
        ).astimezone(UTC)
        if abs(calendar.open_time(midnight, after) - apart) <= TOLERANCE:
            return day
    return None


def _holiday(calendar: BusinessCalendar, start: datetime, end: datetime) -> date | None:
    first, last = (moment.astimezone(calendar.zone).date() for moment in (start, end))
    return min(
        (
            day
            for day in calendar.holidays
            if first <= day <= last
            and calendar.week[day.weekday()]
            and day not in calendar.overrides
        ),
        default=None,
    )
