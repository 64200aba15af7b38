"""Watching the watcher: a sign of life to the outside while all is well, and a daily test."""

import logging
from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo
from typing import Final

from sla_console.alerting.planner import AlertPlanner
from sla_console.alerting.ports import AlertStore, SignOfLife
from sla_console.domain import fault_points

LOG = logging.getLogger(__name__)
_CANARY: Final = "canary_day"
URGENT: Final = timedelta(minutes=2)
"""How long an urgent message may wait."""
OWED: Final = timedelta(minutes=5)
"""How late an escalation step may be."""


class HeartbeatReporter:
    """Says to the outside that all is well, or why not.

    Args:
        heartbeat: Where; None: nowhere.
    """

    def __init__(self, heartbeat: SignOfLife | None) -> None:
        self._heartbeat = heartbeat
        self._refused: str | None = None

    @property
    def is_set(self) -> bool:
        """Whether there is anybody to say it to."""
        return self._heartbeat is not None

    async def beat(self, fault: str | None) -> str | None:
        """Tell the outside that all is well, or what is wrong.

        Args:
            fault: What is wrong; None: nothing is.

        Returns:
            Why nobody outside heard that all is well; None: somebody did, or nobody is to.
        """
        if self._heartbeat is None:
            return None
        fault_points.hit("heartbeat.send")
        error = await (self._heartbeat.beat() if fault is None else self._heartbeat.fail(fault))
        self._log(error)
        said = None if error is None else f"the heartbeat was not taken: {error}"
        return "; ".join(words for words in (fault, said) if words) or None

    def _log(self, error: str | None) -> None:
        """Write once that the heartbeat's receiver fails, and once that it is back."""
        if error is not None and error != self._refused:
            LOG.warning("the heartbeat was not taken: %s", error)
        elif error is None and self._refused is not None:
            LOG.info("the heartbeat is taken again")
        self._refused = error


class DailyChannelTest:
    """Sends a test through each channel once a day.

    Args:
        planner: Says what it looks like.
        channels: Through which.
        at: At which local time; None: never.
        zone: Whose; None: this machine's.
        store: The store.
    """

    def __init__(
        self,
        planner: AlertPlanner,
        channels: Sequence[str],
        at: time | None,
        zone: tzinfo | None,
        store: AlertStore,
    ) -> None:
        self._planner, self._channels, self._at = planner, tuple(channels), at
        self._zone, self._store = zone, store

    async def step(self, now: datetime) -> bool:
        """Queue today's test if its time has come; return whether it did."""
        local = now.astimezone(self._zone)
        if self._at is None or not self._channels or local.time() < self._at:
            return False
        day = local.date().isoformat()
        if await self._store.meta.get(_CANARY) == day:
            return False
        messages = self._planner.plan_test(f"canary:{day}", self._channels)
        await self._store.outbox.enqueue(messages)
        await self._store.meta.set(_CANARY, day)
        return True
