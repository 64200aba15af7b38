"""Takes messages out of the outbox and to their channels: claim, send, mark.

One daemon thread a channel, so that a hung one holds back no other and never the end of the
process. A message is at least once: what a crash or a timeout leaves unsure is sent again, marked
as a possible repeat, under the same key.
"""

import asyncio
import logging
import queue
import random
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sla_console.alerting.messages import repeated
from sla_console.alerting.ports import Channel, OutboxQueue
from sla_console.domain.alert import OutboxMessage, SendResult
from sla_console.domain.clock import Clock
from sla_console.domain.errors import StoreError

LOG = logging.getLogger(__name__)
_BACKOFF: Final = (2, 4, 8, 15, 30, 60, 120, 300)
_BATCH: Final = 20
_IDLE: Final = 30.0
_STORE_TROUBLE: Final = 2.0


class _Lane:
    """A daemon thread that sends one message after the other."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._jobs: queue.SimpleQueue[tuple[OutboxMessage, asyncio.Future[SendResult]]] = (
            queue.SimpleQueue()
        )
        self._thread: threading.Thread | None = None
        self.busy = False

    def submit(self, message: OutboxMessage) -> asyncio.Future[SendResult]:
        """Send in the lane's thread; the future belongs to the running loop."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._work, name=f"channel {self.channel.name}", daemon=True
            )
            self._thread.start()
        future: asyncio.Future[SendResult] = asyncio.get_running_loop().create_future()
        self._jobs.put((message, future))
        return future

    def _work(self) -> None:
        while True:
            message, future = self._jobs.get()
            self.busy = True
            try:
                result = self.channel.send(message)
            except Exception as error:  # noqa: BLE001 - one bad channel must not end its lane
                result = SendResult(False, error=f"the channel failed ({type(error).__name__})")
            self.busy = False
            try:
                future.get_loop().call_soon_threadsafe(_settle, future, result)
            except RuntimeError:
                return  # the loop has ended; so does this lane


def _settle(future: asyncio.Future[SendResult], result: SendResult) -> None:
    if not future.done():
        future.set_result(result)


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
        self._lanes = {name: _Lane(channel) for name, channel in channels.items()}
        self._clock = clock
        self._max_attempts = max_attempts
        self._send_timeout = send_timeout
        self._chance = chance or random.Random()
        self._wait = wait or _wait
        self._wake = {name: asyncio.Event() for name in channels}

    def wake(self) -> None:
        """Say that there may be new messages."""
        for event in self._wake.values():
            event.set()

    async def run(self) -> None:
        """Send until cancelled."""
        if not self._lanes:
            await asyncio.Event().wait()
        async with asyncio.TaskGroup() as group:
            for name in self._lanes:
                group.create_task(self._keep(name), name=f"channel {name}")

    async def _keep(self, name: str) -> None:
        while True:
            event = self._wake[name]
            event.clear()
            try:
                sent = await self.flush(name)
                coming = await self._outbox.next_due(name)
            except StoreError as error:
                LOG.warning("channel %s cannot use the outbox: %s", name, error)
                await self._wait(event, _STORE_TROUBLE)
                continue
            if sent:
                continue
            wait = _IDLE
            if coming is not None:
                wait = min(wait, self._clock.real_seconds(coming - self._clock.now()) + 0.01)
            await self._wait(event, wait)

    async def flush(self, name: str) -> int:
        """Send what is due on one channel; return how many were tried."""
        lane = self._lanes[name]
        # The lease outlasts the longest send, in the clock's own time.
        real = self._send_timeout * (_BATCH + 1) + 10
        scale = 1.0 / max(self._clock.real_seconds(timedelta(seconds=1)), 1e-9)
        lease = timedelta(seconds=min(real * scale, 86_400))
        claimed = await self._outbox.claim(name, self._clock.now(), lease, _BATCH)
        for message in claimed:
            await self._mark(message, await self._send(lane, message))
        return len(claimed)

    async def _send(self, lane: _Lane, message: OutboxMessage) -> SendResult:
        if lane.busy:
            # A send that timed out is still hanging; wait for its lane rather than pile up.
            return SendResult(False, error="the channel still hangs on an earlier message")
        if message.attempts > 1:
            message = replace(message, body=repeated(message.body, message.attempts))
        try:
            async with asyncio.timeout(self._send_timeout):
                return await lane.submit(message)
        except TimeoutError:
            return SendResult(False, error="no answer in time; it may have arrived")

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
        wait = max(self._chance.uniform(0.5, 1.0) * ceiling, result.retry_after_seconds or 0.0)
        await self._outbox.retry(message.key, now + timedelta(seconds=wait), error)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
