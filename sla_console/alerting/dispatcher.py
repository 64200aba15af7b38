"""Takes messages out of the outbox and to their channels: claim, send, mark.

Messages are taken one at a time, when their channel can send: an urgent one waits for one send at
most, a crash leaves one message of a channel unsure, and none is used up by waiting behind a hung
one. Delivery is at least once: what a crash or a timeout leaves unsure is sent again, marked as a
possible repeat, under the same key.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sla_console.alerting.lane import Lane
from sla_console.alerting.messages import repeated
from sla_console.alerting.ports import Channel, OutboxQueue
from sla_console.domain.alert import OutboxMessage, SendResult
from sla_console.domain.clock import Clock
from sla_console.domain.errors import StoreError

LOG = logging.getLogger(__name__)
_BACKOFF: Final = (2, 4, 8, 15, 30, 60, 120, 300)
_IDLE: Final = 30.0
_STORE_TROUBLE: Final = 2.0
_LEASE_MARGIN: Final = 10.0
"""Real seconds that a claim outlasts the longest send, for the store to note its outcome."""


class Dispatcher:
    """Keeps every channel's lane supplied.

    Args:
        outbox: Where messages wait.
        channels: The channels by name.
        clock: The moment of each try.
        max_attempts: Tries before a message is given up.
        send_timeout: Real seconds one try may take; after that its outcome is unknown.
        chance: Spreads retries.
        wait: Waits for an event, at most so many real seconds.
    """

    def __init__(
        self,
        outbox: OutboxQueue,
        channels: Mapping[str, Channel],
        clock: Clock,
        max_attempts: int = 12,
        send_timeout: float = 20.0,
        chance: random.Random | None = None,
        wait: Callable[[asyncio.Event, float], Awaitable[None]] | None = None,
    ) -> None:
        self._outbox = outbox
        self._wake = {name: asyncio.Event() for name in channels}
        self._lanes = {
            name: Lane(channel, self._wake[name].set) for name, channel in channels.items()
        }
        self._clock = clock
        self._max_attempts = max_attempts
        self._send_timeout = send_timeout
        self._chance = chance or random.Random()
        self._wait = wait or _wait

    def wake(self) -> None:
        """Say that there may be new messages."""
        for event in self._wake.values():
            event.set()

    async def run(self) -> None:
        """Send until cancelled."""
        if not self._lanes:
            await asyncio.Event().wait()
        try:
            async with asyncio.TaskGroup() as group:
                for name in self._lanes:
                    group.create_task(self._keep(name), name=f"channel {name}")
        finally:
            for lane in self._lanes.values():
                lane.close()

    async def _keep(self, name: str) -> None:
        while True:
            event = self._wake[name]
            event.clear()
            try:
                await self.flush(name)
                coming = await self._outbox.next_due(name)
            except StoreError as error:
                LOG.warning("channel %s cannot use the outbox: %s", name, error)
                await self._wait(event, _STORE_TROUBLE)
                continue
            wait = _IDLE
            # Where every thread hangs, what is due cannot go; the first that ends wakes the lane.
            if coming is not None and self._lanes[name].ready:
                wait = min(wait, self._clock.real_seconds(coming - self._clock.now()) + 0.01)
            await self._wait(event, wait)

    async def flush(self, name: str) -> int:
        """Send what is due on one channel; return how many were tried."""
        lane = self._lanes[name]
        tried = 0
        while lane.ready:
            now = self._clock.now()
            lease = self._real(self._send_timeout + _LEASE_MARGIN)
            claimed = await self._outbox.claim(name, now, lease, 1)
            if not claimed:
                break
            for message in claimed:
                await self._mark(message, await self._send(lane, message))
            tried += len(claimed)
        return tried

    async def _send(self, lane: Lane, message: OutboxMessage) -> SendResult:
        if message.attempts > 1:
            message = replace(message, body=repeated(message.body, message.attempts))
        return await lane.send(message, self._send_timeout)

    def _real(self, seconds: float) -> timedelta:
        """Return so many real seconds in the clock's own time, which may run faster."""
        pace = self._clock.real_seconds(timedelta(days=1)) / 86_400
        return timedelta(seconds=seconds / pace)

    async def _mark(self, message: OutboxMessage, result: SendResult) -> None:
        now = self._clock.now()
        if result.accepted:
            await self._outbox.accepted(message.key, now)
            return
        error = result.error or "the channel did not take it"
        if result.permanent or message.attempts >= self._max_attempts:
            LOG.error("channel %s: %s was given up: %s", message.channel, message.key, error)
            await self._outbox.dead(message.key, error)
            return
        ceiling = _BACKOFF[min(message.attempts, len(_BACKOFF)) - 1]
        # Channels do not hurry because the clock does, so the wait is in real seconds.
        wait = max(self._chance.uniform(0.0, ceiling), result.retry_after_seconds or 0.0)
        await self._outbox.retry(message.key, now + self._real(wait), error)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
