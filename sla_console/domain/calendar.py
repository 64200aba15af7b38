"""Business calendars: when promised time counts.

Semantics: ``open_time(a, b)`` is the real time in [a, b) at which the calendar is open;
``add(a, n)`` is the earliest moment t with ``open_time(a, t) >= n``, so a target used up exactly
at closing time is due at closing time. The calendar's own zone decides. An edge that falls into
a missing or doubled hour is read by the wall clock: open whenever the local clock shows a time
inside the interval.

A table of openings is built a year at a time, when first asked for, and searched by bisection.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = 86_400
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL: Final = _EPOCH.toordinal()
_HORIZON_YEARS: Final = 60

Interval = tuple[str, str]


def _seconds(text: str, key: str) -> int:
    """Read ``HH:MM`` as seconds after midnight; ``24:00`` is allowed."""
    hours, colon, minutes = text.partition(":")
    if colon and len(hours) == len(minutes) == 2 and (hours + minutes).isdecimal():
        total = int(hours) * 3600 + int(minutes) * 60
        if int(minutes) < 60 and total <= _DAY:
            return total
    raise ValueError(f"{key}: {text!r} is not a time of day; write it as 09:30, at most 24:00")


def _spans(intervals: Sequence[Interval], key: str) -> tuple[tuple[int, int], ...]:
    """Read intervals as seconds after midnight; one that ends at or before its start runs on."""
    spans = []
    for start_text, end_text in intervals:
        start, end = _seconds(start_text, key), _seconds(end_text, key)
        spans.append((start, end if end > start else end + _DAY))
    spans.sort()
    for (_, earlier_end), (later_start, _) in pairwise(spans):
        if later_start < earlier_end:
            raise ValueError(f"{key}: its hours overlap; write each stretch of time once")
    return tuple(spans)


class BusinessCalendar:
    """When a promise's time counts, in one zone.

    Args:
        timezone: IANA name, such as ``Europe/Dublin``.
        hours: ``mon``..``sun`` to intervals of ``("HH:MM", "HH:MM")``. An end at or before its
            start runs into the next day.
        holidays: Local dates on which the calendar is closed from midnight to midnight.
        overrides: Local date to its own intervals, instead of weekday and holiday.

    Raises:
        ValueError: for an unknown zone or weekday, impossible or overlapping hours, or a calendar
            that is never open.
    """

    __slots__ = (
        "_always",
        "_hours",
        "_overrides",
        "_probed",
        "_years",
        "_zone",
        "holidays",
        "timezone",
    )

    def __init__(
        self,
        timezone: str,
        hours: Mapping[str, Sequence[Interval]],
        holidays: Collection[date] = (),
        overrides: Mapping[date, Sequence[Interval]] | None = None,
    ) -> None:
        try:
            self._zone = ZoneInfo(timezone)
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
        self._hours = tuple(_spans(hours.get(day, ()), day) for day in WEEKDAYS)
        self._overrides = {
            day: _spans(spans, day.isoformat()) for day, spans in (overrides or {}).items()
        }
        self.holidays = frozenset(holidays)
        self._years: dict[int, tuple[list[int], list[int], list[int]]] = {}
        self._probed: dict[int, int] = {}
        self._always = False
        if not any(self._hours) and not any(self._overrides.values()):
            raise ValueError("the calendar is never open; give at least one weekday some hours")

    @classmethod
    def always(cls) -> "BusinessCalendar":
        """Return the calendar that is open at every moment."""
        calendar = cls("UTC", {day: [("00:00", "24:00")] for day in WEEKDAYS})
        calendar._always = True
        return calendar

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """Return the open time in [start, end); zero where ``end`` is not after ``start``.

        Raises:
            ValueError: for a naive datetime.
        """
        first, last = _stamp(start), _stamp(end)
        if last <= first:
            return timedelta()
        if self._always:
            return end - start
        year, final = start.astimezone(UTC).year, end.astimezone(UTC).year
        if year == final:
            return timedelta(seconds=self._before(year, last) - self._before(year, first))
        total = self._total(year) - self._before(year, first)
        total += sum(self._total(between) for between in range(year + 1, final))
        return timedelta(seconds=total + self._before(final, last))

    def add(self, start: datetime, open_time: timedelta) -> datetime:
        """Return the earliest moment by which ``open_time`` has passed while open, in UTC.

        Raises:
            ValueError: for a naive datetime, or if the calendar never opens for so long.
        """
        first = _stamp(start)
        begin = start.astimezone(UTC)
        left = open_time.total_seconds()
        if left <= 0:
            return begin
        if self._always:
            return begin + open_time
        year = begin.year
        left += self._before(year, first)
        for candidate in range(year, year + _HORIZON_YEARS):
            total = self._total(candidate)
            if left <= total:
                starts, _, sums = self._table(candidate)
                # The span in which the sum reaches `left`; exactly full means its closing time.
                index = bisect_left(sums, left) - 1
                return _EPOCH + timedelta(seconds=starts[index] + left - sums[index])
            left -= total
        raise ValueError("the calendar does not open for long enough within sixty years")

    def is_open(self, at: datetime) -> bool:
        """Return whether time counts at this moment."""
        stamp = _stamp(at)
        if self._always:
            return True
        starts, ends, _ = self._table(at.astimezone(UTC).year)
        index = bisect_right(starts, stamp) - 1
        return index >= 0 and stamp < ends[index]

    def next_opening(self, at: datetime) -> datetime:
        """Return ``at`` itself while open, else the next moment at which it opens, in UTC."""
        if self.is_open(at):
            return at.astimezone(UTC)
        return self._next(at, 0)

    def next_closing(self, at: datetime) -> datetime:
        """Return the end of the stretch that is open at, or opens next after, this moment, in UTC.

        Raises:
            ValueError: if there is none within sixty years, as for a calendar that never closes.
        """
        if self._always:
            raise ValueError("a calendar that is always open never closes")
        closing = self._next(at, 1)
        while self.is_open(closing):
            closing = self._next(closing, 1)
        return closing

    def _next(self, at: datetime, edge: int) -> datetime:
        stamp = _stamp(at)
        year = at.astimezone(UTC).year
        for candidate in range(year, year + _HORIZON_YEARS):
            edges = self._table(candidate)[edge]
            index = bisect_right(edges, stamp)
            if index < len(edges):
                return _EPOCH + timedelta(seconds=edges[index])
        raise ValueError("the calendar does not open again within sixty years")

    def _before(self, year: int, stamp: float) -> float:
        """Open seconds of this UTC year before ``stamp``."""
        starts, ends, sums = self._table(year)
        index = bisect_right(starts, stamp) - 1
        if index < 0:
            return 0.0
        return sums[index] + min(stamp, ends[index]) - starts[index]

    def _total(self, year: int) -> float:
        return self._table(year)[2][-1]

    def _table(self, year: int) -> tuple[list[int], list[int], list[int]]:
        """Openings of one UTC year: their starts, their ends, and the sum before each start."""
        table = self._years.get(year)
        if table is None:
            low = _stamp(datetime(year, 1, 1, tzinfo=UTC))
            high = _stamp(datetime(year + 1, 1, 1, tzinfo=UTC))
            spans: list[tuple[int, int]] = []
            first = date(year, 1, 1).toordinal() - 2
            for ordinal in range(first, first + 370):
                for begin, finish in self._day(date.fromordinal(ordinal)):
                    begin, finish = max(begin, int(low)), min(finish, int(high))  # noqa: PLW2901
                    if begin >= finish:
                        continue
                    if spans and begin <= spans[-1][1]:
                        spans[-1] = (spans[-1][0], max(finish, spans[-1][1]))
                    else:
                        spans.append((begin, finish))
            starts = [begin for begin, _ in spans]
            ends = [finish for _, finish in spans]
            sums = list(accumulate((f - b for b, f in spans), initial=0))
            table = self._years[year] = (starts, ends, sums)
            self._probed.clear()
        return table

    def _day(self, day: date) -> list[tuple[int, int]]:
        """Openings of one local day, and of the night before that runs into it, as UTC stamps."""
        spans = [(begin, min(finish, _DAY)) for begin, finish in self._local(day)]
        if day not in self.holidays or day in self._overrides:
            before = self._local(day - timedelta(days=1))
            spans += [(0, finish - _DAY) for _, finish in before if finish > _DAY]
        if not spans:
            return []
        midnight = (day.toordinal() - _EPOCH_ORDINAL) * _DAY
        found = []
        for low, high, offset in self._offsets(midnight):
            for begin, finish in sorted(spans):
                opened = max(low, midnight + begin - offset)
                closed = min(high, midnight + finish - offset)
                if opened < closed:
                    found.append((opened, closed))
        return sorted(found)

    def _local(self, day: date) -> tuple[tuple[int, int], ...]:
        if day in self._overrides:
            return self._overrides[day]
        return () if day in self.holidays else self._hours[day.weekday()]

    def _offsets(self, midnight: int) -> list[tuple[int, int, int]]:
        """Stretches of UTC around this local day in which the zone's offset does not change."""
        start, stop = midnight - _DAY, midnight + 2 * _DAY
        if self._offset(start) == self._offset(midnight) == self._offset(stop):
            # No zone has ever moved its clocks twice within three days.
            return [(start, stop, self._offset(start))]
        edges = [start]
        offsets = [self._offset(start)]
        for probe in range(start + 3600, stop + 1, 3600):
            offset = self._offset(probe)
            if offset != offsets[-1]:
                low, high = probe - 3600, probe
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (low, middle) if self._offset(middle) == offset else (middle, high)
                edges.append(high)
                offsets.append(offset)
        edges.append(stop)
        return [(edges[i], edges[i + 1], offsets[i]) for i in range(len(offsets))]

    def _offset(self, stamp: int) -> int:
        known = self._probed.get(stamp)
        if known is None:
            local = datetime.fromtimestamp(stamp, self._zone).utcoffset()
            known = self._probed[stamp] = int(local.total_seconds()) if local else 0
        return known


def _stamp(moment: datetime) -> float:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; give an aware datetime")
    return (moment - _EPOCH).total_seconds()
