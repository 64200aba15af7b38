"""Where SuperOps' due time and ours differ, and why, where the figures say so.

SuperOps keeps its holidays, targets and holds to itself, so a difference is the only sign that the
console counts by something else. A cause is named only where it gives the very difference; where
none does, none is named.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sla_console.domain.durations import hours_words
from sla_console.domain.sla.breach import BreachType
from sla_console.domain.sla.calendar import BusinessCalendar
from sla_console.domain.sla.due_moves import TOLERANCE, DueMove

_MOST_DAYS: Final = 60
_ZERO: Final = timedelta()
_HOUR: Final = timedelta(hours=1)
_USUAL: Final = (
    (4 * _HOUR, _HOUR),
    (_HOUR, timedelta(minutes=15)),
    (_ZERO, timedelta(minutes=5)),
)
"""From how long on targets are whole multiples of what, as people promise them."""


class Cause(StrEnum):
    """Cause of a difference between two due times."""

    CONVENTION = "convention at close"
    HOLIDAY = "missing holiday"
    HOLIDAY_OF_OURS = "holiday that SuperOps does not have"
    OTHER_HOURS = "hours that SuperOps does not count by"
    HOLD = "hold not seen"
    TARGET = "another target"
    MOVED = "due time that was moved"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two due times for one promise. All times aware UTC."""

    target: BreachType
    theirs: datetime
    ours: datetime
    cause: Cause | None
    """None: nothing that is known gives just this difference."""
    words: str
    """The cause in a sentence; empty without one."""

    @property
    def difference(self) -> timedelta:
        """How much later SuperOps' due time is; negative where it is earlier."""
        return self.theirs - self.ours


@dataclass(frozen=True, slots=True)
class Counted:
    """How a due time of ours came about. All times aware UTC."""

    calendar: BusinessCalendar
    start: datetime
    """When the clock started."""
    allowed: timedelta
    """Promised time of the policy."""
    held_due: datetime | None = None
    """Ours if the holds that nobody saw are counted too; None: there are none."""
    moves: Sequence[DueMove] = ()
    """How SuperOps' due time moved before, oldest first."""


def compare(
    target: BreachType, theirs: datetime, ours: datetime, counted: Counted
) -> Disagreement | None:
    """Return the difference between two due times, None where they agree to the minute.

    Args:
        target: Which promise.
        theirs: SuperOps' due time.
        ours: The one computed here.
        counted: How ours came about.
    """
    if abs(theirs - ours) <= TOLERANCE:
        return None
    cause, sentence = next(_causes(target, theirs, ours, counted), (None, ""))
    return Disagreement(target, theirs, ours, cause, sentence)


def _causes(
    target: BreachType, theirs: datetime, ours: datetime, counted: Counted
) -> Iterator[tuple[Cause, str]]:
    """Give what accounts for the whole difference, what is known before what is likely."""
    calendar, start, later = counted.calendar, counted.start, theirs > ours
    if abs(theirs - (start + counted.allowed)) <= TOLERANCE:
        yield Cause.OTHER_HOURS, "SuperOps counts every hour; the console counts business hours"
    apart = calendar.open_time(ours, theirs) if later else calendar.open_time(theirs, ours)
    span = hours_words(apart)
    if apart <= TOLERANCE:
        yield (
            Cause.CONVENTION,
            "the promise ends at closing time; SuperOps writes the next opening"
            if later
            else "the promise ends at closing time, and the two sides name its ends differently",
        )
    if counted.held_due is not None and abs(theirs - counted.held_due) <= TOLERANCE:
        yield Cause.HOLD, f"a hold of {span} that the console did not see moved it"
    if any(_accounts_for(move, target, theirs, ours) for move in counted.moves):
        way = "later" if later else "earlier"
        yield Cause.MOVED, f"SuperOps' due time was moved {way} by {span}, and nothing else changed"
    if not later and (holiday := _holiday(apart, calendar, start, ours)) is not None:
        yield (
            Cause.HOLIDAY_OF_OURS,
            f"the holiday {holiday:%d %b %Y} counts here but not in SuperOps",
        )
    if not calendar.is_open(theirs) and not calendar.open_time(theirs - TOLERANCE, theirs):
        yield Cause.OTHER_HOURS, "SuperOps' due time lies outside the hours that count here"
    if later and (day := _day_of(apart, calendar, start, theirs)) is not None:
        yield Cause.HOLIDAY, f"SuperOps seems to have a holiday such as {day:%d %b %Y}"
    theirs_allowed = calendar.open_time(start, theirs) - _held(counted, ours)
    if _is_usual(theirs_allowed):
        said, here = hours_words(theirs_allowed), hours_words(counted.allowed)
        yield Cause.TARGET, f"SuperOps allows {said}, the policy here {here}"


def _accounts_for(move: DueMove, target: BreachType, theirs: datetime, ours: datetime) -> bool:
    """Return whether a due time was ours before it was moved to where it is."""
    return (
        move.target is target
        and abs(move.after - theirs) <= TOLERANCE
        and abs(move.before - ours) <= TOLERANCE
    )


def _held(counted: Counted, ours: datetime) -> timedelta:
    """Return the promised time of the holds that moved ours."""
    return counted.calendar.open_time(counted.start, ours) - counted.allowed


def _is_usual(target: timedelta) -> bool:
    """Return whether people promise targets of this length, to the second."""
    step = next((step for least, step in _USUAL if target >= least), _HOUR)
    return target > _ZERO and target % step == _ZERO


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


def _holiday(
    apart: timedelta, calendar: BusinessCalendar, start: datetime, end: datetime
) -> date | None:
    """Return the first of our holidays in the span; None where they do not give the difference."""
    first, last = (moment.astimezone(calendar.zone).date() for moment in (start, end))
    days = sorted(
        day
        for day in calendar.holidays
        if first < day <= last and calendar.week[day.weekday()] and day not in calendar.overrides
    )
    hours = [
        sum((timedelta(seconds=b - a) for a, b in calendar.week[day.weekday()]), _ZERO)
        for day in days
    ]
    if days and abs(sum(hours, _ZERO) - apart) <= TOLERANCE:
        return days[0]
    alone = (day for day, span in zip(days, hours, strict=True) if abs(span - apart) <= TOLERANCE)
    return next(alone, None)
