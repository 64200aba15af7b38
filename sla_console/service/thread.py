"""The service in a thread and an event loop of its own, so a stalled terminal stops nothing."""

import asyncio
import concurrent.futures
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, TypeVar

from sla_console.domain.board import Board
from sla_console.domain.errors import NotReady

if TYPE_CHECKING:
    # Only named here: the first screen is painted before it is needed.
    from sla_console.service.sla_service import SLAService

LOG = logging.getLogger(__name__)
T = TypeVar("T")


class ServiceThread:
    """Runs a service until stopped. Every member may be used from any thread.

    Args:
        open_service: Makes the running service; entered and left in the thread's own loop.
    """

    def __init__(
        self, open_service: Callable[[], "AbstractAsyncContextManager[SLAService]"]
    ) -> None:
        self._open_service = open_service
        self._loop = asyncio.new_event_loop()
        self._service: SLAService | None = None
        self._stop = asyncio.Event()
        self._painted = asyncio.Event()
        self._ready = threading.Event()
        self._listeners: list[Callable[[Board], None]] = []
        self._latest = Board()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self.failure: BaseException | None = None
        """What ended the service, None while it runs."""

    @property
    def board(self) -> Board:
        """The latest board."""
        service = self._service
        return self._latest if service is None else service.latest()

    def start(self, timeout: float | None = None) -> None:
        """Start the thread.

        Args:
            timeout: Real seconds to wait until the service is ready; None: do not wait.

        Raises:
            Exception: whatever kept the service from starting, if that was waited for.
            TimeoutError: if it was not ready in time.
        """
        self._thread.start()
        if timeout is None:
            return
        if not self._ready.wait(timeout):
            raise TimeoutError(f"the service was not ready within {timeout:g} seconds")
        if self.failure is not None:
            raise self.failure

    def stop(self, timeout: float = 5.0) -> None:
        """Stop the service and wait for its thread, at most so many real seconds."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(timeout)

    def subscribe(self, callback: Callable[[Board], None]) -> Callable[[], None]:
        """Have ``callback`` called with each new board, in the service's thread."""
        self._listeners.append(callback)

        def leave() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return leave

    def submit(
        self, operation: "Callable[[SLAService], Awaitable[T]]"
    ) -> concurrent.futures.Future[T]:
        """Run ``operation`` in the service's loop and return its future."""

        async def run() -> T:
            if self._service is None:
                raise NotReady
            return await operation(self._service)

        if not self._thread.is_alive():
            future: concurrent.futures.Future[T] = concurrent.futures.Future()
            future.set_exception(NotReady())
            return future
        return asyncio.run_coroutine_threadsafe(run(), self._loop)

    def hand_out(self, board: Board) -> None:
        """Pass a board on, as the service does with each new one."""
        self._latest = board
        for listener in self._listeners[:]:
            listener(board)

    def screen_painted(self) -> None:
        """Say that the first board is on the screen, so that the rest may be made ready."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._painted.set)

    async def until_painted(self, seconds: float) -> None:
        """Wait in the service's loop until the first board is on the screen, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._painted.wait()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:
            LOG.exception("the service ended")
            self.failure = error
        finally:
            self._ready.set()
            self._end_rest()
            self._loop.close()

    def _end_rest(self) -> None:
        """End what still runs in the loop, so that whoever waits for it hears of it."""
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))

    async def _serve(self) -> None:
        async with self._open_service() as service:
            self._service = service
            self.hand_out(service.latest())
            leave = service.subscribe(self.hand_out)
            self._ready.set()
            try:
                await self._stop.wait()
            finally:
                leave()
                self._service = None
