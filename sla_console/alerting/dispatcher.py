"""Takes messages out of the outbox and to their channels: claim, look again, word, send, mark.

Messages are taken one at a time, when their channel can send: an urgent one waits for one send at
most, a crash leaves one message of a channel unsure, and none is used up by waiting behind a hung
one. Delivery is at least once: what a crash or a timeout leaves unsure is sent again, marked as a
possible repeat, under the same key.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_console.alerting import circuit
from sla_console.alerting.alert import Ended
from sla_console.alerting.channel_worker import ChannelWorker, wait_for
from sla_console.alerting.fallback import copy_for, waits_for_mending
from sla_console.alerting.grouper import Grouper
from sla_console.alerting.left_out import note_left_out
from sla_console.alerting.pipeline import SourceFreshness
from sla_console.alerting.ports import (
    Channel,
    ChannelRecords,
    OpenIncidents,
    OutboxQueue,
    Wording,
)
from sla_console.alerting.reroute import Rerouter
from sla_console.alerting.steps import LeaseTerm
from sla_console.alerting.still_true import Check, unchecked
from sla_console.alerting.stranded import give_up_stranded
from sla_console.domain.alerts.alert import (
    AlertEvent,
    ChannelRecord,
    DeliveryState,
    OutboxMessage,
    SendResult,
)
from sla_console.domain.clock import Clock
from sla_console.domain.errors import LostLease, StoreError

LOG = logging.getLogger(__name__)
_BACKOFF: Final = (2, 4, 8, 15, 30, 60, 120, 300)
_IDLE: Final = 30.0
_HOUSEKEEPING: Final = 1.0
_TROUBLE: Final = 2.0
_SOON: Final = 5.0
"""Real seconds that an urgent message waits for a channel rather than go to its fallback."""
_LEASE_MARGIN: Final = 10.0
"""Real seconds that a claim outlasts the longest send, for the store to note its outcome."""


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """How long a message is tried."""

    max_attempts: int = 500
    """Tries before a message is given up."""
    send_timeout: float = 20.0
    """Real seconds one try may take; after that its outcome is unknown."""
    give_up: timedelta = timedelta(hours=24)
    """Age at which a message that no channel takes is given up."""


class Dispatcher:
    """Keeps every channel's worker supplied.

    Args:
        outbox: Where messages wait.
        channels: The channels by name.
        clock: The moment of each try.
        wording: Puts a message into words.
        records: What is known of the channels, kept over a restart.
        settings: How long a message is tried.
        chance: Spreads retries.
        wait: Waits for an event, at most so many real seconds.
        check: Says at the last moment whether a message is still true.
        grouper: Lets go what waits for its group; None: nothing does.
        term: Of the lease, under which messages are taken.
        reroute: Finds another way for what waits for a channel that is no longer in use, or for a
            person who is no longer on call; None: nothing does.
        incidents: What may be open at channels that keep incidents; None: nobody remembers.
        freshness: Says whether the clock can be trusted; None: it always can.
    """

    def __init__(
        self,
        outbox: OutboxQueue,
        channels: Mapping[str, Channel],
        clock: Clock,
        wording: Wording,
        records: ChannelRecords,
        settings: DeliverySettings | None = None,
        chance: random.Random | None = None,
        wait: Callable[[asyncio.Event, float], Awaitable[None]] | None = None,
        *,
        check: Check = unchecked,
        grouper: Grouper | None = None,
        term: LeaseTerm | None = None,
        reroute: Rerouter | None = None,
        incidents: OpenIncidents | None = None,
        freshness: SourceFreshness | None = None,
    ) -> None:
        self._outbox, self._channels = outbox, dict(channels)
        self._wake = {name: asyncio.Event() for name in channels}
        self._late: dict[str, list[tuple[OutboxMessage, SendResult]]] = {
            name: [] for name in channels
        }
        self._workers = {
            name: ChannelWorker(channel, self._wake[name].set, late=self._take_late)
            for name, channel in channels.items()
        }
        self._clock, self._wording, self._records = clock, wording, records
        self._settings, self._chance = settings or DeliverySettings(), chance or random.Random()
        self._wait = wait or wait_for
        self._pauses: dict[str, circuit.Pause] = {}
        self._longest_pause = self._real(circuit.LONGEST_PAUSE.total_seconds() + 1)
        self.known: dict[str, ChannelRecord] = {name: ChannelRecord(name) for name in channels}
        """What is known of each channel."""
        self.rounds = 0  # of looking after the outbox; one a second, unless it is stuck
        self._check, self._grouper, self._term = check, grouper, term or LeaseTerm()
        self._reroute, self._incidents = reroute, incidents
        self._freshness = freshness or SourceFreshness()

    def wake(self) -> None:
        """Say that there may be new messages."""
        for event in self._wake.values():
            event.set()

    async def run(self) -> None:
        """Send until cancelled.

        Raises:
            LostLease: if another console has taken over.
        """
        await self.begin()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_house(), name="outbox")
                for name in self._workers:
                    group.create_task(self._keep(name), name=f"channel {name}")
        except* StoreError as group_error:
            raise group_error.exceptions[0] from None
        finally:
            self.close()

    async def begin(self) -> None:
        """Take over what is known of the channels, and what waits for those that are gone."""
        stored = await self._records.channels()
        self.known |= {name: stored[name] for name in self.known if name in stored}
        await self.strand()

    def close(self) -> None:
        """Let the channels' threads end once they have nothing to do."""
        for worker in self._workers.values():
            worker.close()

    async def _keep(self, name: str) -> None:
        while True:
            event = self._wake[name]
            event.clear()
            try:
                await self.flush(name)
                coming = await self._outbox.next_due(name)
            except StoreError as error:
                if isinstance(error, LostLease):
                    raise
                LOG.warning("channel %s cannot use the outbox: %s", name, error)
                await self._wait(event, _TROUBLE)
                continue
            except Exception:
                # One message that nobody foresaw must hold back no other channel.
                LOG.exception("channel %s failed over a message; it goes on with the next", name)
                await self._wait(event, _TROUBLE)
                continue
            await self._wait(event, self._until(name, coming))

    def _until(self, name: str, coming: datetime | None) -> float:
        """Return how many real seconds there is nothing to do for a channel."""
        # Where every thread hangs, what is due cannot go; the first that ends wakes the worker.
        if coming is None or not self._workers[name].ready:
            return _IDLE
        now, known = self._clock.now(), self.known[name]
        pause = self._pauses.get(name)
        at = max(coming, pause.at(now).until) if pause else coming
        at = max(at, circuit.pause_of(known, self._longest_pause, now) or at)
        if known.open_since is not None and known.probe_at is not None:
            at = max(at, known.probe_at)
        return min(_IDLE, self._clock.real_seconds(at - now) + 0.01)

    async def flush(self, name: str) -> int:
        """Send what is due on one channel; return how many were tried."""
        worker = self._workers[name]
        await self._ask_anew(name)
        await self._note_late(name)
        tried = 0
        while worker.ready and self._may_send(name):
            now = self._clock.now()
            if self._grouper and await self._grouper.calm(name, now):
                self._pauses[name] = circuit.Pause(now, now + self._grouper.rest)
            lease = self._real(self._settings.send_timeout + _LEASE_MARGIN)
            claimed = await self._outbox.claim(name, now, lease, 1, self._term.number)
            if not claimed:
                break
            for message in claimed:
                tried += await self._deliver(worker, message)
        return tried

    async def _ask_anew(self, name: str) -> None:
        """Take over that a channel which was down works again: somebody may have tried it by hand."""
        known = self.known[name]
        if known.broken or known.open_since or known.paused_until:
            stored = (await self._records.channels()).get(name, known)
            if not (stored.broken or stored.open_since or stored.paused_until):
                self.known[name] = stored

    def _take_late(self, message: OutboxMessage, result: SendResult) -> None:
        self._late[message.channel].append((message, result))

    async def _note_late(self, name: str) -> None:
        """Note what was taken after its time: a slow server is not told the same for ever."""
        late, self._late[name] = self._late[name], []
        for message, result in late:
            if result.accepted:
                now = self._clock.now()
                await self._outbox.accepted(message, now)
                await self._learn(message, result, now)

    def _may_send(self, name: str) -> bool:
        now = self._clock.now()
        pause = self._pauses.get(name)
        if pause is not None:
            pause = self._pauses[name] = pause.at(now)
            if now < pause.until:
                return False
        known = self.known[name]
        resting = circuit.pause_of(known, self._longest_pause, now) is not None
        return not resting and circuit.may_send(known, now)

    async def _deliver(self, worker: ChannelWorker, message: OutboxMessage) -> int:
        now = self._clock.now()
        found = self._check(message, now)
        await note_left_out(self._outbox, message, found, self._check, now)
        if isinstance(found, Ended):
            await self._outbox.settle(message.key, found.state, found.why, reason=found.reason)
            return 0
        if self._reroute and (copies := self._reroute.handed_over(message, now)):
            await self._outbox.enqueue(copies)
            why = f"{message.person} is no longer on call; {copies[0].person} is"
            await self._outbox.settle(message.key, DeliveryState.SUPERSEDED, why, copies[0].key)
            self.wake()
            return 0
        channel = self._channels[message.channel]
        words = self._wording.compose(found, now, channel.limits)
        worded = replace(found, title=words.title, body=words.body, links=words.links)
        if self._grouper:
            self._grouper.sent(message.channel, now)
        opens = self._incidents if channel.limits.incidents and message.opens_incident else None
        # Before: what a crash leaves unsure may be open as well.
        is_new = opens is not None and await opens.opened(found, now)
        result = await worker.send(worded, self._settings.send_timeout)
        if opens is not None and is_new and (result.permanent or result.unreached):
            await opens.ended(message.channel, message.incident)
        if channel.pace_seconds:
            self._pauses[message.channel] = circuit.Pause(
                now, now + self._real(channel.pace_seconds)
            )
        await self._mark(message, result, words.fault)
        return 1

    def _real(self, seconds: float) -> timedelta:
        """Return so many real seconds in the clock's own time, which may run faster."""
        pace = self._clock.real_seconds(timedelta(days=1)) / 86_400
        return timedelta(seconds=seconds / pace)

    async def _mark(self, message: OutboxMessage, result: SendResult, fault: str | None) -> None:
        now = self._clock.now()
        if result.accepted:
            if fault:
                LOG.warning("channel %s: %s", message.channel, fault)
            # First of all: what is not noted is sent again.
            await self._outbox.accepted(message, now, fault)
            if self._incidents and message.ends_incident:
                await self._incidents.ended(message.channel, message.incident)
            await self._learn(message, result, now)
            return
        await self._learn(message, result, now)
        error = result.error or "the channel did not take it"
        tried = message.attempts >= self._settings.max_attempts
        refused = result.permanent and not waits_for_mending(message, result)
        if refused or tried or now - message.created_at >= self._settings.give_up:
            LOG.error("channel %s: %s was given up: %s", message.channel, message.key, error)
            # In this order: a crash between the two may tell twice, and never nobody.
            await self._fall_back(message, f"{message.channel} refused it ({error})", now)
            await self._outbox.dead(message, error)
            return
        late = result.permanent or message.attempts > len(_BACKOFF)
        ceiling = _BACKOFF[-1] if late else _BACKOFF[message.attempts - 1]
        # Channels do not hurry because the clock does, so the wait is in real seconds.
        asked = circuit.asked(result)
        next_at = now + self._real(max(self._chance.uniform(0.0, ceiling), asked))
        # What certainly did not arrive, and will not at once, need not wait for the fallback's time.
        slow = result.unreached or asked > _SOON or message.attempts > 1
        never = result.permanent or (message.urgent and slow and not result.unknown)
        if message.fallback and never:
            await self._fall_back(message, f"{message.channel} did not take it ({error})", now)
        await self._outbox.retry(message, next_at, error, unknown=result.unknown)

    async def _learn(self, message: OutboxMessage, result: SendResult, now: datetime) -> None:
        name = message.channel
        record = circuit.after(self.known[name], result, now)
        if asked := circuit.asked(result):
            # It asked to be left alone: that holds for all that waits for it.
            record = circuit.paused(record, self._real(asked), now)
            LOG.warning("channel %s asks to be left alone for %.0f seconds", name, asked)
        if not self._workers[name].ready:
            record = circuit.opened(record, now)
        if message.event is AlertEvent.TEST:
            error = None if result.accepted else result.error
            at = now if result.accepted else record.canary_at
            record = replace(record, canary_at=at, canary_error=error)
        if record != self.known[name]:
            if record.open_since is not None and self.known[name].open_since is None:
                LOG.warning("channel %s does not answer; it is tried once a minute", name)
            self.known[name] = record
            await self._records.save_channel(record)

    async def _fall_back(self, message: OutboxMessage, why: str, now: datetime) -> None:
        broken = {name for name, record in self.known.items() if record.broken}
        other = copy_for(message, why, now, self._workers.keys(), broken)
        if await self._outbox.fall_back(message.key, other) and other is not None:
            LOG.warning("%s: %s; %s is tried", message.key, why, other.channel)
            self._wake[other.channel].set()

    async def _keep_house(self) -> None:
        never = asyncio.Event()
        while True:
            try:
                await self.keep_house()
                self.rounds += 1
            except StoreError as error:
                LOG.warning("the outbox cannot be looked after: %s", error)
            except Exception:
                # What gathers may fail; what is ready goes on.
                LOG.exception("the outbox could not be looked after; it is tried again")
            await self._wait(never, _HOUSEKEEPING)

    async def strand(self) -> None:
        """Give up what waits for a channel that the configuration no longer has."""
        now, channels = self._clock.now(), self._workers.keys()
        await give_up_stranded(
            self._outbox, channels, self._check, self._reroute, self._fall_back, now
        )

    async def keep_house(self) -> None:
        """End what came too late, tell together what gathered, and try other channels."""
        now = self._clock.now()
        right = self._freshness.clock_is_right()
        if right:
            await self._outbox.expire(now)
        moved = await self._grouper.step(now, right=right) if self._grouper else 0
        for message in await self._outbox.late(now):
            if message.held:
                continue  # its time has not come, whatever the clock says
            seen = f" ({message.last_error})" if message.last_error else ""
            why = f"{message.channel} has not taken it in time{seen}"
            await self._fall_back(message, why, now)
        await self._pass_by(now)
        if moved:
            self.wake()

    async def _pass_by(self, now: datetime) -> None:
        """Send what is urgent another way at once where its channel is known to take nothing."""
        for name in self._workers:
            soon = self._real(_SOON)
            why = circuit.out(self.known[name], self._longest_pause, soon, now)
            for message in await self._outbox.held_up(name) if why else ():
                await self._fall_back(message, f"{name} {why}", now)
