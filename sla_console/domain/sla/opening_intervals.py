"""From hours on a wall clock to stretches of real time: the pieces a calendar is built of."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = 86_400
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_BEFORE: Final = 40 * DAY
_AFTER: Final = 740 * DAY
"""A zone is looked at for this long around what is asked: two years ahead, where due times lie."""

LAST_MINUTES: Final = frozenset({"23:59", "23:59:59"})
"""Ends of the day as people write them who cannot write 24:00; taken as that, with a notice."""

Span = tuple[int, int]
Moments = tuple[timedelta, timedelta]


def read_time(text: str, key: str) -> int:
    """Read ``HH:MM`` or ``HH:MM:SS`` as seconds after midnight; ``24:00`` is allowed.

    Raises:
        ValueError: for anything else, in words that begin with ``key``.
    """
    parts = text.split(":")
    if len(parts) in {2, 3} and all(len(part) == 2 and part.isdecimal() for part in parts):
        hours, minutes, seconds = (*map(int, parts), 0)[:3]
        total = hours * 3600 + minutes * 60 + seconds
        if minutes < 60 and seconds < 60 and total <= DAY:
            return total
    raise ValueError(f"{key}: {text!r} is not a time of day; write it as 09:30, at most 24:00")


def read_interval(start: str, end: str, key: str) -> Span:
    """Read an interval as seconds after midnight; an end past ``DAY`` runs into the next day.

    An end before its start runs on, and so does midnight to midnight. Any other interval that
    ends where it starts is empty: the public test data has such days and expects nothing of them.

    Raises:
        ValueError: for an impossible time of day.
    """
    begin, finish = read_time(start, key), read_time(end, key)
    if finish < begin or (begin == finish == 0):
        finish += DAY
    return begin, finish


def overlap(intervals: Sequence[Span]) -> bool:
    """Return whether two of a day's intervals share time."""
    return any(later[0] < earlier[1] for earlier, later in pairwise(sorted(intervals)))


def day_spans(today: Sequence[Span], yesterday: Sequence[Span], *, closed: bool) -> list[Span]:
    """Return what is open on a local day, in seconds after its midnight, each second once.

    Args:
        today: Intervals that begin on this day.
        yesterday: Intervals that begin on the day before; what runs past midnight counts here.
        closed: The day is a holiday, so it cuts a night shift at its midnight.
    """
    spans = [(begin, min(finish, DAY)) for begin, finish in today]
    if not closed:
        spans += [(0, finish - DAY) for _, finish in yesterday if finish > DAY]
    if len(spans) < 2:
        return spans
    return merged(spans)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that touch or overlap as one."""
    found: list[Span] = []
    for begin, finish in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(finish, found[-1][1]))
        else:
            found.append((begin, finish))
    return found


def split_by_day(stretches: Iterable[Span], first: int, count: int) -> list[list[Span]]:
    """Cut stretches of UTC stamps at UTC midnights.

    Args:
        stretches: Stretches in seconds since 1970.
        first: Number of the first day since 1970.
        count: How many days.

    Returns:
        For each day its stretches in seconds of the day.
    """
    days: list[list[Span]] = [[] for _ in range(count)]
    for begin, finish in merged(stretches):
        at = max(begin, first * DAY)
        while at < min(finish, (first + count) * DAY):
            day, second = divmod(at, DAY)
            until = min(finish - day * DAY, DAY)
            days[day - first].append((second, until))
            at = day * DAY + until
    return days


def open_before(since: timedelta, rest: Sequence[Moments]) -> timedelta:
    """Return the open time of a day's later stretches before a moment; both since 1970."""
    total = timedelta()
    for begin, finish in rest:
        if since > begin:
            total += min(since, finish) - begin
    return total


def reached_at(left: timedelta, rest: Sequence[Moments]) -> timedelta:
    """Return the moment by which so much of a day's later stretches has passed, since 1970."""
    for begin, finish in rest:
        if left <= finish - begin:
            return begin + left
        left -= finish - begin
    raise AssertionError("the sums say that the day holds so much")


def moved_by(since: timedelta, by: timedelta) -> datetime:
    """Return the moment so long after another, both counted from 1970.

    Raises:
        ValueError: if it lies after the year 9999.
    """
    try:
        return EPOCH + (since + by)
    except OverflowError:
        raise ValueError("the time ends after the year 9999") from None


def stamp_of(moment: datetime) -> float:
    """Return an aware moment as seconds since 1970.

    Raises:
        ValueError: for a naive one.
    """
    if moment.tzinfo is None:
        raise naive_error(moment)
    return (moment - EPOCH).total_seconds()


def naive_error(moment: datetime) -> ValueError:
    """Return what to raise for a moment without a zone."""
    return ValueError(f"{moment.isoformat()} has no time zone; give an aware datetime")


class Zone:
    """One time zone's offsets, with each change of them found once.

    Args:
        info: The zone.
    """

    __slots__ = ("_seen", "info")

    def __init__(self, info: ZoneInfo) -> None:
        self.info = info
        # The span looked at, the moments of change in it, and the offsets between them. It is
        # replaced, never changed: other threads may be reading it.
        self._seen: tuple[range, list[int], list[int]] = (range(0), [], [0])

    def as_utc(self, midnight: int, spans: Sequence[Span]) -> list[Span]:
        """Return when the local clock shows a time inside the spans of a day, as UTC stamps.

        Args:
            midnight: The day's midnight as if it were UTC, in seconds since 1970.
            spans: In seconds after midnight of the local clock.
        """
        start, stop = midnight - DAY, midnight + 2 * DAY
        known, changes, offsets = self._seen
        if start not in known or stop not in known:
            _, changes, offsets = self._look(start, stop)
        place = bisect_right(changes, start)
        until = bisect_right(changes, stop)
        if place == until:
            offset = midnight - offsets[place]
            return [(begin + offset, finish + offset) for begin, finish in spans]
        found = []
        for number in range(place, until + 1):
            low = changes[number - 1] if number else start
            high = changes[number] if number < len(changes) else stop
            offset = midnight - offsets[number]
            for begin, finish in spans:
                opened, closed = max(low, begin + offset), min(high, finish + offset)
                if opened < closed:
                    found.append((opened, closed))
        return found

    def _look(self, start: int, stop: int) -> tuple[range, list[int], list[int]]:
        """Learn the offsets of the years around a stretch of time, in place of those known."""
        known, _, _ = self._seen
        low, high = start - _BEFORE, stop + _AFTER
        if known and known.start - _AFTER <= start <= known.stop + _AFTER:
            low, high = min(low, known.start), max(high, known.stop)
        changes, offsets = [], [self._offset(low)]
        for probe in range(low + DAY, high + DAY, DAY):
            # No zone has ever moved its clocks twice within a day.
            offset = self._offset(probe)
            if offset != offsets[-1]:
                changes.append(self._change(probe - DAY, probe, offset))
                offsets.append(offset)
        self._seen = range(low, high), changes, offsets
        return self._seen

    def _change(self, low: int, high: int, after: int) -> int:
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._offset(middle) == after else (middle, high)
        return high

    def _offset(self, stamp: int) -> int:
        try:
            local = datetime.fromtimestamp(stamp, self.info).utcoffset()
        except (ValueError, OverflowError, OSError):
            return 0
        return int(local.total_seconds()) if local else 0


@cache
def zone_of(name: str) -> Zone:
    """Return a time zone by its IANA name, the same for all who ask: its changes are found once.

    Raises:
        LookupError, ValueError, OSError: for a name that is none.
    """
    return Zone(ZoneInfo(name))
