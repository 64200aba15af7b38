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
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sla_console.domain.openings import (
    DAY,
    EPOCH,
    Zone,
    day_spans,
    moved_by,
    naive_error,
    open_before,
    reached_at,
    read_interval,
    split_by_day,
    stamp_of,
)

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH_ORDINAL: Final = EPOCH.toordinal()
_ZERO: Final = timedelta()
_SECOND: Final = timedelta(seconds=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_MILLION: Final = 1_000_000
_FIRST_YEAR: Final = 2
_LAST_YEAR: Final = 9998
_WIDEST: Final = 400
"""Years that one table may span; the Gregorian weeks repeat after as many."""

Interval = tuple[str, str]
_Day = tuple[int, int, int, tuple[tuple[int, int], ...]]
"""Open seconds before the day; then its first stretch and the others, in seconds of the day."""


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
        "_days",
        "_low",
        "_low_year",
        "_sums",
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
            self._zone = Zone(ZoneInfo(timezone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
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
        self._days: list[_Day] = []
        self._sums: list[int] = []
        self._low = self._low_year = 0

    @classmethod
    def always(cls) -> "BusinessCalendar":
        """Return the calendar that is open at every moment."""
        calendar = cls("UTC", {day: [("00:00", "24:00")] for day in WEEKDAYS})
        calendar._always = True
        return calendar

    def with_holidays(self, days: Collection[date]) -> "BusinessCalendar":
        """Return a calendar like this one that is closed on some more local dates."""
        other = BusinessCalendar(self.timezone, {"mon": [("00:00", "24:00")]})
        other.week, other.holidays = self.week, self.holidays.union(days)
        kept = {day: spans for day, spans in self.overrides.items() if day not in days}
        other.overrides = MappingProxyType(kept)
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
        first, last = since.days - self._low, until.days - self._low
        if first < 0 or last >= len(self._days):
            first, last = self._reach(start, end)
        if since.microseconds or until.microseconds:
            spent = self._spent(last, until) - self._spent(first, since)
            return timedelta(microseconds=spent)
        # This runs for every clock on the board, so its two halves are written out: a call each
        # would take as long as the work.
        before, opens, closes, rest = self._days[first]
        second = since.seconds
        if second > opens:
            before += (second if second < closes else closes) - opens
            if rest and second > closes:
                before += open_before(second, rest)
        after, opens, closes, rest = self._days[last]
        second = until.seconds
        if second > opens:
            after += (second if second < closes else closes) - opens
            if rest and second > closes:
                after += open_before(second, rest)
        return _SECOND * (after - before)

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
        day = since.days - self._low
        if not 0 <= day < len(self._days):
            day, _ = self._reach(start, start)
        before, opens, closes, rest = self._days[day]
        if since.microseconds or open_time.microseconds:
            return self._add_exactly(since, open_time, day)
        second = since.seconds
        total = before + open_time.days * DAY + open_time.seconds
        if second > opens:
            total += (second if second < closes else closes) - opens
            if rest and second > closes:
                total += open_before(second, rest)
        if self._sums[-1] < total:
            self._grow_to(total, day)
        # The day within which the sum reaches the total; exactly full means its closing time.
        day = bisect_left(self._sums, total) - 1
        before, opens, closes, rest = self._days[day]
        left = total - before
        second = opens + left
        if rest and second > closes:
            second = reached_at(second - closes, rest)
        return EPOCH + _SECOND * ((day + self._low) * DAY + second)

    def _add_exactly(self, since: timedelta, open_time: timedelta, day: int) -> datetime:
        """As ``add`` for moments that are no whole seconds, in whole microseconds."""
        total = self._spent(day, since) + open_time // _MICROSECOND
        ceiling = -(-total // _MILLION)
        if self._sums[-1] < ceiling:
            self._grow_to(ceiling, day)
        day = bisect_left(self._sums, ceiling) - 1
        before, opens, closes, rest = self._days[day]
        left = total - before * _MILLION
        for begin, finish in ((opens, closes), *rest):
            if left <= (finish - begin) * _MILLION:
                return EPOCH + timedelta(day + self._low, begin, left)
            left -= (finish - begin) * _MILLION
        raise AssertionError("the sums say that the day holds so much")

    def _spent(self, day: int, since: timedelta) -> int:
        """Return the open microseconds of the table before a moment of a day."""
        before, opens, closes, rest = self._days[day]
        at = since.seconds * _MILLION + since.microseconds
        spent = before * _MILLION
        for begin, finish in ((opens, closes), *rest):
            spent += max(0, min(at, finish * _MILLION) - begin * _MILLION)
        return spent

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
        low, high = int(stamp_of(start)), int(stamp_of(end))
        if low >= high:
            return
        if self._always:
            yield low, high
            return
        open_since, open_until = 0, 0
        for opens, closes in self._from(start):
            if opens >= high:
                break
            if opens > open_until:
                if open_until:
                    yield max(open_since, low), open_until
                open_since = opens
            open_until = min(closes, high)
        if open_until:
            yield max(open_since, low), open_until

    def local_intervals(self, day: date) -> tuple[tuple[int, int], ...]:
        """Return the intervals that begin on a local date, in seconds after its midnight."""
        if day in self.overrides:
            return self.overrides[day]
        return () if day in self.holidays else self.week[day.weekday()]

    def _from(self, at: datetime) -> Iterator[tuple[int, int]]:
        """Give the stretches that end after a moment, each within a UTC day, as UTC stamps."""
        stamp = stamp_of(at)
        day = int(stamp // DAY)
        if self._always:
            yield day * DAY, (_LAST_YEAR - 1970) * 365 * DAY
            return
        last = day + _WIDEST * 365
        while day < last:
            index = day - self._low
            if not 0 <= index < len(self._days):
                there = max(at.astimezone(UTC), EPOCH + timedelta(day))
                if self._is_over(there.year) or there.year > _LAST_YEAR:
                    return
                index, _ = self._reach(there, there)
            _, opens, closes, rest = self._days[index]
            for begin, finish in ((opens, closes), *rest):
                if begin < finish and day * DAY + finish > stamp:
                    yield day * DAY + begin, day * DAY + finish
            day += 1

    # -- the table ---------------------------------------------------------------------------

    def _reach(self, start: datetime, end: datetime) -> tuple[int, int]:
        """Make the table hold both moments; return their places in it."""
        first, last = start.astimezone(UTC).year, end.astimezone(UTC).year
        if not _FIRST_YEAR <= first <= last <= _LAST_YEAR:
            raise ValueError("a calendar knows the years 2 to 9998 only")
        if last - first > _WIDEST:
            raise ValueError(f"the moments lie more than {_WIDEST} years apart")
        if self._days:
            low, high = self._low_year, self._low_year + len(self._years) - 1
            if max(last, high) - min(first, low) <= _WIDEST:
                first, last = min(first, low), max(last, high)
        self._years = {
            year: self._years.get(year) or self._year(year) for year in range(first, last + 1)
        }
        self._low_year = first
        self._low = date(first, 1, 1).toordinal() - _EPOCH_ORDINAL
        self._days, self._sums = [], [0]
        for year in self._years:
            self._append(year)
        return (start - EPOCH).days - self._low, (end - EPOCH).days - self._low

    def _append(self, year: int) -> None:
        total = self._sums[-1]
        for stretches in self._years[year]:
            opens, closes = stretches[0] if stretches else (DAY, DAY)
            self._days.append((total, opens, closes, tuple(stretches[1:])))
            total += sum(finish - begin for begin, finish in stretches)
            self._sums.append(total)

    def _grow_to(self, total: int, day: int) -> None:
        """Add years to the end of the table until so much open time is in it."""
        year = self._low_year + len(self._years)
        while self._sums[-1] < total:
            if self._is_over(year) or year > _LAST_YEAR or (len(self._days) - day) // 366 > _WIDEST:
                raise ValueError("the calendar does not open for long enough")
            self._years[year] = self._year(year)
            self._append(year)
            year += 1

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
        for ordinal in range(first - 2, first + count + 2):
            day = date.fromordinal(ordinal)
            spans = day_spans(
                self.local_intervals(day),
                self.local_intervals(date.fromordinal(ordinal - 1)),
                closed=not self.local_intervals(day)
                and (day in self.holidays or day in self.overrides),
            )
            if spans:
                found += self._zone.as_utc((ordinal - _EPOCH_ORDINAL) * DAY, spans)
        return split_by_day(found, first - _EPOCH_ORDINAL, count)


def _spans(intervals: Sequence[Interval], key: str) -> tuple[tuple[int, int], ...]:
    spans = [read_interval(start, end, key) for start, end in intervals]
    return tuple(sorted(span for span in spans if span[1] > span[0]))
