"""Business calendars: when promised time counts.

Semantics: ``open_time(a, b)`` is the real time in [a, b) at which the calendar is open;
``add(a, n)`` is the earliest moment t with ``open_time(a, t) >= n``, so a target used up exactly
at closing time is due at closing time. The calendar's own zone decides. An edge that falls into
a missing or doubled hour is read by the wall clock: open whenever the local clock shows a time
inside the interval.

A table of the open stretches of each UTC day, with the open time before it, is made a year at a
time when first asked for. A moment then finds its day by index, not by search.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from sla_console.domain.sla.opening_intervals import (
    DAY,
    EPOCH,
    day_spans,
    moved_by,
    naive_error,
    open_before,
    reached_at,
    read_interval,
    split_by_day,
    stamp_of,
    zone_of,
)

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH_ORDINAL: Final = EPOCH.toordinal()
_ZERO: Final = timedelta()
_SECOND: Final = timedelta(seconds=1)
_DAY: Final = timedelta(days=1)
_FIRST_YEAR: Final = 2
_LAST_YEAR: Final = 9998
_WIDEST: Final = 400
"""Years that one table may span; the Gregorian weeks repeat after as many."""

Interval = tuple[str, str]
_Day = tuple[timedelta, timedelta, timedelta, tuple[tuple[timedelta, timedelta], ...]]
"""The first stretch of a day; what makes the open time before a moment in it of that moment; and
the other stretches. Moments are spans since 1970: adding and comparing these is exact and fast."""
_Table = tuple[int, list[_Day], list[timedelta]]
"""The first day's number since 1970, the days, and the open time before each and after the last."""


class BusinessCalendar:
    """When a promise's time counts, in one zone.

    Args:
        timezone: IANA name, such as ``Europe/Dublin``.
        hours: ``mon``..``sun`` to intervals of ``("HH:MM", "HH:MM")``; ``HH:MM:SS`` is read too.
            An end before its start runs into the next day, ``00:00`` to ``00:00`` is a whole day,
            any other interval that ends where it starts is empty. What overlaps counts once.
        holidays: Local dates on which the calendar is closed from midnight to midnight.
        overrides: Local date to its own intervals, instead of weekday and holiday.

    Raises:
        ValueError: for an unknown zone or weekday, impossible hours, or a calendar without any.
    """

    __slots__ = (
        "_always",
        "_table",
        "_years",
        "_zone",
        "holidays",
        "overrides",
        "timezone",
        "week",
    )

    def __init__(
        self,
        timezone: str,
        hours: Mapping[str, Sequence[Interval]],
        holidays: Collection[date] = (),
        overrides: Mapping[date, Sequence[Interval]] | None = None,
    ) -> None:
        try:
            self._zone = zone_of(timezone)
        except (LookupError, ValueError, OSError):
            raise ValueError(
                f"timezone: {timezone!r} is not a known zone; use an IANA name such as Europe/Dublin"
            ) from None
        unknown = [day for day in hours if day not in WEEKDAYS]
        if unknown:
            raise ValueError(
                f"{unknown[0]!r} is not a weekday; use mon, tue, wed, thu, fri, sat, sun"
            )
        self.timezone = timezone
        self.week = tuple(_spans(hours.get(day, ()), day) for day in WEEKDAYS)
        """Each weekday's intervals in seconds after local midnight; an end past 86,400 runs on."""
        self.overrides: Mapping[date, tuple[tuple[int, int], ...]] = MappingProxyType(
            {day: _spans(spans, day.isoformat()) for day, spans in (overrides or {}).items()}
        )
        self.holidays = frozenset(holidays)
        if not any(hours.values()) and not any((overrides or {}).values()):
            raise ValueError("the calendar is never open; give at least one weekday some hours")
        self._always = False
        self._years: dict[int, list[list[tuple[int, int]]]] = {}
        self._table: _Table = (0, [], [_ZERO])

    @classmethod
    @cache
    def always(cls) -> "BusinessCalendar":
        """Return the calendar that is open at every moment."""
        calendar = cls("UTC", {day: [("00:00", "24:00")] for day in WEEKDAYS})
        calendar._always = True
        return calendar

    def with_holidays(
        self, days: Collection[date], overrides: Mapping[date, Sequence[Interval]] | None = None
    ) -> "BusinessCalendar":
        """Return a calendar like this one that is closed on some more local dates.

        Args:
            days: The dates.
            overrides: More dates with hours of their own, as when a calendar is made.

        Raises:
            ValueError: for impossible hours.
        """
        # The week is put in afterwards, as it has been read.
        other = BusinessCalendar(self.timezone, {"mon": [("00:00", "24:00")]}, (), overrides)
        other.week, other.holidays = self.week, self.holidays.union(days)
        kept = {day: spans for day, spans in self.overrides.items() if day not in days}
        other.overrides = MappingProxyType({**kept, **other.overrides})
        return other

    @property
    def is_always(self) -> bool:
        """Whether this is the calendar that is open at every moment."""
        return self._always

    @property
    def zone(self) -> ZoneInfo:
        """The calendar's own zone."""
        return self._zone.info

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """Return the open time in [start, end); zero where ``end`` is not after ``start``.

        Raises:
            ValueError: for a naive datetime, or moments outside the years 2 to 9998 or more than
                four hundred years apart.
        """
        try:
            since, until = start - EPOCH, end - EPOCH
        except TypeError:
            raise naive_error(start if start.tzinfo is None else end) from None
        if until <= since:
            return _ZERO
        if self._always:
            return until - since
        low, days, _ = self._table
        first, last = since.days - low, until.days - low
        if first < 0 or last >= len(days):
            low, days, _ = self._reach(start, end)
            first, last = since.days - low, until.days - low
        # This runs for every clock on the board, so its two halves are written out: a call each
        # would take as long as the work.
        at, closes, before, rest = days[first]
        if since > at:
            if since < closes:
                at = since
            else:
                at = closes + open_before(since, rest) if rest else closes
        upto, closes, after, rest = days[last]
        if until > upto:
            if until < closes:
                upto = until
            else:
                upto = closes + open_before(until, rest) if rest else closes
        return upto + after - at - before

    def add(self, start: datetime, open_time: timedelta) -> datetime:
        """Return the earliest moment by which ``open_time`` has passed while open, in UTC.

        Raises:
            ValueError: for a naive datetime, a moment outside the years 2 to 9998, or if the
                calendar never opens for so long.
        """
        try:
            since = start - EPOCH
        except TypeError:
            raise naive_error(start) from None
        if open_time <= _ZERO:
            return EPOCH + since
        if self._always:
            return moved_by(since, open_time)
        low, days, sums = self._table
        day = since.days - low
        if not 0 <= day < len(days):
            low, days, sums = self._reach(start, start)
            day = since.days - low
        at, closes, before, rest = days[day]
        if since > at:
            if since < closes:
                at = since
            else:
                at = closes + open_before(since, rest) if rest else closes
        total = at + before + open_time
        if sums[-1] < total:
            self._grow_to(total, (low, days, sums))
            return self.add(start, open_time)
        # The day within which the sum reaches the total; exactly full means its closing time.
        day = bisect_left(sums, total, day + 1) - 1
        _, closes, before, rest = days[day]
        due = total - before
        if rest and due > closes:
            due = reached_at(due - closes, rest)
        return EPOCH + due

    def is_open(self, at: datetime) -> bool:
        """Return whether time counts at this moment."""
        for opens, closes in self._from(at):
            second = stamp_of(at)
            return opens <= second < closes
        return False

    def next_opening(self, at: datetime) -> datetime:
        """Return ``at`` itself while open, else the next moment at which it opens, in UTC.

        Raises:
            ValueError: for a naive datetime, or if it never opens again.
        """
        if self._always and at.tzinfo is not None:
            return at.astimezone(UTC)
        for opens, _ in self._from(at):
            return max(at.astimezone(UTC), EPOCH + timedelta(0, opens))
        raise ValueError("the calendar does not open again")

    def next_closing(self, at: datetime) -> datetime:
        """Return the end of the stretch that is open at, or opens next after, this moment, in UTC.

        Raises:
            ValueError: for a naive datetime, or if there is none, as for a calendar that never
                closes.
        """
        if self._always:
            raise ValueError("a calendar that is always open never closes")
        end = None
        for opens, closes in self._from(at):
            if end is not None and opens > end:
                break
            end = closes
            if end - stamp_of(at) > 60 * 366 * DAY:
                raise ValueError("the calendar does not close within sixty years")
        if end is None:
            raise ValueError("the calendar does not open again")
        return EPOCH + timedelta(0, end)

    def stretches(self, start: datetime, end: datetime) -> Iterator[tuple[int, int]]:
        """Give the open stretches in [start, end) in order, as whole seconds since 1970, UTC.

        Stretches that adjoin are one. ``start`` and ``end`` are cut to whole seconds.

        Raises:
            ValueError: as ``open_time``.
        """
        low, high = int(stamp_of(start) // 1), int(stamp_of(end) // 1)
        if low >= high:
            return
        if self._always:
            yield low, high
            return
        self._reach(start, end)
        since = until = None
        for opens, closes in self._from(start):
            if opens >= high:
                break
            if since is None or until is None or opens > until:
                if since is not None and until is not None:
                    yield since, until
                since = max(opens, low)
            until = min(closes, high)
        if since is not None and until is not None:
            yield since, until

    def local_intervals(self, day: date) -> tuple[tuple[int, int], ...]:
        """Return the intervals that begin on a local date, in seconds after its midnight."""
        if day in self.overrides:
            return self.overrides[day]
        return () if day in self.holidays else self.week[day.weekday()]

    def _from(self, at: datetime) -> Iterator[tuple[int, int]]:
        """Give the stretches that end after a moment, each within a UTC day, as UTC stamps."""
        since = timedelta(seconds=stamp_of(at))
        day = since.days
        if self._always:
            yield day * DAY, (_LAST_YEAR - 1970) * 365 * DAY
            return
        low, days, _ = self._table
        last = day + _WIDEST * 365
        while day < last:
            if not 0 <= day - low < len(days):
                there = max(at.astimezone(UTC), EPOCH + timedelta(day))
                if self._is_over(there.year) or there.year > _LAST_YEAR:
                    return
                low, days, _ = self._reach(there, there)
            opens, closes, _, rest = days[day - low]
            for begin, finish in ((opens, closes), *rest):
                if begin < finish and finish > since:
                    yield begin // _SECOND, finish // _SECOND
            day += 1

    # -- the table ---------------------------------------------------------------------------

    def _reach(self, start: datetime, end: datetime) -> _Table:
        """Return a table that holds both moments, and keep it."""
        first, last = start.astimezone(UTC).year, end.astimezone(UTC).year
        if not _FIRST_YEAR <= first <= last <= _LAST_YEAR:
            raise ValueError("a calendar knows the years 2 to 9998 only")
        if last - first > _WIDEST:
            raise ValueError(f"the moments lie more than {_WIDEST} years apart")
        if self._years:
            low, high = min(self._years), max(self._years)
            if max(last, high) - min(first, low) <= _WIDEST:
                first, last = min(first, low), max(last, high)
        return self._keep(range(first, last + 1))

    def _grow_to(self, total: timedelta, table: _Table) -> None:
        """Keep a table with so many more years that so much open time is in it.

        Raises:
            ValueError: if that takes more than four hundred years.
        """
        low, days, sums = table
        first = date.fromordinal(low + _EPOCH_ORDINAL).year
        last = after = date.fromordinal(low + len(days) - 1 + _EPOCH_ORDINAL).year
        reached = sums[-1]
        while reached < total:
            after += 1
            if self._is_over(after) or after > _LAST_YEAR or after - last > _WIDEST:
                raise ValueError("the calendar does not open for long enough")
            year = self._years.get(after) or self._year(after)
            self._years = {**self._years, after: year}
            reached += _SECOND * sum(b - a for spans in year for a, b in spans)
        self._keep(range(first, after + 1))

    def _keep(self, years: range) -> _Table:
        """Make the table of some years and put it in place of the one there is.

        It is replaced, never changed: other threads may be reading the old one.
        """
        known = self._years
        kept = {year: known.get(year) or self._year(year) for year in years}
        self._years = kept
        low = date(years[0], 1, 1).toordinal() - _EPOCH_ORDINAL
        days: list[_Day] = []
        sums = [_ZERO]
        total, midnight = _ZERO, _DAY * low
        for year in years:
            for stretches in kept[year]:
                spans = [(midnight + _SECOND * a, midnight + _SECOND * b) for a, b in stretches]
                midnight += _DAY
                opens, closes = spans[0] if spans else (midnight, midnight)
                days.append((opens, closes, total - opens, tuple(spans[1:])))
                for begin, finish in spans:
                    total += finish - begin
                sums.append(total)
        self._table = low, days, sums
        return self._table

    def _is_over(self, year: int) -> bool:
        """Return whether nothing can be open from this year on."""
        empty = not any(finish > begin for spans in self.week for begin, finish in spans)
        last = max((day.year for day, spans in self.overrides.items() if spans), default=0)
        return empty and year > last + 1

    def _year(self, year: int) -> list[list[tuple[int, int]]]:
        """Return the stretches of each UTC day of a year, in seconds of that day."""
        first = date(year, 1, 1).toordinal()
        count = date(year + 1, 1, 1).toordinal() - first
        found = []
        yesterday = self.local_intervals(date.fromordinal(first - 3))
        for ordinal in range(first - 2, first + count + 2):
            day = date.fromordinal(ordinal)
            today = self.local_intervals(day)
            closed = not today and (day in self.holidays or day in self.overrides)
            spans = day_spans(today, yesterday, closed=closed)
            yesterday = today
            if spans:
                found += self._zone.as_utc((ordinal - _EPOCH_ORDINAL) * DAY, spans)
        return split_by_day(found, first - _EPOCH_ORDINAL, count)


def _spans(intervals: Sequence[Interval], key: str) -> tuple[tuple[int, int], ...]:
    spans = [read_interval(start, end, key) for start, end in intervals]
    return tuple(sorted(span for span in spans if span[1] > span[0]))
