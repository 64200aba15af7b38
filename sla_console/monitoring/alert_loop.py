"""The engine's loops about alerts: what falls due, what is sent, outages, and the sign of life."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting.concerns import Concern
from sla_console.alerting.outages import BLIND
from sla_console.alerting.room import AlertingRoom
from sla_console.alerting.self_audit import OWED, URGENT
from sla_console.domain import fault_points
from sla_console.domain.alerts.alert import AlertEvent
from sla_console.domain.board import SourceState
from sla_console.domain.clock import Clock
from sla_console.domain.errors import LostLease, StoreError
from sla_console.domain.proof import PART_GOOD_FOR, Sign, faults_of
from sla_console.domain.sla.breach import PotentialBreach, event_id
from sla_console.monitoring.burst_watch import BurstWatch
from sla_console.monitoring.events import notification_for
from sla_console.monitoring.leadership import Leadership
from sla_console.monitoring.ports import OperationQueue
from sla_console.monitoring.proofs import Proofs
from sla_console.monitoring.publisher import Publisher
from sla_console.monitoring.supervisor import Sleep, turned
from sla_console.monitoring.sync import Synchroniser
from sla_console.monitoring.tracker import TicketTracker

LOG = logging.getLogger(__name__)
_FOLLOW_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 2.0
_TOLD_OTHERWISE: Final = frozenset({Sign.READ, Sign.CLOCK, Sign.LEASE, Sign.CHANNELS})
"""Signs whose faults are an outage, a concern of their own, or beyond this console to send."""
_BEATS: Final = 2
"""Signs of life that may be missed before the last one proves nothing."""
_AGAIN: Final = timedelta(seconds=15)
"""Real time after which a fault is looked at again before it is said outside."""
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
        proofs: Where it is noted that alerts go out.
        bursts: Watches for many tickets at once.
        terminals: Channels that are terminals; that they work says nothing.
        sleep: Waits real seconds.
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
        proofs: Proofs,
        bursts: BurstWatch,
        terminals: Collection[str] = (),
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._bursts = bursts
        self._alerting, self._tracker, self._sync = alerting, tracker, sync
        self._publisher, self._leadership, self._clock = publisher, leadership, clock
        self._operations, self._terminals = operations, frozenset(terminals)
        self.forewarned: set[str] = set()
        """Open tickets whose breach was foretold to people."""
        self._proofs, self._sleep = proofs, sleep
        alerting.pipeline.freshness.clock_is_right = sync.clock_check.can_be_trusted
        self._right = False
        """Whether this machine's clock was right the last time."""
        self._confirmed = False
        """Whether SuperOps said so."""
        self._early = 0
        """Moments that were dealt with in the first sweep, before the gap until then is told of."""
        self._done_at: timedelta | None = None
        """Elapsed time up to which every moment was dealt with; reading the clock is not enough."""

    async def begin(self) -> None:
        """Take over from the console that monitored before."""
        fault_points.hit("monitor.takeover")
        self._done_at = None
        if self._leadership.leading:
            # Before anything else can fail: what breaks from now on is announced.
            with contextlib.suppress(StoreError):
                await self._tracker.first_start.remember(heard=False)
        await self._alerting.begin()
        for sign in (Sign.DEADLINES, Sign.ESCALATION, Sign.DELIVERY, Sign.CHANNELS):
            self._proofs.expect(sign)
        if self._alerting.heartbeat.is_set:
            # Some may be lost on their way before anything is wrong.
            self._proofs.expect(Sign.HEARTBEAT, _BEATS * self._beat_every + _AGAIN)
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
        fault_points.hit("monitor.clock")
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
        self._proofs.proved(Sign.DEADLINES)
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
        concerns = {**self._own_concerns(), **self._sync.concerns()}
        news = await alerting.look(connection, last_sync, said, concerns)
        if not self._sync.clock_check.can_be_trusted():
            self._right = self._confirmed = False
            return news
        before = (self._right, self._confirmed)
        self._right = self._sync.clock_check.is_right()
        self._confirmed = self._sync.clock_check.is_confirmed()
        # A console that starts while SuperOps is silent may have taken a wrong clock for right.
        if (self._right, self._confirmed) > before and self._right:
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

    async def audit(self) -> None:
        """Look whether what is owed goes out, and note how it is."""
        now, alerting, proofs = self._clock.now(), self._alerting, self._proofs
        late = alerting.timers.overdue(now)
        owed = late is not None and now - late > OWED * alerting.pace
        proofs.judged(Sign.ESCALATION, "an escalation step is overdue" if owed else None)
        try:
            waiting = await alerting.oldest_urgent()
        except StoreError as error:
            proofs.failed(Sign.DELIVERY, f"the outbox cannot be read: {error}")
        else:
            stuck = waiting is not None and now - waiting > URGENT * alerting.pace
            said = "an urgent alert has waited for over two minutes" if stuck else None
            proofs.judged(Sign.DELIVERY, said)
        outside = [v for k, v in alerting.dispatcher.known.items() if k not in self._terminals]
        down = bool(outside) and all(one.broken or one.open_since for one in outside)
        proofs.judged(Sign.CHANNELS, "every alert channel is down" if down else None)

    def _own_concerns(self) -> dict[str, Concern]:
        """Return what is wrong with the monitor itself and is not told of otherwise."""
        if not self._leadership.leading:
            return {}
        return {
            sign: Concern("The console itself may not do what it should", f"{why}.")
            for sign, why in self.faults().items()
            if sign not in _TOLD_OTHERWISE
        }

    def faults(self) -> dict[str, str]:
        """Return what is wrong now, by the sign that says so, without the heartbeat itself."""
        found = faults_of(self._publisher.health().proofs, self._clock.elapsed())
        return {sign: why for sign, why in found.items() if sign != Sign.HEARTBEAT}

    async def beat(self) -> None:
        """Give a sign of life, or say why there is none."""
        if (fault := await self._fault()) is not None:
            # What ends by itself within moments is no reason to wake anybody.
            await self._sleep(_AGAIN.total_seconds())
            fault = await self._fault()
        error = await self._alerting.heartbeat.beat(fault)
        if self._alerting.heartbeat.is_set:
            self._proofs.judged(Sign.HEARTBEAT, error)

    async def _fault(self) -> str | None:
        await self.audit()
        found = self.faults()
        if (store := self._sync.store_concerns.get("store")) is not None:
            found[Sign.STORE] = store.headline  # it leaves the house, so without the path
        lost = [one.headline for one in self._alerting.lost().values()]
        return next(iter([*found.values(), *lost]), None)

    @property
    def _beat_every(self) -> timedelta:
        """Real time between two signs of life."""
        seconds = self._clock.real_seconds(self._alerting.settings.beat_every)
        return timedelta(seconds=max(1.0, seconds))

    def parts(self) -> Sequence[tuple[str, Callable[[], Awaitable[None]], timedelta]]:
        """Return the loops with their names, and the time within which each comes round."""
        beats = self._beat_every + 2 * PART_GOOD_FOR
        return (
            ("delivery", self._deliver, PART_GOOD_FOR),
            ("alerts", self._looking, PART_GOOD_FOR),
            ("heartbeat", self._beat, beats),
        )

    async def _deliver(self) -> None:
        """Send while this console leads."""
        while True:
            await self._until_leading_with_data()
            sending = asyncio.create_task(self._alerting.dispatcher.run())
            rounds = self._alerting.dispatcher.rounds
            try:
                while self._leadership.leading and not sending.done():
                    await asyncio.sleep(_FOLLOW_SECONDS)
                    before, rounds = rounds, self._alerting.dispatcher.rounds
                    if rounds != before:
                        turned()
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
            turned()
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
                await self.audit()
                if await self.look(health, self._publisher.synced_at(), self._sync.message):
                    self._alerting.dispatcher.wake()
                    self._publisher.changed(urgent=True)
            turned()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _beat(self) -> None:
        """Give a sign of life while all is well."""
        while True:
            await asyncio.sleep(self._beat_every.total_seconds())
            if self._leadership.leading:
                await self.beat()
                self._publisher.changed()
            turned()
