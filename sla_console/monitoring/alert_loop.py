"""The engine's loops about alerts: what falls due, what is sent, outages, and the sign of life."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.outages import BLIND
from sla_console.alerting.room import AlertingRoom
from sla_console.alerting.self_audit import HealthSigns
from sla_console.domain.alerts.alert import AlertEvent
from sla_console.domain.board import SourceState
from sla_console.domain.clock import Clock
from sla_console.domain.errors import LostLease
from sla_console.domain.sla.breach import PotentialBreach, event_id
from sla_console.monitoring.burst_watch import BurstWatch
from sla_console.monitoring.events import notification_for
from sla_console.monitoring.leadership import Leadership
from sla_console.monitoring.ports import OperationQueue
from sla_console.monitoring.publisher import Publisher
from sla_console.monitoring.sync import Synchroniser
from sla_console.monitoring.tracker import TicketTracker

LOG = logging.getLogger(__name__)
_FOLLOW_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 2.0
_WAIT_FOR_DATA: Final = 60.0
"""Real seconds after which what is owed is sent although SuperOps has not answered yet."""


class AlertLoop:
    """Tells alerting what monitoring knows, at the right moments.

    Args:
        alerting: The room.
        tracker: The board and its moments.
        sync: How SuperOps is.
        publisher: Hands out what changed.
        leadership: Who monitors.
        clock: The moment.
        operations: Changes for SuperOps, whose waits end once the clock is right.
        bursts: Watches for many tickets at once.
        terminals: Channels that are terminals; that they work says nothing.
    """

    def __init__(
        self,
        alerting: AlertingRoom,
        tracker: TicketTracker,
        sync: Synchroniser,
        publisher: Publisher,
        leadership: Leadership,
        clock: Clock,
        operations: OperationQueue,
        bursts: BurstWatch,
        terminals: Collection[str] = (),
    ) -> None:
        self._bursts = bursts
        self._alerting, self._tracker, self._sync = alerting, tracker, sync
        self._publisher, self._leadership, self._clock = publisher, leadership, clock
        self._operations, self._terminals = operations, frozenset(terminals)
        self.forewarned: set[str] = set()
        """Open tickets whose breach was foretold to people."""
        alerting.pipeline.freshness.clock_is_right = sync.clock_check.can_be_trusted
        self._right = False
        """Whether this machine's clock was right the last time."""
        self._early = 0
        """Moments that were dealt with in the first sweep, before the gap until then is told of."""
        self._done_at: timedelta | None = None
        """Elapsed time up to which every moment was dealt with; reading the clock is not enough."""

    async def begin(self) -> None:
        """Take over from the console that monitored before."""
        self._done_at = None
        await self._alerting.begin()
        await self._bursts.begin()

    async def settle(self) -> bool:
        """Deal with every moment that has come, once; not by a clock that cannot be trusted."""
        trusted = self._sync.clock_check.can_be_trusted()
        return trusted and await self._tracker.process(self._clock.now())

    async def process_read(self) -> bool:
        """Deal with the moments of tickets that were read, while the first sweep still goes on."""
        before = self._tracker.passed
        try:
            return await self._tracker.process(self._clock.now(), heard=False)
        finally:
            self._early += self._tracker.passed - before

    async def process(self) -> bool:
        """Deal with every moment that has come; say so if nobody had watched for a while."""
        now = self._clock.now()
        elapsed = self._clock.elapsed()
        watched = (
            self._done_at is not None and elapsed - self._done_at < BLIND * self._alerting.pace
        )
        self._done_at = elapsed if self._done_at is None else self._done_at
        outages = self._alerting.outages
        gap = await outages.tick(now)
        before, self._early = self._tracker.passed - self._early, 0
        found = await self._tracker.process(now)
        self._done_at = self._clock.elapsed()
        if gap is not None and not watched:
            # A wall clock that was set forward is told of as such.
            await outages.was_blind(gap, self._tracker.passed - before, now)
        return found or gap is not None

    async def look(
        self, connection: SourceState, last_sync: datetime | None, said: str | None
    ) -> bool:
        """Do all that is not tied to a moment; return whether there is something new to send."""
        if self._sync.absence.doubted:
            # It answers, and what is urgent is read by id; what is doubted is told for itself.
            connection = SourceState.LIVE
        now, alerting = self._clock.now(), self._alerting
        news = await alerting.look(connection, last_sync, said, self._sync.concerns())
        if not self._sync.clock_check.can_be_trusted():
            self._right = False
            return news
        was_right, self._right = self._right, self._sync.clock_check.is_right()
        if self._right and not was_right:
            news = await self._tracker.take_back(now) > 0 or news
            await alerting.outages.clock_is_right(now)
            await self._operations.hasten()
        news = await self._bursts.step() or news
        return await alerting.step() or news

    async def forewarn(self, potential: Sequence[PotentialBreach]) -> bool:
        """Notify, once each, of promises that will probably break; return whether any is new.

        At most a stated share of the open tickets is forewarned of, the most likely first; one that
        was forewarned of counts until it leaves the board.
        """
        now = self._clock.now()
        likely = []
        if not self._sync.clock_check.can_be_trusted():
            return False
        board, settings = self._tracker.board, self._alerting.settings
        self.forewarned = {one for one in self.forewarned if one in board}
        most = max(1, int(len(board) * settings.forewarn_most))
        for one in sorted(potential, key=lambda one: -(one.probability or 0.0)):
            judged = board.get(one.ticket_id)
            if judged is None or (one.probability or 0.0) < settings.forewarn_from:
                continue
            if one.ticket_id not in self.forewarned and len(self.forewarned) >= most:
                continue
            self.forewarned.add(one.ticket_id)
            notification = replace(
                notification_for(judged, one.breach_type, AlertEvent.FORECAST, now),
                due=one.due,
                probability=one.probability,
                reason=one.why or None,
            )
            identity = event_id(one.ticket_id, one.breach_type, one.due, "forecast")
            likely.append((notification, identity, judged.hours))
        return await self._alerting.manager.send_forecasts(likely) > 0

    def signs(self, last_sync: datetime | None) -> HealthSigns:
        """Return what the self-audit looks at."""
        known, now = self._alerting.dispatcher.known, self._clock.now()
        done = None if self._done_at is None else now - (self._clock.elapsed() - self._done_at)
        return HealthSigns(
            last_sync=last_sync,
            sync_interval=self._sync.plan.open,
            last_tick=done,
            overdue_since=self._alerting.timers.overdue(now),
            store=store.line if (store := self._sync.store_concerns.get("store")) else None,
            channels={k: v for k, v in known.items() if k not in self._terminals},
            pace=self._alerting.pace,
        )

    def parts(self) -> Sequence[tuple[str, Callable[[], Awaitable[None]]]]:
        """Return the loops with their names."""
        return (("delivery", self._deliver), ("alerts", self._looking), ("heartbeat", self._beat))

    async def _deliver(self) -> None:
        """Send while this console leads."""
        while True:
            await self._until_leading_with_data()
            sending = asyncio.create_task(self._alerting.dispatcher.run())
            try:
                while self._leadership.leading and not sending.done():
                    await asyncio.sleep(_FOLLOW_SECONDS)
                    if await self._publisher.count():
                        self._publisher.changed()
                if sending.done():
                    sending.result()
            except LostLease as error:
                LOG.warning("%s", error)
                self._leadership.step_down()
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    async def _until_leading_with_data(self) -> None:
        """Wait, up to a limit, until owed messages can be checked against fresh data."""
        waited = 0.0
        while not self._leadership.leading or (
            self._sync.last_sync is None and waited < _WAIT_FOR_DATA
        ):
            await asyncio.sleep(_FOLLOW_SECONDS)
            waited = waited + _FOLLOW_SECONDS if self._leadership.leading else 0.0
            if await self._publisher.count():
                self._publisher.changed()

    async def _looking(self) -> None:
        """Look after what is not tied to a moment."""
        concerns: object = {}
        while True:
            before, concerns = concerns, self._sync.concerns()
            if concerns != before:
                self._publisher.changed(urgent=True)
            if self._leadership.leading:
                health = self._publisher.connection()
                if await self.look(health, self._publisher.synced_at(), self._sync.message):
                    self._alerting.dispatcher.wake()
                    self._publisher.changed(urgent=True)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _beat(self) -> None:
        """Give a sign of life while all is well."""
        while True:
            seconds = self._clock.real_seconds(self._alerting.settings.beat_every)
            await asyncio.sleep(max(1.0, seconds))
            if self._leadership.leading:
                signs = self.signs(self._publisher.synced_at())
                changed = await self._alerting.heartbeat.beat(signs, self._clock.now())
                self._publisher.withheld = self._alerting.heartbeat.withheld
                if changed:
                    self._publisher.changed()
