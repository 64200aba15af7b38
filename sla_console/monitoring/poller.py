"""Asks SuperOps again and again while this console monitors, and at once where a person wants it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from sla_console.domain.clock import Clock
from sla_console.monitoring.leadership import Leadership
from sla_console.monitoring.publisher import Publisher
from sla_console.monitoring.supervisor import turned
from sla_console.monitoring.sync import Synchroniser

_FLOOR: Final = 1.0
_LONGEST_WAIT: Final = 5.0


class Poller:
    """Runs the two loops that read what is open.

    Args:
        sync: Reads it.
        leadership: Who monitors.
        publisher: Hands out what was read.
        clock: The moment.
        guarded: Runs a step of the monitor, which follows from then on if its term is over.
        on_sync: Called when all open tickets were read.
    """

    def __init__(
        self,
        sync: Synchroniser,
        leadership: Leadership,
        publisher: Publisher,
        clock: Clock,
        guarded: Callable[[Callable[[], Awaitable[bool]]], Awaitable[bool]],
        on_sync: Callable[[], None],
    ) -> None:
        self._sync, self._leadership, self._publisher = sync, leadership, publisher
        self._clock, self._guarded, self._on_sync = clock, guarded, on_sync
        self._wanted = asyncio.Event()

    def wake(self) -> None:
        """Let what is due be read without waiting."""
        self._wanted.set()

    async def sweep(self) -> None:
        """Read everything that is open where it is due, for ever."""
        while True:
            if self._leadership.leading and await self._guarded(self._sync.step):
                await self.keep()
                self._publisher.changed()
            turned()
            await self._rest()

    async def hot(self) -> None:
        """Read the tickets that matter most where it is due, for ever."""
        while True:
            if self._leadership.leading and await self._guarded(self._sync.hot_step):
                self._publisher.changed()
            turned()
            await self._rest()

    async def keep(self) -> None:
        """Store when everything was last read, if it has been since."""
        if await self._publisher.keep_sync():
            self._on_sync()

    async def _rest(self) -> None:
        """Wait until something is due, or a person wants it."""
        self._wanted.clear()
        wait = min(self._clock.real_seconds(self._sync.until_poll()), _LONGEST_WAIT)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(_FLOOR, wait)):
                await self._wanted.wait()
