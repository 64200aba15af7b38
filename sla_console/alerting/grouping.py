"""What is told together: by channel, client and clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sla_console.domain.alerts.alert import AlertEvent, Notification
from sla_console.domain.names import folded

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Grouping:
    """How long things wait for each other."""

    wait: timedelta = timedelta(seconds=20)
    """For the first of a group, and for what is urgent."""
    interval: timedelta = timedelta(minutes=5)
    """Between two messages of one group that are not urgent."""
    storm: int = 20
    """New messages a minute to one channel above which they become one digest."""


class Groups:
    """Remembers when each group was last told of something.

    Args:
        grouping: How long things wait.
    """

    def __init__(self, grouping: Grouping | None = None) -> None:
        self.grouping = grouping or Grouping()
        self._last: dict[str, datetime] = {}
        self._due: dict[str, datetime] = {}
        self._urgent: dict[str, datetime] = {}
        """When something urgent of each group went out at once."""

    def restore(self, last: Mapping[str, datetime]) -> None:
        """Take over from the store when each group was last told of something."""
        self._last = dict(last)
        self._due = {}

    @staticmethod
    def key(notification: Notification, channel: str) -> str:
        """Return the group of a notice; what is over is told apart from what is broken."""
        over = " over" if notification.event is AlertEvent.RECOVERY else ""
        target = notification.target or ""
        return f"{channel}|{folded(notification.client or '')}|{target}{over}"

    def when(self, group: str, now: datetime, *, urgent: bool) -> datetime:
        """Return when something new of a group shall be told.

        The first urgent one of a group goes at once, whatever was told before. What follows waits
        for others: what is urgent for a moment, the rest for the group's interval.
        """
        wait, interval = self.grouping.wait, self.grouping.interval
        last = self._last.get(group)
        if last is not None and last > now:
            last = None  # the clock was set back
        if urgent and not timedelta() <= now - self._urgent.get(group, _LONG_AGO) < interval:
            self._urgent[group] = self._last[group] = now
            return now
        at = now + wait
        if last is not None and not urgent:
            at = max(at, last + interval)
        # Whatever gathers already takes this along.
        due = self._due.get(group)
        if due is not None and now < due < at:
            at = due
        self._due[group] = at
        return at

    def told(self, group: str, now: datetime) -> None:
        """Note that a group has been told of something."""
        self._last[group] = now
        self._due.pop(group, None)
