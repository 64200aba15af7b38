"""Watching the watcher: a sign of life to the outside while all is well, and a daily test."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Final

from sla_console.alerting.planner import AlertPlanner
from sla_console.alerting.ports import AlertStore, SignOfLife
from sla_console.domain.alerts.alert import ChannelRecord
from sla_console.domain.durations import words
from sla_console.domain.errors import StoreError

LOG = logging.getLogger(__name__)
_PROBE: Final = "self_audit"
_CANARY: Final = "canary_day"
TICK: Final = timedelta(seconds=15)
"""How long ago the engine may have looked at the clock at most; it does every five seconds."""
URGENT: Final = timedelta(minutes=2)
"""How long an urgent message may wait."""
OWED: Final = timedelta(minutes=5)
"""How late an escalation step may be."""


@dataclass(frozen=True, slots=True)
class HealthSigns:
    """What the self-audit looks at."""

    last_sync: datetime | None
    sync_interval: timedelta
    last_tick: datetime | None
    """Up to when the engine has dealt with every moment that came."""
    overdue_since: datetime | None
    """When the oldest escalation step that has not been taken was due."""
    channels: Mapping[str, ChannelRecord]
    store: str | None = None
    """What is wrong with the store; None: nothing is."""
    pace: float = 1.0
    """How many seconds of the clock pass in a real one; what the machine may take is real time."""


async def self_audit(signs: HealthSigns, store: AlertStore, now: datetime) -> str | None:
    """Return why the console may be missing something; None: it is not.

    Args:
        signs: What its parts say.
        store: The store; it is written to, to see that it can be.
        now: The moment.
    """
    try:
        await store.meta.set(_PROBE, now.isoformat())
        waiting = await store.deliveries.oldest_urgent()
    except StoreError as error:
        return f"the store cannot be written: {error}"
    if signs.store is not None:
        return f"the store cannot be relied on: {signs.store}"
    late, pace = 3 * signs.sync_interval, signs.pace
    faults = (
        (signs.last_sync is None, "SuperOps has not been read yet"),
        (
            _older(signs.last_sync, late, now),
            f"the last read of SuperOps is over {words(late)} old",
        ),
        (_older(signs.last_tick, TICK * pace, now), "the engine's clock stands still"),
        (_older(signs.overdue_since, OWED * pace, now), "an escalation step is overdue"),
        (_older(waiting, URGENT * pace, now), "an urgent alert has waited for over two minutes"),
        (
            bool(signs.channels) and all(_is_down(one) for one in signs.channels.values()),
            "every alert channel is down",
        ),
    )
    return next((why for failed, why in faults if failed), None)


def _older(moment: datetime | None, limit: timedelta, now: datetime) -> bool:
    return moment is not None and now - moment > limit


def _is_down(record: ChannelRecord) -> bool:
    return record.broken is not None or record.open_since is not None


class HeartbeatReporter:
    """Says to the outside that all is well, or why not.

    Args:
        heartbeat: Where; None: nowhere.
        store: The store.
    """

    def __init__(self, heartbeat: SignOfLife | None, store: AlertStore) -> None:
        self._heartbeat = heartbeat
        self._store = store
        self.withheld: str | None = None
        """Why the last sign of life was not given; None: it was, or there is nobody to give it to."""
        self._refused: str | None = None

    async def beat(self, signs: HealthSigns, now: datetime) -> bool:
        """Look at everything and tell the outside; return whether what is withheld changed."""
        before = self.withheld
        fault = await self_audit(signs, self._store, now)
        if self._heartbeat is None:
            return False
        error = await (self._heartbeat.beat() if fault is None else self._heartbeat.fail(fault))
        self._log(error)
        said = None if error is None else f"the heartbeat was not taken: {error}"
        self.withheld = "; ".join(words for words in (fault, said) if words) or None
        return self.withheld != before

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
