"""Being quiet on purpose: silences with an end, maintenance windows, and the clients' quiet hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from sla_console.domain.alerts.notification import Notification
from sla_console.domain.matcher import Matcher
from sla_console.domain.wall_time import first_moment, last_moment

_AHEAD: Final = 400
"""Days within which the next window is looked for."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is told of what matches, until its end. Aware UTC."""

    id: str
    matcher: Matcher
    author: str
    reason: str
    start: datetime
    end: datetime

    def active(self, now: datetime) -> bool:
        """Return whether it holds now."""
        return self.start <= now < self.end


@dataclass(frozen=True, slots=True)
class Once:
    """One stretch of time, by a local clock."""

    start: datetime
    """Naive local."""
    end: datetime


@dataclass(frozen=True, slots=True)
class Weekly:
    """A stretch of certain days of every week, or of one week of each month, by a local clock."""

    days: frozenset[int]
    """Weekdays on which it begins; 0 is Monday."""
    start: time
    end: time
    """Not after ``start``: it runs into the next day."""
    week: int | None = None
    """Which such weekday of the month; None: each."""


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """Planned work: nothing is told of what matches while it lasts.

    By a local clock: in an hour that it skips, a window begins or ends at the first moment after
    it; an hour that comes twice belongs to it both times.
    """

    name: str
    matcher: Matcher
    zone: ZoneInfo
    when: Once | Weekly
    over: datetime | None = None
    """The one that would last until then was ended early; the next ones are as planned."""

    def active(self, at: datetime) -> bool:
        """Return whether it holds at a moment."""
        return self.end_after(at) is not None

    def end_after(self, at: datetime) -> datetime | None:
        """Return when the window that holds at a moment ends; None: none does."""
        around = self._around(at)
        ends = [end for start, end in around if start <= at < end and end != self.over]
        return max(ends, default=None)

    def next_start(self, at: datetime) -> datetime | None:
        """Return when the next window after a moment begins; None: none does for over a year."""
        day = at.astimezone(self.zone).date()
        if isinstance(self.when, Once):
            start, _ = self._span(self.when.start, self.when.end)
            return start if start > at else None
        for offset in range(-1, _AHEAD):
            span = self._on(self.when, day + timedelta(days=offset))
            if span is not None and span[0] > at:
                return span[0]
        return None

    def _around(self, at: datetime) -> list[tuple[datetime, datetime]]:
        if isinstance(self.when, Once):
            return [self._span(self.when.start, self.when.end)]
        day = at.astimezone(self.zone).date()
        spans = (self._on(self.when, day + timedelta(days=offset)) for offset in (-1, 0, 1))
        return [span for span in spans if span is not None]

    def _on(self, when: Weekly, day: date) -> tuple[datetime, datetime] | None:
        if day.weekday() not in when.days:
            return None
        if when.week is not None and (day.day - 1) // 7 + 1 != when.week:
            return None
        over = timedelta(days=when.end <= when.start)
        start = datetime.combine(day, when.start)
        return self._span(start, datetime.combine(day, when.end) + over)

    def _span(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        return first_moment(start, self.zone), last_moment(end, self.zone)


def ended_early(
    windows: Sequence[MaintenanceWindow], over: Mapping[str, datetime]
) -> tuple[MaintenanceWindow, ...]:
    """Return the windows, with what was ended early.

    Args:
        windows: As they are planned.
        over: By name until when the one would have lasted that was ended.
    """
    return tuple(replace(window, over=over.get(window.name)) for window in windows)


@dataclass(frozen=True, slots=True)
class MutedBy:
    """What keeps something from being told."""

    kind: Literal["silence", "maintenance"]
    id: str
    words: str
    until: datetime


def muted_by(
    notification: Notification,
    now: datetime,
    silences: Sequence[Silence],
    windows: Sequence[MaintenanceWindow],
) -> MutedBy | None:
    """Return what keeps a notice from being told, of several what lasts longest; None: nothing."""
    found: list[MutedBy] = []
    for silence in silences:
        if silence.active(now) and silence.matcher.matches(notification):
            words = f"silenced by {silence.author} until {_utc(silence.end, now)}: {silence.reason}"
            found.append(MutedBy("silence", silence.id, words, silence.end))
    for window in windows:
        end = window.end_after(now) if window.matcher.matches(notification) else None
        if end is not None:
            words = f"maintenance {window.name} until {_utc(end, now)}"
            found.append(MutedBy("maintenance", window.name, words, end))
    return max(found, key=lambda hush: hush.until, default=None)


def _utc(moment: datetime, now: datetime) -> str:
    moment = moment.astimezone(UTC)
    day = "" if moment.date() == now.astimezone(UTC).date() else f"{moment:%Y-%m-%d} "
    return f"{day}{moment:%H:%M} UTC"
