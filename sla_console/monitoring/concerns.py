"""What the console works without while SuperOps answers: told once, and once when it is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.domain.durations import words
from sla_console.monitoring.ports import Records
from sla_console.monitoring.trouble import TroublePlan

_PATIENCE: Final = timedelta(seconds=30)
"""What has passed by then is not worth a message."""
_QUIET: Final = timedelta(minutes=10)
"""What comes back within this time never went away."""


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that is not as it should be, in words."""

    headline: str
    line: str


@dataclass(slots=True)
class _Noticed:
    since: datetime
    last: datetime
    headline: str
    told: bool = False


class Concerns:
    """Tells of each concern once when it has lasted a little, and once when it is over.

    Args:
        records: Where messages wait.
        plan: Who is told.
    """

    def __init__(self, records: Records, plan: TroublePlan) -> None:
        self._records, self._plan = records, plan
        self._noticed: dict[str, _Noticed] = {}

    async def look(self, current: Mapping[str, Concern], now: datetime) -> bool:
        """Take note of what concerns there are; return whether there is something new to send.

        Args:
            current: The concerns by a name that stays the same while they last.
            now: The moment.
        """
        news = False
        for name, concern in current.items():
            seen = self._noticed.setdefault(name, _Noticed(now, now, concern.headline))
            seen.last = now
            if not seen.told and now - seen.since >= _PATIENCE:
                seen.told = True
                news = await self._begun(name, seen, concern) or news
        for name, seen in list(self._noticed.items()):
            if name in current or timedelta() <= now - seen.last < _QUIET:
                continue
            del self._noticed[name]
            news = (seen.told and await self._over(name, seen, now)) or news
        return news

    async def _begun(self, name: str, seen: _Noticed, concern: Concern) -> bool:
        about = _about(name, seen)
        messages = self._plan.plan_monitor(about, concern.headline, (concern.line,), about=about)
        return await self._records.outbox.enqueue(messages) > 0

    async def _over(self, name: str, seen: _Noticed, now: datetime) -> bool:
        about = _about(name, seen)
        messages = self._plan.plan_monitor(
            f"over:{about}",
            f"Over after {words(seen.last - seen.since)}: {seen.headline}",
            about=about,
            ended_at=now,
        )
        return await self._records.outbox.enqueue(messages) > 0


def _about(name: str, seen: _Noticed) -> str:
    return f"concern:{name}:{int(seen.since.timestamp())}"
