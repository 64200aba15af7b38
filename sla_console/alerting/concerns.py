"""Notifies once when the console lacks something while SuperOps answers, and once at its end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.planner import AlertPlanner
from sla_console.alerting.ports import AlertStore
from sla_console.domain.durations import words

_NOTIFIED: Final = "concerns_notified"
_PATIENCE: Final = timedelta(seconds=30)
"""Concerns that end within this time get no message, where they do not say otherwise."""
_QUIET: Final = timedelta(minutes=10)
"""A concern that returns within this time counts as one that never ended."""


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that is not as it should be, in words."""

    headline: str
    line: str
    patience: timedelta = _PATIENCE
    """How long it may last before anybody is notified."""


@dataclass(slots=True)
class _Noticed:
    since: datetime
    last: datetime
    headline: str
    told: bool = False


class Concerns:
    """Tells of each concern once when it has lasted a little, and once when it is over.

    Args:
        store: Where messages wait.
        planner: Says who is notified.
    """

    def __init__(self, store: AlertStore, planner: AlertPlanner) -> None:
        self._store, self._planner = store, planner
        self._noticed: dict[str, _Noticed] = {}

    async def begin(self) -> None:
        """Take over what the console that monitored before has notified."""
        stored = await self._store.meta.get(_NOTIFIED)
        self._noticed = {
            name: _Noticed(
                datetime.fromisoformat(since), datetime.fromisoformat(since), headline, told=True
            )
            for name, (since, headline) in json.loads(stored or "{}").items()
        }

    async def _keep(self) -> None:
        told = {n: (s.since.isoformat(), s.headline) for n, s in self._noticed.items() if s.told}
        await self._store.meta.set(_NOTIFIED, json.dumps(told))

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
            if not seen.told and now - seen.since >= concern.patience:
                seen.told = True
                await self._keep()
                news = await self._begun(name, seen, concern) or news
        for name, seen in list(self._noticed.items()):
            if name in current or timedelta() <= now - seen.last < _QUIET:
                continue
            news = (seen.told and await self._over(name, seen)) or news
            del self._noticed[name]
            if seen.told:
                await self._keep()
        return news

    async def _begun(self, name: str, seen: _Noticed, concern: Concern) -> bool:
        about = _about(name, seen)
        messages = self._planner.plan_monitor(about, concern.headline, (concern.line,), about=about)
        return await self._store.outbox.enqueue(messages) > 0

    async def _over(self, name: str, seen: _Noticed) -> bool:
        about = _about(name, seen)
        headline = f"Over after {words(seen.last - seen.since)}: {seen.headline}"
        messages = self._planner.plan_monitor_end(f"over:{about}", headline, (), about)
        return await self._store.outbox.enqueue(messages) > 0


def _about(name: str, seen: _Noticed) -> str:
    return f"concern:{name}:{int(seen.since.timestamp())}"
