"""Who is on call: turns that go round by the local calendar, shifts within the week, overrides.

Handovers and shifts begin and end at local times, so summer time moves none. In an hour that a clock
skips they do at the first moment after it; in an hour that comes twice, the first time, and nothing
changes while it comes again. Turns are counted in local days, never in elapsed seconds.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import merge
from typing import Final
from zoneinfo import ZoneInfo

from sla_console.domain.wall_time import first_moment

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEK: Final = 7 * 24 * 60
_DAY: Final = 24 * 60
_YEAR: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Shift:
    """A part of the week and who takes turns in it."""

    people: tuple[str, ...]
    """In the order of their turns; nobody: it covers nothing."""
    days: frozenset[int] = frozenset(range(7))
    """Weekdays on which it begins; 0 is Monday."""
    start: int = 0
    """Local minutes after midnight."""
    end: int = _DAY
    """Local minutes after midnight; not after ``start``: it runs into the next day."""

    def minutes(self) -> Iterator[tuple[int, int]]:
        """Yield its stretches in minutes of the local week; one may run past its end."""
        length = self.end - self.start if self.end > self.start else self.end - self.start + _DAY
        for day in sorted(self.days) if self.people else ():
            yield day * _DAY + self.start, day * _DAY + self.start + length

    def covers(self, minute: int) -> bool:
        """Return whether a minute of the local week lies in it."""
        return any(
            start <= at < end for start, end in self.minutes() for at in (minute, minute + _WEEK)
        )


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody takes over for a while. Aware UTC."""

    person: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Rotation:
    """People who take turns."""

    name: str
    zone: ZoneInfo
    starts: date
    """Local date of the first handover."""
    handover: time = time(9)
    """Local time at which a turn ends and the next begins."""
    turn_days: int = 7
    shifts: tuple[Shift, ...] = ()
    """The first that covers a moment counts."""
    overrides: tuple[Override, ...] = ()
    """The last that covers a moment wins."""

    def shown(self, at: datetime) -> datetime:
        """Return the latest time that the local clock has shown by a moment, naive.

        It never goes back: in an hour that comes the second time it stands at the end of that hour.
        """
        local = at.astimezone(self.zone)
        if not local.fold:
            return local.replace(tzinfo=None)
        before, after = local.replace(fold=0).utcoffset(), local.utcoffset()
        if before is None or after is None:  # pragma: no cover - a ZoneInfo always knows
            return local.replace(tzinfo=None)
        # The clock was put back between the first time it showed this and now.
        first = at.replace(microsecond=0) - (before - after)

        def put_back(second: int) -> bool:
            moment = first + timedelta(seconds=second)
            return moment.astimezone(self.zone).utcoffset() != before

        seconds = int((before - after).total_seconds())
        late = timedelta(seconds=bisect_left(range(seconds), True, key=put_back))
        wall = local.replace(tzinfo=None, microsecond=0) + late
        return wall - timedelta.resolution

    def turn(self, at: datetime) -> int:
        """Return which turn it is at a moment, 0 for the first; those before it are negative."""
        return self._turn(self.shown(at))

    def _turn(self, wall: datetime) -> int:
        days = (wall.date() - self.starts).days
        if wall.time() < self.handover:
            days -= 1
        return days // self.turn_days

    def holder(self, at: datetime) -> str | None:
        """Return whose turn it is, overrides apart; None: no shift covers the moment."""
        wall = self.shown(at)
        minute = wall.weekday() * _DAY + wall.hour * 60 + wall.minute
        for shift in self.shifts:
            if shift.covers(minute):
                return shift.people[self._turn(wall) % len(shift.people)]
        return None

    def candidates(self, at: datetime) -> Iterator[datetime]:
        """Yield, in order and without end, the moments after ``at`` where another may have it."""
        edges = sorted(edge for one in self.overrides for edge in (one.start, one.end))
        for moment in merge(edges, self._boundaries(self.shown(at).date() - timedelta(days=1))):
            if moment > at:
                yield moment

    def _boundaries(self, day: date) -> Iterator[datetime]:
        """Yield the handovers and the ends of shifts from a local day on."""
        walls = {self.handover} | {
            time(minute // 60 % 24, minute % 60)
            for shift in self.shifts
            for minute in (shift.start, shift.end)
        }
        while True:
            for wall in sorted(walls):
                yield first_moment(datetime.combine(day, wall), self.zone)
            day += timedelta(days=1)


def on_call(rotation: Rotation, at: datetime) -> str | None:
    """Return who is on call at a moment; None: nobody is."""
    for override in reversed(rotation.overrides):
        if override.start <= at < override.end:
            return override.person
    return rotation.holder(at)


def next_change(rotation: Rotation, at: datetime) -> datetime | None:
    """Return the next moment at which somebody else is on call; None: not within a year."""
    now = on_call(rotation, at)
    for moment in rotation.candidates(at):
        if moment - at > _YEAR:
            return None
        if on_call(rotation, moment) != now:
            return moment
    return None  # pragma: no cover - candidates have no end


def gaps(rotation: Rotation) -> list[str]:
    """Return in words the stretches of the local week that no shift covers."""
    covered = [False] * _WEEK
    for shift in rotation.shifts:
        for start, end in shift.minutes():
            for minute in range(start, end):
                covered[minute % _WEEK] = True
    return [f"{_name(start)} to {_end_name(end)}" for start, end in _runs(covered)]


def _runs(covered: Sequence[bool]) -> list[tuple[int, int]]:
    """Return the uncovered stretches; one over the end of the week is one."""
    if not any(covered):
        return [(0, _WEEK)]
    first = covered.index(True)
    found, start = [], None
    for offset in range(_WEEK + 1):
        minute = (first + offset) % _WEEK
        if offset < _WEEK and not covered[minute]:
            start = first + offset if start is None else start
        elif start is not None:
            found.append((start % _WEEK, (first + offset) % _WEEK))
            start = None
    return sorted(found)


def _name(minute: int) -> str:
    return f"{DAYS[minute // _DAY % 7]} {minute % _DAY // 60:02}:{minute % 60:02}"


def _end_name(minute: int) -> str:
    # The end of Sunday, where the week is written as one line.
    return "Sun 24:00" if minute in {0, _WEEK} else _name(minute)
