"""A channel's own thread, so that a hung channel holds back no other, nor the end of the process."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from typing import Final

from sla_console.alerting.ports import Channel
from sla_console.domain import fault_points
from sla_console.domain.alerts.alert import OutboxMessage, SendResult

NO_ANSWER: Final = SendResult(False, unknown=True, error="no answer in time; it may have arrived")
_TOO_LATE: Final = SendResult(False, error="the process stood still until the claim had run out")
_HUNG_AT_MOST: Final = 3
"""Threads of one channel that may hang at once; each keeps a connection open."""

Late = Callable[[OutboxMessage, SendResult], None]
"""Takes how a send ended that nobody waited for any more."""

_Job = tuple[OutboxMessage, float, "asyncio.Future[SendResult]"]


class ChannelWorker:
    """Sends one message after the other in a daemon thread.

    A send that exceeds its limit cannot be stopped. Its thread is left to end by itself, and the
    next message gets a new one, up to a limit; after that the lane is not ``ready`` until one of
    them has ended.

    Args:
        channel: Where messages go.
        freed: Called on the loop when a thread that was left behind has ended.
        moment: Seconds of a clock that goes on while the process is stopped.
        late: Called on the loop, before ``freed``, with what such a thread brought after all.
    """

    def __init__(
        self,
        channel: Channel,
        freed: Callable[[], None],
        moment: Callable[[], float] = time.monotonic,
        late: Late = lambda _message, _result: None,
    ) -> None:
        self._channel = channel
        self._freed = freed
        self._moment = moment
        self._late = late
        self._worker: _Worker | None = None
        self._hung: list[_Worker] = []

    @property
    def ready(self) -> bool:
        """Whether a message can be sent now."""
        self._hung = [worker for worker in self._hung if not worker.ended]
        return len(self._hung) < _HUNG_AT_MOST

    async def send(self, message: OutboxMessage, limit: float) -> SendResult:
        """Send one message; after ``limit`` real seconds its outcome is unknown."""
        worker = self._worker = self._worker or _Worker(
            self._channel, self._freed, self._moment, self._late
        )
        fault_points.hit("channel.send")
        try:
            async with asyncio.timeout(limit):
                result = await worker.submit(message, limit)
        except TimeoutError:
            self._leave(worker)
            return NO_ANSWER
        except asyncio.CancelledError:
            self._leave(worker)
            raise
        fault_points.hit("channel.sent")
        return result

    def close(self) -> None:
        """Let the thread end once it has nothing to do; a later send starts another."""
        if self._worker is not None:
            self._worker.finish()
            self._worker = None

    def _leave(self, worker: "_Worker") -> None:
        worker.finish()
        self._hung.append(worker)
        self._worker = None


class _Worker:
    """One thread and the queue that feeds it."""

    def __init__(
        self, channel: Channel, freed: Callable[[], None], moment: Callable[[], float], late: Late
    ) -> None:
        self._channel = channel
        self._freed = freed
        self._moment = moment
        self._late = late
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self.ended = False
        threading.Thread(target=self._work, name=f"channel {channel.name}", daemon=True).start()

    def submit(self, message: OutboxMessage, limit: float) -> "asyncio.Future[SendResult]":
        future: asyncio.Future[SendResult] = self._loop.create_future()
        self._jobs.put((message, self._moment() + limit, future))
        return future

    def finish(self) -> None:
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            message, until, future = job
            try:
                # A process that was stopped meanwhile has lost its claim: another sends it.
                in_time = self._moment() < until
                result = self._channel.send(message) if in_time else _TOO_LATE
            except Exception as error:  # noqa: BLE001 - one bad channel must not end its lane
                result = SendResult(False, error=f"the channel failed ({type(error).__name__})")
            self._tell(self._settle, future, message, result)
        self.ended = True
        self._tell(self._freed)

    def _tell(self, callback: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:
            return  # the loop has ended, and with it whoever waited

    def _settle(
        self, future: "asyncio.Future[SendResult]", message: OutboxMessage, result: SendResult
    ) -> None:
        if future.done():
            self._late(message, result)
        else:
            future.set_result(result)


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, at most so many real seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
