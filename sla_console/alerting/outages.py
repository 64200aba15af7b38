"""Reports trouble of the console itself: SuperOps that does not answer, times when nobody watched."""

from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.alert import may_be_old
from sla_console.alerting.escalation_timers import EscalationTimers
from sla_console.alerting.planner import AlertPlanner
from sla_console.alerting.ports import AlertStore
from sla_console.domain import fault_points
from sla_console.domain.board import SourceState
from sla_console.domain.durations import words

_OUTAGE: Final = "outage_notified"
"""Under this name the store keeps since when SuperOps does not answer, once that was notified."""
LAST_TICK: Final = "last_tick"
"""Under this name the store keeps when a monitor last looked at the clock."""
_HELD_BACK: Final = (
    "What breaks meanwhile is worked out from old data; it is held back and told when SuperOps "
    "answers again, as far as it is still true."
)
_KEEP_EVERY: Final = timedelta(seconds=15)
_SET_BACK: Final = timedelta(seconds=5)
"""What a clock may be set back without anybody waiting noticeably longer."""
BLIND: Final = timedelta(minutes=2)
"""Gap between two looks at the clock from which nobody watched."""
_LONGEST_WAIT: Final = timedelta(minutes=45)
"""No retry and no group waits for longer."""
_WORTH_TELLING: Final = timedelta(minutes=10)
"""Gap that is told although nothing happened in it."""


class OutageReporter:
    """Notifies of it once when it begins and once when it is over.

    Args:
        store: The store.
        planner: Says who is notified.
        timers: Of the breaches, which go on when the clock is set back.
        patience: How long SuperOps may be silent before its data is old.
        pace: How many seconds of the clock pass in a real one.
    """

    def __init__(
        self,
        store: AlertStore,
        planner: AlertPlanner,
        timers: EscalationTimers,
        patience: timedelta,
        pace: float = 1.0,
    ) -> None:
        self._store, self._timers = store, timers
        self._planner, self._freshness = planner, planner.pipeline.freshness
        self._patience = patience
        self._blind, self._keep_every = BLIND * pace, _KEEP_EVERY * pace
        self._unreachable_since: datetime | None = None
        self._told = False
        self._kept_at: datetime | None = None
        self._last_tick: datetime | None = None

    async def begin(self) -> None:
        """Take over what the console that monitored before has notified."""
        self._last_tick = None
        stored = await self._store.meta.get(_OUTAGE)
        self._unreachable_since = datetime.fromisoformat(stored) if stored else None
        self._told = self._unreachable_since is not None
        self._freshness.blind_since = self._unreachable_since

    async def connection_is(
        self,
        connection: SourceState,
        last_sync: datetime | None,
        message: str | None,
        now: datetime,
    ) -> bool:
        """Take note of how SuperOps is; return whether there is something new to send.

        What broke while it does not answer is worked out from old data. It is held back, and told
        when the data is fresh, as far as it is still true.
        """
        if connection in {SourceState.STARTING, SourceState.LIVE}:
            return connection is SourceState.LIVE and await self._answers(now)
        self._unreachable_since = self._unreachable_since or last_sync or now
        if now - self._unreachable_since < self._patience:
            return False  # one poll that failed is no news
        self._freshness.blind_since = self._unreachable_since
        if self._told:
            return False
        self._told = True
        # First of all: what is notified and then forgotten would stay open at a pager.
        await self._store.meta.set(_OUTAGE, self._unreachable_since.isoformat())
        await self._store.outbox.hold_for_fresh_data(
            self._unreachable_since, may_be_old(self._unreachable_since)
        )
        fault_points.hit("outage.tell")
        about = _unreachable(self._unreachable_since)
        messages = self._planner.plan_monitor(
            about,
            f"SuperOps does not answer since {self._unreachable_since:%Y-%m-%d %H:%M} UTC",
            (
                message or "Its data is old.",
                _HELD_BACK,
            ),
            about=about,
            times=(self._unreachable_since,),
        )
        return await self._store.outbox.enqueue(messages) > 0

    async def _answers(self, now: datetime) -> bool:
        self._freshness.blind_since = None
        held = await self._store.outbox.held_for_fresh_data()
        if held:
            await self._store.outbox.data_is_fresh(now)
        since, told = self._unreachable_since, self._told
        self._unreachable_since, self._told = None, False
        if since is None or not told:
            return held > 0
        messages = self._planner.plan_monitor_end(
            f"answers:{int(since.timestamp())}",
            f"SuperOps answers again after {words(now - since)}",
            (f"{held} alerts were held back meanwhile; those that are still true follow.",),
            _unreachable(since),
        )
        await self._store.outbox.enqueue(messages)
        fault_points.hit("outage.over")
        await self._store.meta.set(_OUTAGE, "")
        return True

    async def tick(self, now: datetime) -> timedelta | None:
        """Look at the clock; return how long nobody had, where that is long.

        A process that was stopped, a laptop that slept, a monitor that was not running, and a wall
        clock that was set forward all look the same.
        """
        last = self._last_tick
        if last is None:
            stored = await self._store.meta.get(LAST_TICK)
            last = datetime.fromisoformat(stored) if stored else None
        self._last_tick = now
        if self._kept_at is None or not timedelta() <= now - self._kept_at < self._keep_every:
            self._kept_at = now
            await self._store.meta.set(LAST_TICK, now.isoformat())
        gap = now - last if last is not None else timedelta()
        if -gap >= _SET_BACK:
            # What waits for a span of time shall not wait for the same time of day again.
            await self._store.outbox.hasten(-gap)
            await self._timers.hasten(-gap, now)
        return gap if gap >= self._blind else None

    async def clock_is_right(self, now: datetime) -> None:
        """Let nothing wait for a moment that a clock which was wrong made far away."""
        await self._store.outbox.clock_is_right(now, _LONGEST_WAIT)

    async def was_blind(self, gap: timedelta, passed: int, now: datetime) -> None:
        """Tell once that nobody watched for a while, and how much happened meanwhile.

        Args:
            gap: How long.
            passed: Moments that were dealt with late.
            now: The moment.
        """
        if not passed and gap < _WORTH_TELLING:
            return
        begin = now - gap
        headline = (
            f"The monitor was blind from {begin:%Y-%m-%d %H:%M} to {now:%H:%M} UTC ({words(gap)})"
        )
        line = (
            f"{passed} moments that matter passed meanwhile; what is still true of them is told "
            "now, each ticket once, at the latest step."
        )
        messages = self._planner.plan_monitor(
            f"blind:{int(now.timestamp())}", headline, [line], times=(begin, now)
        )
        await self._store.outbox.enqueue(messages)


def _unreachable(since: datetime) -> str:
    return f"unreachable:{int(since.timestamp())}"
