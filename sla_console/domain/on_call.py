"""Who is on call: turns that go round by the local calendar, shifts within the week, overrides.

A handover happens at a local wall time, so summer time moves none. In an hour that a clock skips it
happens at the first moment after it; in an hour that comes twice, the first time. Turns are counted
in local days, never in elapsed seconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
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
    days: frozenset[int] = frozenset(range(7))
    """Weekdays on which it begins; 0 is Monday."""
    start: int = 0
    """Local minutes after midnight."""
    end: int = _DAY
    """Local minutes after midnight; not after ``start``: it runs into the next day."""

    def minutes(self) -> Iterator[tuple[int, int]]:
        """Yield its stretches in minutes of the local week; one may run past its end."""
        length = self.end - self.start if self.end > self.start else self.end - self.start + _DAY
        for day in sorted(self.days):
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

    def turn(self, at: datetime) -> int:
        """Return which turn it is at a moment, 0 for the first; those before it are negative."""
        local = at.astimezone(self.zone)
        days = (local.date() - self.starts).days
        if at < self._moment(local.date(), self.handover):
            days -= 1
        return days // self.turn_days

    def _moment(self, day: date, wall: time) -> datetime:
        return first_moment(datetime.combine(day, wall), self.zone)

    def candidates(self, at: datetime) -> Iterator[datetime]:
        """Yield, in order, the moments after ``at`` at which somebody else may have it."""
        moments = {
            moment
            for override in self.overrides
            for moment in (override.start, override.end)
            if moment > at
        }
        day = at.astimezone(self.zone).date() - timedelta(days=1)
        walls = {self.handover} | {
            time(minute // 60 % 24, minute % 60)
            for shift in self.shifts
            for minute in (shift.start, shift.end)
        }
        last = (at + _YEAR).astimezone(self.zone).date()
        while day <= last:
            # Both readings of an hour that comes twice, since a shift's walls are read literally.
            for wall in walls:
                moments.add(self._moment(day, wall))
                moments.add(datetime.combine(day, wall, self.zone).replace(fold=1).astimezone(UTC))
            day += timedelta(days=1)
            ready = sorted(moment for moment in moments if moment > at)
            horizon = datetime.combine(day, time(), self.zone).astimezone(UTC) - timedelta(hours=3)
            for moment in ready:
                if moment >= horizon:
                    break
                yield moment
                moments.discard(moment)
                at = moment


def on_call(rotation: Rotation, at: datetime) -> str | None:
    """Return who is on call at a moment; None: nobody is."""
    for override in reversed(rotation.overrides):
        if override.start <= at < override.end:
            return override.person
    local = at.astimezone(rotation.zone)
    minute = local.weekday() * _DAY + local.hour * 60 + local.minute
    for shift in rotation.shifts:
        if shift.people and shift.covers(minute):
            return shift.people[rotation.turn(at) % len(shift.people)]
    return None


def next_change(rotation: Rotation, at: datetime) -> datetime | None:
    """Return the next moment at which somebody else is on call; None: not within a year."""
    now = on_call(rotation, at)
    for moment in rotation.candidates(at):
        if moment - at > _YEAR:
            return None
        if on_call(rotation, moment) != now:
            return moment
    return None


def gaps(rotation: Rotation) -> list[str]:
    """Return in words the stretches of the local week that no shift covers."""
    covered = [False] * _WEEK
    for shift in rotation.shifts:
        for start, end in shift.minutes():
            for minute in range(start, end):
                covered[minute % _WEEK] = True
    return [f"{_name(start)} to {_name(end)}" for start, end in _runs(covered)]


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
