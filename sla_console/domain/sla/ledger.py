"""How a due time came about: every stretch of a clock's life, counted or not, and why.

Made so that a person can check it by hand: each line says from when to when, whether it counts and
why, how much promised time that is, and how much it is in all.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final

from sla_console.domain.sla.calendar import WEEKDAYS, BusinessCalendar
from sla_console.domain.sla.sla_clock import SLAClock
from sla_console.domain.tickets.ticket import HoldReason

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HELD: Final = {
    HoldReason.STATUS: "held, its status waits",
    HoldReason.INFERRED: "held, inferred from a due time that moved",
    HoldReason.CLOSED: "closed before it was opened again",
}
_NAMED_DAYS: Final = 4


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One stretch of a clock's life. UTC."""

    start: datetime
    end: datetime
    counted: bool
    why: str
    passed: timedelta
    """Promised time of this stretch; zero where it does not count."""
    total: timedelta
    """Promised time since the start, this stretch included."""
    late: bool = False
    """It lies after the due time."""


def ledger(clock: SLAClock, now: datetime) -> list[LedgerLine]:
    """Return the stretches from the start of a clock to its due time, or to its end if that is later.

    A stretch of the future counts as if the ticket stayed as it is. Empty without a due time.

    Raises:
        ValueError: for times that no calendar knows.
    """
    start, due = clock.started_at, clock.due
    if start is None or due is None or due < start:
        return []
    waits = None if clock.broken(now) else clock.held_since
    reached = clock.end() or waits or now
    end = max(due, min(reached, now))
    if end <= start:
        return []
    hours = _Hours(clock.calendar, start, end)
    holds = _within(clock, start, end, now)
    edges = {start, end, due, *hours.edges}
    edges.update(moment for one in holds for moment in (one.start, one.end))
    found: list[LedgerLine] = []
    total = timedelta()
    for begin, finish in pairwise(sorted(edge for edge in edges if start <= edge <= end)):
        late = begin >= due
        within = (one for one in holds if one.stops_lateness or not late)
        why = next((one.why for one in within if one.start <= begin < one.end), None)
        counted = why is None and hours.is_open(begin)
        passed = finish - begin if counted else timedelta()
        total += passed
        last = found[-1] if found else None
        if last and last.late is late and last.counted is counted and last.why == (why or ""):
            found.pop()
            begin, passed = last.start, last.passed + passed  # noqa: PLW2901 - the two are one line
        found.append(LedgerLine(begin, finish, counted, why or "", passed, total, late))
    return [_explained(line, hours) for line in found]


@dataclass(frozen=True, slots=True)
class _Wait:
    start: datetime
    end: datetime
    why: str
    stops_lateness: bool
    """Whether time that is late does not count in it."""


def _within(clock: SLAClock, start: datetime, end: datetime, now: datetime) -> list[_Wait]:
    found = []
    for hold in clock.holds:
        finish = hold.end or now
        if hold.start < end and finish > start:
            stops = clock.stops_lateness(hold)
            found.append(_Wait(max(hold.start, start), min(finish, end), _HELD[hold.why], stops))
    return found


def _explained(line: LedgerLine, hours: "_Hours") -> LedgerLine:
    if line.why:
        return line
    why = hours.why_open(line.start) if line.counted else hours.why_closed(line.start, line.end)
    return LedgerLine(
        line.start, line.end, line.counted, why, line.passed, line.total, late=line.late
    )


class _Hours:
    """The open stretches of a span, and words for them."""

    def __init__(self, calendar: BusinessCalendar, start: datetime, end: datetime) -> None:
        self._calendar = calendar
        spans = list(calendar.stretches(start, end + timedelta(seconds=1)))
        self._starts = [_EPOCH + timedelta(seconds=begin) for begin, _ in spans]
        self._ends = [_EPOCH + timedelta(seconds=finish) for _, finish in spans]
        self.edges = (*self._starts, *self._ends)

    def is_open(self, at: datetime) -> bool:
        place = bisect_right(self._starts, at) - 1
        return place >= 0 and at < self._ends[place]

    def why_open(self, at: datetime) -> str:
        if self._calendar.is_always:
            return "open, every hour counts"
        day = at.astimezone(self._calendar.zone).date()
        return "open, special hours of this date" if day in self._calendar.overrides else "open"

    def why_closed(self, start: datetime, end: datetime) -> str:
        named = list(self._closed_days(start, end))
        if not named:
            return "closed, outside hours"
        more = f" and {len(named) - _NAMED_DAYS} more days" if len(named) > _NAMED_DAYS else ""
        return f"closed, outside hours, {', '.join(named[:_NAMED_DAYS])}{more}"

    def _closed_days(self, start: datetime, end: datetime) -> Iterator[str]:
        """Give a word for each local day in a gap on which nothing opens at all."""
        calendar = self._calendar
        day = start.astimezone(calendar.zone).date()
        last = end.astimezone(calendar.zone).date()
        while day <= last:
            if not calendar.local_intervals(day):
                yield _day_words(calendar, day)
            day += timedelta(days=1)


def _day_words(calendar: BusinessCalendar, day: date) -> str:
    if day in calendar.overrides:
        return f"closed on {day:%d %b %Y} by exception"
    if day in calendar.holidays and calendar.week[day.weekday()]:
        return f"holiday {day:%d %b %Y}"
    return WEEKDAYS[day.weekday()].capitalize()
