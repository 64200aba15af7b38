"""Many calendars in one set of arrays, so that a million moments cost no loop.

To the second, the answers are those of ``BusinessCalendar``. Moments are whole seconds since 1970
in int64, UTC: as exact as the calendars' own edges, while a float64 would round what is left and
make a breach of a promise kept on its last second.

numpy takes longer to import than the rest of the domain, so this module is imported when it is
used, and by none that is loaded at the start.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from sla_console.domain.calendar import BusinessCalendar

NONE: Final = -1
"""In an array of moments or targets: there is none."""

Integers = npt.NDArray[np.int64]
Numbers = npt.ArrayLike
"""What is taken for an array of whole numbers, or one whole number for all."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = 86_400
_QUARTER: Final = 900
"""Seconds of a bucket. Every zone of today is a whole number of quarters of an hour from UTC."""
_WIDEST: Final = 12_000
"""Days that a table may span: twice its open seconds have to fit in 31 bits."""
_BLOCK: Final = 16_384
"""Tickets worked on at a time, so that what lies between two steps stays in the processor's cache."""


class CalendarTable:
    """Many calendars over one span of time, made so that a million moments are answered at once.

    A moment finds its quarter of an hour by index: there stand the open seconds before it, and
    whether it is open. A quarter with an edge inside it is searched for among the stretches
    instead. The way back is the same with time counted in open seconds. Moments outside the table
    are put to the calendars one at a time, so they are right, but slow.

    Args:
        calendars: The calendars; everywhere else they are named by their place here.
        first: Where the table begins, cut to midnight UTC. Tickets should begin after it.
        last: Where it ends, rounded up to midnight UTC. Tickets should be due before it.

    Raises:
        ValueError: for a naive datetime, no calendars, or a span that is empty or longer than 32 years.
    """

    __slots__ = (
        "_away",
        "_away_from",
        "_before",
        "_before_keys",
        "_lengths",
        "_opened",
        "_since",
        "_since_keys",
        "_span",
        "_stride",
        "_totals",
        "_uneven",
        "calendars",
        "first",
        "last",
    )

    def __init__(
        self, calendars: Sequence[BusinessCalendar], first: datetime, last: datetime
    ) -> None:
        if first.tzinfo is None or last.tzinfo is None:
            raise ValueError("a table's ends need a time zone; give aware datetimes")
        begin, end = (first - _EPOCH).days, -((_EPOCH - last).days)
        if not 0 < end - begin <= _WIDEST:
            raise ValueError(
                f"a table from {first.isoformat()} to {last.isoformat()} is not possible; "
                f"it must end after it begins, within {_WIDEST} days"
            )
        if not calendars:
            raise ValueError("a table needs at least one calendar")
        self.calendars = tuple(calendars)
        self.first, self.last = begin * _DAY, end * _DAY
        """In seconds since 1970, UTC."""
        self._span = self.last - self.first
        self._stride = self._span // _QUARTER + 1
        edges = [self._edges(calendar) for calendar in self.calendars]
        self._uneven = any((edge % _QUARTER).any() for edge in edges)
        self._opened = np.concatenate([_opened(edge, self._stride) for edge in edges])
        away = [_away(edge) for edge in edges]
        self._away = np.concatenate(away)
        self._away_from = np.cumsum([0, *map(len, away)])
        self._keep_stretches(edges)

    @property
    def nbytes(self) -> int:
        """Bytes of the table."""
        arrays = (getattr(self, name) for name in self.__slots__ if name.startswith("_"))
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))

    def open_before(self, numbers: Numbers, seconds: Numbers) -> Integers:
        """Return the open seconds from the table's start to each moment; negative before it.

        Args:
            numbers: The calendar of each moment.
            seconds: The moments, in seconds since 1970.

        Raises:
            ValueError: for a number that no calendar has, or a moment outside the years 2 to 9998.
            TypeError: for anything but whole numbers.
        """
        which, moments = alike(numbers, seconds)
        self.check(which)
        found = np.empty(len(moments), np.int64)
        for part in blocks(len(found)):
            found[part] = self.open_before_block(which[part], moments[part])
        return found

    def moment_at(self, numbers: Numbers, open_seconds: Numbers) -> Integers:
        """Return the earliest moment at which so much open time has passed since the table's start.

        Exactly full means closing time, as ``BusinessCalendar.add`` has it.

        Raises:
            ValueError: as ``open_before``, for a negative time, or if a calendar never opens for
                so long.
            TypeError: for anything but whole numbers.
        """
        which, wanted = alike(numbers, open_seconds)
        self.check(which)
        if len(wanted) and wanted.min() < 0:
            raise ValueError("a moment before the table's start cannot be found by its open time")
        found = np.empty(len(wanted), np.int64)
        for part in blocks(len(found)):
            found[part] = self._moment_at(which[part], wanted[part])
        return found

    def open_time(self, numbers: Numbers, starts: Numbers, ends: Numbers) -> Integers:
        """Return the open seconds in [start, end) of each pair; zero where end is not after start.

        Raises:
            ValueError: as ``open_before``.
            TypeError: for anything but whole numbers.
        """
        which, since, until = alike(numbers, starts, ends)
        self.check(which)
        found = np.empty(len(since), np.int64)
        for part in blocks(len(found)):
            after = self.open_before_block(which[part], until[part])
            after -= self.open_before_block(which[part], since[part])
            np.maximum(after, 0, out=found[part])
        return found

    def add(self, numbers: Numbers, starts: Numbers, open_seconds: Numbers) -> Integers:
        """Return for each start the earliest moment by which ``open_seconds`` have passed while open.

        Raises:
            ValueError: as ``open_before``, or if a calendar never opens for so long.
            TypeError: for anything but whole numbers.
        """
        which, since, wanted = alike(numbers, starts, open_seconds)
        self.check(which)
        found = np.empty(len(since), np.int64)
        for part in blocks(len(found)):
            before = self.open_before_block(which[part], since[part])
            found[part] = self.add_block(which[part], since[part], before, wanted[part])
        return found

    # -- one block ---------------------------------------------------------------------------

    def open_before_block(self, which: Integers, moments: Integers) -> Integers:
        """As ``open_before`` for one block, not empty, whose numbers have been checked."""
        since = moments - self.first
        if since.min() < 0 or since.max() > self._span:
            return self._open_before_outside(which, moments)
        quarter = since // _QUARTER
        packed = self._opened.take(which * self._stride + quarter, mode="clip")
        found: Integers = (since - quarter * _QUARTER) * (packed & 1)
        found += packed >> 1
        if self._uneven:
            places = np.flatnonzero(packed < 0)
            if len(places):
                second, number = since[places], which[places]
                row = np.searchsorted(self._since_keys, self._key(number, second), "right") - 1
                inside = np.minimum(second - self._since[row], self._lengths[row])
                found[places] = self._before[row] + inside
        return found

    def _moment_at(self, which: Integers, wanted: Integers) -> Integers:
        if (wanted > self._totals.take(which, mode="clip")).any():
            return self._moment_at_outside(which, wanted)
        quarter = (wanted + (_QUARTER - 1)) // _QUARTER
        away = self._away.take(self._away_from.take(which, mode="clip") + quarter, mode="clip")
        found: Integers = wanted + self.first
        found += away
        if self._uneven:
            places = np.flatnonzero(away < 0)
            if len(places):
                left, number = wanted[places], which[places]
                row = np.searchsorted(self._before_keys, self._key(number, left), "left") - 1
                found[places] = self.first + self._since[row] + left - self._before[row]
        return found

    def add_block(
        self, which: Integers, starts: Integers, before: Integers, wanted: Integers
    ) -> Integers:
        """As ``add`` for one block, given what is open before each start."""
        until = before + wanted
        if wanted.min() > 0 and until.min() > 0:
            return self._moment_at(which, until)
        found = starts.copy()
        inside = np.flatnonzero((wanted > 0) & (until > 0))
        if len(inside):
            found[inside] = self._moment_at(which[inside], until[inside])
        for place in np.flatnonzero((wanted > 0) & (until <= 0)):
            calendar = self.calendars[which[place]]
            due = calendar.add(_moment(starts[place]), timedelta(seconds=int(wanted[place])))
            found[place] = stamp(due)
        return found

    def _open_before_outside(self, which: Integers, moments: Integers) -> Integers:
        found = np.empty_like(moments)
        inside = (moments >= self.first) & (moments <= self.last)
        if inside.any():
            found[inside] = self.open_before_block(which[inside], moments[inside])
        first = _moment(self.first)
        for place in np.flatnonzero(~inside):
            moment, calendar = _moment(moments[place]), self.calendars[which[place]]
            after, before = calendar.open_time(first, moment), calendar.open_time(moment, first)
            found[place] = (after - before) // timedelta(seconds=1)
        return found

    def _moment_at_outside(self, which: Integers, wanted: Integers) -> Integers:
        found = np.empty_like(wanted)
        left = wanted - self._totals[which]
        inside = left <= 0
        if inside.any():
            found[inside] = self._moment_at(which[inside], wanted[inside])
        last = _moment(self.last)
        for place in np.flatnonzero(~inside):
            calendar = self.calendars[which[place]]
            found[place] = stamp(calendar.add(last, timedelta(seconds=int(left[place]))))
        return found

    # -- making it ---------------------------------------------------------------------------

    def _edges(self, calendar: BusinessCalendar) -> Integers:
        """Return a calendar's stretches in seconds since the table's start: a row each."""
        stretches = list(calendar.stretches(_moment(self.first), _moment(self.last)))
        return np.array(stretches, np.int64).reshape(-1, 2) - self.first

    def _keep_stretches(self, edges: Sequence[Integers]) -> None:
        """Keep the stretches of all calendars in one row, each calendar's after an empty one."""
        rows = [np.concatenate([np.zeros((1, 2), np.int64), edge]) for edge in edges]
        counts = [len(row) for row in rows]
        stretches = np.concatenate(rows)
        numbers = np.repeat(np.arange(len(rows)), counts)
        self._since = stretches[:, 0].copy()
        self._lengths = stretches[:, 1] - stretches[:, 0]
        running = np.cumsum(self._lengths) - self._lengths
        self._before = running - np.repeat(running[np.cumsum([0, *counts[:-1]])], counts)
        self._totals = np.array([np.diff(edge).sum() for edge in edges], np.int64)
        self._since_keys = self._key(numbers, self._since)
        self._before_keys = self._key(numbers, self._before)

    def _key(self, numbers: Integers, seconds: Integers) -> Integers:
        """Return what sorts by calendar, then by seconds."""
        return numbers * (self._span + 1) + seconds

    def check(self, numbers: Integers) -> None:
        """Refuse numbers that no calendar has.

        Raises:
            ValueError: if there are any.
        """
        if len(numbers) and (numbers.min() < 0 or numbers.max() >= len(self.calendars)):
            wrong = numbers.min() if numbers.min() < 0 else numbers.max()
            raise ValueError(
                f"there is no calendar number {wrong}; the table has {len(self.calendars)}, "
                "numbered from 0"
            )


def _opened(edges: Integers, count: int) -> npt.NDArray[np.int32]:
    """Return for each quarter twice the open seconds before it, and one more where it is open.

    ``NONE`` where an edge lies inside the quarter.
    """
    begins, ends = edges[:, 0], edges[:, 1]
    # Each edge changes the slope of the sum from the next quarter's beginning on, and what lies
    # between the edge and that beginning is added there once.
    slope = np.zeros(count + 1, np.int64)
    extra = np.zeros(count + 1, np.int64)
    for moments, sign in ((begins, 1), (ends, -1)):
        quarters = -(-moments // _QUARTER)
        np.add.at(slope, quarters, sign)
        np.add.at(extra, quarters, sign * (quarters * _QUARTER - moments))
    is_open = np.cumsum(slope)[:count]
    before = np.cumsum(extra)[:count]
    before[1:] += np.cumsum(is_open[:-1]) * _QUARTER
    packed = before * 2 + is_open
    packed[edges[edges % _QUARTER != 0] // _QUARTER] = NONE
    return packed.astype(np.int32)


def _away(edges: Integers) -> npt.NDArray[np.int32]:
    """Return for each quarter of open time the closed seconds before it, the first being no time.

    A quarter holds what is more than its beginning and at most its end. ``NONE`` where a stretch
    ends inside it.
    """
    lengths = edges[:, 1] - edges[:, 0]
    sums = np.cumsum(lengths)
    before = sums - lengths
    total = int(lengths.sum())
    quarters = np.arange(-(-total // _QUARTER)) * _QUARTER
    rows = np.searchsorted(before, quarters, "right") - 1
    away = np.concatenate([[0], edges[rows, 0] - before[rows]])
    inside = before[before % _QUARTER != 0]
    away[-(-inside // _QUARTER)] = NONE
    return away.astype(np.int32)


def alike(*arrays: Numbers) -> list[Integers]:
    """Return arrays of whole numbers of one length.

    Raises:
        TypeError: for anything but whole numbers.
        ValueError: for arrays of different lengths.
    """
    found = []
    for given in arrays:
        array = np.asarray(given)
        if array.dtype.kind not in "iu" and array.size:
            raise TypeError(f"whole numbers are wanted, not {array.dtype}")
        found.append(np.atleast_1d(array).astype(np.int64, copy=False))
    return list(np.broadcast_arrays(*found))


def blocks(count: int) -> Iterator[slice]:
    """Return the parts in which so many moments are worked on."""
    return (slice(start, start + _BLOCK) for start in range(0, count, _BLOCK))


def _moment(stamp: int | np.int64) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=int(stamp))
    except OverflowError:
        raise ValueError(f"{stamp} is no moment of the years 2 to 9998") from None


def stamp(moment: datetime) -> int:
    """Return a moment in whole seconds since 1970.

    Raises:
        ValueError: for a naive datetime.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; give an aware datetime")
    return (moment - _EPOCH) // timedelta(seconds=1)
