"""What the engine does about alerts beside sending them, and the loops that do it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo
from typing import Final, Protocol

from sla_console.domain.alert import AlertEvent, ChannelRecord, Notice, OutboxMessage
from sla_console.domain.board import Connection
from sla_console.domain.breach import PotentialBreach, SLABreach, event_id
from sla_console.domain.calendar import BusinessCalendar
from sla_console.domain.clock import Clock
from sla_console.domain.errors import LostLease
from sla_console.domain.flapping import REMEMBERED
from sla_console.domain.silence import MaintenanceWindow
from sla_console.monitoring.care import Care, CarePlan
from sla_console.monitoring.concerns import Concerns
from sla_console.monitoring.events import notice_for
from sla_console.monitoring.leadership import Leadership
from sla_console.monitoring.ports import AlertPlan, Delivery, Heartbeat, Records
from sla_console.monitoring.publisher import Publisher
from sla_console.monitoring.pulse import Canary, CanaryPlan, Pulse, Signs
from sla_console.monitoring.rota_watch import RotaPlan, RotaWatch
from sla_console.monitoring.sync import Synchroniser
from sla_console.monitoring.trouble import BLIND, Trouble, TroublePlan
from sla_console.monitoring.watch import Watch

LOG = logging.getLogger(__name__)
_FOLLOW_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 2.0
_WAIT_FOR_DATA: Final = 60.0
"""Real seconds after which what is owed is sent although SuperOps has not answered yet."""


@dataclass(frozen=True, slots=True)
class DutySettings:
    """What the configuration says about it."""

    channels: tuple[str, ...] = ()
    windows: tuple[MaintenanceWindow, ...] = ()
    repeat: timedelta = timedelta(hours=4)
    canary_at: time | None = None
    zone: tzinfo | None = None
    """Of the canary; None: this machine's."""
    beat_every: timedelta = timedelta(minutes=1)
    forewarn_from: float = 0.8
    """Probability from which a promise that will probably break is told of, 0 to 1."""


class Alerts(AlertPlan, TroublePlan, CarePlan, CanaryPlan, RotaPlan, Protocol):
    """Says who is told of what, under the term of the lease."""

    term: int | None

    def recall(self, last: Mapping[str, datetime], broke: Sequence[SLABreach] = ()) -> None:
        """Take over when each group was last told of something, and what broke lately."""
        ...

    def plan_forecast(
        self, notice: Notice, identity: str, hours: BusinessCalendar = ...
    ) -> list[OutboxMessage]:
        """Return the messages that say a promise will probably break."""
        ...


class Duties:
    """Trouble, care, pulse and canary of one engine.

    Args:
        records: The store.
        plan: Who is told.
        watch: The board and its moments.
        sync: How SuperOps is.
        clock: The moment.
        settings: What the configuration says.
        heartbeat: Who notices outside when this console falls silent.
        known: Returns what is known of the channels.
    """

    def __init__(
        self,
        records: Records,
        plan: Alerts,
        watch: Watch,
        sync: Synchroniser,
        clock: Clock,
        settings: DutySettings,
        heartbeat: Heartbeat | None,
        known: Callable[[], Mapping[str, ChannelRecord]],
    ) -> None:
        self._records, self._plan, self._watch = records, plan, watch
        self._sync, self._clock, self.settings, self._known = sync, clock, settings, known
        self._pace = 1 / max(clock.real_seconds(timedelta(seconds=1)), 1e-6)
        self.trouble = Trouble(records, plan, sync.plan.stale_after, self._pace)
        self.concerns = Concerns(records, plan)
        self.care = Care(
            records, plan, watch.board, watch.ends.hours_of, settings.windows, settings.repeat
        )
        self.pulse = Pulse(heartbeat, records)
        self.rota = RotaWatch(records, plan)
        self.canary = Canary(plan, settings.channels, settings.canary_at, settings.zone, records)
        self._right = False
        """Whether this machine's clock was right the last time."""
        self._done_at: timedelta | None = None
        """By time that passed, up to when every moment was dealt with; looking at the clock alone is not enough."""

    async def begin(self) -> None:
        """Take over from whoever monitored before."""
        self._done_at = None
        self.trouble.begin()
        now = self._clock.now()
        last = await self._records.deliveries.last_by_group(now - timedelta(hours=1))
        self._plan.recall(last, await self._records.breaches.found_since(now - REMEMBERED))

    async def settle(self) -> bool:
        """Deal with every moment that has come, once; not by a clock that cannot be trusted."""
        trusted = self._sync.clock_check.can_be_trusted()
        return trusted and await self._watch.process(self._clock.now())

    async def process(self) -> bool:
        """Deal with every moment that has come; tell if nobody had watched for a while."""
        now = self._clock.now()
        elapsed = self._clock.elapsed()
        watched = self._done_at is not None and elapsed - self._done_at < BLIND * self._pace
        self._done_at = elapsed if self._done_at is None else self._done_at
        gap = await self.trouble.tick(now)
        before = self._watch.passed
        found = await self._watch.process(now)
        self._done_at = self._clock.elapsed()
        if gap is not None and not watched:
            # A wall clock that was set forward is told of as such.
            await self.trouble.was_blind(gap, self._watch.passed - before, now)
        return found or gap is not None

    async def look(
        self, connection: Connection, last_sync: datetime | None, said: str | None
    ) -> bool:
        """Do all that is not tied to a moment; return whether there is something new to send."""
        now = self._clock.now()
        if self._sync.absence.doubted:
            # It answers, and what is urgent is read by id; what is doubted is told for itself.
            connection = Connection.LIVE
        news = await self.trouble.connection_is(connection, last_sync, said, now)
        news = await self.concerns.look(self._sync.concerns(), now) or news
        if not self._sync.clock_check.can_be_trusted():
            return news
        was_right, self._right = self._right, self._sync.clock_check.is_right()
        if self._right and not was_right:
            news = await self._watch.take_back(now) > 0 or news
            await self._records.operations.hasten()
        news = await self.canary.step(now) or news
        news = await self.rota.step(now) or news
        return await self.care.step(now) > 0 or news

    async def forewarn(self, potential: Sequence[PotentialBreach]) -> bool:
        """Tell, once each, of promises that will probably break; return whether any is new."""
        now = self._clock.now()
        messages: list[OutboxMessage] = []
        if not self._sync.clock_check.can_be_trusted():
            return False
        for one in potential:
            judged = self._watch.board.get(one.ticket_id)
            if judged is None or (one.probability or 0.0) < self.settings.forewarn_from:
                continue
            notice = replace(
                notice_for(judged, one.breach_type, AlertEvent.FORECAST, now),
                due=one.due,
                probability=one.probability,
                reason=one.why or None,
            )
            identity = event_id(one.ticket_id, one.breach_type, one.due, "forecast")
            hours = self._watch.judge.calendar_of(judged.ticket)
            messages += self._plan.plan_forecast(notice, identity, hours)
        return await self._records.outbox.enqueue(messages) > 0

    def signs(self, last_sync: datetime | None) -> Signs:
        """Return what the self-audit looks at."""
        now = self._clock.now()
        done = None if self._done_at is None else now - (self._clock.elapsed() - self._done_at)
        return Signs(
            last_sync=last_sync,
            sync_interval=self._sync.plan.open,
            last_tick=done,
            overdue_since=self._watch.episodes.overdue(now),
            channels=self._known(),
            pace=self._pace,
        )


class AlertParts:
    """The loops of the engine that are about alerts.

    Args:
        duties: What there is to do.
        delivery: What sends.
        leadership: Who monitors.
        publisher: Hands out what changed.
        sync: How SuperOps is.
        clock: The moment.
    """

    def __init__(
        self,
        duties: Duties,
        delivery: Delivery,
        leadership: Leadership,
        publisher: Publisher,
        sync: Synchroniser,
        clock: Clock,
    ) -> None:
        self._duties, self._delivery, self._leadership = duties, delivery, leadership
        self._publisher, self._sync, self._clock = publisher, sync, clock

    def parts(self) -> Sequence[tuple[str, Callable[[], Awaitable[None]]]]:
        """Return the loops with their names."""
        return (("delivery", self.deliver), ("alerts", self.look), ("heartbeat", self.beat))

    async def deliver(self) -> None:
        """Send while this console leads."""
        while True:
            await self._until_leading_with_data()
            self._delivery.term = self._leadership.term
            sending = asyncio.create_task(self._delivery.run())
            try:
                while self._leadership.leading and not sending.done():
                    await asyncio.sleep(_FOLLOW_SECONDS)
                    self._delivery.term = self._leadership.term
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
        """Wait until what is owed can be held against fresh data, but not for ever."""
        waited = 0.0
        while not self._leadership.leading or (
            self._sync.last_sync is None and waited < _WAIT_FOR_DATA
        ):
            await asyncio.sleep(_FOLLOW_SECONDS)
            waited = waited + _FOLLOW_SECONDS if self._leadership.leading else 0.0
            if await self._publisher.count():
                self._publisher.changed()

    async def look(self) -> None:
        """Look after what is not tied to a moment."""
        concerns: object = {}
        while True:
            before, concerns = concerns, self._sync.concerns()
            if concerns != before:
                self._publisher.changed(urgent=True)
            if self._leadership.leading:
                health = self._publisher.connection()
                if await self._duties.look(health, self._publisher.synced_at(), self._sync.message):
                    self._delivery.wake()
                    self._publisher.changed(urgent=True)
            await asyncio.sleep(_LOOK_SECONDS)

    async def beat(self) -> None:
        """Give a sign of life while all is well."""
        while True:
            seconds = self._clock.real_seconds(self._duties.settings.beat_every)
            await asyncio.sleep(max(1.0, seconds))
            if self._leadership.leading:
                signs = self._duties.signs(self._publisher.synced_at())
                changed = await self._duties.pulse.beat(signs, self._clock.now())
                self._publisher.withheld = self._duties.pulse.withheld
                if changed:
                    self._publisher.changed()
